"""Readers of comparable corpora, one function a format; each yields pairs of raw documents."""

from __future__ import annotations

import codecs
import itertools
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import defusedxml
import defusedxml.ElementTree as SafeTree

from gensim_mtner.text.lines import DAMAGED, OPENERS, existing_file, open_binary, read_lines
from gensim_mtner.text.magic import not_text
from gensim_mtner.text.pairs import RawPair, mapped_pair
from gensim_mtner.text.sides import half_a_character

INLINE = {"link", "a", "b", "i", "u", "em", "strong", "span", "small", "sub", "sup", "ref", "code"}
MAX_DEPTH = 200  # of XML elements within each other


def text_file(path: Any, encoding: str | None = "utf-8") -> Path | str:
    """`path` as a Path, if it is a file that may be text; XML says itself how it is encoded, and has None.

    Raises
    ------
    TypeError
        If it is not a path; an open file can be read only once.
    FileNotFoundError, IsADirectoryError
        If nothing is there, or a directory.
    ValueError
        If there is no such encoding, or the file is of another kind.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{type(path).__name__} is not a path: pass that of the file, which is opened for each reading")
    try:
        codecs.lookup(encoding or "utf-8")
    except (LookupError, TypeError) as error:
        raise ValueError(f"encoding={encoding!r}: there is no such encoding") from error
    found = existing_file(path)
    said = not_text(found)
    if said and (encoding is not None or not said.startswith("UTF-")):
        raise ValueError(f"{found} is {said}")
    return found


def jsonl(path: Path | str, source: str, target: str, id_key: str, encoding: str) -> Iterator[RawPair]:
    """One JSON object a line; blank lines are skipped."""
    for number, line in read_lines(path, encoding):
        if not line or line.isspace():
            continue
        place = f"{path}, line {number}"
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{place}: not JSON ({error}); expected one object a line") from error
        if "\\ud" in line or "\\uD" in line:
            _check_surrogates(item, place)
        if not isinstance(item, dict):
            raise ValueError(
                f"{place}: expected an object with the keys {source!r} and {target!r}, got {type(item).__name__}"
            )
        yield mapped_pair(item, place, number, source, target, id_key)


def jsonl_files(paths: Sequence[Path | str], *how: str) -> Iterator[RawPair]:
    """Several files as one; see `jsonl`."""
    return itertools.chain.from_iterable(jsonl(path, *how) for path in paths)


def _check_surrogates(item: Any, place: str) -> None:
    """JSON can spell half a character, which no file can hold."""
    wrong = half_a_character(json.dumps(item, ensure_ascii=False))
    if wrong:
        raise ValueError(f"{place}: {wrong}")


def tsv(
    path: Path | str, columns: tuple[int, int], encoding: str, languages: tuple[str, str]
) -> Iterator[RawPair]:  # fmt: skip
    """One pair a line, in two of its tab-separated columns."""
    for number, line in read_lines(path, encoding):
        if not line or line.isspace():
            continue
        fields = line.split("\t")
        place = f"{path}, line {number}"
        if len(fields) <= max(columns):
            raise ValueError(
                f"{place}: has {len(fields)} tab-separated columns, but columns={columns} asks for number "
                f"{max(columns)}, counted from 0"
            )
        pair = fields[columns[0]], fields[columns[1]]
        if number == 1 and [text.strip('"').lower() for text in pair] == [code.lower() for code in languages]:
            raise ValueError(f"{place}: it names the columns, and would be a document: remove it")
        yield RawPair(place, str(number), *pair)


def parallel_lines(source_path: Path | str, target_path: Path | str, encoding: str, n: int = 1) -> Iterator[RawPair]:
    """Line by line of two files, `n` of them a document."""
    both = _both_lines(source_path, target_path, encoding)
    while lines := list(itertools.islice(both, n)):
        numbers, *sides = zip(*lines, strict=True)
        first, last = numbers[0], numbers[-1]
        place, name = (f"line {first}", f"{first}") if n == 1 else (f"lines {first} to {last}", f"{first}-{last}")
        yield RawPair(f"{source_path} and {target_path}, {place}", name, *map("\n".join, sides))


def _both_lines(source_path: Path | str, target_path: Path | str, encoding: str) -> Iterator[tuple[int, str, str]]:
    """The number of a line, and what both files have there."""
    for left, right in itertools.zip_longest(read_lines(source_path, encoding), read_lines(target_path, encoding)):
        if left is None or right is None:
            ended, last = (source_path, right[0]) if left is None else (target_path, left[0])
            other = target_path if left is None else source_path
            raise ValueError(f"{ended} ends before line {last}, which {other} has: the files must have as many lines")
        yield left[0], left[1], right[1]


def directories(source: str | os.PathLike, target: str | os.PathLike, encoding: str) -> Iterator[RawPair]:
    """Files of the same name in two directories, in the order of their names."""
    names = [
        {entry.name for entry in Path(directory).iterdir() if entry.is_file() and not entry.name.startswith(".")}
        for directory in (source, target)
    ]
    if names[0] and names[1] and not names[0] & names[1]:
        raise ValueError(
            f"no file of {source} has the name of one of {target}: expected files of pairs by the same name; where "
            "nobody has paired them, `gensim-mtner pair` or match_documents finds which belong together"
        )
    for name in sorted(names[0] | names[1]):
        sides = [
            "\n".join(text for _, text in read_lines(Path(directory) / name, encoding)) if name in present else None
            for directory, present in zip((source, target), names, strict=True)
        ]
        yield RawPair(f"{name} in {source} and {target}", name, *sides)


def wikipedia_xml(
    path: Path | str, source: str, target: str, *, categories: bool = False, titles_only: bool = False
) -> Iterator[RawPair]:
    """``articlePair`` elements of linguatools' corpora; entities and external references are refused."""
    root = None
    number = depth = 0
    with open_binary(path) as stream:
        try:
            for event, element in SafeTree.iterparse(stream, events=("start", "end"), forbid_dtd=False):
                depth += 1 if event == "start" else -1
                if depth > MAX_DEPTH:
                    raise ValueError(
                        f"{path}, after {number} article pairs: elements are nested deeper than {MAX_DEPTH}"
                    )
                if root is None:
                    root = element
                if event == "end" and element.tag == "articlePair":
                    number += 1
                    place = f"{path}, articlePair {element.get('id', number)}"
                    yield _article_pair(element, place, source, target, categories, titles_only)
                    root.clear()  # or memory grows with the file
        except SafeTree.ParseError as error:
            raise ValueError(f"{path}, after {number} article pairs: not well-formed XML ({error})") from error
        except defusedxml.DefusedXmlException as error:
            raise ValueError(f"{path}, after {number} article pairs: refused for safety ({error})") from error
        except DAMAGED as error:
            raise ValueError(f"{path}, after {number} article pairs: damaged or cut off ({error})") from error
        except OSError as error:  # bz2 has no exception of its own
            if Path(path).suffix not in OPENERS:
                raise
            raise ValueError(f"{path}, after {number} article pairs: damaged or cut off ({error})") from error
        except (LookupError, ValueError) as error:  # of expat, which knows few encodings
            if str(path) in str(error):
                raise
            raise ValueError(
                f"{path}: its encoding cannot be read ({error}); convert the file to UTF-8, and its first line too"
            ) from error
    if number == 0:
        raise ValueError(f"{path}: no articlePair element; expected the Wikipedia Comparable Corpora of linguatools")


def _blocks_of(content: Any) -> Iterator[str]:
    """A paragraph, heading or cell of a table a line; links and other marks within stay in the line."""
    line = content.text or ""
    for child in content:
        if child.tag in INLINE:
            line += "".join(child.itertext())
        else:
            yield line
            yield from (" ".join(part.split()) for part in _blocks_of(child))
            line = ""
        line += child.tail or ""
    yield line


def _article_pair(element: Any, place: str, source: str, target: str, categories: bool, titles_only: bool) -> RawPair:
    texts: dict[str, str] = {}
    for article in element.iter("article"):
        content = article.find("content")
        parts = [article.get("name") or article.findtext("title") or ""]
        if content is not None and not titles_only:
            parts += _blocks_of(content)
        if categories:
            tag = article.find("categories")
            names = (tag.get("name") or "".join(tag.itertext())) if tag is not None else ""
            parts += names.split("|")
        language, text = article.get("lang") or "", "\n".join(part.strip() for part in parts if part.strip())
        texts[language] = f"{texts[language]}\n{text}" if language in texts else text
    if source not in texts and target not in texts:
        raise ValueError(
            f"{place}: has articles in {', '.join(map(repr, texts)) or 'no language'}, "
            f"but neither in {source!r} nor in {target!r}"
        )
    return RawPair(place, element.get("id") or place, texts.get(source), texts.get(target))
