"""What a word looks like, and what stands beside it, as hashed features of tokens; nothing in it is of one language."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import FeatureHasher

EDGE = ""  # stands beyond both ends of a sentence
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


def alone(run: str) -> list[str]:
    """The feature of a run of shapes: itself."""
    return [run]


# what a token has features of: words or runs, where they begin from it, and which features; "plain" is what taggers of
# layout version 2 and before were trained with
PLACES = {
    "plain": (("words", 0, plain), ("words", -1, plain_near), ("words", 1, plain_near), ("words", -2, plain_far),
              ("words", 2, plain_far)),
    "rich": (("words", 0, own), ("words", -1, near), ("words", 1, near), ("words", -2, far), ("words", 2, far),
             ("shapes", -1, alone)),
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
    numbers = array("i", edge)
    for sentence in X:
        numbers.extend(index.setdefault(word, len(index)) for word in sentence)
        numbers.extend(edge)
    words = np.frombuffer(numbers, dtype=np.intc).astype(np.int32)
    bounds = np.cumsum([0, *map(len, X)]).astype(np.int64)
    names, places = list(index), PLACES[kind]
    units = {"words": (words, names)}
    if any(unit == "shapes" for unit, _, _ in places):
        units["shapes"] = _runs_of_shapes(words, names)
    first = dict(zip(units, (0, len(words)), strict=False))
    parts = [_hashed(units[unit][1], f"{PREFIXES[unit]}{place}", of, n_features) for unit, place, of in places]
    starts, columns = _joined(parts)
    return EncodedTokens(
        starts=starts,
        columns=columns,
        units=np.concatenate([numbers for numbers, _ in units.values()]),
        places=np.array([first[unit] + place for unit, place, _ in places], dtype=np.int64),
        tables=np.cumsum([0, *(len(starts) - 1 for starts, _ in parts)])[:-1].astype(np.int64),
        hashes=np.zeros((2, 0), dtype=np.uint64),
        runs=np.zeros((0, RUN), dtype=np.int64),
        tokens=between_edges(bounds),
        bounds=bounds,
        widest=sum(int(np.diff(starts).max(initial=0)) for starts, _ in parts),
    )


def between_edges(bounds: np.ndarray) -> np.ndarray:
    """Where units stand, in sentences that `bounds` tells of, if REACH edges stand before, between and after these."""
    return np.arange(bounds[-1]) + REACH * np.repeat(np.arange(1, len(bounds)), np.diff(bounds))


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Tables of `_hashed`, one below the other."""
    ends = np.cumsum([0, *(len(columns) for _, columns in parts)])
    starts = [[0], *(starts[1:] + end for (starts, _), end in zip(parts, ends, strict=False))]
    return np.concatenate(starts, dtype=np.int64), np.concatenate([columns for _, columns in parts], dtype=np.int32)


def _hashed(
    names: list[str], prefix: str, features: Callable[[str], list[str]], n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the features of each name begin, and their columns, those of scikit-learn's FeatureHasher."""
    hasher = FeatureHasher(n_features, input_type="string", alternate_sign=False, dtype=np.float32)
    table = hasher.transform([f"{prefix}{feature}" for feature in features(name)] for name in names)
    return table.indptr, table.indices


def _runs_of_shapes(words: np.ndarray, names: list[str]) -> tuple[np.ndarray, list[str]]:
    """The shapes of a word and the two after it as one number, and what each number stands for."""
    number = {name: i for i, name in enumerate(SHAPES)}
    shapes = np.array([number[shape(name) if name else EDGE] for name in names], dtype=np.int32)[words]
    padded = np.append(shapes, [0, 0])  # edges: no token has them
    runs = (padded[:-2] * len(SHAPES) + padded[1:-1]) * len(SHAPES) + padded[2:]
    return runs.astype(np.int32), ["|".join(run) for run in product(SHAPES, repeat=3)]
