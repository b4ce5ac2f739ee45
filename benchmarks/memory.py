"""Peak memory of a training run, beside what `MTWord2Vec.estimate_memory` says before it.

    python benchmarks/memory.py --out benchmarks/results/memory.json

Text of random words (Zipf's law), so that its length and its vocabulary can be chosen, with labels of one type; and
Chinese and Swahili as in `speed.py run`, with their labels. Arguments are those of a real run, but for fewer passes and
a small window, which take no memory. Each case is a process of its own; what
the interpreter and the libraries take (the peak after a tiny run) is measured there too, and stands apart.
"""

import json
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from common.data import DATA, english_labels
from common.phases import FILES
from common.runs import commit, in_process, parser, peak, print_table, write_json

from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData

MEGABYTE = 2**20
COLUMNS = ("text, tokens", "words", "vector_size", "kept", "expected, MB", "peak, MB", "ratio")
# tokens, words, vector_size, whether the text is memory-mapped
CASES = ((30_000_000, 1_000_000, 256, True), (30_000_000, 1_000_000, 256, False), (3_000_000, 200_000, 128, True),
         (8_000_000, 100_000, 128, False))  # fmt: skip
REAL = {"zh": "Chinese", "sw": "Swahili"}


def random_text(n_tokens, n_words):
    """Documents of 2,000 tokens, half of each side."""
    random = np.random.default_rng(1)
    half = n_words // 2
    ids = np.empty(n_tokens, dtype=np.int32)
    for start in range(0, n_tokens, 1 << 20):
        part = ids[start : start + (1 << 20)]
        part[:] = np.exp(random.random(len(part)) * np.log(half)).astype(np.int32) - 1
    ids[: 2 * half] = np.repeat(np.arange(half), 2)
    offsets = np.append(np.arange(0, n_tokens, 1000), n_tokens).astype(np.int64)
    if len(offsets) % 2 == 0:
        offsets = np.append(offsets, n_tokens)
    for start, stop in zip(offsets[1:-1:2].tolist(), offsets[2::2].tolist(), strict=True):
        ids[start:stop] += half
    counts = np.bincount(ids, minlength=2 * half)
    met = np.flatnonzero(counts)  # stored text has no words that do not occur
    n_source = np.searchsorted(met, half)
    words = [f"word{i}" for i in met[:n_source]], [f"词{i - half}" for i in met[n_source:]]
    ids = (np.cumsum(counts > 0, dtype=np.int32) - 1)[ids]
    return EncodedText(("en", "zh"), words, (counts[met[:n_source]], counts[met[n_source:]]), ids, offsets)


def random_labels(n_words):
    """As many labelled sentences as EWT and WikiGold have."""
    random = np.random.default_rng(2)
    rows = (random.zipf(1.2, (14_000, 17)) % (n_words // 2)).tolist()
    sentences = [[f"word{i}" for i in row] for row in rows]
    return NERData(sentences, [["B-PER" if i % 20 == 7 else "O" for i in row] for row in rows])


def save_real(language, path):
    """The text that speed.py measures a whole run on, encoded."""
    files = [DATA / name for name in FILES[language]]
    corpus = ComparableCorpus.from_jsonl(files, source="en", target=language, on_missing="skip")
    corpus.encode(path, workers=2, progress=False)


def train(text, make_labels, vector_size):
    """A short run with all parts of a long one; labels are made within, as they take memory, too."""
    model = MTWord2Vec(vector_size=vector_size, window=2, negative=2, pretrain_epochs=1, epochs=1, ner_warmup=1,
                       workers=2, progress=False, sample=1e-5)  # fmt: skip
    labels = make_labels()
    expected = model.estimate_memory(corpus=text, ner_data=labels)
    model.build_vocab(text, ner_data=labels)
    model.train(text, ner_data=labels)
    return expected


def one(path, kind, vector_size, mapped):
    """One case: what is expected, what is seen."""
    train(random_text(20_000, 1_000), partial(random_labels, 1_000), 16)
    before = peak()
    text = EncodedText.open(path, verify=False, mmap=bool(int(mapped)))
    labels = partial(english_labels, silver=True) if kind in REAL else partial(random_labels, int(kind))
    expected = train(text, labels, int(vector_size))
    return {"text": REAL.get(kind, "random"), "tokens": len(text.ids), "words": sum(map(len, text.words)),
            "vector_size": int(vector_size), "mapped": bool(int(mapped)), "libraries": before, "peak": peak() - before,
            "expected": expected}  # fmt: skip


def measured(cases, found):
    """Run cases; their lines of the table, and their cells to `found`."""
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text"
            if case in REAL:
                save_real(case, path)
                arguments = case, 128, 1
            else:
                random_text(*case[:2]).save(path)
                arguments = case[1:]
            cell = in_process(__file__, "--one", path, arguments[0], *map(int, arguments[1:]))
        found.append(cell)
        yield line(cell)


def line(cell):
    """A case's line of the table."""
    total = cell["expected"]["total"]
    return (
        f"{cell['text']}, {cell['tokens']:,}", f"{cell['words']:,}", cell["vector_size"],
        "on disk" if cell["mapped"] else "in memory",
        f"{total / MEGABYTE:,.0f}", f"{cell['peak'] / MEGABYTE:,.0f}", f"{total / cell['peak']:.2f}",
    )  # fmt: skip


def main():
    """Run all cases, or one."""
    arguments = parser(__doc__, out=None)
    arguments.add_argument(
        "--one", nargs=4, help="the folder of a text, a language or a number of words, and the rest of a case"
    )
    arguments.add_argument("--cases", type=int, nargs="+", default=range(len(CASES) + len(REAL)))
    options = arguments.parse_args()
    if options.one:
        print(json.dumps(one(*options.one)))
        return
    found = []
    cases = [*CASES, *REAL]
    print_table(COLUMNS, measured([cases[i] for i in options.cases], found))
    write_json(options.out, {"commit": commit(), "results": found})


if __name__ == "__main__":
    main()
