"""Sentences as numbers of their words, so that what is asked of a word is asked once for all its places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from gensim_mtner.text.languages import are_composed, composed

EDGE = ""  # stands beyond both ends of a sentence


def index_type(size: int) -> type[np.signedinteger]:
    """What places in an array of this size are kept as: there are millions, and half of the bytes are enough."""
    return np.int32 if size < 1 << 31 else np.int64


class Words(NamedTuple):
    """The words of sentences.

    Attributes
    ----------
    names : list of str
        Each word once; the first is `EDGE`.
    numbers : ndarray of int64, shape (n_tokens,)
        The word of each token, all sentences one after the other.
    bounds : ndarray of int64, shape (n_sentences + 1,)
        Which tokens are of which sentence: ``numbers[bounds[s]:bounds[s + 1]]``.
    """

    names: list[str]
    numbers: np.ndarray
    bounds: np.ndarray

    @property
    def tokens(self) -> np.ndarray:
        """How many tokens each word is."""
        return np.bincount(self.numbers, minlength=len(self.names))

    def split(self, of_tokens: np.ndarray) -> list[np.ndarray]:
        """What there is of each token, by sentence."""
        return [of_tokens[start:stop] for start, stop in pairwise(self.bounds.tolist())]

    def tags(self, names: np.ndarray, of_tokens: np.ndarray) -> list[list[str]]:
        """The tag of each token by its number in `names`, as `split`, in lists: all are the same few strings."""
        whole = list(map(names.tolist().__getitem__, of_tokens.tolist()))
        return [whole[start:stop] for start, stop in pairwise(self.bounds.tolist())]


def number_words(X: Sequence[Sequence[str]]) -> Words:
    """Number the words of sentences in the order in which they come, spelled as taggers know them.

    Examples
    --------
    >>> number_words([["a", "b"], ["b"]]).numbers.tolist()
    [1, 2, 2]
    """
    bounds = np.cumsum([0, *map(len, X)], dtype=np.int64)
    index: dict[str, int] = dict.fromkeys(chain([EDGE], chain.from_iterable(X)), 0)
    names = list(index)
    if not are_composed(names):
        names = list(dict.fromkeys(map(composed, names)))
        places = {name: number for number, name in enumerate(names)}
        index = {name: places[composed(name)] for name in index}
    else:
        for number, name in enumerate(names):
            index[name] = number
    numbers = np.fromiter(map(index.__getitem__, chain.from_iterable(X)), np.int64, int(bounds[-1]))  # type: ignore[arg-type]
    return Words(names, numbers, bounds)
