"""One run from raw JSON Lines to a saved model and tagged text, by whatever version of the package is on the path.

A program that since.py runs. It asks only for what older versions have as well, and imports nothing of the benchmarks.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

GOLD = ("en_ewt-ud-train-early.iob2.gz", "en_wikigold.iob2.gz")
SILVER = "en_wikineural-silver.iob2.gz"


def main(folder, language, to_tag, passes, texts, tests):
    """Print seconds, peak bytes and F1 as JSON.

    Parameters
    ----------
    folder : str
        Where text and labels are.
    language : str
        The target.
    to_tag : str
        A file of the target's text, a sentence a line, cut into tokens by spaces.
    passes : list of int
        Passes of pretraining, joint ones; empty for the defaults.
    texts, tests : list of str
        Names of files in `folder`.
    """
    clock = time.perf_counter()
    from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData

    data = Path(folder)
    gold = NERData.from_iob2([data / name for name in GOLD])
    silver = NERData.from_iob2(data / SILVER, scheme="IOB1")
    labels = NERData(gold.sentences + silver.sentences, gold.tags + silver.tags)
    parts = [
        ComparableCorpus.from_jsonl(data / name, source="en", target=language, on_missing="skip") for name in texts
    ]
    corpus = ComparableCorpus(
        lambda: (pair for part in parts for pair in part.raw()), source="en", target=language
    )  # fmt: skip
    sentences = [line.split() for line in Path(to_tag).read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as temporary:
        text = corpus.encode(Path(temporary) / "text", workers=2, progress=False)
        settings = dict(zip(("pretrain_epochs", "epochs"), passes, strict=False))
        model = MTWord2Vec(seed=1, workers=2, progress=False, **settings)
        model.build_vocab(text, ner_data=labels)
        model.train(text, ner_data=labels)
        model.save(Path(temporary) / "model")
        del model  # who tags has one
        model = MTWord2Vec.load(Path(temporary) / "model")
        model.tag(sentences, language=language)
    seconds = time.perf_counter() - clock
    peak = 1024 * int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
    scores = [model.evaluate(NERData.from_iob2(data / name), language=language).f1 for name in tests]
    print(json.dumps({"seconds": seconds, "peak_bytes": peak, "f1": scores}))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
