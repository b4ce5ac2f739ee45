"""Python's collector of cycles, at rest where millions of lists are made that have none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Within it nobody looks for cycles: each look goes through all lists that there are, and more lists, more looks.

    Of threads that overlap, the first to leave brings the collector back, if it was at work.
    """
    at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if at_work:
            gc.enable()
