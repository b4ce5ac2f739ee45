"""A pair of documents before and after segmentation."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gensim_mtner.text import segmentation
from gensim_mtner.text.sides import Sentences, check_ordered, is_missing, sentences_of


class RawPair(NamedTuple):
    """A pair before segmentation; a side that is absent is None."""

    place: str  # names the item in error messages
    id: str
    source: Any
    target: Any


class DocumentPair(NamedTuple):
    """A document in each language, as sentences of tokens."""

    id: str
    source: Sentences
    target: Sentences


def raw_pair(item: Any, number: int, source: str, target: str) -> RawPair:
    """An item that a caller gave as a pair: a tuple, a list, a row of an array, or a mapping from the language codes.

    Raises
    ------
    ValueError
        If it is something else, with its number.
    """
    place = f"pair {number}"
    if {source, target} <= {*getattr(item, "_fields", ())}:  # a named tuple, whose order may be another
        item = item._asdict()
    if isinstance(item, Mapping):
        return mapped_pair(item, place, number, source, target)
    if isinstance(item, np.ndarray) and item.ndim == 1:
        item = item.tolist()
    if isinstance(item, (tuple, list)) and len(item) == 3:
        return RawPair(place, _identifier(item[0], number), item[1], item[2])
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return RawPair(place, str(number), item[0], item[1])
    found = f"a {type(item).__name__} of {len(item)}" if isinstance(item, (tuple, list)) else type(item).__name__
    raise ValueError(
        f"{place}: expected (id, source, target), (source, target) or a mapping with keys "
        f"{source!r} and {target!r}, got {found}"
    )


def mapped_pair(item: Mapping, place: str, number: int, source: str, target: str, id_key: str = "id") -> RawPair:
    """A pair of a mapping, in memory or in a line of JSON.

    The languages may be one level below, under "translation", as in data sets of Hugging Face.

    Raises
    ------
    ValueError
        If it has neither language.
    """
    texts = item
    if source not in item and target not in item and isinstance(item.get("translation"), Mapping):
        texts = item["translation"]
    if source not in texts and target not in texts:
        raise ValueError(
            f"{place}: has neither {source!r} nor {target!r}; its keys are {', '.join(map(repr, texts)) or 'none'}"
        )
    if source not in texts or target not in texts:
        place = f"{place} (its keys are {', '.join(map(repr, texts))})"
    name = None if id_key in (source, target) else item.get(id_key)  # "id" is Indonesian, too
    return RawPair(place, _identifier(name, number), texts.get(source), texts.get(target))


def _identifier(value: Any, number: int) -> str:
    return str(number if is_missing(value) else value)


def rows_of(pairs: Any) -> Readable:
    """What can be gone through for pairs, again and again: a data frame by its rows, the rest as it is.

    Raises
    ------
    TypeError
        If it cannot be, or is another thing: a path, a mapping of parts, an iterator.
    """
    if isinstance(pairs, Iterator):
        raise TypeError(
            "pairs can be iterated only once (a generator or an open file), but training reads it several "
            "times: pass a list, or a function that returns a new iterator"
        )
    check_ordered("pairs", pairs)
    if isinstance(pairs, (str, bytes, os.PathLike)):
        raise TypeError(f"pairs is a path or a string ({pairs!r}): use ComparableCorpus.from_jsonl or its kin")
    if isinstance(pairs, Mapping):
        raise TypeError(
            f"pairs is a mapping with the keys {', '.join(map(repr, itertools.islice(pairs, 5)))}: expected pairs one "
            "after the other; of a data set in parts pass one, such as data['train'], and one pair in a list"
        )
    if hasattr(pairs, "itertuples") and hasattr(pairs, "columns"):  # pandas
        return Readable(partial(_frame_rows, pairs))
    if hasattr(pairs, "iter_rows") and hasattr(pairs, "columns"):  # polars
        return Readable(partial(pairs.iter_rows, named=True))
    if not callable(pairs) and not hasattr(pairs, "__iter__") and not hasattr(pairs, "__getitem__"):
        raise TypeError(
            f"pairs is {type(pairs).__name__}: expected pairs, or a function that makes an iterator of them"
        )
    return Readable(pairs)


class Readable:
    """Pairs that are gone through again and again; what hands out the same iterator each time is refused.

    Parameters
    ----------
    pairs : iterable or callable
    """

    def __init__(self, pairs: Any):
        self.pairs = pairs
        self.last: Callable[[], Any] | None = None  # the iterator of the last reading

    def __call__(self) -> Iterator[Any]:
        """Begin anew."""
        rows = iter(self.pairs() if callable(self.pairs) else self.pairs)
        if self.last is not None and rows is self.last():
            raise TypeError("pairs can be iterated only once: their iterator is the same each time, and training reads "
                            "them several times; pass a list, or a function that returns a new iterator")  # fmt: skip
        try:  # a generator that nobody goes on with may have a file open
            self.last = weakref.ref(rows)
        except TypeError:
            self.last = lambda: rows
        return rows

    def __getstate__(self) -> dict[str, Any]:
        return {"pairs": self.pairs, "last": None}


def _frame_rows(frame: Any) -> Iterator[dict[Any, Any]]:
    names = list(frame.columns)
    return (dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None))


def check_tokenizers(tokenizers: Any, source: str, target: str) -> None:
    """Refuse tokenizers that are none, or of another language.

    Raises
    ------
    TypeError, ValueError
    """
    if tokenizers is not None and not isinstance(tokenizers, Mapping):
        raise TypeError(f"tokenizers is {type(tokenizers).__name__}: expected a callable by language code")
    for language, cut in (tokenizers or {}).items():
        if not callable(cut):
            raise TypeError(f"tokenizers[{language!r}] is {cut!r}: expected a callable, from text to tokens")
        if language not in (source, target):
            raise ValueError(f"tokenizers has {language!r}, but the languages are {source!r} and {target!r}")


class PairSegmenter:
    """Turns pairs into sentences of tokens; it holds languages and tokenizers, and no document.

    Parameters
    ----------
    source, target : str
        Language codes.
    tokenizers : dict of str to callable
        For a language, what is used in place of `gensim_mtner.text.segmentation.tokenizer`'s choice.
    """

    def __init__(self, source: str, target: str, tokenizers: Mapping[str, segmentation.Tokenizer]):
        self.source, self.target = source, target
        self.tokenizers = dict(tokenizers)

    def how_cut(self) -> segmentation.HowCut:
        """What is known of the tokenizers that were given."""
        return segmentation.how_cut(self.tokenizers)

    def __call__(self, pair: RawPair) -> DocumentPair:
        """A raw pair as sentences of tokens."""
        return DocumentPair(
            pair.id,
            self.sentences(pair.source, self.source, pair.place),
            self.sentences(pair.target, self.target, pair.place),
        )

    def sentences(self, document: Any, language: str, place: str) -> Sentences:
        """The sentences of one document; `place` names it in error messages."""
        return sentences_of(document, language, place, self.tokenizers.get(language))
