"""What options choose from and stand at, said a second time, so that help needs neither numpy nor gensim.

A test compares each with the place that decides; see `tests/cli/test_imports.py`.
"""

from __future__ import annotations

from typing import Any

DTYPES = ("float32", "float16")  # engines/adasum.py
FORMATS = ("iob2", "conll2003", "jsonl", "brat")  # labels/formats.py
MARGIN = 1.3  # text/matching.py
METRICS = ("cosine", "euclidean", "csls")  # vectors/neighbours.py
MODES = ("hfj", "fj", "baseline", "ner")  # model/schedule.py
NAME_LANGUAGES = ("en", "zh", "de", "es", "fr", "ru", "ja", "ko", "ar", "hi")  # text/datasets.py
ON_MISSING = ("error", "skip", "keep")  # text/corpus.py
SEGMENTERS = ("jieba", "rjieba", "janome")  # text/segmentation.py
SCHEMES = ("IOB2", "IOB1", "BIOES")  # labels/schemes.py

# arguments of MTWord2Vec that train passes on as they are: types, defaults as in its signature or gensim's, and help
TRAINING: dict[str, tuple[type, Any, str]] = {
    "vector_size": (int, 128, "components of a vector"),
    "window": (int, 16, "words on each side of a word that it is trained with, of the merged documents"),
    "negative": (int, 10, "words drawn against each pair of words"),
    "min_count": (int, 2, "rarer words have no vector"),
    "sample": (float, 1e-4, "frequent words are thinned out above this share of the text"),
    "alpha": (float, 0.025, "learning rate of skip-gram"),
    "pretrain_epochs": (int, None, "passes of skip-gram before the tagger joins; default 12, or up to 30 by the text"),
    "epochs": (int, 8, "passes of both together"),
    "ner_weight": (float, 0.5, "weight of the tagger's loss, from 0 to 1"),
    "translate_probability": (float, None, "how often a labelled word is put into the target; default by --mode"),
    "silver_tokens": (int, None, "tokens of the source side that are labelled by machine; default by --mode"),
    "self_training_tokens": (int, None, "tokens of the target that its own tagger learns from; default by --mode"),
    "seed": (int, 1, "decides all draws; the same bits with --workers 1"),
    "workers": (int, None, "threads"),
}
MODE = "hfj"
PROJECT_NAMES = None
MATCH_LABELS = True
