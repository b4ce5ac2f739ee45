"""Two taggers asked at once: a language's own, and the one on the vectors of both languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import softmax

from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger

SHARE = 1 / 3  # of the tagger on vectors
CHUNK = 20_000  # sentences at a time


def tag_together(own: SequenceTagger, tagger: UnigramTagger, X: Sequence[list[str]], language: str) -> list[list[str]]:
    """Tag by the mean of two taggers' probabilities (a linear opinion pool, Stone 1961), then Viterbi's algorithm.

    They err on different tokens: one looks at letters and neighbours, the other at what a word means. Words without a
    vector are left to the first.

    Parameters
    ----------
    own : SequenceTagger
        Decides the tags that there are, and their order.
    tagger : UnigramTagger
        On vectors; counts for a third.
    X : sequence of list of str
        Tokens.
    language : str
        The prefix of the keys.

    Returns
    -------
    list of list of str
        Valid IOB2.
    """
    columns = [(i, list(tagger.classes_).index(name)) for i, name in enumerate(own.classes_) if name in tagger.classes_]
    mine, theirs = (list(part) for part in zip(*columns, strict=True))
    tagged: list[list[str]] = []
    for start in range(0, len(X), CHUNK):
        sentences = X[start : start + CHUNK]
        mixed = own.predict_log_proba(sentences)
        scores = tagger.decision_function(sentences, language=language, unknown="O")
        for logs, other in zip(mixed, scores, strict=True):
            known = np.isfinite(other).all(axis=1)  # words without a vector can be nothing but O
            other = softmax(other[known], axis=1)
            pooled = (1 - SHARE) * np.exp(logs[known])
            pooled[:, mine] += SHARE * other[:, theirs]
            logs[known] = np.log(np.maximum(pooled, np.finfo(np.float32).tiny))
        tagged += own.decode(mixed)
    return tagged
