"""Entity F1, through seqeval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from seqeval.metrics import classification_report, f1_score
from seqeval.scheme import IOB2

from gensim_mtner.labels.door import Tags, let_in, sentences_of
from gensim_mtner.labels.schemes import OUTSIDE


@dataclass(frozen=True)
class EntityScores:
    """Entity precision, recall and F1, in percent.

    Attributes
    ----------
    precision, recall, f1 : float
        Strict: an entity counts if its type and both its ends are right, and tags must be valid IOB2.
    lenient_f1 : float
        seqeval's default, which takes an I- without its B- for the start of an entity.
    by_type : dict of str to dict
        precision, recall, f1 and support of each type.
    support : int
        The number of entities in the gold tags.
    known_tokens, known_entity_tokens : float
        The share, in percent, of tokens and of entity tokens that have a vector; NaN if not given.
    """

    precision: float
    recall: float
    f1: float
    lenient_f1: float
    support: int
    known_tokens: float = float("nan")
    known_entity_tokens: float = float("nan")
    by_type: dict[str, dict[str, float]] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{'type':8} {'precision':>9} {'recall':>7} {'F1':>6} {'entities':>9}"]
        rows = [*self.by_type.items(), ("all", vars(self))]
        lines += [
            f"{name:8} {row['precision']:9.1f} {row['recall']:7.1f} {row['f1']:6.1f} {row['support']:9d}"
            for name, row in rows
        ]
        lines.append(
            f"lenient F1 {self.lenient_f1:.1f}; known: {self.known_tokens:.1f}% of tokens, "
            f"{self.known_entity_tokens:.1f}% of entity tokens"
        )
        return "\n".join(lines)


def score_entities(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], known: Sequence[np.ndarray] | None = None
) -> EntityScores:
    """Compare predicted with gold tags.

    Parameters
    ----------
    gold, predicted : sequence of sequence of str
        IOB2 tags, aligned.
    known : sequence of ndarray of bool, optional
        Which tokens have a vector.

    Raises
    ------
    ValueError, TypeError
        If the lengths differ, or what is given is no tags of IOB2, with the sentence.
    """
    gold, predicted = checked_tags("gold", gold), checked_tags("predicted", predicted)
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold sentences, but {len(predicted)} predicted ones")
    for number, (one, other) in enumerate(zip(gold, predicted, strict=True), 1):
        if len(one) != len(other):
            raise ValueError(f"sentence {number} has {len(one)} gold tags, but {len(other)} predicted ones")
    # seqeval takes a hyphen off a type, and "x avg" for a mean: it gets numbers for types
    numbers: dict[str, str] = {}
    shown = {
        tag: f"{tag[:2]}{numbers.setdefault(tag[2:], str(len(numbers)))}" if tag[:2] in ("B-", "I-") else tag
        for tag in sorted({tag for rows in (gold, predicted) for row in rows for tag in row})
    }
    left, right = ([[shown[tag] for tag in row] for row in rows] for rows in (gold, predicted))
    shares: dict[str, Any] = {}
    if known is not None:
        flat = np.concatenate([np.asarray(row, dtype=bool) for row in known]) if len(known) else np.empty(0, bool)
        inside = np.array([tag != OUTSIDE for row in left for tag in row], dtype=bool)
        shares = {
            "known_tokens": 100 * float(flat.mean()) if len(flat) else float("nan"),
            "known_entity_tokens": 100 * float(flat[inside].mean()) if inside.any() else float("nan"),
        }
    if not any(tag.startswith("B-") for row in (*left, *right) for tag in row):  # strictly, nothing is there
        lenient = f1_score(left, right, zero_division=0) if any(tag != OUTSIDE for row in left for tag in row) else 0
        return EntityScores(0.0, 0.0, 0.0, 100 * float(lenient), 0, **shares)
    report = classification_report(left, right, mode="strict", scheme=IOB2, zero_division=0, output_dict=True)
    by_type = {kind: _percent(report[number]) for kind, number in sorted(numbers.items()) if number in report}
    return EntityScores(
        **_percent(report["micro avg"]),
        lenient_f1=100 * float(f1_score(left, right, zero_division=0)),
        by_type=by_type,
        **shares,
    )


def checked_tags(name: str, rows: Any) -> list[list[str]]:
    """Tags of sentences, if each is O, B-TYPE or I-TYPE; what an I- follows is for the score to say."""
    known = Tags()
    checked = [let_in(row, known, f"{name}, sentence {number}")
               for number, row in enumerate(sentences_of(rows, name, "tags"), 1)]  # fmt: skip
    strange = {tag for tag in known.values() if tag != OUTSIDE and (tag[:2] not in ("B-", "I-") or not tag[2:])}
    if strange:
        number, tag = next((number, tag) for number, row in enumerate(checked, 1) for tag in row if tag in strange)
        raise ValueError(f"{name}, sentence {number}: the tag {tag!r}: expected O, B-TYPE or I-TYPE (IOB2)")
    return checked


def _percent(row: dict) -> dict[str, Any]:
    """A row of seqeval's report, in percent."""
    return {
        "precision": 100 * float(row["precision"]),
        "recall": 100 * float(row["recall"]),
        "f1": 100 * float(row["f1-score"]),
        "support": int(row["support"]),
    }
