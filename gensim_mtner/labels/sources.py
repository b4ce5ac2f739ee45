"""One label file: its layout, its sentences, their tags checked, and what is said of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gensim_mtner.labels.columns import Layout, columns_of_tags, decide
from gensim_mtner.labels.door import Converter, Tags, Tokens, warn_of_types
from gensim_mtner.labels.schemes import TagError, opens_with_i
from gensim_mtner.labels.token_lines import Sentence, read_sentences
from gensim_mtner.text.lines import existing_file, read_blocks
from gensim_mtner.text.sides import check_ordered

logger = logging.getLogger(__name__)


def paths_of(path: Any) -> list[Path | str]:
    """One path, or several, of files that are there."""
    single = isinstance(path, (str, bytes, os.PathLike)) or hasattr(path, "read")
    check_ordered("path", path)
    if single or isinstance(path, Mapping) or not isinstance(path, Iterable):
        return [existing_file(path)]
    return [existing_file(one) for one in path]


def read_file(
    path: Path | str,
    known: tuple[Tokens, Tags],
    convert: Converter,
    separator: str | None,
    token_column: int | None,
    tag_column: int | None,
    encoding: str,
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield tokens and IOB2 tags; see `gensim_mtner.NERData.from_iob2`."""
    # kept, as it is gone through twice, and a pipe can be read once only
    blocks = list(read_blocks(path, encoding))
    layout = decide(path, blocks, separator, token_column, tag_column)
    first = 0
    for sentence in read_sentences(path, blocks, layout, separator):
        tokens, tags = _let_in(path, sentence, known)
        try:
            row = convert(tags)
        except TagError as error:
            place = f"{path}, line {sentence.lines[error.position]}"
            if error.stray:
                rows = ([known[1][tag] for tag in one.tags] for one in read_sentences(path, blocks, layout, separator))
                fits = opens_with_i(rows)
                raise ValueError(f"{place}: {error}{convert.iob1_hint(fits)}") from error
            raise ValueError(f"{place}: {error}; {_how_read(blocks, layout, separator)}") from error
        if convert.repaired and not first:
            first = sentence.lines[0]
        yield tokens, row
    if not convert.seen:
        raise ValueError(f"{path}: no sentence in it; expected a token and a tag a line")
    if convert.repaired:
        logger.warning("%s: repaired %i tags that %s, the first in the sentence of line %i",
                       path, convert.repaired, convert.strayed, first)  # fmt: skip


def read_files(
    paths: Iterable[Path | str], known: tuple[Tokens, Tags], scheme: str, on_invalid: str,
    types: Mapping[str, str | None] | None, **how: Any,
) -> Iterator[tuple[list[str], list[str]]]:  # fmt: skip
    """As `read_file`, of several files; see `warn_of_types`."""
    kinds: set[str] = set()
    for path in paths:
        convert = Converter(scheme, on_invalid, types)
        yield from read_file(path, known, convert, **how)
        kinds |= convert.kinds
    warn_of_types(types or {}, kinds)


def _let_in(path: Path | str, sentence: Sentence, known: tuple[Tokens, Tags]) -> tuple[list[str], list[str]]:
    """The tokens and tags of a sentence of a file, checked."""
    words, names = known
    try:
        return [words[token] for token in sentence.tokens], [names[tag] for tag in sentence.tags]
    except ValueError:
        for number, token, tag in zip(*sentence, strict=True):
            for what, kind, item in (("token", words, token), ("tag", names, tag)):
                try:
                    kind[item]
                except ValueError as error:
                    raise ValueError(f"{path}, line {number}: the {what} is {error}") from None
        raise


def _how_read(blocks: list[tuple[int, str]], layout: Layout, separator: str | None) -> str:
    """What an error about a tag adds: it may be no tag at all."""
    found = columns_of_tags(blocks, separator)
    hint = f" (column {found[0]} holds nothing but tags)" if found and layout.tag not in found else ""
    if blocks and blocks[0][1][:1] == "{":
        hint += "; a line is JSON: is this the corpus, or are these records (NERData.from_records)?"
    return f"read as {layout}; token_column= and tag_column= read other columns{hint}"
