"""Sentences as letters: what a tagger of letters is trained on, and what it says about tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import regex

from gensim_mtner.labels.schemes import OUTSIDE, parts
from gensim_mtner.text.segmentation import NO_SPACES

# letters of scripts that separate words, and digits, stay together ("NBA", "1999"); others are alone, with their marks
_LETTER = regex.compile(rf"(?:(?!{NO_SPACES})[\p{{L}}\p{{M}}\p{{N}}.\-])+|\X", regex.VERSION1)


def split_letters(sentences: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[np.ndarray]]:
    """The letters of sentences, and of which token each is.

    Parameters
    ----------
    sentences : sequence of sequence of str
        Tokens.

    Returns
    -------
    list of list of str
        Letters: of a script without spaces, one by one; of others, and digits, as they stand together in a token.
    list of ndarray of int
        For each letter the number of its token.

    Examples
    --------
    >>> split_letters([["皇家", "马德里", "2-NBA"]])
    ([['皇', '家', '马', '德', '里', '2-NBA']], [array([0, 0, 1, 1, 1, 2])])
    """
    known: dict[str, list[str]] = {}
    letters: list[list[str]] = []
    owners: list[np.ndarray] = []
    for sentence in sentences:
        split = []
        for token in sentence:
            if token not in known:
                known[token] = _LETTER.findall(token)
            split.append(known[token])
        letters.append([letter for part in split for letter in part])
        owners.append(np.repeat(np.arange(len(split)), [len(part) for part in split]))
    return letters, owners


def spread_tags(tags: Sequence[str], owner: np.ndarray) -> list[str]:
    """The tags of letters by those of their tokens: only the first letter of a name begins it.

    Examples
    --------
    >>> spread_tags(["B-LOC", "O"], np.array([0, 0, 1]))
    ['B-LOC', 'I-LOC', 'O']
    """
    first = np.diff(owner, prepend=-1) > 0
    return [
        tag if begins or tag == OUTSIDE else f"I-{parts(tag)[1]}"
        for tag, begins in zip(map(tags.__getitem__, owner.tolist()), first.tolist(), strict=True)
    ]


def gather_tokens(probabilities: np.ndarray, owner: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The probabilities of tags of tokens, of one sentence or of many: means of their letters.

    A token is in a name as far as its letters are, and begins it as far as its first letter does.

    Parameters
    ----------
    probabilities : ndarray, shape (n_letters, n_tags)
    owner : ndarray of int, shape (n_letters,)
        The tokens' numbers, all there, in order.
    names : sequence of str
        The tags.

    Returns
    -------
    ndarray, shape (n_tokens, n_tags)
    """
    if not len(owner):
        return probabilities
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    result = np.add.reduceat(probabilities, first, axis=0) / np.diff(first, append=len(owner))[:, None]
    index = {name: number for number, name in enumerate(names)}
    for name, begin in index.items():
        inside = index.get(f"I-{parts(name)[1]}")
        if parts(name)[0] == "B" and inside is not None:
            begins, goes_on = probabilities[first, begin], probabilities[first, inside]
            both = result[:, begin] + result[:, inside]
            # where the first letter says nothing of this type, a name begins
            result[:, begin] = both * np.divide(
                begins, begins + goes_on, where=begins + goes_on > 0, out=np.ones_like(both)
            )
            result[:, inside] = both - result[:, begin]
    return result
