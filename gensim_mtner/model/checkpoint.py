"""Training that can be stopped, by a signal or a power cut, and goes on where it was, to the same bits."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
import signal
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.callback import NERCallback
from gensim_mtner.model.saving import KIND, VERSION, StoredWord2Vec, load_model, save_model
from gensim_mtner.model.schedule import EarlyStopping, Phase
from gensim_mtner.storage import check_destination, load_array
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.vectors.rows import check_whole

logger = logging.getLogger(__name__)

CHUNK = 1 << 24  # ids of which the checksum is taken at a time


class TrainingInterrupted(KeyboardInterrupt):
    """Training was stopped by a signal, after a checkpoint was written; `signal` is its number."""

    def __init__(self, message: str, number: int):
        super().__init__(message)
        self.signal = number

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.args, self.signal)


@dataclass
class Position:
    """Where training stands: what is done of which phase and epoch.

    Attributes
    ----------
    phase, epoch : int
        The place of the phase, and how many of its epochs are done.
    turns, jobs : int
        Turns of the tagger in the epoch after these, and jobs done since the last of them.
    tallies : dict
        Sums over the unfinished epoch.
    loss : float
        Skip-gram's, summed over the epochs that are done.
    """

    phase: int = 0
    epoch: int = 0
    turns: int = 0
    jobs: int = 0
    tallies: dict[str, Any] = field(default_factory=dict)
    loss: float = 0.0


@dataclass
class Resumed:
    """A checkpoint that was read."""

    model: StoredWord2Vec
    phases: list[Phase]
    position: Position
    passes: int
    pending: int  # parts of the tagger's last pass
    translations: np.ndarray | None
    stopping: dict[str, Any] | None
    best_state: list[np.ndarray]
    checksums: dict[str, int]
    engine: dict[str, Any]  # what decided the bits so far, see `Engine.facts`


class Labels(NamedTuple):
    """What training is given to learn names from."""

    ner_data: NERData | None = None
    target_ner_data: NERData | None = None
    dev_data: NERData | None = None
    dictionary: BilingualDictionary | None = None
    gazetteer: tuple[Gazetteer, ...] = ()


def checksums(text: EncodedText, labels: Labels) -> dict[str, int]:
    """What tells whether a corpus and labels are the same as before."""
    corpus = zlib.crc32("\n".join(itertools.chain(*text.words)).encode("utf-8", "surrogatepass"))
    for array in (text.ids, text.offsets):
        for start in range(0, len(array), CHUNK):
            corpus = zlib.crc32(np.ascontiguousarray(array[start : start + CHUNK]).tobytes(), corpus)
    return {"corpus": corpus} | label_sums(labels)


def label_sums(labels: Labels) -> dict[str, int]:
    """As `checksums`, of labels alone."""
    found: dict[str, int] = {}
    for name, data in labels._asdict().items():
        found[name] = 0
        rows: Iterable[Any] = data or ()
        if isinstance(data, NERData):
            rows = zip(data.sentences, data.tags, strict=True)
        elif isinstance(data, BilingualDictionary):
            rows = zip(data.pairs, data.weights, strict=True)
        elif isinstance(data, tuple):
            rows = ((listed.language, *pair) for listed in data for pair in listed.kinds.items())
        for row in rows:
            found[name] = zlib.crc32(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"), found[name])
    return found


class Checkpoints:
    """A directory with the last state of training, and the signals that ask for one.

    Each state is a directory of its own, and the former is removed when the next is whole, so there always is one.

    Parameters
    ----------
    path : path-like
        The directory; it is made if need be.
    every : int
        Epochs from one to the next.
    phases : sequence of Phase
        All that is to be trained.
    facts : dict of str to int
        From `checksums`.
    engine : dict
        From `Engine.facts`.
    keep : bool
        Whether the last state stays when training is done.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        every: int,
        phases: Sequence[Phase],
        facts: dict[str, int],
        engine: dict[str, Any] | None = None,
        *,
        keep: bool = False,
    ):
        self.path, self.every, self.phases, self.facts = Path(path), every, list(phases), facts
        self.engine, self.keep = engine or {}, keep
        self.path.mkdir(parents=True, exist_ok=True)
        self.signal = 0  # the number of the one that came
        self.at_once = False  # whether a signal ends training without a state of its own
        self._handlers: dict[int, Any] = {}

    # -- signals

    def __enter__(self) -> Checkpoints:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._handlers[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def end_at_signals(self) -> None:
        """From now on a signal ends training at once, without a state: what follows begins anew when it goes on."""
        self.at_once = True
        if self.signal:  # came while the last one was written
            raise self.interrupted()

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.signal:  # the second time it is meant
            raise KeyboardInterrupt
        self.signal = number
        if self.at_once:
            raise self.interrupted()
        logger.warning("%s: the batch is finished and a checkpoint written", signal.Signals(number).name)

    @contextlib.contextmanager
    def kept(self, model: StoredWord2Vec, position: Position) -> Iterator[None]:
        """Within it, a signal ends training at once: there is a state from before, `position`, and nothing after it."""
        first = not states_in(self.path)
        if first:
            self.write(model, position, None, None)
        self.end_at_signals()
        try:
            yield
        except Exception:
            if first:  # of nothing that was done; it would stand in the way of another try
                remove_states(self.path)
            raise
        finally:
            self.at_once = False

    def interrupted(self) -> TrainingInterrupted:
        """What to raise after the checkpoint is written."""
        return TrainingInterrupted(
            f"stopped by {signal.Signals(self.signal).name}; the checkpoint in {self.path} is whole: go on with "
            f"MTWord2Vec.resume({str(self.path)!r}, corpus, ner_data), or the command train with --resume",
            self.signal,
        )

    # -- files

    def write(
        self, model: StoredWord2Vec, position: Position, ner: NERCallback | None, stopping: EarlyStopping | None
    ) -> None:
        """Save all that the rest of training depends on."""
        states = states_in(self.path)
        name = f"state-{1 + (int(states[-1].name[6:]) if states else 0):06d}"
        arrays: dict[str, np.ndarray] = {}
        facts: dict[str, Any] = {
            "phases": [asdict(phase) for phase in self.phases], "position": asdict(position),
            "passes": ner.passes if ner else 0, "pending": ner.pending if ner else 0, "checksums": self.facts,
            "engine": self.engine,
        }  # fmt: skip
        if ner is not None and ner.translations is not None:
            arrays["resume.translations"] = ner.translations
        if stopping is not None and stopping.checks:
            facts["stopping"] = {
                "best_score": stopping.best_score, "best_at": stopping.best_at, "checks": stopping.checks,
                "arrays": len(stopping.best_state),
            }  # fmt: skip
            arrays |= {f"resume.best.{number}": array for number, array in enumerate(stopping.best_state)}
        save_model(model, self.path / name, overwrite=False, more={"resume": facts}, arrays=arrays)
        for old in states:
            _remove(old)

    def done(self) -> None:
        """Training is done: remove the states, unless the last is to stay."""
        if not self.keep:
            remove_states(self.path)


def remove_states(path: Path) -> None:
    """Remove the states of a training that is done, and what a kill left half-written."""
    for state in [*states_in(path), *path.glob(".state-*")]:
        _remove(state)


def check_new(path: str | os.PathLike, every: Any = 1) -> None:
    """Refuse a directory for checkpoints that cannot be written to, or has the state of another training.

    Raises
    ------
    ValueError
        If `every` is no whole number of epochs.
    FileExistsError
        If there is a state, which would be lost.
    OSError
        See `gensim_mtner.storage.check_destination`.
    """
    check_whole("checkpoint_every", every, 1)
    check_destination(path, "a folder")
    states = states_in(Path(path))
    if states:
        raise FileExistsError(
            f"{path} has the state of a training that was not finished ({states[-1].name}): go on with it "
            "(MTWord2Vec.resume, or the command train with --resume), name another directory, or remove the state, "
            "which stays after training, too, where keep_checkpoint was asked for"
        )


def _remove(state: Path) -> None:
    """Remove a state: first its name, so that a kill leaves no half of one under it."""
    gone = state.with_name(f".{state.name.lstrip('.')}.gone")
    with contextlib.suppress(OSError):
        os.replace(state, gone)
    shutil.rmtree(gone, ignore_errors=True)


def states_in(path: Path) -> list[Path]:
    """The whole states of a directory, the newest last."""
    return sorted(state for state in path.glob("state-*") if state.name[6:].isdigit())


def read(cls: type[StoredWord2Vec], path: str | os.PathLike) -> Resumed:
    """The newest state of a directory of checkpoints.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is damaged.
    """
    states = states_in(Path(path))
    if not states:
        raise FileNotFoundError(f"{path} has no checkpoint: train with checkpoint={str(path)!r} first")
    state = states[-1]
    model = load_model(cls, state)
    manifest = json.loads((state / "manifest.json").read_text(encoding="utf-8"))
    try:
        facts = manifest["resume"]
        stopping = facts.get("stopping")
        resumed = Resumed(
            model=model,
            phases=[Phase(**phase) for phase in facts["phases"]],
            position=Position(**facts["position"]),
            passes=facts["passes"],
            pending=facts["pending"],
            translations=None,
            stopping=stopping,
            best_state=[],
            checksums=dict(facts["checksums"]),
            engine=dict(facts.get("engine", {})),
        )
        best = int(stopping["arrays"]) if stopping else 0
        counted = [resumed.passes, resumed.pending, *resumed.checksums.values()]
        counted += list(asdict(resumed.position).values())[:4]
        counted += [phase.epochs for phase in resumed.phases]
        if not all(isinstance(number, int) and number >= 0 for number in counted):
            raise ValueError("a number is missing, negative or not whole")
        rates = [rate for phase in resumed.phases for rate in (phase.alpha, phase.min_alpha)]
        rates.append(resumed.position.loss)
        if not np.isfinite(rates).all():
            raise ValueError(f"rates and loss {rates}")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{state / 'manifest.json'} is no checkpoint, or damaged ({KIND}, layout {VERSION}): {error}"
        ) from error
    if "resume.translations.npy" in manifest["files"]:
        resumed.translations = rows = load_array(state / "resume.translations.npy", "int32", 1, mmap=False)
        # the kernel looks rows up without asking
        if len(rows) != len(model.wv) or rows.min() < -1 or rows.max() >= len(model.wv):
            raise ValueError(f"{state / 'resume.translations.npy'} has rows that the vocabulary lacks: damaged")
    if best:
        wanted = [model.wv.vectors, model.syn1neg, *model.tagger.state().values()]
        parts = [state / f"resume.best.{number}.npy" for number in range(best)]
        if len(parts) != len(wanted):
            raise ValueError(
                f"{state}: {len(wanted)} arrays of the best state were expected, not {len(parts)}: damaged"
            )
        for part, array in zip(parts, wanted, strict=True):
            resumed.best_state.append(load_array(part, "float32", array.ndim, mmap=False))
            if resumed.best_state[-1].shape != array.shape:
                raise ValueError(f"{part} has the shape {resumed.best_state[-1].shape}; {array.shape} was expected")
    return resumed
