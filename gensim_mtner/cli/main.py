"""The command line: ``gensim-mtner`` and ``python -m gensim_mtner``; runs a command, and says what went wrong."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gensim_mtner.cli.parser import parser

# exit codes: 0, done; 1, an error in the data or in a model; 2, an error in the command (argparse's); 130, interrupted;
# 143, ended by SIGTERM, if there are checkpoints after one
FAILED, INTERRUPTED = 1, 130
ARGUMENT = re.compile(
    r"(?<!\w)'(?:[^'\\]|\\.)*'"  # quoted text is data, and stays
    r"|(?<![\w./\\-])(?P<name>[a-z]+(?:_[a-z]+)*)=(?P<value>NERData\(\.\.\.\)|'[^']*'|[\w.+-]*\w)?"
    r"|(?<![\w./\\-])(?P<bare>(?:target_)?ner_data|dev_data|init_vectors|(?:silver|self_training)_tokens|project_names)(?![\w=/.\\-])"
)
MODULES = {"demo": "demo", "pair": "finding"}  # of commands that are apart from the others
RENAMED = {"ner_data": "ner", "dev_data": "dev", "target_ner_data": "target_ner", "init_vectors": "source_vectors"}
ERRORS = (ValueError, TypeError, KeyError, RuntimeError, OSError, ImportError, FloatingPointError, MemoryError,
          LookupError)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    # the file is looked for first: it may hold what is required
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--config", type=Path)
    config = early.parse_known_args(arguments)[0].config
    made = parser(_config(config) if config else None)
    options = made.parse_args(arguments)
    level = logging.WARNING if options.quiet else logging.DEBUG if options.verbose else logging.INFO
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S", level=logging.WARNING
    )
    logging.getLogger("gensim_mtner").setLevel(level)
    if sys.stderr is None:  # closed
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    # text is UTF-8 whatever the terminal says, and names of files come out as they went in
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        with _ended_by_sigterm():
            _command(options.command)(options)
        if sys.stdout is not None:  # which may be closed, where there is --out
            sys.stdout.flush()
    except BrokenPipeError:
        # the reader (head, say) has seen enough; Python would complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as error:
        stopped_by = getattr(error, "signal", None)  # of TrainingInterrupted, whose file needs gensim
        if stopped_by is not None:
            print(f"gensim-mtner {options.command}: {error}", file=sys.stderr)
            return 128 + stopped_by
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except ERRORS as error:
        if options.verbose:
            logging.getLogger(__name__).debug("", exc_info=True)
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        text = as_typed(str(text), options_of(made, options.command))
        print(f"gensim-mtner {options.command}: {_paint('error', sys.stderr)}: {text}", file=sys.stderr)
        return FAILED
    return 0


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is half-written goes, as after Ctrl-C."""

    signal = signal.SIGTERM


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Within it SIGTERM is an exception, unless somebody has a use for it."""

    def stop(number: int, frame: Any) -> None:
        raise Terminated("ended by SIGTERM; nothing is left half-written")

    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _command(name: str) -> Callable[[argparse.Namespace], None]:
    """What runs a command; its imports take a second, which help and mistyped commands need not wait."""
    module = importlib.import_module(f"gensim_mtner.cli.{MODULES.get(name, 'commands')}")
    return getattr(module, name)


def options_of(made: argparse.ArgumentParser, command: str) -> dict[str, str]:
    """What arguments of the Python API are called on the command line, in one command."""
    known = next(action.choices for action in made._actions if isinstance(action, argparse._SubParsersAction))
    found = {action.dest: max((name for name in action.option_strings if not name.startswith("--no-")), key=len)
             for action in known[command]._actions if action.option_strings}  # fmt: skip
    return found | {name: found[option] for name, option in RENAMED.items() if option in found}


def as_typed(text: str, options: dict[str, str]) -> str:
    """A message of the Python API for one who typed a command: ``overwrite=True`` is ``--overwrite``.

    Examples
    --------
    >>> as_typed("x exists; pass overwrite=True", {"overwrite": "--overwrite"})
    'x exists; pass --overwrite'
    >>> as_typed("on_missing='skip' leaves out 'on_missing=1'", {"on_missing": "--on-missing"})
    "--on-missing skip leaves out 'on_missing=1'"
    """

    def option(match: re.Match) -> str:
        name, value = match["name"] or match["bare"], match["value"]
        if name not in options:
            return match[0]
        value = (value or "").strip("'")
        return options[name] + (f" {value}" if value and value not in ("True", "NERData(...)") else "")

    return ARGUMENT.sub(option, text)


def _paint(text: str, stream: IO[str]) -> str:
    return f"\033[1;31m{text}\033[0m" if stream.isatty() and "NO_COLOR" not in os.environ else text


def _config(path: Path) -> dict[str, Any]:
    """Settings of a TOML file, by the names of the options."""
    import_name = "tomllib" if sys.version_info >= (3, 11) else "tomli"
    tomllib = importlib.import_module(import_name)
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"gensim-mtner: {path}: {error}") from error
    return {name.replace("-", "_"): value for name, value in settings.items()}
