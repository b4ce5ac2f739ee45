"""Work for threads or processes: results come in order, few items of a stream wait, an error reaches the caller."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import current_process, get_all_start_methods, get_start_method, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def forks() -> bool:
    """Whether processes begin as copies of this one; how they begin is not settled by asking."""
    return (get_start_method(allow_none=True) or get_all_start_methods()[0]) == "fork"


def may_begin_processes() -> bool:
    """Whether this process may have others; one of `multiprocessing.Pool` may not."""
    return not current_process().daemon


def begin_worker() -> None:
    """Make a process of a pool end with the one that began it, also if that is killed; SIGTERM ends it at once."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def in_order(pool: Executor, run: Callable[..., Result], jobs: Iterable[tuple], waiting: int) -> Iterator[Result]:
    """Yield ``run(*job)`` for each job, in order; at most `waiting` jobs are handed out ahead.

    An exception in a job ends the rest, and the pool.

    Raises
    ------
    RuntimeError
        If a process of the pool is gone.
    """
    pending: deque[Future[Result]] = deque()
    done = 0
    try:
        for job in jobs:
            pending.append(pool.submit(run, *job))
            if len(pending) > waiting:
                yield pending.popleft().result()
                done += 1
        while pending:
            yield pending.popleft().result()
            done += 1
    except BrokenExecutor as error:
        raise RuntimeError(
            f"a process that had a share of the work is gone, when {done} parts were done. Systems end one where "
            "memory runs out: take fewer workers. If none could begin, what it said is above; where processes are not "
            'forked, a script needs `if __name__ == "__main__":` before what begins them'
        ) from error
    finally:
        if pending:
            # not by cancelling each: a pool of processes of Python 3.11.2, and of others, then waits for ever
            pool.shutdown(cancel_futures=True)


_lock = threading.Lock()
_before: list[list[int]] = []  # threads of each library, as those found them who hold them at one now


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within it BLAS takes one thread, whose sums are the same on any machine.

    Most libraries have one number for the whole process: what the first of several that run at once has found comes
    back when the last is done.
    """
    with _lock:
        libraries = ThreadpoolController().select(user_api="blas").lib_controllers
        found = [library.num_threads for library in libraries]
        _before.append(found)
        for library in libraries:
            if len(_before) == 1:
                _listen(library)
            library.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            for library, mine, theirs in zip(libraries, found, first, strict=False):
                if getattr(library, "threading_layer", "") == "openmp":  # which has a number for each thread
                    library.set_num_threads(mine)
                elif not _before:
                    _listen(library)
                    library.set_num_threads(theirs)


def _listen(library: Any) -> None:
    """Have a library listen to this thread: newer ones of threadpoolctl do so only to the one that spoke first."""
    getattr(library, "clear_controlling_thread", lambda force: None)(force=True)


def each(run: Callable[[Item], Result], items: Sequence[Item], workers: int) -> list[Result]:
    """``run(item)`` of each item, in order, on as many threads as there are items and workers."""
    if min(workers, len(items)) == 1:  # in this thread, which signals reach
        return [run(item) for item in items]
    with ThreadPoolExecutor(min(workers, len(items))) as pool:
        return list(pool.map(run, items))
