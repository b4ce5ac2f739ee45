"""Documents as arrays of ids, as the kernels take them, merged afresh for every epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

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
    numbers : ndarray of int64, optional
        The number of each document in the whole corpus, of which these are a part: it decides what is drawn for it.
        By default its place.

    Attributes
    ----------
    lengths : ndarray of int64, shape (n_documents,)
        The number of tokens of each document.
    directory : (Path, str, int), optional
        Where the first documents are, the checksum of its manifest, and how many shards it has: see `ShardedCorpus`.
    """

    directory: tuple[Path, str, int] | None = None

    def __init__(
        self,
        ids: np.ndarray,
        offsets: np.ndarray,
        rows: np.ndarray | None = None,
        numbers: np.ndarray | None = None,
    ):
        for name, given in (("ids", ids), ("offsets", offsets)):
            if np.asarray(given).dtype.kind not in "iu" and np.size(given):
                raise ValueError(f"{name} of the corpus are {np.asarray(given).dtype}: expected whole numbers")
        wide = not np.can_cast(np.asarray(ids).dtype, np.int32)  # others are not looked at: they may be on the disk
        if wide and np.size(ids) and not -1 <= np.min(ids) <= np.max(ids) < 1 << 31:
            raise ValueError("ids of the corpus are beyond 32 bits: expected the numbers of words")
        self.ids = np.ascontiguousarray(ids, dtype=np.int32)
        self.offsets = np.ascontiguousarray(offsets, dtype=np.int64)
        self.rows = np.arange(self.ids.max(initial=-1) + 1, dtype=np.int32) if rows is None else rows
        self.lengths = np.diff(self.offsets[::2])
        self.numbers = np.arange(len(self.lengths)) if numbers is None else np.asarray(numbers, dtype=np.int64)

    @property
    def parts(self) -> list[EncodedCorpus]:
        """Where the arrays are: here; see `ShardedCorpus`."""
        return [self]

    def gathered(self, documents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Ids and offsets as a kernel takes them, and where `documents` are in these."""
        return self.ids, self.offsets, np.ascontiguousarray(documents, dtype=np.int64)

    def copied(self, documents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ids and offsets of some documents, as arrays of their own."""
        sides = [side for document in documents for side in self.sides(document)]
        ids = np.concatenate([np.empty(0, np.int32), *sides])
        return ids, np.concatenate([[0], np.cumsum([len(side) for side in sides])]).astype(np.int64)

    def in_order(self, numbers: np.ndarray) -> np.ndarray:
        """The places of documents by their numbers, which are all from 0 to below `len`."""
        return numbers

    def with_documents(self, more: EncodedCorpus) -> ShardedCorpus:
        """These documents, and after them others with the same rows; nothing is copied."""
        last = EncodedCorpus(more.ids, more.offsets, self.rows, len(self) + np.arange(len(more)))
        return ShardedCorpus([*self.parts, last], self.directory)

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
        merge(source, target, out, how, seed, epoch, int(self.numbers[document]))
        return out

    def __iter__(self) -> Iterator[np.ndarray]:
        return self.merged()


class ShardedCorpus(EncodedCorpus):
    """Document pairs whose arrays are in several files, one after the other; what is taken from them is copied.

    Parameters
    ----------
    parts : sequence of EncodedCorpus
        With the same rows; together their `numbers` are all from 0 to below the number of documents.
    directory : (Path, str, int), optional
        Whose shards the first parts are, in their order; the checksum of its manifest; how many they are.
    """

    def __init__(self, parts: Sequence[EncodedCorpus], directory: tuple[Path, str, int] | None = None):
        self._parts, self.directory = list(parts), directory
        self.rows = self._parts[0].rows
        self.lengths = np.concatenate([part.lengths for part in self._parts])
        self.numbers = np.concatenate([part.numbers for part in self._parts])
        self.starts = np.concatenate([[0], np.cumsum([len(part) for part in self._parts])])
        self._places = np.argsort(self.numbers)

    @property
    def parts(self) -> list[EncodedCorpus]:
        """One a shard."""
        return self._parts

    def gathered(self, documents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `EncodedCorpus.gathered`; the ids are a copy of those of these documents."""
        return *self.copied(documents), np.arange(len(documents))

    def in_order(self, numbers: np.ndarray) -> np.ndarray:
        """See `EncodedCorpus.in_order`: what is done in an order of numbers does not depend on the shards."""
        return self._places[numbers]

    def __len__(self) -> int:
        return len(self.lengths)

    def sides(self, document: int) -> tuple[np.ndarray, np.ndarray]:
        """The source and target ids of one document (views)."""
        shard = int(np.searchsorted(self.starts, document, side="right")) - 1
        return self._parts[shard].sides(document - int(self.starts[shard]))
