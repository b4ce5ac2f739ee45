"""Two Ray nodes in network namespaces of one machine: workers, nodes, links and drivers go, and some come back.

Skipped where namespaces cannot be made (Linux, root, iproute2). How long losses took to be noticed is printed with -s.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import assert_same_model
from test_local import SMALL, data

from gensim_mtner import LocalEngine, MTWord2Vec

pytest.importorskip("ray", reason="pip install 'gensim-mtner[ray]'")
RAY = shutil.which("ray", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
HERE, THERE = "10.213.7.1", "10.213.7.2"
PORT = 6391
TOKEN = os.environ.get("RAY_AUTH_TOKEN") or secrets.token_hex(32)  # of this cluster alone
LIMIT = 120  # seconds that a test waits for anything
LONG = {**SMALL, "epochs": 60, "ner_warmup": 1, "silver_tokens": 0, "self_training_tokens": 0}

DRIVER = f"""
import logging, os, sys
from functools import partial
sys.path[:0] = ["tests", "tests/engines"]
from test_network import *
from gensim_mtner import RayEngine
if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stdout)
    text, labels = data()
    engine = RayEngine("{HERE}:{PORT}", machines=2, limit=8, _node_ip_address="{HERE}")
    LONG["epochs"] = int(sys.argv[3])
    model = MTWord2Vec(text, ner_data=labels, engine=engine, checkpoint=sys.argv[1], **LONG)
    model.save(sys.argv[2])
    tagged = list(engine.map(partial(model.tag, language="en"), [([sentence],) for sentence in labels.sentences]))
    assert [tags for part in tagged for tags in part] == model.tag(labels.sentences, language="en")
    print("over", flush=True)
"""


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT, **more).stdout


def possible():
    """Whether namespaces can be made, or why not."""
    if not sys.platform.startswith("linux") or os.geteuid() or shutil.which("ip") is None:
        return "network namespaces need Linux, root and iproute2"
    name = f"mtner-probe-{os.getpid()}"  # processes that run tests beside each other ask at the same time
    try:
        run("ip", "netns", "add", name)
        run("ip", "netns", "del", name)
    except (subprocess.SubprocessError, OSError):
        return "network namespaces cannot be made here"
    return None


WHY_NOT = possible()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")]


class Nodes:
    """Two namespaces with a cable between them, and a Ray node in each."""

    def __init__(self, folder):
        self.names = [f"mtner-{os.getpid()}-{end}" for end in "ab"]
        self.folder = folder
        ends = [f"v{os.getpid() % 10**6}{end}" for end in "ab"]
        run("ip", "link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for name, end, address in zip(self.names, ends, (HERE, THERE), strict=True):
            run("ip", "netns", "add", name)
            run("ip", "link", "set", end, "netns", name)
            for command in (["addr", "add", f"{address}/24", "dev", end], ["link", "set", end, "up"],
                            ["link", "set", "lo", "up"]):  # fmt: skip
                run("ip", "-n", name, *command)
        self.ends = ends

    def start(self, number):
        where = (
            ["--head", f"--port={PORT}", "--include-dashboard=false"] if number == 0 else [f"--address={HERE}:{PORT}"]
        )
        address = (HERE, THERE)[number]
        self.inside(number, RAY, "start", *where, f"--node-ip-address={address}", "--num-cpus=2",
                    f"--object-store-memory={1 << 28}", f"--temp-dir={self.folder}" if number == 0 else "--num-gpus=0",
                    "--disable-usage-stats")  # fmt: skip

    def inside(self, number, *command):
        return run("ip", "netns", "exec", self.names[number], *command, env=environment())

    def link(self, state):
        run("ip", "-n", self.names[1], "link", "set", self.ends[1], state)

    def processes(self, number):
        return list(map(int, run("ip", "netns", "pids", self.names[number]).split()))

    def end(self, number):
        for process in self.processes(number):
            kill(process)

    def close(self):
        for number, name in enumerate(self.names):
            self.end(number)
            run("ip", "netns", "del", name)


def kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def environment():
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])),
                         "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}  # fmt: skip


@pytest.fixture(scope="module")
def nodes():
    folder = Path("/tmp") / f"mtner-ray-{os.getpid()}"  # sockets have short names
    made = Nodes(folder)
    try:
        made.start(0)
        made.start(1)
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


class Driver:
    """A training in the first namespace, whose log is read line by line."""

    def __init__(self, nodes, folder, epochs=LONG["epochs"]):
        self.folder, self.lines = folder, []
        command = [sys.executable, "-c", DRIVER, folder / "state", folder / "model", str(epochs)]
        self.process = subprocess.Popen(["ip", "netns", "exec", nodes.names[0], *command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, env=environment())  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *error):
        kill(self.process.pid)
        self.process.wait()
        self.process.stdout.close()

    def until(self, pattern):
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError("".join(self.lines)[-3000:])

    def workers(self):
        """The processes of the workers, by their addresses."""
        found = re.findall(r"worker (\d) \(process (\d+) on", "".join(self.lines))
        return {int(rank): int(process) for rank, process in found}

    def model(self):
        self.until("^over$")
        assert self.process.wait(timeout=LIMIT) == 0
        return MTWord2Vec.load(self.folder / "model")


@pytest.fixture(scope="module")
def whole():
    text, labels = data()
    return MTWord2Vec(text, ner_data=labels, engine=LocalEngine(2), **LONG)


def harm(nodes, driver, what):
    """Do harm; return what is to be put right afterwards."""
    there = set(nodes.processes(1))
    if what == "a worker":
        kill(next(process for process in driver.workers().values() if process in there))
    elif what == "a node":
        nodes.end(1)
        return lambda: nodes.start(1)
    else:
        nodes.link("down")
        seconds = 2 if what == "the link, for a moment" else 60
        if seconds == 2:
            time.sleep(2)
            nodes.link("up")
        else:
            return lambda: nodes.link("up")
    return lambda: None


def at_length(*values):
    """What takes too long for each time."""
    skipped = pytest.mark.skipif(not os.environ.get("MTNER_LONG"), reason="MTNER_LONG=1 waits for losses on a network")
    return [pytest.param(value, marks=skipped) for value in values]


@pytest.mark.parametrize("what", ["a worker", *at_length("nothing", "a node", "the link, for a moment", "the link")])
def test_what_is_lost_is_noticed_and_made_good(nodes, whole, tmp_path, what):
    with Driver(nodes, tmp_path) as driver:
        if what == "nothing":
            assert_same_model(driver.model(), whole)
            return
        driver.until("hfj epoch 20:")
        begun = time.monotonic()
        right = harm(nodes, driver, what)
        try:
            if what != "the link, for a moment":
                driver.until("workers are started again")
                print(f"\n{what}: noticed after {time.monotonic() - begun:.1f} s", end="; ")
            driver.until("hfj epoch 2[2-9]:")
            print(f"{what}: going on after {time.monotonic() - begun:.1f} s")
            assert_same_model(driver.model(), whole)
        finally:
            right()


@pytest.mark.skipif(not os.environ.get("MTNER_LONG"), reason="MTNER_LONG=1 waits for losses on a network")
def test_a_driver_that_is_killed_goes_on_from_its_checkpoint(nodes, whole, tmp_path):
    with Driver(nodes, tmp_path) as driver:
        driver.until("hfj epoch 20:")
        workers = driver.workers().values()
    deadline = time.monotonic() + LIMIT
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers), "workers outlive their driver"
    text, labels = data()
    assert_same_model(MTWord2Vec.resume(tmp_path / "state", text, labels, engine=LocalEngine(2)), whole)
