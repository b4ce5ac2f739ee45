"""Labels from any tagger that can be called, kept in a file as they come, so that a stopped run goes on."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import IO, Any

from tqdm.auto import tqdm

from gensim_mtner.labels.door import Converter, Tags, Tokens, let_in
from gensim_mtner.labels.schemes import OUTSIDE, TagError, opens_with_i
from gensim_mtner.storage import json_lines
from gensim_mtner.text.lines import check_plain
from gensim_mtner.vectors.rows import check_whole

logger = logging.getLogger(__name__)

KIND, VERSION = "labels by a tagger", 1  # the first line of a file of labels
_NO_LISTS = (str, bytes, Mapping, Set)
_HEAD = json.dumps({"kind": KIND, "version": VERSION}).rstrip("}").encode()
Tagger = Callable[[list[list[str]]], Iterable[Iterable[str]]]
Numbered = Sequence[tuple[int, list[str]]]  # sentences, with the numbers by which errors name them


def name_of(tagger: Any) -> str:
    """What a callable is called by: its own name, or that of its class.

    Raises
    ------
    TypeError
        If it is a lambda, which is called like any other, or given what is called by its place in memory.
    """
    if isinstance(tagger, partial):
        given = [*map(repr, tagger.args), *(f"{name}={value!r}" for name, value in tagger.keywords.items())]
        name = f"{name_of(tagger.func)}({', '.join(given)})"
        if " at 0x" in name:
            raise TypeError(f"the tagger is {name}, which is called another in each process: pass name= with it")
        return name
    if getattr(tagger, "__name__", "") == "<lambda>":
        raise TypeError("the tagger is a lambda, which the cache cannot tell from others: pass name= with it")
    return str(getattr(tagger, "__qualname__", None) or type(tagger).__qualname__)


def label(
    tagger: Tagger, sentences: Numbered, convert: Converter, *, cache: str | os.PathLike | None, name: str | None,
    batch_size: int, progress: bool | None,
) -> list[list[str]]:  # fmt: skip
    """The tags of sentences, converted; see `gensim_mtner.NERData.from_tagger`.

    The file gets what the tagger said, before it is converted: other types or another scheme need no second run.
    """
    if not callable(tagger):
        raise TypeError(f"tagger is {type(tagger).__name__}: expected a function from sentences to their tags")
    check_whole("batch_size", batch_size, 1)
    if name is not None and (not isinstance(name, str) or not name):
        raise TypeError(f"name={name!r}: expected text, what the cache calls the tagger")
    kept = None if cache is None else LabelCache(cache, name or name_of(tagger), sentences)
    known, tags = Tags(), list[list[str]]()
    for rows in _batches(kept.rows if kept is not None else [], batch_size):
        tags += _converted(rows, sentences[len(tags) : len(tags) + len(rows)], known, convert)
    hidden = not sys.stderr.isatty() if progress is None else not progress
    with tqdm(total=len(sentences), initial=len(tags), desc="labelling", unit=" sentences", disable=hidden) as bar:
        for batch in _batches(sentences[len(tags) :], batch_size):
            rows = _called(tagger, batch)
            tags += _converted(rows, batch, known, convert)
            if kept is not None:
                kept.append([tokens for _, tokens in batch], rows)
            bar.update(len(batch))
    if sentences and not any(tag != OUTSIDE for row in tags for tag in row):
        dropped = ", or types= drops all that it found" if convert.types else ""
        raise ValueError(f"the tagger found no entity in {len(tags)} sentences{dropped}")
    return tags


def _batches(items: Sequence[Any], size: int) -> Iterator[Any]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _called(tagger: Tagger, batch: Numbered) -> list[list[str]]:
    """What a tagger says about a batch, as lists of as many tags as tokens."""
    first, last = batch[0][0], batch[-1][0]
    place = f"sentence {first}" if first == last else f"sentences {first} to {last}"
    try:
        found = tagger([list(tokens) for _, tokens in batch])  # copies: what it does to them is not our text
        rows = (
            list(found) if isinstance(found, Iterable) and not isinstance(found, (str, bytes, Mapping, Set)) else None
        )
    except Exception as error:
        hint = "" if first == last else "; batch_size=1 tells which"
        raise RuntimeError(f"the tagger failed at {place}: {type(error).__name__}: {error}{hint}") from error
    if rows is None:
        raise TypeError(
            f"the tagger returned {type(found).__name__} for {place}: expected a list of tags for each sentence"
        )
    if len(rows) != len(batch):
        raise ValueError(
            f"the tagger returned {len(rows)} lists of tags for {len(batch)} sentences ({place}): expected one for each"
        )
    return [_listed(row, number) for row, (number, _) in zip(rows, batch, strict=True)]


def _listed(row: Any, number: int) -> list[str]:
    try:
        return let_in(row, Tags(), f"sentence {number}")
    except ValueError as error:
        raise ValueError(f"the tagger's answer: {error}") from None


def _converted(rows: list[list[str]], batch: Numbered, known: Tags, convert: Converter) -> list[list[str]]:
    """Tags in IOB2, or an error that names sentence and token."""
    result = []
    for row, (number, tokens) in zip(rows, batch, strict=True):
        if len(row) != len(tokens):
            raise ValueError(
                f"the tagger returned {len(row)} tags for the {len(tokens)} tokens of sentence {number} "
                f"({' '.join(tokens[:8])!r}): expected one for each token"
            )
        try:
            result.append(convert([known[tag] for tag in row]))
        except TagError as error:
            hint = convert.iob1_hint(error.stray and opens_with_i(rows))
            raise ValueError(
                f"the tagger's answer for sentence {number}, token {error.position + 1} "
                f"({tokens[error.position]!r}): {error}{hint}"
            ) from error
    return result


class LabelCache:
    r"""A file of labels that grows as a tagger works: a line that says what it is, then a sentence a line, as JSON.

    ::

        {"kind": "labels by a tagger", "version": 1, "tagger": "my_tagger"}
        {"tokens": ["Ann", "left"], "tags": ["B-PER", "O"]}

    A line counts once its end is written; a last line without one, of a run that was killed, is dropped.

    Parameters
    ----------
    path : path-like
        The file; it is made if it is not there.
    tagger : str
        The tagger's name.
    sentences : sequence of (int, list of str)
        The text, with the numbers of its sentences; the file must hold the labels of its beginning.

    Attributes
    ----------
    rows : list of list of str
        Tags of the first sentences, as the tagger said them.

    Raises
    ------
    ValueError
        If the file is none of labels, damaged, of another tagger or of another text.
    """

    def __init__(self, path: str | os.PathLike, tagger: str, sentences: Numbered):
        check_plain(path)
        self.path = Path(path)
        self.rows: list[list[str]] = []
        head = {"kind": KIND, "version": VERSION, "tagger": tagger}
        if self.path.exists():
            self._drop_unfinished()
        if not self.path.exists() or not self.path.stat().st_size:
            self.path.write_text(json.dumps(head, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
            return
        lines = json_lines(self.path)
        try:
            _, found = next(lines)
        except ValueError:
            found = None
        if not isinstance(found, Mapping) or found.get("kind") != KIND:
            raise ValueError(f"{path} is there, and not a file of {KIND}: choose another name for the cache")
        if found.get("version") != VERSION:
            raise ValueError(f"{path} has the layout {found.get('version')!r}; this release reads {VERSION}: upgrade")
        if found.get("tagger") != tagger:
            raise ValueError(
                f"{path} has labels by the tagger {found.get('tagger')!r}, not {tagger!r}: choose another file, delete "
                "this one, or say with name= that they are the same"
            )
        known = Tags()
        for number, value in lines:
            if len(self.rows) == len(sentences):
                logger.warning("%s has labels of more sentences than the %i of this text; the rest is not used",
                               path, len(sentences))  # fmt: skip
                break
            self.rows.append(self._row(value, number, *sentences[len(self.rows)], known))
        logger.info("%s has the labels of %i of %i sentences", path, len(self.rows), len(sentences))

    def _row(self, value: Any, line: int, number: int, tokens: list[str], known: Tags) -> list[str]:
        """The tags of a line, if it is of this sentence."""
        place = f"{self.path}, line {line}"
        try:
            found, tags = let_in(value["tokens"], Tokens(), place), let_in(value["tags"], known, place)
            if len(found) != len(tags):
                raise ValueError(f"{len(found)} tokens, {len(tags)} tags")
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError(f"{place}: damaged ({type(error).__name__}: {error})") from error
        if found != tokens:
            raise ValueError(
                f"{place} is of another text: it has {' '.join(found[:8])!r}, sentence {number} is "
                f"{' '.join(tokens[:8])!r}; choose another file, or delete this one"
            )
        return tags

    def _drop_unfinished(self) -> None:
        """Cut off what stands after the last line end, if the file is one of ours."""
        with open(self.path, "rb+") as stream:
            first = stream.readline()
            if (first.startswith(_HEAD) or _HEAD.startswith(first)) and (end := _last_line_end(stream)) < stream.tell():
                logger.warning("%s: the last line was not written to its end, and is dropped", self.path)
                stream.truncate(end)

    def append(self, sentences: Sequence[list[str]], rows: Sequence[list[str]]) -> None:
        """Add a batch; it is with the system when this returns, whatever becomes of this process."""
        lines = [
            json.dumps({"tokens": tokens, "tags": tags}, ensure_ascii=False) + "\n"
            for tokens, tags in zip(sentences, rows, strict=True)
        ]
        with open(self.path, "a", encoding="utf-8", newline="\n") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())


def _last_line_end(stream: IO[bytes]) -> int:
    """Where the last whole line of a file ends; the stream is left at the end of the file."""
    at = size = stream.seek(0, os.SEEK_END)
    found = -1
    while at > 0 and found < 0:
        start = max(at - (1 << 16), 0)
        stream.seek(start)
        found = stream.read(at - start).rfind(b"\n")
        at = start
    stream.seek(size)
    return at + found + 1
