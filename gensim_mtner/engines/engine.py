"""What an engine is, and the one that is taken if nothing is said: this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors.skipgram import Tally, run_jobs

Result = TypeVar("Result")

AT_ONCE = 20_000  # sentences that a process tags at once: the features of a word are hashed once for all of them


@dataclass
class Stretch:
    """Documents to train on between two turns of the tagger: a pass, or a part of one.

    Attributes
    ----------
    kernel : OwnKernel or GensimKernel
        On the model, for the pass.
    documents : ndarray of int
        Their places in the corpus, in the order of the pass.
    rate : callable
        The learning rate at a share, from 0 to 1, of the pass.
    begun, total : int
        Examples of the pass before these, and in all.
    parts : int
        In how many stretches the pass is cut.
    skip : int
        So many jobs are left out: they were done before a checkpoint.
    stopped : callable
        Whether no more is to be begun.
    """

    kernel: Any
    documents: np.ndarray
    rate: Callable[[float], float]
    begun: int
    total: int
    parts: int = 1
    skip: int = 0
    stopped: Callable[[], bool] = bool


class Runner(Protocol):
    """An engine at work on a model and a corpus."""

    def run(self, stretch: Stretch) -> Iterator[Tally]:
        """Train; yield what was done, job by job, in order. Afterwards the model's arrays are up to date."""


class Engine(Protocol):
    """Where passes run. `ThisProcess`, `LocalEngine` and `RayEngine` are engines; models know nothing else of them.

    Attributes
    ----------
    at_once : int
        How many sentences are an item of `map` where sentences are tagged.
    joint_rate : float
        What the rate of skip-gram is multiplied by in joint passes.
    """

    at_once: int
    joint_rate: float

    def check(self, model: Any, encoded: EncodedCorpus) -> None:
        """Refuse what it cannot train, before any work begins."""

    def open(self, model: Any, encoded: EncodedCorpus, passes: int) -> AbstractContextManager[Runner]:
        """Make ready to train `model` on documents; `passes` as in `default_syncs`."""

    def facts(self, passes: int) -> dict[str, Any]:
        """What decides the bits of a result: a checkpoint of others is not gone on with."""

    def map(self, function: Callable[..., Result], items: Iterable[tuple]) -> Iterator[Result]:
        """Yield ``function(*item)`` for each item, in order."""

    def held(self, threads: int = 1) -> AbstractContextManager[None]:
        """Within it, `open` with so many threads a machine, and `map` outside of `open`, find the machines ready."""


class ThisProcess:
    """Trains in the threads of this process, on all documents."""

    at_once = AT_ONCE
    joint_rate = 1.0

    def check(self, model: Any, encoded: EncodedCorpus) -> None:
        """See `Engine`."""

    def open(self, model: Any, encoded: EncodedCorpus, passes: int) -> AbstractContextManager[Runner]:
        """See `Engine`."""
        return nullcontext(Threads())

    def facts(self, passes: int) -> dict[str, Any]:
        """See `Engine`."""
        return {}

    def map(self, function: Callable[..., Result], items: Iterable[tuple]) -> Iterator[Result]:
        """See `Engine`."""
        return (function(*item) for item in items)

    def held(self, threads: int = 1) -> AbstractContextManager[None]:
        """See `Engine`."""
        return nullcontext()


def shared(engine: Engine, tag: Callable[[list[list[str]]], list[Result]]) -> Callable[[list[list[str]]], list[Result]]:
    """What tags sentences, each by itself, with parts of them tagged on the machines of an engine."""

    def tag_on_all(sentences: list[list[str]]) -> list[Result]:
        starts = range(0, len(sentences), engine.at_once)
        parts = ((sentences[start : start + engine.at_once],) for start in starts)
        return [tags for part in engine.map(tag, parts) for tags in part]

    return tag_on_all


class Threads:
    """Runs the jobs of a stretch on the threads of this process."""

    def run(self, stretch: Stretch) -> Iterator[Tally]:
        """See `Runner`."""
        kernel = stretch.kernel

        def jobs() -> Iterator[tuple[Any, float]]:
            done = stretch.begun
            for number, (job, size) in enumerate(kernel.jobs(stretch.documents)):
                if number >= stretch.skip:
                    if stretch.stopped():
                        return
                    yield job, stretch.rate(done / stretch.total)
                done += size

        return run_jobs(jobs(), kernel.run, kernel.model.workers)
