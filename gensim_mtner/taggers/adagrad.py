"""The weights that a sequence tagger learns, while it learns them."""

from __future__ import annotations

import numpy as np

from gensim_mtner.vectors.cache import zeros_on_lines

SQUARES = 1e-2  # what the sums of Adagrad start from, so that the first steps are not the longest


def width_of(n_tags: int) -> int:
    """Tags, padded to a multiple of four."""
    return -(-n_tags // 4) * 4


class Table:
    """The weights of features as training takes them, from zero: each beside the sums of its squared gradients.

    Attributes
    ----------
    weights : ndarray of float32, shape (n_features, 2, width)
        Tags are padded to a multiple of four; a row begins where a line of the processor's cache does.
    bias : ndarray of float32, shape (2, width)
    """

    def __init__(self, n_features: int, n_tags: int):
        self.width = width_of(n_tags)
        self.weights = zeros_on_lines((n_features, 2, self.width))
        self.bias = np.zeros((2, self.width), dtype=np.float32)
        self.weights[:, 1], self.bias[1] = SQUARES, SQUARES

    def write_to(self, coef: np.ndarray, intercept: np.ndarray) -> None:
        """Copy the weights to arrays without padding."""
        coef[...], intercept[...] = self.weights[:, 0, : coef.shape[1]], self.bias[0, : len(intercept)]
