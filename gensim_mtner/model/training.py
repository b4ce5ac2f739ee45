"""How `MTWord2Vec` is trained, and goes on after it was stopped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gensim_mtner.engines.engine import Engine
from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model import coverage, schedule
from gensim_mtner.model.arguments import check_finite, check_settings, checked_engine, gazetteers_of, optional_labels
from gensim_mtner.model.arrays import check_arrays
from gensim_mtner.model.callback import checked_callbacks
from gensim_mtner.model.checkpoint import Checkpoints, Labels, check_new, checksums
from gensim_mtner.model.checkpoint import read as read_checkpoint
from gensim_mtner.model.resources import check_resources
from gensim_mtner.model.saving import StoredWord2Vec, make_plain
from gensim_mtner.model.stages import run_training
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.vectors.rows import check_number, check_whole

if TYPE_CHECKING:
    from typing_extensions import Self  # of typing from Python 3.11


class TrainedWord2Vec(StoredWord2Vec):
    """Training of `MTWord2Vec`: pretraining, the joint phase, and what follows it."""

    calls_rounds = True  # NERCallback leaves its turns to us

    def train(  # type: ignore[override]
        self,
        corpus_iterable: ComparableCorpus | EncodedText | Iterable[list[str]] | None = None,
        corpus_file: None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        *,
        ner_data: NERData | None = None,
        target_ner_data: NERData | None = None,
        dev_data: NERData | None = None,
        dictionary: BilingualDictionary | None = None,
        gazetteer: Gazetteer | Sequence[Gazetteer] | None = None,
        pretrain_epochs: int | None = None,
        compute_loss: bool | None = None,
        callbacks: Sequence = (),
        checkpoint: str | os.PathLike | None = None,
        checkpoint_every: int = 1,
        keep_checkpoint: bool = False,
        engine: Engine | None = None,
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Pretrain on the corpus, then alternate tagger updates and skip-gram.

        Called again, it goes on with the joint phase (there is no second pretraining, unless `pretrain_epochs` says
        so). Learning rates fall linearly from `start_alpha` to `end_alpha` in each phase. Settings are those that the
        model has now, `dropout` and `ner_alpha` for its tagger, too; own taggers of a language that a call with
        `ner_data` does not make anew go.

        Parameters
        ----------
        corpus_iterable : ComparableCorpus, EncodedText or iterable of list of str
            The corpus of `build_vocab`, which is not read again if it was just read; or another one, of which the
            words in the vocabulary are used.
        total_examples, total_words : int, optional
            Not needed; accepted as gensim's classes are called with them, as are `queue_factor`, `report_delay`.
        epochs, pretrain_epochs : int, optional
            By default those of the class.
        start_alpha, end_alpha : float, optional
            For this call, instead of `alpha` and `min_alpha`.
        ner_data, target_ner_data, dev_data, dictionary, gazetteer
            As in the class.
        callbacks : iterable of CallbackAny2Vec
            Called at the begin and end of training and of each epoch, in both phases.
        checkpoint : path-like, optional
            A directory for the state of training, without one of another: after a kill, `resume` goes on from there.
            SIGINT and SIGTERM then finish the batch, write the state, and end training with TrainingInterrupted; where
            the tagger is trained alone they end it at once, and it is trained anew. It is empty again when training
            is done, unless the last state is kept.
        checkpoint_every : int
            Epochs from one checkpoint to the next.
        keep_checkpoint : bool
            Whether the last state stays when training is done, for `resume` if the model is lost before it is saved.
        engine : LocalEngine or RayEngine, optional
            Where passes of skip-gram run; by default in this process, on `workers` threads.

        Returns
        -------
        (int, int)
            Words trained on after subsampling, and before.

        Raises
        ------
        FloatingPointError
            If vectors or tagger are no longer finite.
        ValueError
            If arrays of the model do not fit each other, or labels have hardly a word of the corpus's.
        """
        # gensim's arguments that change nothing here: how it queues, and how often it logs
        for name in ("queue_factor", "report_delay"):
            check_number(name, kwargs.pop(name, 1), positive=True)
        if not kwargs.get("word_count", 1):
            del kwargs["word_count"]
        if corpus_file is not None or kwargs:
            names = [*(["corpus_file"] if corpus_file is not None else []), *kwargs]
            raise ValueError(f"train does not take {', '.join(names)}")
        if not len(self.wv):
            raise RuntimeError("there is no vocabulary yet: call build_vocab(corpus, ner_data=...) first")
        callbacks = checked_callbacks(callbacks)
        if checkpoint is not None:
            check_new(checkpoint, checkpoint_every)
        given = {
            "epochs": epochs, "pretrain_epochs": pretrain_epochs, "alpha": start_alpha or None,
            "min_alpha": end_alpha, "compute_loss": compute_loss, "keep_checkpoint": keep_checkpoint,
        }  # fmt: skip
        check_settings({**vars(self), **{name: value for name, value in given.items() if value is not None}})
        for name, value in (("total_examples", total_examples), ("total_words", total_words)):
            if value is not None:
                check_whole(name, value, 0)
        make_plain(self)
        check_arrays(self, writes=True)
        check_finite({"wv.vectors": self.wv.vectors, "syn1neg": self.syn1neg})
        if self._tables_of != (self.sample, self.ns_exponent):  # they were changed since
            self.make_tables()
        if compute_loss is not None:
            self.compute_loss = compute_loss
        engine = checked_engine(engine)
        phases, labels = self.checked_plan(
            corpus_iterable, Labels(ner_data, target_ner_data, dev_data, dictionary, gazetteers_of(gazetteer)),
            epochs=epochs, pretrain_epochs=pretrain_epochs, start_alpha=start_alpha, end_alpha=end_alpha,
        )  # fmt: skip
        text, encoded = self._corpus(corpus_iterable)
        compared, self._compared = self._compared, None
        for name, data, side in (("ner_data", ner_data, 0), ("dev_data", dev_data, 0),
                                 ("target_ner_data", target_ner_data, 1)):  # fmt: skip
            if data is not None and text.source is not None and not (name == "ner_data" and id(data) == compared):
                coverage.check_labels(name, data, text, side)
        checkpoints = None
        if checkpoint is not None:
            run = engine.facts(schedule.passes_of(phases))
            found = checksums(text, labels)
            checkpoints = Checkpoints(checkpoint, checkpoint_every, phases, found, run, keep=keep_checkpoint)
        return run_training(self, text, encoded, phases, labels, callbacks, checkpoints, engine=engine)

    def checked_plan(
        self,
        corpus: Any,
        labels: Labels,
        *,
        anew: bool = False,
        epochs: int | None = None,
        pretrain_epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
    ) -> tuple[list[schedule.Phase], Labels]:
        """What `train` will do, and with which labels, compared with each other before the corpus is read.

        Parameters
        ----------
        corpus : ComparableCorpus, EncodedText or iterable of list of str
            It is not read.
        labels : Labels
            What there is to learn from.
        anew : bool
            Whether a vocabulary will be made, so that the corpus decides about languages.
        epochs, pretrain_epochs, start_alpha, end_alpha
            As in `train`.

        Raises
        ------
        ValueError, TypeError
            With the argument, and what it needs.
        """
        optional_labels(**labels._asdict())
        languages = self._checked_languages(corpus, labels.ner_data, anew=anew)
        before = bool(self.train_count or self.updates or self.pretrained)  # also where it was interrupted since
        phases = schedule.phases_of(
            self.mode, labelled=labels.ner_data is not None, pretrained=pretrain_epochs is None and before,
            epochs=self.epochs if epochs is None else epochs,
            pretrain_epochs=self.pretraining_passes if pretrain_epochs is None else pretrain_epochs,
            alpha=float(start_alpha or self.alpha),
            min_alpha=float(self.min_alpha if end_alpha is None else end_alpha), ner_weight=self.ner_weight,
        )  # fmt: skip
        if not any(phase.joint for phase in phases):
            labels = labels._replace(ner_data=None)
        goes_on = any(phase.joint and (phase.skipgram or phase.moves_vectors) for phase in phases)
        if labels.ner_data is not None and goes_on and hasattr(self, "tagger"):
            self.tagger.check_tags(labels.ner_data.tag_names)
            if self.tagger.unit_length != self.unit_length:
                raise ValueError(
                    f"unit_length={self.unit_length!r}, but the tagger was trained with "
                    f"{self.tagger.unit_length!r}: set it back, or make a new model"
                )
        check_resources(self, labels, languages, corpus, trains=bool(schedule.passes_of(phases)))
        return phases, labels

    @classmethod
    def resume(
        cls,
        checkpoint: str | os.PathLike,
        corpus: Any,
        ner_data: NERData | None = None,
        *,
        target_ner_data: NERData | None = None,
        dev_data: NERData | None = None,
        dictionary: BilingualDictionary | None = None,
        gazetteer: Gazetteer | Sequence[Gazetteer] | None = None,
        callbacks: Sequence = (),
        checkpoint_every: int = 1,
        keep_checkpoint: bool = False,
        engine: Engine | None = None,
        progress: bool | None = None,
    ) -> Self:
        """Go on with training that was stopped, from its last checkpoint.

        With one worker the result has the bits of a training that was not stopped.

        Parameters
        ----------
        checkpoint : path-like
            The directory that training was given.
        corpus, ner_data, target_ner_data, dev_data, dictionary, gazetteer
            What training was given; they are not kept, but compared by checksums.
        callbacks : iterable of CallbackAny2Vec
            As in `train`.
        checkpoint_every, keep_checkpoint
            As in `train`.
        engine : LocalEngine or RayEngine, optional
            With as many shards and syncs as before, and the same `dtype`; from two shards on one may go on with what
            the other began.
        progress : bool, optional
            As in the class; it is not kept.

        Raises
        ------
        FileNotFoundError
            If there is no checkpoint.
        ValueError
            If it is damaged, or the corpus or the labels are others.
        """
        callbacks, engine = checked_callbacks(callbacks), checked_engine(engine)
        optional_labels(dictionary, gazetteer, ner_data=ner_data, target_ner_data=target_ner_data, dev_data=dev_data)
        check_settings({"progress": progress, "keep_checkpoint": keep_checkpoint})
        check_whole("checkpoint_every", checkpoint_every, 1)
        resumed = read_checkpoint(cls, checkpoint)
        model = resumed.model
        model.progress = progress
        model._checked_languages(corpus, ner_data)
        text, encoded = model._corpus(corpus)
        joint = any(phase.joint for phase in resumed.phases)
        labels = Labels(ner_data if joint else None, target_ner_data, dev_data, dictionary, gazetteers_of(gazetteer))
        found = checksums(text, labels)
        for name in found:
            if found[name] != resumed.checksums.get(name, 0):
                raise ValueError(f"{checkpoint}: {name} is not what training was begun with; pass the same")
        run = engine.facts(schedule.passes_of(resumed.phases))
        if run != resumed.engine:
            raise ValueError(
                f"{checkpoint}: training was begun with {resumed.engine or 'no shards'}, but engine={engine!r} has "
                f"{run or 'none'}: pass an engine with the same (a state of an older release that has no shards may be "
                "of a cluster of one machine: it cannot be gone on with)"
            )
        checkpoints = Checkpoints(checkpoint, checkpoint_every, resumed.phases, found, run, keep=keep_checkpoint)
        run_training(model, text, encoded, resumed.phases, labels, callbacks, checkpoints, resumed, engine)
        return model
