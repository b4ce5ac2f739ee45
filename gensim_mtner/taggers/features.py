"""What a word looks like, and what stands beside it, as hashed features of tokens; nothing in it is of one language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from gensim_mtner._hashing import KINDS, hash_words
from gensim_mtner.taggers.words import EDGE, Words, index_type

RUN = 6  # numbers that say what a run is; see `gensim_mtner._linear.scores`


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


class Feature(NamedTuple):
    """A feature of a word: what stands after a mark, which keeps features of one kind from being taken for another's.

    Attributes
    ----------
    kind : str
        One of `gensim_mtner._hashing.KINDS`: all letters, how many there are, the first, the last, or each run of some.
    mark : str
        One character of ASCII, or none.
    n : int
        How many letters; of "length", up to how many are counted.
    least : int
        How many letters a word has to have.
    form : int
        0: the word as it is; 1: in lower case; 2: its `shape`.
    """

    kind: str
    mark: str = ""
    n: int = 0
    least: int = 0
    form: int = 0


_WORD, _SHAPE, _LOWER = Feature("whole", "="), Feature("whole", "/", form=2), Feature("whole", "_", form=1)
# of a word for itself: the word, its length and shape, its ends, the letters and pairs of letters in it
PLAIN = [
    _WORD, Feature("length", "#", 6), _SHAPE,
    *(Feature(kind, mark, n, n) for n in (1, 2, 3) for kind, mark in (("start", "<"), ("end", ">"))),
    Feature("inner", "~", 1), Feature("inner", "~", 2),
]  # fmt: skip
# ... longer ends, and the word in lower case
OWN = [*PLAIN, Feature("start", "<", 4, 4), Feature("end", ">", 4, 4), _LOWER]
# of a word for the token beside it: short ends, which are whole words if these are shorter
PLAIN_NEAR = [
    _WORD, Feature("length", "#", 4), _SHAPE, Feature("start", "<", 1), Feature("end", ">", 1), Feature("end", "}", 2),
]  # fmt: skip
NEAR = [*PLAIN_NEAR, Feature("end", ")", 3), _LOWER]
# of a word for the token two places away
PLAIN_FAR = [_WORD]
FAR = [_WORD, _SHAPE]
RUN_OF_SHAPES = [Feature("whole")]

# what a token has features of: words or runs, where they begin from it, and which features; "plain" is what taggers of
# layout version 2 and before were trained with
PLACES = {
    "plain": (("words", 0, PLAIN), ("words", -1, PLAIN_NEAR), ("words", 1, PLAIN_NEAR), ("words", -2, PLAIN_FAR),
              ("words", 2, PLAIN_FAR)),
    "rich": (("words", 0, OWN), ("words", -1, NEAR), ("words", 1, NEAR), ("words", -2, FAR), ("words", 2, FAR),
             ("shapes", -1, RUN_OF_SHAPES)),
}  # fmt: skip


PREFIXES = {"words": "", "shapes": "s"}  # so that features of one kind are not taken for those of another
SHAPES = (EDGE, "capitalised", "capitals", "digits", "letters", "lower", "other")
REACH = 3  # of places, in words


class EncodedTokens(NamedTuple):
    """Sentences as the kernels of `gensim_mtner._linear` take them; see there.

    `bounds` says which tokens are of which sentence: ``tokens[bounds[s]:bounds[s + 1]]``; `widest` is as many features
    as a token has at most.
    """

    starts: np.ndarray
    columns: np.ndarray
    units: np.ndarray
    places: np.ndarray
    tables: np.ndarray
    hashes: np.ndarray
    runs: np.ndarray
    tokens: np.ndarray
    bounds: np.ndarray
    widest: int

    def text(self) -> tuple[np.ndarray, ...]:
        """What kernels take before the tokens, with their scratch."""
        return (*self[:7], np.empty(2 * self.widest, dtype=np.int32))


def encode_tokens(words: Words, n_features: int, kind: str = "rich") -> EncodedTokens:
    """Hash the features of each word of sentences once.

    Parameters
    ----------
    words : Words
        Of the sentences.
    n_features : int
        The number of columns that features are hashed to.
    kind : {"rich", "plain"}
        Which features; a key of `PLACES`.
    """
    tokens, places = between_edges(words.bounds), PLACES[kind]
    # edges between sentences, so that no token sees beyond its own sentence
    padded = np.zeros(len(tokens) + REACH * len(words.bounds), dtype=np.int32)
    padded[tokens] = words.numbers
    units, looks = {"words": padded}, [shape(name) for name in words.names]
    forms = {"words": _forms(words.names, [name.lower() for name in words.names], looks)}
    if any(unit == "shapes" for unit, _, _ in places):
        units["shapes"], runs = _runs_of_shapes(padded, [EDGE, *looks[1:]])
        forms["shapes"] = _forms(runs)
    first = dict(zip(units, (0, len(padded)), strict=False))
    parts = [_hashed(*forms[unit], f"{PREFIXES[unit]}{place}", of, n_features) for unit, place, of in places]
    starts, columns = _joined(parts)
    return EncodedTokens(
        starts=starts,
        columns=columns,
        units=np.concatenate(list(units.values())),
        places=np.array([first[unit] + place for unit, place, _ in places], dtype=np.int64),
        tables=np.cumsum([0, *(len(starts) - 1 for starts, _ in parts)])[:-1].astype(np.int64),
        hashes=np.zeros((2, 0), dtype=np.uint64),
        runs=np.zeros((0, RUN), dtype=np.int64),
        tokens=tokens,
        bounds=words.bounds,
        widest=sum(int(np.diff(starts).max(initial=0)) for starts, _ in parts),
    )


def between_edges(bounds: np.ndarray) -> np.ndarray:
    """Where units stand, in sentences that `bounds` tells of, if REACH edges stand before, between and after these."""
    kind = index_type(int(bounds[-1]) + REACH * len(bounds))
    places = np.repeat(np.arange(REACH, REACH * len(bounds), REACH, dtype=kind), np.diff(bounds))
    places += np.arange(len(places), dtype=kind)
    return places


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Tables of `_hashed`, one below the other."""
    ends = np.cumsum([0, *(len(columns) for _, columns in parts)])
    starts = [[0], *(starts[1:] + end for (starts, _), end in zip(parts, ends, strict=False))]
    return np.concatenate(starts, dtype=np.int64), np.concatenate([columns for _, columns in parts], dtype=np.int32)


def _forms(*forms: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Forms of words as `hash_words` takes them: all letters in UTF-8, and where each form of each word ends."""
    parts = [text.encode() for word in zip(*forms, strict=True) for text in word]
    ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    return np.frombuffer(b"".join(parts) + b"\0", dtype=np.uint8), ends.reshape(-1, len(forms))


def _hashed(
    text: np.ndarray, ends: np.ndarray, prefix: str, features: Sequence[Feature], n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the features of each word begin, and their columns, those of scikit-learn's FeatureHasher."""
    rows = [(of.form, KINDS.index(of.kind), ord(of.mark or "\0"), of.n, of.least) for of in features]
    inner, longest = sum(of.kind == "inner" for of in features), int(np.diff(ends.ravel(), prepend=0).max())
    before, starts = np.frombuffer(prefix.encode(), dtype=np.uint8), np.empty(len(ends) + 1, dtype=np.int64)
    columns = np.empty(len(features) * len(ends) + inner * len(text), dtype=np.int32)
    work, letters = np.empty(len(before) + 2 + longest, dtype=np.uint8), np.empty(longest + 1, dtype=np.int32)
    hash_words(text, ends, before, np.array(rows, np.int32), n_features, work, letters, starts, columns)
    return starts, columns[: starts[-1]].copy()


def _runs_of_shapes(words: np.ndarray, looks: list[str]) -> tuple[np.ndarray, list[str]]:
    """The shapes of a word and the two after it as one number, and what each number stands for."""
    number = {name: i for i, name in enumerate(SHAPES)}
    shapes = np.array([number[look] for look in looks], dtype=np.int32)[words]
    padded = np.append(shapes, [0, 0])  # edges: no token has them
    runs = (padded[:-2] * len(SHAPES) + padded[1:-1]) * len(SHAPES) + padded[2:]
    return runs.astype(np.int32), ["|".join(run) for run in product(SHAPES, repeat=3)]
