"""What a label file looks like, seen from all of it: `gensim_mtner.labels.columns` decides by it how it is read."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gensim_mtner.text.lines import COMMENT, DOCUMENT_MARK, MARK, fields, is_blank

TAG = re.compile(r"O|[BIESULM]-.+", re.DOTALL)
WIKIANN = re.compile(r"(?:[a-z]{2,3}(?:-[a-z]+)*|simple):")  # the language of a Wikipedia, before each of its tokens
UNKNOWN = "_"  # a column that says nothing, as in CoNLL-U
PLACEHOLDERS = frozenset((UNKNOWN, "-X-"))
KEYS = ("NER", "Entity", "name", "NE")  # of tags in the last column of CoNLL-U
KEYED = re.compile(rf"(?:^|\|)({'|'.join(KEYS)})=(O|[BIESULM]-[^|]+)(?=\||$)")
NOT_A_WORD = re.compile(r"[0-9]+[-.][0-9]+")  # CoNLL-U: a range of words, an empty node
MOST_ROWS = 10_000  # a sentence of more is looked at in parts; its numbers run on
Blocks = Iterable[tuple[int, str]]


def each_line(blocks: Blocks) -> Iterator[tuple[int, str]]:
    """The lines of `gensim_mtner.text.lines.read_blocks`, with their numbers."""
    for first, text in blocks:
        yield from enumerate(text.split("\n"), first)


def ends_sentence(line: str, separator: str | None) -> bool:
    """Whether a line is blank, or the mark between documents; with an unknown column it is a token of that look."""
    if not line or line.isspace() or (MARK in line and is_blank(line)):
        return True
    if line[0] != "-" or not line.startswith(DOCUMENT_MARK):
        return False
    cells = fields(line, separator)
    return cells[0] == DOCUMENT_MARK and not (len(cells) > 2 and cells[1] == UNKNOWN)


@dataclass
class Column:
    """What a column holds: its distinct tags, and how many lines have something else."""

    tags: set[str] = field(default_factory=set)
    other: int = 0
    odd: set[str] = field(default_factory=set)  # some of what is no tag
    keys: Counter[str] = field(default_factory=Counter)

    def add(self, value: str) -> None:
        """Note a value that is not among the tags yet."""
        if value not in self.odd:
            if TAG.fullmatch(value.strip()):
                self.tags.add(value)
                return
            if len(self.odd) < MOST_ROWS:
                self.odd.add(value)
        self.other += 1
        if len(value) > 1 and "=" in value:
            self.keys.update({found[1] for found in KEYED.finditer(value)})

    @property
    def is_tags(self) -> bool:
        """Whether it holds nothing but tags."""
        return bool(self.tags) and not self.other

    @property
    def types(self) -> frozenset[str]:
        """The types of its tags."""
        return frozenset(tag.strip()[2:] for tag in self.tags if tag.strip() != "O")


class Evidence:
    """All lines of a file, looked at once.

    Parameters
    ----------
    blocks : iterable of (int, str)
        Lines, as `gensim_mtner.text.lines.read_blocks` has them.
    separator : str, optional
        What separates columns.
    tag_column : int, optional
        A column to look at besides the third and the last two.

    Attributes
    ----------
    counting, single : int
        Sentences of several lines, and of one, whose first column goes up by one from 0, from 1, or on from the
        sentence before.
    elsewhere : int
        Sentences of several lines that go up by one from another number.
    integers, plain : int
        Sentences of other whole numbers, and those with something else in the first column.
    odd : int
        The first line of the first sentence that is neither `counting` nor `single`; 0 if all are.
    placeholders : bool
        Whether the second column says nothing wherever the first is a number.
    prefix : str
        What stands before each token of WikiANN.
    urls : bool
        Whether there are comments as in GermEval 2014.
    widths : set of int
        How many columns there are.
    columns : dict of int to Column
        Those that may hold the tags.
    """

    def __init__(self, blocks: Blocks, separator: str | None = None, tag_column: int | None = None):
        self.counting = self.single = self.elsewhere = self.integers = self.plain = self.odd = 0
        self.lines = 0
        self.placeholders, self.urls = True, False
        self.prefix: str | None = None
        self.widths: set[int] = set()
        self.columns = {place: Column() for place in (2, -1, -2)}
        if tag_column is not None:
            self.columns.setdefault(tag_column, Column())
        self._previous = -1
        rows: list[tuple[int, list[str]]] = []
        tabs = separator is None
        for number, line in each_line(blocks):
            if ends_sentence(line, separator):
                if rows:
                    self._close(rows)
                    rows = []
            elif line[0] == COMMENT:
                self.urls = self.urls or line.startswith("#\thttp")
                cells = fields(line, separator) if self.prefix != "" else []
                if len(cells) == 2 and TAG.fullmatch(cells[1].strip()):  # a token without prefix, it may well be
                    self.prefix = ""
            else:
                rows.append((number, line.split("\t") if tabs and "\t" in line else fields(line, separator)))
                if len(rows) == MOST_ROWS:
                    self._close(rows)
                    rows = []
        if rows:
            self._close(rows)
        self.prefix = self.prefix or ""

    def _close(self, rows: list[tuple[int, list[str]]]) -> None:
        """A sentence has ended."""
        self.lines += len(rows)
        widths = {len(cells) for _, cells in rows}
        self.widths |= widths
        if self.prefix != "":
            self._look_for_prefix(rows, widths)
        if max(widths) > 2:
            for place, column in self.columns.items():
                tags = column.tags
                if -min(widths) <= place < min(widths):
                    for _, cells in rows:
                        if cells[place] not in tags:
                            column.add(cells[place])
                    continue
                for _, cells in rows:
                    if not -len(cells) <= place < len(cells):
                        column.other += 1
                    elif cells[place] not in tags:
                        column.add(cells[place])
        numbers = self._numbers(rows) if min(widths) > 2 else None
        if numbers is None:
            self.plain += 1
        else:
            first, step = numbers[0], all(one + 1 == other for one, other in itertools.pairwise(numbers))
            follows = first in (0, 1) or first == self._previous + 1
            self._previous = numbers[-1]
            self.placeholders = self.placeholders and all(cells[1] in PLACEHOLDERS for _, cells in rows)
            if step and follows:
                self.counting += len(numbers) > 1
                self.single += len(numbers) == 1
                return
            self.elsewhere += step and len(numbers) > 1
            self.integers += not step or len(numbers) == 1
        self.odd = self.odd or rows[0][0]

    def _numbers(self, rows: list[tuple[int, list[str]]]) -> list[int] | None:
        """The first column, if it holds whole numbers only; ranges and empty nodes are passed over."""
        numbers = []
        for _, cells in rows:
            head = cells[0]
            if head.isdecimal() and head.isascii() and len(head) < 10:
                numbers.append(int(head))
            elif not NOT_A_WORD.fullmatch(head):
                return None
        return numbers or None

    def _look_for_prefix(self, rows: list[tuple[int, list[str]]], widths: set[int]) -> None:
        if self.prefix is None:
            found = WIKIANN.match(rows[0][1][0])
            self.prefix = found[0] if found else ""
        if self.prefix and not (widths == {2} and all(cells[0].startswith(self.prefix) for _, cells in rows)):
            self.prefix = ""
