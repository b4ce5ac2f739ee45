"""A dictionary as skip-gram and the tagger take it: pairs whose words all have rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gensim_mtner.text.dictionary import BilingualDictionary, without_aside
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.encoded import EncodedText

Segment = Callable[[str], Sequence[str]]


def pair_documents(
    dictionary: BilingualDictionary, text: EncodedText, rows: np.ndarray, segment: tuple[Segment, Segment]
) -> tuple[EncodedCorpus, np.ndarray]:
    """The pairs of a dictionary as documents of a corpus, and their weights.

    Parameters
    ----------
    dictionary : BilingualDictionary
        What stands in brackets or after a comma, as in titles of articles, is left out.
    text : EncodedText
        The corpus.
    rows : ndarray of int32, shape (n_words,)
        The row of each word of the text, or -1. A pair with another word on either side is left out.
    segment : (callable, callable)
        The tokenizers of source and target.
    """
    index: list[dict[str, int]] = []
    start = 0
    for words in text.words:
        index.append({word: start + at for at, word in enumerate(words) if rows[start + at] >= 0})
        start += len(words)
    ids: list[int] = []
    offsets = [0]
    weights: list[float] = []
    for pair, weight in zip(dictionary.pairs, dictionary.weights, strict=True):
        sides = [
            [known.get(word, -1) for word in cut(without_aside(side))]
            for side, cut, known in zip(pair, segment, index, strict=True)
        ]
        if all(side and min(side) >= 0 for side in sides):
            for side in sides:
                ids += side
                offsets.append(len(ids))
            weights.append(weight)
    return EncodedCorpus(np.array(ids, np.int32), np.array(offsets, np.int64), rows), np.array(weights)


def word_translations(pairs: EncodedCorpus, weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The row of each source word's translation, or -1: the heaviest of a dictionary, or the most frequent of these.

    Parameters
    ----------
    pairs : EncodedCorpus
        Of `pair_documents`; those of a word and a word count.
    weights : ndarray, shape (n_pairs,)
        Theirs.
    counts : ndarray, shape (n_keys,)
        How often the word of each row occurs.
    """
    found = np.full(len(counts), -1, dtype=np.int32)
    single = np.flatnonzero((np.diff(pairs.offsets).reshape(-1, 2) == 1).all(axis=1))
    source, target = (pairs.rows[pairs.ids[pairs.offsets[2 * single + side]]] for side in (0, 1))
    order = np.lexsort((-single, counts[target], weights[single]))  # what is written last stays
    found[source[order]] = target[order]
    return found
