"""Labelled sentences as arrays of rows and tags, as the taggers on vectors take them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.labels.ner import NERData
from gensim_mtner.taggers.words import number_words
from gensim_mtner.text.languages import key
from gensim_mtner.text.sides import half_a_character
from gensim_mtner.vectors.rows import check_array, check_offsets, check_range
from gensim_mtner.vectors.spelling import rows_of


def checked_sentences(X: Any, language: str | None = None) -> list[list[str]]:
    """Sentences to tag, as lists of tokens; the one door for what a caller has in memory.

    Parameters
    ----------
    X : iterable of iterable of str
        Lists, tuples, numpy arrays or generators.
    language : str, optional
        Theirs, for what the error says.

    Raises
    ------
    TypeError
        If sentences or tokens are of another kind; the error names sentence and token.
    ValueError
        If a token is empty, or has half of a surrogate pair, which is no character.
    """
    nothing = isinstance(X, np.ndarray) and not X.ndim  # which numpy calls iterable
    if isinstance(X, (str, bytes, Mapping, NERData)) or not isinstance(X, Iterable) or nothing:
        more = ": pass its .sentences" if isinstance(X, NERData) else ""
        raise TypeError(f"sentences are {type(X).__name__}: expected a list of sentences, each a list of tokens{more}")
    return [_checked_sentence(number, sentence, language) for number, sentence in enumerate(X, 1)]


def _checked_sentence(number: int, sentence: Any, language: str | None) -> list[str]:
    if isinstance(sentence, str):
        raise TypeError(
            f"sentence {number} is text: expected a list of tokens; "
            f"gensim_mtner.text.segmentation.tokenizer({language or 'en'!r}) makes one"
        )
    # the tokens of a set have no order
    if isinstance(sentence, (bytes, Mapping, set, frozenset)) or not isinstance(sentence, Iterable):
        raise TypeError(f"sentence {number} is {type(sentence).__name__}: expected a list of tokens")
    if isinstance(sentence, np.ndarray) and sentence.ndim != 1:
        raise TypeError(f"sentence {number} is an array of {sentence.ndim} dimensions: expected a list of tokens")
    tokens = sentence if type(sentence) is list else list(sentence)
    if set(map(type, tokens)) <= {str} and "" not in tokens and not half_a_character("".join(tokens)):
        return tokens
    for place, token in enumerate(tokens, 1):
        if not isinstance(token, str):
            raise TypeError(f"sentence {number}, token {place} is {token!r} ({type(token).__name__}): expected text")
        if not token:
            raise ValueError(f"sentence {number}, token {place} is empty: expected text")
        if wrong := half_a_character(token):
            raise ValueError(f"sentence {number}, token {place}: {wrong}; was the text read with the right encoding?")
    return tokens


def labels_of(data: Any, name: str = "ner_data") -> NERData:
    """Refuse what is not labelled data, such as a path."""
    if not isinstance(data, NERData):
        path = repr(os.fspath(data)) if isinstance(data, (str, os.PathLike)) else "path"
        raise TypeError(f"{name} is {type(data).__name__}: expected NERData, e.g. NERData.from_iob2({path})")
    return data


class EncodedSentences:
    """Labelled sentences as arrays, in the form that the tagger kernel takes.

    Tokens without a row are left out; they cannot train anything.

    Parameters
    ----------
    sentences : sequence of list of str
        Tokens.
    vectors : KeyedVectors
        Rows by key.
    language : str or None
        The prefix of the keys.
    oov_row : int
        The row of unknown words, or -1 if there is none.
    tags : sequence of list of str, optional
        Tags, aligned with the tokens.
    tag_names : sequence of str
        The classes; a tag becomes its place here.

    Attributes
    ----------
    rows, tags : ndarray of int32, shape (n_tokens,)
    rare : ndarray of uint8, shape (n_tokens,)
        Whether the word occurs once in these sentences and may be replaced by the OOV row.
    offsets : ndarray of int64, shape (n_sentences + 1,)
    translations : ndarray of int32, shape (n_keys,)
        The row that may stand in for each row, or -1; none at first.
    """

    def __init__(
        self,
        sentences: Sequence[list[str]],
        vectors: KeyedVectors,
        language: str | None,
        oov_row: int,
        tags: Sequence[list[str]],
        tag_names: Sequence[str],
    ):
        index = {name: number for number, name in enumerate(tag_names)}
        if [len(sentence) for sentence in sentences] != [len(names) for names in tags]:
            raise ValueError("sentences and tags differ in length: expected a tag for each token")
        words = number_words(sentences)
        known = np.array(rows_of(vectors, words.names, language), dtype=np.int32)
        once = (words.tokens == 1) & (known >= 0) & (oov_row >= 0)
        rows = np.where(known < 0, oov_row, known)[words.numbers]
        kept = rows >= 0
        if not (known >= 0).any():
            raise ValueError(
                f"the vocabulary holds none of the {len(rows)} labelled tokens (looked up with the prefix "
                f"{key('', language)!r}, e.g. {key(''.join(words.names[1:2]), language)!r}): check the language "
                "and the segmentation"
            )
        numbers = np.fromiter(map(index.__getitem__, chain.from_iterable(tags)), np.int32, len(rows))
        self.rows = rows[kept].astype(np.int32)
        self.tags = numbers[kept]
        self.rare = once[words.numbers][kept].astype(np.uint8)
        self.offsets = np.append(0, np.cumsum(kept, dtype=np.int64))[words.bounds]
        self.oov_row = oov_row
        self.translations = np.full(len(vectors.key_to_index), -1, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def longest(self) -> int:
        """The number of tokens of the longest sentence."""
        return int(np.diff(self.offsets).max())

    def check(self, n_rows: int, n_tags: int, order: np.ndarray) -> None:
        """Refuse sentences that do not fit vectors of `n_rows` rows, `n_tags` tags, or an order of them."""
        n = len(self.rows)
        for name, dtype in (("rows", np.int32), ("tags", np.int32), ("rare", np.uint8)):
            check_array(f"{name} of the sentences", getattr(self, name), (n,), dtype)
        check_array("offsets of the sentences", self.offsets, (len(self.offsets),), np.int64)
        check_offsets("offsets of the sentences", self.offsets, n)
        check_range("rows of the sentences", self.rows, 0, n_rows)
        check_range("tags of the sentences", self.tags, 0, n_tags)
        check_range("the row of unknown words", np.array([self.oov_row]), 0 if self.rare.any() else -1, n_rows)
        check_array("translations", self.translations, (n_rows,), np.int32)
        check_range("translations", self.translations, -1, n_rows)
        check_range("the order of sentences", order, 0, len(self))
