"""The unigram tagger of eqs. 2-4: a softmax over tags for each word vector, as a scikit-learn estimator."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner._tagger import BEST_LEVEL, SHORTEST, train_batches, working_shape
from gensim_mtner.labels.schemes import repair
from gensim_mtner.taggers.base import VectorTagger
from gensim_mtner.taggers.sentences import EncodedSentences, checked_sentences
from gensim_mtner.taggers.words import Words, number_words
from gensim_mtner.vectors.rows import check_array, is_number

logger = logging.getLogger(__name__)

FEW = 0.25  # of the names of the labels, below which a tagger that has learnt is told to say little
CHUNK = 1 << 16  # words whose vectors are gathered at a time


class UnigramTagger(VectorTagger):
    """Tag each word by its vector alone.

    The score of tag y for a word with vector x is ``x @ coef_[y] + intercept_[y]`` (eq. 2). Training minimises the
    mean over sentences of the negative log-likelihood by Adagrad steps on mini-batches of sentences.

    Parameters
    ----------
    vectors : KeyedVectors, optional
        The word vectors; needed by `fit` and `predict`. They do not move in `fit`.
    language : str, optional
        The prefix of the keys of `vectors` ("en" for ``en:Spain``); None where keys are bare words.
    max_iter : int
        The highest number of passes over the sentences.
    tol : float
        `fit` stops when the loss of three passes together fell by less than this share.
    alpha : float
        The step size of `coef_` and `intercept_`.
    unit_length : bool
        Whether vectors are scaled to length 1 for the tagger, so that the growth of their norms in skip-gram
        training, which differs between languages and between modes, does not move tags. Those shorter than 0.01,
        such as zeros that a file has for padding, are divided by 0.01. False is eq. 2 to the letter.
    dropout : float
        The share of vector components that are set to 0 in training. By the default the tagger is within about two
        points of logistic regression at the best of five penalties (`benchmarks/RESULTS.md`); by the paper's
        0.3 it says little where labels are noisy.
    oov_probability : float
        How often, in training, a word that occurs once is replaced by the OOV row, if `vectors` has one.
    translate_probability : float
        How often, in training, a word is replaced by its translation, where `fit` is given some.
    batch_size : int
        Sentences in a step.
    unknown : {"O", "oov"}
        Tag of words without a vector: O, or what the OOV row is tagged.
    workers : int
        Threads. With more than one, steps are taken without locks (Hogwild) and results vary from run to run.
    random_state : int
        Seed.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_tags,)
        O first, then B- and I- of each type.
    coef_ : ndarray of float32, shape (n_tags, vector_size)
    intercept_ : ndarray of float32, shape (n_tags,)
    outside_shift_ : float
        What `calibrate` adds to the score of O.
    losses_ : list of float
        The mean loss of a sentence, by pass.

    Examples
    --------
    >>> import numpy as np
    >>> from gensim.models import KeyedVectors
    >>> vectors = KeyedVectors(2)
    >>> vectors.add_vectors(["Ann", "Bob", "saw", "met"], np.array([[1, 0], [1, .1], [0, 1], [.1, 1]], "float32"))
    >>> tagger = UnigramTagger(vectors, dropout=0).fit([["Ann", "saw", "Ann"]], [["B-PER", "O", "B-PER"]])
    >>> tagger.predict([["Bob", "met", "Ann"]])
    [['B-PER', 'O', 'B-PER']]
    """

    # -- training

    def start(self, tag_names: Sequence[str], vector_size: int) -> None:
        """Set all parameters to zero, for these tags."""
        self.check_arguments()
        n_tags = len(tag_names)
        self.classes_ = np.array(tag_names)
        self.coef_ = np.zeros((n_tags, vector_size), dtype=np.float32)
        self.intercept_ = np.zeros(n_tags, dtype=np.float32)
        self.outside_shift_ = 0.0
        self.losses_: list[float] = []
        self._squares = np.zeros_like(self.coef_), np.zeros_like(self.intercept_)

    def state(self) -> dict[str, np.ndarray]:
        """Parameters and the sums of Adagrad."""
        names = ("coef", "intercept", "coef-squares", "intercept-squares")
        return dict(zip(names, (self.coef_, self.intercept_, *self._squares), strict=True))

    def check_state(self, vector_size: int, *, writes: bool = False) -> None:
        """Refuse parameters that do not fit the tags, or vectors of this size.

        Parameters
        ----------
        vector_size : int
            The number of components of the vectors.
        writes : bool
            Whether they are to be trained.
        """
        self._check_classes()
        n_tags = len(self.classes_)
        for name, array in self.state().items():
            shape = (n_tags, vector_size) if name.startswith("coef") else (n_tags,)
            check_array(f"the tagger's {name}", array, shape, writes=writes)
        if not is_number(self.outside_shift_):
            raise ValueError(f"outside_shift_={self.outside_shift_!r}: expected a finite number")

    def update(
        self,
        vectors: np.ndarray,
        data: EncodedSentences,
        order: np.ndarray,
        *,
        alpha: float | None = None,
        vector_alpha: float = 0.0,
        epoch: int = 0,
    ) -> float:
        """Take a step for every `batch_size` sentences of `order`.

        Parameters
        ----------
        vectors : ndarray of float32, shape (n_keys, vector_size)
            C-contiguous, usually ``wv.vectors``; rows are changed in place where `vector_alpha` is not 0.
        data : EncodedSentences
            From `encode`.
        order : ndarray of int64
            Places of sentences in `data`.
        alpha, vector_alpha : float
            Step sizes of the tagger's own parameters (Adagrad) and of the word vectors (plain descent).
        epoch : int
            Decides, with `random_state`, what dropout and OOV replacement draw.

        Returns
        -------
        float
            The mean loss of a sentence, before the steps.
        """
        order = self.checked_order(vectors, data, order, alpha, vector_alpha)
        if not len(order):
            return 0.0
        batch_size = int(self.batch_size)  # as numpy's it may be too small for what is multiplied below
        workers = min(self.workers, max(1, len(order) // batch_size))

        def run(share: np.ndarray) -> float:
            n_tags, size = self.coef_.shape
            batch_tokens = min(batch_size, len(order)) * data.longest
            return train_batches(
                vectors, self.coef_, self.intercept_, *self._squares,
                data.rows, data.tags, data.rare, data.offsets, share,
                batch_size, self.alpha if alpha is None else alpha, vector_alpha,
                self.unit_length, self.dropout, self.oov_probability, data.oov_row,
                data.translations, self.translate_probability, self.random_state, epoch,
                np.empty((batch_tokens, size), np.float32), np.empty(batch_tokens, np.int32),
                np.empty(working_shape(n_tags, size), np.float32), BEST_LEVEL,
            )  # fmt: skip

        if workers == 1:
            return run(order) / len(order)
        with ThreadPoolExecutor(workers) as pool:
            return sum(pool.map(run, np.array_split(order, workers))) / len(order)

    def _fit(self, vectors: KeyedVectors, encoded: EncodedSentences) -> None:
        super()._fit(vectors, encoded)
        if not np.isfinite(self.coef_).all():  # who asks it is told, with how far training had come
            return
        rows, counts = np.unique(encoded.rows, return_counts=True)
        names = self._scores_of_rows(vectors.vectors, rows).argmax(axis=1) > 0
        found, wanted = (counts * names).sum() / max(1, len(encoded.rows)), np.mean(encoded.tags > 0)
        if found < FEW * wanted:
            logger.warning(
                "of the tokens that it learnt from the tagger takes %.1f%% for names, where the labels have %.1f%%: "
                "%scalibrate sets how much it says", 100 * found, 100 * wanted,
                "a lower dropout lets it say more, and " if self.dropout > type(self)().dropout else "",
            )  # fmt: skip

    # -- use

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Scores of the tags for word vectors, shape (n_words, n_tags) (eq. 2)."""
        with np.errstate(invalid="ignore", over="ignore"):  # what is no number is told of below
            scores = vectors @ self.coef_.T
            if self.unit_length:  # scores are scaled, not vectors, of which this would make a copy
                scores /= np.maximum(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), SHORTEST)[:, None]
            scores += self.intercept_
            scores[:, 0] += self.outside_shift_
        if not np.isfinite(scores).all():
            raise ValueError("the vectors or the tagger's parameters have NaN or infinite numbers: nothing can be told")
        return scores

    def _scores_of_rows(self, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
        parts = [self.scores(vectors[rows[start : start + CHUNK]]) for start in range(0, len(rows), CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes_)), np.float32)

    def decision_function(
        self, X: Sequence[list[str]], *, language: str | None = None, unknown: str | None = None
    ) -> list[np.ndarray]:
        """Scores of the tags, shape (n_tokens, n_tags), for each sentence.

        Words without a vector get 0 for O and minus infinity elsewhere, or, if ``unknown="oov"``, the OOV row's.
        """
        words = self._words(X, language)
        return words.split(self.word_scores(words, language=language, unknown=unknown)[words.numbers])

    def _words(self, X: Sequence[list[str]], language: str | None) -> Words:
        self._check_fitted()
        return number_words(checked_sentences(X, language or self.language))

    def word_scores(self, words: Words, *, language: str | None = None, unknown: str | None = None) -> np.ndarray:
        """As `decision_function`, for each word of sentences, shape (n_words, n_tags)."""
        rows = self.word_rows(words, language, unknown or self.unknown)
        vectors = self._checked_vectors().vectors
        self.check_state(vectors.shape[1])
        scores = self._scores_of_rows(vectors, rows)
        scores[rows < 0] = [0, *[-np.inf] * (len(self.classes_) - 1)]
        return scores

    def predict(
        self, X: Sequence[list[str]], *, language: str | None = None, unknown: str | None = None
    ) -> list[list[str]]:
        """The best tag of each word, as valid IOB2: an I- that continues nothing becomes a B-.

        Parameters
        ----------
        X : sequence of list of str
            Tokens.
        language : str, optional
            The prefix of the keys, if it is not the one that the tagger was trained with.
        unknown : {"O", "oov"}, optional
            In place of the parameter, for this call.
        """
        words = self._words(X, language)
        best = self.word_scores(words, language=language, unknown=unknown).argmax(axis=1)
        return [repair(tags) for tags in words.tags(self.classes_, best[words.numbers])]

    def calibrate(self, X: Sequence[list[str]], rate: float, *, language: str | None = None) -> float:
        """Shift the score of O so that a given share of the tokens of unlabelled text are entity tokens.

        Saerens, Latinne and Decaestecker (2002) adjust a classifier to new priors; here one number does, and it is
        set by the share that the source-language labels have.

        Parameters
        ----------
        X : sequence of list of str
            Unlabelled sentences.
        rate : float
            The wished share of tokens in entities, between 0 and 1.
        language : str, optional
            The prefix of the keys.

        Returns
        -------
        float
            The shift, kept as `outside_shift_`.
        """
        X = checked_sentences(X, language or self.language)
        if not any(X):
            raise ValueError("no token to calibrate on: expected unlabelled sentences")
        words = number_words(X)
        scores = self.word_scores(words, language=language)
        return self.shift_outside(scores, words.tokens, rate)

    def shift_outside(self, scores: np.ndarray, counts: np.ndarray, rate: float) -> float:
        """Set `outside_shift_` so that a share `rate` of the counted scores have another best tag than O.

        Parameters
        ----------
        scores : ndarray, shape (n, n_tags)
            With the present shift.
        counts : ndarray, shape (n,)
            How many tokens have each row of scores.
        rate : float
            Between 0 and 1.
        """
        self.outside_shift_ = outside_shift(scores, counts, rate, self.outside_shift_)
        return self.outside_shift_


def outside_shift(scores: np.ndarray, counts: np.ndarray, rate: float, before: float = 0.0) -> float:
    """The shift of the score of O by which a share `rate` of counted scores have another best tag than O.

    Parameters
    ----------
    scores : ndarray, shape (n, n_tags)
        O first.
    counts : ndarray, shape (n,)
        How many tokens have each row of scores.
    rate : float
        Between 0 and 1.
    before : float
        The shift that the scores have already.
    """
    if not is_number(rate) or not 0 < rate < 1:
        raise ValueError(f"rate={rate!r}: expected a share between 0 and 1")
    if scores.shape[1] < 2:
        raise ValueError("the tagger has no tag but O: it was trained without a name")
    if not counts.sum():
        raise ValueError("no token to set the score of O by: the text has none")
    margins = scores[:, 1:].max(axis=1) - scores[:, 0] + before
    order = np.argsort(-margins, kind="stable")
    margins, share = margins[order], np.cumsum(counts[order]) / counts.sum()
    apart = (margins[1:] != margins[:-1]) | ~np.isfinite(margins[1:])
    ends = np.flatnonzero(np.append(apart, True))  # rows of equal margins go together
    nearest = int(np.abs(share[ends] - rate).argmin())
    if rate < share[ends[0]] - rate and np.isfinite(margins[0]):  # none is nearer than the first
        return float(margins[0]) + 1
    last = margins[ends[nearest]]  # of those that are to be entities
    if not np.isfinite(last):
        known = counts[order][np.isfinite(margins)].sum() / counts.sum()
        raise ValueError(f"too few words are known to reach rate={rate}: {known:.4f} of them are")
    below = margins[ends[nearest] + 1 : ends[nearest] + 2]  # the first that is not to be one, if there is any
    return float(last + (below[0] if np.isfinite(below).any() else last - 1)) / 2


TAGGERS = ("unigram", "lstm-crf")


def tagger_class(kind: str) -> Any:
    """The class of a kind of tagger.

    Raises
    ------
    ModuleNotFoundError
        If it needs torch, and torch is not there.
    """
    if kind == "unigram":
        return UnigramTagger
    try:
        from gensim_mtner.taggers.lstm_crf import LSTMCRFTagger
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"tagger={kind!r} needs torch: pip install 'gensim-mtner[torch]'") from error
    return LSTMCRFTagger
