"""Skip-gram with negative sampling on encoded documents (eqs. 5-6), merged as it goes."""
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from _common cimport below, next_random, stream
from _merge cimport merge_into

cdef extern from "_step.h" nogil:
    cdef struct block:
        int n
        float *inputs
        float *outputs
        int size
        int32_t *active
        float **input_rows
        float **output_rows
        float *lock
        const float **ahead
        int n_ahead
    ctypedef void (*step_function)(block *, Py_ssize_t m, float alpha, int compute_loss) noexcept nogil
    int widest_level()
    int best_level()
    step_function step_of(int level)
    int open_block(block *, int m, int n, int d)
    void close_block(block *)
    double take_loss(block *)

cdef enum:
    LOSS_EVERY = 4096  # steps; keeps exponents far from overflow

# the instruction sets that this machine has, and the one to use
LEVELS = ("plain", "avx2", "avx512")[:widest_level() + 1]
BEST_LEVEL = best_level()


def alias_table(const double[::1] weights, uint32_t[::1] accept, int32_t[::1] alias, int32_t[::1] waiting):
    """Fill the table of the alias method (Walker 1977; Vose 1991) for draws in proportion to weights.

    A draw picks a place i uniformly, and takes i if 32 more random bits are below ``accept[i]``, else ``alias[i]``.
    Weights are not negative, and their sum is positive.
    """
    cdef int64_t n = weights.shape[0], i, small = 0, large = n, few, many, heaviest = 0
    cdef double total = 0
    cdef double[::1] share = weights.copy()
    with nogil:
        for i in range(n):
            total += weights[i]
            if weights[i] > weights[heaviest]:
                heaviest = i
        for i in range(n):
            share[i] *= n / total
            if share[i] < 1:
                waiting[small] = <int32_t>i
                small += 1
            else:
                large -= 1
                waiting[large] = <int32_t>i
        while small > 0 and large < n:
            small -= 1
            few, many = waiting[small], waiting[large]
            accept[few] = <uint32_t>(share[few] * 4294967296.0)
            alias[few] = <int32_t>many
            share[many] -= 1 - share[few]
            if share[many] < 1:
                large += 1
                waiting[small] = <int32_t>many
                small += 1
        # what is left has a share of 1, but for rounding
        for i in range(small):
            few = waiting[i]
            accept[few] = <uint32_t>0xFFFFFFFF if weights[few] > 0 else 0
            alias[few] = <int32_t>(few if weights[few] > 0 else heaviest)
        for i in range(large, n):
            accept[waiting[i]] = <uint32_t>0xFFFFFFFF
            alias[waiting[i]] = waiting[i]


cdef struct Cursor:
    # one step: a centre word, and the places of its inputs
    int64_t i, first, last, start, stop


cdef inline bint advance(
    Cursor *c, int64_t kept, int window, bint shrink_windows, bint shared, uint64_t *state
) noexcept nogil:
    """Move to the next step: the next centre word with its window, or, if not shared, the next word of the window."""
    cdef int64_t reach
    if not shared and c.i >= 0:
        c.first += 1
        if c.first == c.i:
            c.first += 1
        c.last = c.first + 1
        if c.first < c.stop:
            return True
    c.i += 1
    if c.i >= kept:
        return False
    reach = window
    if shrink_windows:
        reach -= below(next_random(state), window)
    c.start = c.i - reach if c.i > reach else 0
    c.stop = c.i + reach + 1 if c.i + reach + 1 < kept else kept
    c.first, c.last = c.start, c.stop
    if not shared:
        c.first += c.first == c.i
        c.last = c.first + 1
    return True


cdef inline void draw_outputs(
    block *b, int32_t centre, int32_t *outputs, const uint32_t[::1] accept, const int32_t[::1] alias,
    const float *context, int64_t d, uint64_t *state,
) noexcept nogil:
    """The centre word and its negatives; their rows are fetched during the step before theirs."""
    cdef uint64_t bits
    cdef int64_t row
    cdef int k
    outputs[0] = centre
    for k in range(1, b.n):
        bits = next_random(state)
        row = below(bits, accept.shape[0])
        outputs[k] = <int32_t>row if <uint32_t>bits < accept[row] else alias[row]
    for k in range(b.n):
        b.ahead[k] = context + outputs[k] * d
    b.n_ahead = b.n


cdef inline void load_outputs(block *b, const int32_t *outputs, float *context, int64_t d) noexcept nogil:
    """A negative that equals the centre word is left out."""
    cdef int k
    for k in range(b.n):
        b.output_rows[k] = context + outputs[k] * d
        memcpy(b.outputs + k * <int64_t>b.size, b.output_rows[k], d * sizeof(float))
        b.active[k] = -1 if k == 0 or outputs[k] != outputs[0] else 0


cdef inline int load_inputs(
    block *b, const int32_t[::1] words, Cursor *c, float *vectors, int64_t d, const float[::1] lock
) noexcept nogil:
    """The words of the step but the centre; their number."""
    cdef int m = 0
    cdef int64_t place
    for place in range(c.first, c.last):
        if place != c.i:
            b.input_rows[m] = vectors + words[place] * d
            memcpy(b.inputs + m * <int64_t>b.size, b.input_rows[m], d * sizeof(float))
            b.lock[m] = lock[0] if lock.shape[0] == 1 else lock[words[place]]
            m += 1
    return m


def train_documents(
    float[:, ::1] vectors, float[:, ::1] context, const float[::1] lock,
    const int32_t[::1] ids, const int64_t[::1] offsets, const int32_t[::1] rows, const int64_t[::1] documents,
    const int64_t[::1] numbers, const uint32_t[::1] keep, const uint32_t[::1] accept,
    const int32_t[::1] alias, int window, bint shrink_windows, int negative, float alpha, int how, bint shared,
    uint64_t seed, uint64_t epoch, bint compute_loss, int32_t[::1] merged, int32_t[:, ::1] outputs, int level,
):
    """Train on documents, whose words have ``rows[id]``, or none if that is negative.

    What is drawn for a document depends on its number in the whole corpus, of which `ids` may be a part.
    The negatives of a centre word are shared by its window (Ji et al. 2016), or drawn for each of its words.
    Returns the number of words that subsampling left, and the loss if asked for.
    """
    cdef int64_t d = vectors.shape[1], start, middle, index, document, length, kept, i, words = 0, steps = 0
    cdef int n = negative + 1, now = 0, m
    cdef int32_t row
    cdef uint64_t state
    cdef double loss = 0
    cdef Cursor cursor, current
    cdef bint more
    cdef block b
    cdef step_function step = step_of(level)
    if not open_block(&b, 2 * window if shared else 1, n, <int>d):
        raise MemoryError(f"no memory for a step of window={window}, negative={negative}, vector_size={d}")
    with nogil:
        for index in range(documents.shape[0]):
            document = documents[index]
            start, middle = offsets[2 * document], offsets[2 * document + 1]
            length = offsets[2 * document + 2] - start
            if length == 0:
                continue
            state = stream(seed, epoch, <uint64_t>numbers[index])
            merge_into(&ids[0] + start, middle - start, &ids[0] + middle, length - (middle - start), &merged[0], how,
                       state)
            state = next_random(&state)
            kept = 0
            for i in range(length):
                row = rows[merged[i]]
                if row >= 0 and keep[row] >= <uint32_t>(next_random(&state) >> 32):
                    merged[kept] = row
                    kept += 1
            words += kept
            if kept < 2:
                continue
            cursor.i = -1
            more = advance(&cursor, kept, window, shrink_windows, shared, &state)
            draw_outputs(&b, merged[0], &outputs[now, 0], accept, alias, &context[0, 0], d, &state)
            while more:
                current = cursor
                load_outputs(&b, &outputs[now, 0], &context[0, 0], d)
                now = 1 - now
                more = advance(&cursor, kept, window, shrink_windows, shared, &state)
                if more:
                    draw_outputs(&b, merged[cursor.i], &outputs[now, 0], accept, alias, &context[0, 0], d,
                                 &state)
                m = load_inputs(&b, merged, &current, &vectors[0, 0], d, lock)
                step(&b, m, alpha, compute_loss)
                steps += 1
                if compute_loss and steps % LOSS_EVERY == 0:
                    loss += take_loss(&b)
        if compute_loss:
            loss += take_loss(&b)
        close_block(&b)
    return words, loss
