"""Documents as arrays of ids, as the kernels take them, merged afresh for every epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from gensim_mtner._merge import METHODS, merge

MERGES = tuple(METHODS)


class EncodedCorpus:
    """Document pairs as arrays of word ids.

    Parameters
    ----------
    ids : ndarray of int32, shape (n_tokens,)
        Documents in order, each its source tokens and then its target tokens.
    offsets : ndarray of int64, shape (2 * n_documents + 1,)
        Where each side of each document starts: document i is ``ids[offsets[2 * i]:offsets[2 * i + 2]]``, its
        target side starts at ``offsets[2 * i + 1]``.
    rows : ndarray of int32, optional
        The row of ``wv.vectors`` of each id, -1 for words without one, which are passed over in training; by
        default ids are rows.

    Attributes
    ----------
    lengths : ndarray of int64, shape (n_documents,)
        The number of tokens of each document.
    """

    def __init__(self, ids: np.ndarray, offsets: np.ndarray, rows: np.ndarray | None = None):
        for name, given in (("ids", ids), ("offsets", offsets)):
            if np.asarray(given).dtype.kind not in "iu" and np.size(given):
                raise ValueError(f"{name} of the corpus are {np.asarray(given).dtype}: expected whole numbers")
        self.ids = np.ascontiguousarray(ids, dtype=np.int32)
        self.offsets = np.ascontiguousarray(offsets, dtype=np.int64)
        self.rows = np.arange(self.ids.max(initial=-1) + 1, dtype=np.int32) if rows is None else rows
        self.lengths = np.diff(self.offsets[::2])

    def __len__(self) -> int:
        return len(self.offsets) // 2

    def sides(self, document: int) -> tuple[np.ndarray, np.ndarray]:
        """The source and target ids of one document (views)."""
        start, middle, stop = self.offsets[2 * document : 2 * document + 3]
        return self.ids[start:middle], self.ids[middle:stop]

    def merged(
        self, *, merge: str = "random", seed: int = 1, epoch: int = 0, documents: Iterable[int] | None = None
    ) -> Iterator[np.ndarray]:
        """Yield each document with its two sides merged, as ids.

        Parameters
        ----------
        merge : {"random", "ratio", "concat"}
            Algorithm 1 of the paper; each side evenly spread over the document; or source, then target. In all,
            each token stands exactly once in the result, and the order within each language is kept.
        seed, epoch : int
            Decide the draw of "random"; a document's draw depends on nothing else.
        documents : iterable of int, optional
            Which documents, in which order; by default all.
        """
        if merge not in METHODS:
            raise ValueError(f"merge={merge!r}: expected one of {', '.join(map(repr, MERGES))}")
        for document in range(len(self)) if documents is None else documents:
            yield self._merge_one(document, METHODS[merge], seed, epoch)

    def _merge_one(self, document: int, how: int, seed: int, epoch: int) -> np.ndarray:
        source, target = self.sides(document)
        out = np.empty(len(source) + len(target), dtype=np.int32)
        merge(source, target, out, how, seed, epoch, document)
        return out

    def __iter__(self) -> Iterator[np.ndarray]:
        return self.merged()
