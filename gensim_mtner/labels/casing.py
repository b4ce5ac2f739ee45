"""What capitals tell about names, in languages that write with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gensim_mtner.text.encoded import EncodedText

CONNECTOR = 4  # letters; a word of no more may stand inside a name in small letters ("Benki ya Dunia")


def is_cased(letter: str) -> bool:
    """Whether a letter has another of the other case that running text is written with.

    Georgian's other case is for headings in capitals: no name begins with it.

    Examples
    --------
    >>> is_cased("k"), is_cased("თ"), is_cased("在")
    (True, False, False)
    """
    return letter.lower() != letter.upper() and not "\u10d0" <= letter <= "\u10ff"


def has_capitals(words: Sequence[str], counts: np.ndarray) -> bool:
    """Whether most words of a text are of a script that has capitals.

    Examples
    --------
    >>> import numpy as np
    >>> has_capitals(["kwa", "Kenya", "1"], np.array([5, 2, 1])), has_capitals(["在", "NBA"], np.array([5, 2]))
    (True, False)
    """
    cased = sum(int(count) for word, count in zip(words, counts, strict=True) if is_cased(word[:1]))
    real = sum(int(count) for word, count in zip(words, counts, strict=True) if any(map(str.isalnum, word)))
    return cased > real / 2


def name_words(words: Sequence[str], counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which words may stand at the ends of a name, and which inside one.

    In scripts with capitals names begin and end with one; in others every word may be of a name.
    """
    real = np.array([any(map(str.isalnum, word)) for word in words], dtype=bool)
    if not has_capitals(words, counts):
        return real, real
    capital = np.array([word[:1].isupper() for word in words], dtype=bool)
    short = np.array([len(word) <= CONNECTOR for word in words], dtype=bool)
    return real & capital, real & (capital | short)


def common_words(text: EncodedText, side: int) -> frozenset[str] | None:
    """Capitalised words that the text writes small more often than with a capital inside a sentence.

    Such words ("Minister", "Government") are no names by themselves, wherever a capital stands (compare the truecasing
    of Lita et al. 2003).

    Parameters
    ----------
    text : EncodedText
        The corpus.
    side : {0, 1}
        Source or target.

    Returns
    -------
    frozenset of str, or None
        None in scripts without capitals.
    """
    words, counts = text.words[side], text.counts[side]
    if not has_capitals(words, counts):
        return None
    inside = np.zeros(len(words), dtype=np.int64)
    for document in range(len(text)):
        parts = [part[1:] for part in text.sentence_ids(document, side)]
        if parts:
            np.add.at(inside, np.concatenate(parts), 1)
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for word, count, within in zip(words, counts.tolist(), inside.tolist(), strict=True):
        if word[:1].isupper():
            capital[word.lower()] += within
        else:
            small[word.lower()] += count
    return frozenset(word for word in words if word[:1].isupper() and small[word.lower()] > capital[word.lower()])
