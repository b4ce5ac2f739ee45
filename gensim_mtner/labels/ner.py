"""Labelled sentences: from files, from memory, from lists of names, or from an existing tagger."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gensim_mtner.collector import collector_at_rest
from gensim_mtner.labels import formats, gazetteer, labelling, records, silver
from gensim_mtner.labels.door import Converter, Tags, Tokens, checked_sentences, let_in, places_of, sentences_of
from gensim_mtner.labels.schemes import OUTSIDE, TagError, entities, opens_with_i
from gensim_mtner.labels.sources import paths_of, read_files
from gensim_mtner.storage import new_file
from gensim_mtner.text.lines import check_plain
from gensim_mtner.text.segmentation import joiner as joiner_of
from gensim_mtner.vectors.rows import check_whole, is_whole

logger = logging.getLogger(__name__)


class NERData:
    """Sentences with a tag for each token, checked, in IOB2.

    Parameters
    ----------
    sentences : iterable of iterable of str
        Tokens: text with more than white space, and without tabs and line ends, which files of labels could not hold.
        A byte-order mark at the start of a token is dropped; letters with accents become one character (NFC).
    tags : iterable of iterable of str
        A tag for each token; white space at its ends is dropped.
    scheme : {"IOB2", "IOB1", "BIOES"}
        The scheme of `tags`; the last two are converted.
    on_invalid : {"error", "repair"}
        What to do where a tag continues an entity that is not there, such as I-PER after O or B-LOC: "repair" lets it
        open one, as conlleval and seqeval count it, or (BIOES) end where none does, and says in one warning how often.
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
        If lengths differ, a token or a tag is not what it should be, a sentence is empty, or there is none; the
        message says where.

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
        on_invalid: str = "error",
        types: Mapping[str, str | None] | None = None,
    ):
        convert, known_tags, rows = Converter(scheme, on_invalid, types), Tags(), checked_sentences(sentences)
        given = list(sentences_of(tags, "tags", "tags"))
        if len(rows) != len(given):
            raise ValueError(f"{len(rows)} sentences, but {len(given)} lists of tags: expected as many")
        given = [let_in(row, known_tags, f"sentence {number}") for number, row in enumerate(given, 1)]
        result = []
        for number, (sentence, row) in enumerate(zip(rows, given, strict=True), 1):
            if len(sentence) != len(row):
                raise ValueError(
                    f"sentence {number} has {len(sentence)} tokens, but {len(row)} tags: {' '.join(sentence[:8])!r}…"
                )
            if not sentence:
                raise ValueError(f"sentence {number} is empty: expected at least one token")
            try:
                result.append(convert(row))
            except TagError as error:
                hint = convert.iob1_hint(error.stray and opens_with_i(given))
                raise ValueError(
                    f"sentence {number}, token {error.position + 1} ({sentence[error.position]!r}): {error}{hint}"
                ) from error
        convert.warn_of_repairs()
        self._set(rows, result)

    def _set(self, sentences: list[list[str]], tags: list[list[str]]) -> None:
        """Take what was checked."""
        if not sentences:
            raise ValueError("no labelled sentence: expected at least one")
        self.sentences, self.tags = sentences, tags
        found = set().union(*tags)
        self.types = tuple(sorted({tag[2:] for tag in found if tag != OUTSIDE}))

    @classmethod
    def of_checked(cls, sentences: list[list[str]], tags: list[list[str]]) -> NERData:
        """Of sentences that were checked before."""
        data = cls.__new__(cls)
        data._set(sentences, tags)
        return data

    @classmethod
    @collector_at_rest()
    def from_iob2(
        cls,
        path: str | os.PathLike | Iterable[str | os.PathLike],
        *,
        token_column: int | None = None,
        tag_column: int | None = None,
        separator: str | None = None,
        scheme: str = "IOB2",
        on_invalid: str = "error",
        types: Mapping[str, str | None] | None = None,
        encoding: str = "utf-8",
    ) -> NERData:
        """Read files with one token a line and an empty line after each sentence.

        Which columns hold the token and its tag is decided once a file, from all of it, and logged: CoNLL 2002 and
        2003, WNUT 2017, WikiANN (``en:Sioux``, of which the language is dropped), MasakhaNER, GermEval 2014 (the outer
        tags), KLUE, BSNLP, CoNLL-U (tags under a key such as ``NER=``), Universal NER.

        Lines that start with ``#`` before a sentence's first token are comments, unless they have as many columns as
        other lines, and a tag; a ``-DOCSTART-`` line ends a sentence.

        Parameters
        ----------
        path : path-like or iterable of path-like
            One file or several, possibly ``.gz``, ``.bz2`` or ``.xz``.
        token_column, tag_column : int, optional
            Columns, from 0; negative ones count from the end. By default, if the first column counts up in every
            sentence, the second and third, or the second and last; otherwise the first and last.
        separator : str, optional
            What separates columns; by default a tab where the line has one, else spaces.
        scheme, on_invalid, types
            As in `NERData`.
        encoding : str
            The files' encoding.

        Raises
        ------
        ValueError
            If a file can be read in two ways, with both; with file and line, if a column is missing, a tag does not
            fit, or a file holds no sentence.
        """
        known = Tokens(), Tags()
        how = {"separator": separator, "token_column": token_column, "tag_column": tag_column, "encoding": encoding}
        rows = list(read_files(paths_of(path), known, scheme, on_invalid, types, **how))
        return cls.of_checked([tokens for tokens, _ in rows], [tags for _, tags in rows])

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
        kept = checked_sentences(sentences)
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
            A file: if it is there, it is read as it is, and nothing is labelled, whatever `sentences` and `types` are;
            if not, it is written (IOB2).
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
            return cls.from_iob2(cache, token_column=0, tag_column=-1)
        if cache is not None:
            check_plain(cache)
        given = checked_sentences(sentences)  # before the pipeline works for long
        kept, tags = silver.label(nlp, given, batch_size, sys.stderr.isatty() if progress is None else progress)
        data = cls(kept, tags, types=silver.known_types(tags) if types is None else types)
        silver.check_left(data.types, tags)
        if cache is not None:
            with new_file(cache) as stream:
                stream.writelines(formats.write(data))
        return data

    @classmethod
    def from_tagger(
        cls,
        sentences: Iterable[Sequence[str]],
        tagger: labelling.Tagger,
        *,
        scheme: str = "IOB2",
        on_invalid: str = "error",
        types: Mapping[str, str | None] | None = None,
        cache: str | os.PathLike | None = None,
        name: str | None = None,
        batch_size: int = 64,
        progress: bool | None = None,
    ) -> NERData:
        """Silver labels by any tagger; the guide "No labels" has transformers, GLiNER and flair.

        Parameters
        ----------
        sentences : iterable of sequence of str
            Tokens; empty sentences are left out.
        tagger : callable
            Takes a list of sentences and returns the tags of each. If what it wraps finds spans of characters, see
            `gensim_mtner.labels.spans.tags_of_spans`.
        scheme, on_invalid, types
            As in `NERData`.
        cache : path-like, optional
            A file to which labels are added as they come, so that a stopped run goes on where it was; see
            `gensim_mtner.labels.labelling.LabelCache`. It holds what the tagger said, whatever `types` are.
        name : str, optional
            What `cache` calls the tagger, so that labels of another one are noticed; by default the callable's name.
        batch_size : int
            Sentences that the tagger takes at a time.
        progress : bool, optional
            Whether to show a bar; by default on a terminal only.

        Raises
        ------
        RuntimeError
            If the tagger fails, with its exception as the cause.
        ValueError, TypeError
            If it returns something else than a list of tags for each sentence, no entity at all, or if `cache` is of
            another text or tagger; the sentence is named.

        Examples
        --------
        >>> def capitals(sentences):
        ...     return [["B-PER" if word.istitle() else "O" for word in sentence] for sentence in sentences]
        >>> NERData.from_tagger([["Ann", "left"], ["so", "did", "Bob"]], capitals).tags
        [['B-PER', 'O'], ['O', 'O', 'B-PER']]
        """
        convert = Converter(scheme, on_invalid, types)
        numbered = [(at, sentence) for at, sentence in enumerate(checked_sentences(sentences), 1) if sentence]
        tags = labelling.label(
            tagger, numbered, convert, cache=cache, name=name, batch_size=batch_size, progress=progress
        )
        convert.warn_of_repairs()
        return cls.of_checked([sentence for _, sentence in numbered], tags)

    @classmethod
    def from_records(
        cls,
        rows: Any,
        *,
        tokens: str = "tokens",
        tags: str = "ner_tags",
        names: Sequence[str] | None = None,
        scheme: str = "IOB2",
        on_invalid: str = "error",
        types: Mapping[str, str | None] | None = None,
    ) -> NERData:
        """Rows with a list of tokens and a list of tags, such as a data set of Hugging Face or a data frame's records.

        Parameters
        ----------
        rows : iterable of mapping, or data frame
            ``datasets.load_dataset(...)["train"]``, a frame with a list of tokens and one of tags a row, or
            ``frame.groupby("sentence", sort=False).agg(list).to_dict("records")``.
        tokens, tags : str
            The names of the columns.
        names : sequence of str, optional
            The tags, if rows have their numbers; by default what the data set itself says.
        scheme, on_invalid, types
            As in `NERData`.

        Raises
        ------
        TypeError
            If `rows` is something else, such as all splits of a data set.
        ValueError
            If a row lacks a column or has a number that is not that of a tag; the row is named.

        Examples
        --------
        >>> NERData.from_records([{"tokens": ["Ann", "left"], "ner_tags": [1, 0]}], names=["O", "B-PER", "I-PER"]).tags
        [['B-PER', 'O']]
        """
        sentences, labels = records.read_rows(rows, tokens, tags, names)
        return cls(sentences, labels, scheme=scheme, on_invalid=on_invalid, types=types)

    def __len__(self) -> int:
        return len(self.sentences)

    def __iter__(self) -> Iterator[tuple[list[str], list[str]]]:
        return zip(self.sentences, self.tags, strict=True)

    def __add__(self, other: NERData) -> NERData:
        if not isinstance(other, NERData):
            return NotImplemented
        return NERData.of_checked(self.sentences + other.sentences, self.tags + other.tags)

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
        outside = sum(row.count(OUTSIDE) for row in self.tags)
        return (self.n_tokens - outside) / max(self.n_tokens, 1)

    def split(self, n: int, *, seed: int = 1) -> tuple[NERData, NERData]:
        """Hold out `n` sentences, drawn from `seed`; returns the rest and the held-out part."""
        check_whole("seed", seed, 0)
        if not is_whole(n) or not 0 < n < len(self):
            raise ValueError(f"split({n}): there are {len(self)} sentences, so n must be from 1 to {len(self) - 1}")
        held_out = frozenset(np.random.default_rng(seed).choice(len(self), n, replace=False).tolist())
        kept = [number for number in range(len(self)) if number not in held_out]
        return self.subset(kept), self.subset(sorted(held_out))

    def map_tokens(self, function: Callable[[str], str]) -> NERData:
        """The same tags over changed tokens: ``data.map_tokens(str.lower)``, or another script of theirs."""
        return NERData([[function(token) for token in sentence] for sentence in self.sentences], self.tags)

    def subset(self, numbers: Iterable[int]) -> NERData:
        """The sentences with these numbers, from 0; or, as in numpy, those that an array of bool says."""
        rows = [(list(self.sentences[number]), list(self.tags[number])) for number in places_of(numbers, len(self))]
        return NERData.of_checked([tokens for tokens, _ in rows], [tags for _, tags in rows])
