"""Why HFJ drifts, by joint pass: norms of both languages, the share of entity tags on unlabelled target text, F1.

    python benchmarks/drift.py --out benchmarks/results/drift.json

All settings start from the same pretrained vectors of the Bible pair; each changes one thing of the one before it, from
what the paper says to the letter down to the defaults. F1 is shown to explain, and nothing is chosen by it.
"""

import numpy as np
from common.data import bible
from common.models import SETTINGS, EachPass, cell_of, variant
from common.runs import commit, parser, print_table, write_json

from gensim_mtner import MTWord2Vec

# arguments of the model; skip-gram's rate in the joint phase (before ner_weight) at its start and end
PAPER = {"translate_probability": 0.0, "unit_length": False, "ner_vector_alpha": 0.1}
STEPS = {
    "eq. 2 to the letter, skip-gram's rate constant at 0.025": (PAPER, 0.05, 0.05),
    "the rate falls from 0.0125": (PAPER, 0.025, 1e-4),
    "the tagger sees vectors of length 1": (PAPER | {"unit_length": True}, 0.025, 1e-4),
    "the tagger is trained on translations too": ({"ner_vector_alpha": 0.1}, 0.025, 1e-4),
    "ner_vector_alpha=1 (the defaults)": ({}, 0.025, 1e-4),
}

SHOWN = (1, 2, 5, 10, 15, 20)
COLUMNS = ("", *SHOWN, f"target norm, loss at {SHOWN[-1]}")


def look(model, test):
    """What moves in a pass."""
    norms = np.linalg.norm(model.wv.vectors, axis=1)
    n = model.source_size
    return {
        "source_norm": float(norms[:n].mean()), "target_norm": float(norms[n:-1].mean()),
        "target_rate": 100 * model.entity_rate(), "ner_loss": model.history[-1].get("ner_loss"),
        **cell_of(model.evaluate(test, language=model.target)),
    }  # fmt: skip


def lines(steps):
    """F1 and the share of entity tags of a setting, by pass; norm and loss at the last."""
    for name, passes in steps.items():
        shown = [passes[number - 1] for number in SHOWN if number <= len(passes)]
        last = shown[-1]
        yield (name, *(f"{row['f1']:.1f} ({row['target_rate']:.2f})" for row in shown),
               f"{last['target_norm']:.2f}, {last['ner_loss']:.3f}")  # fmt: skip


def main():
    """Run the settings; print a table, and write all passes."""
    options = parser(__doc__, seed=1, epochs=20, out=None).parse_args()
    chapters, labels, test = bible("zh")
    train = chapters.encode()
    settings = {**SETTINGS, "workers": 2}
    base = MTWord2Vec(train, ner_data=labels, mode="baseline", seed=options.seed, **settings)
    before = {"f1": base.evaluate(test, language="zh").f1, "target_rate": 100 * base.entity_rate(),
              "source_rate": 100 * labels.entity_rate()}  # fmt: skip
    print("before:", before)
    results = {}
    for name, (changes, alpha, min_alpha) in STEPS.items():
        model = variant(base, **{"mode": "hfj", **changes})
        trace = EachPass(lambda model: look(model, test))
        model.train(train, ner_data=labels, epochs=options.epochs, pretrain_epochs=0, start_alpha=alpha,
                    end_alpha=min_alpha, callbacks=[trace])  # fmt: skip
        results[name] = trace.rows
    write_json(options.out, {"commit": commit(), "seed": options.seed, "baseline": before, "steps": results})
    print_table(COLUMNS, lines(results))


if __name__ == "__main__":
    main()
