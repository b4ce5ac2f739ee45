"""Against real gensim: equality to the last bit, KeyedVectors and their formats, locking, plain callbacks."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import FastText, KeyedVectors, Word2Vec

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERCallback, NERData

SETTINGS = {"vector_size": 12, "window": 4, "negative": 5, "sample": 1e-2, "min_count": 1, "seed": 5, "workers": 1}


def plain_word2vec(model, sentences, epochs, **settings):
    """gensim's Word2Vec with the row order of `model`, ready to train on sentences."""
    plain = Word2Vec(sg=1, sorted_vocab=0, epochs=epochs, compute_loss=True, **settings)
    counts = model.wv.expandos["count"]
    present = [row for row in range(len(model.wv)) if counts[row]]
    plain.build_vocab_from_freq({model.wv.index_to_key[row]: int(counts[row]) for row in present})
    plain.corpus_count = len(sentences)
    assert plain.wv.index_to_key == model.wv.index_to_key[: len(present)]
    return plain


class EpochDraws:
    """The merged documents as keys, a new draw at each iteration, in pieces that gensim takes whole."""

    def __init__(self, corpus, model, merge="random"):
        self.encoded = corpus
        self.keys = np.array(model.wv.index_to_key, dtype=object)
        self.merge, self.seed, self.epoch = merge, model.seed, 0

    def __iter__(self):
        for ids in self.encoded.merged(merge=self.merge, seed=self.seed, epoch=self.epoch):
            for start in range(0, max(len(ids), 1), 10_000):
                yield self.keys[ids[start : start + 10_000]].tolist()
        self.epoch += 1


def encoded_of(model, corpus):
    fresh = MTWord2Vec(kernel="gensim", **SETTINGS)
    fresh.build_vocab(corpus)
    assert fresh.wv.index_to_key == model.wv.index_to_key
    return fresh._corpus(None)[1]


@pytest.mark.parametrize("exponent", [0.75, 0, 1, 0.33, 10])
def test_the_table_of_draws_is_gensims_to_the_last_bit(exponent):
    random = np.random.default_rng(4)
    counts = np.concatenate([random.zipf(1.3, 3000).clip(max=10**14), [0, 0, 1, 10**14]])
    model = MTWord2Vec(ns_exponent=exponent)
    model.set_keys([f"w{number}" for number in range(len(counts))], counts)
    ours = model.cum_table
    Word2Vec.make_cum_table(model)
    assert ours.dtype == model.cum_table.dtype and np.array_equal(ours, model.cum_table)
    model.make_cum_table(domain=1000)
    assert model.cum_table[-1] == 1000
    model.wv.expandos["count"][7] = -1
    with pytest.raises(ValueError, match="below 0, or all 0"):
        model.make_cum_table()


def test_a_model_without_a_vocabulary_comes_back_from_gensims_format(tmp_path, corpus):
    model = MTWord2Vec(**SETTINGS)
    model.save(tmp_path / "empty", format="gensim")
    loaded = MTWord2Vec.load(tmp_path / "empty")
    assert len(loaded.wv) == 0
    for one in (model, loaded):
        one.build_vocab(corpus)
        one.train(corpus)
    assert np.array_equal(model.wv.vectors, loaded.wv.vectors)


@pytest.mark.parametrize("batch_words", [10_000, 50])
@pytest.mark.parametrize("how", ["no labels", "ner_weight=0"])
def test_without_the_tagger_it_is_word2vec_to_the_last_bit(corpus, ner_data, how, batch_words):
    extra = {"ner_data": ner_data, "ner_weight": 0} if how == "ner_weight=0" else {}
    settings = {**SETTINGS, "batch_words": batch_words}
    model = MTWord2Vec(corpus, kernel="gensim", epochs=3, **settings, **extra)
    sentences = EpochDraws(encoded_of(model, corpus), model)
    plain = plain_word2vec(model, list(sentences), 3, **settings)
    sentences.epoch = 0
    plain.train(sentences, total_examples=plain.corpus_count, epochs=3, compute_loss=True)
    n = len(plain.wv)
    assert np.array_equal(model.wv.vectors[:n], plain.wv.vectors)
    assert np.array_equal(model.syn1neg[:n], plain.syn1neg)
    assert len(model.wv) == n + 1  # the OOV row


def test_long_documents_lose_nothing_and_stay_equal_to_word2vec():
    pairs = [(str(i), (s * 500), (t * 450)) for i, s, t in make_pairs(3)]
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    settings = {**SETTINGS, "sample": 0, "negative": 1, "window": 1, "vector_size": 4}
    model = MTWord2Vec(corpus, kernel="gensim", epochs=1, **settings)
    total = sum(len(s) + len(t) for _, s, t in pairs)
    assert model.history[0]["words"] == model.history[0]["raw_words"] == total == model.wv.expandos["count"].sum()
    shared = MTWord2Vec(corpus, epochs=1, **settings)
    assert shared.history[0]["words"] == total


def test_premerged_token_lists_train_as_in_word2vec():
    sentences = [[f"en:{w}" for w in s] + [f"zh:{w}" for w in t] for _, s, t in make_pairs()]
    model = MTWord2Vec(sentences, source="en", target="zh", kernel="gensim", epochs=2, **SETTINGS)
    plain = plain_word2vec(model, sentences, 2, **SETTINGS)
    plain.train(sentences, total_examples=len(sentences), epochs=2)
    assert np.array_equal(model.wv.vectors[:-1], plain.wv.vectors)
    assert model.wv.index_to_key[model.source_size].startswith("zh:")


def test_token_lists_without_languages_are_keys_as_they_stand():
    sentences = [s for _, s, _ in make_pairs()]
    model = MTWord2Vec(sentences, epochs=1, **SETTINGS)
    assert "Ann" in model.wv and model.target_size == 0


@pytest.mark.parametrize("kernel", ["shared", "gensim"])
def test_half_fixed_locks_source_rows_in_the_skip_gram_part_only(corpus, ner_data, kernel):
    settings = {**SETTINGS, "kernel": kernel, "epochs": 2, "pretrain_epochs": 0, "ner_warmup": 1}
    fixed = MTWord2Vec(corpus, ner_data=ner_data, mode="hfj", ner_vector_alpha=0.0, **settings)
    start = MTWord2Vec(**settings)
    start.build_vocab(corpus, ner_data=ner_data)
    n = fixed.source_size
    assert np.array_equal(fixed.wv.vectors[:n], start.wv.vectors[:n])
    rows = slice(n, n + fixed.target_size)
    assert (fixed.wv.vectors[rows] != start.wv.vectors[rows]).any(axis=1).all()
    assert (fixed.syn1neg[:n] != 0).any() and (fixed.syn1neg[rows] != 0).any()
    # with a step size for the vectors, the tagger's turns move source rows, and them alone
    moved = MTWord2Vec(corpus, ner_data=ner_data, mode="hfj", ner_vector_alpha=0.1, **settings)
    assert (moved.wv.vectors[:n] != start.wv.vectors[:n]).any()


def test_in_the_baseline_no_row_moves_after_pretraining(corpus, ner_data):
    settings = {**SETTINGS, "epochs": 4, "pretrain_epochs": 2}
    model = MTWord2Vec(corpus, ner_data=ner_data, mode="baseline", **settings)
    plain = MTWord2Vec(**{**settings, "epochs": 2})
    plain.build_vocab(corpus, ner_data=ner_data)
    plain.train(corpus)
    assert np.array_equal(model.wv.vectors, plain.wv.vectors)
    assert np.array_equal(model.syn1neg, plain.syn1neg)


def test_in_full_joint_all_rows_of_both_languages_move(corpus, ner_data):
    settings = {**SETTINGS, "epochs": 1, "pretrain_epochs": 0}
    model = MTWord2Vec(corpus, ner_data=ner_data, mode="fj", **settings)
    start = MTWord2Vec(**settings)
    start.build_vocab(corpus, ner_data=ner_data)
    assert (model.wv.vectors[:-1] != start.wv.vectors[:-1]).any(axis=1).all()


def test_ner_only_leaves_target_vectors_as_they_were(corpus, ner_data):
    model = MTWord2Vec(corpus, ner_data=ner_data, mode="ner", **SETTINGS)
    start = MTWord2Vec(**SETTINGS)
    start.build_vocab(corpus, ner_data=ner_data)
    n = model.source_size
    assert np.array_equal(model.wv.vectors[n:-1], start.wv.vectors[n:-1])
    assert (model.wv.vectors[:n] != start.wv.vectors[:n]).any()


@pytest.mark.parametrize("binary", [False, True])
def test_vectors_round_trip_through_the_word2vec_formats(corpus, ner_data, tmp_path, binary):
    model = MTWord2Vec(corpus, ner_data=ner_data, epochs=1, pretrain_epochs=1, **SETTINGS)
    path = str(tmp_path / "vectors")
    model.wv.save_word2vec_format(path, binary=binary)
    loaded = KeyedVectors.load_word2vec_format(path, binary=binary)
    assert sorted(loaded.index_to_key) == sorted(model.wv.index_to_key)
    for name in model.wv.index_to_key:
        np.testing.assert_allclose(loaded[name], model.wv[name], rtol=1e-6, atol=1e-7)


def test_saved_vectors_load_in_a_process_that_never_imports_us(corpus, tmp_path):
    model = MTWord2Vec(corpus, epochs=1, **SETTINGS)
    model.wv.save(str(tmp_path / "vectors.kv"))
    code = (
        "import sys; from gensim.models import KeyedVectors; "
        f"kv = KeyedVectors.load({str(tmp_path / 'vectors.kv')!r}); "
        "assert not any(name.startswith('gensim_mtner') for name in sys.modules); "
        "print(len(kv), kv.most_similar('zh:安', topn=1, clip_end=4))"
    )
    out = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.startswith(str(len(model.wv)))


def test_most_similar_answers_within_a_slice(corpus):
    model = MTWord2Vec(corpus, epochs=3, **SETTINGS)
    n = model.source_size
    english = [name for name, _ in model.wv.most_similar("zh:罗马", topn=5, clip_end=n)]
    chinese = [name for name, _ in model.wv.most_similar("en:Rome", topn=5, clip_start=n, clip_end=len(model.wv) - 1)]
    assert all(name.startswith("en:") for name in english) and all(name.startswith("zh:") for name in chinese)


def test_callback_works_in_a_plain_gensim_model(ner_data):
    sentences = [source for _, source, _ in make_pairs()]
    callback = NERCallback(ner_data)
    model = Word2Vec(sentences, sg=1, vector_size=12, min_count=1, seed=1, workers=1, epochs=4, callbacks=[callback])
    assert len(callback.losses) == callback.warmup + 4
    assert callback.losses[-1] < callback.losses[0] / 4
    assert callback.tagger.evaluate(ner_data).f1 > 95
    assert callback.tagger.vectors is model.wv
    # without the callback's steps the vectors are others
    bare = Word2Vec(sentences, sg=1, vector_size=12, min_count=1, seed=1, workers=1, epochs=4)
    assert not np.array_equal(bare.wv.vectors, model.wv.vectors)


def test_gensim_still_has_the_seams_that_we_use(corpus):
    """Private names are few, and in one place each; a release that moves them fails here."""
    model = MTWord2Vec(corpus, epochs=1, **SETTINGS)
    work, neu1 = model._get_thread_working_mem()
    assert work.shape == neu1.shape == (12,)
    assert model._do_train_job([["en:Ann", "zh:安"]], 0.01, (work, neu1))[1] == 2
    assert model.cum_table.dtype == np.uint32 and model.cum_table[-1] == 2**31 - 1
    assert model.wv.expandos["sample_int"].dtype == np.uint32


def test_steps_that_fasttext_would_lose_are_refused():
    sentences = [source for _, source, _ in make_pairs(20)]
    labels = NERData(sentences, labels_of(sentences))
    settings = {"sg": 1, "vector_size": 8, "min_count": 1, "epochs": 1}
    with pytest.raises(TypeError, match=r"vector_alpha=0\.1: FastText makes wv\.vectors anew from its n-grams"):
        FastText(sentences, callbacks=[NERCallback(labels, vector_alpha=0.1)], **settings)
    callback = NERCallback(labels, vector_alpha=0)
    FastText(sentences, callbacks=[callback], **settings)
    assert callback.losses
