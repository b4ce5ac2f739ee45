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


def plain(word: str) -> list[str]:
    """Features of a word for itself: the word, its ends, the letters and pairs of letters in it, length, shape."""
    ends = [f"{kind}{word[:n] if kind == '<' else word[-n:]}" for n in (1, 2, 3) if len(word) >= n for kind in "<>"]
    inner = {f"~{word[i : i + n]}" for n in (1, 2) for i in range(len(word) - n + 1)}
    return [f"={word}", f"#{min(len(word), 6)}", f"/{shape(word)}", *ends, *sorted(inner)]


def own(word: str) -> list[str]:
    """Features of a word for itself: those of `plain`, longer ends, and the word in lower case."""
    longer = [f"<{word[:4]}", f">{word[-4:]}"] if len(word) > 3 else []
    return [*plain(word), *longer, f"_{word.lower()}"]


def plain_near(word: str) -> list[str]:
    """Features of a word for the token beside it."""
    return [f"={word}", f"#{min(len(word), 4)}", f"/{shape(word)}", f"<{word[:1]}", f">{word[-1:]}", f"}}{word[-2:]}"]


def near(word: str) -> list[str]:
    """Features of a word for the token beside it: those of `plain_near`, a longer end, and the word in lower case."""
    return [*plain_near(word), f"){word[-3:]}", f"_{word.lower()}"]


def plain_far(word: str) -> list[str]:
    """Features of a word for the token two places away."""
    return [f"={word}"]


def far(word: str) -> list[str]:
    """Features of a word for the token two places away: the word and its shape."""
    return [f"={word}", f"/{shape(word)}"]


def shapes(three: str) -> list[str]:
    """The feature of the shapes of three words in a row."""
    return [three]


# what a token has features of: words or threes of shapes, where they stand from it, and which features; "plain" is
# what taggers of layout version 2 and before were trained with
PLACES = {
    "plain": (("words", 0, plain), ("words", -1, plain_near), ("words", 1, plain_near), ("words", -2, plain_far),
              ("words", 2, plain_far)),
    "rich": (("words", 0, own), ("words", -1, near), ("words", 1, near), ("words", -2, far), ("words", 2, far),
             ("shapes", -1, shapes)),
}  # fmt: skip
PREFIX = {"words": "", "shapes": "s"}  # so that features of one kind are not taken for those of another
REACH = 2  # of places, in words


class EncodedTokens(NamedTuple):
    """Sentences as the kernels of `gensim_mtner._linear` take them; see there.

    `bounds` says which tokens are of which sentence: ``tokens[bounds[s]:bounds[s + 1]]``.
    """

    starts: np.ndarray
    columns: np.ndarray
    units: np.ndarray
    places: np.ndarray
    tables: np.ndarray
    tokens: np.ndarray
    bounds: np.ndarray


def encode_tokens(X: Sequence[Sequence[str]], n_features: int, kind: str = "rich") -> EncodedTokens:
    """Number the words of sentences, and hash the features of each word once (Weinberger et al. 2009).

    Parameters
    ----------
    X : sequence of sequence of str
        Tokens.
    n_features : int
        The number of columns that features are hashed to.
    kind : {"rich", "plain"}
        Which features; a key of `PLACES`.
    """
    index: dict[str, int] = {EDGE: 0}
    # edges between sentences, so that no token sees beyond its own sentence
    edge = array("i", [0] * REACH)
    numbers, inside = array("i", edge), bytearray(REACH)
    for sentence in X:
        numbers.extend(index.setdefault(word, len(index)) for word in sentence)
        numbers.extend(edge)
        inside += b"\1" * len(sentence) + bytes(REACH)
    words = np.frombuffer(numbers, dtype=np.intc).astype(np.int32)
    units = {"words": (words, list(index))}
    if any(unit == "shapes" for unit, _, _ in PLACES[kind]):
        units["shapes"] = _threes(words, units["words"][1])
    first = dict(zip(units, np.cumsum([0, *(len(text) for text, _ in units.values())]).tolist(), strict=False))
    hasher = FeatureHasher(n_features, input_type="string", alternate_sign=False, dtype=np.float32)
    hashed = [
        hasher.transform([f"{PREFIX[unit]}{place}{feature}" for feature in features(name)] for name in units[unit][1])
        for unit, place, features in PLACES[kind]
    ]
    ends = np.cumsum([0, *(table.nnz for table in hashed)])
    return EncodedTokens(
        starts=np.concatenate([[0], *(table.indptr[1:] + end for table, end in zip(hashed, ends, strict=False))])
        .astype(np.int64),
        columns=np.concatenate([table.indices for table in hashed]).astype(np.int32),
        units=np.concatenate([text for text, _ in units.values()]),
        places=np.array([first[unit] + place for unit, place, _ in PLACES[kind]], dtype=np.int64),
        tables=np.cumsum([0, *(table.shape[0] for table in hashed)])[:-1].astype(np.int64),
        tokens=np.flatnonzero(np.frombuffer(inside, dtype=np.uint8)).astype(np.int64),
        bounds=np.cumsum([0, *map(len, X)]).astype(np.int64),
    )  # fmt: skip


def _threes(words: np.ndarray, names: list[str]) -> tuple[np.ndarray, list[str]]:
    """The shapes of each word and the two after it, numbered, and what each number stands for."""
    kinds = [shape(name) if name else EDGE for name in names]
    known = sorted(set(kinds))
    number = {kind: i for i, kind in enumerate(known)}
    of_word = np.array([number[kind] for kind in kinds])[words]
    padded = np.append(of_word, [of_word[-1]] * 2)  # edges: no token has them
    packed = (padded[:-2] * len(known) + padded[1:-1]) * len(known) + padded[2:]
    found, numbers = np.unique(packed, return_inverse=True)
    threes = [(code // len(known) ** 2, code // len(known) % len(known), code % len(known)) for code in found.tolist()]
    return numbers.astype(np.int32), ["|".join(known[i] for i in three) for three in threes]
