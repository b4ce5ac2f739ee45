"""Sentences as letters: what a tagger of letters is trained on, and what it says about tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import regex
from sklearn.utils import murmurhash3_32

from gensim_mtner.labels.schemes import OUTSIDE, parts
from gensim_mtner.taggers.features import REACH, EncodedTokens, between_edges, shape
from gensim_mtner.taggers.words import EDGE, Words, index_type
from gensim_mtner.text.segmentation import NO_SPACES

# letters of scripts that separate words, and digits, stay together ("NBA", "1999"); others are alone, with their marks
_LETTER = regex.compile(rf"(?:(?!{NO_SPACES})[\p{{L}}\p{{M}}\p{{N}}.\-])+|\X", regex.VERSION1)
# where the letters of each run stand from the one that is tagged; the last is a run of shapes
RUNS = (
    *((place,) for place in range(-3, 4)),
    *((place, place + 1) for place in range(-3, 3)),
    *((place, place + 1, place + 2) for place in range(-2, 1)),
    (-1, 1),
    (-1, 0, 1),
)


def split_letters(token: str) -> list[str]:
    """The letters of a token: of a script without spaces, one by one; of others, and digits, as they stand together.

    Examples
    --------
    >>> split_letters("马德里"), split_letters("2-NBA队")
    (['马', '德', '里'], ['2-NBA', '队'])
    """
    return _LETTER.findall(token)


def encode_letters(words: Words) -> tuple[EncodedTokens, np.ndarray]:
    """Number the letters of sentences, and hash them; kernels make the columns of their runs of these hashes.

    Parameters
    ----------
    words : Words
        Of the sentences.

    Returns
    -------
    EncodedTokens
        Whose tokens are letters.
    ndarray of int, shape (n_letters,)
        The token of each, counted over all sentences.
    """
    index: dict[str, int] = {EDGE: 0}
    parts = [[index.setdefault(letter, len(index)) for letter in split_letters(name)] for name in words.names]
    sizes = np.fromiter(map(len, parts), np.int64, len(parts))
    letters = np.fromiter(chain.from_iterable(parts), np.int32, int(sizes.sum()))
    lengths = sizes[words.numbers]
    ends = np.append(0, np.cumsum(lengths))
    kind = index_type(int(ends[-1]))
    owners = np.repeat(np.arange(len(lengths), dtype=kind), lengths)
    # how far the letters of a word are in `letters` from where they are in the text
    away = ((np.cumsum(sizes) - sizes)[words.numbers] - ends[:-1]).astype(kind)
    bounds = ends[words.bounds]
    tokens = between_edges(bounds)
    padded = np.zeros(len(tokens) + REACH * len(bounds), dtype=np.int32)
    padded[tokens] = letters[np.arange(len(owners), dtype=kind) + np.repeat(away, lengths)]
    nothing = np.zeros(0, dtype=np.int64)
    encoded = EncodedTokens(
        starts=nothing,
        columns=nothing.astype(np.int32),
        units=padded,
        places=nothing,
        tables=nothing,
        hashes=np.array([_hashes(index), _hashes([shape(letter) if letter else EDGE for letter in index])]),
        runs=np.array([(number, number == len(RUNS), len(place), *place, *[0] * (3 - len(place)))
                       for number, place in enumerate(RUNS, 1)]),
        tokens=tokens,
        bounds=bounds,
        widest=len(RUNS),
    )  # fmt: skip
    return encoded, owners


def _hashes(names: Iterable[str]) -> np.ndarray:
    """64 bits of each name, the same in any process."""
    halves = [[murmurhash3_32(name, seed, positive=True) for name in names] for seed in (0, 1)]
    return np.array(halves[0], dtype=np.uint64) << np.uint64(32) | np.array(halves[1], dtype=np.uint64)


def spread_tags(tags: np.ndarray, owners: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The tags of letters by those of their tokens, as numbers of `names`: only the first letter of a name begins it.

    Examples
    --------
    >>> spread_tags(np.array([1, 0]), np.array([0, 0, 1]), ["O", "B-LOC", "I-LOC"])
    array([1, 2, 0])
    """
    inside = [names.index(f"I-{parts(name)[1]}") if name != OUTSIDE else i for i, name in enumerate(names)]
    first, spread = np.diff(owners, prepend=-1) > 0, tags[owners]
    return np.where(first, spread, np.array(inside, dtype=tags.dtype)[spread])


def gather_tokens(probabilities: np.ndarray, owner: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The probabilities of tags of tokens, of one sentence or of many: means of their letters.

    A token is in a name as far as its letters are, and begins it as far as its first letter does.

    Parameters
    ----------
    probabilities : ndarray, shape (n_letters, n_tags)
    owner : ndarray of int, shape (n_letters,)
        The tokens' numbers, all there, in order.
    names : sequence of str
        The tags.

    Returns
    -------
    ndarray, shape (n_tokens, n_tags)
    """
    if not len(owner):
        return probabilities
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    result = np.add.reduceat(probabilities, first, axis=0) / np.diff(first, append=len(owner))[:, None]
    index = {name: number for number, name in enumerate(names)}
    for name, begin in index.items():
        inside = index.get(f"I-{parts(name)[1]}")
        if parts(name)[0] == "B" and inside is not None:
            begins, goes_on = probabilities[first, begin], probabilities[first, inside]
            both = result[:, begin] + result[:, inside]
            # where the first letter says nothing of this type, a name begins
            result[:, begin] = both * np.divide(
                begins, begins + goes_on, where=begins + goes_on > 0, out=np.ones_like(both)
            )
            result[:, inside] = both - result[:, begin]
    return result
