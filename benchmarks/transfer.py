"""Tagging text of another domain: what each part of the recipe gives, on comparable text and gold test labels.

    python benchmarks/transfer.py --seeds 1 2 3 --jobs 2

Wikipedia and news in English and Chinese (GENSIM_MTNER_DATA), gold English labels, tested on Universal NER Chinese: the
development file, which choices were made by, and the larger file, which is reported only. A seed that is in --results
is not run again.
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from paper import DATA, RESULTS, ROOT, wikipedia

from gensim_mtner import MTWord2Vec, NERData, SequenceTagger, UnigramTagger
from gensim_mtner.results.tables import Tables
from gensim_mtner.storage import new_file

ALL = {"silver_tokens": 1_000_000, "self_training_tokens": 1_000_000}
NONE = dict.fromkeys(ALL, 0)
# name: arguments; each is scored by its vectors, and by the target's own tagger if it has one
SYSTEMS = {
    "baseline": {"mode": "baseline"},
    "baseline, translations": {"mode": "baseline", "translate_probability": 0.5},
    "baseline, silver labels, self-training": {"mode": "baseline", **ALL},
    "baseline, translations, silver labels, self-training": {"mode": "baseline", "translate_probability": 0.5, **ALL},
    "HFJ as in the paper (no translations)": {"translate_probability": 0.0, **NONE},
    "HFJ, self-training, no silver labels": {"silver_tokens": 0},
    "HFJ (the defaults)": {},
    "FJ (otherwise the defaults)": {"mode": "fj"},
    "HFJ, silver WikiNEuRal labels too": {"labels": "more"},
}


def task():
    return Tables(wikipedia, RESULTS / "wikipedia").task()


def labels_of(name):
    """English labels: gold ones, or also the silver ones of WikiNEuRal."""
    gold = task().labels
    if name == "gold":
        return gold
    silver = NERData.from_iob2(DATA / "en_wikineural-silver.iob2.gz", scheme="IOB1")
    return NERData(gold.sentences + silver.sentences, gold.tags + silver.tags)


def tests():
    return {
        "dev": ("zh", NERData.from_iob2(DATA / "zh_gsdsimp-ud-dev.iob2")),
        "test": ("zh", NERData.from_iob2(DATA / "zh_gsdsimp-ud-train.iob2")),
        "en": ("en", NERData.from_iob2(DATA / "en_pud-ud-test.iob2")),
    }


def scores_of(model, by):
    found = {}
    for name, (language, data) in tests().items():
        own = hasattr(model, "source_tagger" if language == "en" else "target_tagger")
        scores = model.evaluate(data, language=language, by=by if own else "vectors")
        found[name] = {key: getattr(scores, key) for key in ("f1", "precision", "recall", "known_entity_tokens")}
    return found


def run_seed(arguments):
    """All systems from one pretrained model."""
    options, seed = arguments
    path = Path(options.results) / f"{seed}.json"
    rows = json.loads(path.read_text()) if path.exists() else {}
    text = task().corpus
    start = Path(options.results) / f"vectors-{seed}"
    if not start.exists():
        model = MTWord2Vec(seed=seed, workers=1, progress=False)
        model.build_vocab(text, ner_data=labels_of("more"))
        model.train(text, epochs=model.pretrain_epochs)
        model.save(start)

    def keep(name, found):
        rows[name] = found
        with new_file(path) as stream:
            stream.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        print(seed, name, *(f"{key} {value['f1']:.1f}" for key, value in found.items() if key != "seconds"), flush=True)

    for system, changes in SYSTEMS.items():
        if system in rows or (options.systems and system not in options.systems):
            continue
        clock = time.perf_counter()
        model = MTWord2Vec.load(start, verify=False)
        changes = dict(changes)
        labels = labels_of(changes.pop("labels", "gold"))
        for name, value in changes.items():
            setattr(model, name, value)
        model.train(text, ner_data=labels, pretrain_epochs=0)
        seconds = time.perf_counter() - clock
        if system == "baseline":
            raw = scores_of(model, "vectors")
            model.calibrate()
            keep("baseline, the score of O set by the source's rate", scores_of(model, "vectors"))
            keep(system, raw)
        elif hasattr(model, "target_tagger"):
            keep(f"{system}: vectors alone", scores_of(model, "vectors"))
            keep(f"{system}: the own tagger alone", scores_of(model, "sequence"))
            keep(system, scores_of(model, "both") | {"seconds": seconds})
        else:
            keep(system, scores_of(model, "vectors"))
    ceiling(start, keep, rows)
    return rows


def ceiling(start, keep, rows):
    """The same features with Chinese labels: those of the development file, tested on the larger one."""
    (_, dev), (_, test) = (tests()[name] for name in ("dev", "test"))
    model = MTWord2Vec.load(start, verify=False)
    taggers = {
        "ceiling: vectors, trained on 500 Chinese sentences": UnigramTagger(model.wv, language="zh"),
        "ceiling: letters and neighbours, trained on 500 Chinese sentences": SequenceTagger(),
    }
    for name, tagger in taggers.items():
        if name not in rows:
            scores = tagger.fit(dev.sentences, dev.tags).evaluate(test)
            keep(name, {"test": {key: getattr(scores, key) for key in ("f1", "precision", "recall")}})


def main():
    """Run what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "transfer")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, help="only these")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    task()  # encoded once, before processes need it
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(run_seed, ((options, seed) for seed in options.seeds)))
    print("| system | dev F1 | F1 | precision, recall | English F1 |\n|---|---|---|---|---|")
    for system in found[0]:
        rows = [seed[system] for seed in found if system in seed]

        def spread(name, rows=rows):
            values = [row[name]["f1"] for row in rows if name in row]
            return f"{np.mean(values):.1f} ± {np.std(values, ddof=len(values) > 1):.1f}" if values else ""

        precision, recall = (np.mean([row["test"][key] for row in rows]) for key in ("precision", "recall"))
        print(f"| {system} | {spread('dev')} | {spread('test')} | {precision:.0f}, {recall:.0f} | {spread('en')} |")


if __name__ == "__main__":
    main()
