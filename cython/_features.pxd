# Columns of hashed features, scores by them and steps on their weights, for the kernels of linear taggers. Inline only:
# nothing is imported.
from libc.stdint cimport int32_t, int64_t, uint64_t


cdef struct Text:
    # features of unit u at place p: columns[starts[r]:starts[r + 1]], r = tables[p] + units[token + places[p]];
    # and one of each run of units, whose column is made of their hashes
    const int64_t *starts
    const int32_t *columns
    const int32_t *units
    const int64_t *places
    const int64_t *tables
    int n_places
    const uint64_t *hashes
    int64_t n_units
    const int64_t *runs
    int n_runs
    uint64_t n_columns
    int32_t *now  # the columns of a token, and of the next
    int32_t *next
    int n_now
    int n_next


cdef enum:
    RUN = 6  # numbers of a run: its own, which hashes of units it takes, its length, and where its units are


cdef inline Text text_of(
    const int64_t[::1] starts, const int32_t[::1] columns, const int32_t[::1] units, const int64_t[::1] places,
    const int64_t[::1] tables, const uint64_t[:, ::1] hashes, const int64_t[:, ::1] runs, uint64_t n_columns,
    int32_t[::1] work
) noexcept:
    cdef Text text
    text.starts, text.columns = &starts[0] if starts.shape[0] else NULL, &columns[0] if columns.shape[0] else NULL
    text.units = &units[0]
    text.places, text.tables = &places[0] if places.shape[0] else NULL, &tables[0] if places.shape[0] else NULL
    text.n_places, text.n_runs, text.n_units = places.shape[0], runs.shape[0], hashes.shape[1]
    text.hashes, text.runs = &hashes[0, 0] if text.n_units else NULL, &runs[0, 0] if text.n_runs else NULL
    text.n_columns, text.n_now, text.n_next = n_columns, 0, 0
    text.now, text.next = &work[0], &work[work.shape[0] // 2]
    return text


cdef extern from "_adagrad.h" nogil:
    void adagrad_step(float *line, const float *gradient, int width, float alpha, float least)
    void fetch_line(const void *line)


cdef inline int columns_of(const Text *text, int64_t token, int32_t *out) noexcept nogil:
    """The columns of all features of a token; how many there are."""
    cdef int place, r, k, n = 0
    cdef int64_t row, at
    cdef uint64_t x
    cdef const int64_t *run
    cdef const uint64_t *hashes
    for place in range(text.n_places):
        row = text.tables[place] + text.units[token + text.places[place]]
        for at in range(text.starts[row], text.starts[row + 1]):
            out[n] = text.columns[at]
            n += 1
    for r in range(text.n_runs):
        run = text.runs + r * RUN
        hashes = text.hashes + run[1] * text.n_units
        x = <uint64_t>run[0] * <uint64_t>0x9E3779B97F4A7C15
        for k in range(run[2]):
            x = (x ^ hashes[text.units[token + run[3 + k]]]) * <uint64_t>0xBF58476D1CE4E5B9
            x ^= x >> 31
        out[n] = <int32_t>(((x >> 32) * text.n_columns) >> 32)
        n += 1
    return n


cdef inline void move_to(Text *text, int64_t token) noexcept nogil:
    """The columns of a token become those of now."""
    text.n_now = columns_of(text, token, text.now)


cdef inline void look_ahead(
    Text *text, const int64_t *tokens, int64_t n, const float *table, int64_t stride
) noexcept nogil:
    """Find the columns of the first of `n` tokens, the next, and ask for what it and those after it need.

    Tokens come in random order, so each of these reads would wait for memory. What is needed for asking was asked for
    before.
    """
    cdef int place, k
    cdef int64_t row
    for place in range(text.n_places):
        if n > 2:
            row = text.tables[place] + text.units[tokens[2] + text.places[place]]
            fetch_line(text.starts + row)
        if n > 1:
            row = text.tables[place] + text.units[tokens[1] + text.places[place]]
            fetch_line(text.columns + text.starts[row])
    if n > 2:
        fetch_line(text.units + tokens[2])
    if n > 0:
        text.n_next = columns_of(text, tokens[0], text.next)
        for k in range(text.n_next):
            fetch_line(table + text.next[k] * stride)


cdef inline void step_ahead(Text *text) noexcept nogil:
    """The columns of the next token become those of now."""
    text.now, text.next = text.next, text.now
    text.n_now = text.n_next


cdef inline void add_scores(const Text *text, const float *weights, int64_t stride, int n, float *scores) noexcept nogil:
    """scores += the sum of the weights of the columns of now; the first n of each row of `stride` floats."""
    cdef int k, at
    cdef const float *line
    for at in range(text.n_now):
        line = weights + text.now[at] * stride
        for k in range(n):
            scores[k] += line[k]


cdef inline void descend(
    const Text *text, const float *gradient, float *table, int width, float *bias, float alpha, float least
) noexcept nogil:
    """A step of Adagrad (Duchi et al. 2011) on the weights of the columns of now, and on the bias.

    Rows have `width` weights and as many sums of squared gradients; `least` is added to what is divided by.
    """
    cdef int at
    adagrad_step(bias, gradient, width, alpha, least)
    for at in range(text.n_now):
        adagrad_step(table + text.now[at] * <int64_t>(2 * width), gradient, width, alpha, least)
