"""The pairs of words that a map between two languages begins with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from gensim_mtner.text.languages import composed
from gensim_mtner.vectors.centred import Centred
from gensim_mtner.vectors.rows import is_number

FEWEST = 10  # pairs


class Pairs(NamedTuple):
    """Rows of the source, rows of the target, and weights."""

    source: np.ndarray
    target: np.ndarray
    weights: np.ndarray


def same_words(source: Centred, target: Centred) -> Pairs:
    """Words with a letter or digit that both languages have."""
    words = [word for word in source.index if word in target.index and any(map(str.isalnum, word))]
    if len(words) < FEWEST:
        raise ValueError(
            f"{len(words)} words are spelt alike in {source.language!r} and {target.language!r} "
            f"({', '.join(map(repr, words[:3])) or 'none'}), and at least {FEWEST} are needed to begin with: pass "
            "dictionary=, pairs of words that translate each other"
        )
    return _pairs([(source.index[word], target.index[word], 1.0) for word in words])


def found_pairs(dictionary: Any, source: Centred, target: Centred) -> Pairs:
    """The pairs that the vectors have; a pair that is given twice counts once, with its largest weight."""
    found: dict[tuple[int, int], float] = {}
    missing: list[list[str]] = [[], []]
    number = 0
    for number, pair in enumerate(_given(dictionary), 1):
        one, other, weight = _checked(pair, number)
        rows = source.index.get(composed(one), -1), target.index.get(composed(other), -1)
        if min(rows) >= 0:
            found[rows] = max(weight, found.get(rows, 0.0))
        for row, word, side in zip(rows, (one, other), missing, strict=True):
            if row < 0 and len(side) < 3:
                side.append(word)
    if len(found) < FEWEST:
        lacks = "; ".join(
            f"{side.language!r} lacks {', '.join(map(repr, words))}"
            for side, words in zip((source, target), missing, strict=True) if words
        )  # fmt: skip
        raise ValueError(
            f"dictionary has {number} pairs, {len(found)} of them with vectors in both languages: at least {FEWEST} "
            f"are needed{'; ' + lacks if lacks else ''}. Are they source words first, spelt as the vectors' words are "
            "(capitals, script)?"
        )
    return _pairs([(*rows, weight) for rows, weight in found.items()])


def _given(dictionary: Any) -> Iterator[Any]:
    if isinstance(dictionary, (str, bytes)) or not isinstance(dictionary, Iterable):
        raise TypeError(f"dictionary is {type(dictionary).__name__}: expected a mapping, or pairs of words")
    if not isinstance(dictionary, Mapping):
        yield from dictionary
        return
    for word, translations in dictionary.items():
        for translation in [translations] if isinstance(translations, str) else translations:
            yield word, translation


def _checked(pair: Any, number: int) -> tuple[str, str, float]:
    if isinstance(pair, str) or not isinstance(pair, Iterable) or len(pair := tuple(pair)) not in (2, 3):
        raise TypeError(f"pair {number} of the dictionary is {pair!r:.80}: expected (source word, target word)")
    one, other, weight = (*pair, 1.0)[:3]
    if not isinstance(one, str) or not isinstance(other, str):
        raise TypeError(f"pair {number} of the dictionary is {pair!r:.80}: expected text for both words")
    if not is_number(weight) or not weight > 0:
        raise ValueError(f"pair {number} of the dictionary ({one!r}, {other!r}) has the weight {weight!r}: expected a "
                         "positive number")  # fmt: skip
    return one, other, float(weight)


def _pairs(found: list[tuple[int, int, float]]) -> Pairs:
    left, right, weights = zip(*found, strict=True)
    return Pairs(np.array(left), np.array(right), np.array(weights))
