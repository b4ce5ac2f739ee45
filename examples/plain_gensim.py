"""The vectors are plain gensim: query, save, load and go on without this package."""

import argparse
import tempfile
from pathlib import Path

from gensim.models import KeyedVectors

from gensim_mtner import MTWord2Vec
from gensim_mtner.text import datasets

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--chapters", type=int, default=300)
options = parser.parse_args()

# without labels, MTWord2Vec is Word2Vec on merged document pairs
model = MTWord2Vec(datasets.bible("en", "zh").limit(options.chapters), epochs=5, seed=1)
n = model.source_size
print("English words near zh:埃及:", model.wv.most_similar("zh:埃及", topn=3, clip_end=n))
print("Chinese words near en:Moses:", model.wv.most_similar("en:Moses", topn=3, clip_start=n))

with tempfile.TemporaryDirectory() as folder:
    model.wv.save(str(Path(folder) / "vectors.kv"))
    model.wv.save_word2vec_format(str(Path(folder) / "vectors.txt"))
    vectors = KeyedVectors.load(str(Path(folder) / "vectors.kv"))
    text = KeyedVectors.load_word2vec_format(str(Path(folder) / "vectors.txt"))
print("loaded:", vectors, text.similarity("en:Egypt", "zh:埃及"))
