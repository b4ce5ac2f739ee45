"""`gensim-mtner pair`: documents of two languages that nobody has paired."""

import gzip
import json
import os

import pytest

from gensim_mtner.cli import finding
from gensim_mtner.cli.main import main
from gensim_mtner.text.piles import Pile

ENGLISH = ["Obama met Kenyatta in Nairobi.", "Messi left Barcelona in 2021.", "Rain fell on the hills of Kigali."]
SWAHILI = ["Mwaka 2021 Messi aliondoka Barcelona.", "Mvua ilinyesha Kigali.", "Kenyatta na Obama walikutana Nairobi."]
FOUND = [(0, 2), (1, 0), (2, 1)]
BOTH = ("--source", "en", "--target", "sw")


def as_lines(path, documents):
    path.write_text("".join(f"{text}\n\n" for text in documents), encoding="utf-8")
    return path, [str(2 * number + 1) for number in range(len(documents))]


def as_folder(path, documents):
    path.mkdir()
    for number, text in enumerate(documents):
        (path / f"{number}.txt").write_text(text, encoding="utf-8")
    (path / ".hidden").write_text("Nairobi", encoding="utf-8")
    (path / "empty").write_text(" \n", encoding="utf-8")
    return path, [f"{number}.txt" for number in range(len(documents))]


def as_json(path, documents):
    path = path.with_name(path.name + ".jsonl.gz")
    key = "text" if "en" in path.name else "sw"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": f"n{i}", key: text}) + "\n" for i, text in enumerate(documents))
    return path, [f"n{number}" for number in range(len(documents))]


def pair(*arguments):
    return main(["pair", *BOTH, *map(str, arguments)])


@pytest.mark.parametrize("write", [as_lines, as_folder, as_json])
def test_documents_become_a_corpus(write, tmp_path, capsys):
    (english, names), (swahili, others) = (write(tmp_path / language, side) for language, side in
                                           (("en", ENGLISH), ("sw", SWAHILI)))  # fmt: skip
    out = tmp_path / "pairs.jsonl"
    assert pair("--corpus", english, "--target-corpus", swahili, "--out", out) == 0
    said = capsys.readouterr()
    assert "3 pairs" in said.err and said.out == ""
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["en"], row["sw"]) for row in rows] == [
        (f"{names[i]} {others[j]}", ENGLISH[i], SWAHILI[j]) for i, j in FOUND
    ]
    assert all(row["margin"] >= 1.3 for row in rows)
    assert main(["stats", *BOTH, "--json", "--corpus", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["sw"]["documents"] == 3


def test_a_dictionary_and_a_margin(tmp_path, capsys):
    english, _ = as_lines(tmp_path / "en", ["the river rose", "a teacher came", "it slept"])
    swahili, _ = as_lines(tmp_path / "sw", ["mto ulipanda", "mwalimu alikuja", "bei ilishuka"])
    (tmp_path / "words.tsv").write_text("river\tmto\nteacher\tmwalimu\n", encoding="utf-8")
    given = "--corpus", english, "--target-corpus", swahili, "--out", tmp_path / "pairs.jsonl"
    assert pair(*given) == 1
    assert "and so does a --dictionary" in capsys.readouterr().err
    assert not (tmp_path / "pairs.jsonl").exists()
    assert pair(*given, "--dictionary", tmp_path / "words.tsv") == 0
    assert len((tmp_path / "pairs.jsonl").read_text().splitlines()) == 2
    (tmp_path / "pairs.jsonl").unlink()
    capsys.readouterr()
    assert pair(*given, "--dictionary", tmp_path / "words.tsv", "--margin", "4") == 1
    said = capsys.readouterr().err
    assert "--margin 4.0" in said and "--dictionary" not in said
    assert not (tmp_path / "pairs.jsonl").exists()


def test_mistakes_are_told_before_anything_is_written(tmp_path, capsys):
    english, _ = as_lines(tmp_path / "en", ENGLISH)
    swahili, _ = as_lines(tmp_path / "sw", SWAHILI)
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"id": "1", "en": "Nairobi"}\n', encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "bytes").write_bytes(b"Nairobi \xff\n")
    (tmp_path / "five.jsonl").write_text('{"text": "a"}\n\n{"text": 5}\n', encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("a\tb\n", encoding="utf-8")
    folder, _ = as_folder(tmp_path / "folder", ENGLISH)
    utf16 = tmp_path / "utf16"
    as_folder(utf16, SWAHILI)
    (utf16 / "3.txt").write_bytes("Nairobi\n".encode("utf-16-le"))
    os.mkfifo(tmp_path / "pipe")
    out, named = tmp_path / "out.jsonl", tmp_path / "named.jsonl"
    named.write_text('{"text": "Nairobi"}\n', encoding="utf-8")
    for arguments, said in (
        ((english, english, out), f"{english} is given for both languages"),
        ((named, swahili, named), f"--out {named} is what --corpus reads"),
        ((swahili, named, named), f"--out {named} is what --target-corpus reads"),
        ((english, tmp_path / "none", out), "none does not exist"),
        ((english, tmp_path / "five.jsonl", out), "five.jsonl, line 3: the 'sw' side is int"),
        ((english, tmp_path / "pairs.tsv", out), "pairs.tsv holds both sides of pairs"),
        ((folder, swahili, folder / "1.jsonl"), "is in the folder that --corpus reads"),
        ((english, utf16, out), "3.txt is"),
        ((english, tmp_path / "pipe", out), "is a pipe or a device"),
        ((english, wrong, out), "wrong.jsonl, line 1: has neither 'sw' nor 'text'"),
        (
            (english, tmp_path / "nothing", out),
            "nothing has no document: is it empty, or are its files in folders within",
        ),
        ((english, tmp_path / "bytes", english.with_name("out.txt")), "expected a name that ends in .jsonl"),
        ((english, as_lines(tmp_path / "json", ['{"text": "Nairobi"}'])[0], out), "give it a name that ends in .jsonl"),
        ((english, as_lines(tmp_path / "html", ['<p class="a">Nairobi</p>'])[0], out), "are HTML or XML"),
        ((english, as_lines(tmp_path / "tags", ["1\tNairobi\tB-LOC", "2\tni\tO"])[0], out), "words with labels"),
        ((english, as_lines(tmp_path / "copy", ENGLISH)[0], out), "3 of 3 pairs are the same text twice"),
        ((english, tmp_path / "bytes", out), "is not utf-8"),
    ):
        corpus, target, place = arguments
        assert pair("--corpus", corpus, "--target-corpus", target, "--out", place) == 1
        assert said in capsys.readouterr().err
        assert not out.exists()
    assert english.read_text().startswith("Obama")


def test_a_dictionary_is_not_replaced(tmp_path, capsys):
    english, _ = as_lines(tmp_path / "en", ENGLISH)
    swahili, _ = as_lines(tmp_path / "sw", SWAHILI)
    words = tmp_path / "words.jsonl"
    words.write_text("river\tmto\n", encoding="utf-8")
    assert pair("--corpus", english, "--target-corpus", swahili, "--dictionary", words, "--out", words) == 1
    assert "is what --dictionary reads" in capsys.readouterr().err
    assert words.read_text() == "river\tmto\n"


def test_few_matches_are_told_of(tmp_path, caplog):
    english, _ = as_lines(tmp_path / "en", [ENGLISH[0], "Rain fell there.", "Some like tea.", "Wind blew hard."])
    swahili, _ = as_lines(tmp_path / "sw", [SWAHILI[2], "Chai inapendwa.", "Upepo mkali.", "Jua liliwaka."])
    assert pair("--corpus", english, "--target-corpus", swahili, "--out", tmp_path / "pairs.jsonl") == 0
    assert "1 of 4 documents are matched" in caplog.text


def test_an_id_is_no_text_in_indonesian(tmp_path):
    path = tmp_path / "id.jsonl"
    path.write_text('{"id": "2021", "text": "Messi"}\n{"id": "Obama"}\n', encoding="utf-8")
    assert [item.document for item in Pile(path, language="id")] == ["Messi", "Obama"]


def test_files_of_a_folder_may_be_json_lines(tmp_path):
    (tmp_path / "b.txt").write_text("Obama", encoding="utf-8")
    (tmp_path / "a.JSON").write_text('{"text": "Messi"}\n{"text": "Ann"}\n', encoding="utf-8")
    assert [item.document for item in Pile(tmp_path, language="en")] == ["Messi", "Ann", "Obama"]


def test_chinese_is_cut_and_converted(tmp_path):
    pytest.importorskip("opencc")
    english, _ = as_lines(tmp_path / "en", ["He flew to Shanghai.", "She left Beijing.", "In 1999 it rained."])
    chinese, _ = as_lines(tmp_path / "zh", ["她離開北京。", "1999年下雨。", "他飛往上海。"])
    out = tmp_path / "pairs.jsonl"
    assert main(["pair", "--source", "en", "--target", "zh", "--corpus", str(english), "--target-corpus", str(chinese),
                 "--opencc", "t2s", "--out", str(out)]) == 0  # fmt: skip
    assert [json.loads(line)["zh"][0] for line in out.read_text(encoding="utf-8").splitlines()] == ["他", "她", "1"]


def test_a_pile_that_grows_between_two_readings_is_told_of(tmp_path, capsys, monkeypatch):
    english, _ = as_lines(tmp_path / "en", ENGLISH)
    swahili, _ = as_lines(tmp_path / "sw", SWAHILI)
    matches = finding.match_placed

    def slow(*given, **more):
        found = matches(*given, **more)
        as_lines(swahili, ["Neno jipya.", *SWAHILI])
        return found

    monkeypatch.setattr(finding, "match_placed", slow)
    assert pair("--corpus", english, "--target-corpus", swahili, "--out", tmp_path / "out.jsonl") == 1
    assert "had 3 documents, and has 4 now" in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_a_pile_is_read_anew(tmp_path):
    path, names = as_lines(tmp_path / "en", ENGLISH)
    pile = Pile(path, language="en")
    assert [item.id for item in pile] == [item.id for item in pile] == names
    assert [item.place for item in pile][1] == f"{path}, line 3"


def test_the_surest_pair_is_shown_and_each_side_may_have_its_encoding(tmp_path, capsys):
    english, _ = as_lines(tmp_path / "en", ["Café Kenyatta, Nairobi", *ENGLISH])
    swahili = tmp_path / "sw"
    swahili.write_text("\n".join([f"Mkahawa wa café, Kenyatta, Nairobi {'na ' * 40}", *SWAHILI]), encoding="latin-1")
    out = tmp_path / "pairs.jsonl"
    arguments = ["--corpus", english, "--target-corpus", swahili, "--out", out]
    assert pair(*arguments) != 0
    assert "is not utf-8; pass --target-encoding" in capsys.readouterr().err and not out.exists()
    assert pair(*arguments, "--target-encoding", "latin-1") == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    surest = max(rows, key=lambda row: row["margin"])
    said = capsys.readouterr().err
    assert f"{surest['margin']:.1f}: en: {surest['en'][:20]}" in said and f"sw: {surest['sw'][:20]}" in said
    assert len(said.strip().splitlines()[-1]) < 250


def test_documents_as_lists_are_shown_too(tmp_path, capsys):
    paths = []
    for code, side in (("en", ENGLISH), ("sw", SWAHILI)):
        paths.append(tmp_path / f"{code}.jsonl")
        rows = ({"id": str(i), code: [text.split()]} for i, text in enumerate(side))
        paths[-1].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert pair("--corpus", paths[0], "--target-corpus", paths[1], "--out", tmp_path / "out.jsonl") == 0
    assert " | sw: Kenyatta na Obama walikutana Nairobi." in capsys.readouterr().err


def test_folders_that_share_no_name_are_told_of_it(tmp_path, capsys):
    for code, side in (("en", ENGLISH), ("sw", SWAHILI)):
        folder, _ = as_folder(tmp_path / code, side)
        for path in [*folder.iterdir()]:
            path.rename(folder / f"{code}-{path.name.strip('.')}")
    assert main(["stats", *BOTH, "--corpus", str(tmp_path / "en"), "--target-corpus", str(tmp_path / "sw")]) != 0
    assert "gensim-mtner pair" in capsys.readouterr().err


def test_what_is_shown_of_a_pair_is_one_line_of_text_without_spaces_too():
    assert finding._beginning("新华社 " + "一段很长的话" * 30) == "新华社 " + ("一段很长的话" * 30)[:56] + " …"
    assert finding._beginning("\n第一行\n第二行\x1b[31m红") == "第一行 第二行 [31m红"
    assert finding._beginning([["Ann", "met", "Bob"], ["Yes"]]) == "Ann met Bob Yes"
