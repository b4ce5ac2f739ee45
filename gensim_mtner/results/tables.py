"""Tables 1, 2 and 3 of the paper on a corpus of one's own: Markdown and JSON, means and spreads over seeds.

Cells are files of a directory of results: what is there is not run again, so a run that was stopped goes on.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, field
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import entities
from gensim_mtner.model.checkpoint import Labels, checksums, label_sums
from gensim_mtner.model.mtword2vec import MTWord2Vec
from gensim_mtner.storage import check_destination, new_file, without_nan
from gensim_mtner.taggers.base import DROPOUT
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.languages import composed
from gensim_mtner.vectors.neighbours import nearest
from gensim_mtner.vectors.rows import check_whole
from gensim_mtner.vectors.spelling import rows_of
from gensim_mtner.workers import begin_worker, in_order

logger = logging.getLogger(__name__)


class Task(NamedTuple):
    """Document pairs, labelled sentences of the source to train on, and of the target to test on."""

    corpus: ComparableCorpus | EncodedText
    labels: NERData
    test: NERData


class System(NamedTuple):
    """A column of table 2: a tagger, a mode, other arguments."""

    tagger: str
    mode: str
    changes: dict[str, Any]


PLAIN = {"translate_probability": 0.0, "ner_vector_alpha": 0.1}
UNIGRAM = {
    "NER only": System("unigram", "ner", {}),
    "baseline": System("unigram", "baseline", {"dropout": DROPOUT}),
    "HFJ": System("unigram", "hfj", {}),
    "FJ": System("unigram", "fj", {}),
    "HFJ, no translations": System("unigram", "hfj", PLAIN),
    "FJ, no translations": System("unigram", "fj", PLAIN),
}
LSTM = {
    "LSTM-CRF baseline": System("lstm-crf", "baseline", {}),
    "LSTM-CRF HFJ": System("lstm-crf", "hfj", {"ner_warmup": 4}),
    "LSTM-CRF FJ": System("lstm-crf", "fj", {"ner_warmup": 4}),
}
SYSTEMS = UNIGRAM | LSTM
PAPER = {  # table 2 of the paper, by vector_size; its LSTM-CRF with FJ, 8.62, had no translations, which ours has
    "baseline": {64: 6.54, 128: 14.95, 256: 13.69, 512: 21.23},
    "HFJ, no translations": {64: 13.5, 128: 20.27, 256: 24.29, 512: 17.7},
    "FJ, no translations": {64: 7.01, 128: 17.14, 256: 16.53, 512: 20.14},
    "LSTM-CRF baseline": {256: 6.07},
}
BEGUN = "begun"  # the file that says of what a folder of results is
# the method of the paper: no silver labels, no self-training
SETTINGS: dict[str, Any] = {"workers": 1, "progress": False, "silver_tokens": 0, "self_training_tokens": 0}


@dataclass(frozen=True)
class Tables:
    """Makes the tables for one task.

    Parameters
    ----------
    load : callable
        Returns the Task; it must be possible to send it to other processes.
    results : Path
        A directory for cells, tables, encoded text and pretrained vectors.
    sizes, seeds : tuple of int
        Values of ``vector_size``, and of ``seed``.
    lstm_sizes : tuple of int
        Sizes to run the LSTM-CRF at.
    lstm_sentences : int
        How many labelled sentences it is trained on, at most.
    pretrain_epochs, epochs : int, optional
        Passes of skip-gram alone, and joint ones; by default those of MTWord2Vec.
    max_updates : int, optional
        Pairs of updates to stop after (the paper: 10,000).
    jobs : int
        Processes.
    stamp : dict, optional
        What is written into each cell beside its scores, such as the version of the code.
    """

    load: Callable[[], Task]
    results: Path
    sizes: tuple[int, ...] = (64, 128, 256, 512)
    seeds: tuple[int, ...] = (1, 2, 3)
    lstm_sizes: tuple[int, ...] = ()
    lstm_sentences: int = 6000
    pretrain_epochs: int | None = None
    epochs: int | None = None
    max_updates: int | None = None
    jobs: int = 1
    stamp: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_destination(self.results, "a folder")
        check_whole("jobs", self.jobs, 1)
        strange = sorted(set(self.lstm_sizes) - set(self.sizes))
        if strange:
            raise ValueError(f"lstm_sizes={tuple(self.lstm_sizes)!r}: {strange[0]} is not among sizes={self.sizes!r}")

    def task(self) -> Task:
        """The task, its text encoded once, in `results`; which must not have cells of another task or settings."""
        task = Task(*self.load())
        sums = sums_of(task)
        self._check_begun(sums)
        self._note(sums)
        _read.clear()
        task = self._encoded(task)
        assert isinstance(task.corpus, EncodedText)
        sums["text"] = checksums(task.corpus, Labels())["corpus"]  # which cells are of, raw pairs or encoded ones
        self._check_begun(sums)
        self._note(sums)
        return task

    def _task(self) -> Task:
        """As `task`, which was called before processes began; read once in each."""
        return _read.get(self.results) or self._encoded(Task(*self.load()))

    def _encoded(self, task: Task) -> Task:
        if isinstance(task.corpus, ComparableCorpus):
            if not (self.results / "text").exists():
                task.corpus.encode(self.results / "text")
            task = task._replace(corpus=EncodedText.open(self.results / "text"))
        return _read.setdefault(self.results, task)

    def _check_begun(self, facts: dict[str, Any]) -> None:
        """Refuse a directory whose results are of others than these facts."""
        before = self._begun()
        if not before and cells_of(self.results):
            logger.warning("%s has results that do not say of which corpus, labels and settings they are: they are "
                           "taken for those of these", self.results)  # fmt: skip
        for name, value in facts.items():
            if before.get(name, value) != value:
                raise ValueError(
                    f"{self.results} has results of another {name} ({before[name]}, not {value}): name another folder"
                )

    def _begun(self) -> dict[str, Any]:
        path = self.results / f"{BEGUN}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _note(self, facts: dict[str, Any]) -> None:
        before = self._begun()
        if facts.keys() - before.keys():
            self._write(BEGUN, before | facts)

    def _settled(self) -> Task:
        """The task, where its results are of the settings of these tables."""
        names = ["pretrain_epochs", "epochs", "max_updates", *(["lstm_sentences"] if self.lstm_sizes else [])]
        facts = {name: getattr(self, name) for name in names}
        self._check_begun(facts)
        task = self.task()
        self._note(facts)
        return task

    def _pretrained(self, size: int, seed: int) -> MTWord2Vec:
        """Vectors of skip-gram alone, which all systems of a size and seed start from, as in the paper."""
        path = self.results / f"vectors-{size}-{seed}"
        if not path.exists():
            data = self._task()
            model = MTWord2Vec(mode="baseline", vector_size=size, seed=seed, **SETTINGS)
            model.build_vocab(data.corpus, ner_data=data.labels)
            model.train(
                data.corpus,
                epochs=model.pretraining_passes if self.pretrain_epochs is None else self.pretrain_epochs,
                # without labels: skip-gram alone
            )
            model.save(path)
        return MTWord2Vec.load(path, verify=False)

    # -- table 1

    def table1(self) -> Iterator[str]:
        """Documents, sentences, tokens and types of the corpus, the labels and the test set."""
        corpus, labels, test = self.load()
        if isinstance(corpus, EncodedText):
            raise ValueError("encoded text has no sentences to count; table 1 needs the corpus that it was made from")
        self._check_begun(sums_of(Task(corpus, labels, test)))
        rows: list[tuple] = [(f"C, {language}", *astuple(side)) for language, side in corpus.statistics().items()]
        for name, data in ((f"X(S), {corpus.source}", labels), (f"X(T), {corpus.target}", test)):
            rows.append((name, "", len(data), data.n_tokens, len(data.word_counts())))
        self._write("table1", rows)
        yield "| | documents | sentences | tokens | types |\n|---|---|---|---|---|"
        for name, *numbers in rows:
            yield f"| {name} | {' | '.join(f'{n:,}' if n != '' else '' for n in numbers)} |"

    # -- table 2

    def table2(self) -> Iterator[str]:
        """Entity F1 on the target by vector_size and system; yields a line a cell as it is done, then the table."""
        systems = [*UNIGRAM, *(LSTM if self.lstm_sizes else ())]
        self._settled()  # the text is encoded before processes need it
        groups = [
            (size, seed, [name for name in systems if name in UNIGRAM or size in self.lstm_sizes])
            for seed in self.seeds
            for size in self.sizes
        ]
        if self.jobs == 1:
            for group in groups:
                yield from self._run_group(group)
        else:
            with ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"), initializer=begin_worker) as pool:
                try:
                    for lines in in_order(pool, self._run_group, [(group,) for group in groups], len(groups)):
                        yield from lines
                except BaseException:
                    for child in active_children():  # or trainings that have begun would be waited for
                        child.terminate()
                    raise
        self._write("table2", [cell for cells in cells_of(self.results, self.seeds).values() for cell in cells])
        yield f"| d | {' | '.join(systems)} |\n|---|{'---|' * len(systems)}"
        rows = [" | ".join(row) for row in by_size(self.results, self.sizes, systems, self.seeds)]
        yield from (f"| {row} |" for row in rows)
        if any("(" in row for row in rows):
            yield "\nIn brackets: the paper's figure, on its own data, English to Chinese."

    def _run_group(self, group: tuple[int, int, Sequence[str]]) -> list[str]:
        size, seed, systems = group
        return [line for system in systems for line in self._run_cell(system, size, seed)]

    def _run_cell(self, system: str, size: int, seed: int) -> list[str]:
        """One system, size and seed; its scores go to a file."""
        path = self.results / f"{system.replace(' ', '-')}.{size}.{seed}.json"
        if path.exists():
            return []
        kind, mode, changes = SYSTEMS[system]
        data = self._task()
        labels = data.labels
        if kind == "lstm-crf" and len(labels) > self.lstm_sentences:
            labels = labels.subset(np.random.default_rng(1).permutation(len(labels))[: self.lstm_sentences])
        model = self._pretrained(size, seed)
        if mode == "ner":
            # the vectors that the tagger's loss starts from without a corpus: random ones
            model.init_weights()
        model.mode, model.tagger_kind, model.max_updates = mode, kind, self.max_updates
        for name, value in changes.items():
            setattr(model, name, value)
        model.train(data.corpus, ner_data=labels, epochs=self.epochs, pretrain_epochs=0)
        assert model.target is not None
        scores = model.evaluate(data.test, language=model.target)
        cell = {
            "system": system, "size": size, "seed": seed, "f1": scores.f1, "precision": scores.precision,
            "recall": scores.recall, "lenient_f1": scores.lenient_f1, "updates": model.updates,
            "target_rate": model.entity_rate() if kind == "unigram" else None,
            "seconds": sum(entry.get("seconds", 0.0) for entry in model.history), **self.stamp,
        }  # fmt: skip
        if mode in ("baseline", "hfj") and kind == "unigram":
            cell["same_type"] = same_type(model, data.test)
        self._write(path.stem, cell)
        return [f"{system}, {size}, seed {seed}: F1 {scores.f1:.1f}"]

    # -- table 3

    def table3(self, queries: Sequence[str] = ()) -> Iterator[str]:
        """The 8 nearest source words of some target words, and the share of neighbours of the query's type over all.

        Parameters
        ----------
        queries : sequence of str
            By default the five most frequent names of the test data.
        """
        data = self._settled()
        kinds = names_of(data.test)
        counts = data.test.word_counts()
        queries = list(map(composed, queries)) or sorted(kinds, key=lambda word: -counts[word])[:5]
        rows: list[dict] = []
        for system in ("baseline", "HFJ"):
            model = self._pretrained(self.sizes[0], self.seeds[0])
            assert model.source is not None and model.target is not None
            for name, value in ({"mode": SYSTEMS[system].mode} | SYSTEMS[system].changes).items():
                setattr(model, name, value)
            model.train(data.corpus, ner_data=data.labels, epochs=self.epochs, pretrain_epochs=0)
            share = same_type(model, data.test)
            yield f"\n{system}: {share:.1f}% of the neighbours of all names have their type\n"
            yield "| query | nearest source words (of the query's type in bold) |\n|---|---|"
            for query in queries:
                if rows_of(model.wv, [query], model.target)[0] < 0:
                    yield f"| {query} | not in the vocabulary |"
                    continue
                near = model.neighbours(query, language=model.target, metric="euclidean", topn=8)
                words = [word for word, _ in near]
                tags = model.tag([[word] for word in words], language=model.source, by="vectors")
                types = [tag[0][2:] for tag in tags]
                marked = [
                    f"**{word}**" if kind == kinds.get(query) else word for word, kind in zip(words, types, strict=True)
                ]
                yield f"| {query} ({kinds.get(query, '?')}) | {', '.join(marked)} |"
                rows.append({"system": system, "query": query, "neighbours": words, "types": types})
            rows.append({"system": system, "same_type": share})
        self._write("table3", rows)

    def _write(self, name: str, rows: Any) -> None:
        self.results.mkdir(parents=True, exist_ok=True)
        with new_file(self.results / f"{name}.json") as stream:
            stream.write(json.dumps(without_nan(rows), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def cells_of(results: Path, seeds: Sequence[int] | None = None) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """The cells of table 2 in a directory, of some seeds or all, by system and ``vector_size``."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for path in sorted(results.glob("*.*.*.json")):
        cell = json.loads(path.read_text(encoding="utf-8"))
        if seeds is None or cell["seed"] in seeds:
            found.setdefault((cell["system"], cell["size"]), []).append(cell)
    return found


def by_size(
    results: Path, sizes: Sequence[int], systems: Sequence[str], seeds: Sequence[int] | None = None
) -> Iterator[list[str]]:
    """The rows of table 2: a size, then for each system mean and spread of F1, and the paper's figure in brackets."""
    found = cells_of(results, seeds)
    for size in sizes:
        shown = [str(size)]
        for system in systems:
            values = [cell["f1"] for cell in found.get((system, size), []) if cell["f1"] is not None]
            paper = PAPER.get(system, {}).get(size)
            spread = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
            text = f"{np.mean(values):.1f}{spread}" if values else ""
            shown.append(f"{text} ({paper})" if paper and text else text)
        yield shown


_read: dict[Path, Task] = {}  # the last task of this process


def sums_of(task: Task) -> dict[str, int]:
    """Checksums of a task, by which another is noticed."""
    labels = Labels(ner_data=task.labels, target_ner_data=task.test)
    found = label_sums(labels)
    sums = {"labels": found["ner_data"], "test": found["target_ner_data"]}
    if isinstance(task.corpus, EncodedText):
        return sums
    how = json.dumps(task.corpus.segmenter.how_cut(), sort_keys=True)
    sums["segmentation"] = zlib.crc32(how.encode("utf-8"))
    corpus = 0
    for _, *pair in task.corpus.raw():
        text = repr([part if isinstance(part, (str, int, type(None))) else list(part) for part in pair])
        corpus = zlib.crc32(text.encode("utf-8", "surrogatepass"), corpus)
    return {"corpus": corpus, **sums}


def names_of(data: NERData) -> dict[str, str]:
    """Words that are an entity by themselves, with the type that they have most often."""
    kinds: dict[str, Counter] = {}
    for sentence, tags in data:
        for kind, start, stop in entities(tags):
            if stop == start + 1:
                kinds.setdefault(sentence[start], Counter())[kind] += 1
    return {word: counts.most_common(1)[0][0] for word, counts in kinds.items()}


def same_type(model: MTWord2Vec, test: NERData, topn: int = 8) -> float:
    """The share of the nearest source words, by Euclidean distance, that have the type of the query, in percent.

    Queries are all names of the test data that have a vector; the type of a source word is what the tagger says.
    """
    assert model.source is not None and model.target is not None
    kinds = names_of(test)
    found_rows = rows_of(model.wv, list(kinds), model.target)
    queries = {row: kind for row, kind in zip(found_rows, kinds.values(), strict=True) if row >= 0}
    if not queries:
        return float("nan")
    own, into = model.rows_of(model.target), model.rows_of(model.source)
    found, _ = nearest(model.wv.vectors, np.array(list(queries)), own, into, "euclidean", topn)
    types = model.tagger.classes_[model.tagger.scores(model.wv.vectors[into]).argmax(axis=1)]  # type: ignore[attr-defined]
    good = [[types[row][2:] == kind for row in line] for line, kind in zip(found, queries.values(), strict=True)]
    return 100 * float(np.mean(good))
