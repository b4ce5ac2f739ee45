"""Tagged text for other programs: IOB2, CoNLL-2003, JSON Lines, brat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gensim_mtner.labels.door import Tags, Tokens, let_in
from gensim_mtner.labels.evidence import UNKNOWN
from gensim_mtner.labels.schemes import TagError, entities
from gensim_mtner.labels.token_lines import looks_like_something_else

FORMATS = ("iob2", "conll2003", "jsonl", "brat")


def offsets(text: str, tokens: Sequence[str], at: int = 0) -> list[tuple[int, int]]:
    """Where each token stands in the text from `at` on, as (start, stop); tokens follow each other in it.

    Raises
    ------
    ValueError
        If a token is not there.

    Examples
    --------
    >>> offsets("Ann left. ", ["Ann", "left", "."])
    [(0, 3), (4, 8), (8, 9)]
    """
    found = []
    for number, token in enumerate(tokens, 1):
        start = text.find(token, at)
        if start < 0:
            raise ValueError(
                f"token {number}, {token!r}, is not in the text after character {at}: {text[at : at + 40]!r}"
            )
        at = start + len(token)
        found.append((start, at))
    return found


def write(
    sentences: Iterable[tuple[Any, ...]], format: str = "iob2", *, text: str = "", shown: str = ""
) -> Iterator[str]:
    r"""Yield lines, each with its line break, for sentences as (tokens, tags) or (tokens, tags, line).

    Parameters
    ----------
    sentences : iterable of (sequence of str, sequence of str) or (sequence of str, sequence of str, int)
        Tokens and IOB2 tags; the number of the line that the sentence is of, which is written to JSON Lines.
    format : {"iob2", "conll2003", "jsonl", "brat"}
        A token and its tag a line; the four columns of CoNLL-2003, of which the middle ones are unknown; an object with
        tokens, tags and entities a sentence; or brat's standoff annotations, which need `text`. What is written in the
        first two is read back by `gensim_mtner.NERData.from_iob2`, in the third by `gensim_mtner.NERData.from_records`
        (``tags="tags"``): a token that readers would take for something else, such as ``-DOCSTART-``, has an unknown
        column (``_``) after it, and one with a space makes its line of CoNLL-2003 one with tabs.
    text : str
        For brat, the text that the tokens stand in, one sentence after the other.
    shown : str
        The text of which annotations are to be, if `text` was made of it letter by letter.

    Raises
    ------
    ValueError
        If a token or a tag cannot be written, with the sentence and the token.

    Examples
    --------
    >>> list(write([(["Ann", "Lee", "left"], ["B-PER", "I-PER", "O"])], "brat", text="Ann Lee left"))
    ['T1\tPER 0 7\tAnn Lee\n']
    """
    if format not in FORMATS:
        raise ValueError(f"format={format!r}: expected one of {', '.join(map(repr, FORMATS))}")
    begun = count = 0
    known, known_tags = Tokens(as_written=True), Tags()
    for number, (words, names, *line) in enumerate(sentences, 1):
        tokens, tags = let_in(words, known, f"sentence {number}"), let_in(names, known_tags, f"sentence {number}")
        if len(tokens) != len(tags):
            raise ValueError(f"sentence {number} has {len(tokens)} tokens, but {len(tags)} tags")
        try:
            found = entities(tags)
        except TagError as error:
            raise ValueError(f"sentence {number}: {error}") from None
        if format == "jsonl":
            spans = [dict(zip(("type", "start", "stop"), span, strict=True)) for span in found]
            row = {"tokens": tokens, "tags": tags, "entities": spans} | ({"line": line[0]} if line else {})
            yield json.dumps(row, ensure_ascii=False) + "\n"
        elif format == "brat":
            places = offsets(text, tokens, begun)
            for kind, first, stop in found:
                if " " in kind:
                    raise ValueError(f"sentence {number}: brat takes no type with a space, such as {kind!r}")
                count += 1
                start, end = places[first][0], places[stop - 1][1]
                # brat wants no line end in a span, and as many characters
                yield f"T{count}\t{kind} {start} {end}\t{(shown or text)[start:end].translate(_ONE_LINE)}\n"
            begun = places[-1][1] if places else begun
        elif not tokens:
            raise ValueError(f"sentence {number} is empty: expected at least one token")
        else:
            yield from (_line(token, tag, format) for token, tag in zip(tokens, tags, strict=True))
            yield "\n"


_ONE_LINE = dict.fromkeys(map(ord, "\t\n\r"), " ")


def _line(token: str, tag: str, format: str) -> str:
    odd = looks_like_something_else(token)
    if format == "iob2":
        return f"{token}\t{UNKNOWN}\t{tag}\n" if odd else f"{token}\t{tag}\n"
    between = "\t" if " " in token or " " in tag else " "
    middle = UNKNOWN if odd else "-X-"
    return between.join((token, middle, middle, tag)) + "\n"
