"""Work that is shared, from the command line."""

import sys

import numpy as np
import pytest
from test_commands import SIZE, files, run  # noqa: F401

from gensim_mtner import EncodedText, LocalEngine, MTWord2Vec, NERData

BOTH = ("--source", "en", "--target", "zh")
FEW = (
    *SIZE,
    "--pretrain-epochs",
    "3",
    "--epochs",
    "2",
    "--silver-tokens",
    "0",
    "--self-training-tokens",
    "0",
    "--quiet",
)


@pytest.fixture(scope="module")
def shards(files):  # noqa: F811
    assert run("encode", "--corpus", files / "pairs.jsonl", *BOTH, "--shards", "4", "--out", files / "shards") == 0
    return files / "shards"


@pytest.fixture(scope="module")
def trained(files, shards):  # noqa: F811
    out = files / "shared"
    assert run("train", "--corpus", shards, *BOTH, "--ner", files / "train.iob2", "--cluster", "local",
               "--machines", "2", "--syncs", "4", "--cluster-dtype", "float16", *FEW, "--out", out) == 0  # fmt: skip
    return out


def test_what_is_typed_is_what_is_trained(files, shards, trained):  # noqa: F811
    model = MTWord2Vec.load(trained)
    labels = NERData.from_iob2(files / "train.iob2")
    plain = MTWord2Vec(
        EncodedText.open(shards), ner_data=labels, engine=LocalEngine(2, syncs=4, dtype="float16"), vector_size=24,
        window=6, sample=0, workers=1, min_count=1, pretrain_epochs=3, epochs=2, silver_tokens=0,
        self_training_tokens=0,
    )  # fmt: skip
    np.testing.assert_array_equal(model.wv.vectors, plain.wv.vectors)


@pytest.mark.parametrize("way", ["local", "ray"])
def test_text_is_tagged_in_its_order(files, trained, way, tmp_path):  # noqa: F811
    if way == "ray":
        pytest.importorskip("ray", reason="pip install 'gensim-mtner[ray]'")
    text = tmp_path / "text.txt"
    text.write_text("安 访问 罗马 。\n鲍 离开 利马 。\n" * 3000, encoding="utf-8")
    common = ("tag", "--model", trained, "--language", "zh", "--input", text, "--quiet")
    assert run(*common, "--out", tmp_path / "plain") == 0
    assert run(*common, "--cluster", way, "--machines", "2", "--out", tmp_path / "shared") == 0
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "shared").read_bytes()


def test_scores_do_not_depend_on_where_tags_are_made(files, trained, capsys):  # noqa: F811
    common = ("evaluate", "--model", trained, "--language", "zh", "--gold", files / "gold.iob2", "--json")
    assert run(*common) == 0
    alone = capsys.readouterr().out
    assert run(*common, "--cluster", "local") == 0
    assert capsys.readouterr().out == alone != ""


@pytest.mark.parametrize(("more", "said"), [
    (("--machines", "2"), "--machines needs --cluster local, ray or HOST:PORT"),
    (("--syncs", "2"), "--syncs needs --cluster"),
    (("--cluster", "local", "--machines", "0"), "--machines 0: expected a whole number from 1"),
    (("--cluster", "local", "--syncs", "0"), "--syncs 0: expected"),
    (("--cluster", "local", "--machines", "9"), "the text has 4 shards, fewer than the 9 workers"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(files, shards, more, said, capsys):  # noqa: F811
    assert run("train", "--corpus", shards, *BOTH, *FEW, *more, "--out", files / "never") == 1
    assert said in capsys.readouterr().err
    assert not (files / "never").exists()


def test_without_the_extra_it_is_said_what_to_install(files, shards, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setitem(sys.modules, "ray", None)
    for cluster in ("ray", "10.0.0.1:6379"):
        assert run("train", "--corpus", shards, *BOTH, *FEW, "--cluster", cluster, "--out", files / "never") == 1
        assert "pip install 'gensim-mtner[ray]'" in capsys.readouterr().err


def test_a_folder_of_files_is_one_corpus(files, tmp_path, capsys):  # noqa: F811
    lines = (files / "pairs.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "b.jsonl").write_text("".join(lines[50:]), encoding="utf-8")
    (folder / "a.jsonl").write_text("".join(lines[:50]), encoding="utf-8")
    assert run("encode", "--corpus", folder, *BOTH, "--shards", "4", "--workers", "2", "--out", tmp_path / "text") == 0
    assert run("encode", "--corpus", files / "pairs.jsonl", *BOTH, "--shards", "4", "--out", tmp_path / "one") == 0
    for name in ("words.jsonl", "ids-0002.npy"):
        assert (tmp_path / "text" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    (folder / "a.jsonl").write_text("{", encoding="utf-8")
    assert run("stats", "--corpus", folder, *BOTH) == 1
    assert f"{folder / 'a.jsonl'}, line 1: not JSON" in capsys.readouterr().err


def test_encoding_is_not_shared_without_shards(files, capsys):  # noqa: F811
    out = files / "unshared"
    assert run("encode", "--corpus", files / "pairs.jsonl", *BOTH, "--cluster", "local", "--out", out) == 1
    assert "pass --shards" in capsys.readouterr().err and not out.exists()
