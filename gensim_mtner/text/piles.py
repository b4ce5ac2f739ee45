"""Documents of one language from a folder, from lines of a file or from JSON Lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gensim_mtner.text import readers
from gensim_mtner.text.lines import OPENERS, is_blank, read_lines
from gensim_mtner.text.sides import is_blank as is_nothing

JSONL = ".jsonl"
TEXT_KEY = "text"


class RawDocument(NamedTuple):
    """A document before segmentation; `place` names it in error messages."""

    place: str
    id: str
    document: Any


class Pile:
    """Documents of one language, read anew each time that they are gone through; blank ones are left out.

    Parameters
    ----------
    path : path-like
        A folder, whose files are documents by their names; JSON Lines (``.jsonl``), with a document under the language
        code or "text"; or another file, each line of which is a document. Files possibly ``.gz``, ``.bz2`` or ``.xz``.
    language : str
        Its code.
    encoding : str
        Of all files.
    """

    def __init__(self, path: str | os.PathLike, *, language: str, encoding: str = "utf-8"):
        self.language, self.encoding = language, encoding
        self.path: Path | str = Path(path) if os.path.isdir(path) else readers.text_file(path, encoding)

    def __iter__(self) -> Iterator[RawDocument]:
        suffixes = [suffix for suffix in Path(self.path).suffixes if suffix not in OPENERS]
        read = self._files if os.path.isdir(self.path) else self._json if suffixes[-1:] == [JSONL] else self._lines
        return (document for document in read() if not is_nothing(document.document))

    def _files(self) -> Iterator[RawDocument]:
        for path in sorted(Path(self.path).iterdir()):
            if path.is_file() and not path.name.startswith("."):
                text = "\n".join(line for _, line in read_lines(path, self.encoding))
                yield RawDocument(str(path), path.name, text)

    def _lines(self) -> Iterator[RawDocument]:
        for number, line in read_lines(self.path, self.encoding):
            if not is_blank(line):
                yield RawDocument(f"{self.path}, line {number}", str(number), line)

    def _json(self) -> Iterator[RawDocument]:
        for pair in readers.jsonl(self.path, self.language, TEXT_KEY, "id", self.encoding):
            yield RawDocument(pair.place, pair.id, pair.target if pair.source is None else pair.source)
