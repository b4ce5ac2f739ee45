"""Language codes, keys of words that carry them (``en:Spain``), and the one spelling that words are looked up by."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable
from typing import Any

import regex


def key(word: str, language: str | None) -> str:
    """The key of a word: ``en:Spain``; the bare word where there is no language."""
    return f"{language}:{word}" if language else word


def near_key(word: str, language: str | None, keys: Container[str]) -> str:
    """How a word that has no key is written where it has one, to be said behind the error; "" if it has none.

    Examples
    --------
    >>> near_key("spain", "en", {"en:Spain"}), near_key("en:Spain", "en", {"en:Spain"}), near_key("x", "en", set())
    (" (but 'en:Spain' is)", " (but 'en:Spain' is; the language is no part of the word here)", '')
    """
    bare = word.removeprefix(key("", language))
    for other in (bare, bare.lower(), bare.capitalize(), bare.title(), bare.upper()):
        if other != word and key(other, language) in keys:
            said = "" if bare == word else "; the language is no part of the word here"
            return f" (but {key(other, language)!r} is{said})"
    return ""


def composed(text: str) -> str:
    r"""Text in Unicode's composed form (NFC; Unicode Standard Annex 15): a letter with its accents is one character.

    The same word is written in one way or the other by programs that nobody chose it in, within a corpus too, and looks
    the same; all text and labels, and what is looked up, are brought to this one, lest half of them have no vector.

    Examples
    --------
    >>> composed("Bogota\u0301") == "Bogot\xe1"
    True
    """
    return unicodedata.normalize("NFC", text)  # which returns text that is so already as it is, at once


def are_composed(words: Iterable[str]) -> bool:
    """Whether all words are in composed form: asked of them at once, which takes a fraction of asking each."""
    joined = "\n".join(words)  # a line end has no accent
    return composed(joined) == joined


def composed_places(text: str) -> tuple[str, list[int]]:
    r"""Text in composed form, and where in `text` each of its characters begins, and the last one ends.

    Examples
    --------
    >>> composed_places("Bogota\u0301!") == ("Bogot\xe1!", [0, 1, 2, 3, 4, 5, 7, 8])
    True
    """
    pieces: list[str] = []
    places: list[int] = []
    for found in regex.finditer(r"\X", text):  # a letter and its marks; composing does not go beyond
        pieces.append(composed(found[0]))
        start, same = found.start(), len(pieces[-1]) == len(found[0])
        places += range(start, found.end()) if same else [start] * len(pieces[-1])
    return "".join(pieces), [*places, len(text)]


def check_languages(source: Any, target: Any) -> None:
    """Refuse codes that could not be the prefix of a key.

    Raises
    ------
    ValueError
        If they are equal, empty, or hold a colon or white space.
    """
    for name, code in (("source", source), ("target", target)):
        if not isinstance(code, str) or not code or ":" in code or any(c.isspace() for c in code):
            raise ValueError(f"{name}={code!r} is not a language code: expected a word without a colon, like 'en'")
    if source == target:
        raise ValueError(f"source and target are both {source!r}: two languages are needed")
