"""Names that languages spell nearly alike: with an ending ("Obamom"), anew ("Meksiko"), in other letters ("Обама")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein

SHORTEST = 4  # letters; shorter ones are alike by chance
ALIKE = 0.7  # of the longer word's letters stay; or the ending alone is another, which is short:
ENDING = 2  # letters more than the name has
# how Latin letters are read in most languages, roughly: what stands for the same sound becomes the same
READ = (
    ("shch", "s"), ("tsch", "c"), ("dzh", "j"), ("dj", "j"), ("zh", "z"), ("sh", "s"), ("ch", "c"), ("kh", "h"),
    ("ph", "f"), ("th", "t"), ("gh", "g"), ("ck", "k"), ("ts", "c"), ("tz", "c"), ("qu", "k"), ("x", "ks"), ("w", "v"),
    ("y", "i"), ("q", "k"), ("j", "i"),
)  # fmt: skip
HARD_C = re.compile(r"c(?=[aouktrl]|$)")
SILENT_H = re.compile(r"(?<=[aeiou])h(?![aeiou])")
DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=1 << 17)
def sound(word: str) -> str:
    """What a word is read like, in small Latin letters; other scripts by their usual transcription.

    Examples
    --------
    >>> sound("Вашингтон"), sound("Washington"), sound("Джонсон"), sound("Johnson")
    ('vasington', 'vasington', 'ionson', 'ionson')
    """
    letters = "".join(filter(str.isalpha, anyascii(word).lower()))
    for written, read in READ:
        letters = letters.replace(written, read)
    return DOUBLED.sub(r"\1", SILENT_H.sub("", HARD_C.sub("k", letters)))


def akin_words(names: Iterable[str], words: Iterable[str]) -> dict[str, str]:
    """Which words are a name's word in the spelling of another language.

    Parameters
    ----------
    names : iterable of str
        Words of the names that one side of a pair of documents has.
    words : iterable of str
        Words of the other side that may be names, and are none of the first side's words.

    Returns
    -------
    dict of str to str
        For words that are akin to a name's word, the one that is most like it.

    Examples
    --------
    >>> akin_words(["Obama", "Zagreb", "Trump"], ["Обамою", "Zagrebu", "Trumpom", "Zima"])
    {'Обамою': 'Obama', 'Zagrebu': 'Zagreb', 'Trumpom': 'Trump'}
    """
    by_first: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(set(names)):
        read = sound(name)
        if len(read) >= SHORTEST:
            by_first.setdefault(read[0], []).append((name, read))
    found: dict[str, str] = {}
    for word in words:
        read = sound(word)
        best = 0.0
        for name, other in by_first.get(read[:1], ()) if len(read) >= SHORTEST else ():
            score = Levenshtein.normalized_similarity(other, read)
            if score > best and (score >= ALIKE or _has_other_ending(other, read)):
                best, found[word] = score, name
    return found


def _has_other_ending(name: str, word: str) -> bool:
    stem = max(len(name) - 1, SHORTEST)
    return name[:stem] == word[:stem] and len(word) <= len(name) + ENDING
