"""Arrays compared with what a kernel takes for granted: a kernel looks nothing up, so all is asked before."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from gensim_mtner.text.documents import EncodedCorpus

CHUNK = 1 << 22  # ids that are looked at, at a time


def check_array(
    name: str, array: Any, shape: tuple[int, ...], dtype: Any = np.float32, *, writes: bool = False
) -> np.ndarray:
    """Refuse an array that is of another kind or shape, not in one piece, or read-only where it is written to.

    Parameters
    ----------
    name : str
        What it is called in the error.
    array : object
        What was found.
    shape : tuple of int
        What it has to be.
    dtype : dtype
        What its numbers have to be.
    writes : bool
        Whether a kernel writes to it.

    Raises
    ------
    TypeError
        If it is no plain array.
    ValueError
        If anything else is not as it has to be.
    """
    if type(array) not in (np.ndarray, np.memmap):
        raise TypeError(f"{name} is {type(array).__name__}: expected a numpy array of {np.dtype(dtype)}")
    flags = array.flags
    if array.shape != shape or array.dtype != np.dtype(dtype) or not flags.c_contiguous or not flags.aligned:
        raise ValueError(
            f"{name} is {array.dtype} of shape {array.shape}"
            f"{'' if flags.c_contiguous else ', not C-contiguous'}: expected {np.dtype(dtype)} of shape {shape}"
            f"{', in one piece: np.ascontiguousarray makes it' if array.shape == shape else ''}"
        )
    if writes and not flags.writeable:
        raise ValueError(f"{name} is read-only (memory-mapped?): load the model without mmap, or copy the array")
    return array


def check_rows(vectors: Any, *, writes: bool = True) -> None:
    """Refuse rows of vectors that a kernel would misread, or, where it `writes`, could not write to."""
    plain = vectors.flags.c_contiguous and vectors.dtype == np.float32 if isinstance(vectors, np.ndarray) else True
    if not plain or np.ndim(vectors) != 2:
        raise ValueError(
            f"vectors are {getattr(vectors, 'dtype', type(vectors).__name__)} of shape {np.shape(vectors)}"
            f"{'' if plain or vectors.flags.c_contiguous else ', not C-contiguous'}: expected float32 rows; "
            "np.ascontiguousarray(vectors, dtype=np.float32) makes them"
        )
    check_array("the array of vectors", vectors, getattr(vectors, "shape", ()), writes=writes)


def check_matrix(vectors: Any) -> None:
    """Refuse vectors that are no array of rows of numbers; of any kind, for what does not go to a kernel."""
    if not isinstance(vectors, np.ndarray) or vectors.ndim != 2 or vectors.dtype.kind != "f":
        found = getattr(vectors, "dtype", type(vectors).__name__)
        raise ValueError(f"the array of vectors is {found} of shape {np.shape(vectors)}: expected rows of float32")


def check_range(name: str, array: np.ndarray, least: int, below: int) -> None:
    """Refuse whole numbers outside of ``least <= number < below``, looked at in parts, as they may be on the disk."""
    for start in range(0, len(array), CHUNK):
        part = array[start : start + CHUNK]
        low, high = int(part.min()), int(part.max())
        if low < least or high >= below:
            raise ValueError(f"{name} has the number {low if low < least else high}: expected {least} to {below - 1}")


def check_offsets(name: str, offsets: np.ndarray, total: int) -> None:
    """Refuse offsets that do not rise from 0 to `total`."""
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != total or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(f"{name} does not divide {total} numbers: expected offsets that rise from 0 to {total}")


def check_documents(encoded: EncodedCorpus, n_rows: int) -> None:
    """Refuse documents whose ids, offsets and rows do not fit each other, or a vocabulary of `n_rows` rows."""
    for part in encoded.parts:
        check_array("offsets of the corpus", part.offsets, part.offsets.shape, np.int64)
        check_array("ids of the corpus", part.ids, (len(part.ids),), np.int32)
        check_array("rows of the corpus", part.rows, (len(part.rows),), np.int32)
        if len(part.offsets) % 2 == 0:
            raise ValueError(f"there are {len(part.offsets)} offsets of the corpus: expected two a document, and one")
        check_offsets("offsets of the corpus", part.offsets, len(part.ids))
        check_array("numbers of the corpus", part.numbers, (len(part),), np.int64)
        check_array("lengths of the corpus", part.lengths, (len(part),), np.int64)
        if not np.array_equal(part.lengths, np.diff(part.offsets[::2])):
            raise ValueError("lengths of the corpus are not those that its offsets have")
        check_range("ids of the corpus", part.ids, 0, len(part.rows))
        check_range("rows of the corpus", part.rows, -(1 << 31), n_rows)


def is_number(value: Any) -> bool:
    """Whether it is a real number that is finite: no text, no truth value, no array."""
    return isinstance(value, numbers.Real) and not is_truth(value) and bool(np.isfinite(float(value)))


def is_whole(value: Any) -> bool:
    """Whether it is a whole number: no truth value."""
    return isinstance(value, (int, np.integer)) and not is_truth(value)


def is_truth(value: Any) -> bool:
    """Whether it is true or false, and not a number that could stand for it."""
    return isinstance(value, (bool, np.bool_))


def check_whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    """A whole number of at least `least`, and at most `most`, as Python's, which no product is too large for."""
    if not is_whole(value) or value < least or (most is not None and value > most):
        raise ValueError(
            f"{name}={value!r}: expected a whole number from {least}{'' if most is None else f' to {most}'}"
        )
    return int(value)


def check_number(name: str, value: Any, *, positive: bool = False, most: float | None = None) -> None:
    """Refuse what is not a finite number from 0, or above 0."""
    if not is_number(value) or value < 0 or (positive and value == 0) or (most is not None and value > most):
        expected = "a positive number" if positive else "a number from 0" + ("" if most is None else f" to {most}")
        raise ValueError(f"{name}={value!r}: expected {expected}")


def check_share(name: str, value: Any, *, below: bool = False) -> None:
    """Refuse what is not a number from 0 to 1, or from 0 to `below` 1 in the single precision that kernels count in."""
    if not is_number(value) or not 0 <= value <= 1 or (below and np.float32(value) == 1):
        raise ValueError(f"{name}={value!r}: expected a number from 0 to {'below ' * below}1")


def check_choice(name: str, value: Any, choices: Iterable[str]) -> None:
    """Refuse what is not one of some names."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}={value!r}: expected one of {', '.join(map(repr, choices))}")
