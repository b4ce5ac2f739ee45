"""Pictures of a model, by matplotlib (an extra): words in two dimensions, losses, neighbours, confusion of tags.

Each function draws into `ax`, or a new figure, and returns the matplotlib Axes: save it with
``ax.figure.savefig("words.png")``, or ``.svg``.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from gensim_mtner.labels.scores import checked_tags
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.text.languages import composed, key
from gensim_mtner.vectors.spelling import rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gensim_mtner.model.mtword2vec import MTWord2Vec

try:
    from matplotlib import font_manager, pyplot, ticker
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("pictures need matplotlib: pip install 'gensim-mtner[plot]'") from error

logger = logging.getLogger(__name__)

METHODS = ("pca", "tsne", "umap")
COLOURS = ("tab:gray", "tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple", "tab:brown")
LEAST = 3  # words that can be drawn in two dimensions
MARKERS = ("o", "^")
FONT_PACKAGE = "pylopdf_fonts_zh_cn"  # Noto Sans SC as Noto publishes it; the package is data alone
LAST_RESORT = "Last Resort High-Efficiency"  # comes with matplotlib from 3.11
_told: set[str] = set()  # scripts that a warning has named


# -- fonts


@lru_cache(maxsize=256)
def _characters(path: str) -> frozenset[int]:
    """The characters that a font has; none if it cannot be read."""
    try:
        return frozenset(font_manager.get_font(path).get_charmap())
    except Exception:  # fonts are of many kinds, and some are broken
        return frozenset()


def _plain_fonts() -> list[Any]:
    """Listed fonts of the usual weight; the last resort has a box for every character, so that it would always win."""
    return [entry for entry in font_manager.fontManager.ttflist
            if entry.style == "normal" and entry.weight == 400 and entry.name != LAST_RESORT]  # fmt: skip


def _unlisted_system_fonts() -> list[str]:
    """Those installed since matplotlib made its list of fonts."""
    listed = {entry.fname for entry in font_manager.fontManager.ttflist}
    return sorted(set(font_manager.findSystemFonts()) - listed)


def _packaged_fonts() -> list[str]:
    """The font that the extras bring, for machines that have none for Chinese."""
    spec = find_spec(FONT_PACKAGE)
    folders = (spec and spec.submodule_search_locations) or []
    return [str(path) for folder in folders for path in sorted(Path(folder).glob("*Sans*-Regular.otf"))]


def fonts_for(text: Iterable[str], font: str | None = None) -> list[str]:
    """Families of fonts that together have all characters of texts, in the order to look them up.

    Fonts of the system come first, then the one for Chinese that the extras ``plot`` and ``report`` bring. Characters
    that no font has are drawn as boxes; one warning for each script says so, and what to do.

    Parameters
    ----------
    text : iterable of str
        What will be written.
    font : str, optional
        The path of a font file, to be looked up first.

    Returns
    -------
    list of str
        For ``matplotlib.rcParams["font.family"]``.
    """
    families = [pyplot.rcParams["font.sans-serif"][0]]
    covered = set(_characters(font_manager.findfont(families[0])))
    if font is not None:
        try:
            font_manager.fontManager.addfont(font)
        except Exception as error:  # of FreeType, or of the system
            raise ValueError(f"font={font!r} is no font that can be read: {error}") from error
        families.insert(0, font_manager.FontProperties(fname=font).get_name())
        covered |= _characters(font)
    missing = {ord(char) for part in text for char in part if not char.isspace()} - covered
    for more in (list, _unlisted_system_fonts, _packaged_fonts):
        for path in more() if missing else ():
            with contextlib.suppress(Exception):  # fonts are of many kinds, and some are broken
                font_manager.fontManager.addfont(path)
        while missing:  # one at a time, the font that has the most of what is missing
            best = max(_plain_fonts(), key=lambda entry: len(missing & _characters(entry.fname)))
            if not missing & _characters(best.fname):
                break
            families.append(best.name)
            missing -= _characters(best.fname)
    if missing:
        _tell_of_boxes(sorted(map(chr, missing)))
        if any(entry.name == LAST_RESORT for entry in font_manager.fontManager.ttflist):
            families.append(LAST_RESORT)  # asked for by name, it draws its boxes without a warning for each
    return families


def _tell_of_boxes(characters: Sequence[str]) -> None:
    """Say once for each script that no font has it: the same words are drawn again and again."""
    scripts = {unicodedata.name(char, "UNNAMED").split()[0] for char in characters}
    if scripts <= _told:
        return
    _told.update(scripts)
    logger.warning(
        "no font here has %i of the characters, such as %s: they are drawn as boxes. For Chinese, pip install "
        "'gensim-mtner[plot]' brings a font; or install one that has them (Noto Sans CJK, say), or pass the path of "
        "one as font= (--font on the command line)",
        len(characters),
        "".join(characters[:8]),
    )


@contextlib.contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Save a figure without a warning for each character that no font has: `fonts_for` has told of them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


# -- pictures


def plot_vectors(
    model: MTWord2Vec, words: Sequence[tuple[str, str]] | None = None, *, n: int = 40, method: str = "pca",
    vectors: Any = None, font: str | None = None, random_state: int = 1, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Words of both languages in two dimensions: colour by tag, marker by language, a line between translations.

    Parameters
    ----------
    model : MTWord2Vec
        With a tagger, which says what a word is, or without.
    words : sequence of (str, str), optional
        (language, word); by default `typical_words`.
    n : int
        How many source words to take by default.
    method : {"pca", "tsne", "umap"}
        How to project; "umap" needs the package umap-learn. Vectors are scaled to unit length before.
    vectors : KeyedVectors, optional
        Other vectors of the same words, such as those before joint training.
    font : str, optional
        The path of a font, if the installed ones lack characters.
    random_state : int
        For t-SNE and UMAP.
    ax : matplotlib Axes, optional
        Where to draw.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If fewer than three of the words are known, or there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r}: expected one of {', '.join(map(repr, METHODS))}")
    words = typical_words(model, n) if words is None else list(words)
    if any(isinstance(item, str) or len(item) != 2 for item in words):
        raise ValueError("words has an item that is no pair: expected (language, word), such as ('en', 'Spain')")
    words = [(language, composed(word)) for language, word in words]
    # source words with the target word that follows each, as `typical_words` has them
    pairs = [pair for pair in itertools.pairwise(words) if [item[0] for item in pair] == [model.source, model.target]]
    wv = model.wv if vectors is None else vectors
    given, places = words, {(code, word): rows_of(wv, [word], code)[0] for code, word in words}
    words = [item for item, row in places.items() if row >= 0]
    missing = [key(word, language) for language, word in dict.fromkeys(given) if (language, word) not in words]
    if missing:
        logger.warning("%i words are not in the vocabulary, such as %s", len(missing), missing[0])
    if len(words) < LEAST:
        raise ValueError(f"{len(words)} of the words are in the vocabulary: expected at least {LEAST}")
    rows = wv.vectors[[places[item] for item in words]]
    points = _project(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), method, random_state)
    place = dict(zip(words, points, strict=True))
    kinds = _kinds(model, words)
    legend = sorted(set(kinds.values()))
    with pyplot.rc_context({"font.family": fonts_for([word for _, word in words], font)}):
        ax = ax or pyplot.subplots(figsize=(8, 6), layout="constrained")[1]
        for left, right in pairs:
            if left in place and right in place:
                ax.plot(*np.array([place[left], place[right]]).T, color="0.8", linewidth=0.8, zorder=0)
        for marker, language in zip(MARKERS, (model.source, model.target), strict=True):
            for colour, kind in zip(
                itertools.cycle(COLOURS), ["O", *(kind for kind in legend if kind != "O")], strict=False
            ):
                chosen = [item for item in words if item[0] == language and kinds[item] == kind]
                if chosen:
                    x, y = np.array([place[item] for item in chosen]).T
                    ax.scatter(x, y, color=colour, marker=marker, s=22,
                               label=f"{language} {kind}" if kind else language)  # fmt: skip
        for item, point in place.items():
            ax.annotate(_plain(item[1]), point, xytext=(3, 3), textcoords="offset points", fontsize=8)
        ax.set(xticks=[], yticks=[], title=f"{len(words)} words by {method.upper().replace('TSNE', 't-SNE')}")
        ax.legend(fontsize=8, frameon=False)
    return ax


def typical_words(model: MTWord2Vec, n: int = 40) -> list[tuple[str, str]]:
    """Frequent source words, names if there is a tagger, each with the nearest target word, as (language, word)."""
    if model.source is None or model.target is None:
        raise ValueError("the words of this model have no language: name those to draw")
    prefix = len(f"{model.source}:")
    counts = model.wv.expandos["count"]
    rows = [row for row in range(model.source_size) if counts[row] >= 5][:5000]
    words = [model.wv.index_to_key[row][prefix:] for row in rows]
    kinds = _kinds(model, [(model.source, word) for word in words])
    names = [word for word in words if kinds[model.source, word] not in ("", "O")] or words
    by_kind: dict[str, list[str]] = {}
    for word in names:
        by_kind.setdefault(kinds[model.source, word], []).append(word)
    chosen = [word for _, listed in sorted(by_kind.items()) for word in listed[: -(-n // len(by_kind))]][:n]
    near = model.neighbours_of(chosen, language=model.source, topn=1)
    pairs = [(word, found[0][0]) for word, found in zip(chosen, near, strict=True) if found]
    return [item for left, right in pairs for item in ((model.source, left), (model.target, right))]


def _kinds(model: MTWord2Vec, words: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The entity type of each word by its vector, "O", or "" where there is no tagger that could say."""
    tagger = getattr(model, "tagger", None)
    if not isinstance(tagger, UnigramTagger):
        return dict.fromkeys(words, "")
    tags = [tagger.predict([[word]], language=language)[0][0] for language, word in words]
    return {item: tag.removeprefix("B-") for item, tag in zip(words, tags, strict=True)}


def _project(rows: np.ndarray, method: str, random_state: int) -> np.ndarray:
    if method == "pca":
        return PCA(2, random_state=random_state).fit_transform(rows)
    if method == "tsne":
        near = min(15.0, (len(rows) - 1) / 3)
        with threadpool_limits(1):  # threads that wait for each other on busy cores make it ten times as slow
            return TSNE(2, perplexity=near, init="pca", random_state=random_state).fit_transform(rows)
    try:
        from umap import UMAP
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("method='umap' needs umap-learn: pip install umap-learn") from error
    return UMAP(n_neighbors=min(15, len(rows) - 1), n_components=2, random_state=random_state).fit_transform(rows)


def plot_losses(model: MTWord2Vec, *, ax: Axes | None = None) -> Axes:
    """The losses of skip-gram and of the tagger by epoch; phases are shaded.

    Raises
    ------
    ValueError
        If the model was not trained.
    """
    if not model.history:
        raise ValueError("the model has no history: train it first")
    ax = ax or pyplot.subplots(figsize=(8, 3.6), layout="constrained")[1]
    epochs = np.arange(1, len(model.history) + 1)
    phases = [entry["phase"] for entry in model.history]
    starts = [i for i in range(len(phases)) if i == 0 or phases[i] != phases[i - 1]]
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(phases)], strict=True)):
        ax.axvspan(start + 0.5, stop + 0.5, color="0.93" if number % 2 else "0.98", zorder=0)
        ax.text(
            (start + stop + 1) / 2, 1.02, phases[start], transform=ax.get_xaxis_transform(), ha="center", fontsize=9
        )
    drawn: list[Any] = []
    right: Any = None
    for name, colour, label in (("skipgram_loss", "tab:blue", "skip-gram, a word"),
                                ("ner_loss", "tab:orange", "tagger, a sentence")):  # fmt: skip
        points = [(epoch, entry[name]) for epoch, entry in zip(epochs, model.history, strict=True) if name in entry]
        if not points:
            continue
        panel = ax if not drawn else ax.twinx()
        right = panel if drawn else right
        drawn += panel.plot(*zip(*points, strict=True), marker="o", markersize=4, color=colour, label=label)
        panel.set_ylabel(f"loss of {label}", color=colour)
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    if drawn:
        (right or ax).legend(handles=drawn, frameon=False)
    return ax


def plot_neighbours(
    model: MTWord2Vec, word: str, *, language: str, into: str | None = None, metric: str = "cosine", topn: int = 10,
    font: str | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The nearest words of a word as bars; arguments as in `MTWord2Vec.neighbours`."""
    found = model.neighbours(word, language=language, into=into, metric=metric, topn=topn)
    if not found:
        raise ValueError(f"{language}:{word} has no neighbour to draw")
    names, scores = zip(*found, strict=True)
    with pyplot.rc_context({"font.family": fonts_for([word, *names], font)}):
        ax = ax or pyplot.subplots(figsize=(6, 0.5 + 0.3 * len(names)), layout="constrained")[1]
        ax.barh(range(len(names)), scores, color="tab:blue")
        ax.set_yticks(range(len(names)), list(map(_plain, names)))
        ax.invert_yaxis()
        ax.set(xlabel="distance" if metric == "euclidean" else metric, title=_plain(f"{language}:{word}"))
        for label in [*ax.get_yticklabels(), ax.title]:
            label.set_fontfamily(pyplot.rcParams["font.family"])
    return ax


def plot_confusion(
    gold: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    *,
    font: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which tags of tokens are taken for which, as shares of each gold tag.

    Parameters
    ----------
    gold, predicted : sequence of sequence of str
        Tags of the same sentences.
    font : str, optional
        The path of a font, if the installed ones lack characters of the tags.
    ax : matplotlib Axes, optional
        Where to draw.

    Raises
    ------
    ValueError
        If the sentences differ in number or length.
    """
    from sklearn.metrics import ConfusionMatrixDisplay

    gold, predicted = checked_tags("gold", gold), checked_tags("predicted", predicted)
    lengths = [list(map(len, rows)) for rows in (gold, predicted)]
    if lengths[0] != lengths[1]:
        raise ValueError("gold and predicted tags are not of the same sentences: their lengths differ")
    ax = ax or pyplot.subplots(figsize=(5.5, 4.6), layout="constrained")[1]
    truth, found = ([tag for row in rows for tag in row] for rows in (gold, predicted))
    names = sorted({*truth, *found}, key=lambda tag: (tag != "O", tag[2:], tag[:1]))
    ConfusionMatrixDisplay.from_predictions(
        truth, found, labels=names, display_labels=list(map(_plain, names)), normalize="true", values_format=".2f",
        ax=ax, cmap="Blues", colorbar=False, xticks_rotation=45,
    )  # fmt: skip
    families = fonts_for(names, font)
    for label in [*ax.get_xticklabels(), *ax.get_yticklabels()]:
        label.set_fontfamily(families)
    ax.set(xlabel="predicted", ylabel="gold", title=f"{len(truth):,} tokens")
    return ax


def _plain(text: str) -> str:
    """Text that matplotlib takes for no formula, which stands between two dollars."""
    return text.replace("$", r"\$")
