"""Models as directories of plain arrays and text: nothing in them is code, and all is checked before it is used."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.labels.schemes import check_tag_names
from gensim_mtner.model.arguments import DIVERGED, OWN_TAGGERS, check_settings, diverged
from gensim_mtner.model.arrays import check_arrays, lock_of
from gensim_mtner.model.memory import EstimatedWord2Vec
from gensim_mtner.model.weights import Held, JointWord2Vec
from gensim_mtner.storage import MANIFEST, json_texts, load_array, new_directory, read_manifest, steady
from gensim_mtner.taggers.base import VectorTagger
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import tagger_class
from gensim_mtner.text.segmentation import check_how_cut
from gensim_mtner.vectors.rows import check_whole, is_number

logger = logging.getLogger(__name__)

KIND = "gensim-mtner model"
# since 2 the manifest has a checksum of its own, since 3 sequence taggers say how they were trained, since 4 columns of
# letters are made by the kernel
VERSION = 4
COUNTED = ("source_size", "target_size", "passes", "updates", "ner_passes", "train_count", "corpus_count",
           "corpus_total_words")  # fmt: skip
MAX_COUNT = 10**15
MAX_WEIGHT = 1e12
OLD_TAGGERS = {"loss": "token", "features": "plain"}  # what those of versions before 3 are

# what MTWord2Vec(...) is called with to make the like; all are numbers, texts, None or a mapping of texts to numbers
ARGUMENTS = (
    "source", "target", "mode", "ner_weight", "pretrain_epochs", "epochs", "rounds_per_epoch", "max_updates",
    "ner_alpha", "ner_vector_alpha", "ner_warmup", "ner_batch_size", "dropout", "oov_probability",
    "translate_probability", "unit_length", "silver_tokens", "self_training_tokens", "project_names", "match_labels",
    "patience", "merge", "kernel", "progress", "vector_size", "window",
    "negative", "sample", "min_count", "compute_loss", "alpha", "min_alpha", "workers", "seed", "ns_exponent",
    "shrink_windows", "batch_words", "cbow_mean", "comment",
)  # fmt: skip
BEFORE = {"match_labels": False}  # arguments as they were in effect before there was a choice
# where training stands
STATE = (
    "source_size", "target_size", "history", "passes", "updates", "ner_passes", "pretrained", "train_count",
    "total_train_time", "corpus_count", "corpus_total_words", "min_alpha_yet_reached", "target_agreement", "segmented",
)  # fmt: skip


class StoredWord2Vec(EstimatedWord2Vec):
    """A model that is kept on the disk; the part of `MTWord2Vec` that saves and loads."""

    def save(self, path: Any, *args: Any, format: str = "safe", overwrite: bool = True, **kwargs: Any) -> None:  # type: ignore[override]
        """Save all that tagging and further training need; the corpus and the labels are not kept.

        Parameters
        ----------
        path : path-like
            A directory to make, or for gensim's format a file.
        format : {"safe", "gensim"}
            "safe" is a directory of ``.npy`` arrays and JSON, with sizes and checksums; it is written under another
            name and renamed when it is whole. "gensim" is gensim's own pickle: loading one runs code, so never load
            what you don't trust.
        overwrite : bool
            Whether a model at `path` may be replaced (nothing else ever is).
        *args, **kwargs
            For gensim's format.

        Raises
        ------
        FileExistsError, ValueError
            If something is at `path` that is not to be replaced.
        """
        if format == "safe":
            if args or kwargs:
                raise TypeError("the safe format takes no further arguments; format='gensim' takes those of gensim")
            save_model(self, path, overwrite=overwrite)
        elif format == "gensim":
            super().save(str(path), *args, **kwargs)
        else:
            raise ValueError(f"format={format!r}: expected 'safe' or 'gensim'")

    @classmethod
    def load(cls, path: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Load a saved model: a directory of the safe format, or a file of gensim's.

        No code of a directory is run. A file is a pickle, which may run any code: load none that you don't trust.

        Parameters
        ----------
        path : path-like
            A directory that `save` wrote, or a file in gensim's format.
        *args, **kwargs
            For a directory: ``mmap=True`` leaves vectors on the disk, to be read as they are needed (they cannot be
            trained then); ``verify=False`` skips the checksums. For a file, those of gensim.

        Raises
        ------
        ValueError, TypeError
            If the directory is not a model, or damaged, with the file; if the file has another kind of model.
        """
        if os.path.isdir(path):
            if kwargs.get("mmap") not in (None, False, True, "r"):
                raise ValueError(f"mmap={kwargs['mmap']!r}: expected True or 'r' (to read only), or False")
            return load_model(cls, path, *args, **kwargs)
        if os.path.basename(path) == MANIFEST:
            raise ValueError(f"{path} is a part of a model: pass the folder that it is in")
        if kwargs.pop("verify", False):
            raise ValueError(f"verify=True: {path} is a file of gensim's format, which has no checksums")
        if isinstance(kwargs.get("mmap"), bool):
            kwargs["mmap"] = "r" if kwargs["mmap"] else None
        try:
            found = super().load(str(path), *args, **kwargs)
        except AttributeError as error:  # gensim's, of what is no model at all, such as vectors
            raise TypeError(f"{path} has no model: {error}") from error
        if not isinstance(found, StoredWord2Vec):
            raise TypeError(f"{path} has a {type(found).__name__}: expected MTWord2Vec, whose words have a language")
        return found

    def _save_specials(self, fname, separately, sep_limit, ignore, pickle_protocol, compress, subname):
        ignore = {*ignore, "_text", "_read_from"}
        return super()._save_specials(fname, separately, sep_limit, ignore, pickle_protocol, compress, subname)

    def _load_specials(self, *args: Any, **kwargs: Any) -> None:
        super()._load_specials(*args, **kwargs)
        self._text, self._read_from = None, Held()
        self.segmented = getattr(self, "segmented", {})  # older ones do not know
        for name, value in BEFORE.items():
            setattr(self, name, getattr(self, name, value))
        if hasattr(self, "tagger"):
            self.tagger.vectors = self.wv


def save_model(
    model: JointWord2Vec, path: str | os.PathLike, *, overwrite: bool = True, more: Mapping[str, Any] | None = None,
    arrays: Mapping[str, np.ndarray] | None = None,
) -> None:  # fmt: skip
    """Write a model; see `gensim_mtner.MTWord2Vec.save`. `more` goes into the manifest, `arrays` beside it."""
    if not len(model.wv):
        raise RuntimeError("there is nothing to save yet: call build_vocab first")
    check_whole_model(model)
    with new_directory(path, KIND, VERSION, overwrite=overwrite) as facts:
        directory: Path = facts["directory"]
        np.save(directory / "vectors.npy", model.wv.vectors)
        np.save(directory / "contexts.npy", model.syn1neg)
        if (lock_of(model) != 1).any():  # which only a user can have set
            np.save(directory / "locks.npy", np.broadcast_to(lock_of(model), len(model.wv)))
        np.save(directory / "counts.npy", np.asarray(model.wv.expandos["count"], dtype=np.int64))
        with open(directory / "keys.jsonl", "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(name, ensure_ascii=False) + "\n" for name in model.wv.index_to_key)
        name, numbers, *rest = model.random.get_state()
        np.save(directory / "random.npy", numbers)
        facts |= {
            # whether bars are shown is for the terminal that is there to say
            "arguments": {name: getattr(model, name) for name in (*ARGUMENTS, "tagger_kind")} | {"progress": None},
            "state": {name: getattr(model, name) for name in STATE if hasattr(model, name)},
            "random": [name, *rest],
        }
        if hasattr(model, "source_rate"):
            facts["source_rate"] = model.source_rate
        if hasattr(model, "tagger") and hasattr(model.tagger, "classes_"):
            facts["tagger"] = _save_tagger(model.tagger, "tagger", directory)
            facts["tagger"]["outside_shift"] = float(model.tagger.outside_shift_)
        for name in OWN_TAGGERS:
            if hasattr(model, name):
                facts[name] = _save_tagger(getattr(model, name), name, directory)
        for name, array in (arrays or {}).items():
            np.save(directory / f"{name}.npy", array)
        facts |= more or {}
        # numpy's numbers would not go into JSON
        for part in ("arguments", "state", "random", *(more or {})):
            facts[part] = _plain(facts[part])


def check_whole_model(model: JointWord2Vec) -> None:
    """Refuse to write what `load_model` would refuse to read."""
    check_settings(vars(model))
    check_arrays(model)
    taggers = {name: getattr(model, name) for name in ("tagger", *OWN_TAGGERS)
               if hasattr(getattr(model, name, None), "classes_")}  # fmt: skip
    for tagger in taggers.values():
        tagger.check_arguments()
        _classes({"classes": tagger.classes_.tolist()})
    states = {name: tagger.state() for name, tagger in taggers.items()}
    arrays = {"wv.vectors": model.wv.vectors, "syn1neg": model.syn1neg}
    bad = [name for name, rows in arrays.items() if diverged(rows)]
    bad += [f"the {part} of {name}" for name, state in states.items() for part, array in state.items()
            if not (np.abs(array) < MAX_WEIGHT).all()]  # fmt: skip
    if bad:
        raise ValueError(
            f"{bad[0]} has numbers that are NaN, infinite, or beyond {DIVERGED:.0e} (a tagger's: {MAX_WEIGHT:.0e}): "
            "the model is not saved, as it could not be loaded"
        )
    if model.wv.expandos["count"].max() >= MAX_COUNT:
        raise ValueError(f"wv.expandos['count'] has numbers beyond {MAX_COUNT:.0e}: the model is not saved")
    for name in (*COUNTED, "vector_size"):
        check_whole(name, getattr(model, name), 0, MAX_COUNT - 1)


def make_plain(model: StoredWord2Vec) -> None:
    """Make arguments that are numpy's numbers Python's, as a model that was saved has them: some are less precise."""
    for name in ARGUMENTS:
        setattr(model, name, _plain(getattr(model, name)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _save_tagger(tagger: Any, prefix: str, directory: Path) -> dict[str, Any]:
    state = dict(tagger.state())
    if isinstance(tagger, SequenceTagger):
        # most of its rows are zero where there is little text
        rows = np.flatnonzero(state["coef"].any(axis=1)).astype(np.int64)
        state |= {"rows": rows, "coef": state["coef"][rows]}
    for name, array in state.items():
        np.save(directory / f"{prefix}.{name}.npy", array)
    arguments = tagger.get_params(deep=False)
    arguments.pop("vectors", None)
    return {
        "arguments": _plain(arguments),
        "classes": tagger.classes_.tolist(),
        "losses": _plain(tagger.losses_),
    }


def load_model(cls: type[StoredWord2Vec], path: str | os.PathLike, *, mmap: bool = False, verify: bool = True) -> Any:
    """Read what `save_model` wrote; of a model that is replaced meanwhile the one or the other, whole.

    Raises
    ------
    ValueError
        If it is not such a directory, of a later version, or damaged; the file is named.
    """
    return steady(path, lambda: _load_model(cls, Path(path), mmap=mmap, verify=verify))


def _load_model(cls: type[StoredWord2Vec], path: Path, *, mmap: bool, verify: bool) -> Any:
    manifest = read_manifest(path, KIND, VERSION, verify=verify)
    numbers = load_array(path / "random.npy", "uint32", 1, mmap=False)
    try:
        arguments, state = BEFORE | manifest["arguments"], dict(manifest["state"])
        kind = arguments.get("tagger_kind", "unigram")
        model = cls(**{name: arguments[name] for name in ARGUMENTS if name in arguments}, tagger=kind)
        for name in STATE:
            if name in state:
                setattr(model, name, state[name])
        counted = [state[name] for name in COUNTED if name in state]
        if not all(isinstance(number, int) and 0 <= number < MAX_COUNT for number in counted):
            raise ValueError(f"{', '.join(COUNTED)}: expected whole numbers, found {counted}")
        if not (is_number(model.target_agreement) and 0 <= model.target_agreement <= 100):
            raise ValueError(f"target_agreement={model.target_agreement!r}: expected a number from 0 to 100")
        model.segmented = check_how_cut(state.get("segmented", {}))
        model.pretrained = bool(model.pretrained)
        name, *rest = manifest["random"]
        model.random.set_state((name, numbers, *rest))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, MemoryError) as error:
        raise ValueError(f"{path / 'manifest.json'} is damaged: {type(error).__name__}: {error}") from error
    with ThreadPoolExecutor(2) as pool:  # which read, and make room, while the keys are parsed
        parts = [pool.submit(_weights, path / f"{name}.npy", mmap, verify) for name in ("vectors", "contexts")]
        keys = _keys(path / "keys.jsonl")
        (vectors, sane), (contexts, sane_contexts) = (part.result() for part in parts)
    counts = load_array(path / "counts.npy", "int64", 1, mmap=False)
    expected = (len(keys), model.vector_size)
    sizes = model.source_size, model.target_size
    if vectors.shape != expected or contexts.shape != expected or len(counts) != len(keys):
        raise ValueError(f"{path}: vectors, contexts and counts do not have one row for each of {len(keys)} keys")
    if not all(isinstance(n, int) and n >= 0 for n in sizes) or sum(sizes) + 1 != len(keys):
        raise ValueError(f"{path}: {sizes[0]!r} source and {sizes[1]!r} target words do not make up {len(keys)} keys")
    if counts.min() < 0 or not 0 < counts.max() < MAX_COUNT:
        raise ValueError(f"{path / 'counts.npy'} has counts below 0, beyond {MAX_COUNT:.0e}, or 0 alone: damaged")
    for name, good in (("vectors", sane), ("contexts", sane_contexts)):
        if not good:
            raise ValueError(f"{path / name}.npy has components that are NaN, infinite, or beyond {DIVERGED:.0e}")
    model.wv = KeyedVectors(model.vector_size)
    model.set_keys(keys, counts)
    model.wv.vectors, model.syn1neg = vectors, contexts
    model.wv.vectors_lockf = np.ones(len(keys), dtype=np.float32)
    if "locks.npy" in manifest["files"]:
        model.wv.vectors_lockf = load_array(path / "locks.npy", "float32", 1, mmap=False)
        with _damage(path / "locks.npy"):
            lock_of(model)
    for prefix in ("tagger", *OWN_TAGGERS):
        if prefix not in manifest and any(name.startswith(f"{prefix}.") for name in manifest["files"]):
            raise ValueError(f"{path / 'manifest.json'} says nothing of {prefix!r}, which has files: damaged")
    if "source_rate" in manifest:
        model.source_rate = float(manifest["source_rate"])
    if "tagger" in manifest:
        model.tagger = _load_vector_tagger(path, manifest["tagger"], model)
    for name in OWN_TAGGERS:
        if name in manifest:
            tagger = _load_sequence_tagger(path, name, manifest[name])
            if tagger.features == "letters" and manifest["version"] < 4:
                logger.warning("%s: its tagger of letters was trained by an older release, whose columns were others: "
                               "it is left out; train again to have one", path)  # fmt: skip
            else:
                setattr(model, name, tagger)
    return model


def _weights(path: Path, mmap: bool, verify: bool) -> tuple[np.ndarray, bool]:
    """An array of skip-gram, and whether its numbers are sane; what nobody has read yet is left on the disk."""
    rows = load_array(path, "float32", 2, mmap=mmap)
    return rows, (mmap and not verify) or not rows.size or not diverged(rows)


def _keys(path: Path) -> list[str]:
    keys = json_texts(path)
    if len(set(keys)) != len(keys):
        raise ValueError(f"{path} has a key twice: damaged")
    return keys


def _classes(facts: Mapping[str, Any]) -> list[str]:
    """The tags of a tagger."""
    names = list(facts["classes"])
    check_tag_names(names)
    return names


def _load_vector_tagger(path: Path, facts: dict[str, Any], model: JointWord2Vec) -> VectorTagger:
    with _damage(path / "manifest.json"):
        tagger = tagger_class(model.tagger_kind)(model.wv, **facts["arguments"])
        losses, shift = [float(loss) for loss in facts["losses"]], float(facts["outside_shift"])
        if not np.isfinite(shift):
            raise ValueError(f"outside_shift={shift}")
        tagger.start(_classes(facts), model.vector_size)
    _load_state(path, "tagger", tagger.state())
    tagger.losses_, tagger.outside_shift_ = losses, shift
    return tagger


def _load_sequence_tagger(path: Path, prefix: str, facts: dict[str, Any]) -> SequenceTagger:
    with _damage(path / "manifest.json"):
        tagger = SequenceTagger(**OLD_TAGGERS | facts["arguments"])
        tagger.start(_classes(facts))
        tagger.losses_ = [float(loss) for loss in facts["losses"]]
    state = dict(tagger.state())
    rows = _part(path, f"{prefix}.rows.npy", "int64", 1)
    values = np.empty((len(rows), state["coef"].shape[1]), dtype=np.float32)
    if len(rows) and not (rows[0] >= 0 and rows[-1] < len(state["coef"]) and (np.diff(rows) > 0).all()):
        raise ValueError(f"{path / f'{prefix}.rows.npy'} has rows that are out of range or out of order: damaged")
    _load_state(path, prefix, state | {"coef": values})
    tagger.coef_[rows] = values
    return tagger


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Within it, errors are a file's."""
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError, MemoryError) as error:
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error


def _load_state(path: Path, prefix: str, state: dict[str, np.ndarray]) -> None:
    for name, array in state.items():
        part = f"{prefix}.{name}.npy"
        stored = _part(path, part, "float32", array.ndim)
        if stored.shape != array.shape:
            raise ValueError(f"{path / part} has the shape {stored.shape}; {array.shape} was expected")
        if not (np.abs(stored) < MAX_WEIGHT).all():
            raise ValueError(f"{path / part} has numbers that are NaN, infinite, or beyond {MAX_WEIGHT:.0e}")
        array[...] = stored


def _part(path: Path, name: str, dtype: str, ndim: int) -> np.ndarray:
    if not (path / name).exists():
        raise ValueError(f"{path}: the part {name!r} is missing")
    return load_array(path / name, dtype, ndim, mmap=False)
