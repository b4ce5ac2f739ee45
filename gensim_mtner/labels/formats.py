"""Tagged text for other programs: IOB2, CoNLL-2003, JSON Lines, brat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from gensim_mtner.labels.schemes import entities

FORMATS = ("iob2", "conll2003", "jsonl", "brat")


def offsets(text: str, tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where each token stands in the text, as (start, stop); tokens follow each other in it.

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
    at = 0
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
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]], format: str = "iob2", *, text: str = ""
) -> Iterator[str]:
    r"""Yield lines, each with its line break, for sentences as (tokens, tags).

    Parameters
    ----------
    sentences : iterable of (sequence of str, sequence of str)
        Tokens and IOB2 tags.
    format : {"iob2", "conll2003", "jsonl", "brat"}
        A token and its tag a line; the four columns of CoNLL-2003, of which the middle ones are unknown; an object with
        tokens, tags and entities a sentence; or brat's standoff annotations, which need `text`.
    text : str
        For brat, the text that the tokens stand in, one sentence after the other.

    Examples
    --------
    >>> list(write([(["Ann", "Lee", "left"], ["B-PER", "I-PER", "O"])], "brat", text="Ann Lee left"))
    ['T1\tPER 0 7\tAnn Lee\n']
    """
    if format not in FORMATS:
        raise ValueError(f"format={format!r}: expected one of {', '.join(map(repr, FORMATS))}")
    begun = count = 0
    for tokens, tags in sentences:
        found = entities(tags)
        if format == "jsonl":
            spans = [dict(zip(("type", "start", "stop"), span, strict=True)) for span in found]
            row = {"tokens": list(tokens), "tags": list(tags), "entities": spans}
            yield json.dumps(row, ensure_ascii=False) + "\n"
        elif format == "brat":
            places = [(begun + start, begun + stop) for start, stop in offsets(text[begun:], tokens)]
            for kind, first, stop in found:
                count += 1
                start, end = places[first][0], places[stop - 1][1]
                # brat wants no line break in a span
                yield f"T{count}\t{kind} {start} {end}\t{' '.join(text[start:end].splitlines())}\n"
            begun = places[-1][1] if places else begun
        else:
            middle = "\t" if format == "iob2" else " -X- -X- "
            yield from (f"{token}{middle}{tag}\n" for token, tag in zip(tokens, tags, strict=True))
            yield "\n"
