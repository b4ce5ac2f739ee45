"""Silver labels of the source side, and the target's own tagger."""

import numpy as np
import pytest
from conftest import PEOPLE, PLACES, labels_of, make_pairs, sign
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData, UnigramTagger
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.model.arguments import OWN_TAGGERS
from gensim_mtner.model.samples import sample_sentences
from gensim_mtner.model.self_training import self_train
from gensim_mtner.taggers import sequence
from gensim_mtner.taggers.pool import Weights, tag_together
from gensim_mtner.taggers.words import number_words
from gensim_mtner.text.encoded import LONGEST

SMALL = {"vector_size": 24, "window": 4, "workers": 1, "sample": 0, "pretrain_epochs": 6, "epochs": 2}

HALF = NERData([["Ann", "saw", "Rome", "."]], [["B-PER", "O", "B-LOC", "O"]])  # of its tokens are in names


@pytest.fixture(scope="module")
def small():
    pairs = make_pairs()
    sentences = [pair[1][:4] for pair in pairs]
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    return corpus, NERData(sentences, labels_of(sentences))


@pytest.fixture(scope="module")
def model(small):
    corpus, labels = small
    return MTWord2Vec(corpus, ner_data=labels, **SMALL)


@given(st.integers(1, 4000), st.integers(0, 50), st.integers(0, 1))
def test_samples_are_sentences_of_their_side_and_about_as_many_as_asked(n, seed, side):
    text = TEXT
    drawn = sample_sentences(text, side, n, seed)
    assert drawn == sample_sentences(text, side, n, seed)
    sentences = {tuple(pair[1 + side][start : start + 4]) for pair in make_pairs() for start in range(0, 24, 4)}
    assert all(tuple(sentence) in sentences for sentence in drawn)
    expected = min(n, 120 * 24)
    assert abs(sum(map(len, drawn)) - expected) <= 5 * np.sqrt(4 * expected) + 4  # five standard deviations


TEXT = ComparableCorpus(make_pairs(), source="en", target="zh").encode()


def test_a_sentence_that_does_not_end_is_cut():
    text = ComparableCorpus([(["a"] * 250, ["b", "."])], source="en", target="zh").encode()
    assert [len(sentence) for sentence in sample_sentences(text, 0, 10**6, 1)] == [LONGEST, LONGEST, 50]


def test_joint_modes_have_taggers_of_both_languages_and_others_have_none(small, model):
    corpus, labels = small
    assert set(dict.fromkeys(tag for row in model.tag([["Ann", "saw", "Rome"]], language="en") for tag in row)) == {
        "B-PER", "O", "B-LOC",
    }  # fmt: skip
    baseline = MTWord2Vec(corpus, ner_data=labels, mode="baseline", **SMALL)
    assert not hasattr(baseline, "target_tagger") and not hasattr(baseline, "source_tagger")
    with pytest.raises(RuntimeError, match="self_training_tokens above 0"):
        baseline.tag([["安"]], language="zh", by="sequence")
    both = MTWord2Vec(corpus, ner_data=labels, mode="baseline", silver_tokens=9, self_training_tokens=500, **SMALL)
    assert hasattr(both, "target_tagger")
    off = MTWord2Vec(corpus, ner_data=labels, silver_tokens=0, self_training_tokens=0, **SMALL)
    assert off.tag([["安"]], language="zh") == off.tag([["安"]], language="zh", by="vectors")
    with pytest.raises(ValueError, match="by='letters'"):
        off.tag([["安"]], language="zh", by="letters")


def test_the_targets_tagger_finds_names_that_have_no_vector(model):
    sentences = [[who, what, where, "。"] for who, what, where in
                 (("佐伊", "访问", "波恩"), ("阿里", "看见", "首尔"), ("汤姆", "喜欢", "河内"))]  # fmt: skip
    gold = NERData(sentences, [["B-PER", "O", "B-LOC", "O"]] * 3)
    assert not any(model.tagger.rows(row, "zh")[0] >= 0 for row in sentences)
    assert model.evaluate(gold, language="zh", by="vectors").recall == 0
    assert model.evaluate(gold, language="zh").recall > 50


def test_self_training_leaves_the_teacher_as_it_was_and_needs_a_certain_name(model):
    state = {name: array.copy() for name, array in model.tagger.state().items()}
    shift = model.tagger.outside_shift_
    sentences = [pair[2][:4] for pair in make_pairs(20)]
    arguments = {"language": "zh", "source": HALF}
    model.tagger.unknown = "O"
    assert len(self_train(model.tagger, sentences, **arguments)) == 1
    assert [tagger.features for tagger in self_train(model.tagger, sentences, letters=True, **arguments)][
        1
    ] == "letters"
    assert model.tagger.outside_shift_ == shift
    for name, array in model.tagger.state().items():
        np.testing.assert_array_equal(array, state[name])
    assert self_train(model.tagger, [["无", "人", "认识"]] * 5, **arguments) == []


def test_little_text_is_learnt_from_by_one_thread_to_the_same_bits(model):
    sentences = [pair[2][:4] for pair in make_pairs(20)]
    arguments = {"language": "zh", "source": HALF, "letters": True}
    alone, together = (self_train(model.tagger, sentences, workers=n, **arguments) for n in (1, 2))
    for one, other in zip(alone, together, strict=True):
        for name, array in one.state().items():
            np.testing.assert_array_equal(array, other.state()[name])


@pytest.mark.parametrize("loss", ["token", "sequence"])
def test_several_threads_teach_what_one_does(model, loss, monkeypatch):
    monkeypatch.setattr(sequence, "SHARE", 20)
    sentences = [pair[2][:4] for pair in make_pairs(200)]
    arguments = {"language": "zh", "source": HALF, "letters": True, "loss": loss}
    alone, together = (self_train(model.tagger, sentences, workers=n, **arguments) for n in (1, 3))
    for one, other in zip(alone, together, strict=True):
        assert score_entities(one.predict(sentences), other.predict(sentences)).f1 > 97
        assert any((array != other.state()[name]).any() for name, array in one.state().items())


def test_names_beyond_the_sources_share_are_not_taken_back(model, small):
    # half of the words are names, whatever the rate asks for
    sentences = [pair[2][:4] for pair in make_pairs(50)]
    few = NERData([["Ann", "saw", "Rome", ".", *["saw"] * 196]], [["B-PER", "O", "B-LOC", *["O"] * 197]])
    (low,), (high,) = (self_train(model.tagger, sentences, language="zh", source=source) for source in (few, HALF))
    assert low.predict(sentences) == high.predict(sentences)
    assert any(tag != "O" for row in low.predict(sentences) for tag in row)


def test_silver_labels_reach_names_that_the_labels_do_not_have(small):
    corpus, _ = small
    # labels know two people only; the sentences of the corpus have more
    rows = [pair[1][:4] for pair in make_pairs() if pair[1][0] in ("Ann", "Bob")]
    few = NERData(rows, labels_of(rows))
    found = {}
    for tokens in (0, 10**6):
        model = MTWord2Vec(corpus, ner_data=few, silver_tokens=tokens, translate_probability=0.0, **SMALL)
        others = [[name] for name, _ in PEOPLE[2:]]
        found[tokens] = sum(tags == ["B-PER"] for tags in model.tag(others, language="en", by="vectors"))
    assert found[10**6] == len(PEOPLE) - 2 >= found[0]


def test_all_taggers_are_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "model")
    again = MTWord2Vec.load(tmp_path / "model")
    for language, words in (("en", [n for n, _ in PEOPLE]), ("zh", [n for _, n in PLACES])):
        rows = [[word, "某"] for word in words]
        assert again.tag(rows, language=language) == model.tag(rows, language=language)
    for name in OWN_TAGGERS:
        assert getattr(again, name).get_params() == getattr(model, name).get_params()
        np.testing.assert_array_equal(getattr(again, name).coef_, getattr(model, name).coef_)
    (tmp_path / "model" / "target_tagger.coef.npy").unlink()
    with pytest.raises(ValueError, match=r"target_tagger\.coef\.npy"):
        MTWord2Vec.load(tmp_path / "model", verify=False)


def test_what_cannot_be_is_refused(small):
    corpus, labels = small
    with pytest.raises(ValueError, match="silver_tokens=-1"):
        MTWord2Vec(silver_tokens=-1)
    with pytest.raises(ValueError, match=r"self_training_tokens=0\.5"):
        MTWord2Vec(self_training_tokens=0.5)
    pytest.importorskip("torch", reason="pip install 'gensim-mtner[torch]'")
    with pytest.raises(ValueError, match="need tagger='unigram'"):
        MTWord2Vec(corpus, ner_data=labels, tagger="lstm-crf", silver_tokens=5, **SMALL)


def test_few_target_labels_are_learnt_besides(small):
    corpus, labels = small
    # a name that no other sentence has, beside a word that the vectors know as no name
    few = NERData([["佐伊", "离开", "首都", "。"]] * 3, [["B-PER", "O", "B-ORG", "O"]] * 3)
    model = MTWord2Vec(corpus, ner_data=labels, target_ner_data=few, **SMALL)
    assert model.tag([["佐伊", "离开", "首都", "。"]], language="zh") == [["B-PER", "O", "B-ORG", "O"]]
    assert model.tag([["安", "访问", "罗马", "。"]], language="zh") == [["B-PER", "O", "B-LOC", "O"]]
    for settings in ({"mode": "baseline"}, {"self_training_tokens": 0}):
        with pytest.raises(ValueError, match="target_ner_data needs"):
            MTWord2Vec(corpus, ner_data=labels, target_ner_data=few, **settings, **SMALL)


def test_real_text_of_another_domain(shared_data):
    """Comparable text and gold labels, cut down for speed: the target's own tagger is well above the vectors'."""
    corpus = ComparableCorpus.from_jsonl(shared_data / "news-xquad.en-zh.jsonl", source="en", target="zh",
                                         on_missing="skip")  # fmt: skip
    labels = NERData.from_iob2(shared_data / "en_wikigold.iob2.gz")
    test = NERData.from_iob2(shared_data / "zh_gsdsimp-ud-dev.iob2")
    model = MTWord2Vec(corpus, ner_data=labels, vector_size=64, workers=2, pretrain_epochs=8, epochs=4)
    own, vectors = (model.evaluate(test, language="zh", by=by).f1 for by in (None, "vectors"))
    assert own > 15 and own > vectors + 3
    assert isinstance(model.tagger, UnigramTagger) and model.tagger.outside_shift_ == 0


def test_all_taggers_are_asked_and_words_without_a_vector_are_left_to_some(model):
    sentences = [["安", "访问", "罗马", "。"], ["佐伊", "喜欢", "某地", "。"]]
    own, letters, vectors = model.target_tagger, model.target_letter_tagger, model.tagger
    halves = [
        (np.exp(one) + np.exp(other)) / 2
        for one, other in zip(own.predict_log_proba(sentences), letters.predict_log_proba(sentences), strict=True)
    ]
    alone, wanted = [], []
    model.target_agreement = 89.9
    outside = np.where(own.classes_ == "O", 0.5, 1)  # names are found that are likelier than a third
    for sentence, half in zip(sentences, halves, strict=True):
        alone += own.decode(number_words([sentence]), np.log(half * outside))
        for place, word in enumerate(sentence):
            if f"zh:{word}" in model.wv.key_to_index:
                scores = vectors.decision_function([[word]], language="zh")[0][0]
                theirs = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
                for column, name in enumerate(own.classes_):
                    share = theirs[list(vectors.classes_).index(name)]
                    half[place, column] = half[place, column] * 2 / 3 + share / 3
        wanted += own.decode(number_words([sentence]), np.log(half * outside))
    assert model.tag(sentences, language="zh") == model.tag(sentences, language="zh", by="both") == wanted
    assert model.tag(sentences, language="zh", by="sequence") == alone
    assert model.tag([], language="zh") == [] and model.tag([[]], language="zh") == [[]]


def test_target_labels_that_were_changed_since_they_were_checked_are_refused(small):
    corpus, labels = small
    changed = NERData([["安", "访问", "罗马"]] * 3, [["B-PER", "O", "B-LOC"]] * 3)
    changed.tags[1] = ["B-PER", "I-LOC", "O"]
    with pytest.raises(ValueError, match="sentence 2, token 2"):
        MTWord2Vec(corpus, ner_data=labels, target_ner_data=changed, **SMALL)
    with pytest.raises(ValueError, match="dev_data has been changed since it was made: sentence 2, token 2"):
        MTWord2Vec(corpus, ner_data=labels, dev_data=changed, **SMALL)


@pytest.mark.parametrize("name", ["ner_data", "target_ner_data", "dev_data"])
@pytest.mark.parametrize("what, message", [("tags", "3 tokens, but 2 tags"), ("sentences", "2 tokens, but 3 tags")])
def test_labels_whose_lengths_were_changed_are_refused_with_their_place(small, name, what, message):
    corpus, labels = small
    changed = NERData([["安", "访问", "罗马"]] * 3, [["B-PER", "O", "B-LOC"]] * 3)
    getattr(changed, what)[1] = getattr(changed, what)[1][:2]
    with pytest.raises(ValueError, match=f"^{name} has been changed since it was made: sentence 2 has {message}"):
        MTWord2Vec(corpus, **{"ner_data": labels, name: changed}, **SMALL)


def test_letters_are_tagged_where_words_are_not_separated_only(model, small):
    assert hasattr(model, "target_letter_tagger")
    _, labels = small
    spaced = [(n, s, [chr(0xAC00 + ord(word[0]) % 5000) for word in t]) for n, s, t in make_pairs()]
    other = MTWord2Vec(ComparableCorpus(spaced, source="en", target="ko"), ner_data=labels, **SMALL)
    assert hasattr(other, "target_tagger") and not hasattr(other, "target_letter_tagger")


def test_a_tagger_of_letters_whose_columns_were_others_is_left_out(model, tmp_path, caplog):
    model.save(tmp_path / "model")
    assert hasattr(MTWord2Vec.load(tmp_path / "model"), "target_letter_tagger")
    sign(tmp_path / "model", lambda manifest: manifest.update(version=3))
    old = MTWord2Vec.load(tmp_path / "model")
    assert hasattr(old, "target_tagger") and not hasattr(old, "target_letter_tagger")
    assert "its tagger of letters was trained by an older release" in caplog.text
    assert old.tag([["安", "访问", "罗马", "。"]], language="zh")


def test_a_lower_weight_of_outside_finds_more(model):
    rows = [["某", "访问", "某地", "。"], ["佐伊", "某"]]
    asked = [model.target_tagger, model.target_letter_tagger], model.tagger, rows, "zh"
    found = [sum(tag != "O" for row in tag_together(*asked, weights=Weights(outside=weight)) for tag in row)
             for weight in (1e30, 1.0, 0.5, 1e-6)]  # fmt: skip
    assert found == sorted(found) and found[0] == 0 and found[-1] > 0


def test_where_the_taggers_agree_the_vectors_decide(model, tmp_path):
    sentences = [["安", "访问", "罗马", "。"], ["佐伊", "喜欢", "某地", "。"]]
    own = [model.target_tagger, model.target_letter_tagger]
    for agreement, weights in ((0.0, Weights(1 / 3, 0.5)), (90.0, Weights(1.0, 1.0))):
        model.target_agreement = agreement
        wanted = tag_together(own, model.tagger, sentences, "zh", weights=weights)
        assert model.tag(sentences, language="zh") == wanted
    model.save(tmp_path / "model")
    assert MTWord2Vec.load(tmp_path / "model").target_agreement == 90


def test_agreement_is_that_of_the_two_taggers_on_the_corpus(small):
    corpus, labels = small
    model = MTWord2Vec(corpus, ner_data=labels, **SMALL)
    rows = [pair[2][at : at + 4] for pair in make_pairs() for at in range(0, 24, 4)]
    gold = NERData(rows, model.tag(rows, language="zh", by="vectors"))
    own = NERData(rows, model.target_tagger.predict(rows))
    assert model.target_agreement == pytest.approx(score_entities(own.tags, gold.tags).f1)
    assert model.target_agreement > 50
