"""Running text is cut as the corpus was: what cut it is known to encoded text, to models, and to `tag --raw`."""

import argparse

import pytest
from conftest import make_pairs, sign

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec
from gensim_mtner.cli.opening import cut_as_the_corpus
from gensim_mtner.text.segmentation import tokenizer

SMALL = {"vector_size": 8, "window": 3, "min_count": 1, "workers": 1, "epochs": 1, "pretrain_epochs": 1}
JIEBA = {"conversion": None, "segmenter": "jieba"}
CUTS = {
    "left to the library": ({}, {}),
    "by name": ({"zh": tokenizer("zh", segmenter="jieba")}, {"zh": JIEBA}),
    "of one's own": ({"zh": str.split, "en": tokenizer("en")}, {"zh": None, "en": JIEBA | {"segmenter": None}}),
}


def options(**given):
    return argparse.Namespace(**{"language": "zh", "segmenter": None, "opencc": None} | given)


@pytest.mark.parametrize("case", CUTS)
@pytest.mark.parametrize("how", [{}, {"shards": 2}])
def test_what_cut_the_corpus_is_kept(tmp_path, case, how):
    tokenizers, expected = CUTS[case]
    corpus = ComparableCorpus(make_pairs(20), source="en", target="zh", tokenizers=tokenizers)
    made = corpus.encode(tmp_path / "text", **how)
    assert made.segmented == EncodedText.open(tmp_path / "text").segmented == corpus.encode().segmented == expected
    model = MTWord2Vec(made, **SMALL)
    model.save(tmp_path / "model")
    assert model.segmented == MTWord2Vec.load(tmp_path / "model").segmented == expected


def test_opencc_and_segmenter_are_kept_together():
    pytest.importorskip("opencc", reason="pip install opencc")
    corpus = ComparableCorpus(make_pairs(20), source="en", target="zh",
                              tokenizers={"zh": tokenizer("zh", conversion="t2s", segmenter="jieba")})  # fmt: skip
    assert corpus.encode().segmented == {"zh": {"conversion": "t2s", "segmenter": "jieba"}}


@pytest.mark.parametrize("kind", ["text", "model"])
@pytest.mark.parametrize(
    "damage", [[], {"zh": "jieba"}, {"zh": {"segmenter": "jieba"}}, {"zh": JIEBA | {"segmenter": 1}}]
)
def test_what_says_nothing_sensible_of_it_is_damaged(tmp_path, kind, damage):
    text = ComparableCorpus(make_pairs(20), source="en", target="zh").encode(tmp_path / "text")
    MTWord2Vec(text, **SMALL).save(tmp_path / "model")
    sign(tmp_path / kind, lambda read: (read if kind == "text" else read["state"]).update(segmented=damage))
    with pytest.raises(ValueError, match=r"segmented=.*: expected a conversion and a segmenter by language"):
        (EncodedText.open if kind == "text" else MTWord2Vec.load)(tmp_path / kind)


@pytest.mark.parametrize(
    ("segmented", "given", "then", "said"),
    [
        ({}, {}, (None, None), None),
        ({"en": JIEBA}, {}, (None, None), None),
        ({"zh": JIEBA}, {}, ("jieba", None), None),
        ({"zh": {"conversion": "t2s", "segmenter": "rjieba"}}, {}, ("rjieba", "t2s"), None),
        ({"zh": JIEBA}, {"segmenter": "jieba", "opencc": "t2s"}, ("jieba", "t2s"), None),
        ({"zh": JIEBA}, {"segmenter": "rjieba"}, ("rjieba", None), "--segmenter rjieba: the corpus was cut with jieba"),
        ({"zh": JIEBA | {"conversion": "t2s"}}, {"opencc": "s2t"}, ("jieba", "s2t"), "cut with t2s"),
        ({"zh": None}, {}, (None, None), "a tokenizer of its own"),
    ],
)
def test_raw_text_is_cut_as_the_corpus_was_unless_something_else_is_asked_for(caplog, segmented, given, then, said):
    asked = options(**given)
    cut_as_the_corpus(asked, argparse.Namespace(segmented=segmented))
    assert (asked.segmenter, asked.opencc) == then
    assert (said in caplog.text) if said else not caplog.text


def test_a_model_of_gensims_format_from_before_does_not_know(tmp_path):
    model = MTWord2Vec(ComparableCorpus(make_pairs(20), source="en", target="zh"), **SMALL)
    del model.segmented
    model.save(tmp_path / "model", format="gensim")
    assert MTWord2Vec.load(tmp_path / "model").segmented == {}
