"""What readers take at the edges: XML that mixes text and marks, encodings, sets, columns."""

import bz2
import itertools
from functools import partial

import pytest

from gensim_mtner import BilingualDictionary, ComparableCorpus, Gazetteer, MTWord2Vec, NERData
from gensim_mtner.labels import formats
from gensim_mtner.labels.schemes import entities
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.labels.spans import tags_of_spans
from gensim_mtner.text import spreading
from gensim_mtner.text.lines import read_lines
from gensim_mtner.text.segmentation import sentences

BOTH = {"source": "en", "target": "sw"}


def wikipedia(path, *contents, names=True, encoding="utf-8", declared=""):
    articles = "".join(
        f'<article lang="{lang}"{f""" name="{lang} title" """ if names else ""}><content>{content}</content></article>'
        for lang, content in zip(("en", "sw"), contents, strict=True)
    )
    head = f'<?xml version="1.0" encoding="{declared or encoding}"?>'
    data = f'{head}<wikipediaComparable><articlePair id="1">{articles}</articlePair></wikipediaComparable>'
    path.write_bytes(data.encode(encoding))
    return path


@pytest.mark.parametrize(("content", "lines"), [
    ("I <b>like</b> Paris a lot.", ["I like Paris a lot."]),
    ("Intro <link>Paris</link> is nice. <p>Para one.</p> tail <p>Two  <link>b</link>.</p> end",
     ["Intro Paris is nice.", "Para one.", "tail", "Two b.", "end"]),
    ("<h>Title</h><p>One.</p>", ["Title", "One."]),
])  # fmt: skip
def test_no_text_of_an_article_is_lost(tmp_path, content, lines):
    corpus = ComparableCorpus.from_wikipedia_xml(wikipedia(tmp_path / "x.xml", content, "a"), **BOTH)
    (pair,) = corpus.raw()
    assert [" ".join(line.split()) for line in pair.source.split("\n")] == ["en title", *lines]


def test_titles_are_names_of_articles_and_no_text(tmp_path):
    path = wikipedia(tmp_path / "x.xml", "Paris is big.", "Paris ni mji.")
    assert list(BilingualDictionary.from_wikipedia_xml(path, **BOTH)) == [("en title", "sw title")]
    path = wikipedia(tmp_path / "y.xml", "Paris is big.", "Paris ni mji.", names=False)
    with pytest.raises(ValueError, match=r"y\.xml: the dictionary has no pair"):
        BilingualDictionary.from_wikipedia_xml(path, **BOTH)


def test_xml_that_cannot_be_read_says_which_file_and_what_to_do(tmp_path):
    for declared, encoding in (("gb18030", "gb18030"), ("shift_jis", "shift_jis"), ("foo", "utf-8")):
        path = wikipedia(tmp_path / "x.xml", "a", "b", encoding=encoding, declared=declared)
        with pytest.raises(ValueError, match=r"x\.xml: its encoding cannot be read .*convert the file to UTF-8"):
            list(ComparableCorpus.from_wikipedia_xml(path, **BOTH).raw())
    whole = bz2.compress(wikipedia(tmp_path / "x.xml", "a" * 99, "b").read_bytes())
    (tmp_path / "x.xml.bz2").write_bytes(whole[:20] + b"damage" + whole[26:])
    with pytest.raises(ValueError, match=r"x\.xml\.bz2, after 0 article pairs: damaged"):
        list(ComparableCorpus.from_wikipedia_xml(tmp_path / "x.xml.bz2", **BOTH).raw())


def test_encodings_are_known_by_any_of_their_names_or_refused(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_bytes(b"\xef\xbb\xbfNile\tMto Nile\n")
    for encoding in ("utf-8-sig", "utf_8_sig", "U8"):
        assert list(read_lines(path, encoding)) == [(1, "Nile\tMto Nile")]
    for read in (NERData.from_iob2, BilingualDictionary.from_tsv, partial(Gazetteer.from_tsv, language="en")):
        with pytest.raises(ValueError, match=r"x\.tsv: there is no encoding 'nope'"):
            read(path, encoding="nope")
    path.write_bytes(b"a\n\x1b(B")
    assert list(read_lines(path, "iso2022_jp")) == [(1, "a")]


def test_sets_are_refused_where_order_decides(tmp_path):
    (tmp_path / "a").write_text("Ann\tB-PER\n")
    for ask in (
        lambda: ComparableCorpus({("a", "b"), ("c", "d")}, **BOTH),
        lambda: BilingualDictionary({("a", "b"), ("c", "d")}),
        lambda: NERData.from_iob2({tmp_path / "a"}),
        lambda: NERData.from_records([{"tokens": ["Ann"], "ner_tags": [0]}], names={"O", "B-PER"}),
    ):
        with pytest.raises(TypeError, match=r"a set, (whose order|which has no order)"):
            ask()


def test_tags_may_be_numbered_by_a_mapping_either_way():
    rows = [{"tokens": ["Ann", "left"], "ner_tags": [1, 0]}]
    for names in (["O", "B-PER"], {0: "O", 1: "B-PER"}, {"1": "B-PER", "0": "O"}, {"B-PER": 1, "O": 0}):
        assert NERData.from_records(rows, names=names).tags == [["B-PER", "O"]]
    for names in ({0: "O", 2: "B-PER"}, {"O": 0, "B-PER": 0}, {"O": "x", "B-PER": "y"}):
        with pytest.raises(ValueError, match="expected each from 0 to 1 once"):
            NERData.from_records(rows, names=names)


def test_columns_are_others(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("Nile\tLOC\n")
    with pytest.raises(ValueError, match="source_column=0 and target_column=0: expected others"):
        BilingualDictionary.from_tsv(path, target_column=0)
    with pytest.raises(ValueError, match="name_column=1 and type_column=1: expected others"):
        Gazetteer.from_tsv(path, language="en", name_column=1)


def test_dictionaries_have_text_and_weights_that_are_numbers():
    with pytest.raises(ValueError, match=r"pair 0 .* is half of a surrogate pair"):
        BilingualDictionary([("\ud800", "a")])
    with pytest.raises(ValueError, match="sum up to infinity"):
        BilingualDictionary([("a", "b"), ("a", "b")], weights=[1.7e308, 1.7e308])


def test_orders_are_drawn_from_a_number():
    corpus = ComparableCorpus([("a", "b")] * 3, **BOTH)
    for seed in (None, -1, 0.5):
        with pytest.raises(ValueError, match=f"seed={seed}: expected a whole number"):
            corpus.shuffle(seed)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_sentence_ends_where_a_line_does(end):
    assert sentences(f"He came{end}She left") == ["He came", "She left"]


def test_tags_that_are_no_iob2_are_told_of_and_counted_leniently():
    for tags in (["I-PER"], ["B-LOC", "I-PER"], ["O", "I-PER"]):
        with pytest.raises(ValueError, match="'I-PER', which continues no entity: expected B-PER"):
            entities(tags)
        for format, text in itertools.product(formats.FORMATS, ("Ann Lee",)):
            with pytest.raises(ValueError, match="sentence 1: "):
                list(formats.write([(["Ann", "Lee"][: len(tags)], tags)], format, text=text))
    with pytest.raises(ValueError, match="sentence 1 has 2 tokens, but 1 tags"):
        list(formats.write([(["Ann", "Lee"], ["O"])], "jsonl"))
    with pytest.raises(ValueError, match=r"sentence 1: .*'X'"):
        list(formats.write([(["Ann"], ["X"])]))
    scores = score_entities([["B-PER", "O"]], [["I-PER", "O"]])
    assert (scores.f1, scores.lenient_f1) == (0, 100)
    assert score_entities([["O"]], [["I-PER"]]).lenient_f1 == 0


def test_offsets_are_found_in_the_time_that_the_text_takes():
    class Counted(str):
        looked = 0

        def find(self, token, start=0):
            Counted.looked += 1
            assert start >= self.at
            self.at = super().find(token, start)
            return self.at

    text = Counted("Ann left . " * 300)
    text.at = 0
    rows = [(["Ann", "left", "."], ["B-PER", "O", "O"])] * 300
    assert len(list(formats.write(rows, "brat", text=text))) == 300
    assert Counted.looked == 900


def test_a_tokenizer_that_cannot_be_sent_is_refused_for_shards_too(tmp_path):
    corpus = ComparableCorpus([("a b", "c d")] * 9, tokenizers={"sw": lambda text: text.split()}, **BOTH)
    with pytest.raises(ValueError, match="workers=2: the tokenizers cannot be sent"):
        corpus.encode(tmp_path / "x", shards=2, workers=2)
    corpus.encode(tmp_path / "x", shards=2, workers=1)
    assert not spreading._words and not spreading._alike


def test_labels_of_one_tagger_are_not_those_of_another(tmp_path):
    def by(batch, tag):
        return [[tag] * len(one) for one in batch]

    cache = tmp_path / "labels"
    found = NERData.from_tagger([["Ann"]], partial(by, tag="B-PER"), cache=cache)
    assert found.tags == NERData.from_tagger([["Ann"]], partial(by, tag="B-PER"), cache=cache).tags == [["B-PER"]]
    with pytest.raises(ValueError, match="B-LOC"):
        NERData.from_tagger([["Ann"]], partial(by, tag="B-LOC"), cache=cache)
    with pytest.raises(TypeError, match="lambda, which the cache cannot tell from others: pass name="):
        NERData.from_tagger([["Ann"]], lambda batch: by(batch, "B-PER"), cache=tmp_path / "other")
    with pytest.raises(TypeError, match="called another in each process: pass name="):
        NERData.from_tagger([["Ann"]], partial(by, tag=object()), cache=tmp_path / "other")


def test_spaces_beside_tabs_are_told_of(tmp_path, caplog):
    (tmp_path / "x").write_text("Ann \tB-PER\nNew York\tB-LOC\n10\xa0km\tO\n", encoding="utf-8")
    assert NERData.from_iob2(tmp_path / "x").sentences == [["Ann ", "New York", "10\xa0km"]]
    assert "x: 1 tokens begin or end with a space, the first in line 1: no word of a corpus does" in caplog.text


def test_phrases_are_cut_as_the_corpus_is():
    pairs = [("Ann saw Bangkok", "แอน เห็น บางกอก"), ("Bob saw New York", "บ็อบ เห็น นิวยอร์ก")] * 30
    corpus = ComparableCorpus(pairs, source="en", target="th", tokenizers={"th": str.split})
    labels = NERData([["Ann", "saw", "Bangkok"]] * 9, [["B-PER", "O", "B-LOC"]] * 9)
    names = Gazetteer({"PER": ["บ็อบ"]}, "th")
    dictionary = BilingualDictionary([("Bangkok", "บางกอก"), ("saw New York", "เห็น นิวยอร์ก")])
    settings = {"vector_size": 8, "min_count": 1, "sample": 0, "pretrain_epochs": 2, "epochs": 1, "workers": 1}
    model = MTWord2Vec(corpus, ner_data=labels, dictionary=dictionary, gazetteer=names, **settings)
    assert model.tag([["บ็อบ", "เห็น"]], language="th", by="sequence") == [["B-PER", "O"]]


def test_numbers_and_spans_are_refused_by_their_names(tmp_path):
    (tmp_path / "x").write_text("Ann\tB-PER\n")
    data = NERData([["Ann"]] * 3, [["B-PER"]] * 3)
    corpus = ComparableCorpus([("a", "b")] * 3, **BOTH)
    for ask, message in (
        (lambda: data.split(0.2), r"split\(0\.2\): there are 3 sentences, so n must be from 1 to 2"),
        (
            lambda: list(corpus.sentences("en", paragraphs=1.5)),
            "paragraphs=1.5: expected at least 1, and a whole number",
        ),
        (lambda: NERData.from_iob2(tmp_path / "x", token_column="0"), "token_column='0': expected a whole number"),
        (lambda: NERData.from_iob2(tmp_path / "x", token_column=1, tag_column=1), "are one column: expected two"),
        (lambda: NERData.from_iob2(tmp_path / "x", token_column=1, tag_column=-1), "are one column: expected two"),
        (lambda: NERData.from_iob2(tmp_path / "x", token_column=1), "are one column: expected two"),
        (lambda: tags_of_spans(["a"], [5]), r"the span 5: expected \(start, stop, type\)"),
    ):
        with pytest.raises(ValueError, match=message):
            ask()
