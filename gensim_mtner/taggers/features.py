"""What a word looks like, and what stands beside it, as hashed features of tokens; nothing in it is of one language."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import FeatureHasher

EDGE = ""  # stands beyond both ends of a sentence


def shape(word: str) -> str:
    """The kind of a word: digits, all capitals, capitalised, lower case, letters without case, or else punctuation.

    Examples
    --------
    >>> [shape(word) for word in ("1999", "NBA", "Spain", "joined", "西班牙", "。")]
    ['digits', 'capitals', 'capitalised', 'lower', 'letters', 'other']
    """
    if word.isdigit():
        return "digits"
    if word[:1].isupper():
        return "capitals" if word.isupper() and len(word) > 1 else "capitalised"
    if word.islower():
        return "lower"
    return "letters" if word.isalpha() else "other"


def own(word: str) -> list[str]:
    """Features of a word for itself: the word, its ends, the letters and pairs of letters in it, length, shape."""
    ends = [f"{kind}{word[:n] if kind == '<' else word[-n:]}" for n in (1, 2, 3) if len(word) >= n for kind in "<>"]
    inner = {f"~{word[i : i + n]}" for n in (1, 2) for i in range(len(word) - n + 1)}
    return [f"={word}", f"#{min(len(word), 6)}", f"/{shape(word)}", *ends, *sorted(inner)]


def near(word: str) -> list[str]:
    """Features of a word for the token beside it."""
    return [f"={word}", f"#{min(len(word), 4)}", f"/{shape(word)}", f"<{word[:1]}", f">{word[-1:]}", f"}}{word[-2:]}"]


def far(word: str) -> list[str]:
    """Features of a word for the token two places away."""
    return [f"={word}"]


# where the words stand, from a token, that it has features of
PLACES = {0: own, -1: near, 1: near, -2: far, 2: far}


class EncodedTokens(NamedTuple):
    """Sentences as the kernels of `gensim_mtner._linear` take them; see there."""

    starts: np.ndarray
    columns: np.ndarray
    words: np.ndarray
    places: np.ndarray
    n_words: int
    tokens: np.ndarray


def encode_tokens(X: Sequence[Sequence[str]], n_features: int) -> EncodedTokens:
    """Number the words of sentences, and hash the features of each word once (Weinberger et al. 2009).

    Parameters
    ----------
    X : sequence of sequence of str
        Tokens.
    n_features : int
        The number of columns that features are hashed to.
    """
    index: dict[str, int] = {EDGE: 0}
    # edges between sentences, as wide as places reach, so that no token sees beyond its own sentence
    edge = array("i", [0] * max(map(abs, PLACES)))
    words, inside = array("i", edge), bytearray(len(edge))
    for sentence in X:
        words.extend(index.setdefault(word, len(index)) for word in sentence)
        words.extend(edge)
        inside += b"\1" * len(sentence) + bytes(len(edge))
    hasher = FeatureHasher(n_features, input_type="string", alternate_sign=False, dtype=np.float32)
    tables = [hasher.transform([f"{place}{name}" for name in kind(word)] for word in index)
              for place, kind in PLACES.items()]  # fmt: skip
    ends = np.cumsum([0, *(table.nnz for table in tables)])
    return EncodedTokens(
        starts=np.concatenate([[0], *(table.indptr[1:] + end for table, end in zip(tables, ends, strict=False))])
        .astype(np.int64),
        columns=np.concatenate([table.indices for table in tables]).astype(np.int32),
        words=np.frombuffer(words, dtype=np.intc).astype(np.int32),
        places=np.array(list(PLACES), dtype=np.int32),
        n_words=len(index),
        tokens=np.flatnonzero(np.frombuffer(inside, dtype=np.uint8)).astype(np.int64),
    )  # fmt: skip
