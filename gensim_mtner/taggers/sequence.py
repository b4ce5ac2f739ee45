"""A tagger that looks at the letters of words, at their neighbours and at the order of tags."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from scipy.special import log_softmax
from sklearn.exceptions import NotFittedError

from gensim_mtner._linear import scores, train_tokens
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.scores import EntityScores, score_entities
from gensim_mtner.taggers.base import TaggerEstimator
from gensim_mtner.taggers.features import encode_tokens
from gensim_mtner.taggers.sentences import checked_sentences, labels_of
from gensim_mtner.taggers.viterbi import transitions, viterbi
from gensim_mtner.vectors.rows import check_array, check_whole, is_number

logger = logging.getLogger(__name__)

PARTS = 20  # of a pass; the step size falls from one to the next
SQUARES = 1e-2  # what the sums of Adagrad start from, so that the first steps are not the longest


class SequenceTagger(TaggerEstimator):
    """Softmax regression on hashed features of each token and its neighbours, then Viterbi's algorithm.

    Features are the word, its ends, the letters and pairs of letters in it, and those of the words up to two places
    away: whatever the language, with no resource. Words that were never seen are tagged by what they look like and
    where they stand. Transitions between tags are counted, not trained.

    Parameters
    ----------
    max_iter : int
        Passes over the tokens.
    alpha : float
        The step size (Adagrad, Duchi et al. 2011), which falls to nothing. The smaller, the less is learnt by heart:
        0.3 suits labels that people gave, 0.03 those that another tagger gave.
    n_features : int
        Features are hashed to so many columns.
    transition_weight : float
        The weight of the transitions beside the scores of tokens.
    random_state : int
        Decides the order of tokens in training.

    Attributes
    ----------
    classes_ : ndarray of str
        Tags, O first.
    coef_ : ndarray of float32, shape (n_features, n_tags)
    intercept_ : ndarray of float32, shape (n_tags,)
    transitions_ : ndarray, shape (n_tags + 1, n_tags)
    losses_ : list of float
        The mean loss of a token, by pass.

    Examples
    --------
    >>> tagger = SequenceTagger(n_features=4096).fit(
    ...     [["Ann", "met", "Bob", "Ray"], ["She", "met", "Sue", "Ray"]] * 9,
    ...     [["B-PER", "O", "B-PER", "I-PER"], ["O", "O", "B-PER", "I-PER"]] * 9)
    >>> tagger.predict([["Ann", "met", "Tim", "Ray"]])
    [['B-PER', 'O', 'B-PER', 'I-PER']]
    """

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray
    transitions_: np.ndarray

    def __init__(
        self,
        *,
        max_iter: int = 4,
        alpha: float = 0.3,
        n_features: int = 2**18,
        transition_weight: float = 0.5,
        random_state: int = 1,
    ):
        self.max_iter = max_iter
        self.alpha = alpha
        self.n_features = n_features
        self.transition_weight = transition_weight
        self.random_state = random_state

    def fit(
        self, X: Sequence[list[str]], y: Sequence[list[str]], *, certain: Sequence[np.ndarray] | None = None
    ) -> SequenceTagger:
        """Train on sentences and their IOB2 tags.

        Parameters
        ----------
        X : sequence of list of str
            Tokens.
        y : sequence of list of str
            Tags.
        certain : sequence of ndarray of bool, optional
            Which tokens are trained on; by default all. The others are context only.
        """
        data = NERData(X, y)
        self.check_arguments()
        self.start(data.tag_names)
        self.transitions_[...] = transitions(data.tags, data.tag_names)
        index = {name: number for number, name in enumerate(data.tag_names)}
        encoded = encode_tokens(data.sentences, self.n_features)
        tokens, tags = encoded.tokens, np.array([index[name] for row in data.tags for name in row], dtype=np.int32)
        if certain is not None:
            if [(np.shape(part), np.asarray(part).dtype) for part in certain] != [
                ((len(row),), np.dtype(bool)) for row in data.sentences
            ]:
                raise ValueError(
                    "certain does not fit the sentences: expected an array of bool for each, as long as it"
                )
            use = np.concatenate(certain)
            tokens, tags = tokens[use], tags[use]
        if not len(tags):
            raise ValueError("certain leaves no token to train on")
        squares, bias_squares = np.full_like(self.coef_, SQUARES), np.full_like(self.intercept_, SQUARES)
        work = np.empty(len(self.classes_), dtype=np.float32)
        for number in range(self.max_iter):
            order = np.random.default_rng((self.random_state, number)).permutation(len(tags))
            loss = 0.0
            for at, part in enumerate(np.array_split(order, PARTS)):
                rate = self.alpha * (1 - (number + at / PARTS) / self.max_iter)
                loss += train_tokens(
                    self.coef_, squares, self.intercept_, bias_squares, *encoded[:-1], tokens[part], tags[part],
                    rate, work,
                )  # fmt: skip
            self.losses_.append(loss / len(tags))
            logger.info("sequence tagger, pass %i of %i: loss %.4f", number + 1, self.max_iter, self.losses_[-1])
        return self

    def check_arguments(self) -> None:
        """Refuse arguments out of their range."""
        for name in ("max_iter", "n_features"):
            check_whole(name, getattr(self, name), 1, (1 << 31) - 1)
        check_whole("random_state", self.random_state, 0)
        if not is_number(self.alpha) or not self.alpha > 0:
            raise ValueError(f"alpha={self.alpha!r}: expected a positive number")
        if not is_number(self.transition_weight):
            raise ValueError(f"transition_weight={self.transition_weight!r}: expected a number")

    def start(self, tag_names: Sequence[str]) -> None:
        """Set all parameters to zero, for these tags."""
        self.check_arguments()
        n_tags = len(tag_names)
        self.classes_ = np.array(tag_names)
        self.coef_ = np.zeros((self.n_features, n_tags), dtype=np.float32)
        self.intercept_ = np.zeros(n_tags, dtype=np.float32)
        self.transitions_ = np.zeros((n_tags + 1, n_tags), dtype=np.float32)
        self.losses_: list[float] = []

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes, by name: arrays that may be written to."""
        return {"coef": self.coef_, "intercept": self.intercept_, "transitions": self.transitions_}

    def check_state(self) -> None:
        """Refuse parameters that do not fit the tags, or `n_features`, which may have been set since."""
        self._check_classes()
        n_tags = len(self.classes_)
        check_array("the tagger's coef_", self.coef_, (self.n_features, n_tags))
        check_array("the tagger's intercept_", self.intercept_, (n_tags,))
        check_array("the tagger's transitions_", self.transitions_, (n_tags + 1, n_tags))

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError("this SequenceTagger is not trained yet: call fit first")

    def predict_log_proba(self, X: Sequence[list[str]]) -> list[np.ndarray]:
        """Logarithms of the probabilities of the tags of each token by itself, shape (n_tokens, n_tags) a sentence."""
        self._check_fitted()
        self.check_arguments()
        self.check_state()
        X = checked_sentences(X)
        encoded = encode_tokens(X, self.n_features)
        out = np.empty((len(encoded.tokens), len(self.classes_)), dtype=np.float32)
        scores(self.coef_, self.intercept_, *encoded, out)
        if not np.isfinite(out).all():
            raise ValueError("the tagger's parameters have NaN or infinite numbers: nothing can be told")
        return np.split(log_softmax(out, axis=1), np.cumsum([len(sentence) for sentence in X])[:-1]) if len(X) else []

    def predict(self, X: Sequence[list[str]]) -> list[list[str]]:
        """The best sequence of tags of each sentence, as valid IOB2."""
        return self.decode(self.predict_log_proba(X))

    def decode(self, log_probabilities: Sequence[np.ndarray]) -> list[list[str]]:
        """The best sequence of tags for logarithms of probabilities, shape (n_tokens, n_tags), a sentence each."""
        if not np.isfinite(self.transitions_).all():
            raise ValueError("the tagger's transitions_ have NaN or infinite numbers: nothing can be told")
        paths = viterbi(log_probabilities, self.transitions_, self.transition_weight)
        return [self.classes_[path].tolist() for path in paths]

    def evaluate(self, data: NERData) -> EntityScores:
        """Entity precision, recall and F1 on labelled sentences."""
        return score_entities(labels_of(data).tags, self.predict(data.sentences))

    def score(self, X: Sequence[list[str]], y: Sequence[list[str]]) -> float:
        """Entity F1 (strict, between 0 and 1)."""
        return self.evaluate(NERData(X, y)).f1 / 100
