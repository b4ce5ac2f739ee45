"""The algorithm of a cluster in one process: what a cluster's result must equal to the last bit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from gensim_mtner.engines.adasum import DTYPES, default_syncs, joint_rate
from gensim_mtner.engines.engine import AT_ONCE, Result, Runner, ThisProcess, Threads
from gensim_mtner.engines.intervals import Sharded
from gensim_mtner.engines.replica import Replica, settings_of
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.shards import shard_of
from gensim_mtner.vectors.rows import check_whole

logger = logging.getLogger(__name__)

MOST = 1 << 12  # shards; a rank has to fit in many places


class LocalEngine:
    """Trains in shards, one after the other, in this process, as a cluster of so many machines would.

    Each shard of the documents trains a copy of the weights for a part of a pass; then the updates of all are made
    one, by `gensim_mtner.engines.adasum.adasum`. It takes the time of one process and the memory of `shards + 1`
    copies: it is there to try settings, to test, and to go on with what a cluster began.

    Parameters
    ----------
    shards : int
        With 1 the result has the bits of training without an engine.
    syncs : int, optional
        How many times a pass updates are combined. By default 6 a shard over pretraining; fewer are warned of, as the
        quality of vectors falls, and the loss does not show it.
    dtype : {"float32", "float16"}
        The numbers in which updates travel.

    Examples
    --------
    >>> from gensim_mtner import ComparableCorpus, MTWord2Vec
    >>> corpus = ComparableCorpus([("Kaká joined Milan", ["卡卡", "加盟", "米兰"])] * 40, source="en", target="zh")
    >>> model = MTWord2Vec(corpus, engine=LocalEngine(2), epochs=2, vector_size=16, sample=0)
    >>> len(model.history)
    2
    """

    at_once = AT_ONCE

    def __init__(self, shards: int, *, syncs: int | None = None, dtype: str = "float32"):
        check_sharding(shards, syncs, dtype)
        self.shards, self.syncs, self.dtype = int(shards), syncs, dtype
        self.joint_rate = joint_rate(self.shards)

    def check(self, model: Any, encoded: EncodedCorpus) -> None:
        """See `Engine`."""
        homes_of(model, encoded, self.shards)

    def open(self, model: Any, encoded: EncodedCorpus, passes: int) -> AbstractContextManager[Runner]:
        """See `Engine`."""
        if self.shards == 1:
            return nullcontext(Threads())
        homes = homes_of(model, encoded, self.shards)
        cluster = InProcess(settings_of(model, self.dtype), encoded, self.shards)
        return nullcontext(Sharded(cluster, model, encoded, homes, self.shards, syncs_of(self, passes)))

    def facts(self, passes: int) -> dict[str, Any]:
        """See `Engine`."""
        return facts_of(self, passes) if self.shards > 1 else {}

    def map(self, function: Callable[..., Result], items: Iterable[tuple]) -> Iterator[Result]:
        """See `Engine`."""
        return ThisProcess().map(function, items)

    def held(self, threads: int = 1) -> AbstractContextManager[None]:
        """See `Engine`."""
        return nullcontext()

    def __repr__(self) -> str:
        return f"LocalEngine({self.shards}, syncs={self.syncs}, dtype={self.dtype!r})"


class InProcess:
    """The workers of a `LocalEngine`: a call is done when it returns, and a handle is its result."""

    shares = True

    def __init__(self, settings: dict[str, Any], encoded: EncodedCorpus, shards: int):
        self.settings, self.encoded, self.shards = settings, encoded, shards
        self.replicas: dict[int, Replica] = {}

    def start(self, rank: int) -> None:
        """See `Cluster`."""
        self.replicas[rank] = Replica(self.settings, rank, self.shards)
        self.replicas[rank].take_documents(self.encoded)

    def call(self, rank: int, method: str, *arguments: Any, returns: int = 1) -> Any:
        """See `Cluster`."""
        return getattr(self.replicas[rank], method)(*arguments)

    def results(self, handles: Sequence[tuple[int, Any]], doing: str) -> list[Any]:
        """See `Cluster`."""
        return [handle for _, handle in handles]

    def stop(self) -> None:
        """See `Cluster`."""
        self.replicas.clear()


# -- what engines with shards have in common


def check_sharding(shards: Any, syncs: Any, dtype: Any, name: str = "shards") -> None:
    """Refuse what engines cannot be made of."""
    check_whole(name, shards, 1, MOST)
    if syncs is not None:
        check_whole("syncs", syncs, 1)
    if dtype not in DTYPES:
        raise ValueError(f"dtype={dtype!r}: expected one of {', '.join(map(repr, DTYPES))}")


def syncs_of(engine: Any, passes: int) -> int:
    """How many times a pass updates are combined; too few are warned of."""
    enough, syncs = default_syncs(engine.shards, passes), _wanted(engine, passes)
    if syncs < enough:
        logger.warning(
            "syncs=%i for %i shards and %i passes: below %i the vectors get worse, though the loss may not show it; "
            "watch F1, or precision at 1 of names", syncs, engine.shards, passes, enough,
        )  # fmt: skip
    return syncs


def facts_of(engine: Any, passes: int) -> dict[str, Any]:
    """See `Engine.facts`; the same for all engines that run the same algorithm, whose passes have intervals."""
    return {"shards": engine.shards, "syncs": _wanted(engine, passes), "dtype": engine.dtype}


def _wanted(engine: Any, passes: int) -> int:
    return default_syncs(engine.shards, passes) if engine.syncs is None else engine.syncs


def homes_of(model: Any, encoded: EncodedCorpus, shards: int) -> np.ndarray:
    """Which worker has which document: shards of the text are dealt out, or where it has none, documents.

    Raises
    ------
    ValueError
        If the model, or the text, cannot be trained in so many shards.
    """
    if model.kernel == "gensim" and shards > 1:
        raise ValueError("kernel='gensim' trains in one process only: take kernel='shared' or 'exact' with an engine")
    if len(encoded) < shards:
        raise ValueError(f"{len(encoded)} documents cannot be divided among {shards} shards: take fewer")
    homes = shard_of(encoded.numbers, shards)
    if encoded.directory is not None:
        n_parts = encoded.directory[2]
        if n_parts < shards:
            raise ValueError(
                f"the text has {n_parts} shard{'s' * (n_parts > 1)}, fewer than the {shards} workers of the engine: "
                f"encode it with shards={shards} or more, best a multiple of it"
            )
        there = np.repeat(np.arange(n_parts) % shards, [len(part) for part in encoded.parts[:n_parts]])
        homes[: len(there)] = there
    return homes
