"""A trained tagger in a spaCy pipeline: ``nlp.add_pipe("mtner", config={"model": "model", "language": "zh"})``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import minibatch, raise_error

from gensim_mtner.labels.formats import offsets
from gensim_mtner.labels.schemes import entities
from gensim_mtner.model.mtword2vec import MTWord2Vec
from gensim_mtner.text.languages import composed_places
from gensim_mtner.text.segmentation import convert_script, ends_sentence, tokenizer

OnError = Callable[[str, Any, list[Doc], Exception], Any]
Placed = tuple[list[str], list[tuple[int, int]]]  # words, and where each stands in the text of a document


class EntityTagger:
    """Adds the names that an `MTWord2Vec` model finds to ``doc.ents``; those that are there stay.

    Text is cut into words as the corpus of the model was, or by `gensim_mtner.text.segmentation.tokenizer` where that
    came as tokens: spaCy cuts Chinese into characters, and words at hyphens, which have no vectors. spaCy's tokens are
    taken where the corpus was cut by a tokenizer of the user's own, or there is none for the language. A name that ends
    within a token of spaCy takes all of it.

    Parameters
    ----------
    model : MTWord2Vec, optional
        A model with a tagger; None until `from_disk`.
    language : str
        Which of its two languages the text is in.
    by : str, optional
        As in `MTWord2Vec.tag`.
    path, name : str
        Where a model was looked for, and what the component is called.
    """

    def __init__(
        self, model: MTWord2Vec | None, language: str, by: str | None = None, path: str = "", name: str = "mtner"
    ):
        self.language, self.by, self.path, self.name = language, by, path, name
        self._on_error: OnError = raise_error
        self.model = model if model is None else self._checked(model)

    def __call__(self, doc: Doc) -> Doc:
        """Tag a document, sentence by sentence: spaCy's where it has them, else by punctuation."""
        self._annotate([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """As a call for each document, `batch_size` at a time, which is many times faster."""
        for docs in minibatch(stream, batch_size):
            try:
                self._annotate(docs)
                yield from docs
                continue
            except Exception:
                if len(docs) == 1 and self._on_error is raise_error:
                    raise
            for doc in docs:  # which of them was it?
                try:
                    self._annotate([doc])
                except Exception as error:
                    self._on_error(self.name, self, [doc], error)
                else:
                    yield doc

    def set_error_handler(self, handler: OnError) -> None:
        """What `nlp.set_error_handler` calls: what is to be done with a document that fails in `pipe`."""
        self._on_error = handler

    def get_error_handler(self) -> OnError:
        """What is done with a document that fails in `pipe`: by default its error is raised."""
        return self._on_error

    def to_disk(self, path: str | os.PathLike, *, exclude: Sequence[str] = ()) -> None:
        """Save the model with the pipeline."""
        self._known().save(path)

    def from_disk(self, path: str | os.PathLike, *, exclude: Sequence[str] = ()) -> EntityTagger:
        """Load the model that `to_disk` saved."""
        self.model = self._checked(MTWord2Vec.load(path))
        return self

    def _checked(self, model: MTWord2Vec) -> MTWord2Vec:
        model.rows_of(self.language)
        model._check_tagger()
        return model

    def _known(self) -> MTWord2Vec:
        if self.model is None:
            raise ValueError(f"{self.path} is not a directory that MTWord2Vec.save wrote: 'mtner' has no model")
        return self.model

    def _annotate(self, docs: Sequence[Doc]) -> None:
        model = self._known()
        parts = [list(self._sentences(doc, model)) for doc in docs]
        tagged = iter(model.tag([words for row in parts for words, _ in row], language=self.language, by=self.by))
        for doc, row in zip(docs, parts, strict=True):
            spans = list(doc.ents)
            taken = {token.i for entity in spans for token in entity}
            for _, places in row:
                for kind, start, stop in entities(next(tagged)):
                    span = doc.char_span(places[start][0], places[stop - 1][1], label=kind, alignment_mode="expand")
                    if span is not None and taken.isdisjoint(found := range(span.start, span.end)):
                        taken.update(found)
                        spans.append(span)
            doc.set_ents(spans)

    def _sentences(self, doc: Doc, model: MTWord2Vec) -> Iterator[Placed]:
        """The words of each sentence as the model knows them, and where they stand."""
        how, cut = model.segmented.get(self.language, {"segmenter": None, "conversion": None}), None
        with suppress(ValueError) if self.language not in model.segmented else nullcontext():  # nothing here cuts it
            cut = tokenizer(self.language, segmenter=how["segmenter"]) if how else None
        whole = doc.text
        for tokens in _by_sentence(doc):
            if how is None or cut is None:
                yield [token.text for token in tokens], [(token.idx, token.idx + len(token)) for token in tokens]
                continue
            begun = tokens[0].idx
            text, places = composed_places(whole[begun : tokens[-1].idx + len(tokens[-1])])
            converted = convert_script(text, how["conversion"]) if how["conversion"] else text
            if len(converted) == len(text):  # as of single characters it is; else places would be of another text
                text = converted
            words = cut(text)
            yield words, [(begun + places[start], begun + places[stop]) for start, stop in offsets(text, words)]


def _by_sentence(doc: Doc) -> list[list[Any]]:
    """Tokens of each sentence, without white space."""
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
        A directory that `MTWord2Vec.save` wrote. One that is not there may come with the pipeline (``spacy.load``).
    language, by
        As in `EntityTagger`.
    """
    if os.path.isdir(model):
        return EntityTagger(MTWord2Vec.load(model), language, by, model, name)
    if os.path.exists(model):  # a file would be a pickle, which can run any code
        raise ValueError(f"{model} is not a directory that MTWord2Vec.save wrote")
    return EntityTagger(None, language, by, model, name)
