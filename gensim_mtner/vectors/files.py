"""Word vectors in the text format of word2vec, fastText and floret (``.vec``), with errors that name the line."""

from __future__ import annotations

import os
from array import array
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.text.languages import key
from gensim_mtner.text.lines import MARK, OPENERS, read_lines
from gensim_mtner.text.readers import text_file
from gensim_mtner.vectors.rows import check_whole


def load_vec(
    path: str | os.PathLike, *, language: str | None = None, limit: int | None = None, encoding: str = "utf-8"
) -> KeyedVectors:
    r"""Read vectors of one language, to start training from: ``init_vectors=[load_vec("en.vec", language="en"), ...]``.

    The format is that of ``KeyedVectors.save_word2vec_format(path, binary=False)``, fastText and floret: a line with
    the number of words and of components, then a word and its components a line, separated by spaces. Words may hold
    spaces: the last fields of a line are the components, and what is before them is the word.

    Parameters
    ----------
    path : path-like
        The file, possibly ``.gz``, ``.bz2`` or ``.xz``.
    language : str, optional
        What the words are of: keys become ``en:word``. By default they stay as they are.
    limit : int, optional
        Read only the first words, in such files the most frequent ones.
    encoding : str
        The file's encoding.

    Returns
    -------
    KeyedVectors
        With float32 rows in the order of the file.

    Raises
    ------
    ValueError
        With file and line: if the first line does not say what follows, a line has another number of components, one of
        them is not a finite number, a word occurs twice, or the file ends early. If the file is binary.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "en.vec").write_text("2 3\nAnn 1 2 3\nRome 4 5 6\n")
    ...     load_vec(Path(folder, "en.vec"), language="en").index_to_key
    ['en:Ann', 'en:Rome']
    """
    path = text_file(path, encoding)
    if limit is not None:
        check_whole("limit", limit, 1)
    if _is_binary(path):
        raise ValueError(
            f"{path} is binary: KeyedVectors.load_word2vec_format(path, binary=True) of gensim reads word2vec's, "
            "load_facebook_vectors fastText's; give the words their language, as in 'en:word', to start from them"
        )
    # such files are not joined, and those of the web have words that begin with a mark, beside those without
    lines = read_lines(path, encoding, keep_marks=True)
    number, first = next(lines, (1, ""))
    first = first.lstrip(MARK)
    try:
        n_words, size = (int(field) for field in first.split())
        if n_words < 1 or size < 1:
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{path}, line {number}: expected the number of words and of components, such as '1000 300', "
            f"got {first[:80]!r}"
        ) from None
    wanted = n_words if limit is None else min(limit, n_words)
    index: dict[str, int] = {}
    components = array("f")
    numeric = 0  # words that end in a number
    for number, line in lines:
        if len(index) == wanted:
            if limit is None and line.strip():
                raise ValueError(f"{path}, line {number}: more lines than the {n_words} words that line 1 tells of")
            if limit is not None:
                break
            continue
        # a word may hold other kinds of space, and fastText ends lines with a space
        word, *fields = line.rstrip(" ").rsplit(" ", min(size, len(line)))
        place = f"{path}, line {number}"
        if not word or len(fields) != size:
            raise ValueError(f"{place}: expected a word and {size} components, got {line[:80]!r} ({len(fields)})")
        numeric += " " in word and _is_number(word.rsplit(" ", 1)[1])
        if word in index:
            raise ValueError(f"{place}: the word {word!r} is there for the second time")
        index[word] = len(index)
        try:
            with np.errstate(over="ignore"):
                row = np.array(fields, dtype=np.float32)
        except (ValueError, OverflowError):
            raise ValueError(f"{place}: {line[:80]!r} has a component that is not a number") from None
        if not np.isfinite(row).all():
            raise ValueError(f"{place}: {word!r} has a component that is not a finite number")
        components.frombytes(row.tobytes())
    if len(index) < wanted:
        raise ValueError(f"{path} ends after {len(index)} words, but line 1 tells of {n_words}: cut off?")
    if numeric == len(index):
        # one such word may be a name, as is "Apollo 11"; so many are components
        raise ValueError(f"{path}: line 1 tells of {size} components, but every other line has more")
    vectors = KeyedVectors(size)
    vectors.add_vectors(
        [key(word, language) for word in index], np.frombuffer(components, dtype=np.float32).reshape(-1, size)
    )
    return vectors


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _is_binary(path: Path | str) -> bool:
    """Whether bytes follow that no text has; what is compressed is not looked into."""
    if Path(path).suffix in OPENERS or not os.path.isfile(path):
        return False
    with open(path, "rb") as stream:
        head = stream.read(1 << 14)
    return any(head.count(byte) for byte in (b"\0", b"\1", b"\2", b"\3"))
