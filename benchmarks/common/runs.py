"""How cells are run and written down: arguments, processes, JSON, tables in Markdown."""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from gensim_mtner.storage import new_file

ARGUMENTS = {
    "seed": {"type": int},
    "seeds": {"type": int, "nargs": "+"},
    "jobs": {"type": int, "help": "processes that run cells at the same time"},
    "epochs": {"type": int, "help": "joint passes"},
    "results": {"type": Path, "help": "folder of cells and pretrained vectors; what is there is not run again"},
    "out": {"type": Path, "help": "file for the cells, as JSON"},
}


def parser(doc, **defaults):
    """A parser that prints `doc` as its help; of the arguments above it has those that get a default here."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        made.add_argument(f"--{name}", default=default, **ARGUMENTS[name])
    return made


# -- processes


def run_cells(function, cells, jobs):
    """Yield what `function` makes of each cell, in the order of the cells.

    The processes are spawned, not forked, so that a cell does not see what ran before it in this one.
    """
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(function, cells)


def as_done(function, cells, jobs):
    """As `run_cells`, but each as soon as it is done: what was finished can be written when another fails."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        todo, failure = [pool.submit(function, cell) for cell in cells], None
        for cell in as_completed(todo):
            if cell.cancelled():
                continue
            if cell.exception() is None:
                yield cell.result()
                continue
            failure = failure or cell.exception()
            for other in todo:  # those that run are waited for
                other.cancel()
    if failure:
        raise failure


def run_missing(function, todo, cells, options):
    """Run cells by --jobs; each is printed, and written to --out after those that are there, as soon as it is done."""
    for cell in as_done(function, todo, options.jobs):
        print(*cell.values(), flush=True)
        cells.append(cell)
        write_json(options.out, cells)


def in_process(script, *arguments):
    """What a script prints as JSON when it is run with these arguments, in a process of its own: time and memory."""
    command = [sys.executable, script, *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def peak():
    """Bytes of resident memory of this process at the highest so far."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where ru_maxrss is not below that of the parent when it forked
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    import resource  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@cache
def commit():
    """The commit whose code runs here; "-dirty" behind it, if files were changed since."""

    def git(*command):
        return subprocess.run(["git", *command], cwd=Path(__file__).parents[2], capture_output=True, text=True)

    changed = git("diff", "--quiet", "HEAD", "--", "gensim_mtner", "cython", "benchmarks/*.py").returncode
    return git("rev-parse", "--short=7", "HEAD").stdout.strip() + "-dirty" * changed


commit()  # at the start: there may be another when a cell is done, hours later


# -- JSON


def read_json(path, default):
    """What `write_json` wrote, or `default` if nothing is there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else default


def read_cells(folder, pattern):
    """What stands in the files of a folder, in the order of their names."""
    return [read_json(path, {}) for path in sorted(folder.glob(pattern))]


def write_json(path, value):
    """Write a file whole or not at all; without a path, nothing."""
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as stream:
            stream.write(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


# -- tables


def spread(values, digits=1):
    """Mean ± standard deviation; of one value itself, of none nothing."""
    values = list(values)
    if not values:
        return ""
    mean = f"{np.mean(values):.{digits}f}"
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else mean


def precision_recall(cells):
    """The means of both, of the cells that have them."""
    cells = [cell for cell in cells if "recall" in cell]
    return ", ".join(f"{np.mean([cell[key] for cell in cells]):.0f}" for key in ("precision", "recall") if cells)


def by_type(cells):
    """Means and spreads of F1 of places, people and organisations, of the cells that have it by type."""
    cells = [cell["by_type"] for cell in cells if "by_type" in cell]
    return [spread(cell.get(kind, {"f1": 0})["f1"] for cell in cells) for kind in ("LOC", "PER", "ORG")]


def print_table(columns, rows):
    """Print a table in Markdown; each row as soon as `rows` yields it."""
    print(f"| {' | '.join(map(str, columns))} |\n|{'---|' * len(columns)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)
