# What every kernel shares: the one random generator. Inline only, so nothing is imported at run time.
from libc.stdint cimport int64_t, uint64_t


cdef inline uint64_t mix64(uint64_t z) noexcept nogil:
    """Finaliser of splitmix64 (Steele, Lea and Flood 2014): a bijection that scatters every bit."""
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline uint64_t next_random(uint64_t *state) noexcept nogil:
    """The next 64 bits of splitmix64."""
    state[0] += <uint64_t>0x9E3779B97F4A7C15
    return mix64(state[0])


cdef inline double next_uniform(uint64_t *state) noexcept nogil:
    """The next double in [0, 1), from the upper 53 bits."""
    return <double>(next_random(state) >> 11) * (1.0 / 9007199254740992.0)


cdef inline int64_t below(uint64_t bits, uint64_t n) noexcept nogil:
    """A number from 0 to below n, from the upper 32 of 64 random bits; n at most 2^32."""
    return <int64_t>(((bits >> 32) * n) >> 32)


cdef inline uint64_t stream(uint64_t seed, uint64_t epoch, uint64_t item) noexcept nogil:
    """Where the generator of one item (a document, a batch) of one epoch starts.

    Every item has a stream of its own, so what is drawn for it depends neither on the number of
    threads nor on what was drawn before.
    """
    return mix64(mix64(mix64(seed + <uint64_t>0x9E3779B97F4A7C15) + epoch) + item)
