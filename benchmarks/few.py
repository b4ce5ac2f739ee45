"""A few labelled target sentences: what they add to a model that had none, and what they give alone.

    python benchmarks/few.py --seeds 1 --out benchmarks/results/few.json

The first sentences of zh_gsdsimp-ud-train (a few-shot experiment: its tags are used here), tested on the development
file. The vectors are those of benchmarks/transfer.py, made here if it did not leave them in its results.
"""

from functools import partial

from common.data import RESULTS, english_labels, universal_ner, wikipedia_text
from common.models import wikipedia_model
from common.runs import parser, print_table, run_cells, spread, write_json

from gensim_mtner import SequenceTagger

SIZES = (0, 10, 50, 100, 500, 2000)


def curve(seed, results):
    """F1 by the number of sentences: with the model, and alone."""
    text, labels = wikipedia_text(), english_labels()
    test, pool = universal_ner("dev"), universal_ner("test")
    model = wikipedia_model(results, seed)
    model.train(text, ner_data=labels, pretrain_epochs=0)
    found = {}
    for n in SIZES:
        few = pool.subset(range(n)) if n else None
        if few:  # teaches the target's taggers anew
            model.train(text, ner_data=labels, target_ner_data=few, epochs=0, pretrain_epochs=0)
        alone = SequenceTagger().fit(few.sentences, few.tags).evaluate(test).f1 if few else 0.0
        found[n] = {"with": model.evaluate(test, language="zh").f1, "alone": alone}
        print(seed, n, found[n], flush=True)
    return found


def main():
    """Print the curve; write the cells."""
    options = parser(__doc__, seeds=[1], jobs=2, results=RESULTS / "transfer", out=None).parse_args()
    wikipedia_text()
    runs = list(run_cells(partial(curve, results=options.results), options.seeds, options.jobs))
    print_table(
        ("labelled target sentences", "with the model", "alone"),
        ((n, *(spread(run[n][kind] for run in runs) for kind in ("with", "alone"))) for n in SIZES),
    )
    write_json(options.out, {"seeds": options.seeds, "runs": runs})


if __name__ == "__main__":
    main()
