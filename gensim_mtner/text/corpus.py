"""Comparable corpora: pairs of documents on one topic, streamed from files in several formats."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np

from gensim_mtner.text import readers, segmentation, views
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.languages import check_languages
from gensim_mtner.text.lines import split_lines
from gensim_mtner.text.numbering import encode_pairs
from gensim_mtner.text.pairs import DocumentPair, PairSegmenter, RawPair, check_tokenizers, raw_pair, rows_of
from gensim_mtner.text.sides import is_blank
from gensim_mtner.text.spreading import encode_shards

ON_MISSING = ("error", "skip", "keep")
MOST_SHARDS = 10_000  # as their names have four digits


@dataclass
class SideStatistics:
    """What one side of a corpus holds (a column of Table 1 of the paper)."""

    documents: int = 0
    sentences: int = 0
    tokens: int = 0
    types: int = 0


class ComparableCorpus:
    """A re-iterable stream of document pairs; the text is never held in memory as a whole.

    Parameters
    ----------
    pairs : iterable or callable
        ``(id, source, target)`` or ``(source, target)`` tuples, or mappings from the language codes (and "id").
        A document is raw text (str), a list of tokens, or a list of sentences that are lists of tokens; token
        lists pass untouched, so their items hold no white space (in a list of sentences they may, inside). None, NaN
        and pandas' NA stand for a side that is missing. A data frame counts by its rows, and mappings may have the
        languages under "translation", as data sets of Hugging Face have. It must be possible to iterate several
        times: a list, an object with ``__iter__``, or a function that returns a new iterator at each call.
    source, target : str
        Language codes, such as "en" and "zh". They become the prefixes of the keys: ``en:Spain``.
    tokenizers : dict of str to callable, optional
        For a language, a function from str to list of str, used instead of
        `gensim_mtner.text.segmentation.tokenizer`'s choice. White space that it returns is left out.
    on_missing : {"error", "skip", "keep"}
        What to do with a pair that lacks a side or has an empty one: raise ValueError, leave the pair out, or
        keep it as a document in one language.

    Raises
    ------
    TypeError
        If `pairs` can be iterated only once.
    ValueError
        If the language codes are equal, empty, or hold a colon or white space.

    Examples
    --------
    >>> corpus = ComparableCorpus([("Kaká joined Real Madrid", "卡卡加盟皇家马德里")], source="en", target="zh")
    >>> next(iter(corpus)).target
    [['卡卡', '加盟', '皇家', '马德里']]
    """

    def __init__(
        self,
        pairs: Iterable | Callable[[], Iterator],
        *,
        source: str,
        target: str,
        tokenizers: Mapping[str, segmentation.Tokenizer] | None = None,
        on_missing: str = "error",
    ):
        check_languages(source, target)
        if on_missing not in ON_MISSING:
            raise ValueError(f"on_missing={on_missing!r}: expected one of {', '.join(map(repr, ON_MISSING))}")
        check_tokenizers(tokenizers, source, target)
        self.source, self.target = source, target
        self.segmenter = PairSegmenter(source, target, tokenizers or {})
        self.on_missing = on_missing
        self._pairs = rows_of(pairs)

    # -- formats

    @classmethod
    def from_jsonl(
        cls,
        path: str | os.PathLike | Sequence[str | os.PathLike],
        *,
        source: str,
        target: str,
        id_key: str = "id",
        encoding: str = "utf-8",
        **kwargs,
    ) -> ComparableCorpus:
        """JSON Lines: one object a line, with a document under each language code.

        Parameters
        ----------
        path : path-like or list of path-like
            A file, possibly ``.gz``, ``.bz2`` or ``.xz``; or several, which are one corpus.
        source, target : str
            Language codes; they are also the keys of the documents.
        id_key : str
            The key of the identifier; where it is absent, the line number stands in.
        encoding : str
            The file's encoding.
        **kwargs
            Passed to `ComparableCorpus`.
        """
        paths = list(path) if isinstance(path, (list, tuple)) else [path]
        if not paths:
            raise ValueError("there is no file in the list of paths")
        files = [readers.text_file(part, encoding) for part in paths]
        read = partial(readers.jsonl_files, files, source, target, id_key, encoding)
        return cls(read, source=source, target=target, **kwargs)

    @classmethod
    def from_tsv(
        cls,
        path: str | os.PathLike,
        *,
        source: str,
        target: str,
        columns: tuple[int, int] = (0, 1),
        encoding: str = "utf-8",
        **kwargs,
    ) -> ComparableCorpus:
        """Tab-separated values: one pair a line, the two documents in `columns` (numbered from 0)."""
        two = isinstance(columns, (tuple, list)) and len(columns) == len({*columns}) == 2
        if not two or not all(isinstance(column, int) and column >= 0 for column in columns):
            raise ValueError(f"columns={columns!r}: expected two different numbers from 0, as in (0, 1)")
        read = partial(readers.tsv, readers.text_file(path, encoding), columns, encoding, (source, target))
        return cls(read, source=source, target=target, **kwargs)

    @classmethod
    def from_parallel(
        cls,
        source_path: str | os.PathLike,
        target_path: str | os.PathLike,
        *,
        source: str,
        target: str,
        lines_per_document: int = 1,
        encoding: str = "utf-8",
        **kwargs,
    ) -> ComparableCorpus:
        """Two files, line n of one with line n of the other, or two directories, files of the same name.

        Parameters
        ----------
        source_path, target_path : path-like
            Of each side, a file or a directory; files possibly ``.gz``, ``.bz2`` or ``.xz``.
        source, target : str
            Language codes.
        lines_per_document : int
            Of two files, how many lines are one document; 20 is a good number where a line is a sentence, since a
            document is what the words of both languages are mixed in. The last one may have fewer. In directories a
            document is a file.
        encoding : str
            Of all files.
        **kwargs
            Passed to `ComparableCorpus`.

        Raises
        ------
        ValueError
            While reading, if the files differ in their number of lines, or the directories in their names
            (unless ``on_missing`` is "skip" or "keep").
        """
        views.check_count("lines_per_document", lines_per_document)
        paths = (source_path, target_path)
        named = all(isinstance(path, (str, os.PathLike)) for path in paths)
        if named and os.path.realpath(source_path) == os.path.realpath(target_path):
            raise ValueError(f"{source_path} is given for both languages: expected a file, or a directory, of each")
        if named and all(map(os.path.isdir, paths)):
            if lines_per_document != 1:
                raise ValueError(
                    f"lines_per_document={lines_per_document} is for two files: in directories, as {source_path}, "
                    "a document is a file"
                )
            read = partial(readers.directories, source_path, target_path, encoding)
        else:
            files = readers.text_file(source_path, encoding), readers.text_file(target_path, encoding)
            read = partial(readers.parallel_lines, *files, encoding, int(lines_per_document))
        return cls(read, source=source, target=target, **kwargs)

    @classmethod
    def from_wikipedia_xml(
        cls, path: str | os.PathLike, *, source: str, target: str, categories: bool = False, **kwargs
    ) -> ComparableCorpus:
        """The Wikipedia Comparable Corpora of linguatools.

        ``wikipediaComparable > articlePair > article[lang] > categories, content``; a document is the title
        and the content, and the categories too if `categories`.
        """
        read = partial(readers.wikipedia_xml, readers.text_file(path, None), source, target, categories=categories)
        return cls(read, source=source, target=target, **kwargs)

    # -- iteration

    def raw(self) -> Iterator[RawPair]:
        """Yield ``(place, id, source, target)``, unsegmented; place names the item in error messages."""
        for number, item in enumerate(self._pairs(), 1):
            pair = item if isinstance(item, RawPair) else raw_pair(item, number, self.source, self.target)
            missing = [
                language
                for language, document in ((self.source, pair.source), (self.target, pair.target))
                if is_blank(document)
            ]
            if len(missing) == 2 and self.on_missing == "keep":
                continue
            if missing and self.on_missing == "error":
                raise ValueError(
                    f"{pair.place}: the {' and the '.join(map(repr, missing))} side is missing or empty; "
                    "on_missing='skip' leaves such pairs out, on_missing='keep' takes the other side alone"
                )
            if not missing or self.on_missing == "keep":
                yield pair

    def __iter__(self) -> Iterator[DocumentPair]:
        return map(self.segmenter, self.raw())

    def sentences(self, language: str, *, paragraphs: int | None = None) -> Iterator[list[str]]:
        """Yield the sentences of one language, as token lists; the other side is not segmented.

        Parameters
        ----------
        language : str
            The source or the target.
        paragraphs : int, optional
            Only so many paragraphs (lines that are not blank) of each document that is text. The paper labels the
            first paragraph of each article.
        """
        if language not in (self.source, self.target):
            raise ValueError(f"language={language!r}: the corpus has {self.source!r} and {self.target!r}")
        if paragraphs is not None and (not isinstance(paragraphs, Integral) or paragraphs < 1):
            raise ValueError(f"paragraphs={paragraphs!r}: expected at least 1, and a whole number")
        for pair in self.raw():
            document = pair.source if language == self.source else pair.target
            if paragraphs is not None and isinstance(document, str):
                lines = (line for line in split_lines(document) if not is_blank(line))
                document = "\n".join(itertools.islice(lines, paragraphs))
            yield from self.segmenter.sentences(document, language, pair.place)

    # -- encoding

    def encode(
        self,
        path: str | os.PathLike | None = None,
        *,
        workers: int = 1,
        progress: bool | None = None,
        overwrite: bool = False,
        shards: int | None = None,
        engine: Any = None,
        min_count: int = 1,
    ) -> EncodedText:
        """Segment the text and turn it into integers, once; training takes the result in place of the corpus.

        Parameters
        ----------
        path : path-like, optional
            A directory to write, from which the text is then memory-mapped, and which
            `EncodedText.open` opens later; by default all stays in memory.
        workers : int
            Processes that segment. The result depends neither on their number nor on how they start: words that were
            added to jieba go along.
        progress : bool, optional
            Whether to show a bar; by default on a terminal only.
        overwrite : bool
            Whether encoded text at `path` may be replaced.
        shards : int, optional
            Write so many parts, for as many machines or fewer to train on, each on its own. The words, their numbers
            and counts depend neither on them nor on the order of the documents: words as frequent as each other stand
            in the order of their letters.
        engine : LocalEngine or RayEngine, optional
            With `shards`, where text is segmented and counted, in place of `workers`; `path` must be a place that all
            machines see.
        min_count : int
            With `shards`, leave rarer words out of the text, so that their list need not fit in memory. By default
            all stay.

        Raises
        ------
        ValueError
            If there is no document, or one side has no word in any of them.
        FileExistsError
            If something is at `path`.
        """
        shown = sys.stderr.isatty() if progress is None else progress
        if shards is not None:
            for option, value in (("shards", shards), ("workers", workers), ("min_count", min_count)):
                if not isinstance(value, Integral) or value < 1 or (option == "shards" and value > MOST_SHARDS):
                    raise ValueError(f"{option}={value!r}: expected a whole number from 1")
            if path is None:
                raise ValueError("shards are written to the disk: pass a path")
            return encode_shards(
                self.raw(), self.segmenter, name=repr(self), path=path, shards=int(shards), engine=engine,
                workers=int(workers), min_count=int(min_count), progress=shown, overwrite=overwrite,
            )  # fmt: skip
        if engine is not None or min_count != 1:
            raise ValueError("engine and min_count are for shards: pass shards=, as many as machines or more")
        return encode_pairs(
            self.raw(), self.segmenter, name=repr(self), path=path, workers=workers, progress=shown, overwrite=overwrite
        )

    # -- views

    def _view(self, read: Callable[[], Iterator[RawPair]]) -> ComparableCorpus:
        return ComparableCorpus(
            read,
            source=self.source,
            target=self.target,
            tokenizers=self.segmenter.tokenizers,
            on_missing=self.on_missing,
        )

    def limit(self, n: int) -> ComparableCorpus:
        """The first `n` pairs."""
        if not isinstance(n, Integral) or n < 1:
            raise ValueError(f"limit({n!r}): expected at least one pair, by a whole number")
        return self._view(partial(views.first, self.raw, int(n)))

    def shuffle(self, seed: int = 1, *, buffer_size: int = 10_000) -> ComparableCorpus:
        """The pairs in an order drawn from `seed`, the same at each iteration.

        Parameters
        ----------
        seed : int
            Seed of the order.
        buffer_size : int
            How many raw pairs are held in memory. A corpus of no more pairs is shuffled fully; in a larger one a
            pair moves forward by at most this many places.
        """
        views.check_count("buffer_size", buffer_size)
        views.check_seed(seed)
        return self._view(partial(views.shuffled, self.raw, seed, int(buffer_size)))

    def split(self, n: int, *, seed: int = 1) -> tuple[ComparableCorpus, ComparableCorpus]:
        """Hold out `n` pairs, drawn from `seed`.

        Returns
        -------
        (ComparableCorpus, ComparableCorpus)
            The rest and the held-out pairs, both in their old order.
        """
        views.check_seed(seed)
        total = sum(1 for _ in self.raw())
        if not isinstance(n, Integral) or not 0 < n < total:
            raise ValueError(f"split({n}): the corpus has {total} pairs, so n must be from 1 to {total - 1}")
        held_out = frozenset(np.random.default_rng(seed).choice(total, n, replace=False).tolist())

        return self._view(partial(views.part, self.raw, held_out, False)), self._view(
            partial(views.part, self.raw, held_out, True)
        )

    def statistics(self) -> dict[str, SideStatistics]:
        """Documents, sentences, tokens and types of each side, by language (Table 1 of the paper)."""
        sides = {self.source: SideStatistics(), self.target: SideStatistics()}
        seen: dict[str, set[str]] = {language: set() for language in sides}
        for pair in self:
            for language, document in ((self.source, pair.source), (self.target, pair.target)):
                side = sides[language]
                side.documents += bool(document)
                side.sentences += len(document)
                for sentence in document:
                    side.tokens += len(sentence)
                    seen[language].update(sentence)
        for language, side in sides.items():
            side.types = len(seen[language])
        return sides

    def __repr__(self) -> str:
        return f"ComparableCorpus(source={self.source!r}, target={self.target!r}, on_missing={self.on_missing!r})"
