"""One definition of line end, blank and column, for every reader."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import ComparableCorpus, NERData, load_vec
from gensim_mtner.text import lines

BOTH = {"source": "en", "target": "zh"}
NO_ENDS = "\u2028\u2029\x85\v\f\x1c\x1d\x1e\xa0"  # str.splitlines or str.split break at these

pieces = st.lists(st.sampled_from(["a", "é", "安", " ", "\t", "\r", "\n", "\r\n", "\ufeff", *NO_ENDS]), max_size=30)


def plainly(text):
    """The lines, by a second reading of one character after the other."""
    found, line, at = [], "", 0
    while at < len(text):
        if text[at] in "\r\n":
            at += text[at : at + 2] == "\r\n"
            found.append(line)
            line = ""
        else:
            line += text[at]
        at += 1
    return [one.lstrip("\ufeff") for one in ([*found, line] if line else found)]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 20])
@given(pieces)
def test_lines_end_at_lf_crlf_and_cr_only(tmp_path_factory, block, parts):
    text = "".join(parts)
    path = tmp_path_factory.getbasetemp() / "lines.txt"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        found = list(lines.read_lines(path))
        blocks = lines.stream_blocks(io.BytesIO(text.encode()), "standard input")
        streamed = [pair for first, block in blocks for pair in enumerate(block.split("\n"), first)]
    assert found == streamed == list(enumerate(plainly(text), 1))
    assert lines.split_lines(text) == plainly(text)


@given(pieces, st.sampled_from(["utf-8", "gb18030", "latin-1"]))
def test_lines_are_those_of_each_encoding(tmp_path_factory, parts, encoding):
    text = "".join(parts).encode(encoding, "ignore").decode(encoding)
    path = tmp_path_factory.getbasetemp() / "lines.txt.gz"
    path.write_bytes(gzip.compress(text.encode(encoding), 1))
    assert [line for _, line in lines.read_lines(path, encoding)] == plainly(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_before_a_bad_byte_is_read_and_its_own_is_named(tmp_path, end):
    path = tmp_path / "x"
    path.write_bytes(f"a{end}b{end}c".encode() + b"\xff" + end.encode() + b"d")
    found = []
    with pytest.raises(ValueError, match=r"x, line 3: byte 2 \(0xff\) is not utf-8"):
        found.extend(line for line in iter(lines.read_lines(path).__next__, None))
    reader = lines.read_lines(path)
    assert [next(reader), next(reader)] == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_reader_has_the_same_lines(tmp_path, end):
    def written(name, *rows):
        path = tmp_path / name
        path.write_bytes(end.join(rows).encode())
        return path

    mark = "\ufeff"
    for corpus in (
        ComparableCorpus.from_tsv(written("x.tsv", f"{mark}Ann\t安", f"{mark}Bob\u2028left\t鲍"), **BOTH),
        ComparableCorpus.from_jsonl(
            written("x.jsonl", f'{mark}{{"en": "Ann", "zh": "安"}}', " ", '{"en": "Bob\u2028x", "zh": "鲍"}'), **BOTH),
        ComparableCorpus.from_parallel(written("en", "Ann", "Bob\x85left"), written("zh", f"{mark}安", "鲍"), **BOTH),
    ):  # fmt: skip
        assert [pair.source[0][0] for pair in corpus] == ["Ann", "Bob"] and len(list(corpus.raw())) == 2
    labels = NERData.from_iob2(written("x.iob2", f"{mark}Ann B-PER", "", f"{mark}Bob\xa0 B-PER\xa0"))
    assert labels.sentences == [["Ann"], ["Bob\xa0"]] and labels.tags == [["B-PER"]] * 2
    assert load_vec(written("x.vec", "2 1", "Ann 1", "10\xa0km 2")).index_to_key == ["Ann", "10\xa0km"]


@given(pieces)
def test_columns_are_split_at_tabs_or_spaces_only(parts):
    line = "".join(part for part in parts if part not in ("\r", "\n", "\r\n"))
    cells = lines.fields(line)
    assert "".join(cells) == line.replace("\t", "") if "\t" in line else "".join(cells) == line.replace(" ", "")
    assert all(word and not word.isspace() and " " not in word for word in lines.words_of(line))


def test_an_open_file_is_not_a_path(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text("Ann B-PER\n")
    with open(path) as stream, pytest.raises(TypeError, match=r"TextIOWrapper: expected the path .*x\.iob2"):
        NERData.from_iob2(stream)
    for wrong in (None, 3, {"train": path}, [None], b"x"):
        with pytest.raises(TypeError, match="expected the path of a file"):
            NERData.from_iob2(wrong)
