"""Python's collector of cycles, at rest where millions of lists are made that have none."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

_resting: list[None] = []  # one for each block within which it was put to rest


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Within it nobody looks for cycles: each look goes through all lists that there are, and more lists, more looks.

    It is for code of ours alone: what a user's iterable makes between two items may have cycles. All threads have one
    collector: of those that overlap, the first to leave brings it back, if it was at work.
    """
    at_work = gc.isenabled()
    try:
        if at_work:
            _resting.append(None)
            gc.disable()
        yield
    finally:
        if at_work:
            gc.enable()
            del _resting[:1]  # a process that was forked within has none


def _at_work_in_child() -> None:
    if _resting:  # a thread that is not there any more would have brought it back
        _resting.clear()
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_at_work_in_child)
