"""Where the jobs of a pass are run: in this process, in shards of it, on several machines."""
