/* The loops of _unigram.h for one instruction set; included once for each, with
   WIDTH    floats in a vector
   NAME(x)  x with the instruction set's name behind it
   TARGET   the attribute that allows its instructions */

typedef float NAME(vec) __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias)); /* rows of numpy arrays */

#define V NAME(vec)
#define BLOCK static inline __attribute__((always_inline)) TARGET

BLOCK float NAME(sum_of)(const V *sums)
{
    float total = 0;
    for (int j = 0; j < WIDTH; j++)
        total += (*sums)[j];
    return total;
}

BLOCK float NAME(product_of)(const float *restrict a, const float *restrict b, int size)
{
    V sums[2] = {{0}, {0}};
    for (int t = 0; t < size; t += 16)
        for (int j = 0; j < 16; j += WIDTH)
            sums[j / WIDTH % 2] += *(const V *)(a + t + j) * *(const V *)(b + t + j);
    sums[0] += sums[1];
    return NAME(sum_of)(sums);
}

/* Scores of four tags (eq. 2), without the bias. */
BLOCK void NAME(scores_of)(const float *restrict x, const float *restrict w, float *restrict scores, int size)
{
    V a = {0}, b = {0}, c = {0}, d = {0};
    for (int t = 0; t < size; t += WIDTH) {
        const V part = *(const V *)(x + t);
        a += part * *(const V *)(w + t);
        b += part * *(const V *)(w + size + t);
        c += part * *(const V *)(w + 2 * size + t);
        d += part * *(const V *)(w + 3 * size + t);
    }
    scores[0] = NAME(sum_of)(&a), scores[1] = NAME(sum_of)(&b);
    scores[2] = NAME(sum_of)(&c), scores[3] = NAME(sum_of)(&d);
}

/* x = vector * scale, where components that are drawn are dropped. */
BLOCK void NAME(drop)(const float *restrict vector, const uint16_t *restrict drawn, float *restrict mask,
                      float *restrict x, int size, float scale, int threshold, float kept)
{
    for (int t = 0; t < size; t++) /* the shift gives -1 below the threshold, else 0: there is no branch to guess */
        mask[t] = kept * (float)(1 + ((drawn[t] - threshold) >> 31));
    for (int t = 0; t < size; t++)
        x[t] = vector[t] * scale * mask[t];
}

TARGET static double NAME(learn)(const struct unigram *u, int gold, int moves)
{
    const int size = u->size, n = u->n_tags, unit = u->unit_length, threshold = u->threshold;
    const float shortest = u->shortest, share = u->share;
    const float *restrict vector = u->vector, *restrict weights = u->weights;
    float *restrict x = u->x, *restrict mask = u->mask, *restrict delta = u->delta, *restrict gradient = u->gradient;
    float *restrict weight_gradient = u->weight_gradient, *restrict bias_gradient = u->bias_gradient;
    float length = 1;
    if (unit) {
        length = sqrtf(NAME(product_of)(vector, vector, size));
        length = length < shortest ? shortest : length;
    }
    const float scale = 1 / length;
    if (threshold)
        NAME(drop)(vector, u->drawn, mask, x, size, scale, threshold, u->kept);
    else
        for (int t = 0; t < size; t++)
            x[t] = vector[t] * scale;
    for (int k = 0; k < n; k += TOGETHER)
        NAME(scores_of)(x, weights + (ptrdiff_t)k * size, delta + k, size);
    const double loss = softmax_loss(delta, u->bias, n, gold);
    delta[gold] -= 1;
    for (int k = 0; k < n; k++) {
        delta[k] *= share;
        bias_gradient[k] += delta[k];
    }
    /* dL/dW_k += delta_k x */
    for (int t = 0; t < size; t += WIDTH) {
        const V part = *(const V *)(x + t);
        for (int k = 0; k < n; k++)
            *(V *)(weight_gradient + (ptrdiff_t)k * size + t) += delta[k] * part;
    }
    if (!moves)
        return loss;
    /* dL/dx = sum of delta_k W_k, where nothing was dropped */
    for (int t = 0; t < size; t += WIDTH) {
        V sum = {0};
        for (int k = 0; k < n; k++)
            sum += delta[k] * *(const V *)(weights + (ptrdiff_t)k * size + t);
        if (threshold)
            sum *= *(const V *)(mask + t);
        *(V *)(gradient + t) = sum;
    }
    if (unit) {
        /* dL/dv = (g - x (x . g)) / |v|, with x = v / |v| */
        const float along = length > shortest ? -NAME(product_of)(gradient, vector, size) / (length * length) : 0;
        for (int t = 0; t < size; t++)
            gradient[t] = (gradient[t] + along * vector[t]) * scale;
    }
    return loss;
}

#undef V
#undef BLOCK
