"""Two files of lines, or two folders, as a corpus: the text of those who have no pairs in one file."""
# ruff: noqa: E501

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus
from gensim_mtner.cli.main import main

LINES = [("The president went to Dodoma.", "Rais alikwenda Dodoma."), ("It rained.", "Mvua ilinyesha."),
         ("Ann left.", "Ann aliondoka.")]  # fmt: skip
BOTH = ("--source", "en", "--target", "sw")


def written(folder, lines=LINES):
    """Two files of lines."""
    paths = [folder / f"news.{language}" for language in ("en", "sw")]
    for path, side in zip(paths, zip(*lines, strict=True), strict=True):
        path.write_text("".join(f"{line}\n" for line in side), encoding="utf-8")
    return paths


def counted(capsys, *arguments):
    assert main(["stats", *BOTH, "--json", *map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)["sw"]


def test_two_files_of_lines(tmp_path, capsys):
    english, swahili = written(tmp_path)
    assert counted(capsys, "--corpus", english, "--target-corpus", swahili)["documents"] == 3
    gathered = counted(capsys, "--corpus", english, "--target-corpus", swahili, "--lines-per-document", 2)
    assert (gathered["documents"], gathered["sentences"]) == (2, 3)
    assert counted(capsys, "--corpus", english, "--target-corpus", swahili, "--limit", 1)["documents"] == 1


def test_two_folders_of_files_of_the_same_names(tmp_path, capsys):
    for language, side in zip(("en", "sw"), zip(*LINES, strict=True), strict=True):
        (tmp_path / language).mkdir()
        for number, line in enumerate(side):
            (tmp_path / language / f"{number}.txt").write_text(line, encoding="utf-8")
    folders = "--corpus", tmp_path / "en", "--target-corpus", tmp_path / "sw"
    assert counted(capsys, *folders)["documents"] == 3
    (tmp_path / "en" / "more.txt").write_text("Bob came.", encoding="utf-8")
    assert main(["stats", *BOTH, *map(str, folders)]) == 1
    assert "more.txt" in capsys.readouterr().err
    assert counted(capsys, *folders, "--on-missing", "skip")["documents"] == 3
    assert main(["stats", *BOTH, *map(str, folders), "--lines-per-document", "20"]) == 1
    assert "in directories" in capsys.readouterr().err


@settings(deadline=None)
@given(st.lists(st.tuples(*2 * [st.text("ab ", min_size=1, max_size=4)]), min_size=1, max_size=9), st.integers(1, 12))
def test_documents_have_all_lines_in_their_order(tmp_path_factory, lines, n):
    paths = written(tmp_path_factory.mktemp("lines"), lines)
    corpus = ComparableCorpus.from_parallel(
        *paths, source="en", target="sw", lines_per_document=n, on_missing="keep", encoding="utf-8"
    )
    read = list(corpus._pairs())
    assert [pair.source for pair in read] == [
        "\n".join(a for a, _ in lines[i : i + n]) for i in range(0, len(lines), n)
    ]
    assert [pair.target for pair in read] == [
        "\n".join(b for _, b in lines[i : i + n]) for i in range(0, len(lines), n)
    ]


def test_a_place_names_its_lines(tmp_path):
    paths = written(tmp_path, [*LINES, ("", "Tupu."), (" ", "Tupu tena.")])
    corpus = ComparableCorpus.from_parallel(*paths, source="en", target="sw", lines_per_document=3)
    with pytest.raises(ValueError, match=r"news\.sw, lines 4 to 5: the 'en' side is missing or empty"):
        list(corpus)
    assert [pair.id for pair in ComparableCorpus.from_parallel(*paths, source="en", target="sw", lines_per_document=3,
                                                               on_missing="skip")] == ["1-3"]  # fmt: skip


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "20", None])
def test_numbers_of_lines_that_are_none(tmp_path, n):
    with pytest.raises(ValueError, match=r"lines_per_document=.*expected a whole number from 1"):
        ComparableCorpus.from_parallel(*written(tmp_path), source="en", target="sw", lines_per_document=n)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpus", "{0}/news.en"], "text of one language needs --target-corpus"),
        (["--corpus", "{0}/pairs.jsonl", "--target-corpus", "{0}/news.sw"], "--corpus {0}/pairs.jsonl holds both sides"),
        (["--corpus", "{0}/news.en", "--target-corpus", "{0}/pairs.tsv.gz"], "--target-corpus {0}/pairs.tsv.gz holds"),
        (["--corpus", "{0}/pairs.jsonl", "--lines-per-document", "20"], "is for two files of lines"),
        (["--corpus", "{0}/news.en", "--target-corpus", "{0}/news.en"], "is given for both languages"),
        (["--corpus", "{0}/news.en", "--target-corpus", "{0}/short.sw"], "short.sw ends before line 3"),
        (["--corpus", "{0}/news.en", "--target-corpus", "{0}/none.sw"], "none.sw"),
        (["--corpus", "{0}/news.en", "--target-corpus", "{0}/news.sw", "--lines-per-document", "0"], "whole number"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_one_line(arguments, message, tmp_path, capsys):
    written(tmp_path)
    (tmp_path / "short.sw").write_text("Moja.\nMbili.\n", encoding="utf-8")
    pair = {"id": "1", "en": LINES[0][0], "sw": LINES[0][1]}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(pair) + "\n", encoding="utf-8")
    assert main(["stats", *BOTH, *(part.format(tmp_path) for part in arguments)]) == 1
    shown = capsys.readouterr().err
    assert message.format(tmp_path) in shown and shown.count("\n") == 1


def test_encoded_text_is_no_side(tmp_path, capsys):
    english, swahili = map(str, written(tmp_path))
    both = ["--corpus", english, "--target-corpus", swahili, *BOTH]
    assert main(["encode", *both, "--out", str(tmp_path / "encoded"), "--quiet"]) == 0
    capsys.readouterr()
    assert main(["stats", "--corpus", str(tmp_path / "encoded"), "--target-corpus", swahili, *BOTH]) == 1
    assert "holds both sides" in capsys.readouterr().err
