"""What a trained model is asked: tags, scores, the rate of entities, neighbours."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import numpy as np
from gensim.models import KeyedVectors

from gensim_mtner.collector import collector_at_rest
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import OUTSIDE
from gensim_mtner.labels.scores import EntityScores, score_entities
from gensim_mtner.model import coverage
from gensim_mtner.model.arguments import OWN_TAGGERS, check_found, check_sizes, check_word, checked_words
from gensim_mtner.taggers.base import UNKNOWN, VectorTagger
from gensim_mtner.taggers.pool import AGREED, ALIKE, LEARNT, VECTORS_DECIDE, tag_together
from gensim_mtner.taggers.sentences import checked_sentences, labels_of
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.taggers.words import number_words
from gensim_mtner.text.languages import key, near_key
from gensim_mtner.text.segmentation import HowCut
from gensim_mtner.vectors.neighbours import neighbours_of_rows
from gensim_mtner.vectors.rows import check_choice, check_whole
from gensim_mtner.vectors.spelling import keys_of, rows_of

logger = logging.getLogger(__name__)


class BilingualModel:
    """Vectors of two languages, and perhaps a tagger on them; the part of MTWord2Vec that does not train.

    Attributes
    ----------
    wv : KeyedVectors
        Source words, target words, the OOV row; keys carry the language.
    tagger : UnigramTagger or LSTMCRFTagger
        On ``wv``; absent without labelled data.
    source_tagger, target_tagger, target_letter_tagger : SequenceTagger
        Taggers of one language each, that look at letters and neighbours; they may be absent. The last is there where
        the target does not separate words by spaces; it tags letters, and is asked together with the other.
    workers : int
        Threads.
    source, target : str
        Language codes.
    source_size, target_size : int
        Lengths of the slices of ``wv``.
    source_rate : float
        The share of entity tokens in the labelled sentences, silver ones among them.
    segmented : dict of str to (dict or None)
        How the text of a language was cut; see `EncodedText`.
    target_agreement : float
        F1, in percent, of the tagger on vectors against the target's own on unlabelled text; 0 where it was not taken.
    """

    wv: KeyedVectors
    tagger: VectorTagger
    source_tagger: SequenceTagger
    target_tagger: SequenceTagger
    target_letter_tagger: SequenceTagger
    workers: int
    source: str | None
    target: str | None
    source_size: int
    target_size: int
    source_rate: float
    segmented: HowCut
    target_agreement: float = 0.0

    # -- the tagger

    def _check_tagger(self) -> VectorTagger:
        if not hasattr(self, "tagger") or not hasattr(self.tagger, "classes_"):  # training may have failed before
            raise RuntimeError("this model has no tagger: train it with ner_data=NERData(...)")
        return self.tagger

    def rows_of(self, language: str) -> slice:
        """The rows of ``wv`` that belong to a language, the source or the target."""
        if language is not None and language == self.source:
            return slice(0, self.source_size)
        if language is not None and language == self.target:
            return slice(self.source_size, self.source_size + self.target_size)
        has = f"{self.source!r} and {self.target!r}" if self.source else "none: make one with source= and target="
        raise ValueError(f"language={language!r}: this model has {has}")

    def tag(
        self, sentences: Iterable[Sequence[str]], *, language: str, by: str | None = None, unknown: str | None = None
    ) -> list[list[str]]:
        """Tag sentences of either language.

        A warning is logged if most words of them have no vector: they may be of another language or script.

        Parameters
        ----------
        sentences : iterable of sequence of str
            Tokens; for text, see `gensim_mtner.text.segmentation.tokenizer`.
        language : str
            The source or the target.
        by : {"both", "sequence", "vectors"}, optional
            The language's own taggers, which look at letters and neighbours too, the one on the vectors of both
            languages, or both together (see `gensim_mtner.taggers.pool.tag_together`); by default both where there
            are both.
        unknown : {"O", "oov"}, optional
            How the tagger on vectors, where it is asked alone, tags words without one: O, or as the OOV row. By
            default "oov" in the source language and "O" in the target: the OOV row is trained on rare source words,
            which are mostly names, and would turn most unknown target words into names. Taggers of a language need
            no vectors, and decide about such words where they are asked.

        Returns
        -------
        list of list of str
            Valid IOB2.

        Raises
        ------
        RuntimeError
            If the model was trained without labels, or has no such tagger.
        ValueError, TypeError
            If the language is neither of the two, or a sentence is no list of tokens, or a token no text; the error
            names sentence and token. If `unknown` is given where it decides nothing.
        """
        rows = self.rows_of(language)
        tagger = self._check_tagger()
        check_sizes(self, trains=False)
        sentences = checked_sentences(sentences, language)
        if unknown is not None:
            check_choice("unknown", unknown, UNKNOWN)
        tagged = self._tagged(tagger, sentences, language, by, unknown)
        coverage.warn_of_unknown(
            sentences, keys_of(self.wv),
            self.wv.index_to_key[rows.start : min(rows.stop, rows.start + coverage.LOOKED_AT)],
            (language, self.target if language == self.source else self.source),
        )  # fmt: skip
        return tagged

    @collector_at_rest()
    def _tagged(
        self, tagger: VectorTagger, sentences: list[list[str]], language: str, by: str | None, unknown: str | None
    ) -> list[list[str]]:
        own = self._own_taggers(language, by)
        if own and unknown is not None:
            raise ValueError(
                f"unknown={unknown!r} is for the tagger on vectors alone: words without a vector are tagged by this "
                f"model's own tagger of {language!r}; pass by='vectors', too"
            )
        pooled = tagger if by != "sequence" and isinstance(tagger, UnigramTagger) else None
        if own and (pooled or len(own) > 1):
            learnt = VECTORS_DECIDE if self.target_agreement >= AGREED else LEARNT
            weights = learnt if language == self.target else ALIKE
            return tag_together(own, pooled, sentences, language, weights=weights)
        if own:
            return own[0].predict(sentences)
        unknown = unknown or ("oov" if language == self.source else "O")
        return tagger.predict(sentences, language=language, unknown=unknown)

    def _own_taggers(self, language: str, by: str | None) -> list[SequenceTagger]:
        """The taggers of one language, none if the one on vectors is to be used."""
        if by not in (None, "both", "sequence", "vectors"):
            raise ValueError(f"by={by!r}: expected 'both', 'sequence' or 'vectors'")
        if by == "vectors":
            return []
        names = OWN_TAGGERS[:1] if language == self.source else OWN_TAGGERS[1:]
        if by is not None and not hasattr(self, names[0]):
            argument = "silver_tokens" if language == self.source else "self_training_tokens"
            raise RuntimeError(f"this model has no {names[0]}: train it with {argument} above 0")
        return [getattr(self, name) for name in names if hasattr(self, name)]

    def evaluate(
        self, ner_data: NERData, *, language: str, by: str | None = None, unknown: str | None = None
    ) -> EntityScores:
        """Entity precision, recall and F1 on labelled sentences, overall and by type.

        Parameters
        ----------
        ner_data : NERData
            Gold labels.
        language : str
            Their language.
        by, unknown
            As in `tag`.

        Returns
        -------
        EntityScores
            Strict F1 first; the lenient one and the share of tokens that have a vector beside it.
        """
        labels_of(ner_data)
        predicted = self.tag(ner_data.sentences, language=language, by=by, unknown=unknown)
        return self.score_tags(ner_data, predicted, language=language)

    def score_tags(self, ner_data: NERData, predicted: Sequence[list[str]], *, language: str) -> EntityScores:
        """As `evaluate`, for sentences that are tagged already."""
        tagger, ner_data = self._check_tagger(), labels_of(ner_data)
        taggers = tagger, *self._own_taggers(language, None)
        known = {name[2:] for one in taggers for name in one.classes_ if name != OUTSIDE}
        strange = sorted(set(ner_data.types) - known)
        if strange:
            logger.warning(
                "the gold labels have the types %s, which the tagger does not know (it has %s): none of them can be "
                "found; types= (--types) renames types", ", ".join(strange),
                ", ".join(sorted(known)),
            )  # fmt: skip
        words = number_words(ner_data.sentences)
        return score_entities(ner_data.tags, predicted, words.split(tagger.token_rows(words, language) >= 0))

    def entity_rate(self, language: str | None = None) -> float:
        """The share of the corpus's tokens of a language that the tagger on vectors takes for names.

        It needs no labels, and shows a collapse: near `source_rate` all is well. NaN for a tagger that looks at more
        than one word.
        """
        rows = self.rows_of(language or self.target)  # type: ignore[arg-type]
        tagger = self._check_tagger()
        if not isinstance(tagger, UnigramTagger):
            return float("nan")
        check_sizes(self, trains=False)
        tagger.check_state(self.wv.vector_size)
        counts = np.asarray(self.wv.expandos["count"][rows])
        if counts.dtype.kind not in "iu":
            raise ValueError(f"the counts of words, wv.expandos['count'], are {counts.dtype}: expected whole numbers")
        inside = tagger.scores(self.wv.vectors[rows]).argmax(axis=1) != 0
        return float(counts[inside].sum() / max(counts.sum(), 1))

    def calibrate(
        self, sentences: Sequence[list[str]] | None = None, *, language: str | None = None, rate: float | None = None
    ) -> float:
        """Shift the score of O so that the share of entity tokens on unlabelled text meets a given one.

        This is about the tagger on vectors; the labels that a target tagger learnt from were held to the
        source's share of names already (`gensim_mtner.model.rates`).

        Parameters
        ----------
        sentences : sequence of list of str, optional
            Unlabelled sentences; by default the corpus counts decide.
        language : str, optional
            By default the target.
        rate : float, optional
            The wished share; by default `source_rate`, that of the labelled source sentences and silver ones.

        Returns
        -------
        float
            The shift, kept as ``tagger.outside_shift_``; setting that to 0 undoes it.
        """
        language = language or self.target
        rows = self.rows_of(language)  # type: ignore[arg-type]
        tagger = self._check_tagger()
        if not isinstance(tagger, UnigramTagger):
            raise ValueError(f"calibrate needs a UnigramTagger; this model's is {type(tagger).__name__}")
        check_sizes(self, trains=False)
        tagger.check_state(self.wv.vector_size)
        rate = self.source_rate if rate is None else rate
        if sentences is not None:
            return tagger.calibrate(sentences, rate, language=language)
        return tagger.shift_outside(tagger.scores(self.wv.vectors[rows]), self.wv.expandos["count"][rows], rate)

    # -- queries

    def neighbours(
        self, word: str, *, language: str, into: str | None = None, metric: str = "cosine", topn: int = 10
    ) -> list[tuple[str, float]]:
        """The nearest words of a language to a word of either.

        Parameters
        ----------
        word : str
            Without a prefix.
        language : str
            The word's language.
        into : str, optional
            The language of the neighbours; by default the other one.
        metric : {"cosine", "euclidean", "csls"}
            Similarity (higher is nearer), distance (lower is nearer; Table 3 of the paper), or cross-domain similarity
            local scaling (higher is nearer; Conneau et al. 2018), which keeps hubs from being everyone's neighbour.
        topn : int
            How many.

        Returns
        -------
        list of (str, float)
            Words without a prefix, the nearest first.

        Raises
        ------
        KeyError
            If the word is not in the vocabulary.
        """
        own = self.rows_of(language)
        check_word(word)
        if rows_of(self.wv, [word], language)[0] < 0:
            raise KeyError(
                f"{key(word, language)!r} is not in the vocabulary of {own.stop - own.start} words of {language!r}"
                f"{near_key(word, language, self.wv.key_to_index)}"
            )
        return self.neighbours_of([word], language=language, into=into, metric=metric, topn=topn)[0]

    def neighbours_of(
        self, words: Sequence[str], *, language: str, into: str | None = None, metric: str = "cosine", topn: int = 10
    ) -> list[list[tuple[str, float]]]:
        """As `neighbours`, for many words at once; none for words that are not in the vocabulary.

        With CSLS this takes little longer than one word does.
        """
        own, words = self.rows_of(language), checked_words(words)
        topn = check_whole("topn", topn, 1)
        check_sizes(self, trains=False)
        into = into or (self.target if language == self.source else self.source)
        others = self.rows_of(into)  # type: ignore[arg-type]
        found = rows_of(self.wv, words, language)
        rows = [row for row in found if row >= 0]
        check_found(rows, len(self.wv.index_to_key))
        near = iter(neighbours_of_rows(self.wv.vectors, rows, own, others, metric, topn, workers=self.workers))
        prefix = len(f"{into}:")
        return [
            [(self.wv.index_to_key[other][prefix:], score) for other, score in next(near)] if row >= 0 else []
            for row in found
        ]

    def language_vectors(self, language: str) -> KeyedVectors:
        """The vectors of one language as gensim's KeyedVectors, under bare words; a copy.

        Parameters
        ----------
        language : str
            The source or the target.

        Returns
        -------
        KeyedVectors
            By descending frequency; with the counts of the corpus.
        """
        rows = self.rows_of(language)
        check_sizes(self, trains=False)
        prefix = len(f"{language}:")
        vectors = KeyedVectors(self.wv.vector_size)
        vectors.add_vectors([name[prefix:] for name in self.wv.index_to_key[rows]], self.wv.vectors[rows].copy())
        vectors.expandos["count"] = self.wv.expandos["count"][rows].copy()
        return vectors
