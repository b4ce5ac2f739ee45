"""Is the baseline honest? Its F1 by dropout, beside scikit-learn's logistic regression on the same vectors by penalty.

    python benchmarks/honest.py --sizes 64 128 256 512 --seeds 1 2 3 --out benchmarks/results/honest.json

On the Bible pair, tested on held-out chapters, and on Swahili as in pairs.py, tested on the development file; as they
are, and with the score of O set by the share of entity tokens in the labels. A cell that is in --out is not run again.
"""

import numpy as np
import pairs
from common.data import DATA, RESULTS, bible, english_labels
from common.models import SETTINGS, calibrated_f1, logistic_tagger
from common.runs import commit, parser, print_table, read_json, run_missing, spread

from gensim_mtner import MTWord2Vec, NERData
from gensim_mtner.taggers.unigram import UnigramTagger

DROPOUTS = (0.3, 0.1, 0.05, 0.0)
PENALTIES = (0.03, 0.1, 0.3, 1.0, 10.0)
TEXTS = {"bible": "the Bible, Chinese", "sw": "Swahili"}
COLUMNS = ("text", "vector_size", *(f"dropout {dropout:g}" for dropout in DROPOUTS), "best penalty", "C")


def data_of(name):
    """Encoded text, labels, the language that is tested and its sentences."""
    if name == "bible":
        chapters, labels, test = bible("zh")
        return chapters.encode(progress=False), labels, "zh", test
    labels, test = english_labels(silver=True), NERData.from_iob2(DATA / f"{pairs.TESTS[name][0]}.iob2")
    return pairs.text_of(name, RESULTS / "pairs"), labels, name, test


def run_cell(cell):
    """F1 of the baseline by its dropout, and of its twins by their penalty."""
    name, size, seed = cell
    text, labels, language, test = data_of(name)
    settings = SETTINGS | {"vector_size": size, "min_count": 1 if name == "bible" else 2}
    model = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, **settings)

    def scored(tagger):
        model.tagger = tagger
        return {"f1": model.evaluate(test, language=language, by="vectors").f1,
                "rate_f1": calibrated_f1(model, test, by="vectors")}  # fmt: skip

    arguments, parts = model.tagger.get_params(deep=False), (labels.sentences, labels.tags)
    taggers = {
        str(dropout): scored(UnigramTagger(**arguments | {"dropout": dropout}).fit(*parts)) for dropout in DROPOUTS
    }
    twins = {str(penalty): scored(logistic_tagger(model, labels, "en", C=penalty)) for penalty in PENALTIES}
    return {"text": name, "size": size, "seed": seed, "dropout": taggers, "C": twins, "commit": commit()}


def rows(cells):
    """Means and spreads by text and size, in brackets with the score of O set; the penalty that is best over seeds."""
    for name, title in TEXTS.items():
        for size in sorted({cell["size"] for cell in cells if cell["text"] == name}):
            mine = [cell for cell in cells if (cell["text"], cell["size"]) == (name, size)]

            def f1(kind, setting, key, mine=mine):
                return [cell[kind][str(setting)][key] for cell in mine]

            def shown(kind, setting, *, rated, f1=f1):
                return f"{spread(f1(kind, setting, 'f1'))} ({np.mean(f1(kind, rated, 'rate_f1')):.1f})"

            best = max(PENALTIES, key=lambda penalty: sum(f1("C", penalty, "f1")))
            rated = max(PENALTIES, key=lambda penalty: sum(f1("C", penalty, "rate_f1")))
            ours = [shown("dropout", dropout, rated=dropout) for dropout in DROPOUTS]
            yield title, size, *ours, shown("C", best, rated=rated), f"{best:g} ({rated:g})"


def main():
    """Run what is missing; print a table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    arguments.add_argument("--texts", nargs="+", choices=TEXTS, default=list(TEXTS))
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    have = {(cell["text"], cell["size"], cell["seed"]) for cell in cells}
    wanted = [(name, size, seed) for seed in options.seeds for size in options.sizes for name in options.texts]
    run_missing(run_cell, [cell for cell in wanted if cell not in have], cells, options)
    print_table(COLUMNS, rows(cells))


if __name__ == "__main__":
    main()
