"""Lists of names with their types, and labels from them: the longest match from the left."""

from __future__ import annotations

import copy
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gensim_mtner.labels.schemes import OUTSIDE, is_type, tags_of_name
from gensim_mtner.text.languages import composed
from gensim_mtner.text.lines import read_columns


class Gazetteer:
    """Names of one language, with their types.

    Parameters
    ----------
    names : dict of str to iterable of str
        Names by entity type: ``{"PER": ["Wangari Maathai"], "LOC": ["Dar es Salaam"]}``, as they are written.
    language : str
        Theirs.

    Attributes
    ----------
    kinds : dict of str to str
        The type of each name.

    Raises
    ------
    ValueError, TypeError
        If a name is of two types, or no text, or if there is no name.

    Examples
    --------
    >>> Gazetteer({"LOC": ["Dar es Salaam", "Mto Nile"]}, language="sw")
    Gazetteer(2 names of 'sw': 2 LOC)
    """

    def __init__(self, names: Mapping[str, Iterable[str]], language: str):
        if not isinstance(language, str) or not language:
            raise ValueError(f"language={language!r}: expected a language code")
        self.kinds, self.language = kinds_of(names), language

    @classmethod
    def from_tsv(
        cls,
        path: str | os.PathLike,
        *,
        language: str,
        name_column: int = 0,
        type_column: int = 1,
        types: Mapping[str, str | None] | None = None,
        separator: str | None = "\t",
        encoding: str = "utf-8",
    ) -> Gazetteer:
        r"""Read a file with a name and its type a line, also compressed; blank lines are passed over.

        A name that is there with several types has the one that it has most often, the first of equals.

        Parameters
        ----------
        path : path-like
            The file.
        language : str
            Of the names.
        name_column, type_column : int
            Which columns, from 0.
        types : dict of str to (str or None), optional
            New names of types, as in `NERData`; None leaves a type out.
        separator : str, optional
            Between columns; None for runs of tabs and spaces.
        encoding : str
            Of the file.

        Raises
        ------
        ValueError
            If a line lacks a column or has nothing in one; file and line are named.
        """
        votes: dict[str, Counter[str]] = {}
        columns = {"name_column": name_column, "type_column": type_column}
        for _, (name, kind) in read_columns(path, columns, separator, encoding):
            wanted = (types or {}).get(kind, kind)
            if wanted is not None:
                votes.setdefault(composed(name), Counter())[wanted] += 1
        names: dict[str, list[str]] = {}
        for name, counted in votes.items():
            names.setdefault(counted.most_common(1)[0][0], []).append(name)
        try:
            return cls(names, language)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def map_names(self, function: Callable[[str], str]) -> Gazetteer:
        """The same types for changed names, such as another script of theirs; of those that become one, the first's."""
        changed = copy.copy(self)
        changed.kinds = {}
        for name, kind in self.kinds.items():
            changed.kinds.setdefault(function(name), kind)
        return changed

    def __len__(self) -> int:
        return len(self.kinds)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Gazetteer) and (self.kinds, self.language) == (other.kinds, other.language)

    def __hash__(self) -> int:
        return hash((self.language, frozenset(self.kinds.items())))

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(self.kinds.values()).items()))
        return f"Gazetteer({len(self)} name{'s' * (len(self) != 1)} of {self.language!r}: {counts})"


def label(sentences: Sequence[list[str]], names: Mapping[str, Iterable[str]], between: str) -> list[list[str]]:
    """IOB2 tags of sentences; see `gensim_mtner.NERData.from_gazetteer`.

    Parameters
    ----------
    sentences : sequence of list of str
        Tokens.
    names : dict of str to iterable of str
        Names by entity type.
    between : str
        What stands between the tokens of a name.
    """
    match = matcher(kinds_of(names), between)
    return [match(sentence) for sentence in sentences]


def kinds_of(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The type of each name of some lists by type, which are checked."""
    if not isinstance(names, Mapping):
        more = "; a file is read by Gazetteer.from_tsv" if isinstance(names, (str, os.PathLike)) else ""
        raise TypeError(f"names is {type(names).__name__}: expected lists of names by entity type{more}")
    kinds: dict[str, str] = {}
    for kind, listed in names.items():
        if not is_type(kind) or " ".join(kind.split()) != kind:
            raise ValueError(f"names has lists of {kind!r}: expected an entity type, such as 'PER'")
        if not isinstance(listed, Iterable):
            raise ValueError(f"names[{kind!r}] is {type(listed).__name__}: expected a list of names")
        if isinstance(listed, str):
            raise ValueError(f"names[{kind!r}] is one string ({listed!r}): expected a list of names")
        for name in listed:
            if not isinstance(name, str):
                raise ValueError(f"names[{kind!r}] has {name!r}: expected text, got {type(name).__name__}")
            name = composed(name.strip())
            if kinds.setdefault(name, kind) != kind:
                raise ValueError(f"the name {name!r} is in both {kinds[name]!r} and {kind!r}: keep it in one")
    kinds.pop("", None)
    if not kinds:
        raise ValueError("names holds no name: expected a list for at least one entity type")
    return kinds


def matcher(kinds: Mapping[str, str], between: str) -> Callable[[Sequence[str]], list[str]]:
    """From a sentence to its IOB2 tags, for names with their types; the longest match from the left."""
    if not between:  # tokens have no white space that names could have: "Lady Gaga" stands in Chinese as two tokens
        kinds = {"".join(name.split()): kind for name, kind in reversed([*kinds.items()])}
    longest = max(len(name.split(between) if between else name) for name in kinds)
    width = max(map(len, kinds))
    return lambda sentence: _label(sentence, kinds, between, longest, width)


def _label(sentence: Sequence[str], kinds: Mapping[str, str], between: str, longest: int, width: int) -> list[str]:
    """Tag the longest matches, from the left."""
    tags = [OUTSIDE] * len(sentence)
    start = 0
    while start < len(sentence):
        best = 0
        text = ""
        for stop in range(start + 1, min(start + longest, len(sentence)) + 1):
            text = text + between + sentence[stop - 1] if stop > start + 1 else sentence[start]
            if len(text) > width:
                break
            if text in kinds:
                best, kind = stop, kinds[text]
        if best:
            tags[start:best] = tags_of_name(kind, best - start)
        start = max(best, start + 1)
    return tags
