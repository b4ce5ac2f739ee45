"""Pictures: what is in them, in which font, and what cannot be drawn."""

from pathlib import Path

import numpy as np
import pytest
from conftest import MODEL_1

pyplot = pytest.importorskip("matplotlib.pyplot", reason="pip install 'gensim-mtner[plot]'")

from gensim_mtner import MTWord2Vec  # noqa: E402
from gensim_mtner.results import plots  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:sklearn")


packaged_fonts = plots._packaged_fonts  # as it is before a test stands in for a machine


@pytest.fixture(scope="module")
def model():
    return MTWord2Vec.load(MODEL_1)


@pytest.fixture(autouse=True)
def closed():
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")


@pytest.mark.filterwarnings("ignore:n_jobs value 1 overridden:UserWarning")
@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_words_of_both_languages_are_drawn_with_their_tags(model, method, tmp_path):
    if method == "umap":
        pytest.importorskip("umap", reason="pip install umap-learn")
    ax = plots.plot_vectors(model, n=8, method=method)
    drawn = {text.get_text() for text in ax.texts}
    words = plots.typical_words(model, 8)
    assert drawn == {word for _, word in words} and {"en", "zh"} == {language for language, _ in words}
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"en PER", "en LOC", "zh PER", "zh LOC"} <= set(labels)
    assert len(ax.lines) == 8  # from each source word to its neighbour
    for kind in ("png", "svg"):
        ax.figure.savefig(tmp_path / f"words.{kind}")
        assert (tmp_path / f"words.{kind}").stat().st_size > 5000


def test_other_vectors_of_the_same_words_may_be_drawn(model):
    words = [("en", "Ann"), ("zh", "安"), ("en", "Rome"), ("zh", "罗马")]
    ax = plots.plot_vectors(model, words, vectors=model.wv, ax=pyplot.figure().add_subplot())
    places = np.concatenate([c.get_offsets() for c in ax.collections])
    assert len(places) == 4 and len(ax.lines) == 2
    with pytest.raises(ValueError, match="2 of the words are in the vocabulary"):
        plots.plot_vectors(model, [*words[:2], ("en", "nobody")])
    with pytest.raises(ValueError, match="method='x': expected one of 'pca'"):
        plots.plot_vectors(model, method="x")


def test_losses_are_drawn_by_phase(model):
    ax = plots.plot_losses(model)
    assert [text.get_text() for text in ax.texts] == list(dict.fromkeys(e["phase"] for e in model.history))
    (line,) = ax.lines
    losses = [entry["skipgram_loss"] for entry in model.history if "skipgram_loss" in entry]
    np.testing.assert_allclose(line.get_ydata(), losses)
    with pytest.raises(ValueError, match="no history"):
        plots.plot_losses(MTWord2Vec())


def test_neighbours_are_bars_in_their_order(model):
    ax = plots.plot_neighbours(model, "安", language="zh", topn=4)
    found = model.neighbours("安", language="zh", topn=4)
    assert [label.get_text() for label in ax.get_yticklabels()] == [word for word, _ in found]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [score for _, score in found], rtol=1e-6)


def test_confusion_is_a_share_of_each_gold_tag():
    gold, predicted = [["B-PER", "O", "O"], ["B-PER"]], [["O", "O", "O"], ["B-PER"]]
    ax = plots.plot_confusion(gold, predicted)
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["O", "B-PER"]
    assert shown == {(0, 0): "1.00", (1, 0): "0.00", (0, 1): "0.50", (1, 1): "0.50"}
    with pytest.raises(ValueError, match="lengths differ"):
        plots.plot_confusion(gold, predicted[:1])


def picture_of(text):
    """A text alone, as pixels; a warning of matplotlib is an error."""
    figure = pyplot.figure(figsize=(1, 1))
    with pyplot.rc_context({"font.family": plots.fonts_for([text])}):
        figure.text(0.3, 0.3, text, fontsize=40)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., 0].copy()


LAST_RESORT = pytest.mark.skipif(
    plots.LAST_RESORT not in {entry.name for entry in plots.font_manager.fontManager.ttflist},
    reason="pip install 'matplotlib>=3.11'",
)


def test_characters_that_no_font_has_are_told_of_once(only_dejavu, caplog):
    families = plots.fonts_for(["plain", "马"])
    assert families[0] == pyplot.rcParams["font.sans-serif"][0]
    assert "no font here has 1 of the characters, such as 马" in caplog.text and "font=" in caplog.text
    plots.fonts_for(["plain", "罗马"])
    assert len(caplog.records) == 1
    plots.fonts_for(["म"])  # another script, another font to install
    assert len(caplog.records) == 2
    caplog.clear()
    assert len(plots.fonts_for(["plain text é"])) == 1 and not caplog.text


@LAST_RESORT
def test_without_a_font_there_are_boxes_and_one_message(only_dejavu, model, caplog, tmp_path):
    assert (picture_of("马") == picture_of("罗")).all(), "the boxes of two characters are the same"
    for _ in range(2):
        plots.plot_neighbours(model, "安", language="zh", topn=4)
        for kind in ("png", "svg", "pdf"):
            plots.plot_vectors(model, n=8).figure.savefig(tmp_path / f"words.{kind}")
    plots.plot_confusion([["B-人", "O"]], [["B-人", "O"]]).figure.savefig(tmp_path / "confusion.png")
    assert len(caplog.records) == 1


def test_the_extras_font_draws_chinese_where_the_system_has_none(only_dejavu, caplog):
    pytest.importorskip(plots.FONT_PACKAGE, reason="pip install 'gensim-mtner[plot]'")
    (path,) = packaged_fonts()
    only_dejavu.setattr(plots, "_packaged_fonts", lambda: [path])
    assert plots.fonts_for(["安 Ann"]) == ["DejaVu Sans", "Noto Sans SC"]
    boxes_would_be_the_same = ["马", "罗", "龍", "の"]
    pictures = [picture_of(char).tobytes() for char in boxes_would_be_the_same]
    assert len(set(pictures)) == 4 and not caplog.records


def test_fonts_of_the_system_come_before_that_of_the_extras(only_dejavu, tmp_path):
    pytest.importorskip(plots.FONT_PACKAGE, reason="pip install 'gensim-mtner[plot]'")
    (path,) = packaged_fonts()
    installed = tmp_path / "installed-since.otf"
    installed.write_bytes(Path(path).read_bytes())
    only_dejavu.setattr(plots.font_manager, "findSystemFonts", lambda *_, **__: [str(installed)])
    only_dejavu.setattr(plots, "_packaged_fonts", lambda: pytest.fail("the system has a font"))
    assert plots.fonts_for(["安"]) == ["DejaVu Sans", "Noto Sans SC"]


def test_a_font_may_be_passed(only_dejavu, caplog):
    pytest.importorskip(plots.FONT_PACKAGE, reason="pip install 'gensim-mtner[plot]'")
    assert plots.fonts_for(["安"], font=packaged_fonts()[0]) == ["Noto Sans SC", "DejaVu Sans"] and not caplog.records


def test_fonts_of_the_system_draw_chinese():
    chinese = [entry.name for entry in plots._plain_fonts() if ord("马") in plots._characters(entry.fname)
               and entry.fname not in packaged_fonts()]  # fmt: skip
    if not chinese:
        pytest.skip("no font for Chinese in the system, such as that of Debian's fonts-noto-cjk")
    assert set(plots.fonts_for(["马"])) & set(chinese)
    assert (picture_of("马") != picture_of("罗")).any()
