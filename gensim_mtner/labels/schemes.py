"""Tag schemes: IOB2 (BIO) is what is trained and predicted; IOB1 and BIOES are converted to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

SCHEMES = ("IOB2", "IOB1", "BIOES")
OUTSIDE = "O"
_BIOES_TO_BIO = {"S": "B", "U": "B", "E": "I", "L": "I", "M": "I"}


class TagError(ValueError):
    """A tag that its scheme does not allow; `position` is its place in the sentence, from 0."""

    def __init__(self, position: int, message: str):
        super().__init__(message)
        self.position = position


def parts(tag: str) -> tuple[str, str]:
    """Split "B-PER" into ("B", "PER"); "O" into ("O", "")."""
    prefix, _, kind = tag.partition("-")
    return prefix, kind


def check_iob2(tags: Sequence[str]) -> None:
    """Raise TagError unless every tag is O, B-x, or an I-x that follows a B-x or I-x."""
    previous = OUTSIDE
    for position, tag in enumerate(tags):
        prefix, kind = parts(tag)
        if tag != OUTSIDE and (prefix not in ("B", "I") or not kind):
            raise TagError(position, f"tag {tag!r}: expected O, B-TYPE or I-TYPE (scheme IOB2)")
        if prefix == "I" and parts(previous)[1] != kind:
            raise TagError(
                position,
                f"tag {tag!r} follows {previous!r}: an I- continues an entity of its own type; if the file opens "
                "entities with I-, pass scheme='IOB1'",
            )
        previous = tag


def repair(tags: Iterable[str]) -> list[str]:
    """Turn each I-x that continues nothing into B-x, so that the result is valid IOB2.

    Examples
    --------
    >>> repair(["O", "I-PER", "I-PER", "I-LOC"])
    ['O', 'B-PER', 'I-PER', 'B-LOC']
    """
    result: list[str] = []
    previous = ""
    for tag in tags:
        prefix, kind = parts(tag)
        result.append(f"B-{kind}" if prefix == "I" and kind != previous else tag)
        previous = kind
    return result


def to_iob2(tags: Sequence[str], scheme: str) -> list[str]:
    """Convert the tags of a sentence from `scheme` to IOB2, checking them.

    Parameters
    ----------
    tags : sequence of str
        One tag a token.
    scheme : {"IOB2", "IOB1", "BIOES"}
        BIOES includes its twin BILOU (L for E, U for S).

    Raises
    ------
    TagError
        If a tag does not fit the scheme.

    Examples
    --------
    >>> to_iob2(["I-PER", "I-PER", "O", "I-LOC", "B-LOC"], "IOB1")
    ['B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC']
    >>> to_iob2(["S-LOC", "O", "B-PER", "E-PER"], "BIOES")
    ['B-LOC', 'O', 'B-PER', 'I-PER']
    """
    if scheme == "IOB2":
        result = list(tags)
    elif scheme == "IOB1":
        result = repair(tags)
    elif scheme == "BIOES":
        result = []
        for position, tag in enumerate(tags):
            prefix, kind = parts(tag)
            if tag != OUTSIDE and (prefix not in "BIESULM" or len(prefix) != 1 or not kind):
                raise TagError(position, f"tag {tag!r}: expected O or one of B-, I-, E-, S- and a type (scheme BIOES)")
            result.append(f"{_BIOES_TO_BIO.get(prefix, prefix)}-{kind}" if kind else tag)
    else:
        raise ValueError(f"scheme={scheme!r}: expected one of {', '.join(map(repr, SCHEMES))}")
    check_iob2(result)
    return result


def map_types(tags: Iterable[str], types: Mapping[str, str | None]) -> list[str]:
    """Rename the types that `types` has, and drop (to O) those that it maps to None; keep the others."""
    result = []
    for tag in tags:
        prefix, kind = parts(tag)
        new = types.get(kind, kind)
        result.append(f"{prefix}-{new}" if kind and new else OUTSIDE)
    return result


def entities(tags: Sequence[str]) -> list[tuple[str, int, int]]:
    """The entities of IOB2 tags as (type, start, stop), stop excluded.

    Examples
    --------
    >>> entities(["B-PER", "I-PER", "O", "B-LOC"])
    [('PER', 0, 2), ('LOC', 3, 4)]
    """
    found: list[tuple[str, int, int]] = []
    for position, tag in enumerate(tags):
        prefix, kind = parts(tag)
        if prefix == "B":
            found.append((kind, position, position + 1))
        elif prefix == "I":
            found[-1] = (kind, found[-1][1], position + 1)
    return found
