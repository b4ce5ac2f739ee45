"""What memory a training run will take, before it is begun."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import numpy as np

from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.arguments import optional_labels
from gensim_mtner.model.self_training import LETTERS
from gensim_mtner.model.weights import JointWord2Vec
from gensim_mtner.taggers.adagrad import width_of
from gensim_mtner.taggers.sequence import N_FEATURES
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.segmentation import is_spaceless
from gensim_mtner.vectors.rows import check_whole
from gensim_mtner.vectors.vocabulary import min_count_of

# bytes; where no size of an array says them, measured by benchmarks/memory.py
IN_TEXT = 24  # of a word in the text's lists: two references and a count
IN_VOCABULARY = 8 + 8 + 42 + 32 + 40  # prefix, list, dictionary, number, and ten numbers a row: counts, locks, draws
LABEL, SCORES = 20, 8  # of a labelled token: its place in a sentence and its tag; and for each tag, as it is scored
SAMPLE = 10_000  # words that the mean size of a string is taken from


def string_bytes(words: Sequence[str]) -> float:
    """The mean size of the strings, as memory is given out: in steps of 16 bytes."""
    some = words[:: max(len(words) // SAMPLE, 1)]
    return sum(-(-sys.getsizeof(word) // 16) * 16 for word in some) / max(len(some), 1)


def vocabulary_size(text: EncodedText, min_count: int | Mapping[str, int]) -> int:
    """How many words of a text will have a row."""
    sides = zip((text.source, text.target), text.counts, strict=True)
    return sum(int((counts >= min_count_of(min_count, language)).sum()) for language, counts in sides)


def _of_taggers(n_tags: int, *, source: bool, target: bool, letters: bool, workers: int) -> int:
    """Of sequence taggers: two of the source, which learn at the same time, then those of the target, one by one.

    Each keeps its weights; while it learns it has them a second time, padded, beside their sums of squares.
    """
    kept, learning = 4 * n_tags, 8 * width_of(n_tags)  # of a column
    in_letters = LETTERS["n_features"] * letters
    of_target = kept * (N_FEATURES + in_letters) + learning * max(N_FEATURES, in_letters)
    return 2 * kept * N_FEATURES * source + max(min(2, workers) * learning * N_FEATURES * source, of_target * target)


def estimate(
    *, vocab_size: int, vector_size: int, n_tokens: int, n_documents: int, text_words: int, word_bytes: float,
    n_labelled: int, n_tags: int, taggers: int, keeps_best: bool,
) -> dict[str, int]:  # fmt: skip
    """Bytes at the peak of training; see `gensim_mtner.MTWord2Vec.estimate_memory`."""
    matrix = 4 * vector_size * vocab_size
    parts = {
        "text": 4 * n_tokens + 16 * n_documents + int((word_bytes + IN_TEXT) * text_words),
        "vocab": int((word_bytes + IN_VOCABULARY) * vocab_size),
        "vectors": matrix,
        "syn1neg": matrix,
        "work": (LABEL + SCORES * n_tags) * n_labelled + taggers + 2 * matrix * keeps_best,
    }
    return {**parts, "total": sum(parts.values())}


def _has_no_spaces(text: EncodedText | None) -> bool:
    """Whether the target's words are not separated, so that there will be a tagger of letters."""
    return text is not None and len(text.words[1]) > 0 and is_spaceless(text.words[1], text.counts[1])


class EstimatedWord2Vec(JointWord2Vec):
    """A model that says before training what it will take; the part of `MTWord2Vec` that counts."""

    def estimate_memory(  # type: ignore[override]
        self,
        vocab_size: int | None = None,
        report: dict[str, int] | None = None,
        *,
        corpus: EncodedText | None = None,
        n_tokens: int | None = None,
        ner_data: NERData | None = None,
        early_stopping: bool = False,
    ) -> dict[str, int]:
        """What memory training will take at its peak, beyond the interpreter and its libraries.

        Parameters
        ----------
        vocab_size : int, optional
            Words of both languages; by default those of `corpus` that `min_count` leaves, or of the vocabulary that
            is there.
        report : dict of str to int, optional
            Filled with the result, as gensim has it.
        corpus : EncodedText, optional
            The text, such as ``EncodedText.open(path)``. If it is memory-mapped, the system takes its "text" back
            when memory is short. Whether its target separates words says if a tagger of letters is counted.
        n_tokens : int, optional
            In place of `corpus`, the length of the text.
        ner_data : NERData, optional
            Labelled sentences; with them the joint phase is counted.
        early_stopping : bool
            Whether there will be `dev_data`: the best state is kept then, a second copy of all vectors.

        Returns
        -------
        dict of str to int
            Bytes: "text", "vocab", "vectors", "syn1neg", "work", "total".

        Raises
        ------
        ValueError
            If there is neither a vocabulary nor a size of one, or neither a corpus nor its length.

        Examples
        --------
        >>> from gensim_mtner import MTWord2Vec
        >>> model = MTWord2Vec(vector_size=256)
        >>> model.estimate_memory(vocab_size=1_000_000, n_tokens=30_000_000)["total"] // 2**20
        2351
        """
        vocab_size, n_tokens = (
            None if value is None else check_whole(name, value, 0)
            for name, value in (("vocab_size", vocab_size), ("n_tokens", n_tokens))
        )
        optional_labels(ner_data=ner_data)
        if corpus is not None and not isinstance(corpus, EncodedText):
            raise TypeError(f"corpus is {type(corpus).__name__}: expected EncodedText, which corpus.encode() makes")
        if vocab_size is None:
            if corpus is None and not len(self.wv):
                raise ValueError("pass corpus=, or vocab_size= and n_tokens=: there is no vocabulary yet")
            vocab_size = len(self.wv) if corpus is None else vocabulary_size(corpus, self.min_count)
        if corpus is None and n_tokens is None:
            if not self.corpus_total_words:
                raise ValueError("pass corpus= or n_tokens=: the length of the text is not known yet")
            n_tokens = self.corpus_total_words
        words = [*corpus.words[0], *corpus.words[1]] if corpus is not None else self.wv.index_to_key
        shares = [self.tokens_to_label(n, corpus) for n in (self.silver_tokens, self.self_training_tokens)]
        if corpus is not None:
            shares = [min(share, int(np.sum(counts))) for share, counts in zip(shares, corpus.counts, strict=True)]
        n_tags = 0 if ner_data is None else len(ner_data.tag_names)
        taggers = _of_taggers(n_tags, source=shares[0] > 0, target=shares[1] > 0,
                              letters=shares[1] > 0 and _has_no_spaces(corpus), workers=self.workers)  # fmt: skip
        result = estimate(
            vocab_size=vocab_size, vector_size=self.vector_size,
            n_tokens=n_tokens if corpus is None else len(corpus.ids),  # type: ignore[arg-type]
            n_documents=0 if corpus is None else len(corpus),
            text_words=vocab_size if corpus is None else len(words), word_bytes=string_bytes(words) or 72,
            n_labelled=0 if ner_data is None else ner_data.n_tokens + sum(shares),
            n_tags=n_tags, taggers=taggers, keeps_best=early_stopping,
        )  # fmt: skip
        if report is not None:
            report.update(result)
        return result
