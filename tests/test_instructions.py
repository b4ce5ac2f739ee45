"""The guard of the kernels' speed notices what it should, without valgrind."""

import json
import os
import sys
from importlib import util
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
RECORDED = json.loads((BENCHMARKS / "results" / "instructions.json").read_text("utf-8"))


@pytest.fixture
def guard(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # benchmarks say it for their processes: undone at the end
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = util.spec_from_file_location("instructions", BENCHMARKS / "instructions.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for name in [name for name in sys.modules if name.split(".")[0] == "common"]:
        del sys.modules[name]


def test_every_run_and_every_kernel_is_recorded(guard):
    assert RECORDED["instructions"].keys() == guard.RUNS.keys()
    kernels = {path.stem for path in (BENCHMARKS.parent / "cython").glob("_*.pyx")}
    assert {kernel for kernel, *_ in guard.RUNS.values()} == kernels


def test_a_kernel_that_got_15_percent_slower_is_seen(guard):
    before = RECORDED["instructions"]
    assert guard.slower(before, before) == []
    for name, count in before.items():
        assert guard.slower(before, before | {name: round(1.09 * count)}) == []
        (said,) = guard.slower(before, before | {name: round(1.15 * count)})
        assert said.startswith(name) and "15% more" in said
    assert guard.slower(before, {}) == [f"{name}: not counted" for name in before]
    assert guard.slower({}, {"new": 3}) == ["new: not recorded"]


def test_costs_of_what_is_called_are_not_counted_twice(guard):
    lines = ["ob=/a/_k.so", "fl=/x/y.c", "fn=step", "5 7", "cob=/b/libc.so", "cfn=exp", "calls=1 9", "5 900", "+1 3",
             "fn=other", "* 4", "", "ob=/b/libc.so", "fn=exp", "9 900", "summary: 914"]  # fmt: skip
    assert guard.counts_of(lines) == {
        ("/a/_k.so", "step"): 10, ("/a/_k.so", "other"): 4, ("/b/libc.so", "exp"): 900}  # fmt: skip


def test_what_cannot_be_compared_says_why(guard, monkeypatch):
    monkeypatch.setattr(guard.shutil, "which", lambda name: None)
    assert guard.obstacle() == "valgrind is not installed"
    monkeypatch.setattr(guard.shutil, "which", lambda name: f"/usr/bin/{name}")
    here = guard.surroundings()
    if guard.obstacle() is None:  # Linux, with AVX2
        assert guard.obstacle(here) is None
        assert "compiler" in guard.obstacle(here | {"compiler": "TCC 1"})
