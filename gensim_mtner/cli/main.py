"""The command line: ``gensim-mtner`` and ``python -m gensim_mtner``; runs a command, and says what went wrong."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from gensim_mtner.cli.parser import parser
from gensim_mtner.model.checkpoint import TrainingInterrupted

# exit codes: 0, done; 1, an error in the data or in a model; 2, an error in the command (argparse's); 130, interrupted;
# 143, ended by SIGTERM after a checkpoint
FAILED, INTERRUPTED = 1, 130
ERRORS = (ValueError, TypeError, KeyError, RuntimeError, OSError, ModuleNotFoundError, FloatingPointError, MemoryError)


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
