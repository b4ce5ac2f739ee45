"""Files that are elsewhere (``s3://``, ``gs://``, ``hf://``, ``https://``), read through fsspec, an extra."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)")  # a letter alone is a drive of Windows


def is_remote(path: Any) -> bool:
    """Whether a path is an address that fsspec reads, and no file here.

    Examples
    --------
    >>> is_remote("s3://bucket/pairs.jsonl.gz"), is_remote("C:/pairs.jsonl"), is_remote("pairs.jsonl")
    (True, False, False)
    """
    return isinstance(path, str) and _REMOTE.match(path) is not None


def existing_remote(path: str) -> str:
    """`path`, if there is a file.

    Raises
    ------
    ImportError
        If fsspec, or what it needs for this kind of address, is not installed; the error says what to install.
    ValueError
        If there is no such kind of address.
    FileNotFoundError, IsADirectoryError
        If nothing is there, or a directory.
    """
    system, place = _system(path)
    if system.isdir(place):
        raise IsADirectoryError(f"{path} is a directory; a file was expected")
    if not system.exists(place):
        raise FileNotFoundError(f"{path} does not exist, or may not be read")
    return path


def open_remote(path: str) -> BinaryIO:
    """Open an address for reading its bytes, as they are."""
    system, place = _system(path)
    return system.open(place, "rb")


def _system(path: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise ImportError(f"{path}: to read files from elsewhere, pip install 'gensim-mtner[remote]'") from error
    try:
        return fsspec.core.url_to_fs(path)
    except ImportError as error:
        raise ImportError(f"{path}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
