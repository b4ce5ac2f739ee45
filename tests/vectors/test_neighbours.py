"""Neighbours and the dictionary that they make, against plain numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gensim_mtner.vectors.neighbours import (
    CHUNK,
    METRICS,
    highest,
    mutual_neighbours,
    nearest,
    neighbours_of_rows,
    translations,
)


def plain_csls(left, right, k):
    """2 cos(x, y) - r(x) - r(y), word for word."""
    left, right = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (left, right))
    cosines = left @ right.T
    k_left, k_right = min(k, len(right)), min(k, len(left))
    r_left = np.sort(cosines, axis=1)[:, -k_left:].mean(axis=1)
    r_right = np.sort(cosines, axis=0)[-k_right:].mean(axis=0)
    return 2 * cosines - r_left[:, None] - r_right


vectors_of = st.integers(2, 25).flatmap(
    lambda n: arrays(np.float32, (2 * n, 5), elements=st.floats(-1, 1, width=32), unique=True)
)


@given(vectors_of, st.integers(1, 4))
def test_mutual_neighbours_are_those_of_the_definition(vectors, k):
    vectors = vectors + 0.01  # no row of zeros
    n = len(vectors) // 2
    source, target = np.arange(n), np.arange(n, 2 * n)
    left, right = mutual_neighbours(vectors, source, target, k=k)
    scores = plain_csls(vectors[:n].astype(np.float64), vectors[n:].astype(np.float64), k)
    for row, other in zip(left, right, strict=True):
        # up to rounding, where two are as near
        assert scores[row, other - n] >= scores[row].max() - 1e-4
        assert scores[row, other - n] >= scores[:, other - n].max() - 1e-4
    assert len(set(left.tolist())) == len(left) and len(set(right.tolist())) == len(right)


def test_translations_find_a_rotated_vocabulary_and_leave_out_what_they_should():
    random = np.random.default_rng(0)
    n = 300
    words = random.normal(size=(n, 16)).astype(np.float32)
    vectors = np.concatenate([words, words[::-1] * 3 + random.normal(size=(n, 16)) * 0.1, np.zeros((1, 16))])
    counts = np.full(2 * n + 1, 5)
    counts[7] = counts[n + 11] = 0
    found = translations(vectors.astype(np.float32), counts, slice(0, n), slice(n, 2 * n), min_count=1)
    expected = np.arange(2 * n - 1, n - 1, -1)
    expected[[7, n - 1 - 11]] = -1
    assert (found[:n] == expected).mean() > 0.98
    assert found[7] == found[n - 1 - 11] == -1
    assert (found[n:] == -1).all()
    few = translations(vectors.astype(np.float32), counts, slice(0, n), slice(n, 2 * n), limit=50)
    assert (few[50:] == -1).all() and few.max() < n + 50


def test_threads_change_no_bit():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(3 * CHUNK + 5, 8)).astype(np.float32)
    sides = slice(0, 2 * CHUNK), slice(2 * CHUNK, len(vectors))
    counts = np.ones(len(vectors), dtype=int)
    alone, together = (translations(vectors, counts, *sides, workers=n) for n in (1, 3))
    assert (alone >= 0).sum() > 10 and np.array_equal(alone, together)


tables = st.tuples(st.integers(1, 4), st.integers(1, 70)).flatmap(
    lambda shape: st.tuples(
        # few different numbers, so that many are equal; no number where a row is not its own neighbour
        arrays(np.float32, shape, elements=st.sampled_from([-np.inf, -2, -0.5, 0, 0.5, 1])),
        st.integers(1, shape[1]),
    )
)


@given(tables)
def test_the_highest_are_those_of_a_stable_sort(drawn):
    scores, n = drawn
    assert highest(scores, n).tolist() == np.argsort(-scores, axis=1, kind="stable")[:, :n].tolist()


def test_an_empty_side_has_no_translation():
    vectors = np.ones((3, 2), np.float32)
    assert (translations(vectors, np.array([1, 0, 0]), slice(0, 1), slice(1, 2)) == -1).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("into", [slice(25, 60), slice(0, 25)], ids=["other", "own"])
@pytest.mark.parametrize("topn", [5, 99])
def test_nearest_rows_are_those_of_the_definition(metric, into, topn):
    vectors = np.random.default_rng(1).normal(size=(60, 7)).astype(np.float32)
    own = slice(0, 25)
    if metric == "euclidean":
        scores = -np.linalg.norm(vectors[own][:, None].astype(np.float64) - vectors[into], axis=2)
    else:
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        scores = units[own] @ units[into].T
    others = np.ones_like(scores, dtype=bool)
    if into == own:
        np.fill_diagonal(others, False)
    if metric == "csls":
        r_own = np.array([np.sort(line[keep])[-10:].mean() for line, keep in zip(scores, others, strict=True)])
        r_into = np.array([np.sort(line[keep])[-10:].mean() for line, keep in zip(scores.T, others.T, strict=True)])
        scores = 2 * scores - r_into - r_own[:, None]
    for row, found in enumerate(neighbours_of_rows(vectors, range(25), own, into, metric, topn)):
        order = [place for place in np.argsort(-scores[row], kind="stable") if others[row, place]][:topn]
        assert [place for place, _ in found] == [place + into.start for place in order]
        sign = -1 if metric == "euclidean" else 1
        np.testing.assert_allclose([score for _, score in found], sign * scores[row, order], rtol=1e-4, atol=1e-5)
    places, _ = nearest(vectors, np.arange(25), own, into, metric, 5)
    alone = [[place for place, _ in neighbours_of_rows(vectors, [row], own, into, metric, 5)[0]] for row in range(25)]
    assert places.tolist() == alone


@pytest.mark.parametrize("metric", METRICS)
def test_a_word_that_is_alone_in_its_language_has_no_neighbour_there(metric):
    vectors = np.eye(3, 4, dtype=np.float32)
    assert neighbours_of_rows(vectors, [0], slice(0, 1), slice(0, 1), metric) == [[]]
    assert [row for row, _ in neighbours_of_rows(vectors, [0], slice(0, 1), slice(1, 3), metric)[0]] == [1, 2]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "csls"])
def test_a_language_without_words_has_no_neighbours(metric):
    found, scores = nearest(np.ones((3, 2), np.float32), np.array([0, 1]), slice(0, 3), slice(3, 3), metric)
    assert found.shape == scores.shape == (2, 0)
