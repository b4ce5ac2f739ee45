"""Table 3 of the paper for any query: nearest English words in the baseline's and in HFJ's vectors."""

import argparse

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.text import datasets

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("queries", nargs="*", default=["摩西", "埃及"], metavar="WORD")
parser.add_argument("--chapters", type=int, default=300)
options = parser.parse_args()

corpus = ComparableCorpus(
    [tuple(pair) for pair in datasets.bible("en", "zh").limit(options.chapters)], source="en", target="zh"
)
names = datasets.bible_names("en")
labels = NERData.from_gazetteer(corpus.sentences("en"), names, language="en")
kinds = {name: kind for kind, listed in names.items() for name in listed}

for mode in ("baseline", "hfj"):
    model = MTWord2Vec(corpus, ner_data=labels, mode=mode, seed=1)
    for query in options.queries:
        for metric in ("euclidean", "cosine", "csls"):
            found = model.neighbours(query, language="zh", into="en", metric=metric, topn=8)
            shown = ", ".join(f"{word} ({kinds[word]})" if word in kinds else word for word, _ in found)
            print(f"{mode:8} {query} {metric:9} {shown}")
