"""Labels from any callable: what it may return, the file that keeps them, and spans of characters."""

import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import NERData
from gensim_mtner.labels.schemes import check_iob2, entities
from gensim_mtner.labels.spans import tags_of_spans

SENTENCES = [[f"Ann{i}", "left"] for i in range(10)]


def titles(sentences):
    """Title case is a name."""
    return [["B-PERSON" if word.istitle() else "O" for word in sentence] for sentence in sentences]


class Counting:
    """Keeps what it was asked, and fails at a sentence."""

    def __init__(self, fails=None):
        self.asked, self.fails = [], fails

    def __call__(self, sentences):
        if self.fails in sentences:
            raise OSError("out of memory")
        self.asked += sentences
        return titles(sentences)


def test_a_tagger_is_asked_in_batches_and_may_return_any_lists():
    sizes = []

    def tagger(sentences):
        sizes.append(len(sentences))
        for sentence in sentences:
            yield np.array(titles([sentence])[0])
            sentence.clear()  # what it does to its input is not ours

    data = NERData.from_tagger([*SENTENCES, []], tagger, batch_size=4, types={"PERSON": "PER"})
    assert sizes == [4, 4, 2] and data.sentences == SENTENCES
    assert data.tags == [["B-PER", "O"]] * 10 and type(data.tags[0][0]) is str


def test_schemes_are_converted_and_repairs_are_told_of_once(caplog):
    data = NERData.from_tagger(SENTENCES, lambda batch: [["S-X", "O"]] * len(batch), scheme="BIOES")
    assert data.tags == [["B-X", "O"]] * 10
    with caplog.at_level(logging.WARNING):
        data = NERData.from_tagger(
            SENTENCES, lambda batch: [["O", "I-X"]] * len(batch), on_invalid="repair", batch_size=3
        )
    assert data.tags == [["O", "B-X"]] * 10
    assert [record.message for record in caplog.records] == [
        "repaired 10 tags that continued no entity, the first in sentence 1"
    ]


ANSWERS = {
    "nothing": (lambda b: None, TypeError, "returned NoneType for sentences 3 to 4: expected a list of tags"),
    "a string": (lambda b: "OO", TypeError, "returned str for sentences 3 to 4"),
    "a mapping": (lambda b: {0: ["O"]}, TypeError, "returned dict"),
    "too few": (lambda b: [["O", "O"]], ValueError, r"returned 1 lists of tags for 2 sentences \(sentences 3 to 4\)"),
    "no lists": (lambda b: ["OO"] * 2, ValueError, "the tags of sentence 3 is str"),
    "numbers": (lambda b: [["O", "O"], [0, 0]], ValueError, "answer: sentence 4: tag 1 is 0: expected text"),
    "a tag too few": (lambda b: [["O", "O"], ["O"]], ValueError, "1 tags for the 2 tokens of sentence 4 .'Ann3 left'"),
    "no tag": (lambda b: [["O", "PER"]] * 2, ValueError, r"sentence 3, token 2 \('left'\): tag 'PER': expected O"),
    "a stray": (lambda b: [["O", "I-X"]] * 2, ValueError, "sentence 3, token 2 .*on_invalid='repair'.*scheme='IOB1'"),
    "BIOES": (lambda b: [["S-X", "O"]] * 2, ValueError, "S- is of scheme='BIOES'"),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_what_is_no_answer_is_named_and_what_was_before_is_kept(case, tmp_path):
    wrong, kind, message = ANSWERS[case]
    cache = tmp_path / "labels.jsonl"
    with pytest.raises(kind, match=message):
        NERData.from_tagger(
            SENTENCES, lambda batch: wrong(batch) if SENTENCES[2] in batch else titles(batch),
            batch_size=2, cache=cache, name="x",
        )  # fmt: skip
    assert len(cache.read_text().splitlines()) == 1 + 2
    assert len(NERData.from_tagger(SENTENCES, titles, cache=cache, name="x")) == 10


def test_exceptions_of_the_tagger_keep_their_cause():
    with pytest.raises(RuntimeError, match=r"at sentences 4 to 6: OSError: out of memory; batch_size=1") as caught:
        NERData.from_tagger(SENTENCES, Counting(SENTENCES[4]), batch_size=3)
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(RuntimeError, match=r"failed at sentence 5: OSError: out of memory$"):
        NERData.from_tagger(SENTENCES, Counting(SENTENCES[4]), batch_size=1)


def test_arguments_and_text_are_checked_before_the_tagger_works(tmp_path):
    asked = Counting()
    for changed, error, message in [
        ({"tagger": "x"}, TypeError, "tagger is str: expected a function"),
        ({"batch_size": 0}, ValueError, "batch_size=0: expected a whole number from 1"),
        ({"scheme": "IOB3"}, ValueError, "scheme='IOB3'"),
        ({"name": 3}, TypeError, "name=3: expected text"),
        ({"sentences": [["a", ""]]}, ValueError, "sentence 1: token 2 is ''"),
        ({"sentences": []}, ValueError, "no labelled sentence"),
        ({"cache": tmp_path}, IsADirectoryError, "is a directory"),
        ({"cache": tmp_path / "x.gz"}, ValueError, r"x\.gz would be plain text under a name that says \.gz"),
    ]:
        with pytest.raises(error, match=message):
            NERData.from_tagger(**{"sentences": SENTENCES, "tagger": asked} | changed)
    assert not asked.asked
    with pytest.raises(ValueError, match=r"the tagger found no entity in 10 sentences$"):
        NERData.from_tagger(SENTENCES, lambda batch: [["O", "O"]] * len(batch))
    with pytest.raises(ValueError, match="no entity in 10 sentences, or types= drops all"):
        NERData.from_tagger(SENTENCES, titles, types={"PERSON": None})


# -- the file


def test_a_run_goes_on_where_it_stopped(tmp_path):
    cache = tmp_path / "labels.jsonl"
    with pytest.raises(RuntimeError):
        NERData.from_tagger(SENTENCES, Counting(SENTENCES[6]), batch_size=2, cache=cache)
    rest = Counting()
    data = NERData.from_tagger(SENTENCES, rest, batch_size=4, cache=cache)
    assert rest.asked == SENTENCES[6:] and data.tags == titles(SENTENCES)
    again = Counting()
    renamed = NERData.from_tagger(SENTENCES, again, cache=cache, types={"PERSON": "PER"})
    assert not again.asked and renamed.types == ("PER",), "the file holds what the tagger said"
    rows = [json.loads(line) for line in cache.read_text("utf-8").splitlines()]
    assert rows[0]["tagger"] == "Counting"
    assert NERData.from_records(rows[1:], tags="tags").tags == data.tags


def test_more_text_is_added_and_less_is_told_of(tmp_path, caplog):
    cache = tmp_path / "labels.jsonl"
    NERData.from_tagger(SENTENCES[:4], titles, cache=cache)
    assert len(NERData.from_tagger(SENTENCES, titles, cache=cache)) == 10
    with caplog.at_level(logging.WARNING):
        assert len(NERData.from_tagger(SENTENCES[:2], titles, cache=cache)) == 2
    assert "labels of more sentences than the 2 of this text" in caplog.text


@pytest.mark.parametrize("end", range(1, 40, 3))
def test_a_line_that_was_cut_is_dropped(tmp_path, end, caplog):
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    NERData.from_tagger(SENTENCES, titles, cache=whole)
    cut.write_bytes(whole.read_bytes()[:-end])
    NERData.from_tagger(SENTENCES, titles, cache=cut)
    assert cut.read_bytes() == whole.read_bytes()
    assert "is dropped" in caplog.text
    cut.write_bytes(whole.read_bytes()[:end])  # cut in the first line
    NERData.from_tagger(SENTENCES, titles, cache=cut)
    assert cut.read_bytes() == whole.read_bytes()


def test_another_text_another_tagger_and_other_files_are_refused_and_stay(tmp_path):
    cache = tmp_path / "labels.jsonl"
    NERData.from_tagger(SENTENCES, titles, cache=cache)
    before = cache.read_bytes()
    with pytest.raises(ValueError, match="line 4 is of another text: it has 'Ann2 left', sentence 3 is 'Bob left'"):
        NERData.from_tagger([*SENTENCES[:2], ["Bob", "left"]], titles, cache=cache)
    with pytest.raises(ValueError, match="labels by the tagger 'titles', not 'Counting'"):
        NERData.from_tagger(SENTENCES, Counting(), cache=cache)
    assert NERData.from_tagger(SENTENCES, Counting(), cache=cache, name="titles").tags == titles(SENTENCES)
    assert cache.read_bytes() == before
    for text in ("Ann\tB-PER\n\nBob", "Ann", '{"a": 1}', "[]\n", '{"kind": "else"}\n{"a'):
        cache.write_text(text)
        with pytest.raises(ValueError, match="not a file of labels by a tagger"):
            NERData.from_tagger(SENTENCES, titles, cache=cache)
        assert cache.read_text() == text
    cache.write_bytes(before.replace(b'"version": 1', b'"version": 2'))
    with pytest.raises(ValueError, match="layout 2; this release reads 1"):
        NERData.from_tagger(SENTENCES, titles, cache=cache)


@pytest.mark.parametrize(
    "line", ["[]", "{}", '{"tokens": ["Ann0", "left"]}', '{"tokens": ["Ann0", "left"], "tags": ["O"]}', "{",
             '{"tokens": "ab", "tags": ["O", "O"]}', '{"tokens": ["Ann0", "left"], "tags": [0, 0]}']
)  # fmt: skip
def test_damaged_lines_are_named(tmp_path, line):
    cache = tmp_path / "labels.jsonl"
    NERData.from_tagger(SENTENCES, titles, cache=cache)
    lines = cache.read_text("utf-8").splitlines()
    lines[1] = line
    cache.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(ValueError, match="line 2: damaged"):
        NERData.from_tagger(SENTENCES, titles, cache=cache)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_run_goes_on(tmp_path):
    code = """
        import os, signal, sys
        from gensim_mtner import NERData
        def titles(sentences):
            if ["Ann6", "left"] in sentences:
                os.kill(os.getpid(), signal.SIGKILL)
            return [["B-PERSON", "O"]] * len(sentences)
        NERData.from_tagger([[f"Ann{i}", "left"] for i in range(10)], titles, batch_size=2, cache=sys.argv[1])
    """
    cache = tmp_path / "labels.jsonl"
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(cache)], cwd=Path(__file__).parents[2], capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    rest = Counting()
    assert NERData.from_tagger(SENTENCES, rest, cache=cache, name="titles").tags == titles(SENTENCES)
    assert rest.asked == SENTENCES[6:]


# -- spans of characters


def test_tokens_that_a_span_touches_are_in_the_name():
    tokens = ["Mr", "Ann-Lee", "of", "New", "York", "."]
    text = "Mr Ann-Lee  of New York."
    spans = [(15, 23, "LOC"), (3, 6, "PER"), (10, 12, "ORG")]
    assert tags_of_spans(tokens, spans, text=text) == ["O", "B-PER", "O", "B-LOC", "I-LOC", "O"]
    assert tags_of_spans(["新华", "社", "说"], [(0, 3, "ORG")], joiner="") == ["B-ORG", "I-ORG", "O"]
    assert tags_of_spans(["-", "-", "a"], [(2, 3, "X")], joiner="-") == ["O", "B-X", "O"]


def test_the_longest_of_names_that_overlap_counts():
    tokens = ["Bank", "of", "New", "York", "City"]
    spans = [(8, 16, "LOC"), (0, 16, "ORG"), (12, 21, "LOC")]
    assert tags_of_spans(tokens, spans) == ["B-ORG", "I-ORG", "I-ORG", "I-ORG", "O"]
    assert tags_of_spans(tokens, [(5, 11, "A"), (0, 6, "B")]) == ["B-B", "I-B", "O", "O", "O"]
    assert tags_of_spans(["a", "b"], [(2, 3, "Y"), (0, 1, "X")]) == ["B-X", "B-Y"]


@pytest.mark.parametrize("span", [(0, 0, "X"), (-1, 1, "X"), (0, 99, "X"), (0.0, 1, "X"), (0, 1, ""), (0, 1, None),
                                  (0, 1), "abc"])  # fmt: skip
def test_what_is_no_span_is_named(span):
    with pytest.raises(ValueError, match="the span"):
        tags_of_spans(["Ann", "left"], [span])
    with pytest.raises(ValueError, match="'Bob', is not in the text"):
        tags_of_spans(["Bob"], [], text="Ann left")


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=6), st.data())
def test_spans_of_whole_tokens_come_back(tokens, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
    wanted = [("X", start, stop) for start, stop in zip(cuts[::2], cuts[1::2], strict=False)]
    starts = np.cumsum([0, *(len(token) + 1 for token in tokens)])
    spans = [(int(starts[first]), int(starts[stop] - 1), kind) for kind, first, stop in wanted]
    tags = tags_of_spans(tokens, spans)
    check_iob2(tags)
    assert entities(tags) == wanted
