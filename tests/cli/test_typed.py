"""What a user types at the edges: files as other systems write them, settings in a file, signals."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import BOTH, TINY, labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import main
from gensim_mtner.cli.parser import parser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edges")
    pairs = make_pairs(20)
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    sentences = [source[:4] for _, source, _ in pairs]
    labels = NERData(sentences, labels_of(sentences))
    MTWord2Vec(corpus, ner_data=labels, **TINY).save(folder / "model")
    corpus.encode(folder / "encoded")
    with open(folder / "train.iob2", "w", encoding="utf-8") as stream:
        stream.writelines(f"{word}\t{tag}\n" for words, tags in labels for word, tag in zip(words, tags, strict=True))
    return folder


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("piped", [False, True])
def test_offsets_for_brat_are_those_of_the_file_as_it_is(files, tmp_path, monkeypatch, capsys, end, mark, piped):
    text = mark + end.join(["She left .", "", "Ann Lee went to Rome .", "Bob left ."]) + end
    (tmp_path / "text").write_bytes(text.encode())
    monkeypatch.setattr(MTWord2Vec, "tag", lambda self, rows, **how: labels_of(rows))
    command = ["tag", "--model", str(files / "model"), "--language", "en", "--raw", "--format", "brat"]
    if piped:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
    assert main([*command, *([] if piped else ["--input", str(tmp_path / "text")])]) == 0
    spans = [line.split("\t")[1:] for line in capsys.readouterr().out.splitlines()]
    assert len(spans) == 3
    for place, shown in spans:
        _, start, stop = place.split()
        assert text[int(start) : int(stop)] == shown


def test_offsets_for_brat_after_a_conversion_are_those_of_the_file_or_refused(files, tmp_path, monkeypatch, capsys):
    pytest.importorskip("opencc")
    command = ["tag", "--model", str(files / "model"), "--language", "zh", "--raw", "--format", "brat", "--input"]
    monkeypatch.setattr(
        MTWord2Vec, "tag", lambda self, rows, **how: [["B-LOC"] + ["O"] * (len(row) - 1) for row in rows]
    )
    for name, text in (("one", "羅馬 很大"), ("other", "好\n記憶體很大")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main([*command, str(tmp_path / "one"), "--opencc", "t2s"]) == 0
    assert capsys.readouterr().out.startswith("T1\tLOC 0 2\t羅馬")
    assert main([*command, str(tmp_path / "other"), "--opencc", "tw2sp"]) == 1
    assert "line 2 has another length by --opencc tw2sp" in capsys.readouterr().err


def config(tmp_path, text):
    (tmp_path / "train.toml").write_text(text, encoding="utf-8")
    return ["--config", str(tmp_path / "train.toml")]


@pytest.mark.parametrize(("line", "said"), [
    ('corpus = ["a.jsonl"]', "expected text"), ("source = 5", "expected text"), ("ner = 5", "expected text"),
    ('ner = ["a", 5]', "expected text"), ('types = ["A=B", 5]', "expected text"), ('overwrite = "no"', "true or false"),
    ("calibrate = 1", "true or false"), ('project_names = "yes"', "true or false"), ("epochs = true", "a number"),
    ("checkpoint_every = 1.5", "invalid int value"), ('mode = "hjf"', "invalid choice"), ("workers = [2]", "a number"),
    ('labels_encoding = "utf-9"', "no encoding 'utf-9'"),
])  # fmt: skip
def test_settings_of_a_file_are_of_the_kind_that_could_be_typed(tmp_path, capsys, line, said):
    with pytest.raises(SystemExit, match=rf"the config file has {line.split(' =')[0]} = .*{said}"):
        main(["train", *config(tmp_path, line), "--corpus", "x", *BOTH, "--out", "y"])


def test_what_is_typed_wins_over_a_file(tmp_path):
    settings = {"ner": "a.iob2", "types": ["A=B"], "epochs": 3, "sample": 1, "overwrite": True, "mode": "fj"}
    made = parser(settings)
    command = ["train", "--corpus", "x", *BOTH, "--out", "y"]
    options = made.parse_args(command)
    assert [str(path) for path in options.ner] == ["a.iob2"] and options.types == ["A=B"]
    assert (options.epochs, options.sample, options.overwrite, options.mode) == (3, 1.0, True, "fj")
    typed = ["--ner", "b.iob2", "--ner", "c.iob2", "--types", "C=D", "--epochs", "4", "--mode", "hfj"]
    options = made.parse_args([*command, *typed])
    assert [str(path) for path in options.ner] == ["b.iob2", "c.iob2"] and options.types == ["C=D"]
    assert (options.epochs, options.mode) == (4, "hfj")


@pytest.mark.parametrize("option", [("--limit", "1"), ("--opencc", "t2s"), ("--on-missing", "skip")])
def test_what_would_have_no_effect_on_encoded_text_is_refused(files, tmp_path, capsys, option):
    assert main(["train", "--corpus", str(files / "encoded"), *BOTH, *option, "--out", str(tmp_path / "x")]) == 1
    assert f"{' '.join(option)} is for text that is not encoded yet" in capsys.readouterr().err


def test_a_folder_is_its_json_lines_and_no_copies_of_them(tmp_path, capsys):
    row = '{"en": "Ann left", "zh": "安离开"}\n'
    for name in ("a.jsonl", "a.jsonl.bak", "a.jsonl~", "a.jsonl.orig"):
        (tmp_path / name).write_text(row, encoding="utf-8")
    assert main(["stats", "--corpus", str(tmp_path), *BOTH]) == 0
    assert re.search(r"^en\t1\t", capsys.readouterr().out, re.MULTILINE)
    with pytest.raises(SystemExit):
        main(["stats", "--corpus", "", *BOTH])
    assert "not an empty text" in capsys.readouterr().err


def test_a_report_of_the_model_here_is_beside_it(files, tmp_path, monkeypatch, capsys):
    pytest.importorskip("jinja2")
    MTWord2Vec.load(files / "model").save(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    assert main(["report", "."]) == 0
    assert (tmp_path / "here.html").exists()


def test_tags_are_not_written_under_a_name_that_says_they_are_compressed(files, tmp_path, capsys):
    command = ["tag", "--model", str(files / "model"), "--language", "en", "--input", str(files / "train.iob2")]
    assert main([*command, "--out", str(tmp_path / "x.iob2.gz")]) == 1
    assert "x.iob2.gz would be plain text under a name that says .gz" in capsys.readouterr().err


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("more", [(), ("--shards", "2")])
def test_an_end_by_a_signal_leaves_no_process_and_if_it_can_be_helped_no_file(tmp_path, how, more):
    row = '{"en": "Ann left Rome and came to Bern", "zh": "安离开罗马来到伯尔尼"}\n'
    (tmp_path / "pairs.jsonl").write_text(row * 400_000, encoding="utf-8")
    command = [sys.executable, "-m", "gensim_mtner", "encode", "--corpus", "pairs.jsonl", *BOTH, "--out", "encoded",
               "--workers", "2", *more]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True)

    def alive():
        found = []
        for entry in os.listdir("/proc"):
            try:
                fields = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            except (OSError, ValueError):
                continue
            if entry.isdigit() and fields[0] != "Z" and int(fields[3]) == process.pid:  # the session
                found.append(int(entry))
        return found

    def wait_for(what, seconds=60):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.1)
        assert what()

    wait_for(lambda: len(alive()) >= 3)
    time.sleep(0.5)  # Python drops exceptions of the moment in which it forks
    process.send_signal(how)
    process.wait(60)
    wait_for(lambda: not alive())
    if how == signal.SIGTERM:
        assert process.returncode == 128 + how
        assert os.listdir(tmp_path) == ["pairs.jsonl"]
