"""Taggers as scikit-learn's estimators: its own checks where they apply, model selection, pipelines over sentences."""

import copy
import pickle

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import KeyedVectors
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from gensim_mtner import ComparableCorpus, MTWord2Vec, SequenceTagger, UnigramTagger


@pytest.fixture(scope="module")
def vectors():
    corpus = ComparableCorpus(make_pairs(), source="en", target="zh")
    return MTWord2Vec(corpus, vector_size=24, window=6, min_count=1, sample=0, workers=1, epochs=8).wv


@pytest.fixture(params=["unigram", "sequence"])
def tagger(request, vectors):
    if request.param == "unigram":
        return UnigramTagger(vectors, language="en", max_iter=30, tol=0.1)
    return SequenceTagger(n_features=2**12)


@pytest.fixture(scope="module")
def data():
    sentences = [pair[1][start : start + 4] for pair in make_pairs(40) for start in range(0, 24, 4)]
    return sentences, labels_of(sentences)


CHECKS = ("estimator_cloneable", "estimator_tags_renamed", "valid_tag_types", "estimator_repr",
          "no_attributes_set_in_init", "estimators_unfitted", "do_not_raise_errors_in_init_or_set_params",
          "mixin_order", "parameters_default_constructible", "get_params_invariance", "set_params")  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learns_checks_that_do_not_want_a_table_of_numbers_pass(tagger, check):
    getattr(estimator_checks, f"check_{check}")(type(tagger).__name__, tagger)


@pytest.mark.filterwarnings("ignore:Can't test estimator .* which requires input:sklearn.exceptions.SkipTestWarning")
def test_check_estimator_sees_that_input_is_no_table(tagger):
    estimator_checks.check_estimator(tagger)


# what scikit-learn checks with numbers, with sentences


def test_fit_returns_the_estimator_keeps_its_parameters_and_its_input(tagger, data):
    before, given = tagger.get_params(), copy.deepcopy(data)
    assert tagger.fit(*data) is tagger
    assert tagger.get_params() == before and data == given


def test_fitting_again_gives_the_same(tagger, data):
    first = copy.deepcopy(tagger.fit(*data).state())
    for name, array in tagger.fit(*data).state().items():
        np.testing.assert_array_equal(array, first[name])


def test_sentences_are_tagged_alike_alone_in_another_order_and_after_pickling(tagger, data):
    sentences = data[0][:30]
    tagger.fit(*data)
    whole, state = tagger.predict(sentences), set(vars(tagger))
    assert [tagger.predict([sentence])[0] for sentence in sentences] == whole
    assert tagger.predict(sentences[::-1]) == whole[::-1]
    assert pickle.loads(pickle.dumps(tagger)).predict(sentences) == whole
    assert set(vars(tagger)) == state and tagger.predict([]) == []


def test_a_clone_is_not_trained_and_shares_the_vectors(tagger, data):
    tagger.fit(*data)
    other = clone(tagger)
    assert other.get_params() == tagger.get_params() and not hasattr(other, "classes_")
    assert getattr(other, "vectors", None) is getattr(tagger, "vectors", None)
    with pytest.raises(NotFittedError):
        other.predict(data[0])


def test_what_is_no_list_of_sentences_is_refused(tagger, data):
    with pytest.raises(ValueError, match="2 sentences, but 1 lists of tags"):
        tagger.fit(data[0][:2], data[1][:1])
    with pytest.raises(ValueError, match="no labelled sentence"):
        tagger.fit([], [])


# model selection


def test_folds_grids_and_pipelines_work_over_sentences(tagger, data):
    assert cross_val_score(tagger, *data, cv=3).mean() > 0.8
    predicted = cross_val_predict(tagger, *data, cv=3)
    assert [len(row) for row in predicted] == [len(row) for row in data[1]]
    name, values = ("unit_length", [True, False]) if isinstance(tagger, UnigramTagger) else ("alpha", [1e-9, 0.3])
    search = GridSearchCV(tagger, {name: values}, cv=2).fit(*data)
    assert name in search.best_params_ and search.best_score_ > 0.8
    assert search.best_estimator_.predict(data[0][:2]) == data[1][:2]
    shouted = [[word.upper() for word in sentence] for sentence in data[0]]
    title = FunctionTransformer(lambda X: [[word.capitalize() for word in s] if s else s for s in X])
    known = make_pipeline(title, tagger).fit(shouted, data[1])
    assert known.score(shouted, data[1]) > 0.8


def test_notebooks_show_it(tagger):
    assert type(tagger).__name__ in tagger._repr_html_()
    assert "alpha" in repr(tagger.set_params(alpha=0.25)) and "0.25" in repr(tagger)


def failing_fits():
    """Taggers with a fit that fails after new parameters were made."""
    vectors = KeyedVectors(2)
    vectors.add_vectors(["Ann", "left"], np.eye(2, dtype=np.float32))
    yield UnigramTagger(vectors), lambda one: one.fit([["nothing"]], [["B-PER"]])
    yield SequenceTagger(n_features=64), lambda one: one.fit([["a"]], [["B-PER"]], certain=[np.zeros(1, bool)])
    yield SequenceTagger(n_features=64), lambda one: one.fit([["a"]], [["B-PER"]], certain=[np.zeros(2, bool)])


@pytest.mark.parametrize("number", range(3))
def test_a_fit_that_fails_leaves_what_was_there(number):
    tagger, fit = [*failing_fits()][number]
    with pytest.raises(ValueError):
        fit(tagger)
    with pytest.raises(NotFittedError):
        tagger.predict([["Ann", "left"]])
    tagger.fit([["Ann", "left"]] * 9, [["B-PER", "O"]] * 9)
    before = {name: array.copy() for name, array in tagger.state().items()}
    with pytest.raises(ValueError):
        fit(tagger)
    assert tagger.predict([["Ann", "left"]]) == [["B-PER", "O"]]
    for name, array in tagger.state().items():
        np.testing.assert_array_equal(array, before[name])
