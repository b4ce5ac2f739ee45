"""Rows of words in vectors whose keys may spell accents in another way: those of others, or of older releases."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from gensim.models import KeyedVectors

from gensim_mtner.text.languages import are_composed, composed, key

_others: WeakKeyDictionary[KeyedVectors, tuple[list[str], int, dict[str, int]]] = WeakKeyDictionary()


def other_spellings(vectors: KeyedVectors) -> dict[str, int]:
    """The rows of keys that are not composed, by the composed key; found once, and again where keys have changed."""
    keys = vectors.index_to_key
    known = _others.get(vectors)
    if known is None or known[0] is not keys or known[1] != len(keys):
        names = list(map(str, keys))
        found: dict[str, int] = {}
        if not are_composed(names):
            for row, name in enumerate(names):
                if composed(name) != name:
                    found.setdefault(composed(name), row)
        known = _others[vectors] = keys, len(keys), found
    return known[2]


def keys_of(vectors: KeyedVectors) -> Mapping[str, int]:
    """The row of each key, as it is and composed."""
    others = other_spellings(vectors)
    return ChainMap(vectors.key_to_index, others) if others else vectors.key_to_index


def rows_of(vectors: KeyedVectors, words: Sequence[str], language: str | None) -> list[int]:
    """The rows of words, in either spelling (`gensim_mtner.text.languages.composed`); -1 for a word without one."""
    index, prefix = vectors.key_to_index, key("", language)
    rows = [index.get(prefix + word, -1) for word in words]
    missed = [place for place, row in enumerate(rows) if row < 0]
    others = other_spellings(vectors) if missed else {}
    for place in missed:
        if others or not words[place].isascii():
            name = composed(prefix + words[place])
            rows[place] = index.get(name, others.get(name, -1))
    return rows
