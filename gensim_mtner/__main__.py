"""``python -m gensim_mtner``."""

import sys

from gensim_mtner.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
