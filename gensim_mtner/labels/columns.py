"""Which columns of a label file hold the token and its tag: decided once, from all of it, or refused."""

from __future__ import annotations

import logging
import os
from typing import NamedTuple

from gensim_mtner.labels.evidence import KEYS, Blocks, Column, Evidence, each_line, ends_sentence
from gensim_mtner.text.lines import COMMENT, fields
from gensim_mtner.vectors.rows import is_whole

logger = logging.getLogger(__name__)

# types of phrases: a column of these before that of names is CoNLL 2003's
CHUNKS = frozenset(("NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "NC", "VC", "PC"))


class Layout(NamedTuple):
    """How the lines of a file are read.

    Attributes
    ----------
    token, tag : int
        Columns, from 0; negative ones count from the end.
    numbered : bool
        Whether the first column numbers the tokens. Then a line that starts with ``#`` is a comment wherever it stands,
        and ranges (``1-2``) and empty nodes (``1.1``) are no tokens.
    prefix, key : str
        What stands before each token, and the key that a tag has in its column, if there is such.
    widths : frozenset of int
        How many columns lines have.
    """

    token: int
    tag: int
    numbered: bool = False
    prefix: str = ""
    key: str = ""
    widths: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return (
            f"lines {'that number their tokens' if self.numbered else 'without numbers'}, the token in column "
            f"{self.token}{f' after {self.prefix!r}' if self.prefix else ''} and the tag in column {self.tag}"
            f"{f' as {self.key}=' if self.key else ''} (from 0)"
        )


def decide(
    path: str | os.PathLike,
    blocks: Blocks,
    separator: str | None = None,
    token_column: int | None = None,
    tag_column: int | None = None,
) -> Layout:
    """The layout of a file; what is given is not asked for.

    Raises
    ------
    ValueError
        If the file can be read in two ways.
    """
    for name, given in (("token_column", token_column), ("tag_column", tag_column)):
        if given is not None and not is_whole(given):
            raise ValueError(f"{name}={given!r}: expected a whole number")
    seen = Evidence(blocks, separator, tag_column)
    numbered = _is_numbered(path, seen, token_column)
    token = (1 if numbered else 0) if token_column is None else token_column
    if tag_column is not None:
        tag = tag_column
    else:
        tag = _numbered_tag(path, seen) if numbered else _plain_tag(path, seen)
    widths = [width for width in seen.widths if width > 1]  # where there is one, the line is to be told of
    if widths and all((token + width if token < 0 else token) == (tag + width if tag < 0 else tag) for width in widths):
        raise ValueError(f"{path}: token_column={token} and tag_column={tag} are one column: expected two")
    column = seen.columns.get(tag)
    key = _key(column) if numbered and column and not _mostly_tags(seen, column) else ""
    prefix = seen.prefix if token == 0 and not numbered else ""
    layout = Layout(token, tag, numbered, prefix or "", key, frozenset(seen.widths))
    logger.info("%s: %s", path, layout)
    return layout


def _is_numbered(path: str | os.PathLike, seen: Evidence, token_column: int | None) -> bool:
    """Whether the first column counts up in every sentence."""
    shown = seen.counting + seen.elsewhere
    if token_column is not None:
        return token_column != 0 and shown + seen.single + seen.integers > seen.plain
    if seen.placeholders:  # the second column is no token, so the first is
        return False
    if not seen.odd:
        if seen.counting or not seen.single:
            return seen.counting > 0
        # a "1" in each sentence, and no other number
        readings = seen.columns[2].is_tags, seen.columns[-1].is_tags
        if not all(readings):
            return readings[0] or bool(_key(seen.columns[-1]))
        raise ValueError(
            f"{path}: each sentence is one line that starts with 0 or 1: this may number the token in column 1, or be "
            "the token; pass token_column=1 or token_column=0"
        )
    if shown > seen.plain:
        if not seen.plain and seen.columns[2].is_tags and not seen.columns[-1].is_tags:
            return True  # from 14, say, but there is no other reading
        raise ValueError(
            f"{path}, line {seen.odd}: in {shown} sentences the first column counts tokens, but in that of this line "
            "it does not do so from 0 or 1: the tokens may be in column 1, or the numbers be tokens; pass "
            "token_column=1 or token_column=0"
        )
    return False


def _numbered_tag(path: str | os.PathLike, seen: Evidence) -> int:
    """The tag column of numbered lines: the third, as in Universal NER, or the last."""
    third, last = seen.columns[2], seen.columns[-1]
    if not third.is_tags and (last.is_tags or _key(last)) and not _mostly_tags(seen, third):
        return -1
    nested = max(seen.widths) > 3 and third.is_tags and last.is_tags and not seen.urls
    if nested and last.types and third.types and not last.types & third.types:
        raise _two_columns(path, "2", third, "-1", last)
    return 2


def _plain_tag(path: str | os.PathLike, seen: Evidence) -> int:
    """The tag column of lines without numbers: the last; another full of such tags might be meant."""
    before, last = seen.columns[-2], seen.columns[-1]
    if min(seen.widths, default=0) > 2 and before.is_tags and last.is_tags and before.types - CHUNKS:
        same = before.types & last.types
        if same or not last.types:
            raise _two_columns(path, "-2", before, "-1", last)
    return -1


def _two_columns(path: str | os.PathLike, name: str, column: Column, other_name: str, other: Column) -> ValueError:
    said = [f"column {place} ({', '.join(sorted(one.types)[:5]) or 'O only'})"
            for place, one in ((name, column), (other_name, other))]  # fmt: skip
    return ValueError(
        f"{path}: the tags may be those of {said[0]} or of {said[1]}; pass tag_column={name} or tag_column={other_name}"
    )


def _mostly_tags(seen: Evidence, column: Column) -> bool:
    return column.other * 2 < seen.lines and bool(column.tags)


def _key(column: Column | None) -> str:
    """The key of tags within a column of ``key=value|key=value``."""
    return next((key for key in KEYS if column is not None and column.keys[key]), "")


def columns_of_tags(blocks: Blocks, separator: str | None) -> list[int]:
    """The columns that hold nothing but tags, for a message."""
    found: dict[int, Column] = {}
    lines = 0
    for _, line in each_line(blocks):
        if ends_sentence(line, separator) or line[0] == COMMENT:
            continue
        lines += 1
        for place, value in enumerate(fields(line, separator)[:100]):
            column = found.setdefault(place, Column(other=lines - 1))
            if value not in column.tags:
                column.add(value)
    return [place for place, column in found.items() if column.is_tags]
