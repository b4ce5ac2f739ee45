"""LSTM-CRF (Lample et al. 2016) on word vectors, for comparison with the unigram tagger; needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import nn

from gensim_mtner._tagger import SHORTEST
from gensim_mtner.labels.ner import NERData
from gensim_mtner.labels.schemes import repair
from gensim_mtner.taggers.base import VectorTagger
from gensim_mtner.taggers.sentences import EncodedSentences, checked_sentences
from gensim_mtner.taggers.words import number_words
from gensim_mtner.vectors.vocabulary import OOV_KEY

IMPOSSIBLE = -1e4  # a score that no path survives; finite, so that gradients stay so


class LinearChainCRF(nn.Module):
    """A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001) over emission scores.

    Parameters
    ----------
    tag_names : sequence of str
        IOB2 tags. What IOB2 forbids (an I- after O, or after another type, or at the start) has no probability.
    """

    allowed: torch.Tensor
    allowed_start: torch.Tensor

    def __init__(self, tag_names: Sequence[str]):
        super().__init__()
        n = len(tag_names)
        self.transitions = nn.Parameter(torch.zeros(n, n))  # [from, to]
        self.start = nn.Parameter(torch.zeros(n))
        self.end = nn.Parameter(torch.zeros(n))
        free = [not name.startswith("I-") for name in tag_names]
        goes = [[free[j] or one[2:] == other[2:] != "" for j, other in enumerate(tag_names)] for one in tag_names]
        self.register_buffer("allowed", torch.where(torch.tensor(goes), 0.0, IMPOSSIBLE))
        self.register_buffer("allowed_start", torch.where(torch.tensor(free), 0.0, IMPOSSIBLE))

    def log_likelihood(self, emissions: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The log-probability of each sentence's tags.

        Parameters
        ----------
        emissions : tensor, shape (n_sentences, length, n_tags)
            Scores of the tags at each place.
        tags : tensor of int64, shape (n_sentences, length)
            Gold tags.
        mask : tensor of bool, shape (n_sentences, length)
            Which places are words; the first of every sentence is.
        """
        return self._score(emissions, tags, mask) - self._partition(emissions, mask)

    def _score(self, emissions: torch.Tensor, tags: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The score of one path a sentence."""
        places = emissions.gather(2, tags.unsqueeze(2)).squeeze(2) * mask
        moves = (self.transitions + self.allowed)[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
        last = tags.gather(1, mask.sum(1, keepdim=True) - 1).squeeze(1)
        return (self.start + self.allowed_start)[tags[:, 0]] + places.sum(1) + moves.sum(1) + self.end[last]

    def _partition(self, emissions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logarithm of the sum over all paths (the forward algorithm)."""
        transitions = self.transitions + self.allowed
        forward = self.start + self.allowed_start + emissions[:, 0]
        for t in range(1, emissions.shape[1]):
            step = torch.logsumexp(forward.unsqueeze(2) + transitions, dim=1) + emissions[:, t]
            forward = torch.where(mask[:, t : t + 1], step, forward)
        return torch.logsumexp(forward + self.end, dim=1)

    def decode(self, emissions: torch.Tensor) -> list[int]:
        """The best path of one sentence (Viterbi), emissions of shape (length, n_tags)."""
        emissions = emissions.double()  # what is summed over a long sentence
        transitions = self.transitions + self.allowed
        best = self.start + self.allowed_start + emissions[0]
        back = []
        for row in emissions[1:]:
            best, arg = (best.unsqueeze(1) + transitions).max(dim=0)
            best = best + row
            back.append(arg)
        path = [int((best + self.end).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class _Network(nn.Module):
    """A bidirectional LSTM under a CRF."""

    def __init__(self, vector_size: int, hidden_size: int, tag_names: Sequence[str]):
        super().__init__()
        self.lstm = nn.LSTM(vector_size, hidden_size, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(2 * hidden_size, len(tag_names))
        self.crf = LinearChainCRF(tag_names)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.emit(self.lstm(inputs)[0])


class LSTMCRFTagger(VectorTagger):
    """Tag sentences by a bidirectional LSTM and a CRF (Lample et al. 2016) over word vectors.

    In place of the unigram tagger in section 3 of the paper, where it does worse on the target: the order of words
    that it learns is the source's. Their character vectors are left out, since scripts differ.

    Parameters
    ----------
    vectors, language, tol, unit_length, dropout, oov_probability, translate_probability, batch_size, unknown, \
    random_state
        As in `gensim_mtner.UnigramTagger`.
    hidden_size : int
        Units of the LSTM in each direction.
    max_iter : int
        The highest number of passes over the sentences.
    alpha : float
        The step size (Adam).
    workers : int
        Threads of torch.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_tags,)
    network_ : torch.nn.Module
    losses_ : list of float
        The mean loss of a sentence, by pass.
    """

    def __init__(
        self,
        vectors: KeyedVectors | None = None,
        *,
        language: str | None = None,
        hidden_size: int = 100,
        max_iter: int = 10,
        tol: float = 1e-2,
        alpha: float = 2e-3,
        unit_length: bool = True,
        dropout: float = 0.3,
        oov_probability: float = 0.5,
        translate_probability: float = 0.5,
        batch_size: int = 32,
        unknown: str = "O",
        workers: int = 1,
        random_state: int = 1,
    ):
        super().__init__(
            vectors, language=language, max_iter=max_iter, tol=tol, alpha=alpha, unit_length=unit_length,
            dropout=dropout, oov_probability=oov_probability, translate_probability=translate_probability,
            batch_size=batch_size, unknown=unknown, workers=workers, random_state=random_state,
        )  # fmt: skip
        self.hidden_size = hidden_size

    def start(self, tag_names: Sequence[str], vector_size: int) -> None:
        """Draw new parameters for these tags, by `random_state`."""
        self.check_arguments()
        self.classes_ = np.array(tag_names)
        with torch.random.fork_rng():
            torch.manual_seed(self.random_state)
            self.network_ = _Network(vector_size, self.hidden_size, tag_names)
        self._optimizer = torch.optim.Adam(self.network_.parameters())
        for parameter in self.network_.parameters():
            # as Adam makes them at its first step; here at once, so that `state` has them
            zeros = {"exp_avg": torch.zeros_like(parameter), "exp_avg_sq": torch.zeros_like(parameter)}
            self._optimizer.state[parameter] = {"step": torch.zeros(()), **zeros}
        self.losses_ = []
        self.outside_shift_ = 0.0

    def state(self) -> dict[str, np.ndarray]:
        """Parameters and the moments of Adam."""
        arrays = {}
        for name, parameter in self.network_.named_parameters():
            arrays[name] = parameter.detach().numpy()
            for moment, value in self._optimizer.state[parameter].items():
                arrays[f"{name}.{moment}"] = value.numpy()
        return arrays

    def encode(self, data: NERData, vectors: KeyedVectors) -> EncodedSentences:
        """See `VectorTagger.encode`; what is left of a name whose first tokens have no row begins with B-."""
        encoded = super().encode(data, vectors)
        bounds = encoded.offsets.tolist()
        if bounds[-1] < sum(map(len, data.sentences)):
            names, index = self.classes_.tolist(), {name: number for number, name in enumerate(self.classes_)}
            given = [names[tag] for tag in encoded.tags]
            rows = (repair(given[start:stop]) for start, stop in pairwise(bounds))
            encoded.tags = np.array([index[name] for row in rows for name in row], dtype=np.int32)
        return encoded

    def check_state(self, vector_size: int, *, writes: bool = False) -> None:
        """Refuse a network that does not fit the tags, or vectors of this size; see `UnigramTagger.check_state`."""
        self._check_classes()
        found = self.network_.lstm.input_size, self.network_.crf.transitions.shape[0]
        if found != (vector_size, len(self.classes_)):
            raise ValueError(
                f"the network has {found[0]} inputs and {found[1]} tags: expected {vector_size} components of vectors "
                f"and {len(self.classes_)} tags"
            )

    def update(
        self,
        vectors: np.ndarray,
        data: EncodedSentences,
        order: np.ndarray,
        *,
        alpha: float | None = None,
        vector_alpha: float = 0.0,
        epoch: int = 0,
    ) -> float:
        """Take a step for every `batch_size` sentences of `order`; see `UnigramTagger.update`.

        `alpha` is Adam's; rows of the vectors take plain steps of `vector_alpha`.
        """
        order = self.checked_order(vectors, data, order, alpha, vector_alpha)
        lengths = np.diff(data.offsets)
        whole = len(order) == len(data)
        order = order[lengths[order] > 0]
        if not len(order):
            return 0.0
        part = 0 if whole else 1 + int(order[0])  # each part of a pass has draws of its own
        random = np.random.default_rng((self.random_state, epoch, part))
        for group in self._optimizer.param_groups:
            group["lr"] = self.alpha if alpha is None else alpha
        threads = torch.get_num_threads()
        torch.set_num_threads(self.workers)
        try:
            # sentences of like length together, batches in random order: less padding
            order = order[np.argsort(lengths[order], kind="stable")]
            batches = np.array_split(order, -(-len(order) // self.batch_size))
            total = sum(
                self._step(vectors, data, batches[place], vector_alpha, random)
                for place in random.permutation(len(batches))
            )
        finally:
            torch.set_num_threads(threads)
        return total / len(order)

    def _step(
        self, vectors: np.ndarray, data: EncodedSentences, batch: np.ndarray, vector_alpha: float,
        random: np.random.Generator,
    ) -> float:  # fmt: skip
        """One step; the summed loss."""
        lengths = (data.offsets[batch + 1] - data.offsets[batch]).astype(np.int64)
        mask = np.arange(lengths.max()) < lengths[:, None]
        places = np.concatenate([np.arange(data.offsets[s], data.offsets[s + 1]) for s in batch])
        words = self._replaced(data, places, random)
        rows, tags = np.zeros(mask.shape, np.int64), np.zeros(mask.shape, np.int64)
        rows[mask], tags[mask] = words, data.tags[places]
        inputs = torch.from_numpy(vectors[rows]).requires_grad_(bool(vector_alpha))
        drop = (random.random(inputs.shape, dtype=np.float32) >= self.dropout) / np.float32(1 - self.dropout)
        real = torch.from_numpy(mask)
        emissions = self.network_(self._scaled(inputs) * torch.from_numpy(drop))
        loss = -self.network_.crf.log_likelihood(emissions, torch.from_numpy(tags), real).sum()
        self._optimizer.zero_grad()
        (loss / len(batch)).backward()
        nn.utils.clip_grad_norm_(self.network_.parameters(), 5.0)
        self._optimizer.step()
        if vector_alpha:
            assert inputs.grad is not None
            np.subtract.at(vectors, rows[mask], vector_alpha * inputs.grad.numpy()[mask])
        return float(loss.detach())

    def _replaced(self, data: EncodedSentences, places: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The rows of words, some replaced by the OOV row or by translations, as in the unigram tagger's kernel."""
        rows = data.rows[places].astype(np.int64)
        unknown = (data.rare[places] > 0) & (random.random(len(rows)) < self.oov_probability)
        translated = data.translations[rows]
        swap = ~unknown & (translated >= 0) & (random.random(len(rows)) < self.translate_probability)
        return np.where(unknown, data.oov_row, np.where(swap, translated, rows))

    def _scaled(self, inputs: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(inputs, dim=2, eps=SHORTEST) if self.unit_length else inputs

    @torch.no_grad()
    def predict(
        self, X: Sequence[list[str]], *, language: str | None = None, unknown: str | None = None
    ) -> list[list[str]]:
        """The best tags of each sentence, by Viterbi; always valid IOB2.

        Words without a vector are read as the OOV row; if ``unknown="O"``, they are tagged O.
        """
        self._check_fitted()
        vectors = self._checked_vectors()
        X = checked_sentences(X, language or self.language)
        self.check_state(vectors.vectors.shape[1])
        words = number_words(X)
        rows = self.word_rows(words, language, unknown or self.unknown)[words.numbers]
        oov = vectors.key_to_index.get(OOV_KEY, 0)
        result: list[list[str]] = []
        for part in words.split(rows):
            if not len(part):
                result.append([])
                continue
            known = np.where(part < 0, oov, part)
            emissions = self.network_(self._scaled(torch.from_numpy(vectors.vectors[known][None])))[0]
            emissions[torch.from_numpy(part < 0), 1:] = IMPOSSIBLE
            result.append(self.classes_[self.network_.crf.decode(emissions)].tolist())
        return result
