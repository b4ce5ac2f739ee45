"""Kernels against their numpy twins, on random, dirty, tiny, long and threaded input; gradients; properties."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import reference
from gensim_mtner._merge import METHODS, merge
from gensim_mtner._skipgram import LEVELS, train_documents
from gensim_mtner._tagger import LEVELS as TAGGER_LEVELS
from gensim_mtner._tagger import train_batches, working_shape
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.skipgram import AMX, centres_of, level_of, negative_table

sizes = st.integers(0, 40)
seeds = st.integers(0, 2**63 - 1)


def run_merge(n_source, n_target, how, seed=1, epoch=0, document=0):
    source = np.arange(n_source, dtype=np.int32)
    target = np.arange(1000, 1000 + n_target, dtype=np.int32)
    out = np.full(n_source + n_target, -1, dtype=np.int32)
    merge(source, target, out, METHODS[how], seed, epoch, document)
    return source, target, out


@given(sizes, sizes, st.sampled_from(sorted(METHODS)), seeds)
def test_merge_keeps_every_token_once_and_the_order_within_each_language(n_source, n_target, how, seed):
    source, target, out = run_merge(n_source, n_target, how, seed)
    assert out[out < 1000].tolist() == source.tolist()
    assert out[out >= 1000].tolist() == target.tolist()


@given(sizes, sizes, seeds, st.integers(0, 9), st.integers(0, 9))
def test_random_merge_is_algorithm_1(n_source, n_target, seed, epoch, document):
    source, target, out = run_merge(n_source, n_target, "random", seed, epoch, document)
    assert out.tolist() == reference.merge_random(source, target, reference.Stream(seed, epoch, document))


def test_random_merge_has_the_expected_share_of_source_along_the_document():
    # r = 300 / 400; until a side may be used up, each place holds a source token with probability r
    share = np.mean([run_merge(300, 100, "random", seed)[2] < 1000 for seed in range(400)], axis=0)
    firsts = share[:250]
    assert abs(firsts.mean() - 0.75) < 0.01
    assert abs(firsts - 0.75).max() < 5 * np.sqrt(0.75 * 0.25 / 400)


@given(st.integers(1, 60), st.integers(1, 60))
def test_ratio_merge_never_strays_from_proportion_by_a_token(n_source, n_target):
    _, _, out = run_merge(n_source, n_target, "ratio")
    taken = np.cumsum(out < 1000)
    wanted = np.arange(1, len(out) + 1) * n_source / len(out)
    assert abs(taken - wanted).max() <= 1


def test_concat_merge_is_source_then_target():
    source, target, out = run_merge(3, 2, "concat")
    assert out.tolist() == [*source, *target]


def test_merge_draws_anew_by_epoch_and_by_document_and_the_same_by_seed():
    draws = {(e, d): tuple(run_merge(30, 30, "random", 5, e, d)[2]) for e in range(3) for d in range(3)}
    assert len(set(draws.values())) == 9
    assert draws[2, 1] == tuple(run_merge(30, 30, "random", 5, 2, 1)[2])


def test_merge_refuses_an_output_of_the_wrong_length():
    with pytest.raises(ValueError, match="out has 3 places for 2 \\+ 2 tokens"):
        merge(np.zeros(2, np.int32), np.zeros(2, np.int32), np.zeros(3, np.int32), 0, 1, 0, 0)


def test_merged_corpus_loses_nothing_of_documents_longer_than_gensim_takes():
    ids = np.concatenate([np.arange(15_000), np.arange(15_000, 27_000)]).astype(np.int32)
    encoded = EncodedCorpus(ids, np.array([0, 15_000, 27_000]))
    (document,) = encoded.merged(seed=3)
    assert sorted(document.tolist()) == list(range(27_000))


# -- the tagger


def tagger_problem(seed, n_rows=30, d=10, n_tags=5, n_sentences=9):
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 7, n_sentences)
    lengths[0] = 6
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    rows = random.integers(0, n_rows - 1, offsets[-1]).astype(np.int32)
    tags = random.integers(0, n_tags, offsets[-1]).astype(np.int32)
    rare = (random.random(offsets[-1]) < 0.3).astype(np.uint8)
    vectors = random.normal(size=(n_rows, d)).astype(np.float32)
    weights = random.normal(size=(n_tags, d)).astype(np.float32)
    bias = random.normal(size=n_tags).astype(np.float32)
    squares = np.abs(random.normal(size=(n_tags, d))).astype(np.float32), np.ones(n_tags, np.float32)
    order = random.permutation(n_sentences).astype(np.int64)
    return vectors, weights, bias, squares, (rows, tags, rare, offsets), order


def translations_of(vectors):
    """Half of the rows have a translation."""
    half = len(vectors) // 2
    return np.concatenate([np.arange(half)[::-1] + half, np.full(len(vectors) - half, -1)]).astype(np.int32)


def run_tagger(vectors, weights, bias, squares, data, order, *, batch_size=4, step=0.1, vector_step=0.5, unit_length=0,
               dropout=0.0, oov_probability=0.0, translate_probability=0.0, seed=1, epoch=0, level=-1):  # fmt: skip
    n_tags, d = weights.shape
    most = batch_size * int(np.diff(data[3]).max())
    dirty = np.float32(7.0)  # scratch memory holds anything
    return train_batches(
        vectors, weights, bias, *squares, *data, order, batch_size, step, vector_step, unit_length, dropout,
        oov_probability, len(vectors) - 1, translations_of(vectors), translate_probability, seed, epoch,
        np.full((most, d), dirty), np.empty(most, np.int32), np.full(working_shape(n_tags, d), dirty),
        level % len(TAGGER_LEVELS),
    )  # fmt: skip


@pytest.mark.parametrize("unit_length", [False, True])
@pytest.mark.parametrize(
    ("dropout", "oov_probability", "translate_probability"), [(0.0, 0.0, 0.0), (0.3, 0.5, 0.4), (0.3, 1.0, 1.0)]
)
@pytest.mark.parametrize(
    "shape",
    [{}, {"d": 1, "n_tags": 1}, {"d": 3, "n_tags": 37}, {"d": 17, "n_tags": 2}, {"d": 48, "n_tags": 9}],
    ids=str,
)
@pytest.mark.parametrize("level", range(len(TAGGER_LEVELS)), ids=TAGGER_LEVELS)
def test_tagger_kernel_equals_numpy(unit_length, dropout, oov_probability, translate_probability, shape, level):
    for seed in range(5):
        vectors, weights, bias, squares, data, order = tagger_problem(seed, **shape)
        expected = reference.tagger_pass(
            vectors, weights, bias, squares, data, order, 4, 0.1, 0.5, unit_length, dropout, oov_probability,
            len(vectors) - 1, translations_of(vectors), translate_probability, seed, 3,
        )  # fmt: skip
        loss = run_tagger(vectors, weights, bias, squares, data, order, unit_length=unit_length, dropout=dropout,
                          oov_probability=oov_probability, translate_probability=translate_probability, seed=seed,
                          epoch=3, level=level)  # fmt: skip
        assert loss == pytest.approx(expected[0], rel=1e-4)
        for ours, twin in zip((vectors, weights, bias), expected[1:], strict=True):
            np.testing.assert_allclose(ours, twin, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("unit_length", [False, True])
def test_tagger_steps_follow_the_gradient_of_the_loss(unit_length):
    """Finite differences of eq. 4 against the step that the kernel takes on rows of the vectors, some of them short."""
    vectors, weights, bias, squares, data, order = tagger_problem(3)
    vectors[::3] *= 2e-3
    vectors[::6] *= 1e-6
    rows, tags, _, offsets = data
    before = vectors.copy()
    run_tagger(vectors, weights, bias, squares, data, order, batch_size=len(order), step=0.0, vector_step=1.0,
               unit_length=unit_length)  # fmt: skip
    numeric = np.zeros_like(before, dtype=np.float64)
    for place in np.ndindex(*before.shape):
        sides = []
        for sign in (1, -1):
            moved = before.astype(np.float64)
            moved[place] += sign * 1e-5
            sides.append(reference.tagger_loss(moved, weights, bias, rows, tags, offsets, order, unit_length))
        numeric[place] = (sides[0] - sides[1]) / 2e-5
    np.testing.assert_allclose(before - vectors, numeric, rtol=1e-3, atol=2e-5)


def test_tagger_moves_only_rows_of_its_batch_and_none_without_a_step():
    vectors, weights, bias, squares, data, order = tagger_problem(5)
    before = vectors.copy()
    run_tagger(vectors, weights, bias, squares, data, order, vector_step=0.0, dropout=0.3)
    assert np.array_equal(vectors, before)
    run_tagger(vectors, weights, bias, squares, data, order, vector_step=0.5)
    moved = np.flatnonzero((vectors != before).any(axis=1))
    assert set(moved) == set(data[0])


def test_threads_on_the_same_rows_take_steps_no_longer_than_one_thread_does():
    """Short rows move far in a step; a gradient by two states of one would have no bound."""
    longest = {}
    for threads in (1, 2):
        moved = []
        for seed in range(60):
            random = np.random.default_rng(seed)
            n_rows, d, n_tags, length = 400, 64, 7, 20
            vectors = (random.normal(size=(n_rows, d)) * 2e-3).astype(np.float32)
            weights = 20 * random.normal(size=(n_tags, d)).astype(np.float32)
            rows = np.repeat(np.arange(n_rows, dtype=np.int32), length)  # a sentence is a word, many times
            tags = random.integers(0, n_tags, len(rows)).astype(np.int32)
            data = rows, tags, np.zeros(len(rows), np.uint8), np.arange(0, len(rows) + 1, length)
            squares = np.ones((n_tags, d), np.float32), np.ones(n_tags, np.float32)
            run = partial(run_tagger, vectors, weights, np.zeros(n_tags, np.float32), squares, data, batch_size=1,
                          step=0.0, unit_length=1)  # fmt: skip
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(run, [np.arange(n_rows)] * 2))
            moved.append(float(np.abs(vectors).max()))
        longest[threads] = max(moved)
    assert longest[2] < 10 * longest[1]


def test_dropout_drops_the_share_that_was_asked_for():
    """With zero weights the gradient of a weight counts the components that were kept; a step tells it."""
    n, d = 400, 64
    vectors, weights = np.ones((1, d), np.float32), np.zeros((2, d), np.float32)
    data = (np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.uint8), np.arange(n + 1, dtype=np.int64))
    squares = np.ones((2, d), np.float32), np.ones(2, np.float32)
    run_tagger(vectors, weights, np.zeros(2, np.float32), squares, data, np.arange(n), batch_size=n, step=1.0,
               vector_step=0.0, dropout=0.3)  # fmt: skip
    gradient = -weights[1] / np.sqrt(1 - weights[1] ** 2)  # a step is g / sqrt(1 + g^2)
    kept = gradient * 2 * 0.7  # p - 0 = 0.5, mean over n, kept components count 1 / 0.7
    assert abs(kept.mean() - 0.7) < 0.01
    assert kept.std() < 0.05


# -- skip-gram


def skipgram_problem(seed, n_rows=25, d=8, n_documents=4, length=15):
    random = np.random.default_rng(seed)
    lengths = random.integers(0, length, 2 * n_documents)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    rows = random.permutation(np.arange(-5, n_rows)).astype(np.int32)  # some words have none
    encoded = EncodedCorpus(random.integers(0, n_rows + 5, offsets[-1]), offsets, rows)
    vectors = random.normal(size=(n_rows, d)).astype(np.float32) * 8**0.5 / d**0.5
    context = random.normal(size=(n_rows, d)).astype(np.float32)
    keep = random.integers(2**31, 2**32 - 1, n_rows).astype(np.uint32)
    return vectors, context, encoded, keep, negative_table(random.integers(0, 9, n_rows) + 1.0)


def run_skipgram(vectors, context, lock, encoded, keep, table, *, window=3, shrink=True, negative=4, alpha=0.05,
                 centres=1, seed=1, epoch=0, compute_loss=True, level=None):  # fmt: skip
    level = level_of(window, negative, centres > 0) if level is None else level
    return train_documents(
        vectors, context, lock, encoded.ids, encoded.offsets, encoded.rows, np.arange(len(encoded)), encoded.numbers,
        keep, *table, window, shrink, negative, alpha, METHODS["random"], centres, seed, epoch, compute_loss,
        np.empty(int(encoded.lengths.max()), np.int32), np.empty((2, negative + max(centres, 1)), np.int32), level,
    )  # fmt: skip


def assert_near(level, loss, expected_loss, found, expected, before, most):
    """The matrix unit rounds what it multiplies to 8 bits, so that changes of rows are known to 1 in 512 or so."""
    assert loss == pytest.approx(expected_loss, rel=1e-5 if level != AMX else 1e-3)
    for now, wanted, start in zip(found, expected, before, strict=True):
        if level != AMX:
            np.testing.assert_allclose(now, wanted, atol=most)
        else:
            change = wanted - start
            assert np.linalg.norm(now - wanted) <= 0.01 * np.linalg.norm(change)
            assert np.abs(now - wanted).max() <= 0.03 * np.abs(change).max()


SHAPES = [
    {"d": 8}, {"d": 1, "negative": 1}, {"d": 100, "negative": 5}, {"d": 50, "negative": 25, "window": 7},
    {"d": 64, "negative": 15}, {"d": 67, "negative": 16, "window": 1}, {"d": 33, "negative": 2, "window": 20},
    {"d": 72, "negative": 40, "window": 30, "length": 35},
]  # fmt: skip


@pytest.mark.parametrize("level", range(len(LEVELS)), ids=LEVELS)
@pytest.mark.parametrize("centres", [0, 1, 2, 3, 8], ids="centres-{}".format)
@pytest.mark.parametrize(("shrink", "locked"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_skipgram_kernel_equals_numpy(level, centres, shrink, locked, shape):
    sizes = {"window": 3, "negative": 4} | shape
    d, length = sizes.pop("d"), sizes.pop("length", 15)
    gentle = level == AMX or length > 15  # or some score is on two sides of 6
    alpha = 0.001 if gentle else 0.01
    for seed in range(1 if length > 15 else 3):
        vectors, context, encoded, keep, table = skipgram_problem(seed, d=d, length=length)
        vectors *= 0.3 if gentle else 1
        lock = (np.arange(len(vectors)) % 3 / 2).astype(np.float32) if locked else np.ones(1, np.float32)
        documents = [(i, encoded.sides(i)) for i in range(len(encoded))]
        words, loss, *expected = reference.skipgram_documents(
            vectors, context, lock, documents, encoded.rows, keep, table, sizes["window"], shrink, sizes["negative"],
            alpha, centres, seed, 2,
        )  # fmt: skip
        before, before_context = vectors.copy(), context.copy()
        tally = run_skipgram(vectors, context, lock, encoded, keep, table, shrink=shrink, seed=seed, epoch=2,
                             centres=centres, level=level, alpha=alpha, **sizes)  # fmt: skip
        assert tally[0] == words
        assert_near(level, tally[1], loss, (vectors, context), expected, (before, before_context),
                    1e-4 if length > 15 else 1e-5)  # fmt: skip
        if locked:
            assert np.array_equal(vectors[lock == 0], before[lock == 0])


@pytest.mark.parametrize("level", range(len(LEVELS)), ids=LEVELS)
def test_skipgram_passes_in_a_row_do_not_see_what_the_last_left_in_memory(level):
    """The last step of a document has fewer centre words: their labels and counts must not outlive it."""
    vectors, context, encoded, keep, table = skipgram_problem(2, d=33)
    vectors *= 0.3 if level == AMX else 1  # or some score is on two sides of 6
    lock, alpha = np.ones(1, np.float32), 0.001 if level == AMX else 0.01
    documents = [(i, encoded.sides(i)) for i in range(len(encoded))]
    for epoch, centres in enumerate([3, 3, 0, 1, 8, 1, 0]):
        before = vectors.copy(), context.copy()
        _, expected, *twin = reference.skipgram_documents(
            *before, lock, documents, encoded.rows, keep, table, 3, True, 4, alpha, centres, 1, epoch
        )
        _, loss = run_skipgram(vectors, context, lock, encoded, keep, table, alpha=alpha, centres=centres, epoch=epoch,
                               level=level)  # fmt: skip
        assert_near(level, loss, expected, (vectors, context), twin, before, 1e-5)


def test_skipgram_refuses_a_step_of_more_centre_words_than_it_has_room_for():
    vectors, context, *problem = skipgram_problem(1)
    with pytest.raises(ValueError, match="centres=9: expected 0 to 8"):
        run_skipgram(vectors, context, np.ones(1, np.float32), *problem, centres=9)


@pytest.mark.parametrize(
    ("window", "negative", "centres"),
    [(5, 25, 4), (5, 5, 2), (1, 25, 4), (5, 1, 1), (8, 25, 2), (12, 25, 1), (48, 25, 1)],
)
def test_few_centre_words_share_negatives_where_windows_are_large_or_negatives_few(window, negative, centres):
    assert centres_of(window, negative) == centres


@pytest.mark.parametrize(("shape", "large"), [((48, 25), True), ((5, 25), False), ((24, 10), True), ((16, 10), False),
                                              ((5, 5), False)])  # fmt: skip
def test_the_matrix_unit_is_taken_for_large_steps_alone(monkeypatch, shape, large):
    monkeypatch.setattr(skipgram, "BEST_LEVEL", AMX)
    assert level_of(*shape) == (AMX if large else AMX - 1)
    assert level_of(*shape, shared=False) == AMX - 1
    monkeypatch.setattr(skipgram, "BEST_LEVEL", 1)
    assert level_of(*shape) == 1


def test_skipgram_steps_follow_the_gradient_of_the_loss():
    """Finite differences of eq. 5 against the step that the kernel takes on inputs and outputs."""
    random = np.random.default_rng(4)
    vectors, context = random.normal(size=(2, 12, 6)).astype(np.float32) / 3
    encoded = EncodedCorpus(np.arange(2, dtype=np.int32), np.array([0, 1, 2]))  # a pair: each is the other's input
    problem = encoded, np.full(12, 2**32 - 1, np.uint32), negative_table(np.array([0.0] * 2 + [1] * 10))
    moved = vectors.copy(), context.copy()
    run_skipgram(*moved, np.ones(1, np.float32), *problem, window=1, negative=3, alpha=1e-3, centres=2)

    def loss(*arrays):
        documents = [(0, encoded.sides(0))]
        return reference.skipgram_documents(
            *arrays, np.zeros(1), documents, encoded.rows, *problem[1:], 1, True, 3, 0, 2, 1, 0
        )[1]

    for which, start in enumerate((vectors, context)):
        numeric = np.zeros(start.shape)
        for place in np.ndindex(*start.shape):
            sides = []
            for sign in (1, -1):
                arrays = [vectors.astype(np.float64), context.astype(np.float64)]
                arrays[which][place] += sign * 1e-5
                sides.append(loss(*arrays))
            numeric[place] = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose((start - moved[which]) / 1e-3, numeric, atol=2e-3)


def test_skipgram_kernel_takes_documents_of_any_length():
    random = np.random.default_rng(0)
    n = 25_000
    encoded = EncodedCorpus(random.integers(0, 50, n), np.array([0, n // 2, n]))
    vectors, context = np.full((50, 4), 0.1, np.float32), np.zeros((50, 4), np.float32)
    keep, table = np.full(50, 2**32 - 1, np.uint32), negative_table(np.ones(50))
    words, _ = run_skipgram(vectors, context, np.ones(1, np.float32), encoded, keep, table, alpha=1e-4)
    assert words == n


def test_skipgram_leaves_scores_alone_that_are_not_finite():
    vectors, context, encoded, keep, table = skipgram_problem(1)
    vectors[3], context[5] = np.nan, np.inf
    before = vectors.copy(), context.copy()
    _, loss = run_skipgram(vectors, context, np.ones(1, np.float32), encoded, keep, table)
    assert np.isfinite(loss)
    assert np.isfinite(np.delete(before[0], 3, 0)).all()


@given(st.lists(st.sampled_from([0.0, 1e-9, 0.1, 1.0, 2.0, 3.5, 100.0]), min_size=1, max_size=50))
def test_negative_table_holds_each_weight(weights):
    weights = np.array(weights)
    if not weights.sum():
        return
    accept, alias = negative_table(weights)
    own = accept / 2**32
    chance = own + np.bincount(alias, weights=1 - own, minlength=len(weights))
    np.testing.assert_allclose(chance / len(weights), weights / weights.sum(), atol=1e-8)
    drawn = (accept > 0) | np.isin(np.arange(len(weights)), alias[accept < 2**32 - 1])
    assert not drawn[weights == 0].any()


def test_skipgram_negatives_come_in_proportion_to_the_table():
    """Rows of weight zero are never drawn; the mean change of the others follows their weights."""
    weights = np.array([0, 1, 2, 0, 5, 2], dtype=float)
    n = 4000
    encoded = EncodedCorpus(np.zeros(n, np.int32), np.array([0, n, n]))
    vectors, context = np.ones((6, 1), np.float32), np.zeros((6, 1), np.float32)
    run_skipgram(vectors, context, np.zeros(1, np.float32), encoded, np.full(6, 2**32 - 1, np.uint32),
                 negative_table(weights), alpha=1e-6, negative=10, shrink=False)  # fmt: skip
    drawn = -context[:, 0]
    assert drawn[3] == 0
    np.testing.assert_allclose(drawn[[1, 2, 4, 5]] / drawn[1:].sum(), weights[[1, 2, 4, 5]] / 10, atol=0.02)
