"""The joint vocabulary: which row of ``wv.vectors`` a word of a language has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gensim_mtner.text.languages import key
from gensim_mtner.vectors.rows import is_whole

OOV_KEY = "<oov>"


def min_count_of(min_count: int | Mapping[str, int], language: str | None) -> int:
    """`min_count` for one language, where it may be one number or a number a language."""
    value = min_count.get(language or "", 1) if isinstance(min_count, Mapping) else min_count
    if not is_whole(value) or value < 0:
        raise ValueError(f"min_count={min_count!r}: expected a whole number from 0, or one for each language")
    return int(value)


@dataclass(frozen=True)
class JointVocabulary:
    """Keys in the order of their rows: the source slice, the target slice, then the OOV row.

    Attributes
    ----------
    languages : tuple of (str or None)
        The source and the target; None where keys are bare words.
    keys : list of str
        Each with its language: ``en:Spain``. The last is the OOV row.
    counts : ndarray of int64, shape (n_keys,)
        How often each occurs in the corpus: 0 for words of the labelled sentences only, and for the OOV row.
    source_size, target_size : int
        Lengths of the slices.
    """

    languages: tuple[str | None, str | None]
    keys: list[str]
    counts: np.ndarray
    source_size: int
    target_size: int
    lookup: tuple[dict[str, int], dict[str, int]] = field(repr=False)

    @classmethod
    def build(
        cls,
        languages: tuple[str | None, str | None],
        counts: tuple[Mapping[str, int], Mapping[str, int]],
        *,
        min_count: int | Mapping[str, int] = 1,
        labelled: tuple[Iterable[str], Iterable[str]] = ((), ()),
    ) -> JointVocabulary:
        """Choose the words and order them: each language by descending frequency, ties by first occurrence.

        Parameters
        ----------
        languages : (str or None, str or None)
            The source and the target.
        counts : (mapping, mapping)
            How often each word occurs in each side of the corpus.
        min_count : int or dict of str to int
            Rarer words get no row, unless a labelled sentence has them.
        labelled : (iterable, iterable)
            Words of labelled sentences by language; all of them get rows.

        Raises
        ------
        ValueError
            If no word of the corpus is left, with the highest count that there is.
        """
        slices: list[dict[str, int]] = []
        for language, side, extra in zip(languages, counts, labelled, strict=True):
            least = min_count_of(min_count, language)
            chosen = {word: count for word, count in side.items() if count >= least}
            if side and not chosen:
                raise ValueError(
                    f"min_count={least} leaves no word of {language!r}: the most frequent one occurs "
                    f"{max(side.values())} times; lower min_count"
                )
            for word in extra:
                chosen.setdefault(word, side.get(word, 0))
            slices.append(dict(sorted(chosen.items(), key=lambda item: -item[1])))
        keys = [key(word, language) for language, chosen in zip(languages, slices, strict=True) for word in chosen]
        if OOV_KEY in keys:
            raise ValueError(f"the corpus has the word {OOV_KEY!r}, which is the key of unknown words: rename it")
        source_size = len(slices[0])
        return cls(
            languages=languages,
            keys=[*keys, OOV_KEY],
            counts=np.array([count for chosen in slices for count in chosen.values()] + [0], dtype=np.int64),
            source_size=source_size,
            target_size=len(slices[1]),
            lookup=(
                {word: row for row, word in enumerate(slices[0])},
                {word: row for row, word in enumerate(slices[1], source_size)},
            ),
        )
