"""Skip-gram with negative sampling on encoded documents (eqs. 5-6), merged as it goes."""
from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy
from scipy.linalg.cython_blas cimport saxpy, sgemm

from _common cimport next_random, stream
from _merge cimport merge_into

cdef enum:
    TABLE = 4096  # entries of the sigmoid table
    REACH = 6  # scores beyond +-6 are left alone, as in word2vec.c and gensim

cdef float SIGMOID[TABLE]
cdef float LOG_SIGMOID[TABLE]


def _fill_tables():
    cdef int i
    cdef double x
    for i in range(TABLE):
        x = ((i + 0.5) * 2.0 / TABLE - 1) * REACH
        SIGMOID[i] = <float>(1 / (1 + exp(-x)))
        LOG_SIGMOID[i] = <float>log(1 / (1 + exp(-x)))


_fill_tables()


cdef inline int32_t draw(const uint32_t[::1] cumulative, uint64_t *state) noexcept nogil:
    """The row whose interval of the cumulative table holds a uniform draw (bisect_left)."""
    cdef int64_t low = 0, high = cumulative.shape[0], middle
    cdef uint32_t x = <uint32_t>((next_random(state) >> 32) % cumulative[cumulative.shape[0] - 1])
    while low < high:
        middle = (low + high) >> 1
        if cumulative[middle] < x:
            low = middle + 1
        else:
            high = middle
    return <int32_t>low


def train_documents(
    float[:, ::1] vectors, float[:, ::1] context, const float[::1] lock,
    const int32_t[::1] ids, const int64_t[::1] offsets, const int64_t[::1] documents,
    const uint32_t[::1] keep, const uint32_t[::1] cumulative,
    int window, bint shrink_windows, int negative, float alpha, int how,
    uint64_t seed, uint64_t epoch, bint compute_loss,
    int32_t[::1] merged, int32_t[::1] outputs, float[:, ::1] inputs_block, float[:, ::1] outputs_block,
    float[:, ::1] inputs_step, float[:, ::1] outputs_step, float[::1] scores,
):
    """Train on documents; the negatives of a centre word are shared by its window (Ji et al. 2016).

    Returns the number of words that subsampling left, and the loss if asked for.
    """
    cdef int d = <int>vectors.shape[1], one = 1, m, n = negative + 1, k, c
    cdef int64_t i, j, start, stop, index, document, length, kept, words = 0
    cdef uint64_t state
    cdef int32_t row
    cdef float unit = 1, zero = 0, s, g, factor
    cdef double loss = 0
    cdef bint whole = lock.shape[0] == 1
    with nogil:
        for index in range(documents.shape[0]):
            document = documents[index]
            i = offsets[2 * document]
            j = offsets[2 * document + 1]
            length = offsets[2 * document + 2] - i
            if length == 0:
                continue
            state = stream(seed, epoch, <uint64_t>document)
            merge_into(&ids[i], j - i, &ids[i] + (j - i), length - (j - i), &merged[0], how, state)
            state = next_random(&state)
            kept = 0
            for i in range(length):
                row = merged[i]
                if keep[row] >= <uint32_t>(next_random(&state) >> 32):
                    merged[kept] = row
                    kept += 1
            words += kept
            for i in range(kept):
                c = window
                if shrink_windows:
                    c -= <int>(next_random(&state) % <uint64_t>window)
                start = i - c if i > c else 0
                stop = i + c + 1 if i + c + 1 < kept else kept
                m = <int>(stop - start) - 1
                if m < 1:
                    continue
                outputs[0] = merged[i]
                for k in range(1, n):
                    outputs[k] = draw(cumulative, &state)
                for k in range(n):
                    memcpy(&outputs_block[k, 0], &context[outputs[k], 0], d * sizeof(float))
                m = 0
                for j in range(start, stop):
                    if j != i:
                        memcpy(&inputs_block[m, 0], &vectors[merged[j], 0], d * sizeof(float))
                        m += 1
                # scores = inputs @ outputs.T  (column-major: outputs-major columns of n)
                sgemm("T", "N", &n, &m, &d, &unit, &outputs_block[0, 0], &d, &inputs_block[0, 0], &d,
                      &zero, &scores[0], &n)
                for j in range(m):
                    for k in range(n):
                        s = scores[j * n + k]
                        # also false for NaN, which must not reach the table
                        if not (s > -REACH and s < REACH) or (k > 0 and outputs[k] == outputs[0]):
                            scores[j * n + k] = 0
                            continue
                        c = <int>((s + REACH) * (TABLE / (2.0 * REACH)))
                        g = SIGMOID[c]
                        if compute_loss:
                            loss -= LOG_SIGMOID[c] if k == 0 else LOG_SIGMOID[TABLE - 1 - c]
                        scores[j * n + k] = ((1 if k == 0 else 0) - g) * alpha
                # inputs_step = g @ outputs;  outputs_step = g.T @ inputs
                sgemm("N", "N", &d, &m, &n, &unit, &outputs_block[0, 0], &d, &scores[0], &n,
                      &zero, &inputs_step[0, 0], &d)
                sgemm("N", "T", &d, &n, &m, &unit, &inputs_block[0, 0], &d, &scores[0], &n,
                      &zero, &outputs_step[0, 0], &d)
                m = 0
                for j in range(start, stop):
                    if j != i:
                        factor = lock[0] if whole else lock[merged[j]]
                        if factor != 0:
                            saxpy(&d, &factor, &inputs_step[m, 0], &one, &vectors[merged[j], 0], &one)
                        m += 1
                for k in range(n):
                    saxpy(&d, &unit, &outputs_step[k, 0], &one, &context[outputs[k], 0], &one)
    return words, loss
