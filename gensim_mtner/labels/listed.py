"""Names out of what users have: dictionaries, whose translations have a type in the source, and lists of names."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from gensim_mtner.labels.casing import is_cased
from gensim_mtner.labels.gazetteer import Gazetteer, matcher
from gensim_mtner.labels.schemes import OUTSIDE, entities
from gensim_mtner.text.dictionary import BilingualDictionary, without_aside

logger = logging.getLogger(__name__)

LEAST_LETTERS = 3  # of a name where words are not separated: two letters in a row mostly are no name there


def names_as_cut(kinds: Mapping[str, str], segment: Callable[[str], Sequence[str]], joiner: str) -> dict[str, str]:
    """Names with types where words are separated, as they are matched: tokens, joined; of equals the first."""
    cut: dict[str, str] = {}
    for name, kind in kinds.items():
        cut.setdefault(joiner.join(segment(name)), kind)
    cut.pop("", None)
    return cut


def in_both_forms(kinds: Mapping[str, str], segment: Callable[[str], Sequence[str]], joiner: str) -> dict[str, str]:
    """Names with types as they are written, as a user's own tokens may have them, and as `segment` cuts them, too."""
    return (names_as_cut(kinds, segment, joiner) if joiner else {}) | dict(kinds)


def letters_of(name: str) -> int:
    """How long a name is where words are not separated."""
    return len("".join(name.split()))


def names_of_letters(given: Gazetteer, least: int = LEAST_LETTERS) -> dict[str, str]:
    """The names of a gazetteer that can teach where words are not separated; a warning says how many are too short."""
    kept = {name: kind for name, kind in given.kinds.items() if letters_of(name) >= least}
    if len(kept) < len(given):
        logger.warning(
            "%i names of the gazetteer have fewer than %i letters and teach nothing: without spaces, two letters in a "
            "row mostly are no name", len(given) - len(kept), least,
        )  # fmt: skip
    return kept


def with_gazetteer(
    tag: Callable[[list[list[str]]], list[list[str]]], given: Gazetteer | None, joiner: str,
    segment: Callable[[str], Sequence[str]],
) -> Callable[[list[list[str]]], list[list[str]]]:  # fmt: skip
    """A tagger whose names give way to those of a gazetteer that they touch; `tag` itself without one.

    Names are looked for as they are written, and where words are joined by something, as `segment` cuts them, too.
    """
    if given is None:
        return tag
    match = matcher(in_both_forms(given.kinds, segment, joiner), joiner)

    def overruled(sentences: list[list[str]]) -> list[list[str]]:
        result = []
        for sentence, tags in zip(sentences, tag(sentences), strict=True):
            listed = match(sentence)
            for _, start, stop in entities(tags):
                if all(name == OUTSIDE for name in listed[start:stop]):
                    listed[start:stop] = tags[start:stop]
            result.append(listed)
        return result

    return overruled


def listed_names(
    dictionary: BilingualDictionary,
    kinds: Mapping[tuple[str, ...], Counter[str]],
    tag: Callable[[list[list[str]]], list[list[str]]],
    segment: Callable[[str], Sequence[str]],
    common: Collection[str] | None,
    *,
    spaced: bool,
    spelt: Callable[[str], str] = str,
) -> dict[str, str]:
    """Those translations of a dictionary that are names, with their types.

    A source phrase is a name if the source's tagger finds it in the corpus, with the type that it has there most often;
    or else, where the source has capitals, if it has one on a word that is not common, and the tagger takes all of it
    for one name.

    Parameters
    ----------
    dictionary : BilingualDictionary
        Such as titles of articles on one subject; what stands in brackets or after a comma is left out.
    kinds : dict of tuple of str to Counter
        How often the tagger finds each name of the corpus's source side, by type.
    tag : callable
        The tagger: from sentences to IOB2 tags.
    segment : callable
        The source's tokenizer.
    common : collection of str, optional
        Capitalised words of the source that are no names by themselves; None where it has no capitals.
    spaced : bool
        Whether the target separates words; if not, names of fewer than three letters are left out.
    spelt : callable
        What brings the target's side to the script of the corpus.

    Returns
    -------
    dict of str to str
    """
    known = frozenset(common or ())
    votes: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    unseen: list[tuple[tuple[str, ...], str, float]] = []
    for (source, target), weight in zip(dictionary.pairs, dictionary.weights, strict=True):
        words, name = tuple(segment(without_aside(source))), spelt(without_aside(target))
        if not words or not any(map(str.isalpha, name)) or (not spaced and letters_of(name) < LEAST_LETTERS):
            continue
        if spaced and not name[:1].isupper() and is_cased(name[:1]):
            continue
        if words in kinds:
            votes[name][kinds[words].most_common(1)[0][0]] += weight
        elif (
            common is not None
            and words[0][:1].isupper()
            and not known.issuperset(word for word in words if word[:1].isupper())
        ):
            unseen.append((words, name, weight))
    for (words, name, weight), tags in zip(unseen, tag([list(words) for words, *_ in unseen]), strict=True):
        found = entities(tags)
        if len(found) == 1 and found[0][1:] == (0, len(words)):
            votes[name][found[0][0]] += weight
    logger.info("%i of %i translations of the dictionary are names", len(votes), len(dictionary))
    return {name: max(counted, key=counted.__getitem__) for name, counted in votes.items()}
