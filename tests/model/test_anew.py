"""A model that begins anew has nothing of before; what it is given is what it learns from; several do not meet."""

import copy
import pickle
import threading

import numpy as np
import pytest
from conftest import assert_same_model, labels_of, make_pairs
from gensim.models import FastText
from threadpoolctl import threadpool_info

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec, NERCallback, NERData, UnigramTagger
from gensim_mtner.model import stages
from gensim_mtner.model.self_training import self_train
from gensim_mtner.taggers.unigram import outside_shift
from gensim_mtner.workers import one_blas_thread

SMALL = {"vector_size": 16, "window": 4, "workers": 1, "min_count": 1, "sample": 1e-2, "pretrain_epochs": 2,
         "epochs": 2, "batch_words": 400, "progress": False, "seed": 5}  # fmt: skip


def corpus_of(pairs, source="en", target="zh"):
    return ComparableCorpus(pairs, source=source, target=target)


@pytest.fixture(scope="module")
def pairs():
    return make_pairs(60)


@pytest.fixture(scope="module")
def labels(pairs):
    sentences = [source[:4] for _, source, _ in pairs]
    return NERData(sentences, labels_of(sentences))


def test_training_is_on_the_corpus_that_is_given_and_not_on_what_was_read_before(pairs):
    some, more = corpus_of(pairs[:20]), corpus_of(pairs[20:])
    model = MTWord2Vec(**SMALL)
    model.build_vocab(some)
    words = model.train(more, epochs=1, pretrain_epochs=0)[1]
    assert words == sum(len(source) + len(target) for _, source, target in pairs[20:])
    twin = MTWord2Vec(**SMALL)
    twin.build_vocab(corpus_of(pairs[:20]).encode())
    twin.train(corpus_of(pairs[20:]).encode(), epochs=1, pretrain_epochs=0)
    assert_same_model(model, twin)
    model.build_vocab(some)
    with pytest.raises(ValueError, match=r"the corpus has \('de', 'fr'\), but the model has \('en', 'zh'\)"):
        model.train(corpus_of(pairs, "de", "fr"))


def test_what_was_read_is_not_read_again(pairs):
    readings = []

    def rows():
        readings.append(1)
        return iter(pairs)

    corpus, model = corpus_of(rows), MTWord2Vec(**SMALL)
    model.build_vocab(corpus)
    before = len(readings)
    model.train(corpus)
    assert len(readings) == before


def test_a_model_between_the_two_can_be_copied_whatever_its_corpus_is(pairs):
    model = MTWord2Vec(**SMALL)
    model.build_vocab(corpus_of(lambda: iter(pairs)))  # which no pickle has
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        twin.train(corpus_of(pairs))
        assert len(twin.history) == 2


def test_new_weights_are_those_of_an_untrained_model(pairs):
    fresh, model = MTWord2Vec(**SMALL), MTWord2Vec(corpus_of(pairs), **SMALL)
    fresh.build_vocab(corpus_of(pairs))
    assert not (model.wv.vectors == fresh.wv.vectors).all() and model.syn1neg.any()
    model.init_weights()
    assert (model.wv.vectors == fresh.wv.vectors).all() and not model.syn1neg.any()


@pytest.mark.parametrize("mode", ["hfj", "baseline"])
def test_a_trained_model_begins_anew_by_build_vocab_and_by_reset_from(pairs, labels, mode):
    corpus, settings = corpus_of(pairs), {**SMALL, "mode": mode}
    whole = MTWord2Vec(corpus, ner_data=labels, **settings)
    used = MTWord2Vec(corpus, ner_data=labels, **settings)
    used.wv.vectors_lockf = np.zeros(len(used.wv), np.float32)  # of rows that go
    used.build_vocab(corpus, ner_data=labels)
    reset, other = MTWord2Vec(corpus, ner_data=labels, **settings), MTWord2Vec(**settings)
    for model in (reset, other):
        model.reset_from(whole)
        assert model.segmented == whole.segmented
    for model in (used, reset, other):
        assert not hasattr(model, "tagger") and model.history == []
        model.train(corpus, ner_data=labels)
        assert [entry["phase"] for entry in model.history] == [entry["phase"] for entry in whole.history]
        assert_same_model(model, whole)


@pytest.mark.parametrize("most", [0, 2])
def test_no_more_updates_than_were_asked_for_is_no_divergence(pairs, labels, most):
    model = MTWord2Vec(corpus_of(pairs), ner_data=labels, max_updates=most, **SMALL)
    assert model.updates == most
    model.train(corpus_of(pairs), ner_data=labels, epochs=3)
    assert model.updates == most and sum(entry["phase"] == "hfj" for entry in model.history) == most
    assert model.tag([["Ann"]], language="en")


def test_vectors_of_fasttext_are_those_of_its_words(pairs):
    rows = [[f"en:{word}" for word in source] for _, source, _ in pairs[:5]]
    start = FastText(rows, vector_size=16, min_count=1, epochs=1, workers=1, seed=1).wv
    model = MTWord2Vec(**SMALL)
    model.build_vocab(corpus_of(pairs), init_vectors=start)
    for name in start.index_to_key:
        assert (model.wv[name] == start.vectors[start.key_to_index[name]]).all()


def test_labels_without_languages_are_refused_by_training_too(labels):
    lists = [["Ann", "saw", "Bob"]] * 30
    model = MTWord2Vec(**SMALL)
    model.build_vocab(lists)
    with pytest.raises(ValueError, match="token lists and ner_data need source= and target="):
        model.train(lists, ner_data=labels)


def test_a_model_whose_training_failed_early_has_no_tagger(pairs, labels, monkeypatch):
    model = MTWord2Vec(**SMALL)
    model.build_vocab(corpus_of(pairs), ner_data=labels)

    def fails(self, *args):
        raise KeyboardInterrupt

    monkeypatch.setattr(stages.Trainer, "run", fails)
    with pytest.raises(KeyboardInterrupt):
        model.train(corpus_of(pairs), ner_data=labels)
    for ask in (model.calibrate, model.entity_rate, lambda: model.tag([["Ann"]], language="en")):
        with pytest.raises(RuntimeError, match="this model has no tagger"):
            ask()


def test_threads_of_blas_are_those_of_before_when_the_last_of_several_is_done():
    def threads():
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before, inside, gone = threads(), threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            inside.set()
            gone.wait(10)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        inside.wait(10)
    assert set(threads()) <= {1}
    gone.set()
    thread.join()
    assert threads() == before


def test_what_says_nothing_is_refused_with_what_to_do(pairs, labels):
    corpus, lists = corpus_of(pairs), [["Ann", "saw", "Bob"]] * 30
    plain = MTWord2Vec(**SMALL)
    plain.build_vocab(lists)
    few = NERData([["安"]], [["B-PER"]])
    for ask, error, message in (
        (lambda: MTWord2Vec(corpus, callbacks=[NERCallback(labels)], **SMALL), TypeError, "pass ner_data= instead"),
        (lambda: MTWord2Vec(corpus, source="de", target="fr", **SMALL), ValueError, "but the model has"),
        (lambda: MTWord2Vec(corpus, **{**SMALL, "min_count": {"eng": 5}}), ValueError, "has 'eng': the languages are"),
        (lambda: MTWord2Vec(corpus, dev_data=labels, **SMALL), ValueError, "dev_data needs ner_data"),
        (lambda: plain.train(lists, dictionary=BilingualDictionary([("Ann", "安")])), ValueError, "of two languages"),
        (lambda: plain.estimate_memory(corpus=corpus), TypeError, r"expected EncodedText, which corpus\.encode\(\)"),
        (lambda: self_train(UnigramTagger(), [], language="zh", source=few), ValueError, "no token of the target"),
    ):
        with pytest.raises(error, match=message):
            ask()


def test_tokens_of_numpy_are_text_in_lists_that_are_merged_already(pairs):
    rows = [[f"en:{word}" for word in source] + [f"zh:{word}" for word in target] for _, source, target in pairs]
    settings = {**SMALL, "source": "en", "target": "zh"}
    model = MTWord2Vec([list(np.array(row)) for row in rows], **settings)
    assert_same_model(model, MTWord2Vec(rows, **settings))
    assert set(map(type, model.wv.index_to_key)) == {str}


def test_half_a_character_is_refused_where_it_is_tagged(pairs, labels):
    model = MTWord2Vec(corpus_of(pairs), ner_data=labels, **SMALL)
    for by in ("both", "sequence", "vectors"):
        with pytest.raises(ValueError, match=r"sentence 2, token 1: '\\ud800' is half of a surrogate pair"):
            model.tag([["Ann"], ["\ud800"]], language="en", by=by)


def test_unknown_is_for_the_tagger_on_vectors_alone(pairs, labels):
    model = MTWord2Vec(corpus_of(pairs), ner_data=labels, **SMALL)
    assert model.tag([["qwerty"]], language="en", by="vectors", unknown="O") == [["O"]]
    with pytest.raises(ValueError, match=r"unknown='oov' is for the tagger on vectors alone.*pass by='vectors'"):
        model.tag([["qwerty"]], language="en", unknown="oov")


def test_types_that_a_tagger_of_the_target_has_learnt_are_known(pairs, labels, caplog):
    few = NERData([target[:4] for _, _, target in pairs[:20]], [["B-ORG", "O", "O", "O"]] * 20)
    model = MTWord2Vec(corpus_of(pairs), ner_data=labels, target_ner_data=few, **SMALL)
    model.evaluate(few, language="zh")
    assert "does not know" not in caplog.text
    model.evaluate(NERData(few.sentences, [["B-MISC", "O", "O", "O"]] * 20), language="zh")
    assert "have the types MISC, which the tagger does not know" in caplog.text


def test_no_name_may_be_nearer_to_a_rate_than_the_most_frequent_word():
    scores = np.array([[0.0, 2.0], [0.0, -1.0]], np.float32)
    for rate, tagged in ((0.05, 0), (0.39, 0), (0.41, 1), (0.9, 1), (0.91, 2)):
        shift = outside_shift(scores, np.array([80, 20]), rate)
        assert (scores[:, 1] > shift + scores[:, 0]).sum() == tagged
    with pytest.raises(ValueError, match="no tag but O"):
        outside_shift(scores[:, :1], np.array([80, 20]), 0.5)


def test_a_batch_may_be_larger_than_all_there_is(pairs, labels):
    settings = {**SMALL, "silver_tokens": 0}
    big, all_ = (
        MTWord2Vec(corpus_of(pairs), ner_data=labels, ner_batch_size=size, **settings) for size in (1 << 30, 60)
    )
    assert_same_model(big, all_)


def test_what_predicts_words_is_saved(pairs, tmp_path):
    model = MTWord2Vec(corpus_of(pairs), cbow_mean=0, **SMALL)
    model.save(tmp_path / "model")
    asked = ["en:Ann", "en:Bob"]
    assert MTWord2Vec.load(tmp_path / "model").predict_output_word(asked) == model.predict_output_word(asked)


def test_models_are_saved_in_both_formats_wherever_they_are_from(pairs, tmp_path):
    model = MTWord2Vec(corpus_of(pairs), **SMALL)
    model.save(tmp_path / "safe")
    MTWord2Vec(**SMALL).save(tmp_path / "empty", format="gensim")
    for number, one in enumerate((model, MTWord2Vec.load(tmp_path / "safe"))):
        one.save(tmp_path / str(number), format="gensim")
        again = MTWord2Vec.load(tmp_path / str(number))
        again.save(tmp_path / f"{number} again", format="gensim")
        for other in (again, one):
            other.train(corpus_of(pairs), epochs=1)
        assert_same_model(again, one)
