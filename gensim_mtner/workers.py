"""Work for threads or processes: results come in order, few items of a stream wait, an error reaches the caller."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from multiprocessing import get_all_start_methods, get_start_method
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def forks() -> bool:
    """Whether processes begin as copies of this one; how they begin is not settled by asking."""
    return (get_start_method(allow_none=True) or get_all_start_methods()[0]) == "fork"


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


def each(run: Callable[[Item], Result], items: Sequence[Item], workers: int) -> list[Result]:
    """``run(item)`` of each item, in order, on as many threads as there are items and workers."""
    with ThreadPoolExecutor(min(workers, len(items))) as pool:
        return list(pool.map(run, items))
