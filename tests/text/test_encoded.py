"""Text encoded once: the same in memory and on disk, by one process and several; damage is found."""

import os

import numpy as np
import pytest
from conftest import make_pairs, sign
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec

# white space may be inside of a word
words = st.text(alphabet="abcß中文\t\"'\u2028", min_size=1, max_size=3).map(str.strip).filter(bool)
sides = st.lists(words, min_size=1, max_size=12)


def texts(encoded):
    """The tokens of both sides of every document."""
    names = np.array([*encoded.words[0], *encoded.words[1]], dtype=object)
    tokens = names[encoded.ids].tolist()
    cuts = encoded.offsets.tolist()
    return [(tokens[a:b], tokens[b:c]) for a, b, c in zip(cuts[:-2:2], cuts[1:-1:2], cuts[2::2], strict=True)]


@given(st.lists(st.tuples(sides, sides), min_size=1, max_size=70))
def test_nothing_is_lost_in_memory_or_on_disk(tmp_path_factory, pairs):
    corpus = ComparableCorpus([([source], [target]) for source, target in pairs], source="en", target="zh")
    encoded = corpus.encode()
    assert texts(encoded) == pairs
    for side, (found, counts) in enumerate(zip(encoded.words, encoded.counts, strict=True)):
        tokens = [token for pair in pairs for token in pair[side]]
        assert sorted(found) == sorted(set(tokens))
        assert counts.tolist() == [tokens.count(word) for word in found]
        assert (np.diff(counts) <= 0).all()
    path = tmp_path_factory.mktemp("text") / "encoded"
    corpus.encode(path)
    read = EncodedText.open(path)
    assert (read.words, read.source, read.target) == (encoded.words, "en", "zh")
    assert np.array_equal(read.ids, encoded.ids)
    assert np.array_equal(read.offsets, encoded.offsets)


def spaced(text):
    return text.split()


def test_several_processes_encode_to_the_same(tmp_path):
    pairs = [(f"{i % 7} comes before {i}", f"数 {i % 5} 在 {i}") for i in range(200)]
    corpus = ComparableCorpus(pairs, source="en", target="zh", tokenizers={"zh": spaced})
    one, two = corpus.encode(workers=1), corpus.encode(tmp_path / "encoded", workers=2)
    assert texts(one) == texts(two)
    assert one.words == two.words


def test_an_error_in_another_process_names_the_pair():
    pairs = [("one", "一"), ("two", ["二", 3])]
    with pytest.raises(ValueError, match="pair 2: the 'zh' side has the token 3"):
        ComparableCorpus(pairs, source="en", target="zh").encode(workers=2)


def test_tokenizers_that_cannot_travel_are_refused():
    corpus = ComparableCorpus([("a", "b")], source="en", target="zh", tokenizers={"zh": lambda text: [text]})
    with pytest.raises(ValueError, match="workers=2: the tokenizers cannot be sent to other processes"):
        corpus.encode(workers=2)


def test_training_starts_from_encoded_text_on_disk_and_gives_the_same_bits(tmp_path, corpus, ner_data):
    settings = {"ner_data": ner_data, "vector_size": 8, "workers": 1, "epochs": 2, "min_count": 3, "pretrain_epochs": 2}
    expected = MTWord2Vec(corpus, **settings)
    encoded = corpus.encode(tmp_path / "encoded")
    assert isinstance(encoded.ids, np.memmap)
    model = MTWord2Vec(encoded, **settings)
    assert model.wv.index_to_key == expected.wv.index_to_key
    assert np.array_equal(model.wv.vectors, expected.wv.vectors)
    model.train(EncodedText.open(tmp_path / "encoded"), ner_data=ner_data, epochs=1)
    expected.train(corpus, ner_data=ner_data, epochs=1)
    assert np.array_equal(model.wv.vectors, expected.wv.vectors)


def test_save_is_what_encode_writes(tmp_path, corpus):
    corpus.encode(tmp_path / "a")
    corpus.encode().save(tmp_path / "b")
    for name in ("ids.npy", "offsets.npy", "words.jsonl", "manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.fixture
def directory(tmp_path):
    ComparableCorpus(make_pairs(9), source="en", target="zh").encode(tmp_path / "encoded")
    return tmp_path / "encoded"


@pytest.mark.parametrize("name", ["ids.npy", "offsets.npy", "words.jsonl"])
def test_a_flipped_byte_or_a_cut_off_part_is_found(directory, name):
    part = directory / name
    whole = part.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        part.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(ValueError, match=f"{name} is damaged: its checksum"):
            EncodedText.open(directory)
    part.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=f"{name} is of {len(whole) - 1} bytes, but .* cut off or damaged"):
        EncodedText.open(directory)
    part.unlink()
    with pytest.raises(ValueError, match=f"the part '{name}' is missing"):
        EncodedText.open(directory)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "another"}, "is of 'another'; 'gensim-mtner encoded text' was expected"),
        ({"version": 99}, "layout version 99; this release reads 1 to 2: upgrade"),
        ({"files": {"../ids.npy": {"bytes": 1, "sha256": ""}}}, "not a plain file of this directory"),
        ({"files": 3}, "damaged"),
        ({"files": {"ids.npy": {"bytes": 1e999, "sha256": ""}}}, "damaged: OverflowError"),
        ({"files": {"x" * 300: {"bytes": 1, "sha256": ""}}}, "not a plain file of this directory"),
        ({"source": 5}, "languages are 5 and 'zh': damaged"),
    ],
)
def test_manifests_that_do_not_fit_are_refused(directory, change, message):
    sign(directory, lambda manifest: manifest.update(change))
    with pytest.raises(ValueError, match=message):
        EncodedText.open(directory)


def test_arrays_that_contradict_each_other_are_refused_without_checksums(directory):
    for name, array, message in (
        ("ids.npy", np.array([0, 10**6], np.int32), "ids without a word|does not divide"),
        ("offsets.npy", np.array([0, 5, 2], np.int64), "does not divide"),
        ("offsets.npy", lambda end: np.array([0, 2**62, -(2**62), -(2**63), end]), "does not divide"),
        ("ids.npy", np.array([0.5, 1.0]), "float64 in 1 dimensions; int32"),
    ):
        whole = (directory / name).read_bytes()
        np.save(directory / name, array(len(np.load(directory / "ids.npy"))) if callable(array) else array)
        sign(directory)
        with pytest.raises(ValueError, match=message):
            EncodedText.open(directory, verify=False)
        (directory / name).write_bytes(whole)


def test_what_exists_is_not_overwritten_unless_asked_for(directory, tmp_path, corpus):
    with pytest.raises(FileExistsError, match="pass overwrite=True"):
        corpus.encode(directory)
    corpus.encode(directory, overwrite=True)
    assert len(EncodedText.open(directory)) == 120
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("dear")
    with pytest.raises(FileExistsError, match=r"other is a directory with other files \('thesis\.txt'\)"):
        corpus.encode(other, overwrite=True)
    assert os.listdir(other) == ["thesis.txt"]


def test_a_failure_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="pair 40"):
        ComparableCorpus([*[("a", "b")] * 39, ("a", 5)], source="en", target="zh").encode(tmp_path / "encoded")
    assert not os.listdir(tmp_path)
