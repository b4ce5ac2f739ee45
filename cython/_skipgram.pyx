"""Skip-gram with negative sampling on encoded documents (eqs. 5-6), merged as it goes."""
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from _common cimport below, next_random, stream
from _merge cimport merge_into

cdef extern from "_step.h" nogil:
    cdef struct block:
        int n
        int stride
        int apart
        float *count
        float **input_rows
        float **output_rows
        float *lock
        const float **ahead
        int n_ahead
    ctypedef void (*step_function)(block *, Py_ssize_t m, float alpha, int compute_loss) noexcept nogil
    int widest_level()
    int best_level()
    step_function step_of(int level)
    int open_block(block *, int m, int n, int d, int level)
    void set_outputs(block *, int centres, int n)
    void close_block(block *)
    double take_loss(block *)

cdef enum:
    MOST_CENTRES = 8  # of a step: likelihoods to this power are not too small
    LOSS_EVERY = 4096  # steps; keeps exponents far from overflow

# the instruction sets that this machine has, and the one to use
LEVELS = ("plain", "avx2", "avx512", "amx")[:widest_level() + 1]
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
    # one step: centre words from `centre`, n of them, each with the places of its window, from starts[j] to below
    # stops[j]; and the places of the inputs, from `first` to below `last`
    int64_t centre, first, last
    int n
    int64_t starts[MOST_CENTRES]
    int64_t stops[MOST_CENTRES]


cdef inline bint advance(
    Cursor *c, int64_t kept, int window, bint shrink_windows, bint shared, int centres, uint64_t *state
) noexcept nogil:
    """Move to the next step: the next centre words with their windows, or, if not shared, the next word of a window."""
    cdef int64_t reach, i
    cdef int j
    if not shared and c.n:
        c.first += 1
        if c.first == c.centre:
            c.first += 1
        c.last = c.first + 1
        if c.first < c.stops[0]:
            return True
    c.centre += c.n
    if c.centre >= kept:
        return False
    c.n = centres if c.centre + centres < kept else <int>(kept - c.centre)
    c.first, c.last = kept, 0
    for j in range(c.n):
        i = c.centre + j
        reach = window
        if shrink_windows:
            reach -= below(next_random(state), window)
        c.starts[j] = i - reach if i > reach else 0
        c.stops[j] = i + reach + 1 if i + reach + 1 < kept else kept
        c.first = min(c.first, c.starts[j])
        c.last = max(c.last, c.stops[j])
    if not shared:
        c.first += c.first == c.centre
        c.last = c.first + 1
    return True


cdef inline void draw_outputs(
    block *b, const int32_t[::1] words, Cursor *c, int32_t *outputs, int negative, const uint32_t[::1] accept,
    const int32_t[::1] alias, const float *context, int64_t d, uint64_t *state,
) noexcept nogil:
    """The centre words and their negatives; their rows are fetched during the step before theirs."""
    cdef uint64_t bits
    cdef int64_t row
    cdef int k
    for k in range(c.n):
        outputs[k] = words[c.centre + k]
    for k in range(c.n, c.n + negative):
        bits = next_random(state)
        row = below(bits, accept.shape[0])
        outputs[k] = <int32_t>row if <uint32_t>bits < accept[row] else alias[row]
    b.n_ahead = c.n + negative
    for k in range(b.n_ahead):
        b.ahead[k] = context + outputs[k] * d


cdef inline void load_outputs(
    block *b, const int32_t *outputs, int centres, int negative, float *context, int64_t d
) noexcept nogil:
    """Say which rows are the step's outputs, which copies them."""
    cdef int k
    set_outputs(b, centres, centres + negative)
    for k in range(b.n):
        b.output_rows[k] = context + outputs[k] * d


cdef inline int32_t count_alike(block *b, const int32_t *outputs, int centres) noexcept nogil:
    """Say of each output whether it counts with one centre word; return which centre words are negatives, too, as bits.

    Where there is but one centre word, that goes for all inputs.
    """
    cdef int j, k
    cdef int32_t equal = 0
    b.apart = 0 if centres == 1 else b.stride
    for k in range(b.stride):
        b.count[k] = k < b.n
    for j in range(centres):
        for k in range(centres, b.n):
            if outputs[k] == outputs[j]:
                equal |= 1 << j
                b.count[k] = 0
    return equal


cdef inline bint count_pairs(
    block *b, float *count, const int32_t *outputs, Cursor *c, int64_t place, int32_t equal
) noexcept nogil:
    """Say how often the word at a place counts with each output, by the windows that it is in; whether in any.

    It counts once with each centre word in whose window it is, and as often with each negative; but a negative that
    equals a centre word does not count for that one.
    """
    cdef int j, k, inside, total = 0, centres = c.n, n = b.n, stride = b.stride
    for j in range(centres):
        inside = (place >= c.starts[j]) & (place < c.stops[j]) & (place != c.centre + j)
        count[j] = inside
        total += inside
    for k in range(centres, n):
        count[k] = total
    for k in range(n, stride):
        count[k] = 0
    if equal:
        for j in range(centres):
            if equal >> j & 1 and count[j]:
                for k in range(centres, n):
                    count[k] -= outputs[k] == outputs[j]
    return total > 0


cdef inline int load_inputs(
    block *b, const int32_t[::1] words, const int32_t *outputs, Cursor *c, float *vectors, int64_t d,
    const float[::1] lock,
) noexcept nogil:
    """Say which rows are the step's inputs, which copies them, and count their pairs; return their number."""
    cdef int m = 0
    cdef int64_t place
    cdef int32_t equal = count_alike(b, outputs, c.n)
    for place in range(c.first, c.last):
        if c.n == 1:
            if place == c.centre:
                continue
        elif not count_pairs(b, b.count + m * <int64_t>b.stride, outputs, c, place, equal):
            continue
        b.input_rows[m] = vectors + words[place] * d
        b.lock[m] = lock[0] if lock.shape[0] == 1 else lock[words[place]]
        m += 1
    return m


def train_documents(
    float[:, ::1] vectors, float[:, ::1] context, const float[::1] lock,
    const int32_t[::1] ids, const int64_t[::1] offsets, const int32_t[::1] rows, const int64_t[::1] documents,
    const int64_t[::1] numbers, const uint32_t[::1] keep, const uint32_t[::1] accept,
    const int32_t[::1] alias, int window, bint shrink_windows, int negative, float alpha, int how, int centres,
    uint64_t seed, uint64_t epoch, bint compute_loss, int32_t[::1] merged, int32_t[:, ::1] outputs, int level,
):
    """Train on documents, whose words have ``rows[id]``, or none if that is negative.

    What is drawn for a document depends on its number in the whole corpus, of which `ids` may be a part.
    Negatives are shared by the windows of so many consecutive centre words (of one: Ji et al. 2016; of several:
    Rengasamy et al. 2017), or, if `centres` is 0, drawn for each pair. A step is the sum over its pairs, by the
    values before it: a word counts with the centre words in whose windows it is, and as often with each negative.
    Returns the number of words that subsampling left, and the loss if asked for.
    """
    cdef int64_t d = vectors.shape[1], start, middle, index, document, length, kept, i, words = 0, steps = 0
    cdef int now = 0, m
    cdef int32_t row
    cdef uint64_t state
    cdef double loss = 0
    cdef Cursor cursor, current
    cdef bint more
    cdef block b
    cdef step_function step = step_of(level)
    cdef bint shared = centres > 0
    if not 0 <= centres <= MOST_CENTRES:
        raise ValueError(f"centres={centres}: expected 0 to {MOST_CENTRES}")
    centres = max(centres, 1)
    if not open_block(&b, 2 * window + centres if shared else 1, centres + negative, <int>d, level):
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
            cursor.centre = cursor.n = 0
            more = advance(&cursor, kept, window, shrink_windows, shared, centres, &state)
            draw_outputs(&b, merged, &cursor, &outputs[now, 0], negative, accept, alias, &context[0, 0], d, &state)
            while more:
                current = cursor
                load_outputs(&b, &outputs[now, 0], current.n, negative, &context[0, 0], d)
                m = load_inputs(&b, merged, &outputs[now, 0], &current, &vectors[0, 0], d, lock)
                now = 1 - now
                more = advance(&cursor, kept, window, shrink_windows, shared, centres, &state)
                if more:
                    draw_outputs(&b, merged, &cursor, &outputs[now, 0], negative, accept, alias, &context[0, 0], d,
                                 &state)
                step(&b, m, alpha, compute_loss)
                steps += 1
                if compute_loss and steps % LOSS_EVERY == 0:
                    loss += take_loss(&b)
        if compute_loss:
            loss += take_loss(&b)
        close_block(&b)
    return words, loss
