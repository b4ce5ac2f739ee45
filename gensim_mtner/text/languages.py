"""Language codes, and keys of words that carry them: ``en:Spain``."""

from __future__ import annotations

from typing import Any


def key(word: str, language: str | None) -> str:
    """The key of a word: ``en:Spain``; the bare word where there is no language."""
    return f"{language}:{word}" if language else word


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
