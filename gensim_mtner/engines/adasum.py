"""Updates of several workers made one, row by row; in which numbers they travel, and how many times a pass."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gensim_mtner._adasum import combine_rows

DTYPES = ("float32", "float16")
ENOUGH = 6  # combinations a shard over pretraining; with fewer, quality falls (benchmarks/cluster.py)


def adasum(deltas: Sequence[np.ndarray]) -> np.ndarray:
    """Combine the updates of workers in a binary tree in the order of their ranks.

    Parameters
    ----------
    deltas : sequence of ndarray, shape (n_rows, size)
        float32 or float16; none of them is changed.

    Returns
    -------
    ndarray of float32, shape (n_rows, size)
        Row by row; a row that one worker alone has moved is taken as it is.

    Notes
    -----
    Maleki et al. 2020, "Scaling Distributed Training with Adaptive Summation". Summed updates overshoot where shards
    agree, averaged ones fall short where they do not; here the part of two updates that is parallel is averaged, and
    the rest is added.
    """
    level = [
        np.array(delta, dtype=np.float32, order="C", copy=True if place % 2 == 0 else None)  # others are only read
        for place, delta in enumerate(deltas)
    ]
    while len(level) > 1:
        for left, right in zip(level[::2], level[1::2], strict=False):
            combine_rows(left, right)
        level = level[::2]
    return level[0]


def default_syncs(shards: int, passes: int) -> int:
    """How many times a pass the updates are combined, if nothing is said.

    Parameters
    ----------
    shards : int
        Workers that train apart.
    passes : int
        Of skip-gram in pretraining; or where there is none, in all.
    """
    return 1 if shards == 1 else math.ceil(ENOUGH * shards / max(passes, 1))


def joint_rate(shards: int) -> float:
    """What the rate of skip-gram in joint passes is multiplied by, for what shards do with the tagger's turns.

    Shards move the same target words after one tagger, each without the others, and what is not parallel is summed:
    at the full rate they go too far. In pretraining a lower rate makes vectors worse (benchmarks/TRIALS.md).

    Parameters
    ----------
    shards : int
        Workers that train apart.
    """
    return float(shards ** (-1 / 3))
