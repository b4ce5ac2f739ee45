"""Labelled sentences: from IOB2/CoNLL files, from memory, from lists of names, or from a spaCy pipeline."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gensim_mtner.labels import gazetteer, silver
from gensim_mtner.labels.columns import sentence_lines, tokens_and_tags
from gensim_mtner.labels.schemes import OUTSIDE, TagError, entities, map_types, to_iob2
from gensim_mtner.storage import check_destination, new_file
from gensim_mtner.text.lines import existing_file
from gensim_mtner.text.segmentation import joiner as joiner_of


class NERData:
    """Sentences with a tag for each token, checked, in IOB2.

    Parameters
    ----------
    sentences : iterable of sequence of str
        Tokens.
    tags : iterable of sequence of str
        A tag for each token.
    scheme : {"IOB2", "IOB1", "BIOES"}
        The scheme of `tags`; the last two are converted.
    types : dict of str to (str or None), optional
        Entity types to rename, or to drop where the value is None: ``{"GPE": "LOC", "NORP": None}``. Types that
        it lacks are kept.

    Attributes
    ----------
    sentences, tags : list of list of str
        Aligned; the tags are valid IOB2.
    types : tuple of str
        The entity types that occur, sorted.

    Raises
    ------
    ValueError
        If lengths differ, a tag does not fit the scheme, or there is no sentence; the message says where.

    Examples
    --------
    >>> data = NERData([["Kaká", "left", "Milan"]], [["B-PER", "O", "B-GPE"]], types={"GPE": "LOC"})
    >>> data.tags, data.types
    ([['B-PER', 'O', 'B-LOC']], ('LOC', 'PER'))
    """

    def __init__(
        self,
        sentences: Iterable[Sequence[str]],
        tags: Iterable[Sequence[str]],
        *,
        scheme: str = "IOB2",
        types: Mapping[str, str | None] | None = None,
    ):
        self.sentences = [list(sentence) for sentence in sentences]
        given = list(tags)
        if len(self.sentences) != len(given):
            raise ValueError(f"{len(self.sentences)} sentences, but {len(given)} lists of tags: expected as many")
        if not self.sentences:
            raise ValueError("no labelled sentence: expected at least one")
        self.tags = []
        for number, (sentence, row) in enumerate(zip(self.sentences, given, strict=True), 1):
            if len(sentence) != len(row):
                raise ValueError(
                    f"sentence {number} has {len(sentence)} tokens, but {len(row)} tags: {' '.join(sentence[:8])!r}…"
                )
            try:
                self.tags.append(map_types(to_iob2(row, scheme), types or {}))
            except TagError as error:
                raise ValueError(
                    f"sentence {number}, token {error.position + 1} ({sentence[error.position]!r}): {error}"
                ) from error
        self.types = tuple(sorted({kind for row in self.tags for kind, _, _ in entities(row)}))

    @classmethod
    def from_iob2(
        cls,
        path: str | os.PathLike | Iterable[str | os.PathLike],
        *,
        token_column: int | None = None,
        tag_column: int | None = None,
        separator: str | None = None,
        scheme: str = "IOB2",
        types: Mapping[str, str | None] | None = None,
        encoding: str = "utf-8",
    ) -> NERData:
        """Read files with one token a line and an empty line after each sentence.

        Lines that start with ``# `` (or are just ``#``) before a sentence's first token are skipped; a ``-DOCSTART-``
        line ends a sentence.

        Parameters
        ----------
        path : path-like or iterable of path-like
            One file or several, possibly ``.gz``, ``.bz2`` or ``.xz``.
        token_column, tag_column : int, optional
            Columns, from 0; negative ones count from the end. By default, where the first column numbers the
            tokens (Universal NER), the second and third; elsewhere (CoNLL 2002, 2003) the first and last.
        separator : str, optional
            What separates columns; by default a tab where the line has one, else white space.
        scheme, types
            As in `NERData`.
        encoding : str
            The files' encoding.

        Raises
        ------
        ValueError
            With file and line, if a column is missing, a tag does not fit, or a file holds no sentence.
        """
        paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
        sentences: list[list[str]] = []
        tags: list[list[str]] = []
        for one in map(existing_file, paths):
            found = 0
            for rows in sentence_lines(one, encoding):
                tokens, row = tokens_and_tags(one, rows, separator, token_column, tag_column)
                try:
                    tags.append(map_types(to_iob2(row, scheme), types or {}))
                except TagError as error:
                    raise ValueError(f"{one}, line {rows[error.position][0]}: {error}") from error
                sentences.append(tokens)
                found += 1
            if not found:
                raise ValueError(f"{one}: no sentence in it; expected a token and a tag a line")
        return cls(sentences, tags)

    @classmethod
    def from_gazetteer(
        cls,
        sentences: Iterable[Sequence[str]],
        names: Mapping[str, Iterable[str]],
        *,
        language: str | None = None,
        joiner: str | None = None,
    ) -> NERData:
        """Label sentences with lists of names; the longest match from the left wins.

        Parameters
        ----------
        sentences : iterable of sequence of str
            Tokens.
        names : dict of str to iterable of str
            Names by entity type: ``{"PER": ["Moses"], "LOC": ["Red Sea"]}``. Matching is exact and respects case.
        language : str, optional
            Decides what stands between the tokens of a name: nothing for languages written without spaces.
        joiner : str, optional
            The same, said directly.

        Raises
        ------
        ValueError
            If a name is of two types, or if there is no name.

        Examples
        --------
        >>> data = NERData.from_gazetteer([["the", "Red", "Sea"]], {"LOC": ["Red Sea", "Sea"]})
        >>> data.tags
        [['O', 'B-LOC', 'I-LOC']]
        """
        between = joiner_of(language) if joiner is None else joiner
        kept = [list(sentence) for sentence in sentences]
        return cls(kept, gazetteer.label(kept, names, between))

    @classmethod
    def from_spacy(
        cls,
        nlp: Any,
        sentences: Iterable[Sequence[str]],
        *,
        types: Mapping[str, str | None] | None = None,
        cache: str | os.PathLike | None = None,
        batch_size: int = 256,
        progress: bool | None = None,
    ) -> NERData:
        """Silver labels: sentences labelled by a spaCy pipeline, as the paper's are by Stanford's tagger.

        Parameters
        ----------
        nlp : spacy.Language
            A pipeline with a named-entity recogniser, such as ``spacy.load("en_core_web_sm")``.
        sentences : iterable of sequence of str
            Tokens, which spaCy does not split again: ``corpus.sentences("en", paragraphs=1)``.
        types : dict of str to (str or None), optional
            Types as in `NERData`; by default people, places and organisations of spaCy's English models
            become PER, LOC and ORG, and the rest O.
        cache : path-like, optional
            A file: if it is there, it is read, and nothing is labelled; if not, it is written (IOB2).
        batch_size : int
            Sentences that spaCy takes at a time.
        progress : bool, optional
            Whether to show a bar; by default on a terminal only.

        Raises
        ------
        ValueError
            If the pipeline finds no entities at all.
        """
        if cache is not None and os.path.exists(cache):
            return cls.from_iob2(cache)
        if cache is not None:
            check_destination(cache)
        kept, tags = silver.label(nlp, sentences, batch_size, sys.stderr.isatty() if progress is None else progress)
        data = cls(kept, tags, types=silver.known_types(tags) if types is None else types)
        if cache is not None:
            with new_file(cache) as stream:
                for sentence, row in data:
                    stream.writelines(f"{word}\t{tag}\n" for word, tag in zip(sentence, row, strict=True))
                    stream.write("\n")
        return data

    @classmethod
    def from_records(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        tokens: str = "tokens",
        tags: str = "ner_tags",
        names: Sequence[str] | None = None,
        scheme: str = "IOB2",
        types: Mapping[str, str | None] | None = None,
    ) -> NERData:
        """Rows with a list of tokens and a list of tags, such as a data set of Hugging Face or a data frame's records.

        Parameters
        ----------
        rows : iterable of mapping
            ``datasets.load_dataset(...)["train"]``, or
            ``frame.groupby("sentence", sort=False).agg(list).to_dict("records")``.
        tokens, tags : str
            The names of the columns.
        names : sequence of str, optional
            The tags, if rows have their numbers; by default what the data set itself says.
        scheme, types
            As in `NERData`.

        Raises
        ------
        ValueError
            If a row lacks a column or has a number that is not that of a tag; the row is named.

        Examples
        --------
        >>> NERData.from_records([{"tokens": ["Ann", "left"], "ner_tags": [1, 0]}], names=["O", "B-PER", "I-PER"]).tags
        [['B-PER', 'O']]
        """
        if names is None and hasattr(rows, "features"):
            feature = rows.features.get(tags)
            names = getattr(getattr(feature, "feature", feature), "names", None)
        sentences, labels = [], []
        for number, row in enumerate(rows, 1):
            for column in (tokens, tags):
                if column not in row:
                    raise ValueError(f"row {number} has no {column!r}; it has {', '.join(map(repr, row))}")
            found = list(row[tags])
            numbers = [tag for tag in found if not isinstance(tag, str)]
            if numbers and names is None:
                raise ValueError(f"row {number} has the tag {numbers[0]!r}: pass names=, the tags by their numbers")
            for tag in numbers:
                if not 0 <= tag < len(names or ()):
                    raise ValueError(f"row {number} has the tag {tag}, but names has {len(names or ())}")
            labels.append([tag if isinstance(tag, str) else (names or ())[tag] for tag in found])
            sentences.append([str(token) for token in row[tokens]])
        return cls(sentences, labels, scheme=scheme, types=types)

    def __len__(self) -> int:
        return len(self.sentences)

    def __iter__(self) -> Iterator[tuple[list[str], list[str]]]:
        return zip(self.sentences, self.tags, strict=True)

    def __add__(self, other: NERData) -> NERData:
        return NERData(self.sentences + other.sentences, self.tags + other.tags)

    def __repr__(self) -> str:
        return f"NERData({len(self)} sentences, {self.n_tokens} tokens, {self.entity_counts()})"

    @property
    def tag_names(self) -> tuple[str, ...]:
        """O, then B- and I- of each type: the classes of a tagger."""
        return (OUTSIDE, *(f"{prefix}-{kind}" for kind in self.types for prefix in "BI"))

    @property
    def n_tokens(self) -> int:
        """The number of tokens."""
        return sum(map(len, self.sentences))

    def word_counts(self) -> Counter[str]:
        """How often each word occurs."""
        return Counter(word for sentence in self.sentences for word in sentence)

    def entity_counts(self) -> dict[str, int]:
        """How many entities of each type there are."""
        counts = Counter(kind for row in self.tags for kind, _, _ in entities(row))
        return {kind: counts[kind] for kind in self.types}

    def entity_rate(self) -> float:
        """The share of tokens that are part of an entity."""
        return sum(tag != OUTSIDE for row in self.tags for tag in row) / max(self.n_tokens, 1)

    def split(self, n: int, *, seed: int = 1) -> tuple[NERData, NERData]:
        """Hold out `n` sentences, drawn from `seed`; returns the rest and the held-out part."""
        if not 0 < n < len(self):
            raise ValueError(f"split({n}): there are {len(self)} sentences, so n must be from 1 to {len(self) - 1}")
        held_out = frozenset(np.random.default_rng(seed).choice(len(self), n, replace=False).tolist())
        kept = [number for number in range(len(self)) if number not in held_out]
        return self.subset(kept), self.subset(sorted(held_out))

    def map_tokens(self, function: Callable[[str], str]) -> NERData:
        """The same tags over changed tokens: ``data.map_tokens(str.lower)``, or another script of theirs."""
        return NERData([[function(token) for token in sentence] for sentence in self.sentences], self.tags)

    def subset(self, numbers: Iterable[int]) -> NERData:
        """The sentences with these numbers, from 0."""
        numbers = list(numbers)
        return NERData([self.sentences[number] for number in numbers], [self.tags[number] for number in numbers])
