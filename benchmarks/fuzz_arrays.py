"""Arrays of a trained model changed at random before it trains, tags, saves or looks for neighbours.

    python benchmarks/fuzz_arrays.py --runs 20000

Each case either works, or raises an exception that says what is wrong; a crash ends the process, and the case is in
`fuzz-arrays.last`. What is saved must load. `benchmarks/fuzz.py arrays` runs the same cases.
"""

import argparse
import copy
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData, UnigramTagger
from gensim_mtner.model.arguments import OWN_TAGGERS

CLEAR = (ValueError, TypeError, FloatingPointError, RuntimeError, KeyError)
SENTENCES = [["Ann", "left", "Rome", "?"], ["安", "离开", "罗马"]]
# where arrays and numbers are that a user can reach
MODEL = ("wv.vectors", "syn1neg", "wv.vectors_lockf", "wv.expandos.count", "wv.expandos.sample_int", "cum_table",
         "wv.index_to_key", "wv.key_to_index", "tagger.coef_", "tagger.intercept_", "tagger._squares.0",
         "tagger._squares.1", "tagger.classes_", "tagger.outside_shift_", "tagger.batch_size", "tagger.dropout",
         "source_tagger.coef_", "source_tagger.intercept_", "source_tagger.transitions_", "source_tagger.classes_",
         "source_tagger.n_features", "target_tagger.coef_", "source_size", "target_size", "vector_size", "layer1_size",
         "wv.vector_size", "window", "negative", "batch_words", "workers", "ns_exponent", "alpha",
         "epochs")  # fmt: skip
TEXT = ("ids", "offsets", "counts.0", "counts.1", "words.0", "words.1")
LABELS = ("rows", "tags", "rare", "offsets", "translations", "oov_row")


def get(owner, path):
    """The part of an object at a path of attributes, keys and places."""
    for name in path.split("."):
        owner = owner[int(name)] if name.isdigit() else owner[name] if isinstance(owner, dict) else getattr(owner, name)
    return owner


def put(owner, path, value):
    """Replace it; tuples are made anew."""
    *above, name = path.split(".")
    parent = get(owner, ".".join(above)) if above else owner
    if isinstance(parent, tuple):
        put(owner, ".".join(above), tuple(value if str(i) == name else part for i, part in enumerate(parent)))
    elif isinstance(parent, dict):
        parent[name] = value
    else:
        setattr(parent, name, value)


def changed(value, random):
    """Something else of another shape, kind, order or content."""
    pick = random.integers
    if isinstance(value, np.ndarray) and value.dtype != object and value.size:
        n, number = len(value), value.dtype.kind in "iuf"
        odd = [np.nan, np.inf, -np.inf, -1, 2**31, 1e30, 0, -0.5, n, 10**6][pick(10)]
        with np.errstate(all="ignore"):
            changes = [
                lambda: value[: pick(n)], lambda: np.concatenate([value, value[: 1 + pick(n)]]), lambda: value[::-1],
                lambda: np.concatenate([value, value])[::2], lambda: value.T, lambda: np.asfortranarray(value),
                lambda: value[..., : pick(value.shape[-1])], lambda: value[None], lambda: value.ravel(),
                lambda: value.astype([np.float64, np.float16, np.int8, object, np.complex64, ">f4"][pick(6)])
                if number else value.astype(object),
                lambda: value.tolist(), lambda: random.permutation(value), lambda: np.zeros_like(value),
                lambda: np.repeat(value, 50, axis=0),
            ]  # fmt: skip
            how = pick(len(changes) + 4)
            if how < len(changes):
                return changes[how]()
            new = value.copy()
            if how == len(changes):
                new.flags.writeable = False
            elif number:
                new[tuple(pick(size) for size in new.shape)] = np.array(odd).astype(new.dtype)
            return new
    if isinstance(value, dict):
        names = list(value)
        new = dict(value)
        if pick(2):
            new[names[pick(len(names))]] = int(pick(-3, 10**6))
        else:
            del new[names[pick(len(names))]]
        return new
    if isinstance(value, list) and value:
        return [value[:-1], [*value, "en:new"], value[::-1], [*value[:-1], value[0]], [], [None] * len(value)][pick(6)]
    return [None, -1, 0, 1, 2, 3, 2**40, 1.5, float("nan"), "2", True, 10**5, np.ones(2)][pick(13)]


def corpus():
    """A corpus that is small, but has all kinds of words."""
    pairs = [
        (["Ann", "left", "Rome", "."], ["安", "离开", "罗马", "。"]),
        (["Bob", "saw", "Oslo"], ["鲍", "看见", "奥斯陆"]),
    ]
    return ComparableCorpus(pairs * 6, source="en", target="zh")


class Cases:
    """What is changed, and what is done then."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.labels = NERData([["Ann", "left", "Rome"], ["Bob", "saw", "Zed"]] * 4, [["B-PER", "O", "B-LOC"]] * 8)
        self.model = MTWord2Vec(corpus(), ner_data=self.labels, vector_size=4, pretrain_epochs=2, epochs=2, sample=0,
                                workers=1, min_count=1, silver_tokens=9, self_training_tokens=50)  # fmt: skip
        for name in OWN_TAGGERS:  # small ones are copied faster
            tagger = getattr(self.model, name, None) or copy.deepcopy(self.model.source_tagger)
            tagger.n_features = 64
            setattr(self.model, name, tagger.fit(self.labels.sentences, self.labels.tags))
        self.text = corpus().encode()

    def run(self, seed):
        """One case; "worked", or the kind of the error. Anything else that happens is raised."""
        random = np.random.default_rng(seed)
        model, text = copy.deepcopy(self.model), copy.deepcopy(self.text)
        what = random.integers(10)
        try:
            if what == 0:
                return self.sentences(random)
            owner, names = (text, TEXT) if what < 3 else (model, MODEL)
            for _ in range(random.integers(1, 3)):
                name = names[random.integers(len(names))]
                put(owner, name, changed(get(owner, name), random))
            actions = (self.train, self.tag, self.save, self.ask)
            actions[0 if owner is text else random.integers(len(actions))](model, text, random)
        except CLEAR as error:
            assert str(error), "an error that says nothing"
            return type(error).__name__
        return "worked"

    def train(self, model, text, random):
        """Train with one of the kernels, with labels or without."""
        model.kernel = ("shared", "exact", "gensim")[random.integers(3)]
        model.mode = ("hfj", "fj", "baseline", "ner")[random.integers(4)]
        model.silver_tokens = model.self_training_tokens = 0
        if not (isinstance(model.epochs, int) and model.epochs > 9):
            model.train(text, ner_data=self.labels if random.integers(2) else None)
            assert np.isfinite(model.wv.vectors).all()

    def tag(self, model, text, random):
        """Tag both languages with all taggers."""
        for number, language in enumerate(("en", "zh")):
            for by in (None, "both", "sequence", "vectors"):
                tagged = model.tag([SENTENCES[number]], language=language, by=by)
                assert [len(row) for row in tagged] == [len(SENTENCES[number])]
        model.evaluate(self.labels, language="en")

    def save(self, model, text, random):
        """Save, and load what was saved."""
        path = self.folder / "model"
        shutil.rmtree(path, ignore_errors=True)
        model.save(path)
        try:
            loaded = MTWord2Vec.load(path)
        except ValueError as error:
            raise AssertionError(f"what was saved does not load: {error}") from error
        assert np.array_equal(loaded.wv.vectors, model.wv.vectors)

    def ask(self, model, text, random):
        """Neighbours, rates, dictionaries."""
        for metric in ("cosine", "euclidean", "csls"):
            model.neighbours("Ann", language="en", metric=metric)
        model.entity_rate()
        model.calibrate(SENTENCES[1:], rate=0.5)
        model.language_vectors("zh")
        model.predict_output_word(["en:Ann"])

    def sentences(self, random):
        """The tagger's kernel, on sentences whose arrays are changed."""
        wv = copy.deepcopy(self.model.wv)
        tagger = UnigramTagger(wv, language="en")
        tagger.start(self.labels.tag_names, 4)
        data = tagger.encode(self.labels, wv)
        name = LABELS[random.integers(len(LABELS))]
        put(data, name, changed(get(data, name), random))
        order = np.arange(8) if random.integers(2) else changed(np.arange(8), random)
        tagger.update(wv.vectors, data, order, vector_alpha=0.1)
        assert np.isfinite(wv.vectors).all()
        return "worked"


def main():
    """Run cases until one is neither right nor refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="the first case")
    options = parser.parse_args()
    start, found = time.perf_counter(), Counter()
    with tempfile.TemporaryDirectory() as folder, open("fuzz-arrays.last", "w") as last:
        cases = Cases(folder)
        for seed in range(options.seed, options.seed + options.runs):
            last.seek(0)
            last.write(f"{seed}\n")
            last.flush()
            try:
                found[cases.run(seed)] += 1
            except Exception:
                print(f"case {seed}", file=sys.stderr)
                raise
    Path("fuzz-arrays.last").unlink()
    print(f"arrays: {options.runs} cases, {time.perf_counter() - start:.0f} s, held: {dict(found)}")


if __name__ == "__main__":
    main()
