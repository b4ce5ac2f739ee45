"""gensim's parts, one by one: each row of docs/gensim.md has a function here."""

import copy
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
import test_gensim
from conftest import labels_of, make_pairs
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData

SETTINGS = test_gensim.SETTINGS


def trained(**settings):
    return MTWord2Vec(ComparableCorpus(make_pairs(), source="en", target="zh"), **{**SETTINGS, "epochs": 2, **settings})


def untrained(**settings):
    model = MTWord2Vec(**{**SETTINGS, "epochs": 2, **settings})
    model.build_vocab(pairs())
    return model


def labelled():
    sentences = [source for _, source, _ in make_pairs()]
    return trained(ner_data=NERData(sentences, labels_of(sentences)), silver_tokens=0, self_training_tokens=0)


def pairs():
    return ComparableCorpus(make_pairs(), source="en", target="zh")


def refuses(call, pattern, kind=(ValueError, TypeError, NotImplementedError, RuntimeError)):
    with pytest.raises(kind, match=pattern):
        call()


CONTRACT = {}


def row(*parts):
    def keep(check):
        CONTRACT.update(dict.fromkeys(parts, check))
        return check

    return keep


@row("sentences=")
def sentences_are_the_corpus(tmp_path):
    merged = [[f"en:{w}" for w in s] + [f"zh:{w}" for w in t] for _, s, t in make_pairs()]
    both = {"source": "en", "target": "zh", **SETTINGS}
    assert np.array_equal(MTWord2Vec(sentences=merged, **both).wv.vectors, MTWord2Vec(merged, **both).wv.vectors)
    refuses(lambda: MTWord2Vec(merged, sentences=merged, **both), "pass one of them")
    assert not len(MTWord2Vec(sentences=None).wv)


@row("vector_size", "window", "negative", "sample", "alpha", "min_alpha", "workers", "seed", "ns_exponent",
     "batch_words", "shrink_windows", "comment", "min_count")  # fmt: skip
def numbers_are_numbers(tmp_path):
    model = MTWord2Vec(alpha=0.05, min_alpha=0.01, ns_exponent=0.5, batch_words=50, shrink_windows=False, comment="x",
                       min_count={"en": 2, "zh": 1}, seed=3, workers=2)  # fmt: skip
    assert (model.alpha, model.min_alpha, model.ns_exponent, model.batch_words) == (0.05, 0.01, 0.5, 50)
    assert not model.shrink_windows and model.comment == "x" and model.seed == 3 and model.workers == 2
    for name in ("vector_size", "window", "negative", "workers", "batch_words", "seed", "min_count", "epochs",
                 "patience", "ner_batch_size", "max_updates", "silver_tokens"):  # fmt: skip
        for wrong in ("1", 1.5, True, -1, float("nan"), [1], *([None] if name not in OPTIONAL else [])):
            refuses(lambda name=name, wrong=wrong: MTWord2Vec(**{name: wrong}), f"{name}=.*expected")
    for name in ("alpha", "min_alpha", "sample", "ns_exponent", "ner_weight", "ner_vector_alpha", "dropout",
                 "oov_probability", "translate_probability"):  # fmt: skip
        for wrong in ("0.1", True, -1, float("nan"), float("inf"), [0.1], *([None] if name not in OPTIONAL else [])):
            refuses(lambda name=name, wrong=wrong: MTWord2Vec(**{name: wrong}), f"{name}=.*expected")
    for name in ("unit_length", "compute_loss", "shrink_windows", "progress"):
        for wrong in ("no", 2, float("nan")):
            refuses(lambda name=name, wrong=wrong: MTWord2Vec(**{name: wrong}), f"{name}=.*expected True or False")
    for name in ("mode", "merge", "kernel", "tagger"):
        for wrong in (None, 1, [], "x"):
            refuses(lambda name=name, wrong=wrong: MTWord2Vec(**{name: wrong}), f"{name}=.*expected one of")
    refuses(lambda: MTWord2Vec(window=2**30), "window=1073741824: expected a whole number from 1 to")
    refuses(lambda: MTWord2Vec(source=3, target="zh"), "source=3: expected text")


OPTIONAL = ("max_updates", "silver_tokens", "translate_probability", "dropout")


@row("sg", "hs", "null_word", "sorted_vocab", "trim_rule", "max_vocab_size", "max_final_vocab", "corpus_file")
def fixed_arguments(tmp_path):
    MTWord2Vec(sg=1, hs=0, null_word=0, sorted_vocab=1, trim_rule=None, max_vocab_size=None, corpus_file=None)
    for name in ("sg", "hs", "null_word", "sorted_vocab", "trim_rule", "max_vocab_size", "max_final_vocab",
                 "corpus_file"):  # fmt: skip
        refuses(lambda name=name: MTWord2Vec(**{name: 7}), f"{name} cannot be set")
    refuses(
        lambda: MTWord2Vec(vectorsize=3), "does not take vectorsize: neither does .* Word2Vec; was vector_size meant"
    )
    for wrong, near in (("nerdata", "ner_data"), ("gazeteer", "gazetteer"), ("dictionnary", "dictionary")):
        refuses(lambda wrong=wrong: MTWord2Vec(**{wrong: 3}), f"does not take {wrong}: .*; was {near} meant")
    refuses(lambda: MTWord2Vec(selff=3), "does not take selff: neither does gensim's Word2Vec$")
    refuses(lambda: MTWord2Vec(ner_warm_up=3), "does not take ner_warm_up: .*; was ner_warmup meant")


@row("cbow_mean", "hashfxn")
def without_effect(tmp_path):
    assert np.array_equal(trained(cbow_mean=0, hashfxn=len).wv.vectors, trained().wv.vectors)


@row("callbacks=", "callbacks")
def callbacks_are_called_as_in_gensim(tmp_path):
    seen = []

    class Notes(CallbackAny2Vec):
        def __init__(self):
            for when in ("train_begin", "epoch_begin", "epoch_end", "train_end"):
                setattr(self, f"on_{when}", lambda model, when=when: seen.append(when))

    MTWord2Vec(pairs(), callbacks=(one for one in [Notes()]), **{**SETTINGS, "epochs": 2})
    assert seen == ["train_begin", *["epoch_begin", "epoch_end"] * 2, "train_end"]
    for wrong, pattern in ((Notes(), "expected a list"), ([print], "number 1"), ([Notes], "is a class"), (3, "int")):
        refuses(lambda wrong=wrong: MTWord2Vec(pairs(), callbacks=wrong, **SETTINGS), f"callbacks.*{pattern}")
        refuses(lambda wrong=wrong: untrained().train(pairs(), callbacks=wrong), f"callbacks.*{pattern}")
    refuses(lambda: MTWord2Vec(callbacks=[Notes()]), "callbacks without a corpus")

    class Adds(Notes):
        def __init__(self):
            super().__init__()
            self.on_epoch_end = lambda model: model.wv.add_vectors(["en:x"], np.ones((1, 12), np.float32))

    refuses(lambda: trained(callbacks=[Adds()]), "'en:x', have no row of contexts")


@row("build_vocab(progress_per=)")
def progress_per(tmp_path):
    model = MTWord2Vec(**SETTINGS)
    model.build_vocab(pairs(), progress_per=5, keep_raw_vocab=False)
    assert len(model.wv)


@row("build_vocab(update=True)")
def update(tmp_path):
    refuses(lambda: trained().build_vocab(pairs(), update=True), "does not take update.*init_vectors")
    refuses(lambda: MTWord2Vec().build_vocab(pairs(), keep_raw_vocab=True), "does not take keep_raw_vocab")


@row("build_vocab_from_freq", "prepare_vocab", "update_weights", "add_null_word", "create_binary_tree")
def vocabularies_without_languages(tmp_path):
    model = trained()
    before = list(model.wv.index_to_key)
    for call in (lambda: model.build_vocab_from_freq({"a": 1}), model.prepare_vocab, model.update_weights,
                 model.add_null_word, model.create_binary_tree,
                 lambda: model.prepare_weights(update=True)):  # fmt: skip
        refuses(call, "would leave rows", NotImplementedError)
    assert model.wv.index_to_key == before


@row("scan_vocab")
def scan_vocab(tmp_path):
    model = trained()
    assert model.scan_vocab([["a", "b", "a"]]) == (3, 1) and model.raw_vocab["a"] == 2
    model.train(pairs())


@row("reset_from")
def reset_from(tmp_path):
    model, other = trained(), MTWord2Vec(**SETTINGS)
    other.reset_from(model)
    assert other.wv.index_to_key == model.wv.index_to_key and (other.wv.vectors != model.wv.vectors)[:-1].any()
    other.train(pairs(), epochs=2)
    assert np.array_equal(other.wv.vectors, model.wv.vectors)  # as if it had read the corpus itself
    refuses(lambda: other.reset_from(Word2Vec([["a"]], min_count=1)), "expected MTWord2Vec")


@row("train(total_examples=, total_words=)", "train(queue_factor=, report_delay=)")
def arguments_of_train(tmp_path):
    first, second = untrained(), untrained()
    first.train(pairs())
    second.train(pairs(), total_examples=3, total_words=9, queue_factor=4, report_delay=0.5, word_count=0)
    assert np.array_equal(first.wv.vectors, second.wv.vectors)
    for wrong in ({"total_examples": "3"}, {"total_words": -1}, {"queue_factor": 0}, {"word_count": 5}, {"epochs": 2.5},
                  {"start_alpha": "0.1"}, {"end_alpha": float("nan")}, {"epochs": True}, {"pretrain_epochs": -1},
                  {"ner_data": "x.iob2"}, {"dev_data": [["a"]]}, {"target_ner_data": 3}, {"corpus_file": "x"},
                  {"compute_loss": "yes"}):  # fmt: skip
        refuses(lambda wrong=wrong: untrained().train(pairs(), **wrong), "expected|does not take")


@row("train(start_alpha=, end_alpha=, epochs=)")
def rates_are_for_the_call(tmp_path):
    model = untrained()
    model.train(pairs(), epochs=1, start_alpha=0.5, end_alpha=0.4)
    assert model.history[-1]["alpha"] == 0.5 and model.min_alpha_yet_reached == 0.4
    assert (model.alpha, model.min_alpha, model.epochs) == (0.025, 1e-4, 2)


@row("get_latest_training_loss")
def losses_grow_over_the_call(tmp_path):
    for kernel in ("shared", "exact", "gensim"):
        seen = []

        class Notes(CallbackAny2Vec):
            def on_epoch_end(self, model, seen=seen):
                seen.append(model.get_latest_training_loss())

        model = trained(kernel=kernel, callbacks=[Notes()])
        parts = [entry["skipgram_loss"] * entry["words"] for entry in model.history]
        np.testing.assert_allclose(seen, np.cumsum(parts), rtol=1e-5)
        assert model.get_latest_training_loss() == seen[-1] > seen[0] > 0
        model.train(pairs(), epochs=1)
        assert 0 < model.get_latest_training_loss() < seen[-1]  # of this call
        model.train(pairs(), epochs=1, compute_loss=False)
        assert model.get_latest_training_loss() == 0
    sentences = [s for _, s, _ in make_pairs()]
    plain = Word2Vec(sentences, sg=1, compute_loss=True, **SETTINGS)
    ours = MTWord2Vec(sentences, kernel="gensim", epochs=5, **SETTINGS)
    assert abs(ours.get_latest_training_loss() / plain.get_latest_training_loss() - 1) < 0.05


@row("train_count", "total_train_time", "corpus_count", "corpus_total_words", "min_alpha_yet_reached")
def attributes(tmp_path):
    model = trained()
    assert model.train_count == 1 and model.total_train_time > 0 and model.corpus_count == len(make_pairs())
    assert model.corpus_total_words == model.wv.expandos["count"].sum()
    assert model.min_alpha_yet_reached == pytest.approx(model.min_alpha)


@row("wv.vectors_lockf")
def locks_are_the_users(tmp_path):
    labels = NERData(
        [source[:4] for _, source, _ in make_pairs()], labels_of([source[:4] for _, source, _ in make_pairs()])
    )
    for kernel in ("shared", "exact", "gensim"):
        for joint in ({}, {"ner_data": labels, "pretrain_epochs": 1}):
            model, free = untrained(kernel=kernel), untrained(kernel=kernel)
            lock = np.ones(len(model.wv), dtype=np.float32)
            fixed, slow = model.wv.key_to_index["zh:安"], model.wv.key_to_index["zh:罗马"]
            lock[fixed], lock[slow] = 0, 1e-3
            fixed_source = model.wv.key_to_index["en:Ann"]
            lock[fixed_source] = 0
            before = model.wv.vectors.copy()
            model.wv.vectors_lockf = lock
            for one in (model, free):
                one.train(pairs(), **joint, epochs=1)
            moved = np.abs(model.wv.vectors - before).max(axis=1)
            assert moved[fixed] == moved[fixed_source] == 0
            assert 0 < moved[slow] < np.abs(free.wv.vectors - before).max(axis=1)[slow]
            assert model.wv.vectors_lockf is lock and lock[fixed] == 0 and lock[slow] == np.float32(1e-3)
    model.save(tmp_path / "model")
    assert np.array_equal(MTWord2Vec.load(tmp_path / "model").wv.vectors_lockf, lock)
    model = untrained()
    model.wv.vectors_lockf = np.zeros(1)  # gensim's kernel would misread float64; it is converted
    before = model.wv.vectors.copy()
    model.train(pairs())
    assert np.array_equal(model.wv.vectors, before)
    for wrong in (np.ones(3, np.float32), [1.0], np.full(1, np.nan), -np.ones(1), np.ones((1, 1))):
        model.wv.vectors_lockf = wrong
        refuses(lambda: model.train(pairs()), "vectors_lockf")
        refuses(lambda: model.save(tmp_path / "other"), "vectors_lockf")


@row("wv.add_vectors", "wv.add_vector", "wv[key] = vector")
def added_words(tmp_path):
    for n in (1, 3, 20_000):
        model = trained()
        model.wv.add_vectors([f"zh:新{i}" for i in range(n)], np.ones((n, 12), dtype=np.float32))
        assert model.wv.most_similar("zh:新0", topn=1)
        for call in (lambda model=model: model.train(pairs()), lambda model=model: model.save(tmp_path / "m")):
            refuses(call, "wv.add_vectors or add_null_word added.*init_vectors=")
        assert not (tmp_path / "m").exists()
        near = model.neighbours("新0", language="zh", topn=len(model.wv))
        assert len(near) == model.source_size and {"Ann", "Rome"} <= {name for name, _ in near}
        assert model.neighbours("Ann", language="en") == trained().neighbours("Ann", language="en")
        assert "新0" not in model.language_vectors("zh").index_to_key
    model = labelled()
    model.wv.add_vectors(["zh:新"], [model.wv["zh:罗马"]])
    assert model.tag([["安", "访问", "新"]], language="zh") == labelled().tag([["安", "访问", "罗马"]], language="zh")
    bigger = MTWord2Vec(pairs(), init_vectors=[model.wv], **SETTINGS)
    assert len(bigger.wv) == len(trained().wv)
    model = trained()
    model.wv["en:Ann"] = np.ones(12, dtype=np.float32)  # a word that is there
    model.train(pairs())


@row("wv.sort_by_descending_frequency")
def sorting(tmp_path):
    model = trained()
    model.wv.sort_by_descending_frequency()
    refuses(lambda: model.train(pairs()), "not in order")


@row("make_cum_table")
def cum_table(tmp_path):
    model = trained()
    model.cum_table = model.cum_table[:3]
    refuses(lambda: model.train(pairs()), "cum_table")
    model.make_cum_table()
    model.train(pairs())


@row("wv.most_similar", "wv.similar_by_key", "wv.similar_by_word", "wv.similar_by_vector", "wv.similarity",
     "wv.doesnt_match", "wv.most_similar(restrict_vocab=)",
     "wv.evaluate_word_pairs", "wv.evaluate_word_analogies", "wv.fill_norms")  # fmt: skip
def lookups(tmp_path):
    model = trained(epochs=4)
    near = [name for name, _ in model.wv.most_similar("en:Ann", topn=3)]
    assert near == [name for name, _ in model.wv.similar_by_key("en:Ann", topn=3)]
    assert near == [name for name, _ in model.wv.similar_by_word("en:Ann", topn=3)]
    assert model.wv.similar_by_vector(model.wv["en:Ann"], topn=1)[0][0] == "en:Ann"
    assert model.wv.similarity("en:Ann", "zh:安") > 0.5
    assert model.wv.doesnt_match(["en:Ann", "zh:安", "en:."]) == "en:."
    model.wv.fill_norms()
    first = model.wv.most_similar("zh:安", restrict_vocab=model.source_size, topn=len(model.wv))
    assert [name[:3] for name, _ in first] == ["en:"] * model.source_size
    rows = model.rows_of("zh")
    mine = model.wv.most_similar("en:Ann", clip_start=rows.start, clip_end=rows.stop, topn=len(model.wv))
    assert [name[:3] for name, _ in mine] == ["zh:"] * model.target_size
    model.train(pairs(), epochs=1)
    model.wv.fill_norms()
    np.testing.assert_allclose(model.wv.norms, np.linalg.norm(model.wv.vectors, axis=1), rtol=1e-6)


@row("wv.intersect_word2vec_format")
def intersect(tmp_path):
    donor, model = trained(), untrained()
    donor.wv.save_word2vec_format(str(tmp_path / "v.txt"))
    model.wv.intersect_word2vec_format(str(tmp_path / "v.txt"), lockf=0.0)
    before = model.wv.vectors.copy()
    model.train(pairs())
    assert np.array_equal(model.wv.vectors, before)


@row("predict_output_word", "score", "init_sims", "seeded_vector", "estimate_memory", "str(model)")
def methods(tmp_path):
    sentences = [source[:4] for _, source, _ in make_pairs()] + [["Zed", "left"]] * 2
    labels = NERData(sentences, labels_of(sentences))
    model = trained(ner_data=labels, pretrain_epochs=2)
    assert model.wv.expandos["count"][model.wv.key_to_index["en:Zed"]] == 0
    found = model.predict_output_word(["en:Ann", "zh:安"], topn=99)
    assert sum(share for _, share in found) == pytest.approx(1)
    assert not {"<oov>", "en:Zed"} & {name for name, _ in found}  # contexts that were never trained
    assert model.predict_output_word(["en:none"]) is None
    refuses(lambda: model.predict_output_word(["en:Ann"], topn=None), "topn=None")
    refuses(lambda: model.score([["en:Ann"]]), "hierarchical softmax", RuntimeError)
    assert model.seeded_vector("a", 12).shape == (12,)
    report = {}
    assert model.estimate_memory(report=report) == report and {"vocab", "vectors", "syn1neg", "total"} <= set(report)
    refuses(lambda: model.estimate_memory(vocab_size="9"), "vocab_size='9'")
    assert str(model) == f"MTWord2Vec<vocab={len(model.wv)}, vector_size=12, alpha=0.025>"
    model.init_sims(replace=True)
    np.testing.assert_allclose(np.linalg.norm(model.wv.vectors, axis=1), 1, rtol=1e-5)


@row("lifecycle_events")
def events(tmp_path):
    assert [event["event"] for event in trained().lifecycle_events] == ["created", "build_vocab", "train"]


@row("save(path)", "load(path, mmap='r')")
def files(tmp_path):
    model = trained()
    refuses(lambda: model.save(tmp_path / "m", separately=[]), "format='gensim' takes those")
    model.save(tmp_path / "pickle", format="gensim", pickle_protocol=4)
    assert np.array_equal(MTWord2Vec.load(tmp_path / "pickle").wv.vectors, model.wv.vectors)
    model.save(tmp_path / "m")
    mapped = MTWord2Vec.load(tmp_path / "m", mmap="r")
    assert mapped.wv.most_similar("en:Ann")
    refuses(lambda: mapped.train(pairs()), "read-only")
    refuses(lambda: MTWord2Vec.load(tmp_path / "m", mmap="r+"), "mmap='r\\+'")
    for array in (model.wv.vectors, model.syn1neg):
        before, array[0, 0] = array[0, 0], np.nan
        refuses(lambda: model.save(tmp_path / "n"), "not saved, as it could not be loaded")
        array[0, 0] = before
    assert not (tmp_path / "n").exists()


@row("wv.save", "wv.save_word2vec_format")
def vectors_are_saved(tmp_path):
    test_gensim.test_vectors_round_trip_through_the_word2vec_formats(pairs(), None, tmp_path, False)


@row("pickle", "copy.deepcopy")
def copies(tmp_path):
    sentences = [source[:4] for _, source, _ in make_pairs()]
    model = trained(ner_data=NERData(sentences, labels_of(sentences)), pretrain_epochs=1)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert other.tagger.vectors is other.wv and other.wv is not model.wv
        assert other.tag(sentences[:9], language="en") == model.tag(sentences[:9], language="en")
        other.train(pairs(), epochs=1)
    assert pickle.loads(pickle.dumps(untrained())).train(pairs())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("check", dict.fromkeys(CONTRACT.values()), ids=lambda check: check.__name__)
def test_gensims_contract(check, tmp_path):
    check(tmp_path)


def test_every_row_of_the_page_has_a_test():
    page = (Path(__file__).parents[2] / "docs" / "gensim.md").read_text(encoding="utf-8")
    first = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    parts = [part.replace('"', "'") for cell in first for part in re.findall("`([^`]+)`", cell)]
    assert sorted(parts) == sorted(CONTRACT)


def test_rates_of_callbacks_hold_from_the_next_call_on():
    class Faster(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            model.alpha = 0.2

    model = trained(callbacks=[Faster()])
    assert np.array_equal(model.wv.vectors, trained().wv.vectors)
    before, other = copy.deepcopy(model), copy.deepcopy(model)
    before.alpha = trained().alpha
    for one in (before, other):
        one.train(pairs(), epochs=1)
    assert not np.array_equal(before.wv.vectors, other.wv.vectors)
