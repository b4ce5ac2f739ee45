"""Threads and processes: two models at once, fork and spawn, errors in workers, tagging while others tag."""

import multiprocessing
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.taggers import sequence
from gensim_mtner.vectors import skipgram

SMALL = {"vector_size": 24, "window": 6, "min_count": 1, "sample": 0, "pretrain_epochs": 3, "epochs": 2,
         "progress": False}  # fmt: skip


def trained(seed=3, workers=1, **settings):
    pairs = make_pairs(120)
    sentences = [source for _, source, _ in pairs]
    labels = NERData(sentences, labels_of(sentences))
    # encoded in this process: the thread sanitizer does not follow those that segment
    text = ComparableCorpus(pairs, source="en", target="zh").encode(progress=False)
    return MTWord2Vec(text, ner_data=labels, seed=seed, workers=workers, **SMALL | settings)


def bits(model):
    parts = [model.wv.vectors, model.syn1neg, *model.tagger.state().values(), *model.target_tagger.state().values()]
    return b"".join(part.tobytes() for part in parts)


def test_two_models_train_at_once_to_the_bits_of_each_alone():
    alone = [bits(trained(seed)) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        assert [bits(model) for model in pool.map(trained, (1, 2))] == alone


def child(queue):
    queue.put(bits(trained()))


@pytest.mark.parametrize("method", sorted({"fork", "spawn"} & set(multiprocessing.get_all_start_methods())))
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_processes_started_either_way_after_hogwild_train_the_same(method):
    if "LD_PRELOAD" in os.environ and method == "fork":
        pytest.skip("the thread sanitizer does not follow a fork of a process with threads")
    trained(workers=2)
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    found = queue.get(timeout=120)
    process.join(timeout=60)
    assert process.exitcode == 0 and found == bits(trained())


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_in_a_worker_thread_reaches_the_caller(workers):
    done = []

    def run(job, alpha):
        done.append(job)
        if job == 5:
            raise RuntimeError("job 5 failed")
        return skipgram.Tally(1, 1, 1, 0.0)

    with pytest.raises(RuntimeError, match="job 5 failed"):
        list(skipgram.run_jobs(((number, 0.1) for number in range(10**6)), run, workers))
    assert len(done) < 50


def test_an_error_in_a_hogwild_thread_ends_training_and_leaves_no_thread(monkeypatch):
    before, run, calls = threading.active_count(), skipgram.OwnKernel.run, []

    def fails(self, job, alpha):
        calls.append(job)
        if len(calls) == 4:
            raise MemoryError("no room for a window")
        return run(self, job, alpha)

    monkeypatch.setattr(skipgram.OwnKernel, "run", fails)
    with pytest.raises(MemoryError, match="no room for a window"):
        trained(workers=2)
    assert threading.active_count() == before


def test_threads_that_tag_two_languages_with_one_model_do_not_disturb_each_other():
    """A word without a vector is tagged in one way in the source, in another in the target."""
    model = trained()
    work = [("en", [["Zed", "left", "Rome"]] * 20), ("zh", [["某", "离开", "罗马"]] * 20)] * 50
    wanted = [model.tag(sentences, language=language, by="vectors") for language, sentences in work]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda item: model.tag(item[1], language=item[0], by="vectors"), work)
        assert list(found) == wanted


def test_hogwild_threads_stay_finite_and_learn():
    model = trained(workers=4, batch_words=200)
    assert np.isfinite(model.wv.vectors).all() and np.isfinite(model.syn1neg).all()
    assert model.history[-1]["skipgram_loss"] < model.history[0]["skipgram_loss"]


@pytest.mark.parametrize("loss", ["token", "sequence"])
def test_hogwild_threads_of_a_tagger_learn_what_one_does(loss, monkeypatch):
    monkeypatch.setattr(sequence, "SHARE", 20)
    sentences = [source for _, source, _ in make_pairs(400)]
    labels = NERData(sentences, labels_of(sentences))
    before = threading.active_count()
    one, more = (sequence.SequenceTagger(loss=loss).fit_labels(labels, workers=n) for n in (1, 4))
    assert threading.active_count() == before
    assert all(np.isfinite(array).all() for array in more.state().values())
    np.testing.assert_allclose(more.losses_, one.losses_, rtol=0.2)
    assert more.evaluate(labels).f1 > 0.98 * one.evaluate(labels).f1


def test_an_error_in_a_thread_of_a_tagger_ends_the_others_after_a_part():
    taken, failed = [], threading.Event()

    def fails(part, rate):
        failed.set()
        raise MemoryError("no room for a sentence")

    def goes_on(part, rate):
        failed.wait(60)
        time.sleep(0.02)
        taken.append(len(part))
        return 0.0

    before = threading.active_count()
    with pytest.raises(MemoryError, match="no room for a sentence"):
        sequence._take_all([goes_on, fails], [np.arange(1000)] * 2, [0.1] * 1000)
    assert len(taken) < 500
    assert threading.active_count() == before
