"""How the defaults of HFJ were chosen: one change at a time, scored on the Chinese labels of the training chapters.

    python benchmarks/choices.py --seeds 1 --out benchmarks/results/choices.json

The test chapters take no part, so that the table of bible.py stays a test.
"""

from common.data import bible, names
from common.models import SETTINGS, variant
from common.runs import commit, parser, print_table, run_cells, spread, write_json

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
COLUMNS = ("change", "F1")


def run_seed(seed):
    """All changes from the same pretrained vectors."""
    chapters, labels, _ = bible("zh")
    target_labels = names(chapters, "zh")
    judged = target_labels.subset(range(0, len(target_labels), 4))
    text = chapters.encode()
    base = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, **SETTINGS)
    scores = {}
    for name, changes in CHANGES.items():
        model = variant(base, **{"mode": "hfj", **changes})
        model.train(text, ner_data=labels, epochs=model.epochs, pretrain_epochs=0)
        scores[name] = model.evaluate(judged, language="zh").f1
        print(seed, name, round(scores[name], 1), flush=True)
    return scores


def rows(runs):
    """Means and spreads by change."""
    return ((name, spread(run[name] for run in runs)) for name in CHANGES)


def main():
    """Run the seeds; print a table."""
    options = parser(__doc__, seeds=[1], jobs=2, out=None).parse_args()
    runs = list(run_cells(run_seed, options.seeds, options.jobs))
    print_table(COLUMNS, rows(runs))
    write_json(options.out, {"commit": commit(), "seeds": options.seeds, "runs": runs})


if __name__ == "__main__":
    main()
