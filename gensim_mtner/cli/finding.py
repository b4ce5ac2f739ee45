"""The command that finds out which documents of two languages belong together."""

from __future__ import annotations

import argparse
import json
import os
import sys

from gensim_mtner import BilingualDictionary
from gensim_mtner.cli.opening import check_output, open_output, tokenizers_of, told_as
from gensim_mtner.text.matching import match_documents
from gensim_mtner.text.piles import Pile


def pair(options: argparse.Namespace) -> None:
    """See --help."""
    check_output(options.out, options.corpus, "--corpus")
    check_output(options.out, options.target_corpus, "--target-corpus")
    if os.path.realpath(options.corpus) == os.path.realpath(options.target_corpus):
        raise ValueError(f"{options.corpus} is given for both languages: expected documents of each")
    dictionary = None
    with told_as("pass encoding=.*", "it must be UTF-8: convert it (iconv -t utf-8)"):
        if options.dictionary:
            dictionary = BilingualDictionary.from_tsv(options.dictionary)
    sides = [Pile(path, language=language, encoding=options.encoding) for path, language in (
        (options.corpus, options.source), (options.target_corpus, options.target),
    )]  # fmt: skip
    found = match_documents(
        *((item.document for item in side) for side in sides), source=options.source, target=options.target,
        dictionary=dictionary, margin=options.margin, tokenizers=tokenizers_of(options),
        progress=sys.stderr.isatty() and not options.quiet,
    )  # fmt: skip
    if not found:
        raise ValueError(
            f"no two documents are nearer to each other than to others by margin={options.margin}: are both on the "
            "same subjects? A dictionary= finds more, and so does a lower margin"
        )
    wanted = {match.target for match in found}
    targets = {place: item for place, item in enumerate(sides[1]) if place in wanted}
    matches = {match.source: match for match in found}
    with open_output(options.out) as out:
        for place, item in enumerate(sides[0]):
            if place in matches:
                other = targets[matches[place].target]
                texts = {options.source: item.document, options.target: other.document}
                row = {"id": f"{item.id} {other.id}", **texts, "margin": round(matches[place].margin, 3)}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"wrote {options.out}: {len(found)} pairs")
