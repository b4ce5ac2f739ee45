"""Neighbours across languages, and the dictionary that they make."""

from __future__ import annotations

from typing import Any

import numpy as np

CHUNK = 512  # queries at a time, so that their similarities to all rows of a language fit in memory
METRICS = ("cosine", "euclidean", "csls")


def neighbours(
    vectors: np.ndarray, row: int, own: slice, into: slice, metric: str = "cosine", topn: int = 10, k: int = 10
) -> list[tuple[int, float]]:
    """The nearest rows to a row, within a slice.

    Parameters
    ----------
    vectors : ndarray, shape (n_keys, vector_size)
        All rows.
    row : int
        The query; it is not its own neighbour.
    own, into : slice
        The rows of the query's language, and those to search.
    metric : {"cosine", "euclidean", "csls"}
        As in :meth:`gensim_mtner.MTWord2Vec.neighbours`.
    topn : int
        How many.
    k : int
        CSLS: how many neighbours tell how crowded a place is.

    Returns
    -------
    list of (int, float)
        Rows and scores, the nearest first.
    """
    if metric not in METRICS:
        raise ValueError(f"metric={metric!r}: expected one of {', '.join(map(repr, METRICS))}")
    if topn < 1:
        raise ValueError(f"topn={topn}: expected at least 1")
    candidates = np.arange(len(vectors))[into]
    candidates = candidates[candidates != row]
    if metric == "euclidean":
        scores = np.linalg.norm(vectors[candidates] - vectors[row], axis=1)
        best = np.argsort(scores, kind="stable")[:topn]
    else:
        query = unit_rows(vectors[row : row + 1])[0]
        scores = unit_rows(vectors[candidates]) @ query
        if metric == "csls":
            # 2 cos(x, y) - r(x) - r(y), r: the mean cosine to the k nearest rows of the other side
            scores = 2 * scores - np.sort(scores)[-k:].mean()
            scores = scores - crowding(unit_rows(vectors[candidates]), unit_rows(vectors[own]), k)
        best = np.argsort(-scores, kind="stable")[:topn]
    return [(int(candidates[place]), float(scores[place])) for place in best]


def nearest(vectors: np.ndarray, rows: np.ndarray, own: slice, into: slice, metric: str, topn: int) -> np.ndarray:
    """The nearest rows of a slice to each of many rows of another slice, shape (n, topn), the nearest first."""
    candidates = np.arange(len(vectors))[into]
    topn = min(topn, len(candidates))
    theirs = vectors[into] if metric == "euclidean" else unit_rows(vectors[into])
    shift: Any = 0.0
    if metric == "euclidean":
        shift = (theirs**2).sum(axis=1) / 2
    elif metric == "csls":
        shift = crowding(theirs, unit_rows(vectors[own]), 10) / 2
    found = np.empty((len(rows), topn), dtype=np.int64)
    for start in range(0, len(rows), CHUNK):
        queries = vectors[rows[start : start + CHUNK]]
        scores = (queries if metric == "euclidean" else unit_rows(queries)) @ theirs.T - shift
        places = np.argsort(-scores, axis=1, kind="stable")[:, :topn]
        found[start : start + CHUNK] = candidates[places]
    return found


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; rows of zeros stay."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def crowding(queries: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    """The mean cosine of each query to its `k` nearest rows; both of length 1."""
    k = min(k, len(rows))
    means = [
        np.partition(queries[start : start + CHUNK] @ rows.T, -k, axis=1)[:, -k:].mean(axis=1)
        for start in range(0, len(queries), CHUNK)
    ]
    return np.concatenate(means)


def mutual_neighbours(
    vectors: np.ndarray, source: np.ndarray, target: np.ndarray, *, k: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows that are each other's nearest by CSLS (Conneau et al. 2018).

    Parameters
    ----------
    vectors : ndarray, shape (n_keys, vector_size)
        All rows.
    source, target : ndarray of int
        The rows of each language that may take part.
    k : int
        How many neighbours tell how crowded a place is.

    Returns
    -------
    (ndarray, ndarray)
        Source rows, and the target row of each.
    """
    if not len(source) or not len(target):
        return source[:0], target[:0]
    left, right = unit_rows(vectors[source]), unit_rows(vectors[target])
    # 2 cos(x, y) - r(x) - r(y), r: the mean cosine to the k nearest of the other side
    left_crowding, right_crowding = crowding(left, right, k), crowding(right, left, k)
    best = _best(left, right, right_crowding)
    mutual = _best(right, left, left_crowding)[best] == np.arange(len(source))
    return source[mutual], target[best[mutual]]


def _best(queries: np.ndarray, rows: np.ndarray, crowding: np.ndarray) -> np.ndarray:
    """The place of the nearest row by CSLS for each query, whose own crowding decides nothing."""
    best = [
        (2 * (queries[start : start + CHUNK] @ rows.T) - crowding).argmax(axis=1)
        for start in range(0, len(queries), CHUNK)
    ]
    return np.concatenate(best)


def translations(
    vectors: np.ndarray, counts: np.ndarray, source: slice, target: slice, *, limit: int = 20_000, min_count: int = 1
) -> np.ndarray:
    """For each row of the source its translation's row, or -1, as the tagger's kernel takes them.

    Parameters
    ----------
    vectors : ndarray, shape (n_keys, vector_size)
        All rows, each language by descending frequency.
    counts : ndarray, shape (n_keys,)
        How often each word occurs in the corpus; words that do not have no vector worth the name.
    source, target : slice
        The rows of each language.
    limit : int
        Only so many of the most frequent words of each language take part: rare words have noisy vectors, and time
        grows with the square.
    min_count : int
        Rarer words do not take part either.
    """
    rows = [np.arange(part.start, min(part.stop, part.start + limit)) for part in (source, target)]
    rows = [part[counts[part] >= min_count] for part in rows]
    found = np.full(len(vectors), -1, dtype=np.int32)
    left, right = mutual_neighbours(vectors, *rows)
    found[left] = right
    return found
