"""Phases of epochs, in which skip-gram and the tagger take turns: history, stopping, divergence."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from gensim_mtner.engines.engine import Runner, Stretch
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.arguments import DIVERGED, diverged
from gensim_mtner.model.arrays import check_arrays, phase_lock
from gensim_mtner.model.callback import NERCallback
from gensim_mtner.model.checkpoint import Checkpoints, Position, Resumed
from gensim_mtner.model.saving import StoredWord2Vec
from gensim_mtner.model.schedule import PRETRAINING, EarlyStopping, Phase
from gensim_mtner.taggers.base import unchanged_if_it_fails
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.neighbours import translations

logger = logging.getLogger(__name__)

MOST_FOR_GENSIM = 1.0  # step size; with 1e30, dot products of what comes of it are not numbers


class Trainer:
    """Runs the phases of one call of `MTWord2Vec.train`.

    Parameters
    ----------
    model : StoredWord2Vec
        Whose vectors, tagger and history are written.
    encoded : EncodedCorpus
        The documents.
    ner : NERCallback, optional
        The tagger's turns; needed by joint phases.
    dev_data : NERData, optional
        Labelled source sentences to stop joint phases by.
    callbacks : sequence of CallbackAny2Vec
        The caller's.
    runner : Runner
        An engine at work: what runs the jobs of a pass.
    checkpoints : Checkpoints, optional
        Where states are written.
    known : ndarray of int32, shape (n_keys,), optional
        The row of each word's translation by a dictionary, or -1.
    """

    def __init__(
        self,
        model: StoredWord2Vec,
        encoded: EncodedCorpus,
        ner: NERCallback | None,
        dev_data: NERData | None,
        callbacks: Sequence,
        runner: Runner,
        checkpoints: Checkpoints | None = None,
        known: np.ndarray | None = None,
    ):
        self.runner, self.known = runner, known
        self.model, self.encoded, self.ner, self.dev_data = model, encoded, ner, dev_data
        self.callbacks = callbacks
        self.checkpoints = checkpoints
        self.stopping: EarlyStopping | None = None
        self.words = self.raw_words = 0
        self.loss = 0.0  # of skip-gram, over all epochs of the call

    def run(self, phases: Sequence[Phase], resumed: Resumed | None = None) -> None:
        """Run phases one after the other, from the beginning or from where a checkpoint is."""
        at = resumed.position if resumed else Position()
        self.loss = at.loss
        for number, phase in enumerate(phases):
            if number < at.phase:
                continue
            if phase.joint and not phase.skipgram and not phase.moves_vectors:
                with self._all_or_nothing(number):
                    self._fit_tagger(phase)
            else:
                self._run_phase(phase, number, resumed if number == at.phase else None)
            self.model.pretrained |= phase.name == PRETRAINING
            self._checkpoint(Position(number + 1))
        self.model.running_training_loss = self.loss  # as gensim has it: what the epochs of this call sum up to
        if self.checkpoints is not None:
            self.checkpoints.end_at_signals()

    @contextmanager
    def _locked(self, phase: Phase) -> Iterator[None]:
        """Within it, the user's factors of steps are multiplied by the mode's; the user's are put back after it."""
        wv = self.model.wv
        given, lock = getattr(wv, "vectors_lockf", None), phase_lock(self.model, source=phase.lock)
        wv.vectors_lockf = lock
        try:
            yield
        finally:
            wv.vectors_lockf = lock if given is None else given
            wv.norms = None  # rows have moved; gensim caches their norms

    def _run_phase(self, phase: Phase, number: int, resumed: Resumed | None) -> None:
        model = self.model
        at = resumed.position if resumed else Position(number)
        begun = at.epoch > 0 or at.turns > 0 or at.jobs > 0
        if phase.joint:
            assert self.ner is not None
            if resumed and begun:
                self.ner.translations = resumed.translations
                self.ner.go_on(model, resumed.passes, self._rounds(phase), resumed.pending)
            else:
                with self._all_or_nothing(number):
                    self.ner.translations = self._translations()
                    self.ner.prepare(model)
                model.ner_passes = self.ner.passes
                if phase.epochs and model.tagger.outside_shift_:
                    logger.info("the shift of O that calibrate made is undone: it was for vectors that move now")
                    model.tagger.outside_shift_ = 0.0
        self.stopping = EarlyStopping(model.patience) if phase.joint and self.dev_data is not None else None
        if self.stopping is not None and resumed and resumed.stopping:
            self.stopping.go_on(resumed.stopping, resumed.best_state)
        for epoch in range(at.epoch, phase.epochs):
            inside = at if epoch == at.epoch and (at.turns or at.jobs) else Position(number, epoch)
            if inside is not at and phase.joint and self._updates_used_up():
                logger.log(
                    logging.INFO if epoch else logging.WARNING, "max_updates=%i reached: stopping before epoch %i",
                    model.max_updates, epoch + 1,
                )  # fmt: skip
                break
            if inside is not at:
                for callback in self.callbacks:
                    callback.on_epoch_begin(model)
            entry = self._run_epoch(phase, inside)
            if self.stopping is not None:
                assert self.dev_data is not None and model.source is not None
                # not by `evaluate`, which would say in each epoch what was said of the data before
                predicted = model.tagger.predict(self.dev_data.sentences, language=model.source, unknown="oov")
                entry["dev_f1"] = model.score_tags(self.dev_data, predicted, language=model.source).f1
            self._note(entry)
            for callback in self.callbacks:
                callback.on_epoch_end(model)
            if self.stopping is not None and self.stopping(entry["dev_f1"], self._state()):
                logger.info("no better F1 on dev_data for %i epochs: stopping", model.patience)
                break
            if epoch + 1 < phase.epochs:
                self._checkpoint(Position(number, epoch + 1))
        if self.stopping is not None and self.stopping.best_state:
            for array, best in zip(self._state(), self.stopping.best_state, strict=True):
                array[...] = best
            logger.info("kept the state of joint epoch %i, F1 %.1f", self.stopping.best_at, self.stopping.best_score)
        self.stopping = None

    @contextmanager
    def _all_or_nothing(self, number: int) -> Iterator[None]:
        """Within it, a signal ends training at once: what is begun counts for nothing, and begins anew."""
        if self.checkpoints is None:
            yield
        else:
            with self.checkpoints.kept(self.model, Position(number, loss=self.loss)):
                yield

    def _rounds(self, phase: Phase) -> int:
        return min(self.model.rounds_per_epoch, len(self.encoded)) if phase.joint else 1

    def _asked_to_stop(self) -> bool:
        return self.checkpoints is not None and bool(self.checkpoints.signal)

    def _checkpoint(self, position: Position) -> None:
        """Write a checkpoint if it is time, and stop if a signal asked for it."""
        if self.checkpoints is None:
            return
        asked = bool(self.checkpoints.signal)
        inside = position.turns or position.jobs
        position.loss = self.loss
        if asked or (not inside and position.epoch % self.checkpoints.every == 0):
            self.checkpoints.write(self.model, position, self.ner, self.stopping)
        if asked:
            raise self.checkpoints.interrupted()

    def _state(self) -> list[np.ndarray]:
        model = self.model
        return [model.wv.vectors, model.syn1neg, *model.tagger.state().values()]

    def _updates_used_up(self) -> bool:
        return self.model.max_updates is not None and self.model.updates >= self.model.max_updates

    def _fit_tagger(self, phase: Phase) -> None:
        """The baseline: vectors stay, the tagger is trained until its loss no longer falls."""
        assert self.ner is not None
        start = time.perf_counter()
        tagger, data = self.model.tagger, self.ner.ner_data
        with unchanged_if_it_fails(tagger):
            tagger.fit(data.sentences, data.tags, translations=self._translations())
            entries = [{"phase": phase.name, "epoch": number, "ner_loss": loss}
                       for number, loss in enumerate(tagger.losses_, 1)]  # fmt: skip
            self._check_diverged(entries[-1])
        entries[-1] |= {"target_rate": self.model.entity_rate(), "seconds": time.perf_counter() - start}
        self.model.history += entries

    def _translations(self) -> np.ndarray | None:
        """The dictionary that the vectors make, if the tagger is to use one; a given one has what it lacks."""
        model = self.model
        if not model.tagger.translate_probability or model.source is None or model.target is None:
            return None
        sides = model.rows_of(model.source), model.rows_of(model.target)
        found = translations(model.wv.vectors, model.wv.expandos["count"], *sides, workers=model.workers)
        return found if self.known is None else np.where(found < 0, self.known, found)

    def _run_epoch(self, phase: Phase, at: Position) -> dict[str, Any]:
        """One pass over the documents, and over the labelled sentences if the phase is joint; its history entry."""
        model = self.model
        check_arrays(model, writes=True)  # callbacks may have changed them
        start = time.perf_counter()
        epoch, began = at.epoch, bool(at.turns or at.jobs)
        kernel = skipgram.KERNELS[model.kernel](model, self.encoded, model.merge, model.passes - began)
        documents = kernel.order()
        rounds = self._rounds(phase)
        total = kernel.examples(documents)
        if not began:
            model.passes += 1
        tallies: dict[str, Any] = {
            "words": 0,
            "raw_words": 0,
            "loss": 0.0,
            "ner_losses": [],
            "seconds": 0.0,
        } | at.tallies
        done = 0

        def stretch(part: np.ndarray, skip: int) -> Stretch:
            return Stretch(kernel, part, partial(phase.rate, epoch), done, total, rounds, skip, self._asked_to_stop)

        title = f"{phase.name} {epoch + 1}/{phase.epochs}"
        with tqdm(total=total, desc=title, unit=" documents", disable=not model.shows_progress(), leave=False) as bar:
            for turn, part in enumerate(np.array_split(documents, rounds), 1):
                if turn < at.turns:  # done before the checkpoint
                    done += kernel.examples(part)
                    continue
                skip = at.jobs if turn == max(at.turns, 1) else 0
                if phase.joint and turn > at.turns:
                    if self._updates_used_up():
                        break
                    tallies["ner_losses"].append(self._tagger_turn(phase, rounds))
                run = skip
                todo = self.runner.run(stretch(part, skip)) if phase.skipgram else ()
                if phase.skipgram and model.kernel == "gensim":
                    self._check_for_gensim(phase, epoch)
                with self._locked(phase):
                    for tally in todo:
                        run += 1
                        for name in ("words", "raw_words", "loss"):
                            tallies[name] += getattr(tally, name)
                        bar.update(tally.examples)
                        bar.set_postfix_str(_shown(tallies, time.perf_counter() - start), refresh=False)
                done += kernel.examples(part)
                bar.update(done - bar.n)  # of parts that were done before, and of passes without skip-gram
                if self.checkpoints is not None and self.checkpoints.signal:
                    tallies["seconds"] += time.perf_counter() - start
                    if not phase.joint and not run:
                        model.passes -= 1  # it is as if it had not begun
                    self._checkpoint(Position(at.phase, epoch, turn if phase.joint else 0, run, tallies))
        if model.compute_loss:
            self.loss += tallies["loss"]
        model.running_training_loss = self.loss
        model.min_alpha_yet_reached = phase.rate(epoch, 1.0)
        seconds = tallies["seconds"] + time.perf_counter() - start
        words, raw_words = tallies["words"], tallies["raw_words"]
        model.total_train_time += seconds
        self.words, self.raw_words = self.words + words, self.raw_words + raw_words
        entry: dict[str, Any] = {"phase": phase.name, "epoch": epoch + 1, "alpha": phase.rate(epoch, 0.0)}
        if words and model.compute_loss:
            entry["skipgram_loss"] = tallies["loss"] / words
        entry |= {"words": words, "raw_words": raw_words, "seconds": seconds}
        if phase.joint:
            entry |= {"ner_loss": float(np.mean(tallies["ner_losses"])), "updates": model.updates}
        self._check_diverged(entry)
        if phase.joint:
            entry["target_rate"] = model.entity_rate()
        return entry

    def _tagger_turn(self, phase: Phase, rounds: int) -> float:
        assert self.ner is not None
        self.model.updates += 1
        loss = self.ner.update(self.model, rounds=rounds)
        self.model.ner_passes = self.ner.passes
        return loss

    def _check_diverged(self, entry: dict[str, Any]) -> None:
        model = self.model
        numbers: list[Any] = [[entry.get("ner_loss", 0.0), entry.get("skipgram_loss", 0.0)]]
        numbers += model.tagger.state().values() if "ner_loss" in entry else ()
        finite = all(np.isfinite(array).all() for array in numbers)
        if not finite or diverged(model.wv.vectors) or diverged(model.syn1neg):
            raise self._diverged(entry)

    def _check_for_gensim(self, phase: Phase, epoch: int) -> None:
        """Refuse what gensim's kernel looks up in its tables without asking: a number that is none crashes it."""
        model = self.model
        entry = {"phase": phase.name, "epoch": epoch + 1} | ({"ner_loss": 0.0} if phase.joint else {})
        if diverged(model.wv.vectors) or diverged(model.syn1neg):
            raise self._diverged(entry)
        step = phase.rate(epoch, 0.0) * float(phase_lock(model, source=phase.lock).max())
        if step > MOST_FOR_GENSIM:
            raise ValueError(
                f"alpha={phase.alpha:g} (times wv.vectors_lockf): expected at most {MOST_FOR_GENSIM:g} with "
                "kernel='gensim', which crashes where numbers overflow"
            )

    def _diverged(self, entry: dict[str, Any]) -> FloatingPointError:
        model = self.model
        lower = "ner_vector_alpha, ner_alpha or alpha" if "ner_loss" in entry else "alpha"
        return FloatingPointError(
            f"{entry['phase']} epoch {entry['epoch']}: training diverged, vectors, contexts or the tagger have numbers "
            f"that are not finite, or beyond {DIVERGED:.0e}; lower {lower} (alpha={model.alpha}, "
            f"ner_alpha={model.ner_alpha}, ner_vector_alpha={model.ner_vector_alpha})"
            + (f"; the last good state is in {self.checkpoints.path}" if self.checkpoints is not None else "")
        )

    def _note(self, entry: dict[str, Any]) -> None:
        self.model.history.append(entry)
        shown = [f"{name} {value:.4g}" for name, value in entry.items() if isinstance(value, float)]
        if entry["words"]:
            shown.append(f"{entry['words'] / entry['seconds']:,.0f} words/s")
        logger.info("%s epoch %i: %s", entry["phase"], entry["epoch"], ", ".join(shown))


def _shown(tallies: dict[str, Any], seconds: float) -> str:
    """Losses and speed of the epoch so far, for its bar."""
    words = tallies["words"]
    parts = [f"skip-gram {tallies['loss'] / words:.3f}"] if words and np.isfinite(tallies["loss"]) else []
    parts += [f"tagger {np.mean(tallies['ner_losses']):.3f}"] if tallies["ner_losses"] else []
    return ", ".join([*parts, f"{words / (tallies['seconds'] + seconds):,.0f} words/s"])
