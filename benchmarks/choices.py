"""How the defaults of HFJ were chosen: one change at a time, scored on the Chinese labels of the training chapters.

    python benchmarks/choices.py --seeds 1 --out benchmarks/results/choices.json

The test chapters take no part, so that the table of bible.py stays a test.
"""

import argparse
import copy
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from bible import SETTINGS, load

from gensim_mtner import MTWord2Vec

PLAIN = {"translate_probability": 0.0}
CHANGES = {
    "baseline": {"mode": "baseline"},
    "baseline, `translate_probability=0.5`": {"mode": "baseline", "translate_probability": 0.5},
    "HFJ, defaults (`ner_vector_alpha=1`, `translate_probability=0.5`, window 16)": {},
    "`ner_vector_alpha=3`": {"ner_vector_alpha": 3.0},
    "`ner_vector_alpha=0.1`": {"ner_vector_alpha": 0.1},
    "`translate_probability=0.8`": {"translate_probability": 0.8},
    "20 joint passes": {"epochs": 20},
    "window 4 in the joint passes": {"window": 4},
    "`mode='fj'`": {"mode": "fj"},
    "`unit_length=False`": {"unit_length": False},
    "`translate_probability=0`": PLAIN,
    "`translate_probability=0`, `ner_vector_alpha=0.1`": PLAIN | {"ner_vector_alpha": 0.1},
    "`translate_probability=0`, window 48 in the joint passes": PLAIN | {"window": 48},
    "`translate_probability=0`, window 4 in the joint passes": PLAIN | {"window": 4},
}


def run_seed(seed):
    """All changes from the same pretrained vectors."""
    text, labels, _, target_labels = load("zh")
    judged = target_labels.subset(range(0, len(target_labels), 4))
    base = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, **SETTINGS)
    del base.tagger
    scores = {}
    for name, changes in CHANGES.items():
        model = copy.deepcopy(base)
        for argument, value in {"mode": "hfj", **changes}.items():
            setattr(model, argument, value)
        model.train(text, ner_data=labels, epochs=model.epochs, pretrain_epochs=0)
        scores[name] = model.evaluate(judged, language="zh").f1
        print(seed, name, round(scores[name], 1), flush=True)
    return scores


def main():
    """Run the seeds; print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(run_seed, options.seeds))
    print("| change | F1 |\n|---|---|")
    for name in CHANGES:
        print(f"| {name} | {np.mean([run[name] for run in runs]):.1f} |")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(dict(zip(options.seeds, runs, strict=True)), indent=1) + "\n")


if __name__ == "__main__":
    main()
