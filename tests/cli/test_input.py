"""What is read on the command line: files of the wrong kind, encodings, languages, and what is said of them."""
# ruff: noqa: E501

import io
import json
import os
import pickle
import subprocess
import sys

import pytest
from conftest import BOTH, TINY, labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import as_typed, main, options_of
from gensim_mtner.cli.parser import parser


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("input")
    pairs = make_pairs(20)
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"en": source, "zh": target}) + "\n" for _, source, target in pairs)
    for name, side in (("train", 1), ("gold", 2)):
        sentences = [pair[side][:4] for pair in pairs]
        for encoding in ("utf-8", "gb18030", "utf-16"):
            with open(folder / f"{name}.{encoding}", "w", encoding=encoding) as stream:
                for sentence, tags in zip(sentences, labels_of(sentences), strict=True):
                    stream.write("".join(f"{word}\t{tag}\n" for word, tag in zip(sentence, tags, strict=True)) + "\n")
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    sentences = [source[:4] for _, source, _ in pairs]
    model = MTWord2Vec(corpus, ner_data=NERData(sentences, labels_of(sentences)), **TINY)
    model.save(folder / "model")
    model.save(folder / "pickled", format="gensim")
    return folder


def run(*arguments, stdin=None, monkeypatch=None):
    if stdin is not None:
        stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
    return main([str(argument) for argument in arguments])


class Harm:
    """A pickle that does something when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_file_in_place_of_a_model_is_never_unpickled(files, tmp_path, capsys):
    bad = tmp_path / "bad"
    bad.write_bytes(pickle.dumps(Harm(str(tmp_path / "harm"))))
    zh = ("--language", "zh")
    for command in (
        ("tag", "--model", bad, *zh), ("evaluate", "--model", bad, *zh, "--gold", files / "gold.utf-8"),
        ("similar", "--model", bad, *zh, "安"), ("translate", "--model", bad, "--from", "en", "--to", "zh"),
        ("plot", "losses", "--model", bad, "--out", tmp_path / "x.png"), ("report", bad, "--out", tmp_path / "x.html"),
        ("plot", "vectors", "--model", files / "model", "--before", bad, "--out", tmp_path / "x.png"),
    ):  # fmt: skip
        assert run(*command) == 1
        assert "bad is a file; a directory that train wrote was expected" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["bad"]


def test_gensims_own_format_is_read_if_that_is_said(files, capsys):
    asked = ("--language", "zh", "--gold", files / "gold.utf-8", "--json")
    assert run("evaluate", "--model", files / "pickled", "--model-format", "gensim", *asked) == 0
    one = capsys.readouterr().out
    assert run("evaluate", "--model", files / "model", *asked) == 0
    assert capsys.readouterr().out == one


def test_labels_have_an_option_for_their_encoding(files, tmp_path, capsys):
    zh = ("evaluate", "--model", files / "model", "--language", "zh", "--json", "--gold")
    assert run(*zh, files / "gold.utf-8") == 0
    expected = capsys.readouterr().out
    assert run(*zh, files / "gold.gb18030", "--encoding", "gb18030") == 0
    assert capsys.readouterr().out == expected
    assert run(*zh, files / "gold.gb18030") == 1
    assert "is not utf-8; pass --encoding, e.g. 'gb18030'" in capsys.readouterr().err
    assert run(*zh, files / "gold.utf-16") == 1
    assert "is UTF-16: convert it to UTF-8 first" in capsys.readouterr().err
    train = ("train", "--corpus", files / "pairs.jsonl", *BOTH, "--quiet", "--out", tmp_path / "m", "--ner")
    assert run(*train, files / "gold.gb18030") == 1
    assert "is not utf-8; pass --labels-encoding, e.g." in capsys.readouterr().err
    with pytest.raises(SystemExit) as end:
        run(*train, files / "train.utf-8", "--labels-encoding", "utf-9")
    assert end.value.code == 2 and "there is no encoding 'utf-9'" in capsys.readouterr().err
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("stdin", ["", "\n", "安\n"])
@pytest.mark.parametrize("command", ["tag", "similar", "translate"])
def test_a_language_that_the_model_lacks_is_an_error_whatever_is_read(command, stdin, files, monkeypatch, capsys):
    languages = {"tag": (("--language", "de"),), "similar": (("--language", "de"), ("--language", "en", "--into", "de")),
                 "translate": (("--from", "de", "--to", "en"), ("--from", "en", "--to", "de"))}  # fmt: skip
    for given in languages[command]:
        assert run(command, "--model", files / "model", *given, stdin=stdin, monkeypatch=monkeypatch) == 1
        option = given[given.index("de") - 1]
        assert f"error: {option} de: this model has 'en' and 'zh'" in capsys.readouterr().err


def test_input_may_be_of_another_encoding(files, tmp_path, monkeypatch, capsys):
    tag = ("tag", "--model", files / "model", "--language", "zh")
    assert run(*tag, stdin="安 离开\n", monkeypatch=monkeypatch) == 0
    expected = capsys.readouterr().out
    assert expected.count("\n") == 3
    assert run(*tag, "--encoding", "gb18030", stdin="安 离开\n".encode("gb18030"), monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out == expected
    text = tmp_path / "text"
    text.write_text("安 离开\n", encoding="gb18030")
    assert run(*tag, "--encoding", "gb18030", "--input", text) == 0
    assert capsys.readouterr().out == expected
    assert run(*tag, stdin="安 离开\n".encode("gb18030"), monkeypatch=monkeypatch) == 1
    assert "standard input, line 1: byte 1 (0xb0) is not utf-8; pass --encoding" in capsys.readouterr().err
    text.write_text("安 离开\n", encoding="utf-16")
    assert run(*tag, "--input", text) == 1
    assert "is UTF-16: convert it" in capsys.readouterr().err


def test_json_of_scores_has_no_nan(files, tmp_path, capsys):
    gold = tmp_path / "gold"
    gold.write_text("离开 O\n", encoding="utf-8")
    assert run("evaluate", "--model", files / "model", "--language", "zh", "--gold", gold, "--json") == 0

    def refuse(constant):
        raise AssertionError(constant)

    scores = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert None in scores.values()


def test_one_unknown_word_leaves_the_other_answers(files, capsys):
    similar = ("similar", "--model", files / "model", "--language", "zh", "--topn", "2")
    assert run(*similar, "安", "无人", "罗马", "没有") == 1
    shown = capsys.readouterr()
    assert [line.split("\t")[0] for line in shown.out.splitlines()] == ["安", "安", "罗马", "罗马"]
    assert "'zh:无人', 'zh:没有' are not in the vocabulary" in shown.err
    assert run(*similar, "--json", "安", "无人") == 1
    found = json.loads(capsys.readouterr().out)
    assert len(found["安"]) == 2 and found["无人"] is None


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_answers_are_utf8_whatever_the_terminal_says(encoding, files):
    command = [sys.executable, "-W", "ignore", "-m", "gensim_mtner", "similar", "--model", str(files / "model"),
               "--language", "zh", "--into", "zh", "--topn", "2", "安"]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert shown.returncode == 0 and shown.stdout.decode().count("安\t") == 2, shown.stderr


MESSAGES = {
    ("encode", "x exists; pass overwrite=True to replace it"): "x exists; pass --overwrite to replace it",
    ("encode", "line 1: …; on_missing='skip' leaves such pairs out, on_missing='keep' takes"):
        "line 1: …; --on-missing skip leaves such pairs out, --on-missing keep takes",
    ("encode", "workers=0: expected at least 1"): "--workers 0: expected at least 1",
    ("stats", "byte 1 (0xff) is not utf-8; pass encoding=, e.g. 'gb18030' or 'latin-1'"):
        "byte 1 (0xff) is not utf-8; pass --encoding, e.g. 'gb18030' or 'latin-1'",
    ("train", "min_count=1000000 leaves no word of 'en'"): "--min-count 1000000 leaves no word of 'en'",
    ("train", "this model has no tagger: train it with ner_data=NERData(...)"):
        "this model has no tagger: train it with --ner",
    ("train", "alpha=nan: expected a positive number"): "--alpha nan: expected a positive number",
    ("train", "labels of dev_data"): "labels of --dev",
    ("evaluate", "(scheme='IOB1' reads that)"): "(--scheme IOB1 reads that)",
    ("similar", "metric='dot': expected"): "--metric dot: expected",
    ("stats", "the token 'workers=2' and the file 'a=b.txt' stay, as does workers=2"):
        "the token 'workers=2' and the file 'a=b.txt' stay, as does workers=2",
    ("stats", "/data/limit=3/x.jsonl does not exist"): "/data/limit=3/x.jsonl does not exist",
}  # fmt: skip


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case[1][:30])
def test_messages_name_options_as_they_are_typed(case):
    command, text = case
    assert as_typed(text, options_of(parser(), command)) == MESSAGES[case]


def test_a_message_that_is_typed_is_an_option(files, tmp_path, capsys):
    encode = ("encode", "--corpus", files / "pairs.jsonl", *BOTH, "--workers", "1", "--out", tmp_path / "e")
    assert run(*encode) == 0
    assert run(*encode) == 1
    assert "e exists; pass --overwrite to replace it" in capsys.readouterr().err
    assert run(*encode, "--overwrite") == 0
    assert run("stats", "--corpus", files / "pairs.jsonl", "--source", "en", "--target", "de") == 1
    assert "--on-missing skip leaves such pairs out" in capsys.readouterr().err


# -- what would be lost or wrong in silence


def test_a_model_that_is_there_is_replaced_only_if_that_is_asked_for(files, tmp_path, capsys):
    train = ("train", "--corpus", files / "pairs.jsonl", *BOTH, "--quiet", "--workers", "1", "--vector-size", "4",
             "--pretrain-epochs", "1", "--sample", "0", "--epochs", "1", "--out", tmp_path / "model")  # fmt: skip
    assert run(*train) == 0
    before = (tmp_path / "model" / "manifest.json").read_bytes()
    assert run(*train) == 1
    assert "exists; pass --overwrite to replace it" in capsys.readouterr().err
    assert (tmp_path / "model" / "manifest.json").read_bytes() == before
    assert run(*train, "--seed", "2", "--overwrite") == 0
    assert (tmp_path / "model" / "manifest.json").read_bytes() != before


@pytest.mark.parametrize("command", ["tag", "translate"])
def test_what_is_read_is_not_written_over(files, tmp_path, command, capsys):
    text = tmp_path / "text"
    text.write_text("安 离开\n", encoding="utf-8")
    of = ("--language", "zh") if command == "tag" else ("--from", "zh", "--to", "en")
    assert run(command, "--model", files / "model", *of, "--input", text, "--out", text) == 1
    assert "is what --input reads" in capsys.readouterr().err
    assert text.read_text(encoding="utf-8") == "安 离开\n"


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Ann visited Rome.\nBob left Oslo.\n", "2 of 6 tokens end in punctuation, such as 'Rome.'"),
        ("zh", "安访问罗马离开奥斯陆看见利马喜欢伯尔尼。\n", "1 of 1 tokens are whole sentences"),
        ("en", "Ann visited Rome .\nBob left Oslo .\n", None),
    ],
)
def test_text_that_is_not_segmented_is_told_of(files, language, text, said, monkeypatch, caplog):
    for raw in ((), ("--raw",)):
        caplog.clear()
        assert run("tag", "--model", files / "model", "--language", language, *raw, stdin=text,
                   monkeypatch=monkeypatch) == 0  # fmt: skip
        assert ("needs --raw" in caplog.text) == (said is not None and not raw)
        assert said is None or raw or said in caplog.text


def test_chinese_under_another_code_is_refused_before_training(files, tmp_path, capsys):
    pairs = tmp_path / "pairs.jsonl"
    text = {"en": "Moses came from Egypt to Sinai.", "cn": "摩西从埃及来到了西奈山，又上了山。"}
    pairs.write_text(json.dumps(text) + "\n", encoding="utf-8")
    assert run("encode", "--corpus", pairs, "--source", "en", "--target", "cn", "--out", tmp_path / "out") == 1
    assert "the words of 'cn' are as long as sentences" in capsys.readouterr().err
    ComparableCorpus([(["Moses"], [["摩西", "从", "埃及", "来"]])], source="en", target="cn").encode()


def test_types_of_gold_labels_that_the_tagger_lacks_are_told_of_and_can_be_renamed(files, tmp_path, caplog, capsys):
    gold = tmp_path / "gold"
    text = (files / "gold.utf-8").read_text(encoding="utf-8").replace("-PER", "-PERSON").replace("-LOC", "-GPE")
    gold.write_text(text, encoding="utf-8")
    asked = ("evaluate", "--model", files / "model", "--language", "zh", "--json", "--gold")
    assert run(*asked, gold) == 0
    assert "the types GPE, PERSON, which the tagger does not know (it has LOC, PER)" in caplog.text
    capsys.readouterr()
    caplog.clear()
    assert run(*asked, gold, "--types", "PERSON=PER", "GPE=LOC") == 0
    renamed = capsys.readouterr().out
    assert run(*asked, files / "gold.utf-8") == 0
    assert capsys.readouterr().out == renamed and "does not know" not in caplog.text
    assert run(*asked, gold, "--types", "PERSON") == 1
    assert "--types PERSON: expected OLD=NEW" in capsys.readouterr().err


def test_labels_without_an_entity_are_refused_before_training(files, tmp_path, capsys):
    labels = tmp_path / "labels"
    labels.write_text("Ann\tO\nleft\tO\n", encoding="utf-8")
    train = ("train", "--corpus", files / "pairs.jsonl", *BOTH, "--ner", labels, "--out", tmp_path / "model")
    assert run(*train) == 1
    assert "has no entity in 1 sentences" in capsys.readouterr().err
