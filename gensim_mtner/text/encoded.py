"""A corpus segmented and encoded once, in memory or memory-mapped on disk; later runs start from it."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from gensim_mtner.disk import let_open
from gensim_mtner.storage import MANIFEST, json_lines, kind_of, load_array, new_directory, read_manifest, steady
from gensim_mtner.text.documents import EncodedCorpus, ShardedCorpus
from gensim_mtner.text.languages import are_composed, key
from gensim_mtner.text.segmentation import HowCut, check_how_cut, ends_sentence
from gensim_mtner.text.shards import Chained, shard_of

KIND = "gensim-mtner encoded text"
SHARDS_KIND = "gensim-mtner encoded text in shards"
WORDS = "words.jsonl"
VERSION = 2  # since 2 the manifest has a checksum of its own
LONGEST = 100  # tokens; a sentence that does not end is cut
CHUNK = 1 << 22  # ids that are renumbered at a time


class EncodedText:
    """Document pairs as integers, with the words that they stand for.

    Made by `ComparableCorpus.encode`; taken by `MTWord2Vec` wherever a corpus is.

    Parameters
    ----------
    languages : (str or None, str or None)
        The source and the target.
    words : (list of str, list of str)
        The words of each side by descending frequency; ties by first occurrence, or, if it was encoded in shards, by
        the letters.
    counts : (ndarray of int64, ndarray of int64)
        How often each occurs.
    ids : ndarray of int32
        Source word i is i, target word j is j plus the number of source words. May be memory-mapped.
    offsets : ndarray of int64
        As in `EncodedCorpus`.

    Attributes
    ----------
    segmented : dict of str to (dict or None)
        By language, how text was cut where that was not left to the library: the arguments of
        `gensim_mtner.text.segmentation.tokenizer`, or None for a tokenizer of one's own.

    Examples
    --------
    >>> from gensim_mtner import ComparableCorpus
    >>> corpus = ComparableCorpus([("Kaká joined Milan", ["卡卡", "加盟"])], source="en", target="zh")
    >>> corpus.encode()
    EncodedText(source='en', target='zh', 1 documents, 5 tokens, 3 + 2 words)
    """

    def __init__(
        self,
        languages: tuple[str | None, str | None],
        words: tuple[list[str], list[str]],
        counts: tuple[np.ndarray, np.ndarray],
        ids: np.ndarray,
        offsets: np.ndarray,
    ):
        self.source, self.target = languages
        self.words, self.counts = words, counts
        self.ids, self.offsets = ids, offsets
        self.segmented: HowCut = {}
        self._ends: dict[int, np.ndarray] = {}  # which words end a sentence, by side
        self._merged: bool | None = None

    def __len__(self) -> int:
        return len(self.offsets) // 2

    def __repr__(self) -> str:
        return (
            f"EncodedText(source={self.source!r}, target={self.target!r}, {len(self)} documents, "
            f"{len(self.ids)} tokens, {len(self.words[0])} + {len(self.words[1])} words)"
        )

    def frequencies(self) -> tuple[dict[str, int], dict[str, int]]:
        """Counts by word, for each side."""
        source, target = (dict(zip(*side, strict=True)) for side in zip(self.words, self.counts, strict=True))
        return source, target

    def documents(self, index: Mapping[str, int]) -> EncodedCorpus:
        """The documents for a vocabulary: `index` has the rows of its keys; other words will be passed over."""
        return EncodedCorpus(self.ids, self.offsets, self._rows(index))

    def _rows(self, index: Mapping[str, int]) -> np.ndarray:
        rows = [
            np.fromiter(map(index.get, map(key, side, repeat(language)), repeat(-1)), np.int32, len(side))
            for language, side in zip((self.source, self.target), self.words, strict=True)
        ]
        return np.concatenate(rows)

    def is_merged(self) -> bool:
        """Whether documents were merged already, so that words of the target stand among those of the source."""
        if self._merged is None:
            self._merged = bool(self.words[1]) and bool((self.offsets[1::2] == self.offsets[2::2]).all())
        return self._merged

    def in_order(self) -> np.ndarray:
        """The places of the documents in the order of the corpus."""
        return np.arange(len(self))

    def sentence_ids(self, document: int, side: int) -> list[np.ndarray]:
        """The sentences of one side of a document, as places in ``words[side]``.

        Encoded text does not keep sentences: they end at a token that ends one, or after 100 tokens.

        Parameters
        ----------
        document : int
            Its number, from 0.
        side : {0, 1}
            Source or target.
        """
        if side not in self._ends:
            self._ends[side] = np.array([ends_sentence(word) for word in self.words[side]], dtype=bool)
        begin, middle, end = self.offsets[2 * document : 2 * document + 3]
        first = len(self.words[0])
        if self.is_merged():
            ids = np.asarray(self.ids[begin:end])
            ids = ids[(ids >= first) == bool(side)]
        else:
            ids = np.asarray(self.ids[middle:end] if side else self.ids[begin:middle])
        ids = ids - (first if side else 0)
        if not len(ids):
            return []
        cuts = np.flatnonzero(self._ends[side][ids]) + 1
        return [part[at : at + LONGEST] for part in np.split(ids, cuts) for at in range(0, len(part), LONGEST)]

    def sentences(self, document: int, side: int) -> list[list[str]]:
        """As `sentence_ids`, as words."""
        words = self.words[side]
        return [[words[number] for number in part] for part in self.sentence_ids(document, side)]

    def save(self, path: str | os.PathLike, *, overwrite: bool = False) -> None:
        """Write a directory of arrays, words and a manifest with checksums; there is no code in it.

        Raises
        ------
        FileExistsError
            If something is at `path`, unless it is such a directory and `overwrite`.
        """
        with new_directory(path, KIND, VERSION, overwrite=overwrite) as facts:
            np.save(facts["directory"] / "ids.npy", self.ids)
            self._save_rest(facts)

    @classmethod
    @contextmanager
    def writing(
        cls, path: str | os.PathLike, *, overwrite: bool = False
    ) -> Iterator[tuple[Path, Callable[[EncodedText], None]]]:
        """A directory to write ``ids.npy`` to, while they are made, and what to call with the text in the end."""
        made: list[EncodedText] = []
        with new_directory(path, KIND, VERSION, overwrite=overwrite) as facts:
            yield facts["directory"], made.append
            for text in made:
                text._save_rest(facts)
                text.ids = np.empty(0, np.int32)  # lets go of the file before it is renamed
        for text in made:
            text.ids = load_array(Path(path) / "ids.npy", "int32", 1, mmap=True)

    def _save_rest(self, facts: dict[str, Any]) -> None:
        np.save(facts["directory"] / "offsets.npy", self.offsets)
        write_words(facts["directory"] / WORDS, self.words, self.counts)
        facts |= {
            "source": self.source, "target": self.target, "documents": len(self), "tokens": len(self.ids),
            "words": [len(side) for side in self.words], "segmented": self.segmented,
        }  # fmt: skip

    @classmethod
    def open(cls, path: str | os.PathLike, *, mmap: bool = True, verify: bool = True) -> EncodedText:
        """Open what `save` or `ComparableCorpus.encode` wrote.

        Parameters
        ----------
        path : path-like
            The directory; if it is one of shards, they are one text.
        mmap : bool
            Leave the text on the disk, to be read as it is needed.
        verify : bool
            Compare checksums, which reads every file once.

        Raises
        ------
        ValueError
            If it is not such a directory, or damaged.
        """
        return steady(path, lambda: cls._open(Path(path), mmap, verify))

    @classmethod
    def _open(cls, path: Path, mmap: bool, verify: bool) -> EncodedText:
        if kind_of(path) == SHARDS_KIND:
            return ShardedText(path, mmap=mmap, verify=verify)
        manifest = read_manifest(path, KIND, VERSION, verify=verify)
        words, counts = read_words(path / WORDS)
        ids, offsets = load_documents(path / "ids.npy", path / "offsets.npy", sum(map(len, words)), mmap=mmap)
        text = cls(_languages(manifest, path), words, counts, ids, offsets)
        text.segmented = check_how_cut(manifest.get("segmented", {}))
        return text


class ShardedText(EncodedText):
    """Document pairs in a directory of shards, as `ComparableCorpus.encode` writes with ``shards=``.

    Its documents stand shard by shard; each has a number, its place in the corpus. What is trained in one process does
    not depend on the shards, and on a cluster each machine maps its own.

    Parameters
    ----------
    path : path-like
        The directory.
    mmap, verify : bool
        As in `EncodedText.open`.
    only : iterable of int, optional
        Which shards; by default all.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        *,
        mmap: bool = True,
        verify: bool = True,
        only: Iterable[int] | None = None,
    ):
        self.path = Path(os.path.abspath(path))  # other processes, which are told of it, may be in another folder
        manifest = read_manifest(self.path, SHARDS_KIND, VERSION, verify=verify)
        words, counts = read_words(self.path / WORDS)
        self.digest = str(manifest.get("digest"))
        self.shards, documents = manifest.get("shards", 0), manifest.get("documents", 0)
        most = sum(int(file["bytes"]) for file in manifest["files"].values()) // 16  # each document has two offsets
        if not all(isinstance(number, int) and 0 < number <= most for number in (self.shards, documents)):
            raise ValueError(f"{self.path / 'manifest.json'} does not say how many shards there are: damaged")
        homes = shard_of(np.arange(documents), self.shards)
        self.numbers, self.arrays = [], []
        wanted = list(range(self.shards) if only is None else only)
        if mmap:
            let_open(len(wanted))
        for shard in wanted:
            self.numbers.append(np.flatnonzero(homes == shard))
            self.arrays.append(load_documents(*shard_files(self.path, shard), sum(map(len, words)), mmap=mmap))
            found = len(self.arrays[-1][1]) // 2
            if found != len(self.numbers[-1]):
                raise ValueError(
                    f"{self.path}: shard {shard} has {found} documents, not {len(self.numbers[-1])}: damaged"
                )
        starts = np.cumsum([0, *(len(ids) for ids, _ in self.arrays)])
        ends = [offsets[1:] + start for start, (_, offsets) in zip(starts, self.arrays, strict=False)]
        languages = _languages(manifest, self.path)
        ids = Chained([ids for ids, _ in self.arrays])
        super().__init__(languages, words, counts, ids, np.concatenate([[0], *ends]))  # type: ignore[arg-type]
        self.segmented = check_how_cut(manifest.get("segmented", {}))

    def documents(self, index: Mapping[str, int]) -> EncodedCorpus:
        """See `EncodedText.documents`."""
        return self.corpus(self._rows(index))

    def in_order(self) -> np.ndarray:
        """See `EncodedText.in_order`: what is drawn in this order does not depend on the shards."""
        return np.argsort(np.concatenate(self.numbers))

    def save(self, path: str | os.PathLike, *, overwrite: bool = False) -> None:
        """As `EncodedText.save`: the text in one piece, in the order of the corpus, a document at a time in memory."""
        places = self.in_order()
        offsets = np.concatenate([[0], np.cumsum(np.diff(self.offsets).reshape(-1, 2)[places])])
        with new_directory(path, KIND, VERSION, overwrite=overwrite) as facts:
            ids = np.lib.format.open_memmap(facts["directory"] / "ids.npy", "w+", np.int32, (len(self.ids),))
            for place, start, stop in zip(places, offsets[:-1:2], offsets[2::2], strict=True):
                ids[start:stop] = self.ids[self.offsets[2 * place] : self.offsets[2 * place + 2]]
            ids.flush()
            whole = EncodedText((self.source, self.target), self.words, self.counts, ids, offsets)
            whole.segmented = self.segmented
            whole._save_rest(facts)

    def corpus(self, rows: np.ndarray) -> ShardedCorpus:
        """The documents, where the row of each word is known."""
        parts = [
            EncodedCorpus(*arrays, rows, numbers) for arrays, numbers in zip(self.arrays, self.numbers, strict=True)
        ]
        return ShardedCorpus(parts, (self.path, self.digest, len(parts)))


def shard_files(path: Path, shard: int) -> tuple[Path, Path]:
    """Where the ids and the offsets of a shard are."""
    return path / f"ids-{shard:04d}.npy", path / f"offsets-{shard:04d}.npy"


def read_words(path: Path) -> tuple[tuple[list[str], list[str]], tuple[np.ndarray, np.ndarray]]:
    """The words of both sides, and how often each occurs."""
    words: tuple[list[str], list[str]] = [], []
    counts = array("q"), array("q")
    for number, line in json_lines(path):
        try:
            side, word, count = line
            if not isinstance(word, str) or side not in (0, 1) or not count > 0:
                raise ValueError("expected 0 or 1, a word, and its count")
            words[side].append(word)
            counts[side].append(count)
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"{path}, line {number}: damaged ({error})") from error
    if not all(map(are_composed, words)):
        raise ValueError(f"{path}: its words have accents of their own, as older releases left them: encode it anew")
    return words, (np.array(counts[0], dtype=np.int64), np.array(counts[1], dtype=np.int64))


def _languages(manifest: Mapping[str, Any], path: Path) -> tuple[str | None, str | None]:
    """What a manifest says that the two sides are."""
    source, target = manifest.get("source"), manifest.get("target")
    if (source, target) != (None, None) and not (isinstance(source, str) and isinstance(target, str)):
        raise ValueError(f"{path / MANIFEST} says that its languages are {source!r} and {target!r}: damaged")
    return source, target


def load_documents(ids_path: Path, offsets_path: Path, n_words: int, *, mmap: bool) -> tuple[np.ndarray, np.ndarray]:
    """The ids and the offsets of documents, if they fit each other and there are `n_words` words."""
    ids = load_array(ids_path, "int32", 1, mmap=mmap)
    offsets = load_array(offsets_path, "int64", 1, mmap=False)
    if len(offsets) % 2 == 0 or offsets[0] != 0 or offsets[-1] != len(ids) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"{offsets_path} does not divide {len(ids)} tokens into documents: damaged")
    parts = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    if not all(part.min() >= 0 and part.max() < n_words for part in parts):
        raise ValueError(f"{ids_path} has ids without a word: damaged")
    return ids, offsets


def write_words(path: Path, words: Sequence[Sequence[str]], counts: Sequence[np.ndarray]) -> None:
    """Write what `read_words` reads."""
    with open(path, "w", encoding="utf-8") as stream:
        for side, (names, numbers) in enumerate(zip(words, counts, strict=True)):
            for word, count in zip(names, numbers.tolist(), strict=True):
                stream.write(json.dumps([side, word, count], ensure_ascii=False) + "\n")
