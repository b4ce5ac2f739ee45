"""Workers that are lost at any moment: nothing is lost of what was trained, to the last bit, and nothing hangs."""

import contextlib
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import assert_same_model, make_pairs
from test_local import DICTIONARY, SMALL, data

from gensim_mtner import ComparableCorpus, LocalEngine, MTWord2Vec
from gensim_mtner.engines import intervals
from gensim_mtner.engines.adasum import joint_rate
from gensim_mtner.engines.intervals import Lost, Sharded
from gensim_mtner.engines.local import facts_of, homes_of, syncs_of
from gensim_mtner.engines.replica import Replica, settings_of

GONE = "what a lost worker had handed out"


class Fragile:
    """A cluster of replicas that know of each other only what is pickled; `loses` says who is lost at which call."""

    shares = False

    def __init__(self, settings, shards, loses):
        self.settings, self.shards, self.loses = pickle.dumps(settings), shards, loses
        self.replicas, self.calls, self.starts = {}, 0, 0

    def start(self, rank):
        self.starts += 1
        self.replicas[rank] = Replica(pickle.loads(self.settings), rank, self.shards)

    def call(self, rank, method, *arguments, returns=1):
        self.calls += 1
        for lost in self.loses(self.calls, method):
            self.replicas.pop(lost, None)
        lost = rank not in self.replicas or any(argument is GONE for argument in arguments)
        if not lost:
            made = getattr(self.replicas[rank], method)(*pickle.loads(pickle.dumps(arguments)))
            return pickle.loads(pickle.dumps(made))
        return [GONE] * returns if returns > 1 else GONE

    def results(self, handles, doing):
        found = [handle for _, handle in handles]
        if any(handle is GONE for handle in found):
            raise Lost([rank for rank in range(self.shards) if rank not in self.replicas], f"{doing}: lost")
        return found

    def stop(self):
        self.replicas.clear()


class FragileEngine:
    """Trains on a `Fragile` cluster."""

    at_once = 1_000

    def __init__(self, shards, loses=lambda call, method: (), syncs=None, dtype="float32"):
        self.shards, self.loses, self.syncs, self.dtype = shards, loses, syncs, dtype
        self.joint_rate = joint_rate(shards)

    def check(self, model, encoded):
        homes_of(model, encoded, self.shards)

    def open(self, model, encoded, passes):
        self.cluster = Fragile(settings_of(model, self.dtype), self.shards, self.loses)
        runner = Sharded(self.cluster, model, encoded, homes_of(model, encoded, self.shards), self.shards,
                         syncs_of(self, passes))  # fmt: skip
        self.started = self.cluster.calls
        return SimpleContext(runner)

    def facts(self, passes):
        return facts_of(self, passes)

    def map(self, function, items):
        return (function(*item) for item in items)

    def held(self, threads=1):
        return contextlib.nullcontext()


class SimpleContext(SimpleNamespace):
    def __init__(self, runner):
        super().__init__(runner=runner)

    def __enter__(self):
        return self.runner

    def __exit__(self, *error):
        pass


FAST = {**SMALL, "epochs": 1, "pretrain_epochs": 2, "ner_warmup": 1, "silver_tokens": 0, "self_training_tokens": 0}


@pytest.fixture(scope="module")
def whole():
    text, labels = data()
    return {shards: MTWord2Vec(text, ner_data=labels, engine=LocalEngine(shards, syncs=2), **FAST)
            for shards in (1, 2, 3)}  # fmt: skip


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_replicas_that_share_nothing_have_the_bits_of_one_process(whole, shards, monkeypatch):
    text, labels = data()
    if shards > 1:
        monkeypatch.setattr(intervals, "PIECE", 700)
    else:
        with pytest.raises(AssertionError):  # cut into intervals, jobs are others
            assert_same_model(MTWord2Vec(text, ner_data=labels, engine=FragileEngine(1, syncs=2), **FAST), whole[1])
    engine = FragileEngine(shards, syncs=2 if shards > 1 else None)
    assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), whole[shards])


def test_workers_lost_at_any_call_lose_nothing(whole):
    text, labels = data()
    engine = FragileEngine(3, syncs=2)
    MTWord2Vec(text, ner_data=labels, engine=engine, **FAST)
    first, last = engine.started + 1, engine.cluster.calls
    random = np.random.default_rng(3)
    assert last - first > 100
    for at in random.integers(first, last + 1, 40):
        lost = random.permutation(3)[: random.integers(1, 3)]
        engine = FragileEngine(3, lambda call, method, at=at, lost=lost: lost if call == at else (), syncs=2)
        assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), whole[3])
        assert engine.cluster.starts >= 3


def test_all_workers_lost_begin_again_from_this_process(whole):
    text, labels = data()
    counted = FragileEngine(3, syncs=2)
    MTWord2Vec(text, ner_data=labels, engine=counted, **FAST)
    for at in (9, 30, 60):
        first = counted.started + at
        engine = FragileEngine(3, lambda call, method, first=first: range(3) if call == first else (), syncs=2)
        assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), whole[3])
        assert engine.cluster.starts == 6


def test_a_loss_after_all_have_the_update_does_not_train_twice(whole):
    text, labels = data()
    for at in range(1, 10):
        settles = iter(range(10**6))

        def loses(call, method, at=at, settles=settles):
            return (at % 3,) if method == "settle" and next(settles) == at else ()

        engine = FragileEngine(3, loses, syncs=2)
        assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), whole[3])
        assert engine.cluster.starts == 4


def test_losses_while_losses_are_made_good(whole):
    text, labels = data()
    last = [0]

    def loses(call, method):
        if call > engine.started + 25 and method in ("load", "train", "apply") and call - last[0] > 61:
            last[0] = call
            return (call % 3,)
        return ()

    engine = FragileEngine(3, loses, syncs=2)
    engine.started = 0
    assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), whole[3])
    assert engine.cluster.starts > 6


@pytest.mark.parametrize("method", ["train", "deltas", "digest", "roll_back", "begin", "load"])
def test_what_is_lost_each_time_is_given_up(method):
    text, labels = data()
    engine = FragileEngine(2, lambda call, name: (1,) if name == method else (), syncs=2)
    with pytest.raises(RuntimeError, match=r"times in a row|all workers are lost"):
        MTWord2Vec(text, ner_data=labels, engine=engine, **FAST)


def test_workers_that_cannot_start_are_named():
    with pytest.raises(RuntimeError, match="the workers could not be started: starting: lost"):
        MTWord2Vec(data()[0], engine=FragileEngine(2, lambda call, name: (1,)), **FAST)


@pytest.mark.parametrize(("facts", "message"), [
    ({"version": "0.0.1"}, "worker 0 .process 7 on there. has gensim-mtner 0.0.1"),
    ({"levels": 0}, "worker 0 .process 7 on there. lacks the instruction set"),
])  # fmt: skip
def test_other_versions_and_machines_are_refused_at_the_start(monkeypatch, facts, message):
    real = Replica.facts
    monkeypatch.setattr(Replica, "facts", lambda self: real(self) | {"pid": 7, "host": "there"} | facts)
    with pytest.raises(RuntimeError, match=message):
        MTWord2Vec(data()[0], engine=FragileEngine(2), **FAST)


def test_states_that_differ_are_noticed(monkeypatch):
    settle = Replica.settle

    def damaged(self, attempt):
        settle(self, attempt)
        if self.rank == 1:
            self.base[0][0, 0] += 1

    monkeypatch.setattr(Replica, "settle", damaged)
    with pytest.raises(RuntimeError, match="workers have other states than each other"):
        MTWord2Vec(data()[0], engine=FragileEngine(2), **FAST)


def test_each_worker_maps_its_own_shards(tmp_path, monkeypatch):
    text = ComparableCorpus(make_pairs(60), source="en", target="zh").encode(tmp_path / "text", shards=7)
    _, labels = data()
    given = {"ner_data": labels, "dictionary": DICTIONARY, **FAST}  # whose pairs are sent
    engine = FragileEngine(3, lambda call, method: (1,) if call == 60 else (), syncs=2)
    assert_same_model(
        MTWord2Vec(text, engine=engine, **given), MTWord2Vec(text, engine=LocalEngine(3, syncs=2), **given)
    )
    assert engine.cluster.starts == 4
    monkeypatch.setattr(Replica, "add_documents", None)
    local = MTWord2Vec(text, ner_data=labels, engine=LocalEngine(3, syncs=2), **FAST)
    engine = FragileEngine(3, lambda call, method: (1,) if call == 60 else (), syncs=2)
    assert_same_model(MTWord2Vec(text, ner_data=labels, engine=engine, **FAST), local)
    assert engine.cluster.starts == 4
    places = [replica.encoded.numbers for replica in engine.cluster.replicas.values()]
    assert sorted(np.concatenate(places)) == list(range(60)) and min(map(len, places)) > 8
    ComparableCorpus(make_pairs(60), source="en", target="zh").limit(59).encode(
        tmp_path / "text", shards=7, overwrite=True
    )
    with pytest.raises(ValueError, match=r"worker 0 on .*is another text there; all machines need the same text"):
        MTWord2Vec(text, ner_data=labels, engine=FragileEngine(3), **FAST)
    (tmp_path / "text" / "ids-0001.npy").unlink()
    with pytest.raises(ValueError, match=r"worker 0 on .* the part 'ids-0001\.npy' is missing"):
        MTWord2Vec(text, ner_data=labels, engine=FragileEngine(3), **FAST)
