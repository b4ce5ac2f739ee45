"""Training that is stopped, by signals and by kills, goes on to the bits of one that was not."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import PEOPLE, Killer, assert_same_model, labels_of, make_pairs, sign
from gensim.models.callbacks import CallbackAny2Vec

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.cli.main import main
from gensim_mtner.model import checkpoint, stages
from gensim_mtner.model.checkpoint import TrainingInterrupted, states_in
from gensim_mtner.vectors import skipgram

KILLS = int(os.environ.get("MTNER_KILLS", "5"))
SMALL = {"vector_size": 16, "window": 4, "workers": 1, "sample": 1e-2, "pretrain_epochs": 3, "epochs": 3,
         "batch_words": 400, "rounds_per_epoch": 3, "progress": False, "seed": 5}  # fmt: skip


def data():
    pairs = make_pairs()
    sentences = [pair[1][:4] for pair in pairs]
    return ComparableCorpus(pairs, source="en", target="zh"), NERData(sentences, labels_of(sentences))


@pytest.mark.parametrize("at", [1, 8, 30, 49, 50, 61, 83])
@pytest.mark.parametrize("mode, kernel", [("hfj", "shared"), ("fj", "gensim"), ("baseline", "exact")])
def test_a_signal_between_two_batches_loses_nothing(tmp_path, monkeypatch, mode, kernel, at):
    corpus, labels = data()
    settings = {**SMALL, "mode": mode, "kernel": kernel, "dev_data": labels, "patience": 2}
    given = {"dictionary": BilingualDictionary(PEOPLE)} if mode != "baseline" else {}
    whole = MTWord2Vec(corpus, ner_data=labels, **given, **settings)
    front, count = skipgram.KERNELS[kernel], [0]
    run = front.run

    def counted(self, job, alpha):
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGTERM)
        return run(self, job, alpha)

    monkeypatch.setattr(front, "run", counted)
    before = signal.getsignal(signal.SIGTERM)
    try:
        model = MTWord2Vec(corpus, ner_data=labels, checkpoint=tmp_path / "state", **given, **settings)
    except TrainingInterrupted as stop:
        assert stop.signal == signal.SIGTERM and "MTWord2Vec.resume" in str(stop)
        assert signal.getsignal(signal.SIGTERM) is before
        assert len(states_in(tmp_path / "state")) == 1
        model = MTWord2Vec.resume(tmp_path / "state", corpus, labels, dev_data=labels, **given)
    else:
        assert count[0] < at  # training was over
    assert_same_model(model, whole)
    assert list((tmp_path / "state").iterdir()) == []


@pytest.mark.parametrize("hook", ["begin", "end"])
@pytest.mark.parametrize("n", [1, 2, 4, 5])
@pytest.mark.parametrize("mode", ["hfj", "baseline"])
def test_a_signal_before_the_first_batch_of_a_pass_or_after_its_last_loses_nothing(tmp_path, hook, n, mode):
    corpus, labels = data()
    # more turns of the tagger than there are labelled sentences: what is left of a pass is for the next epoch
    settings = {**SMALL, "mode": mode, "rounds_per_epoch": 5, "silver_tokens": 0, "self_training_tokens": 0}
    few = labels.subset(range(3))
    whole = MTWord2Vec(corpus, ner_data=few, **settings)
    state = tmp_path / "state"
    try:
        model = MTWord2Vec(corpus, ner_data=few, checkpoint=state, callbacks=[Killer(hook, n)], **settings)
    except TrainingInterrupted:
        model = MTWord2Vec.resume(state, corpus, few)
    else:
        assert mode == "baseline" and n > 3
    assert model.passes == whole.passes
    assert_same_model(model, whole)


def test_a_signal_in_self_training_stops_it_and_training_goes_on_from_the_last_pass(tmp_path, monkeypatch):
    corpus, labels = data()
    whole, work = MTWord2Vec(corpus, ner_data=labels, **SMALL), stages.add_target_tagger

    def stopped(*given):
        os.kill(os.getpid(), signal.SIGTERM)
        return work(*given)

    monkeypatch.setattr(stages, "add_target_tagger", stopped)
    with pytest.raises(TrainingInterrupted):
        MTWord2Vec(corpus, ner_data=labels, checkpoint=tmp_path / "state", **SMALL)
    monkeypatch.undo()
    model = MTWord2Vec.resume(tmp_path / "state", corpus, labels)
    assert_same_model(model, whole)
    assert model.get_latest_training_loss() == whole.get_latest_training_loss()


@pytest.mark.parametrize("at", range(50, 62))
def test_a_signal_in_the_last_of_the_updates_that_were_asked_for_loses_nothing(tmp_path, monkeypatch, at):
    corpus, labels = data()
    settings = {**SMALL, "rounds_per_epoch": 4, "max_updates": 5, "silver_tokens": 0, "self_training_tokens": 0}
    whole = MTWord2Vec(corpus, ner_data=labels, **settings)
    run, count = skipgram.OwnKernel.run, [0]

    def counted(self, job, alpha):
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGTERM)
        return run(self, job, alpha)

    monkeypatch.setattr(skipgram.OwnKernel, "run", counted)
    try:
        model = MTWord2Vec(corpus, ner_data=labels, checkpoint=tmp_path / "state", **settings)
    except TrainingInterrupted:
        model = MTWord2Vec.resume(tmp_path / "state", corpus, labels)
    assert len(model.history) == len(whole.history)
    assert_same_model(model, whole)


def test_a_signal_while_the_last_state_is_written_stops_training(tmp_path, monkeypatch):
    corpus, labels = data()
    whole, write = MTWord2Vec(corpus, ner_data=labels, **SMALL), checkpoint.Checkpoints.write

    def signalled(self, model, position, *more):
        if position.phase == len(self.phases):
            os.kill(os.getpid(), signal.SIGTERM)
        write(self, model, position, *more)

    monkeypatch.setattr(checkpoint.Checkpoints, "write", signalled)
    with pytest.raises(TrainingInterrupted):
        MTWord2Vec(corpus, ner_data=labels, checkpoint=tmp_path / "state", **SMALL)
    monkeypatch.undo()
    assert_same_model(MTWord2Vec.resume(tmp_path / "state", corpus, labels), whole)


SCRIPT = """
import sys; sys.path[:0] = ["tests", "tests/model"]
from test_checkpoint import *
corpus, labels = data()
print("begun", flush=True)
MTWord2Vec(corpus, ner_data=labels, checkpoint=sys.argv[1], **{**SMALL, "epochs": 12, "pretrain_epochs": 12})
print("done", flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_state(tmp_path):
    corpus, labels = data()
    whole = MTWord2Vec(corpus, ner_data=labels, **{**SMALL, "epochs": 12, "pretrain_epochs": 12})
    random = np.random.default_rng(1)
    for number in range(KILLS):
        path = tmp_path / str(number)
        with subprocess.Popen([sys.executable, "-c", SCRIPT, path], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "begun\n"
            time.sleep(random.uniform(0.02, 1.0))
            process.kill()
            over = process.stdout.read() == "done\n"
        states = states_in(path) if path.exists() else []
        assert len(states) <= 2  # the next is whole before the former goes
        if states:
            assert_same_model(MTWord2Vec.resume(path, corpus, labels), whole)
            assert list(path.iterdir()) == []
        else:
            assert over or not states


class Stop(Exception):
    """Ends a training, as a kill would."""


class Stopper(CallbackAny2Vec):
    epochs = 0

    def on_epoch_end(self, model):
        self.epochs += 1
        if self.epochs == 5:
            raise Stop


def stop_in_the_fifth_epoch(path, corpus, labels):
    with pytest.raises(Stop):
        MTWord2Vec(corpus, ner_data=labels, checkpoint=path, dev_data=labels, callbacks=[Stopper()], **SMALL)


@pytest.mark.parametrize(
    ("part", "array", "message"),
    [
        ("resume.translations", lambda array: array + 10**6, "rows that the vocabulary lacks"),
        ("resume.translations", lambda array: array[:-1], "rows that the vocabulary lacks"),
        ("resume.best.0", lambda array: array[:1], r"resume\.best\.0\.npy has the shape"),
        ("resume.best.1", lambda array: array.astype(np.float64), r"resume\.best\.1\.npy holds float64"),
    ],
)
def test_harm_under_right_checksums_is_refused(tmp_path, part, array, message):
    """The kernels look rows up without asking, so that what a file says is asked before."""
    corpus, labels = data()
    stop_in_the_fifth_epoch(tmp_path / "state", corpus, labels)
    state = states_in(tmp_path / "state")[-1]
    file = state / f"{part}.npy"
    np.save(file, array(np.load(file)))
    sign(state)
    with pytest.raises(ValueError, match=message):
        MTWord2Vec.resume(tmp_path / "state", corpus, labels, dev_data=labels)


def test_what_does_not_fit_is_refused(tmp_path, capsys):
    corpus, labels = data()
    path = tmp_path / "state"
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        MTWord2Vec.resume(path, corpus, labels)

    stop_in_the_fifth_epoch(path, corpus, labels)
    model = MTWord2Vec.load(states_in(path)[0])
    other = ComparableCorpus(make_pairs(seed=9), source="en", target="zh")
    pairs = make_pairs()
    first = pairs[0][1][0]
    renamed = [(name, ["Zoe" if word == first else word for word in source], target) for name, source, target in pairs]
    joined = [("1", pairs[0][1] + pairs[1][1], pairs[0][2] + pairs[1][2]), *pairs[2:]]
    for rows in (renamed, joined):  # the same numbers of words, but others, or in other documents
        with pytest.raises(ValueError, match="corpus is not what training was begun with"):
            MTWord2Vec.resume(path, ComparableCorpus(rows, source="en", target="zh"), labels, dev_data=labels)
    with pytest.raises(ValueError, match="corpus is not what training was begun with"):
        MTWord2Vec.resume(path, other, labels, dev_data=labels)
    with pytest.raises(ValueError, match="ner_data is not what"):
        MTWord2Vec.resume(path, corpus, labels.subset(range(9)), dev_data=labels)
    with pytest.raises(ValueError, match="dictionary is not what"):
        MTWord2Vec.resume(path, corpus, labels, dev_data=labels, dictionary=BilingualDictionary([("Ann", "安")]))
    with pytest.raises(ValueError, match="dev_data is not what"):
        MTWord2Vec.resume(path, corpus, labels)
    part = states_in(path)[0] / "contexts.npy"
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match=r"contexts\.npy is damaged"):
        MTWord2Vec.resume(path, corpus, labels, dev_data=labels)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="is a file"):
        MTWord2Vec(corpus, checkpoint=tmp_path / "file", **SMALL)
    never = ComparableCorpus(lambda: pytest.fail("the corpus was read"), source="en", target="zh")
    with pytest.raises(ValueError, match="checkpoint_every=0"):
        MTWord2Vec(never, checkpoint=tmp_path / "new", checkpoint_every=0, **SMALL)
    with pytest.raises(ValueError, match="checkpoint_every=0"):
        MTWord2Vec.resume(path, corpus, labels, dev_data=labels, checkpoint_every=0)
    for begin in (lambda: MTWord2Vec(never, checkpoint=path, **SMALL), lambda: model.train(never, checkpoint=path)):
        with pytest.raises(FileExistsError, match=r"state of a training that was not finished \(state-0+4\): go on"):
            begin()
    command = ["train", "--corpus", "x.jsonl", "--source", "en", "--target", "zh", "--out", str(tmp_path / "out")]
    assert main([*command, "--checkpoint", str(path)]) == 1
    assert "was not finished" in capsys.readouterr().err


def test_divergence_names_the_last_good_state(tmp_path):
    corpus, labels = data()
    with pytest.raises(FloatingPointError, match=r"ner_vector_alpha.*last good state is in .*state"):
        MTWord2Vec(corpus, ner_data=labels, ner_vector_alpha=1e12, checkpoint=tmp_path / "state", **SMALL)
    assert len(states_in(tmp_path / "state")) == 1
    MTWord2Vec.load(states_in(tmp_path / "state")[0])


def test_the_command_line_resumes(tmp_path, monkeypatch, capsys):
    with open(tmp_path / "pairs.jsonl", "w", encoding="utf-8") as stream:
        for name, source, target in make_pairs():
            stream.write(json.dumps({"id": name, "en": " ".join(source), "zh": "".join(target)}) + "\n")
    _, labels = data()
    with open(tmp_path / "train.iob2", "w", encoding="utf-8") as stream:
        for words, tags in labels:
            stream.writelines(f"{n}\t{w}\t{t}\n" for n, (w, t) in enumerate(zip(words, tags, strict=True), 1))
            stream.write("\n")
    command = ["train", "--corpus", str(tmp_path / "pairs.jsonl"), "--source", "en", "--target", "zh", "--ner",
               str(tmp_path / "train.iob2"), "--vector-size", "16", "--workers", "1", "--epochs", "2",
               "--quiet"]  # fmt: skip
    assert main([*command, "--out", str(tmp_path / "whole")]) == 0
    run, count = skipgram.OwnKernel.run, [0]

    def counted(self, job, alpha):
        count[0] += 1
        if count[0] == 9:
            os.kill(os.getpid(), signal.SIGINT)
        return run(self, job, alpha)

    monkeypatch.setattr(skipgram.OwnKernel, "run", counted)
    command += ["--checkpoint", str(tmp_path / "state"), "--resume", "--out", str(tmp_path / "model")]
    assert main(command) == 128 + signal.SIGINT and "--resume" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()
    assert main(command) == 0
    assert_same_model(MTWord2Vec.load(tmp_path / "model"), MTWord2Vec.load(tmp_path / "whole"))
    assert main(["train", "--corpus", str(tmp_path / "pairs.jsonl"), "--source", "en", "--target", "zh", "--resume",
                 "--out", str(tmp_path / "x")]) == 1  # fmt: skip
    assert "--resume needs --checkpoint" in capsys.readouterr().err
