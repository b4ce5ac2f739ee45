"""Text as the world has it: scripts without capitals, names with points, tables in articles, marks behind joiners."""

from types import SimpleNamespace

import numpy as np
import pytest
from conftest import TINY, make_pairs
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner import BilingualDictionary, ComparableCorpus, Gazetteer, MTWord2Vec, NERData, load_vec
from gensim_mtner.labels.casing import has_capitals
from gensim_mtner.labels.listed import names_as_cut, names_of_letters
from gensim_mtner.labels.schemes import entities
from gensim_mtner.labels.scores import score_entities
from gensim_mtner.model.self_training import _projected
from gensim_mtner.text.segmentation import chinese_words, words
from gensim_mtner.vectors.neighbours import nearest, translation_accuracy

# -- names


def one_name(sentences):
    return [["B-LOC"] + ["I-LOC"] * (len(sentence) - 1) for sentence in sentences]


def test_names_of_a_dictionary_are_looked_for_as_text_is_cut():
    sides = "Aliishi St. Louis na Ng'ang'a .", "Dodoma ni mji ."
    text = ComparableCorpus([("He Spoke", side) for side in sides], source="en", target="sw")
    pairs = [("St. Louis", "St. Louis"), ("Ng'ang'a", "Ng'ang'a"), ("Dodoma", "Dodoma , Tanzania")]
    model = SimpleNamespace(project_names=False, source="en", target="sw", segmented={}, seed=1)
    names = _projected(model, text.encode(), one_name, BilingualDictionary(pairs), None)
    found = [
        {" ".join(tokens[start:stop]) for _, start, stop in entities(names.label(0, tokens)[0])}
        for tokens in map(words, sides)
    ]
    assert found == [{"St . Louis", "Ng ' ang ' a"}, {"Dodoma"}]
    assert names.label(0, ["Aliishi", "St.", "Louis"])[0] == ["O", "B-LOC", "I-LOC"]  # tokens of one's own


def test_names_with_spaces_are_found_where_words_are_not_separated():
    names = {"PER": ["Lady Gaga", " 毛泽东 "], "LOC": ["\u3000北 京"]}
    labels = NERData.from_gazetteer([chinese_words("昨天Lady Gaga来了北京。毛泽东")], names, language="zh")
    assert {"".join(labels.sentences[0][a:b]): kind for kind, a, b in entities(labels.tags[0])} == {
        "LadyGaga": "PER", "北京": "LOC", "毛泽东": "PER"}  # fmt: skip
    assert names_as_cut({"St. Louis": "LOC", "St.Louis": "PER", ".": "PER"}, words, " ")["St . Louis"] == "LOC"
    assert names_of_letters(Gazetteer({"PER": ["李 四", "李四", "李 四 五"]}, "zh")) == {"李 四 五": "PER"}
    with pytest.raises(ValueError, match="names holds no name"):
        Gazetteer({"PER": ["\n"]}, language="en")


def test_georgian_does_not_write_names_with_capitals():
    some = ["თბილისი", "საქართველოს", "და", "დიდია"]
    assert not has_capitals(some, np.array([1, 2, 9, 3])) and has_capitals(["Тбилиси", "и"], np.array([1, 2]))
    text = ComparableCorpus([("Tbilisi is big", "თბილისი დიდია")], source="en", target="ka").encode()
    model = SimpleNamespace(project_names=None, source="en", target="ka", segmented={}, seed=1)
    tag = lambda rows: [["B-LOC", *["O"] * (len(row) - 1)] for row in rows]  # noqa: E731
    names = _projected(model, text, tag, BilingualDictionary([("Tbilisi", "თბილისი")]), None)
    assert names.label(0, ["თბილისი", "დიდია"])[0] == ["B-LOC", "O"]


kinds = st.sampled_from(["X", "X-", "-X", "-", "X avg", "micro avg"])
rows = st.lists(
    st.lists(st.one_of(st.just("O"), kinds.map("B-{}".format)), min_size=3, max_size=3), min_size=2, max_size=4
)


@given(rows, rows)
def test_types_with_hyphens_and_means_in_their_names_are_types_of_their_own(gold, predicted):
    predicted = [*predicted, *[["O"] * 3] * 4][: len(gold)]
    true, told = ({(n, *span) for n, row in enumerate(tags) for span in entities(row)} for tags in (gold, predicted))
    scores = score_entities(gold, predicted)
    assert scores.f1 == pytest.approx(200 * len(true & told) / max(len(true) + len(told), 1))
    for kind, found in scores.by_type.items():
        assert found["support"] == sum(name == kind for _, name, *_ in true)
    assert set(scores.by_type) >= {name for _, name, *_ in true}


# -- documents


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("<table><tr><th>Name</th><th>Born</th></tr><tr><td>Ann <b>Lee</b></td><td>Rome</td></tr></table>",
         ["Name", "Born", "Ann Lee", "Rome"]),
        ("<ul><li>Ann</li><li>Bob</li></ul>and", ["Ann", "Bob", "and"]),
        ("<div><p>One two.</p>mid<p>Three <link>four</link>.</p></div>", ["One two.", "mid", "Three four."]),
    ],
)  # fmt: skip
def test_blocks_inside_of_blocks_are_lines_of_their_own(tmp_path, content, lines):
    path = tmp_path / "pairs.xml"
    more = '<article lang="en" name="More"><content>rest</content></article>'
    path.write_text(
        f'<wikipediaComparable><articlePair id="1"><article lang="en" name="A"><content>{content}</content></article>'
        f'{more}<article lang="sw" name="B"><content>x</content></article></articlePair></wikipediaComparable>',
        encoding="utf-8",
    )
    (pair,) = ComparableCorpus.from_wikipedia_xml(path, source="en", target="sw").raw()
    assert pair.source.split("\n") == ["A", *lines, "More", "rest"]


def test_indonesian_documents_are_not_their_own_identifiers():
    (pair,) = ComparableCorpus([{"en": "a b", "id": "c d"}], source="en", target="id").raw()
    assert (pair.id, pair.target) == ("1", "c d")


def test_an_encoding_that_says_once_what_it_means_is_refused(tmp_path):
    (tmp_path / "text.iob2").write_bytes("안녕\tO\n".encode("iso2022_kr"))
    with pytest.raises(ValueError, match="cannot be read line by line; convert the file to UTF-8"):
        NERData.from_iob2(tmp_path / "text.iob2", encoding="iso2022_kr")


def test_the_key_of_unknown_words_is_refused_as_a_word():
    with pytest.raises(ValueError, match=r"the corpus has the word '<oov>', which is the key of unknown words"):
        MTWord2Vec([["a", "<oov>", "b"], ["a", "b", "c"]] * 9, **TINY)


# -- tokens


@pytest.mark.parametrize("mark", ["\u00ad", "\u200d", "\u2060"])
@pytest.mark.parametrize("first", ["a", "1", "a-"])
def test_many_format_characters_take_no_more_than_their_share(mark, first):
    assert words(first + mark * 200_000) == words(first)  # if by the square, it takes an hour


def test_marks_behind_a_joiner_are_of_the_letter_before_it():
    text = "他写র\u200d\u09cdয了"
    assert "".join(chinese_words(text)) == text


# -- vectors


def test_distances_do_not_drown_in_what_all_vectors_share():
    random = np.random.default_rng(3)
    for shared, spread in ((10, 0.01), (1000, 1), (0, 1)):
        vectors = (shared + spread * random.normal(size=(400, 16))).astype(np.float32)
        places, distances = nearest(vectors, np.arange(50), slice(0, 50), slice(50, 400), "euclidean", 5)
        exact = np.linalg.norm(vectors[:50, None].astype(np.float64) - vectors[50:], axis=2)
        assert (places == 50 + np.argsort(exact, axis=1, kind="stable")[:, :5]).mean() > 0.99
        np.testing.assert_allclose(distances, np.sort(exact, axis=1)[:, :5], rtol=1e-3)
    vectors[-1] = 1e6  # a row far out does not decide where the middle is
    assert (nearest(vectors, np.arange(50), slice(0, 50), slice(50, 400), "euclidean", 5)[0] == places).mean() > 0.95


def test_sorted_vectors_are_noticed_by_queries():
    model = MTWord2Vec(ComparableCorpus(make_pairs(20), source="en", target="zh"), **TINY)
    model.wv.sort_by_descending_frequency()
    for ask in (lambda: model.neighbours("Ann", language="en"), lambda: model.language_vectors("zh")):
        with pytest.raises(ValueError, match="not in order"):
            ask()


def test_numbers_and_pairs_that_are_none_are_refused_by_name(tmp_path):
    corpus = ComparableCorpus(make_pairs(9), source="en", target="zh")
    model = MTWord2Vec(corpus, **TINY)
    for split in (NERData([["a"], ["b"]], [["O"], ["O"]]).split, corpus.split):
        with pytest.raises(ValueError, match="seed=-1: expected a whole number from 0"):
            split(1, seed=-1)
    (tmp_path / "x.vec").write_text("1 1\na 1\n")
    for limit in (1.5, "2", 0):
        with pytest.raises(ValueError, match=f"limit={limit!r}: expected a whole number from 1"):
            load_vec(tmp_path / "x.vec", limit=limit)
    pairs = [("Ann", "安"), ("Rome", "罗马")]
    assert translation_accuracy(model, pairs, language="en", into="zh", topn=np.int64(3)).n_queries == 2
    with pytest.raises(TypeError, match="pairs has 5: expected a word and its translation"):
        translation_accuracy(model, [5], language="en", into="zh")


def test_words_with_dollars_are_drawn_as_they_are():
    plots = pytest.importorskip("gensim_mtner.results.plots", reason="pip install 'gensim-mtner[plot]'")
    pairs = [([*source, "$$", "$a$"], target) for _, source, target in make_pairs(20)]
    model = MTWord2Vec(ComparableCorpus(pairs, source="en", target="zh"), **TINY)
    axes = [
        plots.plot_neighbours(model, "$a$", language="en", into="en", topn=30),
        plots.plot_vectors(model, [("en", "$$"), ("en", "$a$"), ("en", "Ann")], method="pca"),
        plots.plot_confusion([["B-$$", "O"]], [["B-$$", "O"]]),
    ]
    for panel in axes:
        panel.figure.canvas.draw()
        plots.pyplot.close(panel.figure)
    alone = MTWord2Vec(ComparableCorpus([(["Ann"], ["x", "y"])] * 9, source="en", target="zh"), **TINY)
    with pytest.raises(ValueError, match="en:Ann has no neighbour to draw"):
        plots.plot_neighbours(alone, "Ann", language="en", into="en")


def test_arguments_of_another_kind_are_refused_by_name(tmp_path):
    (tmp_path / "a.iob2").write_text("Ann\tB-PER\n")
    languages = {"source": "en", "target": "zh"}
    for call, said in (
        (lambda: ComparableCorpus([("a", "b")], tokenizers={"en": 5}, **languages), r"tokenizers\['en'\] is 5"),
        (lambda: ComparableCorpus([("a", "b")], tokenizers=["en"], **languages), "tokenizers is list"),
        (lambda: NERData.from_iob2(tmp_path / "a.iob2", types=["PER"]), "types is list: expected new names by type"),
        (lambda: NERData.from_iob2(tmp_path / "a.iob2", encoding=None), "encoding=None: expected a name such as"),
    ):
        with pytest.raises(TypeError, match=said):
            call()
