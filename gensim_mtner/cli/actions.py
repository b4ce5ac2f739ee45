"""What argparse lacks: options that are gathered, values that are checked, a guess at what was meant."""

from __future__ import annotations

import argparse
import codecs
import difflib
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def file_path(text: str) -> Path | str:
    """A file to read: a path, or an address such as ``s3://bucket/pairs.jsonl`` as it is."""
    from gensim_mtner.text.remote import is_remote  # help does without

    if not text:
        raise argparse.ArgumentTypeError("expected the path of a file, not an empty text")
    return text if is_remote(text) else Path(text)


def chapters(text: str) -> int:
    """The type of the option that names a number of chapters: some to learn from, and some to test on."""
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 2")
    return int(text)


def encoding(name: str) -> str:
    """The type of options that name an encoding."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise argparse.ArgumentTypeError(f"there is no encoding {name!r}") from None


class Several(argparse.Action):
    """Gathers values, as "append" does, but in place of those of a config file."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        """See --help."""
        before, given = getattr(namespace, self.dest), values if isinstance(values, list) else [values]
        setattr(namespace, self.dest, given if before is self.default else [*before, *given])


class Command(argparse.ArgumentParser):
    """A command, which says of options that it does not know what was meant; argparse leaves that to the program."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse, but that no option may be left over, and is told of before what is required and lacking."""
        known = self._option_string_actions
        for text in itertools.takewhile(lambda text: text != "--", args or ()):
            if text[:2] == "--" and " " not in text and text.partition("=")[0] not in known:
                self.error(f"unrecognized arguments: {text}{meant(text, known)}")
        return super().parse_known_args(args, namespace)


def meant(name: str, known: Iterable[str]) -> str:
    """A guess behind an error about a name that is none; "" if there is none."""
    near = difflib.get_close_matches(name.partition("=")[0], known, 1, 0.75)
    return f"; was {near[0]} meant?" if near else ""


class Completion(argparse.Action):
    """Print a completion script, as shtab makes it."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        """See --help."""
        try:
            import shtab
        except ModuleNotFoundError:
            parser.error("completion scripts are made by shtab: pip install 'gensim-mtner[completion]'")
        if values not in shtab.SUPPORTED_SHELLS:
            parser.error(f"there is no completion for {values!r}, only for {', '.join(shtab.SUPPORTED_SHELLS)}")
        print(shtab.complete(parser, shell=values))
        parser.exit(0)
