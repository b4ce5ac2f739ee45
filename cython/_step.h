/* One step of skip-gram with negative sampling (eqs. 5-6): some input rows against some output rows.

   The rows are copied into aligned blocks, so that all of the step is three products of small matrices, in loops
   that keep a tile of the result in registers: scores = inputs x outputs', then both sides' changes. The same loops
   are compiled for each instruction set, and the best that the machine has is chosen at run time. */

#ifndef MTNER_STEP_H
#define MTNER_STEP_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "_level.h"

#if !defined(__GNUC__)
#error "gensim-mtner needs GCC or Clang (on Windows WSL has them): its kernel uses their vector types"
#endif

#define REACH 6.0f /* scores beyond +-6 are left alone, as in word2vec.c and gensim */
#define WIDEST 16  /* floats of the widest vector: rows of blocks are padded to a multiple of it */

typedef float v4 __attribute__((vector_size(16)));
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define SHUFFLE16 SHUFFLE
#else
typedef int32_t i4 __attribute__((vector_size(16)));
typedef int32_t i16 __attribute__((vector_size(64)));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (i4){__VA_ARGS__})
#define SHUFFLE16(a, b, ...) __builtin_shuffle(a, b, (i16){__VA_ARGS__})
#endif

/* Two vectors of 16: components of the four quarters, in turns; pairs of them; halves; quarters. */
#define LOW(a, b) SHUFFLE16(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define HIGH(a, b) SHUFFLE16(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define LOW_PAIRS(a, b) SHUFFLE16(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH_PAIRS(a, b) SHUFFLE16(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define FRONT(a, b) SHUFFLE16(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define BACK(a, b) SHUFFLE16(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)
#define EVEN(a, b) SHUFFLE16(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define ODD(a, b) SHUFFLE16(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)

/* Loops over the registers of a tile: unrolled, or the tile would live in memory. */
#define UNROLL _Pragma("GCC unroll 8")

/* What the matrix unit takes, rounded; see _step_amx.h. */
struct tiles {
    uint16_t *inputs, *outputs, *turned, *errors, *pairs;
    void *memory;
};

struct block {
    int d, size;   /* components of a row, and with padding */
    int n, stride; /* outputs, and with padding, which counts 0 */
    int centres;   /* how many of the outputs, the first, are centre words */
    float *inputs, *outputs;            /* copies of the rows, (m, size) and (n, size) */
    float *scores;                      /* (m, stride) */
    float *label;                       /* 1 for outputs that are centre words, else 0 */
    float *count;                       /* how often an input counts with an output, 0 to 8 */
    int apart;                          /* where its next row is: (m, stride), or one for all inputs if this is 0 */
    float *product;                     /* likelihoods by output, as product * 2^exponent */
    int32_t *exponent;
    float **input_rows, **output_rows;  /* where the changes go */
    float *lock, *ones;                 /* their factors */
    const float **coefficients;
    const float **ahead;                /* rows of the next step, to fetch while this one is computed */
    int n_ahead;
    struct tiles tiles;
    void *memory;
};

/* Spreads the fetching of the rows ahead over the tiles of a step: a burst would stop the processor. */
struct fetcher {
    const float **row;
    const float **end;
    int at, d, burst;
};

static inline struct fetcher fetcher_of(const struct block *b, int n_tiles)
{
    int lines = b->n_ahead * ((b->d + 15) / 16);
    return (struct fetcher){b->ahead, b->ahead + b->n_ahead, 0, b->d, (lines + n_tiles - 1) / (n_tiles > 0 ? n_tiles : 1)};
}

static inline void fetch(struct fetcher *f)
{
    for (int i = 0; i < f->burst && f->row < f->end; i++) {
        __builtin_prefetch(*f->row + f->at, 1, 2);
        f->at += 16;
        if (f->at >= f->d) {
            f->at = 0;
            f->row++;
        }
    }
}

typedef void (*step_function)(struct block *, ptrdiff_t m, float alpha, int compute_loss);

#define WIDTH 4
#define ROWS 3
#define SCORED 3
#define NAME(x) x##_plain
#define TARGET
#include "_step_body.h"
#undef WIDTH
#undef ROWS
#undef SCORED
#undef NAME
#undef TARGET

#if defined(__x86_64__) || defined(__i386__)
#define WIDTH 8
#define ROWS 3
#define SCORED 3
#define NAME(x) x##_avx2
#define TARGET TARGET_AVX2
#include "_step_body.h"
#undef WIDTH
#undef ROWS
#undef SCORED
#undef NAME
#undef TARGET

#define WIDTH 16
#define ROWS 6
#define SCORED 4
#define NAME(x) x##_avx512
#define TARGET TARGET_AVX512
#include "_step_body.h"
#undef WIDTH
#undef ROWS
#undef SCORED
#undef NAME
#undef TARGET
#endif

#if defined(__x86_64__) && defined(__linux__)
#if defined(__clang__) ? __has_include(<amxintrin.h>) : __has_include(<amxbf16intrin.h>)
#include "_step_amx.h"
#endif
#endif

/* The widest instruction set of this machine: 0 plain, 1 AVX2, 2 AVX-512, 3 AMX. */
static int widest_level(void)
{
    int level = vector_level();
#ifdef MTNER_STEP_AMX_H
    if (level == 2 && has_amx())
        return 3;
#endif
    return level;
}

static int best_level(void)
{
    int level = widest_level();
    return level > 2 ? level : best_vector_level();
}

static step_function step_of(int level)
{
#ifdef MTNER_STEP_AMX_H
    if (level == 3)
        return step_amx;
#endif
#if defined(__x86_64__) || defined(__i386__)
    if (level == 2)
        return step_avx512;
    if (level == 1)
        return step_avx2;
#endif
    (void)level;
    return step_plain;
}

static void clear_loss(struct block *b)
{
    for (int k = 0; k < b->stride; k++) {
        b->product[k] = 1;
        b->exponent[k] = 0;
    }
}

/* The summed loss of the steps since it was last taken. */
static double take_loss(struct block *b)
{
    double loss = 0;
    for (int k = 0; k < b->stride; k++)
        loss -= log(b->product[k]) + b->exponent[k] * 0.69314718055994531;
    clear_loss(b);
    return loss;
}

static size_t padded(size_t n)
{
    return (n + WIDEST - 1) / WIDEST * WIDEST;
}

/* Memory for steps of up to m inputs and n outputs at this level; 0 if there is none. */
static int open_block(struct block *b, int m, int n, int d, int level)
{
    size_t size = padded(d), stride = padded(n), rows = padded((size_t)m + 3), outs = (size_t)n + 3;
    size_t floats = rows * size + outs * size + 2 * rows * stride + 3 * stride + padded(rows) + padded(outs);
    size_t pointers = 2 * (rows + outs) + (rows > outs ? rows : outs) + outs;
    char *at = b->memory = calloc(1, floats * sizeof(float) + pointers * sizeof(void *) + 4 * WIDEST);
    if (!at)
        return 0;
    at += 4 * WIDEST - (uintptr_t)at % (4 * WIDEST);
    b->d = d, b->size = (int)size, b->n = n, b->stride = (int)stride;
    b->tiles.memory = NULL;
    b->centres = 0; /* so that the first step sets the labels */
#define TAKE(type, name, count) b->name = (type *)at, at += (count) * sizeof(*b->name)
    TAKE(float, inputs, rows * size);
    TAKE(float, outputs, outs * size);
    TAKE(float, scores, rows * stride);
    TAKE(float, label, stride);
    TAKE(float, count, rows * stride);
    TAKE(float, product, stride);
    TAKE(int32_t, exponent, stride);
    TAKE(float, lock, padded(rows));
    TAKE(float, ones, padded(outs));
    TAKE(float *, input_rows, rows);
    TAKE(float *, output_rows, outs);
    TAKE(const float *, coefficients, rows > outs ? rows : outs);
    TAKE(const float *, ahead, outs);
#undef TAKE
    for (int k = 0; k < n; k++)
        b->ones[k] = 1;
    clear_loss(b);
#ifdef MTNER_STEP_AMX_H
    if (level == 3 && !open_tiles(b, m, n)) {
        free(b->memory);
        return 0;
    }
#endif
    (void)level;
    return 1;
}

/* The step has n outputs, of which the first are centre words. */
static void set_outputs(struct block *b, int centres, int n)
{
    if (b->centres == centres && b->n == n)
        return;
    for (int k = 0; k < b->stride; k++)
        b->label[k] = k < centres;
    b->centres = centres, b->n = n;
}

static void close_block(struct block *b)
{
#ifdef MTNER_STEP_AMX_H
    close_tiles(b);
#endif
    free(b->memory);
}

#endif
