"""Bilingual word vectors and a name tagger for a language without labels: a gensim extension."""

from gensim_mtner.engines.local import LocalEngine
from gensim_mtner.engines.on_ray import RayEngine
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.callback import NERCallback
from gensim_mtner.model.mtword2vec import MTWord2Vec
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.vectors.files import load_vec

__version__ = "0.1.0"  # as in pyproject.toml; a test compares them
__all__ = [
    "ComparableCorpus",
    "EncodedText",
    "LocalEngine",
    "MTWord2Vec",
    "NERCallback",
    "NERData",
    "RayEngine",
    "SequenceTagger",
    "UnigramTagger",
    "load_vec",
]
