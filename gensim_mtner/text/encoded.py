"""A corpus segmented and encoded once, in memory or memory-mapped on disk; later runs start from it."""

from __future__ import annotations

import json
import os
import pickle
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from gensim_mtner.storage import json_lines, load_array, new_directory, read_manifest
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.readers import RawPair
from gensim_mtner.vectors.vocabulary import key
from gensim_mtner.workers import in_order

KIND = "gensim-mtner encoded text"
VERSION = 2  # since 2 the manifest has a checksum of its own
BATCH = 32  # documents that a process segments at a time
CHUNK = 1 << 22  # ids that are renumbered at a time


class EncodedText:
    """Document pairs as integers, with the words that they stand for.

    Made by `ComparableCorpus.encode`; taken by `MTWord2Vec` wherever a corpus is.

    Parameters
    ----------
    languages : (str or None, str or None)
        The source and the target.
    words : (list of str, list of str)
        The words of each side by descending frequency, ties by first occurrence.
    counts : (ndarray of int64, ndarray of int64)
        How often each occurs.
    ids : ndarray of int32
        Source word i is i, target word j is j plus the number of source words. May be memory-mapped.
    offsets : ndarray of int64
        As in `EncodedCorpus`.

    Examples
    --------
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
        rows = [
            index.get(key(word, language), -1)
            for language, side in zip((self.source, self.target), self.words, strict=True)
            for word in side
        ]
        return EncodedCorpus(self.ids, self.offsets, np.array(rows, dtype=np.int32))

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

    def _save_rest(self, facts: dict[str, Any]) -> None:
        np.save(facts["directory"] / "offsets.npy", self.offsets)
        with open(facts["directory"] / "words.jsonl", "w", encoding="utf-8") as stream:
            for side, (words, counts) in enumerate(zip(self.words, self.counts, strict=True)):
                for word, count in zip(words, counts.tolist(), strict=True):
                    stream.write(json.dumps([side, word, count], ensure_ascii=False) + "\n")
        facts |= {
            "source": self.source, "target": self.target, "documents": len(self), "tokens": len(self.ids),
            "words": [len(side) for side in self.words],
        }  # fmt: skip

    @classmethod
    def open(cls, path: str | os.PathLike, *, mmap: bool = True, verify: bool = True) -> EncodedText:
        """Open what `save` or `ComparableCorpus.encode` wrote.

        Parameters
        ----------
        path : path-like
            The directory.
        mmap : bool
            Leave the text on the disk, to be read as it is needed.
        verify : bool
            Compare checksums, which reads every file once.

        Raises
        ------
        ValueError
            If it is not such a directory, or damaged.
        """
        path = Path(path)
        manifest = read_manifest(path, KIND, VERSION, verify=verify)
        words: tuple[list[str], list[str]] = [], []
        counts = array("q"), array("q")
        for number, line in json_lines(path / "words.jsonl"):
            try:
                side, word, count = line
                if not isinstance(word, str) or side not in (0, 1) or not count > 0:
                    raise ValueError("expected 0 or 1, a word, and its count")
                words[side].append(word)
                counts[side].append(count)
            except (ValueError, TypeError, OverflowError) as error:
                raise ValueError(f"{path / 'words.jsonl'}, line {number}: damaged ({error})") from error
        ids = load_array(path / "ids.npy", "int32", 1, mmap=mmap)
        offsets = load_array(path / "offsets.npy", "int64", 1, mmap=False)
        if len(offsets) % 2 == 0 or offsets[0] != 0 or offsets[-1] != len(ids) or (offsets[1:] < offsets[:-1]).any():
            raise ValueError(f"{path / 'offsets.npy'} does not divide {len(ids)} tokens into documents: damaged")
        n_words = sum(map(len, words))
        parts = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        if not all(part.min() >= 0 and part.max() < n_words for part in parts):
            raise ValueError(f"{path / 'ids.npy'} has ids without a word: damaged")
        languages = manifest.get("source"), manifest.get("target")
        numbers = np.array(counts[0], dtype=np.int64), np.array(counts[1], dtype=np.int64)
        return cls(languages, words, numbers, ids, offsets)


class WordNumbers:
    """Gives the words of one side numbers in order of their first occurrence, and counts them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.counts = array("q")

    def encode(self, words: Iterable[str], out: array) -> None:
        """Append the numbers of words to `out`."""
        numbers, counts = self.numbers, self.counts
        for word in words:
            number = numbers.setdefault(word, len(numbers))
            if number == len(counts):
                counts.append(0)
            counts[number] += 1
            out.append(number)

    def add(self, other: WordNumbers) -> np.ndarray:
        """Add the counts of another; return our number for each of its."""
        ours = array("i")
        self.encode(other.numbers, ours)
        for number, count in zip(ours, other.counts, strict=True):
            self.counts[number] += count - 1
        return np.frombuffer(ours, dtype=np.intc) if ours else np.empty(0, np.intc)

    def ranks(self) -> tuple[list[str], np.ndarray, np.ndarray]:
        """Words and counts by descending frequency, and the place of each number there."""
        counts = np.array(self.counts, dtype=np.int64)
        order = np.argsort(-counts, kind="stable")
        words = list(self.numbers)
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order))
        return [words[number] for number in order], counts[order], places


class Batch(NamedTuple):
    """Documents in numbers of their own: those of the target are negative, -1 - number."""

    source: WordNumbers
    target: WordNumbers
    ids: np.ndarray
    lengths: np.ndarray


def encode_batch(corpus: ComparableCorpus, pairs: Sequence[RawPair]) -> Batch:
    """Segment and number some document pairs."""
    source, target = WordNumbers(), WordNumbers()
    ids, lengths = array("i"), array("q")
    for raw in pairs:
        pair = corpus.segment(raw)
        before = len(ids)
        for sentence in pair.source:
            source.encode(sentence, ids)
        lengths.append(len(ids) - before)
        side = array("i")
        for sentence in pair.target:
            target.encode(sentence, side)
        ids.extend(array("i", [-1 - number for number in side]))
        lengths.append(len(side))
    return Batch(source, target, np.array(ids, dtype=np.int32), np.array(lengths, dtype=np.int64))


def encode_corpus(
    corpus: ComparableCorpus, path: str | os.PathLike | None, workers: int, progress: bool, overwrite: bool
) -> EncodedText:
    """See `ComparableCorpus.encode`."""
    if workers < 1:
        raise ValueError(f"workers={workers}: expected at least 1")
    if path is None:
        return _encode(corpus, workers, progress, _Memory())
    with new_directory(path, KIND, VERSION, overwrite=overwrite) as facts:
        with _Spool(facts["directory"]) as store:
            text = _encode(corpus, workers, progress, store)
        text._save_rest(facts)
        text.ids = np.empty(0, np.int32)  # lets go of the file before it is renamed
    text.ids = load_array(Path(path) / "ids.npy", "int32", 1, mmap=True)
    return text


def _encode(corpus: ComparableCorpus, workers: int, progress: bool, store: _Memory | _Spool) -> EncodedText:
    source, target = WordNumbers(), WordNumbers()
    lengths: list[np.ndarray] = []
    with tqdm(desc="reading", unit=" documents", disable=not progress) as bar:
        for batch in _batches(corpus, workers):
            ours, theirs = source.add(batch.source), target.add(batch.target)
            # negative numbers index from the end, as the target's are meant to
            lookup = np.concatenate([ours, -1 - theirs[::-1]])
            store.append(lookup[batch.ids] if len(batch.ids) else batch.ids)
            lengths.append(batch.lengths)
            bar.update(len(batch.lengths) // 2)
    if not lengths:
        raise ValueError(f"{corpus!r} has no document: nothing to train on")
    for language, side in ((corpus.source, source), (corpus.target, target)):
        if not side.numbers:
            raise ValueError(f"{corpus!r} has no word of {language!r} in any document: both languages are needed")
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return _ranked((corpus.source, corpus.target), source, target, store, offsets)


def _ranked(
    languages: tuple[str | None, str | None], source: WordNumbers, target: WordNumbers, store: _Memory | _Spool,
    offsets: np.ndarray,
) -> EncodedText:  # fmt: skip
    """Give every word its place by frequency."""
    left, right = source.ranks(), target.ranks()
    lookup = np.concatenate([left[2], (right[2] + len(left[0]))[::-1]]).astype(np.int32)
    return EncodedText(languages, (left[0], right[0]), (left[1], right[1]), store.finish(lookup), offsets)


def _batches(corpus: ComparableCorpus, workers: int) -> Iterator[Batch]:
    """Encode in other processes; few batches wait at a time, so that a stream stays a stream."""
    raw = corpus.raw()
    batches = iter(lambda: list(islice(raw, BATCH)), [])
    if workers == 1:
        for pairs in batches:
            yield encode_batch(corpus, pairs)
        return
    rules = corpus.without_pairs()
    try:
        pickle.dumps(rules)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"workers={workers}: the tokenizers cannot be sent to other processes ({error}); "
            "use functions of a module, or workers=1"
        ) from error
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(rules,)) as pool:
        yield from in_order(pool, _encode_there, ((pairs,) for pairs in batches), 2 * workers)


_rules: list[ComparableCorpus] = []  # in a process of the pool, the languages and tokenizers


def _start(rules: ComparableCorpus) -> None:
    _rules[:] = [rules]


def _encode_there(pairs: list[RawPair]) -> Batch:
    return encode_batch(_rules[0], pairs)


class _Memory:
    """Collects ids in memory."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []

    def append(self, ids: np.ndarray) -> None:
        self.parts.append(ids.astype(np.int32))

    def finish(self, lookup: np.ndarray) -> np.ndarray:
        """All ids, each replaced by ``lookup[id]``."""
        ids = np.concatenate(self.parts)
        return lookup[ids] if len(ids) else ids


class _Spool:
    """Collects ids in a file of a directory."""

    def __init__(self, directory: Path):
        self.path = directory / "ids.npy"
        self.raw = directory / "ids.raw"
        self.stream = open(self.raw, "wb")  # noqa: SIM115
        self.n = 0

    def __enter__(self) -> _Spool:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()

    def append(self, ids: np.ndarray) -> None:
        ids.astype(np.int32).tofile(self.stream)
        self.n += len(ids)

    def finish(self, lookup: np.ndarray) -> np.ndarray:
        """All ids, each replaced by ``lookup[id]``, as a memory-mapped ``.npy`` file."""
        self.stream.close()
        raw = np.memmap(self.raw, np.int32, "r", shape=(self.n,)) if self.n else np.empty(0, np.int32)
        out = np.lib.format.open_memmap(self.path, "w+", np.int32, (self.n,)) if self.n else np.empty(0, np.int32)
        for start in range(0, self.n, CHUNK):
            out[start : start + CHUNK] = lookup[raw[start : start + CHUNK]]
        if isinstance(out, np.memmap):
            out.flush()
        else:
            np.save(self.path, out)
        del raw
        self.raw.unlink()
        return out


def encode_merged(sentences: Iterable[list[str]], languages: tuple[str, str] | None) -> EncodedText:
    """Read documents that are merged already, tokens carrying their language (``en:Spain``).

    Without `languages`, tokens are keys as they stand, and count as source words.

    Raises
    ------
    ValueError
        If a token has the prefix of neither language, or there is no token.
    """
    source, target = WordNumbers(), WordNumbers()
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
    store = _Memory()
    store.append(np.array(ids, dtype=np.int32))
    return _ranked(languages or (None, None), source, target, store, np.array(offsets, dtype=np.int64))
