"""A dictionary as documents of a corpus and as translations of words, against plain loops; what it does to vectors."""

from collections import Counter

import numpy as np
from conftest import PEOPLE, PLACES
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec
from gensim_mtner.text.known_pairs import pair_documents, word_translations

SOURCE, TARGET = ["a", "b", "c", "d"], ["甲", "乙", "丙", "丁"]
TEXT = ComparableCorpus([(SOURCE, TARGET)], source="en", target="zh").encode()
sides = [st.lists(st.sampled_from([*words, "?"]), min_size=1, max_size=3) for words in (SOURCE, TARGET)]


@given(st.lists(st.tuples(*sides), min_size=1, max_size=12), st.lists(st.booleans(), min_size=8, max_size=8),
       st.lists(st.integers(1, 5), min_size=8, max_size=8),
       st.lists(st.integers(1, 3), min_size=12, max_size=12))  # fmt: skip
def test_pairs_are_those_whose_words_all_have_rows(pairs, has_row, counts, weights):
    rows = np.where(has_row, np.arange(8)[::-1], -1).astype(np.int32)
    weights = weights[: len(pairs)]
    dictionary = BilingualDictionary([(" ".join(source), " ".join(target)) for source, target in pairs], weights)
    found, kept_weights = pair_documents(dictionary, TEXT, rows, (str.split, str.split))
    row = dict(zip([*TEXT.words[0], *TEXT.words[1]], rows, strict=True))
    kept = [pair for pair in dict.fromkeys((tuple(a), tuple(b)) for a, b in pairs)
            if all(row.get(word, -1) >= 0 for side in pair for word in side)]  # fmt: skip
    weight = Counter()
    for (source, target), one in zip(pairs, weights, strict=True):
        weight[tuple(source), tuple(target)] += one
    assert len(found) == len(kept) and kept_weights.tolist() == [weight[pair] for pair in kept]
    for number, pair in enumerate(kept):
        for side, words in zip(found.sides(number), pair, strict=True):
            assert rows[side].tolist() == [row[word] for word in words]
    best = np.full(8, -1)
    heaviest = {}
    for source, target in kept:
        if len(source) == len(target) == 1:
            rank = weight[source, target], counts[row[target[0]]]
            if rank > heaviest.get(source, (0, 0)):
                heaviest[source], best[row[source[0]]] = rank, row[target[0]]
    assert word_translations(found, kept_weights, np.array(counts)).tolist() == best.tolist()


def test_what_titles_say_beside_a_name_is_left_out():
    dictionary = BilingualDictionary([("a (b)", "甲 (?)"), ("a, b", "甲"), ("b", "乙（丙）")])
    found, _ = pair_documents(dictionary, TEXT, np.arange(8, dtype=np.int32), (str.split, str.split))
    words = [*TEXT.words[0], *TEXT.words[1]]
    assert [[words[i] for side in found.sides(n) for i in side] for n in range(3)] == [["a", "甲"]] * 2 + [["b", "乙"]]


def test_skipgram_expects_a_word_beside_its_translation():
    """The documents have all names in any order on either side; a dictionary knows half of them; there is no label."""
    random = np.random.default_rng(1)
    names = [*PEOPLE, *PLACES]
    sides = [[[names[n][side] for n in random.permutation(len(names))] for _ in range(3)] for side in (0, 1)]
    corpus = ComparableCorpus(list(zip(*sides, strict=True)), source="en", target="zh")
    settings = {"vector_size": 16, "window": 2, "sample": 0, "epochs": 300, "min_count": 1, "workers": 1}

    def expected(model, pairs):
        ends = [(f"en:{source}", f"zh:{target}") for source, target in pairs]
        return np.mean([model.wv[one] @ model.syn1neg[model.wv.key_to_index[other]] for one, other in ends])

    without = MTWord2Vec(corpus, **settings)
    known = MTWord2Vec(corpus, dictionary=BilingualDictionary(PEOPLE), **settings)
    gained = [expected(known, part) - expected(without, part) for part in (PEOPLE, PLACES)]
    assert gained[0] > 1 > 2 * abs(gained[1]), gained


def test_a_dictionary_the_wrong_way_round_is_told_of(caplog):
    """And changes nothing."""
    corpus = ComparableCorpus([(SOURCE, TARGET)] * 4, source="en", target="zh")
    settings = {"vector_size": 8, "epochs": 1, "min_count": 1, "workers": 1}
    turned = MTWord2Vec(corpus, dictionary=BilingualDictionary([("甲", "a"), ("乙", "b")]), **settings)
    assert "no pair of the dictionary has all its words in the vocabulary, as ('甲', 'a') has not" in caplog.text
    assert np.array_equal(turned.wv.vectors, MTWord2Vec(corpus, **settings).wv.vectors)
