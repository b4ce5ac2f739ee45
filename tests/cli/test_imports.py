"""What is imported for what: help and mistyped commands need nothing heavy, and what they say twice is the same."""

import inspect
import json
import subprocess
import sys

import pytest
from gensim.models import Word2Vec

import gensim_mtner
from gensim_mtner import MTWord2Vec
from gensim_mtner.cli import choices
from gensim_mtner.cli.parser import parser
from gensim_mtner.labels import formats, schemes
from gensim_mtner.model import schedule
from gensim_mtner.text import corpus, datasets, matching, segmentation
from gensim_mtner.vectors import neighbours

HEAVY = {"gensim", "jieba", "matplotlib", "numpy", "regex", "scipy", "sklearn", "tqdm"}
LIGHT = {"gensim_mtner", "cli", "cli.main", "cli.parser", "cli.choices", "cli.actions"}
REPORT = "import json, sys; print('modules:' + json.dumps(sorted(sys.modules)))"
RUN = f"""
import sys
from gensim_mtner.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
{REPORT}
sys.exit(code)
"""


def modules_of(code, *arguments, expected=0):
    """Which modules a fresh interpreter has after some code."""
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, encoding="utf-8")
    assert result.returncode == expected, result.stderr
    return set(json.loads(result.stdout.split("modules:")[-1]))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--help"], 0), (["--version"], 0), (["train", "--help"], 0), (["tag", "--help"], 0), ([], 2),
     (["tga"], 2), (["tag", "--modle", "x"], 2), (["train", "--mode", "x"], 2)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)  # fmt: skip
def test_help_and_mistyped_commands_import_nothing_heavy(arguments, code):
    found = modules_of(RUN, *arguments, expected=code)
    assert not HEAVY & found
    assert {name.removeprefix("gensim_mtner.") for name in found if name.startswith("gensim_mtner")} <= LIGHT


def test_the_package_and_its_text_need_no_gensim():
    assert not HEAVY & modules_of(f"import gensim_mtner\n{REPORT}")
    found = modules_of(f"from gensim_mtner import ComparableCorpus\n{REPORT}")
    assert {"numpy", "regex"} <= found and not {"gensim", "scipy", "sklearn"} & found
    assert {"gensim", "sklearn"} <= modules_of(f"from gensim_mtner import MTWord2Vec\n{REPORT}")


def test_what_options_choose_from_is_what_the_package_has():
    assert choices.FORMATS == formats.FORMATS
    assert choices.METRICS == neighbours.METRICS
    assert choices.MARGIN == matching.MARGIN
    assert tuple(schedule.MODES) == choices.MODES
    assert choices.NAME_LANGUAGES == datasets.NAME_LANGUAGES
    assert choices.ON_MISSING == corpus.ON_MISSING
    assert choices.SCHEMES == schemes.SCHEMES
    assert tuple(name for known in segmentation.SEGMENTERS.values() for name in known) == choices.SEGMENTERS


def test_defaults_of_train_are_those_of_the_class():
    known = {**inspect.signature(Word2Vec).parameters, **inspect.signature(MTWord2Vec).parameters}
    said = {name: default for name, (_, default, _) in choices.TRAINING.items() if name != "workers"}
    said |= {"mode": choices.MODE, "project_names": choices.PROJECT_NAMES, "match_labels": choices.MATCH_LABELS}
    assert said == {name: known[name].default for name in said}
    assert all(default is None or type(default) is kind for kind, default, _ in choices.TRAINING.values())


def test_every_command_that_is_told_of_is_there():
    from gensim_mtner.cli.main import _command

    (commands,) = [action.choices for action in parser()._actions if action.choices and action.dest == "command"]
    assert len(commands) == 12
    for name in commands:
        assert _command(name).__name__ == name


def test_public_names_come_when_they_are_asked_for():
    code = "import gensim_mtner, sys\nbefore = dir(gensim_mtner)\nfrom gensim_mtner import *\n"
    code += "assert set(gensim_mtner.__all__) <= set(before) and MTWord2Vec is gensim_mtner.MTWord2Vec\n"
    modules_of(code + REPORT)
    modules_of("import gensim_mtner\ngensim_mtner.text.segmentation.words\ngensim_mtner.storage.digest\n" + REPORT)
    modules_of("import gensim_mtner.text.languages\ngensim_mtner.model.saving.load_model\n" + REPORT)
    for name in gensim_mtner.__all__:
        value = getattr(gensim_mtner, name)
        assert value.__name__ == name and value.__module__ == f"gensim_mtner.{gensim_mtner._PLACES[name]}"
    assert sorted(gensim_mtner._PLACES) == sorted(gensim_mtner.__all__)
    with pytest.raises(AttributeError, match="module 'gensim_mtner' has no attribute 'MTWord3Vec'"):
        gensim_mtner.MTWord3Vec  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'MTWord3Vec'"):
        from gensim_mtner import MTWord3Vec  # noqa: F401
