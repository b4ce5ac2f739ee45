"""A trained tagger in a spaCy pipeline: ``nlp.add_pipe("mtner", config={"model": "model", "language": "zh"})``."""

from __future__ import annotations

import os
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from gensim_mtner.labels.schemes import entities
from gensim_mtner.model.mtword2vec import MTWord2Vec
from gensim_mtner.text.segmentation import ends_sentence


class EntityTagger:
    """Sets ``doc.ents`` by an `MTWord2Vec` model.

    Parameters
    ----------
    model : MTWord2Vec
        A model with a tagger.
    language : str
        Which of its two languages the text is in.
    by : str, optional
        As in `MTWord2Vec.tag`.
    """

    def __init__(self, model: MTWord2Vec, language: str, by: str | None = None):
        model.rows_of(language)
        model._check_tagger()
        self.model, self.language, self.by = model, language, by

    def __call__(self, doc: Doc) -> Doc:
        """Tag a document, sentence by sentence: spaCy's where it has them, else by punctuation."""
        parts = self._sentences(doc)
        tagged = self.model.tag([[token.text for token in part] for part in parts], language=self.language, by=self.by)
        spans = [
            Span(doc, part[start].i, part[stop - 1].i + 1, label=kind)
            for part, tags in zip(parts, tagged, strict=True)
            for kind, start, stop in entities(tags)
        ]
        doc.set_ents(spans)
        return doc

    @staticmethod
    def _sentences(doc: Doc) -> list[list[Any]]:
        if doc.has_annotation("SENT_START"):
            parts = [[token for token in sentence if not token.is_space] for sentence in doc.sents]
        else:
            parts = [[]]
            for token in doc:
                if not token.is_space:
                    parts[-1].append(token)
                    if ends_sentence(token.text):
                        parts.append([])
        return [part for part in parts if part]


@Language.factory("mtner", assigns=["doc.ents", "token.ent_iob", "token.ent_type"], default_config={"by": None})
def make(nlp: Language, name: str, model: str, language: str, by: str | None) -> EntityTagger:
    """The component, from the directory of a model.

    Parameters
    ----------
    nlp, name
        What spaCy passes.
    model : str
        A directory that `MTWord2Vec.save` wrote.
    language, by
        As in `EntityTagger`.
    """
    if not os.path.isdir(model):  # a file would be a pickle, which can run any code
        raise ValueError(f"{model} is not a directory that MTWord2Vec.save wrote")
    return EntityTagger(MTWord2Vec.load(model), language, by)
