/* The loops of _step.h for one instruction set; included once for each, with
   WIDTH    floats in a vector
   ROWS     rows of a tile: as many as the registers hold, with 4 vectors of each
   SCORED   rows of a tile of dot products, at most as many: those whose sums are made at once
   NAME(x)  x with the instruction set's name behind it
   TARGET   the attribute that allows its instructions */

typedef float NAME(vec) __attribute__((vector_size(4 * WIDTH)));
typedef int32_t NAME(ivec) __attribute__((vector_size(4 * WIDTH)));
typedef float NAME(loose) __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias)); /* rows of numpy arrays */

#define V NAME(vec)
#define I NAME(ivec)
#define L NAME(loose)
#define BLOCK static inline __attribute__((always_inline)) TARGET

#if WIDTH == 16
/* A quarter of each sum of four vectors in each quarter of the result. */
BLOCK V NAME(quarters)(V a, V b, V c, V d)
{
    V x = LOW(a, b) + HIGH(a, b), y = LOW(c, d) + HIGH(c, d);
    return LOW_PAIRS(x, y) + HIGH_PAIRS(x, y);
}

/* The sums of four vectors, side by side, for each of four rows: whole vectors are shuffled, not quarters. */
BLOCK void NAME(sums_of_four)(V a[ROWS][4], float *scores, ptrdiff_t stride)
{
    V q[4];
    UNROLL for (int r = 0; r < 4; r++)
        q[r] = NAME(quarters)(a[r][0], a[r][1], a[r][2], a[r][3]);
    V x = FRONT(q[0], q[1]) + BACK(q[0], q[1]), y = FRONT(q[2], q[3]) + BACK(q[2], q[3]);
    union { V whole; v4 part[4]; } u = {EVEN(x, y) + ODD(x, y)};
    UNROLL for (int r = 0; r < 4; r++)
        *(v4 *)(scores + r * stride) = u.part[r];
}
#endif

/* The sums of four vectors, side by side. */
BLOCK v4 NAME(sums)(V a, V b, V c, V d)
{
    union { V whole; v4 part[WIDTH / 4]; } u[4] = {{a}, {b}, {c}, {d}};
    v4 s[4];
    UNROLL for (int r = 0; r < 4; r++) {
        s[r] = u[r].part[0];
        UNROLL for (int p = 1; p < WIDTH / 4; p++)
            s[r] += u[r].part[p];
    }
    v4 x = SHUFFLE(s[0], s[1], 0, 4, 1, 5) + SHUFFLE(s[0], s[1], 2, 6, 3, 7);
    v4 y = SHUFFLE(s[2], s[3], 0, 4, 1, 5) + SHUFFLE(s[2], s[3], 2, 6, 3, 7);
    return SHUFFLE(x, y, 0, 1, 4, 5) + SHUFFLE(x, y, 2, 3, 6, 7);
}

/* scores[r][0..3] = inputs[r] . outputs[0..3] for R <= ROWS rows: a tile of dot products that stays in registers. */
BLOCK void NAME(dots)(const int R, ptrdiff_t d, ptrdiff_t size, const float *inputs, const float *outputs, float *scores,
                      ptrdiff_t stride)
{
    V a[ROWS][4];
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int k = 0; k < 4; k++)
            a[r][k] = (V){0};
    const float *x[ROWS], *o[4];
    UNROLL for (int r = 0; r < R; r++)
        x[r] = inputs + r * size;
    UNROLL for (int k = 0; k < 4; k++)
        o[k] = outputs + k * size;
    for (ptrdiff_t t = 0; t < d; t += WIDTH) {
        V y[4];
        UNROLL for (int k = 0; k < 4; k++)
            y[k] = *(const V *)(o[k] + t);
        UNROLL for (int r = 0; r < R; r++)
            UNROLL for (int k = 0; k < 4; k++)
                a[r][k] += *(const V *)(x[r] + t) * y[k];
    }
#if WIDTH == 16
    if (R == 4) {
        NAME(sums_of_four)(a, scores, stride);
        return;
    }
#endif
    UNROLL for (int r = 0; r < R; r++)
        *(v4 *)(scores + r * stride) = NAME(sums)(a[r][0], a[r][1], a[r][2], a[r][3]);
}

/* rows[r] += factors[r] * sum over q < Q of g[r][q * step] * x[q], for R <= ROWS rows and C <= 4 vectors of each,
   of which the last is not whole if there is a rest of fewer components. */
BLOCK void NAME(tile)(const int R, const int C, ptrdiff_t rest, ptrdiff_t Q, float *const *rows, const float *factors,
                      const float *const *g, ptrdiff_t step, const float *x, ptrdiff_t size, ptrdiff_t at)
{
    V a[ROWS][4];
    UNROLL for (int r = 0; r < R; r++)
        UNROLL for (int c = 0; c < C; c++)
            a[r][c] = (V){0};
    for (ptrdiff_t q = 0; q < Q; q++) {
        V b[4];
        UNROLL for (int c = 0; c < C; c++)
            b[c] = *(const V *)(x + q * size + at + c * WIDTH);
        UNROLL for (int r = 0; r < R; r++) {
            V s = g[r][q * step] - (V){0};
            UNROLL for (int c = 0; c < C; c++)
                a[r][c] += s * b[c];
        }
    }
    UNROLL for (int r = 0; r < R; r++) {
        float *to = rows[r] + at;
        UNROLL for (int c = 0; c < C - 1; c++)
            *(L *)(to + c * WIDTH) += a[r][c] * factors[r];
        to += (C - 1) * WIDTH;
        V last = a[r][C - 1] * factors[r];
        if (rest == 0)
            *(L *)to += last;
        else
            for (ptrdiff_t t = 0; t < rest; t++)
                to[t] += last[t];
    }
}

/* The same for R rows or more, a column of tiles at a time: what it reads of x stays in the nearest cache. */
BLOCK void NAME(column)(const int C, ptrdiff_t rest, ptrdiff_t n_rows, ptrdiff_t Q, float *const *rows, const float *factors,
                        const float *const *g, ptrdiff_t step, const float *x, ptrdiff_t size, ptrdiff_t at)
{
    ptrdiff_t r = 0;
    for (; r + ROWS <= n_rows; r += ROWS)
        NAME(tile)(ROWS, C, rest, Q, rows + r, factors + r, g + r, step, x, size, at);
    for (; r + 2 <= n_rows; r += 2)
        NAME(tile)(2, C, rest, Q, rows + r, factors + r, g + r, step, x, size, at);
    for (; r < n_rows; r++)
        NAME(tile)(1, C, rest, Q, rows + r, factors + r, g + r, step, x, size, at);
}

/* The same for rows of any length d. */
static TARGET void NAME(add)(ptrdiff_t n_rows, ptrdiff_t Q, float *const *rows, const float *factors, const float *const *g,
                             ptrdiff_t step, const float *x, ptrdiff_t size, ptrdiff_t d)
{
    const ptrdiff_t rest = d % WIDTH;
    ptrdiff_t at = 0;
    for (; at + 4 * WIDTH <= d; at += 4 * WIDTH)
        NAME(column)(4, 0, n_rows, Q, rows, factors, g, step, x, size, at);
    switch ((d - at + WIDTH - 1) / WIDTH) {
    case 4: NAME(column)(4, rest, n_rows, Q, rows, factors, g, step, x, size, at); break;
    case 3: NAME(column)(3, rest, n_rows, Q, rows, factors, g, step, x, size, at); break;
    case 2: NAME(column)(2, rest, n_rows, Q, rows, factors, g, step, x, size, at); break;
    case 1: NAME(column)(1, rest, n_rows, Q, rows, factors, g, step, x, size, at); break;
    }
}

/* Scores of one input become (label - sigmoid) * alpha, as often as they count; the product of the likelihoods goes to
   the loss. */
BLOCK void NAME(errors)(float *scores, const float *count, const struct block *b, float alpha, int compute_loss)
{
    const V one = (V){0} + 1.0f;
    for (ptrdiff_t k = 0; k < b->n; k += WIDTH) {
        V s = *(V *)(scores + k), label = *(const V *)(b->label + k), times = *(const V *)(count + k);
        /* false for NaN, too */
        I inside = (s > -REACH) & (s < REACH) & (times > 0.0f);
        s = (V)((I)s & inside);
        /* exp(-s) = 2^n 2^f, n the nearest whole number, f by a polynomial; relative error below 2e-7 */
        V y = s * -1.44269504f, t = y + 12582912.0f, f = y - (t - 12582912.0f);
        V p = ((((1.3333558e-3f * f + 9.6181291e-3f) * f + 5.5504109e-2f) * f + 2.4022651e-1f) * f + 6.9314718e-1f) * f;
        p = one / (one + (V)((I)(p + 1.0f) + ((I)t << 23)));
        V error = label - p;
        *(V *)(scores + k) = (V)((I)(error * (times * alpha)) & inside);
        if (compute_loss) {
            V power = one + error * (one - label * 2.0f); /* p where the label is 1, else 1 - p */
            V likelihood = *(V *)(b->product + k);
            power = (V)(((I)power & inside) | ((I)one & ~inside));
            if (b->centres == 1)
                likelihood *= power;
            else { /* to the power of `times`, by its bits */
                I bits = __builtin_convertvector(times, I);
                UNROLL for (int bit = 0; bit < 4; bit++) {
                    I set = (bits & (1 << bit)) != 0;
                    likelihood *= (V)(((I)power & set) | ((I)one & ~set));
                    power *= power;
                }
            }
            I product = (I)likelihood;
            /* the exponent is kept apart, so that no product of likelihoods is too small */
            *(I *)(b->exponent + k) += (product >> 23) - 127;
            *(I *)(b->product + k) = (product & 0x7FFFFF) | 0x3F800000;
        }
    }
}

/* Scores of R inputs with all outputs. */
BLOCK void NAME(score)(const int R, struct block *b, ptrdiff_t j, struct fetcher *f)
{
    const ptrdiff_t size = b->size, stride = b->stride, n = b->n;
    for (ptrdiff_t k = 0; k < n; k += 4) {
        fetch(f);
        NAME(dots)(R, b->d, size, b->inputs + j * size, b->outputs + k * size, b->scores + j * stride + k, stride);
    }
}

/* Copy rows of d components to where rows are aligned and padded. */
BLOCK void NAME(gather)(float *to, float *const *rows, ptrdiff_t n_rows, ptrdiff_t size, ptrdiff_t d)
{
    for (ptrdiff_t r = 0; r < n_rows; r++, to += size) {
        const float *from = rows[r];
        ptrdiff_t t = 0;
        for (; t + WIDTH <= d; t += WIDTH)
            *(V *)(to + t) = *(const L *)(from + t);
        for (; t < d; t++)
            to[t] = from[t];
    }
}

/* One step; see _step.h. */
static TARGET void NAME(step)(struct block *b, ptrdiff_t m, float alpha, int compute_loss)
{
    const ptrdiff_t size = b->size, stride = b->stride, n = b->n, d = b->d;
    ptrdiff_t j = 0, free_rows = 0;
    struct fetcher f = fetcher_of(b, (m / SCORED + (m % SCORED + 1) / 2) * ((n + 3) / 4));
    NAME(gather)(b->inputs, b->input_rows, m, size, d);
    NAME(gather)(b->outputs, b->output_rows, n, size, d);
    for (; j + SCORED <= m; j += SCORED)
        NAME(score)(SCORED, b, j, &f);
    for (; j + 2 <= m; j += 2)
        NAME(score)(2, b, j, &f);
    for (; j < m; j++)
        NAME(score)(1, b, j, &f);
    for (j = 0; j < m; j++)
        NAME(errors)(b->scores + j * stride, b->count + j * b->apart, b, alpha, compute_loss);
    for (ptrdiff_t k = 0; k < n; k++)
        b->coefficients[k] = b->scores + k;
    NAME(add)(n, m, b->output_rows, b->ones, b->coefficients, stride, b->inputs, size, d);
    for (j = 0; j < m; j++)
        if (b->lock[j] != 0) {
            b->coefficients[free_rows] = b->scores + j * stride;
            b->input_rows[free_rows] = b->input_rows[j];
            b->lock[free_rows++] = b->lock[j];
        }
    NAME(add)(free_rows, n, b->input_rows, b->lock, b->coefficients, 1, b->outputs, size, d);
}

#undef V
#undef I
#undef L
#undef BLOCK
