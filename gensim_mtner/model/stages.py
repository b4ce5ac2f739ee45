"""All of training, one thing after the other: silver labels, the phases, self-training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np

from gensim_mtner.engines.engine import Engine, ThisProcess
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model import coverage
from gensim_mtner.model.arguments import OWN_TAGGERS
from gensim_mtner.model.callback import NERCallback
from gensim_mtner.model.checkpoint import Checkpoints, Labels, Resumed
from gensim_mtner.model.loop import Trainer
from gensim_mtner.model.nearness import chances
from gensim_mtner.model.resources import check_resources
from gensim_mtner.model.saving import StoredWord2Vec
from gensim_mtner.model.schedule import Phase, mode_of, passes_of
from gensim_mtner.model.self_training import add_target_tagger
from gensim_mtner.model.source_labels import Tag, with_silver
from gensim_mtner.taggers.base import DROPOUT
from gensim_mtner.taggers.unigram import tagger_class
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.known_pairs import pair_documents, word_translations
from gensim_mtner.text.segmentation import cut_as, spelt_as
from gensim_mtner.vectors.cache import on_lines
from gensim_mtner.workers import one_blas_thread

logger = logging.getLogger(__name__)


def run_training(
    model: StoredWord2Vec, text: EncodedText, encoded: EncodedCorpus, phases: Sequence[Phase], labels: Labels,
    callbacks: Sequence, checkpoints: Checkpoints | None, resumed: Resumed | None = None,
    engine: Engine | None = None,
) -> tuple[int, int]:  # fmt: skip
    """All of training: silver labels, the phases, self-training."""
    ner_data, self_trains = labels.ner_data, model.tokens_to_label(model.self_training_tokens, text)
    trains = any(phase.epochs for phase in phases)
    languages = model.source, model.target
    gazetteers = check_resources(model, labels, languages, text, trains=bool(passes_of(phases)))
    if labels.target_ner_data is not None and labels.ner_data is not None:
        theirs, ours = labels.target_ner_data.types, labels.ner_data.types
        if not set(theirs) & set(ours):
            logger.warning("target_ner_data has the types %s, ner_data has %s: rename them (types=) if they are the "
                           "same, or both are learnt side by side", ", ".join(theirs), ", ".join(ours))  # fmt: skip
    for language, names in gazetteers.items():
        coverage.check_names(names, text, int(language == model.target), model.segmented)
        if spelt := spelt_as(language, model.segmented):
            gazetteers[language] = names.map_names(spelt)
    tag: Tag | None = None
    known, engine = None, engine or ThisProcess()
    if trains:
        engine.check(model, encoded)
    if labels.dictionary is not None and trains:
        encoded, known = _with_pairs(model, labels.dictionary, text, encoded)
    epochs_before, time_before = len(model.history), model.total_train_time
    with engine.held(model.workers):
        made: tuple[str, ...] = ()
        silver, near = model.tokens_to_label(model.silver_tokens, text), None
        if ner_data is not None and model.match_labels and (silver or self_trains):
            near = chances(text, ner_data)
        if ner_data is not None and silver:
            ner_data, tag = with_silver(model, ner_data, text, gazetteers, engine, near)
            made = OWN_TAGGERS[:1]
        ner = None if ner_data is None else _ner_callback(model, ner_data)
        with one_blas_thread(), checkpoints or nullcontext():
            if trains:
                # new weights are so already, those of a file are not
                model.wv.vectors = on_lines(model.wv.vectors)
                model.syn1neg = on_lines(model.syn1neg)
            with engine.open(model, encoded, passes_of(phases)) as runner:
                trainer = Trainer(model, encoded, ner, labels.dev_data, callbacks, runner, checkpoints, known)
                model.running_training_loss = 0.0
                for callback in callbacks:
                    callback.on_train_begin(model)
                trainer.run([phase.paced(engine.joint_rate) for phase in phases], resumed)
            if ner_data is not None:  # what was taught by other labels or vectors has no say beside what is made now
                model.drop_own_taggers(but=made)
            if ner_data is not None and self_trains:
                listed = gazetteers.get(model.target) if model.target is not None else None
                add_target_tagger(model, ner_data, labels.target_ner_data, text, tag, labels.dictionary, listed, near)
            model.train_count += 1
            model._clear_post_train()
            for callback in callbacks:
                callback.on_train_end(model)
    if checkpoints is not None:
        checkpoints.done()
    model.add_lifecycle_event(
        "train",
        msg=f"{len(model.history) - epochs_before} epochs in {model.total_train_time - time_before:.1f}s, "
        f"mode={model.mode}, {model.workers} workers, {len(model.wv)} rows",
    )
    return trainer.words, trainer.raw_words


def _with_pairs(
    model: StoredWord2Vec, dictionary: BilingualDictionary, text: EncodedText, encoded: EncodedCorpus
) -> tuple[EncodedCorpus, np.ndarray]:
    """The documents with pairs of a dictionary among them, and the translations of words that it has."""
    assert model.source is not None and model.target is not None
    segment = cut_as(model.source, model.segmented), cut_as(model.target, model.segmented)
    pairs, weights = pair_documents(dictionary, text, encoded.rows, segment)
    found = word_translations(pairs, weights, model.wv.expandos["count"])
    logger.info(
        "the vocabulary has all words of %i of %i pairs of the dictionary: skip-gram sees them together; %i source "
        "words have a translation by it", len(pairs), len(dictionary), (found >= 0).sum(),
    )  # fmt: skip
    if not len(pairs):
        logger.warning(
            "no pair of the dictionary has all its words in the vocabulary, as %r has not: are its sides %s and %s, in "
            "this order, and written as in the corpus?", dictionary.pairs[0], model.source, model.target,
        )  # fmt: skip
    return encoded.with_documents(pairs), found


def _ner_callback(model: StoredWord2Vec, ner_data: NERData) -> NERCallback:
    """The tagger's turns, on the model's tagger, which is made if there is none."""
    kind = tagger_class(model.tagger_kind)
    mode, usual = mode_of(model.mode), kind()
    settings = {
        "oov_probability": model.oov_probability, "batch_size": model.ner_batch_size, "workers": model.workers,
        "random_state": model.seed, "alpha": usual.alpha if model.ner_alpha is None else model.ner_alpha,
        "dropout": model.dropout,
    }  # fmt: skip
    if model.dropout is None:
        settings["dropout"] = DROPOUT if mode.moves_vectors else usual.dropout
    if not hasattr(model, "tagger"):
        model.tagger = kind(model.wv, language=model.source, unit_length=model.unit_length, **settings)
    else:  # one that learns on is held to its own unit_length before
        model.tagger.set_params(unit_length=model.unit_length, **settings)
    model.source_rate = ner_data.entity_rate()
    model.tagger.translate_probability = (
        (0.5 if mode.alternates else 0.0) if model.translate_probability is None else model.translate_probability
    )
    ner = NERCallback(
        ner_data, tagger=model.tagger, ner_weight=model.ner_weight, warmup=model.ner_warmup if mode.alternates else 0,
        vector_alpha=model.ner_vector_alpha if mode.moves_vectors else 0.0,
    )  # fmt: skip
    ner.passes = model.ner_passes
    return ner
