"""Text that does not fit into the memory that a worker may have is mapped from the disk, and trained on."""

import json
import subprocess
import sys

import numpy as np
import pytest

from gensim_mtner.storage import new_directory
from gensim_mtner.text.encoded import SHARDS_KIND, VERSION, shard_files
from gensim_mtner.text.shards import shard_of

resource = pytest.importorskip("resource", reason="limits of memory need Unix")
SHARDS, DOCUMENTS, LENGTH, WORDS = 4, 160, 200_000, 50  # 128 MB of tokens
ROOM = 64 << 20  # bytes, beyond what Python and the libraries have taken

SCRIPT = """
import resource, sys
sys.path[:0] = ["tests", "tests/engines"]
from gensim_mtner import EncodedText, LocalEngine, MTWord2Vec
from test_losses import FragileEngine
mmap, limit = sys.argv[2] == "mapped", int(sys.argv[3])
used = 1024 * int(open("/proc/self/status").read().split("VmData:")[1].split()[0])
resource.setrlimit(resource.RLIMIT_DATA, (used + limit, used + limit))  # what is mapped to read does not count
text = EncodedText.open(sys.argv[1], mmap=mmap, verify=False)
model = MTWord2Vec(text, engine=FragileEngine(2, syncs=3), epochs=1, vector_size=8, sample=1e-9, window=2, negative=1,
                   progress=False, workers=1)
print(model.history[-1]["raw_words"])
"""


def write(path):
    """Text in shards, without that it is ever whole in memory."""
    with new_directory(path, SHARDS_KIND, VERSION) as facts:
        homes = shard_of(np.arange(DOCUMENTS), SHARDS)
        counts = np.zeros(2 * WORDS, np.int64)
        for shard in range(SHARDS):
            size = int((homes == shard).sum()) * LENGTH
            ids = np.arange(size, dtype=np.int32) % WORDS
            ids += (np.arange(size) % LENGTH >= LENGTH // 2) * np.int32(WORDS)
            counts += np.bincount(ids, minlength=2 * WORDS)
            for file, array in zip(shard_files(facts["directory"], shard), (
                ids, np.arange(0, size + 1, LENGTH // 2)), strict=True):  # fmt: skip
                np.save(file, array)
        lines = [json.dumps([side, f"w{word}", int(counts[side * WORDS + word])]) for side in (0, 1)
                 for word in range(WORDS)]  # fmt: skip
        (facts["directory"] / "words.jsonl").write_text("\n".join(lines) + "\n")
        facts |= {"source": "en", "target": "zh", "shards": SHARDS, "documents": DOCUMENTS}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is Linux's")
def test_text_larger_than_the_memory_of_a_worker(tmp_path):
    write(tmp_path / "text")
    found = {}
    for how in ("mapped", "loaded"):
        command = [sys.executable, "-W", "ignore", "-c", SCRIPT, tmp_path / "text", how, str(ROOM)]
        found[how] = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert found["mapped"].returncode == 0, found["mapped"].stderr[-2000:]
    assert int(found["mapped"].stdout) == DOCUMENTS * LENGTH > ROOM / 4
    assert found["loaded"].returncode != 0 and "allocate" in found["loaded"].stderr, found["loaded"].stderr[-2000:]
