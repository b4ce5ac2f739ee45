"""Text in shards: the same words and documents whatever the number of shards, workers and the order; and its damage."""

import json
import random
from contextlib import nullcontext

import numpy as np
import pytest
from conftest import assert_same_model, labels_of, make_pairs, sign

from gensim_mtner import ComparableCorpus, EncodedText, LocalEngine, MTWord2Vec, NERData
from gensim_mtner.text import spreading
from gensim_mtner.text.encoded import ShardedText

SMALL = {"vector_size": 16, "window": 4, "workers": 1, "sample": 1e-2, "pretrain_epochs": 2, "epochs": 2,
         "batch_words": 400, "progress": False, "seed": 5}  # fmt: skip


def corpus(pairs=None, **more):
    return ComparableCorpus(make_pairs(90) if pairs is None else pairs, source="en", target="zh", **more)


def content(text):
    """Documents by their number in the corpus, as words."""
    encoded = text.documents({})
    words = [*text.words[0], *text.words[1]]
    return {
        int(number): [[words[id] for id in side] for side in encoded.sides(place)]
        for place, number in enumerate(encoded.numbers)
    }


@pytest.mark.parametrize("shards", [1, 2, 7, 90, 200])
def test_documents_and_counts_are_those_of_the_corpus(tmp_path, shards):
    text, plain = corpus().encode(tmp_path / "text", shards=shards), corpus().encode()
    assert isinstance(text, ShardedText) and len(text) == len(plain) and len(text.ids) == len(plain.ids)
    assert content(text) == content(plain)
    assert text.frequencies() == plain.frequencies()
    for words, counts in zip(text.words, text.counts, strict=True):
        assert [*zip(-counts, words, strict=True)] == sorted(zip(-counts, words, strict=True))
    assert sorted(path.name for path in (tmp_path / "text").iterdir())[:2] == ["ids-0000.npy", *(
        ["ids-0001.npy"] if shards > 1 else ["manifest.json"])]  # fmt: skip
    again = EncodedText.open(tmp_path / "text", mmap=False)
    assert content(again) == content(plain) and again.words == text.words
    found = [text.sentences(place, 1) for place in range(len(text))]
    numbers = text.documents({}).numbers
    assert found == [plain.sentences(int(number), 1) for number in numbers]


def test_words_depend_on_nothing_else(tmp_path, monkeypatch):
    made = {}
    monkeypatch.setattr(spreading, "FEW", 5)
    for number, (pairs, how) in enumerate([
        (make_pairs(90), {"shards": 1}), (make_pairs(90), {"shards": 8}), (make_pairs(90), {"shards": 3, "workers": 2}),
        (make_pairs(90), {"shards": 3, "engine": LocalEngine(2)}),
        (random.Random(1).sample(make_pairs(90), 90), {"shards": 4}),
    ]):  # fmt: skip
        text = corpus(pairs).encode(tmp_path / str(number), **how)
        made[number] = text.words, [counts.tolist() for counts in text.counts]
    assert all(found == made[0] for found in made.values())


def test_what_is_trained_does_not_depend_on_shards(tmp_path):
    labels = NERData(sentences := [pair[1][:4] for pair in make_pairs(90)], labels_of(sentences))
    models = [
        MTWord2Vec(corpus().encode(tmp_path / str(shards), shards=shards), ner_data=labels, mode="baseline", **SMALL)
        for shards in (1, 2, 6)
    ]
    for kernel in ("shared", "gensim"):
        models = [MTWord2Vec(EncodedText.open(tmp_path / str(shards)), ner_data=labels, mode="baseline", kernel=kernel,
                             **SMALL) for shards in (1, 2, 6)]  # fmt: skip
        for model in models[1:]:
            np.testing.assert_array_equal(model.wv.vectors, models[0].wv.vectors)
            np.testing.assert_array_equal(model.syn1neg, models[0].syn1neg)
    text = EncodedText.open(tmp_path / "6")
    three = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3), **SMALL)
    assert three.history[0]["raw_words"] == len(text.ids)
    with pytest.raises(ValueError, match="the text has 2 shards, fewer than the 3 workers"):
        MTWord2Vec(EncodedText.open(tmp_path / "2"), engine=LocalEngine(3), **SMALL)


@pytest.mark.parametrize("tokens", [300, 10**6])
def test_what_is_labelled_does_not_depend_on_shards_either(tmp_path, tokens):
    labels = NERData(sentences := [pair[1][:4] for pair in make_pairs(90)], labels_of(sentences))
    settings = SMALL | {"silver_tokens": tokens, "self_training_tokens": tokens, "project_names": True}
    texts = [corpus().encode(tmp_path / str(shards), shards=shards) for shards in (1, 2, 6)]
    models = [MTWord2Vec(text, ner_data=labels, **settings) for text in texts]
    for model in models[1:]:
        assert_same_model(model, models[0])
    assert hasattr(models[0], "source_tagger") and hasattr(models[0], "target_tagger")


def test_text_in_shards_is_saved_in_one_piece_and_in_its_order(tmp_path):
    text, whole = corpus().encode(tmp_path / "shards", shards=3), corpus().encode(tmp_path / "whole", shards=1)
    text.save(tmp_path / "saved")
    saved = EncodedText.open(tmp_path / "saved")
    assert saved.words == whole.words and np.array_equal(saved.ids, whole.ids[:])
    np.testing.assert_array_equal(saved.offsets, whole.offsets)


DASHES = {"between": " "}


def cut(text):
    return text.split(DASHES["between"])


class Elsewhere:
    """Machines on which a tokenizer is set up in another way."""

    def held(self):
        return nullcontext()

    def map(self, function, items):
        for item in items:
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(DASHES, "between", "-")
                found = function(*item)
            yield found


def test_machines_that_segment_in_another_way_are_found_before_anything_is_written(tmp_path):
    pairs = [(str(n), "well-known Ann left Rome .", ["安", "离开", "罗马", "。"]) for n in range(60)]
    text = corpus(pairs, tokenizers={"en": cut})
    with pytest.raises(ValueError, match=r"pair 1: process \d+ on .* cuts it into other tokens .* same versions"):
        text.encode(tmp_path / "text", shards=2, engine=Elsewhere())
    assert list(tmp_path.iterdir()) == []
    assert len(text.encode(tmp_path / "text", shards=2, engine=LocalEngine(2))) == 60
    assert len(text.encode(tmp_path / "here", shards=2)) == 60


def test_rare_words_go_before_they_are_all_in_one_place(tmp_path):
    pairs = [*make_pairs(20), ("x", ["Ann", "once", "."], ["安", "仅", "。"])]
    text = corpus(pairs).encode(tmp_path / "text", shards=3, min_count=2)
    assert "once" not in text.words[0] and "仅" not in text.words[1]
    assert content(text)[20] == [["Ann", "."], ["安", "。"]]
    assert sum(map(int, text.counts[0])) + sum(map(int, text.counts[1])) == len(text.ids)
    with pytest.raises(ValueError, match="has no word of 'en' in any document 9999 times"):
        corpus().encode(tmp_path / "none", shards=3, min_count=9999)
    assert not (tmp_path / "none").exists()


def test_text_that_is_not_segmented_and_empty_text_leave_nothing(tmp_path):
    word = "这是一个没有分词的很长很长的句子它没有任何空格"
    long = [(str(n), ["Ann", "left", "Rome", "."], [word + "的" * n]) for n in range(40)]
    for pairs, message in ((long, "as long as sentences"), ([], "no document"),
                           ([("1", ["Ann"], [])], "side is missing")):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            corpus(pairs).encode(tmp_path / "text", shards=2)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("how", "message"), [
    ({"shards": 0}, "shards=0"), ({"shards": 2.5}, "shards=2.5"), ({"shards": 10**6}, "shards=1000000"),
    ({"shards": 2, "min_count": 0}, "min_count=0"), ({"shards": 2, "workers": 0}, "workers=0"),
    ({"engine": LocalEngine(2)}, "engine and min_count are for shards"), ({"min_count": 3}, "are for shards"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(tmp_path, how, message):
    with pytest.raises(ValueError, match=message):
        corpus().encode(tmp_path / "text", **how)
    with pytest.raises(ValueError, match="pass a path"):
        corpus().encode(shards=2)


def test_damage_is_told_by_its_file(tmp_path):
    def harmed(name, harm, **facts):
        path = tmp_path / name
        corpus().encode(path, shards=3)
        harm(path)
        if facts:
            sign(path, lambda manifest: manifest.update(facts))
        return path

    def cut(path):
        file = path / "ids-0001.npy"
        file.write_bytes(file.read_bytes()[:-4])

    def swap(path):
        for name in ("ids", "offsets"):
            (path / f"{name}-0001.npy").write_bytes((path / f"{name}-0000.npy").read_bytes())
        np.save(path / "offsets-0001.npy", np.load(path / "offsets-0001.npy")[[0, 1, *range(4, 61)]])
        sign(path)

    def strange(path):
        np.save(path / "ids-0002.npy", np.load(path / "ids-0002.npy") + 10**6)
        sign(path)

    for name, harm, facts, message in (
        ("cut", cut, {}, r"ids-0001\.npy is of \d+ bytes, but"),
        ("swapped", swap, {}, r"shard 1 has 29 documents, not 30"),
        ("strange", strange, {}, r"ids-0002\.npy has ids without a word"),
        ("none", lambda path: None, {"shards": 0}, "does not say how many shards"),
        ("too many", lambda path: None, {"documents": 1 << 39}, "does not say how many shards"),
        ("fewer", lambda path: None, {"shards": 2}, r"shard 0 has 30 documents, not 45"),
        ("gone", lambda path: (path / "ids-0000.npy").unlink(), {}, r"the part 'ids-0000\.npy' is missing"),
        ("later", lambda path: None, {"version": 99}, "upgrade"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            EncodedText.open(harmed(name, harm, **facts))


def test_shards_are_saved_as_one_text(tmp_path):
    text = corpus().encode(tmp_path / "shards", shards=4)
    text.save(tmp_path / "one")
    one = EncodedText.open(tmp_path / "one")
    assert type(one) is EncodedText and len(one.ids) == len(text.ids) and one.words == text.words
    assert json.loads((tmp_path / "one" / "manifest.json").read_text())["documents"] == 90
