"""Two spellings of a word that look the same are one word, wherever they come in."""

import json
import unicodedata

import numpy as np
import pytest
from conftest import TINY, labels_of, make_pairs
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import (
    BilingualDictionary,
    ComparableCorpus,
    EncodedText,
    Gazetteer,
    MTWord2Vec,
    NERData,
    SequenceTagger,
    UnigramTagger,
    align,
)
from gensim_mtner.cli.main import main
from gensim_mtner.labels import formats
from gensim_mtner.taggers.words import number_words
from gensim_mtner.text import sides
from gensim_mtner.text.languages import composed, composed_places
from gensim_mtner.vectors.neighbours import translation_accuracy

ACCENTS = "áéíóúàèìòùñçẹọṣńǹ"
words = st.text(alphabet=ACCENTS + "abn", min_size=1, max_size=6)


def apart(text):
    return unicodedata.normalize("NFD", text)


def accented(text):
    """Text with an accent on each a, e, i, o, u."""
    return text.translate(str.maketrans("aeiou", "áéíóú"))


def spelled(pairs, how):
    return [(name, [how(word) for word in source], [how(word) for word in target]) for name, source, target in pairs]


def trained(source_text, target_text, source_labels):
    """A model of accented words, each of the three spelled in its own way."""
    pairs = [
        (name, list(map(accented, source)), list(map(accented, target))) for name, source, target in make_pairs(20)
    ]
    sentences = [source for _, source, _ in make_pairs(20)]
    labels = NERData([[source_labels(accented(word)) for word in row] for row in sentences], labels_of(sentences))
    mixed = [(name, list(map(source_text, source)), list(map(target_text, target))) for name, source, target in pairs]
    corpus = ComparableCorpus(mixed, source="en", target="zh")
    return MTWord2Vec(corpus, ner_data=labels, **{**TINY, "silver_tokens": 1000, "self_training_tokens": 1000})


def test_a_model_does_not_depend_on_how_its_text_and_labels_are_spelled(caplog):
    one, other = trained(composed, composed, composed), trained(apart, composed, apart)
    assert one.wv.index_to_key == other.wv.index_to_key
    assert all(map(unicodedata.is_normalized, ["NFC"] * len(one.wv), one.wv.index_to_key))
    assert np.array_equal(one.wv.vectors, other.wv.vectors)
    sentences = [[accented(word) for word in source] for _, source, _ in make_pairs(5, seed=2)]
    same = one.tag(sentences, language="en")
    assert any(tag != "O" for row in same for tag in row)
    assert other.tag([[apart(word) for word in row] for row in sentences], language="en") == same
    name = accented("Bob")
    assert apart(name) != name
    assert [record.message for record in caplog.records if "have a vector" in record.message] == []
    assert one.neighbours(apart(name), language="en") == other.neighbours(name, language="en")


@pytest.mark.parametrize("form", ["text", "tokens", "sentences"])
def test_text_is_composed_whatever_a_document_is(form):
    document = {"text": apart("Bogotá é"), "tokens": [apart("Bogotá"), apart("é")],
                "sentences": [[apart("Bogotá"), apart("é")]]}[form]  # fmt: skip
    corpus = ComparableCorpus([(document, "x")], source="es", target="en")
    assert list(corpus.sentences("es")) == [["Bogotá", "é"]]
    tokenizers = {"es": lambda text: [apart(word) for word in text.split()]}  # even if a tokenizer takes it apart
    if form == "text":
        corpus = ComparableCorpus([(document, "x")], source="es", target="en", tokenizers=tokenizers)
        assert list(corpus.sentences("es")) == [["Bogotá", "é"]]


@given(st.lists(st.lists(words, min_size=1), min_size=1))
def test_words_are_numbered_by_their_composed_spelling(sentences):
    found, wanted = (number_words([[how(word) for word in row] for row in sentences]) for how in (apart, composed))
    assert found.names == wanted.names
    assert found.numbers.tolist() == wanted.numbers.tolist()
    both = number_words([[apart(word), composed(word)] for row in sentences for word in row])
    assert len(set(both.names)) == len(both.names) and (both.numbers[::2] == both.numbers[1::2]).all()


@given(st.lists(words, min_size=1))
def test_what_is_written_has_the_tokens_as_they_are(tokens):
    apart_ones = [apart(token) for token in tokens]
    (line,) = formats.write([(apart_ones, ["O"] * len(tokens))], "jsonl")
    assert json.loads(line)["tokens"] == apart_ones
    text = " ".join(apart_ones)
    assert len(list(formats.write([(apart_ones, ["B-LOC"] * len(tokens))], "brat", text=text))) == len(tokens)


def test_lists_of_names_and_pairs_find_either_spelling():
    assert Gazetteer({"LOC": [apart("Bogotá")]}, language="es") == Gazetteer({"LOC": ["Bogotá"]}, language="es")
    labels = NERData.from_gazetteer([["Bogotá"], [apart("Bogotá")]], {"LOC": [apart("Bogotá")]}, language="es")
    assert labels.tags == [["B-LOC"]] * 2
    assert BilingualDictionary([(apart("Bogotá"), "x"), ("Bogotá", "x")], [1, 2]).weights == [3]


def test_a_name_of_a_file_has_the_type_of_both_spellings(tmp_path):
    rows = ["José\tPER", "José\tPER", f"{apart('José')}\tLOC"]
    (tmp_path / "names.tsv").write_text("\n".join(rows), encoding="utf-8")
    assert Gazetteer.from_tsv(tmp_path / "names.tsv", language="es").kinds == {"José": "PER"}


def test_a_tagger_alone_knows_either_spelling():
    sentences, tags = [["José", "vio", "Bogotá"], ["a", "é", "i"]] * 5, [["B-PER", "O", "B-LOC"], ["O"] * 3] * 5
    tagger = SequenceTagger().fit([[apart(word) for word in row] for row in sentences], tags)
    assert tagger.predict(sentences[:1]) == tagger.predict([[apart(word) for word in sentences[0]]]) == tags[:1]


def test_labels_of_a_file_are_composed(tmp_path):
    (tmp_path / "labels").write_text(apart("Bogotá\tB-LOC\n\n"), encoding="utf-8")
    assert NERData.from_iob2(tmp_path / "labels").sentences == [["Bogotá"]]


def vectors_of(names):
    vectors = KeyedVectors(4)
    vectors.add_vectors(names, np.random.default_rng(1).normal(size=(len(names), 4)).astype(np.float32))
    return vectors


ODD = ["হ\u09df", "ल\u095cका", "Vi\u00ea\u0323t"]  # what NFC takes apart, and letters that are half of each


def test_keys_in_no_form_are_found_by_words_that_are_spelled_like_them(caplog):
    vectors = vectors_of([*ODD, "a"])
    sentences, tags = [[*ODD, "a"]] * 9, [["B-LOC", "B-PER", "B-LOC", "O"]] * 9
    tagger = UnigramTagger(vectors).fit(sentences, tags)
    assert tagger.rows(sentences[0]).tolist() == [0, 1, 2, 3]
    assert tagger.predict(sentences[:1]) == tags[:1]
    start = vectors_of([f"hi:{word}" for word in ODD] * 1)
    model = MTWord2Vec(vector_size=4, min_count=1)
    model.build_vocab(ComparableCorpus([(" ".join(ODD), "x y")] * 9, source="hi", target="en"), init_vectors=start)
    assert [model.wv[f"hi:{composed(word)}"].tolist() for word in ODD] == start.vectors.tolist()
    assert "are the model's" not in caplog.text
    odd = vectors_of(["\u037e", "\u212a"])  # which NFC makes ASCII of
    assert UnigramTagger(odd).rows([";", "K", "k"]).tolist() == [0, 1, -1]
    vectors.add_vectors(["e\u0301"], np.ones((1, 4), np.float32))  # which is looked for, though others were before
    assert tagger.rows(["\xe9"]).tolist() == [4]


def test_models_of_older_releases_answer_to_either_spelling(caplog):
    model = trained(composed, composed, composed)
    wanted = model.neighbours(accented("Bob"), language="en")
    sentences = [[accented(word) for word in source] for _, source, _ in make_pairs(20)]
    tagged = model.tag(sentences, language="en")
    model.set_keys(list(map(apart, model.wv.index_to_key)), model.wv.expandos["count"])
    caplog.clear()
    for how in (apart, composed):
        assert [(composed(name), score) for name, score in model.neighbours(how(accented("Bob")), language="en")] == [
            (composed(name), score) for name, score in wanted]  # fmt: skip
        assert model.tag([[how(word) for word in row] for row in sentences], language="en") == tagged
    assert "have a vector" not in caplog.text


def test_encoded_text_of_older_releases_is_told_of(tmp_path, monkeypatch):
    corpus = ComparableCorpus([(apart("Bogotá é"), "x")], source="es", target="en")
    with monkeypatch.context() as patch:
        patch.setattr(sides, "composed", lambda text: text)
        corpus.encode(tmp_path / "text", progress=False)
    with pytest.raises(ValueError, match=r"words\.jsonl: its words have accents of their own, .*: encode it anew"):
        EncodedText.open(tmp_path / "text")


def test_text_is_composed_before_it_is_cut(tmp_path, monkeypatch, capsys):
    model = tmp_path / "model"
    trained(composed, composed, composed).save(model)
    text = "Bób saw Rome in の\u3078\u3099."  # whose last letter is two characters
    for form, name in ((apart, "apart"), (composed, "composed")):
        (tmp_path / name).write_text(form(text), encoding="utf-8")
        assert main(["tag", "--model", str(model), "--language", "en", "--raw", "--input", str(tmp_path / name)]) == 0
    rows = capsys.readouterr().out.strip().split("\n\n")
    assert rows[0] == rows[1]
    assert main(["tag", "--model", str(model), "--language", "en", "--raw", "--format", "brat",
                 "--input", str(tmp_path / "apart")]) == 0  # fmt: skip


@given(st.text(alphabet=ACCENTS + "\u0958\u0301\u0323 ab", max_size=12))
def test_places_of_composed_text_are_those_of_the_text(text):
    found, places = composed_places(text)
    assert found == composed(text)
    assert len(places) == len(found) + 1 and places == sorted(places) and places[-1] == len(text)
    for number, char in enumerate(found):
        if not unicodedata.combining(char):  # a letter, with which a cluster begins
            assert composed(text[: places[number]]) == found[:number]


def test_places_of_syllables_are_those_of_their_letters():
    assert composed_places("\u1112\u1161\u11ab\u1100\u1161") == ("한가", [0, 3, 5])


@pytest.mark.parametrize("form", [apart, composed])
def test_offsets_are_those_of_the_text_as_it_is(tmp_path, capsys, form):
    trained(composed, composed, composed).save(tmp_path / "model")
    text = form("\u0958 Bób sáw Rómé e\u0301 . Léó léft .")
    (tmp_path / "text").write_text(text, encoding="utf-8")
    tag = ["tag", "--model", str(tmp_path / "model"), "--language", "en", "--raw", "--format", "brat"]
    assert main([*tag, "--input", str(tmp_path / "text")]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows
    for _, place, shown in rows:
        start, stop = map(int, place.split()[1:])
        assert text[start:stop] == shown and text[start - 1 : start] in ("", " ") and text[stop : stop + 1] in ("", " ")


@pytest.mark.parametrize("theirs", [apart, composed])
def test_vectors_that_others_made_are_found_in_either_spelling(theirs):
    vectors = vectors_of([theirs("Bogotá"), theirs("José"), "a"])
    sentences, tags = [["Bogotá", apart("José"), "a"]], [["B-LOC", "B-PER", "O"]]
    tagger = UnigramTagger(vectors).fit(sentences * 9, tags * 9)
    assert tagger.rows(sentences[0]).tolist() == [0, 1, 2]
    assert tagger.predict(sentences) == tags
    pairs = [("Bogotá José a", "x y z")] * 3
    corpus = ComparableCorpus(pairs, source="es", target="en")
    start = vectors_of([f"es:{theirs('Bogotá')}", "es:a"])
    model = MTWord2Vec(vector_size=4, min_count=1)
    model.build_vocab(corpus, init_vectors=start)
    assert np.array_equal(model.wv["es:Bogotá"], start.vectors[0])


def test_pairs_of_a_dictionary_are_found_in_either_spelling():
    words = [accented(f"word{letter}") for letter in "abcdefghijklmnop"]
    english, spanish = vectors_of(list(map(apart, words))), vectors_of(words)
    pairs = [(word, apart(word)) for word in words]
    found = align(english, spanish, pairs, source="en", target="es", refine=False)
    assert len(found) == 32
    one = trained(composed, composed, composed)
    scores = [translation_accuracy(one, [(how(accented("Oslo")), "奥斯陆")], language="en", into="zh", topn=len(one.wv))
              for how in (apart, composed)]  # fmt: skip
    assert scores[0] == scores[1]
