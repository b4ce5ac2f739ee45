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
from gensim_mtner.model.self_training import sample_sentences, self_train

SIZES = (0, 10, 50, 100, 500, 2000)


def curve(seed, results):
    """F1 by the number of sentences: with the model, and alone."""
    text, labels = wikipedia_text(), english_labels()
    test, pool = universal_ner("dev"), universal_ner("test")
    model = wikipedia_model(results, seed)
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
