"""The tables of README.md and RESULTS.md, compared with the cells that they are made of.

    python benchmarks/check.py            # fails, and shows the lines that differ
    python benchmarks/check.py --write    # makes the tables anew

A table below a comment such as ``<!-- table: pairs -->`` is made by the function of that name below, from what the
scripts wrote to `benchmarks/results/`; nothing is measured here. Tables without a comment were made by hand.
"""

import argparse
import difflib
import re
import sys

import align
import bible
import choices
import cluster
import curves
import drift
import honest
import languages
import memory
import numpy as np
import pairs
import passes
import peers
import quality
import resources
import rounds
import speed
import spelling
import transfer
from common.data import RESULTS, ROOT
from common.runs import read_cells, read_json, spread

from gensim_mtner.results.tables import LSTM, UNIGRAM, by_size

GUIDES = ("docs/when.md", "docs/method.md", "docs/guides/low-resource.md", "docs/guides/language.md")
PAGES = ("README.md", "benchmarks/RESULTS.md", *GUIDES)
TABLE = re.compile(r"^<!-- table: (?P<name>[\w-]+) -->\n(?P<rows>(?:\|.*\n)*)", re.MULTILINE)
LANGUAGES = {"sw": "Swahili", "es": "Spanish", "pt": "Portuguese", "id": "Indonesian"}


def markdown(columns, rows):
    """A table as it stands on a page."""
    lines = [columns, ["---"] * len(columns), *rows]
    text = [f"| {' | '.join(map(str, row))} |" for row in lines]
    text[1] = text[1].replace(" ", "")
    return "".join(f"{line}\n" for line in text)


def chosen(rows, titles):
    """Some rows, by their first column, under other titles."""
    found = {row[0]: row[1:] for row in rows}
    for name, title in titles.items():
        yield title, *found[name]


def of_headline():
    """What matters to someone with a language and no labels."""
    found = {
        "Swahili news (MasakhaNER 2.0)": _pairs("sw_masakhaner2-test-a", "HFJ (the defaults)"),
        "Spanish news (CoNLL 2002)": _pairs("es_conll2002-dev", "HFJ (the defaults)"),
        "Chinese Wikipedia (Universal NER)":
            [rows["HFJ (the defaults)"]["test"] for rows in read_cells(RESULTS / "transfer", "*.json")],
    }  # fmt: skip
    rows = (
        (name, f"**{spread([float(np.mean([cell['f1'] for cell in cells]))])}**",
         *(f"{np.mean([cell[key] for cell in cells]) / 10:.1f}" for key in ("precision", "recall")))
        for name, cells in found.items()
    )  # fmt: skip
    columns = ("text to tag, no label of its language seen", "F1", "of 10 tagged names are right",
               "of 10 names are found")  # fmt: skip
    return markdown(columns, rows)


def of_bible():
    """All systems on the Bible pair."""
    runs = read_json(RESULTS / "bible.json", {})["runs"]
    return markdown(("system", "F1", "precision, recall", "F1, rate", "LogisticRegression"), bible.rows(runs))


def of_bible_short():
    """Those that a reader starts with."""
    runs = read_json(RESULTS / "bible.json", {})["runs"]
    titles = {
        "NER only": "the tagger's loss alone",
        "baseline": "baseline: vectors of skip-gram, tagger on top",
        "HFJ without translations": "HFJ with source labels only, as in the paper",
        "FJ": "full joint (FJ), labels reach target words",
        "HFJ": "half-fixed joint (HFJ), labels reach target words",
        "baseline, translations, silver labels, self-training": "all that the defaults add, but joint training",
        "HFJ, translations, silver labels, self-training": "**HFJ, the defaults**",
        "ceiling: logistic regression on Chinese labels": "for comparison: a classifier trained on Chinese labels",
    }
    rows = chosen(((name, f1, both) for name, f1, both, *_ in bible.rows(runs)), titles)
    return markdown(("", "F1", "precision, recall"), rows)


def of_honest():
    """The baseline beside its twins."""
    return markdown(honest.COLUMNS, honest.rows(read_json(RESULTS / "honest.json", [])))


def of_choices():
    """Single changes of the defaults."""
    return markdown(choices.COLUMNS, choices.rows(read_json(RESULTS / "choices.json", {})["runs"]))


def of_drift():
    """What norms do to the method of the paper."""
    return markdown(drift.COLUMNS, drift.lines(read_json(RESULTS / "drift.json", {})["steps"]))


def of_rounds():
    """Twenty joint passes."""
    return markdown(rounds.COLUMNS, rounds.lines(read_json(RESULTS / "rounds.json", {})["passes"]))


def of_align():
    """Vectors of two languages in one space."""
    return markdown(align.COLUMNS, align.rows(read_json(RESULTS / "align.json", {})["maps"]))


def of_align_bible():
    """What a run gains by them."""
    return markdown(align.BIBLE_COLUMNS, align.bible_rows(read_json(RESULTS / "align.json", {})["bible"]))


def of_languages():
    """English to nine languages on the Bible."""
    columns = ("English to", "names in the test", "known", "baseline", "HFJ, vectors alone", "HFJ (the default)")
    return markdown(columns, languages.rows(read_json(RESULTS / "languages.json", [])))


def of_transfer():
    """All systems on Wikipedia and news."""
    columns = ("system", "dev F1", "F1", "precision, recall", "English F1")
    return markdown(columns, transfer.lines(read_cells(RESULTS / "transfer", "*.json")))


def of_transfer_short():
    """Those that a reader starts with."""
    titles = {
        "the paper's baseline": "the paper's baseline",
        "baseline": "baseline, dropout 0.05",
        "HFJ as in the paper (no translations)": "HFJ with source labels only, as in the paper",
        "baseline, translations, silver labels, self-training": "all that the defaults add, but joint training",
        "HFJ (the defaults)": "**HFJ, the defaults**",
        "ceiling: letters and neighbours, trained on 500 Chinese sentences":
            "for comparison: the same kind of tagger on 500 Chinese labelled sentences",
    }  # fmt: skip
    lines = transfer.lines(read_cells(RESULTS / "transfer", "*.json"))
    rows = chosen(((name, test, both) for name, _, test, both, _ in lines), titles)
    return markdown(("", "F1", "precision, recall"), rows)


def _pairs(test, system):
    return [rows[system][test] for rows in read_cells(RESULTS / "pairs", f"{test[:2]}-*.json") if system in rows]


def _kinds(cells):
    """Means of F1 by type."""
    return ", ".join(
        f"{sum(cell['by_type'].get(kind, {'f1': 0})['f1'] for cell in cells) / len(cells):.0f}" if cells else ""
        for kind in ("LOC", "PER", "ORG")
    )


def of_pairs():
    """All systems, languages and tests of pairs.py."""
    rows = []
    for language, name in LANGUAGES.items():
        found = read_cells(RESULTS / "pairs", f"{language}-*.json")
        for test, system, f1, *more in pairs.lines([(language, seed) for seed in range(len(found))], found):
            mark = "**" if system == "HFJ (the defaults)" else ""
            first = f"{name}, `{test}`" if system == next(iter(pairs.SYSTEMS)) else ""
            rows.append((first, f"{mark}{system}{mark}", f"{mark}{f1}{mark}", *more))
    return markdown(pairs.COLUMNS, rows)


def of_pairs_short():
    """Real languages: the test that is reported, the paper's baseline and the defaults."""
    corpora = {"sw": "Swahili (MasakhaNER 2.0) | news and the Bible, 3.2M tokens",
               "es": "Spanish (CoNLL 2002, development file) | leads of Wikipedia, news, the Bible, 2.2M tokens",
               "pt": "Portuguese (Universal NER, development file) | news and the Bible, 1.9M tokens",
               "id": "Indonesian (MasakhaNER's transfer set) | news and the Bible, 1.8M tokens"}  # fmt: skip
    rows = []
    for language, name in corpora.items():
        test = pairs.TESTS[language][-1]
        systems = ("the paper's baseline", "baseline", "baseline with the recipe", "HFJ (the defaults)")
        cells = [_pairs(test, system) for system in systems]
        *before, ours = (spread(cell["f1"] for cell in some) for some in cells)
        rows.append((name, *before, ours, _kinds(cells[-1])))
    columns = ("", "corpus", "the paper's baseline", "baseline, dropout 0.05", "all but joint training",
               "HFJ, the defaults", "LOC, PER, ORG")  # fmt: skip
    return markdown(columns, rows)


def of_spelling():
    """Words of names in another spelling."""
    return markdown(
        spelling.COLUMNS, spelling.count_lines(read_json(RESULTS / "spelling.json", {"count": []})["count"])
    )


def of_spelling_trial():
    """What they give where all are spelt anew."""
    return markdown(spelling.TRIAL, spelling.trial_lines(read_json(RESULTS / "spelling.json", {"trial": []})["trial"]))


def of_resources():
    """What each resource gives."""
    found = read_cells(RESULTS / "resources", "zh-*.json")
    return markdown(resources.COLUMNS, resources.lines([("zh", seed) for seed in range(len(found))], found))


def _peers():
    for language in peers.TESTS:
        for system, _ in peers.systems(language, peers.TESTS):
            name = re.sub("[^a-z0-9]+", "-", system.lower())
            yield language, system, read_json(RESULTS / "peers" / f"{language}-{name}.json", None)


def of_peers():
    """What a user would pick instead, on the same files."""
    return markdown(peers.COLUMNS, (peers.line(*cell) for cell in _peers()))


def of_peers_short():
    """The same, for those who choose."""
    rows, before = [], None
    for language, system, cell in _peers():
        name, title, f1, *_, speed, memory, size, _, _ = peers.line(language, system, cell)
        needs = {"CRF": "labels", "gensim-mtner": "text in two languages"}.get(system.split(",")[0], "nothing")
        titles = {"gensim-mtner": "**this, no label**", peers.CUTTING: "**this, no label**, text cut by jieba"}
        title = titles.get(system, title)
        rows.append((name if name != before else "", title, f1, speed, memory, size, needs))
        before = name
    return markdown(("", "", "F1", "tokens a second", "memory, MB", "to install, MB", "needs"), rows)


def of_expect():
    """F1 by language, corpus and test, for those who ask what theirs would have."""
    texts = {"sw": ("MAFAND, NTREX, the Bible; 3.2M tokens", "MasakhaNER 2.0, news"),
             "es": ("leads of Wikipedia, NTREX, the Bible; 2.2M tokens", "CoNLL 2002, news"),
             "pt": ("NTREX, the Bible; 1.9M tokens", "Universal NER"),
             "id": ("NTREX, the Bible; 1.8M tokens", "MasakhaNER's transfer set")}  # fmt: skip
    rows = []
    for language, (corpus, test) in texts.items():
        scores = _pairs(pairs.TESTS[language][-1], "HFJ (the defaults)")
        rows.append((LANGUAGES[language], corpus, test, spread(cell["f1"] for cell in scores), _kinds(scores)))
    chinese = [rows["HFJ (the defaults)"]["test"] for rows in read_cells(RESULTS / "transfer", "*.json")]
    rows.append(("Chinese", "Wikipedia (comparable), news; 8.3M tokens", "Universal NER, Wikipedia",
                 spread(cell["f1"] for cell in chinese), ""))  # fmt: skip
    return markdown(("from English to", "corpus", "tested on", "F1", "LOC, PER, ORG"), rows)


def of_curves():
    """F1 by how much text and how many labels there are."""
    found = {language: read_cells(RESULTS / "curves", f"{language}-*.json") for language in curves.TESTS}
    return markdown(curves.COLUMNS, curves.lines({language: seeds for language, seeds in found.items() if seeds}))


def _table2(data, sizes, systems):
    return markdown(("d", *systems), by_size(RESULTS / "paper" / data, sizes, systems))


def of_table2_bible():
    """Table 2 of the paper on the Bible pair."""
    return _table2("bible", (64, 128, 256, 512), [*UNIGRAM, *LSTM])


def of_table2_wikipedia():
    """Table 2 of the paper on Wikipedia and news."""
    return _table2("wikipedia", (64, 128, 256, 512), [*UNIGRAM, *LSTM])


def of_table2_short():
    """The same without what is near nothing."""
    systems = [name for name in UNIGRAM if name != "NER only"]
    return markdown(("`vector_size`", *systems), by_size(RESULTS / "paper" / "wikipedia", (64, 128, 256, 512), systems))


def _kernels():
    return read_json(RESULTS / "speed-kernels.json", {"results": []})["results"]


def of_kernels():
    """Words a second of ours and of peers."""
    return markdown(("text", *speed.KERNELS), ((cell["text"], *speed.kernel_line(cell)) for cell in _kernels()))


def of_kernels_short():
    """The same on Wikipedia, beside gensim alone."""
    rows = []
    for cell in _kernels():
        if cell["text"] == "wikipedia":
            rate, shape = speed.rates(cell["runs"]), ", ".join(map(str, cell["shape"]))
            mark = " (the defaults)" if shape == "128, 16, 10" else ""
            rows.append((shape + mark, f"{rate['gensim-1']:,.0f}", f"{rate['shared-1'] / rate['gensim-1']:.1f} x"))
    return markdown(("vector_size, window, negative", "gensim, words/s", "this"), rows)


def _quality(name):
    cells = read_json(RESULTS / name, [])
    return markdown((", ".join(quality.SHAPE), "kernel", *cells[0]["measures"]), quality.lines(cells))


def of_quality():
    """What the kernels' vectors are worth."""
    return _quality("quality.json")


def of_quality_large():
    """What rounding by the matrix unit does to vectors."""
    return _quality("quality-large.json")


def of_run():
    """Where the time of a whole run goes."""
    chinese, swahili = read_json(RESULTS / "speed-run.json", {})["results"]
    rows = []
    for phase in chinese["phases"]:
        row = [phase]
        for cell in (chinese, swahili):
            part, total = cell["phases"][phase], sum(part["seconds"] for part in cell["phases"].values())
            row.append(f"{part['seconds']:.1f}, {part['seconds'] / total:.0%}, {(part['bytes'] or 0) / 1e6:,.0f}")
        rows.append(row)
    return markdown(("phase", "Chinese: seconds, share, MB", "Swahili"), rows)


def of_passes():
    """What half of the passes cost."""
    cells = [*passes.defaults(), *read_json(RESULTS / "passes.json", [])]
    return markdown(passes.COLUMNS, passes.lines(cells))


def of_memory():
    """What training takes at its peak, and what was expected."""
    return markdown(memory.COLUMNS, map(memory.line, read_json(RESULTS / "memory.json", {})["results"]))


def of_shards():
    """What shards do to quality on the Bible pair."""
    return markdown(cluster.COLUMNS, cluster.lines(read_json(RESULTS / "cluster.json", [])))


def of_shards_wikipedia():
    """What shards do to quality on Wikipedia and news."""
    return markdown(cluster.COLUMNS, cluster.lines(read_json(RESULTS / "cluster-wikipedia.json", [])))


MAKERS = {
    name.removeprefix("of_").replace("_", "-"): maker for name, maker in list(globals().items())
    if name.startswith("of_")
}  # fmt: skip


def main():
    """Compare, or write; the number of pages that differ."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true", help="make the tables anew")
    options = arguments.parse_args()
    stale, missing = 0, set(MAKERS)
    for page in PAGES:
        before = (ROOT / page).read_text(encoding="utf-8")
        names = [match["name"] for match in TABLE.finditer(before)]
        missing -= set(names)
        after = TABLE.sub(lambda match: f"<!-- table: {match['name']} -->\n{MAKERS[match['name']]()}", before)
        if after != before and options.write:
            (ROOT / page).write_text(after, encoding="utf-8")
        elif after != before:
            stale += 1
            sys.stdout.writelines(
                difflib.unified_diff(before.splitlines(True), after.splitlines(True), page, "its cells", n=0)
            )
        print(f"{page}: {len(names)} tables of cells ({', '.join(names)})")
    if missing:
        sys.exit(f"no page has the tables {', '.join(sorted(missing))}: is a comment gone?")
    if stale:
        sys.exit("pages differ from their cells: python benchmarks/check.py --write")


if __name__ == "__main__":
    main()
