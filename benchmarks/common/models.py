"""Models as the benchmarks vary them, and what is asked of a trained one."""

import copy

import numpy as np
from gensim.models.callbacks import CallbackAny2Vec

from common.data import english_labels, wikipedia_text
from common.runs import commit
from gensim_mtner import MTWord2Vec
from gensim_mtner.results.tables import PLAIN
from gensim_mtner.taggers.base import DROPOUT

# on the Bible pair: labels are complete there, so silver ones and the target's own tagger are rows of their own
NONE = {"silver_tokens": 0, "self_training_tokens": 0}
PAPER = PLAIN | NONE  # its method, whose labels are those of the source alone
PAPER_BASELINE = {"mode": "baseline", "dropout": DROPOUT}
ALL = {"silver_tokens": 1_000_000, "self_training_tokens": 1_000_000}
RECIPE = {"mode": "baseline", "translate_probability": 0.5, **ALL}  # all that the defaults add, but joint training
SETTINGS = {"vector_size": 128, "min_count": 1, "workers": 1, "progress": False, **NONE}

# by scikit-learn's defaults it stops where F1 may still go some points up or down
CONVERGED = {"max_iter": 20_000, "tol": 1e-7}


def variant(start, **changes):
    """A copy of a pretrained model without its tagger, with other arguments, as one call with those would start."""
    model = copy.deepcopy(start)
    if hasattr(model, "tagger"):
        del model.tagger
    return with_changes(model, changes)


def wikipedia_model(results, seed):
    """Vectors of skip-gram alone on Wikipedia and news; trained where `results` has none of this seed yet."""
    path = results / f"vectors-{seed}"
    if not path.exists():
        text = wikipedia_text()
        model = MTWord2Vec(seed=seed, workers=1, progress=False)
        model.build_vocab(text, ner_data=english_labels(silver=True))
        model.train(text, epochs=model.pretraining_passes)
        model.save(path)
    return MTWord2Vec.load(path, verify=False)


def with_changes(model, changes):
    """A model with other arguments, and with random vectors where the mode does not look at the corpus."""
    for name, value in changes.items():
        setattr(model, name, value)
    if model.mode == "ner":
        model.init_weights()
    return model


class EachPass(CallbackAny2Vec):
    """Keeps in `rows` what `look` says about the model at the end of each pass."""

    def __init__(self, look):
        self.look, self.rows = look, []

    def on_epoch_end(self, model):
        """Add a row."""
        self.rows.append(self.look(model))


def cell_of(scores, *more):
    """Scores as they are written down, and the commit that made them."""
    return {key: getattr(scores, key) for key in ("f1", "precision", "recall", *more)} | {"commit": commit()}


def calibrated_f1(model, test, **by):
    """F1 with the score of O set by the source's rate; the model stays as it was."""
    model.calibrate()
    f1 = model.evaluate(test, language=model.target, **by).f1
    model.tagger.outside_shift_ = 0.0
    return f1


def logistic_f1(model, labels, language, test):
    """Entity F1 of scikit-learn's logistic regression on the same vectors, as the tagger sees them."""
    return logistic_tagger(model, labels, language).evaluate(test, language=model.target).f1


def logistic_tagger(model, labels, language, **arguments):
    """The model's tagger, its parameters by scikit-learn's logistic regression on the same vectors."""
    from sklearn.linear_model import LogisticRegression  # here, since most benchmarks do without

    tagger = copy.copy(model.tagger)
    rows = np.concatenate([tagger.rows(sentence, language) for sentence in labels.sentences])
    tags = np.array([tag for row in labels.tags for tag in row])[rows >= 0]
    pairs, counts = np.unique(np.stack([rows[rows >= 0], [list(tagger.classes_).index(t) for t in tags]]), axis=1,
                              return_counts=True)  # fmt: skip
    units = model.wv.vectors[pairs[0]]
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    twin = LogisticRegression(**CONVERGED, **arguments).fit(units, pairs[1], sample_weight=counts)
    tagger.coef_, tagger.intercept_ = np.zeros_like(tagger.coef_), np.full(len(tagger.classes_), -99, np.float32)
    tagger.coef_[twin.classes_], tagger.intercept_[twin.classes_] = twin.coef_, twin.intercept_
    return tagger
