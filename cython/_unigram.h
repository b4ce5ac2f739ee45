/* What the unigram tagger does with one token (eqs. 2-4): scores, their softmax, and the gradients of its loss.

   Rows are padded with zeros to whole vectors, and tags to fours, so that no loop has a rest. The same loops are
   compiled for each instruction set. */

#ifndef MTNER_UNIGRAM_H
#define MTNER_UNIGRAM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "_level.h"

#define PADDED 16  /* floats of the widest vector: rows have a multiple of it */
#define TOGETHER 4 /* tags whose scores are made at once */

struct unigram {
    int size, n_tags; /* components, with padding; tags, without */
    int unit_length;  /* whether vectors are scaled to length 1 */
    float shortest;   /* what a shorter one is divided by */
    int threshold;    /* components whose draw of 2^16 is below it are dropped; none if it is 0 */
    float kept;       /* what the others are multiplied by */
    float share;      /* of a token's loss in that of its batch */
    uint16_t *drawn;                        /* (size,) */
    float *vector, *x, *mask, *gradient;    /* (size,): a row; what is scored of it; its gradient, which is written to */
    float *weights, *bias;                  /* (tags, with padding, size), (tags,) */
    float *weight_gradient, *bias_gradient; /* of the batch; added to */
    float *delta;                           /* (tags, with padding) */
};

/* Asks for a row that comes next. */
static inline void fetch_row(const float *row, int d)
{
    for (int t = 0; t < d; t += 16)
        __builtin_prefetch(row + t);
    __asm__ volatile("" : : "r"(row)); /* or GCC leaves calls of what only prefetches out */
}

/* Scores become probabilities; -log p[gold]. */
static inline double softmax_loss(float *restrict scores, const float *restrict bias, int n, int gold)
{
    double total = 0;
    for (int k = 0; k < n; k++)
        scores[k] += bias[k];
    float top = scores[0];
    for (int k = 1; k < n; k++)
        top = scores[k] > top ? scores[k] : top;
    const double loss = (double)top - scores[gold];
    for (int k = 0; k < n; k++) {
        scores[k] = expf(scores[k] - top);
        total += scores[k];
    }
    for (int k = 0; k < n; k++)
        scores[k] = (float)(scores[k] / total);
    return loss + log(total);
}

/* The loss of a token whose row is in `vector`; its gradients are added, and that of the row written if it moves. */
typedef double (*learn_function)(const struct unigram *, int gold, int moves);

#define WIDTH 4
#define NAME(x) x##_plain
#define TARGET
#include "_unigram_body.h"
#undef WIDTH
#undef NAME
#undef TARGET

#if defined(__x86_64__) || defined(__i386__)
#define WIDTH 8
#define NAME(x) x##_avx2
#define TARGET TARGET_AVX2
#include "_unigram_body.h"
#undef WIDTH
#undef NAME
#undef TARGET

#define WIDTH 16
#define NAME(x) x##_avx512
#define TARGET TARGET_AVX512
#include "_unigram_body.h"
#undef WIDTH
#undef NAME
#undef TARGET
#endif

static learn_function learn_of(int level)
{
#if defined(__x86_64__) || defined(__i386__)
    if (level == 2)
        return learn_avx512;
    if (level == 1)
        return learn_avx2;
#endif
    (void)level;
    return learn_plain;
}

#endif
