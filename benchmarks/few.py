"""A few labelled target sentences: what they add to a model that had none, and what they give alone.

    python benchmarks/few.py --seeds 1 --out benchmarks/results/few.json

The first sentences of zh_gsdsimp-ud-train (a few-shot experiment: its tags are used here), tested on the development
file. The vectors are those that benchmarks/transfer.py left in its results.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from paper import ROOT
from transfer import labels_of, task, tests

from gensim_mtner import MTWord2Vec, SequenceTagger
from gensim_mtner.model.self_training import sample_sentences, self_train

SIZES = (0, 10, 50, 100, 500, 2000)


def curve(seed, results):
    """F1 by the number of sentences: with the model, and alone."""
    text, labels = task().corpus, labels_of("gold")
    (_, test), (_, pool) = (tests()[name] for name in ("dev", "test"))
    model = MTWord2Vec.load(results / f"vectors-{seed}", verify=False)
    model.self_training_tokens = 0
    model.train(text, ner_data=labels, pretrain_epochs=0)
    sentences = sample_sentences(text, 1, 1_000_000, seed)
    found = {}
    model.tagger.unknown = "O"
    for n in SIZES:
        few = pool.subset(range(n)) if n else None
        tagger = self_train(
            model.tagger, sentences, language="zh", source_tags=labels.tags, rate=model.source_rate, labelled=few
        )
        alone = SequenceTagger().fit(few.sentences, few.tags).evaluate(test).f1 if few else 0.0
        found[n] = {"with": tagger.evaluate(test).f1, "alone": alone}
        print(seed, n, found[n], flush=True)
    return found


def main():
    """Print the curve; write the cells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "transfer")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    runs = [curve(seed, options.results) for seed in options.seeds]
    print("| labelled target sentences | with the model | alone |\n|---|---|---|")
    for n in SIZES:
        print(f"| {n} | {' | '.join(f'{np.mean([run[n][kind] for run in runs]):.1f}' for kind in ('with', 'alone'))} |")
    if options.out:
        options.out.write_text(json.dumps({"seeds": options.seeds, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
