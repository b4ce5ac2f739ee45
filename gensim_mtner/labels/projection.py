"""Names carried over from the source side of document pairs to the target side, with their types.

A pair of documents on one topic speaks of the same people, places and organisations. Some names are spelt alike in
both languages, or nearly (`gensim_mtner.labels.akin`); others are translated, whole: where the source has "World Bank",
the same few documents have "Benki ya Dunia".
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from gensim_mtner.labels import gazetteer
from gensim_mtner.labels.akin import akin_words
from gensim_mtner.labels.casing import name_words
from gensim_mtner.labels.schemes import OUTSIDE, entities, tags_of_name
from gensim_mtner.text.encoded import EncodedText

logger = logging.getLogger(__name__)

Name = tuple[str, ...]
COMMON = 20  # documents; phrases of more are left out if they are a large share of all
ROWS = 256  # names whose counts are made at a time


@dataclass
class ProjectedNames:
    """Names of the target side, by what they were found from.

    Attributes
    ----------
    translated : dict of tuple of str to str
        Phrases of the target that stand in the same documents as a source name, with its type.
    alike : list of dict of tuple of str to str
        For each document, its source names, which may stand in its target side as they are spelt; empty if names were
        not paired.
    akin : list of dict of str to str
        For each document, words of its target side that are words of these names, in another spelling.
    listed : dict of str to str
        Names of a dictionary, with their types; see `gensim_mtner.labels.listed.listed_names`.
    joiner : str
        What stands between the tokens of these.
    """

    translated: dict[Name, str] = field(default_factory=dict)
    alike: list[dict[Name, str]] = field(default_factory=list)
    akin: list[dict[str, str]] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)
    joiner: str = " "

    def __post_init__(self) -> None:
        self._translated_by_first = _by_first(self.translated)
        self._here: tuple[int, dict[str, int]] = -1, {}  # of the document that was asked for last
        self._match = gazetteer.matcher(self.listed, self.joiner) if self.listed else None

    def label(self, document: int, sentence: Sequence[str]) -> tuple[list[str], np.ndarray]:
        """Tag the names of a target sentence: the longest match from the left, translated ones first, listed ones last.

        Parameters
        ----------
        document : int
            Which one it is of.
        sentence : sequence of str
            Tokens.

        Returns
        -------
        (list of str, ndarray of bool)
            IOB2 tags, and which tokens are in a name.
        """
        tags, inside = [OUTSIDE] * len(sentence), np.zeros(len(sentence), dtype=bool)
        here = self.alike[document] if self.alike else {}
        if self._here[0] != document:
            self._here = document, _by_first(here)
        akin = self.akin[document] if self.akin else {}
        spelt = [akin.get(token, token) for token in sentence]
        for names, by_first, tokens in (
            (self.translated, self._translated_by_first, sentence), (here, self._here[1], spelt),
        ):  # fmt: skip
            start = 0
            while start < len(tokens):
                stop = start + 1
                longest = by_first.get(tokens[start], 0)
                if longest and not inside[start]:
                    for end in range(min(start + longest, len(tokens)), start, -1):
                        kind = names.get(tuple(tokens[start:end]))
                        if kind is not None and not inside[start:end].any():
                            tags[start:end] = tags_of_name(kind, end - start)
                            inside[start:end] = True
                            stop = end
                            break
                start = stop
        for kind, start, stop in entities(self._match(sentence)) if self._match is not None else ():
            if not inside[start:stop].any():
                tags[start:stop] = tags_of_name(kind, stop - start)
                inside[start:stop] = True
        return tags, inside


def _by_first(names: Iterable[Name]) -> dict[str, int]:
    """How long names with each first token are at most."""
    found: dict[str, int] = {}
    for name in names:
        found[name[0]] = max(found.get(name[0], 0), len(name))
    return found


def project_names(
    text: EncodedText,
    documents: Sequence[int],
    tag: Callable[[list[list[str]]], list[list[str]]],
    *,
    named: tuple[list[list[Name]], dict[Name, Counter[str]]] | None = None,
    common: frozenset[str] | None = None,
    min_documents: int = 2,
    threshold: float = 0.35,
    most: float = 0.2,
    longest: int = 6,
) -> ProjectedNames:
    """Find the names of a target side by those of the source side.

    A source name and a phrase of the target are taken for translations if each is the other's best by Dice's
    coefficient over documents, ``2 n(both) / (n(name) + n(phrase))`` (Smadja, McKeown and Hatzivassiloglou 1996); of
    phrases that are as good the longest. A type is the one that the source's tagger gives the name most often, so this
    is annotation projection (Yarowsky, Ngai and Wicentowski 2001) without an alignment of words. Where the target
    writes names with capitals, phrases begin and end with one.

    Parameters
    ----------
    text : EncodedText
        The corpus.
    documents : sequence of int
        Which documents to look at.
    tag : callable
        From source sentences to their IOB2 tags.
    named : tuple, optional
        What `source_names` returned, if it was asked already.
    common : frozenset of str, optional
        Words of the target that are no names for their capital; see `gensim_mtner.labels.casing.common_words`.
    min_documents : int
        Names and phrases that fewer documents have are not paired.
    threshold : float
        The least coefficient.
    most : float
        Phrases that a larger share of the documents has are not paired: what stands everywhere ("the Lord" in the
        Bible) goes with every frequent name.
    longest : int
        Tokens of a phrase.

    Returns
    -------
    ProjectedNames
    """
    found, kinds = named or source_names(text, documents, tag)
    alike: list[dict[Name, str]] = [{} for _ in range(len(text))]
    for document, names in zip(documents, found, strict=True):
        alike[document] = {name: kinds[name].most_common(1)[0][0] for name in names}
    counted = Counter(name for names in found for name in names)
    names = sorted(name for name, count in counted.items() if count >= min_documents)
    index = {name: row for row, name in enumerate(names)}
    by_document = [[index[name] for name in found_there if name in index] for found_there in found]
    akin = _akin(text, documents, found, common)
    phrases, grams = _target_phrases(text, documents, min_documents, longest)
    if not names or not phrases:
        return ProjectedNames({}, alike, akin)
    has_name = _incidence(by_document, len(names))
    has_phrase = _incidence(grams, len(phrases))
    lengths = np.array([len(phrase) for phrase in phrases])
    limits = min_documents, max(most * len(documents), COMMON), threshold
    pairs = _mutual_best(has_name, has_phrase, lengths, *limits)
    translated = {phrases[phrase]: kinds[names[name]].most_common(1)[0][0] for name, phrase in pairs}
    logger.info("%i names of the source have a translation in the target", len(translated))
    return ProjectedNames(translated, alike, akin)


def _akin(
    text: EncodedText, documents: Sequence[int], found: Sequence[Sequence[Name]], common: frozenset[str] | None
) -> list[dict[str, str]]:
    """For each document of the text, the capitalised words of its target side that are nearly a word of its names.

    What the source side has as it is spelt is that, and no other word's other spelling.
    """
    left = common or frozenset()
    capital = np.array([word[:1].isupper() and word not in left for word in text.words[1]], dtype=bool)
    result: list[dict[str, str]] = [{} for _ in range(len(text))]
    for document, names in zip(documents, found, strict=True):
        sides = [text.sentence_ids(document, side) for side in (0, 1)]
        if not names or not all(sides):
            continue
        source, target = (np.unique(np.concatenate(parts)) for parts in sides)
        taken = set(map(text.words[0].__getitem__, source))
        free = [word for word in map(text.words[1].__getitem__, target[capital[target]]) if word not in taken]
        result[document] = akin_words({word for name in names for word in name if word[:1].isupper()}, free)
    logger.info("%i words of the target are names of the source in another spelling", sum(map(len, result)))
    return result


def source_names(
    text: EncodedText, documents: Sequence[int], tag: Callable[[list[list[str]]], list[list[str]]]
) -> tuple[list[list[Name]], dict[Name, Counter[str]]]:
    """The names of each document, sorted, and how often each is of which type, by a tagger of the source."""
    kinds: dict[Name, Counter[str]] = {}
    found: list[list[Name]] = []
    for start in range(0, len(documents), 500):
        part = [list(text.sentences(document, 0)) for document in documents[start : start + 500]]
        tagged = iter(tag([sentence for sentences in part for sentence in sentences]))
        for sentences in part:
            here: set[Name] = set()
            for sentence, tags in zip(sentences, tagged):  # noqa: B905, the tags go on into the next document
                for kind, begin, end in entities(tags):
                    name = tuple(sentence[begin:end])
                    here.add(name)
                    kinds.setdefault(name, Counter())[kind] += 1
            found.append(sorted(here))
    return found, kinds


def _target_phrases(
    text: EncodedText, documents: Sequence[int], min_documents: int, longest: int
) -> tuple[list[Name], list[np.ndarray]]:
    """Runs of target words that could be names, and which of them each document has."""
    words = text.words[1]
    edge, inner = name_words(words, text.counts[1])
    sentences = [(number, ids) for number, document in enumerate(documents) for ids in text.sentence_ids(document, 1)]
    if not sentences:
        return [], []
    # a place that no phrase may hold stands after each sentence
    stop = len(words)
    edge, inner = np.append(edge, False), np.append(inner, False)
    ids = np.concatenate([part for _, sentence in sentences for part in (sentence, [stop])]).astype(np.int64)
    owner = np.repeat([number for number, _ in sentences], [len(sentence) + 1 for _, sentence in sentences])
    phrases: list[Name] = []
    grams: list[list[np.ndarray]] = [[] for _ in documents]
    places = np.flatnonzero(edge[ids])  # where a phrase of so many tokens begins that enough documents have
    keys = ids[places]
    for length in range(1, longest + 1):
        if length > 1:
            following = ids[np.minimum(places + length - 1, len(ids) - 1)]
            going_on = inner[following]
            places, keys = places[going_on], keys[going_on] * (stop + 1) + following[going_on]
        _, first, keys = np.unique(keys, return_index=True, return_inverse=True)
        pairs = np.unique(keys * len(documents) + owner[places])
        counts = np.bincount(pairs // len(documents), minlength=len(first))
        number = np.cumsum(counts >= min_documents) - 1  # of those that stay
        stays = counts >= min_documents
        whole = stays & edge[ids[places[first] + length - 1]]  # a phrase does not end with a connector
        name = np.where(whole, np.cumsum(whole) - 1 + len(phrases), -1)
        phrases += [tuple(words[i] for i in ids[places[at] : places[at] + length]) for at in first[whole]]
        pairs = pairs[whole[pairs // len(documents)]]
        order = np.argsort(pairs % len(documents), kind="stable")
        pairs = pairs[order]
        cuts = np.searchsorted(pairs % len(documents), np.arange(1, len(documents)))
        for here, part in zip(grams, np.split(name[pairs // len(documents)], cuts), strict=True):
            here.append(part)
        places, keys = places[stays[keys]], number[keys[stays[keys]]]
    return phrases, [np.concatenate(parts) for parts in grams]


def _incidence(documents: Sequence[Sequence[int] | np.ndarray], n: int) -> csr_array:
    """Which document has which of `n` things, as a sparse matrix of ones."""
    starts = np.cumsum([0, *map(len, documents)])
    columns = np.concatenate([np.asarray(row, dtype=np.int32) for row in documents])
    return csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(documents), n))


def _mutual_best(
    names: csr_array, phrases: csr_array, lengths: np.ndarray, least: int, most: float, threshold: float
) -> Iterator[tuple[int, int]]:
    """Yield (name, phrase) for those that are each other's best by Dice's coefficient."""
    of_name, of_phrase = names.sum(axis=0), phrases.sum(axis=0)
    rows_of = names.T.tocsr()
    best_phrase = np.full(names.shape[1], -1)
    best_name = np.full(phrases.shape[1], -1)
    best_score = np.zeros(phrases.shape[1])
    for start in range(0, names.shape[1], ROWS):
        both = (rows_of[start : start + ROWS] @ phrases).tocoo()
        enough = (both.data >= least) & (of_phrase[both.col] <= most)
        rows, columns, counts = both.row[enough] + start, both.col[enough], both.data[enough]
        dice = 2 * counts / (of_name[rows] + of_phrase[columns])
        good = dice >= threshold
        rows, columns, score = rows[good], columns[good], dice[good] + 1e-6 * lengths[columns[good]]
        order = np.lexsort((columns, -score, rows))
        firsts = order[np.unique(rows[order], return_index=True)[1]]
        best_phrase[rows[firsts]] = columns[firsts]
        before = best_score[columns]
        np.maximum.at(best_score, columns, score)
        # of equals, the first name stays, also where it is of rows before
        wins = np.flatnonzero((score == best_score[columns]) & (score > before))[::-1]
        best_name[columns[wins]] = rows[wins]
    for name in np.flatnonzero(best_phrase >= 0):
        if best_name[best_phrase[name]] == name:
            yield int(name), int(best_phrase[name])
