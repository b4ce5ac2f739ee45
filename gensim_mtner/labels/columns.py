"""Label files with a token a line: where sentences end, and which columns hold the token and its tag."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gensim_mtner.text.lines import read_lines


def sentence_lines(path: str | os.PathLike, encoding: str) -> Iterator[list[tuple[int, str]]]:
    """Yield the numbered lines of each sentence."""
    rows: list[tuple[int, str]] = []
    for number, line in read_lines(path, encoding):
        if not line or line.isspace() or line.partition("\t")[0].partition(" ")[0] == "-DOCSTART-":
            if rows:
                yield rows
            rows = []
        elif not rows and (line == "#" or line.startswith("# ")):
            continue
        else:
            rows.append((number, line))
    if rows:
        yield rows


def tokens_and_tags(
    path: str | os.PathLike,
    rows: list[tuple[int, str]],
    separator: str | None,
    token_column: int | None,
    tag_column: int | None,
) -> tuple[list[str], list[str]]:
    """The tokens and tags of a sentence."""
    tokens, tags = [], []
    for number, line in rows:
        fields = line.split(separator or ("\t" if "\t" in line else None))
        numbered = len(fields) > 2 and fields[0].isdecimal() and rows[0][1].split(None, 1)[0] in ("0", "1")
        columns = (
            (1 if numbered else 0) if token_column is None else token_column,
            (2 if numbered else -1) if tag_column is None else tag_column,
        )
        try:
            token, tag = (fields[column] for column in columns)
        except IndexError:
            raise ValueError(
                f"{path}, line {number}: has {len(fields)} columns, but token_column={columns[0]} and "
                f"tag_column={columns[1]} are asked for: {line!r}"
            ) from None
        if len(fields) < 2:
            raise ValueError(f"{path}, line {number}: expected a token and a tag, got {line!r}")
        if not token:
            raise ValueError(f"{path}, line {number}: the token is empty")
        tokens.append(token)
        tags.append(tag)
    return tokens, tags
