"""What is encoded depends neither on the number of processes nor on how they start."""

import functools
import multiprocessing
import os
import subprocess
import sys

import numpy as np
import pytest

from gensim_mtner import ComparableCorpus, MTWord2Vec
from gensim_mtner.text import numbering, segmentation

METHODS = multiprocessing.get_all_start_methods()
BOTH = {"source": "en", "target": "zh"}
PAIRS = [(f"Ann {number} saw it", f"云计算机房第{number}号有蓝鲸数据湖仓") for number in range(100)]
divided: list[str] = []


@pytest.fixture(params=METHODS)
def method(request):
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method(request.param, force=True)
    yield request.param
    multiprocessing.set_start_method(before, force=True)


@pytest.fixture
def added():
    """Words that a user tells jieba of, in the ways that there are."""
    import jieba

    from gensim_mtner.text.chinese import jieba_state, restore_jieba

    jieba.initialize()
    before = jieba_state()
    jieba.add_word("蓝鲸数据湖仓")
    jieba.del_word("计算机")
    jieba.suggest_freq(("有", "蓝鲸"), tune=True)
    yield ["蓝鲸数据湖仓"]
    restore_jieba(before)


def same(one, other):
    return one.words == other.words and np.array_equal(one.ids, other.ids)


def test_words_added_to_jieba_go_along(method, added):
    corpus = ComparableCorpus(PAIRS, **BOTH)
    alone, together = corpus.encode(), corpus.encode(workers=2)
    assert set(added) <= set(alone.words[1]) and "计算机" not in alone.words[1]
    assert same(alone, together)


def test_a_tokenizer_of_ones_own_that_asks_jieba_is_helped_too(method, added):
    corpus = ComparableCorpus(PAIRS, tokenizers={"zh": ask_jieba}, **BOTH)
    together = corpus.encode(workers=2)
    assert same(corpus.encode(), together) and "蓝鲸数据湖仓" in together.words[1]


def ask_jieba(text):
    import jieba

    return jieba.lcut(text)


def test_converted_and_japanese_text_is_the_same(method):
    pytest.importorskip("opencc")
    pytest.importorskip("janome")
    simple = segmentation.tokenizer("zh", conversion="t2s")
    corpus = ComparableCorpus(
        [("モーセは行った", "貝多芬離開")] * 40, source="ja", target="zh", tokenizers={"zh": simple}
    )
    assert same(corpus.encode(), corpus.encode(workers=2))


def test_rjieba_is_the_same_too(method):
    pytest.importorskip("rjieba", reason="pip install 'gensim-mtner[rjieba]'")
    corpora = [ComparableCorpus(PAIRS, tokenizers={"zh": segmentation.tokenizer("zh", segmenter=name)}, **BOTH)
               for name in ("jieba", "rjieba")]  # fmt: skip
    texts = [corpus.encode(workers=workers) for corpus in corpora for workers in (1, 2)]
    assert all(same(texts[0], text) for text in texts[1:])


def cut_by_state(text):
    """A tokenizer that looks at what this process was told."""
    return divided if divided else text.split()


class Lexicon:
    """State that pickle takes along."""

    def __init__(self, word):
        self.word = word

    def __call__(self, text):
        return [self.word, *text.split()]


def prefixed(text, word):
    return [word, *text.split()]


def test_state_that_is_sent_along_is_used(method):
    for tokenizer in (Lexicon("x"), functools.partial(prefixed, word="x")):
        corpus = ComparableCorpus(PAIRS, tokenizers={"zh": tokenizer}, **BOTH)
        assert same(corpus.encode(), corpus.encode(workers=2))


def test_state_that_other_processes_lack_is_found(method, monkeypatch):
    monkeypatch.setattr(f"{__name__}.divided", ["told", "here"])
    corpus = ComparableCorpus(PAIRS, tokenizers={"zh": cut_by_state}, **BOTH)
    if method == "fork":
        assert same(corpus.encode(), corpus.encode(workers=2))
        return
    with pytest.raises(ValueError, match="workers=2: a tokenizer gives other tokens in another process"):
        corpus.encode(workers=2)


def process(text):
    return [str(os.getpid())]


def test_tokenizers_that_depend_on_the_process_are_found(method):
    with pytest.raises(ValueError, match="a tokenizer gives other tokens in another process"):
        ComparableCorpus(PAIRS, tokenizers={"zh": process}, **BOTH).encode(workers=2)


def test_jiebas_own_tokenizer_objects_are_refused(method):
    import jieba

    corpus = ComparableCorpus(PAIRS, tokenizers={"zh": jieba.Tokenizer().lcut}, **BOTH)
    with pytest.raises(ValueError, match="workers=2: the tokenizers cannot be sent to other processes"):
        corpus.encode(workers=2)


@pytest.mark.parametrize(("own", "wanted"), [(False, True), (True, False)])
def test_training_segments_by_its_workers_where_they_are_copies_of_this_process(method, monkeypatch, own, wanted):
    """A process that is not forked would run the caller's script again; a tokenizer of one's own may not travel."""
    pools = []
    real = numbering.ProcessPoolExecutor
    monkeypatch.setattr(
        numbering, "ProcessPoolExecutor", lambda *args, **more: pools.append(args) or real(*args, **more)
    )
    corpus = ComparableCorpus(PAIRS, tokenizers={"zh": lambda text: list(text)} if own else None, **BOTH)
    model = MTWord2Vec(workers=2, min_count=1, progress=False)
    model.build_vocab(corpus)
    assert bool(pools) == (wanted and method == "fork")
    alone = MTWord2Vec(workers=1, min_count=1, progress=False)
    alone.build_vocab(corpus)
    assert model.wv.index_to_key == alone.wv.index_to_key


def test_a_corpus_of_few_documents_needs_no_process(monkeypatch):
    monkeypatch.setattr(numbering, "ProcessPoolExecutor", None)
    few = ComparableCorpus(PAIRS[:32], **BOTH)
    assert same(few.encode(), few.encode(workers=2))


def test_asking_whether_processes_are_forked_does_not_settle_how_they_begin():
    code = "import multiprocessing; from gensim_mtner.workers import forks; forks()"
    code += "; multiprocessing.set_start_method('spawn'); assert not forks()"
    subprocess.run([sys.executable, "-c", code], check=True)
