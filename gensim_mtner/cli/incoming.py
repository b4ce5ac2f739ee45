"""What a command is to work on: lines of a file or of standard input, as they come or as a whole."""

from __future__ import annotations

import argparse
import io
import logging
import re
import sys
from collections.abc import Container, Iterator
from typing import BinaryIO

import regex

from gensim_mtner.labels.evidence import TAG
from gensim_mtner.text.languages import key
from gensim_mtner.text.lines import by_lines, is_blank, open_binary, read_blocks, stream_blocks
from gensim_mtner.text.readers import text_file

logger = logging.getLogger(__name__)

STANDARD_INPUT = "standard input"
WHOLE = 12  # characters; no word of a script without spaces has so many


def input_blocks(options: argparse.Namespace) -> Iterator[list[tuple[int, str]]]:
    """Lines of --input or of standard input, as they come, with their numbers and without line breaks.

    So who writes to a pipe is answered before it is closed, and what stands before a bad byte is done.
    """
    path, encoding = getattr(options, "input", None), getattr(options, "encoding", "utf-8")
    if path is None:
        blocks = stream_blocks(standard_input(), STANDARD_INPUT, encoding)
    else:
        blocks = read_blocks(text_file(path, encoding), encoding)
    for first, text in blocks:
        yield list(enumerate(text.split("\n"), first))


def input_lines(options: argparse.Namespace) -> Iterator[str]:
    """Lines of --input or of standard input, without line breaks, that are not blank."""
    for block in input_blocks(options):
        yield from (line for _, line in block if not is_blank(line))


def standard_input() -> BinaryIO:
    """The bytes of standard input."""
    if sys.stdin is None:
        raise ValueError(f"{STANDARD_INPUT} is closed: pass --input, or text through a pipe")
    return sys.stdin.buffer


class WholeText:
    """The text of --input or of standard input as it is, with its line ends, and as it is cut into tokens.

    Parameters
    ----------
    options : Namespace
        Of a command with --input, --encoding and --opencc.
    """

    def __init__(self, options: argparse.Namespace):
        path, self.conversion = options.input, options.opencc
        if path is None:
            name, data = STANDARD_INPUT, standard_input().read()
        else:
            name = str(path)
            with open_binary(text_file(path, options.encoding)) as stream:  # once: it may be a pipe
                data = stream.read()
        for _ in stream_blocks(io.BytesIO(data), name, options.encoding):  # which says what is wrong with it, and where
            pass
        self.text = data.decode(by_lines(options.encoding, name))
        parts = re.split("(\r\n|\r|\n)", self.text)
        self.lines, self.ends = parts[::2], [*parts[1::2], ""]
        self.seen: list[str] = []

    def append(self, line: str) -> None:
        """Take the next line as it was converted.

        Raises
        ------
        ValueError
            If it has another length then, so that offsets would be of no file.
        """
        number = len(self.seen)
        if len(line) != len(self.lines[number]):
            raise ValueError(
                f"line {number + 1} has another length by --opencc {self.conversion}, so that offsets would not be "
                "those of the text: convert it first, and tag what comes of it"
            )
        self.seen.append(line)

    @property
    def cut(self) -> str:
        """The text that tokens stand in, as long as what there was."""
        return "".join(line + end for line, end in zip(self.seen, self.ends, strict=True))


def check_segmented(sentences: list[list[str]], language: str, keys: Container[str]) -> None:
    """Tell of text that was not segmented: punctuation that sticks to words, or whole sentences between spaces."""

    def known(word: str) -> bool:
        return key(word, language) in keys

    tagged = sum(len(row) > 1 and bool(TAG.fullmatch(row[-1])) for row in sentences)
    for number, kind in ((tagged, "a word and a tag"), (sum(row[0][:2] == '{"' for row in sentences if row), "JSON")):
        if number > 0.5 * len(sentences):
            logger.warning("%i of %i lines are %s: a sentence a line was expected", number, len(sentences), kind)
    words = [word for sentence in sentences for word in sentence if len(word) > 1]
    stuck = [word for word in words if word[-1] in ".,;:!?" and known(word[:-1]) and not known(word)]
    whole = [
        word
        for word in words
        if len(word) > WHOLE and regex.fullmatch(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{P}]+", word)
    ]
    for found, said in ((stuck, "end in punctuation"), (whole, "are whole sentences")):
        if len(found) > 0.02 * len(words):
            logger.warning("%i of %i tokens %s, such as %r: text that is not segmented needs --raw",
                           len(found), len(words), said, found[0])  # fmt: skip
