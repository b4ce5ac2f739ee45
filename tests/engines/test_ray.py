"""Ray has the bits of one process, also when workers are killed; nothing hangs, and whom it waits for is said."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import assert_same_model, make_pairs
from gensim.models.callbacks import CallbackAny2Vec
from test_local import DICTIONARY, SMALL, data

from gensim_mtner import ComparableCorpus, LocalEngine, MTWord2Vec, RayEngine
from gensim_mtner.engines.engine import shared

ray = pytest.importorskip("ray", reason="pip install 'gensim-mtner[ray]'")
KILLS = int(os.environ.get("MTNER_KILLS", "2"))
# Ray leaves files and sockets to the collector
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning"), pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster():
    """A cluster that one test after the other is given, as somebody's own; its address."""
    before = signal.getsignal(signal.SIGTERM)
    ray.init(address="local", num_cpus=4, include_dashboard=False, log_to_driver=False, object_store_memory=1 << 28)
    signal.signal(signal.SIGTERM, before)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.fixture(scope="module")
def whole():
    text, labels = data()
    made = {"hfj": MTWord2Vec(text, ner_data=labels, engine=LocalEngine(2), **SMALL)}
    for mode in ("fj", "baseline"):
        made[mode] = MTWord2Vec(text, ner_data=labels, mode=mode, engine=LocalEngine(2, dtype="float16"), **SMALL)
    return made


def pids(caplog):
    """The processes of the workers, as they were told of."""
    found = {}
    for record in caplog.records:
        if record.getMessage().endswith("is ready"):
            found[record.args[0].split()[1]] = int(record.args[0].split("process ")[1].split()[0])
    return list(found.values())


@pytest.mark.parametrize("mode", ["hfj", "fj", "baseline"])
def test_bits_are_those_of_one_process(cluster, whole, mode):
    text, labels = data()
    engine = RayEngine(cluster, machines=2, dtype="float32" if mode == "hfj" else "float16")
    assert_same_model(MTWord2Vec(text, ner_data=labels, mode=mode, engine=engine, **SMALL), whole[mode])


def test_one_machine_has_the_bits_of_no_engine(cluster):
    text, labels = data()
    plain = MTWord2Vec(text, ner_data=labels, **SMALL)
    assert_same_model(MTWord2Vec(text, ner_data=labels, engine=RayEngine(cluster, machines=1), **SMALL), plain)


class Killer(threading.Thread):
    """Kills a worker at some moment of training."""

    def __init__(self, caplog, wait):
        super().__init__(daemon=True)
        self.caplog, self.wait = caplog, wait

    def run(self):
        deadline = time.monotonic() + 60
        while len(pids(self.caplog)) < 2 and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(self.wait)
        os.kill(pids(self.caplog)[1], signal.SIGKILL)


def test_workers_killed_at_any_moment_lose_nothing(cluster, whole, caplog):
    caplog.set_level("INFO", logger="gensim_mtner.engines")
    text, labels = data()
    noticed, random = 0, np.random.default_rng(1)
    for _ in range(KILLS):
        caplog.clear()
        killer = Killer(caplog, random.uniform(0, 0.3))
        killer.start()
        model = MTWord2Vec(text, ner_data=labels, engine=RayEngine(cluster, machines=2), **SMALL)
        killer.join()
        assert_same_model(model, whole["hfj"])
        noticed += "workers are started again" in caplog.text
    assert noticed > 0


class Stopper(CallbackAny2Vec):
    """Stops a worker for good before the second epoch: it has all of that still to do."""

    def __init__(self, caplog):
        self.caplog, self.epochs, self.stopped = caplog, 0, None

    def on_epoch_begin(self, model):
        self.epochs += 1
        if self.epochs == 2:
            self.stopped = pids(self.caplog)[1]
            os.kill(self.stopped, signal.SIGSTOP)


def test_a_worker_that_hangs_is_replaced(cluster, whole, caplog):
    caplog.set_level("INFO", logger="gensim_mtner.engines")
    text, labels = data()
    stopper = Stopper(caplog)
    engine = RayEngine(cluster, machines=2, limit=3)
    model = MTWord2Vec(text, ner_data=labels, engine=engine, callbacks=[stopper], **SMALL)
    assert_same_model(model, whole["hfj"])
    assert "did nothing for 3 s; 1 of 2 workers are started again" in caplog.text or "is lost" in caplog.text
    with contextlib.suppress(ProcessLookupError):
        os.kill(stopper.stopped, signal.SIGKILL)


def test_no_cluster_where_it_is_said_to_be(cluster):
    with pytest.raises(RuntimeError, match=r"is connected to the Ray cluster .* already: pass RayEngine"):
        MTWord2Vec(data()[0], engine=RayEngine("10.1.2.3:6379"), **SMALL)
    with pytest.raises(RuntimeError, match=r"is connected to the Ray cluster .* already: pass RayEngine"):
        MTWord2Vec(data()[0], engine=RayEngine(), **SMALL)


def test_work_is_shared_and_errors_arrive(cluster):
    engine = RayEngine(cluster, machines=2)
    assert list(engine.map(divmod, [(number, 3) for number in range(20)])) == [divmod(n, 3) for n in range(20)]
    with pytest.raises(ZeroDivisionError):
        list(engine.map(divmod, [(1, 0)]))


def test_sentences_are_labelled_on_the_machines(cluster):
    engine = RayEngine(cluster, machines=2)
    engine.at_once = 7
    tag = shared(engine, lambda sentences: [(*words, os.getpid()) for words in sentences])
    found = tag([[str(number)] for number in range(100)])
    assert [word for word, _ in found] == [str(number) for number in range(100)]
    assert os.getpid() not in {pid for _, pid in found}


def test_text_is_encoded_on_the_machines_and_each_maps_its_own(cluster, tmp_path):
    _, labels = data()
    corpus = ComparableCorpus(make_pairs(60), source="en", target="zh")
    engine = RayEngine(cluster, machines=2)
    text = corpus.encode(tmp_path / "ray", shards=4, engine=engine)
    plain = corpus.encode(tmp_path / "plain", shards=4)
    for name in ("words.jsonl", "ids-0003.npy", "offsets-0003.npy"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    for dictionary in (None, DICTIONARY):
        given = {"ner_data": labels, "dictionary": dictionary, **SMALL}
        assert_same_model(MTWord2Vec(text, engine=engine, **given), MTWord2Vec(plain, engine=LocalEngine(2), **given))


class Crash(CallbackAny2Vec):
    epochs = 0

    def on_epoch_end(self, model):
        self.epochs += 1
        if self.epochs == 4:
            raise KeyError("stands for a crash")


def test_what_ray_began_one_process_ends_and_the_other_way_round(cluster, whole, tmp_path):
    text, labels = data()
    engines = LocalEngine(2), RayEngine(cluster, machines=2)
    for first, second in (engines, engines[::-1]):
        with pytest.raises(KeyError):
            MTWord2Vec(text, ner_data=labels, checkpoint=tmp_path / "state", callbacks=[Crash()], engine=first, **SMALL)
        assert_same_model(MTWord2Vec.resume(tmp_path / "state", text, labels, engine=second), whole["hfj"])


SCRIPT = """
import sys; sys.path[:0] = ["tests", "tests/engines"]
from test_local import *
from gensim_mtner import RayEngine
if __name__ == "__main__":
    import logging
    logging.basicConfig(level="INFO")
    text, labels = data()
    SMALL["epochs"] = int(sys.argv[2])
    MTWord2Vec(text, ner_data=labels, checkpoint=sys.argv[1], engine=RayEngine(), **SMALL)
"""


def test_a_driver_that_is_killed_and_a_cluster_of_its_own(tmp_path):
    """What it had done is gone on with."""
    text, labels = data()
    command = [sys.executable, "-c", SCRIPT, tmp_path / "state", "2000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "hfj epoch 3" in line:
                process.kill()
            told = line
        assert process.wait(timeout=60) == -signal.SIGKILL, told
    with pytest.raises(KeyError):
        MTWord2Vec.resume(tmp_path / "state", text, labels, engine=LocalEngine(2), callbacks=[Crash()])


FULL = """
import sys; sys.path[:0] = ["tests", "tests/engines"]
import numpy as np
from conftest import assert_same_model
from gensim_mtner import ComparableCorpus, LocalEngine, MTWord2Vec, RayEngine
from gensim_mtner.engines.intervals import PIECE
if __name__ == "__main__":
    numbers = np.random.default_rng(1).permutation(70_000).reshape(70, 2, 500).astype(str).tolist()
    text = ComparableCorpus(numbers, source="en", target="de").encode()
    settings = dict(vector_size=512, epochs=1, sample=0, window=2, negative=2, min_count=1, workers=1, progress=False)
    made = [MTWord2Vec(text, engine=engine, **settings) for engine in (
        RayEngine(syncs=1, object_store_memory=80 << 20), LocalEngine(2, syncs=1))]
    assert made[0].wv.vectors.nbytes > PIECE > 80 << 20
    assert_same_model(*made)
"""


@pytest.mark.skipif(not os.environ.get("MTNER_LONG"), reason="MTNER_LONG=1 fills the memory that workers share")
def test_shared_memory_that_a_single_piece_fills():
    """The rest is on the disk, and slow; nothing is lost."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", FULL], check=True, timeout=300)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: RayEngine(machines=0), "machines=0: expected a whole number from 1"),
    (lambda: RayEngine(limit=0), "limit=0: expected a number of seconds"),
    *((lambda address=address: RayEngine(address), "address=.*: expected HOST:PORT") for address in
      (" ", "ray://10.0.0.1:10001", "10.0.0.1", "a b:1", 6379)),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_address_where_nobody_answers_is_told_of_at_once():
    with socket.socket() as taken:  # and does not listen
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConnectionError, match=f"no Ray cluster answers at {address}"):
            RayEngine(address)._reach()


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'gensim-mtner\[ray\]'"):
        RayEngine()
