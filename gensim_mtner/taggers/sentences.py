"""Labelled sentences as arrays of rows and tags, as the taggers on vectors take them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np


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
