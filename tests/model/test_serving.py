"""Models that are read while others are put in their place, mapped, or looked at by several processes."""

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import KeyedVectors
from sklearn.model_selection import GridSearchCV

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData, UnigramTagger
from gensim_mtner.model import saving
from gensim_mtner.text import encoded

SMALL = {"vector_size": 8, "epochs": 1, "pretrain_epochs": 2, "ner_warmup": 2, "workers": 1}


@pytest.fixture(scope="module")
def models():
    pairs = make_pairs(30)
    sentences = [source for _, source, _ in pairs]
    labels = NERData(sentences, labels_of(sentences))
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    return [MTWord2Vec(corpus, ner_data=labels, seed=seed, **SMALL) for seed in (1, 2)]


def at_the_first(patch, module, name, do):
    """Let `do` happen when a function is called for the first time."""
    wanted, calls = getattr(module, name), []

    def called(*arguments, **more):
        calls.append(1)
        if len(calls) == 1:
            do()
        return wanted(*arguments, **more)

    patch.setattr(module, name, called)
    return calls


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("part", ["load_array", "_keys", "_load_state"])
def test_a_model_that_is_replaced_while_it_is_read_is_the_one_or_the_other(models, tmp_path, monkeypatch, part, verify):
    one, other = models
    one.save(tmp_path / "model")
    calls = at_the_first(monkeypatch, saving, part, lambda: other.save(tmp_path / "model"))
    loaded = MTWord2Vec.load(tmp_path / "model", verify=verify)
    assert len(calls) > 1
    assert np.array_equal(loaded.wv.vectors, other.wv.vectors)
    assert np.array_equal(loaded.syn1neg, other.syn1neg)
    assert np.array_equal(loaded.tagger.coef_, other.tagger.coef_)


def test_a_model_that_is_replaced_without_end_is_told_of(models, tmp_path, monkeypatch):
    models[0].save(tmp_path / "model")
    load, turn = saving._load_model, iter(range(1000))

    def replaced(*arguments, **more):
        found = load(*arguments, **more)
        models[next(turn) % 2 == 0].save(tmp_path / "model")
        return found

    monkeypatch.setattr(saving, "_load_model", replaced)
    with pytest.raises(OSError, match="model was replaced 10 times while it was read"):
        MTWord2Vec.load(tmp_path / "model")


def test_text_that_is_replaced_while_it_is_opened_is_the_one_or_the_other(tmp_path, monkeypatch):
    small, large = (ComparableCorpus(make_pairs(n), source="en", target="zh") for n in (5, 30))
    small.encode(tmp_path / "text", progress=False)
    at_the_first(
        monkeypatch, encoded, "read_words", lambda: large.encode(tmp_path / "text", overwrite=True, progress=False)
    )
    assert len(EncodedText.open(tmp_path / "text")) == 30


def sentences_and_tags():
    sentences = [[f"w{n}", f"w{n + 1}"] for n in range(40)]
    return sentences, [["B-PER" if int(word[1:]) % 2 else "O" for word in row] for row in sentences]


def vectors_of_megabytes():
    vectors = KeyedVectors(8)
    numbers = np.random.default_rng(1).normal(size=(40_000, 8)).astype(np.float32)
    vectors.add_vectors([f"w{n}" for n in range(len(numbers))], numbers)
    return vectors


def test_a_tagger_learns_on_mapped_vectors_what_it_learns_on_others(tmp_path):
    vectors = vectors_of_megabytes()
    vectors.save(str(tmp_path / "vectors"), sep_limit=1)
    mapped = KeyedVectors.load(str(tmp_path / "vectors"), mmap="r")
    assert not mapped.vectors.flags.writeable
    found, wanted = (UnigramTagger(wv, max_iter=5).fit(*sentences_and_tags()) for wv in (mapped, vectors))
    assert np.array_equal(found.coef_, wanted.coef_)


def test_rows_that_move_must_be_writable():
    vectors, (sentences, tags) = vectors_of_megabytes(), sentences_and_tags()
    tagger = UnigramTagger(vectors, max_iter=1).fit(sentences, tags)
    data = tagger.encode(NERData(sentences, tags), vectors)
    vectors.vectors.flags.writeable = False
    order = np.arange(len(sentences))
    tagger.update(vectors.vectors, data, order)
    with pytest.raises(ValueError, match="read-only"):
        tagger.update(vectors.vectors, data, order, vector_alpha=0.1)


def test_a_grid_is_searched_by_processes_that_map_the_vectors():
    search = GridSearchCV(UnigramTagger(vectors_of_megabytes(), max_iter=2), {"dropout": [0, 0.3]}, cv=2, n_jobs=2,
                          error_score="raise")  # fmt: skip
    assert search.fit(*sentences_and_tags()).best_score_ >= 0
