"""Columns of features of words: runs of their letters, hashed (Weinberger et al. 2009)."""
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport qsort
from libc.string cimport memcpy

cdef enum:
    WHOLE, LENGTH, START, END, INNER
    FEW = 96  # columns up to which sorting by insertion is the fastest

KINDS = ("whole", "length", "start", "end", "inner")


def hash_words(
    const uint8_t[::1] text, const int64_t[:, ::1] ends, const uint8_t[::1] prefix, const int32_t[:, ::1] features,
    int64_t n_columns, uint8_t[::1] work, int32_t[::1] letters, int64_t[::1] starts, int32_t[::1] columns
):
    """Hash the features of words; columns are those of scikit-learn's FeatureHasher without signs.

    Parameters
    ----------
    text : uint8
        The forms of all words one after the other, in UTF-8.
    ends : int64, shape (n_words, n_forms)
        Where each form ends in `text`; the first begins at 0.
    prefix : uint8
        Stands before each feature.
    features : int32, shape (n_features, 5)
        Which form; a place in `KINDS`; a mark (a byte) that stands before the letters, or 0 for none; a number n; of
        how many letters a form has to be to have the feature. "whole": all letters. "length": how many they are, n at
        most (a digit). "start", "end": the first or last n letters. "inner": each run of n letters.
    n_columns : int
        Features are hashed to so many columns.
    work : uint8, shape (length of the prefix + 1 + length of the longest form,)
        Scratch.
    letters : int32, shape (length of the longest form + 1,)
        Scratch.
    starts : int64, shape (n_words + 1,)
        Is written to: the columns of word w are columns[starts[w]:starts[w + 1]], ascending, none twice.
    columns : int32
        Is written to; has room for each feature of each word, of "inner" for as many as `text` has bytes.
    """
    cdef int64_t word, n_words = ends.shape[0], first, at = 0
    cdef int f, form, known, n, i, n_letters, n_features = features.shape[0], before = prefix.shape[0], size
    cdef const uint8_t *here
    cdef const int32_t *feature
    starts[0] = 0
    if n_words == 0 or n_features == 0:
        starts[:] = 0
        return
    if before:
        memcpy(&work[0], &prefix[0], before)
    with nogil:
        for word in range(n_words):
            first, known, n_letters, here = at, -1, 0, NULL
            for f in range(n_features):
                feature = &features[f, 0]
                form, n = feature[0], feature[3]
                if form != known:
                    here = &text[0] + (ends[word, form - 1] if form else ends[word - 1, ends.shape[1] - 1] if word else 0)
                    n_letters = letters_of(here, &text[0] + ends[word, form], &letters[0])
                    known = form
                if n_letters < feature[4]:
                    continue
                size = before
                if feature[2]:
                    work[size] = <uint8_t>feature[2]
                    size += 1
                if feature[1] == LENGTH:
                    work[size] = <uint8_t>(48 + min(n, n_letters))
                    columns[at] = column_of(&work[0], size + 1, n_columns)
                    at += 1
                    continue
                if feature[1] == INNER:
                    for i in range(n_letters - n + 1):
                        columns[at] = column_of_run(here, &letters[0], i, i + n, &work[0], size, n_columns)
                        at += 1
                    continue
                n = n_letters if feature[1] == WHOLE else min(n, n_letters)
                i = n_letters - n if feature[1] == END else 0
                columns[at] = column_of_run(here, &letters[0], i, i + n, &work[0], size, n_columns)
                at += 1
            at = first + sorted_once(&columns[0] + first, <int>(at - first))
            starts[word + 1] = at


cdef int letters_of(const uint8_t *begin, const uint8_t *end, int32_t *letters) noexcept nogil:
    """Where each letter begins, and the end; how many there are."""
    cdef int n = 0
    cdef int32_t i
    for i in range(<int32_t>(end - begin)):
        if begin[i] & 0xC0 != 0x80:
            letters[n] = i
            n += 1
    letters[n] = <int32_t>(end - begin)
    return n


cdef inline int32_t column_of_run(
    const uint8_t *form, const int32_t *letters, int first, int stop, uint8_t *work, int size, int64_t n_columns
) noexcept nogil:
    cdef int n = letters[stop] - letters[first]
    memcpy(work + size, form + letters[first], n)
    return column_of(work, size + n, n_columns)


cdef inline int32_t column_of(const uint8_t *data, int n, int64_t n_columns) noexcept nogil:
    cdef int64_t signed = <int32_t>murmur3(data, n), least = -(<int64_t>1 << 31)
    if signed == least:  # whose absolute value FeatureHasher has no room for
        return <int32_t>((-least - n_columns) % n_columns)
    return <int32_t>((-signed if signed < 0 else signed) % n_columns)


cdef uint32_t murmur3(const uint8_t *data, int n) noexcept nogil:
    """MurmurHash3 of 32 bits (Appleby 2011), seed 0."""
    cdef uint32_t h = 0, k
    cdef int i
    for i in range(n // 4):
        memcpy(&k, data + 4 * i, 4)
        h ^= mixed(k)
        h = turned(h, 13) * 5 + <uint32_t>0xE6546B64
    k = 0
    for i in range(n & ~3, n):
        k |= <uint32_t>data[i] << (8 * (i & 3))
    h ^= mixed(k)  # of nothing it is 0
    h ^= <uint32_t>n
    h = (h ^ (h >> 16)) * <uint32_t>0x85EBCA6B
    h = (h ^ (h >> 13)) * <uint32_t>0xC2B2AE35
    return h ^ (h >> 16)


cdef inline uint32_t mixed(uint32_t k) noexcept nogil:
    return turned(k * <uint32_t>0xCC9E2D51, 15) * <uint32_t>0x1B873593


cdef inline uint32_t turned(uint32_t x, int by) noexcept nogil:
    return (x << by) | (x >> (32 - by))


cdef int compared(const void *one, const void *other) noexcept nogil:
    cdef int32_t a = (<const int32_t *>one)[0], b = (<const int32_t *>other)[0]
    return (a > b) - (a < b)


cdef int sorted_once(int32_t *values, int n) noexcept nogil:
    """Sort numbers and leave each once; how many are left."""
    cdef int i, k, left = 0
    cdef int32_t value
    if n > FEW:
        qsort(values, n, sizeof(int32_t), &compared)
    else:
        for i in range(1, n):
            value, k = values[i], i
            while k > 0 and values[k - 1] > value:
                values[k] = values[k - 1]
                k -= 1
            values[k] = value
    for i in range(n):
        if left == 0 or values[i] != values[left - 1]:
            values[left] = values[i]
            left += 1
    return left
