"""Small real pairs and sentences, and where the larger data sets are."""

import json
import os
import re
import signal
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from gensim.models.callbacks import CallbackAny2Vec
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase

from gensim_mtner import ComparableCorpus, NERData
from gensim_mtner.disk import sha256
from gensim_mtner.model.arguments import OWN_TAGGERS
from gensim_mtner.storage import digest

BOTH = ("--source", "en", "--target", "zh")  # as typed
TINY = {"vector_size": 4, "min_count": 1, "pretrain_epochs": 1, "epochs": 1, "workers": 1, "silver_tokens": 0,
        "self_training_tokens": 0, "sample": 0}  # fmt: skip

# a checkout that cannot be written to has its examples in memory; unasked, hypothesis does so with a warning
EXAMPLES = (DirectoryBasedExampleDatabase(".hypothesis/examples") if os.access(".", os.W_OK)
            else InMemoryExampleDatabase())  # fmt: skip
# continuous integration judges a change by the same examples each time; new ones are looked for everywhere else
settings.register_profile("default", deadline=None, max_examples=60, database=None if "CI" in os.environ else EXAMPLES,
                          derandomize="CI" in os.environ)  # fmt: skip
settings.load_profile("default")

MODEL_1 = Path(__file__).parent / "data" / "model-1"  # written by layout version 1
DATA = Path(os.environ.get("GENSIM_MTNER_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data():
    """The folder of the real data sets; tests that need it are skipped where it is not."""
    if not (DATA / "bible-web-cuv.en-zh.jsonl.gz").exists():
        pytest.skip("no data sets; set GENSIM_MTNER_DATA to their folder")
    return DATA


@pytest.fixture
def only_dejavu(monkeypatch):
    """A machine that has the fonts that matplotlib brings, and nobody was told of it yet."""
    plots = pytest.importorskip("gensim_mtner.results.plots", reason="pip install 'gensim-mtner[plot]'",
                                exc_type=ImportError)  # fmt: skip
    manager = plots.font_manager.fontManager
    own = [entry for entry in manager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(manager, "ttflist", own)
    monkeypatch.setattr(plots.font_manager, "findSystemFonts", lambda *_, **__: [])
    monkeypatch.setattr(plots, "_packaged_fonts", lambda: [])
    monkeypatch.setattr(plots, "_told", set())
    manager.addfont(own[0].fname)  # forgets which font was found for which name
    yield monkeypatch
    monkeypatch.undo()
    manager.addfont(own[0].fname)


def pytest_terminal_summary(terminalreporter):
    """What was not tested here, by reason, and what to install so that it is."""
    whole, reasons = Counter(), Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        # a file that cannot be imported is one report, for all of its tests
        (whole if isinstance(report, pytest.CollectReport) else reasons)[reason.removeprefix("Skipped: ")] += 1
    if not whole and not reasons:
        return
    terminalreporter.section("not tested here")
    for reason in sorted({*whole, *reasons}):
        counts = [f"{counter[reason]} {name}{'s' * (counter[reason] > 1)}"
                  for counter, name in ((reasons, "test"), (whole, "whole file")) if counter[reason]]  # fmt: skip
        installed = re.match("pip install ('[^']+'|[^ ]+)", reason)
        terminalreporter.line(f"{' and '.join(counts)}: {reason}" if not installed else
                              f"{reason} runs {' and '.join(counts)} more")  # fmt: skip


PEOPLE = [("Ann", "安"), ("Bob", "鲍"), ("Eve", "夏"), ("Max", "马"), ("Ida", "艾"), ("Leo", "李")]
PLACES = [("Rome", "罗马"), ("Oslo", "奥斯陆"), ("Lima", "利马"), ("Bern", "伯尔尼"), ("Nice", "尼斯")]
VERBS = [("visited", "访问"), ("left", "离开"), ("saw", "看见"), ("liked", "喜欢")]


def make_pairs(n=120, seed=0):
    """Document pairs of a small world: each about one person and one place, in two languages that share nothing."""
    random = np.random.default_rng(seed)
    pairs = []
    for number in range(n):
        who, where = (table[random.integers(len(table))] for table in (PEOPLE, PLACES))
        source, target = [], []
        for _ in range(6):
            what = VERBS[random.integers(len(VERBS))]
            source += [who[0], what[0], where[0], "."]
            target += [who[1], what[1], where[1], "。"]
        pairs.append((str(number), source, target))
    return pairs


def labels_of(sentences):
    """The gold tags of the small world."""
    kinds = {word: "B-PER" for pair in PEOPLE for word in pair} | {word: "B-LOC" for pair in PLACES for word in pair}
    return [[kinds.get(word, "O") for word in sentence] for sentence in sentences]


@pytest.fixture
def corpus():
    return ComparableCorpus(make_pairs(), source="en", target="zh")


@pytest.fixture
def ner_data():
    sentences = [source[start : start + 4] for _, source, _ in make_pairs() for start in range(0, 24, 4)]
    return NERData(sentences, labels_of(sentences))


@pytest.fixture
def target_data():
    sentences = [target[start : start + 4] for _, _, target in make_pairs(10, seed=7) for start in range(0, 24, 4)]
    return NERData(sentences, labels_of(sentences))


def sign(directory, change=lambda manifest: None):
    """Change a stored directory's manifest, and make sizes and checksums fit, as one who means harm would."""
    file = directory / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    for name in manifest["files"]:
        if (directory / name).is_file():
            manifest["files"][name] = {"bytes": (directory / name).stat().st_size, "sha256": sha256(directory / name)}
    change(manifest)
    manifest["digest"] = digest(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def model_bits(model):
    """All that training changes, by name."""
    found = {"vectors": model.wv.vectors, "contexts": model.syn1neg}
    for name in ("tagger", *OWN_TAGGERS):
        if hasattr(model, name):
            found |= {f"{name}.{part}": array for part, array in getattr(model, name).state().items()}
    return found


def assert_same_model(model, other):
    """Two trainings came to the same bits, by the same way."""
    ours, theirs = model_bits(model), model_bits(other)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    told = [[{k: v for k, v in entry.items() if k != "seconds"} for entry in m.history] for m in (model, other)]
    assert told[0] == told[1] and model.updates == other.updates


class Killer(CallbackAny2Vec):
    """Sends a signal where its method of this name is called for the nth time."""

    def __init__(self, hook, n=1):
        self.hook, self.left = hook, n

    def called(self, hook):
        self.left -= hook == self.hook
        if hook == self.hook and self.left == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    def on_epoch_begin(self, model):
        self.called("begin")

    def on_epoch_end(self, model):
        self.called("end")
