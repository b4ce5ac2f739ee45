"""UnigramTagger as a scikit-learn estimator, and against scikit-learn's own."""

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from gensim_mtner import NERData, UnigramTagger
from gensim_mtner.taggers.unigram import outside_shift
from gensim_mtner.vectors.vocabulary import OOV_KEY


@pytest.fixture(scope="module")
def problem():
    """Words whose tag is a noisy linear function of their vectors; a third of them held out."""
    random = np.random.default_rng(4)
    n, d = 900, 20
    vectors = KeyedVectors(d)
    vectors.add_vectors([f"w{i}" for i in range(n)] + [OOV_KEY], random.normal(size=(n + 1, d)).astype(np.float32))
    names = np.array(["O", "B-LOC", "B-PER"])
    weights = random.normal(size=(3, d)) + 0
    scores = vectors.vectors[:n] @ weights.T + random.normal(size=(n, 3)) * 2 + [3, 0, 0]
    tags = names[scores.argmax(axis=1)]
    sentences = [[f"w{i}" for i in random.integers(0, 600, 8)] for _ in range(500)]
    held_out = [[f"w{i}" for i in random.integers(600, n, 8)] for _ in range(300)]
    label = lambda rows: [[str(tags[int(w[1:])]) for w in row] for row in rows]  # noqa: E731
    return vectors, sentences, label(sentences), held_out, label(held_out)


def test_without_dropout_it_converges_to_logistic_regression(problem):
    vectors, X, y, held_X, held_y = problem
    rows = [vectors.key_to_index[w] for row in X for w in row]
    twin = LogisticRegression(max_iter=2000).fit(vectors.vectors[rows], [t for row in y for t in row])
    tagger = UnigramTagger(vectors, unit_length=False, dropout=0, oov_probability=0, tol=1e-4, max_iter=300).fit(X, y)
    theirs = twin.predict(vectors.vectors[[vectors.key_to_index[w] for row in held_X for w in row]])
    ours = np.array([t for row in tagger.predict(held_X) for t in row])
    assert (ours == theirs).mean() > 0.97
    gold = NERData(held_X, held_y)
    twin_f1 = 100 * np.mean([a == b for a, b in zip(theirs, [t for r in held_y for t in r], strict=True)])
    our_f1 = 100 * np.mean([a == b for a, b in zip(ours, [t for r in held_y for t in r], strict=True)])
    assert abs(twin_f1 - our_f1) < 1 and tagger.evaluate(gold).f1 > 50


@pytest.mark.parametrize("unit_length", [False, True])
def test_it_learns_from_few_passes(problem, unit_length):
    vectors, X, y, held_X, held_y = problem
    tagger = UnigramTagger(vectors, unit_length=unit_length, max_iter=20).fit(X, y)
    assert tagger.losses_[-1] < tagger.losses_[0] * 0.8
    assert tagger.score(held_X, held_y) > 0.5


def test_it_is_an_estimator(problem):
    vectors, X, y, *_ = problem
    tagger = UnigramTagger(vectors, alpha=0.3, max_iter=5)
    copy = clone(tagger)
    assert copy.get_params()["alpha"] == 0.3 and not hasattr(copy, "coef_")
    assert copy.set_params(alpha=0.1).alpha == 0.1
    with pytest.raises(NotFittedError, match="call fit first"):
        copy.predict(X)
    scores = cross_val_score(UnigramTagger(vectors, max_iter=5), X, y, cv=3)
    assert (scores > 0.4).all()


def test_fit_leaves_vectors_alone_and_repeats_to_the_bit(problem):
    vectors, X, y, *_ = problem
    before = vectors.vectors.copy()
    one, two = (UnigramTagger(vectors, max_iter=4).fit(X, y) for _ in range(2))
    assert np.array_equal(before, vectors.vectors)
    assert np.array_equal(one.coef_, two.coef_) and np.array_equal(one.intercept_, two.intercept_)


def test_threads_learn_as_well(problem):
    vectors, X, y, held_X, held_y = problem
    one, four = (UnigramTagger(vectors, workers=n, max_iter=15).fit(X, y).score(held_X, held_y) for n in (1, 4))
    assert abs(one - four) < 0.05


def test_unknown_words(problem):
    vectors, X, y, *_ = problem
    tagger = UnigramTagger(vectors, max_iter=3).fit(X, y)
    assert tagger.predict([["never seen"]]) == [["O"]]
    tagger.unknown = "oov"
    row = vectors.vectors[vectors.key_to_index[OOV_KEY]][None]
    assert tagger.decision_function([["never seen"]])[0] == pytest.approx(tagger.scores(row))


def test_labels_that_were_changed_since_they_were_checked_are_refused(problem):
    vectors, X, y, *_ = problem
    tagger, data = UnigramTagger(vectors, max_iter=3).fit(X, y), NERData(X[:2], y[:2])
    data.tags = [[*data.tags[0], "O"], data.tags[1][:-1]]  # as many in all
    with pytest.raises(ValueError, match="sentences and tags differ in length"):
        tagger.encode(data, vectors)


def test_rare_words_train_the_oov_row():
    vectors = KeyedVectors(4)
    vectors.add_vectors(["a", "b", OOV_KEY], np.eye(4, dtype=np.float32)[:3])
    data = NERData([["a", "a", "b"]] * 1, [["O", "O", "B-PER"]])
    tagger = UnigramTagger(vectors, oov_probability=1.0, dropout=0)
    tagger.start(data.tag_names, 4)
    encoded = tagger.encode(data, vectors)
    assert encoded.rare.tolist() == [0, 0, 1]
    for _ in range(2):  # coef_ is zero before the first step, and so is the gradient of the vectors
        tagger.update(vectors.vectors, encoded, np.array([0]), vector_alpha=1.0)
    eye = np.eye(4, dtype=np.float32)
    assert not np.array_equal(vectors.vectors[2], eye[2]) and np.array_equal(vectors.vectors[1], eye[1])


def test_calibration_is_exact_where_words_differ(problem):
    vectors, X, y, held_X, _ = problem
    tagger = UnigramTagger(vectors, max_iter=5).fit(X, y)
    for rate in (0.05, 0.2, 0.5):
        tagger.calibrate(held_X, rate)
        inside = np.mean([tag != "O" for row in tagger.predict(held_X) for tag in row])
        assert abs(inside - rate) < 0.005


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 4)), np.zeros((3, 4), np.float32)[:, ::2], np.zeros((3, 4), np.float32, order="F")]
)
def test_arrays_that_a_kernel_would_misread_are_refused(wrong):
    tagger = UnigramTagger()
    tagger.start(("O", "B-X", "I-X"), wrong.shape[1])
    with pytest.raises(ValueError, match="expected float32 rows"):
        tagger.update(wrong, None, np.array([0]))


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 5)), min_size=1, max_size=12), st.floats(0.01, 0.99))
def test_the_shift_of_o_comes_as_near_to_the_rate_as_equal_scores_let_it(rows, rate):
    margins, counts = (np.array(column) for column in zip(*rows, strict=True))
    scores = np.stack([np.zeros(len(rows)), margins], axis=1).astype(np.float32)
    shift = outside_shift(scores, counts, rate)
    reachable = [counts[margins >= least].sum() / counts.sum() for least in [*margins, 99]]
    found = counts[margins > shift].sum() / counts.sum()
    assert abs(found - rate) == pytest.approx(min(abs(share - rate) for share in reachable))


def test_components_that_are_nearly_nothing_do_no_harm():
    vectors = KeyedVectors(3)
    rows = np.array([[1, 0.5, 1e-25], [0.5, 1, 1e-25], [0.9, 0.1, 1e-25]], np.float32)
    vectors.add_vectors(["a", "b", "c"], rows)
    assert np.isfinite(UnigramTagger(vectors, dropout=0).fit([["a", "b", "c"]], [["B-PER", "O", "B-PER"]]).coef_).all()


def test_a_vector_that_is_no_number_is_told_of():
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a", "b"], np.array([[1, np.nan], [0.5, 1]], np.float32))
    tagger = UnigramTagger(vectors, dropout=0).fit([["a", "b"]], [["B-PER", "O"]])
    with pytest.raises(ValueError, match="NaN or infinite numbers: nothing can be told"):
        tagger.predict([["b"]])


def test_a_dropout_that_leaves_nothing_is_refused(problem):
    vectors, X, y, *_ = problem
    with pytest.raises(ValueError, match=r"dropout=0\.99999999: expected a number from 0 to below 1"):
        UnigramTagger(vectors, dropout=0.99999999).fit(X, y)


def test_a_text_without_tokens_sets_no_rate():
    with pytest.raises(ValueError, match="no token to set the score of O by"):
        outside_shift(np.zeros((1, 2), np.float32), np.zeros(1, int), 0.5)


def test_a_tagger_that_says_little_of_what_it_learnt_is_told_of(problem, caplog):
    vectors, X, y, *_ = problem
    UnigramTagger(vectors).fit(X, y)
    assert "takes" not in caplog.text
    random = np.random.default_rng(1)
    noisy = [["B-PER" if random.random() < 0.3 else "O" for _ in row] for row in X]  # no word is mostly a name
    tagger = UnigramTagger(vectors, dropout=0.3).fit(X, noisy)
    assert {tag for row in tagger.predict(X) for tag in row} == {"O"}
    assert "takes 0.0% for names, where the labels have 3" in caplog.text and "a lower dropout" in caplog.text
    caplog.clear()
    UnigramTagger(vectors).fit(X, [["O"] * len(row) for row in X])
    assert "takes" not in caplog.text
