"""The command that finds out which documents of two languages belong together."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from gensim_mtner import BilingualDictionary
from gensim_mtner.cli.opening import check_output, open_output, tokenizers_of, told_as
from gensim_mtner.labels.evidence import TAG
from gensim_mtner.text.lines import suffix_of
from gensim_mtner.text.matching import Match, match_placed
from gensim_mtner.text.piles import Pile, RawDocument

LOOKED_AT = 200  # documents, by which it is told whether they are text
SHOWN = 60  # characters of each side of the surest pair
MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*(?:\s[^<>]*)?>)", re.IGNORECASE)


def pair(options: argparse.Namespace) -> None:
    """See --help."""
    check_output(options.out, options.dictionary, "--dictionary")
    for option, path in (("--corpus", options.corpus), ("--target-corpus", options.target_corpus)):
        check_output(options.out, path, option)
        if os.path.realpath(Path(options.out).parent) == os.path.realpath(path):
            raise ValueError(f"--out {options.out} is in the folder that {option} reads, and would be a document: "
                             "choose another place")  # fmt: skip
    if suffix_of(options.out) != ".jsonl" and not str(options.out).startswith("/dev/"):
        raise ValueError(f"--out {options.out}: expected a name that ends in .jsonl, by which other commands know it")
    if os.path.realpath(options.corpus) == os.path.realpath(options.target_corpus):
        raise ValueError(f"{options.corpus} is given for both languages: expected documents of each")
    dictionary = None
    with told_as("pass encoding=.*", "it must be UTF-8: convert it (iconv -t utf-8)"):
        if options.dictionary:
            dictionary = BilingualDictionary.from_tsv(options.dictionary)
    sides = [
        _Counted(Pile(options.corpus, language=options.source, encoding=options.encoding), "encoding="),
        _Counted(Pile(options.target_corpus, language=options.target,
                      encoding=options.target_encoding or options.encoding), "target_encoding="),
    ]  # fmt: skip
    for side in sides:
        _check_text(side)
    found = match_placed(
        *(((item.place, item.document) for item in side) for side in sides), source=options.source,
        target=options.target, dictionary=dictionary, margin=options.margin, tokenizers=tokenizers_of(options),
        progress=sys.stderr.isatty() and not options.quiet,
    )  # fmt: skip
    if not found:
        more = "A lower margin finds more" + ("" if dictionary else ", and so does a dictionary=")
        raise ValueError(
            f"no two documents are nearer to each other than to others by margin={options.margin}: are both on the "
            f"same subjects? {more}"
        )
    with open_output(options.out) as out:
        same, surest = 0, dict[str, Any](margin=0.0)
        for row in _rows(sides, found, (options.source, options.target)):
            same += row[options.source] == row[options.target]
            surest = max(surest, row, key=itemgetter("margin"))
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
        if same > 0.5 * len(found):
            raise ValueError(f"{same} of {len(found)} pairs are the same text twice: are {options.corpus} and "
                             f"{options.target_corpus} of one language?")  # fmt: skip
    if not options.quiet:
        # what was read in a wrong encoding, or is of the other language, is seen by who looks at one pair
        shown = " | ".join(f"{code}: {_beginning(surest[code])}" for code in (options.source, options.target))
        print(f"wrote {options.out}: {len(found)} pairs, the surest by a margin of {surest['margin']:.1f}: {shown}",
              file=sys.stderr)  # fmt: skip


def _beginning(document: Any) -> str:
    """What a document begins with, in one line that a terminal can show."""
    parts = [document] if isinstance(document, str) else document
    text = " ".join(part if isinstance(part, str) else " ".join(part) for part in itertools.islice(parts, SHOWN))
    text = " ".join("".join(char if char.isprintable() else " " for char in text[: 5 * SHOWN]).split())
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"


def _check_text(side: _Counted) -> None:
    """Refuse what is no running text, by the first documents."""
    documents, pile = list(itertools.islice(side, LOOKED_AT)), side.pile
    if not documents:
        more = ", or are its files in folders within, which are passed over" * pile.folder
        raise ValueError(f"{pile.path} has no document: is it empty{more}?")
    some = [item.document for item in documents if isinstance(item.document, str)]
    for found, said in (
        (sum(text.lstrip()[:2] in ('{"', '[{') for text in some), "JSON: give it a name that ends in .jsonl"),
        (sum(bool(MARKUP.match(text)) for text in some), "HTML or XML: take the text out of it first"),
        (sum(len(text.split()) < 8 and any(map(TAG.fullmatch, text.split()[1:])) for text in some),
         "words with labels: expected running text"),
    ):  # fmt: skip
        if found > 0.5 * len(some):
            raise ValueError(f"{pile.path}: {found} of the first {len(some)} documents are {said}")


class _Counted:
    """Documents that have to be as many each time that they are gone through.

    Errors that speak of their encoding say `option` instead.
    """

    def __init__(self, pile: Pile, option: str):
        self.pile, self.option = pile, option
        self.size: int | None = None

    def __iter__(self) -> Iterator[RawDocument]:
        number = 0
        with told_as("encoding=", self.option):
            for item in self.pile:
                number += 1
                yield item
        if self.size not in (None, number):
            raise ValueError(f"{self.pile.path} had {self.size} documents, and has {number} now: it was written to")
        self.size = number


def _rows(sides: list[_Counted], found: list[Match], languages: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """The pairs as they are written, in the order of the source's documents; the target's texts are in memory."""
    wanted = {match.target for match in found}
    targets = {place: item for place, item in enumerate(sides[1]) if place in wanted}
    matches = {match.source: match for match in found}
    for place, item in enumerate(sides[0]):
        if place in matches:
            other, margin = targets[matches[place].target], round(matches[place].margin, 3)
            texts = {languages[0]: item.document, languages[1]: other.document}
            yield {"id": f"{item.id} {other.id}", **texts, "margin": margin}
