"""Which documents of two languages are on one subject."""

import re
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensim_mtner import BilingualDictionary, ComparableCorpus
from gensim_mtner.text import datasets, matching
from gensim_mtner.text.matching import MARGIN, marks, match_documents, numbers

ENGLISH = ["Obama met Kenyatta in Nairobi.", "Messi left Barcelona in 2021.", "Rain fell on the hills of Kigali."]
SWAHILI = ["Mwaka 2021 Messi aliondoka Barcelona.", "Mvua ilinyesha Kigali.", "Kenyatta na Obama walikutana Nairobi."]
names = st.sampled_from([f"Name{a}{b}" for a in "abcdefgh" for b in "klmnop"])
piles = st.lists(
    st.lists(names, min_size=3, max_size=8), min_size=2, max_size=8, unique_by=lambda row: tuple(sorted(row))
)


def pairs_of(source, target, **more):
    return [match[:2] for match in match_documents(source, target, source="en", target="sw", progress=False, **more)]


def test_documents_are_matched_by_names_and_numbers():
    assert pairs_of(ENGLISH, SWAHILI) == [(0, 2), (1, 0), (2, 1)]


def test_names_of_another_script_are_read():
    ukrainian = ["У Вашингтоні Обама зустрів Трампа.", "Роналду забив у Мадриді.", "Путін прибув у Хельсінкі."]
    english = ["Putin came to Helsinki.", "Obama met Trump in Washington.", "Ronaldo scored in Madrid."]
    found = match_documents(english, ukrainian, source="en", target="uk", progress=False)
    assert [match[:2] for match in found] == [(0, 2), (1, 0), (2, 1)]
    assert all(match.margin >= MARGIN for match in found)


@pytest.mark.parametrize("token, expected", [
    ("COVID-19", ["kovid"]), ("Zagrebačkoga", ["zagreb"]), ("the", []), ("。", []), ("2021", []),
])  # fmt: skip
def test_marks_of_a_token(token, expected):
    assert list(marks(token, {})) == expected


@pytest.mark.parametrize("text, expected", [
    ("10,500", ["#10500"]), ("1.234.567", ["#1234567"]), ("1.5", ["#1", "#5"]), ("٢٠٢١", ["#2021"]), ("007", ["#7"]),
    ("10 , 500 人", ["#10500"]), ("2020 , 300", ["#2020", "#300"]), ("10 , 5000", ["#10", "#5000"]), ("", []),
    ("9" * 40, ["#" + "9" * 18] * 2 + ["#9999"]),
])  # fmt: skip
def test_numbers_of_a_text(text, expected):
    assert list(numbers(text)) == expected


def test_thousands_are_joined_where_tokens_are_cut_at_the_mark():
    english = ["A prize of 10,500 was won.", "It cost 2,345,000 then.", "They sold 700 of them."]
    chinese = ["奖金是10,500元", "卖了700个", "价格为2,345,000元"]
    found = match_documents(english, chinese, source="en", target="zh", progress=False)
    assert [match[:2] for match in found] == [(0, 0), (1, 2), (2, 1)]


def test_copies_hide_nothing():
    copies = 6 * [ENGLISH[0]]
    assert pairs_of([*ENGLISH, *copies], [*SWAHILI, *6 * [SWAHILI[2]]]) == pairs_of(ENGLISH, SWAHILI)


def test_a_dictionary_of_the_other_direction_is_told_of(caplog):
    turned = BilingualDictionary([("mto", "river"), ("mwalimu", "teacher")])
    pairs_of(["The river Nile", "A teacher, Ann"], ["mto Nile", "mwalimu Anna"], dictionary=turned)
    assert "no pair of words of the dictionary is in both sides" in caplog.text


def test_what_has_no_counterpart_stays_alone():
    found = pairs_of([*ENGLISH, "Federer won at Wimbledon."], [*SWAHILI, "Bei ya mafuta ilipanda.", ""])
    assert found == [(0, 2), (1, 0), (2, 1)]


def test_a_document_that_is_there_twice_is_matched_once():
    assert pairs_of([*ENGLISH, ENGLISH[0]], SWAHILI) == pairs_of(ENGLISH, SWAHILI)


def test_a_dictionary_finds_what_is_not_read_alike():
    english = ["the river rose", "a teacher came", "the doctor slept"]
    swahili = ["daktari alilala", "mto ulipanda", "mwalimu alikuja"]
    with_words = BilingualDictionary([("River", "mto"), ("teacher", "mwalimu"), ("doctor (medical)", "daktari")])
    assert pairs_of(english, swahili) == []
    assert pairs_of(english, swahili, dictionary=with_words) == [(0, 1), (1, 2), (2, 0)]


def test_a_word_of_many_translations_says_nothing():
    many = BilingualDictionary([("set", f"neno{i}") for i in range(20)] + [("river", "mto")])
    known = matching._translations(many, matching.PairSegmenter("en", "sw", {}))
    assert known == ({"river": ["mto"]}, {"mto": ["mto"]})


def test_tokens_and_sentences_are_documents_too():
    tokens = [document.rstrip(".").split() for document in ENGLISH]
    assert pairs_of(tokens, [[row.rstrip(".").split()] for row in SWAHILI]) == pairs_of(ENGLISH, SWAHILI)
    assert pairs_of(iter(tokens), iter(SWAHILI)) == pairs_of(ENGLISH, SWAHILI)


@given(piles, piles, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_documents_decides_nothing(source, target, random):
    found = match_documents(source, target, source="en", target="sw", margin=0.1, progress=False)
    assert len({match.source for match in found}) == len({match.target for match in found}) == len(found)
    places = random.sample(range(len(source)), len(source))
    again = match_documents([source[i] for i in places], target, source="en", target="sw", margin=0.1, progress=False)
    # what ties, ties in another order
    clear = {match[:2]: match.margin for match in found if match.margin > 1.0}
    other = {(places[match.source], match.target): match.margin for match in again}
    for pair, margin in clear.items():
        rivals = [m for p, m in other.items() if p[0] == pair[0] or p[1] == pair[1]]
        assert any(abs(m - margin) < 1e-4 for m in rivals)


def dense(source, target):
    """Margins by the formula, of all pairs at once."""
    left, right = np.asarray(source.todense()), np.asarray(target.todense())
    alike = left @ right.T
    k = matching.NEAREST
    rows = np.sort(alike, axis=1)[:, -k:].mean(axis=1)
    columns = np.sort(alike, axis=0)[-k:].mean(axis=0)
    return 2 * alike / np.maximum(rows[:, None] + columns[None], 1e-30)


@given(piles, piles, st.sampled_from([1, 5, 1000]))
@settings(max_examples=60, deadline=None)
def test_margins_are_those_of_all_pairs(source, target, block):
    kept = []
    matches = matching._matches
    with (
        mock.patch.object(matching, "BLOCK", block),
        mock.patch.object(matching, "_matches", lambda *given: kept.append(given) or matches(*given)),
    ):
        found = match_documents(source, target, source="en", target="sw", margin=0.1, progress=False)
    margins = dense(*kept[0][:2])
    for match in found:
        assert match.margin == pytest.approx(margins[match.source, match.target], rel=1e-4)
    best = {(i, int(margins[i].argmax())) for i in range(len(source)) if margins[i].max() > 0}
    mutual = {(i, j) for i, j in best if margins[:, j].argmax() == i}
    clear = {(i, j) for i, j in mutual if (np.isclose(margins[i], margins[i, j], rtol=1e-3).sum() == 1)
             and (np.isclose(margins[:, j], margins[i, j], rtol=1e-3).sum() == 1)}  # fmt: skip
    if min(len(source), len(target)) <= matching.NEAREST:  # then all pairs are candidates
        assert clear <= {match[:2] for match in found}


def test_chapters_of_the_bible_find_each_other():
    pairs = [(pair.source, pair.target) for pair in datasets.bible("en", "sw").limit(150).raw()]
    order = np.random.default_rng(1).permutation(len(pairs))
    found = pairs_of([source for source, _ in pairs], [pairs[i][1] for i in order])
    right = sum(order[j] == i for i, j in found)
    assert right > 40 and right > 0.9 * len(found)  # laws and psalms name nobody


@pytest.mark.parametrize("changes, message", [
    ({"margin": 0}, "margin=0: expected a number above 0"), ({"margin": float("nan")}, "margin=nan"),
    ({"margin": True}, "margin=True"), ({"margin": 10**400}, "and 4 at most"),
    ({"margin": 4.1}, "and 4 at most"),
    ({"source_documents": "news.txt"}, "source_documents is str"), ({"target_documents": {"a"}}, "documents is a set"),
    ({"target_documents": {"a": "b"}}, "target_documents is dict"), ({"tokenizers": [1]}, "tokenizers is list"),
    ({"tokenizers": {"fr": str.split}}, "tokenizers has 'fr'"),
    ({"source_documents": ["the cat"]}, "no word of 4 letters"),
    ({"source_documents": ENGLISH[:1], "target_documents": SWAHILI[:1]}, "one document of each language"),
    ({"source": "sw"}, "both 'sw'"), ({"target_documents": []}, "the 'sw' side has no document"),
    ({"source_documents": ["", None]}, "'en' side has nothing to compare in its 2 documents"),
    ({"source_documents": ["Rain", 7]}, "document 2: the 'en' side is int"),
])  # fmt: skip
def test_what_cannot_be_matched_is_told(changes, message):
    given_ = {"source_documents": ENGLISH, "target_documents": SWAHILI, "source": "en", "target": "sw"} | changes
    with pytest.raises((ValueError, TypeError), match=re.escape(message)):
        match_documents(**given_, progress=False)


def test_matches_make_a_corpus():
    corpus = ComparableCorpus(
        [(ENGLISH[i], SWAHILI[j]) for i, j in pairs_of(ENGLISH, SWAHILI)], source="en", target="sw"
    )
    assert [pair.target[0][0] for pair in corpus] == ["Kenyatta", "Mwaka", "Mvua"]
