"""Loss, gradient and update of the unigram tagger (eqs. 2-4) on shared word vectors."""
from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint64_t
from libc.string cimport memcpy, memset

from _common cimport next_random, next_uniform, stream


cdef extern from "_unigram.h" nogil:
    enum:
        PADDED
        TOGETHER
    cdef struct unigram:
        int size
        int n_tags
        int unit_length
        float shortest
        int threshold
        float kept
        float share
        uint16_t *drawn
        float *vector
        float *x
        float *mask
        float *gradient
        float *weights
        float *bias
        float *weight_gradient
        float *bias_gradient
        float *delta
    ctypedef double (*learn_function)(const unigram *, int gold, int moves)
    int vector_level()
    int best_vector_level()
    learn_function learn_of(int level)
    void fetch_row(const float *row, int d)


LEVELS = ("plain", "avx2", "avx512")[:vector_level() + 1]  # instruction sets of this machine
BEST_LEVEL = best_vector_level()
SHORTEST = 0.01  # what a shorter vector is divided by, or its gradient, and the step, would have no bound


def working_shape(int n_tags, int d):
    """The shape of the scratch that `train_batches` works in, for so many tags and components."""
    return 2 * padded(n_tags, TOGETHER) + 8, padded(max(n_tags, d), PADDED)


cdef inline int padded(int n, int to) noexcept nogil:
    return (n + to - 1) // to * to


cdef inline void draw(uint16_t *out, int d, uint64_t *state) noexcept nogil:
    """Numbers below 2^16, four from each of the generator's."""
    cdef int j
    cdef uint64_t bits
    for j in range(0, d, 4):
        bits = next_random(state)
        out[j] = <uint16_t>bits
        out[j + 1] = <uint16_t>(bits >> 16)
        out[j + 2] = <uint16_t>(bits >> 32)
        out[j + 3] = <uint16_t>(bits >> 48)


cdef inline int32_t row_of(
    int32_t row, bint rare, double oov_probability, int oov_row, const int32_t *translations,
    double translate_probability, uint64_t *state
) noexcept nogil:
    """The row that a token is looked up in this time: its word's, that of a translation, or that of unknown words."""
    if rare and next_uniform(state) < oov_probability:
        return oov_row
    if translate_probability and translations[row] >= 0 and next_uniform(state) < translate_probability:
        return translations[row]
    return row


cdef inline void descend(float *parameter, const float *gradient, float *squares, int n, float step) noexcept nogil:
    """Adagrad (Duchi, Hazan and Singer 2011): squares += g^2; parameter -= step * g / sqrt(squares)."""
    cdef int j
    cdef float total
    for j in range(n):
        # of this sum, not of what another thread has written since: the step has no bound then
        total = squares[j] + gradient[j] * gradient[j]
        if total != 0:  # as squares of tiny numbers are; what is no number goes on, and is told of
            squares[j] = total
            parameter[j] -= step * gradient[j] / <float>sqrt(total)


def train_batches(
    const float[:, ::1] vectors, float[:, ::1] weights, float[::1] bias,
    float[:, ::1] weight_squares, float[::1] bias_squares,
    const int32_t[::1] rows, const int32_t[::1] tags, const uint8_t[::1] rare,
    const int64_t[::1] offsets, const int64_t[::1] order,
    int batch_size, float step, float vector_step,
    bint unit_length, float dropout, double oov_probability, int oov_row,
    const int32_t[::1] translations, double translate_probability, uint64_t seed, uint64_t epoch,
    float[:, ::1] row_gradients, int32_t[::1] row_ids, float[:, ::1] work, int level,
):
    """Take one step for each ``batch_size`` sentences of ``order``; return the summed loss.

    The loss of a batch is the mean over its sentences of the negative log-likelihood (eq. 4);
    all gradients of a batch are taken at the parameters that it started from. A word is replaced by
    row ``translations[row]``, if that is not negative, with probability ``translate_probability``. ``work`` is scratch
    of `working_shape`, ``row_gradients`` and ``row_ids`` have a row for each token of the largest batch; ``level`` is a
    place in `LEVELS`. The vectors may be read-only where ``vector_step`` is 0.

    Other threads may write to the vectors meanwhile. A row is read once for a token: a short one moves far in one step,
    and a gradient by two states of it would have no bound.
    """
    cdef int d = <int>vectors.shape[1], n = <int>weights.shape[0], width = padded(n, TOGETHER)
    cdef int64_t first, last, s, t, stop, sentence, used
    cdef int j, k, moves = vector_step != 0
    cdef int32_t row = 0, now
    cdef double loss = 0
    cdef uint64_t state
    cdef float *table = <float *>&vectors[0, 0]  # written to where there is a step only
    cdef float *moved
    cdef float *change
    cdef learn_function learn = learn_of(level)
    cdef unigram u

    u.size, u.n_tags, u.unit_length, u.shortest = <int>work.shape[1], n, unit_length, <float>SHORTEST
    u.threshold, u.kept = <int>(dropout * 65536 + 0.5), 1 / (1 - dropout)
    u.weights, u.weight_gradient = &work[0, 0], &work[width, 0]
    k = 2 * width
    u.vector, u.x, u.mask, u.gradient = &work[k, 0], &work[k + 1, 0], &work[k + 2, 0], &work[k + 3, 0]
    u.bias, u.bias_gradient, u.delta = &work[k + 4, 0], &work[k + 5, 0], &work[k + 6, 0]
    u.drawn = <uint16_t *>&work[k + 7, 0]
    with nogil:
        memset(&work[0, 0], 0, work.shape[0] * work.shape[1] * sizeof(float))
        first = 0
        while first < order.shape[0]:
            last = min(first + batch_size, order.shape[0])
            used = 0
            u.share = 1 / <float>(last - first)
            memset(u.weight_gradient, 0, <size_t>n * u.size * sizeof(float))
            memset(u.bias_gradient, 0, n * sizeof(float))
            memcpy(u.bias, &bias[0], n * sizeof(float))
            for k in range(n):
                memcpy(u.weights + <int64_t>k * u.size, &weights[k, 0], d * sizeof(float))
            for s in range(first, last):
                sentence = order[s]
                state = stream(seed, epoch, <uint64_t>sentence)
                t, stop = offsets[sentence], offsets[sentence + 1]
                if t < stop:
                    row = row_of(rows[t], rare[t], oov_probability, oov_row, &translations[0], translate_probability,
                                 &state)
                for t in range(t, stop):
                    now = row
                    memcpy(u.vector, table + <int64_t>now * d, d * sizeof(float))
                    if u.threshold:
                        draw(u.drawn, d, &state)
                    if t + 1 < stop:  # what comes next is on its way while this token is learnt from
                        row = row_of(rows[t + 1], rare[t + 1], oov_probability, oov_row, &translations[0],
                                     translate_probability, &state)
                        fetch_row(table + <int64_t>row * d, d)
                    loss += learn(&u, tags[t], moves)
                    if moves:
                        memcpy(&row_gradients[used, 0], u.gradient, d * sizeof(float))
                        row_ids[used] = now
                        used += 1
            if step:
                for k in range(n):
                    descend(&weights[k, 0], u.weight_gradient + <int64_t>k * u.size, &weight_squares[k, 0], d, step)
                descend(&bias[0], u.bias_gradient, &bias_squares[0], n, step)
            for t in range(used):
                moved, change = table + <int64_t>row_ids[t] * d, &row_gradients[t, 0]
                for j in range(d):
                    moved[j] -= vector_step * change[j]
            first = last
    return loss
