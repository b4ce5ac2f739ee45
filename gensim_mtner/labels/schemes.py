"""Tag schemes: IOB2 (BIO) is what is trained and predicted; IOB1 and BIOES are converted to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

SCHEMES = ("IOB2", "IOB1", "BIOES")
ON_INVALID = ("error", "repair")
OUTSIDE = "O"
# what is allowed before a type, and what it becomes; BIOES includes its twin BILOU (L for E, U for S)
_PREFIXES = {
    "IOB2": {"B": "B", "I": "I"},
    "IOB1": {"B": "B", "I": "I"},
    "BIOES": {"B": "B", "I": "I", "M": "I", "E": "I", "L": "I", "S": "B", "U": "B"},
}
_LAST = frozenset("ELSU")  # an entity ends with these
_EXPECTED = {
    "IOB2": "O, B-TYPE or I-TYPE",
    "IOB1": "O, B-TYPE or I-TYPE",
    "BIOES": "O or one of B-, I-, E-, S- and a type",
}


class TagError(ValueError):
    """A tag that its scheme does not allow.

    Attributes
    ----------
    position : int
        Its place in the sentence, from 0.
    stray : bool
        Whether it is the only thing wrong that it continues an entity that is not there, or that none ends its entity;
        that can be repaired.
    """

    def __init__(self, position: int, message: str, *, stray: bool = False):
        super().__init__(message)
        self.position, self.stray = position, stray


def parts(tag: str) -> tuple[str, str]:
    """Split "B-PER" into ("B", "PER"); "O" into ("O", "")."""
    prefix, _, kind = tag.partition("-")
    return prefix, kind


def is_type(kind: object) -> bool:
    """Whether something can be the type of a name: text, not blank at its start, that is no tag itself.

    Examples
    --------
    >>> is_type("PER"), is_type("B-PER")
    (True, False)
    """
    if not isinstance(kind, str) or not kind or kind[0].isspace():
        return False
    return kind[:2] not in ("B-", "I-") or not kind[2:3].isupper()  # "B-cell" is one


def tags_of_name(kind: str, length: int) -> list[str]:
    """The tags of a name of so many tokens.

    Examples
    --------
    >>> tags_of_name("LOC", 3)
    ['B-LOC', 'I-LOC', 'I-LOC']
    """
    return [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)


def check_tag_names(names: Sequence[str]) -> None:
    """Raise ValueError unless these are the tags of a tagger: O, then B- and I- of each type."""
    expected = [OUTSIDE]
    if all(isinstance(name, str) for name in names):
        kinds = dict.fromkeys(name[2:] for name in names[1::2])
        expected += [f"{prefix}-{kind}" for kind in kinds for prefix in "BI"]
    if list(names) != expected:
        raise ValueError(f"classes {list(names)!r}: expected 'O', then 'B-' and 'I-' of each type")


def check_iob2(tags: Sequence[str]) -> None:
    """Raise TagError unless every tag is O, B-x, or an I-x that follows a B-x or I-x."""
    to_iob2(tags, "IOB2")


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
        if tag == OUTSIDE:  # most are
            result.append(tag)
            previous = ""
            continue
        prefix, kind = parts(tag)
        result.append(f"B-{kind}" if prefix == "I" and kind != previous else tag)
        previous = kind
    return result


def opens_with_i(rows: Iterable[Sequence[str]]) -> bool:
    """Whether tags might be IOB1: there, B- stands only right after an entity of its own type."""
    for tags in rows:
        previous = ""
        for tag in tags:
            prefix, kind = parts(tag)
            if prefix == "B" and kind != previous:
                return False
            previous = kind
    return True


def to_iob2(tags: Sequence[str], scheme: str, *, on_invalid: str = "error") -> list[str]:
    """Convert the tags of a sentence from `scheme` to IOB2, checking them.

    Parameters
    ----------
    tags : sequence of str
        One tag a token.
    scheme : {"IOB2", "IOB1", "BIOES"}
        BIOES includes its twin BILOU (L for E, U for S).
    on_invalid : {"error", "repair"}
        What to do where a tag continues an entity that is not there: I-PER after O, after B-LOC, or (BIOES) after
        S-PER; or where (BIOES) B-PER has no E-PER. Repaired, it opens one, as conlleval and seqeval count it, or ends.

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
    >>> to_iob2(["B-LOC", "I-PER"], "IOB2", on_invalid="repair")
    ['B-LOC', 'B-PER']
    """
    return converted(tags, scheme, on_invalid)[0]


def converted(tags: Sequence[str], scheme: str, on_invalid: str) -> tuple[list[str], int]:
    """As `to_iob2`, and how many tags were repaired."""
    if scheme not in SCHEMES:
        raise ValueError(f"scheme={scheme!r}: expected one of {', '.join(map(repr, SCHEMES))}")
    if on_invalid not in ON_INVALID:
        raise ValueError(f"on_invalid={on_invalid!r}: expected one of {', '.join(map(repr, ON_INVALID))}")
    allowed, result, strays = _PREFIXES[scheme], [], 0
    opened = ""  # the type of the entity that may go on
    for position, tag in enumerate(tags):
        if tag == OUTSIDE:
            strays += _unended(tags, position, opened, scheme, on_invalid)
            result.append(tag)
            opened = ""
            continue
        prefix, kind = parts(tag)
        become = allowed.get(prefix)
        if become is None or not is_type(kind):
            hint = ""
            if become is not None and kind:
                hint = f"; {kind!r} is no type"
            elif kind and prefix in _PREFIXES["BIOES"]:
                hint = f"; {prefix}- is of scheme='BIOES'"
            raise TagError(position, f"tag {tag!r}: expected {_EXPECTED[scheme]} (scheme {scheme}){hint}")
        if become != "I" or kind != opened:
            strays += _unended(tags, position, opened, scheme, on_invalid)
        if become == "I" and kind != opened:
            if scheme != "IOB1":
                if on_invalid == "error":
                    previous = tags[position - 1] if position else "the start of the sentence"
                    raise TagError(position, _stray(tag, repr(previous) if position else previous), stray=True)
                strays += 1
            become = "B"
        result.append(tag if become == prefix else f"{become}-{kind}")
        opened = "" if prefix in _LAST else kind
    return result, strays + _unended(tags, len(tags), opened, scheme, on_invalid)


def _unended(tags: Sequence[str], position: int, opened: str, scheme: str, on_invalid: str) -> bool:
    """Whether an entity that must have an end stops before a position without one; refused unless it is repaired."""
    if not opened or scheme != "BIOES":
        return False
    if on_invalid == "error":
        tag = tags[position - 1]
        raise TagError(
            position - 1,
            f"tag {tag!r} is followed by no E-{opened} (or L-{opened}): are the tags of scheme='IOB2'? "
            "Pass on_invalid='repair' (--repair-tags) to let the entity end here",
            stray=True,
        )
    return True


def _stray(tag: str, previous: str) -> str:
    return (
        f"tag {tag!r} follows {previous}: {tag[0]}- continues an entity of its own type; pass on_invalid='repair' "
        "(--repair-tags) to let it open one, as conlleval and seqeval count it"
    )


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
        if tag == OUTSIDE:  # most are
            continue
        prefix, kind = parts(tag)
        if prefix == "B" and kind:
            found.append((kind, position, position + 1))
        elif prefix == "I" and found and found[-1][0] == kind and found[-1][2] == position:
            found[-1] = (kind, found[-1][1], position + 1)
        elif prefix == "I" and kind:
            raise TagError(position, f"token {position + 1} has {tag!r}, which continues no entity: expected B-{kind}")
        else:
            raise TagError(position, f"token {position + 1} has {tag!r}: expected O, B-TYPE or I-TYPE")
    return found
