"""Training on several workers: intervals in which each trains alone, and between them one update made of all."""

from __future__ import annotations

import importlib
import logging
import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from gensim_mtner._skipgram import LEVELS
from gensim_mtner.engines.engine import Stretch
from gensim_mtner.engines.replica import add_up, checksum, level_for, moving_rows, numbers_of, pieces_of
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors.skipgram import Tally

logger = logging.getLogger(__name__)

PIECE = 1 << 27  # bytes of a worker's rows that are on their way at once
TRIES = 5  # losses in a row before nothing is tried again: they have a cause then


class Lost(Exception):
    """Workers do not answer any more; `ranks` says which, maybe none, where what they had handed out is lost."""

    def __init__(self, ranks: Sequence[int], reason: str):
        super().__init__(reason)
        self.ranks = sorted(ranks)


class Cluster(Protocol):
    """What a cluster must be able to do: four calls.

    Attributes
    ----------
    shares : bool
        Whether replicas are in this process, and have the model's arrays for their common state.
    """

    shares: bool

    def start(self, rank: int) -> None:
        """Start a worker, or another in place of one that is lost, with its documents and without a state."""

    def call(self, rank: int, method: str, *arguments: Any, returns: int = 1) -> Any:
        """Begin a method of a worker's `Replica`; return a handle of its result, or as many as `returns`.

        Handles among the arguments stand for their results, which go from worker to worker.
        """

    def results(self, handles: Sequence[tuple[int, Any]], doing: str) -> list[Any]:
        """Wait for results, each of a worker.

        Raises
        ------
        Lost
            If a worker is gone, or has not moved for longer than the limit.
        """

    def stop(self) -> None:
        """End the workers."""


class Sharded:
    """Runs stretches on a cluster.

    Parameters
    ----------
    cluster : Cluster
        Its workers are started here.
    model : Word2Vec
        Whose arrays are read before a stretch, and written after it.
    encoded : EncodedCorpus
        The documents.
    homes : ndarray of int, shape (n_documents,)
        The worker of each document.
    shards : int
    syncs : int
        How many intervals a pass has.
    """

    def __init__(
        self, cluster: Cluster, model: Any, encoded: EncodedCorpus, homes: np.ndarray, shards: int, syncs: int
    ):
        self.cluster, self.model, self.encoded, self.homes = cluster, model, encoded, homes
        self.shards, self.syncs = shards, syncs
        # workers elsewhere know documents by their places among their own
        self.mine = [] if cluster.shares else [np.flatnonzero(homes == rank) for rank in range(shards)]
        self.held: int | None = None  # the checksum of what the workers have
        self.begun: tuple[Any, ...] = ()
        self.attempt = 0  # intervals that were tried
        for left in reversed(range(TRIES)):
            try:
                self._start(range(shards))
                break
            except Lost as lost:
                if not left:
                    raise RuntimeError(f"the workers could not be started: {lost}") from lost
                logger.warning("%s; all workers are started again", lost)

    def _start(self, ranks: Sequence[int]) -> None:
        """Start workers, and give them their documents."""
        cluster, level = self.cluster, level_for(self.model)
        for rank in ranks:
            cluster.start(rank)
        version = importlib.import_module("gensim_mtner").__version__  # which is above this room
        for rank, facts in zip(ranks, cluster.results([(rank, cluster.call(rank, "facts")) for rank in ranks],
                                                      "starting"), strict=True):  # fmt: skip
            place = f"worker {rank} (process {facts['pid']} on {facts['host']})"
            if facts["version"] != version:
                raise RuntimeError(f"{place} has gensim-mtner {facts['version']}, this process {version}: install the "
                                   "same on all machines")  # fmt: skip
            if facts["levels"] <= level:
                raise RuntimeError(
                    f"{place} lacks the instruction set {LEVELS[level]!r}, which this process trains "
                    "with, and would give other bits: take machines of one kind, or begin on the oldest of them"
                )
            logger.info("%s is ready", place)
        if cluster.shares:
            return
        cluster.results([(rank, cluster.call(rank, "own")) for rank in ranks], "making room")
        there, directory = 0, self.encoded.directory
        if directory is not None:
            text = *directory, self.encoded.rows
            cluster.results([(rank, cluster.call(rank, "map_documents", *text)) for rank in ranks], "opening the text")
            there = sum(map(len, self.encoded.parts[: directory[2]]))
        for rank in ranks:
            sent = self.mine[rank][self.mine[rank] >= there]
            for part in self._documents(sent) if len(sent) or not there else ():
                cluster.results([(rank, cluster.call(rank, "add_documents", *part))], "sending documents")

    def _documents(self, places: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """The documents of a worker, some at a time."""
        encoded = self.encoded
        ends = np.cumsum(encoded.lengths[places]) // (PIECE // 4)
        for part in np.split(places, np.flatnonzero(np.diff(ends)) + 1):
            yield *encoded.copied(part), encoded.numbers[part], encoded.rows

    def _on_all(self, method: str, *arguments: Any) -> list[tuple[int, Any]]:
        return [(rank, self.cluster.call(rank, method, *arguments)) for rank in range(self.shards)]

    # -- what is done when

    def plan(self, stretch: Stretch) -> list[list[np.ndarray]]:
        """For each interval and each worker, the places in the stretch of the documents that it trains on."""
        homes = self.homes[stretch.documents]
        shares = [np.flatnonzero(homes == rank) for rank in range(self.shards)]
        intervals = max(1, min(math.ceil(self.syncs / stretch.parts), min(map(len, shares))))
        columns = [np.array_split(share, intervals) for share in shares]
        return [list(row) for row in zip(*columns, strict=True)]

    def run(self, stretch: Stretch) -> Iterator[Tally]:
        """See `Runner`; a job is an interval."""
        plan = self.plan(stretch)
        wv = self.model.wv
        self.begun = stretch.kernel.epoch, wv.vectors_lockf, numbers_of(self.model)
        told, number, losses, fresh = stretch.skip, stretch.skip, 0, True
        while number < len(plan) and not (stretch.stopped() and number >= told):
            tally = None
            try:
                if fresh:
                    self._begin()
                    fresh = False
                tally = self._interval(stretch, plan[number])
                self._settle()
            except Lost as lost:
                losses += 1
                if losses > TRIES:
                    raise RuntimeError(f"{lost}; {TRIES} times in a row, so it is given up") from lost
                # with a tally, all have what comes after the interval; without, those that are left go back before it
                have = self._recover(lost, "roll_back" if tally is None else "settle")
                if fresh or not have:  # then it is in this process
                    number, fresh, self.held = stretch.skip, True, None
                    continue
                if tally is None:
                    continue
            losses = 0
            if number >= told:
                told += 1
                yield tally
            number += 1
        if not (fresh or self.cluster.shares):  # where no interval was begun, what they have is not the model's
            self._fetch(stretch)

    # -- one interval

    def _begin(self) -> None:
        cluster, arrays = self.cluster, (self.model.wv.vectors, self.model.syn1neg)
        if cluster.shares:
            cluster.results(self._on_all("share", *arrays), "beginning")
        elif checksum(arrays) != self.held:
            for rank in range(self.shards):
                self._send(rank)
            self.held = checksum(arrays)
        cluster.results(self._on_all("begin", *self.begun), "beginning")

    def _interval(self, stretch: Stretch, shares: list[np.ndarray]) -> Tally:
        cluster, handles = self.cluster, []
        self.attempt += 1
        for rank, share in enumerate(shares):
            documents = stretch.documents[share]
            if self.mine:
                documents = np.searchsorted(self.mine[rank], documents)
            places = stretch.begun + share
            work = self.attempt, documents, places, stretch.total, stretch.rate
            handles.append((rank, cluster.call(rank, "train", *work)))
        tallies = cluster.results(handles, "training")
        if self.shards > 1:
            self._exchange()
        return add_up(tallies)

    def _settle(self) -> None:
        """What was applied is what all have, from now on."""
        cluster, self.held = self.cluster, None
        ranks = [0] if cluster.shares else range(self.shards)
        cluster.results([(rank, cluster.call(rank, "settle", self.attempt)) for rank in ranks], "settling")

    def _exchange(self) -> None:
        """Each worker combines its share of the rows of all, and hands them the result; two pieces are on their way."""
        cluster, model = self.cluster, self.model
        moving = moving_rows(model.wv.vectors_lockf, len(model.wv.vectors))
        waiting: deque[list[tuple[int, Any]]] = deque()
        for piece in pieces_of(moving, model.vector_size, PIECE):
            blocks = [cluster.call(rank, "deltas", piece, returns=self.shards) for rank in range(self.shards)]
            made = [cluster.call(rank, "combine", *(block[rank] for block in blocks)) for rank in range(self.shards)]
            waiting.append(self._on_all("apply", self.attempt, piece, *made))
            del blocks, made  # a cluster keeps what a handle stands for
            if len(waiting) > 1:
                cluster.results(waiting.popleft(), "exchanging")
        while waiting:
            cluster.results(waiting.popleft(), "exchanging")

    # -- states as a whole

    def _blocks(self) -> Iterator[tuple[int, int, int]]:
        n, size = self.model.wv.vectors.shape
        rows = max(1, PIECE // (4 * size))
        for matrix in range(2):
            for start in range(0, n, rows):
                yield matrix, start, min(start + rows, n)

    def _send(self, rank: int, source: int | None = None) -> None:
        """Give a worker the state that another has, or that is in this process."""
        cluster, arrays = self.cluster, (self.model.wv.vectors, self.model.syn1neg)
        for matrix, start, stop in self._blocks():
            rows = arrays[matrix][start:stop]
            if source is not None:
                rows = cluster.call(source, "block", matrix, start, stop)
            cluster.results([(rank, cluster.call(rank, "load", matrix, start, rows))], "loading")
        cluster.results([(rank, cluster.call(rank, "roll_back", self.attempt))], "loading")

    def _fetch(self, stretch: Stretch) -> None:
        """Have the state in this process, after all were found to have the same."""
        cluster, arrays = self.cluster, (self.model.wv.vectors, self.model.syn1neg)
        for _ in range(TRIES):
            try:
                digests = cluster.results(self._on_all("digest"), "comparing")
                if len(set(digests)) > 1:
                    raise RuntimeError(f"workers have other states than each other ({digests}): is a machine damaged?")
                for matrix, start, stop in self._blocks():
                    rows = cluster.results([(0, cluster.call(0, "block", matrix, start, stop))], "fetching")[0]
                    arrays[matrix][start:stop] = rows
                self.held = digests[0]
                return
            except Lost as lost:
                if not self._recover(lost, "roll_back"):
                    raise RuntimeError(f"{lost}: all workers are lost, and what they had trained") from lost
        raise RuntimeError(f"workers were lost {TRIES} times in a row while their state was fetched")

    def _recover(self, lost: Lost, method: str) -> bool:
        """Put others in the place of those that are lost; whether somebody is left who has a state.

        Parameters
        ----------
        lost : Lost
            Which ones.
        method : {"roll_back", "settle"}
            What those that are left do first.
        """
        cluster = self.cluster
        gone = set(lost.ranks)
        self.attempt += method == "roll_back"
        for _ in range(TRIES):
            logger.warning("%s; %i of %i workers are started again", lost, len(gone), self.shards)
            ranks = sorted(gone)
            try:
                left = [rank for rank in range(self.shards) if rank not in gone]
                cluster.results([(rank, cluster.call(rank, method, self.attempt)) for rank in left], "rolling back")
                self._start(ranks)
                if not left:
                    return False
                for number, rank in enumerate(sorted(gone)):
                    self._send(rank, left[number % len(left)])
                cluster.results(
                    [(rank, cluster.call(rank, "begin", *self.begun)) for rank in sorted(gone)], "beginning"
                )
                return True
            except Lost as again:
                gone |= set(again.ranks)
                lost = again
        raise RuntimeError(f"{lost}; {TRIES} times in a row, so it is given up") from lost
