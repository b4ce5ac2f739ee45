"""The tagger that looks at letters, neighbours and the order of tags: its kernel, its decoding, its behaviour."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import PEOPLE, labels_of, make_pairs
from gensim_mtner._chain import marginals, train_chains
from gensim_mtner._linear import scores, train_tokens
from hypothesis import given
from hypothesis import strategies as st
from reference import WORD_FEATURES, chain_steps, chain_sums, token_features, token_scores, token_steps
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from gensim_mtner import NERData, SequenceTagger
from gensim_mtner.labels.schemes import check_iob2
from gensim_mtner.taggers.features import PLACES, REACH, encode_tokens, shape
from gensim_mtner.taggers.letters import encode_letters
from gensim_mtner.taggers.viterbi import FORBIDDEN, allowed, transitions, viterbi
from gensim_mtner.taggers.words import EDGE, number_words

WORDS = ["Ann", "met", "罗马", "x1", "3.5", "。", "the", "Ångström", "a"]
TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=7), min_size=1, max_size=6)
# as above, and any letters: of one to four bytes, such as have no lower case of one letter, long words
odd_texts = st.lists(
    st.lists(st.sampled_from(WORDS) | st.text("aÉİß罗🙂9-", min_size=1, max_size=9)
             | st.text("ab罗é", min_size=60, max_size=130), max_size=5), min_size=1, max_size=4,
)  # fmt: skip


def problem(X, seed, n_features=64, n_tags=5, letters=False):
    random = np.random.default_rng(seed)
    encoded = encode_letters(number_words(X))[0] if letters else encode_tokens(number_words(X), n_features)
    encoded = encoded._replace(tokens=encoded.tokens.astype(np.int64))  # as kernels take them
    arrays = [random.normal(size=(n_features, n_tags)), random.uniform(0.1, 1, (n_features, n_tags)),
              random.normal(size=n_tags), random.uniform(0.1, 1, n_tags)]  # fmt: skip
    order = random.permutation(len(encoded.tokens))
    return (
        [a.astype(np.float32) for a in arrays],
        encoded,
        encoded.tokens[order],
        random.integers(n_tags, size=len(order)).astype(np.int32),
    )


def packed(weights, squares, bias, bias_squares):
    """Both beside each other, as kernels take them, padded to a multiple of four."""
    padding = [(0, 0)] * weights.ndim
    padding[-1] = 0, -weights.shape[-1] % 4
    rows = [np.stack([np.pad(a, padding[-a.ndim :]), np.pad(b, padding[-a.ndim :], constant_values=1)], axis=-2)
            for a, b in ((weights, squares), (bias, bias_squares))]  # fmt: skip
    return tuple(map(np.ascontiguousarray, rows))


def unpacked(table, both, n_tags):
    """What `packed` was made of; the padding has to be as it was."""
    for rows in (table, both):
        assert not rows[..., 0, n_tags:].any() and (rows[..., 1, n_tags:] == 1).all()
    return table[:, 0, :n_tags], table[:, 1, :n_tags], both[0, :n_tags], both[1, :n_tags]


@pytest.mark.parametrize("n_tags", [1, 4, 5, 9])
@given(X=texts, seed=st.integers(0, 1000), letters=st.booleans())
def test_kernel_equals_numpy(n_tags, X, seed, letters):
    arrays, encoded, tokens, tags = problem(X, seed, n_tags=n_tags, letters=letters)
    ours, theirs = [a.copy() for a in arrays], [a.astype(np.float64) for a in arrays]
    out = np.empty((len(tokens), n_tags), np.float32)
    scores(ours[0], ours[2], *encoded.text(), tokens, out)
    for row, token in zip(out, tokens, strict=True):
        np.testing.assert_allclose(row, token_scores(theirs[0], theirs[2], encoded, token), rtol=1e-4, atol=1e-4)
    table, both = packed(*ours)
    work = np.empty(table.shape[2], np.float32)
    loss = train_tokens(table, both, *encoded.text(), tokens, tags, n_tags, 0.3, work)
    assert loss == pytest.approx(token_steps(*theirs, encoded, tokens, tags, 0.3), rel=1e-3, abs=1e-3)
    for one, other in zip(unpacked(table, both, n_tags), theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-3)


def test_a_step_follows_the_gradient_of_the_loss():
    (weights, _, bias, _), encoded, tokens, tags = problem([["Ann", "met", "罗马"]], 3)
    token, tag = tokens[:1], tags[:1]

    def loss(w, b):
        row = token_scores(w.astype(np.float64), b.astype(np.float64), encoded, token[0])
        return np.log(np.exp(row).sum()) - row[tag[0]]

    huge = 1e8  # sums so large that a step is the gradient by a constant
    table, both = packed(weights, np.full_like(weights, huge), bias, np.full_like(bias, huge))
    train_tokens(table, both, *encoded.text(), token, tag, 5, float(np.sqrt(huge)), np.empty(8, np.float32))
    moved, _, moved_bias, _ = unpacked(table, both, 5)
    for k in range(5):
        plus, minus = bias.astype(np.float64), bias.astype(np.float64)
        plus[k] += 1e-4
        minus[k] -= 1e-4
        assert bias[k] - moved_bias[k] == pytest.approx((loss(weights, plus) - loss(weights, minus)) / 2e-4, abs=1e-4)
    columns = token_features(encoded, token[0], len(weights))
    column, times = columns[0], columns.count(columns[0])
    np.testing.assert_allclose(weights[column] - moved[column], times * (bias - moved_bias), atol=1e-4)


@given(texts.filter(any), st.integers(0, 1000), st.booleans(), st.booleans())
def test_kernel_of_chains_equals_all_sequences(X, seed, partial, letters):
    X = [[word[0] for word in sentence[:4]] if letters else sentence[:4] for sentence in X if sentence]
    (weights, squares, bias, bias_squares), encoded, _, _ = problem(X, seed, n_tags=3, letters=letters)
    random = np.random.default_rng(seed)
    between = random.normal(size=(4, 3)).astype(np.float32)
    between[2, 1] = FORBIDDEN
    tags = random.integers(2, size=len(encoded.tokens)).astype(np.int32)  # without the tag that may not come next
    if partial:
        tags[random.random(len(tags)) < 0.5] = -1
    ours = [weights, squares, bias, bias_squares, between.copy(), np.full_like(between, 0.5)]
    theirs = [a.astype(np.float64) for a in ours]
    out, scratch = np.empty((len(tags), 3), np.float32), (np.empty(12, np.float32), np.empty(6 * 12 + 3 * 12))
    marginals(ours[0], ours[2], ours[4], *encoded.text(), encoded.tokens, encoded.bounds, *scratch, out)
    for start, stop in itertools.pairwise(encoded.bounds):
        scores_ = np.array([token_scores(theirs[0], theirs[2], encoded, t) for t in encoded.tokens[start:stop]])
        np.testing.assert_allclose(out[start:stop], chain_sums(scores_, theirs[4])[1], rtol=1e-3, atol=1e-5)
    order = random.permutation(len(X))
    table, both = packed(*ours[:4])
    scratch = np.empty(12 + 4, np.float32), scratch[1]
    loss = train_chains(table, both, *ours[4:], *encoded.text(), encoded.tokens, tags, encoded.bounds, order, 0.1,
                        *scratch)  # fmt: skip
    assert loss == pytest.approx(chain_steps(*theirs, encoded, tags, order, 0.1, 1e-3), rel=1e-3, abs=1e-3)
    for one, other in zip([*unpacked(table, both, 3), *ours[4:]], theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=5e-3, atol=5e-3)


def test_a_step_of_a_chain_follows_the_gradient_of_the_loss():
    (weights, _, bias, _), encoded, _, _ = problem([["Ann", "met", "罗马"]], 3, n_tags=3)
    between, tags = np.random.default_rng(3).normal(size=(4, 3)).astype(np.float32), np.array([1, -1, 0], np.int32)

    def loss(b, t):
        rows = np.array([token_scores(weights.astype(np.float64), b, encoded, token) for token in encoded.tokens])
        return chain_sums(rows, t)[0] - chain_sums(rows, t, tags)[0]

    huge = 1e8  # sums so large that a step is the gradient by a constant
    table, both = packed(weights, np.full_like(weights, huge), bias, np.full_like(bias, huge))
    moved = between.copy()
    text, rate = (*encoded.text(), encoded.tokens), float(np.sqrt(huge))
    train_chains(table, both, moved, np.full_like(between, huge), *text, tags, encoded.bounds, np.array([0]), rate,
                 np.empty(9 + 4, np.float32), np.empty(6 * 9 + 3 * 12))  # fmt: skip
    for array, after, at in ((bias, both[0], 0), (between, moved, 1)):
        for place in np.ndindex(array.shape):
            changed = [bias.astype(np.float64), between.astype(np.float64)]
            values = []
            for step in (1e-4, -1e-4):
                changed[at] = array.astype(np.float64)
                changed[at][place] += step
                values.append(loss(*changed))
            assert array[place] - after[place] == pytest.approx((values[0] - values[1]) / 2e-4, abs=3e-3)


@pytest.mark.parametrize("kind", PLACES)
@given(X=odd_texts)
def test_features_of_a_token_are_those_of_the_words_around_it_in_its_sentence(kind, X):
    from sklearn.feature_extraction import FeatureHasher

    encoded = encode_tokens(number_words(X), 1 << 12, kind)
    hasher = FeatureHasher(1 << 12, input_type="string", alternate_sign=False)
    tokens = iter(encoded.tokens)
    beyond = [EDGE] * REACH
    for sentence in X:
        padded = [*beyond, *sentence, *beyond]
        for i in range(len(sentence)):
            names = []
            for (unit, place, _), features in zip(PLACES[kind], WORD_FEATURES[kind], strict=True):
                at = REACH + i + place
                if unit == "words":
                    names += [f"{place}{name}" for name in features(padded[at])]
                else:
                    looks = [shape(word) if word else EDGE for word in padded[at : at + 3]]
                    names += [f"s{place}{name}" for name in features("|".join(looks))]
            expected = hasher.transform([names]).toarray()[0]
            found = np.bincount(token_features(encoded, next(tokens), 1 << 12), minlength=1 << 12)
            # a column that two features of one word share is counted once a word
            assert (found > 0).tolist() == (expected > 0).tolist()


@given(st.integers(0, 10_000), st.lists(st.integers(0, 5), min_size=1, max_size=5), st.sampled_from([0.0, 0.5, 1.0]))
def test_viterbi_finds_the_best_of_all_sequences(seed, lengths, weight):
    random = np.random.default_rng(seed)
    between = random.normal(size=(4, 3))
    between[:, 1:][random.random((4, 2)) < 0.2] = FORBIDDEN  # one tag is always allowed
    sentences = [random.normal(size=(n, 3)) for n in lengths]
    weighted = np.where(between > FORBIDDEN / 2, weight * between, FORBIDDEN)
    bounds = np.cumsum([0, *lengths])
    best = np.split(viterbi(np.concatenate(sentences), bounds, between, weight), bounds[1:-1])
    for sentence, path in zip(sentences, best, strict=True):

        def value(tags, sentence=sentence):
            before = [3, *tags[:-1]]
            return sum(sentence[i, t] + weighted[b, t] for i, (b, t) in enumerate(zip(before, tags, strict=False)))

        assert len(path) == len(sentence)
        best = max((value(tags) for tags in itertools.product(range(3), repeat=len(sentence))), default=0)
        assert value(path.tolist()) == pytest.approx(best)


def test_only_what_iob2_allows_is_allowed():
    assert not allowed(TAGS)[TAGS.index("B-LOC"), TAGS.index("I-PER")] and not allowed(TAGS)[-1, TAGS.index("I-LOC")]
    assert allowed(TAGS)[TAGS.index("I-PER"), TAGS.index("I-PER")] and allowed(TAGS)[:, [0, 1, 3]].all()


def test_transitions_are_ratios_and_forbid_what_iob2_does():
    found = transitions([["O", "B-PER", "I-PER"], ["B-PER", "I-PER", "O"]], TAGS)
    assert found[TAGS.index("B-PER"), TAGS.index("I-PER")] > 1  # the one follows the other more than it stands alone
    assert found[TAGS.index("B-LOC"), TAGS.index("I-PER")] == FORBIDDEN == found[-1, TAGS.index("I-LOC")]
    assert (found[:, 0] > FORBIDDEN).all()


@given(st.lists(st.lists(st.text(min_size=1, max_size=4), max_size=6), max_size=5), st.booleans())
def test_any_text_gets_valid_tags_and_probabilities(X, token):
    tagger = TOKEN_TAGGER if token else TAGGER
    tags = tagger.predict(X)
    assert [len(row) for row in tags] == [len(row) for row in X]
    for row in tags:
        check_iob2(row)
    for rows, sentence in zip(tagger.predict_log_proba(X), X, strict=True):
        np.testing.assert_allclose(np.exp(rows).sum(axis=1), np.ones(len(sentence)), rtol=1e-3)


SENTENCES = [source[start : start + 4] for _, source, _ in make_pairs() for start in range(0, 24, 4)]
TAGGER = SequenceTagger(n_features=1 << 14).fit(SENTENCES, labels_of(SENTENCES))
TOKEN_TAGGER = SequenceTagger(loss="token", n_features=1 << 14).fit(SENTENCES, labels_of(SENTENCES))


def test_words_that_were_never_seen_are_tagged_by_their_place_and_their_look():
    for tagger in (TAGGER, TOKEN_TAGGER):
        assert tagger.predict([["Zoe", "visited", "Bonn", "."]]) == [["B-PER", "O", "B-LOC", "O"]]
        assert tagger.score(SENTENCES, labels_of(SENTENCES)) == 1


@pytest.mark.parametrize("loss", ["sequence", "token"])
def test_tokens_that_are_not_certain_are_not_trained_on(loss):
    wrong = [["B-LOC" if tag == "B-PER" else tag for tag in row] for row in labels_of(SENTENCES)]
    people = {name for name, _ in PEOPLE}
    certain = [np.array([word not in people for word in row]) for row in SENTENCES]
    certain[0][:] = True  # one mistake remains
    tags = labels_of(SENTENCES)
    tags[1:] = wrong[1:]
    found = (
        SequenceTagger(loss=loss, n_features=1 << 14)
        .fit(SENTENCES, tags, certain=certain)
        .predict([["Ann", "visited", "Rome"]])
    )
    assert found[0][0] != "B-LOC"
    with pytest.raises(ValueError, match="certain leaves no token"):
        SequenceTagger().fit(SENTENCES[:2], tags[:2], certain=[np.zeros(4, bool)] * 2)


def test_it_is_a_scikit_learn_estimator():
    tagger = clone(SequenceTagger(max_iter=2, n_features=1 << 12))
    assert tagger.get_params()["max_iter"] == 2
    assert cross_val_score(tagger, SENTENCES, labels_of(SENTENCES), cv=3).min() > 0.9
    with pytest.raises(NotFittedError, match="call fit first"):
        SequenceTagger().predict([["a"]])
    for wrong in ({"max_iter": 0}, {"alpha": 0}, {"n_features": 0}, {"loss": "crf"}, {"features": "all"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            SequenceTagger(**wrong).fit(SENTENCES[:2], labels_of(SENTENCES[:2]))


def test_one_tag_only_and_no_token_at_all():
    tagger = SequenceTagger(n_features=1 << 10).fit([["a", "b"]], [["O", "O"]])
    assert tagger.predict([["a"], [], ["c", "d"]]) == [["O"], [], ["O", "O"]]
    assert tagger.predict([]) == []


def test_a_seed_gives_the_same_bits_in_any_process():
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/taggers']; from test_sequence import *; import hashlib;"
        "print(hashlib.sha256(TAGGER.coef_.tobytes()).hexdigest())"
    )
    digests = {
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, check=True,
                       capture_output=True, text=True).stdout for seed in ("0", "77")
    }  # fmt: skip
    assert len(digests) == 1


def test_real_labels_are_learnt(shared_data):
    train = NERData.from_iob2(shared_data / "en_ewt-ud-dev.iob2")
    test = NERData.from_iob2(shared_data / "en_ewt-ud-test.iob2")
    assert SequenceTagger().fit(train.sentences, train.tags).evaluate(test).f1 > 40


def test_a_long_sentence_is_as_good_as_many_short_ones():
    rng = np.random.default_rng(1)
    scores = np.log(rng.dirichlet(np.ones(5), 200_000)).astype(np.float32)
    between = np.zeros((6, 5))
    found = viterbi(scores, np.array([0, len(scores)]), between)
    assert (found == scores.argmax(axis=1)).all()


def test_what_cannot_stand_somewhere_does_not_drown_what_can():
    tagger = SequenceTagger(alpha=20, n_features=4096)
    tagger.fit([["the", "Bank", "of", "England"]] * 9, [["O", "B-ORG", "I-ORG", "I-ORG"]] * 9)
    assert np.isfinite(tagger.losses_).all()
    told = tagger.predict_log_proba([["of", "England"]])[0]
    assert np.exp(told).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert tagger.predict([["of", "England"]])[0][0] != "I-ORG"
