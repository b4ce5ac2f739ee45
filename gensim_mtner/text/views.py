"""What views of a corpus read: functions of a module, so that a corpus can be sent to another process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from numbers import Integral
from typing import Any

import numpy as np

from gensim_mtner.text.pairs import RawPair

Read = Callable[[], Iterator[RawPair]]


def check_seed(seed: Any) -> None:
    """Refuse what no order or draw can be made from."""
    if not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"seed={seed!r}: expected a whole number from 0")


def check_count(name: str, value: Any) -> None:
    """Refuse what is no number of lines or pairs."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name}={value!r}: expected a whole number from 1")


def first(read: Read, n: int) -> Iterator[RawPair]:
    """The first pairs."""
    return itertools.islice(read(), n)


def shuffled(read: Read, seed: int, buffer_size: int) -> Iterator[RawPair]:
    """The pairs in another order, with so many of them in memory."""
    random = np.random.default_rng(seed)
    held: list[RawPair] = []
    for pair in read():
        if len(held) < buffer_size:
            held.append(pair)
            continue
        place = int(random.integers(buffer_size))
        held[place], pair = pair, held[place]
        yield pair
    for place in random.permutation(len(held)):
        yield held[place]


def part(read: Read, held_out: frozenset[int], wanted: bool) -> Iterator[RawPair]:
    """Those whose numbers are held out, or the others."""
    return (pair for number, pair in enumerate(read()) if (number in held_out) == wanted)
