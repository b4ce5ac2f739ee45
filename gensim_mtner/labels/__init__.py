"""Labelled sentences: where they come from, which tags are allowed, how tags are scored and written."""
