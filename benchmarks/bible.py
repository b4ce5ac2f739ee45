"""The Bible pair, English to Chinese: NER-only, baseline, FJ and HFJ, raw and with the O bias set; several seeds.

    python benchmarks/bible.py --seeds 1 2 3 4 --jobs 2 --out benchmarks/results/bible.json

Labels: the lists of names of :mod:`gensim_mtner.text.datasets` on the training chapters (English, for training) and on
100 held-out chapters (Chinese, for the test). "rate": the O bias is set so that the share of entity tokens on the
unlabelled Chinese training chapters equals the English labels' share. One worker a process, so a seed repeats.
"""

import argparse
import copy
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.text import datasets

# labels are complete here; silver ones and the target's own tagger are rows of their own
SETTINGS = {
    "vector_size": 128, "min_count": 1, "workers": 1, "progress": False, "silver_tokens": 0, "self_training_tokens": 0,
}  # fmt: skip
ALL = {"silver_tokens": 1_000_000, "self_training_tokens": 1_000_000}


def labelled(corpus, language):
    """Sentences of a side, labelled by the lists of names."""
    return NERData.from_gazetteer(corpus.sentences(language), datasets.bible_names(language), language=language)


def parts(target):
    """Training chapters, segmented once; English labels; test labels."""
    train, test = datasets.bible("en", target).split(100)
    train = ComparableCorpus([tuple(pair) for pair in train], source="en", target=target)
    return train, labelled(train, "en"), labelled(test, target)


def load(target):
    """Training chapters (encoded), English labels, test labels, labels for the ceiling."""
    train, labels, test = parts(target)
    return train.encode(), labels, test, labelled(train, target)


def logistic_f1(model, labels, language, test, C=1.0):
    """Entity F1 of scikit-learn's logistic regression on the same vectors, as the tagger sees them."""
    tagger = copy.copy(model.tagger)
    rows = np.concatenate([tagger.rows(sentence, language) for sentence in labels.sentences])
    tags = np.array([tag for row in labels.tags for tag in row])[rows >= 0]
    pairs, counts = np.unique(np.stack([rows[rows >= 0], [list(tagger.classes_).index(t) for t in tags]]), axis=1,
                              return_counts=True)  # fmt: skip
    units = model.wv.vectors[pairs[0]]
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    twin = LogisticRegression(C=C, max_iter=3000).fit(units, pairs[1], sample_weight=counts)
    tagger.coef_, tagger.intercept_ = np.zeros_like(tagger.coef_), np.full(len(tagger.classes_), -99, np.float32)
    tagger.coef_[twin.classes_], tagger.intercept_[twin.classes_] = twin.coef_, twin.intercept_
    return tagger.evaluate(test, language=model.target).f1


def measure(model, test):
    """Raw and calibrated scores of a trained model."""
    raw = model.evaluate(test, language=model.target)
    rate = model.entity_rate()
    model.calibrate()
    calibrated = model.evaluate(test, language=model.target).f1
    model.tagger.outside_shift_ = 0.0
    return {"f1": raw.f1, "precision": raw.precision, "recall": raw.recall, "rate_f1": calibrated, "target_rate": rate}


def run_seed(arguments):
    """All systems of one seed; joint modes start from the baseline's vectors, as one call with that mode would."""
    seed, target, epochs = arguments
    train, labels, test, target_labels = load(target)
    results = {}

    def joint(start, **changes):
        model = copy.deepcopy(start)
        del model.tagger
        for name, value in changes.items():
            setattr(model, name, value)
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
        results[name] = {key: getattr(scores, key) for key in ("f1", "precision", "recall")}
    results["HFJ without the tagger's steps on vectors"] = measure(joint(base, mode="hfj", ner_vector_alpha=0.0), test)
    plain = {"translate_probability": 0.0, "ner_vector_alpha": 0.1}
    results["FJ without translations"] = measure(joint(base, mode="fj", **plain), test)
    results["HFJ without translations"] = measure(joint(base, mode="hfj", **plain), test)
    results["HFJ to the letter of eq. 2"] = measure(joint(base, mode="hfj", unit_length=False, **plain), test)
    longer = MTWord2Vec(
        train, ner_data=labels, mode="baseline", seed=seed, pretrain_epochs=base.pretrain_epochs + epochs, **SETTINGS
    )
    results[f"baseline, {longer.pretrain_epochs} passes of skip-gram"] = measure(longer, test) | {
        "logistic_f1": logistic_f1(longer, labels, "en", test)
    }
    print(seed, {name: round(cell["f1"], 1) for name, cell in results.items()}, flush=True)
    return results


def table(runs):
    """Mean and spread by system, in Markdown."""
    lines = ["| system | F1 | precision, recall | F1, rate | LogisticRegression |", "|---|---|---|---|---|"]
    for name in runs[0]:
        column = lambda key, name=name: [run[name][key] for run in runs if key in run[name]]  # noqa: E731
        mean = lambda values: f"{np.mean(values):.1f} ± {np.std(values, ddof=1):.1f}" if values else ""  # noqa: E731
        both = f"{np.mean(column('precision')):.0f}, {np.mean(column('recall')):.0f}" if column("recall") else ""
        lines.append(
            f"| {name} | {mean(column('f1'))} | {both} | {mean(column('rate_f1'))} | {mean(column('logistic_f1'))} |"
        )
    return "\n".join(lines)


def main():
    """Run the seeds in parallel processes; print the table, and write the cells."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--target", default="zh")
    parser.add_argument("--epochs", type=int, default=8, help="joint passes")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(run_seed, [(seed, options.target, options.epochs) for seed in options.seeds]))
    print(table(runs))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps({"seeds": options.seeds, "runs": runs}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
