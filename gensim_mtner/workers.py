"""Work for threads or processes from a stream: few items wait, results come in order, an error reaches the caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Result = TypeVar("Result")


def in_order(pool: Executor, run: Callable[..., Result], jobs: Iterable[tuple], waiting: int) -> Iterator[Result]:
    """Yield ``run(*job)`` for each job, in order; at most `waiting` jobs are handed out ahead.

    An exception in a job ends the rest, and the pool.
    """
    pending: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            pending.append(pool.submit(run, *job))
            if len(pending) > waiting:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        if pending:
            # not by cancelling each: a pool of processes of Python 3.11.2, and of others, then waits for ever
            pool.shutdown(cancel_futures=True)
