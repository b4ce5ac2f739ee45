"""Vectors in the text format of word2vec and fastText, and vectors of one language for other programs."""

import gzip

import numpy as np
import pytest
from conftest import make_pairs
from gensim.models import KeyedVectors
from hypothesis import given
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


words = st.text(st.characters(blacklist_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1, max_size=5)


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
        ("2 1\nAnn 1\nAnn 2\n", "line 3: the word 'Ann' is there for the second time"),
        ("3 1\nAnn 1\nBob 2\n", r"ends after 2 words, but line 1 tells of 3: cut off\?"),
        ("1 1\nAnn 1\nBob 2\n", "line 3: more lines than the 1 words"),
        (b"1 1\n\xff 1\n", r"line 2: byte 1 \(0xff\) is not utf-8"),
    ],
)
def test_errors_name_the_line(write, text, message):
    with pytest.raises(ValueError, match=message):
        load_vec(write(text))


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
