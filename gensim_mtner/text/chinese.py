"""Chinese words by jieba, or by rjieba: started silently, in linear time, and the same in every process."""

from __future__ import annotations

import marshal
import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import regex

RUN = 1024  # characters; jieba's Viterbi copies its path at each one, so its time is quadratic in the length of a run
KEPT = 64  # a last word that is no longer than this is cut again, together with what follows
_LONG = regex.compile(rf"([\u4e00-\u9fd5]{{{RUN + 1},}})")  # jieba's own range: other characters are tokens to it
# words of Latin letters and digits in no dictionary: rjieba keeps these whole, jieba cuts them by its second pattern
_JOINED = re.compile(r"[-+#&._%]")
_ALONE = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")


class JiebaState(NamedTuple):
    """What the segmentation depends on: words that the user added, another dictionary.

    Attributes
    ----------
    settings : dict
        Attributes of ``jieba.dt``.
    frequencies : bytes or None
        Its words, by marshal; None if it has read no dictionary yet.
    divided : frozenset of str
        Words that were deleted.
    """

    settings: dict[str, Any]
    frequencies: bytes | None
    divided: frozenset[str]


def cut(text: str) -> list[str]:
    """Words, punctuation and white space by jieba, which together are the text."""
    return _cut_short_runs(_started().lcut, text)


def cut_by_rjieba(text: str) -> list[str]:
    """The like by rjieba, with words of Latin letters and digits cut as jieba cuts them."""
    return _cut_short_runs(_rjieba(), text)


@lru_cache(maxsize=1)
def _rjieba() -> Callable[[str], list[str]]:
    try:
        import rjieba
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the segmenter 'rjieba' is an extra: pip install 'gensim-mtner[rjieba]'; or take jieba, the default"
        ) from error

    def like_jieba(text: str) -> list[str]:
        tokens: list[str] = []
        for token in rjieba.cut(text):
            if token.isascii() and len(token) > 1 and _JOINED.search(token) and not rjieba.has_word(token):
                tokens += filter(None, _ALONE.split(token))
            else:
                tokens.append(token)
        return tokens

    return like_jieba


def _cut_short_runs(lcut: Callable[[str], list[str]], text: str) -> list[str]:
    if len(text) <= RUN:
        return lcut(text)
    tokens: list[str] = []
    for number, part in enumerate(_LONG.split(text)):
        tokens += _cut_run(lcut, part) if number % 2 else lcut(part) if part else []
    return tokens


def _cut_run(lcut: Callable[[str], list[str]], run: str) -> list[str]:
    """Characters without any mark between them, piece by piece; a word that stands at the end of one is not divided."""
    tokens: list[str] = []
    start = 0
    while start < len(run):
        piece = run[start : start + RUN]
        found = lcut(piece)
        if start + len(piece) < len(run) and len(found) > 1 and len(found[-1]) <= KEPT:
            found.pop()
        tokens += found
        start += sum(map(len, found))
    return tokens


def _started() -> Any:
    """The tokenizer of jieba itself, which is the one that ``jieba.add_word`` changes."""
    import jieba

    if not jieba.dt.initialized:
        before = jieba.dt.tmp_dir
        try:
            tempfile.gettempdir()
        except OSError:  # there is no place for temporary files, which jieba does not expect
            jieba.dt.tmp_dir = os.devnull
        # it tells of its loading, and prints a traceback if it cannot write its cache, which it can do without
        jieba.setLogLevel("CRITICAL")
        try:
            jieba.dt.initialize()
        finally:
            jieba.setLogLevel("WARNING")
            jieba.dt.tmp_dir = before
    return jieba.dt


def jieba_state() -> JiebaState | None:
    """The state of this process, for others; None if nothing has touched jieba yet."""
    jieba = sys.modules.get("jieba")
    if jieba is None:
        return None
    tokenizer = jieba.dt
    settings = {name: getattr(tokenizer, name) for name in ("dictionary", "tmp_dir", "cache_file")}
    settings["user_word_tag_tab"] = dict(tokenizer.user_word_tag_tab)
    frequencies = marshal.dumps((tokenizer.FREQ, tokenizer.total)) if tokenizer.initialized else None
    return JiebaState(settings, frequencies, frozenset(jieba.finalseg.Force_Split_Words))


def restore_jieba(state: JiebaState | None) -> None:
    """Make the jieba of this process the like of the one that the state was taken from."""
    if state is None:
        return
    import jieba

    tags = state.settings["user_word_tag_tab"]
    for name, value in state.settings.items():
        if name != "user_word_tag_tab":
            setattr(jieba.dt, name, value)
    jieba.dt.user_word_tag_tab.clear()
    jieba.dt.user_word_tag_tab.update(tags)  # the module has a second name for it
    jieba.finalseg.Force_Split_Words.clear()
    jieba.finalseg.Force_Split_Words.update(state.divided)
    if state.frequencies is not None:
        jieba.dt.FREQ, jieba.dt.total = marshal.loads(state.frequencies)
        jieba.dt.initialized = True
        jieba.setLogLevel("WARNING")
