"""What memory a training run will take, before it is begun."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from gensim_mtner.taggers.adagrad import width_of
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.segmentation import is_spaceless
from gensim_mtner.vectors.vocabulary import min_count_of

# bytes; where no size of an array says them, measured by benchmarks/memory.py
IN_TEXT = 24  # of a word in the text's lists: two references and a count
IN_VOCABULARY = 8 + 8 + 42 + 32 + 40  # prefix, list, dictionary, number, and ten numbers a row: counts, locks, draws
LABEL = 75  # of a labelled token: its place in a sentence, its tag, scores, features
COLUMNS, LETTER_COLUMNS = 2**18, 2**20  # that features of words and of letters are hashed to
IN_LETTERS = 60  # of a token that it learns from: its letters, their tags and places
SAMPLE = 10_000  # words that the mean size of a string is taken from


def string_bytes(words: Sequence[str]) -> float:
    """The mean size of the strings, as memory is given out: in steps of 16 bytes."""
    some = words[:: max(len(words) // SAMPLE, 1)]
    return sum(-(-sys.getsizeof(word) // 16) * 16 for word in some) / max(len(some), 1)


def vocabulary_size(text: EncodedText, min_count: int | Mapping[str, int]) -> int:
    """How many words of a text will have a row."""
    sides = zip((text.source, text.target), text.counts, strict=True)
    return sum(int((counts >= min_count_of(min_count, language)).sum()) for language, counts in sides)


def in_letters(text: EncodedText | None, n_tokens: int) -> int:
    """How many of the tokens drawn a tagger of letters will learn from: none where words are separated."""
    if text is None or not len(text.words[1]) or not is_spaceless(text.words[1], text.counts[1]):
        return 0
    return n_tokens


def _while_it_learns(n_columns: int, n_tags: int) -> int:
    """Of a sequence tagger: its weights, and beside each other, padded, those that move and their sums of squares."""
    return 4 * n_columns * (n_tags + 2 * width_of(n_tags))


def estimate(
    *, vocab_size: int, vector_size: int, n_tokens: int, n_documents: int, text_words: int, word_bytes: float,
    n_labelled: int, n_tags: int, sequence_taggers: int, n_in_letters: int, keeps_best: bool,
) -> dict[str, int]:  # fmt: skip
    """Bytes at the peak of training; see `gensim_mtner.MTWord2Vec.estimate_memory`."""
    matrix = 4 * vector_size * vocab_size
    parts = {
        "text": 4 * n_tokens + 16 * n_documents + int((word_bytes + IN_TEXT) * text_words),
        "vocab": int((word_bytes + IN_VOCABULARY) * vocab_size),
        "vectors": matrix,
        "syn1neg": matrix,
        "work": LABEL * n_labelled
        + sequence_taggers * _while_it_learns(COLUMNS, n_tags)
        + 2 * matrix * keeps_best
        + (_while_it_learns(LETTER_COLUMNS, n_tags) + IN_LETTERS * n_in_letters if n_in_letters else 0),
    }
    return {**parts, "total": sum(parts.values())}
