"""Which documents of two languages are on one subject, by what they share: numbers, names, translations."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from gensim_mtner.text.dictionary import BilingualDictionary, without_aside
from gensim_mtner.text.languages import check_languages
from gensim_mtner.text.pairs import PairSegmenter, check_tokenizers
from gensim_mtner.text.segmentation import Tokenizer
from gensim_mtner.text.sides import check_ordered
from gensim_mtner.text.sound import sound

logger = logging.getLogger(__name__)

MARGIN = 1.3  # chosen on Swahili and Chinese news and Chinese Wikipedia; see benchmarks/matching.py
SURE = 2.0  # a margin for those whose documents have few counterparts
FEW = 0.5  # of the smaller side
NEAREST = 4  # documents of the other side that a document's similarities are compared with; no margin is above it
SHORTEST = 4  # letters of a word as it is read; shorter ones are alike by chance
STEM = 6  # letters that are looked at: languages differ in endings
MOST = 8  # translations of a word; who has more says little
BLOCK = 1 << 22  # similarities in memory at once
NUMBER = re.compile(r"\d{1,18}")
# of tokens, which may be cut at the marks
THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?: ?[.,٬] ?\d{3})+(?!\d)")
Placed = Iterable[tuple[str, Any]]  # documents, and what messages call them


class Match(NamedTuple):
    """A document of each side that are on one subject.

    Attributes
    ----------
    source, target : int
        Their places, from 0: positions, whatever labels a Series has.
    margin : float
        How much more alike they are than either is to what is nearest to it: 1 is no more.
    """

    source: int
    target: int
    margin: float


def match_documents(
    source_documents: Iterable[Any],
    target_documents: Iterable[Any],
    *,
    source: str,
    target: str,
    dictionary: BilingualDictionary | None = None,
    margin: float = MARGIN,
    tokenizers: Mapping[str, Tokenizer] | None = None,
    progress: bool | None = None,
) -> list[Match]:
    """Find the documents of two languages that are on one subject.

    Documents are alike by what they share that few others have (cosine of tf-idf): numbers, and words that are read
    alike in both languages, which are names for the most part, also of another script; and translations that a
    dictionary has. Two are a match if each is the other's nearest by the margin of Artetxe and Schwenk (2019): their
    similarity by the mean of those to the four nearest of both. So a document whose subject the other side does not
    have stays alone. Of documents of a side that have all this in common, such as copies, only the first is looked at.

    Parameters
    ----------
    source_documents, target_documents : iterable
        Documents, as `ComparableCorpus` takes a side of a pair: raw text, tokens, or sentences of tokens. They are
        gone through once.
    source, target : str
        Language codes, such as "en" and "sw".
    dictionary : BilingualDictionary, optional
        Its pairs of single words count as shared: of help where few names are read alike, as in English and Chinese.
    margin : float
        The least margin of a match, 4 at most: a higher one finds fewer, of which more are right.
    tokenizers : dict of str to callable, optional
        As in `ComparableCorpus`.
    progress : bool, optional
        Whether to show bars; by default on a terminal only.

    Returns
    -------
    list of Match
        In the order of the source's documents; each document is in one match at most.

    Raises
    ------
    ValueError
        If a document is no text, a side has nothing to compare, both have one document, or `margin` is no number from
        0 to 4.
    TypeError
        If a side is no collection of documents in an order, or another argument is of another kind.

    Examples
    --------
    >>> english = ["Obama met Kenyatta in Nairobi.", "Messi left Barcelona in 2021.", "Rain fell on the hills."]
    >>> swahili = ["Mwaka 2021 Messi aliondoka Barcelona.", "Kenyatta na Obama walikutana mjini Nairobi."]
    >>> [match[:2] for match in match_documents(english, swahili, source="en", target="sw")]
    [(0, 1), (1, 0)]
    """
    return match_placed(
        _placed("source_documents", source_documents), _placed("target_documents", target_documents),
        source=source, target=target, dictionary=dictionary, margin=margin, tokenizers=tokenizers, progress=progress,
    )  # fmt: skip


def _placed(name: str, documents: Any) -> Placed:
    """Documents in their order, with their numbers."""
    check_ordered(name, documents)
    if isinstance(documents, (str, bytes, os.PathLike, Mapping)) or hasattr(documents, "columns"):
        raise TypeError(f"{name} is {type(documents).__name__}: expected documents of one language, in a list")
    return ((f"document {number}", document) for number, document in enumerate(documents, 1))


def match_placed(
    source_documents: Placed, target_documents: Placed, *, source: str, target: str,
    dictionary: BilingualDictionary | None, margin: float, tokenizers: Mapping[str, Tokenizer] | None,
    progress: bool | None,
) -> list[Match]:  # fmt: skip
    """As `match_documents`, for documents with what messages call them."""
    check_languages(source, target)
    if isinstance(margin, bool) or not isinstance(margin, (int, float, np.number)) or not 0 < margin <= NEAREST:
        raise ValueError(f"margin={margin!r}: expected a number above 0, such as {MARGIN}, and {NEAREST} at most")
    if dictionary is not None and not isinstance(dictionary, BilingualDictionary):
        raise TypeError(
            f"dictionary is {type(dictionary).__name__}: expected BilingualDictionary, whose from_tsv reads a file"
        )
    shown = sys.stderr.isatty() if progress is None else progress
    check_tokenizers(tokenizers, source, target)
    segmenter, index = PairSegmenter(source, target, tokenizers or {}), dict[str, int]()
    known = _translations(dictionary, segmenter) if dictionary is not None else ({}, {})
    counts = []
    for documents, language, translated in (
        (source_documents, source, known[0]), (target_documents, target, known[1]),
    ):  # fmt: skip
        bar = tqdm(documents, desc=f"reading {language}", unit=" documents", disable=not shown)
        counts.append(_counts(bar, language, segmenter, translated, index))
        n_documents = len(counts[-1].bounds) - 1
        if not n_documents:
            raise ValueError(f"the {language!r} side has no document")
        if not counts[-1].columns:
            raise ValueError(
                f"the {language!r} side has nothing to compare in its {n_documents} documents: no number, no word of "
                f"{SHORTEST} letters"
            )
    sizes = [len(side.bounds) - 1 for side in counts]
    if sizes == [1, 1]:
        raise ValueError("there is one document of each language: with no other to compare, nothing can be told")
    if dictionary is not None and not _shares_words(counts, index):
        logger.warning(
            "no pair of words of the dictionary is in both sides: are its columns %r and %r?", source, target
        )
    left, right = _weighted(counts, len(index))
    found = _matches(left, right, float(margin), shown)
    logger.info("%i matches of %i and %i documents", len(found), *sizes)
    if margin < SURE and len(found) < FEW * min(sizes):
        logger.warning(
            "%i of %i documents are matched: where few have a counterpart, many are wrong; a margin of %s keeps "
            "those that are surer", len(found), min(sizes), SURE,
        )  # fmt: skip
    return found


def numbers(text: str) -> Iterator[str]:
    """The numbers in a text, however thousands are marked, and in whatever digits.

    Examples
    --------
    >>> list(numbers("10,500 in 2021")), list(numbers("٢٠٢١")), list(numbers("10 , 500")), list(numbers("2020 , 300"))
    (['#10500', '#2021'], ['#2021'], ['#10500'], ['#2020', '#300'])
    """
    whole = THOUSANDS.sub(lambda found: "".join(filter(str.isdigit, found[0])), text)
    yield from (f"#{int(number)}" for number in NUMBER.findall(whole))


def marks(token: str, translations: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What a word has that its counterpart in another language may have, too.

    Examples
    --------
    >>> list(marks("Beijing", {})), list(marks("北京", {})), list(marks("the", {}))
    (['being'], ['being'], [])
    >>> list(marks("River", {"river": ["mto"]}))
    ['river', '=mto']
    """
    read = sound(token)
    if len(read) >= SHORTEST:
        yield read[:STEM]
    yield from (f"={word}" for word in translations.get(token.lower(), ()))


def _translations(
    dictionary: BilingualDictionary, segmenter: PairSegmenter
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For source words their translations, for target words themselves; of pairs of single words, in small letters."""
    found: dict[str, list[str]] = {}
    for pair in dictionary:
        words = [
            [token.lower() for sentence in segmenter.sentences(without_aside(side), language, repr(pair))
             for token in sentence]
            for side, language in zip(pair, (segmenter.source, segmenter.target), strict=True)
        ]  # fmt: skip
        if all(len(side) == 1 and len(side[0]) > 1 for side in words):
            found.setdefault(words[0][0], []).append(words[1][0])
    found = {word: list(dict.fromkeys(others)) for word, others in found.items()}
    found = {word: others for word, others in found.items() if len(others) <= MOST}
    return found, {word: [word] for others in found.values() for word in others}


class _Counts(NamedTuple):
    """How often each document has which marks, as the rows of a sparse matrix."""

    bounds: array
    columns: array
    counts: array


def _counts(
    documents: Placed, language: str, segmenter: PairSegmenter, translations: Mapping[str, Iterable[str]],
    index: dict[str, int],
) -> _Counts:  # fmt: skip
    """Count marks; `index` grows. Rows that have been there are left empty: a copy is as near to all as the first."""
    side = _Counts(array("q", [0]), array("i"), array("f"))
    known: dict[str, list[int]] = {}
    seen: set[bytes] = set()
    for place, document in documents:
        found: Counter[int] = Counter()
        for sentence in segmenter.sentences(document, language, place):
            for token in sentence:
                if token not in known:
                    known[token] = [index.setdefault(mark, len(index)) for mark in marks(token, translations)]
                found.update(known[token])
            found.update(index.setdefault(mark, len(index)) for mark in numbers(" ".join(sentence)))
        if found:
            rows = array("q", chain.from_iterable(sorted(found.items())))
            copy = hashlib.blake2b(rows.tobytes(), digest_size=16).digest()
            if copy not in seen:
                seen.add(copy)
                side.columns.extend(found)
                side.counts.extend(found.values())
        side.bounds.append(len(side.columns))
    return side


def _shares_words(sides: list[_Counts], index: dict[str, int]) -> bool:
    """Whether a pair of a dictionary is in both sides."""
    left, right = (np.frombuffer(side.columns, np.int32) for side in sides)
    both = np.intersect1d(left, right)
    of_words = [number for mark, number in index.items() if mark.startswith("=")]
    return bool(np.isin(of_words, both).any())


def _weighted(sides: list[_Counts], n_marks: int) -> list[sparse.csr_matrix]:
    """Rows of length 1: a mark weighs by how few documents of both sides have it (tf-idf)."""
    rare = np.ones(n_marks)
    for side in sides:
        having = np.bincount(np.frombuffer(side.columns, np.int32), minlength=n_marks)
        rare *= np.sqrt(np.log1p((len(side.bounds) - 1) / np.maximum(having, 0.5)))
    rare, found = rare.astype(np.float32), []
    for side in sides:
        starts, places = np.frombuffer(side.bounds, np.int64), np.frombuffer(side.columns, np.int32)
        weights = np.log(np.frombuffer(side.counts, np.float32))
        weights += 1
        weights *= rare[places]
        lengths = np.diff(starts)
        norms = np.sqrt(np.add.reduceat(weights * weights, starts[:-1][lengths > 0]))
        weights /= np.repeat(norms, lengths[lengths > 0])
        found.append(sparse.csr_matrix((weights, places, starts), shape=(len(lengths), n_marks)))
    return found


def _matches(left: sparse.csr_matrix, right: sparse.csr_matrix, margin: float, shown: bool) -> list[Match]:
    """Rows of both that are each other's nearest by the margin."""
    n, m = left.shape[0], right.shape[0]
    rows, columns = _Nearest(n, min(NEAREST, m)), _Nearest(m, min(NEAREST, n))
    turned, step = right.T.tocsr(), max(BLOCK // m, 1)
    for start in tqdm(range(0, n, step), desc="comparing", unit=" blocks", disable=not shown):
        block = (left[start : start + step] @ turned).toarray()
        rows.see(slice(start, start + len(block)), block, 0)
        columns.see(slice(0, m), block.T, start)
    first = np.concatenate([np.repeat(np.arange(n), rows.near.shape[1]), columns.near.ravel()])
    second = np.concatenate([rows.near.ravel(), np.repeat(np.arange(m), columns.near.shape[1])])
    alike = np.concatenate([rows.alike.ravel(), columns.alike.ravel()])
    met = alike > 0
    first, second, alike = first[met], second[met], alike[met]
    margins = 2 * alike / (rows.alike.mean(axis=1)[first] + columns.alike.mean(axis=1)[second])
    best = []
    for side, other in ((first, second), (second, first)):
        order = np.lexsort((other, -margins, side))  # ties: the one that comes first
        tops = order[np.unique(side[order], return_index=True)[1]]
        best.append(dict(zip(zip(first[tops].tolist(), second[tops].tolist(), strict=True), margins[tops].tolist(),
                             strict=True)))  # fmt: skip
    return [Match(*pair, best[0][pair]) for pair in sorted(best[0].keys() & best[1].keys()) if best[0][pair] >= margin]


class _Nearest:
    """The nearest of the other side for each of `n` documents, and how alike they are; blocks of similarities come."""

    def __init__(self, n: int, k: int):
        self.near, self.alike = np.zeros((n, k), dtype=np.int32), np.full((n, k), -1, dtype=np.float32)

    def see(self, which: slice, block: np.ndarray, start: int) -> None:
        """Take similarities of documents `which` with those of the other side from `start`."""
        k, width = self.near.shape[1], block.shape[1]
        top = np.argpartition(block, max(width - k, 0), axis=1)[:, -k:]
        alike = np.concatenate([self.alike[which], np.take_along_axis(block, top, axis=1)], axis=1)
        near = np.concatenate([self.near[which], (top + start).astype(np.int32)], axis=1)
        top = np.argpartition(alike, alike.shape[1] - k, axis=1)[:, -k:]
        self.alike[which], self.near[which] = (np.take_along_axis(both, top, axis=1) for both in (alike, near))
