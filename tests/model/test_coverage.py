"""Labels, vectors and text that do not belong to the corpus are noticed, and real ones raise no alarm."""

import logging
import re

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import KeyedVectors
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.model import coverage

SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "pretrain_epochs": 1, "workers": 1, "silver_tokens": 0,
         "self_training_tokens": 0}  # fmt: skip
BOTH = {"source": "en", "target": "zh"}


def pairs():
    return ComparableCorpus(make_pairs(), **BOTH)


def labels(side=1, n=30, change=str):
    sentences = [pair[side][:4] for pair in make_pairs(n)]
    return NERData([[change(word) for word in row] for row in sentences], labels_of(sentences))


def foreign(n=30):
    """Words of another script, as many different ones as a real file has."""
    return NERData([[f"слово{i}", "Анна"] for i in range(n)], [["O", "B-PER"]] * n)


def warnings_of(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


# name of the case: (labels, what the error says)
WRONG = {
    "languages swapped": (lambda: labels(2), r"the other side has 100% .*are the languages swapped"),
    "another script": (foreign, r"written in Cyrillic, the corpus in Latin"),
    "a prefix": (lambda: labels(1, change="en:{}".format), r"they have a prefix, as keys have: pass bare words"),
    "capital letters": (lambda: labels(1, change=str.upper), r"but for capital letters: lower-case both, or neither"),
}


@pytest.mark.parametrize("case", WRONG)
def test_labels_that_share_no_word_with_the_corpus_are_refused(case):
    data, pattern = WRONG[case]
    with pytest.raises(ValueError, match=f"ner_data: the source side of the corpus .*0%.*{pattern}"):
        MTWord2Vec(pairs(), ner_data=data(), **SMALL)
    model = MTWord2Vec(**SMALL)
    model.build_vocab(pairs())
    for name in ("ner_data", "dev_data"):
        with pytest.raises(ValueError, match=f"{name}: the source side"):
            model.train(pairs(), **{"ner_data": labels(), name: data()})


def test_the_message_shows_words_of_both():
    with pytest.raises(ValueError, match=r"they are like 'Анна', 'слово0'.* those of the corpus like 'Ann|'en|'\w+'"):
        MTWord2Vec(pairs(), ner_data=foreign(), **SMALL)


def test_target_labels_are_compared_with_the_target_side():
    model = MTWord2Vec(**{**SMALL, "self_training_tokens": 100})
    model.build_vocab(pairs(), ner_data=labels())
    with pytest.raises(ValueError, match=r"target_ner_data: the target side .*are the languages swapped"):
        model.train(pairs(), ner_data=labels(), target_ner_data=labels())


def test_few_words_in_common_are_a_warning(caplog):
    known, unknown = labels(n=10), foreign(60)
    mixed = NERData(known.sentences + unknown.sentences, known.tags + unknown.tags)
    MTWord2Vec(pairs(), ner_data=mixed, **SMALL)
    (message,) = warnings_of(caplog)
    assert "ner_data: the source side of the corpus ('en') has 20% (30 of 150) of their words" in message


@pytest.mark.parametrize("data", [labels(), NERData([["xyz", "Zed"]] * 2, [["O", "B-PER"]] * 2)], ids=["fit", "tiny"])
def test_what_fits_and_what_is_tiny_trains(data, caplog):
    with caplog.at_level(logging.INFO):
        MTWord2Vec(pairs(), ner_data=data, dev_data=data, **SMALL)
    shares = [record.getMessage() for record in caplog.records if "of the words" in record.getMessage()]
    assert len(shares) == 2 and shares[0].startswith("ner_data") and shares[1].startswith("dev_data")
    assert len(warnings_of(caplog)) == (0 if data.sentences[0][0] != "xyz" else 2)


def test_a_small_corpus_may_lack_most_words_of_a_large_file(caplog):
    # a share below a tenth says nothing about a corpus of 15 words
    words = [f"word{i}" for i in range(400)]
    data = NERData(
        [[word, "visited"] if i % 20 == 0 else [word, word] for i, word in enumerate(words)],
        [["B-PER", "O"], *[["O"] * 2] * 399],
    )
    MTWord2Vec(pairs(), ner_data=data, **SMALL)
    assert len(warnings_of(caplog)) == 1


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 3))
def test_shares_are_what_they_say(known, unknown, marks):
    counts = (
        {f"a{i}": 2 for i in range(known)}
        | {f"b{i}": 1 for i in range(unknown)}
        | {"." * (i + 1): 9 for i in range(marks)}
    )
    share = coverage.share_of(counts, lambda word: word.startswith("a"))
    assert share == (2 * known, 2 * known + unknown, known + unknown)
    assert share.share == (2 * known / (2 * known + unknown) if known + unknown else 1)


# -- vectors to start from


def vectors(*keys):
    found = KeyedVectors(8)
    found.add_vectors(list(keys), np.ones((len(keys), 8), dtype=np.float32))
    return found


@pytest.mark.parametrize(
    ("keys", "n"),
    [
        (["en:Ann", "en:Rome"], 0),  # few, but all are the model's
        ([f"en:{word}" for _, source, _ in make_pairs() for word in source], 0),  # one language only
        (["en:Ann", *(f"en:w{i}" for i in range(50))], 1),
    ],
)
def test_vectors_that_cover_little_are_a_warning(keys, n, caplog):
    MTWord2Vec(pairs(), init_vectors=vectors(*dict.fromkeys(keys)), **SMALL)
    assert len(warnings_of(caplog)) == n


# -- text to tag


@pytest.fixture(scope="module")
def model():
    return MTWord2Vec(pairs(), ner_data=labels(), **{**SMALL, "silver_tokens": 100, "self_training_tokens": 100})


@pytest.mark.parametrize(
    ("text", "language", "pattern"),
    [
        ([target[:9] for _, _, target in make_pairs(9)], "en", "100% .* are words of 'zh': another language"),
        (foreign().sentences, "en", "written in Cyrillic, the corpus in Latin"),
        ([["這個", "國", "說", "對"]] * 9, "zh", r"traditional Chinese.*--opencc t2s"),
        ([["ann", "visited", "rome"], ["LEFT", "BOB", "OSLO"]] * 9, "en", "but for capital letters"),
    ],
)
def test_a_text_of_unknown_words_is_one_warning_a_call(model, text, language, pattern, caplog):
    gold = NERData(text, [["O"] * len(row) for row in text])
    for call in (lambda: model.tag(text, language=language), lambda: model.evaluate(gold, language=language)):
        caplog.clear()
        call()
        (message,) = warnings_of(caplog)
        assert re.search(pattern, message), message


def test_known_text_and_short_text_are_tagged_in_silence(model, caplog):
    for side, language in ((1, "en"), (2, "zh")):
        model.tag([pair[side] for pair in make_pairs(20, seed=3)], language=language)
        model.tag([["unknown", "words"]], language=language)
        model.tag([], language=language)
    assert not warnings_of(caplog)


def test_characters_of_the_other_script_pair_up():
    assert len(coverage.TRADITIONAL) == len(coverage.SIMPLIFIED) == len(set(coverage.SIMPLIFIED))
    opencc = pytest.importorskip("opencc")
    assert opencc.OpenCC("t2s").convert(coverage.TRADITIONAL) == coverage.SIMPLIFIED


# -- real text


def test_real_labels_and_texts_of_the_right_language_raise_no_alarm(shared_data, caplog):
    corpus = ComparableCorpus.from_jsonl(shared_data / "bible-web-cuv.en-zh.jsonl.gz", **BOTH)
    text = corpus.encode()
    source = NERData.from_iob2(shared_data / "en_ewt-ud-dev.iob2")
    target = NERData.from_iob2(shared_data / "zh_gsdsimp-ud-dev.iob2")
    model = MTWord2Vec(**{**SMALL, "pretrain_epochs": 0, "epochs": 1, "min_count": 2, "mode": "ner"})
    model.build_vocab(text, ner_data=source)
    for name, data, side in (("ner_data", source, 0), ("target_ner_data", target, 1)):
        coverage.check_labels(name, data, text, side)
        with pytest.raises(ValueError, match="0%"):
            coverage.check_labels(name, data, text, 1 - side)
    for data, both in ((source, ("en", "zh")), (target, ("zh", "en"))):
        keys = model.wv.index_to_key[model.rows_of(both[0])]
        coverage.warn_of_unknown(data.sentences, model.wv.key_to_index, keys, both)
    assert not warnings_of(caplog)
    coverage.warn_of_unknown(target.sentences, model.wv.key_to_index, keys, ("en", "zh"))
    assert len(warnings_of(caplog)) == 1
