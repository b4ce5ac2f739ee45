"""Fronts of the skip-gram kernels: ours on encoded documents, gensim's on lists of keys; and their threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from gensim.models import Word2Vec
from gensim.models.word2vec import train_batch_sg

from gensim_mtner._merge import METHODS
from gensim_mtner._skipgram import BEST_LEVEL, alias_table, train_documents
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors.rows import check_array
from gensim_mtner.workers import in_order

SHARING = 24  # pairs of words that share a negative, at most; a centre word has window + 1 of them on average
MOST_CENTRES = 4  # words of a step
AMX = 3  # its place in `_skipgram.LEVELS`
MATRIX_PAIRS = 270  # of inputs and outputs of a step, on average, from which the matrix unit is worth its rounding
MAX_SENTENCE = 10_000  # what gensim's kernel takes at once; it drops the rest without a word


class Tally(NamedTuple):
    """What a job did."""

    examples: int
    words: int  # left by subsampling
    raw_words: int
    loss: float  # summed; NaN if not computed


def negative_table(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The alias table for draws in proportion to weights: what to accept, and what to take instead.

    Parameters
    ----------
    weights : ndarray, shape (n_rows,)
        None negative, their sum positive.

    Raises
    ------
    ValueError
        If they are not so: nothing could be drawn.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 1 or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError("the weights of negatives are not finite, below 0, or all 0: nothing could be drawn")
    accept, alias, waiting = np.empty((3, len(weights)), dtype=np.uint32)
    alias_table(np.ascontiguousarray(weights, np.float64), accept, alias.view(np.int32), waiting.view(np.int32))
    return accept, alias.view(np.int32)


def centres_of(window: int, negative: int) -> int:
    """How many consecutive centre words share a step and its negatives (Rengasamy et al. 2017).

    So many that about as many pairs of words share a negative at a small window as do at the default one; one from a
    window of 12, and few where negatives are few. Four at the default window would make twice the words a second, but
    the vectors of rare words get worse: in Russian and Korean they tag 5 to 9 points worse (`benchmarks/TRIALS.md`).

    Parameters
    ----------
    window : int
        The largest distance of a centre word and a word of its window, in words.
    negative : int
        Negatives of a step.
    """
    return max(1, min(SHARING // (window + 1), negative // 2, MOST_CENTRES))


def level_of(window: int, negative: int, shared: bool = True) -> int:
    """The instruction set to train with, a place in ``_skipgram.LEVELS``.

    It is the fastest of this machine; but Intel's matrix unit (AMX), which rounds what it multiplies to 8 bits, is
    taken only where steps are large, such as at ``window=48, negative=25``: there it is twice as fast as AVX-512, at
    the default shape by a fifth, at small windows not at all (`benchmarks/TRIALS.md`).

    Parameters
    ----------
    window, negative : int
        As in `centres_of`.
    shared : bool
        Whether words share negatives.
    """
    centres = centres_of(window, negative)
    large = shared and (window + centres) * (negative + centres) >= MATRIX_PAIRS
    return BEST_LEVEL if large else min(BEST_LEVEL, AMX - 1)


class OwnKernel:
    """Our kernel: documents merged on the fly, no length limit; negatives shared by windows or drawn for each pair.

    Parameters
    ----------
    model : Word2Vec
        With a vocabulary whose rows the ids are.
    encoded : EncodedCorpus
        The documents.
    merge : str
        How sides are merged.
    epoch : int
        Decides, with ``model.seed``, what merging, subsampling and negative sampling draw.
    level : int, optional
        The instruction set, a place in ``_skipgram.LEVELS``; by default that of `level_of`.
    """

    shared = True

    def __init__(self, model: Word2Vec, encoded: EncodedCorpus, merge: str, epoch: int, level: int | None = None):
        n, size = len(model.wv.index_to_key), model.vector_size
        for name, array in (("wv.vectors", model.wv.vectors), ("syn1neg", model.syn1neg)):
            check_array(name, array, (n, size), writes=True)
        check_array("wv.expandos['sample_int']", model.wv.expandos["sample_int"], (n,), np.uint32)
        check_array("wv.expandos['count']", counts := model.wv.expandos["count"], (n,), counts.dtype)
        self.model, self.encoded, self.how, self.epoch = model, encoded, METHODS[merge], epoch
        self.keep = np.ascontiguousarray(model.wv.expandos["sample_int"], dtype=np.uint32)
        self.negatives = negative_table(model.wv.expandos["count"] ** float(model.ns_exponent))
        self.longest = int(encoded.lengths.max(initial=1))
        self.level = level_of(model.window, model.negative, self.shared) if level is None else level
        self.centres = centres_of(model.window, model.negative) if self.shared else 0
        self.local = threading.local()

    def order(self) -> np.ndarray:
        """The documents, shuffled for each pass: text in the order of its subjects leaves its end in the vectors."""
        order = np.random.default_rng((self.model.seed, self.epoch)).permutation(len(self.encoded))
        return self.encoded.in_order(order)

    def examples(self, documents: np.ndarray) -> int:
        """How many examples documents are."""
        return len(documents)

    def jobs(self, documents: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Yield (documents, their number), about ``batch_words`` tokens at a time."""
        ends = np.cumsum(self.encoded.lengths[documents]) // self.model.batch_words
        for job in np.split(documents, np.flatnonzero(np.diff(ends)) + 1):
            yield job, len(job)

    def run(self, job: np.ndarray, alpha: float) -> Tally:
        """Train on documents."""
        model = self.model
        if not hasattr(self.local, "scratch"):
            self.local.scratch = (
                np.empty(self.longest, np.int32),
                np.empty((2, model.negative + max(self.centres, 1)), np.int32),
            )
        merged, outputs = self.local.scratch
        ids, offsets, places = self.encoded.gathered(job)
        words, loss = train_documents(
            model.wv.vectors, model.syn1neg, model.wv.vectors_lockf, ids, offsets, self.encoded.rows, places,
            self.encoded.numbers[job], self.keep, *self.negatives, model.window, model.shrink_windows, model.negative,
            alpha, self.how, self.centres, model.seed, self.epoch, model.compute_loss, merged, outputs, self.level,
        )  # fmt: skip
        raw_words = int(self.encoded.lengths[job].sum())
        return Tally(len(job), words, raw_words, loss if model.compute_loss else float("nan"))


class ExactKernel(OwnKernel):
    """Our kernel with the textbook's update: fresh negatives for each pair of words."""

    shared = False


class GensimKernel:
    """gensim's kernel, fed with the keys of merged documents, long ones in pieces that it takes whole."""

    def __init__(self, model: Word2Vec, encoded: EncodedCorpus, merge: str, epoch: int):
        self.model, self.encoded, self.merge, self.epoch = model, encoded, merge, epoch
        # words without a row get a key that no vocabulary has, and gensim passes them over
        self.keys = np.array([*model.wv.index_to_key, ""], dtype=object)[encoded.rows]
        self.local = threading.local()

    def order(self) -> np.ndarray:
        """The documents as they stand, as Word2Vec takes them."""
        return self.encoded.in_order(np.arange(len(self.encoded)))

    def examples(self, documents: np.ndarray) -> int:
        """How many examples documents are: pieces."""
        return pieces(self.encoded.lengths[documents])

    def sentences(self, documents: Iterable[int]) -> Iterator[list[str]]:
        """Yield the pieces of merged documents, as keys."""
        for ids in self.encoded.merged(merge=self.merge, seed=self.model.seed, epoch=self.epoch, documents=documents):
            for start in range(0, max(len(ids), 1), MAX_SENTENCE):
                yield self.keys[ids[start : start + MAX_SENTENCE]].tolist()

    def jobs(self, documents: np.ndarray) -> Iterator[tuple[list[list[str]], int]]:
        """Yield (sentences, their number), as gensim batches them."""
        most = min(self.model.batch_words, MAX_SENTENCE)
        job: list[list[str]] = []
        size = 0
        for sentence in self.sentences(documents):
            if size + len(sentence) > most:
                # may be empty ahead of a long first sentence; gensim sends it too, and it draws random numbers
                yield job, len(job)
                job, size = [], 0
            job.append(sentence)
            size += len(sentence)
        if job:
            yield job, len(job)

    def run(self, job: list[list[str]], alpha: float) -> Tally:
        """Train on sentences."""
        if not hasattr(self.local, "memory"):
            self.local.memory = self.model._get_thread_working_mem()
        # gensim's kernel adds to a number of single precision, in which a long pass would be lost
        mine = SimpleNamespace(**vars(self.model) | {"running_training_loss": 0.0})
        words = train_batch_sg(mine, job, alpha, self.local.memory[0], self.model.compute_loss)
        return Tally(len(job), words, sum(map(len, job)), float(mine.running_training_loss))


KERNELS: dict[str, Callable[..., Any]] = {"shared": OwnKernel, "exact": ExactKernel, "gensim": GensimKernel}


def pieces(lengths: np.ndarray) -> int:
    """How many sentences gensim's kernel needs for documents of these lengths."""
    return int(np.maximum(-(-lengths // MAX_SENTENCE), 1).sum())


def run_jobs(jobs: Iterable[tuple[Any, float]], run: Callable[[Any, float], Tally], workers: int) -> Iterator[Tally]:
    """Run ``(job, alpha)`` on threads; yield the tallies in order.

    At most two jobs a thread wait, so that a stream stays a stream. An exception in a thread ends the rest and
    reaches the caller.
    """
    if workers == 1:
        for job, alpha in jobs:
            yield run(job, alpha)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from in_order(pool, run, jobs, 2 * workers)
