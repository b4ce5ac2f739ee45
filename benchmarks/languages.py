"""English to each of nine languages on the Bible: entity F1 where nobody labelled anything.

    pip install 'gensim-mtner[bible,japanese]'
    python benchmarks/languages.py --seeds 1 2 3 --jobs 2 --out benchmarks/results/languages.json

All arguments are the defaults. English names of the training chapters are labelled by a list; names in the target's 100
held-out chapters by another, which training never sees. A pair and seed that is in --out is not run again.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from bible import parts

from gensim_mtner import MTWord2Vec
from gensim_mtner.storage import new_file

NAMES = {"de": "German", "es": "Spanish", "fr": "French", "ru": "Russian", "ar": "Arabic", "hi": "Hindi",
         "ko": "Korean", "ja": "Japanese", "zh": "Chinese"}  # fmt: skip


def run(cell):
    """One pair and seed: the baseline, the default by vectors alone, the default."""
    target, seed = cell
    train, labels, test = parts(target)
    text = train.encode(progress=False)
    settings = {"workers": 1, "progress": False, "seed": seed}
    base = MTWord2Vec(text, ner_data=labels, mode="baseline", **settings)
    model = MTWord2Vec(text, ner_data=labels, **settings)
    scores = {
        "baseline": base.evaluate(test, language=target),
        "vectors": model.evaluate(test, language=target, by="vectors"),
        "default": model.evaluate(test, language=target),
    }
    return {
        "target": target, "seed": seed, "entities": sum(test.entity_counts().values()),
        "known": scores["default"].known_entity_tokens,
        **{name: {key: getattr(score, key) for key in ("f1", "precision", "recall")} for name, score in scores.items()},
    }  # fmt: skip


def table(cells):
    """Mean and spread by language, in Markdown."""
    lines = ["| English to | names in the test | known | baseline | HFJ, vectors alone | HFJ (the default) |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for target, name in NAMES.items():
        mine = [cell for cell in cells if cell["target"] == target]
        if mine:
            columns = [[cell[system]["f1"] for cell in mine] for system in ("baseline", "vectors", "default")]
            spread = [f"{np.mean(f1):.1f} ± {np.std(f1, ddof=1) if len(f1) > 1 else 0:.1f}" for f1 in columns]
            lines.append(f"| {name} | {mine[0]['entities']} | {mine[0]['known']:.0f}% | {' | '.join(spread)} |")
    return "\n".join(lines)


def main():
    """Run what is missing; print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", nargs="+", default=list(NAMES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "languages.json")
    options = parser.parse_args()
    cells = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else []
    have = {(cell["target"], cell["seed"]) for cell in cells}
    todo = [(target, seed) for seed in options.seeds for target in options.targets if (target, seed) not in have]
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for cell in pool.map(run, todo):
            print(cell, flush=True)
            cells.append(cell)
            with new_file(options.out) as stream:
                json.dump(cells, stream, indent=1)
    print(table(cells))


if __name__ == "__main__":
    main()
