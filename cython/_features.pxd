# Scores of hashed features, for the kernels that train and ask linear taggers. Inline only: nothing is imported.
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
