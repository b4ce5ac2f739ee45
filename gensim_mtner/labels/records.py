"""Labels from rows: data sets of Hugging Face, records, data frames."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gensim_mtner.labels.door import listed
from gensim_mtner.text.sides import check_ordered


def rows_of(rows: Any) -> Iterable[Any]:
    """Rows, of a data frame too; what has no rows is refused with what to do."""
    if isinstance(rows, Mapping):
        names = ", ".join(map(repr, list(rows)[:5])) or "nothing"
        raise TypeError(
            f"rows is {type(rows).__name__} with {names}: expected rows; of a data set with several splits pass one, "
            "such as rows['train']"
        )
    if hasattr(rows, "to_dicts"):  # polars
        return rows.to_dicts()
    if hasattr(rows, "columns") and hasattr(rows, "to_dict"):  # pandas
        return rows.to_dict("records")
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise TypeError(f"rows is {type(rows).__name__}: expected rows, each with a list of tokens and a list of tags")
    return rows


def names_of(rows: Any, tags: str) -> Sequence[str] | None:
    """The tags by their numbers, if a data set says them."""
    features = getattr(rows, "features", None)
    if not isinstance(features, Mapping):
        return None
    feature = features.get(tags)
    return getattr(getattr(feature, "feature", feature), "names", None)


def read_rows(
    rows: Any, tokens: str, tags: str, names: Sequence[str] | None
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Tokens and tags of the rows, not checked yet; see `gensim_mtner.NERData.from_records`."""
    names = names_of(rows, tags) if names is None else _listed_names(names)
    sentences, labels = [], []
    for number, row in enumerate(rows_of(rows), 1):
        if not isinstance(row, Mapping):
            raise TypeError(f"row {number} is {type(row).__name__}: expected a mapping with {tokens!r} and {tags!r}")
        for column in (tokens, tags):
            if column not in row:
                raise ValueError(f"row {number} has no {column!r}; it has {', '.join(map(repr, row))}")
        found = []
        for column in (tokens, tags):
            try:
                found.append(listed(row[column], f"{column!r} of row {number}", column))
            except ValueError as error:
                raise ValueError(
                    f"{error}; of a data frame with a token a row, first gather those of a sentence: "
                    "frame.groupby('sentence', sort=False).agg(list)"
                ) from None
        sentences.append(found[0])
        labels.append([tag if isinstance(tag, str) else _name(tag, names, number) for tag in found[1]])
    return sentences, labels


def _listed_names(names: Any) -> Sequence[str]:
    """Tags by their numbers, also from a mapping of one to the other, as models of Hugging Face have them."""
    check_ordered("names", names)
    if isinstance(names, str):
        raise TypeError(f"names is one string ({names!r}): expected a list of tags")
    if not isinstance(names, Mapping):
        return list(names)
    turned = all(isinstance(name, str) for name in names) and not all(isinstance(tag, str) for tag in names.values())
    pairs = [(number, name) for name, number in names.items()] if turned else list(names.items())
    by_number = {int(number) if str(number).isdecimal() else -1: name for number, name in pairs}
    if sorted(by_number) != list(range(len(names))):
        raise ValueError(
            f"names has the numbers {', '.join(str(number) for number, _ in pairs[:5])}, ...: expected each from 0 to "
            f"{len(names) - 1} once"
        )
    return [by_number[number] for number in range(len(names))]


def _name(tag: Any, names: Sequence[str] | None, number: int) -> str:
    """The tag with this number."""
    try:
        if isinstance(tag, bool):
            raise TypeError
        place = operator.index(tag)
    except TypeError:
        raise ValueError(
            f"row {number} has the tag {tag!r} ({type(tag).__name__}): expected text, or the number of a tag"
        ) from None
    if names is None:
        raise ValueError(f"row {number} has the tag {tag!r}: pass names=, the tags by their numbers")
    if not 0 <= place < len(names):
        raise ValueError(f"row {number} has the tag {tag}, but names has {len(names)}")
    return names[place]
