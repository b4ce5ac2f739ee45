"""The vectors of one language, checked and centred, in parts."""

from __future__ import annotations

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.text.languages import composed, key
from gensim_mtner.vectors.neighbours import LARGEST, unit_rows

CHUNK = 1 << 14  # rows at a time


class Centred:
    """The vectors of one language, checked: of unit length, centred, and of unit length again, in parts.

    Parameters
    ----------
    name : str
        What errors call them.
    vectors : KeyedVectors
        As they were given; they are not copied.
    language : str
        The language, which keys may carry.
    """

    def __init__(self, name: str, vectors: KeyedVectors, language: str):
        if not isinstance(vectors, KeyedVectors):
            hint = "; pass its .wv" if isinstance(getattr(vectors, "wv", None), KeyedVectors) else ""
            raise TypeError(f"{name} is {type(vectors).__name__}: expected KeyedVectors{hint}")
        words, self.vectors, self.language = list(vectors.index_to_key), vectors.vectors, language
        if not words or np.ndim(self.vectors) != 2 or len(words) != len(self.vectors):
            raise ValueError(
                f"{name}: {len(words)} words, but an array of {np.shape(self.vectors)}: expected a row each"
            )
        prefix = key("", language)
        if all(word.startswith(prefix) for word in words):
            words = [word[len(prefix) :] for word in words]
        total, kept = np.zeros(self.vectors.shape[1]), np.zeros(len(words), dtype=bool)
        for start in range(0, len(words), CHUNK):
            part = self.vectors[start : start + CHUNK]
            if part.dtype.kind != "f" or not (good := (np.abs(part) < LARGEST).all(axis=1)).all():  # NaN is not below
                at = start + int(good.argmin()) if part.dtype.kind == "f" else start
                raise ValueError(f"{name}: the vector of {words[at]!r} ({part.dtype}) has components that are not "
                                 f"finite, or beyond {LARGEST:.0e}")  # fmt: skip
            kept[start : start + CHUNK] = part.any(axis=1)
            total += unit_rows(part.astype(np.float32)).sum(axis=0, dtype=np.float64)
        if not kept.any():
            raise ValueError(f"{name}: all vectors are zero")
        self.mean = (total / kept.sum()).astype(np.float32)
        self.places = np.flatnonzero(kept)
        self.words = [words[place] for place in self.places]
        self.index: dict[str, int] = {}
        for row, word in enumerate(self.words):
            self.index.setdefault(composed(word), row)

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """The rows of some words, as float32."""
        return unit_rows(unit_rows(self.vectors[self.places[numbers]].astype(np.float32)) - self.mean)
