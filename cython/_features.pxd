# Scores of hashed features and steps on their weights, for the kernels of linear taggers. Inline only: nothing is
# imported.
from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t


cdef struct Text:
    # features of unit u at place p: columns[starts[r]:starts[r + 1]], r = tables[p] + units[token + places[p]]
    const int64_t *starts
    const int32_t *columns
    const int32_t *units
    const int64_t *places
    const int64_t *tables
    int n_places


cdef inline Text text_of(
    const int64_t[::1] starts, const int32_t[::1] columns, const int32_t[::1] units, const int64_t[::1] places,
    const int64_t[::1] tables
) noexcept:
    cdef Text text
    text.starts, text.columns, text.units = &starts[0], &columns[0] if columns.shape[0] else NULL, &units[0]
    text.places, text.tables, text.n_places = &places[0], &tables[0], places.shape[0]
    return text


cdef inline void add_scores(
    const Text *text, int64_t token, const float *weights, int n_tags, float *scores
) noexcept nogil:
    """scores += the sum of the weights of all features of a token."""
    cdef int place, k
    cdef int64_t row, at
    cdef const float *line
    for place in range(text.n_places):
        row = text.tables[place] + text.units[token + text.places[place]]
        for at in range(text.starts[row], text.starts[row + 1]):
            line = weights + <int64_t>text.columns[at] * n_tags
            for k in range(n_tags):
                scores[k] += line[k]


cdef inline void descend(
    const Text *text, int64_t token, const float *gradient, float *weights, float *squares, float *bias,
    float *bias_squares, int n_tags, float alpha, float least
) noexcept nogil:
    """A step of Adagrad (Duchi et al. 2011) on the weights of a token's features, and on the bias.

    `least` is added to what is divided by.
    """
    cdef int place, k
    cdef int64_t row, at
    cdef float g
    cdef float *line
    cdef float *sums
    for k in range(n_tags):
        g = gradient[k]
        bias_squares[k] += g * g
        bias[k] -= alpha * g / (<float>sqrt(bias_squares[k]) + least)
    for place in range(text.n_places):
        row = text.tables[place] + text.units[token + text.places[place]]
        for at in range(text.starts[row], text.starts[row + 1]):
            line = weights + <int64_t>text.columns[at] * n_tags
            sums = squares + <int64_t>text.columns[at] * n_tags
            for k in range(n_tags):
                g = gradient[k]
                sums[k] += g * g
                line[k] -= alpha * g / (<float>sqrt(sums[k]) + least)
