"""How much faster is a whole run today than it was at an earlier commit? Both in turns, on one machine.

    python benchmarks/since.py 5031e0f --rounds 3 --out benchmarks/results/since.json

From raw JSON Lines to a saved model and up to a million tagged tokens, two threads: what `speed.py run` shows by phase.
The earlier commit is checked out and built in a temporary folder; it must have encoded text. Each run is a process of
its own. Beside the defaults of both (today's in the first round alone) today's run with half of the passes (passes.py).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from common.data import DATA, RESULTS, ROOT
from common.phases import FILES
from common.runs import commit, parser, print_table, read_json, write_json
from passes import FILES as TESTS
from passes import PASSES, data_of

from gensim_mtner.model.samples import sample_sentences

CHILD = Path(__file__).parent / "common" / "whole.py"
TOKENS = 1_000_000
DEFAULTS = "today, the defaults"
NAMES = {"zh": "Chinese", "sw": "Swahili"}
COLUMNS = ("", "run", "seconds", "as fast as then", "F1, development file", "F1, test")


@contextmanager
def checkout(revision):
    """A folder with the package as it was, built."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "worktree", "add", "--detach", tree, revision], cwd=ROOT, check=True, capture_output=True
        )
        try:
            build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
            subprocess.run(build, cwd=tree, check=True, capture_output=True)
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def measured(tree, language, to_tag, passes):
    """One run by the package in `tree`."""
    asked = {"folder": str(DATA), "language": language, "to_tag": str(to_tag), "passes": passes,
             "texts": FILES[language], "tests": TESTS[language]}  # fmt: skip
    found = subprocess.run(
        [sys.executable, CHILD, json.dumps(asked)], env=os.environ | {"PYTHONPATH": str(tree)}, cwd=tree, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return json.loads(found.stdout)


def write_sentences(language, path):
    """Up to a million of the target's tokens, a sentence a line; what they are cut by is the same for all runs."""
    text, _ = data_of(language, RESULTS / "pairs")
    lines = (" ".join(tokens) for tokens in sample_sentences(text, 1, TOKENS, 1))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def rows(cells):
    """Medians, by language and run; F1 is of one seed, and differs between runs, since two threads take turns."""
    for language in dict.fromkeys(cell["language"] for cell in cells):
        mine = [cell for cell in cells if cell["language"] == language]
        seconds = {name: statistics.median(cell["seconds"] for cell in mine if cell["run"] == name)
                   for name in dict.fromkeys(cell["run"] for cell in mine)}  # fmt: skip
        then = next(iter(seconds.values()))
        for name, median in seconds.items():
            runs = [cell for cell in mine if cell["run"] == name]
            scores = zip(*(cell["f1"] for cell in runs), strict=True)
            yield (NAMES[language], name, f"{median:.0f}", f"{then / median:.2f} x",
                   *(f"{statistics.median(score):.1f}" for score in scores))  # fmt: skip


def main():
    """Run what --out does not have; print a table."""
    arguments = parser(__doc__, out=None)
    arguments.add_argument("revision", help="a commit of this repository")
    arguments.add_argument("--languages", nargs="+", choices=list(NAMES), default=list(NAMES))
    arguments.add_argument("--rounds", type=int, default=3, help="how often each runs")
    options = arguments.parse_args()
    cells = read_json(options.out, []) if options.out else []
    have = {(cell["language"], cell["run"], cell["round"]) for cell in cells}
    others = {cell["commit"] for cell in cells} - {options.revision, commit()}
    if others:
        sys.exit(f"{options.out} has runs of {', '.join(sorted(others))}: choose another file")
    with checkout(options.revision) as tree, tempfile.TemporaryDirectory() as folder:
        runs = {
            f"{options.revision}, its defaults": (tree, options.revision, []),
            DEFAULTS: (ROOT, commit(), []),
            "today, half of the passes": (ROOT, commit(), PASSES[0]),
        }
        for language in options.languages:
            to_tag = Path(folder) / f"{language}.txt"
            write_sentences(language, to_tag)
            for number in range(options.rounds):
                for name, (where, code, passes) in runs.items():
                    if (language, name, number) in have or (number and name == DEFAULTS):
                        continue
                    cell = {"language": language, "run": name, "round": number,
                            **measured(where, language, to_tag, passes), "commit": code}  # fmt: skip
                    print(*cell.values(), flush=True)
                    cells.append(cell)
                    write_json(options.out, cells)
    print_table(COLUMNS, rows(cells))


if __name__ == "__main__":
    main()
