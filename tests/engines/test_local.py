"""The algorithm of a cluster in one process: against a plain loop, against no engine, and what it leaves alone."""

import os
import signal

import numpy as np
import pytest
from conftest import PEOPLE, assert_same_model, labels_of, make_pairs

from gensim_mtner import BilingualDictionary, ComparableCorpus, LocalEngine, MTWord2Vec, NERData
from gensim_mtner.engines import intervals
from gensim_mtner.engines.adasum import adasum
from gensim_mtner.engines.engine import ThisProcess
from gensim_mtner.engines.replica import Replica
from gensim_mtner.model.checkpoint import TrainingInterrupted
from gensim_mtner.text.shards import shard_of
from gensim_mtner.vectors.skipgram import OwnKernel

SMALL = {"vector_size": 16, "window": 4, "workers": 1, "sample": 1e-2, "pretrain_epochs": 3, "epochs": 2,
         "batch_words": 400, "progress": False, "seed": 5}  # fmt: skip
DICTIONARY = BilingualDictionary(PEOPLE)


def data():
    pairs = make_pairs(60)
    sentences = [pair[1][:4] for pair in pairs]
    return ComparableCorpus(pairs, source="en", target="zh").encode(), NERData(sentences, labels_of(sentences))


@pytest.mark.parametrize(("mode", "kernel"), [("hfj", "shared"), ("fj", "exact"), ("baseline", "shared"),
                                              ("hfj", "gensim"), ("ner", "shared")])  # fmt: skip
def test_one_shard_has_the_bits_of_no_engine(mode, kernel):
    text, labels = data()
    settings = {**SMALL, "mode": mode, "kernel": kernel, "rounds_per_epoch": 2}
    without = MTWord2Vec(text, ner_data=labels, **settings)
    for engine in (LocalEngine(1), LocalEngine(1, syncs=7, dtype="float16"), ThisProcess()):
        assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **settings), without)


def test_pairs_of_a_dictionary_are_dealt_out_with_the_documents(tmp_path):
    """Whether a worker maps its shards or has documents in memory, what is added to them is the same."""
    pairs, (_, labels) = make_pairs(60), data()
    given = {"ner_data": labels, "dictionary": DICTIONARY, **SMALL}
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    for text in (corpus.encode(), corpus.encode(tmp_path / "text", shards=4)):
        plain = MTWord2Vec(text, **given)
        assert plain.history[0]["raw_words"] == plain.wv.expandos["count"].sum() + 2 * len(DICTIONARY)
        assert_same_model(MTWord2Vec(text, engine=LocalEngine(1), **given), plain)
        assert not np.array_equal(MTWord2Vec(text, ner_data=labels, **SMALL).wv.vectors, plain.wv.vectors)
        shared = MTWord2Vec(text, engine=LocalEngine(3), **given)
        assert shared.history[0]["raw_words"] == plain.history[0]["raw_words"]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shards", [2, 3])
def test_it_is_local_training_and_adasum(shards, dtype):
    """A plain loop over passes, intervals and shards, each on a whole model."""
    text, _ = data()
    syncs, epochs = 5, 3
    model = MTWord2Vec(text, epochs=epochs, engine=LocalEngine(shards, syncs=syncs, dtype=dtype), **{
        name: value for name, value in SMALL.items() if "epochs" not in name})  # fmt: skip
    plain = MTWord2Vec(**SMALL)
    plain.build_vocab(text)
    plain.wv.vectors_lockf = np.ones(1, np.float32)
    encoded = text.documents(plain.wv.key_to_index)
    losses = []
    for epoch in range(epochs):
        kernel = OwnKernel(plain, encoded, "random", epoch)
        order = kernel.order()
        mine = [order[shard_of(order, shards) == rank] for rank in range(shards)]
        loss = 0.0
        for number in range(syncs):
            base, moved = (plain.wv.vectors.copy(), plain.syn1neg.copy()), []
            parts = [np.array_split(share, syncs)[number] for share in mine]
            for part in parts:
                plain.wv.vectors[...], plain.syn1neg[...] = base
                done, sums = 0, 0.0
                for job, size in kernel.jobs(part):
                    progress = np.flatnonzero(order == part[done])[0] / len(order)
                    alpha = max(1e-4, 0.025 - (0.025 - 1e-4) * (epoch + progress) / epochs)
                    sums += kernel.run(job, alpha).loss
                    done += size
                loss += sums
                moved.append([(now - was).astype(dtype) for now, was in zip((plain.wv.vectors, plain.syn1neg), base,
                                                                            strict=True)])  # fmt: skip
            for array, was, *deltas in zip((plain.wv.vectors, plain.syn1neg), base, *moved, strict=True):
                array[...] = was + adasum(deltas).astype(dtype).astype(np.float32)
        losses.append(loss)
    np.testing.assert_array_equal(model.wv.vectors, plain.wv.vectors)
    np.testing.assert_array_equal(model.syn1neg, plain.syn1neg)
    found = [entry["skipgram_loss"] * entry["words"] for entry in model.history]
    np.testing.assert_allclose(found, losses, rtol=1e-12)


def test_pieces_do_not_change_bits(monkeypatch):
    text, labels = data()
    whole = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3), **SMALL)
    monkeypatch.setattr(intervals, "PIECE", 300)  # four rows
    assert_same_model(MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3), **SMALL), whole)


@pytest.mark.parametrize("lock", ["some", "all"])
def test_rows_that_are_held_fixed_stay_out(lock, monkeypatch):
    text, _ = data()
    model = MTWord2Vec(**SMALL)
    model.build_vocab(text)
    held = np.arange(len(model.wv)) % 3 == 0 if lock == "some" else np.ones(len(model.wv), bool)
    model.wv.vectors_lockf = (~held).astype(np.float32)
    sent = []
    deltas = Replica.deltas

    def watched(self, piece):
        made = deltas(self, piece)
        if piece.matrix == 0:
            sent.append(sum(map(len, made)))
        return made

    monkeypatch.setattr(Replica, "deltas", watched)
    before = model.wv.vectors.copy()
    model.train(text, engine=LocalEngine(2, syncs=4))
    np.testing.assert_array_equal(model.wv.vectors[held], before[held])
    assert set(sent) == ({int((~held).sum())} if lock == "some" else set())
    assert lock == "all" or (model.wv.vectors[~held][:-1] != before[~held][:-1]).any(axis=1).all()  # the last is OOV


def test_source_rows_stay_out_of_the_joint_phase_of_hfj(monkeypatch):
    text, labels = data()
    seen = []
    deltas = Replica.deltas
    monkeypatch.setattr(Replica, "deltas", lambda self, piece: seen.append(
        (self.model.wv.vectors_lockf[0], self.moving[0][0])) or deltas(self, piece))  # fmt: skip
    model = MTWord2Vec(text, ner_data=labels, mode="hfj", engine=LocalEngine(2), **SMALL)
    assert {row for factor, row in seen if factor == 0} == {model.source_size}
    assert {row for factor, row in seen if factor == 1} == {0}


def test_the_rate_of_a_document_does_not_depend_on_its_shard(monkeypatch):
    text, _ = data()
    rates = {}
    run = OwnKernel.run

    def noted(self, job, alpha):
        for number in self.encoded.numbers[job]:
            rates.setdefault((self.epoch, int(number)), []).append(alpha)
        return run(self, job, alpha)

    monkeypatch.setattr(OwnKernel, "run", noted)
    settings = {**SMALL, "batch_words": 1}  # a job a document
    for engine in (None, LocalEngine(2, syncs=3), LocalEngine(4, syncs=2)):
        MTWord2Vec(text, engine=engine, **settings)
    assert {len(found) for found in rates.values()} == {3}
    assert {len(set(found)) for found in rates.values()} == {1}


@pytest.mark.parametrize("shards", [1, 2, 8])
def test_joint_passes_alone_are_slower_with_more_shards(shards):
    text, labels = data()
    model = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(shards, syncs=2), **SMALL)
    plain = MTWord2Vec(text, ner_data=labels, **SMALL)
    (first, joint), (before, alone) = (
        [[entry["alpha"] for entry in made.history if entry["phase"] == phase] for phase in ("pretraining", "hfj")]
        for made in (model, plain)
    )
    assert first == before
    assert joint == pytest.approx([rate / shards ** (1 / 3) for rate in alone])
    assert (joint == alone) == (shards == 1)


def test_syncs_are_chosen_and_too_few_are_told_of(caplog):
    text, labels = data()
    MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3), **SMALL)
    assert "syncs=" not in caplog.text
    MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3, syncs=2), **SMALL)
    assert "syncs=2 for 3 shards and 3 passes: below 6" in caplog.text


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: LocalEngine(0), ValueError, "shards=0: expected a whole number from 1"),
    (lambda: LocalEngine(2, syncs=0), ValueError, "syncs=0"),
    (lambda: LocalEngine(2, dtype="int8"), ValueError, "dtype='int8': expected one of 'float32', 'float16'"),
    (lambda: MTWord2Vec(data()[0], engine=4, **SMALL), TypeError, "engine is 4: expected LocalEngine"),
    (lambda: MTWord2Vec(data()[0], engine=LocalEngine, **SMALL), TypeError, "engine is <class"),
    (lambda: MTWord2Vec(engine=LocalEngine(2)), ValueError, "engine without a corpus"),
    (lambda: MTWord2Vec(data()[0], engine=LocalEngine(2), kernel="gensim", **SMALL), ValueError, "kernel='gensim'"),
    (lambda: MTWord2Vec(data()[0], engine=LocalEngine(61), **SMALL), ValueError, "60 documents cannot be divided"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_what_an_engine_cannot_train_is_refused_before_sentences_are_labelled(monkeypatch):
    text, labels = data()
    monkeypatch.setattr("gensim_mtner.model.stages.with_silver", lambda *_: pytest.fail("has begun to label"))
    with pytest.raises(ValueError, match="60 documents cannot be divided"):
        MTWord2Vec(text, ner_data=labels, engine=LocalEngine(61), **SMALL | {"silver_tokens": 1000})


@pytest.mark.parametrize("at", [5, 30, 45])
def test_a_signal_loses_nothing(tmp_path, monkeypatch, at):
    text, labels = data()
    settings = {**SMALL, "rounds_per_epoch": 2}
    engine = LocalEngine(2, syncs=6)
    whole = MTWord2Vec(text, ner_data=labels, engine=engine, **settings)
    count, run = [0], OwnKernel.run

    def counted(self, job, alpha):
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGTERM)
        return run(self, job, alpha)

    monkeypatch.setattr(OwnKernel, "run", counted)
    with pytest.raises(TrainingInterrupted):
        MTWord2Vec(text, ner_data=labels, engine=engine, checkpoint=tmp_path / "state", **settings)
    for other in (None, LocalEngine(3, syncs=6), LocalEngine(2), LocalEngine(2, syncs=6, dtype="float16")):
        with pytest.raises(ValueError, match=r"training was begun with .'shards': 2, 'syncs': 6"):
            MTWord2Vec.resume(tmp_path / "state", text, labels, engine=other)
    assert_same_model(MTWord2Vec.resume(tmp_path / "state", text, labels, engine=engine), whole)


def test_threads_of_a_worker():
    text, labels = data()
    model = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(2), **{**SMALL, "workers": 2})
    other = MTWord2Vec(text, ner_data=labels, **SMALL)
    ours, theirs = (m.history[2]["skipgram_loss"] for m in (model, other))
    assert ours == pytest.approx(theirs, rel=0.1)
