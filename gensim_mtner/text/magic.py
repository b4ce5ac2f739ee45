"""What a file is that is not the text that was expected, by its first bytes."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from gensim_mtner.text.remote import is_remote, open_remote

HEAD = 4096  # bytes
PACKED = {b"\x1f\x8b": ("gzip", ".gz"), b"BZh": ("bzip2", ".bz2"), b"\xfd7zXZ\x00": ("xz", ".xz")}
OTHERS = {
    b"PK\x03\x04": "a zip archive: unpack it first", b"PAR1": "Parquet: read it with pandas, and pass its rows",
    b"ARROW1": "Arrow: read it with pandas, and pass its rows", b"SQLite format 3": "an SQLite database",
    b"\x28\xb5\x2f\xfd": "compressed by zstd, which is not read: unpack it first",
    b"%PDF": "a PDF document: take the text out of it first",
    b"\xba\x16\x4f\x2f": "a model of fastText: gensim.models.fasttext.load_facebook_vectors reads it",
}  # fmt: skip
WIDE = {codecs.BOM_UTF8: None, codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32",
        codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}  # fmt: skip


def not_text(path: str | os.PathLike) -> str | None:
    """What a file is, and what to do with it; None if it may be text of an encoding that is read line by line."""
    if not is_remote(path) and not os.path.isfile(path):  # a pipe gives its bytes once
        return None
    with open_remote(str(path)) if is_remote(path) else open(path, "rb") as stream:
        head = stream.read(HEAD)
    if Path(path).suffix in (suffix for _, suffix in PACKED.values()):
        return None
    for start, (name, suffix) in PACKED.items():
        if head.startswith(start):
            return f"compressed by {name}, but its name does not end in {suffix}: rename it"
    for start, said in OTHERS.items():
        if head.startswith(start):
            return said
    wide = next((name for start, name in WIDE.items() if head.startswith(start)), None)
    if wide is None and b"\0" in head:
        # half of the bytes of most letters are zero, all on one side
        even, odd = head[::2].count(0), head[1::2].count(0)
        wide = "UTF-16" if max(even, odd) > len(head) // 8 and min(even, odd) * 8 < max(even, odd) else None
    return f"{wide}: convert it to UTF-8 first (iconv -f {wide} -t UTF-8)" if wide else None
