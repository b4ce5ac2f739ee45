/* A step of Adagrad (Duchi et al. 2011) on the weights of one feature.

   They stand beside the sums of their squared gradients, each padded to a multiple of four floats: with up to eight
   tags that is one line of the processor's cache. */

#ifndef MTNER_ADAGRAD_H
#define MTNER_ADAGRAD_H

#include <math.h>
#include <string.h>

#define LANES 4

typedef float lanes __attribute__((vector_size(4 * LANES)));

static inline void adagrad_step(float *restrict line, const float *restrict gradient, int width, float alpha, float least)
{
    for (int k = 0; k < width; k += LANES) {
        lanes weight, sum, root, g;
        memcpy(&g, gradient + k, sizeof g);
        memcpy(&weight, line + k, sizeof weight);
        memcpy(&sum, line + width + k, sizeof sum);
        sum += g * g;
        for (int j = 0; j < LANES; j++)
            root[j] = sqrtf(sum[j]);
        weight -= alpha * g / (root + least);
        memcpy(line + k, &weight, sizeof weight);
        memcpy(line + width + k, &sum, sizeof sum);
    }
}

/* Asks for a line of the cache. The empty statement keeps GCC from leaving out calls of what
   only prefetches, as of a function without effect. */
static inline void fetch_line(const void *line)
{
    __builtin_prefetch(line, 1);
    __asm__ volatile("" : : "r"(line));
}

#endif
