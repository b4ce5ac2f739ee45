"""What was typed, and taken for something else or for nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BOTH, TINY, labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import as_typed, main
from gensim_mtner.labels import formats
from gensim_mtner.results.tables import Tables, Task
from gensim_mtner.text.segmentation import tokenizer

PAIRS = make_pairs(40)
COMMAND = [sys.executable, "-m", "gensim_mtner"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A corpus, labels of both sides, a model."""
    folder = tmp_path_factory.mktemp("silence")
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": n, "en": a, "zh": b}, ensure_ascii=False) + "\n" for n, a, b in PAIRS)
    for name, side in (("train", 1), ("gold", 2)):
        sentences = [pair[side][:4] for pair in PAIRS]
        data = NERData(sentences, labels_of(sentences))
        (folder / f"{name}.iob2").write_text("".join(formats.write(data)), encoding="utf-8")
    corpus = ComparableCorpus(PAIRS, source="en", target="zh")
    labels = NERData.from_iob2(folder / "train.iob2")
    MTWord2Vec(corpus, ner_data=labels, mode="baseline", **TINY).save(folder / "model")
    return folder


def failed(capsys, *arguments):
    assert main([str(argument) for argument in arguments]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    return shown


def test_a_report_takes_its_model_either_way_and_keeps_its_gold_file(files, tmp_path, capsys):
    pytest.importorskip("gensim_mtner.results.plots", reason="pip install 'gensim-mtner[report]'", exc_type=ImportError)
    pytest.importorskip("jinja2", reason="pip install 'gensim-mtner[report]'")
    model, out = files / "model", tmp_path / "out.html"
    for arguments in ((model,), ("--model", model)):
        assert main(["report", *map(str, arguments), "--out", str(out)]) == 0
        assert out.read_text("utf-8").startswith("<!")
        out.unlink()
    for arguments in ((), (model, "--model", model)):
        assert "report needs one model" in failed(capsys, "report", *arguments, "--out", out)
    gold = tmp_path / "gold.iob2"
    gold.write_bytes((files / "gold.iob2").read_bytes())
    said = failed(capsys, "report", model, "--gold", gold, "--out", gold)
    assert "is what --gold reads, and would be lost" in said and gold.read_bytes() == (files / "gold.iob2").read_bytes()
    assert "is no font that can be read" in failed(capsys, "report", model, "--font", gold, "--out", out)
    assert not out.exists()


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="no /dev/fd")
@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_the_standard_output_is_written_on_not_replaced(files, tmp_path, place):
    if not os.path.exists(place):
        pytest.skip(f"no {place}")
    log = tmp_path / "log.txt"
    log.write_text("before\n", encoding="utf-8")
    command = [*COMMAND, "tag", "--model", str(files / "model"), "--language", "en", "--out", place, "--quiet"]
    with open(log, "a", encoding="utf-8") as stream:
        for _ in range(2):
            subprocess.run(command, input="Ann left\n", stdout=stream, text=True, check=True)
    lines = log.read_text("utf-8").splitlines()
    assert lines[0] == "before" and [line.split("\t")[0] for line in lines if line].count("Ann") == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_read_once_for_brat(files, tmp_path):
    text = "\n".join(" ".join(pair[1][:4]) for pair in PAIRS[:5]) + "\n"
    plain, pipe, found = tmp_path / "text.txt", tmp_path / "pipe", []
    plain.write_text(text, encoding="utf-8")
    os.mkfifo(pipe)
    for place in (plain, pipe):
        command = [*COMMAND, "tag", "--model", files / "model", "--language", "en", "--format", "brat", "--raw",
                   "--quiet", "--input", place]  # fmt: skip
        with subprocess.Popen(["sh", "-c", f"cat {plain} > {pipe}"]) as writer:
            found.append(subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, timeout=60).stdout)
            if place == plain:
                pipe.read_text(encoding="utf-8")  # so that the writer ends
            writer.wait(60)
    assert found[0] and found[0] == found[1]


def test_other_encodings_are_told_of_with_the_option_that_is_meant(files, tmp_path, capsys):
    both = ["--corpus", files / "pairs.jsonl", *BOTH, "--ner", files / "train.iob2", "--out", tmp_path / "model"]
    (tmp_path / "names.tsv").write_bytes("Zürich\tLOC\n".encode("latin-1"))
    (tmp_path / "words.tsv").write_bytes("Zürich\t苏黎世\n".encode("gb18030"))
    (tmp_path / "en.vec").write_bytes("1 4\nZürich 1 1 1 1\n".encode("latin-1"))
    for option, name, said in (
        ("--gazetteer", "names.tsv", "it must be UTF-8: convert it"),
        ("--dictionary", "words.tsv", "it must be UTF-8: convert it"),
        ("--source-vectors", "en.vec", "pass --vectors-encoding"),
    ):
        shown = failed(capsys, "train", *both, option, tmp_path / name)
        assert f"{name}, line" in shown and said in shown and "pass --encoding" not in shown


def test_names_of_files_are_no_arguments():
    options = {"ner_data": "--ner", "dev_data": "--dev", "seed": "--seed"}
    for text in ("ner_data/train.iob2, line 3: no", "dev_data.iob2 does not exist", "no ner_data-2"):
        assert as_typed(text, options) == text
    assert as_typed("dev_data needs ner_data", options) == "--dev needs --ner"


def test_a_cluster_option_needs_a_cluster(files, tmp_path, capsys):
    both = ["--corpus", files / "pairs.jsonl", *BOTH, "--out", tmp_path / "model"]
    assert "--cluster-dtype needs --cluster" in failed(capsys, "train", *both, "--cluster-dtype", "float16")


def test_a_folder_of_tables_has_one_way_to_cut_text(tmp_path):
    labels = NERData([["Ann", "left"]] * 2, [["B-PER", "O"]] * 2)
    pairs = [("1", "Ann left.", "安走了。"), ("2", "Bob came.", "鲍来了。")]

    def tables(**how):
        return Tables(lambda: Task(ComparableCorpus(pairs, source="en", target="zh", **how), labels, labels),
                      tmp_path / "results", sizes=(8,), seeds=(1,))  # fmt: skip

    whole = tables().task().corpus
    assert len(tables().task().corpus) == 2
    letters = {"zh": tokenizer("zh", conversion="s2t")} if _has_opencc() else {"zh": list}
    with pytest.raises(ValueError, match="has results of another segmentation"):
        tables(tokenizers=letters).task()
    same = Tables(lambda: Task(whole, labels, labels), tmp_path / "results", sizes=(8,), seeds=(1,))
    assert len(same.task().corpus) == 2
    other = ComparableCorpus([("1", "Ann came.", "安来了。")], source="en", target="zh").encode()
    with pytest.raises(ValueError, match="has results of another text"):
        Tables(lambda: Task(other, labels, labels), tmp_path / "results", sizes=(8,), seeds=(1,)).task()


def _has_opencc():
    try:
        import opencc  # noqa: F401
    except ImportError:
        return False
    return True


def test_an_lstm_has_one_of_the_sizes():
    with pytest.raises(ValueError, match=r"lstm_sizes=\(256,\): 256 is not among sizes=\(64,\)"):
        Tables(lambda: None, Path("results"), sizes=(64,), lstm_sizes=(256,))
