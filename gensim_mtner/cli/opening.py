"""What commands read and write: models, corpora, labels, lines; destinations are looked at before any work."""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from gensim_mtner import ComparableCorpus, EncodedText, LocalEngine, MTWord2Vec, NERData, RayEngine
from gensim_mtner.cli.choices import DTYPES, MATCH_LABELS, MODE, PROJECT_NAMES, TRAINING
from gensim_mtner.engines.engine import Engine
from gensim_mtner.model import coverage, saving
from gensim_mtner.model.checkpoint import check_new, states_in
from gensim_mtner.storage import MANIFEST, check_destination, new_file, read_manifest
from gensim_mtner.text.lines import OPENERS, check_plain, suffix_of
from gensim_mtner.text.readers import text_file
from gensim_mtner.text.remote import is_remote
from gensim_mtner.text.segmentation import SEGMENTERS, HowCut, Tokenizer, convert_script, spelt_as, tokenizer
from gensim_mtner.vectors.rows import check_whole

logger = logging.getLogger(__name__)


def open_model(path: Path, options: argparse.Namespace) -> MTWord2Vec:
    """A model's directory; a file, which gensim would unpickle, and so run what it holds, only if that is asked for."""
    if options.model_format == "gensim" and path.is_file():
        try:
            model = MTWord2Vec.load(path)
        except Exception as error:  # unpickling raises of all kinds
            raise ValueError(f"{path} is no model in gensim's format: {type(error).__name__}: {error}") from error
        if not isinstance(model, MTWord2Vec):
            raise ValueError(f"{path} has a {type(model).__name__}: expected MTWord2Vec, whose words have a language")
        return model
    if path.exists() and not path.is_dir():
        raise ValueError(
            f"{path} is a file; a directory that train wrote was expected. A model in gensim's own format is read by "
            "--model-format gensim; it is a pickle, which can run any code: only if you trust it"
        )
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; a directory that train wrote was expected")
    return saving.load_model(MTWord2Vec, path)


def check_language(model: MTWord2Vec, language: str | None, option: str) -> None:
    """Refuse a language that the model does not have, by the option that it was given by."""
    if language is None or language not in (model.source, model.target):
        raise ValueError(f"{option} {language}: this model has {model.source!r} and {model.target!r}")


def check_model_path(
    out: Path, checkpoint: Path | None = None, *, every: int = 1, overwrite: bool = False, resume: bool = False
) -> None:
    """Refuse a place for a model that it could not be written to, or that has one, while nothing is lost yet."""
    check_destination(out, saving.KIND, saving.VERSION, overwrite=overwrite)
    if checkpoint is not None:
        if resume:
            check_destination(checkpoint, "a folder")
        else:
            check_new(checkpoint, every)
        place = Path(os.path.realpath(out))
        if place in (Path(os.path.realpath(checkpoint)), *Path(os.path.realpath(checkpoint)).parents):
            raise ValueError(f"--checkpoint {checkpoint} is inside of --out {out}, which is written as a whole")


def check_begun(options: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Refuse options that were typed, and that training which is gone on with was begun without."""
    state = read_manifest(states_in(options.checkpoint)[-1], saving.KIND, saving.VERSION)
    begun = saving.BEFORE | state["arguments"]
    usual = {name: default for name, (_, default, _) in TRAINING.items()}
    usual |= {"mode": MODE, "project_names": PROJECT_NAMES, "match_labels": MATCH_LABELS}
    for name, value in (settings | {"mode": options.mode}).items():
        if name != "workers" and value != usual.get(name) and value != begun.get(name, value):
            option = f"--{'no-' if value is False else ''}{name.replace('_', '-')}"
            typed = option if isinstance(value, bool) else f"{option} {value}"
            raise ValueError(
                f"{typed}: the training in {options.checkpoint} was begun with {begun[name]}, and goes on with that: "
                f"leave {option} out"
            )


@contextmanager
def told_once() -> Iterator[None]:
    """Within it, what is found about a text in parts is told of the first of them alone."""
    told: set[str] = set()

    def first(record: logging.LogRecord) -> bool:
        known = record.msg in told
        told.add(record.msg)
        return not known

    parts = logging.getLogger(coverage.__name__)
    parts.addFilter(first)
    try:
        yield
    finally:
        parts.removeFilter(first)


def save_model(model: MTWord2Vec, out: Path, *, overwrite: bool) -> None:
    """Save a model where it is to be; if that has become impossible, where it can be, and say so."""
    try:
        model.save(out, overwrite=overwrite)
        return
    except (OSError, ValueError) as error:
        reason = error
    for folder in (Path(tempfile.gettempdir()), Path.cwd(), Path.home()):
        try:
            made = Path(tempfile.mkdtemp(prefix="gensim-mtner-", dir=folder))
        except OSError:
            continue
        kept = made / (out.name or "model")
        try:
            model.save(kept)
        except (OSError, ValueError):
            made.rmdir()
            continue
        raise OSError(f"{out} could not be written ({reason}); the model is kept in {kept}") from reason
    raise OSError(f"{out} could not be written ({reason}), and neither could any other place") from reason


def labels_of(path: Any, options: argparse.Namespace, encoding: str = "encoding") -> NERData:
    """Labelled sentences of a file or several; `encoding` is the option for that."""
    with told_as("encoding=", f"{encoding}="):
        for part in path if isinstance(path, list) else [path]:
            text_file(part, getattr(options, encoding))
        return NERData.from_iob2(
            path, scheme=options.scheme, token_column=options.token_column, tag_column=options.tag_column,
            on_invalid="repair" if options.repair_tags else "error", encoding=getattr(options, encoding),
            types=types_of(options.types),
        )  # fmt: skip


@contextmanager
def told_as(pattern: str, said: str) -> Iterator[None]:
    """Within it, errors that speak of encoding=, which is the corpus's here, say what is meant instead."""
    try:
        yield
    except ValueError as error:
        raise ValueError(re.sub(pattern, said, str(error))) from error


READERS = {
    ".jsonl": ComparableCorpus.from_jsonl, ".json": ComparableCorpus.from_jsonl, ".tsv": ComparableCorpus.from_tsv,
    ".xml": ComparableCorpus.from_wikipedia_xml,
}  # fmt: skip


def open_corpus(options: argparse.Namespace) -> ComparableCorpus | EncodedText:
    """The corpus of --corpus: encoded text, a file of the kind that its name tells, or a folder of JSON Lines.

    With --target-corpus, two files of lines or two folders.
    """
    path: Any = options.corpus
    if options.target_corpus is not None:
        return _two_sides(options)
    if options.lines_per_document != 1:
        raise ValueError(f"--lines-per-document {options.lines_per_document} is for two files of lines: the other one "
                         "is given by --target-corpus")  # fmt: skip
    folder = not is_remote(path) and path.is_dir()
    parts = sorted(part for part in path.iterdir() if part.is_file() and suffix_of(part) == ".jsonl") if folder else []
    if parts and not (options.corpus / MANIFEST).exists():
        path = parts
    elif folder:
        for name, nothing in (("segmenter", None), ("opencc", None), ("limit", None), ("on_missing", "error")):
            if getattr(options, name) != nothing and (path / MANIFEST).exists():
                raise ValueError(f"--{name.replace('_', '-')} {getattr(options, name)} is for text that is not encoded "
                                 f"yet, and {path} is")  # fmt: skip
        text = EncodedText.open(path)
        if (text.source, text.target) != (options.source, options.target):
            raise ValueError(
                f"{path} has {text.source!r} and {text.target!r}, not {options.source!r} and {options.target!r}"
            )
        return text
    kind = suffix_of((parts or [path])[0])
    if kind not in READERS:
        raise ValueError(
            f"{path}: expected a file that ends in {', '.join(READERS)} (and {', '.join(OPENERS)}), or encoded; text "
            "of one language needs --target-corpus for the other"
        )
    settings = _reading(options)
    if kind == ".xml":
        del settings["encoding"]
    return _limited(READERS[kind](path, **settings), options)  # type: ignore[operator]


def _two_sides(options: argparse.Namespace) -> ComparableCorpus:
    """The corpus of --corpus and --target-corpus."""
    for option, path in (("--corpus", options.corpus), ("--target-corpus", options.target_corpus)):
        whole = suffix_of(path) in READERS or (not is_remote(path) and (path / MANIFEST).exists())
        if whole:
            raise ValueError(f"{option} {path} holds both sides of pairs, by its name or content: with "
                             "--target-corpus, plain text of one language was expected: a file, a folder")  # fmt: skip
    corpus = ComparableCorpus.from_parallel(
        options.corpus, options.target_corpus, lines_per_document=options.lines_per_document, **_reading(options)
    )
    return _limited(corpus, options)


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    names = ("source", "target", "on_missing", "encoding")
    return {name: getattr(options, name) for name in names} | {"tokenizers": tokenizers_of(options)}


def _limited(corpus: ComparableCorpus, options: argparse.Namespace) -> ComparableCorpus:
    return corpus.limit(options.limit) if options.limit is not None else corpus


def tokenizers_of(options: argparse.Namespace) -> dict[str, Tokenizer]:
    """What --opencc and --segmenter say of the languages of a corpus."""
    found = {}
    for language in (options.source, options.target):
        base = language.split("-")[0].lower()
        named = options.segmenter if options.segmenter in SEGMENTERS.get(base, ()) else None
        conversion = options.opencc if language == options.target else None
        if named or conversion:
            found[language] = tokenizer(language, conversion=conversion, segmenter=named)
    if options.segmenter and not any(options.segmenter in SEGMENTERS.get(code.split("-")[0].lower(), ())
                                     for code in (options.source, options.target)):  # fmt: skip
        raise ValueError(
            f"--segmenter {options.segmenter} is for none of the languages {options.source!r} and {options.target!r}"
        )
    return found


def engine_of(options: argparse.Namespace) -> Engine | None:
    """Where the work is done, by --cluster; None for this process."""
    sharing = {name: getattr(options, name, None) for name in ("machines", "syncs", "cluster_dtype")}
    if options.cluster is None:
        given = [f"--{name.replace('_', '-')}" for name, value in sharing.items() if value is not None]
        if given:
            raise ValueError(f"{given[0]} needs --cluster local, ray or HOST:PORT")
        return None
    machines, more = sharing["machines"], {}
    if hasattr(options, "syncs"):
        more = {"syncs": options.syncs, "dtype": options.cluster_dtype or DTYPES[0]}
    check_whole("machines", machines := 2 if machines is None else machines, 1)
    if options.cluster == "local":
        return LocalEngine(machines, **more)
    return RayEngine(None if options.cluster == "ray" else options.cluster, machines=machines, **more)


def cut_as_the_corpus(options: argparse.Namespace, model: MTWord2Vec) -> None:
    """Set --segmenter and --opencc to what the corpus was cut by, unless they are given; say where they differ."""
    if options.language not in model.segmented:
        return
    used = model.segmented[options.language]
    if used is None:
        logger.warning("the corpus was cut by a tokenizer of its own, which --raw does not have: pass tokens, if it "
                       "cuts other words")  # fmt: skip
        return
    for name, value in (("segmenter", used["segmenter"]), ("opencc", used["conversion"])):
        if getattr(options, name) is None:
            setattr(options, name, value)
        elif value is not None and getattr(options, name) != value:
            logger.warning("--%s %s: the corpus was cut with %s, so that other words may come of it", name,
                           getattr(options, name), value)  # fmt: skip


def converter(options: argparse.Namespace) -> Callable[[str], str]:
    """What brings words to the script of the corpus, by --opencc."""
    return partial(convert_script, conversion=options.opencc) if options.opencc else str


def as_spelt(labels: NERData, language: str | None, how: HowCut) -> NERData:
    """Labelled sentences in the script that a corpus was brought to."""
    spelt = spelt_as(language, how) if language else None
    return labels.map_tokens(spelt) if spelt else labels


def types_of(given: list[str] | None) -> dict[str, str | None] | None:
    """Renamed types of --types: OLD=NEW, and OLD= for those to be dropped."""
    if not given:
        return None
    for part in given:
        if part.count("=") != 1:
            raise ValueError(f"--types {part}: expected OLD=NEW, such as PERSON=PER, or OLD= to drop a type")
    return {old: new or None for old, _, new in (part.partition("=") for part in given)}


def check_output(out: Path | None, source: Path | str | None, option: str = "--input") -> None:
    """Refuse a file to write that cannot be written, or that is the one to be read, by `option`."""
    if out is None:
        return
    check_plain(out)
    if source is not None and os.path.realpath(out) == os.path.realpath(source):
        raise ValueError(f"--out {out} is what {option} reads, and would be lost: choose another name")


@contextmanager
def open_output(path: Path | None) -> Iterator[IO[str]]:
    """A file that appears when it is whole; by default standard output."""
    if path is None and sys.stdout is None:
        raise ValueError("standard output is closed: pass --out")
    if path is None:
        yield sys.stdout
    else:
        with new_file(path) as stream:
            yield stream
