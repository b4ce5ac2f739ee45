"""Whether joint training collapses: F1 by joint pass over 20 passes, on text of another domain.

    python benchmarks/rounds.py --out benchmarks/results/rounds.json

By the vectors alone, after each pass, raw and with the score of O set by the source's rate; at the end by the target's
own tagger. The vectors are those that benchmarks/transfer.py left in its results.
"""

import argparse
import json
from pathlib import Path

from gensim.models.callbacks import CallbackAny2Vec
from paper import ROOT
from transfer import labels_of, task, tests

from gensim_mtner import MTWord2Vec


class Watch(CallbackAny2Vec):
    """Scores the model after each pass."""

    def __init__(self, test):
        self.test, self.rows = test, []

    def on_epoch_end(self, model):
        """Note F1, F1 by rate, the share of names on unlabelled target text, and the tagger's loss."""
        raw = model.evaluate(self.test, language="zh", by="vectors")
        model.calibrate()
        rate = model.evaluate(self.test, language="zh", by="vectors").f1
        model.tagger.outside_shift_ = 0.0
        last = model.history[-1]
        self.rows.append({"pass": last["epoch"], "f1": raw.f1, "rate_f1": rate, "target_rate": last["target_rate"],
                          "ner_loss": last["ner_loss"]})  # fmt: skip
        print({key: round(value, 3) for key, value in self.rows[-1].items()}, flush=True)


def main():
    """Train for many passes, and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "transfer")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    data = tests()
    watch = Watch(data["dev"][1])
    model = MTWord2Vec.load(options.results / f"vectors-{options.seed}", verify=False)
    model.train(task().corpus, ner_data=labels_of("gold"), epochs=options.epochs, pretrain_epochs=0, callbacks=[watch])
    final = {name: model.evaluate(data[name][1], language="zh").f1 for name in ("dev", "test")}
    print(final)
    if options.out:
        options.out.write_text(
            json.dumps({"seed": options.seed, "passes": watch.rows, "final": final}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
