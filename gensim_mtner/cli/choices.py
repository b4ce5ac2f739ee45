"""What options choose from and stand at, said a second time, so that help needs neither numpy nor gensim.

A test compares each with the place that decides; see `tests/cli/test_imports.py`.
"""

from __future__ import annotations

from typing import Any

DTYPES = ("float32", "float16")  # engines/adasum.py
FORMATS = ("iob2", "conll2003", "jsonl", "brat")  # labels/formats.py
METRICS = ("cosine", "euclidean", "csls")  # vectors/neighbours.py
MODES = ("hfj", "fj", "baseline", "ner")  # model/schedule.py
NAME_LANGUAGES = ("en", "zh", "de", "es", "fr", "ru", "ja", "ko", "ar", "hi")  # text/datasets.py
ON_MISSING = ("error", "skip", "keep")  # text/corpus.py
SEGMENTERS = ("jieba", "rjieba", "janome")  # text/segmentation.py
SCHEMES = ("IOB2", "IOB1", "BIOES")  # labels/schemes.py

# arguments of MTWord2Vec that train passes on as they are: types, and defaults as in its signature or gensim's
TRAINING: dict[str, tuple[type, Any]] = {
    "vector_size": (int, 128), "window": (int, 16), "negative": (int, 10), "min_count": (int, 2),
    "sample": (float, 1e-4), "alpha": (float, 0.025), "pretrain_epochs": (int, 12), "epochs": (int, 8),
    "ner_weight": (float, 0.5), "translate_probability": (float, None), "silver_tokens": (int, None),
    "self_training_tokens": (int, None), "seed": (int, 1), "workers": (int, None),
}  # fmt: skip
MODE = "hfj"
PROJECT_NAMES = None
