"""What a document may be: one door for all that is in memory or in files; what it refuses is named."""

import json
import pickle
import re

import numpy as np
import pytest
from conftest import make_pairs
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, MTWord2Vec
from gensim_mtner.text import sides

BOTH = {"source": "en", "target": "de"}


def read(document, **kwargs):
    (pair,) = ComparableCorpus([("7", document, ["x"])], **BOTH, **kwargs)
    return pair.source


def words(*numbers):
    return (str(number) for number in numbers)


WAYS_OUT = "pass text as one str, sentences as lists of tokens, and tokens that hold white space in a list of sentences"
REFUSED = {
    "sentences of text": (["Ann left.", "Bob came."], f"item 1, 'Ann left.', holds white space: .*{WAYS_OUT}"),
    "a token among sentences": (["Ann", ["left"]], r"has 'Ann' \(1\) among sentences that are lists"),
    "a sentence among tokens": ([["Ann"], "left"], r"has 'left' \(2\) among sentences that are lists"),
    "no value among sentences": ([["Ann"], None], r"has None \(2\) among sentences"),
    "an empty token": (["Ann", ""], r"has the token '' \(2\); expected non-empty text"),
    "no token": (["Ann", None], r"has the token None \(2\); expected non-empty text"),
    "a number": (["Ann", 3], r"has the token 3 \(2\); expected non-empty text"),
    "bytes": ([["Ann"], [b"left"]], r"has the token b'left' \(sentence 2, token 1\)"),
    "white space": (["Ann", " "], r"has the token ' ' \(2\); expected text without white space at its ends"),
    "white space at an end": ([["Ann "]], r"has the token 'Ann ' \(sentence 1, token 1\); expected text without"),
    "too deep": ([[["Ann"]]], r"has the token \['Ann'\] \(sentence 1, token 1\)"),
    "half a character": ([["Ann\ud800"]], r"'\\ud800' is half of a surrogate pair"),
    "text with half a character": ("Ann\ud800 left", r"'\\ud800' is half of a surrogate pair"),
    "a generator": (words(1, 2), "is generator; expected .*; one that yields its parts only once cannot"),
    "a set": ({"Ann"}, "is set; expected text, a list of tokens, or a list of sentences"),
    "a mapping": ({"text": "Ann"}, "is dict; expected text"),
    "bytes alone": (b"Ann", "is bytes; expected text"),
    "an array of numbers": (np.array([1.0, 2.0]), r"has the token 1.0 \(1\)"),
    "an array of arrays of arrays": (np.array([[["a"]]]), r"has the token \['a'\] \(sentence 1, token 1\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_document_is_named_with_its_pair_and_place(case):
    document, pattern = REFUSED[case]
    with pytest.raises(ValueError, match=f"^pair 1: the 'en' side.*{pattern}"):
        read(document)


ACCEPTED = {
    "text": ("Ann left.", [["Ann", "left", "."]]),
    "tokens": (["Ann", "left."], [["Ann", "left."]]),
    "a tuple": (("Ann", "left"), [["Ann", "left"]]),
    "sentences": ([["Ann"], ("left",)], [["Ann"], ["left"]]),
    "an array": (np.array(["Ann", "left"]), [["Ann", "left"]]),
    "an array of sentences": (np.array([["Ann", "left"], ["Bob", "came"]]), [["Ann", "left"], ["Bob", "came"]]),
    "an array of arrays": (
        np.array([np.array(["Ann"], object), np.array(["left", "?"], object)], object), [["Ann"], ["left", "?"]],
    ),
    "a list of arrays": ([np.array(["Ann", "left"])], [["Ann", "left"]]),
    "words of several parts": ([["học sinh", "đi"]], [["học sinh", "đi"]]),
    "an empty sentence": ([[], ["Ann"]], [["Ann"]]),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_a_document(case):
    document, expected = ACCEPTED[case]
    found = read(document)
    assert found == expected and {type(token) for sentence in found for token in sentence} == {str}


nested = st.recursive(
    st.one_of(st.text(max_size=4), st.none(), st.integers(), st.floats(), st.binary(max_size=2), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=8,
)


def plain(document):
    """Sentences by another way than the library's, or None."""
    if isinstance(document, str):
        return None
    if not isinstance(document, (list, tuple)):
        return None
    rows = document if any(isinstance(part, (list, tuple)) for part in document) else [document]
    if all(isinstance(row, (list, tuple)) and all(isinstance(t, str) and t.strip() for t in row) for row in rows):
        return [list(row) for row in rows if row]
    return None


@given(nested)
def test_any_object_gives_its_own_tokens_or_an_error_that_names_the_pair(document):
    corpus = ComparableCorpus([(document, ["x"])], on_missing="keep", **BOTH)
    try:
        (pair,) = corpus
    except ValueError as error:
        assert str(error).startswith("pair 1: the 'en' side")
        return
    if isinstance(document, str):
        kept = "".join(map("".join, pair.source))
        assert [c for c in document if c.isalnum()] == [c for c in kept if c.isalnum()]
    elif document is None or document != document:
        assert pair.source == []
    else:
        assert pair.source == plain(document)


@pytest.mark.parametrize(
    ("tokenizer", "pattern"),
    [
        (str.strip, "the tokenizer made str of 'Ann left.'; expected a list of tokens"),
        (lambda text: None, "the tokenizer made NoneType of 'Ann left.'"),
        (lambda text: 3, "the tokenizer made int of"),
        (lambda text: {"Ann": 1}, "the tokenizer made dict of"),
        (lambda text: text.encode(), "the tokenizer made bytes of"),
        (lambda text: ["Ann", ""], "has, from the tokenizer, as token 2 of 'Ann left.'; expected non-empty text"),
        (lambda text: [["Ann"]], "from the tokenizer, as token 1 of 'Ann left.'; expected non-empty text"),
        (lambda text: ["Ann "], "from the tokenizer, as token 1 of .* without white space at its ends"),
    ],
)
def test_tokenizers_that_give_something_else_are_named(tokenizer, pattern):
    with pytest.raises(ValueError, match=f"^pair 1: the 'en' side.*{pattern}"):
        read("Ann left.", tokenizers={"en": tokenizer})


@pytest.mark.parametrize("made", [list, tuple, iter, np.array], ids=lambda made: made.__name__)
def test_tokenizers_may_give_any_sequence_and_white_space_between_words(made):
    def tokenizer(text):
        return made(re.split(r"(\s)", text))

    assert read("Ann left.", tokenizers={"en": tokenizer}) == [["Ann", "left."]]


def test_missing_values_of_pandas_are_missing():
    pandas = pytest.importorskip("pandas")
    values = [None, float("nan"), np.nan, np.float32("nan"), pandas.NA, pandas.NaT, "", " \u200b", [], [[]], ()]
    assert all(map(sides.is_blank, values)) and all(map(sides.is_blank, [np.array([]), np.array([], object)]))
    pairs = [("a", value) for value in values]
    assert [p.id for p in ComparableCorpus([*pairs, ("a", "b")], on_missing="skip", **BOTH)] == [str(len(pairs) + 1)]
    assert [p.target for p in ComparableCorpus(pairs, on_missing="keep", **BOTH)] == [[]] * len(pairs)
    for pair in pairs:
        with pytest.raises(ValueError, match="pair 1: the 'de' side is missing or empty"):
            list(ComparableCorpus([pair], **BOTH))


def test_a_data_frame_is_pairs_by_its_rows():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": [1, 2], "en": ["Ann left", None], "de": ["Ann ging", "Bo"], "id": ["a", None]})
    corpus = ComparableCorpus(frame, on_missing="keep", **BOTH)
    expected = [("a", [["Ann", "left"]], [["Ann", "ging"]]), ("2", [], [["Bo"]])]
    assert [tuple(pair) for pair in corpus] == expected == [tuple(pair) for pair in corpus]
    for rows in (frame.to_dict("records"), frame[["id", "en", "de"]].to_numpy()):
        assert [tuple(pair) for pair in ComparableCorpus(rows, on_missing="keep", **BOTH)] == expected
    with pytest.raises(ValueError, match="pair 1: has neither 'en' nor 'de'; its keys are 'fr'"):
        list(ComparableCorpus(pandas.DataFrame({"fr": ["a"]}), **BOTH))


def test_languages_may_be_under_translation(tmp_path):
    rows = [{"id": 3, "translation": {"en": "Ann left", "de": ["Ann", "ging"]}}]
    expected = [("3", [["Ann", "left"]], [["Ann", "ging"]])]
    assert [tuple(pair) for pair in ComparableCorpus(rows, **BOTH)] == expected
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(rows[0]))
    assert [tuple(pair) for pair in ComparableCorpus.from_jsonl(path, **BOTH)] == expected
    with pytest.raises(ValueError, match="pair 1: has neither 'en' nor 'de'; its keys are 'fr', 'zh'"):
        list(ComparableCorpus([{"translation": {"fr": "Ann", "zh": "安"}}], **BOTH))


class Parts(dict):
    """As DatasetDict is one."""


@pytest.mark.parametrize(
    ("pairs", "pattern"),
    [
        (Parts(train=[("a", "b")], test=[]), r"a mapping with the keys 'train', 'test': .* such as data\['train'\]"),
        ({"en": "a", "de": "b"}, "a mapping with the keys 'en', 'de': .* one pair in a list"),
        (3, "pairs is int: expected pairs"),
        (b"x", "pairs is a path or a string"),
        ((pair for pair in ()), "can be iterated only once"),
    ],
)
def test_what_is_not_pairs_at_all_is_refused_at_once(pairs, pattern):
    with pytest.raises(TypeError, match=pattern):
        ComparableCorpus(pairs, **BOTH)


@pytest.mark.parametrize(
    ("item", "found"),
    [("ab", "str"), (None, "NoneType"), (("a",), "a tuple of 1"), (["a"] * 4, "a list of 4"), ({"a", "b"}, "set"),
     ({"fr": "a"}, None)],
)  # fmt: skip
def test_what_is_not_a_pair_is_named(item, found):
    pattern = f"expected .*, got {found}$" if found else "has neither 'en' nor 'de'; its keys are 'fr'"
    with pytest.raises(ValueError, match=f"^pair 2: {pattern}"):
        list(ComparableCorpus([("a", "b"), item], on_missing="skip", **BOTH))


def test_files_pass_the_same_door(tmp_path):
    path = tmp_path / "x.jsonl"
    for document, pattern in (('["Ann left.", "Bob came."]', "holds white space"), ('["Ann", ["left"]]', "among sent"),
                              ("[3]", "the token 3"), ("3", "is int"), ("true", "is bool"), ('{"a": 1}', "is dict"),
                              ('["a", null]', "the token None")):  # fmt: skip
        path.write_text(f'{{"en": "a", "de": "b"}}\n{{"en": {document}, "de": "b"}}\n', encoding="utf-8")
        with pytest.raises(ValueError, match=rf"x\.jsonl, line 2: the 'en' side.*{pattern}"):
            list(ComparableCorpus.from_jsonl(path, **BOTH))
    path.write_text('{"en": NaN, "de": "b"}\n{"en": "a", "de": "b"}\n')
    assert len(list(ComparableCorpus.from_jsonl(path, on_missing="skip", **BOTH))) == 1


@pytest.mark.parametrize("name", ["from_jsonl", "from_tsv", "from_wikipedia_xml"])
def test_an_open_file_is_not_a_path(name, tmp_path):
    path = tmp_path / "x"
    path.write_text("a\tb\n")
    with open(path) as stream, pytest.raises(TypeError, match="TextIOWrapper is not a path: pass that of the file"):
        getattr(ComparableCorpus, name)(stream, **BOTH)
    with pytest.raises(TypeError, match="NoneType is not a path"):
        getattr(ComparableCorpus, name)(None, **BOTH)
    with open(path) as stream, pytest.raises(TypeError, match="is not a path"):
        ComparableCorpus.from_parallel(stream, path, **BOTH)


@pytest.mark.parametrize("columns", [("en", "de"), (0,), (-2, -1), (1, 1), (0, 1.0), (0, 1, 2)])
def test_columns_are_two_numbers(columns, tmp_path):
    (tmp_path / "x.tsv").write_text("a\tb\n")
    with pytest.raises(ValueError, match="expected two different numbers from 0"):
        ComparableCorpus.from_tsv(tmp_path / "x.tsv", columns=columns, **BOTH)


def test_numbers_of_views_are_whole():
    corpus = ComparableCorpus(make_pairs(4), source="en", target="zh")
    for call in (lambda: corpus.limit("3"), lambda: corpus.limit(2.5), lambda: corpus.split(1.5),
                 lambda: corpus.shuffle(buffer_size=None), lambda: corpus.encode(workers="2")):  # fmt: skip
        with pytest.raises(ValueError, match=r"whole number|must be from 1"):
            call()
    assert len(list(corpus.limit(np.int64(2)))) == 2


UTF16 = "Ann\tAnna\n".encode("utf-16")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (UTF16, r"UTF-16: convert it to UTF-8 first \(iconv -f UTF-16"),
        (UTF16[2:], "UTF-16"),
        ("Ann\tAnna\n".encode("utf-16-be"), "UTF-16"),
        ("Ann\tAnna\n".encode("utf-32"), "UTF-32"),
        (b"\x1f\x8b\x08\x00", r"compressed by gzip, but its name does not end in \.gz: rename it"),
        (b"BZh91AY", r"compressed by bzip2, but its name does not end in \.bz2"),
        (b"\xfd7zXZ\x00\x00", r"compressed by xz"),
        (b"PK\x03\x04", "a zip archive"),
        (b"PAR1\x15", "Parquet: read it with pandas"),
    ],
)
def test_files_of_another_kind_are_known_by_their_first_bytes(content, said, tmp_path):
    path = tmp_path / "x.tsv"
    path.write_bytes(content)
    for reader in (ComparableCorpus.from_tsv, ComparableCorpus.from_jsonl):
        with pytest.raises(ValueError, match=rf"x\.tsv is {said}"):
            reader(path, **BOTH)
    with pytest.raises(ValueError, match="encoding='utf-9': there is no such encoding"):
        ComparableCorpus.from_tsv(path, encoding="utf-9", **BOTH)


def test_xml_says_itself_how_it_is_encoded(tmp_path):
    path = tmp_path / "x.xml"
    text = "<w><articlePair><article lang='en' name='Ann'/><article lang='de' name='Anna'/></articlePair></w>"
    path.write_text(f"<?xml version='1.0' encoding='UTF-16'?>{text}", encoding="utf-16")
    assert [pair.target for pair in ComparableCorpus.from_wikipedia_xml(path, **BOTH)] == [[["Anna"]]]


def test_every_corpus_can_be_pickled_and_is_the_same_after(tmp_path):
    rows = [{"id": str(i), "en": f"Ann {i} left", "de": f"Ann {i} ging"} for i in range(30)]
    files = {name: tmp_path / name for name in ("x.jsonl", "x.tsv", "x.xml", "en", "de")}
    files["x.jsonl"].write_text("".join(json.dumps(row) + "\n" for row in rows))
    files["x.tsv"].write_text("".join(f"{row['en']}\t{row['de']}\n" for row in rows))
    articles = "".join(
        f"<articlePair><article lang='en' name='{r['en']}'/><article lang='de' name='{r['de']}'/></articlePair>"
        for r in rows
    )
    files["x.xml"].write_text(f"<w>{articles}</w>")
    for side in ("en", "de"):
        files[side].write_text("".join(row[side] + "\n" for row in rows))
        (tmp_path / f"{side}s").mkdir()
        (tmp_path / f"{side}s" / "1").write_text(rows[0][side])
    made = [
        ComparableCorpus(rows, **BOTH),
        ComparableCorpus.from_jsonl(files["x.jsonl"], **BOTH),
        ComparableCorpus.from_tsv(files["x.tsv"], **BOTH),
        ComparableCorpus.from_wikipedia_xml(files["x.xml"], **BOTH),
        ComparableCorpus.from_parallel(files["en"], files["de"], **BOTH),
        ComparableCorpus.from_parallel(tmp_path / "ens", tmp_path / "des", **BOTH),
    ]
    made += [corpus.limit(9) for corpus in made[:5]] + [corpus.shuffle(3, buffer_size=7) for corpus in made[:5]]
    made += [part for corpus in made[:5] for part in corpus.split(5)]
    made += [made[1].shuffle(2).limit(20).split(4)[0]]
    for corpus in made:
        found = list(corpus)
        assert found and list(pickle.loads(pickle.dumps(corpus))) == found


@pytest.mark.parametrize(
    ("documents", "pattern"),
    [([["en:a", None]], r"document 1 has the token None \(2\)"), ([["en:a", 3]], r"document 1 has the token 3"),
     ([["en:a"], ["en:b", ""]], r"document 2 has the token '' \(2\)"),
     ([["en:a", "zh:"]], "document 1: the token 'zh:' has no word after its language"),
     ([["en:a "]], "white space at its ends"), ([{"en:a": 1}], "document 1 is dict: expected a list of tokens"),
     ([["en:a"], 5], "document 2 is int: expected a list of tokens")],
)  # fmt: skip
def test_merged_documents_pass_a_door_too(documents, pattern):
    with pytest.raises((ValueError, TypeError), match=pattern):
        MTWord2Vec(documents, source="en", target="zh", vector_size=4, min_count=1)
