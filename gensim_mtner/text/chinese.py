"""Chinese words by jieba: started silently, in linear time, and the same in every process."""

from __future__ import annotations

import marshal
import os
import sys
import tempfile
from typing import Any, NamedTuple

import regex

RUN = 1024  # characters; jieba's Viterbi copies its path at each one, so its time is quadratic in the length of a run
KEPT = 64  # a last word that is no longer than this is cut again, together with what follows
_LONG = regex.compile(rf"([\u4e00-\u9fd5]{{{RUN + 1},}})")  # jieba's own range: other characters are tokens to it


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
    """Words, punctuation and white space, which together are the text."""
    tokenizer = _started()
    if len(text) <= RUN:
        return tokenizer.lcut(text)
    tokens: list[str] = []
    for number, part in enumerate(_LONG.split(text)):
        tokens += _cut_run(tokenizer, part) if number % 2 else tokenizer.lcut(part) if part else []
    return tokens


def _cut_run(tokenizer: Any, run: str) -> list[str]:
    """Characters without any mark between them, piece by piece; a word that stands at the end of one is not divided."""
    tokens: list[str] = []
    start = 0
    while start < len(run):
        piece = run[start : start + RUN]
        found = tokenizer.lcut(piece)
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
