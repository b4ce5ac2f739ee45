# Merging two id sequences into one (algorithm 1 and two deterministic variants), on raw pointers.
from libc.stdint cimport int32_t, int64_t, uint64_t

from _common cimport next_uniform


cdef enum:
    MERGE_RANDOM = 0
    MERGE_RATIO = 1
    MERGE_CONCAT = 2


cdef inline void merge_into(
    const int32_t *source, int64_t n_source, const int32_t *target, int64_t n_target,
    int32_t *out, int how, uint64_t state,
) noexcept nogil:
    """Write every token of both sides to ``out``, the order within each side kept."""
    cdef int64_t i = 0, j = 0, k
    cdef int64_t total = n_source + n_target
    cdef double ratio = <double>n_source / <double>total if total else 0.0
    for k in range(total):
        if j == n_target:
            pass
        elif i == n_source:
            out[k] = target[j]
            j += 1
            continue
        elif how == MERGE_RANDOM:
            # algorithm 1: take from S if p < r, else from T
            if next_uniform(&state) >= ratio:
                out[k] = target[j]
                j += 1
                continue
        elif how == MERGE_RATIO:
            # the side that lags behind its share; (2i + 1) n_T > (2j + 1) n_S means that S is ahead
            if (2 * i + 1) * n_target > (2 * j + 1) * n_source:
                out[k] = target[j]
                j += 1
                continue
        out[k] = source[i]
        i += 1
