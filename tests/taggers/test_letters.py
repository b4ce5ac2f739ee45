"""Sentences as letters: split, tags spread over them, probabilities gathered from them; a tagger that works so."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import token_features

from gensim_mtner import SequenceTagger
from gensim_mtner.labels.schemes import check_iob2, repair
from gensim_mtner.taggers.letters import RUNS, encode_letters, gather_tokens, split_letters, spread_tags
from gensim_mtner.taggers.words import number_words

TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
tokens = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
printed = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=5)
tagged = st.lists(st.tuples(tokens, st.sampled_from(TAGS)), min_size=1, max_size=8)


@given(st.lists(st.lists(tokens, max_size=6), max_size=4))
def test_letters_are_all_of_the_text_each_in_its_token(sentences):
    encoded, owners = encode_letters(number_words(sentences))
    split = [[split_letters(token) for token in sentence] for sentence in sentences]
    letters = [letter for sentence in split for part in sentence for letter in part]
    assert "".join(letters) == "".join(itertools.chain(*sentences))
    assert owners.tolist() == [i for i, part in enumerate(itertools.chain(*split)) for _ in part]
    assert np.diff(encoded.bounds).tolist() == [sum(map(len, sentence)) for sentence in split]
    numbers = encoded.units[encoded.tokens].tolist()
    assert len(set(numbers)) == len(set(letters)) == len({*zip(numbers, letters, strict=True)})


def test_what_is_written_without_spaces_is_cut_and_what_is_not_stays_whole():
    words = {"毛泽东": "毛 泽 东", "ドイツ": "ド イ ツ", "。”": "。 ”", "กำ": "กำ", "3.5": "3.5", "NBA": "NBA"}
    words |= {"ＡＢ": "ＡＢ", "Saint-Denis": "Saint-Denis"}
    for word, letters in words.items():
        assert split_letters(word) == letters.split()


def test_runs_of_letters_have_columns_by_what_they_are_and_where_and_seldom_the_same():
    text = [[chr(0x4E00 + i) for i in np.random.default_rng(0).permutation(3000)]]
    encoded, _ = encode_letters(number_words(text))
    found = [token_features(encoded, token, 1 << 20) for token in encoded.tokens]
    # 17 runs a letter, all different but at the ends, and one of shapes: 5% of 51,000 in 2^20 columns meet
    assert len(RUNS) == 18 and 0.93 < len({column for row in found for column in row}) / (17 * 3000) < 1
    other, _ = encode_letters(number_words([["别"], text[0][100:200]]))
    again = [token_features(other, token, 1 << 20) for token in other.tokens[1:]]
    assert again[3:-3] == found[103:197]  # whatever else the text has; the ends see others
    assert again[0] != found[100]


@given(tagged)
def test_tags_that_are_spread_are_gathered_again(pairs):
    sentence, tags = [token for token, _ in pairs], repair([tag for _, tag in pairs])
    encoded, owner = encode_letters(number_words([sentence]))
    spread = spread_tags(np.array([TAGS.index(tag) for tag in tags]), owner, TAGS)
    check_iob2([TAGS[tag] for tag in spread])
    assert len(spread) == len(encoded.tokens)
    assert [TAGS[i] for i in gather_tokens(np.eye(len(TAGS))[spread], owner, TAGS).argmax(axis=1)] == tags


@given(st.integers(0, 1000), st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_gathered_probabilities_are_means_of_types_and_beginnings_of_first_letters(seed, lengths):
    owner = np.repeat(np.arange(len(lengths)), lengths)
    given_ = np.random.default_rng(seed).dirichlet(np.ones(len(TAGS)), len(owner))
    found = gather_tokens(given_, owner, TAGS)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    for token in range(len(lengths)):
        rows = given_[owner == token]
        assert found[token, 0] == pytest.approx(rows[:, 0].mean())
        for begin in (1, 3):
            kind = rows[:, begin : begin + 2]
            assert found[token, begin : begin + 2].sum() == pytest.approx(kind.sum(axis=1).mean())
            assert found[token, begin] / found[token, begin : begin + 2].sum() == pytest.approx(
                kind[0, 0] / kind[0].sum()
            )


@pytest.mark.parametrize("loss", ["token", "sequence"])
def test_a_tagger_of_letters_does_not_mind_how_words_are_cut(loss):
    cut = [["毛泽东", "在", "北京"], ["周恩来", "在", "上海"], ["他", "在", "家"]] * 9
    tags = [["B-PER", "O", "B-LOC"], ["B-PER", "O", "B-LOC"], ["O", "O", "O"]] * 9
    tagger = SequenceTagger(features="letters", loss=loss, alpha=0.3, n_features=1 << 14).fit(cut, tags)
    assert tagger.predict([["毛", "泽东", "在", "北", "京"]]) == [["B-PER", "I-PER", "O", "B-LOC", "I-LOC"]]
    assert tagger.predict([["毛泽东在", "上海"], []])[1:] == [[]]


@pytest.mark.parametrize("loss", ["token", "sequence"])
@given(X=st.lists(st.lists(printed, max_size=6), max_size=4))
def test_any_text_gets_probabilities_of_its_tokens(letter_taggers, loss, X):
    X = [[token for token in sentence if not token.isspace()] for sentence in X]
    logs = letter_taggers[loss].predict_log_proba(X)
    assert [part.shape for part in logs] == [(len(sentence), 3) for sentence in X]
    for part, row in zip(logs, letter_taggers[loss].predict(X), strict=True):
        np.testing.assert_allclose(np.exp(part).sum(axis=1), 1, rtol=1e-4)
        check_iob2(row)
    for sentence, part in zip(X, logs, strict=True):  # alone as among others
        np.testing.assert_array_equal(letter_taggers[loss].predict_log_proba([sentence])[0], part)


@pytest.fixture(scope="module")
def letter_taggers():
    data = [["毛泽东", "说", "NBA"]] * 5, [["B-PER", "O", "O"]] * 5
    return {
        loss: SequenceTagger(features="letters", loss=loss, n_features=1 << 10).fit(*data)
        for loss in ("token", "sequence")
    }


def test_tokens_that_are_not_certain_are_not_trained_on():
    X, y = [["毛泽东", "说"], ["周恩来", "说"]], [["B-PER", "O"], ["O", "O"]]
    certain = [np.array([True, True]), np.array([False, True])]
    tagger = SequenceTagger(features="letters", loss="token", n_features=1 << 12, alpha=0.5, max_iter=20)
    assert tagger.fit(X, y, certain=certain).predict([["周恩来", "说"]])[0][0] == "B-PER"
    assert tagger.fit(X, y).predict([["周恩来", "说"]])[0][0] == "O"
