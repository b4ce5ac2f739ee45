"""Words and names of two languages that users have: lists of translations, titles of articles on one subject."""

from __future__ import annotations

import json
import math
import numbers
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gensim_mtner.text.languages import composed
from gensim_mtner.text.lines import is_blank, read_columns, read_lines
from gensim_mtner.text.readers import text_file, wikipedia_xml
from gensim_mtner.text.sides import check_ordered, half_a_character

# what titles say beside a name: "Paris (Texas)", "Springfield, Illinois"
_ASIDE = re.compile(r"\s*[(（][^()（）]*[)）]\s*$|\s*, .*$")


def without_aside(title: str) -> str:
    """A title without what stands in brackets or after a comma at its end."""
    return _ASIDE.sub("", title)


def _weight(number: int, weight: Any) -> float:
    """A weight, checked."""
    if isinstance(weight, bool) or not isinstance(weight, numbers.Real):
        raise TypeError(f"weight {number} is {weight!r}: expected a number above 0")
    value = float(weight)
    if not 0 < value < math.inf:
        raise ValueError(f"weight {number} is {weight!r}: expected a number above 0")
    return value


class BilingualDictionary:
    """Words and phrases of the source language, and their translations.

    Iterating gives pairs. A word may have several translations; a pair that is there twice is kept once.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Source and target, as running text: they are segmented where they are used.
    weights : iterable of float, optional
        How much each pair counts, such as the probability of a translation: of several translations of a word the
        tagger is trained on the heaviest, and a name has the type of most weight. Weights of a pair that is there
        twice are added up. Without them all pairs count alike, and the most frequent translation is taken.

    Attributes
    ----------
    pairs : list of (str, str)
        Each once.
    weights : list of float
        Theirs.

    Raises
    ------
    ValueError, TypeError
        If an item is no pair of text, a side is empty, or there is no pair; if a weight is no number above 0, or there
        are not as many as pairs.

    Examples
    --------
    >>> BilingualDictionary([("Red Sea", "红海"), ("Nile", "尼罗河"), ("Nile", "尼罗河")])
    BilingualDictionary(2 pairs)
    >>> BilingualDictionary([("bank", "benki"), ("bank", "ukingo")], weights=[0.9, 0.1]).weights
    [0.9, 0.1]
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], weights: Iterable[float] | None = None):
        kept: dict[tuple[str, str], float] = {}
        check_ordered("pairs", pairs)
        if isinstance(pairs, (str, bytes, os.PathLike, Mapping)) or hasattr(pairs, "columns"):
            how = "pass its items()" if isinstance(pairs, Mapping) else "a file is read by BilingualDictionary.from_tsv"
            raise TypeError(f"pairs is {type(pairs).__name__}: expected pairs of text; {how}")
        pairs = list(pairs)
        given = [1.0] * len(pairs) if weights is None else [_weight(*item) for item in enumerate(weights)]
        if len(given) != len(pairs):
            raise ValueError(f"{len(given)} weights for {len(pairs)} pairs: expected one for each")
        for number, (pair, weight) in enumerate(zip(pairs, given, strict=True)):
            if isinstance(pair, str) or not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise TypeError(f"pair {number} is {pair!r}: expected (source, target)")
            if not all(isinstance(side, str) for side in pair):
                raise TypeError(f"pair {number} is {pair!r}: expected two texts")
            source, target = (composed(side.strip()) for side in pair)
            if not source or not target:
                raise ValueError(f"pair {number} is {pair!r}: a side is empty")
            if wrong := half_a_character(source + target):
                raise ValueError(f"pair {number} is {pair!r}: {wrong}")
            kept[source, target] = weight + (kept.get((source, target), 0) if weights is not None else 0)
        if not kept:
            raise ValueError("the dictionary has no pair")
        if not all(map(math.isfinite, kept.values())):
            raise ValueError("the weights of a pair that is there several times sum up to infinity: lower them")
        self.pairs, self.weights = list(kept), list(kept.values())

    @classmethod
    def from_tsv(
        cls,
        path: str | os.PathLike,
        *,
        source_column: int = 0,
        target_column: int = 1,
        weight_column: int | None = None,
        separator: str | None = "\t",
        encoding: str = "utf-8",
    ) -> BilingualDictionary:
        r"""Read a file with a pair a line, also compressed; blank lines are passed over.

        Parameters
        ----------
        path : path-like
            The file.
        source_column, target_column : int
            Which columns, from 0.
        weight_column : int, optional
            The column of weights; without it all pairs count alike.
        separator : str, optional
            Between columns; None for runs of tabs and spaces, as in the dictionaries of MUSE.
        encoding : str
            Of the file.

        Raises
        ------
        ValueError
            If a line lacks a column or a side, or its weight is no number above 0; file and line are named.
        """
        columns = {"source_column": source_column, "target_column": target_column}
        if weight_column is not None:
            columns["weight_column"] = weight_column
        pairs: list[tuple[str, str]] = []
        weights: list[float] = []
        for number, (source, target, *weight) in read_columns(path, columns, separator, encoding):
            pairs.append((source, target))
            for text in weight:
                try:
                    weights.append(_weight(0, float(text)))
                except ValueError:
                    raise ValueError(
                        f"{path}, line {number}: the weight {text!r} is no number above 0; expected one in column "
                        f"{weight_column} (from 0)"
                    ) from None
        return cls._read(path, pairs, None if weight_column is None else weights)

    @classmethod
    def from_jsonl(
        cls, path: str | os.PathLike, *, source_key: str, target_key: str, encoding: str = "utf-8"
    ) -> BilingualDictionary:
        r"""Read two fields of JSON Lines, such as the titles of document pairs; lines that lack one are passed over.

        Parameters
        ----------
        path : path-like
            The file.
        source_key, target_key : str
            The fields, such as ``"title_en"`` and ``"title_sw"``.
        encoding : str
            Of the file.

        Raises
        ------
        ValueError
            If a line is no JSON object, or a field no text (file and line are named); if no line has both.
        """

        def pairs() -> Iterator[tuple[str, str]]:
            for number, line in read_lines(text_file(path, encoding), encoding):
                try:
                    item = {} if is_blank(line) else json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise ValueError(
                        f"{path}, line {number}: not JSON ({error}); expected one object a line"
                    ) from error
                sides: list[Any] = [None]
                if isinstance(item, dict):
                    sides = [item.get(key) or "" for key in (source_key, target_key)]
                if not all(isinstance(side, str) for side in sides):
                    keys = f"{source_key!r} and {target_key!r}"
                    raise ValueError(f"{path}, line {number}: expected an object with text as {keys}")
                if all(side.strip() for side in sides):
                    yield sides[0], sides[1]

        return cls._read(path, pairs())

    @classmethod
    def from_wikipedia_xml(cls, path: str | os.PathLike, *, source: str, target: str) -> BilingualDictionary:
        """The titles of the articles of a linguatools corpus; see `ComparableCorpus.from_wikipedia_xml`.

        Parameters
        ----------
        path : path-like
            The file.
        source, target : str
            Language codes.

        Raises
        ------
        ValueError
            If it is no such file, or damaged; if no pair has a title on both sides.
        """
        titles = (row[2:] for row in wikipedia_xml(text_file(path, None), source, target, titles_only=True))
        return cls._read(path, (pair for pair in titles if all(pair)))  # type: ignore[misc]

    @classmethod
    def _read(
        cls, path: str | os.PathLike, pairs: Iterable[tuple[str, str]], weights: list[float] | None = None
    ) -> BilingualDictionary:
        """From pairs of a file, which errors name."""
        try:
            return cls(pairs, weights)
        except ValueError as error:
            raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, BilingualDictionary) and (self.pairs, self.weights) == (other.pairs, other.weights)

    def __hash__(self) -> int:
        return hash((tuple(self.pairs), tuple(self.weights)))

    def __repr__(self) -> str:
        return f"BilingualDictionary({len(self)} pair{'s' * (len(self) != 1)})"
