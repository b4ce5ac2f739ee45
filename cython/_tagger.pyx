"""Loss, gradient and update of the unigram tagger (eqs. 2-4) on shared word vectors."""
from libc.math cimport exp, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport saxpy, sdot, snrm2, sscal

from _common cimport next_random, next_uniform, stream


cdef float SHORT = 0.01  # what a shorter vector is divided by, or its gradient, and the step, would have no bound
SHORTEST = SHORT


cdef inline double softmax_loss(float *scores, int n, int gold) noexcept nogil:
    """Turn scores into probabilities in place; return -log p[gold]."""
    cdef int k
    cdef double total = 0, top = scores[0], gold_score = scores[gold]
    for k in range(1, n):
        if scores[k] > top:
            top = scores[k]
    for k in range(n):
        total += exp(scores[k] - top)
    for k in range(n):
        scores[k] = <float>(exp(scores[k] - top) / total)
    return top + log(total) - gold_score


cdef inline void drop_out(
    float *x, float *mask, int d, int32_t threshold, float scale, uint64_t *state
) noexcept nogil:
    """x *= mask, where mask is 0 with probability threshold / 2^16, else scale."""
    cdef Py_ssize_t j, k, n
    cdef uint64_t bits
    cdef int32_t drawn[64]
    cdef float *values
    cdef float *factors
    # draws first: the loop that compares has no branch to guess
    for j in range(0, d, 64):
        n = min(64, d - j)
        k = 0
        while k < n:
            bits = next_random(state)
            drawn[k] = <int32_t>(bits & 0xFFFF)
            drawn[k + 1] = <int32_t>((bits >> 16) & 0xFFFF)
            drawn[k + 2] = <int32_t>((bits >> 32) & 0xFFFF)
            drawn[k + 3] = <int32_t>(bits >> 48)
            k += 4
        values, factors = x + j, mask + j
        for k in range(n):
            # the shift gives -1 where the draw is below the threshold, else 0
            factors[k] = scale * <float>(1 + ((drawn[k] - threshold) >> 31))
        for k in range(n):
            values[k] *= factors[k]


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
    float[:, ::1] row_gradients, int32_t[::1] row_ids, float[:, ::1] weight_gradient, float[:, ::1] scratch,
):
    """Take one step for each ``batch_size`` sentences of ``order``; return the summed loss.

    The loss of a batch is the mean over its sentences of the negative log-likelihood (eq. 4);
    all gradients of a batch are taken at the parameters that it started from. A word is replaced by
    row ``translations[row]``, if that is not negative, with probability ``translate_probability``. ``scratch`` has five
    rows of ``max(d, n_tags)`` floats, ``row_gradients`` a row for each token of the largest batch. The vectors may be
    read-only where ``vector_step`` is 0.

    Other threads may write to the vectors meanwhile. A row is read once for a token: a short one moves far in one step,
    and a gradient by two states of it would have no bound.
    """
    cdef int d = <int>vectors.shape[1], n = <int>weights.shape[0], one = 1
    cdef int64_t first, last, s, t, sentence, used
    cdef int k
    cdef bint short = False
    cdef int32_t row
    cdef float coefficient, length, scale = 1 / (1 - dropout)
    cdef int32_t threshold = <int32_t>(dropout * 65536 + 0.5)
    cdef double loss = 0
    cdef uint64_t state
    cdef float *table = <float *>&vectors[0, 0]  # written to where there is a step only
    cdef float *x = &scratch[0, 0]
    cdef float *mask = &scratch[1, 0]
    cdef float *delta = &scratch[2, 0]
    cdef float *bias_gradient = &scratch[3, 0]
    cdef float *vector = &scratch[4, 0]
    cdef float *g

    with nogil:
        first = 0
        while first < order.shape[0]:
            last = min(first + batch_size, order.shape[0])
            used = 0
            memset(&weight_gradient[0, 0], 0, n * d * sizeof(float))
            memset(bias_gradient, 0, n * sizeof(float))
            for s in range(first, last):
                sentence = order[s]
                state = stream(seed, epoch, <uint64_t>sentence)
                for t in range(offsets[sentence], offsets[sentence + 1]):
                    row = rows[t]
                    if rare[t] and next_uniform(&state) < oov_probability:
                        row = oov_row
                    elif translate_probability and translations[row] >= 0:
                        if next_uniform(&state) < translate_probability:
                            row = translations[row]
                    memcpy(vector, table + <int64_t>row * d, d * sizeof(float))
                    memcpy(x, vector, d * sizeof(float))
                    if unit_length:
                        # x = v / |v|
                        length = snrm2(&d, x, &one)
                        short = length < SHORT
                        if short:
                            length = SHORT
                        coefficient = 1 / length
                        sscal(&d, &coefficient, x, &one)
                    if threshold:
                        drop_out(x, mask, d, threshold, scale, &state)
                    for k in range(n):
                        # score_k = x . W_k + b_k (eq. 2)
                        delta[k] = sdot(&d, x, &one, &weights[k, 0], &one) + bias[k]
                    loss += softmax_loss(delta, n, tags[t])
                    delta[tags[t]] -= 1
                    g = &row_gradients[used, 0]
                    memset(g, 0, d * sizeof(float))
                    for k in range(n):
                        # dL/dW_k += delta_k x;  dL/dx += delta_k W_k;  both over the batch's mean
                        coefficient = delta[k] / <float>(last - first)
                        bias_gradient[k] += coefficient
                        saxpy(&d, &coefficient, x, &one, &weight_gradient[k, 0], &one)
                        if vector_step:
                            saxpy(&d, &coefficient, &weights[k, 0], &one, g, &one)
                    if threshold and vector_step:
                        for k in range(d):
                            g[k] *= mask[k]
                    if unit_length and vector_step:
                        # dL/dv = (g - x (x . g)) / |v|, with x = v / |v|
                        if not short:
                            coefficient = -sdot(&d, g, &one, vector, &one) / (length * length)
                            saxpy(&d, &coefficient, vector, &one, g, &one)
                        coefficient = 1 / length
                        sscal(&d, &coefficient, g, &one)
                    row_ids[used] = row
                    used += 1
            if step:
                descend(&weights[0, 0], &weight_gradient[0, 0], &weight_squares[0, 0], n * d, step)
                descend(&bias[0], bias_gradient, &bias_squares[0], n, step)
            if vector_step:
                coefficient = -vector_step
                for t in range(used):
                    saxpy(&d, &coefficient, &row_gradients[t, 0], &one, table + <int64_t>row_ids[t] * d, &one)
            first = last
    return loss
