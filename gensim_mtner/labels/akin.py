"""Names that languages spell nearly alike: with an ending ("Obamom"), anew ("Meksiko"), in other letters ("Обама")."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

from gensim_mtner.text.sound import sound

SHORTEST = 4  # letters; shorter ones are alike by chance
ALIKE = 0.7  # of the longer word's letters stay; or the ending alone is another, which is short:
ENDING = 2  # letters more than the name has


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
