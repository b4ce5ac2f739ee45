"""Train on English labels, tag Chinese: baseline and half-fixed joint (HFJ) on the Bible pair.

Chapters of the Bible are the documents; lists of names label the English sentences of the training chapters, and the
Chinese sentences of 100 held-out chapters for the test. No Chinese label is used in training.
"""

import argparse
import logging
import time

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.text import datasets

QUERIES = ["摩西", "大卫", "耶路撒冷", "埃及", "保罗"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--chapters", type=int, help="use only this many chapters, for a quick look")
parser.add_argument("--held-out", type=int, default=100, help="test chapters")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--save", metavar="DIRECTORY", help="save the HFJ model")
options = parser.parse_args()
logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO)
logging.getLogger("gensim").setLevel(logging.WARNING)
start = time.perf_counter()

bible = datasets.bible("en", "zh")
if options.chapters:
    bible = bible.limit(options.chapters)
train, test = bible.split(options.held_out)
# segment once; the token lists pass untouched afterwards
train = ComparableCorpus([tuple(pair) for pair in train], source="en", target="zh")
labels = NERData.from_gazetteer(train.sentences("en"), datasets.bible_names("en"), language="en")
gold = NERData.from_gazetteer(test.sentences("zh"), datasets.bible_names("zh"), language="zh")
print(f"training labels (English): {labels}\ntest labels (Chinese):     {gold}")

settings = {"ner_data": labels, "seed": options.seed, "workers": options.workers}
baseline = MTWord2Vec(train, mode="baseline", **settings)
hfj = MTWord2Vec(train, mode="hfj", **settings)

for name, model in (("baseline", baseline), ("HFJ", hfj)):
    print(f"\n{name}: entities of the held-out Chinese chapters\n{model.evaluate(gold, language='zh')}")

print("\nnearest English words by Euclidean distance (as Table 3 of the paper)")
for query in QUERIES:
    if f"zh:{query}" not in hfj.wv:
        continue
    for name, model in (("baseline", baseline), ("HFJ", hfj)):
        found = model.neighbours(query, language="zh", into="en", metric="euclidean", topn=8)
        print(f"{query}  {name:8}  {', '.join(word for word, _ in found)}")

sentence = ["摩西", "从", "埃及", "来", "，", "看见", "大卫", "。"]
print(
    "\ntagged:", *(f"{word}/{tag}" for word, tag in zip(sentence, hfj.tag([sentence], language="zh")[0], strict=True))
)
if options.save:
    hfj.save(options.save)
print(f"\n{time.perf_counter() - start:.0f} seconds")
