"""Sentences that are drawn from a corpus."""

from __future__ import annotations

import numpy as np

from gensim_mtner.labels.door import problem
from gensim_mtner.text.encoded import EncodedText


def sample_sentences(text: EncodedText, side: int, n_tokens: int, seed: int) -> list[list[str]]:
    """Draw sentences of one side of a corpus, about `n_tokens` tokens in all; see `sample_places`."""
    return [sentence for _, sentence in sample_places(text, side, n_tokens, seed)]


def sample_places(text: EncodedText, side: int, n_tokens: int, seed: int) -> list[tuple[int, list[str]]]:
    """Draw sentences of one side of a corpus, each with the place of its document; in the order of the corpus.

    Parameters
    ----------
    text : EncodedText
        The corpus.
    side : {0, 1}
        Source or target.
    n_tokens : int
        How much to draw; all, if there is no more.
    seed : int
        Decides the draw.
    """
    words = text.words[side]
    # a corpus may hold tokens that labels may not, such as a line end that a tokenizer keeps
    usable = np.array([problem(word) is None for word in words], dtype=bool)
    share = min(1.0, n_tokens / max(int(text.counts[side].sum()), 1))
    generator = np.random.default_rng((seed, side))
    drawn: list[tuple[int, list[str]]] = []
    for document in text.in_order().tolist():
        parts = [part[usable[part]] for part in text.sentence_ids(document, side)]
        parts = [part for part in parts if len(part)]
        for part, chance in zip(parts, generator.random(len(parts)) if parts else (), strict=True):
            if chance < share:
                drawn.append((document, [words[number] for number in part]))
    return drawn
