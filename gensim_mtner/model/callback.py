"""The tagger's turns between skip-gram epochs, as a callback of gensim."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import numpy as np
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from gensim.models.fasttext import FastTextKeyedVectors

from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.arrays import lock_of
from gensim_mtner.taggers.base import DROPOUT, VectorTagger, unchanged_if_it_fails
from gensim_mtner.taggers.sentences import EncodedSentences, labels_of
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.vectors.rows import check_whole, is_number

logger = logging.getLogger(__name__)


class NERCallback(CallbackAny2Vec):
    """Tagger updates between skip-gram epochs, on the same ``wv.vectors``.

    Works by itself with a plain gensim model::

        Word2Vec(sentences, sg=1, callbacks=[NERCallback(ner_data)])

    There, a pass over the labelled sentences follows each epoch. `gensim_mtner.MTWord2Vec` makes its own and
    may split the pass into several rounds an epoch. Labelled words without a row are left out.

    Parameters
    ----------
    ner_data : NERData
        Labelled sentences of the source language.
    tagger : UnigramTagger or LSTMCRFTagger, optional
        Holds the parameters and how they are trained; by default a new one, with the paper's dropout of 0.3 if it moves
        vectors, which one of your own has only if you say so. If it is trained already, training goes on from there.
    language : str, optional
        The prefix of the model's keys ("en" for ``en:Spain``), for the new tagger.
    alpha : float, optional
        The step size of the tagger's own parameters after the warm-up; by default ``tagger.alpha``.
    vector_alpha : float
        The step size of the word vectors.
    ner_weight : float
        What both step sizes are multiplied by (alpha of eq. 1).
    warmup : int
        Passes that train the tagger alone, before its first steps on the vectors.

    Attributes
    ----------
    tagger : UnigramTagger
    losses : list of float
        The mean loss of a sentence, by update.
    translations : ndarray of int32, shape (n_keys,), or None
        Rows that may stand in for the rows of labelled words; see `gensim_mtner.vectors.neighbours.translations`.

    Examples
    --------
    >>> from gensim.models import Word2Vec
    >>> callback = NERCallback(NERData([["Ann", "saw", "Bob"]], [["B-PER", "O", "B-PER"]]))
    >>> model = Word2Vec([["Ann", "saw", "Bob"]] * 9, vector_size=8, min_count=1, callbacks=[callback], workers=1)
    >>> callback.tagger.predict([["Bob", "saw"]])
    [['B-PER', 'O']]
    """

    def __init__(
        self,
        ner_data: NERData,
        *,
        tagger: VectorTagger | None = None,
        language: str | None = None,
        alpha: float | None = None,
        vector_alpha: float = 0.1,
        ner_weight: float = 0.5,
        warmup: int = 10,
    ):
        self.ner_data = labels_of(ner_data)
        if tagger is not None and not isinstance(tagger, VectorTagger):
            raise TypeError(f"tagger is {type(tagger).__name__}: expected a UnigramTagger or an LSTMCRFTagger")
        for name, value in (("alpha", 0 if alpha is None else alpha), ("vector_alpha", vector_alpha),
                            ("ner_weight", ner_weight)):  # fmt: skip
            if not is_number(value) or value < 0:
                raise ValueError(f"{name}={value!r}: expected a number from 0")
        check_whole("warmup", warmup, 0)
        if tagger is None:
            usual = UnigramTagger(language=language)
            tagger = usual.set_params(dropout=DROPOUT) if vector_alpha else usual
        self.tagger: VectorTagger = tagger
        self.alpha, self.vector_alpha = alpha, vector_alpha
        self.ner_weight = ner_weight
        self.warmup = warmup
        self.losses: list[float] = []
        self.translations: np.ndarray | None = None
        self.passes = 0  # how many orders of the sentences have been drawn
        self._encoded: EncodedSentences | None = None
        self._pending: list[np.ndarray] = []

    # -- hooks of gensim

    def on_train_begin(self, model: Word2Vec) -> None:
        """Look the words up in the model's vocabulary; train the tagger alone for `warmup` passes if it is new."""
        self.prepare(model)

    def on_epoch_end(self, model: Word2Vec) -> None:
        """One pass over the labelled sentences, unless the model calls for rounds itself."""
        if not getattr(model, "calls_rounds", False):
            self.update(model)

    # -- the work

    def prepare(self, model: Word2Vec) -> None:
        """See `on_train_begin`."""
        tagger = self.tagger
        if self.vector_alpha and isinstance(model.wv, FastTextKeyedVectors):
            raise TypeError(
                f"vector_alpha={self.vector_alpha}: FastText makes wv.vectors anew from its n-grams, and the tagger's "
                "steps on them would be lost: train a Word2Vec, or pass vector_alpha=0"
            )
        tagger.vectors = model.wv
        if hasattr(tagger, "classes_"):
            self._encode(model)
            return
        with unchanged_if_it_fails(tagger):  # or it would be taken for one that is warm
            tagger.start(self.ner_data.tag_names, model.wv.vector_size)
            encoded = self._encode(model)
            logger.info("the tagger learns alone, %i passes over %i sentences", self.warmup, len(encoded))
            for _ in range(self.warmup):
                order = tagger.order(len(encoded), self.passes)
                self.passes += 1
                self.losses.append(tagger.update(model.wv.vectors, encoded, order, epoch=self.passes))

    def _encode(self, model: Word2Vec) -> EncodedSentences:
        """Look the words up in the model's vocabulary."""
        self._encoded = self.tagger.encode(self.ner_data, model.wv)
        if self.translations is not None:
            self._encoded.translations = self.translations
        return self._encoded

    def update(self, model: Word2Vec, *, rounds: int = 1) -> float:
        """Take the next ``1 / rounds`` of a pass over the labelled sentences.

        Returns
        -------
        float
            The mean loss of a sentence.
        """
        if self._encoded is None:
            self.prepare(model)
        assert self._encoded is not None
        if not self._pending:
            order = self.tagger.order(len(self._encoded), self.passes)
            self._pending = [part for part in np.array_split(order, rounds) if len(part)]
            self.passes += 1
        vectors, lock = model.wv.vectors, lock_of(model)
        # gensim's promise for skip-gram, kept for the tagger's steps too: a row moves by so much of its steps
        held = np.flatnonzero(np.broadcast_to(lock, len(vectors)) != 1)
        before = vectors[held]
        loss = self.tagger.update(
            vectors,
            self._encoded,
            self._pending.pop(0),
            alpha=self.ner_weight * (self.tagger.alpha if self.alpha is None else self.alpha),
            vector_alpha=self.ner_weight * self.vector_alpha,
            epoch=self.passes,
        )
        if len(held) and self.vector_alpha:
            vectors[held] = before + np.broadcast_to(lock, len(vectors))[held, None] * (vectors[held] - before)
        model.wv.norms = None  # rows have moved; gensim caches their norms
        self.losses.append(loss)
        return loss

    @property
    def pending(self) -> int:
        """How many parts of the last pass are still to be taken."""
        return len(self._pending)

    def go_on(self, model: Word2Vec, passes: int, rounds: int, pending: int) -> None:
        """Be where another callback was after `passes` passes in `rounds` parts, with `pending` of the last one."""
        self.prepare(model)
        assert self._encoded is not None
        self.passes = passes
        if pending:
            order = self.tagger.order(len(self._encoded), passes - 1)
            self._pending = [part for part in np.array_split(order, rounds) if len(part)][-pending:]

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_encoded": None, "_pending": []}


def checked_callbacks(callbacks: Any) -> list[CallbackAny2Vec]:
    """Callbacks as a list, as they are called again and again.

    Raises
    ------
    TypeError
        If one of them is no callback, or a NERCallback: MTWord2Vec makes its own, and would give it no turn.
    """
    if callbacks is None:
        return []
    if isinstance(callbacks, (str, CallbackAny2Vec)) or not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks is {type(callbacks).__name__}: expected a list of CallbackAny2Vec")
    found = list(callbacks)
    for number, callback in enumerate(found, 1):
        # gensim asks for the methods, not for the class
        hooks = (f"on_{what}_{when}" for what in ("train", "epoch") for when in ("begin", "end"))
        if isinstance(callback, type) or not all(callable(getattr(callback, hook, None)) for hook in hooks):
            kind = callback.__name__ if isinstance(callback, type) else type(callback).__name__
            what = "a class: expected an object of it" if isinstance(callback, type) else "no CallbackAny2Vec"
            raise TypeError(f"callbacks: number {number} ({kind}) is {what}, with on_train_begin, on_epoch_end, ...")
        if isinstance(callback, NERCallback):
            raise TypeError("callbacks has a NERCallback, which is for gensim's Word2Vec: pass ner_data= instead")
    return found
