"""One program on one text: gensim, fastText, ours; the texts, and the seconds that a pass takes."""

import importlib.util
import tempfile
import time
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec
from scipy.linalg.blas import sgemm

from common.data import DATA, chapters, pairs
from gensim_mtner import EncodedText, MTWord2Vec

DOCUMENT = 2000  # tokens of a document of Zipf text, half of them of each side
TOKENS = 100_000  # of each text, times --scale
SAMPLE = {"bible": 1e-4, "wikipedia": 1e-4, "zipf": 1e-3}
PASSES = {48: 1, 16: 3, 5: 5}  # passes more of the second call, by window


def zipf_text(n_tokens, n_words, seed=1):
    """Encoded text of words in Zipf's proportions, both sides with as many."""
    random = np.random.default_rng(seed)
    chance = 1 / np.arange(1, n_words // 2 + 1)
    chance = np.cumsum(chance / chance.sum())
    n_documents = max(n_tokens // DOCUMENT, 1)
    ids = np.searchsorted(chance, random.random((n_documents, DOCUMENT))).astype(np.int32)
    ids = np.minimum(ids, n_words // 2 - 1)
    ids[:, DOCUMENT // 2 :] += n_words // 2
    seen, ids = np.unique(ids, return_inverse=True)  # text that is saved has no words that do not occur
    ids, counts, n_source = ids.ravel().astype(np.int32), np.bincount(ids.ravel()), np.searchsorted(seen, n_words // 2)
    words = [f"w{number % (n_words // 2)}" for number in seen]
    return EncodedText(
        ("s", "t"), (words[:n_source], words[n_source:]), (counts[:n_source], counts[n_source:]), ids,
        np.arange(2 * n_documents + 1) * (DOCUMENT // 2),
    )  # fmt: skip


def write_text(name, path, scale):
    """A text of TOKENS tokens or a little more, encoded: Bible, Wikipedia, or Zipf text of 60,000 words."""
    if name == "zipf":
        zipf_text(TOKENS * scale, 60_000).save(path)
        return
    corpus = chapters("zh")[0] if name == "bible" else pairs(DATA / "wikipedia.en-zh.jsonl.gz")
    lengths = np.cumsum(corpus.limit(2000 * scale).encode(progress=False).documents({}).lengths)
    corpus.limit(int(np.searchsorted(lengths, TOKENS * scale)) + 1).encode(path, progress=False)


def sgemm_rate():
    """Floating-point operations a second of a large matrix product, on one thread."""
    x = np.asfortranarray(np.random.default_rng(0).random((1024, 1024), dtype=np.float32))
    sgemm(1, x, x)
    start = time.process_time()
    for _ in range(5):
        sgemm(1, x, x)
    return 5 * 2 * 1024**3 / (time.process_time() - start)


def missing(program):
    """Why a program can't be run here, or nothing."""
    if program == "fasttext" and importlib.util.find_spec("fasttext") is None:
        return "fastText is not installed (pip install fasttext-wheel)"
    return ""


def trainer(program, text, sample, shape, workers):
    """A function that trains for so many passes and returns the words that subsampling left in them."""
    vector_size, window, negative = shape
    settings = {
        "vector_size": vector_size, "window": window, "negative": negative, "workers": workers, "min_count": 1,
        "sample": sample, "seed": 1,
    }  # fmt: skip
    model = MTWord2Vec(kernel=program if program in ("shared", "exact") else "shared", progress=False, **settings)
    model.build_vocab(text)
    if program in ("shared", "exact"):
        return lambda passes: model.train(text, epochs=passes, compute_loss=False)[0]
    keys = np.array(model.wv.index_to_key, dtype=object)
    encoded = text.documents(model.wv.key_to_index)
    documents = [keys[encoded.rows[ids]].tolist() for ids in encoded.merged()]
    if program == "gensim":
        model = Word2Vec(sg=1, **settings)
        model.build_vocab(documents)
        return lambda passes: model.train(documents, total_examples=len(documents), epochs=passes)[0]
    left = model.train(text, epochs=1, compute_loss=False)[0]  # fastText does not say how many; its formula is the same
    return lambda passes: fasttext(documents, settings, passes) or passes * left


def fasttext(documents, settings, passes):
    """Train fastText's skip-gram without parts of words, on a file."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        path.write_text("\n".join(map(" ".join, documents)) + "\n", encoding="utf-8")
        fasttext.train_unsupervised(
            str(path), "skipgram", dim=settings["vector_size"], ws=settings["window"], neg=settings["negative"],
            t=settings["sample"], minCount=1, minn=0, maxn=0, epoch=passes, thread=settings["workers"], verbose=0,
        )  # fmt: skip


def run_peer(program, path, sample, shape, workers):
    """Words a second by the processor's time and by the clock: a call of several passes less one of a single pass."""
    train = trainer(program, EncodedText.open(path), sample, shape, workers)
    if program != "fasttext":  # which keeps nothing from call to call
        train(1)
    found = []
    for passes in (1, 1 + PASSES.get(shape[1], 3)):
        clock, processor = time.perf_counter(), time.process_time()
        words = train(passes)
        found.append((words, time.process_time() - processor, time.perf_counter() - clock))
    words, processor, clock = (more - less for less, more in zip(*found, strict=True))
    return {"words": words, "processor": processor, "seconds": clock, "sgemm": sgemm_rate()}
