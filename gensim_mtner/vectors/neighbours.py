"""Neighbours across languages, the dictionary that they make, and how good it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CHUNK = 512  # queries at a time, so that their similarities to all rows of a language fit in memory
METRICS = ("cosine", "euclidean", "csls")


def neighbours(
    vectors: np.ndarray, row: int, own: slice, into: slice, metric: str = "cosine", topn: int = 10, k: int = 10
) -> list[tuple[int, float]]:
    """The nearest rows to a row, within a slice; see `neighbours_of_rows`."""
    return neighbours_of_rows(vectors, [row], own, into, metric, topn, k)[0]


def neighbours_of_rows(
    vectors: np.ndarray, rows: Sequence[int], own: slice, into: slice, metric: str = "cosine", topn: int = 10,
    k: int = 10,
) -> list[list[tuple[int, float]]]:  # fmt: skip
    """The nearest rows to each of some rows, within a slice.

    Parameters
    ----------
    vectors : ndarray, shape (n_keys, vector_size)
        All rows.
    rows : sequence of int
        The queries, all of one language; none is its own neighbour.
    own, into : slice
        The rows of the queries' language, and those to search.
    metric : {"cosine", "euclidean", "csls"}
        As in `gensim_mtner.MTWord2Vec.neighbours`.
    topn : int
        How many.
    k : int
        CSLS: how many neighbours tell how crowded a place is.

    Returns
    -------
    list of list of (int, float)
        Rows and scores for each query, the nearest first.
    """
    if metric not in METRICS:
        raise ValueError(f"metric={metric!r}: expected one of {', '.join(map(repr, METRICS))}")
    if topn < 1:
        raise ValueError(f"topn={topn}: expected at least 1")
    candidates = np.arange(len(vectors))[into]
    theirs = vectors[into] if metric == "euclidean" else unit_rows(vectors[into])
    # for CSLS, by far the most of the work, and the same for all queries
    crowded = crowding(theirs, unit_rows(vectors[own]), k) if metric == "csls" and len(rows) else None
    found = []
    for row in rows:
        others = candidates != row
        if metric == "euclidean":
            scores = np.linalg.norm(theirs[others] - vectors[row], axis=1)
            best = np.argsort(scores, kind="stable")[:topn]
        else:
            scores = theirs[others] @ unit_rows(vectors[row : row + 1])[0]
            if crowded is not None:
                # 2 cos(x, y) - r(x) - r(y), r: the mean cosine to the k nearest rows of the other side
                scores = 2 * scores - np.sort(scores)[-k:].mean() - crowded[others]
            best = np.argsort(-scores, kind="stable")[:topn]
        places = candidates[others]
        found.append([(int(places[place]), float(scores[place])) for place in best])
    return found


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

    Notes
    -----
    The best by CSLS is looked for among the 50 nearest by cosine.
    """
    if not len(source) or not len(target):
        return source[:0], target[:0]
    left, right = unit_rows(vectors[source]), unit_rows(vectors[target])
    candidates = top_cosines(left, right), top_cosines(right, left)
    # 2 cos(x, y) - r(x) - r(y), r: the mean cosine to the k nearest of the other side; for a given x, r(x) decides
    # nothing
    crowded = [-np.partition(-cosines, k - 1, axis=1)[:, :k].mean(axis=1) if k < cosines.shape[1]
               else cosines.mean(axis=1) for cosines, _ in candidates]  # fmt: skip
    best = [
        np.take_along_axis(places, (2 * cosines - other[places]).argmax(axis=1)[:, None], axis=1)[:, 0]
        for (cosines, places), other in zip(candidates, reversed(crowded), strict=True)
    ]
    mutual = best[1][best[0]] == np.arange(len(source))
    return source[mutual], target[best[0][mutual]]


def top_cosines(queries: np.ndarray, rows: np.ndarray, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """The cosines and places of the n nearest rows of each query, in no order; all are of length 1."""
    n = min(n, len(rows))
    cosines, places = np.empty((len(queries), n), np.float32), np.empty((len(queries), n), np.int64)
    # the n nearest are in the n blocks of 16 whose best are nearest: few are left to be partitioned
    blocks = -(-len(rows) // 16)
    padded = np.full((CHUNK, 16 * blocks), -np.inf, dtype=np.float32)
    for start in range(0, len(queries), CHUNK):
        batch = queries[start : start + CHUNK]
        part = padded[: len(batch)]
        np.matmul(batch, rows.T, out=part[:, : len(rows)])
        best = part.reshape(len(batch), blocks, 16).max(axis=2)
        m = min(n, blocks)
        chosen = np.argpartition(best, -m, axis=1)[:, -m:]
        columns = (chosen[:, :, None] * 16 + np.arange(16)).reshape(len(batch), -1)
        values = np.take_along_axis(part, columns, axis=1)
        nearest = np.argpartition(values, -n, axis=1)[:, -n:]
        places[start : start + CHUNK] = np.take_along_axis(columns, nearest, axis=1)
        cosines[start : start + CHUNK] = np.take_along_axis(values, nearest, axis=1)
    return cosines, places


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


@dataclass(frozen=True)
class TranslationScores:
    """How often a translation is among the nearest words, in percent of the queries.

    Attributes
    ----------
    precision : dict of int to float
        By the number of neighbours looked at: P@1, P@5.
    n_queries : int
        Queries of which the word and a translation are in the vocabulary.
    coverage : float
        Their share of all queries, in percent.
    """

    precision: dict[int, float]
    n_queries: int
    coverage: float


def translation_accuracy(
    model: Any,
    pairs: Iterable[tuple[str, str]],
    *,
    language: str,
    into: str,
    metric: str = "csls",
    topn: Sequence[int] = (1, 5),
) -> TranslationScores:
    """Look words up in the other language by their vectors, and compare with a dictionary.

    Parameters
    ----------
    model : MTWord2Vec
        The vectors.
    pairs : iterable of (str, str)
        Words and translations; a word may have several.
    language, into : str
        Of the words and of the translations.
    metric : {"csls", "cosine", "euclidean"}
        As in `gensim_mtner.MTWord2Vec.neighbours`.
    topn : sequence of int
        How many neighbours are looked at.

    Raises
    ------
    ValueError
        If no pair is in the vocabulary.
    """
    if metric not in METRICS:
        raise ValueError(f"metric={metric!r}: expected one of {', '.join(map(repr, METRICS))}")
    index = model.wv.key_to_index
    wanted: dict[str, set[int]] = {}
    for word, translation in pairs:
        wanted.setdefault(word, set()).add(index.get(f"{into}:{translation}", -1))
    queries = [
        (index[f"{language}:{word}"], rows - {-1})
        for word, rows in wanted.items()
        if f"{language}:{word}" in index and rows != {-1}
    ]
    if not queries:
        raise ValueError(f"none of the {len(wanted)} words and translations is in the vocabulary")
    own, other = model.rows_of(language), model.rows_of(into)
    rows = np.array([row for row, _ in queries])
    found = nearest(model.wv.vectors, rows, own, other, metric, max(topn))
    hits = np.array([[row in good for row in line] for line, (_, good) in zip(found, queries, strict=True)])
    return TranslationScores(
        precision={n: 100 * float(hits[:, :n].any(axis=1).mean()) for n in topn},
        n_queries=len(queries),
        coverage=100 * len(queries) / len(wanted),
    )
