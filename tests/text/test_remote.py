"""Files that are elsewhere are read as those that are here: corpora, labels, dictionaries, lists of names."""

import gzip
import json

import pytest

from gensim_mtner import BilingualDictionary, ComparableCorpus, Gazetteer, NERData
from gensim_mtner.text.remote import is_remote

fsspec = pytest.importorskip("fsspec", reason="pip install 'gensim-mtner[remote]'")


@pytest.fixture
def elsewhere():
    """A place in memory, and what puts bytes there."""
    system = fsspec.filesystem("memory")
    yield lambda name, text: system.pipe(f"/there/{name}", text if isinstance(text, bytes) else text.encode())
    system.rm("/there", recursive=True)


def test_corpora_labels_and_lists_are_read_from_an_address(elsewhere):
    line = json.dumps({"en": "Ann left.", "sw": "Ann aliondoka."}) + "\n"
    elsewhere("pairs.jsonl.gz", gzip.compress((line * 2).encode()))
    corpus = ComparableCorpus.from_jsonl("memory://there/pairs.jsonl.gz", source="en", target="sw")
    assert [pair.target for pair in corpus] == [[["Ann", "aliondoka", "."]]] * 2
    assert len(list(corpus)) == 2  # and again
    both = ComparableCorpus.from_jsonl(["memory://there/pairs.jsonl.gz"] * 2, source="en", target="sw")
    assert len(list(both)) == 4
    elsewhere("pairs.tsv", "Ann left.\tAnn aliondoka.\n")
    assert len(list(ComparableCorpus.from_tsv("memory://there/pairs.tsv", source="en", target="sw"))) == 1
    elsewhere("train.iob2", "Ann\tB-PER\nleft\tO\n")
    assert NERData.from_iob2("memory://there/train.iob2").tags == [["B-PER", "O"]]
    elsewhere("words.tsv", "water\tmaji\n")
    assert BilingualDictionary.from_tsv("memory://there/words.tsv").pairs == [("water", "maji")]
    elsewhere("names.tsv", "Nairobi\tLOC\n")
    assert Gazetteer.from_tsv("memory://there/names.tsv", language="sw").kinds == {"Nairobi": "LOC"}


def test_errors_name_the_address(elsewhere):
    with pytest.raises(FileNotFoundError, match=r"memory://there/none\.jsonl does not exist"):
        ComparableCorpus.from_jsonl("memory://there/none.jsonl", source="en", target="sw")
    elsewhere("bad.jsonl", '{"en": 1}\n')
    with pytest.raises(ValueError, match=r"memory://there/bad\.jsonl, line 1"):
        list(ComparableCorpus.from_jsonl("memory://there/bad.jsonl", source="en", target="sw"))
    with pytest.raises(IsADirectoryError, match="is a directory"):
        NERData.from_iob2("memory://there")
    elsewhere("zip.jsonl", b"PK\x03\x04 and more")
    with pytest.raises(ValueError, match="a zip archive"):
        ComparableCorpus.from_jsonl("memory://there/zip.jsonl", source="en", target="sw")
    with pytest.raises(ValueError, match=r"nowhere://x\.jsonl"):
        ComparableCorpus.from_jsonl("nowhere://x.jsonl", source="en", target="sw")


@pytest.mark.parametrize("path", ["C:/pairs.jsonl", "C:\\pairs.jsonl", "./s3://x", "pairs.jsonl", 7, b"s3://x"])
def test_what_is_no_address_is_a_file_here(path):
    assert not is_remote(path)


def test_without_fsspec_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"gensim-mtner\[remote\]"):
        NERData.from_iob2("s3://bucket/train.iob2")
