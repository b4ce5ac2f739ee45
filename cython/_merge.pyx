"""Algorithm 1 of Wang, Peng and Duh (2017): one pseudo-bilingual document from a pair."""
from libc.stdint cimport int32_t, uint64_t

from _common cimport stream
from _merge cimport MERGE_CONCAT, MERGE_RANDOM, MERGE_RATIO, merge_into

METHODS = {"random": MERGE_RANDOM, "ratio": MERGE_RATIO, "concat": MERGE_CONCAT}


def merge(
    const int32_t[::1] source, const int32_t[::1] target, int32_t[::1] out,
    int how, uint64_t seed, uint64_t epoch, uint64_t document,
):
    """Fill ``out``, of length ``len(source) + len(target)``, with both sides merged."""
    if out.shape[0] != source.shape[0] + target.shape[0]:
        raise ValueError(f"out has {out.shape[0]} places for {source.shape[0]} + {target.shape[0]} tokens")
    if out.shape[0] == 0:
        return
    with nogil:
        merge_into(
            &source[0] if source.shape[0] else NULL, source.shape[0],
            &target[0] if target.shape[0] else NULL, target.shape[0],
            &out[0], how, stream(seed, epoch, document),
        )
