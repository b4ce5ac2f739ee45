"""MTWord2Vec: word vectors of two languages and a name tagger, trained together."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gensim.models import KeyedVectors

from gensim_mtner.engines.engine import Engine
from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.arguments import (
    check_arguments,
    check_rest,
    checked_engine,
    gazetteers_of,
)  # fmt: skip
from gensim_mtner.model.callback import checked_callbacks
from gensim_mtner.model.checkpoint import Labels, check_new
from gensim_mtner.model.saving import make_plain
from gensim_mtner.model.training import TrainedWord2Vec
from gensim_mtner.model.weights import Held
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.dictionary import BilingualDictionary
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.segmentation import HowCut

logger = logging.getLogger(__name__)


class MTWord2Vec(TrainedWord2Vec):
    """Bilingual skip-gram and a source-language name tagger on the same vectors.

    The objective is ``ner_weight * L_n + (1 - ner_weight) * L_m`` (eq. 1 of Wang, Peng and Duh, IJCNLP 2017): L_n is
    the tagger's loss on labelled source sentences (eqs. 2-4), L_m skip-gram with negative sampling on merged
    document pairs (eqs. 5-6). Skip-gram alone comes first (`pretrain_epochs`), then tagger updates and skip-gram
    alternate (`epochs`).

    Arguments of `gensim.models.Word2Vec` keep their names and are passed by name; those that mean nothing here are
    refused. Defaults that differ: ``sg=1``, ``vector_size=128``, ``window=16``, ``negative=10``, ``sample=1e-4``,
    ``min_count=2``, ``epochs=8`` (after `pretrain_epochs`), ``compute_loss=True``. ``workers`` is gensim's, 3: for the
    same bits again, ``workers=1``.

    Parameters
    ----------
    corpus : ComparableCorpus, EncodedText or iterable of list of str, optional
        Document pairs; or documents that are merged already, whose tokens carry their language (``en:Spain``) if
        `source` and `target` are given. Without it, the model is left for `build_vocab` and `train`.
    ner_data : NERData, optional
        Labelled sentences of the source language. Without it, the model is Word2Vec on the merged documents.
    source, target : str, optional
        Language codes; a ComparableCorpus brings them along.
    mode : {"hfj", "fj", "baseline", "ner"}
        Half-fixed joint (source rows are locked in the skip-gram steps of the joint phase), full joint, baseline
        (the tagger is trained on pretrained vectors, which stay), or the tagger's loss alone.
    ner_weight : float
        The weight of the tagger's loss, alpha of eq. 1: the tagger's steps are multiplied by it, the skip-gram
        steps of the joint phase by ``1 - ner_weight``. With 0 the model is Word2Vec for `epochs` epochs.
    pretrain_epochs : int, optional
        Passes of skip-gram alone. By default 12; up to 30 where that is less than ten million tokens, read again and
        again. `pretraining_passes` has the number.
    epochs : int
        Passes of the joint phase, or all passes where there is no labelled data.
    rounds_per_epoch : int
        In how many parts a joint pass is split; the tagger has its turn before each part.
    max_updates : int, optional
        The joint phase ends after this many rounds (pairs of updates), of all calls of `train` together; the paper
        stops at 10,000.
    tagger : {"unigram", "lstm-crf"}
        `UnigramTagger`, or `gensim_mtner.taggers.lstm_crf.LSTMCRFTagger` (Lample et al. 2016), which needs torch.
    ner_alpha : float, optional
        The tagger's own step size; by default that of the tagger's class.
    ner_vector_alpha : float
        The step size of the tagger's loss on the word vectors.
    ner_warmup : int
        Passes that train the tagger alone before the joint phase.
    ner_batch_size : int
        Sentences in a step of the tagger.
    dropout : float, optional
        The share of vector components that are set to 0 in the tagger's training. By default 0.3, as in the paper,
        where the tagger's steps move vectors, and that of the tagger's class where they stay, in the baseline.
    oov_probability, unit_length
        See `UnigramTagger`.
    translate_probability : float, optional
        How often, in the tagger's training, a source word is replaced by the target word that it forms a mutual nearest
        pair with (by CSLS, on the pretrained vectors of the 20,000 most frequent words of each language; no dictionary
        is needed). So the tagger, and in joint modes its steps on the vectors, reach target words themselves. After the
        word-by-word translation of labelled data of Xie et al. (2018). By default 0.5 in the joint modes, and 0, as in
        the paper, in the others.
    silver_tokens : int, optional
        So many tokens of the corpus's source side are labelled by a `SequenceTagger`, which is trained on
        `ner_data`, and learnt from besides it (the paper, section 3, has the source side labelled by an existing
        tagger). By default a million in the joint modes, and none in the others.
    self_training_tokens : int, optional
        So many tokens of its target side are labelled by the tagger on vectors, and train a
        `SequenceTagger` for the target, which also knows names by how they look and where they stand; see
        `gensim_mtner.model.self_training.self_train`. By default a million in the joint modes, and none in the others.
    project_names : bool, optional
        Whether names that the tagger of the source finds are looked for in the target side of the same documents, as
        they are spelt or as a phrase that stands in the same documents, and teach the target's own tagger; see
        `gensim_mtner.labels.projection.project_names`. By default where the target writes names with capitals and
        there are silver labels.
    match_labels : bool
        Whether silver labels and what the target's own taggers learn from are drawn from documents that are of the kind
        of the labelled sentences, as far as the corpus has others, too; see `gensim_mtner.model.nearness.chances`. Turn
        it off where the text to tag is of another kind than the labels.
    target_ner_data : NERData, optional
        Labelled sentences of the target language, if there are some: its own tagger is trained on them, too.
    dictionary : BilingualDictionary, optional
        Words and names with their translations, such as titles of articles on one subject. Skip-gram sees the two sides
        of a pair together, once a pass; words of which the vectors know no translation have it from here in the
        tagger's training; and those that are names, by the tagger of the source (see
        `gensim_mtner.labels.listed.listed_names`), teach the target's own tagger.
    gazetteer : Gazetteer or sequence of Gazetteer, optional
        Names with types, of the target, of the source, or of both. Target names teach the target's own tagger wherever
        they stand in the text, but for those of one or two letters where words are not separated; source names overrule
        the tagger that labels the source side.
    dev_data : NERData, optional
        Labelled sentences of the source language to stop joint phases early by; it has no say where there is none.
    patience : int
        How many joint epochs without a better F1 on `dev_data` end the training; the best state is kept.
    init_vectors : KeyedVectors or sequence of KeyedVectors, optional
        Vectors that rows of the same keys start from, such as those of `gensim_mtner.load_vec`.
    merge : {"random", "ratio", "concat"}
        How a pair becomes one document; see `EncodedCorpus.merged`.
    kernel : {"shared", "exact", "gensim"}
        The skip-gram kernel: negatives shared by the window of a centre word (Ji et al. 2016), and where `window` is
        below 12 by those of up to 4 centre words in a row (Rengasamy et al. 2017); fresh negatives for each pair of
        words; or gensim's own, with which the model is Word2Vec to the last bit where there is no labelled data.
    progress : bool, optional
        Whether to show bars; by default on a terminal only.
    checkpoint, checkpoint_every
        See `train` and `resume`.
    engine : LocalEngine or RayEngine, optional
        Where passes of skip-gram run: in shards, on several machines; see `train`.
    **kwargs
        Arguments of `gensim.models.Word2Vec`.

    Attributes
    ----------
    wv : KeyedVectors
        Source words, target words, the OOV row; keys carry the language.
    tagger : UnigramTagger
        Trained on ``wv``; absent without labelled data.
    source_tagger, target_tagger, target_letter_tagger : SequenceTagger
        Absent unless `silver_tokens`, `self_training_tokens`; the last is there only where words are not separated by
        spaces.
    source, target : str
    source_size, target_size : int
        Lengths of the slices of ``wv``.
    history : list of dict
        One entry an epoch: phase, losses by part, and more.

    Examples
    --------
    >>> from gensim_mtner import ComparableCorpus, NERData
    >>> pairs = [("Kaká plays for Milan .".split(), "卡卡 为 米兰 效力 。".split())] * 40
    >>> corpus = ComparableCorpus(pairs, source="en", target="zh")
    >>> labelled = NERData([["Kaká", "plays", "for", "Milan"]] * 40, [["B-PER", "O", "O", "B-LOC"]] * 40)
    >>> model = MTWord2Vec(corpus, ner_data=labelled, vector_size=16, workers=1, sample=0)
    >>> len(model.tag([["卡卡", "为", "米兰", "效力"]], language="zh")[0])
    4
    """

    def __init__(
        self,
        corpus: ComparableCorpus | EncodedText | Iterable[list[str]] | None = None,
        *,
        ner_data: NERData | None = None,
        source: str | None = None,
        target: str | None = None,
        mode: str = "hfj",
        ner_weight: float = 0.5,
        pretrain_epochs: int | None = None,
        epochs: int = 8,
        rounds_per_epoch: int = 1,
        max_updates: int | None = None,
        tagger: str = "unigram",
        ner_alpha: float | None = None,
        ner_vector_alpha: float = 1.0,
        ner_warmup: int = 12,
        ner_batch_size: int = 32,
        dropout: float | None = None,
        oov_probability: float = 0.5,
        translate_probability: float | None = None,
        unit_length: bool = True,
        silver_tokens: int | None = None,
        self_training_tokens: int | None = None,
        project_names: bool | None = None,
        match_labels: bool = True,
        target_ner_data: NERData | None = None,
        dev_data: NERData | None = None,
        dictionary: BilingualDictionary | None = None,
        gazetteer: Gazetteer | Sequence[Gazetteer] | None = None,
        patience: int = 3,
        init_vectors: KeyedVectors | Sequence[KeyedVectors] | None = None,
        merge: str = "random",
        kernel: str = "shared",
        progress: bool | None = None,
        vector_size: int = 128,
        window: int = 16,
        negative: int = 10,
        sample: float = 1e-4,
        min_count: int | Mapping[str, int] = 2,
        compute_loss: bool = True,
        callbacks: Sequence = (),
        checkpoint: str | os.PathLike | None = None,
        checkpoint_every: int = 1,
        keep_checkpoint: bool = False,
        engine: Engine | None = None,
        **kwargs: Any,
    ):
        callbacks = checked_callbacks(callbacks)
        checked_engine(engine)
        if "sentences" in kwargs:  # gensim's name
            sentences = kwargs.pop("sentences")
            if corpus is not None and sentences is not None:
                raise TypeError("corpus and sentences are the same argument: pass one of them")
            corpus = sentences if corpus is None else corpus
        check_rest(corpus, kwargs, ner_data=ner_data, target_ner_data=target_ner_data, dev_data=dev_data,
                   dictionary=dictionary, gazetteer=gazetteer, init_vectors=init_vectors, callbacks=callbacks or None,
                   checkpoint=checkpoint, engine=engine)  # fmt: skip
        kwargs = check_arguments(
            mode=mode, ner_weight=ner_weight, merge=merge, kernel=kernel, tagger=tagger,
            pretrain_epochs=pretrain_epochs, epochs=epochs, rounds_per_epoch=rounds_per_epoch,
            vector_size=vector_size, window=window, negative=negative, patience=patience, ner_warmup=ner_warmup,
            ner_alpha=ner_alpha, ner_vector_alpha=ner_vector_alpha, sample=sample,
            translate_probability=translate_probability, silver_tokens=silver_tokens,
            self_training_tokens=self_training_tokens, project_names=project_names, match_labels=match_labels,
            max_updates=max_updates,
            ner_batch_size=ner_batch_size, dropout=dropout, oov_probability=oov_probability, unit_length=unit_length,
            progress=progress, keep_checkpoint=keep_checkpoint, min_count=min_count,
            compute_loss=compute_loss, source=source, target=target,
            more=kwargs,
        )  # fmt: skip
        if checkpoint is not None:
            check_new(checkpoint, checkpoint_every)
        self.source, self.target = source, target
        self.source_size = self.target_size = 0
        self.mode, self.ner_weight, self.tagger_kind = mode, ner_weight, tagger
        self.pretrain_epochs = pretrain_epochs
        self.rounds_per_epoch, self.max_updates = rounds_per_epoch, max_updates
        self.ner_alpha, self.ner_vector_alpha, self.ner_warmup = ner_alpha, ner_vector_alpha, ner_warmup
        self.ner_batch_size = ner_batch_size
        self.dropout, self.oov_probability, self.unit_length = dropout, oov_probability, unit_length
        self.translate_probability = translate_probability
        self.silver_tokens, self.self_training_tokens = silver_tokens, self_training_tokens
        self.project_names, self.match_labels = project_names, match_labels
        self.patience = patience
        self.merge, self.kernel, self.progress = merge, kernel, progress
        self.history = []
        self.passes = 0  # skip-gram passes so far: decides the draws of the next one
        self.updates = 0  # rounds of the joint phase so far
        self.ner_passes = 0  # the tagger's so far, which decide its draws
        self.pretrained = False
        self.segmented: HowCut = {}
        self._text: EncodedText | None = None  # what build_vocab read
        self._read_from = Held()  # of what
        super().__init__(
            vector_size=vector_size, window=window, negative=negative, sample=sample, min_count=min_count,
            epochs=epochs, sg=1, compute_loss=compute_loss, **kwargs,
        )  # fmt: skip
        make_plain(self)
        if corpus is not None:
            given = Labels(ner_data, target_ner_data, dev_data, dictionary, gazetteers_of(gazetteer))
            self.checked_plan(corpus, given, anew=True)
            self.build_vocab(corpus, ner_data=ner_data, init_vectors=init_vectors)
            self.train(
                corpus, ner_data=ner_data, target_ner_data=target_ner_data, dev_data=dev_data,
                dictionary=dictionary, gazetteer=gazetteer, total_examples=self.corpus_count, epochs=epochs,
                compute_loss=compute_loss, callbacks=callbacks,
                checkpoint=checkpoint, checkpoint_every=checkpoint_every, keep_checkpoint=keep_checkpoint,
                engine=engine,
            )  # fmt: skip
