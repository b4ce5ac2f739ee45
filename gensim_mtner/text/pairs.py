"""A pair of documents before and after segmentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gensim_mtner.text import segmentation

Sentences = list[list[str]]


class RawPair(NamedTuple):
    """A pair before segmentation; a side that is absent is None."""

    place: str  # names the item in error messages
    id: str
    source: Any
    target: Any


def is_blank(document: Any) -> bool:
    """Whether there is nothing in a document."""
    return (
        document is None
        or (isinstance(document, (str, list, tuple)) and not document)
        or (isinstance(document, str) and document.isspace())
    )


class DocumentPair(NamedTuple):
    """A document in each language, as sentences of tokens."""

    id: str
    source: Sentences
    target: Sentences


def raw_pair(item: Any, number: int, source: str, target: str) -> RawPair:
    """An item that a caller gave as a pair: a tuple, or a mapping from the language codes.

    Raises
    ------
    ValueError
        If it is something else, with its number.
    """
    place = f"pair {number}"
    if isinstance(item, Mapping):
        return RawPair(place, str(item.get("id", number)), item.get(source), item.get(target))
    if isinstance(item, (tuple, list)) and len(item) == 3:
        return RawPair(place, str(item[0]), item[1], item[2])
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return RawPair(place, str(number), item[0], item[1])
    raise ValueError(
        f"{place}: expected (id, source, target), (source, target) or a mapping with keys "
        f"{source!r} and {target!r}, got {type(item).__name__}"
    )


class PairSegmenter:
    """Turns pairs into sentences of tokens; it holds languages and tokenizers, and no document.

    Parameters
    ----------
    source, target : str
        Language codes.
    tokenizers : dict of str to callable
        For a language, what is used in place of `gensim_mtner.text.segmentation.tokenizer`'s choice.
    """

    def __init__(self, source: str, target: str, tokenizers: Mapping[str, segmentation.Tokenizer]):
        self.source, self.target = source, target
        self.tokenizers = dict(tokenizers)

    def __call__(self, pair: RawPair) -> DocumentPair:
        """A raw pair as sentences of tokens."""
        return DocumentPair(
            pair.id,
            self.sentences(pair.source, self.source, pair.place),
            self.sentences(pair.target, self.target, pair.place),
        )

    def sentences(self, document: Any, language: str, place: str) -> Sentences:
        """The sentences of one document; `place` names it in error messages."""
        if document is None:
            return []
        if isinstance(document, str):
            tokenize = self.tokenizers.get(language) or segmentation.tokenizer(language)
            result = [list(tokenize(sentence)) for sentence in segmentation.sentences(document)]
        elif isinstance(document, (list, tuple)):
            nested = any(isinstance(part, (list, tuple)) for part in document)
            result = [list(sentence) for sentence in document] if nested else [list(document)]
        else:
            raise ValueError(
                f"{place}: the {language!r} side is {type(document).__name__}; expected text, a list of tokens, "
                "or a list of sentences"
            )
        for sentence in result:
            for token in sentence:
                if not isinstance(token, str) or not token:
                    raise ValueError(f"{place}: the {language!r} side has the token {token!r}; expected non-empty text")
        return [sentence for sentence in result if sentence]
