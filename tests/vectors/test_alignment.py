"""Vectors trained apart are mapped into one space."""

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from scipy.linalg import orthogonal_procrustes

from gensim_mtner import ComparableCorpus, MTWord2Vec, align
from gensim_mtner.vectors.alignment import orthogonal
from gensim_mtner.vectors.neighbours import unit_rows

BOTH = {"source": "en", "target": "de"}
N = 600


def keyed(words, rows):
    vectors = KeyedVectors(rows.shape[1])
    vectors.add_vectors(words, rows.astype(np.float32))
    return vectors


def world(size=8, other=8, noise=0.05, n=N):
    """Words of two languages, the second's vectors turned and with noise; some are spelt alike."""
    generator = np.random.default_rng(3)
    rows = generator.normal(size=(n, min(size, other))) + 0.5
    turns = [np.linalg.qr(generator.normal(size=(many, many)))[0][: rows.shape[1]] for many in (size, other)]
    left, right = (rows @ turn for turn in turns)
    right = right + noise * generator.normal(size=right.shape)
    words = [f"{i}" if i % 20 == 0 else f"w{i}" for i in range(n)]
    others = [f"{i}" if i % 20 == 0 else f"v{i}" for i in range(n)]
    return keyed(words, left), keyed(others, right)


def pairs(numbers):
    return [(f"{i}" if i % 20 == 0 else f"w{i}", f"{i}" if i % 20 == 0 else f"v{i}") for i in numbers]


def share_found(mapped, n=N):
    units = unit_rows(mapped.vectors)
    return float(((units[:n] @ units[n:].T).argmax(axis=1) == np.arange(n)).mean())


def test_a_turn_is_found_whatever_tells_of_it():
    left, right = world()
    for settings in ({}, {"refine": False}, {"refine": False, "whiten": False}):
        mapped = align(left, right, pairs(range(300)), **BOTH, **settings)
        assert share_found(mapped) > 0.9
    assert mapped.index_to_key[:2] == ["en:0", "en:w1"] and mapped.index_to_key[N] == "de:0"
    assert mapped.vectors.dtype == np.float32 and mapped["de:v1"] is not None
    np.testing.assert_allclose(np.linalg.norm(mapped.vectors, axis=1), 1, rtol=1e-5)
    assert share_found(align(left, right, **BOTH)) > 0.9, "by words that are spelt alike"


def test_refining_mends_a_bad_start():
    left, right = world(size=20, other=20, noise=0.2)
    few = [*pairs(range(1, 31)), *((f"w{i}", f"v{i + 1}") for i in range(100, 119) if i % 20 and (i + 1) % 20)]
    found = [share_found(align(left, right, few, **BOTH, refine=refine)) for refine in (False, True)]
    assert found[0] < 0.8 and found[1] > 0.95, found


def test_sizes_may_differ_and_be_chosen():
    left, right = world(size=12, other=8)
    mapped, small = (align(left, right, pairs(range(200)), **BOTH, refine=False, vector_size=n) for n in (None, 5))
    assert mapped.vector_size == 8 and share_found(mapped) > 0.9
    assert small.vector_size == 5 and share_found(small) > 0.5


def test_the_map_is_that_of_scipy():
    generator = np.random.default_rng(1)
    left, right = generator.normal(size=(2, 40, 6))
    weights = generator.uniform(0.5, 2, 40)
    one, other = orthogonal(left, right, weights)
    roots = np.sqrt(weights)[:, None]
    np.testing.assert_allclose(one @ other.T, orthogonal_procrustes(left * roots, right * roots)[0], atol=1e-10)


def test_a_seed_gives_the_same_bits_and_inputs_stay():
    left, right = world()
    before = left.vectors.copy(), right.vectors.copy()
    one, other = (align(left, right, pairs(range(50)), **BOTH, random_state=2) for _ in range(2))
    assert one.vectors.tobytes() == other.vectors.tobytes()
    np.testing.assert_array_equal(left.vectors, before[0])
    np.testing.assert_array_equal(right.vectors, before[1])


def test_forms_of_a_dictionary_are_equal_and_weights_count():
    left, right = world()
    given = pairs(range(50))
    expected = align(left, right, given, **BOTH, refine=False).vectors
    for same in (dict(given), {a: [b] for a, b in given}, [(*pair, 1) for pair in given], iter(given),
                 [*given, *given, ("absent", "v1")]):  # fmt: skip
        np.testing.assert_array_equal(align(left, right, same, **BOTH, refine=False).vectors, expected)
    wrong = [(f"w{i}", f"v{i + 1}", 1e-6) for i in range(101, 118)]
    settings = {"refine": False, "whiten": False}
    heavy = align(left, right, [*given, *((a, b, 1.0) for a, b, _ in wrong)], **BOTH, **settings).vectors
    light = align(left, right, [*given, *wrong], **BOTH, **settings).vectors
    plain = align(left, right, given, **BOTH, **settings).vectors
    grams = [rows[:50] @ rows[N : N + 50].T for rows in (plain, light, heavy)]
    assert np.abs(grams[1] - grams[0]).max() < 1e-3 < np.abs(grams[2] - grams[0]).max()


def test_keys_may_carry_the_language_and_words_without_a_vector_are_left_out():
    left, right = world()
    marked = keyed([f"en:{word}" for word in left.index_to_key], left.vectors)
    right.vectors[7] = 0
    mapped, same = (align(one, right, pairs(range(50)), **BOTH, refine=False) for one in (marked, left))
    assert mapped.index_to_key[1] == "en:w1" and "de:v7" not in mapped and len(mapped) == 2 * N - 1
    np.testing.assert_array_equal(mapped.vectors, same.vectors)


def test_a_model_starts_from_it():
    left, right = world(n=100)
    mapped = align(left, right, pairs(range(50)), **BOTH, refine=False)
    corpus = ComparableCorpus([(["w1", "w2", "new"], ["v1", "v2"])] * 3, **BOTH)
    model = MTWord2Vec(vector_size=8, min_count=1, source="en", target="de", progress=False)
    model.build_vocab(corpus, init_vectors=mapped)
    np.testing.assert_array_equal(model.wv["en:w1"], mapped["en:w1"])
    np.testing.assert_array_equal(model.wv["de:v2"], mapped["de:v2"])


GOOD = pairs(range(50))
WRONG = {
    "a list": (lambda left, right: ([1], right, GOOD), TypeError, "source_vectors is list: expected KeyedVectors"),
    "a model": (lambda left, right: (left, Word2Vec(vector_size=8), GOOD), TypeError, r"is Word2Vec.*pass its \.wv"),
    "nothing": (lambda left, right: (KeyedVectors(8), right, GOOD), ValueError, "source_vectors: 0 words"),
    "a string": (lambda left, right: (left, right, "w1 v1"), TypeError, "dictionary is str"),
    "a number": (lambda left, right: (left, right, 3), TypeError, "dictionary is int"),
    "no pair": (lambda left, right: (left, right, [*GOOD, ("w1",)]), TypeError, "pair 51 of the dictionary is"),
    "no words": (lambda left, right: (left, right, [("w1", 3)]), TypeError, "expected text for both words"),
    "a weight": (lambda left, right: (left, right, [("w1", "v1", 0)]), ValueError, "has the weight 0"),
    "few pairs": (lambda left, right: (left, right, [*GOOD[:9], ("Dog", "v9")]), ValueError,
                  r"10 pairs, 9 of them with vectors in both .* 'en' lacks 'Dog'\. Are they"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_named(case):
    make, error, message = WRONG[case]
    with pytest.raises(error, match=message):
        align(*make(*world()), **BOTH)


def test_numbers_that_are_none_and_arguments_out_of_range_are_named():
    left, right = world()
    for value in (np.nan, np.inf, 1e30):
        right.vectors[5, 2] = value
        with pytest.raises(ValueError, match=r"target_vectors: the vector of 'v5' \(float32\) has components"):
            align(left, right, GOOD, **BOTH)
    left, right = world(size=12, other=8)
    with pytest.raises(ValueError, match="vector_size=9: expected a whole number from 1 to 8"):
        align(left, right, GOOD, **BOTH, vector_size=9)
    with pytest.raises(ValueError, match="refine=1: expected True or False"):
        align(left, right, GOOD, **BOTH, refine=1)
    with pytest.raises(ValueError, match="source and target are both 'en'"):
        align(left, right, GOOD, source="en", target="en")
    other = keyed([f"x{i}" for i in range(N)], right.vectors)
    with pytest.raises(ValueError, match=r"0 words are spelt alike in 'en' and 'de' \(none\).*pass dictionary="):
        align(left, other, **BOTH)
