"""The tables of RESULTS.md, made of the cells that scripts wrote to `benchmarks/results/`; nothing is measured here.

``of_NAME`` makes the table of that name; see check.py.
"""

import re

import align
import bible
import choices
import cluster
import curves
import drift
import honest
import languages
import matching
import memory
import pairs
import passes
import peers
import quality
import resources
import rounds
import since
import speed
import spelling
import transfer

from common.data import RESULTS
from common.runs import read_cells, read_json
from gensim_mtner.results.tables import LSTM, UNIGRAM, by_size

LANGUAGES = {"sw": "Swahili", "es": "Spanish", "pt": "Portuguese", "id": "Indonesian"}


def markdown(columns, rows):
    """A table as it stands on a page."""
    lines = [columns, ["---"] * len(columns), *rows]
    text = [f"| {' | '.join(map(str, row))} |" for row in lines]
    text[1] = text[1].replace(" ", "")
    return "".join(f"{line}\n" for line in text)


def of_bible():
    """All systems on the Bible pair."""
    runs = read_json(RESULTS / "bible.json", {})["runs"]
    return markdown(("system", "F1", "precision, recall", "F1, rate", "LogisticRegression"), bible.rows(runs))


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


def peer_cells():
    for language in peers.TESTS:
        for system, _ in peers.systems(language, peers.TESTS):
            name = re.sub("[^a-z0-9]+", "-", system.lower())
            yield language, system, read_json(RESULTS / "peers" / f"{language}-{name}.json", None)


def of_peers():
    """What a user would pick instead, on the same files."""
    return markdown(peers.COLUMNS, (peers.line(*cell) for cell in peer_cells()))


def curve_lines():
    found = {language: read_cells(RESULTS / "curves", f"{language}-*.json") for language in curves.TESTS}
    return curves.lines({language: seeds for language, seeds in found.items() if seeds})


def of_curves():
    """F1 by how much text and how many labels there are."""
    return markdown(curves.COLUMNS, curve_lines())


def _table2(data, sizes, systems):
    return markdown(("d", *systems), by_size(RESULTS / "paper" / data, sizes, systems))


def of_table2_bible():
    """Table 2 of the paper on the Bible pair."""
    return _table2("bible", (64, 128, 256, 512), [*UNIGRAM, *LSTM])


def of_table2_wikipedia():
    """Table 2 of the paper on Wikipedia and news."""
    return _table2("wikipedia", (64, 128, 256, 512), [*UNIGRAM, *LSTM])


def kernel_cells():
    return read_json(RESULTS / "speed-kernels.json", {"results": []})["results"]


def of_kernels():
    """Words a second of ours and of peers."""
    return markdown(("text", *speed.KERNELS), ((cell["text"], *speed.kernel_line(cell)) for cell in kernel_cells()))


def _quality(name):
    cells = read_json(RESULTS / name, [])
    return markdown((", ".join(quality.SHAPE), "kernel", *cells[0]["measures"]), quality.lines(cells))


def of_quality():
    """What the kernels' vectors are worth."""
    return _quality("quality.json")


def of_quality_large():
    """What rounding by the matrix unit does to vectors."""
    return _quality("quality-large.json")


def of_quality_shapes():
    """The same at other shapes than the default."""
    return _quality("quality-shapes.json")


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


def of_growth():
    """How time and memory grow."""
    return markdown(speed.GROWTH, map(speed.growth_line, read_json(RESULTS / "speed-growth.json", {})["results"]))


def _table1(data):
    rows = read_json(RESULTS / "paper" / data / "table1.json", [])
    return markdown(("", "documents", "sentences", "tokens", "types"),
                    ((name, *(f"{n:,}" if n else "" for n in counts)) for name, *counts in rows))  # fmt: skip


def of_table1_bible():
    """What the paper's table 1 counts, on the Bible pair."""
    return _table1("bible")


def of_table1_wikipedia():
    """The same on Wikipedia and news."""
    return _table1("wikipedia")


def of_passes():
    """What half of the passes cost."""
    cells = [*passes.defaults(), *read_json(RESULTS / "passes.json", [])]
    return markdown(passes.COLUMNS, passes.lines(cells))


def of_since():
    """A whole run beside that of an earlier commit."""
    return markdown(since.COLUMNS, since.rows(read_json(RESULTS / "since.json", [])))


def of_matching():
    """Documents that nobody has paired."""
    return markdown(matching.COLUMNS, matching.pair_lines(read_json(RESULTS / "matching.json", [])))


def of_matching_train():
    """What a tagger loses by pairs that are wrong, or not found."""
    return markdown(matching.TRAIN_COLUMNS, matching.train_lines(read_json(RESULTS / "matching-train.json", [])))


def of_memory():
    """What training takes at its peak, and what was expected."""
    return markdown(memory.COLUMNS, map(memory.line, read_json(RESULTS / "memory.json", {})["results"]))


def of_shards():
    """What shards do to quality on the Bible pair."""
    return markdown(cluster.COLUMNS, cluster.lines(read_json(RESULTS / "cluster.json", [])))


def of_shards_wikipedia():
    """What shards do to quality on Wikipedia and news."""
    return markdown(cluster.COLUMNS, cluster.lines(read_json(RESULTS / "cluster-wikipedia.json", [])))
