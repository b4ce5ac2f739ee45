"""Plain numpy twins of the kernels, equation by equation; slow, and meant to be read."""

import itertools

import numpy as np

from gensim_mtner.taggers.features import shape

MASK = (1 << 64) - 1


def mix64(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Stream:
    """splitmix64, started for one item of one epoch."""

    def __init__(self, seed, epoch, item):
        state = mix64((seed + 0x9E3779B97F4A7C15) & MASK)
        state = mix64((state + epoch) & MASK)
        self.state = mix64((state + item) & MASK)

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return mix64(self.state)

    def uniform(self):
        return (self.bits() >> 11) / 2**53


def merge_random(source, target, stream):
    """Algorithm 1, going on until both sides are used up."""
    source, target, out = list(source), list(target), []
    ratio = len(source) / max(len(source) + len(target), 1)
    while source or target:
        if not target or (source and stream.uniform() < ratio):
            out.append(source.pop(0))
        else:
            out.append(target.pop(0))
    return out


def tagger_loss(vectors, weights, bias, rows, tags, offsets, batch, unit_length=False):
    """Eqs. 2-4: the mean over sentences of the negative log-likelihood, in float64."""
    total = 0.0
    for sentence in batch:
        for t in range(offsets[sentence], offsets[sentence + 1]):
            x = vectors[rows[t]].astype(np.float64)
            if unit_length:
                x = x / max(np.linalg.norm(x), 0.01)
            scores = weights.astype(np.float64) @ x + bias
            total += np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[tags[t]]
    return total / len(batch)


def tagger_gradients(vectors, weights, bias, inputs, tags, n_sentences, unit_length, masks):
    """Gradients of one batch at its start, given the rows that were looked up and the dropout masks."""
    g_weights, g_bias, g_vectors = np.zeros_like(weights), np.zeros_like(bias), np.zeros_like(vectors)
    loss = 0.0
    for row, tag, mask in zip(inputs, tags, masks, strict=True):
        v = vectors[row]
        length = max(np.linalg.norm(v), 0.01)
        x = (v / length if unit_length else v) * mask
        scores = weights @ x + bias
        p = np.exp(scores - scores.max())
        p /= p.sum()
        loss -= np.log(p[tag])
        delta = p.copy()
        delta[tag] -= 1
        delta /= n_sentences
        g_weights += np.outer(delta, x)
        g_bias += delta
        g = (delta @ weights) * mask
        if unit_length:
            g = (g - v * (v @ g) / length**2 * (length > 0.01)) / length
        g_vectors[row] += g
    return loss, g_weights, g_bias, g_vectors


def tagger_pass(vectors, weights, bias, squares, data, order, batch_size, step, vector_step, unit_length, dropout,
                oov_probability, oov_row, translations, translate_probability, seed, epoch):  # fmt: skip
    """All steps of a pass, with the kernel's random numbers; returns the summed loss and the new parameters."""
    rows, tags, rare, offsets = data
    vectors, weights, bias = (a.astype(np.float64) for a in (vectors, weights, bias))
    squares = [a.astype(np.float64) for a in squares]
    d, total = vectors.shape[1], 0.0
    threshold = int(dropout * 65536 + 0.5)
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        inputs, golds, masks = [], [], []
        for sentence in batch:
            stream = Stream(seed, epoch, int(sentence))
            for t in range(offsets[sentence], offsets[sentence + 1]):
                row = rows[t]
                if rare[t] and stream.uniform() < oov_probability:
                    row = oov_row
                elif translate_probability and translations[row] >= 0 and stream.uniform() < translate_probability:
                    row = translations[row]
                inputs.append(row)
                golds.append(tags[t])
                mask = np.ones(d)
                if threshold:
                    words = [stream.bits() for _ in range(-(-d // 4))]
                    quarters = [(word >> shift) & 0xFFFF for word in words for shift in (0, 16, 32, 48)]
                    mask = np.where(np.array(quarters[:d]) < threshold, 0, 1 / (1 - dropout))
                masks.append(mask)
        loss, g_weights, g_bias, g_vectors = tagger_gradients(
            vectors, weights, bias, inputs, golds, len(batch), unit_length, masks
        )
        total += loss
        if step:
            for parameter, gradient, square in ((weights, g_weights, squares[0]), (bias, g_bias, squares[1])):
                square += gradient**2
                parameter -= step * gradient / np.sqrt(np.where(square > 0, square, 1))
        vectors -= vector_step * g_vectors
    return total, vectors, weights, bias


def skipgram_documents(
    vectors, context, lock, documents, rows, keep, table, window, shrink, negative, alpha, centres, seed, epoch
):
    """Eqs. 5-6, negatives shared by the windows of so many centre words, or, if that is 0, fresh for each pair.

    Documents are pairs, merged at random.
    """
    vectors, context = vectors.astype(np.float64), context.astype(np.float64)
    loss, words = 0.0, 0
    for number, (source, target) in documents:
        if not len(source) + len(target):
            continue
        stream = Stream(seed, epoch, number)
        start_state = stream.state
        merged = merge_random(source, target, stream)
        stream.state = start_state
        stream.state = stream.bits()
        kept = [row for row in rows[merged] if row >= 0 and keep[row] >= stream.bits() >> 32]
        words += len(kept)
        if len(kept) < 2:
            continue
        for first in range(0, len(kept), max(centres, 1)):
            windows = []
            for i in range(first, min(first + max(centres, 1), len(kept))):
                reach = window - ((stream.bits() >> 32) * window >> 32 if shrink else 0)
                windows.append([j for j in range(max(0, i - reach), min(len(kept), i + reach + 1)) if j != i])
            golds = kept[first : first + len(windows)]
            for step in [windows] if centres else [[[j]] for j in windows[0]]:
                negatives = draw_negatives(table, negative, stream)
                loss += skipgram_step(vectors, context, lock, kept, step, golds, negatives, alpha)
    return words, loss, vectors, context


def draw_negatives(table, negative, stream):
    """Rows by the alias method."""
    accept, alias = table
    drawn = []
    for _ in range(negative):
        bits = stream.bits()
        place = (bits >> 32) * len(accept) >> 32
        drawn.append(place if bits & 0xFFFFFFFF < accept[place] else alias[place])
    return drawn


def skipgram_step(vectors, context, lock, kept, windows, golds, negatives, alpha):
    """One update of all inputs and all outputs, from their values before it, summed over all pairs of the windows.

    A pair is a word of a window and the window's centre word, or one of the negatives that is not the centre word.
    """
    steps, loss = {"vectors": [], "context": []}, 0.0
    for gold, window in zip(golds, windows, strict=True):
        for row in (kept[j] for j in window):
            for output, label in [(gold, 1), *((row, 0) for row in negatives if row != gold)]:
                score = vectors[row] @ context[output]
                if not abs(score) < 6:
                    continue
                likelihood = 1 / (1 + np.exp(-score))
                loss -= np.log(likelihood if label else 1 - likelihood)
                g = (label - likelihood) * alpha
                steps["vectors"].append((row, lock[row if len(lock) > 1 else 0] * g * context[output]))
                steps["context"].append((output, g * vectors[row]))
    for array, changes in ((vectors, steps["vectors"]), (context, steps["context"])):
        for row, change in changes:
            array[row] += change
    return loss


def token_features(encoded, token, n_features):
    """The columns of a token's features, from `EncodedTokens`, one by one."""
    columns = []
    for table, offset in zip(encoded.tables, encoded.places, strict=True):
        row = table + encoded.units[token + offset]
        columns += encoded.columns[encoded.starts[row] : encoded.starts[row + 1]].tolist()
    for number, which, length, *places in encoded.runs.tolist():
        x = number * 0x9E3779B97F4A7C15 & MASK
        for place in places[:length]:
            x = (x ^ int(encoded.hashes[which, encoded.units[token + place]])) * 0xBF58476D1CE4E5B9 & MASK
            x ^= x >> 31
        columns.append((x >> 32) * n_features >> 32)
    return columns


def token_scores(weights, bias, encoded, token):
    return bias + sum(weights[column] for column in token_features(encoded, token, len(weights)))


def token_steps(weights, squares, bias, bias_squares, encoded, tokens, tags, alpha):
    """Adagrad on the softmax loss, a token at a time; returns the sum of the losses. Arrays are changed."""
    total = 0.0
    for token, tag in zip(tokens, tags, strict=True):
        scores = token_scores(weights, bias, encoded, token)
        scores = scores - scores.max()
        chances = np.exp(scores) / np.exp(scores).sum()
        total -= np.log(chances[tag])
        gradient = chances.copy()
        gradient[tag] -= 1
        bias_squares += gradient**2
        bias -= alpha * gradient / (np.sqrt(bias_squares) + 1e-6)
        for column in token_features(encoded, token, len(weights)):
            squares[column] += gradient**2
            weights[column] -= alpha * gradient / (np.sqrt(squares[column]) + 1e-6)
    return total


def chain_sums(scores, between, tags=None):
    """By trying all sequences of tags that agree with `tags` (-1: any): log of the sum, marginals, transitions."""
    n, n_tags = scores.shape
    choices = [range(n_tags) if tags is None or tag < 0 else [tag] for tag in (tags if tags is not None else [-1] * n)]
    paths = list(itertools.product(*choices))
    values = np.array([sum(scores[i, t] + between[b, t] for i, (b, t) in enumerate(zip((n_tags, *path), path)))  # noqa: B905
                       for path in paths])  # fmt: skip
    total = np.logaddexp.reduce(values)
    single, pairs = np.zeros((n, n_tags)), np.zeros((n_tags + 1, n_tags))
    for path, chance in zip(paths, np.exp(values - total), strict=True):
        single[np.arange(n), path] += chance
        np.add.at(pairs, ((n_tags, *path[:-1]), path), chance)
    return total, single, pairs


def chain_steps(weights, squares, bias, bias_squares, between, between_squares, encoded, tags, order, alpha, least):
    """Adagrad on the likelihood of sentences of a chain, one at a time; returns the sum of the losses."""
    loss = 0.0
    for sentence in order:
        part = slice(*encoded.bounds[sentence : sentence + 2])
        tokens, given = encoded.tokens[part], tags[part]
        scores = np.array([token_scores(weights, bias, encoded, token) for token in tokens])
        free, expected, pairs = chain_sums(scores, between)
        fixed, wanted, pairs_wanted = chain_sums(scores, between, given)
        loss += free - fixed
        change = pairs - pairs_wanted
        moved = np.abs(change) > least
        between_squares[moved] += change[moved] ** 2
        between[moved] -= alpha * change[moved] / np.sqrt(between_squares[moved])
        for token, gradient in zip(tokens, expected - wanted, strict=True):
            if np.abs(gradient).max() < least:
                continue
            bias_squares += gradient**2
            bias -= alpha * gradient / np.sqrt(bias_squares)
            for column in token_features(encoded, token, len(weights)):
                squares[column] += gradient**2
                weights[column] -= alpha * gradient / np.sqrt(squares[column])
    return loss


# -- features of words


def plain(word):
    """Features of a word for itself: the word, its ends, the letters and pairs of letters in it, length, shape."""
    ends = [f"{kind}{word[:n] if kind == '<' else word[-n:]}" for n in (1, 2, 3) if len(word) >= n for kind in "<>"]
    inner = {f"~{word[i : i + n]}" for n in (1, 2) for i in range(len(word) - n + 1)}
    return [f"={word}", f"#{min(len(word), 6)}", f"/{shape(word)}", *ends, *sorted(inner)]


def own(word):
    """Features of a word for itself: those of `plain`, longer ends, and the word in lower case."""
    longer = [f"<{word[:4]}", f">{word[-4:]}"] if len(word) > 3 else []
    return [*plain(word), *longer, f"_{word.lower()}"]


def plain_near(word):
    """Features of a word for the token beside it."""
    return [f"={word}", f"#{min(len(word), 4)}", f"/{shape(word)}", f"<{word[:1]}", f">{word[-1:]}", f"}}{word[-2:]}"]


def near(word):
    """Features of a word for the token beside it: those of `plain_near`, a longer end, and the word in lower case."""
    return [*plain_near(word), f"){word[-3:]}", f"_{word.lower()}"]


def plain_far(word):
    """Features of a word for the token two places away."""
    return [f"={word}"]


def far(word):
    """Features of a word for the token two places away: the word and its shape."""
    return [f"={word}", f"/{shape(word)}"]


def alone(run):
    """The feature of a run of shapes: itself."""
    return [run]


# what a word tells the token that it is, that it stands beside, or two places away, as in `PLACES`
WORD_FEATURES = {
    "plain": (plain, plain_near, plain_near, plain_far, plain_far),
    "rich": (own, near, near, far, far, alone),
}
