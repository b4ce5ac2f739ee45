"""Segmenters and converters that are extras: OpenCC for the scripts of Chinese, Janome for Japanese."""

import io
import sys

import numpy as np
import pytest

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import main
from gensim_mtner.text import segmentation

PAIRS = [("Beethoven was born in Bonn.", "貝多芬出生於波恩。"), ("He left.", "他離開了。")] * 3


@pytest.fixture
def opencc():
    return pytest.importorskip("opencc", reason="pip install 'gensim-mtner[opencc]'")


def test_both_scripts_become_the_same_words(opencc):
    simple = segmentation.tokenizer("zh", conversion="t2s")
    words = segmentation.tokenizer("zh")("贝多芬出生于波恩。")
    assert simple("貝多芬出生於波恩。") == words == simple("贝多芬出生于波恩。")


def test_a_corpus_is_converted_in_worker_processes_too(opencc):
    corpus = ComparableCorpus(
        PAIRS, source="en", target="zh", tokenizers={"zh": segmentation.tokenizer("zh", conversion="t2s")}
    )
    alone, together = (corpus.encode(workers=workers, progress=False) for workers in (1, 2))
    assert "贝多芬" in alone.words[1] and "貝多芬" not in alone.words[1]
    assert alone.words == together.words


def test_labels_keep_their_tags(opencc):
    data = NERData([["貝多芬", "離開"]], [["B-PER", "O"]])
    converted = data.map_tokens(lambda token: segmentation.convert_script(token, "t2s"))
    assert converted.sentences == [["贝多芬", "离开"]] and converted.tags == data.tags
    assert data.sentences == [["貝多芬", "離開"]]


def test_names_and_labels_of_the_target_are_brought_to_the_script_of_the_corpus(opencc, tmp_path, capsys):
    rows = [f"{name} went to {place} .\t{zh} 去 {there} 。" for name, zh in (("Ann", "贝多芬"), ("Bob", "马丁"))
            for place, there in (("Rome", "罗马"), ("Oslo", "奥斯陆"))]  # fmt: skip
    files = {
        "pairs.tsv": "\n".join(rows * 30) + "\n",
        "ner.iob2": "Ann B-PER\nwent O\nto O\nRome B-LOC\n\nBob B-PER\nwent O\nto O\nOslo B-LOC\n\n" * 20,
        "few.iob2": "{} B-PER\n去 O\n{} B-LOC\n",
        "names.tsv": "{}\tPER\n",
        "dictionary.tsv": "Oslo\t{}\n",
    }
    simple = {"few.iob2": ("马丁", "罗马"), "names.tsv": ("贝多芬",), "dictionary.tsv": ("奥斯陆",)}
    other = {"few.iob2": ("馬丁", "羅馬"), "names.tsv": ("貝多芬",), "dictionary.tsv": ("奧斯陸",)}
    found = []
    for number, spelt in enumerate((simple, other)):
        for name, text in files.items():
            (tmp_path / name).write_text(text.format(*spelt.get(name, ())), encoding="utf-8")
        given = [str(tmp_path / name) for name in files]
        assert main(["train", "--corpus", given[0], "--source", "en", "--target", "zh", "--ner", given[1],
                     "--target-ner", given[2], "--gazetteer", given[3], "--dictionary", given[4], "--opencc", "t2s",
                     "--vector-size", "16", "--sample", "0", "--epochs", "1", "--workers", "1", "--seed", "1",
                     "--out", str(tmp_path / f"m{number}")]) == 0  # fmt: skip
        said = capsys.readouterr().err
        assert "convert them by OpenCC" not in said and "all words of none" not in said
        found.append(MTWord2Vec.load(tmp_path / f"m{number}"))
    for name in ("target_tagger", "target_letter_tagger"):
        first, second = (getattr(model, name) for model in found)
        assert all(np.array_equal(array, second.state()[key]) for key, array in first.state().items())


def test_the_command_line_tags_the_other_script_and_keeps_the_words_as_typed(opencc, tmp_path, monkeypatch, capsys):
    pairs = tmp_path / "pairs.tsv"
    rows = [f"{name} went to {place} .\t{zh} 去 {there} 。" for name, zh in (("Ann", "贝多"), ("Bob", "马丁"))
            for place, there in (("Rome", "罗马"), ("Oslo", "奥斯陆"))]  # fmt: skip
    pairs.write_text("\n".join(rows * 30) + "\n", encoding="utf-8")
    ner = tmp_path / "ner.iob2"
    ner.write_text("Ann B-PER\nwent O\nto O\nRome B-LOC\n\nBob B-PER\nwent O\nto O\nOslo B-LOC\n\n" * 20)
    gold = tmp_path / "gold.iob2"
    gold.write_text("羅馬 B-LOC\n去 O\n", encoding="utf-8")
    both = ["--source", "en", "--target", "zh"]
    assert main(["train", "--corpus", str(pairs), *both, "--ner", str(ner), "--vector-size", "16", "--sample", "0",
                     "--workers", "1", "--quiet", "--opencc", "t2s", "--out", str(tmp_path / "m")]) == 0  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("去 羅馬\n".encode()), encoding="utf-8"))
    capsys.readouterr()
    assert main(["tag", "--model", str(tmp_path / "m"), "--language", "zh", "--opencc", "t2s"]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines() if line] == ["去", "羅馬"]
    asked, shares = ["--model", str(tmp_path / "m"), "--language", "zh"], []
    for more in ([], ["--opencc", "t2s"]):
        assert main(["evaluate", *asked, "--gold", str(gold), *more]) == 0
        shares.append(capsys.readouterr().out)
    assert shares[0] != shares[1]


def test_the_command_line_takes_a_segmenter(tmp_path, capsys):
    pytest.importorskip("rjieba", reason="pip install 'gensim-mtner[rjieba]'")
    (tmp_path / "pairs.tsv").write_text("Ann saw it .\t卡卡加盟皇家马德里。\n" * 3, encoding="utf-8")
    corpus = ["--corpus", str(tmp_path / "pairs.tsv"), "--source", "en"]
    encoded = ["encode", *corpus, "--workers", "2", "--out", str(tmp_path / "encoded")]
    assert main([*encoded, "--target", "zh", "--segmenter", "rjieba"]) == 0
    assert "3 documents, 27 tokens, 4 + 5 words" in capsys.readouterr().out
    assert main([*encoded, "--target", "de", "--segmenter", "rjieba", "--overwrite"]) == 1
    assert "--segmenter rjieba is for none of the languages 'en' and 'de'" in capsys.readouterr().err
    again = ["train", "--corpus", str(tmp_path / "encoded"), "--source", "en", "--target", "zh", "--min-count", "1"]
    assert main([*again, "--segmenter", "rjieba", "--out", str(tmp_path / "m")]) == 1
    assert "is for text that is not encoded yet, and" in capsys.readouterr().err
    small = ["--vector-size", "4", "--pretrain-epochs", "1", "--epochs", "1", "--sample", "0", "--quiet"]
    assert main([*again, *small, "--out", str(tmp_path / "m")]) == 0
    text = tmp_path / "text.txt"
    text.write_text("卡卡加盟皇家马德里。\n", encoding="utf-8")
    asked = ["tag", "--model", str(tmp_path / "m"), "--language", "zh", "--input", str(text), "--segmenter", "rjieba"]
    assert main(asked) == 1
    assert "pass --raw, too" in capsys.readouterr().err


def test_wrong_conversions_are_named(opencc):
    with pytest.raises(ValueError, match="'klingon' is no conversion of OpenCC"):
        segmentation.tokenizer("zh", conversion="klingon")


def test_without_opencc_the_error_says_what_to_install(monkeypatch):
    segmentation._opencc.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    with pytest.raises(ModuleNotFoundError, match=r"gensim-mtner\[opencc\]"):
        segmentation.convert_script("a", "t2s")


def test_japanese_names_in_katakana_stay_whole():
    pytest.importorskip("janome", reason="pip install 'gensim-mtner[japanese]'")
    words = segmentation.japanese_words("モーセとアブネルは エジプトへ行った。")
    assert {"モーセ", "アブネル", "エジプト", "へ", "。"} <= set(words) and "".join(
        words
    ) == "モーセとアブネルはエジプトへ行った。"


def test_without_janome_the_error_says_what_to_install(monkeypatch):
    segmentation._janome.cache_clear()
    monkeypatch.setitem(sys.modules, "janome", None)
    monkeypatch.setitem(sys.modules, "janome.tokenizer", None)
    with pytest.raises(ModuleNotFoundError, match=r"gensim-mtner\[japanese\]"):
        segmentation.japanese_words("行った")
