"""gensim's public methods that would break a model of two languages: mended where they can be, or else refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NoReturn

import numpy as np
from gensim.models import Word2Vec
from scipy.special import softmax

from gensim_mtner.model.arguments import OWN_TAGGERS, check_found, check_sizes
from gensim_mtner.vectors.rows import check_array, check_whole


class InheritedWord2Vec(Word2Vec):
    """Word2Vec without the ways to give it a vocabulary whose words have no language; see the page "gensim"."""

    source: str | None
    target: str | None
    source_size: int
    target_size: int
    history: list[dict[str, Any]]
    passes: int
    updates: int
    _text: Any

    def _refuse(self, method: str, instead: str) -> NoReturn:
        raise NotImplementedError(f"{method} would leave rows without a language or a context: {instead}")

    def build_vocab_from_freq(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported: frequencies do not say which documents there are, and which side a word is of."""
        self._refuse("build_vocab_from_freq", "build_vocab(corpus) counts words itself")

    def prepare_vocab(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Not supported; see `build_vocab`."""
        self._refuse("prepare_vocab", "build_vocab(corpus) does it all")

    def add_null_word(self) -> NoReturn:
        """Not supported: the null word is for models that concatenate vectors."""
        self._refuse("add_null_word", "the OOV row, the last, is what unknown words have")

    def update_weights(self) -> NoReturn:
        """Not supported: the vocabulary does not grow."""
        self._refuse("update_weights", "make a new model of all pairs, with init_vectors=[model.wv]")

    def create_binary_tree(self) -> NoReturn:
        """Not supported: it is for hierarchical softmax."""
        self._refuse("create_binary_tree", "training is by negative sampling only (hs=0)")

    def reset_from(self, other_model: Any) -> None:
        """Take the vocabulary of another model of two languages, and begin with untrained vectors, without taggers.

        Parameters
        ----------
        other_model : MTWord2Vec
            Its words and counts are shared from then on.

        Raises
        ------
        TypeError
            If it is of another class: its words have no language.
        """
        if not isinstance(other_model, InheritedWord2Vec):
            raise TypeError(
                f"other_model is {type(other_model).__name__}: expected MTWord2Vec, whose words have a language"
            )
        check_sizes(other_model)
        super().reset_from(other_model)
        for name in ("source", "target", "source_size", "target_size", "corpus_total_words", "segmented"):
            setattr(self, name, getattr(other_model, name))
        self.wv.expandos = {"count": np.array(self.wv.expandos["count"])}  # gensim shares the other model's
        self.make_tables()  # by what this model has
        self.begin_anew()
        self.wv.vectors_lockf = np.ones(len(self.wv), dtype=np.float32)

    def begin_anew(self) -> None:
        """Forget what was learnt, and how: it belongs to vectors that are gone."""
        for name in ("tagger", "source_rate"):
            self.__dict__.pop(name, None)
        self.drop_own_taggers()
        self.train_count = self.passes = self.updates = self.ner_passes = 0
        self.pretrained = False
        self.running_training_loss = self.total_train_time = 0.0
        self.random = np.random.RandomState(self.seed)
        self.history = []
        self._text = None

    def drop_own_taggers(self, but: Collection[str] = ()) -> None:
        """Forget the taggers of each language, but for some: they learnt from what was known before."""
        for name in {*OWN_TAGGERS, "target_agreement"}.difference(but):
            self.__dict__.pop(name, None)

    def predict_output_word(self, context_words_list: Any, topn: int = 10) -> list[tuple[str, float]] | None:
        """The likeliest centre words of either language for some words around them, as in gensim.

        Words that the corpus does not have (of the labels only, and the OOV row) are left out: their contexts were
        never trained.

        Parameters
        ----------
        context_words_list : list of str or int
            Keys, such as ``en:Spain``, or rows.
        topn : int
            How many.

        Returns
        -------
        list of (str, float), or None
            Keys and their probabilities; None if no word is known.
        """
        topn = check_whole("topn", topn, 1)
        check_sizes(self)
        check_array("syn1neg", self.syn1neg, (len(self.wv), self.vector_size))
        if isinstance(context_words_list, (str, bytes)) or not isinstance(context_words_list, Iterable):
            raise TypeError(f"context_words_list is {type(context_words_list).__name__}: expected a list of keys")
        words, index = list(context_words_list), self.wv.key_to_index
        check_found([index.get(word, 0) if isinstance(word, str) else word for word in words], len(self.wv))
        rows = [index.get(word, -1) if isinstance(word, str) else int(word) for word in words]
        rows = [row for row in rows if row >= 0]
        if not rows:
            return None
        hidden = self.wv.vectors[rows].astype(np.float64).sum(axis=0) / (len(rows) if self.cbow_mean else 1)
        trained = np.flatnonzero(self.wv.expandos["count"])
        scores = self.syn1neg[trained].astype(np.float64) @ hidden
        if not np.isfinite(scores).all():
            raise ValueError("wv.vectors or syn1neg have components that are not finite: no word can be predicted")
        shares = softmax(scores)  # as gensim does it, but for the words that were trained, and without an overflow
        best = np.argsort(-shares, kind="stable")[:topn]
        return [(self.wv.index_to_key[trained[place]], float(shares[place])) for place in best]
