/* The step of _step.h with the matrix unit of Intel's processors from Sapphire Rapids on (AMX).

   The three products take bfloat16 numbers: rows of both sides and the changes of scores are rounded to 8 bits, sums
   are of 32, and so are the rows that change. A product C = A B takes tiles of 16 rows of A and 32 of its columns, and
   of B the same 32 as 16 pairs, each number beside the one below it. */

#ifndef MTNER_STEP_AMX_H
#define MTNER_STEP_AMX_H

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TILE 16   /* rows of a tile, and numbers of 32 bits in each */
#define DEPTH 32  /* numbers of 16 bits in a row of a tile */
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512bf16,amx-tile,amx-bf16,fma")))
#define AMX static inline __attribute__((always_inline)) TARGET

/* The compilers' own macros do not say that memory is read. */
#define TILE_LOAD(t, at, stride) \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #t : : "r"(at), "r"((ptrdiff_t)(stride)) : "memory")
#define TILE_STORE(t, at, stride) \
    __asm__ volatile("tilestored %%tmm" #t ", (%0,%1,1)" : : "r"(at), "r"((ptrdiff_t)(stride)) : "memory")
#define TILE_ZERO(t) __asm__ volatile("tilezero %%tmm" #t : :)
#define TILE_PRODUCT(c, a, b) __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c : :)

static inline ptrdiff_t whole(ptrdiff_t n, ptrdiff_t of)
{
    return (n + of - 1) / of * of;
}

/* Whether the processor has the unit, and the system lets this process use it. */
static int has_amx(void)
{
    unsigned a, b, c, d, low, high;
    if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512bf16"))
        return 0;
    __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
    if (!(d >> 22 & 1) || !(d >> 24 & 1)) /* bfloat16, tiles */
        return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low >> 17 & 3) != 3)
        return 0;
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0; /* ARCH_REQ_XCOMP_PERM, for the contents of tiles */
}

/* Memory for steps of up to m inputs and n outputs, 0 if there is none; and all eight tiles, of 16 rows of 64 bytes.
   Tiles are the thread's own until `close_tiles`. */
static TARGET int open_tiles(struct block *b, ptrdiff_t m, ptrdiff_t n)
{
    struct { uint8_t palette, start, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } config = {1};
    struct tiles *s = &b->tiles;
    const size_t size = whole(b->d, DEPTH), ins = whole(m, DEPTH), outs = whole(n, DEPTH);
    const size_t halves = (ins + outs) * (size + DEPTH) + size * b->stride + ins * outs;
    char *at = s->memory = calloc(1, 2 * halves + 64);
    if (!at)
        return 0;
    at += 64 - (uintptr_t)at % 64;
    s->inputs = (uint16_t *)at;
    s->outputs = s->inputs + ins * size;
    s->turned = s->outputs + outs * size;
    s->errors = s->turned + size * b->stride;
    s->pairs = s->errors + ins * outs;
    for (int t = 0; t < 8; t++)
        config.bytes[t] = 64, config.rows[t] = TILE;
    __asm__ volatile("ldtilecfg %0" : : "m"(config));
    return 1;
}

static TARGET void close_tiles(struct block *b)
{
    if (b->tiles.memory)
        __asm__ volatile("tilerelease" : :);
    free(b->tiles.memory);
}

/* Two rows of tiles of C = A B beside two columns; strides are in bytes, `lower` and `right` say whether there are two. */
AMX void multiply(const int lower, const int right, ptrdiff_t depth, const char *a, ptrdiff_t a_stride, const char *b,
                  ptrdiff_t b_stride, float *c, ptrdiff_t c_stride)
{
    const ptrdiff_t down = TILE * a_stride, below = TILE * c_stride;
    char *to = (char *)c;
    TILE_ZERO(0);
    TILE_ZERO(1);
    TILE_ZERO(2);
    TILE_ZERO(3);
    for (ptrdiff_t k = 0; k < depth; k += DEPTH, a += 2 * DEPTH, b += TILE * b_stride) {
        TILE_LOAD(4, a, a_stride);
        TILE_LOAD(6, b, b_stride);
        TILE_PRODUCT(0, 4, 6);
        if (right) {
            TILE_LOAD(7, b + 64, b_stride);
            TILE_PRODUCT(1, 4, 7);
        }
        if (lower) {
            TILE_LOAD(5, a + down, a_stride);
            TILE_PRODUCT(2, 5, 6);
            if (right)
                TILE_PRODUCT(3, 5, 7);
        }
    }
    TILE_STORE(0, to, c_stride);
    if (right)
        TILE_STORE(1, to + 64, c_stride);
    if (lower) {
        TILE_STORE(2, to + below, c_stride);
        if (right)
            TILE_STORE(3, to + below + 64, c_stride);
    }
}

/* scores = inputs x outputs', m and n of them. */
AMX void score(struct block *b, ptrdiff_t m, ptrdiff_t n, ptrdiff_t size)
{
    const struct tiles *s = &b->tiles;
    const ptrdiff_t row = 4 * (ptrdiff_t)b->stride;
    for (ptrdiff_t i = 0; i < m; i += 2 * TILE)
        for (ptrdiff_t j = 0; j < n; j += 2 * TILE) {
            const char *x = (const char *)(s->inputs + i * size), *y = (const char *)s->turned + 4 * j;
            float *to = b->scores + i * b->stride + j;
            const int lower = i + TILE < m, right = j + TILE < n;
            if (lower && right)
                multiply(1, 1, size, x, 2 * size, y, row, to, row);
            else if (lower)
                multiply(1, 0, size, x, 2 * size, y, row, to, row);
            else if (right)
                multiply(0, 1, size, x, 2 * size, y, row, to, row);
            else
                multiply(0, 0, size, x, 2 * size, y, row, to, row);
        }
}

/* row += change, 32 numbers, or the first `left` of them. */
AMX void add_change(float *to, ptrdiff_t left, const float *change)
{
    const __m512 low = _mm512_load_ps(change), high = _mm512_load_ps(change + TILE);
    if (left >= DEPTH) {
        _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), low));
        _mm512_storeu_ps(to + TILE, _mm512_add_ps(_mm512_loadu_ps(to + TILE), high));
    } else {
        const uint32_t mask = ((uint32_t)1 << left) - 1;
        const __mmask16 first = (__mmask16)mask, last = (__mmask16)(mask >> TILE);
        _mm512_mask_storeu_ps(to, first, _mm512_add_ps(_mm512_maskz_loadu_ps(first, to), low));
        _mm512_mask_storeu_ps(to + TILE, last, _mm512_add_ps(_mm512_maskz_loadu_ps(last, to + TILE), high));
    }
}

/* Two rows of 16 numbers in turns, rounded: a pair in each 32 bits. */
AMX __m512i paired(__m512 even, __m512 odd)
{
    const __m512i turns = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                           5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(turns, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

/* Rounded copies of rows of d components, 0 beyond them, `size` a row, in an order of components that is the same for
   all, and such that `pair_up` gives back their own. */
AMX void gather_rounded(float *const *rows, ptrdiff_t n, ptrdiff_t d, ptrdiff_t size, uint16_t *to)
{
    const __m512i order = _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0);
    for (ptrdiff_t r = 0; r < n; r++, to += size) {
        const float *from = rows[r];
        ptrdiff_t t = 0;
        for (; t + DEPTH <= d; t += DEPTH) {
            __m512i x = (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + t + TILE), _mm512_loadu_ps(from + t));
            _mm512_store_si512(to + t, _mm512_permutexvar_epi64(order, x));
        }
        if (t < d) {
            const uint32_t mask = ((uint32_t)1 << (d - t)) - 1;
            __m512 low = _mm512_maskz_loadu_ps((__mmask16)mask, from + t);
            __m512 high = _mm512_maskz_loadu_ps((__mmask16)(mask >> TILE), from + t + TILE);
            _mm512_store_si512(to + t, _mm512_permutexvar_epi64(order, (__m512i)_mm512_cvtne2ps_pbh(high, low)));
        }
    }
}

/* 32 components of so many rows, an even number, in pairs. */
AMX void pair_up(const uint16_t *from, ptrdiff_t rows, ptrdiff_t size, uint16_t *to)
{
    for (ptrdiff_t r = 0; r < rows; r += 2, from += 2 * size, to += 2 * DEPTH) {
        const __m512i even = _mm512_load_si512(from), odd = _mm512_load_si512(from + size);
        _mm512_store_si512(to, _mm512_unpacklo_epi16(even, odd));
        _mm512_store_si512(to + DEPTH, _mm512_unpackhi_epi16(even, odd));
    }
}

/* Rows and columns of 16 x 16 numbers of 32 bits change places. */
AMX void transpose(__m512i a[TILE], void *to, ptrdiff_t stride)
{
    __m512i b[TILE];
    UNROLL for (int r = 0; r < TILE; r += 2) {
        b[r] = _mm512_unpacklo_epi32(a[r], a[r + 1]);
        b[r + 1] = _mm512_unpackhi_epi32(a[r], a[r + 1]);
    }
    UNROLL for (int r = 0; r < TILE; r += 4) {
        a[r] = _mm512_unpacklo_epi64(b[r], b[r + 2]);
        a[r + 1] = _mm512_unpackhi_epi64(b[r], b[r + 2]);
        a[r + 2] = _mm512_unpacklo_epi64(b[r + 1], b[r + 3]);
        a[r + 3] = _mm512_unpackhi_epi64(b[r + 1], b[r + 3]);
    }
    UNROLL for (int r = 0; r < 4; r++) {
        b[r] = _mm512_shuffle_i32x4(a[r], a[r + 4], 0x88);
        b[r + 4] = _mm512_shuffle_i32x4(a[r], a[r + 4], 0xDD);
        b[r + 8] = _mm512_shuffle_i32x4(a[r + 8], a[r + 12], 0x88);
        b[r + 12] = _mm512_shuffle_i32x4(a[r + 8], a[r + 12], 0xDD);
    }
    UNROLL for (int r = 0; r < 4; r++) {
        char *at = (char *)to + r * stride;
        _mm512_store_si512(at, _mm512_shuffle_i32x4(b[r], b[r + 8], 0x88));
        _mm512_store_si512(at + 4 * stride, _mm512_shuffle_i32x4(b[r + 4], b[r + 12], 0x88));
        _mm512_store_si512(at + 8 * stride, _mm512_shuffle_i32x4(b[r], b[r + 8], 0xDD));
        _mm512_store_si512(at + 12 * stride, _mm512_shuffle_i32x4(b[r + 4], b[r + 12], 0xDD));
    }
}

/* rows += A B: n rows of d components, `depth` rows of B; changed 32 by 32, so that changes stay in the nearest cache. */
AMX void change(float *const *rows, ptrdiff_t n, ptrdiff_t d, ptrdiff_t depth, const uint16_t *a, const uint16_t *b,
                ptrdiff_t size, uint16_t *pairs)
{
    float changes[2 * TILE][DEPTH] __attribute__((aligned(64)));
    for (ptrdiff_t t = 0; t < d; t += DEPTH) {
        pair_up(b + t, depth, size, pairs);
        for (ptrdiff_t i = 0; i < n; i += 2 * TILE) {
            const char *x = (const char *)(a + i * depth);
            if (i + TILE < n)
                multiply(1, 1, depth, x, 2 * depth, (char *)pairs, 4 * DEPTH, changes[0], sizeof changes[0]);
            else
                multiply(0, 1, depth, x, 2 * depth, (char *)pairs, 4 * DEPTH, changes[0], sizeof changes[0]);
            for (ptrdiff_t r = i; r < n && r < i + 2 * TILE; r++)
                add_change(rows[r] + t, d - t, changes[r - i]);
        }
    }
}

/* One step; see _step.h. */
static TARGET void step_amx(struct block *b, ptrdiff_t m, float alpha, int compute_loss)
{
    struct tiles *s = &b->tiles;
    const ptrdiff_t n = b->n, d = b->d, stride = b->stride, size = whole(d, DEPTH);
    const ptrdiff_t outs = whole(n, DEPTH), ins = whole(m, DEPTH); /* as depths of products */
    const __m512 zero = _mm512_setzero_ps();
    struct fetcher f = fetcher_of(b, (int)m);
    __m512i square[TILE];

    gather_rounded(b->input_rows, m, d, size, s->inputs);
    gather_rounded(b->output_rows, n, d, size, s->outputs);
    for (ptrdiff_t k = 0; k < n; k += TILE)
        for (ptrdiff_t t = 0; t < size; t += DEPTH) {
            UNROLL for (int r = 0; r < TILE; r++)
                square[r] = _mm512_load_si512(s->outputs + (k + r) * size + t);
            transpose(square, s->turned + t * stride + 2 * k, 4 * stride);
        }
    score(b, m, n, size);
    for (ptrdiff_t j = 0; j < m; j++) {
        fetch(&f);
        errors_avx512(b->scores + j * stride, b->count + j * b->apart, b, alpha, compute_loss);
    }

    /* outputs change by the inputs: the errors, turned, as pairs of inputs */
    for (ptrdiff_t j = 0; j < ins; j += DEPTH)
        for (ptrdiff_t k = 0; k < n; k += TILE) {
            const float *from = b->scores + j * stride + k;
            UNROLL for (int r = 0; r < TILE; r++) {
                __m512 even = j + 2 * r < m ? _mm512_load_ps(from + 2 * r * stride) : zero;
                square[r] = paired(even, j + 2 * r + 1 < m ? _mm512_load_ps(from + (2 * r + 1) * stride) : zero);
            }
            transpose(square, s->errors + k * ins + j, 2 * ins);
        }
    change(b->output_rows, n, d, ins, s->errors, s->inputs, size, s->pairs);

    /* inputs that are free change by the outputs */
    ptrdiff_t free_rows = 0;
    for (ptrdiff_t j = 0; j < m; j++)
        if (b->lock[j] != 0) {
            const __m512 lock = _mm512_set1_ps(b->lock[j]);
            for (ptrdiff_t k = 0; k < outs; k += DEPTH) {
                const float *from = b->scores + j * stride + k;
                __m512 high = k + TILE < n ? _mm512_mul_ps(_mm512_load_ps(from + TILE), lock) : zero;
                _mm512_store_si512(s->errors + free_rows * outs + k,
                                   (__m512i)_mm512_cvtne2ps_pbh(high, _mm512_mul_ps(_mm512_load_ps(from), lock)));
            }
            b->input_rows[free_rows++] = b->input_rows[j];
        }
    change(b->input_rows, free_rows, d, outs, s->errors, s->outputs, size, s->pairs);
}

#undef AMX
#undef TARGET
#endif
