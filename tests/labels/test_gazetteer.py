"""Lists of names: how they are read, what they teach, what is refused before any work begins."""

import gzip
import itertools

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import BilingualDictionary, ComparableCorpus, Gazetteer, MTWord2Vec, NERData
from gensim_mtner.labels.listed import names_as_cut, names_of_letters, with_gazetteer
from gensim_mtner.labels.schemes import check_iob2, repair
from gensim_mtner.text.segmentation import words

SMALL = {"vector_size": 8, "epochs": 1, "pretrain_epochs": 1, "ner_warmup": 1, "workers": 1}


@pytest.fixture(scope="module")
def small():
    pairs = make_pairs(30)
    sentences = [source[:4] for _, source, _ in pairs]
    return ComparableCorpus(pairs, source="en", target="zh"), NERData(sentences, labels_of(sentences)), pairs


def test_a_file_is_read_by_its_columns_and_types_are_renamed(tmp_path):
    path = tmp_path / "names.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("1\tNairobi\tcity\n\n2\tOuko\tman\n3\tOuko\tcity\n4\tOuko\tman\n5\tMarch\tmonth\n")
    kinds = {"city": "LOC", "man": "PER", "month": None}
    found = Gazetteer.from_tsv(path, language="sw", name_column=1, type_column=2, types=kinds)
    assert found == Gazetteer({"LOC": ["Nairobi"], "PER": ["Ouko"]}, "sw")
    assert repr(found) == "Gazetteer(2 names of 'sw': 1 LOC, 1 PER)" and len({found, found}) == 1
    assert found != Gazetteer({"LOC": ["Nairobi"], "PER": ["Ouko"]}, "en")


@pytest.mark.parametrize(
    ("lines", "message"),
    [("Nairobi\n", "line 1: 1 columns, but column 1"), ("Nairobi\tLOC\n\t LOC\n", "line 2: a side is empty"),
     ("March\tmonth\n", "names.tsv: names holds no name")],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_its_line(tmp_path, lines, message):
    (tmp_path / "names.tsv").write_text(lines)
    with pytest.raises(ValueError, match=message):
        Gazetteer.from_tsv(tmp_path / "names.tsv", language="sw", types={"month": None})
    with pytest.raises(ValueError, match="type_column=-1"):
        Gazetteer.from_tsv(tmp_path / "names.tsv", language="sw", type_column=-1)
    with pytest.raises(ValueError, match="language=None"):
        Gazetteer({"LOC": ["Rome"]}, None)
    with pytest.raises(TypeError, match="names is list"):
        Gazetteer(["Rome"], "en")


def test_names_are_matched_as_text_is_cut_and_short_ones_only_where_words_are_separated(caplog):
    spaced = Gazetteer({"PER": ["O'Neill", "Li"], "LOC": ["Dar-es-Salaam"]}, "en")
    assert names_as_cut(spaced.kinds, words, " ") == {"O ' Neill": "PER", "Li": "PER", "Dar-es-Salaam": "LOC"}
    chinese = Gazetteer({"PER": ["毛泽东"], "LOC": ["北京", "罗马"]}, "zh")
    assert names_of_letters(chinese) == {"毛泽东": "PER"}
    assert "2 names of the gazetteer have fewer than 3 letters" in caplog.text


def test_names_of_the_source_are_found_as_they_are_written_and_as_text_is_cut():
    listed = Gazetteer({"LOC": ["St. Louis", "Paris"], "PER": ["J. K. Rowling", "Conan O'Brien"]}, "en")
    match = with_gazetteer(lambda sentences: [["O"] * len(one) for one in sentences], listed, " ", words)
    sentences = [words("He saw St. Louis and Paris."), words("J. K. Rowling, Conan O'Brien"), ["in", "St.", "Louis"]]
    found = [[tag for tag in row if tag != "O"] for row in match(sentences)]
    assert [row.count("B-LOC") + row.count("B-PER") for row in found] == [2, 2, 1]
    assert [len(row) for row in found] == [len(words("St. Louis Paris")), len(words("J. K. Rowling Conan O'Brien")), 2]


@pytest.mark.parametrize(("names", "message"), [
    ({"P\nX": ["a"]}, r"lists of 'P\\nX': expected an entity"), ({None: ["a"]}, "lists of None: expected an entity"),
    ({"": ["a"]}, "lists of '': expected"), ({"PER": None}, r"names\['PER'\] is NoneType: expected a list of names"),
])  # fmt: skip
def test_lists_are_of_types(names, message):
    with pytest.raises(ValueError, match=message):
        Gazetteer(names, "en")


def test_equal_lists_are_equal_keys_whatever_their_order():
    one, other = Gazetteer({"LOC": ["A"], "PER": ["B"]}, "en"), Gazetteer({"PER": ["B"], "LOC": ["A"]}, "en")
    assert one == other and len({one, other}) == 1


tags = st.lists(st.sampled_from(["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]), min_size=5, max_size=5).map(repair)


@given(tags, st.sets(st.integers(0, 4)))
def test_names_of_a_list_overrule_what_they_touch_and_nothing_else(found, places):
    sentence = [f"w{i}" for i in range(5)]
    listed = Gazetteer({"ORG": [f"w{i}" for i in places] or ["none"]}, "en")
    (result,) = with_gazetteer(lambda sentences: [list(found)], listed, " ", str.split)([sentence])
    check_iob2(result)
    assert {i for i, tag in enumerate(result) if tag == "B-ORG"} == places
    for i, tag in enumerate(result):
        assert i in places or tag in (found[i], "O")
    assert with_gazetteer(len, None, " ", str.split) is len
    if not places:
        assert result == found


def test_names_of_the_target_teach_its_tagger(small):
    corpus, labels, pairs = small
    word = next(word for word in pairs[0][2] if len(word) > 2)
    listed = Gazetteer({"LOC": [word]}, "zh")
    text = [target[:4] for _, _, target in pairs if word in target[:4]]
    model = MTWord2Vec(corpus, ner_data=labels, gazetteer=listed, **SMALL)
    tagged = zip(itertools.chain(*text), itertools.chain(*model.tag(text, language="zh", by="sequence")), strict=True)
    assert {tag for token, tag in tagged if token == word} == {"B-LOC"}
    again = MTWord2Vec(corpus, ner_data=labels, **SMALL)
    again.train(corpus, ner_data=labels, gazetteer=[listed], epochs=0)  # afterwards, to the same bits
    np.testing.assert_array_equal(model.target_tagger.coef_, again.target_tagger.coef_)


def test_names_of_the_source_label_its_side(small):
    corpus, labels, pairs = small
    verb = pairs[0][1][1]  # which no label calls a name
    model = MTWord2Vec(corpus, ner_data=labels, gazetteer=Gazetteer({"LOC": [verb]}, "en"), **SMALL | {"epochs": 4})
    plain = MTWord2Vec(corpus, ner_data=labels, **SMALL | {"epochs": 4})
    scores = [m.tagger.decision_function([[verb]], language="en")[0][0] for m in (model, plain)]
    place = list(model.tagger.classes_).index("B-LOC")
    assert scores[0][place] - scores[0][0] > scores[1][place] - scores[1][0] + 1


def test_what_teaches_nothing_is_refused_before_training(small):
    corpus, labels, _ = small
    good = Gazetteer({"LOC": ["北京大"]}, "zh")
    for wrong, settings, message in (
        (Gazetteer({"LOC": ["Rom"]}, "de"), {}, "names of 'de'; this model has 'en' and 'zh'"),
        ([good, good], {}, "two lists of 'zh'"),
        (Gazetteer({"GPE": ["北京大"]}, "zh"), {}, r"types GPE, which ner_data does not have \(it has LOC, PER\)"),
        (good, {"self_training_tokens": 0}, "self_training_tokens above 0"),
        (Gazetteer({"LOC": ["Rome"]}, "en"), {"silver_tokens": 0}, "silver_tokens above 0"),
        (good, {"mode": "baseline"}, "self_training_tokens above 0"),
    ):
        with pytest.raises(ValueError, match=message):
            MTWord2Vec(corpus, ner_data=labels, gazetteer=wrong, **SMALL | settings)
    with pytest.raises(TypeError, match="gazetteer is dict: expected Gazetteer"):
        MTWord2Vec(corpus, ner_data=labels, gazetteer={"LOC": ["Rome"]}, **SMALL)
    with pytest.raises(TypeError, match="gazetteer is str"):
        MTWord2Vec(corpus, ner_data=labels, gazetteer="names.tsv", **SMALL)


def test_a_checkpoint_knows_its_lists(small, tmp_path):
    from gensim_mtner.model.checkpoint import Labels, checksums

    corpus, labels, _ = small
    text = corpus.encode()
    one, other = (Labels(labels, gazetteer=(Gazetteer({"LOC": [name]}, "zh"),)) for name in ("北京大", "上海大"))
    assert checksums(text, one) == checksums(text, one) != checksums(text, other)
    assert checksums(text, Labels(labels))["gazetteer"] == 0


def test_a_dictionary_knows_the_type_better(small):
    corpus, labels, pairs = small
    word = next(word for word in pairs[0][2] if len(word) > 2)
    text = [target[:4] for _, _, target in pairs if word in target[:4]]
    given = {"gazetteer": Gazetteer({"PER": [word]}, "zh"), "dictionary": BilingualDictionary([("Rome", word)])}
    model = MTWord2Vec(corpus, ner_data=labels, project_names=False, **given, **SMALL)
    tagged = zip(itertools.chain(*text), itertools.chain(*model.tag(text, language="zh", by="sequence")), strict=True)
    assert {tag for token, tag in tagged if token == word} == {"B-LOC"}
