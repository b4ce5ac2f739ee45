"""The tables of README.md and RESULTS.md, compared with the cells that they are made of.

    python benchmarks/check.py            # fails, and shows the lines that differ
    python benchmarks/check.py --write    # makes the tables anew

A table below a comment such as ``<!-- table: pairs -->`` is made by `of_pairs` of common/pages.py or common/short.py.
Tables without a comment were made by hand.
"""

import argparse
import difflib
import re
import sys

from common import pages, short
from common.data import ROOT

GUIDES = (
    "docs/when.md",
    "docs/guides/corpus.md",
    "docs/method.md",
    "docs/guides/low-resource.md",
    "docs/guides/language.md",
)
PAGES = ("README.md", "benchmarks/RESULTS.md", *GUIDES)
TABLE = re.compile(r"^<!-- table: (?P<name>[\w-]+) -->\n(?P<rows>(?:\|.*\n)*)", re.MULTILINE)
MAKERS = {
    name.removeprefix("of_").replace("_", "-"): maker
    for module in (pages, short) for name, maker in vars(module).items() if name.startswith("of_")
}  # fmt: skip


def main():
    """Compare, or write; the number of pages that differ."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true", help="make the tables anew")
    options = arguments.parse_args()
    stale, missing, empty = 0, set(MAKERS), list[str]()
    for page in PAGES:
        before = (ROOT / page).read_text(encoding="utf-8")
        names = [match["name"] for match in TABLE.finditer(before)]
        tables = {name: MAKERS[name]() for name in names}
        empty += [name for name, table in tables.items() if table.count("\n") < 3]
        missing -= set(names)
        after = TABLE.sub(
            lambda match, tables=tables: f"<!-- table: {match['name']} -->\n{tables[match['name']]}", before
        )
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
    if empty:
        sys.exit(f"tables without a row: {', '.join(empty)}: are there no cells?")
    if stale:
        sys.exit("pages differ from their cells: python benchmarks/check.py --write")


if __name__ == "__main__":
    main()
