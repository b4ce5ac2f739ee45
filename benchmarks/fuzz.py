"""Coverage-guided fuzzing of every reader and loader: no crash, no hang, no memory blow-up, no silent nonsense.

    pip install atheris
    python benchmarks/fuzz.py all --runs 100000
    python benchmarks/fuzz.py iob2 --runs 1000000

A case is bytes in a file. It must be read, and then what was read must agree with a plain second reading, or be refused
with a ValueError that names the file. Stored models, checkpoints and encoded texts are changed in a few places; in half
of the cases sizes and checksums are made to fit again, as one who means harm would do. libFuzzer ends a target at the
first case that breaks a promise, at 10 seconds, or at 2 GB, and leaves the case in the working directory.
"""

import argparse
import contextlib
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import atheris
except ModuleNotFoundError:
    atheris = None

with atheris.instrument_imports(include=["gensim_mtner", "defusedxml"]) if atheris else contextlib.nullcontext():
    import fuzz_labels

    from gensim_mtner import ComparableCorpus, EncodedText, MTWord2Vec, NERData, load_vec
    from gensim_mtner.disk import sha256
    from gensim_mtner.storage import MANIFEST, digest

import fuzz_arrays
import numpy as np
import regex

FOLDER = Path(os.environ.get("MTNER_FUZZ_FOLDER", "."))  # of one target, made and removed by the process that starts it
STORED = Path(__file__).parents[1] / "tests" / "data" / "model-1"
BOTH = {"source": "en", "target": "zh"}
IGNORED = regex.compile(r"[\s\p{Cc}\p{Cf}\p{Cs}\p{Z}]+")


def characters(text):
    """The text without what separates tokens."""
    return IGNORED.sub("", text)


def tokens(text):
    """A tokenizer that is the same for both sides, and loses nothing else."""
    return text.split()


# -- text: each takes a file, and raises AssertionError if what is read is not what is there


def corpus_of(read, path, **kwargs):
    return list(read(path, on_missing="skip", tokenizers={"zh": tokens}, **BOTH, **kwargs))


def jsonl(path):
    pairs = corpus_of(ComparableCorpus.from_jsonl, path)
    rows = [json.loads(line) for line in fuzz_labels.plain_lines(path) if not fuzz_labels.blank(line)]
    texts = [row.get("translation", row) if not {"en", "zh"} & set(row) else row for row in rows]
    kept = [row for row in texts if all(any(strings(row.get(side))) for side in ("en", "zh"))]
    assert len(pairs) == len(kept), (len(pairs), len(kept))
    for pair, row in zip(pairs, kept, strict=True):
        for sentences, text in ((pair.source, row["en"]), (pair.target, row["zh"])):
            if isinstance(text, str):
                assert characters("".join(map("".join, sentences))) == characters(text)


def tsv(path):
    pairs = corpus_of(ComparableCorpus.from_tsv, path)
    rows = [line.split("\t") for line in fuzz_labels.plain_lines(path) if not fuzz_labels.blank(line)]
    texts = [characters(row[0] + row[1]) for row in rows if characters(row[0]) and characters(row[1])]
    assert [characters("".join(map("".join, [*pair.source, *pair.target]))) for pair in pairs] == texts


def xml(path):
    for pair in corpus_of(ComparableCorpus.from_wikipedia_xml, path):
        assert pair.source and pair.target


def iob2(path):
    data = NERData.from_iob2(path)
    fuzz_labels.read_back(data, path.with_suffix(".again"))


def memory(path):
    """Documents of any objects, in memory: their own tokens, or an error that names the pair."""
    source = atheris.FuzzedDataProvider(path.read_bytes())
    case = [(any_object(source, 4), any_object(source, 4)) for _ in range(source.ConsumeIntInRange(1, 3))]
    corpus = ComparableCorpus(case, on_missing="skip", tokenizers={"zh": tokens}, **BOTH)
    try:
        pairs = list(corpus)
    except ValueError as error:
        assert str(error).startswith("pair "), error
        return
    kept = [sides for sides in case if all(any(strings(side)) for side in sides)]
    assert len(pairs) == len(kept), (pairs, kept)
    for pair, sides in zip(pairs, kept, strict=True):
        for sentences, side in zip((pair.source, pair.target), sides, strict=True):
            expected = list(strings(side))
            if isinstance(side, str):
                assert characters("".join(map("".join, sentences))) == characters(side)
            else:
                assert [token for sentence in sentences for token in sentence] == expected
    if any(pair.source for pair in pairs) and any(pair.target for pair in pairs):
        assert len(corpus.encode(progress=False)) == len(pairs)


def any_object(source, depth):
    """A document, perhaps: text, lists, arrays, and what is none of these."""
    kind = source.ConsumeIntInRange(0, 11 if depth else 5)
    if kind < 4:
        text = source.ConsumeUnicode(source.ConsumeIntInRange(0, 9))
        return [text, text.strip() or "a", "".join(text.split()) or "b", np.str_(text)][kind]
    if kind == 4:
        return source.PickValueInList([None, float("nan"), 3, 2.5, True, b"a", object()])
    if kind == 5:
        return source.ConsumeUnicodeNoSurrogates(9)
    parts = [any_object(source, depth - 1) for _ in range(source.ConsumeIntInRange(0, 4))]
    if kind == 9:
        parts = [part for part in parts if isinstance(part, str)]
        return np.array(parts, dtype=object)
    return {6: tuple, 10: iter, 11: lambda parts: dict(enumerate(parts))}.get(kind, list)(parts)


def strings(document):
    """All text in a document that holds something to be seen."""
    if isinstance(document, str):
        if characters(document):
            yield document
    elif isinstance(document, (list, tuple, np.ndarray)):
        for part in document:
            yield from (part,) if isinstance(part, str) else strings(part)


def vec(path):
    vectors = load_vec(path)
    first = fuzz_labels.plain_lines(path)[0].split()
    assert [len(vectors), vectors.vector_size] == list(map(int, first))


def zipped(path):
    whole = path.rename(path.with_name("case.tsv.gz"))
    corpus_of(ComparableCorpus.from_tsv, whole)


SEEDS = {
    jsonl: ['{"id": "1", "en": "Ann left.", "zh": "安 离开"}\n{"en": ["Ann"], "zh": [["安"], ["\\u5b89"]]}\n',
            '\ufeff{"en": null, "zh": "安"}\n\n{"id": 7, "en": "a\\ud83d\\ude00", "zh": "\\ud800"}\n'],
    tsv: ["Ann left.\t安 离开\r\nBob\t鲍\n", "\n\ta\nb\t\tc\n"],
    xml: ['<wikipediaComparable><articlePair id="1"><article lang="en" name="A"><categories name="x|y"/><content><p>'
          'Ann <link target="B">left</link>.</p></content></article><article lang="zh" name="安"><content>安 离开'
          "</content></article></articlePair></wikipediaComparable>",
          '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    memory: [os.urandom(60) for _ in range(32)],
    iob2: ["# text = Ann left\n1\tAnn\tB-PER\t-\t-\n2\tleft\tO\t-\t-\n\n",
           "-DOCSTART- O\n\nNew NNP B-LOC\nYork NNP I-LOC\n", "Ann I-PER\n"],
    vec: ["2 3\nAnn 1 2 3\n安 0.5 -1e-3 4 \n", "1 1\na nan\n"],
    zipped: [gzip.compress(b"Ann\tx\nBob\ty\n")],
    **fuzz_labels.SEEDS,
}  # fmt: skip


# -- directories: each makes one, and uses what was loaded


def model(path):
    """A stored model: tag, look for neighbours."""
    loaded = MTWord2Vec.load(path)
    for language, word in (("en", "Ann"), ("zh", "安")):
        loaded.tag([[word, "?"]], language=language)
        loaded.tag([[word, "?"]], language=language, by="vectors")
        loaded.neighbours_of([word], language=language, topn=2)


def encoded(path):
    """Encoded text: read all of it."""
    text = EncodedText.open(path)
    documents = text.documents({f"en:{word}": row for row, word in enumerate(text.words[0])})
    assert sum(len(ids) for ids in documents.merged()) == len(text.ids)


def checkpoint(path):
    """A checkpoint: go on for the rest of training."""
    MTWord2Vec.resume(path, small_corpus(), small_labels())


def small_corpus():
    return ComparableCorpus([(["Ann", "left", "Rome", "."], ["安", "离开", "罗马", "。"])] * 6, **BOTH)


def small_labels():
    return NERData([["Ann", "left", "Rome"]] * 4, [["B-PER", "O", "B-LOC"]] * 4)


class Stop(Exception):
    """Ends a training, as a kill would."""


def make_checkpoint(path):
    from gensim.models.callbacks import CallbackAny2Vec

    class Ends(CallbackAny2Vec):
        def on_epoch_begin(self, model):
            if len(model.history) == 2:
                raise Stop

    with contextlib.suppress(Stop):
        MTWord2Vec(small_corpus(), ner_data=small_labels(), vector_size=4, pretrain_epochs=1, epochs=2, sample=0,
                   workers=1, min_count=1, checkpoint=path, callbacks=[Ends()], silver_tokens=0,
                   self_training_tokens=0)  # fmt: skip


DIRECTORIES = {
    model: lambda path: MTWord2Vec.load(STORED).save(path),
    encoded: lambda path: small_corpus().encode(path),
    checkpoint: make_checkpoint,
}


def change(data, path):
    """Change a few bytes of a file below `path`, or its length; return what was there."""
    source = atheris.FuzzedDataProvider(data)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    file = files[source.ConsumeIntInRange(0, len(files) - 1)]
    before = {file: file.read_bytes()}
    changed = bytearray(before[file])
    signed = source.ConsumeBool()
    for _ in range(source.ConsumeIntInRange(1, 4)):
        how = source.ConsumeIntInRange(0, 3)
        place = source.ConsumeIntInRange(0, len(changed))
        piece = source.ConsumeBytes(source.ConsumeIntInRange(1, 12))
        if how == 0:
            changed[place : place + len(piece)] = piece
        elif how == 1:
            changed[place:place] = piece
        elif how == 2:
            del changed[place : place + source.ConsumeIntInRange(1, 64)]
        elif place < len(changed):
            changed[place] ^= 1 << source.ConsumeIntInRange(0, 7)
    file.write_bytes(changed)
    manifest = file.with_name(MANIFEST)
    try:
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        same = file == manifest and facts == json.loads(before[file])  # white space was changed
        if signed:
            before.setdefault(manifest, manifest.read_bytes())
            if file != manifest:
                facts["files"][file.name] = {"bytes": len(changed), "sha256": sha256(file)}
            facts["digest"] = digest(facts)
            manifest.write_text(json.dumps(facts), encoding="utf-8")
    except (ValueError, RecursionError, AttributeError, TypeError):
        signed = same = False
    return before, changed != before[file] and not signed and not same


def text_case(target, suffix):
    path = FOLDER / f"case{suffix}"

    def run(data):
        path.write_bytes(data)
        allow(lambda: target(path))

    return run


def directory_case(target):
    path = FOLDER / target.__name__
    DIRECTORIES[target](path)
    spare = path.with_name(path.name + ".spare")
    shutil.copytree(path, spare)

    def run(data):
        before, damaged = change(data, path)
        try:
            refused = allow(lambda: target(path))
            assert refused or not damaged, "damage went unseen"
        finally:
            if path.is_dir() and set(before) <= set(path.rglob("*")):
                for file, content in before.items():
                    file.write_bytes(content)
            else:  # training that went on to its end has cleared the checkpoint away
                shutil.rmtree(path, ignore_errors=True)
                shutil.copytree(spare, path)

    return run


def allow(read):
    """Whether it was refused, in the way that is promised."""
    try:
        read()
    except (ValueError, FileNotFoundError, FloatingPointError) as error:
        names = ("case", "model", "encoded", "checkpoint", "mode=", "expected", "argument")
        assert any(name in str(error) for name in names), f"an error that says nothing: {error!r}"
        return True
    return False


def arrays(data):
    """Arrays of a model in memory; a case is the seed of what is changed."""
    if not hasattr(arrays, "cases"):
        arrays.cases = fuzz_arrays.Cases(FOLDER)
    arrays.cases.run(int.from_bytes(data[:8], "little"))


TARGETS = {target.__name__: target for target in (*SEEDS, *DIRECTORIES, arrays)}


def fuzz(name, runs, seed):
    """One target, in this process, until libFuzzer exits."""
    target = TARGETS[name]
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    if target in SEEDS:
        run = text_case(target, {"jsonl": ".jsonl", "xml": ".xml"}.get(name, ".txt"))
        for number, seed_text in enumerate(SEEDS[target]):
            (seeds / str(number)).write_bytes(seed_text if isinstance(seed_text, bytes) else seed_text.encode())
    else:
        run = target if target is arrays else directory_case(target)
        for number in range(64):
            (seeds / str(number)).write_bytes(os.urandom(40) if number else b"\0" * 40)
    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=2048", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(seeds)], run)
    atheris.Fuzz()


def main():
    """Fuzz one target here, or all, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "all", "text"])
    parser.add_argument("--runs", type=int, default=10_000, help="cases of each target")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if atheris is None:
        parser.error("this needs atheris: pip install atheris")
    if "MTNER_FUZZ_FOLDER" in os.environ:
        fuzz(options.target, options.runs, options.seed)
    groups = {"all": list(TARGETS), "text": [target.__name__ for target in SEEDS]}
    failed = []
    for name in groups.get(options.target, [options.target]):
        start = time.perf_counter()
        command = [sys.executable, __file__, name, "--runs", str(options.runs), "--seed", str(options.seed)]
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
            environment = os.environ | {"MTNER_FUZZ_FOLDER": folder}
            result = subprocess.run(command, capture_output=True, text=True, env=environment)
        verdict = "BROKEN" if result.returncode else "held"
        print(f"{name}: {options.runs} cases, {time.perf_counter() - start:.0f} s, {verdict}", flush=True)
        if result.returncode:
            failed.append(name)
            lines = (result.stdout + result.stderr).splitlines()
            print("\n".join(line for line in lines if not line.startswith(("INFO", "WARNING")))[-3000:])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
