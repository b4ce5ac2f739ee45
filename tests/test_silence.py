"""What was taken in silence, and taught nothing, or something else."""

import itertools
import logging
import pickle
import threading
import time

import numpy as np
import pytest
from conftest import TINY, labels_of, make_pairs, model_bits
from gensim.models import KeyedVectors

from gensim_mtner import (
    BilingualDictionary,
    ComparableCorpus,
    Gazetteer,
    MTWord2Vec,
    NERData,
    SequenceTagger,
    UnigramTagger,
)
from gensim_mtner.labels import silver
from gensim_mtner.model.checkpoint import TrainingInterrupted
from gensim_mtner.model.schedule import EarlyStopping, usual_passes
from gensim_mtner.workers import each

PAIRS = make_pairs(60)
LEARNS = TINY | {"vector_size": 8, "silver_tokens": None, "self_training_tokens": None, "ner_warmup": 1}


def world():
    """A corpus, and labels of its source."""
    sentences = [source[:4] for _, source, _ in PAIRS]
    return ComparableCorpus(PAIRS, source="en", target="zh"), NERData(sentences, labels_of(sentences))


def target_labels():
    sentences = [target[:4] for _, _, target in PAIRS]
    return NERData(sentences, labels_of(sentences))


# -- numbers of numpy that are too small for what they are multiplied to


def test_narrow_numbers_of_numpy_are_numbers_like_others():
    words = [f"w{i}" for i in range(40)]
    vectors = KeyedVectors(8)
    vectors.add_vectors(words, np.random.default_rng(1).normal(size=(40, 8)).astype(np.float32))
    sentences = [[words[(i + j) % 40] for j in range(70)] for i in range(1200)]
    tags = [["B-PER" if word in words[:5] else "O" for word in row] for row in sentences]
    states = [
        UnigramTagger(vectors, batch_size=kind(1000), max_iter=kind(2), random_state=1).fit(sentences, tags).coef_
        for kind in (int, np.int16)
    ]
    assert np.array_equal(*states)
    few = sentences[:5], tags[:5]
    states = [SequenceTagger(n_features=kind(1 << 15), max_iter=1).fit(*few).coef_ for kind in (int, np.uint16)]
    assert np.array_equal(*states)
    model = MTWord2Vec(vector_size=256)
    numbers = {"vocab_size": 3_000_000, "n_tokens": 600_000_000}
    narrow = {name: np.int32(number) for name, number in numbers.items()}
    assert model.estimate_memory(**numbers) == model.estimate_memory(**narrow)


@pytest.mark.parametrize("kind", [np.uint8, np.int8])
def test_few_neighbours_are_asked_for_by_a_narrow_number(kind):
    model = MTWord2Vec(ComparableCorpus(PAIRS, source="en", target="zh"), **TINY)
    word = PAIRS[0][1][0]
    for ask in (lambda n: model.neighbours(word, language="en", topn=n), lambda n: model.predict_output_word([0], n)):
        assert ask(kind(3)) == ask(3)


# -- what can be gone through only once


@pytest.mark.parametrize("loss", ["token", "sequence"])
def test_known_tags_may_come_from_a_generator(loss):
    sentences, tags = [["Ann", "left", "Rome"]] * 4, [["B-PER", "O", "B-LOC"]] * 4
    known = [np.array([True, True, i % 2 == 0]) for i in range(4)]
    fitted = [SequenceTagger(loss=loss, max_iter=2).fit(sentences, tags, certain=given)
              for given in (known, iter(known), None)]  # fmt: skip
    assert np.array_equal(fitted[0].coef_, fitted[1].coef_) and not np.array_equal(fitted[0].coef_, fitted[2].coef_)
    with pytest.raises(ValueError, match="certain does not fit the sentences"):
        SequenceTagger().fit(sentences, tags, certain=iter(known[:3]))


@pytest.mark.parametrize("given", [5, "names", iter([])])
def test_gazetteers_that_are_none_or_come_once_are_refused_by_name(given):
    corpus, labels = world()
    with pytest.raises(TypeError, match="gazetteer is"):
        MTWord2Vec(corpus, ner_data=labels, gazetteer=given, **TINY)
    names = (one for one in [Gazetteer({"PER": ["Ann"]}, "en")])
    with pytest.raises(TypeError, match=r"gazetteer is generator: expected Gazetteer\(names, language\), or a list"):
        MTWord2Vec(corpus, ner_data=labels, gazetteer=names, **TINY)


# -- labels and lists that teach nothing


def test_target_labels_without_a_name_or_of_other_types_are_told_of(caplog):
    corpus, labels = world()
    rows = target_labels()
    with pytest.raises(ValueError, match="target_ner_data has no entity in 60 sentences"):
        MTWord2Vec(corpus, ner_data=labels, target_ner_data=NERData(rows.sentences, [["O"] * 4] * 60), **LEARNS)
    other = NERData(rows.sentences, rows.tags, types={kind: kind.lower() for kind in rows.types})
    with caplog.at_level(logging.WARNING):
        MTWord2Vec(corpus, ner_data=labels, target_ner_data=other, **LEARNS)
        assert "target_ner_data has the types" in caplog.text
        caplog.clear()
        MTWord2Vec(corpus, ner_data=labels, target_ner_data=rows, **LEARNS)
        assert "has the types" not in caplog.text


def test_a_dictionary_needs_somebody_who_learns_from_it():
    corpus, labels = world()
    dictionary = BilingualDictionary([(PAIRS[0][1][0], PAIRS[0][2][0])])
    with pytest.raises(ValueError, match="dictionary with mode='ner', and no pass of skip-gram"):
        MTWord2Vec(corpus, ner_data=labels, mode="ner", dictionary=dictionary, **TINY)
    model = MTWord2Vec(corpus, ner_data=labels, mode="baseline", dictionary=dictionary, **TINY)  # pretraining learns
    with pytest.raises(ValueError, match="dictionary with mode='baseline'"):
        model.train(corpus, ner_data=labels, dictionary=dictionary)


def test_a_single_token_to_learn_from_is_a_sentence():
    corpus, labels = world()
    model = MTWord2Vec(corpus, ner_data=labels, target_ner_data=target_labels(), **LEARNS | {"self_training_tokens": 1})
    assert model.evaluate(target_labels(), language="zh", by="sequence").f1 > 50


def test_silver_labels_of_which_no_name_is_left_are_refused():
    tags = [["B-persName", "O", "B-placeName"]]
    assert silver.known_types(tags) == {"persName": None, "placeName": None}
    with pytest.raises(ValueError, match=r"no name is left .* its types are persName, placeName; say what they become"):
        silver.check_left(NERData([["Anna", "w", "Rzymie"]], tags, types=silver.known_types(tags)).types, tags)


# -- settings that are changed


def test_settings_that_are_changed_decide_what_is_trained():
    corpus, labels = world()
    model = MTWord2Vec(corpus, **TINY | {"sample": 1e-4})
    thinned, whole = model.train(corpus, epochs=1)
    model.sample = 0
    assert thinned < whole and model.train(corpus, epochs=1) == (whole, whole)
    other, first = MTWord2Vec(**TINY), MTWord2Vec(corpus, **TINY | {"sample": 1e-4})
    before = first.wv.expandos["sample_int"].copy()
    other.reset_from(first)
    assert other.train(corpus, epochs=1)[0] == whole
    assert np.array_equal(first.wv.expandos["sample_int"], before) and first.train(corpus, epochs=1)[0] < whole
    before = model.cum_table.copy()
    model.ns_exponent = 0.1
    model.train(corpus, epochs=1)
    assert not np.array_equal(model.cum_table, before)
    tagged = MTWord2Vec(corpus, ner_data=labels, mode="baseline", **TINY)
    tagged.unit_length = False
    tagged.train(corpus, ner_data=labels)
    assert tagged.tagger.unit_length is False


def test_a_rate_may_end_at_nothing():
    corpus, _ = world()
    model = MTWord2Vec(corpus, **TINY)
    for end in (0.0, 1e-3):
        model.train(corpus, epochs=1, end_alpha=end)
        assert model.min_alpha_yet_reached == pytest.approx(end)


def test_what_cannot_start_leaves_the_model_as_it_was():
    corpus, labels = world()
    model = MTWord2Vec(corpus, ner_data=labels, mode="baseline", **TINY)
    before, history = model_bits(model), list(model.history)
    bad, large, strange = KeyedVectors(4), KeyedVectors(4), KeyedVectors(4)
    key = model.wv.index_to_key[0]
    bad.add_vectors([key], np.full((1, 4), np.nan, np.float32))
    large.add_vectors([key], np.full((1, 4), 1e6, np.float32))
    strange.add_vectors(["nobody"], np.ones((1, 4), np.float32))
    for start, said in ((bad, "NaN"), (large, "beyond 1e"), (strange, "none of the")):
        with pytest.raises(ValueError, match=f"init_vectors .*{said}"):
            model.build_vocab(corpus, init_vectors=start)
        assert model.history == history and hasattr(model, "tagger")
        now = model_bits(model)
        assert before.keys() == now.keys() and all(np.array_equal(before[name], now[name]) for name in before)


def test_short_text_is_read_more_often():
    corpus, labels = world()
    model = MTWord2Vec(**TINY | {"pretrain_epochs": None})
    assert MTWord2Vec().pretrain_epochs is None
    model.build_vocab(corpus, ner_data=labels)
    assert model.pretraining_passes == 30
    model.train(corpus, ner_data=labels)
    assert [row["phase"] for row in model.history].count("pretraining") == 30
    model.pretrain_epochs = 2
    assert model.pretraining_passes == 2
    numbers = [usual_passes(n) for n in range(1, 2_000_000, 9_999)]
    assert numbers == sorted(numbers, reverse=True) and set(numbers) == set(range(12, 31))


# -- who asks for nothing in particular


def test_a_model_without_languages_has_no_language_none():
    model = MTWord2Vec([["Annika", "left", "Rome"], ["Bob", "left"]], **TINY)
    for ask in (lambda: model.neighbours("Annika", language=None), lambda: model.language_vectors(None),
                lambda: model.rows_of(None)):  # fmt: skip
        with pytest.raises(ValueError, match=r"language=None: this model has none: make one with source= and target="):
            ask()


# -- signals


def test_an_interruption_goes_from_process_to_process():
    error = pickle.loads(pickle.dumps(TrainingInterrupted("stopped", 15)))
    assert (str(error), error.signal) == ("stopped", 15)


def test_what_is_run_one_after_the_other_is_run_here():
    assert each(lambda _: threading.current_thread(), [1, 2], 1) == [threading.main_thread()] * 2
    assert threading.main_thread() not in each(lambda _: time.sleep(0.01) or threading.current_thread(), [1, 2], 2)


def test_the_best_state_is_held_once():
    stopping, state = EarlyStopping(3), [np.zeros(3)]
    stopping(1.0, state)
    held = stopping.best_state[0]
    state[0][:] = 5
    assert held.tolist() == [0, 0, 0]
    stopping(2.0, state)
    assert stopping.best_state[0] is held and held.tolist() == [5, 5, 5]


def test_generators_of_pairs_are_still_refused():
    with pytest.raises(TypeError, match="only once"):
        MTWord2Vec(itertools.chain([["a"]]), **TINY)


def test_models_of_before_draw_from_all(tmp_path):
    corpus, labels = world()
    model = MTWord2Vec(corpus, ner_data=labels, **TINY)
    assert model.match_labels
    del model.match_labels  # as those that were pickled before have none
    MTWord2Vec.save(model, str(tmp_path / "pickled"), format="gensim")
    loaded = MTWord2Vec.load(str(tmp_path / "pickled"))
    assert loaded.match_labels is False
    loaded.train(corpus, ner_data=labels)
    loaded.save(tmp_path / "model")
