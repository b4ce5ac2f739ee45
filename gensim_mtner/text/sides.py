"""One side of a pair: what a document may be, in memory or from a file, and what is said of one that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import regex

from gensim_mtner.text import segmentation
from gensim_mtner.text.languages import are_composed, composed

Sentences = list[list[str]]

_NOTHING = regex.compile(r"[\s\p{Z}\p{Cc}\p{Cf}]*")
ROWS = (list, tuple, np.ndarray)


def is_missing(value: Any) -> bool:
    """Whether a value stands for no value: None, NaN, and pandas' NA and NaT."""
    return (
        value is None
        or (isinstance(value, (float, np.floating)) and bool(value != value))
        or type(value).__name__ in ("NAType", "NaTType")
    )


def is_blank(document: Any) -> bool:
    """Whether there is nothing in a document: no value, white space and format characters, lists of nothing."""
    if isinstance(document, str):
        return _NOTHING.fullmatch(document) is not None
    if isinstance(document, ROWS):
        return all(isinstance(part, ROWS) and not len(part) for part in document)
    return is_missing(document)


def sentences_of(document: Any, language: str, place: str, tokenizer: segmentation.Tokenizer | None) -> Sentences:
    """A document as sentences of tokens, in the spelling of `gensim_mtner.text.languages.composed`.

    Parameters
    ----------
    document : str, list of str, list of list of str, or None
        Raw text; tokens; or sentences of tokens. Tuples and numpy arrays count as lists.
    language, place : str
        Name the side and the pair in messages.
    tokenizer : callable, optional
        The caller's; by default the language's.

    Raises
    ------
    ValueError
        If it is something else, with the place, the sentence and the token.
    """
    side = f"{place}: the {language!r} side"
    if is_missing(document):
        return []
    if isinstance(document, str):
        _check_characters(document, side)
        result = list(_segmented(composed(document), side, tokenizer or segmentation.tokenizer(language)))
    elif isinstance(document, ROWS):
        result = _tokens(document, side)
    else:
        once = isinstance(document, Iterator)
        raise ValueError(
            f"{side} is {type(document).__name__}; expected text, a list of tokens, or a list of sentences"
            + (", which can be read again; one that yields its parts only once cannot" if once else "")
        )
    return [_composed(sentence) for sentence in result if sentence]


def _segmented(text: str, side: str, tokenize: Callable[[str], Any]) -> Iterator[list[str]]:
    for sentence in segmentation.sentences(text):
        try:
            tokens = tokenize(sentence)
        except (ImportError, MemoryError):  # of an extra that is missing
            raise
        except Exception as error:
            raise ValueError(f"{side}: the tokenizer failed at {sentence[:40]!r}: {type(error).__name__}: {error}"
                             ) from error  # fmt: skip
        if isinstance(tokens, (str, bytes, Mapping)) or not hasattr(tokens, "__iter__"):
            raise ValueError(
                f"{side}: the tokenizer made {type(tokens).__name__} of {sentence[:40]!r}; expected a list of tokens"
            )
        tokens = list(tokens)
        if not _are_plain(tokens):
            # white space between words is no word, and some tokenizers hand it on
            tokens = [token for token in tokens if not (isinstance(token, str) and token.isspace())]
            for number, token in enumerate(tokens, 1):
                _check_token(token, f"{side} has, from the tokenizer, as token {number} of {sentence[:40]!r}")
        yield tokens


def _tokens(document: Any, side: str) -> Sentences:
    """Lists as they are, once they are known to hold what they should."""
    parts = document.tolist() if isinstance(document, np.ndarray) else document
    nested = [isinstance(part, ROWS) for part in parts]
    if not any(nested):
        sentence = list(parts)
        if not _are_plain(sentence):
            for number, token in enumerate(sentence, 1):
                _check_token(token, f"{side} has the token {token!r:.80} ({number})")
                if len(token.split()) > 1:
                    raise ValueError(
                        f"{side} is a list whose item {number}, {token!r:.80}, holds white space: in a list each "
                        "item is a token; pass text as one str, sentences as lists of tokens, and tokens that hold "
                        "white space in a list of sentences, [[…]]"
                    )
        return [sentence]
    result = []
    for number, part in enumerate(parts, 1):
        if not isinstance(part, ROWS):
            raise ValueError(
                f"{side} has {part!r:.80} ({number}) among sentences that are lists; expected only lists of tokens, "
                "or only tokens"
            )
        sentence = part.tolist() if isinstance(part, np.ndarray) else list(part)
        if not _are_plain(sentence):
            for place, token in enumerate(sentence, 1):
                _check_token(token, f"{side} has the token {token!r:.80} (sentence {number}, token {place})")
        result.append(sentence)
    return result


def _composed(sentence: list[str]) -> list[str]:
    return sentence if are_composed(sentence) else list(map(composed, sentence))


def check_ordered(name: str, given: Any) -> None:
    """Refuse a set where order decides; `name` is that of the argument."""
    if isinstance(given, (set, frozenset)):
        raise TypeError(f"{name} is a set, whose order is another in each process: pass a list")


def check_tokens(tokens: list[Any], place: str) -> None:
    """Refuse a list of which an item is no token.

    Raises
    ------
    ValueError
        With the place, the item and its number.
    """
    if not _are_plain(tokens):
        for number, token in enumerate(tokens, 1):
            _check_token(token, f"{place} has the token {token!r:.80} ({number})")


def _are_plain(tokens: list[Any]) -> bool:
    """Whether all are text without white space; in a moment, for there are many."""
    try:
        joined = "\n".join(tokens)
    except TypeError:
        return False
    if joined.isascii():
        return joined.split() == tokens
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return joined.split() == tokens


def _check_token(token: Any, said: str) -> None:
    """Refuse what is no token; white space inside of one is allowed."""
    if not isinstance(token, str):
        raise ValueError(f"{said}; expected non-empty text, not {type(token).__name__}")
    if not token:
        raise ValueError(f"{said}; expected non-empty text")
    if token != token.strip():
        raise ValueError(f"{said}; expected text without white space at its ends")
    _check_characters(token, said)


def _check_characters(text: str, side: str) -> None:
    wrong = half_a_character(text)
    if wrong:
        raise ValueError(f"{side}: {wrong}")


def half_a_character(text: str) -> str | None:
    """What is wrong with text that no file could hold; None if nothing is."""
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"{text[error.start]!r} is half of a surrogate pair, not a character"
    return None
