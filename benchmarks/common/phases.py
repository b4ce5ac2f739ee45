"""Where the time and the memory of a whole run go: phases, each of which ends where another begins inside of it."""

import functools
import importlib
import itertools
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

from common.data import DATA, english_labels
from common.runs import peak

PAGES = Path("/proc/self/statm")
FILES = {
    "zh": ["wikipedia.en-zh.jsonl.gz", "news-cctv-mt.en-zh.jsonl.gz", "news-xquad.en-zh.jsonl"],
    "sw": ["news-mafand.en-sw.jsonl.gz", "news-ntrex.en-sw.jsonl.gz"],
}
TESTS = {"zh": "zh_gsdsimp-ud-dev.iob2", "sw": "sw_masakhaner2-dev.iob2"}
# functions that are a phase, or a step of one: module, name there
PARTS = {
    "silver labels": ("gensim_mtner.model.stages", "with_silver"),
    "warm-up of the tagger": ("gensim_mtner.model.callback", "NERCallback.prepare"),
    "dictionary": ("gensim_mtner.model.loop", "translations"),
    "self-training": ("gensim_mtner.model.stages", "add_target_tagger"),
    "names of the source": ("gensim_mtner.model.self_training", "_projected"),
}


class Phases:
    """Seconds by phase, and the most memory that was seen in each; a step inside of a phase is not counted twice."""

    def __init__(self):
        self.seconds, self.bytes = defaultdict(float), defaultdict(int)
        self.stack, self.since, self.done = ["other"], time.perf_counter(), threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def __call__(self, name):
        """Within it, time is of this phase."""
        self._credit()
        self.stack.append(name)
        try:
            yield
        finally:
            self._credit()
            self.stack.pop()

    def wrap(self, module, name, phase):
        """Make a function or a method a phase; `phase` may be a function of its arguments."""
        owner = importlib.import_module(module)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        function = getattr(owner, last)

        @functools.wraps(function)
        def timed(*arguments, **options):
            with self(phase(*arguments) if callable(phase) else phase):
                return function(*arguments, **options)

        setattr(owner, last, timed)

    def each(self, name, items):
        """The items, and the time that each takes to come."""
        items = iter(items)
        while True:
            with self(name):
                item = next(items, self)
            if item is self:
                return
            yield item

    def _credit(self):
        now = time.perf_counter()
        self.seconds[self.stack[-1]] += now - self.since
        self.since = now

    def _watch(self):
        while PAGES.exists() and not self.done.wait(0.02):
            self.bytes[self.stack[-1]] = max(self.bytes[self.stack[-1]], 4096 * int(PAGES.read_text().split()[1]))

    def table(self):
        """Seconds and bytes of each phase, in the order in which they came."""
        self._credit()
        self.done.set()
        return {name: {"seconds": seconds, "bytes": self.bytes.get(name)} for name, seconds in self.seconds.items()}


def whole_run(language, limit, workers, n_tokens, pretrain_epochs, epochs):
    """From JSON Lines to a saved model and tagged text.

    Parameters
    ----------
    language : {"zh", "sw"}
    limit : int
        Document pairs of each file; 0 for all.
    workers : int
        Threads of skip-gram, and processes that segment.
    n_tokens : int
        Tokens of the target to tag.
    pretrain_epochs, epochs : int
        Passes of pretraining, joint ones; 0 for the default.
    """
    from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
    from gensim_mtner.model.samples import sample_sentences

    phases = Phases()
    for name, place in PARTS.items():
        phases.wrap(*place, name)
    phases.wrap("gensim_mtner.model.loop", "Trainer._run_epoch",
                lambda trainer, phase, *_: "joint passes" if phase.joint else "pretraining")  # fmt: skip
    with phases("reading labels"):
        labels = english_labels(silver=True)
    parts = [ComparableCorpus.from_jsonl(DATA / name, source="en", target=language, on_missing="skip")
             for name in FILES[language]]  # fmt: skip
    parts = [part.limit(limit) if limit else part for part in parts]
    corpus = ComparableCorpus(
        lambda: phases.each("reading", itertools.chain.from_iterable(part.raw() for part in parts)),
        source="en", target=language,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        with phases("encoding"):
            text = corpus.encode(Path(folder) / "encoded", workers=workers, progress=False)
        settings = {"pretrain_epochs": pretrain_epochs, "epochs": epochs}
        settings = {name: number for name, number in settings.items() if number}
        model = MTWord2Vec(seed=1, workers=workers, progress=False, **settings)
        with phases("counting"):
            model.build_vocab(text, ner_data=labels)
        model.train(text, ner_data=labels)
        with phases("calibration"):
            model.calibrate()
        with phases("saving"):
            model.save(Path(folder) / "model")
        del model  # who tags has one
        with phases("loading"):
            model = MTWord2Vec.load(Path(folder) / "model")
        sentences = sample_sentences(text, 1, n_tokens, 1)
        with phases("tagging"):
            model.tag(sentences, language=language)
    found = phases.table()
    f1 = model.evaluate(NERData.from_iob2(DATA / TESTS[language]), language=language).f1
    return {
        "language": language, "documents": len(text), "tokens": len(text.ids), "words": len(model.wv),
        "tagged_tokens": sum(map(len, sentences)), "peak_bytes": peak(), "f1": f1, "phases": found,
    }  # fmt: skip


def plot_phases(results, path):
    """A bar for each run, divided by phase; what takes less than 2% is one part."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panel = pyplot.subplots(figsize=(10, 1.6 + 0.9 * len(results)), layout="constrained")
    palette = [colour for i, colour in enumerate(pyplot.get_cmap("tab20").colors) if i not in (14, 15)]  # without greys
    colours = dict(zip(dict.fromkeys(name for run in results for name in run["phases"]), palette, strict=False))
    labelled, longest = set(), max(sum(part["seconds"] for part in run["phases"].values()) for run in results)
    for row, run in enumerate(results):
        total, left = sum(part["seconds"] for part in run["phases"].values()), 0.0
        small = sum(part["seconds"] for part in run["phases"].values() if part["seconds"] < 0.02 * total)
        large = [(name, part["seconds"]) for name, part in run["phases"].items() if part["seconds"] >= 0.02 * total]
        for name, seconds in [*large, ("all else", small)]:
            panel.barh(row, seconds, left=left, color=colours.get(name, "lightgrey"),
                       label=None if name in labelled else name)  # fmt: skip
            labelled.add(name)
            if seconds > 0.03 * longest:
                panel.text(left + seconds / 2, row, f"{100 * seconds / total:.0f}%", ha="center", va="center")
            left += seconds
    panel.set_yticks(range(len(results)), [f"{run['language']}, {run['tokens'] / 1e6:.1f}M tokens" for run in results])
    panel.set(xlabel="seconds")
    panel.invert_yaxis()
    panel.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    figure.savefig(path, dpi=150)
