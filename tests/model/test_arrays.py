"""Arrays, arguments and inputs in memory are compared before a kernel trusts them: an error, never a crash."""

import copy
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import KeyedVectors, Word2Vec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERCallback, NERData, UnigramTagger
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors.cache import LINE
from gensim_mtner.vectors.neighbours import translation_accuracy
from gensim_mtner.vectors.rows import check_documents
from gensim_mtner.vectors.skipgram import negative_table

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import fuzz_arrays

SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "pretrain_epochs": 1, "workers": 1}


def pairs():
    return ComparableCorpus(make_pairs(), source="en", target="zh")


def labels():
    sentences = [source[:4] for _, source, _ in make_pairs(30)]
    return NERData(sentences, labels_of(sentences))


@pytest.fixture(scope="module")
def trained():
    return MTWord2Vec(pairs(), ner_data=labels(), silver_tokens=100, self_training_tokens=100, **SMALL)


@pytest.fixture
def model(trained):
    return copy.deepcopy(trained)


def test_rows_of_a_trained_model_begin_where_a_line_of_the_cache_does(trained):
    assert trained.wv.vectors.ctypes.data % LINE == trained.syn1neg.ctypes.data % LINE == 0


# -- arrays against each other

ROWS = np.zeros((3, 8), np.float32)
# name of the case: (what is done to the model, what the error says)
CHANGES = {
    "a context row too few": (lambda m: setattr(m, "syn1neg", m.syn1neg[:-1].copy()), "syn1neg is float32 of shape"),
    "contexts of another size": (lambda m: setattr(m, "syn1neg", np.zeros((len(m.wv), 7), np.float32)), "syn1neg"),
    "no contexts": (lambda m: setattr(m, "syn1neg", None), "syn1neg is NoneType: expected a numpy array"),
    "float64 contexts": (lambda m: setattr(m, "syn1neg", m.syn1neg.astype(float)), "syn1neg is float64"),
    "columns in order": (lambda m: setattr(m, "syn1neg", np.asfortranarray(m.syn1neg)), "not C-contiguous"),
    "vectors of three words": (lambda m: setattr(m.wv, "vectors", ROWS), r"wv.vectors has the shape \(3, 8\)"),
    "vectors of another size": (lambda m: setattr(m, "vector_size", 9), "wv.vector_size is 8, but vector_size is 9"),
    "one layer of another size": (lambda m: setattr(m, "layer1_size", 9), "layer1_size is 9"),
    "a key too many": (lambda m: m.wv.index_to_key.append("en:x"), "wv has .* keys: expected .* source words"),
    "a key elsewhere": (lambda m: m.wv.key_to_index.update({"en:Ann": 10**6}), "do not say the same"),
    "keys that are none": (lambda m: m.wv.index_to_key.__setitem__(0, None), "keys that are not text"),
    "more source words": (lambda m: setattr(m, "source_size", m.source_size + 1), "source words"),
    "fewer of one, more of the other": (lambda m: (setattr(m, "source_size", m.source_size + 1),
                                                   setattr(m, "target_size", m.target_size - 1)), "not in order"),
    "counts of three": (lambda m: m.wv.expandos.update(count=np.ones(3, int)), "count"),
    "counts below 0": (lambda m: m.wv.expandos["count"].__setitem__(0, -1), "below 0"),
    "no counts": (lambda m: m.wv.expandos["count"].__imul__(0), "all 0"),
    "draws of three": (lambda m: m.wv.expandos.update(sample_int=np.ones(3, np.uint32)), "sample_int"),
    "a table of three": (lambda m: setattr(m, "cum_table", np.ones(3, np.uint32)), "cum_table"),
    "a tagger of another size": (lambda m: setattr(m.tagger, "coef_", m.tagger.coef_[:, :4].copy()), "tagger's coef"),
    "a tagger of fewer tags": (lambda m: setattr(m.tagger, "classes_", m.tagger.classes_[:3]), "tagger's coef"),
    "a tagger of half a type": (lambda m: setattr(m.tagger, "classes_", m.tagger.classes_[:2]), "'B-' and 'I-'"),
    "sums of another size": (lambda m: setattr(m.tagger, "_squares", (ROWS, ROWS)), "tagger's coef-squares"),
    "a tagger on others' vectors": (lambda m: setattr(m.tagger, "vectors", KeyedVectors(8)), "tagger.vectors are not"),
    "no tagger": (lambda m: setattr(m, "source_tagger", "x"), "source_tagger is str"),
    "features that were not trained": (lambda m: setattr(m.target_tagger, "n_features", 2**19), "tagger's coef_"),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("kernel", ["shared", "exact", "gensim"])
def test_arrays_that_do_not_fit_neither_train_nor_are_saved(case, kernel, model, tmp_path):
    change, pattern = CHANGES[case]
    change(model)
    model.kernel = kernel
    with pytest.raises((ValueError, TypeError), match=pattern):
        model.train(pairs(), ner_data=labels())
    with pytest.raises((ValueError, TypeError), match=pattern):
        model.save(tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kernel", ["shared", "gensim"])
@pytest.mark.parametrize("name", ["wv.vectors", "syn1neg"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e9])
def test_numbers_that_are_none_do_not_reach_a_kernel(kernel, name, value, model):
    """gensim's looks them up in a table, and crashed."""
    model.kernel = kernel
    fuzz_arrays.get(model, name)[2, 3] = value
    with pytest.raises(ValueError, match=f"{name} has components that are NaN"):
        model.train(pairs())


def test_steps_that_overflow_do_not_crash_gensims_kernel():
    with pytest.raises(ValueError, match=r"alpha=1e\+30 .*at most 1 with kernel='gensim'"):
        MTWord2Vec(pairs(), kernel="gensim", alpha=1e30, **SMALL)
    with pytest.raises(FloatingPointError, match="training diverged"):
        MTWord2Vec(pairs(), ner_data=labels(), kernel="gensim", ner_vector_alpha=1e30, **SMALL)


@pytest.mark.parametrize("part", ["coef_", "intercept_"])
def test_a_tagger_of_numbers_that_are_none_says_so(model, part, tmp_path):
    getattr(model.tagger, part)[0] = np.nan
    getattr(model.source_tagger, part)[...] = np.nan
    for by in ("both", "sequence", "vectors"):
        with pytest.raises(ValueError, match="NaN or infinite numbers: nothing can be told"):
            model.tag([["Ann"]], language="en", by=by)
    with pytest.raises(ValueError, match="not saved, as it could not be loaded"):
        model.save(tmp_path / "model")


@example(1296)  # classes_ of the first tagger of a pool
@example(54830667)  # classes_ that are no tags
@example(1817946236076656640)  # an infinite weight of a tagger of single tokens
@given(st.integers(0, 2**63))
@settings(max_examples=400)
def test_arrays_changed_at_random_work_or_are_refused(cases, seed):
    cases.run(seed)


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    logging.disable(logging.WARNING)
    yield fuzz_arrays.Cases(tmp_path_factory.mktemp("cases"))
    logging.disable(logging.NOTSET)


# -- text, and sentences


def text_of(**changes):
    text = pairs().encode()
    for name, value in changes.items():
        setattr(text, name, value(getattr(text, name)))
    return text


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({"ids": lambda ids: ids + 10**6}, "ids of the corpus has the number"),
        ({"ids": lambda ids: ids - 5}, "ids of the corpus has the number -5"),
        ({"ids": lambda ids: ids[:-1]}, "sum up to its tokens"),
        ({"offsets": lambda offsets: offsets[::-1].copy()}, "offsets of the corpus does not divide"),
        ({"offsets": lambda offsets: offsets[:-1]}, "expected two a document, and one"),
        ({"counts": lambda counts: (counts[0] + 1, counts[1])}, "sum up to its tokens"),
        ({"words": lambda words: (words[0][:-1], words[1])}, "counts are not of its words"),
        ({"words": lambda words: ([None, *words[0][1:]], words[1])}, "words are not text"),
        ({"words": lambda words: ([*words[0][:-1], words[0][0]], words[1])}, "there twice"),
    ],
)
def test_encoded_text_that_does_not_fit_is_refused(changes, pattern):
    with pytest.raises(ValueError, match=pattern):
        MTWord2Vec(text_of(**changes), **SMALL)
    model = MTWord2Vec(pairs(), **SMALL)
    with pytest.raises(ValueError, match=pattern):
        model.train(text_of(**changes))


@given(st.lists(st.integers(-3, 9), max_size=9), st.lists(st.integers(-1, 9), max_size=5), st.integers(1, 6))
def test_documents_are_refused_or_within_their_arrays(ids, offsets, n_rows):
    rows = np.arange(6, dtype=np.int32)
    encoded = EncodedCorpus(np.array(ids, np.int32), np.array(offsets, np.int64), rows)
    fits = (
        len(offsets) % 2 == 1 and offsets == sorted(offsets) and offsets[0] == 0 and offsets[-1] == len(ids)
        and all(0 <= i < 6 for i in ids) and n_rows >= 6
    )  # fmt: skip
    try:
        check_documents(encoded, n_rows)
        assert fits
    except ValueError:
        assert not fits


@pytest.mark.parametrize(
    ("name", "value", "pattern"),
    [
        ("rows", np.array([10**6] * 120, np.int32), "rows of the sentences has the number 1000000"),
        ("tags", np.array([99] * 120, np.int32), "tags of the sentences"),
        ("rows", np.zeros(3, np.int32), "rows of the sentences|tags of the sentences"),
        ("offsets", np.array([0, 5, 3, 120]), "does not divide"),
        ("translations", np.array([10**6] * 33, np.int32), "translations"),
        ("oov_row", 10**6, "row of unknown words"),
        ("rare", np.ones(3, np.uint8), "rare of the sentences"),
    ],
)
def test_the_taggers_kernel_is_given_what_fits(trained, name, value, pattern):
    tagger = UnigramTagger(trained.wv, language="en")
    tagger.start(labels().tag_names, 8)
    data = tagger.encode(labels(), trained.wv)
    setattr(data, name, value)
    with pytest.raises(ValueError, match=pattern):
        tagger.update(trained.wv.vectors.copy(), data, np.arange(30))
    fresh = tagger.encode(labels(), trained.wv)
    for order in (np.array([30]), np.array([-1])):
        with pytest.raises(ValueError, match="order of sentences"):
            tagger.update(trained.wv.vectors.copy(), fresh, order)
    with pytest.raises(ValueError, match="tagger's coef"):
        tagger.update(np.zeros((len(trained.wv), 16), np.float32), fresh, np.arange(30))
    tagger.batch_size = 0  # an endless loop
    with pytest.raises(ValueError, match="batch_size=0"):
        tagger.update(trained.wv.vectors.copy(), fresh, np.arange(30))


def test_a_callbacks_tagger_fits_the_plain_model_or_is_refused(trained):
    sentences = [source for _, source, _ in make_pairs()]
    callback = NERCallback(labels(), tagger=copy.deepcopy(trained.tagger).set_params(language=None))
    with pytest.raises(ValueError, match="tagger's coef"):
        Word2Vec(sentences, sg=1, vector_size=12, min_count=1, workers=1, epochs=1, callbacks=[callback])
    callback = NERCallback(labels())
    callback.translations = np.full(3, 10**6, np.int32)
    with pytest.raises(ValueError, match="translations"):
        Word2Vec(sentences, sg=1, vector_size=12, min_count=1, workers=1, epochs=1, callbacks=[callback])
    with pytest.raises(TypeError, match="tagger is str"):
        NERCallback(labels(), tagger="unigram")


@pytest.mark.parametrize("weights", [[0.0, 0], [1, np.nan], [1, np.inf], [-1, 2], [], [[1.0]]])
def test_negatives_that_cannot_be_drawn_are_refused(weights):
    with pytest.raises(ValueError, match="nothing could be drawn"):
        negative_table(np.array(weights))


def test_certain_tokens_are_a_mask():
    data = labels()
    for wrong in ([np.arange(4)] * 30, [np.ones(3, bool)] * 30, [np.ones(4, bool)] * 29):
        with pytest.raises(ValueError, match="certain does not fit"):
            SequenceTagger(n_features=64).fit(data.sentences, data.tags, certain=wrong)


# -- inputs in memory

RIGHT = [["Ann", "left"], ["Bob"]]


@pytest.mark.parametrize(
    "sentences",
    [
        tuple(map(tuple, RIGHT)),
        [np.array(row) for row in RIGHT],
        [np.array(row, dtype=object) for row in RIGHT],
        np.array([["Ann", "left"], ["Bob", "saw"]]),
    ],
)
def test_lists_tuples_arrays_and_generators_are_tagged_alike(trained, sentences):
    for by in ("both", "sequence", "vectors"):
        expected = trained.tag([list(map(str, row)) for row in sentences], language="en", by=by)
        assert trained.tag(sentences, language="en", by=by) == expected
        assert trained.tag((iter(row) for row in sentences), language="en", by=by) == expected


WRONG = {
    "None": (None, "sentences are NoneType"), "a number": (3, "sentences are int"), "text": ("Ann left", "are str"),
    "a sentence of text": (["Ann left"], "sentence 1 is text: expected a list of tokens"),
    "one sentence": (["Ann", "left"], "sentence 1 is text"), "no sentence": ([["a"], None], "sentence 2 is NoneType"),
    "a missing token": ([["Ann", None]], r"sentence 1, token 2 is None \(NoneType\)"),
    "a number as token": ([["a"], ["Ann", 3]], r"sentence 2, token 2 is 3 \(int\)"),
    "NaN as token": ([["Ann", float("nan")]], "token 2 is nan"), "bytes": ([[b"Ann"]], r"token 1 is b'Ann' \(bytes\)"),
    "an empty token": ([["Ann", ""]], "sentence 1, token 2 is empty"),
    "lists in lists": ([[["Ann"]]], r"token 1 is \['Ann'\]"), "a set": ([{"Ann"}], "sentence 1 is set"),
    "a mapping": ({"Ann": 1}, "sentences are dict"), "an array of numbers": ([np.ones(2)], "token 1"),
    "labelled data": (NERData([["a"]], [["O"]]), "pass its .sentences"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_sentence_is_named(trained, case):
    sentences, pattern = WRONG[case]
    calls = [lambda by=by: trained.tag(sentences, language="en", by=by) for by in (None, "sequence", "vectors")]
    calls += [lambda: trained.tagger.predict(sentences), lambda: trained.source_tagger.predict(sentences)]
    if sentences is not None:  # the corpus decides then
        calls.append(lambda: trained.calibrate(sentences, rate=0.5))
    for call in calls:
        with pytest.raises((TypeError, ValueError), match=pattern):
            call()


@given(st.lists(st.lists(st.one_of(st.text(max_size=3), st.none(), st.integers(), st.binary(max_size=2)), max_size=4)))
def test_any_lists_are_tagged_or_refused(trained, sentences):
    fine = all(isinstance(token, str) and token for sentence in sentences for token in sentence)
    for by in ("both", "sequence", "vectors"):
        try:
            assert list(map(len, trained.tag(sentences, language="en", by=by))) == list(map(len, sentences))
            assert fine
        except (TypeError, ValueError) as error:
            assert not fine and "sentence" in str(error) and "token" in str(error)


METHODS = {
    "evaluate a path": (lambda m: m.evaluate("gold.iob2", language="en"), "ner_data is str: expected NERData"),
    "evaluate of a tagger": (lambda m: m.tagger.evaluate([["a"]]), "ner_data is list"),
    "score tags of a path": (lambda m: m.score_tags("x", [], language="en"), "ner_data is str"),
    "topn=None": (lambda m: m.neighbours("Ann", language="en", topn=None), "topn=None: expected a whole number"),
    "topn=True": (lambda m: m.neighbours("Ann", language="en", topn=True), "topn=True"),
    "topn=1.5": (lambda m: m.neighbours_of(["Ann"], language="en", topn=1.5), "topn=1.5"),
    "no word": (lambda m: m.neighbours(None, language="en"), r"word is None \(NoneType\): expected text"),
    "one word for many": (lambda m: m.neighbours_of("Ann", language="en"), "words is 'Ann' .*expected a list of words"),
    "a rate of text": (lambda m: m.calibrate(rate="0.1"), "rate='0.1': expected a share"),
    "a rate of NaN": (lambda m: m.calibrate(rate=float("nan")), "rate=nan"),
    "unknown": (lambda m: m.tag([["a"]], language="en", unknown="x"), "unknown='x': expected one of"),
    "a language of None": (lambda m: m.tag([["a"]], language=None), "language=None: this model has"),
    "pairs of text": (lambda m: translation_accuracy(m, ["ab"], language="en", into="zh"), "expected a word and its"),
    "no topn": (lambda m: translation_accuracy(m, [("Ann", "安")], language="en", into="zh", topn=()), "topn="),
    "a path to start from": (lambda m: MTWord2Vec(pairs(), init_vectors="x.vec"), "init_vectors is str.*load_vec"),
    "paths to start from": (lambda m: MTWord2Vec(pairs(), init_vectors=["x.vec"]), "init_vectors is str.*load_vec"),
    "a model to start from": (lambda m: MTWord2Vec(pairs(), init_vectors=m), "init_vectors is MTWord2Vec.*its .wv"),
    "None to start from": (lambda m: MTWord2Vec(pairs(), init_vectors=[None]), "init_vectors is NoneType"),
    "labels of a path": (lambda m: MTWord2Vec(pairs(), ner_data="x"), "ner_data is str"),
    "labels without a corpus": (lambda m: MTWord2Vec(ner_data=labels()), "ner_data without a corpus"),
    "seed=None": (lambda m: MTWord2Vec(seed=None), "seed=None: expected a whole number from 0"),
    "alpha of text": (lambda m: MTWord2Vec(alpha="0.1"), "alpha='0.1': expected a positive number"),
    "epochs=True": (lambda m: MTWord2Vec(epochs=True), "epochs=True: expected a whole number"),
    "a callback's rate": (lambda m: NERCallback(labels(), vector_alpha=float("nan")), "vector_alpha=nan"),
    "vectors of a tagger": (lambda m: UnigramTagger("x.vec").fit([["a"]], [["O"]]), "vectors is str: expected"),
    "dropout of text": (lambda m: UnigramTagger(m.wv, dropout="0.3").fit([["a"]], [["O"]]), "dropout='0.3'"),
    "alpha of NaN": (lambda m: UnigramTagger(m.wv, alpha=float("nan")).fit([["a"]], [["O"]]), "alpha=nan"),
}  # fmt: skip


@pytest.mark.parametrize("case", METHODS)
def test_arguments_of_methods_are_named(trained, case):
    call, pattern = METHODS[case]
    with pytest.raises((TypeError, ValueError), match=pattern):
        call(trained)


def test_vectors_to_start_from_have_a_row_for_each_key():
    start = KeyedVectors(8)
    start.add_vectors(["en:Ann", "en:Bob"], np.ones((2, 8), np.float32))
    start.vectors = start.vectors[:1]
    with pytest.raises(ValueError, match="init_vectors have 2 keys, but an array"):
        MTWord2Vec(pairs(), init_vectors=start, **SMALL)
    assert isinstance(pairs().encode(), EncodedText)
