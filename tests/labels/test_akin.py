"""Names in the spelling of another language: endings, other letters, other scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus
from gensim_mtner.labels.akin import SHORTEST, akin_words
from gensim_mtner.labels.casing import common_words
from gensim_mtner.labels.projection import ProjectedNames, project_names
from gensim_mtner.labels.schemes import check_iob2
from gensim_mtner.text.sound import sound

# of NTREX: English, and how Croatian, Ukrainian, Romanian, Hausa, Yoruba, Swahili write it
AKIN = """Trump Trumpom; Barcelona Barceloni; Nicholas Nicholasa; Pyongyang Pjongjang; Argentina Argentine; Texas
Teksasu; Korea Koreje; Johnson Johnsona; Washington Вашингтон; Missouri Міссурі; Justin Джастін; Carlos
Карлосом; Denver Денвер; Erdogan Ердоган; Biden Байден; Glasgow Глазго; Brussels Bruxelles; Moscow Moscova;
Theresa Theresei; Syria Siriya; California Kalifóníà; Russia Rọ́síà; Singapore Singapuri; Mexico Meksiko;
Uzbekistan Uzbekistani"""
OTHERS = """Iran Oman; London Lisbon; Trump Tramway; Ann Anna; Kenya Kigali; Berlin Bern; Washington Wales;
Putin Путешествие; Mexico Melbourne; Paris Parliament; China Чили"""


def pairs_of(text):
    return [tuple(pair.split()) for pair in text.replace("\n", " ").split(";")]


@pytest.mark.parametrize(("name", "word"), pairs_of(AKIN))
def test_other_spellings_are_known(name, word):
    assert akin_words([name, "Zanzibar"], [word]) == {word: name}


@pytest.mark.parametrize(("name", "word"), pairs_of(OTHERS))
def test_other_names_are_none(name, word):
    assert akin_words([name], [word]) == {}


def test_the_most_similar_name_is_taken():
    names = ["Karlo", "Karla", "Marko"]
    assert akin_words(names, ["Karlom"]) == akin_words(names[::-1], ["Karlom"]) == {"Karlom": "Karlo"}


@given(st.lists(st.text(max_size=9), max_size=6), st.lists(st.text(max_size=9), max_size=6))
def test_what_is_found_is_among_what_was_given(names, words):
    found = akin_words(names, words)
    assert set(found) <= set(words) and set(found.values()) <= set(names)
    assert found == akin_words(reversed(names), reversed(words))
    assert all(sound(word)[0] == sound(name)[0] and len(sound(word)) >= SHORTEST for word, name in found.items())


@given(st.text(max_size=12))
def test_a_sound_is_of_small_latin_letters(word):
    assert sound(word) == "" or (sound(word).isascii() and sound(word).isalpha() and sound(word).islower())
    assert len(sound(word)) < SHORTEST or akin_words([word], [word]) == {word: word}


NAMES = {("Ann", "Bradley"): "PER", ("Bradley",): "PER", ("Zagreb",): "LOC"}


def tag(sentences):
    return [ProjectedNames(NAMES, [{}]).label(0, sentence)[0] for sentence in sentences]


def test_whole_names_are_labelled_in_their_other_spelling():
    pairs = [
        ("Ann Bradley came to Zagreb .", "Ann Bradleyjem u Zagrebu . Zagrebačka zima ."),
        ("He left Zagreb .", "Bradleyja nema . Otišao je iz Zagreba ."),
        ("Bradley and the Prince left .", "Брадлі і принц пішли . Принц пішов . Bradley ."),
    ]
    corpus = ComparableCorpus([(a.split(), b.split()) for a, b in pairs], source="en", target="hr")
    text = corpus.encode()
    names = project_names(text, range(3), tag, common=common_words(text, 1))
    assert names.akin == [{"Bradleyjem": "Bradley", "Zagrebu": "Zagreb"}, {"Zagreba": "Zagreb"}, {"Брадлі": "Bradley"}]
    for document, (_, target) in enumerate(pairs):
        for sentence in text.sentences(document, 1):
            check_iob2(names.label(document, sentence)[0])
        tags, inside = names.label(document, target.split())
        shown = [f"{token}/{tag[0]}" for token, tag in zip(target.split(), tags, strict=True) if tag != "O"]
        assert shown == [["Ann/B", "Bradleyjem/I", "Zagrebu/B"], ["Zagreba/B"], ["Брадлі/B", "Bradley/B"]][document]
        assert inside.sum() == len(shown)


def test_words_of_the_source_and_common_ones_are_no_other_spelling():
    target = ["Zagrebu", "Zagreba", "zagreba", "zagreba", "zagreba", "."]
    corpus = ComparableCorpus([(["Zagreb", "is", "Zagrebu", "."], target)], source="en", target="hr")
    text = corpus.encode()
    assert project_names(text, [0], tag).akin == [{"Zagreba": "Zagreb"}]
    assert project_names(text, [0], tag, common=frozenset({"Zagreba"})).akin == [{}]
