"""What taggers on word vectors share: training to convergence, looking words up, evaluation."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from gensim.models import KeyedVectors
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError

from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import check_tag_names
from gensim_mtner.labels.scores import EntityScores, score_entities
from gensim_mtner.taggers.sentences import EncodedSentences, labels_of
from gensim_mtner.taggers.words import Words, number_words
from gensim_mtner.vectors.rows import (
    check_choice,
    check_matrix,
    check_number,
    check_rows,
    check_share,
    check_whole,
    is_truth,
)
from gensim_mtner.vectors.spelling import rows_of
from gensim_mtner.vectors.vocabulary import OOV_KEY

logger = logging.getLogger(__name__)

DROPOUT = 0.3  # the paper's (2.2), for a tagger whose steps move the vectors
UNKNOWN = ("O", "oov")


def _has_prefix(keys: Sequence[str], prefix: str) -> bool:
    """Whether a key begins so; from both ends, as a language is one or the other end of our keys."""
    return any(one.startswith(prefix) or other.startswith(prefix) for one, other in zip(keys, reversed(keys)))  # noqa: B905


@contextmanager
def unchanged_if_it_fails(estimator: Any) -> Iterator[None]:
    """Within it, an exception leaves a tagger as it was: what `start` made is dropped, what was there had stayed."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


class TaggerEstimator(BaseEstimator):
    """A scikit-learn estimator over lists of sentences, each a list of tokens, with tags for targets."""

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn is to know: input is no table of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.target_tags.required = True
        return tags

    def _check_classes(self) -> None:
        """Refuse what is no array of tags."""
        names = self.classes_
        if not isinstance(names, np.ndarray) or names.ndim != 1 or names.dtype.kind not in "UO" or not names.size:
            found = getattr(names, "dtype", type(names).__name__)
            raise ValueError(f"classes_ is {found} of shape {np.shape(names)}: expected an array of tags")
        check_tag_names(names.tolist())

    def __sklearn_clone__(self) -> Any:
        """A new one of the same parameters; vectors are shared, since a copy for each fold would fill the memory."""
        params = {name: value if name == "vectors" else clone(value, safe=False)
                  for name, value in self.get_params(deep=False).items()}  # fmt: skip
        return type(self)(**params)


class VectorTagger(TaggerEstimator):
    """A tagger whose input is rows of word vectors, as a scikit-learn estimator.

    The parameters are documented in `UnigramTagger`, which takes them as they stand here. A subclass sets `classes_`
    and `losses_` in `start`, and has `update` and `predict`; one with more parameters or other defaults names them all
    in its own constructor, since scikit-learn reads their names there.
    """

    classes_: np.ndarray
    losses_: list[float]

    def __init__(
        self,
        vectors: KeyedVectors | None = None,
        *,
        language: str | None = None,
        max_iter: int = 100,
        tol: float = 1e-2,
        alpha: float = 0.1,
        unit_length: bool = True,
        dropout: float = 0.05,
        oov_probability: float = 0.5,
        translate_probability: float = 0.5,
        batch_size: int = 32,
        unknown: str = "O",
        workers: int = 1,
        random_state: int = 1,
    ):
        self.vectors = vectors
        self.language = language
        self.max_iter = max_iter
        self.tol = tol
        self.alpha = alpha
        self.unit_length = unit_length
        self.dropout = dropout
        self.oov_probability = oov_probability
        self.translate_probability = translate_probability
        self.batch_size = batch_size
        self.unknown = unknown
        self.workers = workers
        self.random_state = random_state

    def start(self, tag_names: Sequence[str], vector_size: int) -> None:
        """Make new parameters for these tags."""
        raise NotImplementedError

    def update(
        self, vectors: np.ndarray, data: EncodedSentences, order: np.ndarray, *, alpha: float | None = None,
        vector_alpha: float = 0.0, epoch: int = 0,
    ) -> float:  # fmt: skip
        """Take a step for every `batch_size` sentences of `order`; return the mean loss of a sentence."""
        raise NotImplementedError

    def predict(
        self, X: Sequence[list[str]], *, language: str | None = None, unknown: str | None = None
    ) -> list[list[str]]:
        """Valid IOB2 tags of each word."""
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes, by name: arrays that may be written to."""
        raise NotImplementedError

    def check_state(self, vector_size: int, *, writes: bool = False) -> None:
        """Refuse parameters that do not fit the tags, or vectors of this size."""
        raise NotImplementedError

    # -- training

    def checked_order(
        self, vectors: np.ndarray, data: EncodedSentences, order: np.ndarray, alpha: float | None, vector_alpha: float
    ) -> np.ndarray:
        """What `update` is given, compared with each other and with the parameters; returns `order` for a kernel."""
        for name, step in (("alpha", 0.0 if alpha is None else alpha), ("vector_alpha", vector_alpha)):
            check_number(name, step)
        check_rows(vectors, writes=vector_alpha > 0)  # of those that stay many are mapped: by joblib, by mmap
        self._check_fitted()
        self.check_arguments()
        self.check_state(vectors.shape[1], writes=True)
        if np.asarray(order).dtype.kind not in "iu" and len(order):
            raise ValueError(f"order is {np.asarray(order).dtype}: expected places of sentences, whole numbers")
        order = np.ascontiguousarray(order, dtype=np.int64)
        data.check(len(vectors), len(self.classes_), order)
        return order

    def fit(self, X: Sequence[list[str]], y: Sequence[list[str]], *, translations: np.ndarray | None = None) -> Any:
        """Train on sentences and their IOB2 tags, until the loss no longer falls.

        Parameters
        ----------
        X : sequence of list of str
            Tokens.
        y : sequence of list of str
            Tags.
        translations : ndarray of int32, shape (n_keys,), optional
            The row of each row's translation, or -1; see `gensim_mtner.vectors.neighbours.translations`.
        """
        data = NERData(X, y)
        vectors = self._checked_vectors()
        with unchanged_if_it_fails(self):
            self.start(data.tag_names, vectors.vector_size)
            encoded = self.encode(data, vectors)
            if translations is not None:
                encoded.translations = translations
            self._fit(vectors, encoded)
        return self

    def _fit(self, vectors: KeyedVectors, encoded: EncodedSentences) -> None:
        for epoch in range(self.max_iter):
            order = self.order(len(encoded), epoch)
            self.losses_.append(self.update(vectors.vectors, encoded, order, epoch=epoch))
            logger.info("tagger pass %i: loss %.5f a sentence", epoch + 1, self.losses_[-1])
            if self._converged():
                return
        logger.warning("the tagger's loss still falls after %i passes: raise max_iter or alpha", self.max_iter)

    def _converged(self) -> bool:
        recent = self.losses_[-3:], self.losses_[-6:-3]
        return len(self.losses_) >= 6 and sum(recent[0]) > (1 - self.tol) * sum(recent[1])

    def _checked_vectors(self) -> KeyedVectors:
        if self.vectors is None:
            raise ValueError("vectors=None: pass the KeyedVectors to tag with, as in UnigramTagger(wv, language='en')")
        if not isinstance(self.vectors, KeyedVectors):
            raise TypeError(f"vectors is {type(self.vectors).__name__}: expected KeyedVectors, such as model.wv")
        check_matrix(self.vectors.vectors)
        return self.vectors

    def check_arguments(self) -> None:
        """Refuse arguments out of their range."""
        for name in ("dropout", "oov_probability", "translate_probability"):
            check_share(name, getattr(self, name), below=name == "dropout")
        for name in ("alpha", "tol"):
            check_number(name, getattr(self, name))
        for name in ("batch_size", "workers", "max_iter"):
            check_whole(name, getattr(self, name), 1, 1 << 30)
        check_whole("random_state", self.random_state, 0)
        check_choice("unknown", self.unknown, UNKNOWN)
        if not is_truth(self.unit_length):
            raise ValueError(f"unit_length={self.unit_length!r}: expected True or False")

    def check_tags(self, tag_names: Iterable[str]) -> None:
        """Refuse tags that were not there when training began."""
        unknown = sorted(set(tag_names) - set(getattr(self, "classes_", tag_names)))
        if unknown:
            raise ValueError(f"tags {', '.join(unknown)} are not among the tagger's: {', '.join(self.classes_)}")

    def encode(self, data: NERData, vectors: KeyedVectors) -> EncodedSentences:
        """Labelled sentences as arrays, for `update`."""
        self.check_tags(data.tag_names)
        oov_row = vectors.key_to_index.get(OOV_KEY, -1)
        return EncodedSentences(data.sentences, vectors, self.language, oov_row, data.tags, list(self.classes_))

    def order(self, n: int, epoch: int) -> np.ndarray:
        """The order of the sentences in one pass."""
        return np.random.default_rng((self.random_state, epoch)).permutation(n).astype(np.int64)

    # -- use

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError(f"this {type(self).__name__} is not trained yet: call fit first")

    def rows(self, sentence: Sequence[str], language: str | None = None) -> np.ndarray:
        """The row of each word, or -1."""
        return np.array(rows_of(self._checked_vectors(), sentence, language or self.language), dtype=np.int64)

    def token_rows(self, words: Words, language: str | None = None) -> np.ndarray:
        """The rows of the tokens of sentences, or -1."""
        return self.word_rows(words, language)[words.numbers]

    def word_rows(self, words: Words, language: str | None = None, unknown: str = "O") -> np.ndarray:
        """The rows of words; -1 where there is none, or the OOV row, if `unknown` says so."""
        check_choice("unknown", unknown, UNKNOWN)
        vectors = self._checked_vectors()
        rows = self.rows(words.names, language)
        rows[0] = -1  # the edge is no word
        code = language or self.language
        if code and len(rows) > 1 and (rows < 0).all() and not _has_prefix(vectors.index_to_key, f"{code}:"):
            raise ValueError(f"language={code!r}: no key of the vectors has this prefix")
        if unknown == "oov" and OOV_KEY in vectors.key_to_index:
            rows[rows < 0] = vectors.key_to_index[OOV_KEY]
        if rows.max(initial=-1) >= len(vectors.vectors):
            raise ValueError(
                f"the vectors have {len(vectors.key_to_index)} keys, but {len(vectors.vectors)} rows: "
                "expected one for each key"
            )
        return rows

    def word_frequencies(self, words: Words, language: str | None = None) -> np.ndarray:
        """How often words are in the corpus of the vectors: 0 without a vector, and 1 for vectors without a count."""
        rows, vectors = self.word_rows(words, language), self._checked_vectors()
        counts = np.asarray(vectors.expandos.get("count", ()), dtype=np.int64)
        found, counted = (rows >= 0).astype(np.int64), (rows >= 0) & (rows < len(counts))
        found[counted] = counts[rows[counted]]  # words that were added later have none
        return found

    def score(self, X: Sequence[list[str]], y: Sequence[list[str]]) -> float:
        """Entity F1 (strict, between 0 and 1)."""
        return self.evaluate(NERData(X, y)).f1 / 100

    def evaluate(self, data: NERData, *, language: str | None = None) -> EntityScores:
        """Entity precision, recall and F1 on labelled sentences; see `gensim_mtner.labels.scores.score_entities`."""
        labels_of(data)
        predicted = self.predict(data.sentences, language=language)
        words = number_words(data.sentences)
        return score_entities(data.tags, predicted, words.split(self.token_rows(words, language) >= 0))
