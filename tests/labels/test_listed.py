"""Which translations of a dictionary are names, and how they teach."""

from collections import Counter

import numpy as np
import pytest
from conftest import labels_of, make_pairs

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.labels.listed import listed_names
from gensim_mtner.labels.projection import ProjectedNames

KINDS = {("Red", "Sea"): Counter(LOC=3, PER=1), ("Ann",): Counter(PER=2)}


def tag(sentences):
    """Takes two capitalised words for a person."""
    return [["B-PER", "I-PER"] if len(row) == 2 and row[1][0].isupper() else ["O"] * len(row) for row in sentences]


def names_of(pairs, spaced, weights=None):
    return listed_names(BilingualDictionary(pairs, weights), KINDS, tag, str.split, {"Water"}, spaced=spaced)


def test_types_are_those_of_the_corpus_and_else_of_the_title():
    pairs = [("Red Sea", "红海海"), ("Ann (singer)", "安安安 (歌手)"), ("Bob Ray", "鲍勃雷"), ("Water", "水水水"),
             ("Tall trees", "高大树"), ("small Thing", "小东西"), ("Ann", "安"), ("Bob Ray, Ohio", "1999")]  # fmt: skip
    assert names_of(pairs, spaced=False) == {"红海海": "LOC", "安安安": "PER", "鲍勃雷": "PER"}
    spaced = [("Red Sea", "Bahari ya Shamu"), ("Ann", "anna"), ("Ann", "Anna")]
    assert names_of(spaced, spaced=True) == {"Bahari ya Shamu": "LOC", "Anna": "PER"}


def test_the_type_of_most_weight_is_taken():
    pairs = [("Red Sea", "海海海"), ("Ann", "海海海"), ("Bob Ray", "海海海")]
    assert names_of(pairs, spaced=False) == {"海海海": "PER"}
    assert names_of(pairs, spaced=False, weights=[0.7, 0.1, 0.2]) == {"海海海": "LOC"}
    assert names_of(pairs, spaced=False, weights=[0.5, 0.1, 0.7]) == {"海海海": "PER"}


def test_listed_names_are_matched_whatever_the_segmentation_and_give_way_to_names_of_the_source():
    names = ProjectedNames(listed={"毛泽东": "PER", "北京大学": "ORG"}, joiner="")
    tags, inside = names.label(7, ["毛", "泽东", "在", "北京", "大学"])
    assert tags == ["B-PER", "I-PER", "O", "B-ORG", "I-ORG"] and inside.tolist() == [True, True, False, True, True]
    both = ProjectedNames({("Ya", "Dunia"): "ORG"}, [{}], listed={"Dunia Moja": "LOC", "Moja": "PER"})
    assert both.label(0, ["Ya", "Dunia", "Moja"])[0] == ["B-ORG", "I-ORG", "O"]


def test_a_model_learns_names_of_a_dictionary():
    pairs = make_pairs(30)
    sentences = [source for _, source, _ in pairs]
    data = NERData(sentences, labels_of(sentences))
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    word = next(word for word in pairs[0][2] if len(word) > 2)
    dictionary = BilingualDictionary([("Rome", word)])
    small = {"vector_size": 8, "epochs": 1, "pretrain_epochs": 1, "ner_warmup": 1, "workers": 1, "project_names": False}
    model = MTWord2Vec(corpus, ner_data=data, dictionary=dictionary, **small)
    text = [target[:4] for _, _, target in pairs if word in target[:4]]

    def tags_of_word(model):
        tagged = model.tag(text, language="zh", by="sequence")
        return {tag for row, tags in zip(text, tagged, strict=True) for token, tag in zip(row, tags, strict=True)
                if token == word}  # fmt: skip

    assert tags_of_word(model) == {"B-LOC"}
    assert tags_of_word(MTWord2Vec(corpus, ner_data=data, **small)) != {"B-LOC"}  # these vectors know nothing yet
    with pytest.raises(ValueError, match="dictionary with epochs=0 needs ner_data"):
        model.train(corpus, epochs=0, dictionary=dictionary)
    with pytest.raises(TypeError, match="expected BilingualDictionary"):
        MTWord2Vec(corpus, ner_data=data, dictionary={"Ann": word}, **small)
    again = MTWord2Vec(corpus, ner_data=data, dictionary=dictionary, **small)
    assert np.array_equal(model.target_tagger.coef_, again.target_tagger.coef_)
