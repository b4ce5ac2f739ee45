"""The rooms of the package: each imports only from those below it, and no two files need each other."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

pytest.importorskip("importlinter", reason="pip install 'gensim-mtner[dev]'")

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "gensim_mtner").rglob("*.py"))
UPWARD = "\nif TYPE_CHECKING:\n    from gensim_mtner.model.mtword2vec import MTWord2Vec\n"


def lint(folder):
    """Run the linter on the package of a folder, by the rules of the project."""
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)},
                          capture_output=True, text=True, encoding="utf-8")  # fmt: skip


@pytest.mark.parametrize(
    ("room", "line", "said"),
    [
        ("text/corpus.py", "", None),
        ("text/corpus.py", UPWARD, "gensim_mtner.text.corpus -> gensim_mtner.model.mtword2vec"),
        ("vectors/skipgram.py", "\nfrom gensim_mtner.taggers import base\n", "is not allowed to import"),
        ("text/encoded.py", "\nfrom gensim_mtner.text import corpus\n", "no file needs one that needs it BROKEN"),
        ("other.py", "", "other"),
    ],
    ids=["as it is", "a type from above", "a room above", "a circle", "a file without a room"],
)
def test_a_room_that_is_entered_from_below_is_noticed(tmp_path, room, line, said):
    shutil.copytree(ROOT / "gensim_mtner", tmp_path / "gensim_mtner", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "gensim_mtner" / room
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + line, encoding="utf-8")
    found = lint(tmp_path)
    assert (found.returncode == 0) == (said is None), found.stdout + found.stderr
    assert said is None or said in found.stdout


def test_files_are_small_and_have_names_of_their_own():
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in FILES]
    assert max(lengths) <= 400 and median(lengths) <= 150, sorted(zip(lengths, FILES, strict=True))[-3:]
    names = sorted(path.stem for path in FILES if path.stem not in ("__init__", "__main__"))
    assert len(set(names)) == len(names)
    stems = [re.sub("(ing|ed|er|ers|s)$", "", name) for name in names]
    assert len(set(stems)) == len(stems), "names that differ by an ending only"
