"""Labels from lists of names: the longest match from the left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gensim_mtner.labels.schemes import OUTSIDE


def label(sentences: Sequence[list[str]], names: Mapping[str, Iterable[str]], between: str) -> list[list[str]]:
    """IOB2 tags of sentences; see `gensim_mtner.NERData.from_gazetteer`.

    Parameters
    ----------
    sentences : sequence of list of str
        Tokens.
    names : dict of str to iterable of str
        Names by entity type.
    between : str
        What stands between the tokens of a name.
    """
    if not isinstance(names, Mapping):
        raise TypeError(f"names is {type(names).__name__}: expected lists of names by entity type")
    kinds: dict[str, str] = {}
    for kind, listed in names.items():
        if isinstance(listed, str):
            raise ValueError(f"names[{kind!r}] is one string ({listed!r}): expected a list of names")
        for name in listed:
            if not isinstance(name, str):
                raise ValueError(f"names[{kind!r}] has {name!r}: expected text, got {type(name).__name__}")
            if kinds.setdefault(name, kind) != kind:
                raise ValueError(f"the name {name!r} is in both {kinds[name]!r} and {kind!r}: keep it in one")
    kinds.pop("", None)
    if not kinds:
        raise ValueError("names holds no name: expected a list for at least one entity type")
    match = matcher(kinds, between)
    return [match(sentence) for sentence in sentences]


def matcher(kinds: Mapping[str, str], between: str) -> Callable[[Sequence[str]], list[str]]:
    """From a sentence to its IOB2 tags, for names with their types; the longest match from the left."""
    longest = max(len(name.split(between) if between else name) for name in kinds)
    width = max(map(len, kinds))
    return lambda sentence: _label(sentence, kinds, between, longest, width)


def _label(sentence: Sequence[str], kinds: Mapping[str, str], between: str, longest: int, width: int) -> list[str]:
    """Tag the longest matches, from the left."""
    tags = [OUTSIDE] * len(sentence)
    start = 0
    while start < len(sentence):
        best = 0
        text = ""
        for stop in range(start + 1, min(start + longest, len(sentence)) + 1):
            text = text + between + sentence[stop - 1] if stop > start + 1 else sentence[start]
            if len(text) > width:
                break
            if text in kinds:
                best, kind = stop, kinds[text]
        if best:
            tags[start:best] = [f"B-{kind}"] + [f"I-{kind}"] * (best - start - 1)
        start = max(best, start + 1)
    return tags
