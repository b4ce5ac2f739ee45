/* Which instructions this machine has. */

#ifndef MTNER_LEVEL_H
#define MTNER_LEVEL_H

/* Attributes of functions that take them; the same instructions are asked for below. */
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma")))

/* The widest vectors: 0 what every machine of its kind has, 1 AVX2, 2 AVX-512. */
static inline int vector_level(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return 1;
#endif
    return 0;
}

/* The fastest ones: AMD's processors to Zen 4 split AVX-512 in halves, and it was up to a tenth slower there. */
static inline int best_vector_level(void)
{
    int level = vector_level();
#if defined(__x86_64__) || defined(__i386__)
    if (level == 2 && __builtin_cpu_is("amd"))
        return 1;
#endif
    return level;
}

#endif
