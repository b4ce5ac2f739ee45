"""Short tables of README.md and the guides: what a reader starts with, from the same cells as those of RESULTS.md."""

import bible
import numpy as np
import pairs
import peers
import speed
import transfer

from common.data import RESULTS
from common.pages import LANGUAGES, curve_lines, kernel_cells, markdown, peer_cells
from common.runs import read_cells, read_json, spread
from gensim_mtner.results.tables import UNIGRAM, by_size


def chosen(rows, titles):
    """Some rows, by their first column, under other titles."""
    found = {row[0]: row[1:] for row in rows}
    for name, title in titles.items():
        yield title, *found[name]


def of_headline():
    """What matters to someone with a language and no labels."""
    found = {
        "Swahili news (MasakhaNER 2.0)": pair_cells("sw_masakhaner2-test-a", "HFJ (the defaults)"),
        "Spanish news (CoNLL 2002, development file)": pair_cells("es_conll2002-dev", "HFJ (the defaults)"),
        "Chinese Wikipedia (Universal NER)":
            [rows["HFJ (the defaults)"]["test"] for rows in read_cells(RESULTS / "transfer", "*.json")],
    }  # fmt: skip
    rows = (
        (name, f"**{spread([float(np.mean([cell['f1'] for cell in cells]))])}**",
         *(f"{np.mean([cell[key] for cell in cells]) / 10:.1f}" for key in ("precision", "recall")))
        for name, cells in found.items()
    )  # fmt: skip
    columns = ("text to tag; no label of its language in training", "F1", "of 10 tagged names are right",
               "of 10 names are found")  # fmt: skip
    return markdown(columns, rows)


def of_text_short():
    """What the same settings give on other text: development files, as there is no choice left to make."""
    f1 = {(language, size): score for language, _, size, score, _ in curve_lines()}
    rows = [
        (language, text, f"{int(size.split(', ')[0].replace(',', '')) / 1e6:.1f} million", f1[language, size])
        for language, text, size in (
            ("Swahili", "news, translated", "1,566,071, news alone"),
            ("Swahili", "a sixteenth of the news, and of the Bible", "205,216"),
            ("Swahili", "the Bible", "1,631,963, the Bible alone"),
            ("Chinese", "news, translated, most of it by machine", "3,696,275, news alone"),
            ("Chinese", "Wikipedia articles on the same subjects, no translations", "4,590,405, Wikipedia alone"),
        )
    ]  # fmt: skip
    return markdown(("to tag", "learnt from", "tokens of both sides", "F1"), rows)


def of_bible_short():
    """Those that a reader starts with."""
    runs = read_json(RESULTS / "bible.json", {})["runs"]
    titles = {
        "NER only": "the tagger's loss alone",
        "baseline": "baseline: vectors of skip-gram, tagger on top",
        "HFJ without translations": "HFJ with source labels only, as in the paper",
        "FJ": "full joint (FJ), labels reach target words",
        "HFJ": "half-fixed joint (HFJ), labels reach target words",
        "baseline, translations, silver labels, self-training": "the defaults without joint training",
        "HFJ, translations, silver labels, self-training": "**HFJ, the defaults**",
        "ceiling: logistic regression on Chinese labels": "for comparison: a classifier trained on Chinese labels",
    }
    rows = chosen(((name, f1, both) for name, f1, both, *_ in bible.rows(runs)), titles)
    return markdown(("", "F1", "precision, recall"), rows)


def of_transfer_short():
    """Those that a reader starts with."""
    titles = {
        "the paper's baseline": "the paper's baseline",
        "baseline": "baseline, dropout 0.05",
        "HFJ as in the paper (no translations)": "HFJ with source labels only, as in the paper",
        "baseline, translations, silver labels, self-training": "the defaults without joint training",
        "HFJ (the defaults)": "**HFJ, the defaults**",
        "ceiling: letters and neighbours, trained on 500 Chinese sentences":
            "for comparison: the same kind of tagger on 500 Chinese labelled sentences",
    }  # fmt: skip
    lines = transfer.lines(read_cells(RESULTS / "transfer", "*.json"))
    rows = chosen(((name, test, both) for name, _, test, both, _ in lines), titles)
    return markdown(("", "F1", "precision, recall"), rows)


def pair_cells(test, system):
    return [rows[system][test] for rows in read_cells(RESULTS / "pairs", f"{test[:2]}-*.json") if system in rows]


def kinds(cells):
    """Means of F1 by type."""
    return ", ".join(
        f"{sum(cell['by_type'].get(kind, {'f1': 0})['f1'] for cell in cells) / len(cells):.0f}" if cells else ""
        for kind in ("LOC", "PER", "ORG")
    )


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
        cells = [pair_cells(test, system) for system in systems]
        *before, ours = (spread(cell["f1"] for cell in some) for some in cells)
        rows.append((name, *before, ours, kinds(cells[-1])))
    columns = ("", "corpus", "the paper's baseline", "baseline, dropout 0.05",
               "the defaults without joint training", "HFJ, the defaults", "of it LOC, PER, ORG")  # fmt: skip
    return markdown(columns, rows)


def of_peers_short():
    """The same, for those who choose."""
    rows, before = [], None
    for language, system, cell in peer_cells():
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
             "es": ("leads of Wikipedia, NTREX, the Bible; 2.2M tokens", "CoNLL 2002, news, development file"),
             "pt": ("NTREX, the Bible; 1.9M tokens", "Universal NER, development file"),
             "id": ("NTREX, the Bible; 1.8M tokens", "MasakhaNER's transfer set")}  # fmt: skip
    rows = []
    for language, (corpus, test) in texts.items():
        scores = pair_cells(pairs.TESTS[language][-1], "HFJ (the defaults)")
        rows.append((LANGUAGES[language], corpus, test, spread(cell["f1"] for cell in scores), kinds(scores)))
    chinese = [rows["HFJ (the defaults)"]["test"] for rows in read_cells(RESULTS / "transfer", "*.json")]
    rows.append(("Chinese", "Wikipedia (comparable), news; 8.3M tokens", "Universal NER, Wikipedia",
                 spread(cell["f1"] for cell in chinese), ""))  # fmt: skip
    return markdown(("from English to", "corpus", "tested on", "F1", "LOC, PER, ORG"), rows)


def of_table2_short():
    """The same without what is near nothing."""
    systems = [name for name in UNIGRAM if name != "NER only"]
    return markdown(("`vector_size`", *systems), by_size(RESULTS / "paper" / "wikipedia", (64, 128, 256, 512), systems))


def of_kernels_short():
    """The same on Wikipedia, beside gensim alone."""
    rows = []
    for cell in kernel_cells():
        if cell["text"] == "wikipedia":
            rate, shape = speed.rates(cell["runs"]), ", ".join(map(str, cell["shape"]))
            mark = " (the defaults)" if shape == "128, 16, 10" else ""
            ours = (f"{rate[f'{kernel}-1'] / rate['gensim-1']:.1f} x" for kernel in ("shared", "exact"))
            rows.append((shape + mark, f"{rate['gensim-1']:,.0f}", *ours))
    return markdown(
        ("vector_size, window, negative", "gensim, words/s", "this", "this, negatives drawn as gensim does"), rows
    )
