"""Tagging text of another domain: what each part of the recipe gives, on comparable text and gold test labels.

    python benchmarks/transfer.py --seeds 1 2 3 --jobs 2

Wikipedia and news in English and Chinese (GENSIM_MTNER_DATA), gold English labels, tested on Universal NER Chinese: the
development file, which choices were made by, and the larger file, which is reported only. A seed that is in --results
is not run again.
"""

import time
from functools import partial

from common.data import RESULTS, TESTS, english_labels, universal_ner, wikipedia_text
from common.models import ALL, PAPER, PAPER_BASELINE, RECIPE, cell_of, wikipedia_model, with_changes
from common.runs import parser, precision_recall, print_table, read_json, run_cells, spread, write_json

from gensim_mtner import SequenceTagger, UnigramTagger

# name: arguments; each is scored by its vectors, and by the target's own tagger if it has one
SYSTEMS = {
    "NER only": {"mode": "ner"},
    "the paper's baseline": PAPER_BASELINE,
    "baseline": {"mode": "baseline"},
    "baseline, translations": {"mode": "baseline", "translate_probability": 0.5},
    "baseline, silver labels, self-training": {"mode": "baseline", **ALL},
    "baseline, translations, silver labels, self-training": RECIPE,
    "FJ as in the paper (no translations)": {"mode": "fj", **PAPER},
    "HFJ as in the paper (no translations)": PAPER,
    "HFJ, self-training, no silver labels": {"silver_tokens": 0},
    "HFJ (the defaults)": {},
    "FJ (otherwise the defaults)": {"mode": "fj"},
}


def scores_of(model, by):
    """Scores on all tests; by the vectors where the language has no tagger of its own."""
    found = {}
    for name, (language, _) in TESTS.items():
        own = hasattr(model, "source_tagger" if language == "en" else "target_tagger")
        scores = model.evaluate(universal_ner(name), language=language, by=by if own else "vectors")
        found[name] = cell_of(scores, "known_entity_tokens", "by_type")
    return found


def run_seed(seed, results, systems):
    """All systems from one pretrained model."""
    path = results / f"{seed}.json"
    rows = read_json(path, {})
    text, labels = wikipedia_text(), english_labels()
    wikipedia_model(results, seed)  # trained before the clock starts

    def keep(name, found):
        rows[name] = found
        write_json(path, rows)
        print(seed, name, *(f"{key} {value['f1']:.1f}" for key, value in found.items() if key != "seconds"), flush=True)

    for system, changes in SYSTEMS.items():
        if system in rows or (systems and system not in systems):
            continue
        clock = time.perf_counter()
        model = with_changes(wikipedia_model(results, seed), changes)
        model.train(text, ner_data=labels, pretrain_epochs=0)
        seconds = time.perf_counter() - clock
        if system in ("baseline", "the paper's baseline"):
            raw = scores_of(model, "vectors")
            model.calibrate()
            keep(f"{system}, the score of O set by the source's rate", scores_of(model, "vectors"))
            keep(system, raw)
        elif hasattr(model, "target_tagger"):
            keep(f"{system}: vectors alone", scores_of(model, "vectors"))
            keep(f"{system}: the own tagger alone", scores_of(model, "sequence"))
            keep(system, scores_of(model, "both") | {"seconds": seconds})
        else:
            keep(system, scores_of(model, "vectors"))
    ceiling(wikipedia_model(results, seed), keep, rows)
    return rows


def ceiling(model, keep, rows):
    """The same features with Chinese labels: those of the development file, tested on the larger one."""
    dev, test = universal_ner("dev"), universal_ner("test")
    taggers = {
        "ceiling: vectors, trained on 500 Chinese sentences": UnigramTagger(model.wv, language="zh"),
        "ceiling: letters and neighbours, trained on 500 Chinese sentences": SequenceTagger(random_state=model.seed),
    }
    for name, tagger in taggers.items():
        if name not in rows:
            keep(name, {"test": cell_of(tagger.fit(dev.sentences, dev.tags).evaluate(test))})


def lines(found):
    """Means and spreads by system."""
    parts = [f"{system}{part}" for system in SYSTEMS for part in (": vectors alone", ": the own tagger alone", "")]
    for system in sorted(found[0], key=lambda name: parts.index(name) if name in parts else len(parts)):
        rows = [seed[system] for seed in found if system in seed]
        dev, test, english = (spread(row[name]["f1"] for row in rows if name in row) for name in TESTS)
        yield system, dev, test, precision_recall([row["test"] for row in rows]), english


def main():
    """Run what is missing, print the table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, results=RESULTS / "transfer")
    arguments.add_argument("--systems", nargs="+", choices=SYSTEMS, help="only these")
    options = arguments.parse_args()
    wikipedia_text()
    run = partial(run_seed, results=options.results, systems=options.systems)
    found = list(run_cells(run, options.seeds, options.jobs))
    print_table(("system", "dev F1", "F1", "precision, recall", "English F1"), lines(found))


if __name__ == "__main__":
    main()
