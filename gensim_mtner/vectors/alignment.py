"""Vectors of two languages that were trained apart, mapped into one space: where a model may start from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from scipy.linalg import eigh, svd

from gensim_mtner.text.languages import check_languages, key
from gensim_mtner.vectors.centred import CHUNK, Centred
from gensim_mtner.vectors.neighbours import mutual_neighbours, unit_rows
from gensim_mtner.vectors.rows import check_whole, is_truth
from gensim_mtner.vectors.seeds import FEWEST, Pairs, found_pairs, same_words

logger = logging.getLogger(__name__)

ENOUGH = 20  # pairs for each component, for whitening to help
EARLY = 4_000  # words that take part in the early rounds
ROUNDS = 16  # early ones
KEPT = 0.3  # of the words, in the first round
LEAST = 1e-6  # of the largest variance: a smaller one is not divided by


def align(
    source_vectors: KeyedVectors,
    target_vectors: KeyedVectors,
    dictionary: Mapping[str, Any] | Iterable[tuple] | None = None,
    *,
    source: str,
    target: str,
    vector_size: int | None = None,
    refine: bool = True,
    whiten: bool = True,
    limit: int = 10_000,
    random_state: int = 1,
) -> KeyedVectors:
    """Map vectors of two languages into one space, to start training from: ``init_vectors=align(...)``.

    Vectors are brought to unit length, centred, and brought to unit length again (Artetxe et al. 2016). The map is
    orthogonal (Procrustes), from a dictionary or from words that both languages spell alike. It is refined by
    dictionaries that it makes itself: mutual nearest words by CSLS (Conneau et al. 2018), first of the most frequent
    words, of which a random share is left out that falls to nothing (stochastic dictionary induction, Artetxe et al.
    2018b), so that a bad start is left behind. The last map whitens, and weighs components by how much they agree
    (Artetxe et al. 2018a).

    Parameters
    ----------
    source_vectors, target_vectors : KeyedVectors
        Frequent words first, as such files have them. Keys are words, or all carry their language already.
    dictionary : mapping or iterable of tuple, optional
        Source words and their translations: ``{"dog": "狗"}``, ``{"dog": ["狗", "犬"]}``, or pairs, with a weight
        as a third item if wished. Pairs that the vectors lack are passed over; a word may have several. By default the
        words with a letter or digit that both languages have, numbers and names among them.
    source, target : str
        Language codes.
    vector_size : int, optional
        How many components the result has: at most as many as the smaller vectors have, which is the default. Those
        stay that agree most.
    refine : bool
        Whether the map is refined; otherwise the pairs alone decide.
    whiten : bool
        Whether the last map whitens and weighs; only where there are twenty pairs for each component.
    limit : int
        Only so many of the most frequent words of each language take part in the refinement: time grows with the
        square.
    random_state : int
        Decides which words are left out.

    Returns
    -------
    KeyedVectors
        float32 rows of unit length under ``en:word`` and ``zh:word``, source words first. Words whose vector is zero
        are left out.

    Raises
    ------
    ValueError
        If vectors are empty, of other numbers than real and finite ones, or smaller than `vector_size`; if fewer than
        ten pairs are found, with how many, and what to do.
    TypeError
        If something is no KeyedVectors, or a pair is none.

    Examples
    --------
    >>> import numpy as np
    >>> english, german = KeyedVectors(4), KeyedVectors(4)
    >>> rows = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    >>> english.add_vectors([f"word{i}" for i in range(50)], rows)
    >>> german.add_vectors([f"Wort{i}" for i in range(50)], rows[:, ::-1])  # the same, turned
    >>> pairs = [(f"word{i}", f"Wort{i}") for i in range(20)]
    >>> both = align(english, german, pairs, source="en", target="de", refine=False)
    >>> both.most_similar("en:word40", topn=1)[0][0]
    'de:Wort40'
    """
    check_languages(source, target)
    check_whole("limit", limit, FEWEST)
    check_whole("random_state", random_state, 0)
    for name, value in (("refine", refine), ("whiten", whiten)):
        if not is_truth(value):
            raise ValueError(f"{name}={value!r}: expected True or False")
    sides = Centred("source_vectors", source_vectors, source), Centred("target_vectors", target_vectors, target)
    sizes = [side.vectors.shape[1] for side in sides]
    if vector_size is not None:
        check_whole("vector_size", vector_size, 1, min(sizes))
    seeds = same_words(*sides) if dictionary is None else found_pairs(dictionary, *sides)
    pairs = _refined(sides, seeds, limit, random_state) if refine else seeds
    left, right = sides[0].rows(pairs.source), sides[1].rows(pairs.target)
    if whiten and len(pairs.source) >= ENOUGH * max(sizes):
        maps = whitened(left, right, pairs.weights)
    else:
        maps = orthogonal(left, right, pairs.weights)
    logger.info("aligned %i and %i words by %i pairs, %i of them given or spelt alike",
                len(sides[0].words), len(sides[1].words), len(pairs.source), len(seeds.source))  # fmt: skip
    return _mapped(sides, [matrix[:, :vector_size].astype(np.float32) for matrix in maps])


# -- maps


def orthogonal(left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """Matrices with orthonormal columns after which pairs of rows are nearest (Schönemann 1966).

    As `scipy.linalg.orthogonal_procrustes`, but both sides are mapped, so that sizes may differ and the first columns
    are those that agree most.

    Parameters
    ----------
    left, right : ndarray, shape (n_pairs, size)
        Rows of pairs; sizes may differ.
    weights : ndarray, shape (n_pairs,)
        Of pairs.

    Returns
    -------
    list of two ndarrays, shape (size, smaller size)
    """
    one, _, other = _agreement(left.astype(np.float64), right.astype(np.float64), weights)
    return [one, other]


def whitened(left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """As `orthogonal`, between whitened vectors, whose components are weighed by the root of how much they agree.

    Whitening is undone afterwards (Artetxe et al. 2018a, with the settings of VecMap's supervised procedure).
    """
    left, right = left.astype(np.float64), right.astype(np.float64)
    whitening = [_power(rows, weights) for rows in (left, right)]
    one, agreement, other = _agreement(left @ whitening[0], right @ whitening[1], weights / weights.sum())
    return [
        white @ (columns * np.sqrt(agreement)) @ (columns.T @ np.linalg.inv(white) @ columns)
        for white, columns in zip(whitening, (one, other), strict=True)
    ]


def _agreement(left: np.ndarray, right: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    one, values, other = svd((left * weights[:, None]).T @ right, full_matrices=False)
    return one, values, other.T


def _power(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The inverse square root of the covariance."""
    values, vectors = eigh((rows * weights[:, None]).T @ rows / weights.sum())
    return (vectors / np.sqrt(np.maximum(values, LEAST * values[-1]))) @ vectors.T


def _refined(sides: tuple[Centred, Centred], seeds: Pairs, limit: int, random_state: int) -> Pairs:
    """The seeds, and the mutual neighbours after rounds of mapping and looking."""
    frequent = [side.rows(np.arange(min(limit, len(side.words)))) for side in sides]
    start = sides[0].rows(seeds.source), sides[1].rows(seeds.target)
    generator = np.random.default_rng(random_state)
    pairs = seeds
    for number in range(ROUNDS + 2):
        early = number < ROUNDS
        rows = [np.concatenate([first, part[more]]) for first, part, more in
                zip(start, frequent, (pairs.source[len(seeds.source) :], pairs.target[len(seeds.source) :]),
                    strict=True)]  # fmt: skip
        maps = orthogonal(rows[0], rows[1], pairs.weights)
        mapped = [part[: EARLY if early else limit] @ matrix.astype(np.float32)
                  for part, matrix in zip(frequent, maps, strict=True)]  # fmt: skip
        numbers = [np.arange(len(part)) for part in mapped]
        share = min(1.0, KEPT + (1 - KEPT) * number / (0.7 * ROUNDS))
        numbers = [part[generator.random(len(part)) < share] for part in numbers]
        left, right = mutual_neighbours(np.concatenate(mapped), numbers[0], len(mapped[0]) + numbers[1])
        right = right - len(mapped[0])
        pairs = Pairs(np.concatenate([seeds.source, left]), np.concatenate([seeds.target, right]),
                      np.concatenate([seeds.weights, np.full(len(left), seeds.weights.mean())]))  # fmt: skip
        logger.debug("round %i: %i mutual neighbours", number + 1, len(left))
    return pairs


def _mapped(sides: tuple[Centred, Centred], maps: list[np.ndarray]) -> KeyedVectors:
    """All words, mapped."""
    result = KeyedVectors(maps[0].shape[1])
    vectors = np.empty((sum(len(side.words) for side in sides), result.vector_size), dtype=np.float32)
    at = 0
    for side, matrix in zip(sides, maps, strict=True):
        for start in range(0, len(side.words), CHUNK):
            part = np.arange(start, min(start + CHUNK, len(side.words)))
            vectors[at : at + len(part)] = unit_rows(side.rows(part) @ matrix)
            at += len(part)
    result.vectors = vectors
    result.index_to_key = [key(word, side.language) for side in sides for word in side.words]
    result.key_to_index = {word: row for row, word in enumerate(result.index_to_key)}
    return result
