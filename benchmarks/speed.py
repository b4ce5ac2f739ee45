"""Words per second of gensim's kernel and of ours, side by side; how time and memory grow; where the time goes.

    python benchmarks/speed.py kernels --out benchmarks/results/speed-kernels.json
    python benchmarks/speed.py growth --out benchmarks/results/speed-growth.json --plot benchmarks/results/growth.png
    python benchmarks/speed.py run --out benchmarks/results/speed-run.json --plot benchmarks/results/run.png
    python benchmarks/speed.py levels             # our kernel by instruction set, where the machine has AMX
    python benchmarks/speed.py tagger
    python benchmarks/speed.py endtoend
    python benchmarks/speed.py profile            # needs Linux's perf

Each figure is from a process of its own, on one and the same text; the programs take turns, and medians are shown
(fastText, the slowest, runs once).
A word per second is one that subsampling left, per second of processor time, or of the clock for two threads. `kernels`
takes Bible, Wikipedia and Zipf text (--texts), and fastText too where it is installed (pip install fasttext-wheel).
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from common.phases import plot_phases, whole_run
from common.programs import SAMPLE, TOKENS, missing, run_peer, sgemm_rate, trainer, write_text, zipf_text
from common.runs import ARGUMENTS, commit, in_process, parser, peak, print_table, read_json, write_json

# isort: split
# after the line above: one thread for BLAS, unless Python's own threads are asked for
import numpy as np
from gensim.models import KeyedVectors
from gensim_mtner._skipgram import BEST_LEVEL, LEVELS

from gensim_mtner import EncodedText, MTWord2Vec, NERData
from gensim_mtner.taggers.sentences import EncodedSentences
from gensim_mtner.taggers.unigram import UnigramTagger
from gensim_mtner.vectors import skipgram
from gensim_mtner.vectors.skipgram import centres_of

KERNELS = ("vector_size, window, negative", "gensim, words/s", "fastText", "shared", "exact", "2 threads: gensim",
           "fastText", "shared", "about so much of sgemm")  # fmt: skip
SHAPES = [(256, 48, 25), (256, 5, 25), (100, 5, 5), (128, 16, 10)]  # vector_size, window, negative


def run_one(program, path, vector_size, window, negative, workers):
    """One pass of one program on Zipf text that another process made; time and memory of this one."""
    train = trainer(program, EncodedText.open(path), SAMPLE["zipf"], (vector_size, window, negative), workers)
    clock, processor = time.perf_counter(), time.process_time()
    words = train(1)
    seconds, processor = time.perf_counter() - clock, time.process_time() - processor
    highest = peak()  # before sgemm_rate makes matrices of its own
    return {"words": words, "seconds": seconds, "processor": processor, "peak_bytes": highest, "sgemm": sgemm_rate()}


def kernels(options):
    """The tables of programs and shapes, one for each text: Bible, Wikipedia, Zipf."""
    print(f"instruction sets here: {', '.join(LEVELS)}; used: {LEVELS[BEST_LEVEL]}")
    programs = [(name, n) for n in options.threads for name in options.programs if n == 1 or name != "exact"]
    for reason in {missing(program) for program, _ in programs} - {""}:
        print(f"left out: {reason}")
    programs = [cell for cell in programs if not missing(cell[0])]
    before = read_json(options.out, {"results": []}) if options.out else {"results": []}
    found = [{"commit": before.get("commit"), **cell} for cell in before["results"]]
    for name in options.texts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text"
            write_text(name, path, options.scale)
            print(f"\n{name}\n")
            print_table(KERNELS, (compared(name, path, shape, programs, options, found) for shape in SHAPES))


def compared(name, path, shape, programs, options, found):
    """All programs at one shape: a line of the table, and all runs to `found`."""
    runs = {f"{program}-{workers}": [] for program, workers in programs}
    for number in range(options.rounds):
        for program, workers in programs:
            if number and program == "fasttext":  # which takes minutes where others take seconds
                continue
            cell = in_process(__file__, "peer", program, path, SAMPLE[name], *shape, workers)
            runs[f"{program}-{workers}"].append(cell)
    cell = {"text": name, "shape": list(shape), "runs": runs, "commit": commit()}
    places = [number for number, one in enumerate(found) if (one["text"], one["shape"]) == (name, cell["shape"])]
    found[slice(places[0], places[0] + 1) if places else slice(len(found), None)] = [cell]  # in place of an older one
    write_json(options.out, {"results": found})
    return kernel_line(cell)


def rates(runs):
    """Words a second of each program and number of threads that has run, the median of its runs."""
    return {
        program: statistics.median(cell["words"] / cell["processor" if program.endswith("1") else "seconds"]
                                   for cell in cells)
        for program, cells in runs.items() if cells
    }  # fmt: skip


def kernel_line(cell):
    """A line of the table of kernels."""
    shape, runs = cell["shape"], cell["runs"]
    rate = rates(runs)
    base, ours = rate["gensim-1"], rate["shared-1"]
    times = {program: f"{value / base:.1f} x" for program, value in rate.items()}
    # 2 operations for each product, 3 products; an input meets its step's outputs once
    centres = centres_of(*shape[1:])
    operations = ours / centres * (shape[1] + centres) * (shape[2] + centres) * shape[0] * 6
    most = statistics.median(run["sgemm"] for run in runs["shared-1"])
    return (
        ", ".join(map(str, shape)), f"{base:,.0f}", times.get("fasttext-1", ""), f"{ours:,.0f}, {times['shared-1']}",
        times.get("exact-1", ""), *(times.get(f"{program}-2", "") for program in ("gensim", "fasttext", "shared")),
        f"{operations / most:.0%} of {most / 1e9:.0f} GFLOP/s",
    )  # fmt: skip


def levels(options):
    """Our kernel by instruction set and shape: with the matrix unit and without, in turns, in one process."""
    shapes = [*SHAPES, (128, 20, 10), (128, 24, 10), (128, 32, 10), (64, 24, 10), (300, 24, 25), (300, 10, 10)]
    names = LEVELS[skipgram.AMX - 1 :]

    def line(shape, path):
        found = {name: [] for name in names}
        for name in names * options.rounds:
            with mock.patch.object(skipgram, "level_of", return_value=LEVELS.index(name)):
                cell = run_peer("shared", path, SAMPLE["wikipedia"], shape, 1)
            found[name].append(cell["words"] / cell["processor"])
        medians = [statistics.median(found[name]) for name in names]
        return ", ".join(map(str, shape)), *(f"{rate:,.0f}" for rate in medians), f"{medians[-1] / medians[0]:.2f} x"

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        write_text("wikipedia", path, options.scale)
        print_table(("vector_size, window, negative", *names, ""), (line(shape, path) for shape in shapes))


GROWTH = ("tokens", "words", "microseconds a word", "peak memory, MB", "of it text, vectors and contexts, MB")


def growth_line(cell):
    """A length of text and a size of its vocabulary."""
    arrays = 4 * cell["tokens"] + 2 * 4 * 64 * cell["vocabulary"]
    return (
        f"{cell['tokens']:,}", f"{cell['vocabulary']:,}", f"{1e6 * cell['processor'] / cell['words']:.2f}",
        f"{cell['peak_bytes'] / 1e6:,.0f}", f"{arrays / 1e6:,.0f}",
    )  # fmt: skip


def growth(options):
    """Time and peak memory by the length of the text and by the size of the vocabulary, with a plot."""
    cases = [(n, 100_000) for n in (300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000)]
    cases += [(3_000_000, n) for n in (10_000, 30_000, 300_000, 1_000_000)]
    found = []

    def line(n_tokens, n_words):
        with tempfile.TemporaryDirectory() as folder:
            zipf_text(n_tokens, n_words).save(Path(folder) / "text")
            cell = in_process(__file__, "one", "shared", Path(folder) / "text", 64, 5, 5, 1)
        found.append({"tokens": n_tokens, "vocabulary": n_words, **cell})
        return growth_line(found[-1])

    print_table(GROWTH, (line(*case) for case in cases))
    write_json(options.out, {"commit": commit(), "results": found})
    if options.plot:
        plot(found, options.plot)


def plot(results, path):
    """Two panels: by tokens, by vocabulary."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for panel, key, other in ((panels[0], "tokens", 100_000), (panels[1], "vocabulary", 3_000_000)):
        fixed = "words in the vocabulary" if key == "tokens" else "tokens"
        cells = [cell for cell in results if cell["vocabulary" if key == "tokens" else "tokens"] == other]
        cells.sort(key=lambda cell: cell[key])
        x = [cell[key] for cell in cells]
        panel.plot(x, [1e6 * cell["processor"] / cell["words"] for cell in cells], "o-", color="tab:blue")
        panel.set(xscale="log", xlabel=key, ylim=(0, 1.2), title=f"{other:,} {fixed}")
        panel.set_ylabel("microseconds a word (line)", color="tab:blue")
        memory = panel.twinx()
        memory.plot(x, [cell["peak_bytes"] / 1e6 for cell in cells], "s--", color="tab:orange")
        memory.set_ylim(0, 800)
        memory.set_ylabel("peak memory, MB (dashes)", color="tab:orange")
    figure.savefig(path, dpi=150)


def run(options):
    """Raw JSON Lines to a saved model and tagged text, Chinese and Swahili: seconds and memory by phase, a picture."""
    found = []
    for language in options.languages:
        cell = in_process(__file__, "whole", language, options.limit, options.workers, options.tokens, *options.epochs)
        found.append(cell)
        total = sum(part["seconds"] for part in cell["phases"].values())
        print(f"\n{language}: {cell['documents']:,} documents, {cell['tokens']:,} tokens, {cell['words']:,} words; "
              f"{total:.1f} s, peak {cell['peak_bytes'] / 1e6:,.0f} MB, F1 {cell['f1']:.1f}; "
              f"tagging {cell['tagged_tokens'] / cell['phases']['tagging']['seconds']:,.0f} tokens/s\n")  # fmt: skip
        print_table(("phase", "seconds", "share", "memory, MB"), (
            (name, f"{part['seconds']:.1f}", f"{part['seconds'] / total:.1%}", f"{(part['bytes'] or 0) / 1e6:,.0f}")
            for name, part in cell["phases"].items()
        ))  # fmt: skip
    write_json(options.out, {"commit": commit(), "results": found})
    if options.plot:
        plot_phases(found, options.plot)


def tagger(options):
    """A pass over a million labelled tokens at vector_size 256, one thread."""
    random = np.random.default_rng(1)
    n_tokens, n_words, size = 1_000_000, 30_000, 256
    vectors = KeyedVectors(size)
    ids = np.minimum(random.zipf(1.2, n_tokens), n_words) - 1
    words = [f"w{number}" for number in range(n_words)]
    vectors.add_vectors(words, random.normal(size=(n_words, size)).astype(np.float32))
    names = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
    rows = random.choice(len(names), n_tokens, p=[0.9, 0.03, 0.01, 0.03, 0.01, 0.01, 0.01])
    sentences = [[words[i] for i in ids[start : start + 20]] for start in range(0, n_tokens, 20)]
    tags = [[names[i].replace("I-", "B-") for i in rows[start : start + 20]] for start in range(0, n_tokens, 20)]
    data = NERData(sentences, tags)
    encoded = EncodedSentences(data.sentences, vectors, None, -1, data.tags, names)
    for moved in (0.0, 0.1):
        tagger = UnigramTagger(random_state=1)
        tagger.start(names, size)
        times = []
        for epoch in range(options.rounds):
            start = time.process_time()
            tagger.update(vectors.vectors, encoded, tagger.order(len(encoded), epoch), vector_alpha=moved, epoch=epoch)
            times.append(time.process_time() - start)
        kind = "and rows of the vectors" if moved else "alone"
        print(f"tagger pass, parameters {kind}: {statistics.median(times):.2f} s for {n_tokens:,} tokens, 7 tags")


def endtoend(options):
    """From encoded text to a tagged target on the Bible pair, vector_size 256, half of the default passes."""
    from common.data import bible

    chapters, labels, test = bible("zh")
    text = chapters.encode()
    seconds = {}
    for kernel in ("shared", "gensim"):
        start = time.process_time()
        model = MTWord2Vec(
            text, ner_data=labels, kernel=kernel, vector_size=256, pretrain_epochs=6, epochs=4, ner_warmup=6, workers=1,
            min_count=1, progress=False, seed=1,
        )  # fmt: skip
        tagged = model.tag(test.sentences, language="zh")
        seconds[kernel] = time.process_time() - start
        f1 = model.evaluate(test, language="zh").f1
        print(f"{kernel}: {seconds[kernel]:.0f} s of processor time, {len(tagged)} sentences tagged, F1 {f1:.1f}")
    print(f"ratio {seconds['gensim'] / seconds['shared']:.1f}")


def profile(options):
    """Where a run at the largest shape spends its time, by function."""
    with tempfile.TemporaryDirectory() as folder:
        record, text = Path(folder) / "perf.data", Path(folder) / "text"
        zipf_text(4 * TOKENS, 60_000).save(text)
        for shape in SHAPES[:2]:
            command = [sys.executable, __file__, "one", "shared", text, *map(str, shape), "1"]
            subprocess.run(["perf", "record", "-q", "-o", record, *command], check=True, capture_output=True)
            report = subprocess.run(
                ["perf", "report", "-i", record, "--stdio", "--sort", "symbol"], check=True, capture_output=True,
                text=True,
            ).stdout  # fmt: skip
            lines = [line.split("  -")[0].strip() for line in report.splitlines() if "%" in line and "#" not in line]
            print(f"{shape}\n  " + "\n  ".join(lines[:8]))


def main():
    """Run a part."""
    arguments = parser(__doc__)
    parts = arguments.add_subparsers(dest="part", required=True)
    for part in (kernels, levels, growth, tagger, endtoend, profile):
        command = parts.add_parser(part.__name__, help=part.__doc__)
        command.add_argument("--rounds", type=int, default=3, help="how often each program runs")
        command.add_argument("--scale", type=int, default=1, help="multiplies the length of the text")
        command.add_argument("--out", **ARGUMENTS["out"])
        command.add_argument("--plot", type=Path)
        command.set_defaults(run=part)
        if part is kernels:
            command.add_argument("--texts", nargs="+", choices=SAMPLE, default=list(SAMPLE))
            command.add_argument("--threads", nargs="+", type=int, choices=(1, 2), default=[1, 2])
            names = ["gensim", "fasttext", "shared", "exact"]
            command.add_argument("--programs", nargs="+", choices=names, default=names)
    command = parts.add_parser("run", help=run.__doc__)
    command.add_argument("languages", nargs="*", default=["zh", "sw"], metavar="LANGUAGE", help="of zh, sw")
    command.add_argument("--limit", type=int, default=0, help="document pairs of each file; by default all")
    command.add_argument("--tokens", type=int, default=1_000_000, help="of the target, to tag")
    command.add_argument("--epochs", type=int, nargs=2, default=[0, 0], metavar=("PRETRAINING", "JOINT"),
                         help="passes; by default those of the class")  # fmt: skip
    command.add_argument("--workers", type=int, default=2, help="threads of skip-gram")
    command.add_argument("--out", **ARGUMENTS["out"])
    command.add_argument("--plot", type=Path)
    command.set_defaults(run=run)
    whole = parts.add_parser("whole", help="one whole run, as JSON")
    whole.add_argument("language")
    whole.add_argument("numbers", type=int, nargs=5)
    whole.set_defaults(run=lambda options: print(json.dumps(whole_run(options.language, *options.numbers))))
    one = parts.add_parser("one", help="one run, as JSON")
    one.add_argument("program")
    one.add_argument("path", type=Path)
    one.add_argument("numbers", type=int, nargs=4)
    one.set_defaults(run=lambda options: print(json.dumps(run_one(options.program, options.path, *options.numbers))))
    peer = parts.add_parser("peer", help="one program on an encoded text, as JSON")
    peer.add_argument("program")
    peer.add_argument("path", type=Path)
    peer.add_argument("sample", type=float)
    peer.add_argument("numbers", type=int, nargs=4)
    peer.set_defaults(run=lambda options: print(json.dumps(
        run_peer(options.program, options.path, options.sample, tuple(options.numbers[:3]), options.numbers[3])
    )))  # fmt: skip
    options = arguments.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
