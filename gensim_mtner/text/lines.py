"""Lines of text files, plain or compressed, with errors that name the file and the line."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from gensim_mtner.text.magic import not_text

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
MAX_LINE = 1 << 28  # bytes; a file of a few kilobytes can unpack to one endless line
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


def existing_file(path: str | os.PathLike) -> Path:
    """`path` as a Path, if it is a file that is there.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If nothing is there, or a directory.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; a file was expected")
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    return path


def open_binary(path: str | os.PathLike) -> BinaryIO:
    """Open a file for reading bytes; ``.gz``, ``.bz2`` and ``.xz`` are read as they are."""
    path = Path(path)
    return OPENERS.get(path.suffix, open)(path, "rb")


def read_lines(path: str | os.PathLike, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, text without its line break) for each line of a file.

    A byte-order mark at the start is dropped.

    Raises
    ------
    ValueError
        If bytes do not decode, with the line and the byte's place in it; if the encoding is one
        whose line breaks are not single bytes (UTF-16, UTF-32); if a compressed file is damaged.
    """
    if "\n".encode(encoding) != b"\n":
        raise ValueError(f"{path}: encoding {encoding!r} cannot be read line by line; convert the file to UTF-8")
    number = 0
    with open_binary(path) as stream:
        try:
            for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE + 1), b""), 1):
                if len(line) > MAX_LINE:
                    raise ValueError(f"{path}, line {number} is longer than {MAX_LINE >> 20} MB: is this a text file?")
                try:
                    text = line.decode(encoding)
                except UnicodeDecodeError as error:
                    said = not_text(path)
                    raise ValueError(
                        f"{path}, line {number}: byte {error.start + 1} (0x{line[error.start]:02x}) is not {encoding}; "
                        + (f"the file is {said}" if said else "pass encoding=, e.g. 'gb18030' or 'latin-1'")
                    ) from error
                yield number, (text.lstrip("\ufeff") if number == 1 else text).rstrip("\r\n")
        except DAMAGED as error:
            raise ValueError(
                f"{path}, after line {number}: the compressed file is damaged or cut off ({error})"
            ) from error
        except OSError as error:  # bz2 has no exception of its own
            if Path(path).suffix not in OPENERS:
                raise
            raise ValueError(f"{path}, after line {number}: the compressed file is damaged ({error})") from error
