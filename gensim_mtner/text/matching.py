"""Which documents of two languages are on one subject, by what they share: numbers, names, translations."""

from __future__ import annotations

import logging
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from gensim_mtner.text.dictionary import BilingualDictionary, without_aside
from gensim_mtner.text.languages import check_languages
from gensim_mtner.text.pairs import PairSegmenter
from gensim_mtner.text.segmentation import Tokenizer
from gensim_mtner.text.sound import sound

logger = logging.getLogger(__name__)

MARGIN = 1.3  # chosen on Swahili and Chinese news and Chinese Wikipedia; see benchmarks/matching.py
NEAREST = 4  # documents of the other side that a document's similarities are compared with
SHORTEST = 4  # letters of a word as it is read; shorter ones are alike by chance
STEM = 6  # letters that are looked at: languages differ in endings
MOST = 8  # translations of a word; who has more says little
BLOCK = 1 << 24  # similarities in memory at once
NUMBER = re.compile(r"\d{1,18}")
THOUSANDS = re.compile(r"(?<=\d)[.,٬](?=\d{3}(?!\d))")


class Match(NamedTuple):
    """A document of each side that are on one subject.

    Attributes
    ----------
    source, target : int
        Their places, from 0.
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
    alike in both languages, which are names for the most part, in whatever script; and translations that a dictionary
    has. Two are a match if each is the other's nearest by the margin of Artetxe and Schwenk (2019): their similarity
    by the mean of those to the four nearest of both. So a document whose subject the other side does not have stays
    alone.

    Parameters
    ----------
    source_documents, target_documents : iterable
        Documents, as `ComparableCorpus` takes a side of a pair: raw text, tokens, or sentences of tokens. They are
        gone through once.
    source, target : str
        Language codes, such as "en" and "sw".
    dictionary : BilingualDictionary, optional
        Its pairs of single words count as shared. Where few names are read alike, as in English and Chinese, it finds
        twice as many matches.
    margin : float
        The least margin of a match: a higher one finds fewer, of which more are right.
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
        If a document is no text, a side has no word, or `margin` is not above 0.

    Examples
    --------
    >>> english = ["Obama met Kenyatta in Nairobi.", "Messi left Barcelona in 2021.", "Rain fell on the hills."]
    >>> swahili = ["Mwaka 2021 Messi aliondoka Barcelona.", "Kenyatta na Obama walikutana mjini Nairobi."]
    >>> [match[:2] for match in match_documents(english, swahili, source="en", target="sw")]
    [(0, 1), (1, 0)]
    """
    check_languages(source, target)
    if isinstance(margin, bool) or not isinstance(margin, (int, float, np.number)) or not margin > 0:
        raise ValueError(f"margin={margin!r}: expected a number above 0, such as {MARGIN}")
    if dictionary is not None and not isinstance(dictionary, BilingualDictionary):
        raise TypeError(f"dictionary is {type(dictionary).__name__}: expected BilingualDictionary")
    shown = sys.stderr.isatty() if progress is None else progress
    segmenter, index = PairSegmenter(source, target, tokenizers or {}), dict[str, int]()
    known = _translations(dictionary, segmenter) if dictionary is not None else ({}, {})
    sides = [
        _counts(tqdm(documents, desc=f"reading {language}", unit=" documents", disable=not shown), language, segmenter,
                translated, index)
        for documents, language, translated in (
            (source_documents, source, known[0]), (target_documents, target, known[1]),
        )
    ]  # fmt: skip
    for language, side in zip((source, target), sides, strict=True):
        if not side[1]:
            raise ValueError(f"the {language!r} side has no word in any of its {len(side[0]) - 1} documents")
    left, right = _weighted(sides, len(index))
    found = _matches(left, right, float(margin))
    logger.info("%i matches of %i and %i documents", len(found), *(len(side[0]) - 1 for side in sides))
    return found


def marks(token: str, translations: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What a token has that its counterpart in another language may have, too.

    Examples
    --------
    >>> list(marks("10,500", {})), list(marks("Beijing", {})), list(marks("北京", {})), list(marks("the", {}))
    (['#10500'], ['being'], ['being'], [])
    >>> list(marks("River", {"river": ["mto"]}))
    ['river', '=mto']
    """
    yield from (f"#{int(number)}" for number in NUMBER.findall(THOUSANDS.sub("", token)))
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


Counts = tuple[array, array, array]


def _counts(
    documents: Iterable[Any], language: str, segmenter: PairSegmenter, translations: Mapping[str, Iterable[str]],
    index: dict[str, int],
) -> Counts:  # fmt: skip
    """How often each document has which marks, as rows of a sparse matrix: bounds, columns, counts; `index` grows."""
    bounds, columns, counts = array("q", [0]), array("i"), array("f")
    known: dict[str, list[int]] = {}
    for number, document in enumerate(documents, 1):
        found: Counter[int] = Counter()
        for sentence in segmenter.sentences(document, language, f"document {number}"):
            for token in sentence:
                if token not in known:
                    known[token] = [index.setdefault(mark, len(index)) for mark in marks(token, translations)]
                found.update(known[token])
        columns.extend(found)
        counts.extend(found.values())
        bounds.append(len(columns))
    return bounds, columns, counts


def _weighted(sides: list[Counts], n_marks: int) -> list[sparse.csr_matrix]:
    """Rows of length 1: a mark weighs by how few documents of both sides have it (tf-idf)."""
    rare = np.ones(n_marks)
    for bounds, columns, _ in sides:
        having = np.bincount(np.frombuffer(columns, np.int32), minlength=n_marks)
        rare *= np.sqrt(np.log1p((len(bounds) - 1) / np.maximum(having, 0.5)))
    found = []
    for bounds, columns, counts in sides:
        starts, places = np.frombuffer(bounds, np.int64), np.frombuffer(columns, np.int32)
        weights = (1 + np.log(np.frombuffer(counts, np.float32))) * rare[places]
        owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        norms = np.sqrt(np.bincount(owners, weights**2, minlength=len(starts) - 1))
        weights = (weights / norms[owners]).astype(np.float32)
        found.append(sparse.csr_matrix((weights, places, starts), shape=(len(starts) - 1, n_marks)))
    return found


def _matches(left: sparse.csr_matrix, right: sparse.csr_matrix, margin: float) -> list[Match]:
    """Rows of both that are each other's nearest by the margin."""
    (n, m), k = (left.shape[0], right.shape[0]), NEAREST
    rows, columns = _Nearest(n, min(k, m)), _Nearest(m, min(k, n))
    turned, step = right.T.tocsr(), max(BLOCK // m, 1)
    for start in range(0, n, step):
        block = (left[start : start + step] @ turned).toarray()
        rows.see(np.arange(start, start + len(block)), block, 0)
        columns.see(np.arange(m), block.T, start)
    first = np.concatenate([np.repeat(np.arange(n), rows.near.shape[1]), columns.near.ravel()])
    second = np.concatenate([rows.near.ravel(), np.repeat(np.arange(m), columns.near.shape[1])])
    alike = np.concatenate([rows.alike.ravel(), columns.alike.ravel()])
    met = alike > 0
    first, second, alike = first[met], second[met], alike[met]
    margins = 2 * alike / (rows.alike.mean(axis=1)[first] + columns.alike.mean(axis=1)[second])
    best = [np.lexsort((first, second, -margins, side)) for side in (first, second)]
    tops = [{(int(first[at]), int(second[at])) for at in order[np.unique(side[order], return_index=True)[1]]}
            for order, side in zip(best, (first, second), strict=True)]  # fmt: skip
    said = {(int(i), int(j)): float(value) for i, j, value in zip(first, second, margins, strict=True)}
    return [Match(*pair, said[pair]) for pair in sorted(tops[0] & tops[1]) if said[pair] >= margin]


class _Nearest:
    """The nearest of the other side for each of `n` documents, and how alike they are; blocks of similarities come."""

    def __init__(self, n: int, k: int):
        self.near, self.alike = np.zeros((n, k), dtype=np.int64), np.full((n, k), -1, dtype=np.float32)

    def see(self, which: np.ndarray, block: np.ndarray, start: int) -> None:
        """Take similarities of documents `which` with those of the other side from `start`."""
        alike = np.concatenate([self.alike[which], block], axis=1)
        near = np.concatenate(
            [self.near[which], np.broadcast_to(np.arange(start, start + block.shape[1]), block.shape)], axis=1
        )
        k = self.near.shape[1]
        top = np.argpartition(-alike, k - 1, axis=1)[:, :k]
        self.alike[which], self.near[which] = (np.take_along_axis(all_, top, axis=1) for all_ in (alike, near))
