"""Which documents are of the kind of the labels."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData
from gensim_mtner.model import nearness
from gensim_mtner.model.nearness import ALIKE, FALL, LEAST, NEAREST, UNSEEN, chances
from gensim_mtner.model.samples import sample_places

BOTH = {"source": "en", "target": "de"}
NEWS = ["The", "minister", "met", "reporters", "on", "Monday", "and", "spoke", "about", "taxes", "."]
BIBLE = ["And", "unto", "them", "thou", "shalt", "give", "corn", ",", "saith", "he", ",", "and", "lo", "!"]


def corpus_of(*kinds, target=("wort", "und", "wort")):
    """A document for each: a list of source tokens."""
    return ComparableCorpus([(list(tokens), list(target)) for tokens in kinds], **BOTH)


def labels_of(*sentences):
    return NERData([list(tokens) for tokens in sentences], [["B-PER", *["O"] * (len(t) - 1)] for t in sentences])


@pytest.fixture(autouse=True)
def little_text(monkeypatch):
    """A fiftieth of it is enough to go by, however little that is."""
    monkeypatch.setattr(nearness, "LEAST", 0)


def reference(text, labels, least=0):
    """Word by word, as it is written down."""
    counts, n = {}, 0
    for word, count in zip(text.words[0], text.counts[0], strict=True):
        counts[word.lower()] = counts.get(word.lower(), 0) + int(count)
    theirs = {}
    for sentence in labels.sentences:
        for word in sentence:
            theirs[word.lower()] = theirs.get(word.lower(), 0) + 1
    n = len(counts.keys() | theirs.keys())

    def gain(word):
        expected = (theirs.get(word, 0) + UNSEEN) / (sum(theirs.values()) + UNSEEN * n)
        return np.log(expected) - np.log((counts[word] + UNSEEN) / (sum(counts.values()) + UNSEEN * n))

    sides = [[word.lower() for row in text.sentences(number, 0) for word in row] for number in range(len(text))]
    gains = [np.mean([gain(word) for word in side]) if side else None for side in sides]
    both = [bool(side and text.sentences(number, 1)) for number, side in enumerate(sides)]
    counted = both if any(both) else list(map(bool, sides))
    ranked = sorted(((g, len(side)) for g, side, c in zip(gains, sides, counted, strict=True) if c), reverse=True)
    seen, nearest = 0, ranked[-1][0]
    for g, length in ranked:
        seen += length
        if seen >= max(NEAREST * sum(length for _, length in ranked), least):
            nearest = g
            break
    return [1.0 if g is None else np.exp(-FALL * max(nearest - g - ALIKE, 0)) for g in gains]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["a", "A", "b", "c", "d", "."]), max_size=6), st.lists(st.just("wort"), max_size=3)
        ),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.lists(st.sampled_from(["a", "b", "C", "x", "."]), min_size=1, max_size=5), min_size=1, max_size=4),
    st.integers(1, 9), st.sampled_from([0, 3, 8, LEAST]),
)  # fmt: skip
def test_chances_are_those_of_the_reference(documents, sentences, chunk, least):
    documents = [*documents, (["a"], []), ([], ["wort"])]  # a corpus has both sides
    corpus = ComparableCorpus(documents, **BOTH, on_missing="keep")
    text, labels = corpus.encode(), labels_of(*sentences)
    with mock.patch.multiple(nearness, CHUNK=chunk, LEAST=least):
        found = chances(text, labels)
    assert found == pytest.approx(reference(text, labels, least))
    assert ((found >= 0) & (found <= 1)).all()


def test_the_kind_of_the_labels_is_drawn_from():
    text = corpus_of(*[NEWS] * 3, *[BIBLE] * 30).encode()
    found = chances(text, labels_of(*[NEWS] * 5))
    assert (found[:3] == 1).all() and (found[3:] < 0.2).all()
    drawn = [place for place, _ in sample_places(text, 1, 10**6, 1, found)]
    assert set(drawn) >= {0, 1, 2} and len(drawn) < 15
    assert (chances(text, labels_of(*[BIBLE] * 5))[3:] == 1).all()


def test_text_of_one_kind_stays_whole():
    random = np.random.default_rng(1)
    rows = [list(random.choice(NEWS, 40)) for _ in range(20)]
    text = corpus_of(*rows).encode()
    assert (chances(text, labels_of(BIBLE, NEWS)) > 0.9).all()
    assert (chances(text, labels_of(*rows[:3])) > 0.9).all()
    every = sample_places(text, 1, 10**6, 1)
    assert sample_places(text, 1, 10**6, 1, np.ones(len(text))) == every and len(every) == 20


def test_documents_of_one_side_do_not_starve_those_of_both():
    news, pairs = [(NEWS, None)] * 40, [(BIBLE, ["wort"] * 10)] * 400
    text = ComparableCorpus([*news, *pairs], **BOTH, on_missing="keep").encode()
    found = chances(text, labels_of(*[NEWS] * 9))
    assert (found == 1).all() and len(sample_places(text, 1, 10**6, 1, found)) == 400


def test_documents_without_a_source_and_merged_ones_have_their_chance():
    corpus = ComparableCorpus([(NEWS, ["wort"]), (None, ["und"])], **BOTH, on_missing="keep")
    assert chances(corpus.encode(), labels_of(BIBLE)).tolist() == [1, 1]
    merged = [["en:Ann", "de:Anna", "en:left", "de:ging"]] * 3
    text = MTWord2Vec(**BOTH, vector_size=4)._read(merged)
    assert text.is_merged() and (chances(text, labels_of(NEWS)) == 1).all()


def test_shards_have_the_chances_of_the_whole(tmp_path):
    corpus = corpus_of(*[NEWS, BIBLE, NEWS + BIBLE] * 5)
    labels = labels_of(NEWS)
    whole = chances(corpus.encode(), labels)
    corpus.encode(tmp_path / "shards", shards=3)
    shards = EncodedText.open(tmp_path / "shards")
    assert chances(shards, labels)[shards.in_order()] == pytest.approx(whole)


def test_a_model_is_told_to_draw_from_all(tmp_path):
    sentences = [["Ann", "left"], ["Bob", "came", "home"]] * 20
    pairs = [(NEWS * 2, ["Ann", "ging", "."])] * 4 + [(BIBLE * 2, ["Bob", "kam", "."])] * 60
    labels = labels_of(*sentences, *[NEWS] * 10)
    small = {"vector_size": 4, "min_count": 1, "pretrain_epochs": 1, "epochs": 1, "workers": 1, "seed": 1}
    corpus, drawn = ComparableCorpus(pairs, **BOTH), []

    def noted(*arguments):
        drawn.append({place for place, _ in sample_places(*arguments)})
        return sample_places(*arguments)

    with (mock.patch("gensim_mtner.model.samples.sample_places", noted),
          mock.patch("gensim_mtner.model.self_training.sample_places", noted)):  # fmt: skip
        for told in ({}, {"match_labels": False}):
            model = MTWord2Vec(corpus, ner_data=labels, **small, **told)
        MTWord2Vec(corpus, ner_data=labels, mode="baseline", **small)
    silver, taught, *all_of = drawn
    assert len(silver) < 30 > len(taught) and {0, 1, 2, 3} <= silver & taught
    assert all_of == [set(range(64))] * 2
    model.save(tmp_path / "model")
    assert MTWord2Vec.load(tmp_path / "model").match_labels is False
    with pytest.raises(ValueError, match="match_labels='no': expected True or False"):
        MTWord2Vec(match_labels="no")
