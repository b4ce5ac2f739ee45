"""Models on disk: no code in them, damage is found and named, nothing half-written."""

import ctypes
import io
import os
import pickle
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import MODEL_1, labels_of, make_pairs, sign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData, disk, storage

KILLS = int(os.environ.get("MTNER_KILLS", "5"))
SMALL = {"vector_size": 8, "epochs": 1, "pretrain_epochs": 2, "ner_warmup": 2, "workers": 1}


@pytest.fixture(scope="module")
def model():
    pairs = make_pairs(30)
    sentences = [source for _, source, _ in pairs]
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    return MTWord2Vec(corpus, ner_data=NERData(sentences, labels_of(sentences)), min_count={"zh": 2}, **SMALL)


@pytest.fixture
def directory(model, tmp_path):
    model.save(tmp_path / "model")
    return tmp_path / "model"


def test_loading_never_unpickles(directory, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    assert MTWord2Vec.load(directory).tag([["罗马"]], language="zh")


def test_arrays_of_objects_are_refused(directory):
    np.save(directory / "vectors.npy", np.array([{}], dtype=object), allow_pickle=True)
    sign(directory)
    with pytest.raises(ValueError, match=r"vectors\.npy is damaged"):
        MTWord2Vec.load(directory, verify=False)


def test_memory_mapped_models_tag_but_do_not_train(directory, model, ner_data):
    loaded = MTWord2Vec.load(directory, mmap=True)
    assert isinstance(loaded.wv.vectors, np.memmap)
    assert loaded.tag([["罗马", "安"]], language="zh") == model.tag([["罗马", "安"]], language="zh")
    with pytest.raises(ValueError, match=r"read-only .* load the model without mmap"):
        loaded.train(ComparableCorpus(make_pairs(3), source="en", target="zh"), ner_data=ner_data)


def files(directory):
    return sorted(file.name for file in directory.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.data())
def test_any_flipped_byte_is_found(directory, data):
    name = data.draw(st.sampled_from(files(directory)))
    part = directory / name
    whole = part.read_bytes()
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    part.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
    try:
        with pytest.raises(ValueError, match=name):
            MTWord2Vec.load(directory)
    finally:
        part.write_bytes(whole)


def test_texts_of_a_file_are_what_its_lines_say_one_by_one(tmp_path):
    path = tmp_path / "texts.jsonl"
    for lines, found in {
        b"": [], b'"a"': ["a"], b'"a"\n"b"\n': ["a", "b"], b' "a"\t\r\n"\xe5\x8d\xa1"\n': ["a", "卡"],
        b'"\\u2028\xe2\x80\xa8\\n"\n"x"': ["\u2028\u2028\n", "x"], b'"],[\\",\\""\n': ['],[","'],
    }.items():  # fmt: skip
        path.write_bytes(lines)
        assert storage.json_texts(path) == [value for _, value in storage.json_lines(path)] == found
    for lines in (b'"a"\n\n', b'"a" "b"\n', b"\n", b'\xef\xbb\xbf"a"\n', b'"a"\n,\n', b'"a",\n"b"'):
        path.write_bytes(lines)
        with pytest.raises(ValueError, match=r"texts\.jsonl, line \d: damaged"):
            storage.json_texts(path)


def test_a_damaged_file_is_named_whichever_thread_comes_to_it_first(directory):
    names = [name for name in files(directory) if name != "manifest.json"]
    for name in names:
        whole = (directory / name).read_bytes()
        (directory / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match=f"{names[0]} is damaged"):
        MTWord2Vec.load(directory)


def test_any_missing_part_is_found(directory):
    for name in files(directory):
        whole = (directory / name).read_bytes()
        (directory / name).unlink()
        with pytest.raises(ValueError, match=name.replace(".", r"\.")):
            MTWord2Vec.load(directory)
        (directory / name).write_bytes(whole)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("state", {"source_size": 10**6}, "do not make up"),
        ("arguments", {"vector_size": 9}, "one row for each"),
        ("arguments", {"mode": "x"}, "mode='x'"),
        ("tagger", {"classes": ["O"]}, "has the shape"),
    ],
)
def test_facts_that_contradict_the_arrays_are_refused(directory, part, change, message):
    sign(directory, lambda manifest: manifest[part].update(change))
    with pytest.raises(ValueError, match=message):
        MTWord2Vec.load(directory)


def test_saving_replaces_a_model_but_nothing_else(model, directory, tmp_path):
    model.save(directory)
    with pytest.raises(FileExistsError):
        model.save(directory, overwrite=False)
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="is a directory with other files"):
        model.save(other)
    assert files(other) == ["letter.txt"]


def test_a_failed_save_keeps_the_model_that_was_there(model, directory, monkeypatch):
    before = {name: (directory / name).read_bytes() for name in files(directory)}

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        model.save(directory)
    assert {name: (directory / name).read_bytes() for name in files(directory)} == before
    assert files(directory.parent) == ["model"]


SAVE = """
import sys
from gensim_mtner import MTWord2Vec
model = MTWord2Vec.load(sys.argv[1])
print("begun", flush=True)
while True:
    model.passes += 1
    model.save(sys.argv[1])
    print("saved", flush=True)
"""


def test_a_kill_while_a_model_is_replaced_leaves_the_one_or_the_other(directory):
    random = np.random.default_rng(2)
    first = before = MTWord2Vec.load(directory).passes
    for number in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", SAVE, directory], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "begun\n"
            if number % 2:  # on a slow machine nothing may have been saved in the time below
                assert process.stdout.readline() == "saved\n"
            time.sleep(random.uniform(0.01, 0.3))
            process.kill()
        passes = MTWord2Vec.load(directory).passes
        assert passes >= before + number % 2
        before = passes
    assert passes >= first + KILLS // 2


@pytest.mark.parametrize("platform", ["win32", "linux", "darwin"])
def test_a_model_is_replaced_where_names_cannot_be_exchanged_too(model, directory, monkeypatch, platform):
    def no_library(*args, **kwargs):
        raise OSError("no such library")

    monkeypatch.setattr(disk, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(ctypes, "CDLL", no_library)
    model.save(directory)
    assert MTWord2Vec.load(directory).passes == model.passes
    assert files(directory.parent) == ["model"]


FULL = """
import resource, sys
from gensim_mtner import MTWord2Vec
model = MTWord2Vec.load(sys.argv[1])
model.passes += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))  # as a disk has it that is full after 900 bytes of a file
model.save(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of file sizes")
def test_a_full_disk_leaves_the_model_that_was_there(directory, model):
    result = subprocess.run([sys.executable, "-c", FULL, directory], capture_output=True, text=True)
    assert result.returncode == 1 and "OSError" in result.stderr
    assert MTWord2Vec.load(directory).passes == model.passes
    assert files(directory.parent) == ["model"]


def test_a_model_without_a_vocabulary_is_not_saved(tmp_path):
    with pytest.raises(RuntimeError, match="call build_vocab first"):
        MTWord2Vec().save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_models_without_a_tagger_and_of_bare_words_load(tmp_path):
    model = MTWord2Vec([["a", "b", "a"]] * 9, min_count=1, workers=1, epochs=1, sample=0)
    model.save(tmp_path / "model")
    loaded = MTWord2Vec.load(tmp_path / "model")
    assert np.array_equal(loaded.wv["a"], model.wv["a"])
    assert not hasattr(loaded, "tagger")


def test_a_model_that_version_1_of_the_layout_wrote_still_tags_as_it_did():
    """Made once, with the small world of conftest; never to be made again: what is saved today must load tomorrow."""
    model = MTWord2Vec.load(MODEL_1)
    sentences = [["安", "访问", "罗马", "。"], ["佐伊", "喜欢", "伯尔尼", "。"]]
    assert model.tag(sentences, language="zh") == [["B-PER", "O", "B-LOC", "O"]] * 2
    assert model.tag(sentences, language="zh", by="vectors")[1][0] == "O"  # 佐伊 has no vector
    assert model.tag([["Ann", "saw", "Rome", "."]], language="en") == [["B-PER", "O", "B-LOC", "O"]]
    ((word, similarity),) = model.neighbours("罗马", language="zh", topn=1)
    assert word == "Rome" and similarity == pytest.approx(0.71606, abs=1e-4)


def stored_model(tmp_path, **changes):
    """The stored model with other arrays, texts or facts, and checksums that fit, as one who means harm has them."""
    path = tmp_path / "model"
    shutil.copytree(MODEL_1, path)
    facts = {name: value for name, value in changes.items() if isinstance(value, dict) or value is None}
    for name in changes.keys() - facts.keys():
        part = path / {"keys": "keys.jsonl"}.get(name, f"{name}.npy")
        part.write_bytes(changes[name]) if isinstance(changes[name], bytes) else np.save(part, changes[name])

    def change(manifest):
        for name, value in facts.items():
            manifest[name].update(value) if value else manifest.pop(name)

    sign(path, change)
    return path


def header(shape):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return stream.getvalue()


IN_MANIFEST = r"manifest\.json is damaged: .*"
N, D = 33, 8  # keys and components of the stored model
HARM = {  # what fuzzing found, and its like
    "counts below zero": ({"counts": np.full(N, -1)}, r"counts\.npy has counts below 0"),
    "keys that are not UTF-8": ({"keys": b'"en:a"\n"en:\xff"\n'}, r"keys\.jsonl, line 2: damaged"),
    "keys that are numbers": ({"keys": b'"en:a"\n7\n'}, r"keys\.jsonl, line 2: damaged; a text was expected"),
    "two keys in a line": ({"keys": b'"en:a","en:b"\n\n'}, r"keys\.jsonl, line 1: damaged"),
    "a key over two lines": ({"keys": b'"en:a\nb"\n'}, r"keys\.jsonl, line 1: damaged"),
    "a list over two lines": ({"keys": b'"en:a"\n["en:b"\n"en:c"]\n'}, r"keys\.jsonl, line 2: damaged"),
    "keys that end a list": ({"keys": b'"en:a"]\n'}, r"keys\.jsonl, line 1: damaged"),
    "no count": ({"counts": np.zeros(N, np.int64)}, r"counts\.npy has counts .* or 0 alone"),
    "an array that is shorter than it says": ({"vectors": header((10**12,))}, r"vectors\.npy is damaged: .* tells of"),
    "a header that is no Python": ({"vectors": header((2,)).replace(b"{", b"(")}, r"vectors\.npy is damaged"),
    "columns for rows": ({"vectors": np.asfortranarray(np.ones((N, D), np.float32))}, r"vectors\.npy holds columns"),
    "infinite contexts": ({"contexts": np.full((N, D), np.inf, np.float32)}, r"contexts\.npy has components"),
    "a tagger of NaN": ({"tagger.intercept": np.full(5, np.nan, np.float32)}, r"tagger\.intercept\.npy has numbers"),
    "another random generator": ({"random": np.zeros(3, np.uint32)}, r"manifest\.json is damaged: IndexError"),
    "tags without pairs": ({"tagger": {"classes": ["O", "B-LOC", "I-PER", "B-PER", "I-LOC"]}},
                           IN_MANIFEST + "expected 'O', then"),
    "a tagger that is not told of": ({"source_tagger": None}, r"manifest\.json says nothing of 'source_tagger'"),
    "a shift of NaN": ({"tagger": {"outside_shift": float("nan")}}, IN_MANIFEST + "outside_shift=nan"),
    "room for a tagger beyond all memory": (
        {"target_tagger": {"arguments": {"n_features": 10**15}}}, IN_MANIFEST + "n_features|Memory"),
}  # fmt: skip


@pytest.mark.parametrize("case", HARM)
def test_harm_under_right_checksums_is_refused(tmp_path, case):
    changes, message = HARM[case]
    path = stored_model(tmp_path, **changes)
    for how in ({}, {"mmap": True}):
        with pytest.raises(ValueError, match=message):
            MTWord2Vec.load(path, **how)


@pytest.mark.parametrize("rows", [[3, 2], [-1, 2], [2, 1 << 18], [2, 2]])
def test_rows_of_a_tagger_that_are_out_of_order_are_refused(tmp_path, rows):
    path = stored_model(
        tmp_path,
        **{"target_tagger.rows": np.array(rows, np.int64), "target_tagger.coef": np.zeros((2, 3), np.float32)},
    )
    with pytest.raises(ValueError, match="out of range or out of order"):
        MTWord2Vec.load(path)
