"""Lines of text, plain or compressed; what a line end, a blank, a column, a comment is, for all that read or write.

A line ends at LF, CRLF or CR, and nowhere else: what Unicode also calls a line end (U+2028, U+0085, form feeds) stands
in the text of many corpora, and is no end here. Columns are split at tabs or at runs of the ASCII space, so that a
no-break space is part of a token. A byte-order mark at the start of a line is dropped: files are joined with theirs.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from gensim_mtner.storage import check_destination
from gensim_mtner.text.magic import not_text
from gensim_mtner.text.remote import existing_remote, is_remote, open_remote

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MAX_LINE = 1 << 28  # bytes; a file of a few kilobytes can unpack to one endless line
BLOCK = 1 << 20  # bytes to read at a time
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)
MARK = "\ufeff"  # the byte-order mark
COMMENT = "#"
DOCUMENT_MARK = "-DOCSTART-"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_MARKS = re.compile(f"^{MARK}+", re.MULTILINE)  # here a line ends at LF only


def existing_file(path: str | os.PathLike) -> Path | str:
    """`path` as a Path, if it is a file that is there; an address of a file elsewhere as it is.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If nothing is there, or a directory.
    TypeError
        If it is no path.
    """
    if not isinstance(path, (str, os.PathLike)):
        name = getattr(path, "name", None)
        hint = f"; pass its path, {name!r}" if hasattr(path, "read") and isinstance(name, str) else ""
        raise TypeError(f"{type(path).__name__}: expected the path of a file, as text or a pathlib.Path{hint}")
    if is_remote(path):
        return existing_remote(str(path))
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; a file was expected")
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return path


def suffix_of(path: str | os.PathLike) -> str:
    """What the name of a file says that it is, such as ``.jsonl``, compressed or not."""
    return next((suffix for suffix in reversed(PurePath(path).suffixes) if suffix not in OPENERS), "")


def check_plain(path: str | os.PathLike) -> None:
    """Refuse a file to write whose name says that it is compressed, as readers believe its name.

    Raises
    ------
    ValueError, OSError
        So, or as `gensim_mtner.storage.check_destination` says.
    """
    check_destination(path)
    if Path(path).suffix in OPENERS:
        raise ValueError(f"{path} would be plain text under a name that says {Path(path).suffix}: choose another name")


def open_binary(path: str | os.PathLike) -> BinaryIO:
    """Open a file for reading bytes; ``.gz``, ``.bz2`` and ``.xz`` are read as they are."""
    opener = OPENERS.get(Path(path).suffix)
    if is_remote(path):
        stream = open_remote(str(path))
        return opener(stream, "rb") if opener else stream
    return (opener or open)(path, "rb")


def is_blank(text: str) -> bool:
    """Whether there is nothing in a line or a token but white space of any kind and byte-order marks."""
    return not text or text.isspace() or (MARK in text and not text.replace(MARK, "").strip())


def fields(line: str, separator: str | None = None) -> list[str]:
    r"""The columns of a line: by default at tabs if it has one, else at runs of the ASCII space.

    Examples
    --------
    >>> fields("New York\tB-LOC"), fields(" 10\xa0000  O "), fields("a|b", "|")
    (['New York', 'B-LOC'], ['10\xa0000', 'O'], ['a', 'b'])
    """
    if separator is not None or "\t" in line:
        return line.split(separator or "\t")
    found = line.split(" ")
    return [field for field in found if field] if "" in found else found


def words_of(line: str) -> list[str]:
    r"""The tokens of a line of text that is segmented: at tabs and ASCII spaces; those that are blank are no tokens.

    Examples
    --------
    >>> words_of("Ann\t left \xa0 10\xa0km\u2028. ")
    ['Ann', 'left', '10\xa0km\u2028.']
    """
    return [
        token for token in (part.lstrip(MARK) for part in line.replace("\t", " ").split(" ")) if not is_blank(token)
    ]


def split_lines(text: str) -> list[str]:
    r"""The lines of a text in memory, by the rule for files.

    Examples
    --------
    >>> split_lines("a\r\nb\rc\u2028d\n")
    ['a', 'b', 'c\u2028d']
    """
    lines = _unified(text).split("\n")
    if not text or text[-1] in "\r\n":
        lines.pop()
    return lines


def _unified(text: str, keep_marks: bool = False) -> str:
    """The text with LF as its only line end, and without byte-order marks where lines start, if they are not kept."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MARKS.sub("", text) if MARK in text and not keep_marks else text


def read_columns(
    path: str | os.PathLike, columns: Mapping[str, int], separator: str | None = "\t", encoding: str = "utf-8"
) -> Iterator[tuple[int, tuple[str, ...]]]:
    r"""Yield the number of each line of a file, and the texts of some of its columns; blank lines are passed over.

    Parameters
    ----------
    path : path-like
        The file.
    columns : dict of str to int
        For each column the name of the argument that says which, and its number from 0.
    separator : str, optional
        Between columns; None for runs of tabs and spaces.
    encoding : str
        Of the file.

    Raises
    ------
    ValueError
        If a line lacks a column, or has nothing in one; file and line are named.
    """
    for name, column in columns.items():
        if not isinstance(column, int) or isinstance(column, bool) or column < 0:
            raise ValueError(f"{name}={column!r}: expected a whole number from 0")
    if len(set(columns.values())) < len(columns):
        raise ValueError(f"{' and '.join(f'{name}={column}' for name, column in columns.items())}: expected others")
    last = max(columns.values())
    for number, line in read_lines(existing_file(path), encoding):
        if is_blank(line):
            continue
        found = fields(line, separator)
        if len(found) <= last:
            raise ValueError(f"{path}, line {number}: {len(found)} columns, but column {last} (from 0) was asked for")
        row = tuple(found[column].strip() for column in columns.values())
        if not all(row):
            raise ValueError(f"{path}, line {number}: a side is empty")
        yield number, row


def read_lines(
    path: str | os.PathLike, encoding: str = "utf-8", *, keep_marks: bool = False
) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without its line end) for each line of a file.

    `keep_marks` is for files whose lines may begin with a word that begins with U+FEFF.

    Raises
    ------
    ValueError
        If bytes do not decode, with the line and the byte's place in it; if the encoding is one
        whose line breaks are not single bytes (UTF-16, UTF-32); if a compressed file is damaged.
    """
    for first, text in read_blocks(path, encoding, keep_marks=keep_marks):
        yield from enumerate(text.split("\n"), first)


def stream_blocks(stream: BinaryIO, name: str, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """As `read_blocks`, from a stream of bytes that is called `name`: the lines that are whole, as soon as they are."""
    read = getattr(stream, "read1", stream.read)
    yield from _blocks(iter(lambda: read(BLOCK), b""), name, by_lines(encoding, name))


def read_blocks(
    path: str | os.PathLike, encoding: str = "utf-8", *, keep_marks: bool = False
) -> Iterator[tuple[int, str]]:
    """As `read_lines`, many lines at a time: (number of the first, lines with LF between them)."""
    encoding = by_lines(encoding, path)
    last = 0
    with open_binary(path) as stream:
        try:
            for first, text in _blocks(iter(lambda: stream.read(BLOCK), b""), path, encoding, keep_marks):
                last = first + text.count("\n")
                yield first, text
        except DAMAGED as error:
            raise ValueError(
                f"{path}, after line {last}: the compressed file is damaged or cut off ({error})"
            ) from error
        except OSError as error:  # bz2 has no exception of its own
            if Path(path).suffix not in OPENERS:
                raise
            raise ValueError(f"{path}, after line {last}: the compressed file is damaged ({error})") from error


def by_lines(encoding: str, name: str | os.PathLike) -> str:
    """An encoding that text is to be read by, line by line; `name` is the text's.

    Raises
    ------
    ValueError
        If there is no such encoding, or one of which line breaks are not single bytes.
    """
    if not isinstance(encoding, str):
        raise TypeError(f"encoding={encoding!r}: expected a name such as 'utf-8'")
    try:
        if codecs.lookup(encoding).name == "utf-8-sig":
            return "utf-8"  # marks where lines start are dropped in any case
        breaks = all(end.encode(encoding) == end.encode("ascii") for end in "\n\r")
        # ISO-2022-KR says once, where a file begins, what its letters are
        if breaks and codecs.lookup(encoding).name != "iso2022_kr":
            return encoding
    except LookupError:
        raise ValueError(f"{name}: there is no encoding {encoding!r}; expected a name such as 'utf-8'") from None
    raise ValueError(f"{name}: encoding {encoding!r} cannot be read line by line; convert the file to UTF-8")


def _blocks(
    parts: Iterable[bytes], name: str | os.PathLike, encoding: str, keep_marks: bool = False
) -> Iterator[tuple[int, str]]:
    """Whole lines of the parts of a text."""
    number = 1
    held = io.BytesIO()  # the start of a line whose end has not come
    for part in parts:
        # a CR that ends the part may be the first half of a CRLF
        stop = max(part.rfind(b"\n"), part.rfind(b"\r", 0, len(part) - 1)) + 1
        if held.tell() + (stop or len(part)) > MAX_LINE:
            _check_lengths(held.getvalue() + part[: stop or len(part)], name, number)
        held.write(part[:stop])
        if stop:
            for text in _decoded(held.getvalue(), name, number, encoding, keep_marks):
                yield number, text
                number += text.count("\n") + 1
            held = io.BytesIO()
        held.write(part[stop:])
    if held.tell():
        for text in _decoded(held.getvalue(), name, number, encoding, keep_marks):
            yield number, text


def _check_lengths(data: bytes, name: str | os.PathLike, number: int) -> None:
    for line in _LINE_END.split(data):
        if len(line) > MAX_LINE:
            raise ValueError(f"{name}, line {number} is longer than {MAX_LINE >> 20} MB: is this a text file?")
        number += 1


def _decoded(data: bytes, name: str | os.PathLike, number: int, encoding: str, keep_marks: bool) -> Iterator[str]:
    """The lines, those before a bad byte first."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        ends = [found.end() for found in _LINE_END.finditer(data, 0, error.start)]
        start = ends[-1] if ends else 0
        if start:
            yield _unified(data[:start].decode(encoding), keep_marks)[:-1]
        said = not_text(name) if os.path.isfile(name) else None
        raise ValueError(
            f"{name}, line {number + len(ends)}: byte {error.start - start + 1} (0x{data[error.start]:02x}) is not "
            f"{encoding}; " + (f"the file is {said}" if said else "pass encoding=, e.g. 'gb18030' or 'latin-1'")
        ) from error
    # asked before marks are dropped, as a line may be just one
    unified = _unified(text, keep_marks)
    if text:  # escape sequences alone are none
        yield unified[:-1] if text[-1] in "\r\n" else unified
