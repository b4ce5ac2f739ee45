"""Which documents of a corpus are of the kind that the labelled sentences are of."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gensim_mtner.labels.ner import NERData
from gensim_mtner.text.encoded import EncodedText

# natural logarithms a token; benchmarks/RESULTS.md has what others did
ALIKE = 0.5  # so far behind the nearest, a document is as good as these
FALL = 3.0  # beyond that the chance of a document falls by e for every third of one
NEAREST = 0.05  # the share of the source's tokens that stand for the nearest documents
UNSEEN = 0.1  # occurrences that are added to each word's
CHUNK = 1 << 20  # tokens that are looked up at a time


def chances(text: EncodedText, labels: NERData) -> np.ndarray:
    """How likely each document is to be drawn, by how near its source side is to labelled sentences.

    A document is near if a model of single words that was learnt from the labels expects its words more than one that
    was learnt from the whole corpus (Moore and Lewis 2010). In a corpus of one kind of text nearly all documents have
    a chance of 1; in one that is mostly of another kind than the labels are, that kind has little.

    Parameters
    ----------
    text : EncodedText
        The corpus.
    labels : NERData
        Labelled sentences of the source.

    Returns
    -------
    ndarray of float64, shape (n_documents,)
        From 0 to 1. Documents without a source side have 1.
    """
    found = np.ones(len(text))
    lengths = np.diff(text.offsets)[::2]
    if text.is_merged() or not lengths.any():
        return found
    gains = _gains(text, labels)
    sums = np.zeros(len(text))
    for start, stop in _parts(lengths):
        begin, end = text.offsets[2 * start], text.offsets[2 * stop - 1]
        ids = np.asarray(text.ids[begin:end])
        inside = np.append(0.0, np.cumsum(np.where(ids < len(gains), gains[np.minimum(ids, len(gains) - 1)], 0.0)))
        places = text.offsets[2 * start : 2 * stop] - begin
        sums[start:stop] = inside[places[1::2]] - inside[places[::2]]
    there = lengths > 0
    gain = sums[there] / lengths[there]
    order = np.argsort(-gain, kind="stable")
    share = np.cumsum(lengths[there][order]) / lengths.sum()
    nearest = gain[order][np.searchsorted(share, NEAREST)]
    found[there] = np.exp(-FALL * np.maximum(nearest - gain - ALIKE, 0.0))
    return found


def _parts(lengths: np.ndarray) -> list[tuple[int, int]]:
    """Runs of documents of about `CHUNK` tokens, or of one that is longer."""
    ends = np.cumsum(lengths)
    cuts = np.unique(np.searchsorted(ends, np.arange(CHUNK, ends[-1], CHUNK), side="right"))
    bounds = [0, *(int(cut) for cut in cuts if 0 < cut < len(lengths)), len(lengths)]
    return list(pairwise(bounds))


def _gains(text: EncodedText, labels: NERData) -> np.ndarray:
    """By how much the labels expect each source word more than the corpus does, in logarithms; case does not count."""
    names = [word.lower() for word in text.words[0]]
    index = {name: number for number, name in enumerate(dict.fromkeys(names))}
    rows = np.array([index[name] for name in names])
    corpus = np.bincount(rows, weights=np.asarray(text.counts[0], dtype=np.float64), minlength=len(index))
    labelled, others = np.zeros(len(index)), 0.0
    strange: set[str] = set()
    for word, count in labels.word_counts().items():
        place = index.get(word.lower())
        if place is None:
            others += count
            strange.add(word.lower())
        else:
            labelled[place] += count
    n_words = len(index) + len(strange)
    expected = np.log((labelled + UNSEEN) / (labelled.sum() + others + UNSEEN * n_words))
    return (expected - np.log((corpus + UNSEEN) / (corpus.sum() + UNSEEN * n_words)))[rows]
