"""Bilingual word vectors and a name tagger for a language without labels: a gensim extension."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gensim_mtner.engines.local import LocalEngine
    from gensim_mtner.engines.on_ray import RayEngine
    from gensim_mtner.labels.gazetteer import Gazetteer
    from gensim_mtner.labels.ner import NERData
    from gensim_mtner.model.callback import NERCallback
    from gensim_mtner.model.mtword2vec import MTWord2Vec
    from gensim_mtner.taggers.sequence import SequenceTagger
    from gensim_mtner.taggers.unigram import UnigramTagger
    from gensim_mtner.text.corpus import ComparableCorpus
    from gensim_mtner.text.dictionary import BilingualDictionary
    from gensim_mtner.text.encoded import EncodedText
    from gensim_mtner.text.matching import match_documents
    from gensim_mtner.vectors.alignment import align
    from gensim_mtner.vectors.files import load_vec

__version__ = "0.1.0"  # as in pyproject.toml; a test compares them
__all__ = [
    "BilingualDictionary",
    "ComparableCorpus",
    "EncodedText",
    "Gazetteer",
    "LocalEngine",
    "MTWord2Vec",
    "NERCallback",
    "NERData",
    "RayEngine",
    "SequenceTagger",
    "UnigramTagger",
    "align",
    "load_vec",
    "match_documents",
]

# Names are imported when they are first asked for (PEP 562): gensim and scikit-learn take a second, which those who
# only want the command's help, or to segment text in another process, need not wait.
_PLACES = {
    "BilingualDictionary": "text.dictionary",
    "ComparableCorpus": "text.corpus",
    "EncodedText": "text.encoded",
    "Gazetteer": "labels.gazetteer",
    "LocalEngine": "engines.local",
    "MTWord2Vec": "model.mtword2vec",
    "NERCallback": "model.callback",
    "NERData": "labels.ner",
    "RayEngine": "engines.on_ray",
    "SequenceTagger": "taggers.sequence",
    "UnigramTagger": "taggers.unigram",
    "align": "vectors.alignment",
    "load_vec": "vectors.files",
    "match_documents": "text.matching",
}
# there after a bare import, too
_ROOMS = ("engines", "labels", "model", "storage", "taggers", "text", "vectors", "workers")


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    elif name in _ROOMS:
        import_module(f"{__name__}.{_PLACES['MTWord2Vec']}")  # which needs nearly all files of the rooms
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
