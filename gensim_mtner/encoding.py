"""Text as integers: documents become rows of the vocabulary once, and are merged afresh for every epoch."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from tqdm.auto import tqdm

from gensim_mtner._merge import METHODS, merge
from gensim_mtner.corpus import ComparableCorpus

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
    """

    def __init__(self, ids: np.ndarray, offsets: np.ndarray):
        self.ids = np.ascontiguousarray(ids, dtype=np.int32)
        self.offsets = np.ascontiguousarray(offsets, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.offsets) // 2

    @property
    def lengths(self) -> np.ndarray:
        """The number of tokens of each document."""
        return np.diff(self.offsets[::2])

    def sides(self, document: int) -> tuple[np.ndarray, np.ndarray]:
        """The source and target ids of one document (views)."""
        start, middle, stop = self.offsets[2 * document : 2 * document + 3]
        return self.ids[start:middle], self.ids[middle:stop]

    def target_tokens(self) -> np.ndarray:
        """All target ids."""
        is_target = np.zeros(len(self.ids) + 1, dtype=np.int8)
        np.add.at(is_target, self.offsets[1::2], 1)
        np.add.at(is_target, self.offsets[2::2], -1)
        return self.ids[np.cumsum(is_target[:-1]) > 0]

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

    def remapped(self, rows: np.ndarray) -> EncodedCorpus:
        """The same documents with each id replaced by ``rows[id]``, and dropped where that is negative."""
        new = rows[self.ids] if len(self.ids) else self.ids
        kept = new >= 0
        before = np.concatenate(([0], np.cumsum(kept)))
        return EncodedCorpus(new[kept], before[self.offsets])


class WordCounter:
    """Gives words of one language ids in order of their first occurrence, and counts them."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.counts = array("q")

    def encode(self, words: Iterable[str], out: array) -> None:
        """Append the ids of words to `out`."""
        ids, counts = self.ids, self.counts
        for word in words:
            number = ids.setdefault(word, len(ids))
            if number == len(counts):
                counts.append(0)
            counts[number] += 1
            out.append(number)

    def as_dict(self) -> dict[str, int]:
        """Counts by word."""
        return dict(zip(self.ids, self.counts, strict=True))


def read_corpus(corpus: ComparableCorpus, *, progress: bool = False) -> tuple[EncodedCorpus, WordCounter, WordCounter]:
    """Read a corpus once: its documents in provisional ids, and the words of both sides.

    Source word i has the id i, target word i the id -1 - i, until :func:`rows_of` puts rows in their place.

    Raises
    ------
    ValueError
        If there is no document, or one side has no word in any of them.
    """
    source, target = WordCounter(), WordCounter()
    ids, offsets = array("i"), array("q", [0])
    with tqdm(corpus, desc="reading", unit=" documents", disable=not progress) as pairs:
        for pair in pairs:
            for sentence in pair.source:
                source.encode(sentence, ids)
            offsets.append(len(ids))
            side = array("i")
            for sentence in pair.target:
                target.encode(sentence, side)
            ids.extend(array("i", [-1 - number for number in side]))
            offsets.append(len(ids))
    if len(offsets) == 1:
        raise ValueError(f"{corpus!r} has no document: nothing to train on")
    for language, words in ((corpus.source, source), (corpus.target, target)):
        if not words.ids:
            raise ValueError(f"{corpus!r} has no word of {language!r} in any document: both languages are needed")
    return EncodedCorpus(np.frombuffer(ids, dtype=np.intc), np.frombuffer(offsets, dtype=np.int64)), source, target


def rows_of(source: WordCounter, target: WordCounter, lookup: tuple[dict[str, int], dict[str, int]]) -> np.ndarray:
    """For each provisional id, its row, or -1; negative ids index from the end, as numpy does."""
    left = [lookup[0].get(word, -1) for word in source.ids]
    right = [lookup[1].get(word, -1) for word in target.ids]
    return np.array(left + right[::-1], dtype=np.int32)


def read_sentences(
    sentences: Iterable[list[str]], languages: tuple[str, str] | None
) -> tuple[EncodedCorpus, WordCounter, WordCounter]:
    """Read documents that are merged already, tokens carrying their language (``en:Spain``).

    Without `languages`, tokens are keys as they stand, and count as source words.

    Raises
    ------
    ValueError
        If a token has the prefix of neither language, or there is no token.
    """
    source, target = WordCounter(), WordCounter()
    ids, offsets = array("i"), array("q", [0])
    prefixes = tuple(f"{language}:" for language in languages) if languages else None
    for number, sentence in enumerate(sentences, 1):
        if isinstance(sentence, str):
            raise TypeError(f"document {number} is a string: expected a list of tokens")
        for token in sentence:
            if prefixes is None or token.startswith(prefixes[0]):
                source.encode([token if prefixes is None else token[len(prefixes[0]) :]], ids)
            elif token.startswith(prefixes[1]):
                side = array("i")
                target.encode([token[len(prefixes[1]) :]], side)
                ids.append(-1 - side[0])
            else:
                raise ValueError(
                    f"document {number}: the token {token!r} has neither the prefix {prefixes[0]!r} nor {prefixes[1]!r}"
                )
        offsets.extend((len(ids), len(ids)))
    if not ids:
        raise ValueError("the corpus has no token: nothing to train on")
    return EncodedCorpus(np.frombuffer(ids, dtype=np.intc), np.frombuffer(offsets, dtype=np.int64)), source, target


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

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def longest(self) -> int:
        """The number of tokens of the longest sentence."""
        return int(np.diff(self.offsets).max())
