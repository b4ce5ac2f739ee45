"""Tagged text in the formats of other programs, and labelled rows from theirs."""

import json
import re
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import NERData
from gensim_mtner.labels import formats
from gensim_mtner.labels.schemes import repair
from gensim_mtner.text import segmentation

TAGGED = [(["Ann", "Lee", "left", "Rome", "."], ["B-PER", "I-PER", "O", "B-LOC", "O"]), (["安"], ["B-PER"])]


def test_each_format():
    lines = {name: "".join(formats.write(TAGGED, name, text="Ann Lee left\nRome. 安")) for name in formats.FORMATS}
    assert lines["iob2"].startswith("Ann\tB-PER\nLee\tI-PER\n") and lines["iob2"].endswith(".\tO\n\n安\tB-PER\n\n")
    assert lines["conll2003"].splitlines()[3] == "Rome -X- -X- B-LOC"
    assert lines["brat"] == "T1\tPER 0 7\tAnn Lee\nT2\tLOC 13 17\tRome\nT3\tPER 19 20\t安\n"
    first = json.loads(lines["jsonl"].splitlines()[0])
    assert first["entities"] == [{"type": "PER", "start": 0, "stop": 2}, {"type": "LOC", "start": 3, "stop": 4}]
    with pytest.raises(ValueError, match="format='xml': expected one of 'iob2'"):
        next(formats.write(TAGGED, "xml"))
    with pytest.raises(ValueError, match=r"token 2, 'Lee', is not in the text"):
        list(formats.write(TAGGED, "brat", text="Ann left"))


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60), st.integers(0, 5))
def test_offsets_give_back_every_token(text, seed):
    tokens = segmentation.words(text)
    assert [text[start:stop] for start, stop in formats.offsets(text, tokens)] == tokens
    tags = repair(["O", "B-X", "I-X"][(i * 7 + seed) % 3] for i in range(len(tokens)))
    for line in formats.write([(tokens, tags)], "brat", text=text):
        _, place, shown = line.rstrip("\n").split("\t", 2)
        _, start, stop = place.split()
        assert re.sub(r"[\t\n\r]", " ", text[int(start) : int(stop)]) == shown


def test_iob2_and_conll_are_read_back(tmp_path):
    for name in ("iob2", "conll2003"):
        path = tmp_path / name
        path.write_text("".join(formats.write(TAGGED, name)), encoding="utf-8")
        assert list(NERData.from_iob2(path)) == TAGGED


class Feature:
    def __init__(self, names):
        self.feature = type("ClassLabel", (), {"names": names})


class Dataset(list):
    """What a data set of Hugging Face shows of itself."""

    features: ClassVar = {"ner_tags": Feature(["O", "B-PER", "I-PER"])}


def test_rows_of_data_sets_and_frames_are_labelled_data():
    rows = [{"tokens": ["Ann", "Lee"], "ner_tags": [1, 2]}, {"tokens": ["left"], "ner_tags": [0]}]
    assert NERData.from_records(Dataset(rows)).tags == [["B-PER", "I-PER"], ["O"]]
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    frame = pandas.DataFrame({"sentence": [1, 1, 2], "word": ["Ann", "left", "Rome"], "tag": ["B-PER", "O", "B-LOC"]})
    records = frame.groupby("sentence", sort=False).agg(list).to_dict("records")
    data = NERData.from_records(records, tokens="word", tags="tag")
    assert data.sentences == [["Ann", "left"], ["Rome"]] and data.types == ("LOC", "PER")


def test_rows_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="row 2 has no 'ner_tags'; it has 'tokens'"):
        NERData.from_records([{"tokens": ["a"], "ner_tags": ["O"]}, {"tokens": ["b"]}])
    with pytest.raises(ValueError, match="row 1 has the tag 1: pass names="):
        NERData.from_records([{"tokens": ["a"], "ner_tags": [1]}])
    with pytest.raises(ValueError, match="row 1 has the tag 3, but names has 3"):
        NERData.from_records(Dataset([{"tokens": ["a"], "ner_tags": [3]}]))
