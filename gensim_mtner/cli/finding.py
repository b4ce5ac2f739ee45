"""The command that finds out which documents of two languages belong together."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gensim_mtner import BilingualDictionary
from gensim_mtner.cli.opening import check_output, open_output, tokenizers_of, told_as
from gensim_mtner.text.matching import Match, match_placed
from gensim_mtner.text.piles import Pile, RawDocument


def pair(options: argparse.Namespace) -> None:
    """See --help."""
    for option, path in (("--corpus", options.corpus), ("--target-corpus", options.target_corpus)):
        check_output(options.out, path, option)
        if os.path.realpath(Path(options.out).parent) == os.path.realpath(path):
            raise ValueError(f"--out {options.out} is in the folder that {option} reads, and would be a document: "
                             "choose another place")  # fmt: skip
    if os.path.realpath(options.corpus) == os.path.realpath(options.target_corpus):
        raise ValueError(f"{options.corpus} is given for both languages: expected documents of each")
    dictionary = None
    with told_as("pass encoding=.*", "it must be UTF-8: convert it (iconv -t utf-8)"):
        if options.dictionary:
            dictionary = BilingualDictionary.from_tsv(options.dictionary)
    sides = [_Counted(Pile(path, language=language, encoding=options.encoding)) for path, language in (
        (options.corpus, options.source), (options.target_corpus, options.target),
    )]  # fmt: skip
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
        for row in _rows(sides, found, (options.source, options.target)):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    if not options.quiet:
        print(f"wrote {options.out}: {len(found)} pairs", file=sys.stderr)


class _Counted:
    """Documents that have to be as many each time that they are gone through."""

    def __init__(self, pile: Pile):
        self.pile = pile
        self.size: int | None = None

    def __iter__(self) -> Iterator[RawDocument]:
        number = 0
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
