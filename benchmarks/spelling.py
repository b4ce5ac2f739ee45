"""Names in another spelling: how many there are in six languages, and what they give where every name is spelt anew.

    python benchmarks/spelling.py --seeds 1 2 3 --jobs 2 --out benchmarks/results/spelling.json

Words of English names in the 123 documents of NTREX-128 that the other side has, as they are spelt and nearly so (no
labels are needed for that). Then Swahili news in Cyrillic letters, by a table, so that nothing is spelt as in English:
F1 on the development file with and without `gensim_mtner.labels.akin`. A cell that is in --out is not run again.
"""

from unittest import mock

from common.data import DATA, english_labels
from common.models import cell_of
from common.runs import as_done, by_type, commit, parser, print_table, read_json, spread, write_json

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData, SequenceTagger
from gensim_mtner.labels import projection
from gensim_mtner.labels.casing import common_words
from gensim_mtner.model.source_labels import LABELLER

LANGUAGES = {"hr": "Croatian", "uk": "Ukrainian", "ro": "Romanian", "ha": "Hausa", "yo": "Yoruba", "sw": "Swahili"}
COLUMNS = ("NTREX-128", "words of names", "in the other side as they are spelt", "in another spelling")
TRIAL = ("Swahili news in Cyrillic letters", "F1", "LOC", "PER", "ORG")
SYSTEMS = {"alone": "names as they are spelt", "akin": "and in another spelling (the defaults)"}
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "а",
            "б",
            "к",
            "д",
            "е",
            "ф",
            "г",
            "х",
            "и",
            "дж",
            "к",
            "л",
            "м",
            "н",
            "о",
            "п",
            "к",
            "р",
            "с",
            "т",
            "у",
            "в",
            "в",
            "кс",
            "й",
            "з",
        ],
        strict=True,
    )
)
RUNS = {"sh": "ш", "ch": "ч", "ng'": "нг", "ny": "нь", "th": "т", "dh": "д", "gh": "г", "kh": "х"}


def cyrillic(text):
    """Swahili as Cyrillic letters would write it, roughly."""
    for written, other in (*RUNS.items(), *LETTERS.items()):
        text = text.replace(written, other).replace(written.capitalize(), other.capitalize())
    return text


def corpus_of(language, *names):
    """Documents of files."""
    files = [DATA / f"news-{name}.en-{language}.jsonl.gz" for name in names]
    return ComparableCorpus.from_jsonl(files, source="en", target=language, on_missing="skip")


def counted(language, tag):
    """How many words of names there are, and how many of them the other side has."""
    text = corpus_of(language, "ntrex").encode(progress=False)
    documents = range(len(text))
    found, kinds = projection.source_names(text, documents, tag)
    names = projection.project_names(text, documents, tag, named=(found, kinds), common=common_words(text, 1))
    total = same = other = 0
    for document, here in zip(documents, found, strict=True):
        words = [word for name in here for word in name if word[:1].isupper()]
        there = {word for sentence in text.sentences(document, 1) for word in sentence}
        akin = set(names.akin[document].values())
        total += len(words)
        same += sum(word in there for word in words)
        other += sum(word not in there and word in akin for word in words)
    return {"language": language, "words": total, "same": same, "other": other, "commit": commit()}


def run_cell(seed):
    """The trial with one seed, with and without."""
    pairs = [(pair.source, cyrillic(pair.target)) for pair in corpus_of("sw", "mafand", "ntrex").raw()]
    text = ComparableCorpus(pairs, source="en", target="sw").encode(progress=False)
    gold = NERData.from_iob2(DATA / "sw_masakhaner2-dev.iob2")
    gold = NERData([[cyrillic(word) for word in sentence] for sentence in gold.sentences], gold.tags)
    labels = english_labels(silver=True)
    model = MTWord2Vec(text, ner_data=labels, seed=seed, workers=1, progress=False)
    found = {"akin": cell_of(model.evaluate(gold, language="sw"), "by_type")}
    with mock.patch.object(projection, "_akin", lambda text, *_: [{} for _ in range(len(text))]):
        model.train(text, ner_data=labels, epochs=0, pretrain_epochs=0)  # the last step again
    return {"seed": seed, "alone": cell_of(model.evaluate(gold, language="sw"), "by_type"), **found}


def count_lines(cells):
    """A line for each language."""
    for cell in cells:
        yield LANGUAGES[cell["language"]], *(f"{cell[key]:,}" for key in ("words", "same", "other"))


def trial_lines(cells):
    """Means and spreads with and without."""
    for system, title in SYSTEMS.items():
        mine = [cell[system] for cell in cells]
        yield title, spread(cell["f1"] for cell in mine), *by_type(mine)


def main():
    """Run what is missing; print both tables."""
    options = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None).parse_args()
    cells = read_json(options.out, {"count": [], "trial": []}) if options.out else {"count": [], "trial": []}
    if not cells["count"]:
        tagger = SequenceTagger(**LABELLER, random_state=1).fit_labels(english_labels(silver=True))
        cells["count"] = [counted(language, tagger.predict) for language in LANGUAGES]
        write_json(options.out, cells)
    print_table(COLUMNS, count_lines(cells["count"]))
    have = {cell["seed"] for cell in cells["trial"]}
    for cell in as_done(run_cell, [seed for seed in options.seeds if seed not in have], options.jobs):
        cells["trial"].append(cell)
        write_json(options.out, cells)
    print_table(TRIAL, trial_lines(cells["trial"]))


if __name__ == "__main__":
    main()
