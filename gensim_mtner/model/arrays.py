"""Arrays of a model compared with each other, before a kernel or a file trusts them."""

from __future__ import annotations

from itertools import repeat
from operator import eq
from typing import Any

import numpy as np

from gensim_mtner.model.arguments import OWN_TAGGERS, check_keys_are_text, check_sizes
from gensim_mtner.model.weights import JointWord2Vec
from gensim_mtner.taggers.base import VectorTagger
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.text.languages import key
from gensim_mtner.vectors.rows import check_array, check_range
from gensim_mtner.vectors.vocabulary import OOV_KEY

TOP = 2**31 - 1  # the last number of gensim's table of draws


def check_arrays(model: JointWord2Vec, *, writes: bool = False) -> None:
    """Refuse a model whose arrays do not fit each other, its vocabulary, or its taggers.

    Parameters
    ----------
    model : JointWord2Vec
        With a vocabulary.
    writes : bool
        Whether it is to be trained, so that arrays are written to.

    Raises
    ------
    ValueError, TypeError
        With the array, what was found and what was expected.
    """
    check_sizes(model)
    _check_keys(model)
    shape = (len(model.wv.index_to_key), model.vector_size)
    check_array("wv.vectors", model.wv.vectors, shape, writes=writes)
    check_array("syn1neg", getattr(model, "syn1neg", None), shape, writes=writes)
    lock_of(model)
    _check_counts(model)
    for name in ("tagger", *OWN_TAGGERS):
        tagger = getattr(model, name, None)
        if tagger is None:
            continue
        if not isinstance(tagger, VectorTagger if name == "tagger" else SequenceTagger):
            raise TypeError(f"{name} is {type(tagger).__name__}: expected a tagger that training made")
        if name == "tagger" and isinstance(tagger, UnigramTagger) != (model.tagger_kind == "unigram"):
            raise ValueError(f"tagger is {type(tagger).__name__}, but tagger_kind={model.tagger_kind!r}: restore it")
        if name == "tagger" and tagger.vectors is not model.wv:
            raise ValueError("tagger.vectors are not the model's: set tagger.vectors = model.wv")
        if hasattr(tagger, "classes_"):
            # a SequenceTagger has no rows of the model
            tagger.check_state(model.vector_size) if isinstance(tagger, VectorTagger) else tagger.check_state()


def _check_keys(model: JointWord2Vec) -> None:
    names, index = model.wv.index_to_key, model.wv.key_to_index
    check_keys_are_text(names)
    # two lists as long as each other, and each key where it says: nothing is missing, nothing is there twice; by `map`,
    # as this is asked for before each pass, and a short text is trained on in as little time
    if len(index) != len(names) or not all(map(eq, map(index.get, names), range(len(names)))):
        raise ValueError("wv.key_to_index and wv.index_to_key do not say the same: restore them, or load the model")
    ordered = names[-1] == OOV_KEY
    for language in (model.source, model.target):
        if language is not None:
            ordered &= all(map(str.startswith, names[model.rows_of(language)], repeat(key("", language))))
    if not ordered:
        raise ValueError(
            "the keys of wv are not in order: source words, target words, then the OOV row (wv was sorted, or its "
            "keys were changed); load the model, or build the vocabulary again"
        )


def lock_of(model: Any) -> np.ndarray:
    """The factors of the steps of the rows that the user has set, as the kernels take them: one a row, or one for all.

    As in gensim: 0 holds a row fixed, 1 lets it move, other numbers multiply its steps.
    """
    lock = getattr(model.wv, "vectors_lockf", None)
    lock = np.ones(1, dtype=np.float32) if lock is None else lock
    n = len(model.wv.vectors)
    if not isinstance(lock, np.ndarray) or lock.dtype.kind not in "biuf" or lock.shape not in ((n,), (1,)):
        found = f"{lock.dtype} of shape {lock.shape}" if isinstance(lock, np.ndarray) else type(lock).__name__
        raise ValueError(f"wv.vectors_lockf is {found}: expected float32, one number a row ({n}), or one for all")
    with np.errstate(over="ignore"):
        lock = np.ascontiguousarray(lock, dtype=np.float32)
    if not (np.isfinite(lock).all() and lock.min() >= 0):
        raise ValueError("wv.vectors_lockf has numbers that are not finite, or below 0: expected factors from 0")
    return lock


def phase_lock(model: Any, *, source: bool) -> np.ndarray:
    """The user's factors of steps, and 0 for source rows if the mode holds them fixed."""
    lock = lock_of(model)
    if not source:
        return lock
    lock = np.broadcast_to(lock, len(model.wv.vectors)).copy()
    lock[: model.source_size] = 0
    return lock


def _check_counts(model: JointWord2Vec) -> None:
    n, found = len(model.wv.index_to_key), model.wv.expandos
    counts = found.get("count")
    kind = counts.dtype if isinstance(counts, np.ndarray) and counts.dtype.kind in "iu" else np.int64
    check_array("the counts of words, wv.expandos['count'],", counts, (n,), kind)
    if counts.min() < 0 or not counts.any():
        raise ValueError("the counts of words, wv.expandos['count'], are below 0, or all 0: expected the corpus's")
    check_array("wv.expandos['sample_int']", found.get("sample_int"), (n,), np.uint32)
    check_array("cum_table", model.cum_table, (n,), np.uint32)
    check_range("cum_table", model.cum_table, 0, TOP + 1)
    if model.cum_table[-1] != TOP or (model.cum_table[1:] < model.cum_table[:-1]).any():
        raise ValueError("cum_table does not rise to its end: model.make_cum_table() makes it from the counts")
