"""How many names there are among rare words, and among frequent ones: what self-training holds a tagger to."""

from __future__ import annotations

import numpy as np

from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import OUTSIDE
from gensim_mtner.taggers.unigram import UnigramTagger, outside_shift
from gensim_mtner.taggers.words import Words, number_words

BANDS = 7  # the rarest 64th of the text, the next 64th, the next 32nd and so on, the most frequent half
LEAST = 2000  # tokens of the rarest band: in fewer the share of names is a matter of chance


def bands(frequencies: np.ndarray, tokens: np.ndarray, most: int = BANDS) -> np.ndarray:
    """Divide words by how rare they are, so that each band but the rarest has half of the tokens of the one before.

    Shares of the text and not frequencies are what two languages have in common: one may have more forms of a word, or
    less text.

    Parameters
    ----------
    frequencies : ndarray, shape (n_words,)
        How often words are in the corpus; 0 where that is not known.
    tokens : ndarray of int, shape (n_words,)
        How often they are in the text that is divided.
    most : int
        How many bands at most; fewer where the text is short.

    Returns
    -------
    ndarray of int, shape (n_words,)
        The band of each word, 0 for the most frequent; words of one frequency are in one band. -1 where the frequency
        is not known.

    Examples
    --------
    >>> bands(np.array([9, 900, 0, 90]), np.array([1000, 5000, 7, 3000]))
    array([ 2,  0, -1,  1])
    """
    known = np.flatnonzero((frequencies > 0) & (tokens > 0))
    found = np.full(len(frequencies), -1)
    total = int(tokens[known].sum())
    if total:
        most = min(most, int(np.log2(max(total / LEAST, 1))) + 1)
        _, group = np.unique(frequencies[known], return_inverse=True)
        mass = np.bincount(group, weights=tokens[known])
        middle = (np.cumsum(mass) - mass / 2) / total
        found[known] = np.minimum(-np.log2(middle[group]), most - 1).astype(int)
    return found


def name_rates(tagger: UnigramTagger, data: NERData, most: int) -> np.ndarray:
    """The share of tokens in names of each band of labelled text, the most frequent first.

    Parameters
    ----------
    tagger : UnigramTagger
        On vectors that have the frequencies of words.
    data : NERData
        In the tagger's language.
    most : int
        How many bands at most.

    Returns
    -------
    ndarray, shape (n_bands,)
        Of all text, if no frequency is known.
    """
    words = number_words(data.sentences)
    inside = np.array([tag != OUTSIDE for row in data.tags for tag in row])
    band = bands(tagger.word_frequencies(words), words.tokens, most)[words.numbers]
    total = np.bincount(band[band >= 0])
    named = np.bincount(band[band >= 0], weights=inside[band >= 0])
    some = np.flatnonzero(total)
    if not len(some):
        return np.array([inside.mean()])
    return np.interp(np.arange(len(total)), some, named[some] / total[some])


def outside_shifts(
    tagger: UnigramTagger, words: Words, scores: np.ndarray, language: str, source: NERData
) -> np.ndarray:
    """What to add to the score of O of words, so that rare and frequent ones are as often names as in the source.

    It is never above 0: a tagger that finds more is left alone, as texts differ in how many names they have.

    Parameters
    ----------
    tagger : UnigramTagger
    words : Words
        Of the target's text.
    scores : ndarray, shape (n_words, n_tags)
        From `tagger.word_scores`.
    language : str
        The target.
    source : NERData
        Labelled text of the source.

    Returns
    -------
    ndarray, shape (n_words,)
        0 for words without a vector.
    """
    tokens = words.tokens
    band = bands(tagger.word_frequencies(words, language), tokens)
    rates = name_rates(tagger, source, int(band.max(initial=0)) + 1)
    band = np.minimum(band, len(rates) - 1)  # the source may have less text
    shifts = np.zeros(len(band))
    for number, rate in enumerate(rates.tolist()):
        mine = np.flatnonzero(band == number)
        if 0 < rate < 1 and len(mine):
            shifts[mine] = min(0.0, outside_shift(scores[mine], tokens[mine], rate))
    return shifts
