"""What the kernels take: documents as arrays of ids, merged afresh for every epoch, and labelled sentences."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

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


class EncodedSentences:
    """Labelled sentences as arrays, in the form that the tagger kernel takes.

    Tokens without a row are left out; they cannot train anything.

    Parameters
    ----------
    sentences : sequence of list of str
        Tokens.
    key_to_index : dict of str to int
        Rows by key.
    language : str or None
        The prefix of the keys.
    oov_row : int
        The row of unknown words, or -1 if there is none.
    tags : sequence of list of str, optional
        Tags, aligned with the tokens.
    tag_names : sequence of str
        The classes; a tag becomes its place here.

    Attributes
    ----------
    rows, tags : ndarray of int32, shape (n_tokens,)
    rare : ndarray of uint8, shape (n_tokens,)
        Whether the word occurs once in these sentences and may be replaced by the OOV row.
    offsets : ndarray of int64, shape (n_sentences + 1,)
    translations : ndarray of int32, shape (n_keys,)
        The row that may stand in for each row, or -1; none at first.
    """

    def __init__(
        self,
        sentences: Sequence[list[str]],
        key_to_index: Mapping[str, int],
        language: str | None,
        oov_row: int,
        tags: Sequence[list[str]],
        tag_names: Sequence[str],
    ):
        prefix = f"{language}:" if language else ""
        index = {name: number for number, name in enumerate(tag_names)}
        counts = Counter(word for sentence in sentences for word in sentence)
        rows, numbers, rare, offsets = array("i"), array("i"), array("B"), array("q", [0])
        for sentence, names in zip(sentences, tags, strict=True):
            for word, name in zip(sentence, names, strict=True):
                row = key_to_index.get(prefix + word, -1)
                once = oov_row >= 0 and counts[word] == 1
                if row < 0:
                    row, once = oov_row, False
                if row >= 0:
                    rows.append(row)
                    numbers.append(index[name])
                    rare.append(once)
            offsets.append(len(rows))
        if not rows:
            raise ValueError(
                f"the vocabulary holds none of the {sum(counts.values())} labelled tokens (looked up with the prefix "
                f"{prefix!r}, e.g. {prefix + next(iter(counts), '')!r}): check the language and the segmentation"
            )
        self.rows = np.array(rows, dtype=np.int32)
        self.tags = np.array(numbers, dtype=np.int32)
        self.rare = np.array(rare, dtype=np.uint8)
        self.offsets = np.array(offsets, dtype=np.int64)
        self.oov_row = oov_row
        self.translations = np.full(len(key_to_index), -1, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def longest(self) -> int:
        """The number of tokens of the longest sentence."""
        return int(np.diff(self.offsets).max())
