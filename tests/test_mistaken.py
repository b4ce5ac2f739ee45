"""Mistakes that people make with what they know from gensim, scikit-learn, pandas and Hugging Face: one clear error."""

import gc
import logging
import multiprocessing
from collections import namedtuple

import joblib
import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import Word2Vec

from gensim_mtner import (
    BilingualDictionary,
    ComparableCorpus,
    Gazetteer,
    MTWord2Vec,
    NERData,
    SequenceTagger,
    UnigramTagger,
)
from gensim_mtner.cli.main import main
from gensim_mtner.cli.opening import types_of
from gensim_mtner.cli.parser import parser
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.labels.spans import tags_of_spans
from gensim_mtner.model.checkpoint import check_new
from gensim_mtner.results.tables import Tables

SMALL = {"vector_size": 8, "window": 4, "workers": 1, "min_count": 1, "sample": 0, "pretrain_epochs": 1, "epochs": 1,
         "silver_tokens": 0, "self_training_tokens": 0, "progress": False, "seed": 5}  # fmt: skip
PAIRS = make_pairs(30)
SENTENCES = [source[:4] for _, source, _ in PAIRS]
TAGS = labels_of(SENTENCES)


@pytest.fixture(scope="module")
def labels():
    return NERData(SENTENCES, TAGS)


@pytest.fixture(scope="module")
def model(labels):
    return MTWord2Vec(ComparableCorpus(PAIRS, source="en", target="zh"), ner_data=labels, **SMALL)


# -- taggers


@pytest.mark.parametrize("language", [None, "zh", "fr"])
def test_a_tagger_of_the_wrong_language_is_not_trained_on_nothing(model, language):
    with pytest.raises(ValueError, match=r"the vocabulary holds none of the .* labelled tokens"):
        UnigramTagger(model.wv, language=language).fit(SENTENCES, TAGS)


def test_a_language_that_no_vector_has_is_named(model):
    tagger = UnigramTagger(model.wv, language="en").fit(SENTENCES, TAGS)
    with pytest.raises(ValueError, match="language='fr': no key of the vectors has this prefix"):
        tagger.predict(SENTENCES, language="fr")
    assert tagger.predict([["nothing", "known"]], language="zh") == [["O", "O"]]


def test_taggers_whose_arrays_stay_on_the_disk_tag(model, tmp_path):
    joblib.dump(model, tmp_path / "model")
    there = joblib.load(tmp_path / "model", mmap_mode="r")
    assert there.tag(SENTENCES, language="en") == model.tag(SENTENCES, language="en")


def test_an_array_without_dimensions_is_no_list_of_sentences(model):
    with pytest.raises(TypeError, match="sentences are ndarray: expected a list"):
        model.tag(np.array("Ann left"), language="en")


def test_a_model_without_languages_says_so():
    model = MTWord2Vec([["a", "b"]] * 20, **SMALL)
    with pytest.raises(ValueError, match="this model has none: make one with source= and target="):
        model.rows_of("en")


# -- scores


@pytest.mark.parametrize(
    ("gold", "error", "said"),
    [
        ([["S-PER", "O"]], ValueError, "gold, sentence 1: the tag 'S-PER': expected O, B-TYPE or I-TYPE"),
        ([["X", "O"]], ValueError, "gold, sentence 1: the tag 'X'"),
        ([["B-", "O"]], ValueError, "gold, sentence 1: the tag 'B-'"),
        (["B-PER", "O"], ValueError, "the tags of gold, sentence 1 is str"),
        ([[1, 0]], ValueError, "gold, sentence 1: tag 1 is 1"),
        (None, TypeError, "gold is NoneType: expected a list of tags, one for each sentence"),
        (NERData([["Ann", "x"]], [["B-PER", "O"]]), TypeError, "gold is NERData: .* such as its .tags"),
    ],
)
def test_what_is_no_tags_of_sentences_has_no_score(gold, error, said):
    for given in ((gold, [["B-PER", "O"]]), ([["B-PER", "O"]], gold)):
        with pytest.raises(error, match=said.replace("gold", "gold" if given[0] is gold else "predicted")):
            score_entities(*given)


def test_white_space_around_tags_counts_as_little_as_in_labels():
    assert score_entities([["B-PER ", "O"]], np.array([["B-PER", "O"]])).f1 == 100


# -- types


def test_tags_in_place_of_types_are_refused():
    with pytest.raises(ValueError, match=r"the span \(0, 3, 'B-PER'\): expected a type such as 'PER'"):
        tags_of_spans(["Ann", "left"], [(0, 3, "B-PER")])
    with pytest.raises(TypeError, match=r"tokens is text \('Ann left'\): expected a list of tokens"):
        tags_of_spans("Ann left", [(0, 3, "PER")])
    with pytest.raises(ValueError, match="names has lists of 'B-PER': expected an entity type"):
        Gazetteer({"B-PER": ["Ann"]}, "en")
    with pytest.raises(ValueError, match=r"tag 'B-B-PER': expected O, B-TYPE or I-TYPE .*; 'B-PER' is no type"):
        NERData([["Ann", "x"]], [["B-B-PER", "O"]])
    assert NERData([["a", "x"]], [["B-B-cell", "O"]]).types == ("B-cell",)
    with pytest.raises(ValueError, match="tag 'B- PER': expected O, B-TYPE or I-TYPE"):
        NERData([["Ann", "x"]], [["B- PER", "O"]])
    for types_ in ({"PER": "B-PERSON"}, {"B-PER": "PERSON"}):
        with pytest.raises(ValueError, match="types has 'B-PER"):
            NERData([["Ann", "x"]], [["B-PER", "O"]], types=types_)


def test_types_may_be_renamed_by_several_options():
    command = [
        "evaluate",
        "--model",
        "m",
        "--language",
        "en",
        "--gold",
        "g",
        "--types",
        "PER=PERSON",
        "--types",
        "LOC=",
    ]
    assert types_of(parser().parse_args(command).types) == {"PER": "PERSON", "LOC": None}
    with pytest.raises(ValueError, match="--types PER=PERSON,LOC=PLACE: expected OLD=NEW"):
        types_of(["PER=PERSON,LOC=PLACE"])


def test_parts_of_labels_are_taken_by_masks_and_numbers(labels):
    mask = np.zeros(len(labels), bool)
    mask[[1, 3]] = True
    for given in (mask, mask.tolist(), [1, 3], np.array([1, 3]), iter([1, 3])):
        assert labels.subset(given).sentences == [labels.sentences[1], labels.sentences[3]]
    with pytest.raises(ValueError, match="no labelled sentence"):
        labels.subset([])
    with pytest.raises(ValueError, match="subset by True and False for 2 of 30 sentences"):
        labels.subset([True, False])
    with pytest.raises(IndexError, match="there is no sentence 1000 among 30"):
        labels.subset([1000])
    with pytest.raises(TypeError, match="subset by float64"):
        labels.subset([0.5])
    with pytest.raises(TypeError, match="unsupported operand"):
        labels + 1


# -- corpora


@pytest.mark.parametrize(
    "pairs",
    [[("Moses went.", "Mose ging.")] * 9, [["Moses went home.", "Mose ging."]] * 9, PAIRS,
     [(source, target) for _, source, target in PAIRS]],
)  # fmt: skip
def test_pairs_without_a_corpus_around_them_are_not_taken_for_tokens(pairs):
    with pytest.raises(TypeError, match="document 1 is a pair of documents, not a list of tokens: pass Comparable"):
        MTWord2Vec(pairs, **SMALL)


def test_tokens_with_spaces_are_still_tokens():
    for document in (["học sinh", "đi"], ["New York", "city", "hall"], ["St. Louis", "museum"]):
        assert document[0] in MTWord2Vec([document] * 9, **SMALL).wv


@pytest.mark.parametrize(
    ("corpus", "said"),
    [("pairs.jsonl", "the corpus is str .*ComparableCorpus.from_jsonl"), (iter(PAIRS), "only once"),
     (3, "the corpus is int")],
)  # fmt: skip
def test_what_is_no_corpus_is_told_before_languages_are_asked_for(labels, corpus, said):
    with pytest.raises(TypeError, match=said):
        MTWord2Vec(corpus, ner_data=labels, **SMALL)


def test_named_tuples_are_read_by_their_names():
    row = namedtuple("row", ["de", "en", "id"])
    corpus = ComparableCorpus([row("Anna ging.", "Anna went.", "x1")], source="en", target="de")
    (pair,) = corpus
    assert (pair.id, pair.source, pair.target) == ("x1", [["Anna", "went", "."]], [["Anna", "ging", "."]])
    row = namedtuple("row", ["id", "text", "translation"])  # "id" is the identifier, and not Indonesian
    (pair,) = ComparableCorpus([row("x1", "Anna went.", "Anna pergi.")], source="en", target="id")
    assert (pair.id, pair.target) == ("x1", [["Anna", "pergi", "."]])


def test_the_names_of_columns_are_no_document(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text('"en"\t"de"\nAnna went.\tAnna ging.\n')
    with pytest.raises(ValueError, match=r"pairs\.tsv, line 1: it names the columns"):
        list(ComparableCorpus.from_tsv(path, source="en", target="de"))
    with pytest.raises(ValueError, match="columns=1: expected two different numbers"):
        ComparableCorpus.from_tsv(path, columns=1, source="en", target="de")


def test_an_iterator_in_disguise_is_noticed():
    once = iter(PAIRS)
    corpus = ComparableCorpus(lambda: once, source="en", target="zh")
    next(iter(corpus))
    with pytest.raises(TypeError, match="their iterator is the same each time"):
        list(corpus)


def test_a_function_may_return_a_list():
    corpus = ComparableCorpus(lambda: PAIRS, source="en", target="zh")
    assert len(list(corpus)) == len(list(corpus)) == len(PAIRS)


def test_a_reader_that_nobody_goes_on_with_is_let_go(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("Anna went.\tAnna ging.\n" * 9)
    corpus = ComparableCorpus.from_tsv(path, source="en", target="de")
    next(iter(corpus))
    gc.collect()
    assert corpus._pairs.last() is None


def test_one_file_is_not_two_languages(tmp_path):
    path = tmp_path / "a.en"
    path.write_text("Anna went.\n")
    with pytest.raises(ValueError, match="is given for both languages"):
        ComparableCorpus.from_parallel(path, tmp_path / ".." / tmp_path.name / "a.en", source="en", target="de")


def test_messages_are_short_where_items_are_long():
    for document in (["x " * 50_000, "b"], [["a"], "b " * 50_000]):
        with pytest.raises(ValueError, match=r"white space|among sentences") as error:
            list(ComparableCorpus([(document, ["x"])], source="en", target="de"))
        assert len(str(error.value)) < 600


def test_tokenizers_that_fail_or_give_objects_are_told_of_with_the_pair():
    def fails(text):
        raise ZeroDivisionError("no")

    class Token:  # as spaCy's, which is not unequal to anything
        __ne__ = __eq__ = lambda self, other: False

    token = Token()
    for cut, said in ((fails, "the tokenizer failed at 'Anna went.': ZeroDivisionError: no"),
                      (lambda text: [token], "expected non-empty text, not Token")):  # fmt: skip
        corpus = ComparableCorpus([("Anna went.", "Anna ging.")], source="en", target="de", tokenizers={"en": cut})
        with pytest.raises(ValueError, match=f"pair 1: the 'en' side.*{said}"):
            list(corpus)


def _train(seed):
    pairs = [(f"Anna went {n}.", f"Anna ging {n}.") for n in range(1200)]
    corpus = ComparableCorpus(pairs, source="en", target="de")
    return MTWord2Vec(corpus, **SMALL | {"workers": 2, "seed": seed}).corpus_count


def test_models_are_trained_in_a_pool_of_processes():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_train, [1]) == [1200]


# -- what else is given


def test_dictionaries_and_lists_of_names_say_how_files_are_read(tmp_path):
    with pytest.raises(TypeError, match=r"pairs is str.*BilingualDictionary\.from_tsv"):
        BilingualDictionary("pairs.tsv")
    with pytest.raises(TypeError, match=r"pairs is dict.*pass its items\(\)"):
        BilingualDictionary({"ab": "cd"})
    with pytest.raises(TypeError, match=r"names is str.*Gazetteer\.from_tsv"):
        Gazetteer("names.tsv", "de")


def test_a_list_of_names_of_another_language_is_told_of(labels, caplog):
    corpus = ComparableCorpus(PAIRS, source="en", target="zh")
    settings = SMALL | {"self_training_tokens": 100}
    with caplog.at_level(logging.WARNING):
        MTWord2Vec(corpus, ner_data=labels, gazetteer=Gazetteer({"PER": ["Xerxes"]}, "zh"), **settings)
    assert "gazetteer of 'zh': the corpus has all words of none of its 1 names, such as 'Xerxes'" in caplog.text


def test_a_pipeline_is_no_name_of_one():
    pytest.importorskip("spacy")
    with pytest.raises(TypeError, match=r"nlp is str \('en_core_web_sm'\): expected a pipeline"):
        NERData.from_spacy("en_core_web_sm", SENTENCES)


def test_models_of_gensim_and_parts_of_ours_are_not_loaded_as_ours(model, tmp_path):
    Word2Vec([["a", "b"]] * 20, vector_size=4, min_count=1).save(str(tmp_path / "plain"))
    with pytest.raises(TypeError, match="has a Word2Vec: expected MTWord2Vec"):
        MTWord2Vec.load(tmp_path / "plain")
    model.wv.save(str(tmp_path / "vectors"))
    with pytest.raises(TypeError, match="vectors has no model"):
        MTWord2Vec.load(tmp_path / "vectors")
    model.save(tmp_path / "ours")
    with pytest.raises(ValueError, match="is a part of a model: pass the folder"):
        MTWord2Vec.load(tmp_path / "ours" / "manifest.json")
    with pytest.raises(FileExistsError, match=r"ours is that of another thing \(gensim-mtner model\): name one"):
        check_new(tmp_path / "ours")
    with pytest.raises(FileExistsError, match="that of another thing"):
        Tables(lambda: None, tmp_path / "ours")


@pytest.mark.parametrize(
    ("lines", "said"),
    [("Anna B-PER\nging O\nheim O\n", "3 of 3 lines are a word and a tag"),
     ('{"id": 1}\n' * 3, "3 of 3 lines are JSON")],
)  # fmt: skip
def test_text_to_tag_that_is_something_else_is_told_of(model, tmp_path, caplog, lines, said):
    model.save(tmp_path / "model")
    (tmp_path / "text").write_text(lines)
    main(["tag", "--model", str(tmp_path / "model"), "--language", "zh", "--input", str(tmp_path / "text")])
    assert said in caplog.text


def test_a_side_that_is_numbers_of_documents_is_told_of(caplog):
    pairs = [{"id": f"{number} 1", "en": " ".join(["Ann saw Rome."] * 20), "ind": "Ann"} for number in range(20)]
    corpus = ComparableCorpus(pairs, source="en", target="id")
    MTWord2Vec(vector_size=4).build_vocab(corpus)
    (said,) = [record.getMessage() for record in caplog.records if "is it text" in record.getMessage()]
    assert said.startswith("the 'id' side has 40 tokens, 2.0 a document, the 'en' side 1600")
    caplog.clear()
    MTWord2Vec(vector_size=4, min_count=1).build_vocab(ComparableCorpus(make_pairs(60), source="en", target="zh"))
    assert "is it text" not in caplog.text


def test_a_type_to_be_renamed_that_no_file_has_is_told_of(tmp_path, caplog):
    for name, kind in (("a", "PERSON"), ("b", "LOC")):
        (tmp_path / name).write_text(f"Ann\tB-{kind}\n\n", encoding="utf-8")
    NERData.from_iob2([tmp_path / "a", tmp_path / "b"], types={"PERSON": "PER", "LOC": "LOC", "MISC": None})
    assert "which no tag has" not in caplog.text
    NERData.from_iob2([tmp_path / "a", tmp_path / "b"], types={"GPE": "LOC"})  # of other files, perhaps
    assert "which no tag has" not in caplog.text
    NERData.from_iob2([tmp_path / "a", tmp_path / "b"], types={"PERSN": "PER"})
    NERData([["Ann"]], [["B-PERSON"]], types={"PERSNS": "PER"})
    for name in ("PERSN", "PERSNS"):
        assert f"types has '{name}', which no tag has; was 'PERSON' meant?" in caplog.text


def test_a_corpus_in_place_of_labels_is_called_so(tmp_path):
    (tmp_path / "pairs.jsonl").write_text('{"en": "Ann left Rome", "zh": "安 离开 罗马"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"a line is JSON: is this the corpus.*token_column= and|a line is JSON"):
        NERData.from_iob2(tmp_path / "pairs.jsonl")


def test_a_path_in_place_of_labels_is_told_how_it_is_read(model):
    for ask in (lambda: model.evaluate("gold.iob2", language="zh"), lambda: model.train(None, ner_data="gold.iob2")):
        with pytest.raises(
            TypeError, match=r"ner_data is str: expected NERData, e\.g\. NERData\.from_iob2\('gold\.iob2'\)"
        ):
            ask()


def test_gensims_files_take_the_arguments_of_directories(model, tmp_path):
    model.save(tmp_path / "model", format="gensim")
    for mmap in (True, False):
        assert len(MTWord2Vec.load(tmp_path / "model", mmap=mmap, verify=False).wv) == len(model.wv)
    with pytest.raises(ValueError, match=r"verify=True: .*model is a file of gensim's format, which has no checksums"):
        MTWord2Vec.load(tmp_path / "model", verify=True)


def test_features_that_are_set_after_fitting_are_refused():
    tagger = SequenceTagger().fit([["Ann", "left"]], [["B-PER", "O"]]).set_params(features="plain")
    for ask in (tagger.predict, tagger.predict_log_proba):
        with pytest.raises(ValueError, match="features='plain', but fitted with 'rich'"):
            ask([["Ann", "left"]])
    assert tagger.set_params(features="rich").predict([["Ann", "left"]]) == [["B-PER", "O"]]
    other = tagger.set_params(features="plain").fit([["Ann", "left"]], [["B-PER", "O"]])
    assert other.predict([["Ann", "left"]]) == [["B-PER", "O"]]
