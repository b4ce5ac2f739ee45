"""From English to languages that nobody labelled for the run: Swahili, Spanish, Portuguese, Indonesian.

    python benchmarks/pairs.py sw es pt id --seeds 1 2 3 --jobs 2 --plot benchmarks/results/systems.png

Gold and silver English labels (EWT, WikiGold, WikiNEuRal); news and the Bible of each pair, translations, and for
Spanish leads of Wikipedia articles too. Choices were made on the development file of Swahili; all else is reported
only. A cell that is in --results is not run again. The picture has Chinese, too, from the cells of transfer.py.

Those who have the English part of CoNLL 2003, which papers on Spanish learn from, pass it, and another folder:

    python benchmarks/pairs.py es --english eng.train --results conll
"""

import itertools
import time
from functools import partial
from pathlib import Path

import numpy as np
from common.data import DATA, RESULTS, english_labels
from common.models import PAPER, PAPER_BASELINE, RECIPE, cell_of, with_changes
from common.runs import (
    by_type,
    parser,
    precision_recall,
    print_table,
    read_cells,
    read_json,
    run_cells,
    spread,
    write_json,
)

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData
from gensim_mtner.text import datasets

FILES = {
    "sw": ["news-mafand.en-sw.jsonl.gz", "news-ntrex.en-sw.jsonl.gz"],
    "es": ["wikipedia-leads.en-es.jsonl.gz", "news-ntrex.en-es.jsonl.gz"],
    "pt": ["news-ntrex.en-pt.jsonl.gz"],
    "id": ["news-ntrex.en-id.jsonl.gz"],
}
TESTS = {
    "sw": ["sw_masakhaner2-dev", "sw_masakhaner2-test-a"], "es": ["es_conll2002-dev"], "pt": ["pt_bosque-ud-dev"],
    "id": ["id_masakhaner2-transfer-dev"],
}  # fmt: skip
COLUMNS = ("test", "system", "F1", "precision, recall", "LOC", "PER", "ORG")
FEW = 50  # sentences of a file; it is scored on its others then
SYSTEMS = {
    "NER only": {"mode": "ner"},
    "the paper's baseline": PAPER_BASELINE,
    "baseline": {"mode": "baseline"},
    "the paper's FJ": {"mode": "fj", **PAPER},
    "the paper's HFJ": PAPER,
    "baseline with the recipe": RECIPE,
    "baseline with the recipe, no names of the source": {**RECIPE, "project_names": False},
    "HFJ, no names of the source": {"project_names": False},
    "FJ (otherwise the defaults)": {"mode": "fj"},
    "HFJ (the defaults)": {},
}
WITH_FEW = f"HFJ, {FEW} labelled sentences of the target"
# of the picture: title, what pairs.py and transfer.py call it, colour
BARS = (
    ("NER only", "NER only", "NER only", "0.6"),
    ("the paper's baseline", "the paper's baseline", "the paper's baseline", "#c6dbef"),
    ("baseline", "baseline", "baseline", "#bcbddc"),
    ("the paper's FJ", "the paper's FJ", "FJ as in the paper (no translations)", "#9ecae1"),
    ("the paper's HFJ", "the paper's HFJ", "HFJ as in the paper (no translations)", "#6baed6"),
    (
        "baseline, the recipe",
        "baseline with the recipe",
        "baseline, translations, silver labels, self-training",
        "#fdd0a2",
    ),
    ("FJ, the recipe", "FJ (otherwise the defaults)", "FJ (otherwise the defaults)", "#fdae6b"),
    ("HFJ, the recipe (the defaults)", "HFJ (the defaults)", "HFJ (the defaults)", "#e6550d"),
)
PANELS = {"sw": "Swahili", "zh": "Chinese", "es": "Spanish", "pt": "Portuguese", "id": "Indonesian"}


def corpus_of(language):
    """The files of a pair, and the Bible."""
    parts = [ComparableCorpus.from_jsonl(DATA / name, source="en", target=language, on_missing="skip")
             for name in FILES[language]] + [datasets.bible("en", language)]  # fmt: skip
    return ComparableCorpus(
        lambda: itertools.chain.from_iterable(part.raw() for part in parts), source="en", target=language
    )


def text_of(language, results):
    """The corpus of a pair, encoded once."""
    path = results / f"{language}.encoded"
    if not path.exists():
        corpus_of(language).encode(path)
    return EncodedText.open(path)


def labels_of(english):
    """English labels: ours, or those of files in the form of CoNLL 2003."""
    if not english:
        return english_labels(silver=True)
    return NERData.from_iob2(english, scheme="IOB1", types={"MISC": None})


def run_cell(cell, results, english):
    """All systems of a language and a seed, from one pretrained model."""
    language, seed = cell
    path = results / f"{language}-{seed}.json"
    rows, text, labels = read_json(path, {}), text_of(language, results), labels_of(english)
    start = results / f"vectors-{language}-{seed}"
    if not start.exists():
        model = MTWord2Vec(seed=seed, workers=1, progress=False)
        model.build_vocab(text, ner_data=labels)
        model.train(text, epochs=model.pretraining_passes)
        model.save(start)
    for system, changes in SYSTEMS.items():
        if system in rows:
            continue
        clock = time.perf_counter()
        model = with_changes(MTWord2Vec.load(start, verify=False), changes)
        model.train(text, ner_data=labels, pretrain_epochs=0)
        rows[system] = {"seconds": time.perf_counter() - clock}
        for name in TESTS[language]:
            gold = NERData.from_iob2(DATA / f"{name}.iob2")
            rows[system][name] = scored(model, gold, language)
        if system == "HFJ (the defaults)":
            rest = gold.subset(range(FEW, len(gold)))
            rows[system]["without the first sentences"] = scored(model, rest, language)  # beside the next
            model.train(text, ner_data=labels, epochs=0, pretrain_epochs=0, target_ner_data=gold.subset(range(FEW)))
            rows[WITH_FEW] = {TESTS[language][-1]: scored(model, rest, language)}
        rows = {name: rows[name] for name in (*SYSTEMS, WITH_FEW) if name in rows}
        write_json(path, rows)
        print(*cell, system, *(f"{name} {rows[system][name]['f1']:.1f}" for name in TESTS[language]), flush=True)
    return rows


def scored(model, gold, language):
    """What a table and its readers may want to know."""
    return cell_of(model.evaluate(gold, language=language), "known_entity_tokens", "by_type")


def lines(cells, found):
    """Means and spreads by test and system."""
    for language in dict.fromkeys(language for language, _ in cells):
        seeds = [rows for (of, _), rows in zip(cells, found, strict=True) if of == language]
        for name, system in itertools.product(TESTS[language], (*SYSTEMS, WITH_FEW)):
            scores = [rows[system][name] for rows in seeds if name in rows.get(system, {})]
            if scores:
                yield name, system, spread(score["f1"] for score in scores), precision_recall(scores), *by_type(scores)


def plot(found, chinese, path):
    """F1 of each system as a bar, by language: means of the seeds, and their spread as a line.

    Parameters
    ----------
    found : dict of str to list of dict
        The rows of each seed, by language.
    chinese : list of dict
        Those of transfer.py.
    path : Path
        The picture.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 3.8), layout="constrained")
    width, languages = 0.098, [language for language in PANELS if found.get(language) or language == "zh"]
    for number, (title, ours, theirs, colour) in enumerate(BARS):
        values = []
        for language in languages:
            rows, name, test = (
                (chinese, theirs, "test") if language == "zh" else (found[language], ours, TESTS[language][-1])
            )
            values.append([row[name][test]["f1"] for row in rows if name in row])
        places = np.arange(len(languages)) + (number - (len(BARS) - 1) / 2) * width
        heights = [np.mean(f1) if f1 else 0 for f1 in values]
        axes.bar(places, heights, width, color=colour, label=title,
                 yerr=[np.std(f1, ddof=1) if len(f1) > 1 else 0 for f1 in values], error_kw={"lw": 0.8})  # fmt: skip
        if number == len(BARS) - 1:
            for place, height, f1 in zip(places, heights, values, strict=True):
                above = place, max(f1, default=0)
                axes.annotate(f"{height:.0f}", above, textcoords="offset points", xytext=(0, 4), ha="center",
                              fontsize=8)  # fmt: skip
    axes.set_xticks(range(len(languages)), [PANELS[language] for language in languages])
    axes.set(ylabel="entity F1", ylim=(0, 85))
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper right")
    figure.savefig(path, dpi=150)


def main():
    """Run what is missing, print the table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, results=RESULTS / "pairs")
    arguments.add_argument("languages", nargs="*", metavar="LANGUAGE", help="of sw, es, pt, id; by default all")
    arguments.add_argument("--english", nargs="+", type=Path, metavar="FILE", help="English labels, of CoNLL 2003")
    arguments.add_argument("--plot", type=Path, help="file for a picture of all that is in --results")
    options = arguments.parse_args()
    if options.english and options.results.resolve() == (RESULTS / "pairs").resolve():
        arguments.error("--english needs a folder of its own: --results")
    cells = [(language, seed) for language in options.languages or FILES for seed in options.seeds]
    for language, _ in cells:
        text_of(language, options.results)  # before processes are started, lest each encodes it
    found = list(run_cells(partial(run_cell, results=options.results, english=options.english), cells, options.jobs))
    print_table(COLUMNS, lines(cells, found))
    if options.plot:
        cells = {language: read_cells(options.results, f"{language}-*.json") for language in FILES}
        plot(cells, read_cells(RESULTS / "transfer", "*.json"), options.plot)


if __name__ == "__main__":
    main()
