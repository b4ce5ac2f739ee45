"""LSTM-CRF: the CRF against brute force, decoding, training, joint training."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="pip install 'gensim-mtner[torch]'")

from gensim.models import KeyedVectors  # noqa: E402

from gensim_mtner import MTWord2Vec  # noqa: E402
from gensim_mtner.labels.schemes import TagError, to_iob2  # noqa: E402
from gensim_mtner.taggers.lstm_crf import LinearChainCRF, LSTMCRFTagger  # noqa: E402

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
SMALL = {"vector_size": 16, "window": 6, "min_count": 1, "sample": 0, "workers": 1, "seed": 3}


def valid(path):
    try:
        to_iob2([TAGS[i] for i in path], "IOB2")
    except TagError:
        return False
    return True


def random_crf(seed):
    torch.manual_seed(seed)
    crf = LinearChainCRF(TAGS).double()
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.normal_()
    return crf


def score(crf, emissions, path):
    total = crf.start[path[0]] + crf.end[path[-1]] + sum(emissions[t, y] for t, y in enumerate(path))
    return (total + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path))).item()


@pytest.mark.parametrize("seed", range(4))
def test_log_likelihood_and_decoding_equal_brute_force(seed):
    crf = random_crf(seed)
    lengths = [4, 1, 3]
    emissions = torch.randn(3, 4, len(TAGS), dtype=torch.float64)
    tags = torch.tensor([[1, 2, 0, 3], [3, 0, 0, 0], [0, 1, 2, 0]])
    mask = torch.arange(4) < torch.tensor(lengths)[:, None]
    ours = crf.log_likelihood(emissions, tags, mask)
    for i, length in enumerate(lengths):
        paths = [path for path in itertools.product(range(len(TAGS)), repeat=length) if valid(path)]
        scores = {path: score(crf, emissions[i], path) for path in paths}
        total = np.logaddexp.reduce(list(scores.values()))
        assert float(ours[i].detach()) == pytest.approx(scores[tuple(tags[i, :length].tolist())] - total, abs=1e-9)
        assert tuple(crf.decode(emissions[i, :length].detach())) == max(scores, key=scores.get)


def test_gradient_of_the_log_likelihood():
    crf = random_crf(1)
    tags, mask = torch.tensor([[1, 2, 0]]), torch.ones(1, 3, dtype=torch.bool)
    emissions = torch.randn(1, 3, len(TAGS), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda e: crf.log_likelihood(e, tags, mask), emissions)


def test_it_learns_what_one_word_does_not_tell(ner_data):
    """The same word is of either type by its neighbour."""
    from gensim.models import Word2Vec

    sentences = [["in", "Sydney", "."], ["Mr", "Sydney", "."]] * 40
    tags = [["O", "B-LOC", "O"], ["O", "B-PER", "O"]] * 40
    vectors = Word2Vec(sentences, vector_size=8, min_count=1, workers=1).wv
    tagger = LSTMCRFTagger(vectors, max_iter=30, dropout=0.0, alpha=0.02).fit(sentences, tags)
    assert tagger.predict(sentences[:2]) == tags[:2]
    assert tagger.losses_[-1] < tagger.losses_[0]
    assert tagger.predict([["Sydney", "nobody"], []])[0][1] == "O" and tagger.predict([]) == []


def test_a_seed_gives_the_same_bits(ner_data, corpus):
    wv = MTWord2Vec(corpus, epochs=1, source="en", target="zh", **SMALL).wv
    fits = [LSTMCRFTagger(wv, language="en", max_iter=2).fit(ner_data.sentences, ner_data.tags) for _ in range(2)]
    for one, other in zip(*(fit.network_.parameters() for fit in fits), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("mode", ["baseline", "fj", "hfj"])
def test_it_takes_the_unigram_taggers_place(corpus, ner_data, target_data, mode, tmp_path):
    model = MTWord2Vec(corpus, ner_data=ner_data, mode=mode, tagger="lstm-crf", pretrain_epochs=8, epochs=4, **SMALL)
    assert isinstance(model.tagger, LSTMCRFTagger)
    assert model.evaluate(ner_data, language="en").f1 > 90
    assert model.evaluate(target_data, language="zh").f1 > 40
    model.save(tmp_path / "model")
    loaded = MTWord2Vec.load(tmp_path / "model")
    assert loaded.tag(target_data.sentences, language="zh") == model.tag(target_data.sentences, language="zh")


def test_joint_steps_move_only_rows_of_labelled_words_and_their_translations(corpus, ner_data):
    model = MTWord2Vec(corpus, epochs=1, source="en", target="zh", **SMALL)
    tagger = LSTMCRFTagger(model.wv, language="en", translate_probability=0.0)
    tagger.start(ner_data.tag_names, model.vector_size)
    data = tagger.encode(ner_data, model.wv)
    before = model.wv.vectors.copy()
    tagger.update(model.wv.vectors, data, np.arange(len(data)), vector_alpha=0.1)
    moved = set(np.flatnonzero((model.wv.vectors != before).any(axis=1)))
    assert moved and moved <= {*data.rows.tolist(), model.wv.key_to_index["<oov>"]}


def test_a_name_of_which_only_the_end_has_a_vector_is_learnt():
    vectors = KeyedVectors(4)
    vectors.add_vectors(["Ray", "met", "old"], np.eye(3, 4, dtype=np.float32))
    tagger = LSTMCRFTagger(vectors, max_iter=60, random_state=1)
    tagger.fit([["Bob", "Ray", "met", "old", "Ray"]] * 20, [["B-PER", "I-PER", "O", "O", "B-PER"]] * 20)
    assert tagger.losses_[0] < 100 and tagger.losses_[-1] < 0.1


def test_each_part_of_a_pass_draws_anew(corpus, ner_data, monkeypatch):
    states = []
    replaced = LSTMCRFTagger._replaced

    def noted(self, data, places, random):
        states.append(random.bit_generator.state["state"]["state"])
        return replaced(self, data, places, random)

    monkeypatch.setattr(LSTMCRFTagger, "_replaced", noted)
    MTWord2Vec(corpus, ner_data=ner_data, tagger="lstm-crf", epochs=1, pretrain_epochs=0, ner_warmup=0,
               rounds_per_epoch=3, **SMALL)  # fmt: skip
    assert len(states) >= 3 and len(set(states)) == len(states)


def test_a_whole_pass_draws_alike_whether_or_not_a_sentence_is_unknown(monkeypatch):
    vectors, seeds, made = KeyedVectors(2), [], np.random.default_rng
    vectors.add_vectors(["Ray", "met"], np.eye(2, dtype=np.float32))
    monkeypatch.setattr(np.random, "default_rng", lambda seed: seeds.append(seed) or made(seed))
    LSTMCRFTagger(vectors, max_iter=2).fit([["Ray", "met"], ["Xerxes"], ["met"]], [["B-PER", "O"], ["B-PER"], ["O"]])
    assert {seed[2] for seed in seeds if len(seed) == 3} == {0}
