"""Neighbours across languages, the dictionary that they make, and how good it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from gensim_mtner.text.languages import composed
from gensim_mtner.vectors.rows import check_whole
from gensim_mtner.vectors.spelling import rows_of

MOST_WORKERS = 4  # each holds the similarities of a chunk: 40 MB for 20,000 rows
BLOCKS = 16  # of columns; see `highest`
CHUNK = 512  # queries at a time, so that their similarities to all rows of a language fit in memory
SOME = 1000  # rows that say where the middle is
LARGEST = 1e18  # component; the square of a larger one overflows
METRICS = ("cosine", "euclidean", "csls")


def neighbours_of_rows(
    vectors: np.ndarray, rows: Sequence[int], own: slice, into: slice, metric: str = "cosine", topn: int = 10,
    k: int = 10, workers: int = 1,
) -> list[list[tuple[int, float]]]:  # fmt: skip
    """The nearest rows to each of some rows, as (row, score), the nearest first; arguments as in `nearest`."""
    places, scores = nearest(vectors, np.asarray(rows, dtype=np.int64), own, into, metric, topn, k, workers)
    return [
        [(int(place), float(score)) for place, score in zip(*line, strict=True) if np.isfinite(score)]
        for line in zip(places, scores, strict=True)
    ]


def nearest(
    vectors: np.ndarray, rows: np.ndarray, own: slice, into: slice, metric: str = "cosine", topn: int = 10, k: int = 10,
    workers: int = 1,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The nearest rows of a slice to each of many rows.

    Parameters
    ----------
    vectors : ndarray, shape (n_keys, vector_size)
        All rows.
    rows : ndarray of int
        The queries, all of one language; none is its own neighbour.
    own, into : slice
        The rows of the queries' language, and those to search.
    metric : {"cosine", "euclidean", "csls"}
        As in `gensim_mtner.MTWord2Vec.neighbours`.
    topn : int
        How many.
    k : int
        CSLS: how many neighbours tell how crowded a place is.
    workers : int
        Threads; CSLS has work for them.

    Returns
    -------
    (ndarray of int, ndarray of float), each of shape (n_queries, topn)
        Rows and scores, the nearest first. A score that is not finite stands where there is no further row.
    """
    if metric not in METRICS:
        raise ValueError(f"metric={metric!r}: expected one of {', '.join(map(repr, METRICS))}")
    topn, k = check_whole("topn", topn, 1), check_whole("k", k, 1)
    candidates = np.arange(len(vectors))[into]
    first, topn = into.indices(len(vectors))[0], min(topn, len(candidates))
    for part in (vectors[own], vectors[into], vectors[rows]):
        if part.dtype.kind not in "fiu" or not float(np.abs(part).max(initial=0)) < LARGEST:  # NaN is not below it
            raise ValueError(
                f"the vectors are {part.dtype} with components that are no numbers, infinite or beyond {LARGEST:.0e}: "
                "nothing is near them"
            )
    if not topn:
        return np.empty((len(rows), 0), np.int64), np.empty((len(rows), 0))
    euclidean = metric == "euclidean"
    # what all share would drown in single precision what they differ by; distances do not know of it
    some = vectors[into][:: max(len(candidates) // SOME, 1)]
    middle = np.median(some, axis=0).astype(np.float32) if euclidean and len(candidates) else 0.0
    theirs = vectors[into] - middle if euclidean else unit_rows(vectors[into])
    # by far the most of the work of CSLS, and the same for all queries
    crowded = None
    if metric == "csls" and len(rows):
        alone = int(own == into)  # within a language a row's nearest is itself, which does not count
        crowded = top_cosines(theirs, unit_rows(vectors[own]), k + alone, workers)[0][:, alone:]
        crowded = crowded.mean(axis=1) if crowded.size else np.zeros(len(theirs), np.float32)
    lengths = (theirs**2).sum(axis=1) / 2 if euclidean else 0.0  # y . x - |y|^2 / 2 falls as the distance grows
    found, scores = np.empty((len(rows), topn), np.int64), np.empty((len(rows), topn), np.float64)
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        queries = vectors[part] - middle if euclidean else unit_rows(vectors[part])
        near = queries @ theirs.T - lengths
        itself = np.flatnonzero((part >= first) & (part < first + len(candidates)))
        near[itself, part[itself] - first] = -np.inf
        if crowded is not None:
            others = max(len(candidates) - (len(itself) > 0), 1)
            own_best = np.take_along_axis(near, highest(near, min(k, others)), axis=1).mean(axis=1)
            near = csls(near, crowded, np.where(np.isfinite(own_best), own_best, 0))  # not so if it is there alone
        best = highest(near, topn)
        values = np.take_along_axis(near, best, axis=1)
        if euclidean:
            gone = ~np.isfinite(values)
            values = np.linalg.norm(theirs[best].astype(np.float64) - queries[:, None], axis=2)
            values[gone] = np.inf
            order = np.argsort(values, axis=1, kind="stable")
            best, values = (np.take_along_axis(array, order, axis=1) for array in (best, values))
        found[start : start + CHUNK], scores[start : start + CHUNK] = candidates[best], values
    return found, scores


def csls(cosines: np.ndarray, crowded: np.ndarray, own: np.ndarray | None = None) -> np.ndarray:
    """Cross-domain similarity local scaling, 2 cos(x, y) - r(y) - r(x) (Conneau et al. 2018).

    r is the mean cosine to the k nearest rows of the other side: it keeps hubs from being everyone's neighbour.

    Parameters
    ----------
    cosines : ndarray, shape (n_queries, n)
        cos(x, y).
    crowded : ndarray, shape (n,) or (n_queries, n)
        r(y).
    own : ndarray, shape (n_queries,), optional
        r(x); for one query it decides nothing about the order.
    """
    scaled = 2 * cosines - crowded
    return scaled if own is None else scaled - own[:, None]


def highest(scores: np.ndarray, n: int) -> np.ndarray:
    """The places of the `n` highest numbers of each line, the highest first; of equals the one that stands first.

    The n highest of a line are not below the n-th highest of the best of its blocks, and few others are: these few are
    sorted, not the line.
    """
    lines, width = scores.shape
    whole = width // BLOCKS * BLOCKS
    best = np.hstack([scores[:, :whole].reshape(lines, BLOCKS, -1).max(axis=1), scores[:, whole:]])
    least = np.partition(best, -n, axis=1)[:, -n] if n <= best.shape[1] else np.full(lines, -np.inf)
    line, place = np.divmod(np.flatnonzero(scores >= least[:, None]), width)  # much faster than two axes at once
    order = np.lexsort((-scores[line, place], line))
    return place[order][np.searchsorted(line, np.arange(lines))[:, None] + np.arange(n)]


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; rows of zeros stay."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def mutual_neighbours(
    vectors: np.ndarray, source: np.ndarray, target: np.ndarray, *, k: int = 10, workers: int = 1
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
    workers : int
        Threads.

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
    candidates = top_cosines(left, right, workers=workers), top_cosines(right, left, workers=workers)
    crowded = [cosines[:, :k].mean(axis=1) for cosines, _ in candidates]
    best = [
        np.take_along_axis(places, csls(cosines, other[places]).argmax(axis=1)[:, None], axis=1)[:, 0]
        for (cosines, places), other in zip(candidates, reversed(crowded), strict=True)
    ]
    mutual = best[1][best[0]] == np.arange(len(source))
    return source[mutual], target[best[0][mutual]]


def top_cosines(queries: np.ndarray, rows: np.ndarray, n: int = 50, workers: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The cosines and places of the n nearest rows of each query, the nearest first; all are of length 1.

    The result does not depend on how many threads are at work.
    """
    n = min(n, len(rows))
    cosines, places = np.empty((len(queries), n), np.float32), np.empty((len(queries), n), np.int64)

    def look_up(starts: Iterable[int]) -> None:
        room = np.empty((CHUNK, len(rows)), dtype=np.float32)
        for start in starts:
            batch = queries[start : start + CHUNK]
            part = np.matmul(batch, rows.T, out=room[: len(batch)])
            places[start : start + CHUNK] = best = highest(part, n)
            cosines[start : start + CHUNK] = np.take_along_axis(part, best, axis=1)

    starts, workers = range(0, len(queries), CHUNK), min(workers, MOST_WORKERS)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(look_up, (starts[first::workers] for first in range(workers))))
    return cosines, places


def translations(
    vectors: np.ndarray, counts: np.ndarray, source: slice, target: slice, *, limit: int = 20_000, min_count: int = 1,
    workers: int = 1,
) -> np.ndarray:  # fmt: skip
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
    workers : int
        Threads.
    """
    rows = [np.arange(part.start, min(part.stop, part.start + limit)) for part in (source, target)]
    rows = [part[counts[part] >= min_count] for part in rows]
    found = np.full(len(vectors), -1, dtype=np.int32)
    left, right = mutual_neighbours(vectors, *rows, workers=workers)
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
    topn = list(topn) if isinstance(topn, Iterable) else [topn]
    if not topn:
        raise ValueError("topn=[]: expected how many neighbours to look at, such as (1, 5)")
    topn = [check_whole("topn", n, 1) for n in topn]
    wanted: dict[str, set[int]] = {}
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not all(isinstance(word, str) for word in pair):
            raise TypeError(f"pairs has {pair!r}: expected a word and its translation")
        word, translation = pair
        wanted.setdefault(composed(word), set()).add(rows_of(model.wv, [translation], into)[0])
    known = zip(rows_of(model.wv, list(wanted), language), wanted.values(), strict=True)
    queries = [(row, rows - {-1}) for row, rows in known if row >= 0 and rows != {-1}]
    if not queries:
        raise ValueError(f"none of the {len(wanted)} words and translations is in the vocabulary")
    own, other = model.rows_of(language), model.rows_of(into)
    rows = np.array([row for row, _ in queries])
    found, _ = nearest(model.wv.vectors, rows, own, other, metric, max(topn), workers=model.workers)
    hits = np.array([[row in good for row in line] for line, (_, good) in zip(found, queries, strict=True)])
    return TranslationScores(
        precision={n: 100 * float(hits[:, :n].any(axis=1).mean()) for n in topn},
        n_queries=len(queries),
        coverage=100 * len(queries) / len(wanted),
    )
