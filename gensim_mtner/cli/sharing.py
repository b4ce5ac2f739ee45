"""What other machines do for a command."""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from gensim_mtner.engines.engine import Engine
from gensim_mtner.model import saving
from gensim_mtner.model.mtword2vec import MTWord2Vec
from gensim_mtner.storage import steady

_models: dict[tuple[str, str], MTWord2Vec] = {}  # the last one, in a process that has others do its work


class Sentence(NamedTuple):
    """A sentence to be tagged: its tokens as they are written, and as they are looked up; the line that it is of."""

    tokens: list[str]
    words: list[str]
    line: int


def tag_on(
    engine: Engine, path: Path, batches: Iterable[list[Sentence]], **how: Any
) -> Iterator[tuple[list[Sentence], list[list[str]]]]:
    """Yield batches of sentences with their tags, in order; all machines must have the model at `path`.

    Parameters
    ----------
    engine : Engine
        Where it is done.
    path : Path
        The model, a directory.
    batches : iterable of list of Sentence
        What is tagged at a time.
    **how
        For `gensim_mtner.MTWord2Vec.tag`.
    """
    waiting: deque[list[Sentence]] = deque()

    def items() -> Iterator[tuple[list[list[str]]]]:
        for batch in batches:
            waiting.append(batch)
            yield ([sentence.words for sentence in batch],)

    for tags in engine.map(tagger_there(path, **how), items()):
        yield waiting.popleft(), tags


def tagger_there(path: Path, **how: Any) -> Callable[[list[list[str]]], list[list[str]]]:
    """What tags sentences wherever it is called, with the model that is at `path` there; `how` as in `tag_on`."""
    digest = steady(path, lambda: _digest(path))
    return partial(_tag, str(path.resolve()), digest, how)


def _digest(path: Path) -> str:
    return str(saving.read_manifest(path, saving.KIND, saving.VERSION).get("digest", ""))


def _tag(path: str, digest: str, how: dict[str, Any], sentences: list[list[str]]) -> list[list[str]]:
    if (path, digest) not in _models:
        try:
            model, found = steady(path, lambda: (saving.load_model(MTWord2Vec, Path(path)), _digest(Path(path))))
            if found != digest:
                raise ValueError(f"{path} is another model there")
        except (OSError, ValueError) as error:
            raise ValueError(f"on {platform.node()}: {error}; all machines need the model at the same place") from error
        _models.clear()
        _models[path, digest] = model
    return _models[path, digest].tag(sentences, **how)
