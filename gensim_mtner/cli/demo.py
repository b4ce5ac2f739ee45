"""The subcommand demo: the whole way on the Bible, in a few minutes."""

from __future__ import annotations

import argparse
import sys

from gensim_mtner import MTWord2Vec, NERData
from gensim_mtner.cli.opening import check_model_path, save_model
from gensim_mtner.labels.schemes import entities
from gensim_mtner.text import datasets
from gensim_mtner.text.languages import key
from gensim_mtner.text.segmentation import joiner


def demo(options: argparse.Namespace) -> None:
    """See --help."""
    if options.out:
        check_model_path(options.out)
    target = options.target
    corpus = datasets.bible("en", target)
    corpus = corpus if options.chapters >= 1189 else corpus.limit(options.chapters)
    train, test = corpus.split(max(options.chapters // 12, 1))
    labels, gold = (NERData.from_gazetteer(part.sentences(language), datasets.bible_names(language), language=language)
                    for part, language in ((train, "en"), (test, target)))  # fmt: skip
    print(f"The Bible in en and {target}, by chapters. Names are labelled in en only: {labels.entity_counts()}")
    shown = sys.stderr.isatty() and not options.quiet
    model = MTWord2Vec(train, ner_data=labels, workers=options.workers, seed=options.seed, progress=shown)
    print(f"\nEntity F1 in {target}, on chapters that were held out:\n{model.evaluate(gold, language=target)}\n")
    first = [number for number, tags in enumerate(gold.tags) if sum(tag != "O" for tag in tags) > 2][:3]
    rows = [gold.sentences[number] for number in first]
    between = joiner(target)
    for tokens, tags in zip(rows, model.tag(rows, language=target), strict=True):
        print(between.join(tokens))
        print("  " + ", ".join(f"{between.join(tokens[start:stop])} ({kind})" for kind, start, stop in entities(tags)))
    print(f"\nThe nearest words in {target}:")
    for word in ("Moses", "Jerusalem", "king"):
        if key(word, "en") in model.wv.key_to_index:
            print(f"  {word}: {', '.join(name for name, _ in model.neighbours(word, language='en', topn=5))}")
    if options.out:
        save_model(model, options.out, overwrite=False)
        print(f"\nsaved {options.out}; for all about it: gensim-mtner report {options.out}")
