"""From spans of characters, as many taggers find them, to a tag for each token."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from gensim_mtner.labels.formats import offsets
from gensim_mtner.labels.schemes import OUTSIDE, is_type, tags_of_name
from gensim_mtner.vectors.rows import is_whole


def tags_of_spans(
    tokens: Sequence[str], spans: Iterable[tuple[int, int, str]], *, text: str | None = None, joiner: str = " "
) -> list[str]:
    """The IOB2 tags of tokens, from names as spans of characters.

    A token is in a name if they share a character. Of names that share a token the longest counts, of those as long the
    first in the text.

    Parameters
    ----------
    tokens : sequence of str
        The tokens of a sentence.
    spans : iterable of (int, int, str)
        Where a name begins, where it ends (excluded), and its type; in characters, in any order.
    text : str, optional
        The text that the spans are of; the tokens follow each other in it. By default the tokens with `joiner` between
        them.
    joiner : str
        What stands between tokens: ``""`` for languages that are written without spaces.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError, TypeError
        If a span is none of the text, its type is none, or a token is not there; if the tokens are one text.

    Examples
    --------
    >>> tags_of_spans(["Ann", "Lee", "left", "Rome", "."], [(0, 7, "PER"), (13, 17, "LOC")])
    ['B-PER', 'I-PER', 'O', 'B-LOC', 'O']
    >>> tags_of_spans(["Ann", "Lee's", "book"], [(0, 7, "PER")], text="Ann  Lee's book")
    ['B-PER', 'I-PER', 'O']
    """
    if isinstance(tokens, str):
        raise TypeError(f"tokens is text ({tokens[:40]!r}): expected a list of tokens")
    if text is None:
        text = joiner.join(tokens)
        starts = itertools.accumulate((len(token) + len(joiner) for token in tokens), initial=0)
        places = [(start, start + len(token)) for start, token in zip(starts, tokens, strict=False)]
    else:
        places = offsets(text, tokens)
    tags = [OUTSIDE] * len(tokens)
    checked = [_checked(span, text) for span in spans]
    for start, stop, kind in sorted(checked, key=lambda span: (span[0] - span[1], span[0])):
        touched = [at for at, (first, last) in enumerate(places) if first < stop and start < last]
        if touched and all(tags[at] == OUTSIDE for at in touched):
            tags[touched[0] : touched[-1] + 1] = tags_of_name(kind, len(touched))
    return tags


def _checked(span: tuple[int, int, str], text: str) -> tuple[int, int, str]:
    if not isinstance(span, (tuple, list)) or len(span) != 3:
        raise ValueError(f"the span {span!r}: expected (start, stop, type)")
    start, stop, kind = span
    if not (is_whole(start) and is_whole(stop) and 0 <= start < stop <= len(text)):
        raise ValueError(f"the span {span!r}: expected places among the {len(text)} characters of {text[:40]!r}")
    if not is_type(kind):
        raise ValueError(f"the span {span!r}: expected a type such as 'PER' (without B- or I-)")
    return int(start), int(stop), kind
