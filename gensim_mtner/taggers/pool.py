"""Taggers asked at once: those of a language, and the one on the vectors of both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from gensim_mtner.labels.schemes import OUTSIDE
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.taggers.words import number_words

CHUNK = 20_000  # sentences at a time
AGREED = 90.0  # F1 of taggers against each other, from which on the vectors tell names by themselves


class Weights(NamedTuple):
    """What counts for how much: the tagger on vectors, and a token's probability of being in no name."""

    share: float = 1 / 3
    outside: float = 1.0


ALIKE = Weights()  # for taggers that learnt from people
# In a language whose taggers learnt from another they are cautious. Where probabilities are right, F1 is best if a name
# is found that is likelier than half of that F1 (Lipton, Elkan and Naryanaswamy 2014), not only one that is likelier
# than none. With half a weight of O, names are found that are likelier than a third.
LEARNT = Weights(outside=0.5)
# Where the taggers say the same about unlabelled text, the others have nothing to add but words without a vector.
VECTORS_DECIDE = Weights(share=1.0)


def tag_together(
    own: Sequence[SequenceTagger], tagger: UnigramTagger | None, X: Sequence[list[str]], language: str,
    *, weights: Weights = ALIKE,
) -> list[list[str]]:  # fmt: skip
    """Tag by the mean of taggers' probabilities (a linear opinion pool, Stone 1961), then Viterbi's algorithm.

    They err on different tokens: those of a language look at letters and neighbours, the other at what a word means.
    Words without a vector are left to the former.

    Parameters
    ----------
    own : sequence of SequenceTagger
        One or more, which count alike. The first decides the tags that there are, and their order.
    tagger : UnigramTagger or None
        On vectors.
    X : sequence of list of str
        Tokens.
    language : str
        The prefix of the keys.
    weights : Weights
        The share of the tagger on vectors, and what the mean probability of O is multiplied by: the smaller, the more
        is found, and the more of it wrongly.

    Returns
    -------
    list of list of str
        Valid IOB2.
    """
    tagged: list[list[str]] = []
    for start in range(0, len(X), CHUNK):
        words = number_words(X[start : start + CHUNK])
        pooled = np.exp(own[0].log_probabilities(words)) / len(own)
        names = own[0].classes_.tolist()  # of which asking has seen that they are an array of tags
        for other in own[1:]:
            asked = other.log_probabilities(words)
            mine, theirs = _shared(names, other.classes_.tolist())
            pooled[:, mine] += np.exp(asked[:, theirs]) / len(own)
        if tagger is not None:
            mine, theirs = _shared(names, list(tagger.classes_))
            scores = tagger.word_scores(words, language=language, unknown="O")
            known = np.isfinite(scores).all(axis=1)  # words without a vector can be nothing but O
            told = np.zeros((len(scores), len(names)), dtype=np.float32)
            told[np.ix_(known, mine)] = weights.share * softmax(scores[known], axis=1)[:, theirs]
            pooled *= np.where(known, np.float32(1 - weights.share), np.float32(1))[words.numbers, None]
            pooled += told[words.numbers]
        pooled *= np.where(np.array(names) == OUTSIDE, np.float32(weights.outside), np.float32(1))
        tagged += own[0].decode(words, np.log(np.maximum(pooled, np.finfo(np.float32).tiny)))
    return tagged


def _shared(names: list[str], others: list[str]) -> tuple[list[int], list[int]]:
    """Where the tags that both have stand, in each."""
    both = [(i, others.index(name)) for i, name in enumerate(names) if name in others]
    return [i for i, _ in both], [j for _, j in both]
