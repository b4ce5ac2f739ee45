"""From documents to integers: words get numbers as they come, in several processes if asked, then by frequency."""

from __future__ import annotations

import os
import pickle
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from numbers import Integral
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from gensim_mtner.text.chinese import JiebaState, jieba_state, restore_jieba
from gensim_mtner.text.encoded import CHUNK, EncodedText
from gensim_mtner.text.pairs import PairSegmenter, RawPair
from gensim_mtner.text.segmentation import looks_unsegmented
from gensim_mtner.text.sides import check_tokens
from gensim_mtner.workers import begin_worker, forks, in_order, may_begin_processes

BATCH = 32  # documents that a process segments at a time


class _Numbers(dict[str, int]):
    """Numbers of words; a new word gets the next one. Looked up by ``map``, without a line of Python a word."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


class WordNumbers:
    """Gives the words of one side numbers in order of their first occurrence, and counts them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = _Numbers()
        self.counts = array("q")

    def encode(self, words: Iterable[str], out: array) -> None:
        """Append the numbers of words to `out`; they are counted by `count`, many at a time."""
        out.extend(map(self.numbers.__getitem__, words))

    def count(self, numbers: np.ndarray, times: np.ndarray | None = None) -> None:
        """Count words by their numbers: as often as each is there; or, each being there once, so many `times`."""
        self.counts.frombytes(bytes(self.counts.itemsize * (len(self.numbers) - len(self.counts))))
        if len(numbers):
            counts = np.frombuffer(self.counts, dtype=np.int64)
            if times is None:
                counts += np.bincount(numbers, minlength=len(counts))
            else:
                counts[numbers] += times

    def add(self, other: WordNumbers) -> np.ndarray:
        """Add the counts of another; return our number for each of its."""
        ours = np.fromiter(map(self.numbers.__getitem__, other.numbers), np.intc, len(other.numbers))
        self.count(ours, np.array(other.counts, dtype=np.int64))
        return ours

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


def encode_batch(segment: PairSegmenter, pairs: Sequence[RawPair]) -> Batch:
    """Segment and number some document pairs."""
    source, target = WordNumbers(), WordNumbers()
    ids, lengths = array("i"), array("q")
    for raw in pairs:
        pair = segment(raw)
        before = len(ids)
        source.encode(chain.from_iterable(pair.source), ids)
        lengths.append(len(ids) - before)
        side = array("i")
        target.encode(chain.from_iterable(pair.target), side)
        ids.frombytes((-1 - np.frombuffer(side, np.intc)).tobytes())
        lengths.append(len(side))
    _count_sides(source, target, ids)
    return Batch(source, target, np.array(ids, dtype=np.int32), np.array(lengths, dtype=np.int64))


def _count_sides(source: WordNumbers, target: WordNumbers, ids: array) -> None:
    """Count the words of both sides; those of the target are negative, -1 - number."""
    for start in range(0, len(ids), CHUNK):
        part = np.array(ids[start : start + CHUNK], dtype=np.int32)
        source.count(part[part >= 0])
        target.count(-1 - part[part < 0])


def encode_pairs(
    pairs: Iterator[RawPair], segment: PairSegmenter, *, name: str, path: str | os.PathLike | None, workers: int,
    progress: bool, overwrite: bool,
) -> EncodedText:  # fmt: skip
    """See `ComparableCorpus.encode`; `name` stands for the corpus in error messages."""
    if not isinstance(workers, Integral) or workers < 1:
        raise ValueError(f"workers={workers!r}: expected at least 1, a whole number")
    batches = _batches(pairs, segment, workers)
    languages = segment.source, segment.target
    if path is None:
        text = _encode(batches, languages, name, progress, _Memory())
        text.segmented = segment.how_cut()
        return text
    with EncodedText.writing(path, overwrite=overwrite) as (directory, finish):
        with _Spool(directory) as store:
            text = _encode(batches, languages, name, progress, store)
        text.segmented = segment.how_cut()
        finish(text)
    return text


def _encode(
    batches: Iterator[Batch], languages: tuple[str, str], name: str, progress: bool, store: _Memory | _Spool
) -> EncodedText:
    source, target = WordNumbers(), WordNumbers()
    lengths: list[np.ndarray] = []
    with tqdm(desc="reading", unit=" documents", disable=not progress) as bar:
        for batch in batches:
            ours, theirs = source.add(batch.source), target.add(batch.target)
            # negative numbers index from the end, as the target's are meant to
            lookup = np.concatenate([ours, -1 - theirs[::-1]])
            store.append(lookup[batch.ids] if len(batch.ids) else batch.ids)
            lengths.append(batch.lengths)
            bar.update(len(batch.lengths) // 2)
    if not lengths:
        raise ValueError(f"{name} has no document: nothing to train on")
    for language, side in zip(languages, (source, target), strict=True):
        check_words(name, language, side.numbers, side.counts)
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return _ranked(languages, source, target, store, offsets)


def check_words(name: str, language: str, words: Collection[str], counts: Iterable[int], min_count: int = 1) -> None:
    """Refuse a side of a corpus, which `name` stands for, that has no word, or whose words are whole sentences."""
    if not words:
        often = f" {min_count} times" if min_count > 1 else ""
        raise ValueError(f"{name} has no word of {language!r} in any document{often}: both languages are needed")
    if looks_unsegmented(words, counts):
        raise ValueError(
            f"{name}: the words of {language!r} are as long as sentences, such as {max(words, key=len)[:30]!r}: text "
            "of a script without spaces needs a segmenter; Chinese is 'zh', Japanese 'ja', others need "
            f"tokenizers={{{language!r}: a function}}"
        )


def _ranked(
    languages: tuple[str | None, str | None], source: WordNumbers, target: WordNumbers, store: _Memory | _Spool,
    offsets: np.ndarray,
) -> EncodedText:  # fmt: skip
    """Give every word its place by frequency."""
    left, right = source.ranks(), target.ranks()
    lookup = np.concatenate([left[2], (right[2] + len(left[0]))[::-1]]).astype(np.int32)
    return EncodedText(languages, (left[0], right[0]), (left[1], right[1]), store.finish(lookup), offsets)


def check_sent(segment: PairSegmenter, workers: int) -> None:
    """Refuse tokenizers that other processes cannot have."""
    try:
        pickle.dumps(segment)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"workers={workers}: the tokenizers cannot be sent to other processes ({error}); "
            "use functions of a module, or workers=1"
        ) from error


def _batches(pairs: Iterator[RawPair], segment: PairSegmenter, workers: int) -> Iterator[Batch]:
    """Encode in other processes; few batches wait at a time, so that a stream stays a stream."""
    batches = iter(lambda: list(islice(pairs, BATCH)), [])
    if workers > 1:
        check_sent(segment, workers)
    first = list(islice(batches, 2))
    batches = chain(first, batches)
    if workers == 1 or len(first) < 2 or not may_begin_processes():
        for batch in batches:
            yield encode_batch(segment, batch)
        return
    # a process that is forked has what this one has; another one starts afresh, without the words added to jieba
    state = None if forks() else jieba_state()
    probes: dict[int, list[RawPair]] = {}

    def jobs() -> Iterator[tuple[list[RawPair]]]:
        for number, batch in enumerate(batches, 1):
            if segment.tokenizers and number.bit_count() == 1:  # the first, second, fourth, …
                probes[number] = batch
            yield (batch,)

    with ProcessPoolExecutor(workers, initializer=_start, initargs=(segment, state)) as pool:
        for number, made in enumerate(in_order(pool, _encode_there, jobs(), 2 * workers), 1):
            if number in probes and not same_tokens(made, encode_batch(segment, probes.pop(number))):
                raise ValueError(
                    f"workers={workers}: a tokenizer gives other tokens in another process, so it depends on something "
                    "that was set in this one, or on what it was called with before; put that into an object that "
                    "pickle can send, as functools.partial does, or take workers=1"
                )
            yield made


def same_tokens(one: Batch, other: Batch) -> bool:
    """Whether documents were cut into the same tokens."""
    return (
        list(one.source.numbers) == list(other.source.numbers)
        and list(one.target.numbers) == list(other.target.numbers)
        and np.array_equal(one.ids, other.ids)
        and np.array_equal(one.lengths, other.lengths)
    )


_segment: list[PairSegmenter] = []  # in a process of the pool


def _start(segment: PairSegmenter, state: JiebaState | None) -> None:
    begin_worker()
    restore_jieba(state)
    _segment[:] = [segment]


def _encode_there(pairs: list[RawPair]) -> Batch:
    return encode_batch(_segment[0], pairs)


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


_ENDS = (".", "!", "?", "…", "।")  # of sentences


def _is_a_pair(document: list[Any], prefixes: tuple[str, ...] | None) -> bool:
    """Whether a document is two texts, or lists of tokens, maybe with an identifier: no tokens of one document."""
    nested = any(isinstance(item, (list, tuple, Mapping)) for item in document)
    texts = any(isinstance(item, str) and " " in item and item.endswith(_ENDS) for item in document)
    return len(document) in (2, 3) and (nested or (prefixes is None and texts))


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
    prefixes_alone = frozenset(prefixes or ())
    for number, sentence in enumerate(sentences, 1):
        if isinstance(sentence, str):
            raise TypeError(f"document {number} is a string: expected a list of tokens")
        if isinstance(sentence, Mapping) or not isinstance(sentence, Iterable):
            raise TypeError(f"document {number} is {type(sentence).__name__}: expected a list of tokens")
        sentence = list(sentence)
        if number == 1 and _is_a_pair(sentence, prefixes):
            raise TypeError("document 1 is a pair of documents, not a list of tokens: pass ComparableCorpus(pairs, "
                            "source=…, target=…) in place of the pairs")  # fmt: skip
        check_tokens(sentence, f"document {number}")
        for token in map(str, sentence):  # numpy has a kind of text of its own, which no file knows
            if token in prefixes_alone:
                raise ValueError(f"document {number}: the token {token!r} has no word after its language")
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
    _count_sides(source, target, ids)
    store = _Memory()
    store.append(np.array(ids, dtype=np.int32))
    return _ranked(languages or (None, None), source, target, store, np.array(offsets, dtype=np.int64))
