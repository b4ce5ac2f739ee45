"""The best sequence of tags: transitions between tags, learnt by counting, and Viterbi's algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from gensim_mtner._chain import best_paths
from gensim_mtner.labels.schemes import OUTSIDE, parts

FORBIDDEN = -1e9


def transitions(tags: Sequence[Sequence[str]], names: Sequence[str], *, smoothing: float = 0.1) -> np.ndarray:
    """How much more likely a tag is after another than by itself: logarithms of ratios.

    Added to scores that already know how frequent each tag is, as those of a classifier of single tokens do.

    Parameters
    ----------
    tags : sequence of sequence of str
        Tags of sentences, in IOB2.
    names : sequence of str
        The tags, in the order of the result.
    smoothing : float
        Added to all counts.

    Returns
    -------
    ndarray, shape (n_tags + 1, n_tags)
        Row i: after tag i; the last row: at the start of a sentence. What IOB2 does not allow is `FORBIDDEN`.
    """
    index = {name: number for number, name in enumerate(names)}
    starts = np.cumsum([0, *map(len, tags)], dtype=np.int64)
    after = np.fromiter(map(index.__getitem__, chain.from_iterable(tags)), np.int64, int(starts[-1]))
    before = np.concatenate([[len(names)], after])[: len(after)]
    before[starts[:-1][np.diff(starts) > 0]] = len(names)
    counts = np.full((len(names) + 1, len(names)), smoothing)
    np.add.at(counts, (before, after), 1)
    result = np.log(counts / counts.sum(axis=1, keepdims=True)) - np.log(counts.sum(axis=0) / counts.sum())
    return np.where(allowed(names), result, FORBIDDEN)


def allowed(names: Sequence[str]) -> np.ndarray:
    """Which tag may follow which in IOB2, as an array of bool, shape (n_tags + 1, n_tags); rows as in `transitions`."""
    kinds = [parts(name)[1] for name in [*names, OUTSIDE]]
    return np.array([[parts(name)[0] != "I" or kind == parts(name)[1] for name in names] for kind in kinds])


def viterbi(scores: np.ndarray, bounds: np.ndarray, between: np.ndarray, weight: float = 1.0) -> np.ndarray:
    """The tags of each sentence whose scores and transitions have the highest sum.

    Parameters
    ----------
    scores : ndarray, shape (n_tokens, n_tags)
        Finite scores, all sentences one after the other.
    bounds : ndarray of int64, shape (n_sentences + 1,)
        Which tokens are of which sentence.
    between : ndarray, shape (n_tags + 1, n_tags)
        From `transitions`.
    weight : float
        Of the transitions; what is forbidden stays so.

    Returns
    -------
    ndarray of int, shape (n_tokens,)
    """
    between = np.where(between > FORBIDDEN / 2, weight * between, FORBIDDEN).astype(np.float32)
    n_tags, longest = between.shape[1], int(np.diff(bounds).max(initial=0))
    path = np.empty(len(scores), dtype=np.int32)
    scores = np.ascontiguousarray(scores, dtype=np.float32)
    best_paths(scores, bounds, between, np.empty(2 * n_tags), np.empty((longest, n_tags), np.int32), path)
    return path
