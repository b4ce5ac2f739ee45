# Scores of hashed features and steps on their weights, for the kernels of linear taggers. Inline only: nothing is
# imported.
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


cdef extern from "_adagrad.h" nogil:
    void adagrad_step(float *line, const float *gradient, int width, float alpha, float least)
    void fetch_line(const void *line)


cdef inline void add_scores(
    const Text *text, int64_t token, const float *weights, int64_t stride, int n, float *scores
) noexcept nogil:
    """scores += the sum of the weights of all features of a token; the first n of each row of `stride` floats."""
    cdef int place, k
    cdef int64_t row, at
    cdef const float *line
    for place in range(text.n_places):
        row = text.tables[place] + text.units[token + text.places[place]]
        for at in range(text.starts[row], text.starts[row + 1]):
            line = weights + text.columns[at] * stride
            for k in range(n):
                scores[k] += line[k]


cdef inline void fetch(
    const Text *text, const int64_t *tokens, int64_t n, const float *table, int64_t stride
) noexcept nogil:
    """Ask for what the next of `n` tokens needs, where what it needs for that is there: it was asked for before.

    Tokens come in random order, so each of these reads would wait for memory.
    """
    cdef int place
    cdef int64_t row, at
    for place in range(text.n_places):
        if n > 3:
            row = text.tables[place] + text.units[tokens[3] + text.places[place]]
            fetch_line(text.starts + row)
        if n > 2:
            row = text.tables[place] + text.units[tokens[2] + text.places[place]]
            fetch_line(text.columns + text.starts[row])
        if n > 1:
            row = text.tables[place] + text.units[tokens[1] + text.places[place]]
            for at in range(text.starts[row], text.starts[row + 1]):
                fetch_line(table + text.columns[at] * stride)


cdef inline void descend(
    const Text *text, int64_t token, const float *gradient, float *table, int width, float *bias, float alpha,
    float least
) noexcept nogil:
    """A step of Adagrad (Duchi et al. 2011) on the weights of a token's features, and on the bias.

    Rows have `width` weights and as many sums of squared gradients; `least` is added to what is divided by.
    """
    cdef int place
    cdef int64_t row, at
    adagrad_step(bias, gradient, width, alpha, least)
    for place in range(text.n_places):
        row = text.tables[place] + text.units[token + text.places[place]]
        for at in range(text.starts[row], text.starts[row + 1]):
            adagrad_step(table + text.columns[at] * 2 * width, gradient, width, alpha, least)
