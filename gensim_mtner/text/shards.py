"""Which shard a document is in, and arrays of several shards as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def shard_of(numbers: np.ndarray, shards: int) -> np.ndarray:
    """The shard of each document, by its number in the corpus.

    Of so many documents in a row as there are shards each gets one, turned by a number drawn for the row: shards are
    as large as each other, and text that repeats itself in its kind (news, an article, news, ...) is in all of them.

    Parameters
    ----------
    numbers : ndarray of int64
        From 0.
    shards : int

    Examples
    --------
    >>> shard_of(np.arange(8), 2).tolist()
    [1, 0, 0, 1, 1, 0, 0, 1]
    """
    rows = (np.asarray(numbers, dtype=np.int64) // shards).astype(np.uint64)
    # the finaliser of splitmix64, as the kernels have it
    with np.errstate(over="ignore"):
        rows = rows + np.uint64(0x9E3779B97F4A7C15)
        rows = (rows ^ (rows >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        rows = (rows ^ (rows >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    turned = ((rows ^ (rows >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)
    return (np.asarray(numbers, dtype=np.int64) + turned) % shards


class Chained:
    """Arrays one after the other, of which slices are taken; they may be on the disk."""

    def __init__(self, parts: Sequence[np.ndarray]):
        self.parts = list(parts)
        self.starts = np.concatenate([[0], np.cumsum([len(part) for part in self.parts])])
        self.dtype = self.parts[0].dtype

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getitem__(self, places: slice) -> np.ndarray:
        start, stop, _ = places.indices(len(self))
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        found = []
        for number in range(max(first, 0), len(self.parts)):
            begin = int(self.starts[number])
            if begin >= stop:
                break
            found.append(self.parts[number][max(start - begin, 0) : stop - begin])
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, self.dtype), *found])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:], dtype=dtype)
