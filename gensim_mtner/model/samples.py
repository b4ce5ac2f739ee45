"""Sentences that are drawn from a corpus."""

from __future__ import annotations

import numpy as np

from gensim_mtner.labels.door import problem
from gensim_mtner.text.encoded import EncodedText


def sample_sentences(
    text: EncodedText, side: int, n_tokens: int, seed: int, chances: np.ndarray | None = None
) -> list[list[str]]:
    """Draw sentences of one side of a corpus, about `n_tokens` tokens in all; see `sample_places`."""
    return [sentence for _, sentence in sample_places(text, side, n_tokens, seed, chances)]


def sample_places(
    text: EncodedText, side: int, n_tokens: int, seed: int, chances: np.ndarray | None = None
) -> list[tuple[int, list[str]]]:
    """Draw sentences of one side of a corpus, each with the place of its document; in the order of the corpus.

    Parameters
    ----------
    text : EncodedText
        The corpus.
    side : {0, 1}
        Source or target.
    n_tokens : int
        How much to draw; all, if there is no more, and less, if most has little chance.
    seed : int
        Decides the draw.
    chances : ndarray of float, shape (n_documents,), optional
        From 0 to 1: those of sentences of each document, if there is enough to draw from; see
        `gensim_mtner.model.nearness.chances`.
    """
    if not n_tokens:
        return []
    words = text.words[side]
    # a corpus may hold tokens that labels may not, such as a line end that a tokenizer keeps
    usable = np.array([problem(word) is None for word in words], dtype=bool)
    total = text.counts[side].sum()
    if chances is not None and not text.is_merged():
        total = chances @ np.diff(text.offsets)[side::2]
    share = min(1.0, n_tokens / max(total, 1))
    generator = np.random.default_rng((seed, side))
    drawn: list[tuple[int, list[str]]] = []
    first: list[tuple[int, list[str]]] = []
    for document in text.in_order().tolist():
        parts = [part[usable[part]] for part in text.sentence_ids(document, side)]
        parts = [part for part in parts if len(part)]
        wanted = share if chances is None else share * chances[document]
        for part, drawing in zip(parts, generator.random(len(parts)) if parts else (), strict=True):
            if drawing < wanted or not first:
                sentence = document, [words[number] for number in part]
                first = first or [sentence]
                if drawing < wanted:
                    drawn.append(sentence)
    return drawn or first  # who asks for little is given a sentence
