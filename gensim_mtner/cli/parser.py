"""What is typed: the subcommands and their options."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from gensim_mtner import __version__
from gensim_mtner.cli.actions import Command, Completion, Several, chapters, encoding, file_path, meant
from gensim_mtner.cli.choices import (
    DTYPES,
    FORMATS,
    MARGIN,
    MATCH_LABELS,
    METRICS,
    MODE,
    MODES,
    NAME_LANGUAGES,
    ON_MISSING,
    PROJECT_NAMES,
    SCHEMES,
    SEGMENTERS,
    TRAINING,
)

EXAMPLES = {
    "demo": "gensim-mtner demo --target de --out model",
    "stats": "gensim-mtner stats --corpus pairs.jsonl --source en --target zh",
    "pair": "gensim-mtner pair --corpus news/en --target-corpus news/sw --source en --target sw --out pairs.jsonl",
    "encode": "gensim-mtner encode --corpus pairs.jsonl --source en --target zh --workers 2 --out pairs.encoded",
    "train": "gensim-mtner train --corpus pairs.jsonl --source en --target zh --ner train.iob2 --out model",
    "tag": "gensim-mtner tag --model model --language zh --raw < text.txt > tagged.iob2",
    "evaluate": "gensim-mtner evaluate --model model --language zh --gold test.iob2 --json",
    "similar": "gensim-mtner similar --model model --language zh --into en --metric euclidean --topn 8 西班牙 希腊",
    "tables": "gensim-mtner tables table2 --corpus pairs.jsonl --source en --target zh --ner train.iob2 "
    "--gold test.iob2 --sizes 64 128 --seeds 1 2 3 --results tables",
    "plot": "gensim-mtner plot neighbours --model model --language zh --words 西班牙 --out spain.png",
    "report": "gensim-mtner report model --gold test.iob2 --language zh --out report.html",
    "translate": "gensim-mtner translate --model model --from en --to zh --topn 5 < words.txt > words.tsv",
}


def parser(config: dict[str, Any] | None = None) -> argparse.ArgumentParser:
    """The commands and their options; `config` gives other defaults."""
    top = argparse.ArgumentParser(
        prog="gensim-mtner", description="Bilingual word vectors and a name tagger for a language without labels."
    )
    top.add_argument("--version", action="version", version=f"gensim-mtner {__version__}")
    top.add_argument("--print-completion", action=Completion, metavar="SHELL",
                     help="print a completion script for bash, zsh or tcsh (needs shtab)")  # fmt: skip
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Command)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        made = subparsers.add_parser(
            name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=f"example:\n  {EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        )  # fmt: skip
        made.add_argument("--quiet", action="store_true", help="say nothing but warnings and errors")
        made.add_argument("--verbose", action="store_true", help="say more, and where errors come from")
        return made

    made = command("demo", "train and test on the Bible, to see what it does (two minutes)")
    made.add_argument("--target", choices=NAME_LANGUAGES[1:], default="zh")
    made.add_argument("--chapters", type=chapters, default=1189, help="how many chapters to take")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    made.add_argument("--out", type=Path, help="a directory to keep the model in")

    _corpus(command("stats", "count documents, sentences, tokens and types (Table 1 of the paper)"), json=True)
    made = command("pair", "find which documents of two languages are on one subject, and write them as a corpus")
    documents = "a folder, whose files they are; a file, whose lines they are; or JSON Lines, with text under its code"
    made.add_argument("--corpus", type=file_path, required=True, help=f"documents of the source: {documents}")
    made.add_argument("--target-corpus", type=file_path, required=True, help="those of the target")
    _languages(made)
    made.add_argument("--dictionary", type=file_path, metavar="FILE.tsv",
                      help="words of the source and their translations, the first two columns, by tabs: where few "
                      "names are read alike")  # fmt: skip
    made.add_argument("--margin", type=float, default=MARGIN,
                      help="how much more alike a pair is than others: more finds fewer pairs, and fewer that are "
                      f"wrong; default {MARGIN}, 2 where few documents have a counterpart")  # fmt: skip
    _encoding(made, "both")
    made.add_argument("--target-encoding", type=encoding, help="of --target-corpus; by default --encoding")
    _conversion(made)
    _segmenter(made)
    made.add_argument("--out", type=Path, required=True, help="the corpus to write, a name that ends in "
                      ".jsonl; what is there is replaced")  # fmt: skip
    made = command("encode", "segment a corpus and turn it into integers, once")
    _corpus(made)
    made.add_argument("--out", type=Path, required=True, help="the directory to write")
    made.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that segment")
    made.add_argument("--overwrite", action="store_true", help="replace encoded text that is there")
    made.add_argument("--shards", type=int, help="write so many parts, for as many machines or fewer to train on")
    _cluster(made)

    made = command("train", "train word vectors of both languages, and the tagger if there are labels")
    _corpus(made)
    made.add_argument("--ner", type=file_path, action=Several, default=[], metavar="FILE",
                      help="labelled source sentences (IOB2); may be given several times")  # fmt: skip
    made.add_argument(
        "--source-vectors",
        type=Path,
        metavar="FILE.vec",
        help="where source words start from; as many components as --vector-size",
    )
    made.add_argument("--target-vectors", type=Path, metavar="FILE.vec", help="where target words start from")
    made.add_argument(
        "--vectors-encoding", type=encoding, default="utf-8", help="of --source-vectors and --target-vectors"
    )
    made.add_argument("--dictionary", type=file_path, metavar="FILE.tsv",
                      help="words or titles and their translations, by tabs; vectors and taggers learn")  # fmt: skip
    made.add_argument("--dictionary-weights", type=int, metavar="COLUMN",
                      help="its column of weights, from 0; without it all pairs count alike")  # fmt: skip
    made.add_argument("--gazetteer", type=file_path, metavar="FILE.tsv",
                      help="names of the target and their types, by tabs; they teach the tagger (without spaces "
                      "between words, those of three letters and more)")  # fmt: skip
    made.add_argument("--source-gazetteer", type=file_path, metavar="FILE.tsv", help="the same of the source")
    made.add_argument("--target-ner", type=file_path, help="labelled target sentences, if there are some")
    _labels(made)
    _labels_encoding(made)
    made.add_argument("--dev", type=file_path, help="labelled source sentences to stop early by")
    made.add_argument(
        "--mode",
        choices=MODES,
        default=MODE,
        help="how vectors and tagger are trained together; default hfj, see the guide",
    )
    made.set_defaults(training=(*TRAINING, "project_names", "match_labels"))
    made.add_argument("--project-names", action=argparse.BooleanOptionalAction, default=PROJECT_NAMES,
                      help="look for the source's names in the target side; default where it has capitals, "
                      "and --silver-tokens")  # fmt: skip
    made.add_argument("--match-labels", action=argparse.BooleanOptionalAction, default=MATCH_LABELS,
                      help="let taggers learn from documents of the kind that the labels are of, if there are "
                      "others, too; the default")  # fmt: skip
    for name, (kind, default, said) in TRAINING.items():
        default = (os.cpu_count() or 1) if name == "workers" else default
        made.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default,
                          help=said if default is None else f"{said}; default {default}")  # fmt: skip
    made.add_argument(
        "--calibrate",
        action="store_true",
        help="have the tagger on vectors find as large a share of names as the labels, silver ones too, have",
    )
    made.add_argument("--checkpoint", type=Path, metavar="DIR", help="keep the state of training here, epoch by epoch")
    made.add_argument("--checkpoint-every", type=int, default=1, metavar="EPOCHS", help="how often; default 1")
    made.add_argument("--resume", action="store_true",
                      help="go on from --checkpoint if it has a state (same corpus, same labels)")  # fmt: skip
    _cluster(made)
    made.add_argument("--syncs", type=int, help="how often a pass the machines exchange what they learnt; default 6 "
                      "for each machine over pretraining")  # fmt: skip
    made.add_argument("--cluster-dtype", choices=DTYPES, help=f"the numbers that they exchange; default {DTYPES[0]}")
    made.add_argument("--config", type=Path, metavar="FILE.toml", help="options by their names; those typed win")
    made.add_argument("--out", type=Path, required=True, help="the model's directory")
    made.add_argument("--overwrite", action="store_true", help="replace a model that is there")
    required = [action for action in made._actions if action.required]
    known = {action.dest: action for action in made._actions}
    for name, value in (config or {}).items():
        if name not in known or name in ("config", "help"):
            guess = meant(name, sorted(set(known) - {"config", "help"}))
            raise SystemExit(f"gensim-mtner train: the config file has {name!r}, which is not an option{guess}")
        made.set_defaults(**{name: _configured(made, known[name], value)})
    for action in required:
        action.required = action.dest not in (config or {})

    made = command("tag", "tag text: tokens separated by spaces, or with --raw running text")
    _model(made)
    made.add_argument("--language", required=True, help="of the text: the source or the target")
    made.add_argument("--raw", action="store_true", help="segment the text first")
    _segmenter(made)
    made.add_argument("--format", choices=FORMATS, default="iob2")
    _tagging(made)
    _streams(made)
    _encoding(made, "the text")
    _cluster(made)

    made = command("evaluate", "compare tags with gold ones: strict entity F1, in percent")
    _model(made)
    made.add_argument("--language", required=True)
    made.add_argument("--gold", type=file_path, required=True, help="labelled sentences (IOB2)")
    _labels(made)
    _encoding(made, "the gold file")
    _tagging(made)
    _cluster(made)
    made.add_argument("--json", action="store_true")

    made = command("similar", "list the nearest words of a language")
    _model(made)
    made.add_argument("--language", required=True, help="of the words")
    made.add_argument("--into", help="of the neighbours; by default the other one")
    _metric(made, "cosine", 10)
    made.add_argument("--json", action="store_true")
    made.add_argument("words", nargs="*", metavar="WORD", help="by default the lines of standard input")
    _encoding(made, "these")

    made = command("translate", "translate words by their vectors: word, translations and scores, tab-separated")
    _model(made)
    made.add_argument("--from", dest="language", required=True)
    made.add_argument("--to", dest="into", required=True)
    _metric(made, "csls", 5)
    _streams(made)
    _encoding(made, "the words")

    made = command("plot", "draw words in two dimensions, losses, neighbours of a word, or confused tags")
    made.add_argument("picture", choices=("vectors", "losses", "neighbours", "confusion"))
    _model(made)
    made.add_argument("--out", type=Path, required=True, help="a file that ends in .png, .svg or .pdf")
    made.add_argument("--language", help="of the words, or of the gold sentences")
    made.add_argument("--into", help="neighbours: their language")
    _metric(made, "cosine", 10)
    made.add_argument("--method", choices=("pca", "tsne", "umap"), default="pca", help="vectors: how to project")
    made.add_argument("--before", type=Path, metavar="MODEL", help="vectors: draw the words by this model, too")
    made.add_argument("--gold", type=file_path, help="confusion: labelled sentences (IOB2)")
    _labels(made)
    _encoding(made, "the gold file")
    made.add_argument("--font", help="the path of a font, if the installed ones lack characters")
    made.add_argument(
        "--words", nargs="+", default=[], metavar="WORD", help="vectors: such as zh:西班牙; neighbours: one"
    )

    made = command("report", "write all about a model into one HTML file")
    made.add_argument("place", type=Path, nargs="?", metavar="MODEL", help="a directory that train wrote")
    made.add_argument("--model", type=Path, help="the same")
    _model_format(made)
    made.add_argument("--gold", type=file_path, help="labelled sentences (IOB2) to test on and to show")
    made.add_argument("--language", help="of these; by default the target")
    _labels(made)
    _encoding(made, "the gold file")
    made.add_argument("--words", type=int, default=2000, help="how many words of each language to list neighbours of")
    made.add_argument("--font", help="the path of a font to measure words with, if the installed ones lack characters")
    made.add_argument("--out", type=Path, help="by default MODEL.html")

    made = command("tables", "make Table 1, 2 or 3 of the paper for a corpus; what was run before is not run again")
    made.add_argument("table", choices=("table1", "table2", "table3"))
    _corpus(made)
    made.add_argument("--ner", type=file_path, action="append", required=True, metavar="FILE",
                      help="labelled source sentences (IOB2); may be given several times")  # fmt: skip
    made.add_argument("--gold", type=file_path, required=True, help="labelled target sentences (IOB2), to test on")
    _labels(made)
    _labels_encoding(made)
    made.add_argument("--results", type=Path, required=True, help="a directory for cells, tables and vectors")
    made.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512],
                      help="values of vector_size; table3 takes the first, and trains anew")  # fmt: skip
    made.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="table3 takes the first")
    made.add_argument("--lstm-sizes", type=int, nargs="*", default=[], help="sizes to run the LSTM-CRF at")
    made.add_argument("--pretrain-epochs", type=int, help="by default those of train")
    made.add_argument("--epochs", type=int, help="joint passes; by default those of train")
    made.add_argument("--max-updates", type=int, help="pairs of updates to stop after (the paper: 10,000)")
    made.add_argument("--queries", nargs="*", default=[], help="words of table 3; by default frequent names")
    made.add_argument("--jobs", type=int, default=1, help="processes")
    return top


def _configured(made: argparse.ArgumentParser, action: argparse.Action, value: Any) -> Any:
    """The value of an option in a config file, as it would be if it had been typed."""

    def refused(expected: str) -> SystemExit:
        return SystemExit(f"gensim-mtner train: the config file has {action.dest} = {value!r}: expected {expected}")

    several = isinstance(action, Several) or action.nargs in ("+", "*")

    def one(part: Any) -> Any:
        number = action.type in (int, float)
        if isinstance(part, bool) or not isinstance(part, (int, float) if number else str):
            wanted = "text, or a list of it, as it is typed" if several else "text"
            raise refused("a number" if number else wanted)
        try:
            found = made._get_value(action, str(part))
            made._check_value(action, found)
        except argparse.ArgumentError as error:
            raise refused(f"something else ({error.message})") from None
        return found

    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        if not isinstance(value, bool):
            raise refused("true or false")
        return value
    if several:
        return [one(part) for part in (value if isinstance(value, list) else [value])]
    return one(value)


def _metric(made: argparse.ArgumentParser, default: str, topn: int) -> None:
    made.add_argument("--metric", choices=METRICS, default=default, help="what is near; by default %(default)s")
    made.add_argument("--topn", type=int, default=topn, help="how many; by default %(default)s")


def _corpus(made: argparse.ArgumentParser, json: bool = False) -> None:
    made.add_argument("--corpus", type=file_path, required=True,
                      help="pairs: .jsonl (or a folder of them), .tsv (source, target), .xml, also compressed; "
                      "or encoded; or the source side, see --target-corpus")  # fmt: skip
    made.add_argument("--target-corpus", type=file_path,
                      help="the target side, if it is elsewhere: a file, of which each line belongs to that line of "
                      "--corpus, or a folder, whose files have the names of those in --corpus")  # fmt: skip
    made.add_argument("--lines-per-document", type=int, metavar="N", default=1, help="of two files: 20, where lines "
                      "are sentences; default 1")  # fmt: skip
    _languages(made)
    made.add_argument("--on-missing", choices=ON_MISSING, default="error",
                      help="what to do with a pair that lacks a side")  # fmt: skip
    _encoding(made, "the corpus")
    made.add_argument("--limit", type=int, help="read only the first pairs")
    _conversion(made)
    _segmenter(made)
    if json:
        made.add_argument("--json", action="store_true")


def _languages(made: argparse.ArgumentParser) -> None:
    made.add_argument("--source", required=True, help="language code, such as en")
    made.add_argument("--target", required=True, help="language code, such as zh")


def _conversion(made: argparse.ArgumentParser) -> None:
    made.add_argument("--opencc", metavar="t2s", help="convert the target side to another script first, by OpenCC")


def _segmenter(made: argparse.ArgumentParser) -> None:
    made.add_argument("--segmenter", choices=SEGMENTERS,
                      help="of Chinese or Japanese; rjieba is jieba in a tenth of the time")  # fmt: skip


def _cluster(made: argparse.ArgumentParser) -> None:
    made.add_argument("--cluster", metavar="local|ray|ADDRESS", help="share the work: in one process, to try it; on a "
                      "Ray cluster of its own on this machine; or on the one at HOST:PORT (auto: that of this machine)"
                      )  # fmt: skip
    made.add_argument("--machines", type=int, help="how many workers share it, one a machine; default 2")


def _model(made: argparse.ArgumentParser) -> None:
    made.add_argument("--model", type=Path, required=True, help="a directory that train wrote")
    _model_format(made)


def _model_format(made: argparse.ArgumentParser) -> None:
    made.add_argument("--model-format", choices=("safe", "gensim"), default="safe",
                      help="gensim: take a file in gensim's own format, a pickle, which can run any code")  # fmt: skip


def _encoding(made: argparse.ArgumentParser, of: str) -> None:
    made.add_argument("--encoding", type=encoding, default="utf-8", help=f"of {of}; by default UTF-8")


def _labels_encoding(made: argparse.ArgumentParser) -> None:
    made.add_argument("--labels-encoding", type=encoding, default="utf-8",
                      help="of files with labels; by default UTF-8")  # fmt: skip


def _labels(made: argparse.ArgumentParser) -> None:
    made.add_argument("--scheme", choices=SCHEMES, default="IOB2", help="the tag scheme of the labelled files")
    made.add_argument("--token-column", type=int, metavar="N", help="of these, from 0; by default found out")
    made.add_argument("--tag-column", type=int, metavar="N", help="of these, from 0; -1 is the last")
    made.add_argument("--types", nargs="+", action=Several, metavar="OLD=NEW",
                      help="rename types, such as PERSON=PER; OLD= drops one")  # fmt: skip
    made.add_argument("--repair-tags", action="store_true",
                      help="let an I- that continues nothing open an entity, as conlleval counts it")  # fmt: skip


def _tagging(made: argparse.ArgumentParser) -> None:
    made.add_argument("--by", choices=("both", "sequence", "vectors"),
                      help="the language's own tagger, that on vectors, or both, the default")  # fmt: skip
    made.add_argument("--unknown", choices=("O", "oov"), help="how vectors tag words that have none")
    made.add_argument("--opencc", metavar="t2s", help="convert words to the script of the corpus first, by OpenCC")


def _streams(made: argparse.ArgumentParser) -> None:
    made.add_argument("--input", type=file_path, help="by default standard input")
    made.add_argument("--out", type=Path, help="by default standard output; a file appears when it is whole")
