"""What the commands of the command line do; see `gensim_mtner.cli.parser` for what is typed."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any

from tqdm.auto import tqdm

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData, load_vec
from gensim_mtner.labels import formats
from gensim_mtner.model.checkpoint import states_in
from gensim_mtner.storage import new_file
from gensim_mtner.text.lines import is_blank, read_lines, stream_lines, words_of
from gensim_mtner.text.segmentation import convert_script, sentences, tokenizer


def stats(options: argparse.Namespace) -> None:
    """See --help."""
    corpus = _open_corpus(options)
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
    corpus = _open_corpus(options)
    if isinstance(corpus, EncodedText):
        raise ValueError(f"{options.corpus} is encoded already")
    progress = sys.stderr.isatty() and not options.quiet
    text = corpus.encode(options.out, workers=options.workers, overwrite=options.overwrite, progress=progress)
    print(text)


def train(options: argparse.Namespace) -> None:
    """See --help."""
    labels = _labels(options.ner, options) if options.ner else None
    dev = _labels(options.dev, options) if options.dev else None
    few = _labels(options.target_ner, options) if options.target_ner else None
    corpus = _open_corpus(options)
    settings = {name: getattr(options, name) for name in options.training}
    starts = [load_vec(path, language=language) for path, language in
              ((options.source_vectors, options.source), (options.target_vectors, options.target)) if path]  # fmt: skip
    if options.resume and options.checkpoint is None:
        raise ValueError("--resume needs --checkpoint, the directory to go on from")
    if options.resume and states_in(options.checkpoint):
        model = MTWord2Vec.resume(options.checkpoint, corpus, labels, target_ner_data=few, dev_data=dev,
                                  checkpoint_every=options.checkpoint_every)  # fmt: skip
    else:
        model = MTWord2Vec(
            corpus, ner_data=labels, target_ner_data=few, dev_data=dev, mode=options.mode,
            progress=sys.stderr.isatty() and not options.quiet, checkpoint=options.checkpoint,
            checkpoint_every=options.checkpoint_every, init_vectors=starts or None, **settings,
        )  # fmt: skip
    if options.calibrate:
        model.calibrate()
    model.save(options.out)
    print(f"saved {options.out}: {model.source_size} + {model.target_size} words of {model.vector_size} components")


def tag(options: argparse.Namespace) -> None:
    """See --help."""
    model = MTWord2Vec.load(options.model)
    split = tokenizer(options.language) if options.raw else words_of
    convert = _converter(options)
    shown = options.out is not None and sys.stderr.isatty() and not options.quiet
    kept: list[str] = []  # brat's offsets are those of the whole text

    def parts() -> Iterator[tuple[list[str], list[str]]]:
        """Tokens as they are written, and as they are looked up."""
        for line in tqdm(_lines(options.input, blank=True), desc="tagging", unit=" lines", disable=not shown):
            text = convert(line) if options.raw else line
            if options.format == "brat":
                kept.append(text)
            for sentence in sentences(text) if options.raw else [text]:
                tokens = split(sentence)
                if tokens:
                    yield tokens, tokens if options.raw else list(map(convert, tokens))

    def tagged() -> Iterator[tuple[list[str], list[str]]]:
        todo = parts()
        # one by one where somebody types, else enough at a time that the overhead is lost
        size = 1 if options.input is None and sys.stdin.isatty() else 256
        while batch := list(itertools.islice(todo, size)):
            words = [looked_up for _, looked_up in batch]
            tags = model.tag(words, language=options.language, by=options.by, unknown=options.unknown)
            yield from zip((tokens for tokens, _ in batch), tags, strict=True)

    with _output(options.out) as out:
        if options.format == "brat":
            found = list(tagged())
            out.writelines(formats.write(found, "brat", text="\n".join(kept)))
        else:
            out.writelines(formats.write(tagged(), options.format))


def evaluate(options: argparse.Namespace) -> None:
    """See --help."""
    gold = _labels(options.gold, options).map_tokens(_converter(options))
    model = MTWord2Vec.load(options.model)
    scores = model.evaluate(gold, language=options.language, by=options.by, unknown=options.unknown)
    print(json.dumps(asdict(scores)) if options.json else scores)


def similar(options: argparse.Namespace) -> None:
    """See --help."""
    model = MTWord2Vec.load(options.model)
    found = {
        word: model.neighbours(
            word, language=options.language, into=options.into, metric=options.metric, topn=options.topn
        )
        for word in options.words or _lines(None)
    }
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for word, near in found.items():
        for name, score in near:
            print(f"{word}\t{name}\t{score:.4f}")


def translate(options: argparse.Namespace) -> None:
    """See --help."""
    model = MTWord2Vec.load(options.model)
    model.rows_of(options.language), model.rows_of(options.into)  # before it waits for input
    words = [line.strip() for line in _lines(options.input)]
    found = model.neighbours_of(
        words, language=options.language, into=options.into, metric=options.metric, topn=options.topn
    )
    with _output(options.out) as out:
        for word, near in zip(words, found, strict=True):
            out.write("\t".join([word, *(f"{name}\t{score:.4f}" for name, score in near)]) + "\n")


def plot(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.results import plots

    kind = options.out.suffix.lstrip(".").lower()
    if kind not in ("png", "svg", "pdf"):
        raise ValueError(f"{options.out}: expected a name that ends in .png, .svg or .pdf")
    figure: Any
    model = MTWord2Vec.load(options.model)
    plots.pyplot.switch_backend("Agg")
    warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # `fonts_for` says it once
    if options.picture == "vectors":
        words = [tuple(word.split(":", 1)) for word in options.words] or None
        if words and not all(len(word) == 2 for word in words):
            raise ValueError(f"{' '.join(options.words)}: expected words with their language, such as zh:西班牙")
        models = [model] if options.before is None else [MTWord2Vec.load(options.before), model]
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
        gold = _labels(options.gold, options)
        figure = plots.plot_confusion(gold.tags, model.tag(gold.sentences, language=options.language)).figure
    with new_file(options.out, binary=True) as stream:
        figure.savefig(stream, format=kind, dpi=150)


def report(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.results.report import write_report

    model = MTWord2Vec.load(options.model)
    gold = _labels(options.gold, options) if options.gold else None
    out = options.out or options.model.with_name(options.model.name + ".html")
    write_report(model, out, gold=gold, language=options.language, n_words=options.words, title=options.model.name)
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

    labels, test = (_labels(part, options) for part in (options.ner, options.gold))
    return Task(_open_corpus(options), labels, test)


# -- files


def _open_corpus(options: argparse.Namespace) -> ComparableCorpus | EncodedText:
    path: Path = options.corpus
    if path.is_dir():
        text = EncodedText.open(path)
        if (text.source, text.target) != (options.source, options.target):
            raise ValueError(
                f"{path} has {text.source!r} and {text.target!r}, not {options.source!r} and {options.target!r}"
            )
        return text
    kind = next((suffix for suffix in reversed(path.suffixes) if suffix not in (".gz", ".bz2", ".xz")), "")
    readers = {
        ".jsonl": ComparableCorpus.from_jsonl, ".json": ComparableCorpus.from_jsonl, ".tsv": ComparableCorpus.from_tsv,
        ".xml": ComparableCorpus.from_wikipedia_xml,
    }  # fmt: skip
    if kind not in readers:
        raise ValueError(f"{path}: expected a file that ends in {', '.join(readers)} (and .gz, .bz2, .xz), or encoded")
    settings = {"source": options.source, "target": options.target, "on_missing": options.on_missing}
    if kind != ".xml":
        settings["encoding"] = options.encoding
    if options.opencc:
        settings["tokenizers"] = {options.target: tokenizer(options.target, conversion=options.opencc)}
    corpus = readers[kind](path, **settings)  # type: ignore[operator]
    return corpus.limit(options.limit) if options.limit is not None else corpus


def _labels(path: Path | list[Path], options: argparse.Namespace) -> NERData:
    return NERData.from_iob2(
        path, scheme=options.scheme, token_column=options.token_column, tag_column=options.tag_column,
        on_invalid="repair" if options.repair_tags else "error",
    )  # fmt: skip


def _converter(options: argparse.Namespace) -> Callable[[str], str]:
    return partial(convert_script, conversion=options.opencc) if options.opencc else str


def _lines(path: Path | None, *, blank: bool = False) -> Iterator[str]:
    """Lines of a file or of standard input, without line breaks; those that are blank only if asked for."""
    if path is None:
        lines = stream_lines(sys.stdin.buffer, "standard input")
    else:
        lines = read_lines(path)
    yield from (line for _, line in lines if blank or not is_blank(line))


@contextmanager
def _output(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
    else:
        with new_file(path) as stream:
            yield stream
