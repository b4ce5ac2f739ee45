"""Vectors in the text format of word2vec and fastText, and vectors of one language for other programs."""

import gzip
import re

import numpy as np
import pytest
from conftest import make_pairs
from gensim.models import KeyedVectors
from hypothesis import example, given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, MTWord2Vec, load_vec

GOOD = "2 3\nAnn 1 2 3\n安 0.5 -1e-3 4 \n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="x.vec"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_words_and_rows_are_read(write):
    vectors = load_vec(write(GOOD), language="en")
    assert vectors.index_to_key == ["en:Ann", "en:安"] and vectors.vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors["en:安"], np.float32([0.5, -1e-3, 4]))
    assert load_vec(write(gzip.compress(GOOD.encode()), "x.vec.gz"), limit=1).index_to_key == ["Ann"]


word = st.text(st.characters(blacklist_categories=["Cs", "Zl", "Zp", "Cc"]), min_size=1, max_size=7)
numeric = re.compile(r".* \S*\d\S*")  # "Apollo 11"; if all words are such, the file is taken for one of longer rows
words = word.filter(lambda word: word.strip(" ") == word and not numeric.fullmatch(word))


@example({"\ufeff": [0.0, 0.0], "\ufeffThe": [1.0, 2.0], "The": [3.0, 4.0]})
@given(st.dictionaries(words, st.lists(st.floats(-(2.0**60), 2.0**60, width=32), min_size=2, max_size=2), min_size=1))
def test_what_gensim_writes_is_read_to_the_last_bit(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "any.vec"
    vectors = KeyedVectors(2)
    vectors.add_vectors(list(rows), np.array(list(rows.values()), dtype=np.float32))
    vectors.save_word2vec_format(str(path), binary=False)
    found = load_vec(path)
    assert found.index_to_key == vectors.index_to_key
    np.testing.assert_array_equal(found.vectors, vectors.vectors)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the number of words and of components"),
        ("Ann 1 2 3\n", "line 1: expected the number of words"),
        ("1 3\nAnn 1 2\n", r"line 2: expected a word and 3 components, got 'Ann 1 2' \(2\)"),
        ("1 3\nAnn 1 2 x\n", "line 2: .* a component that is not a number"),
        ("1 3\nAnn 1 2 nan\n", "line 2: 'Ann' has a component that is not a finite number"),
        ("1 1\nAnn 1e39\n", "line 2: 'Ann' has a component that is not a finite number"),
        ("2 99999999999999999999\nA", "line 2: expected a word and 99999999999999999999 components"),
        ("2 1\nAnn 1\nAnn 2\n", "line 3: the word 'Ann' is there for the second time"),
        ("3 1\nAnn 1\nBob 2\n", r"ends after 2 words, but line 1 tells of 3: cut off\?"),
        ("1 1\nAnn 1\nBob 2\n", "line 3: more lines than the 1 words"),
        (b"1 1\n\xff 1\n", r"line 2: byte 1 \(0xff\) is not utf-8"),
    ],
)
def test_errors_name_the_line(write, text, message):
    with pytest.raises(ValueError, match=message):
        load_vec(write(text))


@pytest.mark.parametrize("extra", ["New York", "Apollo 11", "a  b", "\xa0", "3 4", "c d e f"])
def test_words_may_hold_spaces(write, extra):
    vectors = load_vec(write(f"3 2\nAnn 1 2\n{extra} 3 4\nBob 5 6 \n"), language="en")
    assert vectors.index_to_key == ["en:Ann", f"en:{extra}", "en:Bob"]
    np.testing.assert_array_equal(vectors.vectors, np.float32([[1, 2], [3, 4], [5, 6]]))


def test_rows_that_are_all_longer_are_not_words_that_end_in_numbers(write):
    with pytest.raises(ValueError, match="line 1 tells of 2 components, but every other line has more"):
        load_vec(write("2 2\nAnn 1 2 3\nBob 4 5 6\n"))


def test_what_language_vectors_write_comes_back(write, tmp_path):
    pairs = [([["New York", "is", "big"]], [["学 习", "大"]])] * 4
    model = MTWord2Vec(vector_size=3, min_count=1)
    model.build_vocab(ComparableCorpus(pairs, source="en", target="zh"))
    for language in ("en", "zh"):
        path = tmp_path / f"{language}.vec"
        model.language_vectors(language).save_word2vec_format(str(path), binary=False)
        found = load_vec(path, language=language)
        for name in found.index_to_key:
            np.testing.assert_array_equal(found[name], model.wv[name])
        assert len(found) == len(model.language_vectors(language))


def test_binary_files_are_known(write, tmp_path):
    vectors = KeyedVectors(20)
    vectors.add_vectors(["Ann", "安"], np.random.default_rng(1).standard_normal((2, 20)).astype(np.float32))
    path = tmp_path / "x.bin"
    vectors.save_word2vec_format(str(path), binary=True)
    with pytest.raises(ValueError, match=r"x\.bin is binary: KeyedVectors\.load_word2vec_format\(path, binary=True\)"):
        load_vec(path)
    path.write_bytes(b"\xba\x16\x4f\x2f\x0c\0\0\0")
    with pytest.raises(ValueError, match=r"is a model of fastText: .*load_facebook_vectors"):
        load_vec(path)
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(ValueError, match="is UTF-16: convert it"):
        load_vec(path)
    path.write_bytes(gzip.compress(GOOD.encode()))
    with pytest.raises(ValueError, match="is compressed by gzip, but its name does not end in"):
        load_vec(path)


def test_both_languages_start_from_files_and_leave_as_bare_words(write):
    corpus = ComparableCorpus(make_pairs(5), source="en", target="zh")
    source, target = load_vec(write(GOOD, "en.vec"), language="en"), load_vec(write(GOOD, "zh.vec"), language="zh")
    model = MTWord2Vec(vector_size=3, min_count=1)
    model.build_vocab(corpus, init_vectors=[source, target])
    np.testing.assert_array_equal(model.wv["en:Ann"], [1, 2, 3])
    np.testing.assert_array_equal(model.wv["zh:安"], np.float32([0.5, -1e-3, 4]))
    alone = model.language_vectors("zh")
    assert len(alone) == model.target_size and alone.get_vecattr("安", "count") > 0
    np.testing.assert_array_equal(alone["安"], model.wv["zh:安"])
    alone.vectors[:] = 0
    assert model.wv["zh:安"].any()
