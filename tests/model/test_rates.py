"""Names among rare and frequent words: bands, their rates, and a tagger that is held to them."""

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import NERData, UnigramTagger
from gensim_mtner.model.rates import BANDS, LEAST, bands, name_rates, outside_shifts
from gensim_mtner.taggers.words import number_words

VOCABULARY = 400  # words a language, by descending frequency


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10**5)), min_size=1, max_size=60), st.integers(1, BANDS))
def test_bands_follow_frequencies_and_hold_the_share_of_text_that_they_say(pairs, most):
    frequencies, tokens = np.array(pairs).T
    found = bands(frequencies, tokens, most)
    known = (frequencies > 0) & (tokens > 0)
    assert (found[~known] == -1).all() and (found[known] >= 0).all() and (found < most).all()
    total = tokens[known].sum()
    if total < 2 * LEAST:
        assert (found <= 0).all()  # too little to divide
    for one in np.flatnonzero(known):
        others = known & (frequencies < frequencies[one])
        assert (found[others] >= found[one]).all()
        assert (found[known & (frequencies == frequencies[one])] == found[one]).all()
        rarer, same = tokens[others].sum(), tokens[known & (frequencies == frequencies[one])].sum()
        middle = (rarer + same / 2) / total  # of the text, from its rarest word on
        assert 2.0 ** -(found[one] + 1) <= middle or found[one] == found[known].max()
        assert middle <= 2.0 ** -found[one]
    np.testing.assert_array_equal(found, bands(7 * frequencies, tokens, most))  # of frequencies the order counts


def made_up(seed=1):
    """Vectors of two languages whose first number is a tagger's margin; names are the likelier, the rarer a word is."""
    generator = np.random.default_rng(seed)
    counts = np.maximum(1, 20_000 // np.arange(1, VOCABULARY + 1))
    words = [f"w{number}" for number in range(VOCABULARY)]
    vectors = KeyedVectors(2)
    values = np.column_stack([generator.normal(-4, 1, 2 * VOCABULARY), np.ones(2 * VOCABULARY)]).astype(np.float32)
    vectors.add_vectors([f"{language}:{word}" for language in ("en", "zh") for word in words], values)
    vectors.expandos["count"] = np.concatenate([counts, 3 * counts])
    tagger = UnigramTagger(vectors, language="en", unit_length=False)
    tagger.fit([["w0", "w1"]], [["O", "B-PER"]])
    tagger.coef_[...], tagger.intercept_[...] = [[0, 0], [1, 0], [0, -100]], 0
    text = generator.choice(words, (30_000, 4), p=counts / counts.sum()).tolist()
    chance = {word: 0.02 + 0.5 * place / VOCABULARY for place, word in enumerate(words)}
    tags = [["B-PER" if generator.random() < chance[word] else "O" for word in row] for row in text]
    return tagger, text, NERData(text, tags)


@pytest.fixture(scope="module")
def case():
    return made_up()


def test_names_of_the_target_are_as_frequent_in_each_band_as_in_the_source(case):
    tagger, text, source = case
    words = number_words(text)
    scores = tagger.word_scores(words, language="zh")
    shifts = outside_shifts(tagger, words, scores, "zh", source)
    band = bands(tagger.word_frequencies(words, "zh"), words.tokens)
    wanted = name_rates(tagger, source, BANDS)
    assert len(wanted) == band.max() + 1 >= 5 and (np.diff(wanted) > 0).all() and (shifts <= 0).all()
    inside = (scores + np.outer(shifts, [1, 0, 0])).argmax(axis=1) != 0
    for number, rate in enumerate(wanted):
        mine = band == number
        share = words.tokens[mine & inside].sum() / words.tokens[mine].sum()
        most = words.tokens[mine].max() / words.tokens[mine].sum()  # a word has one tag wherever it stands
        assert abs(share - rate) <= most
    # one number for all would leave the rare ones behind
    flat = tagger.shift_outside(scores, words.tokens, source.entity_rate())
    tagger.outside_shift_ = 0.0
    assert shifts[band == band.max()].max() < flat


def test_a_band_with_more_names_than_the_source_is_left_alone(case):
    tagger, text, source = case
    words = number_words(text)
    scores = tagger.word_scores(words, language="zh")
    found = scores.copy()
    band = bands(tagger.word_frequencies(words, "zh"), words.tokens)
    found[band == band.max(), 1] += 100
    shifts = outside_shifts(tagger, words, found, "zh", source)
    assert (shifts[band == band.max()] == 0).all()
    others = band < band.max()
    np.testing.assert_array_equal(shifts[others], outside_shifts(tagger, words, scores, "zh", source)[others])


def test_short_text_and_vectors_without_counts_have_one_rate(case, monkeypatch):
    tagger, text, source = case
    few = source.subset(range(LEAST // 8))
    assert len(name_rates(tagger, few, BANDS)) == 1 and name_rates(tagger, few, BANDS)[0] == few.entity_rate()
    words = number_words(text[:100])
    scores = tagger.word_scores(words, language="zh")
    shifts = outside_shifts(tagger, words, scores, "zh", few)
    assert shifts[0] == 0 and len(set(shifts[1:])) == 1  # the first is the edge of a sentence
    monkeypatch.delitem(tagger.vectors.expandos, "count")
    np.testing.assert_array_equal(outside_shifts(tagger, words, scores, "zh", few), shifts)
    long = number_words(text)
    assert len(set(outside_shifts(tagger, long, tagger.word_scores(long, language="zh"), "zh", source)[1:])) == 1


def test_words_that_nothing_is_known_of_are_not_shifted(case):
    tagger, _, source = case
    words = number_words([["nobody", "knows"], ["them"]])
    scores = tagger.word_scores(words, language="zh")
    assert (outside_shifts(tagger, words, scores, "zh", source) == 0).all()
    unknown = NERData([["no", "such", "words"]], [["B-PER", "O", "O"]])
    known = number_words([["w1", "w2", "w3"]])
    assert name_rates(tagger, unknown, BANDS).tolist() == [pytest.approx(1 / 3)]
    assert (outside_shifts(tagger, known, tagger.word_scores(known, language="zh"), "zh", unknown)[1:] < 0).all()
