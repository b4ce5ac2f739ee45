"""Taggers of the target language, taught by what is known about its unlabelled text."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import log_softmax

from gensim_mtner.collector import collector_at_rest
from gensim_mtner.labels.casing import common_words, has_capitals
from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.listed import in_both_forms, listed_names, names_of_letters
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.projection import ProjectedNames, project_names, source_names
from gensim_mtner.labels.schemes import OUTSIDE, entities, repair
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.model.arguments import OWN_TAGGERS
from gensim_mtner.model.rates import outside_shifts
from gensim_mtner.model.samples import sample_places
from gensim_mtner.model.source_labels import Tag
from gensim_mtner.model.weights import JointWord2Vec
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.taggers.viterbi import FORBIDDEN, transitions, viterbi
from gensim_mtner.taggers.words import number_words
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.segmentation import cut_as, is_spaceless, spelt_as
from gensim_mtner.text.segmentation import joiner as joiner_of

logger = logging.getLogger(__name__)

PROJECTED_TOKENS = 10_000_000  # of the source side, whose names are looked for in the target side
LETTERS: dict[str, Any] = {"loss": "token", "alpha": 0.05, "features": "letters", "n_features": 2**20}
COMPARED = 5_000  # sentences that the target's taggers are compared on
REPEATS = 30  # of labelled target sentences among those that the teacher labelled: few against a million tokens


def self_train(
    tagger: UnigramTagger,
    sentences: Sequence[list[str]],
    *,
    language: str,
    source: NERData,
    threshold: float = 0.7,
    transition_weight: float = 0.5,
    random_state: int = 1,
    labelled: NERData | None = None,
    projected: Sequence[tuple[list[str], np.ndarray]] | None = None,
    common: frozenset[str] | None = None,
    loss: str = "token",
    letters: bool = False,
    workers: int = 1,
) -> list[SequenceTagger]:
    """Train taggers of the target language on what a tagger on bilingual vectors says about unlabelled text.

    The one knows words by their vectors, the other learns from it how names look and where they stand, and so finds
    names that have no vector (self-training: Yarowsky 1995; with two views of a token, Blum and Mitchell 1998).

    Parameters
    ----------
    tagger : UnigramTagger
        On vectors of both languages.
    sentences : sequence of list of str
        Unlabelled target text.
    language : str
        Its language.
    source : NERData
        Labelled sentences of the source. The order of tags is learnt from them, and the least share of tokens in names
        that `tagger` is to find, of rare words and of frequent ones: its score of O is lowered for it
        (`gensim_mtner.model.rates`).
    threshold : float
        Tokens are trained on if the probability that they are in a name, or that they are not, is higher; words
        without a vector never are.
    transition_weight : float
        As in `SequenceTagger`.
    random_state : int
        As in `SequenceTagger`.
    labelled : NERData, optional
        Target sentences with labels, if there are some; each counts as thirty.
    projected : sequence of (list of str, ndarray of bool), optional
        For each sentence the tags of names that were found in another way, and which tokens are in one, such as
        `gensim_mtner.labels.projection.ProjectedNames.label` has them. They overrule `tagger`.
    common : frozenset of str, optional
        Where names are written with capitals, the capitalised words that are no names by themselves; see
        `gensim_mtner.labels.casing.common_words`.
    loss : {"token", "sequence"}
        Of the `SequenceTagger`. "sequence" is better where names of the source bring their ends along; without them
        whole sequences would be learnt with their faults.
    letters : bool
        Whether to train a tagger of letters, too; for scripts that do not separate words.
    workers : int
        Threads of each tagger, one tagger after the other, which takes less memory than both at the same time. With
        more than one, steps are taken without locks, and results vary from run to run.

    Returns
    -------
    list of SequenceTagger
        One of words, and perhaps one of letters; none, and a warning, if no name is certain: there is nothing to learn
        then.
    """
    if not any(map(len, sentences)):
        raise ValueError("no token of the target to train on: expected sentences")
    tags, certain = _told(tagger, sentences, language, source, threshold, transition_weight)
    for number, sentence in enumerate(sentences):
        found = projected[number] if projected is not None else None
        tags[number] = overrule(sentence, tags[number], certain[number], found, common)
    inside = np.concatenate([[tag != OUTSIDE for tag in row] for row in tags])[np.concatenate(certain)]
    if not inside.any() and labelled is None:
        logger.warning("no self-training: no name in %i target sentences is certain", len(sentences))
        return []
    logger.info(
        "self-training on %i certain tokens, %.1f%% of them in names",
        len(inside),
        100 * inside.mean() if len(inside) else 0,
    )
    rate = source.entity_rate()
    if len(inside) and inside.mean() > 3 * rate + 0.1:
        logger.warning(
            "%.0f%% of the target tokens that are certain are in names, where the labels have %.0f%%: the vectors do "
            "not tell names from other words yet; more text or more passes may help", 100 * inside.mean(), 100 * rate,
        )  # fmt: skip
    if labelled is not None:
        labelled = NERData(labelled.sentences, labelled.tags)  # its lists may have been changed since it was made
        sentences = [*sentences, *REPEATS * labelled.sentences]
        tags += REPEATS * labelled.tags
        certain += [np.ones(len(sentence), dtype=bool) for sentence in REPEATS * labelled.sentences]
    alpha = 0.05 if loss == "sequence" else 0.03
    students = [SequenceTagger(loss=loss, alpha=alpha, transition_weight=transition_weight, random_state=random_state)]
    if letters:
        students.append(SequenceTagger(**LETTERS, transition_weight=transition_weight, random_state=random_state))
    data = NERData.of_checked(list(sentences), tags)
    return [student.fit_labels(data, certain=certain, workers=workers) for student in students]


def _told(
    tagger: UnigramTagger, sentences: Sequence[list[str]], language: str, source: NERData, threshold: float,
    transition_weight: float,
) -> tuple[list[list[str]], list[np.ndarray]]:  # fmt: skip
    """What the teacher says, and which tokens it is certain of; arguments as in `self_train`."""
    names, words = list(tagger.classes_), number_words(sentences)
    scores = tagger.word_scores(words, language=language)
    scores[:, 0] += outside_shifts(tagger, words, scores, language, source)
    scores = log_softmax(scores, axis=1)
    known = tagger.token_rows(words, language) >= 0
    between = transitions(source.tags, names)
    path = viterbi(np.maximum(scores, FORBIDDEN / 1e3)[words.numbers], words.bounds, between, transition_weight)
    outside = np.exp(scores[:, 0])[words.numbers]
    certain = known & (np.where(path == 0, outside, 1 - outside) > threshold)
    return [repair(tags) for tags in words.tags(tagger.classes_, path)], words.split(certain)


def overrule(
    sentence: Sequence[str], tags: Sequence[str], certain: np.ndarray,
    projected: tuple[Sequence[str], np.ndarray] | None, common: frozenset[str] | None,
) -> list[str]:  # fmt: skip
    """What a teacher says about a sentence, where there is better evidence; changes `certain` in place.

    Projected names take the place of all names that they touch. Their ends are known from the source, so the tokens
    beside them are certainly outside ("Judge" before a name). Where names are written with capitals, other names are
    none that have no capital, or none but in common words.
    """
    given = list(tags)
    kinds, inside = projected if projected is not None else (given, np.zeros(len(given), dtype=bool))
    for _, start, stop in entities(tags):
        capitals = (word for word in sentence[start:stop] if word[:1].isupper())
        if inside[start:stop].any() or (common is not None and common.issuperset(capitals)):
            given[start:stop] = [OUTSIDE] * (stop - start)
            certain[start:stop] = True
    if inside.any():
        for _, start, stop in entities(kinds):
            given[start:stop] = kinds[start:stop]
            for beside in (start - 1, stop):
                if 0 <= beside < len(given) and not inside[beside]:
                    given[beside] = OUTSIDE
                    certain[beside] = True
        certain[inside] = True
    return repair(given)


@collector_at_rest()
def add_target_tagger(
    model: JointWord2Vec, ner_data: NERData, labelled: NERData | None, text: EncodedText,
    tag: Tag | None, dictionary: BilingualDictionary | None = None, gazetteer: Gazetteer | None = None,
    chances: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Give a model taggers of its target language, by `self_train`; `tag` finds the names of the source side.

    `chances` are those of documents to be drawn from.
    """
    start = time.perf_counter()
    drawn = sample_places(text, 1, model.tokens_to_label(model.self_training_tokens, text), model.seed, chances)
    if drawn:
        assert isinstance(model.tagger, UnigramTagger) and model.target is not None
        common = common_words(text, 1)
        names = _projected(model, text, tag, dictionary, gazetteer, common)
        found = self_train(
            model.tagger, [sentence for _, sentence in drawn], language=model.target, source=ner_data,
            random_state=model.seed, labelled=labelled,
            projected=[names.label(*place) for place in drawn] if names is not None else None,
            common=common, loss="sequence" if names is not None and names.alike else "token",
            letters=is_spaceless(text.words[1], text.counts[1]), workers=model.workers,
        )  # fmt: skip
        for name, tagger in zip(OWN_TAGGERS[1:], found, strict=False):
            setattr(model, name, tagger)
        if found:
            some = [sentence for _, sentence in drawn[:COMPARED]]
            told = model.tagger.predict(some, language=model.target, unknown=OUTSIDE)
            model.target_agreement = score_entities(found[0].predict(some), told).f1
            logger.info("the tagger on vectors agrees with the target's own, F1 %.1f", model.target_agreement)
    logger.info("self-training on %i target sentences: %.1f s", len(drawn), time.perf_counter() - start)


def _projected(
    model: JointWord2Vec, text: EncodedText, tag: Tag | None, dictionary: BilingualDictionary | None,
    gazetteer: Gazetteer | None, common: frozenset[str] | None = None,
) -> ProjectedNames | None:  # fmt: skip
    """The names of the target side that the source side, dictionary and gazetteer tell of, if there are any to tell.

    Those of the source side are looked for if they are asked for, or by default if they help.
    """
    paired = has_capitals(text.words[1], text.counts[1]) if model.project_names is None else model.project_names
    assert model.source is not None and model.target is not None
    joiner, listed = joiner_of(model.target), {}
    cut = cut_as(model.target, model.segmented) if joiner else list
    if gazetteer is not None:
        listed = in_both_forms(gazetteer.kinds, cut, joiner) if joiner else names_of_letters(gazetteer)
    if tag is None or not (paired or dictionary):
        return ProjectedNames(listed=listed, joiner=joiner) if listed else None
    places = text.in_order()
    lengths = np.diff(text.offsets)[::2][places]
    order = np.random.default_rng((model.seed, 2)).permutation(len(text))
    within = np.cumsum(lengths[order]) <= max(PROJECTED_TOKENS, lengths[order[0]])
    documents = places[np.sort(order[within])].tolist()
    named = source_names(text, documents, tag)
    names = project_names(text, documents, tag, named=named, common=common) if paired else ProjectedNames()
    if dictionary is not None:
        segment, no_names = cut_as(model.source, model.segmented), common_words(text, 0)
        # the corpus knows a type better than a list does: Chinese has 47.7 so, 47.1 the other way round (one seed)
        spelt = spelt_as(model.target, model.segmented) or str
        found = listed_names(dictionary, named[1], tag, segment, no_names, spaced=bool(joiner), spelt=spelt)
        listed |= in_both_forms(found, cut, joiner)
    return ProjectedNames(names.translated, names.alike, names.akin, listed, joiner)
