"""What a word is read like, whatever it is written in: names sound alike in many languages."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

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
