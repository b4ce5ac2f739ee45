"""A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001) on hashed features of tokens."""
from libc.math cimport INFINITY, exp, fabs, log, sqrt
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy, memset

from _features cimport Text, add_scores, descend, look_ahead, move_to, step_ahead, text_of

# gradients below it are left out: most tokens are certain after the first pass, and cost no update then
cdef float LEAST = 1e-3


cdef void chain_scores(
    Text *text, const int64_t *tokens, int64_t n, const float *weights, int64_t stride, const float *bias, int n_tags,
    bint ahead, float *out
) noexcept nogil:
    """Scores of the tokens of a sentence; `ahead` where sentences come in random order, whose weights are far apart."""
    cdef int64_t t
    if ahead:
        look_ahead(text, tokens, n, weights, stride)
    for t in range(n):
        if ahead:
            step_ahead(text)
            look_ahead(text, tokens + t + 1, n - t - 1, weights, stride)
        else:
            move_to(text, tokens[t])
        memcpy(out + t * n_tags, bias, n_tags * sizeof(float))
        add_scores(text, weights, stride, n_tags, out + t * n_tags)


cdef void reach(const double *previous, const double *between, int n_tags, double *now) noexcept nogil:
    """How likely each tag is after the tags of a token, or at the start, where `previous` is NULL."""
    cdef int i, j
    cdef double value
    if previous == NULL:
        memcpy(now, between + n_tags * n_tags, n_tags * sizeof(double))
        return
    memset(now, 0, n_tags * sizeof(double))
    for i in range(n_tags):
        value = previous[i]
        if value > 0:
            for j in range(n_tags):
                now[j] += value * between[i * n_tags + j]


cdef double forward_backward(
    const float *scores, const double *between, const int32_t *tags, int64_t n, int n_tags, double *forward,
    double *backward, double *local, double *pairs
) noexcept nogil:
    """The logarithm of the sum over all sequences that agree with `tags` (where one is not negative).

    `between` has exp of the transitions, its last row those from the start. On return forward * backward has the
    marginals of each token; the expected numbers of transitions are added to `pairs`, where it is not NULL.
    """
    cdef int64_t t
    cdef int i, j
    cdef double total, top, other, result = 0, value
    cdef double *now
    cdef const double *previous = NULL
    for t in range(n):
        top = scores[t * n_tags]
        for j in range(1, n_tags):
            if scores[t * n_tags + j] > top:
                top = scores[t * n_tags + j]
        if tags != NULL and tags[t] >= 0:
            top = scores[t * n_tags + tags[t]]
        result += top
        for j in range(n_tags):
            if tags != NULL and tags[t] >= 0 and tags[t] != j:
                local[t * n_tags + j] = 0
            else:
                local[t * n_tags + j] = exp(scores[t * n_tags + j] - top)
    for t in range(n):
        now = forward + t * n_tags
        reach(previous, between, n_tags, now)
        total = 0
        for j in range(n_tags):
            now[j] *= local[t * n_tags + j]
            total += now[j]
        if total == 0 and (tags == NULL or tags[t] < 0):
            # beside the score of a tag that cannot stand here, those of tags that can are nothing: without it
            reach(previous, between, n_tags, now)
            top, other = scores[t * n_tags], -INFINITY
            for j in range(n_tags):
                top = max(top, scores[t * n_tags + j])
                if now[j] > 0:
                    other = max(other, scores[t * n_tags + j])
            result += other - top
            for j in range(n_tags):
                local[t * n_tags + j] = exp(scores[t * n_tags + j] - other) if now[j] > 0 else 0
                now[j] *= local[t * n_tags + j]
                total += now[j]
        result += log(total)
        for j in range(n_tags):
            now[j] /= total
        previous = now
    for j in range(n_tags):
        backward[(n - 1) * n_tags + j] = 1
    for t in range(n - 1, 0, -1):
        # what comes after, by the tag before; normalised so that forward * backward sums to 1
        now = backward + (t - 1) * n_tags
        total = 0
        for i in range(n_tags):
            value = 0
            for j in range(n_tags):
                value += between[i * n_tags + j] * local[t * n_tags + j] * backward[t * n_tags + j]
            now[i] = value
            total += value * forward[(t - 1) * n_tags + i]
        for i in range(n_tags):
            now[i] /= total
        if pairs != NULL:
            for i in range(n_tags):
                value = forward[(t - 1) * n_tags + i] / total
                if value > 0:
                    for j in range(n_tags):
                        pairs[i * n_tags + j] += (
                            value * between[i * n_tags + j] * local[t * n_tags + j] * backward[t * n_tags + j]
                        )
    if pairs != NULL:
        for j in range(n_tags):
            pairs[n_tags * n_tags + j] += forward[j] * backward[j]
    return result


def train_chains(
    float[:, :, ::1] table, float[:, ::1] bias, float[:, ::1] between, float[:, ::1] between_squares,
    const int64_t[::1] starts, const int32_t[::1] columns, const int32_t[::1] units, const int64_t[::1] places,
    const int64_t[::1] tables, const uint64_t[:, ::1] hashes, const int64_t[:, ::1] runs, int32_t[::1] found,
    const int64_t[::1] tokens, const int32_t[::1] tags, const int64_t[::1] bounds, const int64_t[::1] order, float alpha,
    float[::1] scores, double[::1] work
):
    """A step of Adagrad (Duchi et al. 2011) for each sentence; return the sum of their losses before the steps.

    The loss is the negative log-likelihood of the tags that are given; a token without one may have any (Tsuboi et
    al. 2008).

    Parameters
    ----------
    table, bias : float32, shape (n_features, 2, width), (2, width)
        As in `gensim_mtner._linear.train_tokens`.
    between, between_squares : float32, shape (n_tags + 1, n_tags)
        Transitions and the sums of their squared gradients; the last row: at the start of a sentence.
    tokens : int64, shape (n_tokens,)
        Places of the tokens in `units`, sentence by sentence.
    tags : int32, shape (n_tokens,)
        The tag of each, or -1.
    bounds : int64, shape (n_sentences + 1,)
        Sentence s has ``tokens[bounds[s]:bounds[s + 1]]``.
    order : int64
        Sentences to train on; none may be empty.
    scores : float32, shape (longest * n_tags + width,)
    work : float64, shape (5 * longest * n_tags + 3 * (n_tags + 1) * n_tags,)
        Scratch.
    """
    cdef int64_t s, t, first, n, index
    cdef int n_tags = between.shape[1], width = table.shape[2], k
    cdef int64_t size = scores.shape[0] - width, square = n_tags * (n_tags + 1)
    cdef double loss = 0
    cdef float g, top, total
    cdef Text text = text_of(starts, columns, units, places, tables, hashes, runs, table.shape[0], found)
    cdef double *forward = &work[0]
    cdef double *backward = forward + size
    cdef double *local = backward + size
    cdef double *forward_given = local + size
    cdef double *backward_given = forward_given + size
    cdef double *pairs = backward_given + size
    cdef double *pairs_given = pairs + square
    cdef double *weighed = pairs_given + square
    cdef float *gradient = &scores[0]
    cdef float *step = gradient + size
    memset(step, 0, width * sizeof(float))
    with nogil:
        for index in range(order.shape[0]):
            s = order[index]
            first, n = bounds[s], bounds[s + 1] - bounds[s]
            chain_scores(&text, &tokens[first], n, &table[0, 0, 0], 2 * width, &bias[0, 0], n_tags, True, gradient)
            for k in range(square):
                weighed[k] = exp((&between[0, 0])[k])
            memset(pairs, 0, 2 * square * sizeof(double))
            loss += forward_backward(gradient, weighed, NULL, n, n_tags, forward, backward, local, pairs)
            loss -= forward_backward(gradient, weighed, &tags[first], n, n_tags, forward_given, backward_given,
                                     local, pairs_given)
            for k in range(n * n_tags):
                gradient[k] = <float>(forward[k] * backward[k] - forward_given[k] * backward_given[k])
            for k in range(square):
                g = <float>(pairs[k] - pairs_given[k])
                if fabs(g) > LEAST:
                    # of this sum, not of what another thread has written since: the step has no bound then
                    total = (&between_squares[0, 0])[k] + g * g
                    (&between_squares[0, 0])[k] = total
                    (&between[0, 0])[k] -= alpha * g / <float>sqrt(total)
            for t in range(n):
                top = 0
                for k in range(n_tags):
                    g = gradient[t * n_tags + k]
                    if g > top:
                        top = g
                    elif -g > top:
                        top = -g
                if top < LEAST:
                    continue
                memcpy(step, gradient + t * n_tags, n_tags * sizeof(float))
                move_to(&text, tokens[first + t])
                descend(&text, step, &table[0, 0, 0], width, &bias[0, 0], alpha, 0)
    return loss


def marginals(
    const float[:, ::1] weights, const float[::1] bias, const float[:, ::1] between, const int64_t[::1] starts,
    const int32_t[::1] columns, const int32_t[::1] units, const int64_t[::1] places, const int64_t[::1] tables,
    const uint64_t[:, ::1] hashes, const int64_t[:, ::1] runs, int32_t[::1] found, const int64_t[::1] tokens,
    const int64_t[::1] bounds, float[::1] scores, double[::1] work, float[:, ::1] out
):
    """The probability of each tag of each token."""
    cdef int64_t s, k, first, n, longest = scores.shape[0] // weights.shape[1]
    cdef int n_tags = weights.shape[1]
    cdef int64_t size = longest * n_tags, square = n_tags * (n_tags + 1)
    cdef Text text = text_of(starts, columns, units, places, tables, hashes, runs, weights.shape[0], found)
    cdef double *forward = &work[0]
    cdef double *weighed = forward + 3 * size
    with nogil:
        for k in range(square):
            weighed[k] = exp((&between[0, 0])[k])
        for s in range(bounds.shape[0] - 1):
            first, n = bounds[s], bounds[s + 1] - bounds[s]
            if n == 0:
                continue
            chain_scores(&text, &tokens[first], n, &weights[0, 0], n_tags, &bias[0], n_tags, False, &scores[0])
            forward_backward(&scores[0], weighed, NULL, n, n_tags, forward, forward + size, forward + 2 * size, NULL)
            for k in range(n * n_tags):
                (&out[first, 0])[k] = <float>(forward[k] * forward[size + k])


def best_paths(
    const float[:, ::1] scores, const int64_t[::1] bounds, const float[:, ::1] between, double[::1] best,
    int32_t[:, ::1] came_from, int32_t[::1] out
):
    """The tags of each sentence whose scores and transitions have the highest sum (Viterbi's algorithm)."""
    cdef int64_t s, t, first, n
    cdef int n_tags = scores.shape[1], i, j, top
    cdef double value, most  # sums over a sentence, which may be long
    cdef double *now
    cdef double *before
    with nogil:
        for s in range(bounds.shape[0] - 1):
            first, n = bounds[s], bounds[s + 1] - bounds[s]
            if n == 0:
                continue
            for j in range(n_tags):
                best[j] = scores[first, j] + between[n_tags, j]
            for t in range(1, n):
                before = &best[((t - 1) % 2) * n_tags]
                now = &best[(t % 2) * n_tags]
                for j in range(n_tags):
                    most, top = before[0] + between[0, j], 0
                    for i in range(1, n_tags):
                        value = before[i] + between[i, j]
                        if value > most:
                            most, top = value, i
                    now[j] = most + scores[first + t, j]
                    came_from[t, j] = top
            now = &best[((n - 1) % 2) * n_tags]
            top = 0
            for j in range(1, n_tags):
                if now[j] > now[top]:
                    top = j
            out[first + n - 1] = top
            for t in range(n - 1, 0, -1):
                top = came_from[t, top]
                out[first + t - 1] = top
