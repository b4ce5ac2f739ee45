"""The best sequence of tags: transitions between tags, learnt by counting, and Viterbi's algorithm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    for column, name in enumerate(names):
        prefix, kind = parts(name)
        if prefix == "I":
            for line, previous in enumerate([*names, OUTSIDE]):
                if parts(previous)[1] != kind:
                    result[line, column] = FORBIDDEN
    return result


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
    between = np.where(between > FORBIDDEN / 2, weight * between, FORBIDDEN)
    result: list[np.ndarray] = [np.empty(0, dtype=np.int64)] * len(scores)
    order = sorted((i for i in range(len(scores)) if len(scores[i])), key=lambda i: len(scores[i]))
    for start in range(0, len(order), 512):  # sentences of about one length at a time
        batch = order[start : start + 512]
        lengths = np.array([len(scores[i]) for i in batch])
        padded = np.zeros((len(batch), lengths[-1], between.shape[1]))
        for row, i in enumerate(batch):
            padded[row, : lengths[row]] = scores[i]
        for i, path, length in zip(batch, _best_paths(padded, lengths, between), lengths, strict=True):
            result[i] = path[:length]
    return result


def _best_paths(scores: np.ndarray, lengths: np.ndarray, between: np.ndarray) -> np.ndarray:
    n, longest, n_tags = scores.shape
    best = scores[:, 0] + between[-1]
    came_from = np.empty((longest, n, n_tags), dtype=np.int64)
    for place in range(1, longest):
        sums = best[:, :, None] + between[None, :-1]
        came_from[place] = sums.argmax(axis=1)
        going_on = (place < lengths)[:, None]
        step = np.take_along_axis(sums, came_from[place][:, None], axis=1)[:, 0] + scores[:, place]
        best = np.where(going_on, step, best)
        came_from[place] = np.where(going_on, came_from[place], np.arange(n_tags))  # a sentence that has ended stays
    paths = np.empty((n, longest), dtype=np.int64)
    paths[:, -1] = best.argmax(axis=1)
    for place in range(longest - 1, 0, -1):
        paths[:, place - 1] = came_from[place][np.arange(n), paths[:, place]]
    return paths
