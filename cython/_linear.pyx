"""Softmax regression on the hashed features of tokens, which are those of the words at some places around them."""
from libc.math cimport exp, log
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

from _features cimport Text, add_scores, descend, look_ahead, move_to, step_ahead, text_of


def scores(
    const float[:, ::1] weights, const float[::1] bias, const int64_t[::1] starts, const int32_t[::1] columns,
    const int32_t[::1] units, const int64_t[::1] places, const int64_t[::1] tables,
    const uint64_t[:, ::1] hashes, const int64_t[:, ::1] runs, int32_t[::1] found, const int64_t[::1] tokens,
    float[:, ::1] out
):
    """Scores of the tags of each token.

    Parameters
    ----------
    weights : float32, shape (n_features, n_tags)
    bias : float32, shape (n_tags,)
    starts, columns : int64, int32
        Features of unit u at place p: ``columns[starts[r]:starts[r + 1]]``, r = tables[p] + u.
    units : int32
        Text as numbers of words, then of other units, with padding around each sentence as wide as places reach.
    places : int64, shape (n_places,)
        Where a place's unit stands from the token in `units`, such as 0, -1, 1.
    tables : int64, shape (n_places,)
        The row of the place's unit 0 in `starts`.
    hashes : uint64, shape (2, n_units)
        What the columns of runs are made of, for each unit.
    runs : int64, shape (n_runs, 6)
        A number of its own, which of `hashes` it takes, how many units it has, and where these stand from the token.
    found : int32, shape (2 * most features of a token,)
        Scratch.
    tokens : int64, shape (n,)
        Places in `units`.
    out : float32, shape (n, n_tags)
        Is written to.
    """
    cdef int64_t i, n = tokens.shape[0]
    cdef int n_tags = weights.shape[1]
    if n == 0:
        return
    cdef Text text = text_of(starts, columns, units, places, tables, hashes, runs, weights.shape[0], found)
    with nogil:
        for i in range(n):
            move_to(&text, tokens[i])
            memcpy(&out[i, 0], &bias[0], n_tags * sizeof(float))
            add_scores(&text, &weights[0, 0], n_tags, n_tags, &out[i, 0])


def train_tokens(
    float[:, :, ::1] table, float[:, ::1] bias, const int64_t[::1] starts, const int32_t[::1] columns,
    const int32_t[::1] units, const int64_t[::1] places, const int64_t[::1] tables, const uint64_t[:, ::1] hashes,
    const int64_t[:, ::1] runs, int32_t[::1] found, const int64_t[::1] tokens, const int32_t[::1] tags, int n_tags, float alpha, float[::1] work
):
    """A step of Adagrad (Duchi et al. 2011) for each token in turn; return the sum of the losses before the steps.

    Parameters as in `scores`, and

    Parameters
    ----------
    table : float32, shape (n_features, 2, width)
        The weights of each feature, and the sums of their squared gradients; width is a multiple of 4, and what is
        beyond the tags is padding: 0, and more than 0.
    bias : float32, shape (2, width)
        The same of the bias.
    tags : int32, shape (n,)
        The tag of each of `tokens`.
    n_tags : int
    alpha : float
        The step size.
    work : float32, shape (width,)
        Scratch.
    """
    cdef int64_t i, n = tokens.shape[0]
    cdef int width = table.shape[2], k
    cdef double loss = 0, total
    cdef float top, gold
    cdef float *p = &work[0]
    cdef Text text = text_of(starts, columns, units, places, tables, hashes, runs, table.shape[0], found)
    if n == 0:
        return 0.0
    with nogil:
        look_ahead(&text, &tokens[0], n, &table[0, 0, 0], 2 * width)
        for i in range(n):
            step_ahead(&text)
            look_ahead(&text, &tokens[i] + 1, n - i - 1, &table[0, 0, 0], 2 * width)
            memcpy(p, &bias[0, 0], width * sizeof(float))
            add_scores(&text, &table[0, 0, 0], 2 * width, width, p)
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
            descend(&text, p, &table[0, 0, 0], width, &bias[0, 0], alpha, <float>1e-6)
    return loss
