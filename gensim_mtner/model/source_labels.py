"""Silver labels: those that a tagger gives to the source side of the corpus."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gensim_mtner.collector import collector_at_rest
from gensim_mtner.engines.engine import Engine, shared
from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.listed import with_gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.model.samples import sample_sentences
from gensim_mtner.model.weights import JointWord2Vec
from gensim_mtner.taggers.sequence import SequenceTagger
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.segmentation import cut_as, joiner
from gensim_mtner.workers import each

logger = logging.getLogger(__name__)

Tag = Callable[[list[list[str]]], list[list[str]]]  # from sentences to IOB2 tags

# The tagger that labels the source side. One that is better on English text like its labels (F1 68 where this has 64)
# labels other text worse: with it the target's own tagger has 2 points less in Swahili (benchmarks/TRIALS.md).
LABELLER: dict[str, Any] = {"loss": "token", "alpha": 0.3, "features": "plain"}


@collector_at_rest()
def with_silver(
    model: JointWord2Vec, ner_data: NERData, text: EncodedText, gazetteers: Mapping[str, Gazetteer], engine: Engine,
    chances: np.ndarray | None = None,
) -> tuple[NERData, Tag]:  # fmt: skip
    """The labelled data with sentences of the corpus that a tagger labelled, and what labelled them.

    `chances` are those of documents to be drawn from.
    That is a tagger at work on the machines of `engine`, which names of a gazetteer of the source overrule.
    The model keeps another one, which is better in its own language (`LABELLER` says why it does not label).
    """
    start = time.perf_counter()
    both = [SequenceTagger(random_state=model.seed), SequenceTagger(**LABELLER, random_state=model.seed)]
    gold = NERData(ner_data.sentences, ner_data.tags)  # its lists may have been changed since it was made
    model.source_tagger, labeller = each(lambda tagger: tagger.fit_labels(gold), both, model.workers)
    assert model.source is not None
    between = joiner(model.source)
    tag = with_gazetteer(shared(engine, labeller.predict), gazetteers.get(model.source), between,
                         cut_as(model.source, model.segmented) if between else list)  # fmt: skip
    sentences = sample_sentences(text, 0, model.tokens_to_label(model.silver_tokens, text), model.seed, chances)
    if sentences:
        ner_data = gold + NERData.of_checked(sentences, tag(sentences))
    logger.info("labelled %i source sentences in %.1f s", len(sentences), time.perf_counter() - start)
    return ner_data, tag
