"""Make the pictures of the documentation: ``python docs/pictures.py`` (needs the extras bible and plot)."""

import copy
from pathlib import Path

from matplotlib import pyplot

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.results import plots
from gensim_mtner.text import datasets

HERE = Path(__file__).parent / "img"
PEOPLE = ("Moses", "David", "Paul", "Aaron", "Samuel", "Peter", "Jacob", "Joseph", "Abraham", "Isaiah")
PLACES = ("Egypt", "Jerusalem", "Babylon", "Rome", "Samaria", "Damascus", "Galilee", "Jericho", "Hebron", "Nineveh")

bible = datasets.bible("en", "de")
corpus = ComparableCorpus([tuple(pair) for pair in bible], source="en", target="de")
labels = NERData.from_gazetteer(corpus.sentences("en"), datasets.bible_names("en"))
text = corpus.encode()
settings = {"workers": 1, "seed": 1, "silver_tokens": 0, "self_training_tokens": 0}
before = MTWord2Vec(text, ner_data=labels, mode="baseline", **settings)
after = copy.deepcopy(before)
del after.tagger
after.mode = "hfj"
after.train(text, ner_data=labels, pretrain_epochs=0)

table = {spellings["en"][0]: spellings["de"][0] for _, spellings in datasets.bible_name_table()}
words = [item for name in (*PEOPLE, *PLACES) for item in (("en", name), ("de", table[name]))]
figure, panels = pyplot.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
for model, panel, title in ((before, panels[0], "before"), (after, panels[1], "after")):
    plots.plot_vectors(model, words, ax=panel)
    panel.set_title(title)
figure.savefig(HERE / "vectors.png", dpi=80)
