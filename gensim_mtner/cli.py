"""The command line: ``gensim-mtner`` and ``python -m gensim_mtner``."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData, __version__
from gensim_mtner.checkpoint import TrainingInterrupted, states_in
from gensim_mtner.manifest import new_file
from gensim_mtner.segmentation import convert_script, sentences, tokenizer
from gensim_mtner.tagging import SCHEMES

# exit codes: 0, done; 1, an error in the data or in a model; 2, an error in the command (argparse's); 130, interrupted;
# 143, ended by SIGTERM after a checkpoint
FAILED, INTERRUPTED = 1, 130
ERRORS = (ValueError, TypeError, KeyError, RuntimeError, OSError, ModuleNotFoundError, FloatingPointError, MemoryError)

EXAMPLES = {
    "stats": "gensim-mtner stats --corpus pairs.jsonl --source en --target zh",
    "encode": "gensim-mtner encode --corpus pairs.jsonl --source en --target zh --workers 2 --out pairs.encoded",
    "train": "gensim-mtner train --corpus pairs.jsonl --source en --target zh --ner train.iob2 --out model",
    "tag": "gensim-mtner tag --model model --language zh --raw < text.txt > tagged.iob2",
    "evaluate": "gensim-mtner evaluate --model model --language zh --gold test.iob2 --json",
    "similar": "gensim-mtner similar --model model --language zh --into en --metric euclidean --topn 8 西班牙 希腊",
    "tables": "gensim-mtner tables table2 --corpus pairs.jsonl --source en --target zh --ner train.iob2 "
    "--gold test.iob2 --sizes 64 128 --seeds 1 2 3 --results tables",
    "translate": "gensim-mtner translate --model model --from en --to zh --topn 5 < words.txt > words.tsv",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    # the file is looked for first: it may hold what is required
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--config", type=Path)
    config = early.parse_known_args(arguments)[0].config
    options = parser(_config(config) if config else None).parse_args(arguments)
    level = logging.WARNING if options.quiet else logging.DEBUG if options.verbose else logging.INFO
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logging.getLogger("gensim_mtner").setLevel(level)
    try:
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader (head, say) has seen enough; Python would complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except TrainingInterrupted as error:
        print(f"gensim-mtner {options.command}: {error}", file=sys.stderr)
        return 128 + error.signal
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except ERRORS as error:
        if options.verbose:
            logging.getLogger(__name__).debug("", exc_info=True)
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"gensim-mtner {options.command}: {_paint('error', sys.stderr)}: {text}", file=sys.stderr)
        return FAILED
    return 0


def _paint(text: str, stream: IO[str]) -> str:
    return f"\033[1;31m{text}\033[0m" if stream.isatty() and "NO_COLOR" not in os.environ else text


def _config(path: Path) -> dict[str, Any]:
    """Settings of a TOML file, by the names of the options."""
    import_name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    tomllib = importlib.import_module(import_name)
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"gensim-mtner: {path}: {error}") from error
    return {name.replace("-", "_"): value for name, value in settings.items()}


# -- what is typed


def parser(config: dict[str, Any] | None = None) -> argparse.ArgumentParser:
    """The commands and their options; `config` gives other defaults."""
    top = argparse.ArgumentParser(
        prog="gensim-mtner", description="Bilingual word vectors and a name tagger for a language without labels."
    )
    top.add_argument("--version", action="version", version=f"gensim-mtner {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(run: Any, help: str) -> argparse.ArgumentParser:
        name = run.__name__
        made = commands.add_parser(
            name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=f"example:\n  {EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        made.add_argument("--quiet", action="store_true", help="say nothing but errors")
        made.add_argument("--verbose", action="store_true", help="say more, and where errors come from")
        made.set_defaults(run=run)
        return made

    _corpus(command(stats, "count documents, sentences, tokens and types (Table 1 of the paper)"), json=True)
    made = command(encode, "segment a corpus and turn it into integers, once")
    _corpus(made)
    made.add_argument("--out", type=Path, required=True, help="the directory to write")
    made.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that segment")
    made.add_argument("--overwrite", action="store_true", help="replace encoded text that is there")

    made = command(train, "train word vectors of both languages, and the tagger if there are labels")
    _corpus(made)
    made.add_argument("--ner", type=Path, action="append", default=[], metavar="FILE",
                      help="labelled source sentences (IOB2); may be given several times")  # fmt: skip
    made.add_argument("--target-ner", type=Path, help="labelled target sentences, if there are some")
    made.add_argument("--scheme", choices=SCHEMES, default="IOB2", help="the tag scheme of the files")
    made.add_argument("--dev", type=Path, help="labelled source sentences to stop early by")
    made.add_argument("--mode", choices=("hfj", "fj", "baseline", "ner"), default="hfj")
    for name, kind, default in TRAINING:
        made.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default,
                          help=f"default {'by --mode' if default is None else default}")  # fmt: skip
    made.add_argument("--calibrate", action="store_true", help="set the share of entities by that of the labels")
    made.add_argument("--checkpoint", type=Path, metavar="DIR", help="keep the state of training here, epoch by epoch")
    made.add_argument("--checkpoint-every", type=int, default=1, metavar="EPOCHS")
    made.add_argument("--resume", action="store_true",
                      help="go on from --checkpoint if it has a state (same corpus, same labels)")  # fmt: skip
    made.add_argument("--config", type=Path, metavar="FILE.toml", help="options by their names; those typed win")
    made.add_argument("--out", type=Path, required=True, help="the model's directory")
    required = [action for action in made._actions if action.required]
    known = {action.dest for action in made._actions}
    for name, value in (config or {}).items():
        if name not in known or name in ("config", "help"):
            raise SystemExit(f"gensim-mtner train: the config file has {name!r}, which is not an option")
        made.set_defaults(**{name: [Path(v) for v in value] if name == "ner" else value})
    for action in required:
        action.required = action.dest not in (config or {})

    made = command(tag, "tag text: tokens separated by spaces, or with --raw running text")
    _model(made)
    made.add_argument("--language", required=True, help="of the text: the source or the target")
    made.add_argument("--raw", action="store_true", help="segment the text first")
    _tagging(made)
    _streams(made)

    made = command(evaluate, "compare tags with gold ones: strict entity F1, in percent")
    _model(made)
    made.add_argument("--language", required=True)
    made.add_argument("--gold", type=Path, required=True, help="labelled sentences (IOB2)")
    made.add_argument("--scheme", choices=SCHEMES, default="IOB2", help="the tag scheme of the file")
    _tagging(made)
    made.add_argument("--json", action="store_true")

    made = command(similar, "list the nearest words of a language")
    _model(made)
    made.add_argument("--language", required=True, help="of the words")
    made.add_argument("--into", help="of the neighbours; by default the other one")
    made.add_argument("--metric", choices=("cosine", "euclidean", "csls"), default="cosine")
    made.add_argument("--topn", type=int, default=10)
    made.add_argument("--json", action="store_true")
    made.add_argument("words", nargs="*", metavar="WORD", help="by default the lines of standard input")

    made = command(translate, "translate words by their vectors: word, translations and scores, tab-separated")
    _model(made)
    made.add_argument("--from", dest="language", required=True)
    made.add_argument("--to", dest="into", required=True)
    made.add_argument("--metric", choices=("cosine", "euclidean", "csls"), default="csls")
    made.add_argument("--topn", type=int, default=5)
    _streams(made)

    made = command(tables, "make Table 1, 2 or 3 of the paper for a corpus; what was run before is not run again")
    made.add_argument("table", choices=("table1", "table2", "table3"))
    _corpus(made)
    made.add_argument("--ner", type=Path, action="append", required=True, metavar="FILE",
                      help="labelled source sentences (IOB2); may be given several times")  # fmt: skip
    made.add_argument("--gold", type=Path, required=True, help="labelled target sentences (IOB2), to test on")
    made.add_argument("--scheme", choices=SCHEMES, default="IOB2", help="the tag scheme of the files")
    made.add_argument("--results", type=Path, required=True, help="a directory for cells, tables and vectors")
    made.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512], help="values of vector_size")
    made.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    made.add_argument("--lstm-sizes", type=int, nargs="*", default=[], help="sizes to run the LSTM-CRF at")
    made.add_argument("--pretrain-epochs", type=int, default=12)
    made.add_argument("--epochs", type=int, default=8, help="joint passes")
    made.add_argument("--max-updates", type=int, help="pairs of updates to stop after (the paper: 10,000)")
    made.add_argument("--queries", nargs="*", default=[], help="words of table 3; by default frequent names")
    made.add_argument("--jobs", type=int, default=1, help="processes")
    return top


# arguments of MTWord2Vec that the command line passes on
TRAINING: tuple[tuple[str, type, Any], ...] = (
    ("vector_size", int, 128), ("window", int, 16), ("negative", int, 10), ("min_count", int, 2),
    ("sample", float, 1e-4), ("alpha", float, 0.025), ("pretrain_epochs", int, 12), ("epochs", int, 8),
    ("ner_weight", float, 0.5), ("translate_probability", float, None), ("silver_tokens", int, None),
    ("self_training_tokens", int, None), ("seed", int, 1), ("workers", int, os.cpu_count() or 1),
)  # fmt: skip


def _corpus(made: argparse.ArgumentParser, json: bool = False) -> None:
    made.add_argument("--corpus", type=Path, required=True,
                      help="pairs: .jsonl, .tsv, .xml, also compressed; or an encoded directory")  # fmt: skip
    made.add_argument("--source", required=True, help="language code, such as en")
    made.add_argument("--target", required=True, help="language code, such as zh")
    made.add_argument("--on-missing", choices=("error", "skip", "keep"), default="error",
                      help="what to do with a pair that lacks a side")  # fmt: skip
    made.add_argument("--encoding", default="utf-8", help="of the file")
    made.add_argument("--limit", type=int, help="read only the first pairs")
    made.add_argument("--opencc", metavar="t2s", help="convert the target side to another script first, by OpenCC")
    if json:
        made.add_argument("--json", action="store_true")


def _model(made: argparse.ArgumentParser) -> None:
    made.add_argument("--model", type=Path, required=True, help="a directory that train wrote")


def _tagging(made: argparse.ArgumentParser) -> None:
    made.add_argument("--by", choices=("sequence", "vectors"),
                      help="the language's own tagger, the default where there is one, or that on vectors")  # fmt: skip
    made.add_argument("--unknown", choices=("O", "oov"), help="how vectors tag words that have none")
    made.add_argument("--opencc", metavar="t2s", help="convert words to the script of the corpus first, by OpenCC")


def _streams(made: argparse.ArgumentParser) -> None:
    made.add_argument("--input", type=Path, help="by default standard input")
    made.add_argument("--out", type=Path, help="by default standard output; a file appears when it is whole")


# -- what is done


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
    labels = NERData.from_iob2(options.ner, scheme=options.scheme) if options.ner else None
    dev = NERData.from_iob2(options.dev, scheme=options.scheme) if options.dev else None
    few = NERData.from_iob2(options.target_ner, scheme=options.scheme) if options.target_ner else None
    corpus = _open_corpus(options)
    settings = {name: getattr(options, name) for name, _, _ in TRAINING}
    if options.resume and options.checkpoint is None:
        raise ValueError("--resume needs --checkpoint, the directory to go on from")
    if options.resume and states_in(options.checkpoint):
        model = MTWord2Vec.resume(options.checkpoint, corpus, labels, target_ner_data=few, dev_data=dev,
                                  checkpoint_every=options.checkpoint_every)  # fmt: skip
    else:
        model = MTWord2Vec(
            corpus, ner_data=labels, target_ner_data=few, dev_data=dev, mode=options.mode,
            progress=sys.stderr.isatty() and not options.quiet, checkpoint=options.checkpoint,
            checkpoint_every=options.checkpoint_every, **settings,
        )  # fmt: skip
    if options.calibrate:
        model.calibrate()
    model.save(options.out)
    print(f"saved {options.out}: {model.source_size} + {model.target_size} words of {model.vector_size} components")


def tag(options: argparse.Namespace) -> None:
    """See --help."""
    model = MTWord2Vec.load(options.model)
    split = tokenizer(options.language) if options.raw else str.split
    convert = _converter(options)
    with _output(options.out) as out:
        for line in _lines(options.input):
            for text in sentences(line) if options.raw else [line]:
                tokens = split(convert(text) if options.raw else text)
                if tokens:
                    words = tokens if options.raw else list(map(convert, tokens))
                    (tags,) = model.tag([words], language=options.language, by=options.by, unknown=options.unknown)
                    out.writelines(f"{token}\t{name}\n" for token, name in zip(tokens, tags, strict=True))
                    out.write("\n")


def evaluate(options: argparse.Namespace) -> None:
    """See --help."""
    gold = NERData.from_iob2(options.gold, scheme=options.scheme).map_tokens(_converter(options))
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


def tables(options: argparse.Namespace) -> None:
    """See --help."""
    from gensim_mtner.tables import Tables

    made = Tables(
        partial(_load_task, options), options.results, tuple(options.sizes), tuple(options.seeds),
        tuple(options.lstm_sizes), pretrain_epochs=options.pretrain_epochs, epochs=options.epochs,
        max_updates=options.max_updates, jobs=options.jobs,
    )  # fmt: skip
    lines = made.table3(options.queries) if options.table == "table3" else getattr(made, options.table)()
    for line in lines:
        print(line, flush=True)


def _load_task(options: argparse.Namespace) -> Any:
    from gensim_mtner.tables import Task

    labels, test = (NERData.from_iob2(part, scheme=options.scheme) for part in (options.ner, options.gold))
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


def _converter(options: argparse.Namespace) -> Callable[[str], str]:
    return partial(convert_script, conversion=options.opencc) if options.opencc else str


def _lines(path: Path | None) -> Iterator[str]:
    """Lines that are not blank, of a file or of standard input."""
    if path is None:
        sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        for number, line in enumerate(iter(_readline, ""), 1):
            if line.strip():
                yield line.strip("\ufeff\n\r" if number == 1 else "\n\r")
        return
    from gensim_mtner.textfiles import read_lines

    yield from (line for _, line in read_lines(path) if line.strip())


def _readline() -> str:
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError as error:
        raise ValueError(f"standard input is not UTF-8: {error}") from error


@contextmanager
def _output(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
    else:
        with new_file(path) as stream:
            yield stream
