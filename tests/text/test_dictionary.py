"""Dictionaries that users bring: what is read, and what is refused by line."""

import gzip

import numpy as np
import pytest

from gensim_mtner import BilingualDictionary


def test_pairs_are_read_from_columns_of_plain_and_compressed_files(tmp_path):
    lines = "Red Sea\tx\t红海\n\nNile\ty\t尼罗河\r\nNile\tz\t尼罗河\n"
    (tmp_path / "a.tsv").write_text(lines, "utf-8")
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(lines.encode()))
    for name in ("a.tsv", "a.tsv.gz"):
        found = BilingualDictionary.from_tsv(tmp_path / name, target_column=2)
        assert list(found) == [("Red Sea", "红海"), ("Nile", "尼罗河")] and len(found) == 2
    (tmp_path / "muse.txt").write_text("nile río\nsea mar\n", "utf-8")
    assert list(BilingualDictionary.from_tsv(tmp_path / "muse.txt", separator=None)) == [
        ("nile", "río"),
        ("sea", "mar"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb\nc\n", "line 2: 1 columns, but column 1"), ("a\t\n", "line 1: a side is empty"), ("\n \n", "no pair")],
)
def test_what_is_no_dictionary_is_refused_with_file_and_line(tmp_path, text, expected):
    path = tmp_path / "a.tsv"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=expected) as caught:
        BilingualDictionary.from_tsv(path)
    assert "a.tsv" in str(caught.value)


def test_weights_are_read_from_a_column_and_added_up(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("bank\tbenki\t0.5\nbank\tukingo\t1e-1\n\nbank\tbenki\t.25\n", "utf-8")
    found = BilingualDictionary.from_tsv(path, weight_column=2)
    assert list(found) == [("bank", "benki"), ("bank", "ukingo")] and found.weights == [0.75, 0.1]
    assert found == BilingualDictionary([*found], found.weights)
    assert found != BilingualDictionary.from_tsv(path) == BilingualDictionary([*found])
    assert BilingualDictionary([*found], np.array([1, 2], np.float32)).weights == [1, 2]
    for text in ("nan", "-1", "0", "inf", "much"):
        path.write_text(f"bank\tbenki\t0.5\nbank\tukingo\t{text}\n", "utf-8")
        with pytest.raises(ValueError, match=rf"a\.tsv, line 2: the weight '{text}' is no number above 0"):
            BilingualDictionary.from_tsv(path, weight_column=2)


@pytest.mark.parametrize("weights", [[], [1, 2], [0], [-1], [float("nan")], ["1"], [None], [True]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises((TypeError, ValueError), match="weight"):
        BilingualDictionary([("bank", "benki")], weights)


@pytest.mark.parametrize("pairs", [["ab"], [("a",)], [("a", 1)], [("a", " ")], []])
def test_items_that_are_no_pairs_are_refused(pairs):
    with pytest.raises((TypeError, ValueError), match="pair"):
        BilingualDictionary(pairs)
    with pytest.raises(ValueError, match="source_column"):
        BilingualDictionary.from_tsv("nowhere", source_column=-1)


def test_titles_of_document_pairs_are_a_dictionary(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text(
        '{"t": "Red Sea", "u": "红海", "en": "x"}\n\n{"t": "Nile"}\n{"id": 1}\n{"t": "Cairo", "u": "开罗"}\n', "utf-8"
    )
    found = BilingualDictionary.from_jsonl(path, source_key="t", target_key="u")
    assert list(found) == [("Red Sea", "红海"), ("Cairo", "开罗")]
    with pytest.raises(ValueError, match=r"pairs\.jsonl: the dictionary has no pair"):
        BilingualDictionary.from_jsonl(path, source_key="title", target_key="u")
    for line, message in (("[1]", "expected an object"), ('{"t": 1, "u": "x"}', "with text as"), ("{", "not JSON")):
        path.write_text("\n" + line + "\n", "utf-8")
        with pytest.raises(ValueError, match=rf"pairs\.jsonl, line 2: .*{message}"):
            BilingualDictionary.from_jsonl(path, source_key="t", target_key="u")


def test_titles_of_a_wikipedia_corpus_are_a_dictionary(tmp_path):
    article = '<article lang="{}" name="{}"><content><p>text</p></content></article>'
    pairs = [("Red Sea", "红海"), ("Nile", "尼罗河")]
    body = "".join(f"<articlePair>{article.format('en', a)}{article.format('zh', b)}</articlePair>" for a, b in pairs)
    lone = f"<articlePair>{article.format('en', 'Alone')}</articlePair>"
    (tmp_path / "w.xml").write_text(f"<wikipediaComparable>{body}{lone}</wikipediaComparable>", "utf-8")
    found = BilingualDictionary.from_wikipedia_xml(tmp_path / "w.xml", source="en", target="zh")
    assert list(found) == pairs
