"""Softmax regression on the hashed features of tokens, which are those of the words at some places around them."""
from libc.math cimport exp, log, sqrt
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy


cdef inline void add_rows(
    const float *weights, int n_tags, const int64_t *starts, const int32_t *columns, const int32_t *words,
    const int32_t *places, int n_places, int64_t n_words, float *scores
) noexcept nogil:
    """scores += the sum of the weights of all features of the token that `words` points at."""
    cdef int place, k
    cdef int64_t row, at
    cdef const float *line
    for place in range(n_places):
        row = place * n_words + words[places[place]]
        for at in range(starts[row], starts[row + 1]):
            line = weights + <int64_t>columns[at] * n_tags
            for k in range(n_tags):
                scores[k] += line[k]


def scores(
    const float[:, ::1] weights, const float[::1] bias, const int64_t[::1] starts, const int32_t[::1] columns,
    const int32_t[::1] words, const int32_t[::1] places, int64_t n_words, const int64_t[::1] tokens,
    float[:, ::1] out
):
    """Scores of the tags of each token.

    Parameters
    ----------
    weights : float32, shape (n_features, n_tags)
    bias : float32, shape (n_tags,)
    starts, columns : int64, int32
        Features of word w at place p: ``columns[starts[r]:starts[r + 1]]``, r = p * n_words + w.
    words : int32
        Text as word numbers, with as many numbers of padding around each sentence as places reach.
    places : int32
        Where words stand from the token, such as 0, -1, 1.
    n_words : int
        The number of words that have features.
    tokens : int64, shape (n,)
        Places in `words`.
    out : float32, shape (n, n_tags)
        Is written to.
    """
    cdef int64_t i, n = tokens.shape[0]
    cdef int n_tags = weights.shape[1], n_places = places.shape[0]
    if n == 0:
        return
    with nogil:
        for i in range(n):
            memcpy(&out[i, 0], &bias[0], n_tags * sizeof(float))
            add_rows(&weights[0, 0], n_tags, &starts[0], &columns[0], &words[tokens[i]], &places[0], n_places,
                     n_words, &out[i, 0])


def train_tokens(
    float[:, ::1] weights, float[:, ::1] squares, float[::1] bias, float[::1] bias_squares,
    const int64_t[::1] starts, const int32_t[::1] columns, const int32_t[::1] words, const int32_t[::1] places,
    int64_t n_words, const int64_t[::1] tokens, const int32_t[::1] tags, float alpha, float[::1] work
):
    """A step of Adagrad (Duchi et al. 2011) for each token in turn; return the sum of the losses before the steps.

    Parameters as in `scores`, and

    Parameters
    ----------
    squares, bias_squares : float32, as weights and bias
        Sums of squared gradients.
    tags : int32, shape (n,)
        The tag of each of `tokens`.
    alpha : float
        The step size.
    work : float32, shape (n_tags,)
        Scratch.
    """
    cdef int64_t i, row, at, start, n = tokens.shape[0]
    cdef int n_tags = weights.shape[1], n_places = places.shape[0], k, place
    cdef double loss = 0, total
    cdef float top, gold, g
    cdef float *p = &work[0]
    cdef float *line
    cdef float *sums
    cdef const int32_t *word
    with nogil:
        for i in range(n):
            word = &words[tokens[i]]
            memcpy(p, &bias[0], n_tags * sizeof(float))
            add_rows(&weights[0, 0], n_tags, &starts[0], &columns[0], word, &places[0], n_places, n_words, p)
            top = p[0]
            for k in range(1, n_tags):
                if p[k] > top:
                    top = p[k]
            gold = p[tags[i]]
            total = 0
            for k in range(n_tags):
                p[k] = <float>exp(p[k] - top)
                total += p[k]
            loss += top + log(total) - gold
            for k in range(n_tags):
                p[k] = <float>(p[k] / total)
            p[tags[i]] -= 1
            for k in range(n_tags):
                g = p[k]
                bias_squares[k] += g * g
                bias[k] -= alpha * g / (<float>sqrt(bias_squares[k]) + <float>1e-6)
            for place in range(n_places):
                row = place * n_words + word[places[place]]
                for at in range(starts[row], starts[row + 1]):
                    line = &weights[columns[at], 0]
                    sums = &squares[columns[at], 0]
                    for k in range(n_tags):
                        g = p[k]
                        sums[k] += g * g
                        line[k] -= alpha * g / (<float>sqrt(sums[k]) + <float>1e-6)
    return loss
