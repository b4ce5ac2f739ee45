"""A run in one HTML file: data, settings, curves, scores, tagged sentences, and neighbours to search."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from gensim_mtner import __version__
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import OUTSIDE, entities
from gensim_mtner.model.arguments import OWN_TAGGERS
from gensim_mtner.model.saving import ARGUMENTS
from gensim_mtner.storage import check_destination, new_file
from gensim_mtner.text.segmentation import joiner
from gensim_mtner.vectors.neighbours import top_cosines, unit_rows

if TYPE_CHECKING:
    from gensim_mtner.model.mtword2vec import MTWord2Vec

try:
    from jinja2 import Environment, StrictUndefined

    from gensim_mtner.results import plots
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("reports need matplotlib and jinja2: pip install 'gensim-mtner[report]'") from error


def write_report(
    model: MTWord2Vec, path: str | os.PathLike, *, gold: NERData | None = None, language: str | None = None,
    n_words: int = 2000, n_neighbours: int = 8, n_sentences: int = 30, font: str | None = None,
    title: str = "gensim-mtner",
) -> None:  # fmt: skip
    """Write all about a model into one HTML file, which needs no server and no network.

    Parameters
    ----------
    model : MTWord2Vec
        A trained model.
    path : path-like
        The file; it appears when it is whole.
    gold : NERData, optional
        Labelled sentences to test on; some of them are shown as they were tagged.
    language : str, optional
        Their language; by default the target.
    n_words : int
        So many frequent words of each language have their neighbours listed.
    n_neighbours : int
        How many neighbours each.
    n_sentences : int
        How many tagged sentences are shown.
    font : str, optional
        The path of a font to measure words with, if the installed ones lack characters; readers see their own fonts.
    title : str
        The page's.

    Raises
    ------
    ValueError
        If the model has no languages, or `language` is none of them.
    """
    check_destination(path)
    if model.source is None or model.target is None:
        raise ValueError("a report needs a model of two languages; this one has none")
    language = language or model.target
    model.rows_of(language)
    template = resources.files("gensim_mtner").joinpath("data/report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    scored: dict[str, Any] = {}
    if gold is not None:
        predicted = model.tag(gold.sentences, language=language)
        scored = {
            "scores": asdict(model.score_tags(gold, predicted, language=language)),
            "confusion": _svg(plots.plot_confusion(gold.tags, predicted)),
            "sentences": list(_sentences(gold, predicted, language, n_sentences)),
        }
    neighbours = {
        left: _neighbours(model, left, right, n_words, n_neighbours)
        for left, right in ((model.source, model.target), (model.target, model.source))
    }
    words = plots.typical_words(model)
    page = environment.from_string(template).render(
        title=title,
        version=__version__,
        languages=(model.source, model.target),
        language=language,
        data=list(_data(model)),
        settings=[(name, getattr(model, name)) for name in ARGUMENTS if name not in ("source", "target", "comment")],
        history=model.history,
        losses=_svg(plots.plot_losses(model)) if model.history else "",
        vectors=_svg(plots.plot_vectors(model, words, method="tsne", font=font)) if len(words) >= plots.LEAST else "",
        # no tag may end early inside the page's data
        neighbours=json.dumps(neighbours, ensure_ascii=False).replace("<", "\\u003c"),
        scored=scored,
    )
    with new_file(path) as stream:
        stream.write(page)


def _svg(ax: Any) -> str:
    """A picture as text; letters stay letters, in the reader's fonts."""
    stream = io.StringIO()
    with plots.pyplot.rc_context({"svg.fonttype": "none"}), plots.without_glyph_warnings():
        ax.figure.savefig(stream, format="svg", metadata={"Date": None})
    plots.pyplot.close(ax.figure)
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _data(model: MTWord2Vec) -> Iterator[tuple[str, str]]:
    counts = model.wv.expandos["count"]
    yield "document pairs", f"{model.corpus_count:,}"
    for language in (model.source, model.target):
        rows = model.rows_of(language)  # type: ignore[arg-type]
        tokens = int(counts[rows].sum())
        yield f"{language}", f"{tokens:,} tokens with a vector, {rows.stop - rows.start:,} words"
    if hasattr(model, "tagger"):
        kinds = sorted({tag[2:] for tag in model.tagger.classes_ if tag != OUTSIDE})
        yield "entity types", ", ".join(kinds)
        yield "tokens in names, labelled source text", f"{model.source_rate:.2%}"
        yield "tokens in names by vectors, target text", f"{model.entity_rate():.2%}"
    if model.target_agreement:
        yield "target taggers against each other, unlabelled text, F1", f"{model.target_agreement:.1f}"
    yield "taggers", ", ".join(
        name for name in ("tagger", *OWN_TAGGERS) if hasattr(model, name)
    ) or "none"  # fmt: skip


def _sentences(gold: NERData, predicted: Sequence[list[str]], language: str, n: int) -> Iterator[list[dict[str, str]]]:
    """Pieces of text; those that are names have a type, and whether gold agrees."""
    between = joiner(language)
    chosen = [i for i, tags in enumerate(predicted) if set(tags) | set(gold.tags[i]) != {OUTSIDE}][:n]
    for number in chosen:
        tokens, truth = gold.sentences[number], set(entities(gold.tags[number]))
        found = {start: (kind, stop) for kind, start, stop in entities(predicted[number])}
        missed = {start: (kind, stop) for kind, start, stop in truth}
        pieces, at = [], 0
        while at < len(tokens):
            if at in found:
                kind, stop = found[at]
                verdict = "right" if (kind, at, stop) in truth else "wrong"
            elif at in missed and not any(start in found for start in range(at, missed[at][1])):
                (kind, stop), verdict = missed[at], "missed"
            else:
                kind, stop, verdict = "", at + 1, ""
            pieces.append({"text": between.join(tokens[at:stop]) + between, "type": kind, "verdict": verdict})
            at = stop
        yield pieces


def _neighbours(model: MTWord2Vec, own: str, into: str, n_words: int, topn: int) -> dict[str, list[list[Any]]]:
    """For frequent words, the nearest of the other language with their cosines."""
    mine, theirs = model.rows_of(own), model.rows_of(into)
    rows = np.arange(mine.start, min(mine.stop, mine.start + n_words))
    cosines, places = top_cosines(unit_rows(model.wv.vectors[rows]), unit_rows(model.wv.vectors[theirs]), topn)
    keys, prefixes = model.wv.index_to_key, (len(own) + 1, len(into) + 1)
    return {
        keys[row][prefixes[0] :]: [
            [keys[theirs.start + place][prefixes[1] :], round(float(cosine), 3)]
            for cosine, place in zip(near, at, strict=True)
        ]
        for row, near, at in zip(rows.tolist(), cosines, places, strict=True)
    }
