"""Whether joint training collapses: F1 by joint pass over 20 passes, on text of another domain.

    python benchmarks/rounds.py --out benchmarks/results/rounds.json

By the vectors alone, after each pass, raw and with the score of O set by the source's rate; at the end by the target's
own tagger. The vectors are those of benchmarks/transfer.py, made here if it did not leave them in its results.
"""

from common.data import RESULTS, english_labels, universal_ner, wikipedia_text
from common.models import EachPass, calibrated_f1, wikipedia_model
from common.runs import commit, parser, print_table, write_json

SHOWN = (1, 2, 5, 8, 10, 12, 15, 18, 20)
ROWS = {"f1": "F1", "rate_f1": "F1, the score of O set by the source's rate",
        "target_rate": "tokens of unlabelled target text tagged as names, %"}  # fmt: skip
COLUMNS = ("pass", *SHOWN)


def look(model, test):
    """F1, F1 by rate, the share of names on unlabelled target text, and the tagger's loss."""
    last = model.history[-1]
    f1 = model.evaluate(test, language="zh", by="vectors").f1
    row = {"pass": last["epoch"], "f1": f1, "rate_f1": calibrated_f1(model, test, by="vectors"),
           "target_rate": 100 * last["target_rate"], "ner_loss": last["ner_loss"]}  # fmt: skip
    print({key: round(value, 3) for key, value in row.items()}, flush=True)
    return row


def lines(passes):
    """What was seen, by pass."""
    for key, title in ROWS.items():
        yield title, *(f"{passes[number - 1][key]:.1f}" for number in SHOWN if number <= len(passes))


def main():
    """Train for many passes, and write what was seen."""
    options = parser(__doc__, seed=1, epochs=20, results=RESULTS / "transfer", out=None).parse_args()
    tests = {name: universal_ner(name) for name in ("dev", "test")}
    watch = EachPass(lambda model: look(model, tests["dev"]))
    model = wikipedia_model(options.results, options.seed)
    model.train(
        wikipedia_text(), ner_data=english_labels(), epochs=options.epochs, pretrain_epochs=0, callbacks=[watch]
    )
    final = {name: model.evaluate(test, language="zh", by="sequence").f1 for name, test in tests.items()}
    write_json(options.out, {"commit": commit(), "seed": options.seed, "passes": watch.rows, "final": final})
    print_table(COLUMNS, lines(watch.rows))
    print(final)


if __name__ == "__main__":
    main()
