"""The door for tokens and tags, from memory or from files: what may come in is what can be written and read back."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np

from gensim_mtner.labels.schemes import OUTSIDE, converted, is_type, map_types
from gensim_mtner.text.languages import composed
from gensim_mtner.text.lines import MARK, is_blank
from gensim_mtner.text.sides import half_a_character, is_missing

logger = logging.getLogger(__name__)


def problem(token: Any) -> str | None:
    """What is wrong with a token, in a few words; None if nothing is."""
    if not isinstance(token, str):
        lost = is_missing(token)
        hint = " (pandas reads words such as 'NA' as missing values unless keep_default_na=False)" if lost else ""
        return f"expected text, got {type(token).__name__}{hint}"
    if is_blank(token):
        return "expected more than white space"
    if any(char in token for char in "\t\n\r"):
        return "it has a tab or a line end, which a file with a token a line cannot hold"
    return half_a_character(token)


class Tokens(dict[Any, str]):
    """Tokens that were let in, each once: ``tokens[token]`` lets one in, or raises ValueError.

    A byte-order mark at the start of a token is dropped, as it is at the start of a line; its spelling is that of
    `gensim_mtner.text.languages.composed`, if it is not to be kept `as_written`.
    """

    def __init__(self, *, as_written: bool = False):
        self.as_written = as_written

    def __missing__(self, token: Any) -> str:
        wrong = problem(token)
        if wrong:
            raise ValueError(f"{token!r}: {wrong}")
        result = str(token).lstrip(MARK)
        if not self.as_written:
            result = composed(result)
        self[result] = self[token] = result
        return self[result]


class Tags(dict[Any, str]):
    """Tags that were let in, each once; white space at their ends, of any kind, is dropped."""

    def __missing__(self, tag: Any) -> str:
        if not isinstance(tag, str):
            number = isinstance(tag, int) or hasattr(tag, "__index__")
            hint = "; NERData.from_records takes numbers, with names=" if number else ""
            raise ValueError(f"{tag!r}: expected text such as 'O' or 'B-PER', got {type(tag).__name__}{hint}")
        result = str(tag).replace(MARK, "").strip()
        wrong = half_a_character(result)
        if wrong or any(char in result for char in "\t\n\r"):
            raise ValueError(f"{tag!r}: {wrong or 'it has a tab or a line end'}")
        self[result] = self[tag] = result
        return self[result]


def listed(items: Any, place: str, what: str) -> list[Any]:
    """The items of one sentence, if it is a list, a tuple, an array or the like of `what`."""
    if isinstance(items, (str, bytes)):
        raise ValueError(f"{place} is {type(items).__name__} ({items[:40]!r}): expected a list of {what}")
    if isinstance(items, (Mapping, Set)) or not isinstance(items, Iterable):
        raise ValueError(f"{place} is {type(items).__name__}: expected a list of {what}")
    try:
        return list(items)
    except TypeError as error:  # an array without dimensions
        raise ValueError(f"{place} is {type(items).__name__} ({error}): expected a list of {what}") from None


def let_in(items: Any, known: Tokens | Tags, place: str) -> list[str]:
    """The tokens, or tags, of one sentence, checked."""
    what = "tokens" if isinstance(known, Tokens) else "tags"
    given = listed(items, f"the {what} of {place}", what)
    try:
        return [known[item] for item in given]
    except (ValueError, TypeError):
        pass
    for number, item in enumerate(given, 1):
        try:
            known[item]
        except (ValueError, TypeError) as error:
            said = (
                str(error)
                if isinstance(error, ValueError)
                else f"{item!r:.60}: expected text, got {type(item).__name__}"
            )
            raise ValueError(f"{place}: {what[:-1]} {number} is {said}") from None
    raise AssertionError


def sentences_of(items: Any, name: str, what: str) -> Iterable[Any]:
    """What sentences, or their tags, come in, if it is a list of lists or the like."""
    labelled = hasattr(items, "sentences") and hasattr(items, "tags")
    if (isinstance(items, (str, bytes, Mapping, Set)) or not isinstance(items, Iterable) or hasattr(items, "columns")
            or labelled):  # fmt: skip
        more = f", such as its .{'tags' if what == 'tags' else 'sentences'}" if labelled else ""
        raise TypeError(f"{name} is {type(items).__name__}: expected a list of {what}, one for each sentence{more}")
    return items


def places_of(numbers: Iterable[Any], n: int) -> list[int]:
    """Which of `n` sentences are meant, by their numbers from 0, or by True and False for each."""
    places = np.asarray(list(numbers))
    if not len(places):
        return []
    if places.dtype.kind not in "biu":
        raise TypeError(f"subset by {places.dtype}: expected numbers of sentences, or True and False for each")
    if places.dtype == bool:
        if len(places) != n:
            raise ValueError(f"subset by True and False for {len(places)} of {n} sentences: expected one for each")
        places = np.flatnonzero(places)
    if (places >= n).any() or (places < -n).any():
        raise IndexError(f"subset: there is no sentence {places[(places >= n) | (places < -n)][0]} among {n}, from 0")
    return places.tolist()


def checked_sentences(sentences: Any) -> list[list[str]]:
    """The tokens of sentences, checked."""
    known = Tokens()
    return [let_in(row, known, f"sentence {number}")
            for number, row in enumerate(sentences_of(sentences, "sentences", "tokens"), 1)]  # fmt: skip


class Converter:
    """Turns the tags of sentences into IOB2 tags of the types that are wanted, and counts what it repairs.

    Parameters
    ----------
    scheme, on_invalid : str
        As in `gensim_mtner.labels.schemes.to_iob2`.
    types : dict of str to (str or None), optional
        Types to rename, or to drop.
    """

    def __init__(self, scheme: str, on_invalid: str, types: Mapping[str, str | None] | None):
        if types is not None and not isinstance(types, Mapping):
            raise TypeError(f"types is {type(types).__name__}: expected new names by type, such as {{'PERSON': 'PER'}}")
        self.scheme, self.on_invalid, self.types = scheme, on_invalid, dict(types or {})
        converted([], scheme, on_invalid)  # its arguments are checked, whatever comes
        for old, new in self.types.items():
            if new is not None and (not is_type(new) or Tags()[f"B-{new}"] != f"B-{new}"):
                raise ValueError(f"types has {new!r} for {old!r}: expected the name of a type, or None")
            if not is_type(old):
                raise ValueError(f"types has {old!r}: expected a type, such as 'PER', without B- or I-")
        self.repaired = 0
        self.first = 0  # the sentence in which the first repair was, from 1
        self.seen = 0
        self.kinds: set[str] = set()  # the types that came, if some are to be renamed

    def __call__(self, tags: Sequence[str]) -> list[str]:
        """The tags of one sentence."""
        self.seen += 1
        if tags.count(OUTSIDE) == len(tags):
            return list(tags)
        result, strays = converted(tags, self.scheme, self.on_invalid)
        if strays and not self.repaired:
            self.first = self.seen
        self.repaired += strays
        if not self.types:
            return result
        self.kinds.update(tag[2:] for tag in result if tag != OUTSIDE)
        return map_types(result, self.types)

    def warn_of_repairs(self) -> None:
        """Say in one warning what was repaired, if anything was; and which type may have been misspelt."""
        if self.repaired:
            logger.warning(
                "repaired %i tags that %s, the first in sentence %i", self.repaired, self.strayed, self.first
            )
        warn_of_types(self.types, self.kinds)

    @property
    def strayed(self) -> str:
        """What tags did that were repaired."""
        return "continued no entity" + (", or none ended" if self.scheme == "BIOES" else "")

    def iob1_hint(self, fits: bool) -> str:
        """What to add to an error about a tag that continues nothing."""
        return ", or scheme='IOB1', as no entity here opens with B-" if self.scheme == "IOB2" and fits else ""


def warn_of_types(types: Mapping[str, str | None], kinds: Set[str]) -> None:
    """Warn of a type to be renamed that no tag has, where one is like it; one mapping may serve several files."""
    others = sorted(kinds - set(types) - {new for new in types.values() if new})
    for old in types:
        near = difflib.get_close_matches(old, others, 1, 0.75) if old not in kinds else []
        if near:
            logger.warning("types has %r, which no tag has; was %r meant?", old, near[0])
