"""Documents of one language from a folder, from lines of a file or from JSON Lines."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gensim_mtner.storage import MANIFEST
from gensim_mtner.text import readers
from gensim_mtner.text.lines import is_blank, read_lines, suffix_of
from gensim_mtner.text.remote import is_remote
from gensim_mtner.text.sides import is_blank as is_nothing

JSON_LINES, OF_PAIRS = (".jsonl", ".json"), (".tsv", ".xml")
TEXT_KEY, ID_KEY = "text", "id"


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
        code or "text"; or another file, each line of which is a document. Files possibly ``.gz``, ``.bz2`` or ``.xz``;
        those in a folder may be JSON Lines, too. Folders within are passed over.
    language : str
        Its code.
    encoding : str
        Of all files.

    Raises
    ------
    ValueError, OSError
        If it is no file that can be read twice and may hold text of one language.
    """

    def __init__(self, path: str | os.PathLike, *, language: str, encoding: str = "utf-8"):
        self.language, self.encoding = language, encoding
        self.folder = not is_remote(path) and os.path.isdir(path)
        if self.folder and (Path(path) / MANIFEST).exists():
            raise ValueError(f"{path} is what encode or train wrote: expected text, of one language")
        self.path: Path | str = Path(path) if self.folder else self._file(path)

    def _file(self, path: str | os.PathLike) -> Path | str:
        """A file that can be read, and again."""
        found = readers.text_file(path, self.encoding)
        if not is_remote(path) and not stat.S_ISREG(os.stat(path).st_mode):
            raise ValueError(f"{path} is a pipe or a device, which can be read only once: write it to a file first")
        if suffix_of(path).lower() in OF_PAIRS:
            raise ValueError(
                f"{path} holds both sides of pairs, by its name: expected documents of one language, in "
                f"{' or '.join(JSON_LINES)}, or in lines"
            )
        return found

    def __iter__(self) -> Iterator[RawDocument]:
        read = self._files() if self.folder else self._in_file(self.path)
        return (document for document in read if not is_nothing(document.document))

    def _files(self) -> Iterator[RawDocument]:
        for path in sorted(Path(self.path).iterdir()):
            if path.is_dir() or path.name.startswith("."):
                continue
            self._file(path)
            if suffix_of(path).lower() in JSON_LINES:
                yield from self._json(path)
            else:
                text = "\n".join(line for _, line in read_lines(path, self.encoding))
                yield RawDocument(str(path), path.name, text)

    def _in_file(self, path: Path | str) -> Iterator[RawDocument]:
        if suffix_of(path).lower() in JSON_LINES:
            yield from self._json(path)
            return
        for number, line in read_lines(path, self.encoding):
            if not is_blank(line):
                yield RawDocument(f"{path}, line {number}", str(number), line)

    def _json(self, path: Path | str) -> Iterator[RawDocument]:
        # "id" is Indonesian, too
        keys = (TEXT_KEY, self.language) if self.language == ID_KEY else (self.language, TEXT_KEY)
        for pair in readers.jsonl(path, *keys, ID_KEY, self.encoding):
            place = pair.place.partition(" (its keys")[0]
            yield RawDocument(place, pair.id, pair.target if pair.source is None else pair.source)
