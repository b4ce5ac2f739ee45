"""What a word looks like, and what stands beside it, as hashed features of tokens; nothing in it is of one language."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.utils import murmurhash3_32

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


def alone(run: str) -> list[str]:
    """The feature of a run of letters or shapes: itself."""
    return [run]


ONE = {alone: "", plain_far: "="}  # have one feature, the name after this
# what a token has features of: words or runs, where they begin from it, and which features; "plain" is what taggers of
# layout version 2 and before were trained with; "letters" takes letters for words (gensim_mtner.taggers.letters)
PLACES = {
    "plain": (("words", 0, plain), ("words", -1, plain_near), ("words", 1, plain_near), ("words", -2, plain_far),
              ("words", 2, plain_far)),
    "rich": (("words", 0, own), ("words", -1, near), ("words", 1, near), ("words", -2, far), ("words", 2, far),
             ("shapes", -1, alone)),
    "letters": (*(("words", place, plain_far) for place in range(-3, 4)),
                *(("pairs", place, alone) for place in range(-3, 3)),
                *(("threes", place, alone) for place in range(-2, 1)), ("sides", -1, alone), ("shapes", -1, alone)),
}  # fmt: skip


class Run(NamedTuple):
    """Some of the words from one on, each as it is or by its shape."""

    prefix: str  # so that features of one kind are not taken for those of another
    places: tuple[int, ...]
    look: Callable[[str], str]


RUNS = {
    "pairs": Run("p", (0, 1), str),
    "threes": Run("t", (0, 1, 2), str),
    "sides": Run("a", (0, 2), str),
    "shapes": Run("s", (0, 1, 2), shape),
}
REACH = 3  # of places, in words
AT_ONCE = 1 << 16  # runs whose texts are in memory


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
    kind : {"rich", "plain", "letters"}
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
    names, places = list(index), PLACES[kind]
    found: dict[str, np.ndarray] = {}
    at_place: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
    for unit in ("words", *RUNS):
        uses = [(place, features) for used, place, features in places if used == unit]
        if not uses:
            continue
        parts: Iterable[list[str]]
        found[unit], parts = (words, [names]) if unit == "words" else _runs(words, names, RUNS[unit])
        prefix = "" if unit == "words" else RUNS[unit].prefix
        hashed = [[_hashed(texts, f"{prefix}{place}", of, n_features) for place, of in uses] for texts in parts]
        for (place, _), tables in zip(uses, zip(*hashed, strict=True), strict=True):
            at_place[unit, place] = _joined(tables)
    first = dict(zip(found, np.cumsum([0, *map(len, found.values())]).tolist(), strict=False))
    parts_of_all = [at_place[unit, place] for unit, place, _ in places]
    starts, columns = _joined(parts_of_all)
    return EncodedTokens(
        starts=starts,
        columns=columns,
        units=np.concatenate(list(found.values())),
        places=np.array([first[unit] + place for unit, place, _ in places], dtype=np.int64),
        tables=np.cumsum([0, *(len(starts) - 1 for starts, _ in parts_of_all)])[:-1].astype(np.int64),
        tokens=np.flatnonzero(np.frombuffer(inside, dtype=np.uint8)).astype(np.int64),
        bounds=np.cumsum([0, *map(len, X)]).astype(np.int64),
    )  # fmt: skip


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Tables of `_hashed`, one below the other."""
    ends = np.cumsum([0, *(len(columns) for _, columns in parts)])
    starts = [[0], *(starts[1:] + end for (starts, _), end in zip(parts, ends, strict=False))]
    return np.concatenate(starts, dtype=np.int64), np.concatenate([columns for _, columns in parts], dtype=np.int32)


def _hashed(
    names: list[str], prefix: str, features: Callable[[str], list[str]], n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the features of each name begin, and their columns, those of scikit-learn's FeatureHasher."""
    if features in ONE:  # in a seventh of the time
        prefix = f"{prefix}{ONE[features]}"
        hashes = np.fromiter((murmurhash3_32(f"{prefix}{name}") for name in names), dtype=np.int64, count=len(names))
        return np.arange(len(names) + 1), (np.abs(hashes) % n_features).astype(np.int32)
    hasher = FeatureHasher(n_features, input_type="string", alternate_sign=False, dtype=np.float32)
    table = hasher.transform([f"{prefix}{feature}" for feature in features(name)] for name in names)
    return table.indptr, table.indices


def _runs(words: np.ndarray, names: list[str], run: Run) -> tuple[np.ndarray, Iterator[list[str]]]:
    """The run that begins at each word, numbered, and what each number stands for.

    The latter comes in parts: the texts of all runs take more memory than all else.
    """
    looks = [run.look(name) if name else EDGE for name in names]
    known = sorted(set(looks))
    number = {look: i for i, look in enumerate(known)}
    of_word = np.array([number[look] for look in looks])[words]
    padded = np.append(of_word, [of_word[-1]] * run.places[-1])  # edges: no token has them
    packed = np.zeros(len(words), dtype=np.int64)
    for place in run.places:
        packed = packed * len(known) + padded[place : place + len(words)]
    found, numbers = np.unique(packed, return_inverse=True)
    return numbers.astype(np.int32), _texts(found, known, len(run.places))


def _texts(packed: np.ndarray, known: list[str], length: int) -> Iterator[list[str]]:
    """What runs stand for that are packed as numbers, in parts."""
    looks = np.array(known, dtype=object)
    for start in range(0, len(packed), AT_ONCE):
        runs = packed[start : start + AT_ONCE]
        parts = [looks[runs // len(known) ** k % len(known)] for k in range(length)[::-1]]
        yield ["|".join(part) for part in zip(*parts, strict=True)]
