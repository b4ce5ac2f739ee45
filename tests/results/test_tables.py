"""The tables of the paper, from the command line, on the small world."""

import json

import pytest
from conftest import labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import main
from gensim_mtner.results import tables
from gensim_mtner.results.tables import SYSTEMS, UNIGRAM, Tables, Task, names_of


@pytest.fixture
def files(tmp_path):
    pairs = make_pairs(60)
    with open(tmp_path / "pairs.jsonl", "w", encoding="utf-8") as stream:
        for name, source, target in pairs:
            stream.write(json.dumps({"id": name, "en": source, "zh": target}, ensure_ascii=False) + "\n")
    for name, side in (("train", 1), ("gold", 2)):
        sentences = [pair[side][:4] for pair in pairs]
        with open(tmp_path / f"{name}.iob2", "w", encoding="utf-8") as stream:
            for words, tags in zip(sentences, labels_of(sentences), strict=True):
                stream.writelines(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True))
                stream.write("\n")
    return tmp_path


def command(files, table, *more):
    return ["tables", table, "--corpus", str(files / "pairs.jsonl"), "--source", "en", "--target", "zh",
            "--ner", str(files / "train.iob2"), "--gold", str(files / "gold.iob2"), "--results", str(files / "out"),
            "--sizes", "8", "12", "--seeds", "1", "2", "--pretrain-epochs", "2", "--epochs", "1", *more]  # fmt: skip


def test_table1_counts(files, capsys):
    assert main(command(files, "table1")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| C, en | 60 |") and "1,440" in lines[2]
    assert lines[4].startswith("| X(S), en |  | 60 | 240 |") and lines[5].startswith("| X(T), zh |  | 60 | 240 |")


def test_table2_has_every_cell_and_runs_none_twice(files, capsys, monkeypatch):
    assert main(command(files, "table2")) == 0
    out = capsys.readouterr().out
    assert all(f"{system}, {size}, seed {seed}: F1" in out for system in UNIGRAM for size in (8, 12) for seed in (1, 2))
    (row,) = [line for line in out.splitlines() if line.startswith("| 8 |")]
    assert row.count("±") == len(UNIGRAM)
    cell = json.loads((files / "out" / "HFJ.8.2.json").read_text())
    assert cell["system"] == "HFJ" and 0 <= cell["same_type"] <= 100 and cell["updates"] == 1
    (files / "out" / "HFJ.8.2.json").unlink()
    trained = []
    monkeypatch.setattr(tables.MTWord2Vec, "train", lambda self, *a, **k: trained.append(self.mode) or (0, 0))
    monkeypatch.setattr(tables.MTWord2Vec, "evaluate", lambda self, *a, **k: pytest.fail("evaluated"))
    with pytest.raises(pytest.fail.Exception):
        main(command(files, "table2"))
    assert trained == ["hfj"]


def test_several_processes_give_the_same_cells(files):
    assert main(command(files, "table2")) == 0
    ours = {p.name: json.loads(p.read_text())["f1"] for p in (files / "out").glob("*.*.*.json")}
    again = [*command(files, "table2", "--jobs", "2")]
    again[again.index(str(files / "out"))] = str(files / "other")
    assert main(again) == 0
    theirs = {p.name: json.loads(p.read_text())["f1"] for p in (files / "other").glob("*.*.*.json")}
    assert ours == theirs and len(ours) == 4 * len(UNIGRAM)


def test_a_folder_has_the_results_of_one_task_and_one_way_to_train(files, capsys):
    few = ["--sizes", "8", "--seeds", "1"]
    assert main(command(files, "table2", *few)) == 0
    for changes, said in (
        (["--pretrain-epochs", "3"], "has results of another pretrain_epochs (2, not 3): name another folder"),
        (["--epochs", "2"], "has results of another epochs (1, not 2)"),
        (["--gold", str(files / "train.iob2")], "has results of another test"),
        (["--jobs", "0"], "jobs=0: expected a whole number from 1"),
    ):
        for table in ("table2", "table3"):
            assert main(command(files, table, *few, *changes)) == 1
            assert said.replace("_", "-") in capsys.readouterr().err.replace("--jobs 0", "jobs=0").replace(
                "--", ""
            ).replace("_", "-")
    assert main(command(files, "table2", "--sizes", "8", "--seeds", "2")) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| 8 |")]
    assert "±" not in row  # of the seed that was asked for, not of all that are there
    rest = (files / "pairs.jsonl").read_text("utf-8").splitlines(keepends=True)[:50]
    (files / "pairs.jsonl").write_text("".join(rest), encoding="utf-8")
    assert main(command(files, "table2", *few)) == 1
    assert "has results of another corpus" in capsys.readouterr().err


def test_what_failed_decides_nothing_and_older_results_are_told_of(files, caplog):
    def task(n=60):
        pairs = make_pairs(60)
        sentences = [[pair[side][:4] for pair in pairs[:n]] for side in (1, 2)]
        corpus = ComparableCorpus(pairs, source="en", target="zh")
        return corpus, *(NERData(rows, labels_of(rows)) for rows in sentences)  # a plain tuple

    few = {"sizes": (8,), "seeds": (1,), "pretrain_epochs": 1}

    def fails():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(Tables(fails, files / "out", epochs=1, **few).table2())
    list(Tables(task, files / "out", epochs=2, **few).table2())
    list(Tables(task, files / "out", epochs=2, lstm_sentences=5, **few).table2())  # which no LSTM is trained on
    with pytest.raises(ValueError, match="has results of another labels"):
        list(Tables(lambda: task(20), files / "out").table1())
    assert not caplog.records or "do not say of which" not in caplog.text
    (files / "out" / "begun.json").unlink()
    list(Tables(task, files / "out", epochs=2, **few).table2())
    assert "has results that do not say of which corpus, labels and settings they are" in caplog.text


def test_no_pretraining_is_none(files):
    made = Tables(lambda: pytest.fail("loaded"), files / "out", pretrain_epochs=0)
    tables._read[made.results] = Task(
        ComparableCorpus(make_pairs(20), source="en", target="zh").encode(), NERData([["Ann"]], [["B-PER"]]), None
    )
    assert made._pretrained(8, 1).passes == 0
    tables._read.clear()


def test_the_baseline_of_both_tables_has_the_papers_dropout(files, monkeypatch, capsys):
    seen, real = [], MTWord2Vec.train

    def train(self, *arguments, ner_data=None, **more):
        if ner_data is not None:
            seen.append((self.mode, self.dropout, self.translate_probability))
        return real(self, *arguments, ner_data=ner_data, **more)

    monkeypatch.setattr(MTWord2Vec, "train", train)
    for table in ("table2", "table3"):
        seen.clear()
        assert main(command(files, table)) == 0
        assert ("baseline", 0.3, None) in seen and ("hfj", None, None) in seen


def test_table3_asks_for_frequent_names_or_those_that_are_given(files, capsys):
    assert main(command(files, "table3")) == 0
    out = capsys.readouterr().out
    assert out.count("of the neighbours of all names have their type") == 2
    assert sum("(PER)" in line or "(LOC)" in line for line in out.splitlines()) == 10
    assert main(command(files, "table3", "--queries", "罗马", "某某")) == 0
    out = capsys.readouterr().out
    assert "| 罗马 (LOC) |" in out and "| 某某 | not in the vocabulary |" in out


def test_names_have_their_most_frequent_type():
    data = NERData([["a", "b"], ["a"], ["a"]], [["B-LOC", "O"], ["B-PER"], ["B-PER"]])
    assert names_of(data) == {"a": "PER"}


def test_systems_are_the_papers_method(tmp_path):
    pairs = make_pairs(40)
    sentences = [pair[1][:4] for pair in pairs]
    labels = NERData(sentences, labels_of(sentences))
    task = Task(ComparableCorpus(pairs, source="en", target="zh"), labels, labels)
    made = Tables(lambda: task, tmp_path / "x", sizes=(8,), seeds=(1,), pretrain_epochs=1)
    model = made._pretrained(8, 1)
    assert isinstance(model, MTWord2Vec) and model.silver_tokens == model.self_training_tokens == 0
    assert SYSTEMS["HFJ, no translations"].changes["translate_probability"] == 0
    with pytest.raises(ValueError, match="encoded text has no sentences"):
        list(Tables(lambda: made.task(), tmp_path / "y").table1())
