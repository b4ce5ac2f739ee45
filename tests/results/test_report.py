"""The HTML report: whole, safe, and searchable in a browser."""

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from conftest import MODEL_1, labels_of, make_pairs

pytest.importorskip("jinja2", reason="pip install 'gensim-mtner[report]'")
pytest.importorskip("matplotlib", reason="pip install 'gensim-mtner[report]'")

from gensim_mtner import MTWord2Vec, NERData
from gensim_mtner.results.report import write_report

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:sklearn")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def gold():
    sentences = [pair[2][start : start + 4] for pair in make_pairs(10) for start in range(0, 24, 4)]
    return NERData([[*sentence, "<b>&"] for sentence in sentences], [[*tags, "O"] for tags in labels_of(sentences)])


@pytest.fixture(scope="module")
def report(tmp_path_factory, gold):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(MTWord2Vec.load(MODEL_1), path, gold=gold, title="A <model>")
    return path


def test_a_report_is_one_whole_file_that_loads_nothing(report):
    page = report.read_text(encoding="utf-8")
    open_tags = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag, attributes):
            names = dict(attributes)
            assert not {"onload", "onerror"} & set(names)
            assert not (names.get("src") or names.get("href") or "#").startswith(("http", "//"))
            if tag not in ("meta", "input", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Checker().feed(re.sub(r"<([\w:]+)([^<>]*)/>", r"<\1\2></\1>", page))
    assert open_tags == []
    assert "A &lt;model&gt;" in page and "&lt;b&gt;&amp;" in page and "<b>&" not in page


def test_scores_sentences_and_settings_are_there(report, gold):
    page = report.read_text(encoding="utf-8")
    model = MTWord2Vec.load(MODEL_1)
    assert f"<b>{model.evaluate(gold, language='zh').f1:.1f}</b><span>entity F1, strict" in page
    assert 'class="PER right"' in page and "<th>vector_size</th><td>8</td>" in page
    data = json.loads(re.search(r'id="neighbours">(.*?)</script>', page)[1])
    word, cosine = data["zh"]["罗马"][0]
    ((nearest, score),) = model.neighbours("罗马", language="zh", topn=1)
    assert word == nearest and cosine == pytest.approx(score, abs=1e-3)


def test_without_gold_there_are_no_scores(tmp_path):
    model = MTWord2Vec.load(MODEL_1)
    write_report(model, tmp_path / "report.html")
    assert "Tagged sentences" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="language='fr'"):
        write_report(model, tmp_path / "other.html", language="fr")
    bare = MTWord2Vec([["a", "b"]] * 9, min_count=1, workers=1, epochs=1, sample=0)
    with pytest.raises(ValueError, match="a model of two languages"):
        write_report(bare, tmp_path / "other.html")
    assert not (tmp_path / "other.html").exists()


def test_without_a_font_a_report_is_written_with_one_message(only_dejavu, gold, caplog, tmp_path):
    write_report(MTWord2Vec.load(MODEL_1), tmp_path / "report.html", gold=gold)
    assert len(caplog.records) == 1 and "no font here has" in caplog.text
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(">[\u4e00-\u9fff]+</text>", page), "letters stay letters, in the reader's fonts"


@pytest.mark.skipif(BROWSER is None, reason="no browser, such as that of Debian's chromium")
def test_words_are_found_in_a_browser(report, tmp_path):
    # a profile of its own: the user's may be in use, or their home cannot be written to
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}"]
    environment = os.environ | {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}

    def dom(query):
        command = [BROWSER, *options, "--dump-dom", f"{report.as_uri()}?q={query}"]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, env=environment).stdout

    assert re.findall(r'<h3 dir="auto">(\w+)<small', dom("rom")) == ["Rome"]
    assert "No such word" in dom("nowhere")
    assert len(re.findall(r"<h3 ", dom(""))) == 12
