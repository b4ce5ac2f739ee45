"""Encoding in shards: text is segmented, counted and numbered in parts, wherever they are; words meet by their hash.

In four rounds, each of parts that know nothing of each other and may be done twice: chunks of documents are segmented,
their words numbered and counted; the counts of each bucket of words are added; chunks are given the numbers that words
have got; shards are put together. Between rounds everything is in files of the directory that is made.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from gensim_mtner.disk import let_open
from gensim_mtner.storage import new_directory
from gensim_mtner.text.chinese import JiebaState, jieba_state, restore_jieba
from gensim_mtner.text.encoded import (
    CHUNK,
    SHARDS_KIND,
    VERSION,
    WORDS,
    EncodedText,
    ShardedText,
    read_words,
    shard_files,
    write_words,
)
from gensim_mtner.text.numbering import Batch, check_sent, check_words, encode_batch, same_tokens
from gensim_mtner.text.pairs import PairSegmenter, RawPair
from gensim_mtner.text.shards import shard_of
from gensim_mtner.workers import begin_worker, forks, in_order, may_begin_processes

FEW, MANY = 32, 4096  # documents of a chunk: few at first, so that little text is shared, too
BUCKETS = 64
Map = Callable[[Callable[..., Any], Iterable[tuple]], Iterator[Any]]


def encode_shards(
    pairs: Iterator[RawPair], segment: PairSegmenter, *, name: str, path: str | os.PathLike, shards: int,
    engine: Any, workers: int, min_count: int, progress: bool, overwrite: bool,
) -> EncodedText:  # fmt: skip
    """See `ComparableCorpus.encode`; `name` stands for the corpus in error messages."""
    path = Path(path)
    if workers > 1 and engine is None:
        check_sent(segment, workers)
    let_open(shards)
    with new_directory(path, SHARDS_KIND, VERSION, overwrite=overwrite) as facts:
        directory: Path = facts["directory"]
        work = directory / "work"
        work.mkdir()
        with _mapping(engine, workers) as there, nullcontext() if engine is None else engine.held():
            state = None if engine is None and (workers == 1 or forks()) else jieba_state()
            elsewhere, chunks, documents = engine is not None or workers > 1, 0, 0
            with tqdm(desc="reading", unit=" documents", disable=not progress) as bar:
                for found in there.map(segment_chunk, _chunks(pairs, work, shards, segment, state, elsewhere)):
                    chunks, documents = chunks + 1, documents + found
                    bar.update(found)
            if not documents:
                raise ValueError(f"{name} has no document: nothing to train on")
            words, counts = _rank(there.map(count_bucket, ((work, chunks, n, min_count) for n in range(BUCKETS))))
            for language, side, numbers in zip((segment.source, segment.target), words, counts, strict=True):
                check_words(name, language, side, numbers, min_count)
            write_words(directory / WORDS, words, counts)
            for _ in there.map(renumber_chunk, ((work, number, directory / WORDS) for number in range(chunks))):
                pass
            tokens = sum(there.map(join_shard, ((work, chunks, directory, shard) for shard in range(shards))))
        shutil.rmtree(work)
        _words.clear()  # of this process, if it was at work
        _alike.discard(work)
        facts |= {
            "source": segment.source, "target": segment.target, "shards": shards, "documents": documents,
            "tokens": tokens, "words": [len(side) for side in words], "segmented": segment.how_cut(),
        }  # fmt: skip
    return ShardedText(path, verify=False)


class _mapping:
    """Where parts are done: on an engine, in processes of this machine, or here."""

    def __init__(self, engine: Any, workers: int):
        self.engine, self.workers = engine, workers
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _mapping:
        if self.engine is None and self.workers > 1 and may_begin_processes():
            self.pool = ProcessPoolExecutor(self.workers, initializer=begin_worker)
        return self

    def __exit__(self, *error: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., Any], items: Iterable[tuple]) -> Iterator[Any]:
        """Yield what the function makes of each item, in order."""
        if self.engine is not None:
            return self.engine.map(function, items)
        if self.pool is not None:
            return in_order(self.pool, function, items, 2 * self.workers)
        return (function(*item) for item in items)


def _chunks(
    pairs: Iterator[RawPair], work: Path, shards: int, segment: PairSegmenter, state: JiebaState | None, elsewhere: bool
) -> Iterator[tuple]:
    number, first, size, control = 0, 0, FEW, None
    while chunk := list(islice(pairs, size)):
        if elsewhere and control is None:
            control = Control(chunk[0], encode_batch(segment, chunk[:1]))
        yield segment, state, control, work, shards, number, first, chunk
        number, first, size = number + 1, first + len(chunk), min(size + FEW, MANY)


def bucket_of(word: str) -> int:
    """Where a word is counted; the same in every process."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) % BUCKETS


class Control(NamedTuple):
    """A pair that every process segments before all else, and what this one makes of it."""

    pair: RawPair
    made: Batch


_alike: set[Path] = set()  # texts whose control this process was found to segment as the one that sends it
_state: list[JiebaState | None] = [None]  # what jieba in this process was made the like of


def segment_chunk(
    segment: PairSegmenter, state: JiebaState | None, control: Control | None, work: Path, shards: int, number: int,
    first: int, pairs: list[RawPair],
) -> int:  # fmt: skip
    """Segment documents; write them, shard by shard, with numbers of their own for their words, and the words."""
    if state is not None and _state[0] != state:
        restore_jieba(state)
        _state[0] = state
    if control is not None and work not in _alike:
        if not same_tokens(control.made, encode_batch(segment, [control.pair])):
            raise ValueError(
                f"{control.pair.place}: process {os.getpid()} on {platform.node()} cuts it into other tokens than the "
                "process that reads the text. Install the same versions of what segments (jieba, rjieba, janome, "
                "opencc, your own tokenizer) on all machines; it must not depend on what it was called with before"
            )
        _alike.add(work)
    batch = encode_batch(segment, pairs)
    homes = shard_of(np.arange(first, first + len(pairs)), shards)
    offsets = np.concatenate([[0], np.cumsum(batch.lengths)])
    order = np.argsort(homes, kind="stable")
    ids = [batch.ids[offsets[2 * place] : offsets[2 * place + 2]] for place in order]
    np.save(work / f"{number}.ids.npy", np.concatenate([np.empty(0, np.int32), *ids]))
    np.save(work / f"{number}.lengths.npy", batch.lengths.reshape(-1, 2)[order].ravel())
    np.save(work / f"{number}.shards.npy", np.bincount(homes, minlength=shards))
    lines: list[list[str]] = [[] for _ in range(BUCKETS)]
    for side, words in enumerate((batch.source, batch.target)):
        for word, local in words.numbers.items():
            lines[bucket_of(word)].append(json.dumps([side, word, words.counts[local], local]) + "\n")
    places = [0]
    with open(work / f"{number}.words", "wb") as stream:
        for bucket in lines:
            stream.write("".join(bucket).encode())
            places.append(stream.tell())
    np.save(work / f"{number}.places.npy", np.array(places))
    return len(pairs)


def _lines(work: Path, number: int, buckets: range) -> Iterator[tuple[int, str, int, int]]:
    places = np.load(work / f"{number}.places.npy", allow_pickle=False)
    with open(work / f"{number}.words", "rb") as stream:
        stream.seek(places[buckets.start])
        for line in stream.read(int(places[buckets.stop] - places[buckets.start])).splitlines():
            yield tuple(json.loads(line))


def count_bucket(work: Path, chunks: int, bucket: int, min_count: int) -> list[list[tuple[str, int]]]:
    """Add up how often the words of a bucket occur in all chunks; those that are too rare are left out."""
    counts: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    for number in range(chunks):
        for side, word, count, _ in _lines(work, number, range(bucket, bucket + 1)):
            counts[side][word] += count
    return [[(word, count) for word, count in side.items() if count >= min_count] for side in counts]


def _rank(buckets: Iterator[list[list[tuple[str, int]]]]) -> tuple[list[list[str]], list[np.ndarray]]:
    """The words of each side by descending frequency, ties by the word: no order of reading is in it."""
    found: list[list[tuple[str, int]]] = [[], []]
    for bucket in buckets:
        for side, part in zip(found, bucket, strict=True):
            side += part
    for side in found:
        side.sort(key=lambda item: (-item[1], item[0]))
    return [[word for word, _ in side] for side in found], [
        np.array([count for _, count in side], dtype=np.int64) for side in found
    ]


_words: dict[tuple[str, int], tuple[dict[str, int], dict[str, int]]] = {}  # of the last text, in a process


def renumber_chunk(work: Path, number: int, words: Path) -> None:
    """Give the words of a chunk the numbers that they have in the whole text; words that were left out go."""
    name = str(words), words.stat().st_mtime_ns
    if name not in _words:
        _words.clear()
        source, target = read_words(words)[0]
        _words[name] = (
            {word: place for place, word in enumerate(source)},
            {word: place for place, word in enumerate(target, len(source))},
        )
    locals_: tuple[list[int], list[int]] = [], []
    places: tuple[list[int], list[int]] = [], []
    for side, word, _, local in _lines(work, number, range(0, BUCKETS)):
        locals_[side].append(local)
        places[side].append(_words[name][side].get(word, -1))
    lookup = np.full(sum(map(len, locals_)), -1, dtype=np.int32)
    lookup[locals_[0]] = places[0]
    lookup[-1 - np.array(locals_[1], dtype=np.int64)] = places[1]  # the target's numbers are from the end
    ids = lookup[np.load(work / f"{number}.ids.npy", allow_pickle=False)] if len(lookup) else np.empty(0, np.int32)
    kept = ids >= 0
    lengths = np.load(work / f"{number}.lengths.npy", allow_pickle=False)
    ends = np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], np.cumsum(lengths)])]
    np.save(work / f"{number}.lengths.done.npy", np.diff(ends))
    np.save(work / f"{number}.ids.done.npy", ids[kept])


def join_shard(work: Path, chunks: int, directory: Path, shard: int) -> int:
    """Write a shard; return its tokens."""
    parts, lengths = [], []
    for number in range(chunks):
        sizes = np.load(work / f"{number}.shards.npy", allow_pickle=False)
        every = np.load(work / f"{number}.lengths.done.npy", allow_pickle=False)
        first = 2 * int(sizes[:shard].sum())
        mine = every[first : first + 2 * int(sizes[shard])]
        parts.append((int(every[:first].sum()), int(mine.sum())))
        lengths.append(mine)
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    ids_file, offsets_file = shard_files(directory, shard)
    np.save(offsets_file, offsets)
    total, at = int(offsets[-1]), 0
    if not total:
        np.save(ids_file, np.empty(0, np.int32))
        return 0
    out = np.lib.format.open_memmap(ids_file, "w+", np.int32, (total,))
    for number, (start, size) in enumerate(parts):
        ids = np.load(work / f"{number}.ids.done.npy", mmap_mode="r", allow_pickle=False)
        for step in range(0, size, CHUNK):
            stop = min(step + CHUNK, size)
            out[at + step : at + stop] = ids[start + step : start + stop]
        at += size
    out.flush()
    return total
