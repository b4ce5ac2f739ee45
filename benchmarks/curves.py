"""F1 by how much there is: of text, of labelled source sentences, of labelled target sentences; a picture.

    python benchmarks/curves.py sw zh --seeds 1 --plot benchmarks/results/curves.png

Defaults, gold and silver English labels. Text: documents drawn from the corpora of pairs.py and transfer.py; also its
kinds apart, for Chinese Wikipedia (comparable) and news (translated), for Swahili news and the Bible. Labelled source
sentences are drawn from all; target sentences are the first of those of resources.py, with the model and alone
(`SequenceTagger`). Swahili is tested on test-a, Chinese on its development file. A cell that is in --results is not run
again.
"""

from functools import partial

import numpy as np
import pairs
from common.data import DATA, RESULTS, wikipedia
from common.models import cell_of
from common.runs import parser, print_table, read_json, run_cells, spread, write_json
from resources import FEW, start_of

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData, SequenceTagger
from gensim_mtner.text import datasets

TESTS = {"sw": "sw_masakhaner2-test-a", "zh": "zh_gsdsimp-ud-dev"}
KINDS = {"sw": {"news alone": pairs.FILES["sw"], "the Bible alone": []},
         "zh": {"Wikipedia alone": ["wikipedia.en-zh.jsonl.gz"],
                "news alone": ["news-cctv-mt.en-zh.jsonl.gz", "news-xquad.en-zh.jsonl"]}}  # fmt: skip
SHARES = (1 / 64, 1 / 16, 1 / 4)
SOURCE = (250, 1000, 4000, 16000)
TARGET = (10, 50, 100, 500, 2000)
AXES = {"text": "tokens of text", "source": "labelled source sentences", "target": "labelled target sentences"}
TITLES = {"sw": "Swahili", "zh": "Chinese"}


def part_of(language, seed, part, results):
    """Some documents of a corpus, or those of a kind, encoded once."""
    path = results / f"{language}-{seed}-{part}.encoded".replace(" ", "-")
    if not path.exists():
        if part == "the Bible alone":
            corpus = datasets.bible("en", language)
        elif isinstance(part, str):
            files = [DATA / name for name in KINDS[language][part]]
            corpus = ComparableCorpus.from_jsonl(files, source="en", target=language, on_missing="skip")
        else:
            corpus = wikipedia().corpus if language == "zh" else pairs.corpus_of(language)
            n_documents = sum(1 for _ in corpus.raw())
            corpus = corpus.shuffle(seed).limit(max(1, round(part * n_documents)))
        corpus.encode(path, progress=False)
    return EncodedText.open(path)


def run_cell(cell, results):
    """All points of a language and a seed."""
    language, seed = cell
    path = results / f"{language}-{seed}.json"
    rows, test = read_json(path, {}), NERData.from_iob2(DATA / f"{TESTS[language]}.iob2")

    def keep(name, size, model, **more):
        rows[name] = {"size": size, **more} | cell_of(model.evaluate(test, language=language), "by_type")
        write_json(path, rows)
        print(*cell, name, size, f"{rows[name]['f1']:.1f}", flush=True)

    pool = NERData.from_iob2(DATA / f"{FEW[language]}.iob2")
    counts = [n for n in TARGET if n <= len(pool)]
    parts = (*SHARES, *KINDS.get(language, ()))
    wanted = {"text all", "source all", *(f"target {n}" for n in (0, *counts)), *(f"text {part}" for part in parts),
              *(f"source {n}" for n in SOURCE)}  # fmt: skip
    if wanted <= set(rows):
        return rows
    model, text, labels = start_of(language, seed, "nothing", RESULTS / "resources")
    for name, size in (("text all", len(text.ids)), ("source all", len(labels)), ("target 0", 0)):
        if name not in rows:
            keep(name, size, model)
    for n in (n for n in counts if f"target {n}" not in rows):
        few = pool.subset(range(n))
        model.train(text, ner_data=labels, target_ner_data=few, epochs=0, pretrain_epochs=0)
        alone = SequenceTagger().fit(few.sentences, few.tags).evaluate(test).f1
        keep(f"target {n}", n, model, alone=alone)
    settings = {"seed": seed, "workers": 1, "progress": False}
    for part in parts:
        if f"text {part}" not in rows:
            some = part_of(language, seed, part, results)
            keep(f"text {part}", len(some.ids), MTWord2Vec(some, ner_data=labels, **settings))
    order = np.random.default_rng(seed).permutation(len(labels))
    for n in (n for n in SOURCE if f"source {n}" not in rows):
        keep(f"source {n}", n, MTWord2Vec(text, ner_data=labels.subset(order[:n].tolist()), **settings))
    return rows


def points(seeds, curve):
    """The cells of a curve, each of all seeds, by size; kinds of text are no part of it."""
    names = [name for name in seeds[0] if name.startswith(f"{curve} ") and not name.endswith("alone")]
    cells = [[rows[name] for rows in seeds if name in rows] for name in names]
    return sorted(cells, key=lambda found: found[0]["size"])


def lines(found):
    """Means and spreads of each point; `found` has the rows of each seed by language."""
    for language, seeds in found.items():
        for curve, axis in AXES.items():
            for cells in points(seeds, curve):
                alone = spread(cell["alone"] for cell in cells if "alone" in cell)
                yield TITLES[language], axis, f"{cells[0]['size']:,}", spread(cell["f1"] for cell in cells), alone
        for kind in KINDS.get(language, ()):
            cells = [rows[f"text {kind}"] for rows in seeds if f"text {kind}" in rows]
            if cells:
                size = f"{cells[0]['size']:,}, {kind}"
                yield TITLES[language], AXES["text"], size, spread(cell["f1"] for cell in cells), ""


COLUMNS = ("language", "how much there is of", "", "F1", "the target sentences alone")


def plot(found, path):
    """A panel for each curve, a line for each language; dashed: the labelled target sentences alone."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
    for panel, (curve, axis) in zip(panels, AXES.items(), strict=True):
        for (language, seeds), colour in zip(found.items(), ("tab:blue", "tab:orange"), strict=False):
            cells = points(seeds, curve)
            x = [row[0]["size"] for row in cells]
            panel.plot(x, [np.mean([cell["f1"] for cell in row]) for row in cells], "o-", color=colour,
                       label=TITLES[language])  # fmt: skip
            alone = [(row[0]["size"], np.mean([cell["alone"] for cell in row])) for row in cells if "alone" in row[0]]
            if alone:
                panel.plot(*zip(*alone, strict=True), "o--", color=colour, label=f"{TITLES[language]}, alone")
            for kind, below in zip(KINDS.get(language, ()) if curve == "text" else (), (4, -12), strict=False):
                cells = [rows[f"text {kind}"] for rows in seeds if f"text {kind}" in rows]
                if cells:
                    size, f1 = cells[0]["size"], np.mean([cell["f1"] for cell in cells])
                    panel.plot(size, f1, "x", color=colour)
                    panel.annotate(kind, (size, f1), textcoords="offset points", xytext=(5, below), fontsize=8,
                                   color=colour)  # fmt: skip
        panel.set_xscale("symlog" if curve == "target" else "log", **{"linthresh": 10} if curve == "target" else {})
        panel.set(xlabel=axis, ylim=(0, 90), **{"xlim": (3e4, 4e7)} if curve == "text" else {})
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("entity F1")
    panels[1].legend(*panels[2].get_legend_handles_labels(), frameon=False, fontsize=8, loc="lower right")
    figure.savefig(path, dpi=150)


def main():
    """Run what is missing, print the table, draw."""
    arguments = parser(__doc__, seeds=[1], jobs=1, results=RESULTS / "curves")
    arguments.add_argument("languages", nargs="*", metavar="LANGUAGE", help="of sw, zh; by default both")
    arguments.add_argument("--plot", help="file for the picture")
    options = arguments.parse_args()
    cells = [(language, seed) for language in options.languages or TESTS for seed in options.seeds]
    found = {}
    for (language, _), rows in zip(cells, run_cells(partial(run_cell, results=options.results), cells, options.jobs),
                                   strict=True):  # fmt: skip
        found.setdefault(language, []).append(rows)
    print_table(COLUMNS, lines(found))
    if options.plot:
        plot(found, options.plot)


if __name__ == "__main__":
    main()
