"""What a system lacks (open files, memory, a process, a folder to write to) is told as that, and costs nothing else."""

import itertools
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import types
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, assert_same_model, labels_of, make_pairs

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData
from gensim_mtner.model.saving import ARGUMENTS
from gensim_mtner.storage import load_array, new_directory
from gensim_mtner.text.documents import EncodedCorpus
from gensim_mtner.text.encoded import ShardedText

PAIRS = [(f"word{number} left .", f"wort{number} ging .") for number in range(60)]


def corpus(**more):
    return ComparableCorpus(PAIRS, source="en", target="de", **more)


def under_limit(path, soft, hard, code):
    """Run code where a process may have so many files open; what it prints."""
    script = f"""
        import resource
        from gensim_mtner import ComparableCorpus, EncodedText
        pairs = {PAIRS!r}
        text = ComparableCorpus(pairs * 10, source="en", target="de")
        resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
        try:
            {code}
        except OSError as error:
            print(type(error).__name__, error)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True)
    assert not ran.returncode, ran.stderr
    return ran.stdout


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 1000, reason="may not have 1,000 open files")
def test_a_text_of_more_shards_than_open_files_is_read_where_the_system_lets_it(tmp_path):
    code = f"print(len(text.encode({str(tmp_path / 'text')!r}, shards=400)))"
    assert under_limit(tmp_path, 300, 1000, code) == "600\n"
    assert under_limit(tmp_path, 300, 1000, f"print(len(EncodedText.open({str(tmp_path / 'text')!r})))") == "600\n"
    code = f"EncodedText.open({str(tmp_path / 'text')!r})"
    assert "400 shards are as many open files, and the system lets a process have 350" in under_limit(
        tmp_path, 300, 350, code
    )


def test_open_files_are_counted_as_they_are(tmp_path):
    """A limit that is low is enough for few shards, and two texts have as many open files as both have shards."""
    path = str(tmp_path / "text")
    few = f"text.encode({path!r}, shards=2); print(len(EncodedText.open({path!r})))"
    assert under_limit(tmp_path, 256, 256, few) == "600\n"
    both = f"a = text.encode({path + '2'!r}, shards=400); b = EncodedText.open({path + '2'!r}); print(len(a) + len(b))"
    assert under_limit(tmp_path, 700, 1000, both) == "1200\n"


def test_more_shards_than_a_process_may_have_open_are_refused_before_anything_is_written(tmp_path):
    code = f"text.encode({str(tmp_path / 'text')!r}, shards=400)"
    assert "take fewer shards" in under_limit(tmp_path, 300, 350, code)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("raised", "expected"), [
    (MemoryError("Unable to allocate 7 GiB"), MemoryError), (OSError(24, "Too many open files"), OSError),
    (OSError("not so many bytes"), ValueError), (EOFError(), ValueError),
])  # fmt: skip
def test_what_the_system_lacks_is_no_damage(tmp_path, monkeypatch, raised, expected):
    def fails(*arguments, **more):
        raise raised

    np.save(tmp_path / "a.npy", np.zeros(3, np.float32))
    monkeypatch.setattr(np, "load", fails)
    with pytest.raises(expected) as caught:
        load_array(tmp_path / "a.npy", "float32", 1, mmap=False)
    assert ("damaged" in str(caught.value)) == (expected is ValueError)
    assert str(tmp_path / "a.npy") in str(caught.value)


def ends_itself(text):
    """A tokenizer whose process is ended, as by a system whose memory runs out."""
    if os.environ["MTNER_PARENT"] != str(os.getpid()):
        os._exit(9)
    return text.split()


@pytest.mark.parametrize("shards", [None, 3])
def test_a_process_that_is_gone_is_told_with_what_to_do(tmp_path, monkeypatch, shards):
    monkeypatch.setenv("MTNER_PARENT", str(os.getpid()))
    many = ComparableCorpus(PAIRS * 100, source="en", target="de", tokenizers={"de": ends_itself})
    with pytest.raises(RuntimeError, match=r"is gone, when 0 parts were done.*take fewer workers"):
        many.encode(tmp_path / "text", workers=2, shards=shards, progress=False)
    assert not list(tmp_path.iterdir())


def test_shards_are_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpus().encode("text", shards=2)
    text = EncodedText.open("text")
    assert isinstance(text, ShardedText) and text.path == tmp_path / "text"
    assert text.documents({}).directory[0] == tmp_path / "text"


@pytest.fixture
def folder_of_nobody():
    """A folder whose owner may not write everywhere, and who the test is run as."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid():
            yield Path(name)
            return
        os.chmod(name, 0o777)
        os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_that_may_not_be_written_to_is_replaced_and_leaves_nothing(folder_of_nobody, monkeypatch, exchanges):
    if not exchanges:  # as file systems of other machines
        monkeypatch.setattr("gensim_mtner.storage.exchange", lambda one, other: False)
    model = folder_of_nobody / "m"
    for number in range(3):
        with new_directory(model, "a test", 1, overwrite=True) as facts:
            (facts["directory"] / "text").write_text(str(number))
        model.chmod(0o555)
    assert list(folder_of_nobody.iterdir()) == [model] and (model / "text").read_text() == "2"


@pytest.mark.parametrize("fails", [(2,), (2, 3)])
def test_what_cannot_be_replaced_is_not_lost(tmp_path, monkeypatch, fails):
    """Also where it can be put back neither, as on a disk that has become read-only meanwhile."""
    real, calls = os.replace, itertools.count(1)

    def replace(*names):
        if next(calls) in fails:
            raise OSError(5, "Input/output error")
        real(*names)

    with new_directory(tmp_path / "m", "a test", 1) as facts:
        (facts["directory"] / "text").write_text("before")
    monkeypatch.setattr("gensim_mtner.storage.exchange", lambda one, other: False)
    monkeypatch.setattr(os, "replace", replace)
    with (
        pytest.raises(OSError, match="Input/output"),
        new_directory(tmp_path / "m", "a test", 1, overwrite=True) as facts,
    ):
        (facts["directory"] / "text").write_text("after")
    assert [file.read_text() for file in tmp_path.rglob("text")] == ["before"]
    assert (tmp_path / "m").exists() == (3 not in fails)


def test_numbers_of_numpy_train_as_those_that_a_saved_model_has(tmp_path):
    pairs = make_pairs(20)
    sentences = [source[:4] for _, source, _ in pairs]
    text, labels = ComparableCorpus(pairs, source="en", target="zh"), NERData(sentences, labels_of(sentences))
    given = {**TINY, "seed": np.int64(3), "ner_vector_alpha": np.float32(0.7), "ner_weight": np.float32(0.3),
             "min_count": types.MappingProxyType({"en": 1, "zh": np.int32(1)}), "window": np.int16(4)}  # fmt: skip
    model = MTWord2Vec(text, ner_data=labels, **given)
    for name in ARGUMENTS:
        assert isinstance(getattr(model, name), (str, int, float, dict, type(None))), name
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
    assert_same_model(MTWord2Vec(text, ner_data=labels, **plain | {"min_count": {"en": 1, "zh": 1}}), model)
    model.save(tmp_path / "m")
    assert MTWord2Vec.load(tmp_path / "m").min_count == {"en": 1, "zh": 1}


@pytest.mark.parametrize("ids", [np.array([1 << 31, 1, 0]), np.array([1 << 32, 1, 0], np.uint64), np.array([0, -2, 0])])
def test_numbers_of_words_that_do_not_fit_are_refused(ids):
    with pytest.raises(ValueError, match="beyond 32 bits"):
        EncodedCorpus(ids, np.array([0, 1, 3]))
