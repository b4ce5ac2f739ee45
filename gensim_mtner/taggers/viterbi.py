"""The best sequence of tags: transitions between tags, learnt by counting, and Viterbi's algorithm."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

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
    counts = np.full((len(names) + 1, len(names)), smoothing)
    for sentence in tags:
        row = np.array([len(names), *(index[name] for name in sentence)])
        np.add.at(counts, (row[:-1], row[1:]), 1)
    after = counts / counts.sum(axis=1, keepdims=True)
    result = np.log(after) - np.log(counts.sum(axis=0) / counts.sum())
    return np.where(allowed(names), result, FORBIDDEN)


def allowed(names: Sequence[str]) -> np.ndarray:
    """Which tag may follow which in IOB2, as an array of bool, shape (n_tags + 1, n_tags); rows as in `transitions`."""
    kinds = [parts(name)[1] for name in [*names, OUTSIDE]]
    return np.array([[parts(name)[0] != "I" or kind == parts(name)[1] for name in names] for kind in kinds])


def viterbi(scores: Sequence[np.ndarray], between: np.ndarray, weight: float = 1.0) -> list[np.ndarray]:
    """The tags of each sentence whose scores and transitions have the highest sum.

    Parameters
    ----------
    scores : sequence of ndarray, shape (n_tokens, n_tags)
        Finite scores, a sentence each.
    between : ndarray, shape (n_tags + 1, n_tags)
        From `transitions`.
    weight : float
        Of the transitions; what is forbidden stays so.

    Returns
    -------
    list of ndarray of int, shape (n_tokens,)
    """
    between = np.where(between > FORBIDDEN / 2, weight * between, FORBIDDEN).astype(np.float32)
    n_tags, lengths = between.shape[1], [len(part) for part in scores]
    bounds = np.cumsum([0, *lengths])
    flat = np.concatenate([np.empty((0, n_tags)), *scores]).astype(np.float32)
    paths, longest = np.empty(len(flat), dtype=np.int32), max(lengths, default=0)
    best_paths(flat, bounds, between, np.empty(2 * n_tags, np.float32), np.empty((longest, n_tags), np.int32), paths)
    return [paths[start:stop] for start, stop in itertools.pairwise(bounds.tolist())]
