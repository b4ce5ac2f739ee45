"""Is the baseline honest? Its F1 beside scikit-learn's logistic regression on the same vectors, at several penalties.

    python benchmarks/honest.py --sizes 64 128 256 512 --seeds 1 2 3 --out benchmarks/results/honest.json

On the Bible pair, tested on held-out chapters, and on Swahili as in pairs.py, tested on the development file. A cell
that is in --out is not run again.
"""

import pairs
from common.data import DATA, RESULTS, bible, english_labels
from common.models import SETTINGS, logistic_f1
from common.runs import as_done, commit, parser, print_table, read_json, spread, write_json

from gensim_mtner import MTWord2Vec, NERData

PENALTIES = (0.03, 0.1, 0.3, 1.0, 10.0)
TEXTS = {"bible": "the Bible, Chinese", "sw": "Swahili"}
COLUMNS = ("text", "vector_size", "baseline", *(f"C={penalty:g}" for penalty in PENALTIES), "best less baseline")


def data_of(name):
    """Encoded text, labels, the language that is tested and its sentences."""
    if name == "bible":
        chapters, labels, test = bible("zh")
        return chapters.encode(progress=False), labels, "zh", test
    labels, test = english_labels(silver=True), NERData.from_iob2(DATA / f"{pairs.TESTS[name][0]}.iob2")
    return pairs.text_of(name, RESULTS / "pairs"), labels, name, test


def run_cell(cell):
    """F1 of the baseline and of its twins."""
    name, size, seed = cell
    text, labels, language, test = data_of(name)
    settings = SETTINGS | {"vector_size": size, "min_count": 1 if name == "bible" else 2}
    model = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, **settings)
    twins = [logistic_f1(model, labels, "en", test, C=penalty) for penalty in PENALTIES]
    f1 = model.evaluate(test, language=language, by="vectors").f1
    return {"text": name, "size": size, "seed": seed, "f1": f1, "logistic_f1": twins, "commit": commit()}


def rows(cells):
    """Means and spreads by text and size; the penalty that is best over the seeds less the baseline."""
    for name, title in TEXTS.items():
        for size in sorted({cell["size"] for cell in cells if cell["text"] == name}):
            mine = [cell for cell in cells if (cell["text"], cell["size"]) == (name, size)]
            base, twins = [cell["f1"] for cell in mine], list(zip(*(cell["logistic_f1"] for cell in mine), strict=True))
            best = max(sum(twin) for twin in twins) / len(mine) - sum(base) / len(mine)
            yield title, size, spread(base), *map(spread, twins), f"{best:.1f}"


def main():
    """Run what is missing; print a table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    arguments.add_argument("--texts", nargs="+", choices=TEXTS, default=list(TEXTS))
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    have = {(cell["text"], cell["size"], cell["seed"]) for cell in cells}
    wanted = [(name, size, seed) for seed in options.seeds for name in options.texts for size in options.sizes]
    for cell in as_done(run_cell, [cell for cell in wanted if cell not in have], options.jobs):
        print(*cell.values(), flush=True)
        cells.append(cell)
        write_json(options.out, cells)
    print_table(COLUMNS, rows(cells))


if __name__ == "__main__":
    main()
