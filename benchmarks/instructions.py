"""Instructions that each kernel takes for small fixed runs, by valgrind: what got slower is seen on any machine.

    python benchmarks/instructions.py --check      # compare with benchmarks/results/instructions.json: exit code 1
    python benchmarks/instructions.py              # after a kernel was changed on purpose: count and write anew

Only instructions in the kernel's own library are counted, neither Python's nor those of BLAS. Counts do not depend on
what else runs, so the margin is for compilers: they are compared where the compiler is of the kind that made them.
"""

import argparse
import importlib
import os
import pickle
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from common.runs import print_table, read_json, write_json

RESULTS = Path(__file__).parent / "results" / "instructions.json"
MARGIN = 0.1
KERNELS = ("_adasum", "_chain", "_hashing", "_linear", "_merge", "_skipgram", "_tagger")
# what runs once, when a kernel is imported, or checks arguments
ASIDE = re.compile(r"PyInit_|__pyx_pymod|__Pyx_|_init\b|_fini\b|frame_dummy|register_tm")
CALLS = re.compile(r"calls=")
LOSSES = {"sequence": "_chain", "token": "_linear"}  # of SequenceTagger, and the kernel that each is in


def skipgram(centres):
    """Skip-gram on four documents of Zipf text, so many centre words a step, or 0; AVX2, which valgrind has."""
    from gensim_mtner._merge import METHODS
    from gensim_mtner._skipgram import LEVELS, alias_table, train_documents

    random = np.random.default_rng(1)
    n_words, d, negative = 2000, 100, 10
    ids = np.minimum(random.zipf(1.3, 1200) - 1, n_words - 1).astype(np.int32)
    vectors, context = (random.normal(size=(n_words, d)).astype(np.float32) / d for _ in range(2))
    accept, alias, waiting = np.empty(n_words, np.uint32), np.empty(n_words, np.int32), np.empty(n_words, np.int32)

    def run():
        alias_table(1 / np.arange(1, n_words + 1), accept, alias, waiting)
        train_documents(
            vectors, context, np.ones(1, np.float32), ids, np.arange(0, 1201, 150), np.arange(n_words, dtype=np.int32),
            np.arange(4), np.arange(4), np.full(n_words, 2**32 - 1, np.uint32), accept, alias,
            8 if centres == 1 else 3, True, negative, 0.025, METHODS["random"], centres, 1, 0, True,
            np.empty(300, np.int32), np.empty((2, negative + max(centres, 1)), np.int32), LEVELS.index("avx2"),
        )  # fmt: skip

    return run


def merge():
    """Merging of long documents in each of the ways."""
    from gensim_mtner._merge import METHODS
    from gensim_mtner._merge import merge as merge_sides

    source, target = np.arange(60_000, dtype=np.int32), np.arange(40_000, dtype=np.int32)

    def run():
        for how in METHODS.values():
            merge_sides(source, target, np.empty(100_000, np.int32), how, 1, 0, 0)

    return run


def adasum():
    """Updates of two machines, made one."""
    from gensim_mtner._adasum import combine_rows

    random = np.random.default_rng(1)
    one, other = (random.normal(size=(2000, 100)).astype(np.float32) for _ in range(2))
    return lambda: combine_rows(one, other)


def unigram():
    """A pass of the tagger on vectors, with all that draws: dropout, unknown words, translations."""
    from gensim_mtner._tagger import BEST_LEVEL, train_batches, working_shape

    random = np.random.default_rng(1)
    n_rows, d, n_tags, batch, n_sentences, length = 500, 64, 7, 16, 160, 15
    vectors, weights = (random.normal(size=(n, d)).astype(np.float32) for n in (n_rows, n_tags))
    rows, tags = (random.integers(0, n, n_sentences * length).astype(np.int32) for n in (n_rows - 1, n_tags))
    rare = (random.random(len(rows)) < 0.3).astype(np.uint8)
    other = random.permutation(n_rows).astype(np.int32)

    def run():
        train_batches(
            vectors, weights, np.zeros(n_tags, np.float32), np.ones((n_tags, d), np.float32),
            np.ones(n_tags, np.float32), rows, tags, rare, np.arange(0, len(rows) + 1, length), np.arange(n_sentences),
            batch, 0.1, 0.5, True, 0.3, 0.5, n_rows - 1, other, 0.5, 1, 0, np.empty((batch * length, d), np.float32),
            np.empty(batch * length, np.int32), np.empty(working_shape(n_tags, d), np.float32), BEST_LEVEL,
        )  # fmt: skip

    return run


def sequence(loss, predict):
    """The calls of the tagger of letters and neighbours in training, or in tagging, as `record` wrote them."""
    with open(os.environ["RECORDED"], "rb") as stream:
        calls = pickle.load(stream)[loss][predict]
    kernels = {kernel: importlib.import_module(f"gensim_mtner.{kernel}") for kernel in LOSSES.values()}

    def run():
        for kernel, name, arguments in calls:
            getattr(kernels[kernel], name)(*arguments)

    return run


def record(path):
    """Train a `SequenceTagger` and tag with it, for each loss, and write down what it calls its kernels with.

    So a kernel may change its arguments, and scikit-learn, which takes valgrind half a minute to load, stays outside.
    """
    calls = []

    def wrapped(kernel, name, function):
        def call(*arguments):
            calls.append((kernel, name, pickle.loads(pickle.dumps(arguments))))
            return function(*arguments)

        return call

    for kernel in LOSSES.values():
        module = importlib.import_module(f"gensim_mtner.{kernel}")
        for name, function in list(vars(module).items()):
            if type(function).__name__ == "cython_function_or_method":
                setattr(module, name, wrapped(kernel, name, function))
    tagger_of_letters = importlib.import_module("gensim_mtner.taggers.sequence").SequenceTagger
    random = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnop"))
    words = ["".join(random.choice(letters, random.integers(2, 9))) for _ in range(120)]
    X = [[words[number] for number in random.integers(0, 120, 12)] for _ in range(80)]
    y = [["B-PER" if word[0] < "d" else "B-LOC" if word[0] < "g" else "O" for word in row] for row in X]
    recorded = {}
    for loss in LOSSES:
        calls.clear()
        tagger = tagger_of_letters(loss=loss, max_iter=2, n_features=4096).fit(X[:40], y[:40])
        n_training = len(calls)
        tagger.predict(X)
        recorded[loss] = calls[:n_training], calls[n_training:]
        if not all(any(call[0] == LOSSES[loss] for call in part) for part in recorded[loss]):
            raise SystemExit(f"SequenceTagger calls gensim_mtner.{LOSSES[loss]} no more: change {Path(__file__).name}")
    with open(path, "wb") as stream:
        pickle.dump(recorded, stream)


def hashing():
    """The features of words, each for itself and for those around it."""
    from gensim_mtner.taggers.features import encode_tokens
    from gensim_mtner.taggers.words import number_words

    words = number_words([[f"{number:x}Ann{number}" for number in range(0, 10**6, 4999)]])
    return lambda: encode_tokens(words, 4096)


# name of the run: kernel, what makes it ready (outside of the count), arguments
RUNS = {
    "skip-gram, shared negatives": ("_skipgram", skipgram, (1,)),
    "skip-gram, negatives shared by 4 centre words": ("_skipgram", skipgram, (4,)),
    "skip-gram, fresh negatives": ("_skipgram", skipgram, (0,)),
    "merging": ("_merge", merge, ()),
    "updates made one": ("_adasum", adasum, ()),
    "features of words": ("_hashing", hashing, ()),
    "tagger on vectors, a pass": ("_tagger", unigram, ()),
    "sequence tagger, training": ("_chain", sequence, ("sequence", False)),
    "sequence tagger, tagging": ("_chain", sequence, ("sequence", True)),
    "sequence tagger of tokens, training": ("_linear", sequence, ("token", False)),
    "sequence tagger of tokens, tagging": ("_linear", sequence, ("token", True)),
}


def run_all():
    """Under valgrind: each run in a fork of its own, which has a count of its own; its file is named by its process."""
    for name, (_, prepare, arguments) in RUNS.items():
        run = prepare(*arguments)
        child = os.fork()
        if not child:
            try:
                run()
            finally:
                os._exit(sys.exc_info()[0] is not None)
        if os.waitpid(child, 0)[1]:
            raise SystemExit(f"{name}: the run failed; does the kernel take other arguments now?")
        print(f"{child}\t{name}", flush=True)


def counts_of(lines):
    """Instructions by library and function, of a file that callgrind wrote without abbreviations.

    Examples
    --------
    >>> counts_of(["ob=/a/_k.so", "fn=step", "5 7", "calls=1 9", "5 900", "cob=/b/libc.so", "+1 3"])
    {('/a/_k.so', 'step'): 10}
    """
    found, library, function, skip = defaultdict(int), "", "", False
    for line in lines:
        if skip:  # the cost of what was called
            skip = False
        elif line.startswith("ob="):
            library = line[3:].strip()
        elif line.startswith("fn="):
            function = line[3:].strip()
        elif CALLS.match(line):
            skip = True
        elif line[:1].isdigit() or line[:1] in "+-*":
            parts = line.split()
            found[library, function] += int(parts[1]) if len(parts) > 1 else 0
    return dict(found)


def count():
    """Instructions of each run in its kernel; the runs share one start of Python, which takes the most time."""
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder) / "calls")
        command = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={folder}/%p",
                   "--compress-strings=no", "--compress-pos=no", sys.executable, "-W", "ignore", __file__,
                   "--run"]  # fmt: skip
        environment = os.environ | {
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "RECORDED": f"{folder}/calls",
        }
        shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
        made = {}
        for line in shown.splitlines():
            child, name = line.split("\t")
            with open(Path(folder) / child, encoding="utf-8", errors="replace") as stream:
                found = counts_of(stream)
            kernel = RUNS[name][0]
            made[name] = sum(n for (library, function), n in found.items()
                             if Path(library).name.startswith(f"{kernel}.") and not ASIDE.search(function))  # fmt: skip
    return made


def compiler():
    """What compiled the kernel, such as "GCC 12", as it says itself."""
    from importlib import util

    found = re.search(rb"GCC: \([^)]*\) (\d+)|clang version (\d+)",
                      Path(util.find_spec("gensim_mtner._skipgram").origin).read_bytes())  # fmt: skip
    return "unknown" if not found else f"GCC {found[1].decode()}" if found[1] else f"clang {found[2].decode()}"


def surroundings():
    """What counts depend on beside the code."""
    return {"machine": platform.machine(), "system": platform.system(), "compiler": compiler()}


def obstacle(recorded=None):
    """Why counts cannot be made here, or not be compared with those that are recorded; None if they can."""
    if shutil.which("valgrind") is None:
        return "valgrind is not installed"
    flags = Path("/proc/cpuinfo")
    if platform.system() != "Linux" or not flags.exists() or not {"avx2", "fma"} <= set(flags.read_text().split()):
        return "the kernels take another way here: AVX2 and Linux are needed"
    if recorded is None:
        return None
    here = surroundings()
    differs = [f"{name} {here[name]}, not {value}" for name, value in recorded.items() if here.get(name) != value]
    return f"the counts are of another kind of machine: {', '.join(differs)}" if differs else None


def slower(recorded, found, margin=MARGIN):
    """The runs that take more instructions than they may, and those that are missing on either side.

    Examples
    --------
    >>> slower({"a": 100, "b": 100, "c": 1}, {"a": 109, "b": 115})
    ['b: 115 instructions, 15% more than 100', 'c: not counted']
    """
    bad = []
    for name, before in recorded.items():
        if name not in found:
            bad.append(f"{name}: not counted")
        elif found[name] > before * (1 + margin):
            more = 100 * (found[name] / before - 1)
            bad.append(f"{name}: {found[name]} instructions, {more:.0f}% more than {before}")
    return bad + [f"{name}: not recorded" for name in found if name not in recorded]


def main():
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--check", action="store_true", help="fail if a run takes a tenth more than recorded")
    made.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = made.parse_args()
    if options.run:
        run_all()
        return 0
    recorded = read_json(RESULTS, {"surroundings": None, "instructions": {}})
    why = obstacle(recorded["surroundings"] if options.check else None)
    if why:
        print(f"instructions are not counted: {why}")
        return 0 if options.check else 1
    start = time.perf_counter()
    found = count()
    before = recorded["instructions"]
    rows = ((name, RUNS[name][0], f"{n:,}", f"{100 * (n / before[name] - 1):+.1f}%" if before.get(name) else "")
            for name, n in found.items())  # fmt: skip
    print_table(["run", "kernel", "instructions", "change"], rows)
    print(f"{time.perf_counter() - start:.0f} s")
    if not options.check:
        write_json(RESULTS, {"surroundings": surroundings(), "instructions": found})
        return 0
    bad = slower(before, found)
    for line in bad:
        print(line)
    if bad:
        print("If that is meant: python benchmarks/instructions.py records these counts.")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
