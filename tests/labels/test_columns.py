"""The layout of a label file: known forms are read as they are, and two readings are refused."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import NERData
from gensim_mtner.cli import opening
from gensim_mtner.cli.parser import parser


def conllu(*rows):
    return "".join("\t".join((number, word, *"_" * 7, misc)) + "\n" for number, word, misc in rows)


PER = ["B-PER", "I-PER", "O"]
# name of the form: (text, sentences, tags)
FORMS = {
    "CoNLL 2002": ("Ann B-PER\nLee I-PER\nleft O\n\nOslo B-LOC\n", [["Ann", "Lee", "left"], ["Oslo"]], [PER, ["B-LOC"]]),
    "CoNLL 2002, Dutch": ("-DOCSTART- -DOCSTART- O\nAnn N B-PER\nLee N I-PER\nging V O\n", [["Ann", "Lee", "ging"]], [PER]),
    "CoNLL 2003": ("-DOCSTART- -X- -X- O\n\n1 CD B-NP O\nAnn NNP I-NP B-PER\n\n. . O O\n", [["1", "Ann"], ["."]], [["O", "B-PER"], ["O"]]),
    "CoNLL 2003, numbers": ("1 CD B-NP O\n2 CD I-NP O\n\nAnn NNP B-NP B-PER\nran VBD B-VP O\n", [["1", "2"], ["Ann", "ran"]], [["O", "O"], ["B-PER", "O"]]),
    "CoNLL 2003, no name": ("Rain NN B-NP O\nfell VBD B-VP O\n", [["Rain", "fell"]], [["O", "O"]]),
    "CoNLL 2003, German": ("-DOCSTART- -X- -X- -X- O\n\nAnn Ann NE B-NC B-PER\nging gehen VVFIN B-VC O\n", [["Ann", "ging"]], [["B-PER", "O"]]),
    "WNUT 2017": ("@ann\tB-person\n#rome\tO\n\n#\tO\nx\tB-creative-work\n\t\n", [["@ann", "#rome"], ["#", "x"]], [["B-person", "O"], ["O", "B-creative-work"]]),
    "WikiANN": ("en:Sioux\tB-ORG\nen:City\tI-ORG\n\nen:en:x\tO\n", [["Sioux", "City"], ["en:x"]], [["B-ORG", "I-ORG"], ["O"]]),
    "WikiANN, zh-min-nan": ("zh-min-nan:A\tB-ORG\nzh-min-nan::\tO\n", [["A", ":"]], [["B-ORG", "O"]]),
    "a prefix of some": ("en:Sioux\tB-ORG\nCity\tI-ORG\n", [["en:Sioux", "City"]], [["B-ORG", "I-ORG"]]),
    "a prefix of all but one": ("en:Sioux\tB-ORG\n#\tO\n\n#\tO\n", [["en:Sioux", "#"], ["#"]], [["B-ORG", "O"], ["O"]]),
    "MasakhaNER": ("Ann B-PER\n1999 B-DATE\n\n\n2 O\n3 O\n", [["Ann", "1999"], ["2", "3"]], [["B-PER", "B-DATE"], ["O", "O"]]),
    "GermEval 2014": ("#\thttp://x.de/A [2009]\n1\tBad\tB-LOC\tB-LOC\n2\t#\tO\tO\n\n#\thttp://x.de/B [2009]\n1\tUni\tB-ORG\tO\n", [["Bad", "#"], ["Uni"]], [["B-LOC", "O"], ["B-ORG"]]),
    "GermEval 2014, inner of another type": ("#\thttp://x.de/A [2009]\n1\tUni\tB-ORG\tO\n2\tBern\tI-ORG\tB-LOC\n", [["Uni", "Bern"]], [["B-ORG", "I-ORG"]]),
    "KLUE": ("## id-1\t<안:PS> 은\n안\tB-PS\n나\tI-PS\n \tO\n은\tO\n\n##id-2\t가\n가\tO\n", [["안", "나", "은"], ["가"]], [["B-PS", "I-PS", "O"], ["O"]]),
    "KLUE, a space in a name": ("##id\tx\n안\tB-PS\n \tI-PS\n나\tI-PS\n\n \tB-PS\n나\tI-PS\n", [["안", "나"], ["나"]], [["B-PS", "I-PS"], ["B-PS"]]),
    "BSNLP": ("#DOCSTART 1\nPraha\tB-LOC\n#DOCSTART 2\nBrno\tB-LOC\n", [["Praha"], ["Brno"]], [["B-LOC"], ["B-LOC"]]),
    "CoNLL-U": ("# text = x\n" + conllu(("1-2", "al", "_"), ("1", "a", "SpaceAfter=No|NER=B-LOC"), ("2", "el", "NER=I-LOC"), ("2.1", "y", "_"), ("3", "b", "_")), [["a", "el", "b"]], [["B-LOC", "I-LOC", "O"]]),
    "CoNLL-U, name=": (conllu(("1", "Ann", "name=B-PER"), ("2", "x", "name=O|SpaceAfter=No")), [["Ann", "x"]], [["B-PER", "O"]]),
    "CoNLL-U, Entity=": (conllu(("1", "Ann", "Entity=B-PER"), ("2", "x", "_")), [["Ann", "x"]], [["B-PER", "O"]]),
    "OntoNotes 5": ("Ann NNP (TOP(S(NP*) B-PERSON\n1 CD * B-CARDINAL\n", [["Ann", "1"]], [["B-PERSON", "B-CARDINAL"]]),
    "Universal NER": ("# sent_id = 1\n1\tAnn\tB-PER\t-\tx\n2\t#\tO\t-\tx\n\n1\t-DOCSTART-\tO\t-\tx\n", [["Ann", "#"], ["-DOCSTART-"]], [["B-PER", "O"], ["O"]]),
    "Universal NER, one line": ("1\tAnn\tB-PER\t-\t-\n\n1\tBob\tB-PER\t-\t-\n", [["Ann"], ["Bob"]], [["B-PER"], ["B-PER"]]),
    "Universal NER, a part of a sentence": ("14\tAnn\tB-PER\t-\t-\n15\tx\tO\t-\t-\n", [["Ann", "x"]], [["B-PER", "O"]]),
    "numbers that run on": ("0\tAnn\tB-PER\n1\tx\tO\n\n2\tBob\tB-PER\n3\tx\tO\n", [["Ann", "x"], ["Bob", "x"]], [["B-PER", "O"]] * 2),
    "numbers, part of speech, tag": ("1\tAnn\tNNP\tB-PER\n2\tx\tVB\tO\n", [["Ann", "x"]], [["B-PER", "O"]]),
    "a comment that ends as a tag does": ("# text = group O\nx B-X\n", [["x"]], [["B-X"]]),
    "our own CoNLL 2003": ("# -X- -X- O\n\n1 -X- -X- O\n2 -X- -X- B-X\n", [["#"], ["1", "2"]], [["O"], ["O", "B-X"]]),
}  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", FORMS)
def test_known_forms_are_read_as_they_are(tmp_path, form, end, caplog):
    text, sentences, tags = FORMS[form]
    path = tmp_path / "x.txt"
    path.write_bytes(text.replace("\n", end).encode())
    with caplog.at_level(logging.INFO):
        data = NERData.from_iob2(path)
    assert data.sentences == sentences and data.tags == tags
    assert "x.txt: lines " in caplog.text and "the token in column" in caplog.text


# name of the case: (text, what the message says, what decides, the tokens then)
TWO_READINGS = {
    "a 1 in each": ("1 CD O\n\n1 CD O\n", r"one line that starts with 0 or 1", {"token_column": 0}, [["1"], ["1"]]),
    "begins at 14": ("1\tAnn\tB-PER\n2\tx\tO\n\n14\ty\tO\n15\tz\tO\n", r"line 4: .* token_column=1 or token_column=0", {"token_column": 1}, [["Ann", "x"], ["y", "z"]]),
    "a line without its number": ("1\ta\tO\n2\tb\tO\n\n1\tc\tO\n2\td\tO\n\ne\tf\tO\n", r"line 7: in 2 sentences", {"token_column": 1}, [["a", "b"], ["c", "d"], ["f"]]),
    "a gap": ("1\ta\tO\n2\tb\tO\n\n1\tc\tO\n4\td\tO\n", r"line 4", {"token_column": 1}, [["a", "b"], ["c", "d"]]),
    "chunks and names, numbered": ("1\tAnn\tB-NP\tB-PER\n2\tx\tB-VP\tO\n", r"column 2 \(NP, VP\) or of column -1 \(PER\); pass tag_column=2", {"tag_column": -1}, [["Ann", "x"]]),
    "gold and predicted": ("Ann B-PER B-PER\nx O O\n", r"column -2 \(PER\) or of column -1 \(PER\)", {"tag_column": 1}, [["Ann", "x"]]),
}  # fmt: skip


@pytest.mark.parametrize("case", TWO_READINGS)
def test_two_readings_are_refused_until_an_argument_decides(tmp_path, case):
    text, message, arguments, sentences = TWO_READINGS[case]
    path = tmp_path / "x.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"x\.txt.*{message}"):
        NERData.from_iob2(path)
    assert NERData.from_iob2(path, **arguments).sentences == sentences


@pytest.mark.parametrize(("text", "message"), [
    ("Ann NN 125\nx NN 3\n", r"line 1: tag '125': .*the tag in column -1 .*token_column= and tag_column="),
    ("Ann B-PER -\nx O -\n", r"line 1: tag '-': .*column 1 holds nothing but tags"),
    ("B-PER Ann\nO left\n", r"line 1: tag 'Ann': .*column 0 holds nothing but tags"),
    ("1\tAnn\tNN\n2\tx\tVB\n", r"line 1: tag 'NN': .*lines that number their tokens"),
    ("Ann S-PER\n", r"tag 'S-PER': .*S- is of scheme='BIOES'"),
    ("a B-LOC\nb I-PER\n", r"'I-PER' follows 'B-LOC': .*on_invalid='repair' \(--repair-tags\).*seqeval count it$"),
    ("a O\nb I-PER\n\nc I-PER\n", r"'I-PER' follows 'O': .*or scheme='IOB1', as no entity here opens with B-$"),
    ("I I-PER\n\nB B-PER\n", r"follows the start of the sentence: .*seqeval count it$"),
])  # fmt: skip
def test_errors_say_how_the_file_was_read_and_what_fits(tmp_path, text, message):
    path = tmp_path / "x.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        NERData.from_iob2(path)


words = st.sampled_from(["Ann", "1", "2", "14", "#", "x", "-", "en:x", "1-2", "1.1", "_"])
named = st.lists(st.tuples(words, st.sampled_from(["O", "B-PER", "B-LOC"])), min_size=1, max_size=6)


@given(st.lists(named, min_size=1, max_size=5), st.booleans())
def test_a_numbered_file_gives_its_tokens_or_is_refused(tmp_path_factory, sentences, with_comments):
    path = tmp_path_factory.getbasetemp() / "numbered.txt"
    note = "# text = x\n" if with_comments else ""
    path.write_text("".join(
        note + "".join(f"{n}\t{w}\t{t}\t-\t-\n" for n, (w, t) in enumerate(s, 1)) + "\n" for s in sentences))  # fmt: skip
    try:
        data = NERData.from_iob2(path)
    except ValueError as error:
        # a column of placeholders is no column of tokens, and then "-" is no tag
        assert all(w == "_" for s in sentences for w, _ in s) and "tag '-'" in str(error)
    else:
        assert list(map(list, map(zip, data.sentences, data.tags))) == sentences


@given(st.lists(named, min_size=1, max_size=5))
def test_conll_2003_is_never_read_by_its_chunks(tmp_path_factory, sentences):
    path = tmp_path_factory.getbasetemp() / "2003.txt"
    body = [[("The", "O"), *s] for s in sentences]
    path.write_text("".join("".join(f"{w} NN B-NP {t}\n" for w, t in s) + "\n" for s in body))
    data = NERData.from_iob2(path)
    assert list(map(list, map(zip, data.sentences, data.tags))) == body


def test_the_command_line_has_the_same_ways_out(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("x Ann I-PER -\n")
    options = parser().parse_args(
        ["evaluate", "--model", "m", "--language", "en", "--gold", str(path), "--repair-tags", "--token-column", "1",
         "--tag-column", "2"])  # fmt: skip
    assert list(opening.labels_of(options.gold, options)) == [(["Ann"], ["B-PER"])]
