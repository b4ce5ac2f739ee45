"""Is the baseline honest? Its F1 beside scikit-learn's logistic regression on the same vectors, at several penalties.

python benchmarks/honest.py --seeds 1 2 3 4 --out benchmarks/results/honest.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
from bible import SETTINGS, load, logistic_f1

from gensim_mtner import MTWord2Vec

PENALTIES = (0.03, 0.1, 0.3, 1.0, 10.0)


def main():
    """Train the baseline of each seed and its twins; print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text, labels, test, _ = load("zh")
    rows = []
    for seed in options.seeds:
        model = MTWord2Vec(text, ner_data=labels, mode="baseline", seed=seed, **SETTINGS)
        twins = [logistic_f1(model, labels, "en", test, C=penalty) for penalty in PENALTIES]
        rows.append([model.evaluate(test, language="zh").f1, *twins])
        print(seed, np.round(rows[-1], 1), flush=True)
    names = ["baseline", *(f"logistic regression, C={penalty:g}" for penalty in PENALTIES)]
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    columns = zip(np.mean(rows, axis=0), np.std(rows, axis=0, ddof=min(1, len(rows) - 1)), strict=True)
    print("| " + " | ".join(f"{mean:.1f} ± {spread:.1f}" for mean, spread in columns) + " |")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps({"columns": names, "seeds": options.seeds, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
