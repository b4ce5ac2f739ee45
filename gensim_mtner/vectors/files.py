"""Word vectors in the text format of word2vec, fastText and floret (``.vec``), with errors that name the line."""

from __future__ import annotations

import os
from array import array

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.text.languages import key
from gensim_mtner.text.lines import existing_file, read_lines


def load_vec(
    path: str | os.PathLike, *, language: str | None = None, limit: int | None = None, encoding: str = "utf-8"
) -> KeyedVectors:
    r"""Read vectors of one language, to start training from: ``init_vectors=[load_vec("en.vec", language="en"), ...]``.

    The format is that of ``KeyedVectors.save_word2vec_format(path, binary=False)``, fastText and floret: a line with
    the number of words and of components, then a word and its components a line, separated by spaces.

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
        them is not a finite number, a word occurs twice, or the file ends early.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "en.vec").write_text("2 3\nAnn 1 2 3\nRome 4 5 6\n")
    ...     load_vec(Path(folder, "en.vec"), language="en").index_to_key
    ['en:Ann', 'en:Rome']
    """
    path = existing_file(path)
    if limit is not None and limit < 1:
        raise ValueError(f"limit={limit}: expected at least 1")
    lines = read_lines(path, encoding)
    number, first = next(lines, (1, ""))
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
    for number, line in lines:
        if len(index) == wanted:
            if limit is None and line.strip():
                raise ValueError(f"{path}, line {number}: more lines than the {n_words} words that line 1 tells of")
            if limit is not None:
                break
            continue
        # a word may hold other kinds of space, and fastText ends lines with a space
        word, *fields = line.rstrip(" ").split(" ")
        place = f"{path}, line {number}"
        if not word or len(fields) != size:
            raise ValueError(f"{place}: expected a word and {size} components, got {line[:80]!r} ({len(fields)})")
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
    vectors = KeyedVectors(size)
    vectors.add_vectors(
        [key(word, language) for word in index], np.frombuffer(components, dtype=np.float32).reshape(-1, size)
    )
    return vectors
