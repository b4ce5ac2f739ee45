"""What users have besides a corpus and labels, checked before any work begins: it needs what learns from it."""

from __future__ import annotations

from typing import Any

from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.model.checkpoint import Labels
from gensim_mtner.model.schedule import mode_of
from gensim_mtner.model.weights import JointWord2Vec
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.encoded import EncodedText


def check_resources(
    model: JointWord2Vec, labels: Labels, languages: tuple[str | None, str | None], corpus: Any, *, trains: bool
) -> dict[str, Gazetteer]:
    """Refuse what would teach nothing; lists of names by their language.

    Parameters
    ----------
    model : JointWord2Vec
        What is to be trained.
    labels : Labels
        What it is given.
    languages : (str or None, str or None)
        Of the corpus.
    corpus : ComparableCorpus, EncodedText or iterable of list of str
        Which need not have been read.
    trains : bool
        Whether there is a pass of skip-gram over it.

    Raises
    ------
    ValueError
        With the argument, and what it needs.
    """
    text = corpus if isinstance(corpus, (ComparableCorpus, EncodedText)) else None
    silver = model.tokens_to_label(model.silver_tokens, text)
    self_trains = model.tokens_to_label(model.self_training_tokens, text)
    labelled = labels.ner_data is not None
    if labels.dictionary is not None and None in languages:
        raise ValueError("dictionary needs a corpus of two languages: source= and target= for token lists")
    if labels.target_ner_data is not None and not (labelled and self_trains):
        raise ValueError("target_ner_data needs ner_data, and self_training_tokens above 0")
    if model.project_names and not (silver and self_trains):
        raise ValueError(
            "project_names needs silver_tokens and self_training_tokens above 0: a tagger of the source finds the "
            "names, and they teach the target's own"
        )
    translates = labelled and bool(model.translate_probability)
    if labels.dictionary is not None and not (trains or translates or (labelled and silver and self_trains)):
        where = "epochs=0" if mode_of(model.mode).alternates else f"mode={model.mode!r}, and no pass of skip-gram,"
        raise ValueError(
            f"dictionary with {where} needs ner_data, and silver_tokens and self_training_tokens above 0: a tagger of "
            "the source says which of its pairs are names, and they teach the target's own"
        )
    found: dict[str, Gazetteer] = {}
    for given in labels.gazetteer:
        if given.language not in languages:
            raise ValueError(
                f"gazetteer has names of {given.language!r}; this model has {languages[0]!r} and {languages[1]!r}"
            )
        if given.language in found:
            raise ValueError(f"gazetteer has two lists of {given.language!r}: make one of them")
        argument = "silver_tokens" if given.language == languages[0] else "self_training_tokens"
        if labels.ner_data is None or not (silver if argument == "silver_tokens" else self_trains):
            raise ValueError(f"gazetteer of {given.language!r} needs ner_data, and {argument} above 0")
        strange = sorted(set(given.kinds.values()) - set(labels.ner_data.types))
        if strange:
            raise ValueError(
                f"gazetteer of {given.language!r} has the types {', '.join(strange)}, which ner_data does not have (it "
                f"has {', '.join(labels.ner_data.types)}): rename them (types=), or leave them out"
            )
        found[given.language] = given
    return found
