"""What the commands of the command line do; see `gensim_mtner.cli.parser` for what is typed."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from gensim_mtner import BilingualDictionary, ComparableCorpus, EncodedText, Gazetteer, MTWord2Vec, load_vec
from gensim_mtner.cli.incoming import WholeText, check_segmented, input_blocks, input_lines
from gensim_mtner.cli.opening import (
    as_spelt,
    check_begun,
    check_language,
    check_model_path,
    check_output,
    converter,
    cut_as_the_corpus,
    engine_of,
    labels_of,
    open_corpus,
    open_model,
    open_output,
    save_model,
    told_as,
    told_once,
    types_of,
)
from gensim_mtner.cli.sharing import Sentence, tag_on, tagger_there
from gensim_mtner.engines.engine import shared
from gensim_mtner.labels import formats
from gensim_mtner.model.arguments import checked_vectors
from gensim_mtner.model.checkpoint import Labels, remove_states, states_in
from gensim_mtner.storage import check_destination, new_file, without_nan
from gensim_mtner.text import encoded
from gensim_mtner.text.languages import composed, key, near_key
from gensim_mtner.text.lines import words_of
from gensim_mtner.text.segmentation import sentences, tokenizer

LOOKED_AT = 256  # sentences, by which it is told whether text is segmented


def stats(options: argparse.Namespace) -> None:
    """See --help."""
    corpus = open_corpus(options)
    if isinstance(corpus, EncodedText):
        raise ValueError(f"{options.corpus} is encoded and has no sentences; pass the corpus that it was made from")
    sides = {language: asdict(side) for language, side in corpus.statistics().items()}
    if options.json:
        print(json.dumps(sides))
        return
    names = ("documents", "sentences", "tokens", "types")
    print("\t".join(("language", *names)))
    for language, side in sides.items():
        print("\t".join((language, *(str(side[name]) for name in names))))


def encode(options: argparse.Namespace) -> None:
    """See --help."""
    kind = encoded.KIND if options.shards is None else encoded.SHARDS_KIND
    check_destination(options.out, kind, encoded.VERSION, overwrite=options.overwrite)
    corpus = open_corpus(options)
    if isinstance(corpus, EncodedText):
        raise ValueError(f"{options.corpus} is encoded already")
    progress = sys.stderr.isatty() and not options.quiet
    text = corpus.encode(options.out, workers=options.workers, overwrite=options.overwrite, progress=progress,
                         shards=options.shards, engine=engine_of(options))  # fmt: skip
    print(text)


def train(options: argparse.Namespace) -> None:
    """See --help."""
    check_model_path(options.out, options.checkpoint, every=options.checkpoint_every, overwrite=options.overwrite,
                     resume=options.resume)  # fmt: skip
    if options.resume and options.checkpoint is None:
        raise ValueError("--resume needs --checkpoint, the directory to go on from")
    if options.calibrate and not (options.ner and options.ner_weight):
        raise ValueError("--calibrate needs --ner, whose share of entities it aims at, and --ner-weight above 0")
    if options.dictionary_weights is not None and options.dictionary is None:
        raise ValueError("--dictionary-weights needs --dictionary, the file that has them")
    labels, dev, few = (labels_of(part, options, "labels_encoding") if part else None
                        for part in (options.ner, options.dev, options.target_ner))  # fmt: skip
    dictionary = None
    with told_as("pass encoding=.*", "it must be UTF-8: convert it (iconv -t utf-8)"):
        if options.dictionary:
            dictionary = BilingualDictionary.from_tsv(options.dictionary, weight_column=options.dictionary_weights)
        files = (options.gazetteer, options.target), (options.source_gazetteer, options.source)
        listed = [Gazetteer.from_tsv(path, language=language, types=types_of(options.types))
                  for path, language in files if path]  # fmt: skip
    engine = engine_of(options)
    corpus = open_corpus(options)
    settings = {name: getattr(options, name) for name in options.training}
    with told_as("encoding=", "vectors_encoding="):
        files = (options.source_vectors, options.source), (options.target_vectors, options.target)
        starts = [load_vec(path, language=language, encoding=options.vectors_encoding)
                  for path, language in files if path]  # fmt: skip
    progress = sys.stderr.isatty() and not options.quiet
    resumes = options.resume and states_in(options.checkpoint)
    # before the corpus is read, which may take hours
    if resumes:
        check_begun(options, settings)
    else:
        model = MTWord2Vec(mode=options.mode, progress=progress, **settings)
        model.checked_plan(corpus, Labels(labels, few, dev, dictionary, tuple(listed)), anew=True)
        checked_vectors(starts, options.vector_size)
    if isinstance(corpus, ComparableCorpus):  # by all cores; the result does not depend on how many there are
        corpus = corpus.encode(workers=options.workers, progress=progress)
    if few is not None:
        few = as_spelt(few, options.target, corpus.segmented)
    if resumes:
        model = MTWord2Vec.resume(options.checkpoint, corpus, labels, target_ner_data=few, dev_data=dev,
                                  dictionary=dictionary, gazetteer=listed, checkpoint_every=options.checkpoint_every,
                                  keep_checkpoint=True, engine=engine, progress=progress)  # fmt: skip
    else:
        model.build_vocab(corpus, ner_data=labels, init_vectors=starts or None)
        model.train(
            corpus, ner_data=labels, target_ner_data=few, dev_data=dev, dictionary=dictionary, gazetteer=listed,
            checkpoint=options.checkpoint, checkpoint_every=options.checkpoint_every, keep_checkpoint=True,
            engine=engine,
        )  # fmt: skip
    failure: Exception | None = None
    if options.calibrate:
        try:
            model.calibrate()
        except (ValueError, RuntimeError) as error:  # what was trained for long is worth more than its calibration
            failure = error
    save_model(model, options.out, overwrite=options.overwrite)
    if options.checkpoint is not None:  # not before: what ends this process till then costs no training
        remove_states(options.checkpoint)
    if failure is not None:
        raise ValueError(f"saved {options.out}, but --calibrate could not be done: {failure}") from failure
    print(f"saved {options.out}: {model.source_size} + {model.target_size} words of {model.vector_size} components")


def tag(options: argparse.Namespace) -> None:
    """See --help."""
    check_output(options.out, options.input)
    engine = engine_of(options)
    model = open_model(options.model, options)
    check_language(model, options.language, "--language")
    if options.segmenter and not options.raw:
        raise ValueError("--segmenter segments running text: pass --raw, too")
    model.tag([], language=options.language, by=options.by, unknown=options.unknown)  # can it?
    if options.raw:
        cut_as_the_corpus(options, model)
    split = tokenizer(options.language, segmenter=options.segmenter) if options.raw else words_of
    convert = converter(options)
    shown = options.out is not None and sys.stderr.isatty() and not options.quiet
    # brat's offsets are those of the whole text, as it is in the file
    whole = WholeText(options) if options.format == "brat" else None

    def parts(lines: list[tuple[int, str]]) -> Iterator[Sentence]:
        for number, line in lines:
            bar.update()
            text = convert(line) if options.raw else line
            if whole is not None:
                whole.append(text)
            elif options.raw:  # brat's offsets are of the text as it is; else it is cut as that of the corpus was
                text = composed(text)
            for sentence in sentences(text) if options.raw else [text]:
                tokens = split(sentence)
                if tokens:
                    yield Sentence(tokens, tokens if options.raw else list(map(convert, tokens)), number)

    how = {"language": options.language, "by": options.by, "unknown": options.unknown}

    def batches() -> Iterator[list[Sentence]]:
        """What has come, and no more, lest who waits for an answer waits for ever; of much so much that it pays."""
        size = 256 if engine is None else 4096
        seen: list[list[str]] = []
        for lines in input_blocks(options) if whole is None else [list(enumerate(whole.lines, 1))]:
            todo = parts(lines)
            while batch := list(itertools.islice(todo, size)):
                if len(seen) < LOOKED_AT and not options.raw:
                    seen += [sentence.words for sentence in batch]
                    if len(seen) >= LOOKED_AT:
                        check_segmented(seen, options.language, model.wv.key_to_index)
                yield batch
        if len(seen) < LOOKED_AT:
            check_segmented(seen, options.language, model.wv.key_to_index)

    def tagged() -> Iterator[tuple[list[str], list[str], int]]:
        if engine is not None:
            done = tag_on(engine, options.model, batches(), **how)
        else:
            done = ((batch, model.tag([sentence.words for sentence in batch], **how)) for batch in batches())
        for batch, tags in done:
            for sentence, row in zip(batch, tags, strict=True):
                yield sentence.tokens, row, sentence.line
            out.flush()

    bar = tqdm(desc="tagging", unit=" lines", disable=not shown)
    with told_once(), bar, open_output(options.out) as out:
        if whole is not None:
            found = list(tagged())
            out.writelines(formats.write(found, "brat", text=whole.cut, shown=whole.text))
        else:
            out.writelines(formats.write(tagged(), options.format))


def evaluate(options: argparse.Namespace) -> None:
    """See --help."""
    how = {"language": options.language, "by": options.by, "unknown": options.unknown}
    engine = engine_of(options)
    model = open_model(options.model, options)
    check_language(model, options.language, "--language")
    model.tag([], **how)  # can it?
    gold = labels_of(options.gold, options).map_tokens(converter(options))
    if engine is None:
        scores = model.evaluate(gold, **how)
    else:
        tags = shared(engine, tagger_there(options.model, **how))(gold.sentences)
        scores = model.score_tags(gold, tags, language=options.language)
    print(json.dumps(without_nan(asdict(scores)), allow_nan=False) if options.json else scores)


def similar(options: argparse.Namespace) -> None:
    """See --help."""
    model = open_model(options.model, options)
    into = options.into or (model.target if options.language == model.source else model.source)
    check_language(model, options.language, "--language")
    check_language(model, into, "--into")
    model.neighbours_of([], language=options.language, into=into, metric=options.metric, topn=options.topn)  # can it?
    words = list(dict.fromkeys(options.words or (line.strip() for line in input_lines(options))))
    rows = model.neighbours_of(words, language=options.language, into=into, metric=options.metric, topn=options.topn)
    found = dict(zip(words, rows, strict=True))
    missing = [word for word, near in found.items() if not near]
    if options.json:
        print(json.dumps({word: None if word in missing else near for word, near in found.items()}, ensure_ascii=False))
    else:
        for word, near in found.items():
            for name, score in near:
                print(f"{word}\t{name}\t{score:.4f}")
    if missing:
        names = ", ".join(repr(key(word, options.language)) for word in missing)
        more = near_key(missing[0], options.language, model.wv.key_to_index) if len(missing) == 1 else ""
        raise ValueError(f"{names} {'is' if len(missing) == 1 else 'are'} not in the vocabulary{more}")


def translate(options: argparse.Namespace) -> None:
    """See --help."""
    check_output(options.out, options.input)
    model = open_model(options.model, options)
    # before it waits for input
    check_language(model, options.language, "--from")
    check_language(model, options.into, "--to")
    model.neighbours_of([], language=options.language, into=options.into, metric=options.metric, topn=options.topn)
    words = [line.strip() for line in input_lines(options)]
    found = model.neighbours_of(
        words, language=options.language, into=options.into, metric=options.metric, topn=options.topn
    )
    missing = [word for word, near in zip(words, found, strict=True) if not near]
    if missing:
        print(f"gensim-mtner translate: {len(missing)} of {len(words)} words have no vector: {', '.join(missing[:5])}",
              file=sys.stderr)  # fmt: skip
    with open_output(options.out) as out:
        for word, near in zip(words, found, strict=True):
            out.write("\t".join([word, *(f"{name}\t{score:.4f}" for name, score in near)]) + "\n")


def plot(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.results import plots

    kind = options.out.suffix.lstrip(".").lower()
    if kind not in ("png", "svg", "pdf"):
        raise ValueError(f"{options.out}: expected a name that ends in .png, .svg or .pdf")
    check_destination(options.out)
    figure: Any
    model = open_model(options.model, options)
    plots.pyplot.switch_backend("Agg")
    if options.picture == "vectors":
        words = [tuple(word.split(":", 1)) for word in options.words] or None
        if words and not all(len(word) == 2 for word in words):
            raise ValueError(f"{' '.join(options.words)}: expected words with their language, such as zh:西班牙")
        models = [model] if options.before is None else [open_model(options.before, options), model]
        words = words or plots.typical_words(model)
        figure, panels = plots.pyplot.subplots(1, len(models), figsize=(8 * len(models), 6), layout="constrained",
                                               squeeze=False)  # fmt: skip
        for one, panel, title in zip(models, panels[0], ("before", "after"), strict=False):
            plots.plot_vectors(one, words, method=options.method, font=options.font, ax=panel)
            if len(models) > 1:
                panel.set_title(title)
    elif options.picture == "losses":
        figure = plots.plot_losses(model).figure
    elif options.picture == "neighbours":
        if len(options.words) != 1 or options.language is None:
            raise ValueError("plot neighbours takes --language and --words with one word")
        figure = plots.plot_neighbours(model, options.words[0], language=options.language, into=options.into,
                                       metric=options.metric, topn=options.topn, font=options.font).figure  # fmt: skip
    else:
        if options.gold is None or options.language is None:
            raise ValueError("plot confusion takes --gold and --language")
        check_language(model, options.language, "--language")
        gold = as_spelt(labels_of(options.gold, options), options.language, model.segmented)
        predicted = model.tag(gold.sentences, language=options.language)
        figure = plots.plot_confusion(gold.tags, predicted, font=options.font).figure
    with new_file(options.out, binary=True) as stream, plots.without_glyph_warnings():
        figure.savefig(stream, format=kind, dpi=150)


def report(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.results.report import write_report

    if (options.model is None) == (options.place is None):
        raise ValueError("report needs one model: gensim-mtner report MODEL")
    place = options.model or options.place
    model_path = Path(os.path.abspath(place))  # for what has no name of its own, such as the folder here
    out = options.out or model_path.with_name(model_path.name + ".html")
    check_destination(out)
    check_output(out, options.gold, "--gold")
    model = open_model(place, options)
    gold = None
    if options.gold:
        gold = as_spelt(labels_of(options.gold, options), options.language or model.target, model.segmented)
    write_report(model, out, gold=gold, language=options.language, n_words=options.words, font=options.font,
                 title=os.fsencode(model_path.name).decode("utf-8", "replace"))  # fmt: skip
    print(f"wrote {out}")


def tables(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.results.tables import Tables

    made = Tables(
        partial(_load_task, options), options.results, tuple(options.sizes), tuple(options.seeds),
        tuple(options.lstm_sizes), pretrain_epochs=options.pretrain_epochs, epochs=options.epochs,
        max_updates=options.max_updates, jobs=options.jobs,
    )  # fmt: skip
    lines = made.table3(options.queries) if options.table == "table3" else getattr(made, options.table)()
    for line in lines:
        print(line, flush=True)


def _load_task(options: argparse.Namespace) -> Any:
    from gensim_mtner.results.tables import Task

    labels, test = (labels_of(part, options, "labels_encoding") for part in (options.ner, options.gold))
    corpus = open_corpus(options)
    how = corpus.segmented if isinstance(corpus, EncodedText) else corpus.segmenter.how_cut()
    return Task(corpus, labels, as_spelt(test, options.target, how))
