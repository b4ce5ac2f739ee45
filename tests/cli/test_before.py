"""What is refused before any work: before a corpus is segmented or input waited for; and what is kept after it."""

import json
import re
import sys

import pytest
from conftest import BOTH, TINY, assert_same_model, labels_of, make_pairs, sign
from gensim.models import Word2Vec

from gensim_mtner import ComparableCorpus, Gazetteer, LocalEngine, MTWord2Vec, NERData
from gensim_mtner.cli.main import main
from gensim_mtner.model.queries import BilingualModel

FAST = ("--vector-size", "4", "--min-count", "1", "--pretrain-epochs", "1", "--epochs", "1", "--workers", "1",
        "--silver-tokens", "0", "--self-training-tokens", "0")  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before")
    pairs = make_pairs(20)
    sentences = [source[:4] for _, source, _ in pairs]
    labels = NERData(sentences, labels_of(sentences))
    with open(folder / "train.iob2", "w", encoding="utf-8") as stream:
        stream.writelines(
            "".join(f"{word}\t{tag}\n" for word, tag in zip(words, tags, strict=True)) + "\n" for words, tags in labels
        )
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        for name, source, target in pairs:
            stream.write(json.dumps({"id": str(name), "en": " ".join(source), "zh": "".join(target)}) + "\n")
    (folder / "names.tsv").write_text("罗马\tCITY\n", encoding="utf-8")
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    MTWord2Vec(corpus, **TINY).save(folder / "plain")
    MTWord2Vec(corpus, ner_data=labels, **TINY | {"self_training_tokens": 200}).save(folder / "own")
    return folder


def train(files, *more, ner=True):
    given = ["--ner", str(files / "train.iob2")] if ner else []
    return main(["train", "--corpus", str(files / "pairs.jsonl"), *BOTH, *given, *FAST, *map(str, more)])


@pytest.mark.parametrize(
    ("more", "ner", "said"),
    [
        (["--vector-size", "0"], True, "--vector-size 0: expected a whole number from 1"),
        (["--dev", "train.iob2"], False, "--dev needs --ner"),
        (
            ["--gazetteer", "names.tsv", "--self-training-tokens", "100"],
            True,
            "has the types CITY, which --ner does not",
        ),
        (["--project-names"], True, "--project-names needs --silver-tokens and --self-training-tokens above 0"),
        (["--target-ner", "train.iob2"], True, "--target-ner needs --ner, and --self-training-tokens above 0"),
        (["--ner-weight", "0", "--calibrate"], True, "--calibrate needs --ner"),
    ],
)
def test_options_are_compared_before_the_corpus_is_segmented(files, tmp_path, monkeypatch, capsys, more, ner, said):
    monkeypatch.setattr(ComparableCorpus, "encode", lambda *args, **how: pytest.fail("segmented"))
    monkeypatch.chdir(files)
    assert train(files, *more, "--out", tmp_path / "model", ner=ner) == 1
    assert said in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_python_compares_before_it_reads_too():
    def unread():
        pytest.fail("read")

    sentences = [source[:4] for _, source, _ in make_pairs(20)]
    labels, corpus = NERData(sentences, labels_of(sentences)), ComparableCorpus(unread, source="en", target="zh")
    cities = Gazetteer({"CITY": ["罗马"]}, language="zh")
    with pytest.raises(ValueError, match="has the types CITY"):
        MTWord2Vec(corpus, ner_data=labels, gazetteer=cities, **TINY | {"self_training_tokens": 100})
    with pytest.raises(ValueError, match="project_names needs silver_tokens"):
        MTWord2Vec(corpus, ner_data=labels, project_names=True, **TINY)
    model = MTWord2Vec(ComparableCorpus(make_pairs(20), source="en", target="zh"), ner_data=labels, **TINY)
    with pytest.raises(TypeError, match="engine is 'four'"):
        model.train(corpus, ner_data=labels, engine="four")
    with pytest.raises(TypeError, match="engine is <class"):
        MTWord2Vec.resume("nowhere", corpus, labels, engine=LocalEngine)


def test_a_model_whose_calibration_fails_is_saved(files, tmp_path, monkeypatch, capsys):
    def fails(self):
        raise ValueError("too few words are known")

    monkeypatch.setattr(BilingualModel, "calibrate", fails)
    assert train(files, "--calibrate", "--out", tmp_path / "model") == 1
    assert re.search(r"saved .*model, but --calibrate could not be done: too few words", capsys.readouterr().err)
    assert MTWord2Vec.load(tmp_path / "model").history


def test_options_that_training_was_not_begun_with_are_refused(files, tmp_path, monkeypatch, capsys):
    def stop(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("gensim_mtner.model.checkpoint.Checkpoints.end_at_signals", stop)
        assert train(files, "--checkpoint", tmp_path / "states", "--out", tmp_path / "model") == 130
    typed = ["--checkpoint", tmp_path / "states", "--resume", "--out", tmp_path / "model"]
    for option, value, before in (("--mode", "fj", "hfj"), ("--epochs", "50", "1"), ("--seed", "9", "1"),
                                  ("--window", "3", "16")):  # fmt: skip
        capsys.readouterr()
        assert train(files, option, value, *typed) == 1
        assert f"{option} {value}: the training in" in (err := capsys.readouterr().err) and f"with {before}," in err
    assert train(files, *typed) == 0
    assert json.loads((tmp_path / "model" / "manifest.json").read_text("utf-8"))["arguments"]["progress"] is None


@pytest.mark.parametrize("begun", ["--match-labels", "--no-match-labels", None])
def test_what_stands_unsaid_is_as_it_was_begun(files, tmp_path, monkeypatch, capsys, begun):
    def stop(self):
        raise KeyboardInterrupt

    where = ["--checkpoint", tmp_path / "states", "--out", tmp_path / "model"]
    with monkeypatch.context() as patch:
        patch.setattr("gensim_mtner.model.checkpoint.Checkpoints.end_at_signals", stop)
        assert train(files, *([begun] if begun else []), *where) == 130
    (state,) = (tmp_path / "states").iterdir()
    if begun is None:  # of a release that had no choice, and drew from all
        sign(state, lambda manifest: manifest["arguments"].pop("match_labels"))
    if begun != "--no-match-labels" and begun is not None:
        assert train(files, "--no-match-labels", "--resume", *where) == 1
        assert "--no-match-labels: the training in" in capsys.readouterr().err
    assert train(files, *(["--no-match-labels"] if begun is None else []), "--resume", *where) == 0
    assert MTWord2Vec.load(tmp_path / "model").match_labels is (begun == "--match-labels")


@pytest.mark.parametrize("more", [[], ["--calibrate"]])
def test_a_run_that_is_ended_before_its_model_is_saved_goes_on_from_its_last_state(files, tmp_path, monkeypatch, more):
    def ended(*arguments, **options):
        raise KeyboardInterrupt

    where = ["--seed", "1", "--workers", "1", "--checkpoint", tmp_path / "states", *more]
    with monkeypatch.context() as patch:
        patch.setattr("gensim_mtner.cli.commands.save_model", ended)
        assert train(files, *where, "--out", tmp_path / "model") == 130
    with monkeypatch.context() as patch:
        patch.setattr("gensim_mtner.model.loop.Trainer._run_epoch", ended)  # none is left to do
        assert train(files, *where, "--resume", "--out", tmp_path / "model") == 0
    assert not list((tmp_path / "states").iterdir())
    assert train(files, *where, "--out", tmp_path / "whole") == 0
    assert_same_model(*(MTWord2Vec.load(tmp_path / name) for name in ("model", "whole")))


@pytest.mark.parametrize("keep", [True, False])
def test_python_keeps_the_last_state_if_it_is_asked_to(tmp_path, keep):
    pairs = make_pairs(20)
    sentences = [source[:4] for _, source, _ in pairs]
    corpus, labels = ComparableCorpus(pairs, source="en", target="zh"), NERData(sentences, labels_of(sentences))
    model = MTWord2Vec(seed=1, **TINY)
    model.build_vocab(corpus, ner_data=labels)
    model.train(corpus, ner_data=labels, checkpoint=tmp_path / "states", keep_checkpoint=keep)
    if keep:
        assert_same_model(MTWord2Vec.resume(tmp_path / "states", corpus, labels, keep_checkpoint=True), model)
        assert_same_model(MTWord2Vec.resume(tmp_path / "states", corpus, labels), model)
    with pytest.raises(FileNotFoundError):
        MTWord2Vec.resume(tmp_path / "states", corpus, labels)
    with pytest.raises(ValueError, match="keep_checkpoint=1"):
        model.train(corpus, ner_data=labels, checkpoint=tmp_path / "states", keep_checkpoint=1)


class Unread:
    """Standard input that nobody may read from."""

    def __getattr__(self, name):
        pytest.fail("waited for input")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["tag", "--model", "plain", "--language", "zh"], "no tagger"),
        (["tag", "--model", "own", "--language", "zh", "--unknown", "oov"], "words without a vector are tagged by"),
        (["tag", "--model", "own", "--language", "en", "--by", "sequence"], "this model has no source_tagger"),
        (["similar", "--model", "plain", "--language", "zh", "--topn", "0"], "--topn 0"),
        (["translate", "--model", "plain", "--from", "zh", "--to", "en", "--topn", "0"], "--topn 0"),
    ],
)
def test_commands_say_what_they_cannot_do_before_they_wait(files, monkeypatch, capsys, command, said):
    monkeypatch.chdir(files)
    monkeypatch.setattr(sys, "stdin", Unread())
    assert main(command) == 1
    assert said in capsys.readouterr().err


def test_what_is_no_model_of_ours_in_gensims_format_is_refused_by_its_name(files, tmp_path, capsys):
    Word2Vec([["a", "b"]] * 3, min_count=1, vector_size=4).save(str(tmp_path / "other.w2v"))
    for path, said in ((tmp_path / "other.w2v", "has a Word2Vec: expected MTWord2Vec"),
                       (files / "train.iob2", "is no model in gensim's format")):  # fmt: skip
        command = ["similar", "--model", str(path), "--model-format", "gensim", "--language", "en", "Ann"]
        assert main(command) == 1
        assert f"{path} {said}" in capsys.readouterr().err


def test_typical_words_of_a_model_without_languages_are_refused(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    MTWord2Vec([["a", "b"]] * 9, **TINY).save(tmp_path / "model")
    assert main(["plot", "vectors", "--model", str(tmp_path / "model"), "--out", str(tmp_path / "x.png")]) == 1
    assert "the words of this model have no language" in capsys.readouterr().err


def test_a_text_of_another_language_is_told_of_once(files, tmp_path, caplog):
    (tmp_path / "text").write_text("\n".join(f"mot{number} et mot{number}" for number in range(900)), encoding="utf-8")
    asked = ["tag", "--model", str(files / "own"), "--language", "en", "--input", str(tmp_path / "text")]
    for _ in range(2):  # commands, of three parts each
        caplog.clear()
        assert main([*asked, "--out", str(tmp_path / "tags")]) == 0
        told = [record for record in caplog.records if "of the words of the text have a vector" in record.message]
        assert len(told) == 1
