"""One call of training after another: what a call is refused for leaves nothing, what it changes is what it says."""

import os
import signal

import numpy as np
import pytest
from conftest import assert_same_model, labels_of, make_pairs
from gensim.models.callbacks import CallbackAny2Vec

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.model.checkpoint import Labels, TrainingInterrupted, checksums
from gensim_mtner.taggers.unigram import UnigramTagger

SMALL = {"vector_size": 16, "window": 4, "workers": 1, "min_count": 1, "sample": 1e-2, "pretrain_epochs": 2,
         "epochs": 2, "batch_words": 400, "progress": False, "seed": 5}  # fmt: skip
PLAIN = SMALL | {"silver_tokens": 0, "self_training_tokens": 0}
PAIRS = make_pairs(60)
SENTENCES = [source[:4] for _, source, _ in PAIRS]
OTHERS = {"PER": "LOC", "LOC": "PER"}


def corpus_of(pairs=PAIRS, source="en", target="zh"):
    return ComparableCorpus(pairs, source=source, target=target)


@pytest.fixture
def labels():
    return NERData(SENTENCES, labels_of(SENTENCES))


class Stop(CallbackAny2Vec):
    """Ends training as Ctrl-C does, when an epoch begins or ends."""

    def __init__(self, epochs, hook="on_epoch_end"):
        self.left, self.hook = epochs, hook

    def _count(self, hook):
        if hook == self.hook:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt

    def on_epoch_begin(self, model):
        self._count("on_epoch_begin")

    def on_epoch_end(self, model):
        self._count("on_epoch_end")


# -- what is refused leaves no trace


def test_a_vocabulary_that_fails_leaves_no_languages():
    model = MTWord2Vec(**SMALL | {"min_count": 10**6})
    with pytest.raises(ValueError, match="leaves no word of"):
        model.build_vocab(corpus_of())
    model.min_count = 1
    model.build_vocab(corpus_of(PAIRS, "en", "de"))
    assert model.target == "de"


def test_a_model_without_languages_gets_none_by_training(tmp_path):
    lists = [source + target for _, source, target in PAIRS]
    model = MTWord2Vec(lists, **SMALL)
    with pytest.raises(ValueError, match=r"the corpus has \('en', 'zh'\), but the model has \(None, None\)"):
        model.train(corpus_of())
    model.train(lists)
    model.save(tmp_path / "model")


def test_labels_with_other_types_are_refused_before_the_corpus_is_read(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    before = model.wv.vectors.copy(), len(model.history), model.source_rate
    renamed = NERData(labels.sentences, labels.tags, types={"LOC": "GPE"})
    with pytest.raises(ValueError, match="tags B-GPE, I-GPE are not among the tagger's"):
        model.train(corpus_of(lambda: pytest.fail("read")), ner_data=renamed, pretrain_epochs=3)
    assert (model.wv.vectors == before[0]).all() and (len(model.history), model.source_rate) == before[1:]


@pytest.mark.parametrize(
    ("tags", "types", "said"),
    [(lambda rows: [["O"] * len(row) for row in rows], None, "dev_data has no entity where ner_data has LOC, PER"),
     (labels_of, {"PER": "PERSON", "LOC": "CITY"}, "dev_data has CITY, PERSON where ner_data has LOC, PER")],
)  # fmt: skip
def test_dev_data_that_says_nothing_is_refused(labels, tags, types, said):
    dev = NERData(SENTENCES, tags(SENTENCES), types=types)
    with pytest.raises(ValueError, match=said):
        MTWord2Vec(corpus_of(lambda: pytest.fail("read")), ner_data=labels, dev_data=dev, **PLAIN)


@pytest.mark.parametrize(
    ("name", "value"), [("mode", "xyz"), ("kernel", "fast"), ("merge", "foo"), ("tagger_kind", "rules")]
)
def test_settings_that_are_none_are_neither_trained_with_nor_saved(labels, tmp_path, name, value):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    setattr(model, name, value)
    for work in (lambda: model.train(corpus_of(), ner_data=labels), lambda: model.save(tmp_path / "model")):
        with pytest.raises(ValueError, match=f"{name.removesuffix('_kind')}='{value}': expected one of"):
            work()
    assert not list(tmp_path.iterdir())


def test_a_tagger_of_another_kind_is_noticed(labels, tmp_path):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    model.tagger_kind = "lstm-crf"
    for work in (lambda: model.train(corpus_of(), ner_data=labels), lambda: model.save(tmp_path / "model")):
        with pytest.raises(ValueError, match="tagger is UnigramTagger, but tagger_kind='lstm-crf'"):
            work()
    model.tagger_kind, model.tagger.unknown = "unigram", "bad"
    with pytest.raises(ValueError, match="unknown='bad'"):
        model.save(tmp_path / "model")


@pytest.mark.parametrize("changes", [{"mode": "baseline"}, {"ner_weight": 0.0}])
def test_labels_with_other_types_are_taken_where_the_tagger_begins_anew_or_is_not_asked(labels, changes):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    for name, value in changes.items():
        setattr(model, name, value)
    renamed = NERData(labels.sentences, labels.tags, types={"LOC": "GPE"})
    model.train(corpus_of(), ner_data=renamed)
    assert ("B-GPE" in model.tagger.classes_) == ("mode" in changes)


def test_another_length_of_vectors_is_refused(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    model.unit_length = False
    with pytest.raises(ValueError, match="unit_length=False, but the tagger was trained with True"):
        model.train(corpus_of(), ner_data=labels)


def test_what_ends_before_anything_is_made_costs_no_tagger(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **SMALL | {"silver_tokens": 400, "self_training_tokens": 400})

    class Fails(CallbackAny2Vec):
        def on_train_begin(self, model):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.train(corpus_of(), ner_data=labels, epochs=0, callbacks=[Fails()])
    assert hasattr(model, "source_tagger") and hasattr(model, "target_tagger")


def test_token_lists_of_two_languages_have_all_that_pairs_have(labels):
    """Merged in turn, source first, so that each language has its sentences in their order."""
    lists = [[f"en:{word}" for word in source] + [f"zh:{word}" for word in target] for _, source, target in PAIRS]
    settings = SMALL | {"silver_tokens": 10**6, "self_training_tokens": 10**6, "merge": "concat", "source": "en"}
    model = MTWord2Vec(lists, target="zh", ner_data=labels, **settings)
    twin = MTWord2Vec(corpus_of(), target="zh", ner_data=labels, **settings)
    for name in ("source_tagger", "target_tagger"):
        assert list(getattr(model, name).classes_) == list(getattr(twin, name).classes_)
    np.testing.assert_array_equal(model.source_tagger.coef_, twin.source_tagger.coef_)


# -- what is made anew does not depend on what was there


def test_own_taggers_that_a_run_does_not_make_anew_are_gone(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **SMALL | {"silver_tokens": 400, "self_training_tokens": 400})
    assert hasattr(model, "source_tagger") and hasattr(model, "target_tagger")
    model.silver_tokens = model.self_training_tokens = 0
    model.train(corpus_of(), ner_data=NERData(labels.sentences, labels.tags, types=OTHERS), epochs=3)
    assert not {"source_tagger", "target_tagger", "target_letter_tagger", "target_agreement"} & set(vars(model))
    sentence = [["安", "访问", "罗马"]]
    assert model.tag(sentence, language="zh") == model.tag(sentence, language="zh", by="vectors")


def test_the_shift_of_o_is_for_the_vectors_that_it_was_made_for(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    twin = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    assert model.calibrate(rate=0.01) > 0
    for one in (model, twin):
        one.train(corpus_of(), ner_data=labels)
    assert model.tagger.outside_shift_ == 0 and model.entity_rate() == twin.entity_rate() > 0


def test_settings_that_were_changed_reach_the_tagger(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    model.dropout, model.ner_batch_size, model.ner_alpha, model.seed = 0.0, 4, 0.5, 7
    model.train(corpus_of(), ner_data=labels, epochs=1)
    assert model.tagger.alpha == 0.5
    model.ner_alpha = None
    model.train(corpus_of(), ner_data=labels, epochs=1)
    found = model.tagger.get_params()
    assert {name: found[name] for name in ("dropout", "batch_size", "alpha", "random_state")} == {
        "dropout": 0.0, "batch_size": 4, "alpha": 0.1, "random_state": 7}  # fmt: skip


@pytest.mark.parametrize(("mode", "dropout"), [("hfj", 0.3), ("fj", 0.3), ("ner", 0.3), ("baseline", 0.05)])
def test_dropout_is_the_papers_where_the_tagger_moves_vectors(labels, mode, dropout):
    by_default, said = (MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN | {"mode": mode} | more)
                        for more in ({}, {"dropout": dropout}))  # fmt: skip
    assert by_default.tagger.dropout == dropout and by_default.dropout is None
    assert np.array_equal(by_default.tagger.coef_, said.tagger.coef_)


def test_gensims_draws_begin_anew_with_the_vocabulary():
    model = MTWord2Vec(corpus_of(), kernel="gensim", **SMALL)
    twin = MTWord2Vec(corpus_of(), kernel="gensim", **SMALL)
    model.build_vocab(corpus_of())
    model.train(corpus_of())
    assert_same_model(model, twin)


# -- after an interruption


def test_norms_are_not_those_of_before_an_interruption(labels):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN)
    model.wv.fill_norms()
    with pytest.raises(KeyboardInterrupt):
        model.train(corpus_of(), ner_data=labels, callbacks=[Stop(1)])
    model.wv.fill_norms()
    np.testing.assert_allclose(model.wv.norms, np.linalg.norm(model.wv.vectors, axis=1), rtol=1e-6)


def test_no_second_pretraining_once_the_joint_phase_has_begun(labels):
    model = MTWord2Vec(**PLAIN)
    model.build_vocab(corpus_of(), ner_data=labels)
    with pytest.raises(KeyboardInterrupt):
        model.train(corpus_of(), ner_data=labels, callbacks=[Stop(3)])
    model.train(corpus_of(), ner_data=labels, epochs=1)
    assert [entry["phase"] for entry in model.history] == ["pretraining", "pretraining", "hfj", "hfj"]


# -- what is told


def test_the_loss_of_gensims_kernel_is_that_of_all_words():
    losses = {}
    for times in (1, 100):
        text = corpus_of([(f"{at}-{name}", *sides) for at in range(times) for name, *sides in PAIRS]).encode()
        model = MTWord2Vec(text, kernel="gensim", alpha=1e-9, min_alpha=1e-9, **SMALL | {"epochs": 1})
        losses[times] = model.history[-1]["skipgram_loss"]
    assert losses[100] == pytest.approx(losses[1], rel=0.05)  # at such a rate nothing is learnt


def test_updates_that_are_used_up_are_told_of(labels, caplog):
    model = MTWord2Vec(corpus_of(), ner_data=labels, max_updates=1, **PLAIN)
    model.train(corpus_of(), ner_data=labels)
    assert "max_updates=1 reached: stopping before epoch 1" in [
        record.message for record in caplog.records if record.levelname == "WARNING"
    ]


def test_weights_of_a_dictionary_are_compared_when_training_goes_on():
    text, pairs = corpus_of().encode(), [("a", "b"), ("a", "c")]
    sums = [
        checksums(text, Labels(dictionary=BilingualDictionary(pairs, weights=weights)))["dictionary"]
        for weights in ([0.9, 0.1], [0.1, 0.9], None)
    ]
    assert len(set(sums)) == 3


# -- the tagger from one call to the next


@pytest.fixture
def drawn(monkeypatch):
    """The order of sentences of each turn of the tagger."""
    orders = []
    update = UnigramTagger.update

    def noted(self, vectors, data, order, **settings):
        orders.append((settings["epoch"], order.tolist()))
        return update(self, vectors, data, order, **settings)

    monkeypatch.setattr(UnigramTagger, "update", noted)
    return orders


def test_each_call_draws_anew(labels, drawn, tmp_path):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN | {"ner_warmup": 2, "epochs": 1})
    model.train(corpus_of(), ner_data=labels, epochs=1)
    model.save(tmp_path / "model")
    MTWord2Vec.load(tmp_path / "model").train(corpus_of(), ner_data=labels, epochs=1)
    assert [epoch for epoch, _ in drawn] == [1, 2, 3, 4, 5]
    assert len({tuple(order) for _, order in drawn}) == 5


def test_what_is_interrupted_in_the_warm_up_begins_there_again(labels, monkeypatch):
    whole = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN | {"ner_warmup": 5})
    model = MTWord2Vec(source="en", target="zh", **PLAIN | {"ner_warmup": 5})
    model.build_vocab(corpus_of(), ner_data=labels)
    update = UnigramTagger.update

    def interrupted(self, *given, epoch, **settings):
        if epoch == 2:
            raise KeyboardInterrupt
        return update(self, *given, epoch=epoch, **settings)

    monkeypatch.setattr(UnigramTagger, "update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.train(corpus_of(), ner_data=labels)
    monkeypatch.undo()
    assert not hasattr(model.tagger, "classes_")
    model.train(corpus_of(), ner_data=labels)
    assert [entry["phase"] for entry in model.history] == [entry["phase"] for entry in whole.history]
    assert (model.wv.vectors == whole.wv.vectors).all() and (model.tagger.coef_ == whole.tagger.coef_).all()


@pytest.mark.parametrize("mode", ["hfj", "baseline"])
@pytest.mark.parametrize("pretrain_epochs", [0, 1])
def test_a_signal_while_the_tagger_is_trained_alone_does_not_wait_for_its_end(
    labels, drawn, tmp_path, monkeypatch, mode, pretrain_epochs
):
    settings = PLAIN | {"ner_warmup": 30, "mode": mode, "pretrain_epochs": pretrain_epochs}
    whole = MTWord2Vec(corpus_of(), ner_data=labels, **settings)
    drawn.clear()
    noted = UnigramTagger.update

    def signalled(self, *given, **settings):
        if len(drawn) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return noted(self, *given, **settings)

    monkeypatch.setattr(UnigramTagger, "update", signalled)
    with pytest.raises(TrainingInterrupted, match="is whole: go on"):
        MTWord2Vec(corpus_of(), ner_data=labels, checkpoint=tmp_path / "state", **settings)
    assert len(drawn) <= 3
    monkeypatch.undo()
    assert_same_model(MTWord2Vec.resume(tmp_path / "state", corpus_of(), labels), whole)


@pytest.mark.parametrize("mode", ["hfj", "baseline"])
def test_a_tagger_that_diverges_is_told_of(labels, mode):
    with pytest.raises(FloatingPointError, match=r"training diverged.*lower ner_vector_alpha, ner_alpha"):
        MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN | {"ner_alpha": 1e38, "mode": mode})


def test_a_baseline_that_diverges_leaves_what_was_there(labels, tmp_path):
    model = MTWord2Vec(corpus_of(), ner_data=labels, **PLAIN | {"mode": "baseline"})
    before, model.ner_alpha = model.tagger.coef_, 1e38
    with pytest.raises(FloatingPointError):
        model.train(corpus_of(), ner_data=labels, checkpoint=tmp_path / "state")
    assert model.tagger.coef_ is before
    model.ner_alpha = None
    model.train(corpus_of(), ner_data=labels, checkpoint=tmp_path / "state")
    model.save(tmp_path / "model")


def test_contexts_that_diverge_are_told_of():
    with pytest.raises(FloatingPointError, match="training diverged"):
        MTWord2Vec(corpus_of(), **SMALL | {"alpha": 1e5})
