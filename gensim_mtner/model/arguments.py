"""What MTWord2Vec(...) accepts."""

from __future__ import annotations

from typing import Any

import numpy as np

from gensim_mtner.model import schedule
from gensim_mtner.taggers.unigram import TAGGERS
from gensim_mtner.text import documents
from gensim_mtner.vectors import skipgram

# Arguments of Word2Vec that have no meaning for merged document pairs, with the only value that is accepted.
FIXED = {"sg": 1, "hs": 0, "null_word": 0, "sorted_vocab": 1, "trim_rule": None, "max_vocab_size": None,
         "max_final_vocab": None, "corpus_file": None}  # fmt: skip
# whole numbers and the least that each may be
WHOLE = {"pretrain_epochs": 0, "epochs": 0, "rounds_per_epoch": 1, "vector_size": 1, "window": 1, "negative": 1,
         "patience": 1, "ner_warmup": 0, "workers": 1}  # fmt: skip
OPTIONAL_WHOLE = ("silver_tokens", "self_training_tokens")
POSITIVE = ("alpha", "ner_alpha")
NOT_NEGATIVE = ("min_alpha", "ner_vector_alpha", "sample")
SHARES = ("ner_weight", "translate_probability")


def check_arguments(*, more: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Refuse what has no meaning; return `more`, the arguments for Word2Vec, without those that are fixed.

    Raises
    ------
    ValueError
        With the argument and what was expected.
    """
    schedule.mode_of(given["mode"])
    for name, choices in (("merge", documents.MERGES), ("kernel", skipgram.KERNELS), ("tagger", TAGGERS)):
        if given[name] not in choices:
            raise ValueError(f"{name}={given[name]!r}: expected one of {', '.join(map(repr, choices))}")
    rest = dict(more)
    for name, fixed in FIXED.items():
        if rest.pop(name, fixed) != fixed:
            raise ValueError(f"{name} cannot be set: MTWord2Vec trains skip-gram with negative sampling "
                             f"on document pairs ({name}={fixed!r})")  # fmt: skip
    values = {"workers": 1} | given | rest
    for name, least in (WHOLE | dict.fromkeys(OPTIONAL_WHOLE, 0)).items():
        value = values[name]
        if value is None and name in OPTIONAL_WHOLE:
            continue
        if not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name}={value!r}: expected a whole number from {least}")
    for name in (*POSITIVE, *NOT_NEGATIVE):
        value = values.get(name)
        positive = name in POSITIVE
        if value is not None and not (np.isfinite(value) and (value > 0 or (value == 0 and not positive))):
            raise ValueError(f"{name}={value!r}: expected a {'positive number' if positive else 'number from 0'}")
    for name in SHARES:
        value = values[name]
        if value is not None and not 0 <= value <= 1:
            raise ValueError(f"{name}={value!r}: expected a number from 0 to 1")
    return rest


DIVERGED = 1e3  # components of word vectors are of the order of 1


def diverged(vectors: np.ndarray) -> bool:
    """Whether there are components that are not finite, or beyond what training that goes well ever makes."""
    # two passes, and no array as large as the vectors
    return not (vectors.min() > -DIVERGED and vectors.max() < DIVERGED)
