"""Signals while workers train: what is kept goes on to the bits of a run that was not stopped."""

import itertools
import os
import signal
from functools import partial

import numpy as np
import pytest
from conftest import Killer, assert_same_model
from gensim.models.callbacks import CallbackAny2Vec
from test_local import data
from test_losses import FAST, FragileEngine

from gensim_mtner import LocalEngine, MTWord2Vec
from gensim_mtner.engines.engine import ThisProcess
from gensim_mtner.engines.replica import Replica
from gensim_mtner.model.callback import NERCallback
from gensim_mtner.model.checkpoint import TrainingInterrupted, states_in

SIGNALS = {
    "as a pass begins": (lambda monkeypatch, n: [Killer("begin", n)], (1, 3, 4)),
    "within an interval": (lambda monkeypatch, n: kill_at(monkeypatch, Replica, "train", n), (1, 8, 16)),
    "in the tagger's turn": (lambda monkeypatch, n: kill_at(monkeypatch, NERCallback, "update", n), (1, 3)),
    "as workers start": (lambda monkeypatch, n: kill_at(monkeypatch, Replica, "facts", n), (1,)),
}


def kill_at(monkeypatch, owner, name, n):
    """A signal at the nth call of a method; there is no callback for it."""
    real, calls = getattr(owner, name), itertools.count(1)

    def call(self, *arguments, **more):
        if next(calls) == n:
            os.kill(os.getpid(), signal.SIGTERM)
        return real(self, *arguments, **more)

    monkeypatch.setattr(owner, name, call)
    return []


@pytest.mark.parametrize(
    ("when", "n", "shards"),
    [
        (when, n, shards)
        for when, (_, calls) in SIGNALS.items()
        for n in calls
        for shards in ((1, 2) if n == 1 else (2,))
    ],
)
def test_a_signal_at_any_moment_leaves_a_state_that_goes_on_to_the_same_bits(tmp_path, monkeypatch, when, n, shards):
    text, labels = data()
    engine, settings = partial(FragileEngine, shards, syncs=4), {**FAST, "epochs": 2, "rounds_per_epoch": 2}
    expected = MTWord2Vec(text, ner_data=labels, engine=engine(), **settings)
    with monkeypatch.context() as patched, pytest.raises(TrainingInterrupted):
        MTWord2Vec(text, ner_data=labels, engine=engine(), checkpoint=tmp_path / "c",
                   callbacks=SIGNALS[when][0](patched, n), **settings)  # fmt: skip
    state = MTWord2Vec.load(states_in(tmp_path / "c")[-1])
    assert np.abs(state.wv.vectors).sum() > 0
    assert_same_model(MTWord2Vec.resume(tmp_path / "c", text, labels, engine=engine()), expected)


def test_a_signal_as_workers_start_keeps_what_a_resumed_run_had(tmp_path, monkeypatch):
    text, labels = data()
    engine = partial(FragileEngine, 2, syncs=4)
    with pytest.raises(TrainingInterrupted):
        MTWord2Vec(text, ner_data=labels, engine=engine(), checkpoint=tmp_path / "c",
                   callbacks=[Killer("end", 2)], **FAST)  # fmt: skip
    with monkeypatch.context() as patched, pytest.raises(TrainingInterrupted):
        kill_at(patched, Replica, "facts", 1)
        MTWord2Vec.resume(tmp_path / "c", text, labels, engine=engine())
    expected = MTWord2Vec(text, ner_data=labels, engine=engine(), **FAST)
    assert_same_model(MTWord2Vec.resume(tmp_path / "c", text, labels, engine=engine()), expected)


class Narrower(CallbackAny2Vec):
    """Changes a setting after the first pass."""

    def on_epoch_begin(self, model):
        model.window = 2 if model.history else 16


def test_what_a_callback_changes_counts_from_the_next_pass_on():
    text, labels = data()
    changed = [MTWord2Vec(text, ner_data=labels, engine=engine, callbacks=[Narrower()], **FAST | {"window": 16})
               for engine in (LocalEngine(2, syncs=2), FragileEngine(2, syncs=2))]  # fmt: skip
    assert_same_model(*changed)
    as_before = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(2, syncs=2), **FAST | {"window": 16})
    assert not np.array_equal(changed[0].wv.vectors, as_before.wv.vectors)


@pytest.mark.parametrize(("first", "then"), [
    (ThisProcess(), FragileEngine(1)), (FragileEngine(1), LocalEngine(1)),
    (FragileEngine(1, syncs=4), FragileEngine(1)),
])  # fmt: skip
def test_engines_that_count_other_parts_of_a_pass_do_not_go_on_from_each_other(tmp_path, first, then):
    text, labels = data()
    with pytest.raises(TrainingInterrupted):
        MTWord2Vec(text, ner_data=labels, engine=first, checkpoint=tmp_path / "c",
                   callbacks=[Killer("end", 1)], **FAST)  # fmt: skip
    with pytest.raises(ValueError, match="training was begun with"):
        MTWord2Vec.resume(tmp_path / "c", text, labels, engine=then)
