"""Label files with a token a line: sentences of tokens and tags, by the layout of the file."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from gensim_mtner.labels.columns import Layout
from gensim_mtner.labels.evidence import KEYED, NOT_A_WORD, TAG, UNKNOWN, WIKIANN, Blocks, each_line, ends_sentence
from gensim_mtner.labels.schemes import OUTSIDE
from gensim_mtner.text.lines import COMMENT, DOCUMENT_MARK, MARK, fields, is_blank

logger = logging.getLogger(__name__)

# "# text = Ann left O" may end in what looks like a tag
COMMENT_WITH_KEY = re.compile(r"#+ ?[^\s=]+ = ")


BSNLP_MARK = "#DOCSTART"  # between documents


class Sentence(NamedTuple):
    """Tokens and tags as they stand in a file, and the lines that they stand in."""

    lines: list[int]
    tokens: list[str]
    tags: list[str]


def is_comment(line: str, cells: list[str], layout: Layout) -> bool:
    """Whether a line that starts with ``#`` where a sentence may start is a comment; else it is a token and its tag."""
    if layout.numbered or len(cells) < 2:
        return True
    if not (-len(cells) <= layout.tag < len(cells) and TAG.fullmatch(cells[layout.tag].strip())):
        return True
    if len(cells) > 2 and cells[1] == UNKNOWN:  # as `formats.write` has tokens that look like something else
        return False
    plain = len(cells) == 2 and "\t" in line
    other_width = bool(layout.widths) and len(cells) not in layout.widths
    return bool(COMMENT_WITH_KEY.match(line)) or (other_width and not plain)


def read_sentences(
    path: str | os.PathLike, blocks: Blocks, layout: Layout, separator: str | None = None
) -> Iterator[Sentence]:
    """Yield the sentences of a file.

    Tokens of nothing but white space (KLUE has them between words) are left out, and counted in one warning.

    Raises
    ------
    ValueError
        If a line lacks a column, or its token is empty, with the line.
    """
    lines: list[int] = []
    tokens: list[str] = []
    tags: list[str] = []
    opened = ""  # the B- of a token that was left out, which the next token takes over
    blank: list[int] = []
    spaced: list[int] = []
    tabs = separator is None
    numbered, prefix, token_column, tag_column = layout.numbered, layout.prefix, layout.token, layout.tag
    for number, line in each_line(blocks):
        if ends_sentence(line, separator):
            if tokens:
                yield Sentence(lines, tokens, tags)
                lines, tokens, tags = [], [], []
            opened = ""
            continue
        cells = line.split("\t") if tabs and "\t" in line else fields(line, separator)
        if line[0] == COMMENT:
            mark = line.startswith(BSNLP_MARK)
            if (numbered or not tokens or mark) and is_comment(line, cells, layout):
                if tokens and mark:
                    yield Sentence(lines, tokens, tags)
                    lines, tokens, tags = [], [], []
                continue
        if numbered and not cells[0].isdecimal() and NOT_A_WORD.fullmatch(cells[0]):
            continue
        try:
            token, tag = cells[token_column], cells[tag_column]
        except IndexError:
            raise ValueError(
                f"{path}, line {number}: has {len(cells)} columns, but token_column={token_column} and "
                f"tag_column={tag_column} are asked for: {line!r}"
            ) from None
        if len(cells) < 2:
            raise ValueError(f"{path}, line {number}: expected a token and a tag, got {line!r}")
        if layout.key:
            tag = next((found[2] for found in KEYED.finditer(tag) if found[1] == layout.key), OUTSIDE)
        if prefix:
            token = token.removeprefix(prefix)
        elif not token:
            raise ValueError(f"{path}, line {number}: the token is empty")
        if not token or token.isspace() or (MARK in token and is_blank(token)):
            blank.append(number)
            opened = tag if tag.startswith("B-") else opened
            continue
        if " " in (token[0], token[-1]):
            spaced.append(number)
        if opened:
            tag = opened if tag == f"I{opened[1:]}" else tag
            opened = ""
        lines.append(number)
        tokens.append(token)
        tags.append(tag)
    if tokens:
        yield Sentence(lines, tokens, tags)
    if spaced:
        logger.warning("%s: %i tokens begin or end with a space, the first in line %i: no word of a corpus does",
                       path, len(spaced), spaced[0])  # fmt: skip
    if blank:
        logger.warning("%s: left out %i tokens of nothing but white space, the first in line %i",
                       path, len(blank), blank[0])  # fmt: skip


def looks_like_something_else(token: str) -> bool:
    """Whether a token that starts a line might be taken for a mark, a comment, or one of WikiANN's.

    `gensim_mtner.labels.formats.write` puts an unknown column after it, and so the readers know.
    """
    return token == DOCUMENT_MARK or bool(WIKIANN.match(token) or COMMENT_WITH_KEY.match(token))
