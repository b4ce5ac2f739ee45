"""What moves in which mode, in which phases, and when to stop; no arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

PRETRAINING = "pretraining"  # the name of the phase
# passes of it, where nothing is said, and the tokens that more than the least are made for (benchmarks/passes.py)
LEAST, MOST, ENOUGH = 12, 30, 10_000_000


@dataclass(frozen=True)
class Mode:
    """A row of section 2.3 of the paper.

    Attributes
    ----------
    pretrains : bool
        Whether the vectors start from skip-gram on the corpus alone.
    alternates : bool
        Whether skip-gram goes on between the tagger's steps.
    moves_vectors : bool
        Whether the tagger's steps move rows of the vectors.
    locks_source : bool
        Whether source rows are held fixed in the skip-gram steps that alternate with the tagger's.
    """

    pretrains: bool
    alternates: bool
    moves_vectors: bool
    locks_source: bool


MODES = {
    "hfj": Mode(pretrains=True, alternates=True, moves_vectors=True, locks_source=True),
    "fj": Mode(pretrains=True, alternates=True, moves_vectors=True, locks_source=False),
    "baseline": Mode(pretrains=True, alternates=False, moves_vectors=False, locks_source=False),
    "ner": Mode(pretrains=False, alternates=False, moves_vectors=True, locks_source=False),
}


def mode_of(name: str) -> Mode:
    """The row of a mode, by its name."""
    if name not in MODES:
        raise ValueError(f"mode={name!r}: expected one of {', '.join(map(repr, MODES))}")
    return MODES[name]


@dataclass(frozen=True)
class Phase:
    """A stretch of epochs in which the same things are trained.

    Attributes
    ----------
    name : str
    epochs : int
    alpha, min_alpha : float
        The skip-gram rate falls linearly from one to the other.
    joint : bool
        Whether the tagger has its turns.
    skipgram : bool
        Whether skip-gram has its turns.
    moves_vectors : bool
        Whether the tagger's steps move word vectors.
    lock : bool
        Whether skip-gram leaves source rows alone.
    """

    name: str
    epochs: int
    alpha: float
    min_alpha: float
    joint: bool = False
    skipgram: bool = True
    moves_vectors: bool = False
    lock: bool = False

    def rate(self, epoch: int, progress: float) -> float:
        """The skip-gram rate after `progress` (0 to 1) of an epoch, as gensim has it."""
        done = (epoch + progress) / self.epochs
        return max(self.min_alpha, self.alpha - (self.alpha - self.min_alpha) * done)

    def paced(self, joint_rate: float) -> Phase:
        """The phase as an engine runs it: with its factor of the rates, if it is joint."""
        if not self.joint:
            return self
        return replace(self, alpha=self.alpha * joint_rate, min_alpha=self.min_alpha * joint_rate)


def usual_passes(n_tokens: int) -> int:
    """Passes of pretraining, by the tokens of both sides: more where text is short.

    Examples
    --------
    >>> usual_passes(100_000), usual_passes(500_000), usual_passes(8_000_000)
    (30, 20, 12)
    """
    return min(max(-(-ENOUGH // max(n_tokens, 1)), LEAST), MOST)


def phases_of(
    mode: str, *, labelled: bool, pretrained: bool, epochs: int, pretrain_epochs: int, alpha: float, min_alpha: float,
    ner_weight: float,
) -> list[Phase]:  # fmt: skip
    """What one call of `MTWord2Vec.train` does, in order.

    Parameters
    ----------
    mode : str
        One of `MODES`.
    labelled : bool
        Whether there are labelled sentences; without them, skip-gram is all.
    pretrained : bool
        Whether the vectors were trained before, so that pretraining is left out.
    epochs, pretrain_epochs : int
        Joint passes, or all where nothing is joint; and passes of skip-gram alone before them.
    alpha, min_alpha : float
        The rates of skip-gram alone; in joint passes they are multiplied by ``1 - ner_weight``.
    ner_weight : float
        The weight of the tagger's loss.
    """
    row = mode_of(mode)
    if not labelled or ner_weight == 0:
        return [Phase("skip-gram", epochs, alpha, min_alpha)]
    first = [Phase(PRETRAINING, pretrain_epochs, alpha, min_alpha)] if row.pretrains and not pretrained else []
    rest = 1 - ner_weight
    return [
        *first,
        Phase(
            mode, epochs, rest * alpha, rest * min_alpha, joint=True, skipgram=row.alternates,
            moves_vectors=row.moves_vectors, lock=row.locks_source,
        ),
    ]  # fmt: skip


def passes_of(phases: Sequence[Phase]) -> int:
    """How many passes of skip-gram come first, by which engines choose how often shards exchange what they learnt."""
    return next((phase.epochs for phase in phases if phase.skipgram and phase.epochs), 0)


class EarlyStopping:
    """Remembers the best state by a score, and says when it has not improved for `patience` checks."""

    def __init__(self, patience: int):
        self.patience = patience
        self.best_score = -np.inf
        self.best_at = 0
        self.best_state: Sequence[np.ndarray] = ()
        self.checks = 0

    def go_on(self, facts: dict[str, Any], best_state: Sequence[np.ndarray]) -> None:
        """Be where another was."""
        self.best_score, self.best_at, self.checks = facts["best_score"], facts["best_at"], facts["checks"]
        self.best_state = best_state

    def __call__(self, score: float, state: Sequence[np.ndarray]) -> bool:
        """Take note of a score and the arrays that had it; return whether to stop."""
        self.checks += 1
        if score > self.best_score:
            self.best_score, self.best_at = score, self.checks
            if not self.best_state:
                self.best_state = [array.copy() for array in state]
            for best, array in zip(self.best_state, state, strict=True):  # no third copy for a while
                best[...] = array
        return self.checks - self.best_at >= self.patience
