"""What a worker of a cluster does: it trains a copy of the weights on its documents, and exchanges what moved."""

from __future__ import annotations

import importlib
import os
import platform
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from gensim_mtner._skipgram import LEVELS
from gensim_mtner.engines.adasum import adasum
from gensim_mtner.storage import steady
from gensim_mtner.text.documents import EncodedCorpus, ShardedCorpus
from gensim_mtner.text.encoded import ShardedText
from gensim_mtner.vectors.cache import zeros_on_lines
from gensim_mtner.vectors.rows import check_documents
from gensim_mtner.vectors.skipgram import KERNELS, Tally, level_of, run_jobs

CHUNK = 1 << 26  # bytes of which a checksum is taken at a time
# what a replica must know of a model, besides its arrays
NUMBERS = ("vector_size", "window", "shrink_windows", "negative", "ns_exponent", "seed", "batch_words", "compute_loss",
           "kernel", "merge", "workers")  # fmt: skip


class Piece(NamedTuple):
    """Rows that are exchanged at once.

    Attributes
    ----------
    matrix : int
        0 for the vectors, 1 for the context vectors.
    start, stop : int
        Places among the rows of it that move.
    """

    matrix: int
    start: int
    stop: int


class Replica:
    """The vectors and context vectors as a worker has them, and as all had them when they were last the same.

    Parameters
    ----------
    settings : dict
        From `settings_of`.
    rank, shards : int
        Which worker, of how many.
    """

    def __init__(self, settings: dict[str, Any], rank: int, shards: int):
        numbers = settings["numbers"]
        n, size = len(settings["counts"]), numbers["vector_size"]
        self.rank, self.shards, self.dtype, self.level = rank, shards, settings["dtype"], settings["level"]
        wv = SimpleNamespace(
            index_to_key=range(n),
            vectors=zeros_on_lines((n, size)),
            expandos={"count": settings["counts"], "sample_int": settings["sample"]},
        )
        self.model = SimpleNamespace(**numbers, wv=wv, syn1neg=zeros_on_lines((n, size)))
        self.base: tuple[np.ndarray, np.ndarray] = ()  # type: ignore[assignment]
        self.encoded: EncodedCorpus | None = None
        self.kernel: Any = None
        self.moving: list[np.ndarray] = []
        self.attempt = 0  # which interval it is at, as the driver counts: what comes late for another is not done
        self.jobs = 0  # done so far, which tells one that is slow from one that hangs

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The vectors and the context vectors."""
        return self.model.wv.vectors, self.model.syn1neg

    # -- what it works on

    def take_documents(self, encoded: EncodedCorpus) -> None:
        """Train on documents that are here already."""
        self.encoded = encoded

    def add_documents(self, ids: np.ndarray, offsets: np.ndarray, numbers: np.ndarray, rows: np.ndarray) -> None:
        """Train on documents that are sent, a part at a time; see `EncodedCorpus`."""
        # what arrives may be in memory that the cluster wants back
        new = EncodedCorpus(np.array(ids), np.array(offsets), rows, np.array(numbers))
        self.encoded = ShardedCorpus([*(self.encoded.parts if self.encoded is not None else []), new])

    def map_documents(self, path: Path, digest: str, shards: int, rows: np.ndarray) -> None:
        """Train on shards of a directory that this machine sees: every one that falls to this rank."""
        try:
            text = steady(path, lambda: ShardedText(path, verify=False, only=range(self.rank, shards, self.shards)))
            if text.digest != digest:
                raise ValueError(f"{path} is another text there")
            self.encoded = text.corpus(rows)
            for part in self.encoded.parts:
                check_documents(part, len(self.base[0]))
                self.jobs += 1
        except (OSError, ValueError) as error:
            raise ValueError(
                f"worker {self.rank} on {platform.node()}: {error}; all machines need the same text at the same place"
            ) from error

    def share(self, vectors: np.ndarray, contexts: np.ndarray) -> None:
        """Have the common state in arrays that others have, too; the copy that is trained starts from them."""
        self.base = vectors, contexts
        self.roll_back(self.attempt)

    def own(self) -> None:
        """Have the common state in arrays of its own."""
        self.base = tuple(map(np.zeros_like, self.arrays))  # type: ignore[assignment]

    def facts(self) -> dict[str, Any]:
        """Where it runs, and what must be the same for all."""
        version = importlib.import_module("gensim_mtner").__version__  # which is above this room
        return {
            "host": platform.node(), "pid": os.getpid(), "version": version, "levels": len(LEVELS),
            "documents": -1 if self.encoded is None else len(self.encoded),
        }  # fmt: skip

    # -- training

    def begin(self, epoch: int, lock: np.ndarray, numbers: dict[str, Any]) -> None:
        """Make ready for a pass, or for a part of one: `lock`, or settings, may be others than before."""
        self.model.wv.vectors_lockf = lock
        vars(self.model).update(numbers)
        self.kernel = KERNELS[self.model.kernel](self.model, self.encoded, self.model.merge, epoch, self.level)
        self.moving = moving_rows(lock, len(self.base[0]))

    def train(
        self, attempt: int, documents: np.ndarray, places: np.ndarray, total: int, rate: Callable[[float], float]
    ) -> Tally:
        """Train on documents.

        Parameters
        ----------
        attempt : int
            Higher than any before.
        documents : ndarray of int
            Which ones, by where they are here.
        places : ndarray of int
            The place of each in the pass, of `total`: it decides the learning rate, whoever trains on it.
        rate : callable
            The learning rate at a share of the pass.
        """

        def jobs() -> Iterator[tuple[Any, float]]:
            done = 0
            for job, size in self.kernel.jobs(documents):
                if size:
                    yield job, rate(int(places[done]) / total)
                done += size

        if attempt <= self.attempt:
            return add_up([])
        self.attempt, tallies = attempt, []
        for tally in run_jobs(jobs(), self.kernel.run, self.model.workers):
            tallies.append(tally)
            self.jobs += 1
        return add_up(tallies)

    def beat(self) -> int:
        """How many jobs are done so far."""
        return self.jobs

    # -- exchange

    def _rows(self, piece: Piece) -> Any:
        """Places of a piece in its matrix: a slice where they are next to each other."""
        rows = self.moving[piece.matrix][piece.start : piece.stop]
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
            return slice(int(rows[0]), int(rows[-1]) + 1)
        return rows

    def deltas(self, piece: Piece) -> list[np.ndarray]:
        """How rows have moved, cut into as many blocks as there are workers, each of whom combines one."""
        rows = self._rows(piece)
        moved = (self.arrays[piece.matrix][rows] - self.base[piece.matrix][rows]).astype(self.dtype, copy=False)
        return np.array_split(moved, self.shards)

    def combine(self, *blocks: np.ndarray) -> np.ndarray:
        """One update of those of all workers, in the order of their ranks."""
        return adasum(blocks).astype(self.dtype, copy=False)

    def apply(self, attempt: int, piece: Piece, *blocks: np.ndarray) -> None:
        """Take the combined update; the former common state stays until `settle`, should a worker be lost."""
        if attempt != self.attempt:
            return
        rows = self._rows(piece)
        update = np.concatenate(blocks).astype(np.float32, copy=False)
        update += self.base[piece.matrix][rows]
        self.arrays[piece.matrix][rows] = update

    def settle(self, attempt: int) -> None:
        """What it has now is what all have."""
        if attempt != self.attempt:
            return
        for base, array in zip(self.base, self.arrays, strict=True):
            base[...] = array

    def roll_back(self, attempt: int) -> None:
        """Be as when all were the same."""
        self.attempt = attempt
        for base, array in zip(self.base, self.arrays, strict=True):
            array[...] = base

    # -- the state as a whole

    def block(self, matrix: int, start: int, stop: int) -> np.ndarray:
        """Rows of the common state."""
        return self.base[matrix][start:stop]

    def load(self, matrix: int, start: int, rows: np.ndarray) -> None:
        """Take rows of the common state from elsewhere; `roll_back` then makes them those that are trained."""
        self.base[matrix][start : start + len(rows)] = rows

    def digest(self) -> int:
        """A checksum of the common state."""
        return checksum(self.base)


def level_for(model: Any) -> int:
    """The instruction set that all workers train a model with."""
    return level_of(model.window, model.negative, model.kernel == "shared")


def settings_of(model: Any, dtype: str) -> dict[str, Any]:
    """What a `Replica` is made from; none of it is code."""
    return {
        "numbers": numbers_of(model), "dtype": dtype,
        "level": level_for(model),
        "counts": np.asarray(model.wv.expandos["count"]), "sample": np.asarray(model.wv.expandos["sample_int"]),
    }  # fmt: skip


def numbers_of(model: Any) -> dict[str, Any]:
    """The settings that a replica must know; callbacks may change them from pass to pass."""
    return {name: getattr(model, name) for name in NUMBERS}


def moving_rows(lock: np.ndarray, n: int) -> list[np.ndarray]:
    """The rows of both matrices that training may move: rows whose factor is 0 stay, contexts have no factors."""
    moving = np.flatnonzero(lock) if len(lock) == n else np.arange(n if lock[0] else 0)
    return [moving, np.arange(n)]


def pieces_of(moving: Sequence[np.ndarray], size: int, most: int) -> list[Piece]:
    """Cut what moves into pieces of at most `most` bytes of float32."""
    rows = max(1, most // (4 * size))
    return [
        Piece(matrix, start, min(start + rows, len(places)))
        for matrix, places in enumerate(moving)
        for start in range(0, len(places), rows)
    ]


def checksum(arrays: Sequence[np.ndarray]) -> int:
    """Of rows as they are in memory."""
    found = 0
    for array in arrays:
        step = max(1, CHUNK // max(array[:1].nbytes, 1))
        for start in range(0, len(array), step):
            found = zlib.crc32(np.ascontiguousarray(array[start : start + step]).data, found)
    return found


def add_up(tallies: Sequence[Tally]) -> Tally:
    """Several as one."""
    return Tally(*(sum(column) for column in zip(*tallies, strict=True))) if tallies else Tally(0, 0, 0, 0.0)
