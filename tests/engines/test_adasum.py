"""Updates of several workers made one: the kernel against a plain reference, and what must hold of any updates."""

import numpy as np
import pytest
from gensim_mtner._adasum import combine_rows
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gensim_mtner.engines.adasum import adasum, default_syncs
from gensim_mtner.text.shards import shard_of

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 9))
NUMBERS = st.floats(-100, 100, width=32)


def reference(deltas):
    """The formula, in double precision, row by row, in a tree in the order of the ranks."""
    level = [np.asarray(delta, np.float64) for delta in deltas]
    while len(level) > 1:
        made = []
        for a, b in zip(level[::2], level[1::2], strict=False):
            rows = []
            for one, other in zip(a, b, strict=True):
                dot, left, right = one @ other, one @ one, other @ other
                rows.append(
                    (1 - dot / (2 * left) if left else 1) * one + (1 - dot / (2 * right) if right else 1) * other
                )
            made.append(np.array(rows).reshape(a.shape))
        level = made + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def updates(least=1, most=7):
    return st.tuples(st.integers(least, most), SHAPES).flatmap(
        lambda sizes: st.lists(arrays(np.float32, sizes[1], elements=NUMBERS), min_size=sizes[0], max_size=sizes[0])
    )


@given(updates())
def test_it_is_the_formula_in_a_tree(deltas):
    before = [delta.copy() for delta in deltas]
    scale = max(1, max(float(np.abs(delta).max()) for delta in deltas))
    np.testing.assert_allclose(adasum(deltas), reference(deltas), atol=1e-4 * scale * len(deltas), rtol=1e-4)
    for delta, was in zip(deltas, before, strict=True):
        np.testing.assert_array_equal(delta, was)


@given(updates(2, 2))
def test_order_does_not_matter_to_two(deltas):
    np.testing.assert_array_equal(adasum(deltas), adasum(deltas[::-1]))


@given(updates(), st.integers(0, 9))
def test_a_row_has_the_same_bits_in_any_slice(deltas, cut):
    whole = adasum(deltas)
    parts = [adasum([delta[rows] for delta in deltas]) for rows in (slice(0, cut), slice(cut, None))]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@given(arrays(np.float32, SHAPES, elements=NUMBERS), st.integers(1, 8))
def test_what_all_agree_on_is_averaged(delta, shards):
    np.testing.assert_allclose(adasum([delta] * shards), delta, rtol=1e-5, atol=1e-30)


@given(updates(2, 6))
def test_what_one_alone_has_moved_is_taken_as_it_is(deltas):
    for number in range(len(deltas)):
        alone = [delta if rank == number else np.zeros_like(delta) for rank, delta in enumerate(deltas)]
        np.testing.assert_array_equal(adasum(alone), deltas[number])


def test_what_is_new_is_added():
    rows = np.diag(np.arange(1, 9, dtype=np.float32))  # each worker moves the one row into a direction of its own
    np.testing.assert_array_equal(adasum([row[None] for row in rows])[0], np.arange(1, 9))


@given(updates(2, 5), st.sampled_from([0.25, 2.0, 64.0]))
def test_units_do_not_matter(deltas, factor):
    others = [np.float32(factor) * delta for delta in deltas]
    # a number that becomes zero by it is another update: of one that has not moved nothing is taken
    assume(all(np.array_equal(delta != 0, other != 0) for delta, other in zip(deltas, others, strict=True)))
    scaled = adasum(others)
    np.testing.assert_allclose(scaled, factor * adasum(deltas), rtol=1e-4, atol=1e-3)


def test_numbers_as_small_or_large_as_they_get():
    for size in (1e-45, 1e-38, 3e38):
        row = np.full((1, 4), size, np.float32)
        np.testing.assert_allclose(adasum([row, row]), row, rtol=1e-6)
        np.testing.assert_array_equal(adasum([row, np.zeros_like(row)]), row)


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"2 of 3 numbers, and 2 of 4"):
        combine_rows(np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32))


def test_halves_travel_as_halves():
    random = np.random.default_rng(1)
    deltas = [random.normal(size=(50, 8)).astype(np.float16) for _ in range(4)]
    found = adasum(deltas)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, adasum([delta.astype(np.float32) for delta in deltas]))


@pytest.mark.parametrize(("shards", "passes", "expected"), [
    (1, 12, 1), (2, 12, 1), (4, 12, 2), (8, 12, 4), (16, 12, 8), (3, 1, 18), (2, 0, 12),
])  # fmt: skip
def test_about_six_combinations_a_shard(shards, passes, expected):
    assert default_syncs(shards, passes) == expected


@given(st.integers(1, 500), st.integers(1, 20))
def test_shards_are_as_large_as_each_other(documents, shards):
    homes = shard_of(np.arange(documents), shards)
    sizes = np.bincount(homes, minlength=shards)
    assert len(sizes) == shards and sizes.max() - sizes.min() <= 1
    np.testing.assert_array_equal(homes[::7], shard_of(np.arange(documents)[::7], shards))


@pytest.mark.parametrize("shards", [2, 3, 4, 8])
def test_kinds_of_text_that_take_turns_are_in_all_shards(shards):
    numbers = np.arange(1200 * shards)
    for kinds in (2, shards, 2 * shards):
        seen = np.zeros((kinds, shards))
        np.add.at(seen, (numbers % kinds, shard_of(numbers, shards)), 1)
        expected = len(numbers) / kinds / shards
        assert np.abs(seen - expected).max() < 5 * expected**0.5
