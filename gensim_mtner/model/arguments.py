"""What MTWord2Vec(...) and its methods accept."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from gensim.models import KeyedVectors, Word2Vec

from gensim_mtner.engines.engine import Engine, ThisProcess
from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model import schedule
from gensim_mtner.taggers.sentences import labels_of
from gensim_mtner.taggers.unigram import TAGGERS
from gensim_mtner.text import documents
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.languages import check_languages
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.rows import check_choice, check_number, check_share, check_whole, is_truth
from gensim_mtner.vectors.spelling import rows_of
from gensim_mtner.vectors.vocabulary import min_count_of

# Arguments of Word2Vec that have no meaning for merged document pairs, with the only value that is accepted.
FIXED = {"sg": 1, "hs": 0, "null_word": 0, "sorted_vocab": 1, "trim_rule": None, "max_vocab_size": None,
         "max_final_vocab": None, "corpus_file": None}  # fmt: skip
# whole numbers, the least that each may be, and the most: the kernels count in 32 bits
WHOLE = {"epochs": 0, "rounds_per_epoch": 1, "vector_size": 1, "window": 1, "negative": 1,
         "patience": 1, "ner_warmup": 0, "workers": 1, "ner_batch_size": 1, "batch_words": 1, "seed": 0}  # fmt: skip
MOST = {"vector_size": 1 << 20, "window": 1 << 20, "negative": 1 << 20, "workers": 1 << 16, "ner_batch_size": 1 << 30,
        "seed": (1 << 32) - 1, "ns_exponent": 10}  # fmt: skip
OPTIONAL_WHOLE = ("pretrain_epochs", "silver_tokens", "self_training_tokens", "max_updates")
POSITIVE = ("alpha", "ner_alpha")
NOT_NEGATIVE = ("min_alpha", "ner_vector_alpha", "sample", "ns_exponent")
OPTIONAL = ("ner_alpha", "translate_probability", "dropout", "progress", "project_names", "comment", "source", "target")
SHARES = ("ner_weight", "translate_probability", "oov_probability", "dropout")
CHOICES: dict[str, Iterable[str]] = {"mode": schedule.MODES, "merge": documents.MERGES, "kernel": skipgram.KERNELS,
                                     "tagger_kind": TAGGERS}  # fmt: skip
TRUTHS = (
    "unit_length",
    "compute_loss",
    "shrink_windows",
    "progress",
    "project_names",
    "match_labels",
    "keep_checkpoint",
)
# what gensim passes on where nothing is said
DEFAULTS = {"workers": 1, "batch_words": 10_000, "seed": 1, "ns_exponent": 0.75, "alpha": 0.025, "min_alpha": 1e-4,
            "shrink_windows": True, "comment": None}  # fmt: skip


def check_arguments(*, more: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Refuse what has no meaning; return `more`, the arguments for Word2Vec, without those that are fixed.

    Raises
    ------
    ValueError
        With the argument and what was expected.
    """
    rest = dict(more)
    for name, fixed in FIXED.items():
        if rest.pop(name, fixed) not in (fixed,):
            raise ValueError(f"{name} cannot be set: MTWord2Vec trains skip-gram with negative sampling "
                             f"on document pairs ({name}={fixed!r})")  # fmt: skip
    check_settings(DEFAULTS | given | rest | {"tagger_kind": given["tagger"]})
    if (given["source"] is None) == (given["target"] is None) and given["source"] is not None:
        check_languages(given["source"], given["target"])
    return rest


def check_rest(corpus: Any, more: Mapping[str, Any], **training: Any) -> None:
    """Refuse what is for training only where there is no corpus to train on, and what Word2Vec does not know.

    Raises
    ------
    ValueError, TypeError
        With the arguments.
    """
    known = inspect.signature(Word2Vec.__init__).parameters
    strange = [name for name in more if name not in known]
    if strange:
        own = *WHOLE, *OPTIONAL_WHOLE, *POSITIVE, *NOT_NEGATIVE, *SHARES, *CHOICES, *TRUTHS, *training
        near = difflib.get_close_matches(strange[0], sorted({*known, *own} - {"self"}), 1, 0.75)
        hint = f"; was {near[0]} meant?" if near else ""
        raise TypeError(f"MTWord2Vec does not take {', '.join(strange)}: neither does gensim's Word2Vec{hint}")
    names = [name for name, value in training.items() if value is not None]
    if corpus is None and names:
        raise ValueError(
            f"{', '.join(names)} without a corpus: pass it here, or pass {', '.join(names)} to build_vocab and train"
        )
    optional_labels(
        **{
            name: value
            for name, value in training.items()
            if name.endswith("ner_data") or name in ("dev_data", "dictionary", "gazetteer")
        }
    )


def check_settings(values: Mapping[str, Any]) -> None:
    """Refuse numbers that are none, or out of their range, and names of nothing; of those that `values` has."""
    for name, choices in CHOICES.items():
        if name in values:
            check_choice(name.removesuffix("_kind"), values[name], choices)
    for name, least in (WHOLE | dict.fromkeys(OPTIONAL_WHOLE, 0)).items():
        if name in values and not (values[name] is None and name in OPTIONAL_WHOLE):
            check_whole(name, values[name], least, MOST.get(name))
    for name in (*POSITIVE, *NOT_NEGATIVE):
        if name in values and not (values[name] is None and name in OPTIONAL):
            check_number(name, values[name], positive=name in POSITIVE, most=MOST.get(name))
    for name in SHARES:
        if name in values and not (values[name] is None and name in OPTIONAL):
            check_share(name, values[name], below=name == "dropout")
    for name in TRUTHS:
        if name in values and not (values[name] is None and name in OPTIONAL) and not is_truth(values[name]):
            raise ValueError(f"{name}={values[name]!r}: expected True or False")
    for name in ("source", "target", "comment"):
        if not isinstance(values.get(name), (str, type(None))):
            raise ValueError(f"{name}={values[name]!r}: expected text, or None")
    if "min_count" in values:
        least = values["min_count"]
        for language in (*least, None) if isinstance(least, Mapping) else (None,):
            min_count_of(least, language)


def gazetteers_of(given: Any) -> tuple[Gazetteer, ...]:
    """One gazetteer, or several, or none, as a tuple; anything else is refused."""
    found = (given,) if isinstance(given, Gazetteer) else () if given is None else given
    once = isinstance(found, Iterator) or not isinstance(found, Iterable)  # which would be empty the next time
    if once or not all(isinstance(item, Gazetteer) for item in found):
        raise TypeError(f"gazetteer is {type(given).__name__}: expected Gazetteer(names, language), or a list of them")
    return tuple(found)


def optional_labels(dictionary: Any = None, gazetteer: Any = None, **given: Any) -> None:
    """Refuse labelled data that is neither absent nor NERData, and a dictionary or a gazetteer that is none."""
    gazetteers_of(gazetteer)
    if dictionary is not None and not isinstance(dictionary, BilingualDictionary):
        raise TypeError(
            f"dictionary is {type(dictionary).__name__}: expected BilingualDictionary(pairs), or its from_tsv(path)"
        )
    for name, data in given.items():
        if data is not None:
            labels_of(data, name)
        # those that are learnt from are compared whole where they are, which takes as long as making them did
        if data is not None and (name == "dev_data" or list(map(len, data.sentences)) != list(map(len, data.tags))):
            try:
                NERData(data.sentences, data.tags)
            except ValueError as error:
                raise ValueError(f"{name} has been changed since it was made: {error}") from None
        if data is not None and name in ("ner_data", "target_ner_data") and not data.types:
            raise ValueError(
                f"{name} has no entity in {len(data)} sentences, all tags are O: is it the right file, the right "
                "column of tags (tag_column=), the right language of a list of names?"
            )
    dev, labels = given.get("dev_data"), given.get("ner_data")
    if dev is not None and labels is None:
        raise ValueError("dev_data needs ner_data: it says when a tagger has learnt enough")
    if dev is not None and labels is not None and not set(dev.types) & set(labels.types):
        raise ValueError(
            f"dev_data has {', '.join(dev.types) or 'no entity'} where ner_data has {', '.join(labels.types)}: no F1 "
            "comes of that to stop by (types= renames types)"
        )


def checked_engine(engine: Any) -> Engine:
    """Where to train; this process if nothing is said.

    Raises
    ------
    TypeError
        If it is no engine.
    """
    if engine is None:
        return ThisProcess()
    wanted = ("open", "facts", "map", "held")
    if isinstance(engine, type) or not all(callable(getattr(engine, name, None)) for name in wanted):
        raise TypeError(f"engine is {engine!r}: expected LocalEngine(4), RayEngine(), or None")
    return engine


def checked_vectors(given: Any, vector_size: int) -> list[KeyedVectors]:
    """The vectors to start from, as a list.

    Raises
    ------
    TypeError, ValueError
        If they are no KeyedVectors, of another size, or not one row a key.
    """
    if isinstance(given, KeyedVectors):
        given = [given]
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise TypeError(_no_vectors(given))
    found = list(given)
    for vectors in found:
        if not isinstance(vectors, KeyedVectors):
            raise TypeError(_no_vectors(vectors))
        if vectors.vector_size != vector_size:
            raise ValueError(
                f"init_vectors have vector_size={vectors.vector_size}, the model has {vector_size}: make them equal"
            )
        if np.shape(vectors.vectors) != (len(vectors.index_to_key), vector_size) or len(vectors.key_to_index) != len(
            vectors.index_to_key
        ):
            raise ValueError(
                f"init_vectors have {len(vectors.index_to_key)} keys, but an array of the shape "
                f"{np.shape(vectors.vectors)}: expected a row for each key"
            )
    return found


def places_in(start: Iterable[KeyedVectors], keys: Sequence[str]) -> list[np.ndarray]:
    """Where each of the vectors to start from has each key, or -1; not by `in`, as FastText's say that of any word.

    Raises
    ------
    ValueError
        If some have none of the keys, with what theirs are like, or numbers that training could not go on from.
    """
    found = []
    for given in start:
        places = np.array(rows_of(given, keys, None))
        if not (places >= 0).any():
            raise ValueError(
                f"init_vectors hold none of the {len(keys)} keys (such as {keys[0]!r}; theirs are like "
                f"{next(iter(given.index_to_key), None)!r}): keys carry the language"
            )
        vectors = given.vectors[places[places >= 0]]
        if not np.isfinite(vectors).all():
            raise ValueError("init_vectors have NaN or infinite components")
        if diverged(vectors):
            raise ValueError(f"init_vectors have components beyond {DIVERGED:.0e}: scale them, to lengths of about 1")
        found.append(places)
    return found


def _no_vectors(found: Any) -> str:
    advice = "load_vec(path, language='en') reads a file"
    if isinstance(getattr(found, "wv", None), KeyedVectors):
        advice = "pass its .wv"
    return f"init_vectors is {type(found).__name__}: expected KeyedVectors, or a list of them; {advice}"


def checked_words(words: Any) -> Sequence[str]:
    """Words to look up, as a list."""
    if isinstance(words, (str, bytes)) or not isinstance(words, Iterable):
        raise TypeError(f"words is {words!r} ({type(words).__name__}): expected a list of words")
    found = list(words)
    for word in found:
        check_word(word)
    return found


def check_word(word: Any) -> None:
    """Refuse what is no text."""
    if not isinstance(word, str):
        raise TypeError(f"word is {word!r} ({type(word).__name__}): expected text")


def check_sizes(model: Any, *, trains: bool = True) -> None:
    """Refuse a model whose sizes of languages, vectors and keys do not fit each other.

    Words that were added after it was built stand behind the others, in the way where it `trains` or is saved.
    """
    wv, sizes = model.wv, (model.source_size, model.target_size)
    for name in ("source_size", "target_size"):
        check_whole(name, getattr(model, name), 0)
    n, built = len(wv.index_to_key), sum(sizes) + 1
    if trains and n > built and len(wv.vectors) == n:
        raise ValueError(
            f"wv has {n} keys, but the model was built with {built}: words that wv.add_vectors or add_null_word added, "
            f"such as {wv.index_to_key[-1]!r}, have no row of contexts. Make a new model whose corpus or ner_data has "
            "them, with init_vectors=[model.wv] to start from"
        )
    if n < built or (trains and n != built):
        raise ValueError(f"wv has {n} keys: expected {sizes[0]} source words, {sizes[1]} target words and the OOV row")
    for name, value in (("wv.vector_size", wv.vector_size), ("layer1_size", model.layer1_size)):
        if value != model.vector_size:
            raise ValueError(f"{name} is {value!r}, but vector_size is {model.vector_size!r}: they must be equal")
    if np.shape(wv.vectors) != (n, model.vector_size):
        raise ValueError(f"wv.vectors has the shape {np.shape(wv.vectors)}: expected {(n, model.vector_size)}")
    # some of them, as all are looked at where a model is trained or saved
    for language, first, size in ((model.source, 0, sizes[0]), (model.target, *sizes)):
        for row in np.linspace(first, first + size - 1, min(size, LOOKED_AT)).astype(int).tolist() if language else ():
            check_keys_are_text(wv.index_to_key[row : row + 1])
            if not wv.index_to_key[row].startswith(f"{language}:"):
                raise ValueError(
                    f"the keys of wv are not in order: {wv.index_to_key[row]!r} stands among the words of "
                    f"{language!r}. Were they sorted? Load the model again"
                )
    counted = np.shape(wv.expandos.get("count"))
    if counted != (n,) and (trains or counted != (built,)):
        raise ValueError(f"wv.expandos['count'] has the shape {counted}: expected {(n,)}")


def check_keys_are_text(names: Iterable[Any]) -> None:
    """Refuse keys of vectors that are something else."""
    if not set(map(type, names)) <= {str}:
        raise TypeError("wv.index_to_key has keys that are not text: restore it, or load the model")


def check_found(rows: Iterable[int], n: int) -> None:
    """Refuse rows that a changed ``wv.key_to_index`` has, and the vectors have not."""
    for row in rows:
        if not 0 <= row < n:
            raise ValueError(f"wv.key_to_index has the row {row}, but there are {n}: restore it, or load the model")


LOOKED_AT = 32  # keys of each language
DIVERGED = 1e3  # components of word vectors are of the order of 1
OWN_TAGGERS = ("source_tagger", "target_tagger", "target_letter_tagger")  # of a model; each of one language


def diverged(vectors: np.ndarray) -> bool:
    """Whether there are components that are not finite, or beyond what training that goes well ever makes."""
    # two passes, and no array as large as the vectors
    return not (vectors.min() > -DIVERGED and vectors.max() < DIVERGED)


def check_finite(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse vectors to train that are none, by their names."""
    for name, rows in arrays.items():
        if diverged(rows):
            raise ValueError(f"{name} has components that are NaN, infinite, or beyond {DIVERGED:.0e}: restore them")
