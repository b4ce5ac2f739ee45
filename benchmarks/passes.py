"""What fewer passes cost: F1 with half of the default passes, Swahili and Chinese.

    python benchmarks/passes.py sw zh --seeds 1 2 3 --jobs 2 --out benchmarks/results/passes.json

Text, labels and tests are those of pairs.py and transfer.py, whose cells the defaults are read from. A cell that is in
--out is not run again. How long the runs take is told by `speed.py run --epochs 6 4`.
"""

import time
from functools import partial

from common.data import DATA, RESULTS, TESTS, english_labels, wikipedia_text
from common.models import cell_of
from common.runs import parser, print_table, read_cells, read_json, run_missing, spread
from pairs import PANELS, text_of
from pairs import TESTS as OF_PAIRS

from gensim_mtner import MTWord2Vec, NERData

DEFAULT = (12, 8)
PASSES = ((6, 4),)  # of pretraining, joint ones
# the first file of each is the one that choices are made on
FILES = {
    "sw": [f"{name}.iob2" for name in OF_PAIRS["sw"]],
    "zh": [file for language, file in TESTS.values() if language == "zh"],
}
COLUMNS = ("", "passes: pretraining, joint", "development file", "test")
SYSTEM = "HFJ (the defaults)"


def run_cell(cell, results):
    """One language, numbers of passes and seed."""
    language, passes, seed = cell
    text, labels = data_of(language, results)
    clock = time.perf_counter()
    pretraining, joint = passes
    model = MTWord2Vec(text, ner_data=labels, seed=seed, pretrain_epochs=pretraining, epochs=joint, workers=1,
                       progress=False)  # fmt: skip
    seconds = time.perf_counter() - clock
    tests = [cell_of(model.evaluate(NERData.from_iob2(DATA / name), language=language), "by_type")
             for name in FILES[language]]  # fmt: skip
    return {"language": language, "passes": passes, "seed": seed, "seconds": seconds, "tests": tests}


def data_of(language, results):
    """Encoded text and labels, as the cells of the defaults have them."""
    return (wikipedia_text(), english_labels()) if language == "zh" else (text_of(language, results),
                                                                          english_labels(silver=True))  # fmt: skip


def defaults():
    """The cells of twelve and eight passes, from what pairs.py and transfer.py wrote."""
    for language, folder, pattern, names in (
        ("sw", "pairs", "sw-*.json", OF_PAIRS["sw"]), ("zh", "transfer", "*.json", ("dev", "test")),
    ):  # fmt: skip
        for seed, rows in enumerate(read_cells(RESULTS / folder, pattern), 1):
            tests = [rows[SYSTEM][name] for name in names]
            yield {"language": language, "passes": list(DEFAULT), "seed": seed, "tests": tests}


def lines(cells):
    """Means and spreads by language and passes."""
    for language in FILES:
        for passes in (DEFAULT, *PASSES):
            found = [cell["tests"] for cell in cells if (cell["language"], tuple(cell["passes"])) == (language, passes)]
            if found:
                yield (
                    PANELS[language],
                    ", ".join(map(str, passes)),
                    *(spread(one["f1"] for one in scores) for scores in zip(*found, strict=True)),
                )


def main():
    """Run what is missing; print a table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, results=RESULTS / "pairs", out=None)
    arguments.add_argument("languages", nargs="*", default=list(FILES), metavar="LANGUAGE", help="of sw, zh")
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    have = {(cell["language"], tuple(cell["passes"]), cell["seed"]) for cell in cells}
    wanted = [(name, passes, seed) for seed in options.seeds for passes in PASSES for name in options.languages]
    for language in options.languages:
        data_of(language, options.results)  # encoded before processes are started
    run_missing(
        partial(run_cell, results=options.results), [cell for cell in wanted if cell not in have], cells, options
    )
    print_table(COLUMNS, lines([*defaults(), *cells]))


if __name__ == "__main__":
    main()
