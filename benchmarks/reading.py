"""How long it takes to read 200 MB of labels, and of pairs, by form; run it with the code before and after a change.

    python benchmarks/reading.py --megabytes 200
    PYTHONPATH=path/of/the/code/before python benchmarks/reading.py --megabytes 200

Files are made of invented words in a temporary folder. Seconds are those of the processor, as others may use it, too.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from gensim_mtner import ComparableCorpus, NERData


def sentences(seed=1):
    """Invented sentences with tags, over and over."""
    random = np.random.default_rng(seed)
    words = ["".join(random.choice(list("abcdefghijklmnop"), random.integers(2, 10))) for _ in range(20_000)]
    ranks = np.minimum(random.zipf(1.3, 400_000), len(words)) - 1
    for number in range(20_000):
        row = [words[rank] for rank in ranks[20 * number : 20 * number + 20]]
        tags = ["O"] * 20
        if number % 3:
            tags[5:7] = ["B-PER", "I-PER"]
        yield row, tags


FORMS = {
    "two columns": lambda n, w, t: f"{w}\t{t}",
    "CoNLL 2003": lambda n, w, t: f"{w} NN B-NP {t}",
    "Universal NER": lambda n, w, t: f"{n}\t{w}\t{t}\t-\t-",
}


def write(path, parts, size):
    block = "".join(parts).encode()
    with open(path, "wb") as stream:
        for _ in range(max(1, size // len(block))):
            stream.write(block)


def main():
    """Write, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--folder", help="where to write; by default the system's")
    options = parser.parse_args()
    size = options.megabytes << 20
    rows = list(sentences())
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder, "x")
        for name, line in FORMS.items():
            write(path, ("\n".join(line(n, *pair) for n, pair in enumerate(zip(*row, strict=True), 1)) + "\n\n"
                         for row in rows), size)  # fmt: skip
            start = time.process_time()
            count = NERData.from_iob2(path).n_tokens
            report(name, time.process_time() - start, count)
        both = [" ".join(words) for words, _ in rows]
        pairs = {"TSV": (f"{text}\t{text}\n" for text in both),
                 "JSON Lines": (json.dumps({"en": text, "de": text}) + "\n" for text in both)}  # fmt: skip
        for name, lines in pairs.items():
            write(path, lines, size)
            read = ComparableCorpus.from_tsv if name == "TSV" else ComparableCorpus.from_jsonl
            corpus = read(path, source="en", target="de")
            start = time.process_time()
            count = sum(1 for _ in corpus.raw())
            report(name, time.process_time() - start, count)


def report(name, seconds, count):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)
    print(f"{name}: {seconds:.1f} s for {count:,} items, peak so far {peak:,} MB", flush=True)


if __name__ == "__main__":
    main()
