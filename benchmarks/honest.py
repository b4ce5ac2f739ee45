"""Is the baseline honest? Its F1 beside scikit-learn's logistic regression on the same vectors, at several penalties.

python benchmarks/honest.py --seeds 1 2 3 4 --out benchmarks/results/honest.json
"""

from common.data import bible
from common.models import SETTINGS, logistic_f1
from common.runs import parser, print_table, run_cells, spread, write_json

from gensim_mtner import MTWord2Vec

PENALTIES = (0.03, 0.1, 0.3, 1.0, 10.0)


def run_seed(seed):
    """F1 of the baseline and of its twins."""
    chapters, labels, test = bible("zh")
    model = MTWord2Vec(chapters.encode(), ner_data=labels, mode="baseline", seed=seed, **SETTINGS)
    twins = [logistic_f1(model, labels, "en", test, C=penalty) for penalty in PENALTIES]
    row = [model.evaluate(test, language="zh").f1, *twins]
    print(seed, *(round(f1, 1) for f1 in row), flush=True)
    return row


def main():
    """Run the seeds; print a table."""
    options = parser(__doc__, seeds=[1, 2, 3, 4], jobs=2, out=None).parse_args()
    rows = list(run_cells(run_seed, options.seeds, options.jobs))
    columns = ["baseline", *(f"logistic regression, C={penalty:g}" for penalty in PENALTIES)]
    print_table(columns, [map(spread, zip(*rows, strict=True))])
    write_json(options.out, {"columns": columns, "seeds": options.seeds, "rows": rows})


if __name__ == "__main__":
    main()
