"""Adasum of two updates, row by row (Maleki et al. 2020): what they agree on is averaged, what is new is added."""
from libc.stdint cimport int64_t


def combine_rows(float[:, ::1] a, const float[:, ::1] b):
    """Put ``(1 - a.b / 2|a|^2) a + (1 - a.b / 2|b|^2) b`` in place of each row of `a`.

    Sums are taken in double precision, four at a time in a fixed order, so that a row has the same bits wherever it
    stands and with whatever it is cut into slices.
    """
    cdef int64_t n = a.shape[0], d = a.shape[1], i, j, lane
    cdef double dot[4]
    cdef double left[4]
    cdef double right[4]
    cdef double one, other, x, y
    if b.shape[0] != n or b.shape[1] != d:
        raise ValueError(f"rows to combine: {n} of {d} numbers, and {b.shape[0]} of {b.shape[1]}")
    with nogil:
        for i in range(n):
            for lane in range(4):
                dot[lane] = left[lane] = right[lane] = 0
            for j in range(0, d - 3, 4):
                for lane in range(4):
                    x, y = a[i, j + lane], b[i, j + lane]
                    dot[lane] += x * y
                    left[lane] += x * x
                    right[lane] += y * y
            for j in range(d - d % 4, d):
                x, y = a[i, j], b[i, j]
                dot[j & 3] += x * y
                left[j & 3] += x * x
                right[j & 3] += y * y
            x = left[0] + left[1] + left[2] + left[3]
            y = right[0] + right[1] + right[2] + right[3]
            one = dot[0] + dot[1] + dot[2] + dot[3]
            # a row of zeros changes nothing; the least number that is not zero keeps its square in double precision
            other = 1 - one / (2 * y) if y > 0 else 1
            one = 1 - one / (2 * x) if x > 0 else 1
            for j in range(d):
                a[i, j] = <float>(one * a[i, j] + other * b[i, j])
