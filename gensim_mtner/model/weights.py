"""The vocabulary and the weights of a model of two languages: read from a corpus, kept on the disk."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.labels.ner import NERData
from gensim_mtner.model import coverage, schedule
from gensim_mtner.model.arguments import checked_vectors, optional_labels, places_in
from gensim_mtner.model.inherited import InheritedWord2Vec
from gensim_mtner.model.queries import BilingualModel
from gensim_mtner.text.corpus import ComparableCorpus
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.numbering import encode_merged
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.cache import on_lines, zeros_on_lines
from gensim_mtner.vectors.rows import check_documents
from gensim_mtner.vectors.spelling import keys_of
from gensim_mtner.vectors.vocabulary import JointVocabulary
from gensim_mtner.workers import forks

logger = logging.getLogger(__name__)

VOCABULARY = {"keep_raw_vocab": False, "trim_rule": None, "workers": None}  # defaults of gensim's build_vocab
DEFAULT_TOKENS = 1_000_000  # of each side of the corpus, that are labelled in the joint modes


class Held:
    """Holds an object for its owner, whose copies and pickles do not get it: it may be one that neither can be made of.

    Parameters
    ----------
    value : object
    """

    def __init__(self, value: Any = None):
        self.value = value

    def __reduce__(self) -> tuple:
        return Held, ()


def check_kind(corpus: Any) -> None:
    """Refuse what is no corpus at all, before anything is asked about its languages."""
    if isinstance(corpus, (str, bytes, os.PathLike)):
        raise TypeError(f"the corpus is {type(corpus).__name__} ({corpus!r:.60}): expected a ComparableCorpus or token "
                        "lists; ComparableCorpus.from_jsonl and its kin read files, EncodedText.open what is encoded"
                        )  # fmt: skip
    if isinstance(corpus, Iterator):
        raise TypeError("the corpus can be iterated only once: pass a list or another re-iterable")
    if corpus is not None and not isinstance(corpus, (ComparableCorpus, EncodedText, Iterable)):
        raise TypeError(f"the corpus is {type(corpus).__name__}: expected a ComparableCorpus or token lists")


class JointWord2Vec(BilingualModel, InheritedWord2Vec):
    """Word2Vec over the words of two languages; the part of `MTWord2Vec` before training, and after it.

    Attributes
    ----------
    mode, ner_weight, ... : various
        Arguments of `MTWord2Vec`.
    history : list of dict
        What each epoch was like.
    passes, ner_passes : int
        Passes of skip-gram and of the tagger so far, which decide the draws of the next ones.
    updates : int
        Rounds of the joint phase so far.
    pretrained : bool
        Whether pretraining is through.
    """

    mode: str
    kernel: str
    merge: str
    tagger_kind: str
    ner_weight: float
    pretrain_epochs: int | None
    rounds_per_epoch: int
    max_updates: int | None
    ner_alpha: float | None
    ner_vector_alpha: float
    ner_warmup: int
    ner_batch_size: int
    dropout: float | None
    oov_probability: float
    unit_length: bool
    translate_probability: float | None
    silver_tokens: int | None
    self_training_tokens: int | None
    project_names: bool | None
    match_labels: bool
    patience: int
    min_count: int | Mapping[str, int]
    progress: bool | None
    syn1neg: np.ndarray
    history: list[dict[str, Any]]
    passes: int
    updates: int
    ner_passes: int = 0
    pretrained: bool = False
    _text: EncodedText | None  # what build_vocab read
    _read_from: Held  # of what it was made
    _compared: int | None = None  # the id of the labels that build_vocab compared with it
    _tables_of: tuple[float, float] | None = None  # the arguments that `make_tables` made them by

    # -- vocabulary

    def build_vocab(  # type: ignore[override]
        self,
        corpus_iterable: ComparableCorpus | EncodedText | Iterable[list[str]] | None = None,
        corpus_file: None = None,
        update: bool = False,
        *,
        ner_data: NERData | None = None,
        init_vectors: KeyedVectors | Sequence[KeyedVectors] | None = None,
        **kwargs: Any,
    ) -> None:
        """Read the corpus once: choose the vocabulary, encode the text, make the weights.

        Rows are source words, then target words, each by descending frequency, then the OOV row. All words of
        `ner_data` get a row. A model that was trained begins anew: its vectors, taggers and history go.

        Parameters
        ----------
        corpus_iterable : ComparableCorpus, EncodedText or iterable of list of str
            As `corpus` of the class.
        ner_data : NERData, optional
            Labelled source sentences.
        init_vectors : KeyedVectors or sequence of KeyedVectors, optional
            Vectors that rows of the same keys start from.
        update : bool
            Not supported.

        Raises
        ------
        ValueError
            If the corpus is empty, lacks a side, or no word is frequent enough; or if `ner_data` has hardly a word of
            the source side.
        """
        # gensim's arguments that change nothing here: how often it logs, and their defaults
        kwargs.pop("progress_per", None)
        given = {name: value for name, value in kwargs.items() if name not in VOCABULARY or value != VOCABULARY[name]}
        if corpus_file is not None or update or given:
            names = [*(["corpus_file"] if corpus_file is not None else []), *(["update"] if update else []), *given]
            raise ValueError(
                f"build_vocab does not take {', '.join(names)}: pass document pairs, once; for more words make a new "
                "model of all pairs, with init_vectors=[model.wv] to start from"
            )
        if corpus_iterable is None:
            raise TypeError("build_vocab needs a corpus: a ComparableCorpus, or an iterable of token lists")
        optional_labels(ner_data=ner_data)
        languages = self._checked_languages(corpus_iterable, ner_data, anew=True)
        strange = set(self.min_count if isinstance(self.min_count, Mapping) else ()) - set(languages)
        if strange:
            raise ValueError(
                f"min_count={self.min_count!r} has {', '.join(sorted(map(repr, strange)))}: the languages are "
                f"{languages[0]!r} and {languages[1]!r}"
            )
        start = [] if init_vectors is None else checked_vectors(init_vectors, self.vector_size)
        text = self._read(corpus_iterable)
        coverage.warn_of_sides(text)
        if ner_data is not None:
            coverage.check_labels("ner_data", ner_data, text, 0)
        vocabulary = JointVocabulary.build(
            languages,
            text.frequencies(),
            min_count=self.min_count,
            labelled=(ner_data.word_counts() if ner_data is not None else (), ()),
        )
        if not vocabulary.counts.any():
            raise ValueError(f"min_count={self.min_count} leaves no token of the corpus: lower min_count")
        lock = None if len(self.wv) else getattr(self.wv, "vectors_lockf", None)  # factors of rows that go, go, too
        places = places_in(start, vocabulary.keys)  # what cannot be started from costs nothing
        self.wv = KeyedVectors(self.vector_size)
        self.source, self.target = languages
        self.source_size, self.target_size = vocabulary.source_size, vocabulary.target_size
        self.set_keys(vocabulary.keys, vocabulary.counts)
        self.begin_anew()
        self._text, self._read_from, self._compared = text, Held(corpus_iterable), id(ner_data)
        self.segmented = text.segmented
        self.corpus_count = skipgram.pieces(self._documents(text).lengths) if self.kernel == "gensim" else len(text)
        self.corpus_total_words = len(text.ids)
        self.init_weights()
        self.wv.vectors_lockf = np.ones(len(self.wv), dtype=np.float32)
        if isinstance(lock, np.ndarray) and (lock != 1).any():  # the user's
            self.wv.vectors_lockf = lock
        if init_vectors is not None:
            self._copy_vectors(start, places)
        self.add_lifecycle_event("build_vocab", update=False, trim_rule="None")

    def init_weights(self) -> None:
        """Make the weights anew, as gensim does; rows begin where lines of the cache do."""
        self.wv.vectors = np.zeros((0, self.vector_size), np.float32)  # gensim leaves rows as they are if all are there
        super().init_weights()
        if self.negative:
            del self.syn1neg  # so that there are never three matrices
            self.wv.vectors = on_lines(self.wv.vectors)
            self.syn1neg = zeros_on_lines(self.wv.vectors.shape)

    def _checked_languages(
        self, corpus: Any, ner_data: NERData | None, *, anew: bool = False
    ) -> tuple[str | None, str | None]:
        """The languages of the model, or where it begins anew and has none those of the corpus, which has no others."""
        check_kind(corpus)
        if isinstance(corpus, (ComparableCorpus, EncodedText)):
            given = corpus.source, corpus.target
            if given != ((self.source or given[0], self.target or given[1]) if anew else (self.source, self.target)):
                raise ValueError(f"the corpus has {given}, but the model has {(self.source, self.target)}")
            return given
        if (self.source is None) != (self.target is None):
            raise ValueError(f"source={self.source!r} and target={self.target!r}: give both languages, or neither")
        if ner_data is not None and self.source is None:
            raise ValueError(
                "token lists and ner_data need source= and target=, such as 'en' and 'zh': the prefixes of the tokens"
            )
        return self.source, self.target

    def _read(self, corpus: Any) -> EncodedText:
        if isinstance(corpus, EncodedText):
            for counts in corpus.counts:
                if np.asarray(counts).dtype.kind not in "iu" and len(counts):
                    raise ValueError(f"{corpus!r}: its counts are {np.asarray(counts).dtype}, not whole numbers")
            sizes = [(len(words), len(counts), int(np.sum(counts))) for words, counts in
                     zip(corpus.words, corpus.counts, strict=True)]  # fmt: skip
            words = [*corpus.words[0], *corpus.words[1]]
            if not set(map(type, words)) <= {str} or any(len(set(side)) != len(side) for side in corpus.words):
                raise ValueError(f"{corpus!r}: its words are not text, or one is there twice; encode it again")
            if any(size[0] != size[1] for size in sizes) or sum(size[2] for size in sizes) != len(corpus.ids):
                raise ValueError(
                    f"{corpus!r}: its counts are not of its words, or do not sum up to its tokens; encode it again"
                )
            return corpus
        if isinstance(corpus, ComparableCorpus):
            # a process that is not forked runs the caller's script again, and a tokenizer of one's own may not bear it
            alike = forks() and not corpus.segmenter.tokenizers
            return corpus.encode(workers=self.workers if alike else 1, progress=self.shows_progress())
        languages = None if self.source is None or self.target is None else (self.source, self.target)
        return encode_merged(corpus, languages)

    def _corpus(self, corpus: Any) -> tuple[EncodedText, EncodedCorpus]:
        """The corpus as text and as rows; what build_vocab read is used once without a second reading."""
        text, read_from = self._text, self._read_from.value
        self._text, self._read_from = None, Held()
        if text is not None and (corpus is None or corpus is read_from or corpus is text):
            return text, self._documents(text)
        if corpus is None:
            raise TypeError("train needs the corpus: pass it again, the model does not keep text")
        self._compared = None
        text = self._read(corpus)
        encoded = self._documents(text)
        if (encoded.rows < 0).all():
            raise ValueError(
                "the vocabulary holds no word of this corpus: are the languages and segmentation the same?"
            )
        return text, encoded

    def _documents(self, text: EncodedText) -> EncodedCorpus:
        """Text as rows, compared with the vocabulary, as the kernels compare nothing."""
        encoded = text.documents(self.wv.key_to_index)
        check_documents(encoded, len(self.wv))
        return encoded

    def tokens_to_label(self, n_tokens: int | None, text: ComparableCorpus | EncodedText | None) -> int:
        """How many tokens of a side of the corpus are to be labelled: what the argument says, or its default."""
        possible = self.tagger_kind == "unigram" and (text is None or text.source is not None)
        if n_tokens is None:
            return DEFAULT_TOKENS if possible and schedule.mode_of(self.mode).alternates else 0
        if n_tokens and not possible:
            raise ValueError(
                "silver_tokens and self_training_tokens need tagger='unigram' and a corpus with source and target"
            )
        return n_tokens

    @property
    def pretraining_passes(self) -> int:
        """Passes of pretraining: `pretrain_epochs`; where that is None, those for as much text as the corpus has."""
        usual = schedule.usual_passes(self.corpus_total_words)
        return usual if self.pretrain_epochs is None else self.pretrain_epochs

    def set_keys(self, keys: Sequence[str], counts: np.ndarray) -> None:
        """Give the rows of ``wv`` their keys, and what training derives from their counts in the corpus."""
        wv = self.wv
        wv.index_to_key = list(keys)
        wv.key_to_index = {name: row for row, name in enumerate(wv.index_to_key)}
        wv.expandos = {"count": counts.copy()}
        self.make_tables()

    def make_tables(self) -> None:
        """What decides how often words are trained with: by their counts, `sample` and `ns_exponent`."""
        counts = self.wv.expandos["count"]
        total = int(counts.sum())
        # gensim's formula (prepare_vocab): a share of the corpus below 1, a count from 1 on
        threshold = self.sample * total if self.sample < 1 else int(self.sample * (3 + np.sqrt(5)) / 2)
        present = np.maximum(counts, 1)
        share = (np.sqrt(present / threshold) + 1) * (threshold / present) if threshold else np.ones(len(counts))
        self.wv.expandos["sample_int"] = (np.minimum(share, 1.0) * (2**32 - 1)).astype(np.uint32)
        self.make_cum_table()
        self._tables_of = self.sample, self.ns_exponent

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """The table that gensim draws negatives from, made to the same bits in a hundredth of the time.

        Words that occur as often as each other share their power, which is Python's, as numpy's own powers of many
        numbers may differ in the last bit; the sum runs from the first word to the last, one by one, as gensim's.

        Parameters
        ----------
        domain : int
            The last number of the table.

        Raises
        ------
        ValueError
            If no word has a count, or one is below 0.
        """
        if not len(self.wv):  # a model without a vocabulary, which is loaded
            self.cum_table = np.zeros(0, np.uint32)
            return
        counts, places = np.unique(np.asarray(self.wv.expandos["count"]), return_inverse=True)
        if not len(counts) or counts[0] < 0 or not counts[-1]:
            raise ValueError("the counts of words, wv.expandos['count'], are below 0, or all 0: expected the corpus's")
        powers = np.array([float(count) ** float(self.ns_exponent) for count in counts.tolist()])
        sums = np.add.accumulate(powers[places])
        self.cum_table = np.rint(sums / sums[-1] * domain).astype(np.uint32)

    def _copy_vectors(self, start: Sequence[KeyedVectors], places: Sequence[np.ndarray]) -> None:
        covered = 0
        languages = [None] if self.source is None or self.target is None else [self.source, self.target]
        slices = [slice(0, len(self.wv)) if code is None else self.rows_of(code) for code in languages]
        counts = self.wv.expandos["count"]
        sides = [dict(zip(self.wv.index_to_key[rows], counts[rows].tolist(), strict=True)) for rows in slices]
        for given, theirs in zip(start, places, strict=True):
            rows = np.flatnonzero(theirs >= 0)
            coverage.check_start(keys_of(given), zip(languages, sides, strict=True))
            self.wv.vectors[rows] = given.vectors[theirs[rows]]
            covered += len(rows)
        logger.info("init_vectors cover %i of %i rows", covered, len(self.wv))

    def shows_progress(self) -> bool:
        """Whether bars are shown: what `progress` says, or else whether the error stream is a terminal."""
        return sys.stderr.isatty() if self.progress is None else self.progress
