/* Which instructions this machine has. */

#ifndef MTNER_LEVEL_H
#define MTNER_LEVEL_H

/* The widest vectors: 0 what every machine of its kind has, 1 AVX2, 2 AVX-512. */
static int vector_level(void)
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

#endif
