"""Which shard a document is in."""

from __future__ import annotations

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
