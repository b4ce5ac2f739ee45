"""What comes in from memory is checked as files are, and what is written reads back."""

import json
import logging
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from gensim_mtner import NERData
from gensim_mtner.labels import formats, schemes

NAN = float("nan")
BAD_SENTENCES = {
    "a string": ("Ann", "OOO", r"the tokens of sentence 1 is str \('Ann'\): expected a list of tokens"),
    "bytes": (b"Ann", ["O"], r"sentence 1 is bytes"),
    "a set": ({"Ann"}, ["O"], r"sentence 1 is set"),
    "a mapping": ({"Ann": 1}, ["O"], r"sentence 1 is dict"),
    "nothing": (None, ["O"], r"sentence 1 is NoneType: expected a list of tokens"),
    "a number": (3, ["O"], r"sentence 1 is int"),
    "an array without dimensions": (np.array("Ann"), ["O"], r"sentence 1 is ndarray"),
    "an empty token": (["a", ""], ["O", "O"], r"sentence 1: token 2 is '': expected more than white space"),
    "a no-break space": (["\xa0"], ["O"], r"token 1 is '\\xa0': expected more than white space"),
    "a mark": (["\ufeff"], ["O"], r"expected more than white space"),
    "None": (["a", None], ["O", "O"], r"token 2 is None: expected text, got NoneType \(pandas"),
    "NaN": ([NAN], ["O"], r"token 1 is nan: expected text, got float \(pandas reads words such as 'NA'"),
    "3": ([3], ["O"], r"token 1 is 3: expected text, got int"),
    "a list in a list": ([["a"]], ["O"], r"token 1 is \['a'\]: expected text, got list"),
    "a tab": (["a\tb"], ["O"], r"it has a tab or a line end"),
    "a CR": (["a\rb"], ["O"], r"it has a tab or a line end"),
    "half a character": (["\ud800"], ["O"], r"half of a surrogate pair"),
    "no token": ([], [], r"sentence 1 is empty"),
    "tags as a string": (["a"], "O", r"the tags of sentence 1 is str"),
    "a tag of another type": (["a"], [0], r"tag 1 is 0: expected text .*from_records takes numbers"),
    "no tag": (["a"], [None], r"tag 1 is None"),
    "a tag with a tab": (["a"], ["B-a\tb"], r"it has a tab or a line end"),
    "a tag of white space": (["a"], ["B- "], r"tag 'B-': expected O"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_SENTENCES)
def test_what_is_no_sentence_is_named(case):
    sentence, tags, message = BAD_SENTENCES[case]
    with pytest.raises(ValueError, match=message):
        NERData([sentence], [tags])


@pytest.mark.parametrize("sentences", ["Ann", b"Ann", None, 3, {"a": 1}, {"Ann"}])
def test_what_are_no_sentences_is_named(sentences):
    with pytest.raises(TypeError, match=r"sentences is \w+: expected a list of tokens, one for each sentence"):
        NERData(sentences, [["O"]])
    with pytest.raises(TypeError, match=r"tags is \w+: expected a list of tags"):
        NERData([["a"]], sentences)


def test_arrays_tuples_and_generators_are_sentences():
    expected = [["Ann", "left"]], [["B-PER", "O"]]
    for make in (list, tuple, iter, np.array, lambda items: (item for item in items)):
        data = NERData(make([make(["Ann", "left"])]) if make is not np.array else np.array([["Ann", "left"]]),
                       [make(["B-PER", "O"])])  # fmt: skip
        assert (data.sentences, data.tags) == expected
        assert all(type(item) is str for item in data.sentences[0] + data.tags[0])
    assert NERData([["\ufeffAnn"]], [["B-PER\xa0"]]).tags == [["B-PER"]]


def test_types_and_arguments_are_checked():
    with pytest.raises(ValueError, match="it has a tab"):
        NERData([["a"]], [["B-X"]], types={"X": "a\tb"})
    with pytest.raises(ValueError, match="on_invalid='fix': expected one of 'error', 'repair'"):
        NERData([["a"]], [["O"]], on_invalid="fix")
    with pytest.raises(ValueError, match=r"names\['PER'\] has None: expected text"):
        NERData.from_gazetteer([["a"]], {"PER": [None]})
    with pytest.raises(TypeError, match="names is list"):
        NERData.from_gazetteer([["a"]], ["Ann"])


def test_frames_are_rows_and_what_has_no_rows_says_so():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"tokens": [["Ann", "left"]], "ner_tags": [["B-PER", "O"]]})
    assert NERData.from_records(frame).tags == [["B-PER", "O"]]
    flat = pandas.DataFrame({"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]})
    with pytest.raises(ValueError, match=r"'tokens' of row 1 is str \('Ann'\).*groupby"):
        NERData.from_records(flat)
    for missing in (pandas.NA, pandas.NaT, NAN, None):
        with pytest.raises(ValueError, match=r"sentence 1: token 1 is .*keep_default_na=False"):
            NERData.from_records([{"tokens": [missing], "ner_tags": ["O"]}])
        with pytest.raises(ValueError, match=r"row 1 has the tag .*expected text, or the number of a tag"):
            NERData.from_records([{"tokens": ["a"], "ner_tags": [missing]}], names=["O"])
    with pytest.raises(TypeError, match="sentences is DataFrame"):
        NERData(frame, frame)
    with pytest.raises(TypeError, match=r"rows is dict with 'train', 'test': expected rows; .*rows\['train'\]"):
        NERData.from_records({"train": [], "test": []})
    for wrong in ("x", None, 3):
        with pytest.raises(TypeError, match="rows is"):
            NERData.from_records(wrong)
    with pytest.raises(TypeError, match="row 1 is str"):
        NERData.from_records(["x"])
    with pytest.raises(ValueError, match="the number of a tag"):
        NERData.from_records([{"tokens": ["a"], "ner_tags": [1.0]}], names=["O", "B-X"])
    numbers = [{"tokens": np.array(["a"]), "ner_tags": np.array([1])}]
    assert NERData.from_records(numbers, names=np.array(["O", "B-X"])).tags == [["B-X"]]


# -- what is written reads back

ODD = ["#", "##", "#x", "# x", "#a = b", "# a = b", "-DOCSTART-", "#DOCSTART", "-X-", "_", "O", "B-X", "1", "2", "1-2",
       "en:x", "re:", "fr:", "simple:a", " a", "a ", "a  b", "\xa0a", "a\xa0", "a\u2028b", "\x85x", "a\vb", "a\fb",
       "\ufeffa", "a\ufeff", "\x00", "\u200b", "'", '"', "\\", "|"]  # fmt: skip
any_text = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=4)
some_tokens = st.one_of(st.sampled_from(ODD), any_text)
some_tags = st.sampled_from(["O", "B-X", "I-X", "B-Y z", "I-Y z", "B-_", "B-a-b", "B-é"])
sentences = st.lists(st.lists(st.tuples(some_tokens, some_tags), min_size=1, max_size=5), min_size=1, max_size=4)


def accepted(rows):
    """Labelled data of the rows, without the tokens that are refused."""
    kept = []
    for row in rows:
        good = []
        for token, tag in row:
            try:
                NERData([[token]], [["O"]])
            except ValueError:
                assert not token.strip("\ufeff").strip().strip("\ufeff") or set(token) & set("\t\r\n")
            else:
                good.append((token, tag))
        kept += [good] if good else []
    if not kept:
        return None
    return NERData([[w for w, _ in row] for row in kept], [[t for _, t in row] for row in kept], on_invalid="repair")


@given(sentences)
def test_what_is_written_reads_back(tmp_path_factory, rows):
    data = accepted(rows)
    if data is None:
        return
    path = tmp_path_factory.getbasetemp() / "written.txt"
    for name in ("iob2", "conll2003"):
        path.write_text("".join(formats.write(data, name)), encoding="utf-8", newline="")
        again = NERData.from_iob2(path)
        assert (again.sentences, again.tags) == (data.sentences, data.tags), name
    lines = "".join(formats.write(data, "jsonl")).split("\n")[:-1]
    again = NERData.from_records(map(json.loads, lines), tags="tags")
    assert (again.sentences, again.tags) == (data.sentences, data.tags)


@given(sentences)
def test_brat_reads_back_by_its_offsets(rows):
    data = accepted(rows)
    if data is None or any(" " in kind for kind in data.types):
        return
    text = "\r\n".join("\t".join(sentence) for sentence in data.sentences)
    found = []
    for line in formats.write(data, "brat", text=text):
        name, place, shown = line[:-1].split("\t")
        kind, start, stop = place.split(" ")
        span = text[int(start) : int(stop)]
        assert name == f"T{len(found) + 1}" and shown == span.replace("\t", " ")
        found.append((kind, span))
    expected = [
        (kind, "\t".join(words[start:stop])) for words, tags in data for kind, start, stop in schemes.entities(tags)
    ]
    assert found == expected


def test_what_cannot_be_written_is_named():
    with pytest.raises(ValueError, match=r"sentence 2: token 1 is 'a\\tb': it has a tab"):
        list(formats.write([(["a"], ["O"]), (["a\tb"], ["O"])]))
    with pytest.raises(ValueError, match="sentence 1 is empty"):
        list(formats.write([([], [])]))
    with pytest.raises(ValueError, match="brat takes no type with a space, such as 'Y z'"):
        list(formats.write([(["a"], ["B-Y z"])], "brat", text="a"))


# -- repair

any_tags = st.lists(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), min_size=1, max_size=10)
any_bioes = st.lists(st.sampled_from(["O", *(f"{p}-{k}" for p in "BIES" for k in "XY")]), min_size=1, max_size=10)


@given(st.one_of(st.tuples(any_tags, st.just("IOB2")), st.tuples(any_bioes, st.just("BIOES"))))
def test_repaired_tags_have_the_entities_that_seqeval_counts(case):
    tags, scheme = case
    found = [(kind, start, stop - 1) for kind, start, stop in
             schemes.entities(schemes.to_iob2(tags, scheme, on_invalid="repair"))]  # fmt: skip
    assert found == get_entities(tags)


@given(any_bioes)
def test_bioes_is_refused_where_a_name_has_no_start_or_no_end(tags):
    whole = "(O |S-[XY] |B-X (I-X )*E-X |B-Y (I-Y )*E-Y )*"
    if re.fullmatch(whole, " ".join([*tags, ""])):
        assert schemes.converted(tags, "BIOES", "error") == (schemes.to_iob2(tags, "BIOES", on_invalid="repair"), 0)
    else:
        assert schemes.converted(tags, "BIOES", "repair")[1]
        with pytest.raises(schemes.TagError, match=r"on_invalid='repair'") as caught:
            schemes.to_iob2(tags, "BIOES")
        assert caught.value.stray


def test_iob2_that_is_called_bioes_is_told_of(tmp_path):
    (tmp_path / "labels").write_text("Ann\tB-PER\nLee\tI-PER\nleft\tO\n\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"labels, line 2: tag 'I-PER' is followed by no E-PER .*scheme='IOB2'\?"):
        NERData.from_iob2(tmp_path / "labels", scheme="BIOES")


@given(any_tags)
def test_an_error_is_raised_where_something_is_to_repair(tags):
    fixed, strays = schemes.converted(tags, "IOB2", "repair")
    assert strays == sum(one != other for one, other in zip(tags, fixed, strict=True))
    if strays:
        with pytest.raises(ValueError, match=r"continues an entity of its own type; pass on_invalid='repair'"):
            schemes.to_iob2(tags, "IOB2")
    else:
        assert schemes.to_iob2(tags, "IOB2") == fixed == tags


def test_repairs_are_counted_in_one_warning_a_file(tmp_path, caplog):
    path = tmp_path / "x.iob2"
    path.write_text("a O\n\na B-LOC\nb I-PER\n\nc I-PER\nd I-LOC\n")
    with caplog.at_level(logging.WARNING):
        data = NERData.from_iob2(path, on_invalid="repair")
    assert data.tags == [["O"], ["B-LOC", "B-PER"], ["B-PER", "B-LOC"]]
    (record,) = caplog.records
    assert (
        record.getMessage() == f"{path}: repaired 3 tags that continued no entity, the first in the sentence of line 3"
    )
    caplog.clear()
    rows = [{"tokens": ["a", "b"], "ner_tags": ["O", "I-X"]}]
    assert NERData.from_records(rows, on_invalid="repair").tags == [["O", "B-X"]]
    assert [one.getMessage() for one in caplog.records] == [
        "repaired 1 tags that continued no entity, the first in sentence 1"
    ]
    with pytest.raises(ValueError, match="tag 'PER'"):  # of no scheme: nothing to repair it by
        NERData([["a"]], [["PER"]], on_invalid="repair")
