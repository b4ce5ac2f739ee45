"""Which documents of a corpus are of the kind that the labelled sentences are of."""

from __future__ import annotations

import numpy as np

from gensim_mtner.labels.ner import NERData
from gensim_mtner.text.encoded import EncodedText

# natural logarithms a token; benchmarks/TRIALS.md has what others did
ALIKE = 0.6  # so far behind the nearest, a document is as good as these
FALL = 3.0  # beyond that the chance of a document falls by e for every third of one
# of the source's tokens, a share or so many: what stands for the nearest documents
NEAREST, LEAST = 0.02, 20_000
UNSEEN = 0.1  # occurrences that are added to each word's
CHUNK = 1 << 20  # tokens that are looked up at a time


def chances(text: EncodedText, labels: NERData) -> np.ndarray:
    """How likely each document is to be drawn, by how near its source side is to labelled sentences.

    A document is near if a model of single words that was learnt from the labels expects its words more than one that
    was learnt from the whole corpus (Moore and Lewis 2010). The nearest fiftieth, and what is not much further, has a
    chance of 1; the chance of the others falls with their distance. So in a corpus of one kind of text nearly all is
    drawn from; in one that is mostly of another kind than the labels are, little of that.

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
    if text.is_merged() or not len(text.words[0]):
        return found
    lengths, others = np.diff(text.offsets)[::2], np.diff(text.offsets)[1::2]
    gains, sums = _gains(text, labels), np.zeros(len(text))
    for document in np.flatnonzero(lengths).tolist():
        begin, end = text.offsets[2 * document : 2 * document + 2].tolist()
        for start in range(begin, end, CHUNK):
            sums[document] += gains[np.asarray(text.ids[start : min(start + CHUNK, end)])].sum()
    there = lengths > 0
    paired = there & (others > 0) if (there & (others > 0)).any() else there
    gain = sums / np.maximum(lengths, 1)
    order = np.flatnonzero(paired)[np.argsort(-gain[paired], kind="stable")]
    tokens = np.cumsum(lengths[order])
    nearest = gain[order][np.searchsorted(tokens, min(max(NEAREST * tokens[-1], LEAST), tokens[-1]))]
    found[there] = np.exp(-FALL * np.maximum(nearest - gain[there] - ALIKE, 0.0))
    return found


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
