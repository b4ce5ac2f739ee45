"""Labels from a spaCy pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tqdm.auto import tqdm

from gensim_mtner.labels.schemes import OUTSIDE

# of spaCy's English models (OntoNotes 5); nationalities, dates and the like are no names here
TYPES = {"PERSON": "PER", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "ORG": "ORG"}


def label(
    nlp: Any, sentences: Iterable[Sequence[str]], batch_size: int, progress: bool
) -> tuple[list[list[str]], list[list[str]]]:
    """Tokens and the pipeline's own tags; see `gensim_mtner.NERData.from_spacy`."""
    from spacy.tokens import Doc

    if not hasattr(nlp, "pipe") or not hasattr(nlp, "vocab"):
        raise TypeError(f"nlp is {type(nlp).__name__} ({nlp!r:.40}): expected a pipeline, as spacy.load makes it")
    docs = (Doc(nlp.vocab, words=list(sentence)) for sentence in sentences if len(sentence))
    kept: list[list[str]] = []
    tags: list[list[str]] = []
    for doc in tqdm(nlp.pipe(docs, batch_size=batch_size), desc="labelling", unit=" sentences", disable=not progress):
        kept.append([token.text for token in doc])
        tags.append([f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else OUTSIDE for t in doc])
    if not any(tag != OUTSIDE for row in tags for tag in row):
        raise ValueError(f"the pipeline found no entity in {len(kept)} sentences; it has {nlp.pipe_names}")
    return kept, tags


def known_types(tags: list[list[str]]) -> dict[str, str | None]:
    """What each type that occurs becomes; those of models that say PER or MISC stay, or go."""
    found = {tag[2:] for row in tags for tag in row if tag != OUTSIDE}
    return {kind: TYPES.get(kind, kind if kind == "PER" else None) for kind in found}


def check_left(types: tuple[str, ...], tags: list[list[str]]) -> None:
    """Refuse labels of which no name is left when `types` had become what they are."""
    if not types:
        raise ValueError(
            f"no name is left of what the pipeline found: its types are {', '.join(sorted(known_types(tags)))}; say "
            "what they become, as in types={'persName': 'PER'}"
        )
