"""The Bible pair, English to Chinese: NER-only, baseline, FJ and HFJ, raw and with the O bias set; several seeds.

    python benchmarks/bible.py --seeds 1 2 3 4 --jobs 2 --out benchmarks/results/bible.json

Labels: the lists of names of :mod:`gensim_mtner.text.datasets` on the training chapters (English, for training) and on
100 held-out chapters (Chinese, for the test). "rate": the O bias is set so that the share of entity tokens on the
unlabelled Chinese training chapters equals the English labels' share. One worker a process, so a seed repeats.
"""

from functools import partial

from common.data import bible, names
from common.models import ALL, SETTINGS, calibrated_f1, cell_of, logistic_f1, variant
from common.runs import parser, precision_recall, print_table, run_cells, spread, write_json

from gensim_mtner import MTWord2Vec
from gensim_mtner.results.tables import PLAIN


def measure(model, test):
    """Raw and calibrated scores of a trained model."""
    raw = cell_of(model.evaluate(test, language=model.target))
    rate = model.entity_rate()
    return raw | {"rate_f1": calibrated_f1(model, test), "target_rate": rate}


def run_seed(seed, target, epochs):
    """All systems of one seed; joint modes start from the baseline's vectors, as one call with that mode would."""
    chapters, labels, test = bible(target)
    target_labels = names(chapters, target)
    train = chapters.encode()
    results = {}

    def joint(start, **changes):
        model = variant(start, **changes)
        model.train(train, ner_data=labels, epochs=epochs, pretrain_epochs=0)
        return model

    only = MTWord2Vec(train, ner_data=labels, mode="ner", epochs=epochs, seed=seed, **SETTINGS)
    results["NER only"] = measure(only, test)
    base = MTWord2Vec(train, ner_data=labels, mode="baseline", seed=seed, **SETTINGS)
    results["baseline"] = measure(base, test) | {"logistic_f1": logistic_f1(base, labels, "en", test)}
    results["ceiling: logistic regression on Chinese labels"] = {"f1": logistic_f1(base, target_labels, target, test)}
    results["baseline, tagger trained on translations too"] = measure(
        joint(base, mode="baseline", translate_probability=0.5), test
    )
    results["FJ"] = measure(joint(base, mode="fj"), test)
    results["HFJ"] = measure(joint(base, mode="hfj"), test)
    for mode in ("baseline", "hfj"):
        model = joint(base, mode=mode, translate_probability=0.5, **ALL)
        scores = model.evaluate(test, language=target)
        name = f"{mode.upper() if mode == 'hfj' else mode}, translations, silver labels, self-training"
        results[name] = cell_of(scores)
    results["HFJ without the tagger's steps on vectors"] = measure(joint(base, mode="hfj", ner_vector_alpha=0.0), test)
    results["FJ without translations"] = measure(joint(base, mode="fj", **PLAIN), test)
    results["HFJ without translations"] = measure(joint(base, mode="hfj", **PLAIN), test)
    results["HFJ to the letter of eq. 2"] = measure(joint(base, mode="hfj", unit_length=False, **PLAIN), test)
    longer = MTWord2Vec(
        train, ner_data=labels, mode="baseline", seed=seed, pretrain_epochs=base.pretraining_passes + epochs, **SETTINGS
    )
    results[f"baseline, {longer.pretrain_epochs} passes of skip-gram"] = measure(longer, test) | {
        "logistic_f1": logistic_f1(longer, labels, "en", test)
    }
    print(seed, {name: round(cell["f1"], 1) for name, cell in results.items()}, flush=True)
    return results


def rows(runs):
    """Means and spreads by system."""
    for name in runs[0]:
        cells = [run[name] for run in runs]
        f1, rate, logistic = (
            spread(cell[key] for cell in cells if key in cell) for key in ("f1", "rate_f1", "logistic_f1")
        )
        yield name, f1, precision_recall(cells), rate, logistic


def main():
    """Run the seeds in parallel processes; print the table, and write the cells."""
    arguments = parser(__doc__, seeds=[1, 2, 3, 4], jobs=2, epochs=8, out=None)
    arguments.add_argument("--target", default="zh")
    options = arguments.parse_args()
    run = partial(run_seed, target=options.target, epochs=options.epochs)
    runs = list(run_cells(run, options.seeds, options.jobs))
    print_table(("system", "F1", "precision, recall", "F1, rate", "LogisticRegression"), rows(runs))
    write_json(options.out, {"seeds": options.seeds, "runs": runs})


if __name__ == "__main__":
    main()
