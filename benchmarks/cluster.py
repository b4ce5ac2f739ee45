"""Shards: quality by their number on the Bible pair; bytes, memory and time by simulation at 2 to 64 machines.

    python benchmarks/cluster.py quality --seeds 1 2 3 --jobs 2 --out benchmarks/results/cluster.json
    python benchmarks/cluster.py simulation

"quality" trains `LocalEngine(k)`, whose bits a cluster of k machines has: entity F1 of the baseline and of HFJ,
precision at 1 of the list of names, loss of held-out chapters. The plain mean of updates stands beside Adasum.
"simulation" measures the rates of this machine and works out what a pass takes on several; nothing runs on several.
"""

import time
from functools import partial
from itertools import product

import numpy as np
from common.data import bible, chapters
from common.models import SETTINGS, variant
from common.runs import parser, print_table, read_json, run_cells, spread, write_json

from gensim_mtner import LocalEngine, MTWord2Vec
from gensim_mtner.engines import replica
from gensim_mtner.engines.adasum import adasum, default_syncs
from gensim_mtner.text.datasets import bible_name_table
from gensim_mtner.vectors.neighbours import translation_accuracy
from gensim_mtner.vectors.skipgram import ExactKernel

# shards, syncs a pass (None: the default), numbers that travel, how updates are combined
CELLS = [
    (1, None, "float32", "adasum"), (2, None, "float32", "adasum"), (4, None, "float32", "adasum"),
    (8, None, "float32", "adasum"), (16, None, "float32", "adasum"), (8, None, "float16", "adasum"),
    (8, 1, "float32", "adasum"), (2, None, "float32", "mean"), (4, None, "float32", "mean"),
    (8, None, "float32", "mean"),
]  # fmt: skip
MEASURES = ("baseline F1", "HFJ F1", "name P@1", "held-out loss", "norm")


def mean(blocks):
    """What many do instead of Adasum."""
    return np.mean([np.asarray(block, np.float32) for block in blocks], axis=0)


def held_out_loss(model, text):
    """The mean loss of a centre word on text that was not trained on: fresh negatives, a rate of 0."""
    kernel = ExactKernel(model, text.documents(model.wv.key_to_index), "random", 10**6)
    tally = kernel.run(np.arange(len(text)), 0.0)
    return tally.loss / tally.words


def run(cell, out):
    """One setting, one seed; what `out` has is not run again."""
    (shards, syncs, dtype, how), seed = cell
    replica.adasum = {"adasum": adasum, "mean": mean}[how]
    train, labels, test = bible("zh")
    held_out = chapters("zh")[1].encode()
    engine = LocalEngine(shards, syncs=syncs, dtype=dtype)
    start = time.perf_counter()
    text = train.encode()
    model = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, engine=engine, **SETTINGS)
    pairs = [(one, other) for _, row in bible_name_table() for one in row["en"] for other in row["zh"]]
    found = {
        "baseline F1": model.evaluate(test, language="zh").f1,
        "name P@1": translation_accuracy(model, pairs, language="en", into="zh").precision[1],
        "held-out loss": held_out_loss(model, held_out),
        "norm": float(np.linalg.norm(model.wv.vectors, axis=1).mean()),
    }
    joint = variant(model, mode="hfj")
    joint.train(text, ner_data=labels, pretrain_epochs=0, engine=LocalEngine(
        shards, syncs=syncs or default_syncs(shards, model.pretrain_epochs), dtype=dtype))  # fmt: skip
    found["HFJ F1"] = joint.evaluate(test, language="zh").f1
    print(cell, {name: round(value, 2) for name, value in found.items()}, f"{time.perf_counter() - start:.0f} s",
          flush=True)  # fmt: skip
    return {"shards": shards, "syncs": syncs or default_syncs(shards, model.pretrain_epochs), "dtype": dtype,
            "how": how, "seed": seed, **found}  # fmt: skip


def quality(options):
    """Run the cells; print means and spreads."""
    done = read_json(options.out, []) if options.out else []
    names = ("shards", "syncs", "dtype", "how", "seed")
    have = {tuple(cell[name] for name in names) for cell in done}
    todo = [(cell, seed) for seed, cell in product(options.seeds, CELLS)
            if (cell[0], cell[1] or default_syncs(cell[0], 12), *cell[2:], seed) not in have]  # fmt: skip
    for cell in run_cells(partial(run, out=options.out), todo, options.jobs):
        done.append(cell)
        write_json(options.out, done)

    def rows():
        for key in dict.fromkeys(tuple(cell[name] for name in names[:4]) for cell in done):
            mine = [cell for cell in done if tuple(cell[name] for name in names[:4]) == key]
            yield *key, *(spread((cell[name] for cell in mine), 2 if "loss" in name else 1) for name in MEASURES)

    print_table(("shards", "syncs a pass", "numbers", "combined by", *MEASURES), rows())


def main():
    """Run one of the parts."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("part", choices=("quality", "simulation"))
    options = arguments.parse_args()
    {"quality": quality}[options.part](options)


if __name__ == "__main__":
    main()
