"""A tagger that looks at the letters of words, at their neighbours and at the order of tags."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial

import numpy as np
from scipy.special import log_softmax
from sklearn.exceptions import NotFittedError

from gensim_mtner._chain import marginals, train_chains
from gensim_mtner._linear import scores, train_tokens
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.scores import EntityScores, score_entities
from gensim_mtner.taggers.adagrad import SQUARES, Table
from gensim_mtner.taggers.base import TaggerEstimator, unchanged_if_it_fails
from gensim_mtner.taggers.features import PLACES, EncodedTokens, encode_tokens
from gensim_mtner.taggers.letters import encode_letters, gather_tokens, spread_tags
from gensim_mtner.taggers.sentences import checked_sentences, labels_of
from gensim_mtner.taggers.viterbi import FORBIDDEN, allowed, transitions, viterbi
from gensim_mtner.taggers.words import Words, index_type, number_words
from gensim_mtner.vectors.rows import check_array, check_choice, check_whole, is_number

logger = logging.getLogger(__name__)

Steps = Callable[[np.ndarray, float], float]  # of some items at a rate; the sum of their losses

PARTS = 20  # of a pass; the step size falls from one to the next
SHARE = 50_000  # tokens that are worth a thread
MOST_THREADS = 8  # all of them write to a few weights, such as those of the bias
LEAST = 1e-30  # probability
N_FEATURES = 2**18  # columns that features of words are hashed to


class SequenceTagger(TaggerEstimator):
    """A linear tagger on hashed features of each token and its neighbours, and on the order of tags.

    Features are the word, its ends, the letters and pairs of letters in it, those of the words up to two places away,
    and shapes: whatever the language, with no resource. Words that were never seen are tagged by what they look like
    and where they stand.

    Parameters
    ----------
    loss : {"sequence", "token"}
        "sequence" is a conditional random field (Lafferty, McCallum and Pereira 2001): transitions between tags are
        trained together with the rest. "token" is softmax regression on each token by itself, with transitions that
        are counted: it believes its labels less, so it learns better from those that are often wrong about where names
        begin and end.
    max_iter : int
        Passes over the sentences.
    alpha : float
        The step size (Adagrad, Duchi et al. 2011), which falls to nothing. The smaller, the less is learnt by heart:
        0.1 suits labels that people gave, 0.03 to 0.05 those that another tagger gave.
    n_features : int
        Features are hashed to so many columns.
    features : {"rich", "plain", "letters"}
        Which features; "plain" are those of older models. With "letters" the letters of a sentence are tagged, whatever
        its words, and a token has the mean of its letters: where words are not separated by spaces, it is not misled by
        words that are cut in another way than those that it was trained on.
    transition_weight : float
        The weight of counted transitions beside the scores of tokens (`loss` "token").
    random_state : int
        Decides the order of training.

    Attributes
    ----------
    classes_ : ndarray of str
        Tags, O first.
    coef_ : ndarray of float32, shape (n_features, n_tags)
    intercept_ : ndarray of float32, shape (n_tags,)
    transitions_ : ndarray, shape (n_tags + 1, n_tags)
        Trained ones, or logarithms of ratios of counts; the last row: at the start of a sentence.
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
        loss: str = "sequence",
        max_iter: int = 4,
        alpha: float = 0.1,
        n_features: int = N_FEATURES,
        features: str = "rich",
        transition_weight: float = 0.5,
        random_state: int = 1,
    ):
        self.loss = loss
        self.max_iter = max_iter
        self.alpha = alpha
        self.n_features = n_features
        self.features = features
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
            Which tags are known; by default all. The other tokens may have any (Tsuboi et al. 2008); with `loss`
            "token" they are context only, and their tags count in the order of tags.
        """
        return self.fit_labels(NERData(X, y), certain=certain)

    def fit_labels(
        self, data: NERData, *, certain: Sequence[np.ndarray] | None = None, workers: int = 1
    ) -> SequenceTagger:
        """As `fit`, for sentences and tags that were checked before.

        Parameters
        ----------
        data : NERData
        certain : sequence of ndarray of bool, optional
            As in `fit`.
        workers : int
            Threads, eight at most. With more than one, where there is enough to learn from, steps are taken without
            locks (Hogwild), and results vary from run to run.
        """
        self.check_arguments()
        check_whole("workers", workers, 1)
        with unchanged_if_it_fails(self):
            self.start(data.tag_names)
            self._learn(data, certain, workers)
        return self

    def _learn(self, data: NERData, certain: Sequence[np.ndarray] | None, workers: int) -> None:
        encoded, tags = self._encode_labelled(data, certain)
        table, known = Table(int(self.n_features), len(data.tag_names)), tags >= 0
        if self.loss == "token":
            self.transitions_[...] = transitions(data.tags, data.tag_names)
            asked = np.flatnonzero(known)
            make = partial(self._token_steps, encoded, tags, table)
        else:
            self.transitions_[...] = np.where(allowed(data.tag_names), 0, FORBIDDEN)
            asked = np.flatnonzero(np.diff(np.append(0, np.cumsum(known))[encoded.bounds]))
            squares = np.full_like(self.transitions_, SQUARES)
            make = partial(self._sequence_steps, encoded, tags, table, squares)
        n_known = int(known.sum())
        threads = max(1, min(workers, MOST_THREADS, n_known // SHARE))
        self._train(asked.astype(index_type(len(tags))), [make() for _ in range(threads)], n_known)
        table.write_to(self.coef_, self.intercept_)

    def _encode_labelled(self, data: NERData, certain: Sequence[np.ndarray] | None) -> tuple[EncodedTokens, np.ndarray]:
        """Sentences as kernels take them, and the tags of their tokens as numbers, or -1 where they are not known."""
        index = {name: number for number, name in enumerate(data.tag_names)}
        certain = [np.ones(len(row), dtype=bool) for row in data.sentences] if certain is None else list(certain)
        if [(np.shape(part), np.asarray(part).dtype) for part in certain] != [
            ((len(row),), np.dtype(bool)) for row in data.sentences
        ]:
            raise ValueError("certain does not fit the sentences: expected an array of bool for each, as long as it")
        tags = np.array([index[name] for row in data.tags for name in row], dtype=np.int32)
        known = np.concatenate([np.zeros(0, dtype=bool), *certain])
        encoded, owners = self._encode(number_words(data.sentences))
        if owners is not None:
            tags, known = spread_tags(tags, owners, data.tag_names), known[owners]
        tags[~known] = -1
        if not (tags >= 0).any():
            raise ValueError("certain leaves no token to train on")
        return encoded if self.loss == "token" else _as_kernels_take(encoded), tags

    def _encode(self, words: Words) -> tuple[EncodedTokens, np.ndarray | None]:
        """Sentences as kernels take them; and where letters are tagged, the token of each."""
        if self.features == "letters":
            return encode_letters(words)
        return encode_tokens(words, self.n_features, self.features), None

    def _train(self, items: np.ndarray, steps: Sequence[Steps], n_tokens: int) -> None:
        """Take a step for each item, which have so many tokens, of each pass, in random order; `steps` are threads'."""
        for number in range(self.max_iter):
            order = np.random.default_rng((self.random_state, number)).permutation(items)
            rates = [self.alpha * (1 - (number + at / PARTS) / self.max_iter) for at in range(PARTS)]
            loss = _take_all(steps, np.array_split(order, len(steps)), rates)
            self.losses_.append(loss / n_tokens)
            logger.info("sequence tagger, pass %i of %i: loss %.4f", number + 1, self.max_iter, self.losses_[-1])

    def _token_steps(self, encoded: EncodedTokens, tags: np.ndarray, table: Table) -> Steps:
        text, work = encoded.text(), np.zeros(table.width, dtype=np.float32)
        return lambda part, rate: train_tokens(
            table.weights, table.bias, *text, encoded.tokens[part].astype(np.int64), tags[part], len(self.classes_),
            rate, work,
        )  # fmt: skip

    def _sequence_steps(self, encoded: EncodedTokens, tags: np.ndarray, table: Table, squares: np.ndarray) -> Steps:
        between = self.transitions_, squares
        text, (scores, work) = encoded.text(), _scratch(encoded, len(self.classes_))
        scores = np.zeros(len(scores) + table.width, dtype=np.float32)
        return lambda part, rate: train_chains(
            table.weights, table.bias, *between, *text, encoded.tokens, tags, encoded.bounds, part.astype(np.int64),
            rate, scores, work,
        )  # fmt: skip

    def check_arguments(self) -> None:
        """Refuse arguments out of their range."""
        check_choice("loss", self.loss, ("sequence", "token"))
        check_choice("features", self.features, (*PLACES, "letters"))
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
        self.features_ = self.features  # of what columns are

    def state(self) -> dict[str, np.ndarray]:
        """All that training changes, by name: arrays that may be written to."""
        return {"coef": self.coef_, "intercept": self.intercept_, "transitions": self.transitions_}

    def check_state(self) -> None:
        """Refuse parameters that do not fit the tags, or `n_features` or `features`, which may have been set since."""
        self._check_classes()
        if getattr(self, "features_", self.features) != self.features:
            raise ValueError(
                f"features={self.features!r}, but fitted with {self.features_!r}: fit anew, or set it back"
            )
        n_tags = len(self.classes_)
        check_array("the tagger's coef_", self.coef_, (self.n_features, n_tags))
        check_array("the tagger's intercept_", self.intercept_, (n_tags,))
        check_array("the tagger's transitions_", self.transitions_, (n_tags + 1, n_tags))

    def _check_transitions(self) -> None:
        if not np.isfinite(self.transitions_).all():
            raise ValueError("the tagger's transitions_ have NaN or infinite numbers: nothing can be told")

    def _check_fitted(self) -> None:
        if not hasattr(self, "classes_"):
            raise NotFittedError("this SequenceTagger is not trained yet: call fit first")

    def predict_log_proba(self, X: Sequence[list[str]]) -> list[np.ndarray]:
        """Logarithms of the probabilities of the tags of each token, shape (n_tokens, n_tags) a sentence.

        With `loss` "sequence" a tag's probability is that of all sequences that have it (the marginal); with "token"
        the token is asked by itself.
        """
        words = self._words(X)
        return words.split(self.log_probabilities(words))

    def _words(self, X: Sequence[list[str]]) -> Words:
        self._check_fitted()
        return number_words(checked_sentences(X))

    def log_probabilities(self, words: Words) -> np.ndarray:
        """As `predict_log_proba`, for the tokens of all sentences, shape (n_tokens, n_tags)."""
        self.check_arguments()
        self.check_state()
        self._check_transitions()
        encoded, owners = self._encode(words)
        encoded = _as_kernels_take(encoded)
        out = np.empty((len(encoded.tokens), len(self.classes_)), dtype=np.float32)
        if self.loss == "token":
            scores(self.coef_, self.intercept_, *encoded.text(), encoded.tokens, out)
            _check_told(out)
            out = log_softmax(out, axis=1)
        else:
            work = _scratch(encoded, len(self.classes_))
            marginals(self.coef_, self.intercept_, self.transitions_, *encoded.text(), encoded.tokens, encoded.bounds,
                      *work, out)  # fmt: skip
            _check_told(out)
            np.log(np.maximum(out, LEAST, out=out), out=out)
        if owners is not None:
            out = gather_tokens(np.exp(out, out=out), owners, self.classes_.tolist())
            np.log(np.maximum(out, LEAST, out=out), out=out)
        return out

    def predict(self, X: Sequence[list[str]]) -> list[list[str]]:
        """The best sequence of tags of each sentence, as valid IOB2."""
        words = self._words(X)
        return self.decode(words, self.log_probabilities(words))

    def decode(self, words: Words, log_probabilities: np.ndarray) -> list[list[str]]:
        """The best sequence of tags of each sentence for logarithms of probabilities, as `log_probabilities` has."""
        self._check_transitions()
        if self.loss == "token":
            path = viterbi(log_probabilities, words.bounds, self.transitions_, self.transition_weight)
        else:  # marginals know of the order of tags already: what is left is that it has to be allowed
            path = viterbi(log_probabilities, words.bounds, np.where(allowed(self.classes_.tolist()), 0, FORBIDDEN))
        return words.tags(self.classes_, path)

    def evaluate(self, data: NERData) -> EntityScores:
        """Entity precision, recall and F1 on labelled sentences."""
        return score_entities(labels_of(data).tags, self.predict(data.sentences))

    def score(self, X: Sequence[list[str]], y: Sequence[list[str]]) -> float:
        """Entity F1 (strict, between 0 and 1)."""
        return self.evaluate(NERData(X, y)).f1 / 100


def _take_all(steps: Sequence[Steps], shares: Sequence[np.ndarray], rates: Sequence[float]) -> float:
    """Steps for the items of each share, as many of them at each rate, each share in a thread; the sum of their losses.

    What ends one of them, or a signal, ends the others after a part.
    """
    if len(steps) == 1:  # in this thread, which signals reach
        return _take(steps[0], shares[0], rates, lambda: False)
    stop = threading.Event()
    with ThreadPoolExecutor(len(steps)) as pool:
        try:
            todo = [pool.submit(_take, *job, rates, stop.is_set) for job in zip(steps, shares, strict=True)]
            wait(todo, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()  # no more than a part is left to do, or nothing
        return sum(job.result() for job in todo)


def _take(steps: Steps, items: np.ndarray, rates: Sequence[float], stopped: Callable[[], bool]) -> float:
    parts = zip(np.array_split(items, len(rates)), rates, strict=True)
    return sum(steps(part, rate) for part, rate in parts if not stopped())


def _as_kernels_take(encoded: EncodedTokens) -> EncodedTokens:
    """Places of all tokens in the numbers that kernels take, in place of those that are kept."""
    return encoded._replace(tokens=encoded.tokens.astype(np.int64))


def _check_told(scores: np.ndarray) -> None:
    if not np.isfinite(scores).all():
        raise ValueError("the tagger's parameters have NaN or infinite numbers: nothing can be told")


def _scratch(encoded: EncodedTokens, n_tags: int) -> tuple[np.ndarray, np.ndarray]:
    """What the kernels of chains write to: see `train_chains`."""
    longest = max(1, int(np.diff(encoded.bounds).max(initial=0)))
    return (
        np.empty(longest * n_tags, dtype=np.float32),
        np.empty(5 * longest * n_tags + 3 * (n_tags + 1) * n_tags, dtype=np.float64),
    )
