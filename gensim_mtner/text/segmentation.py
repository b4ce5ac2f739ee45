"""One tokenizer a language: a Unicode-aware rule for spaced scripts, jieba for Chinese, Janome for Japanese, yours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

import regex

from gensim_mtner.text import chinese

Tokenizer = Callable[[str], list[str]]
HowCut = dict[str, dict[str, str | None] | None]  # by language, what `tokenizer` is called with; None: it is not

# Letters carry their marks (Devanagari, Arabic); an apostrophe opens a token of its own ("David" "'s"), or is one ("o"
# "'" "clock"), as labelled corpora of English have it; numbers keep inner points.
#
# Format characters (category Cf: joiners, soft hyphens, direction marks) follow one rule in all scripts, that of
# UAX 29, WB4: they do not break words. Inside a word they stay as they are written, so that a token is a piece of the
# text; at its ends they are left out, but for a joiner after a mark, which is part of the letter before it; alone they
# are no token. U+200B, a space of no width, is a break between words. Control characters are breaks and no tokens.
#
# What differs from UAX 29 otherwise: a number that begins a word is a token ("3" "rd"), so is punctuation inside a word
# ("U" "." "S", "l" "·" "l"); hyphens hold together what they join. The first line of the pattern could be left out: it
# is the common case of the fourth, found in half the time.
_WORD = regex.compile(
    r"""
      \p{L}[\p{L}\p{M}\p{N}_]*+(?![-\p{Cf}])
    | \p{N}[\p{N}\p{M}]*+(?:(?:F++(?:[.,:]F*+)?|[.,:]F*+)\p{N}[\p{N}\p{M}]*+)*+
    | ['’](?:s|S|re|ve|ll|d|m|t)\b
    | W++(?:(?:-F*+|F++(?:-F*+)?)W++)*+(?:(?<=\p{M})[\u200c\u200d]+)?
    | \.{2,} | -{2,}
    | \p{RI}{2}
    | [^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}][\p{M}\p{EMod}]*(?:\u200d\p{ExtPict}[\p{M}\p{EMod}]*)*
    """.replace("W", r"[\p{L}\p{M}\p{N}_]").replace("F", r"(?:(?!\u200b)\p{Cf})"),
    regex.VERBOSE,
)
_UNSEEN = regex.compile(r"[\p{Cf}\p{Cs}\p{M}[\p{Cc}--\s]]", regex.VERSION1)
_BREAK = regex.compile(r"[\p{Cc}\p{Cs}\u200b]+")
_CARRIED = regex.compile(r"[\p{Cf}\p{M}]+")
_MARKS = regex.compile(r"\p{M}*")
_FOLLOWING = regex.compile(r"(?:\p{Cf}*+\p{M})*")  # what belongs to the letter before it, also behind a joiner
# A sentence ends at the end of a line; with a mark, what closes it, and white space; with a mark of Chinese and what
# closes it. All begin with a character to look for (\K drops what is before it from the match): looking back
# from each character takes ten times as long.
_SENTENCE_BREAK = regex.compile(
    r"""
      [\r\n]+
    | [.!?…।؟]\p{Cf}*+(?:['"”’)\]]\p{Cf}*+)?\K\s+
    | [。！？](?:[”’」』）]|(?![”’」』）。！？]))\K
    """,
    regex.VERBOSE,
)
NO_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"  # scripts
_NO_SPACES = regex.compile(NO_SPACES)
_SPACELESS = ("zh", "ja", "th", "lo", "km", "my", "bo")
# foreign names are written in these, and dictionaries lack most of them
_KATAKANA = regex.compile(r"([ァ-ヺー]+)")


def words(text: str) -> list[str]:
    """Split text of a script with spaces into words, numbers and punctuation marks.

    Examples
    --------
    >>> words("David’s 3.5 men went to Beth-el.")
    ['David', '’s', '3.5', 'men', 'went', 'to', 'Beth-el', '.']
    """
    return _WORD.findall(text)


def _through(cut: Tokenizer, text: str) -> list[str]:
    """Cut text as if format characters and marks were not there; then each is in the token that it stands in."""
    if not _UNSEEN.search(text):
        return cut(text)
    tokens = []
    for piece in _BREAK.split(text):
        begun = _MARKS.match(piece).end()  # type: ignore[union-attr]
        if begun:  # marks on nothing
            tokens.append(piece[:begun])
        places: list[int] = []
        at = begun
        for carried in _CARRIED.finditer(piece, begun):
            places += range(at, carried.start())
            at = carried.end()
        places += range(at, len(piece))
        seen = "".join(map(piece.__getitem__, places))
        at = 0
        for token in cut(seen) if seen else ():
            start = seen.index(token, at)
            at = start + len(token)
            last = places[at - 1] + 1
            marked = _FOLLOWING.match(piece, last).end()  # type: ignore[union-attr]
            if token.isspace() and marked > last:  # marks on nothing, again
                tokens.append(piece[last:marked])
            else:
                tokens.append(piece[places[start] : marked])
    return tokens


def chinese_words(text: str) -> list[str]:
    """Split Chinese text into words with jieba; white space is dropped.

    Examples
    --------
    >>> chinese_words("卡卡加盟皇家马德里")
    ['卡卡', '加盟', '皇家', '马德里']
    """
    return [word for word in _through(chinese.cut, text) if not word.isspace()]


def rjieba_words(text: str) -> list[str]:
    """Split Chinese text into words with rjieba (an extra), in a tenth of jieba's time; white space is dropped.

    Words are those of `chinese_words` but for some of a million: where two divisions are as likely as each other, and
    rare characters (CJK extensions), which jieba has alone. It has a dictionary of its own: ``rjieba.add_word``, not
    ``jieba.add_word``.
    """
    return [word for word in _through(chinese.cut_by_rjieba, text) if not word.isspace()]


@lru_cache(maxsize=1)
def _janome() -> Tokenizer:
    try:
        from janome.tokenizer import Tokenizer as Janome
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "'ja' is written without spaces; Janome segments it, an extra: pip install 'gensim-mtner[japanese]'; or "
            "pass tokenizers={'ja': a callable from str to list of str}"
        ) from error
    janome = Janome(wakati=True)
    return lambda text: [str(token) for token in janome.tokenize(text)]


def japanese_words(text: str) -> list[str]:
    """Split Japanese text into words with Janome (an extra); runs of katakana stay whole, white space is dropped."""
    return [token for token in _through(_cut_japanese, text) if not token.isspace()]


def _cut_japanese(text: str) -> list[str]:
    parts = _KATAKANA.split(text)
    return [part for i, text in enumerate(parts) for part in ([text] if i % 2 else _janome()(text) if text else [])]


# segmenters that come with the library or one of its extras, for languages without spaces
SEGMENTERS: dict[str, dict[str, Tokenizer]] = {  # by language; the first is the default
    "zh": {"jieba": chinese_words, "rjieba": rjieba_words},
    "ja": {"janome": japanese_words},
}


@lru_cache(maxsize=8)
def _opencc(conversion: str) -> Callable[[str], str]:
    try:
        import opencc
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "converting scripts needs OpenCC, an extra: pip install 'gensim-mtner[opencc]'"
        ) from error
    try:
        return opencc.OpenCC(conversion).convert
    except Exception as error:  # OpenCC raises several
        raise ValueError(f"{conversion!r} is no conversion of OpenCC: expected t2s, s2t, tw2s, hk2s, …") from error


def convert_script(text: str, conversion: str) -> str:
    """Convert text between traditional and simplified Chinese by OpenCC (an extra).

    Vectors know words as the corpus spells them, so corpus, labels and text to tag should be of one script:
    ``tokenizers={"zh": tokenizer("zh", conversion="t2s")}`` for a corpus of both, `NERData.map_tokens` for
    labelled sentences. Text that is in the wished script already stays.

    Parameters
    ----------
    text : str
        Any text.
    conversion : str
        A configuration of OpenCC: "t2s" (to simplified), "s2t" (to traditional), "tw2s", "hk2s" and more.

    Returns
    -------
    str
        The text in the other script.

    Raises
    ------
    ModuleNotFoundError
        If OpenCC is not installed.
    ValueError
        If OpenCC has no such conversion.
    """
    return _opencc(conversion)(text)


def _converted_words(text: str, language: str, conversion: str, segmenter: str | None = None) -> list[str]:
    return tokenizer(language, segmenter=segmenter)(convert_script(text, conversion))


def tokenizer(language: str, *, conversion: str | None = None, segmenter: str | None = None) -> Tokenizer:
    """The tokenizer that is used for a language unless the caller passes one.

    Parameters
    ----------
    language : str
        A language code, such as "en" or "zh". What follows a hyphen ("zh-Hans") makes no difference.
    conversion : str, optional
        Convert the text first; see `convert_script`.
    segmenter : {"jieba", "rjieba", "janome"}, optional
        Which one, for a language that has several; by default jieba for Chinese.

    Returns
    -------
    callable
        From str to list of str.

    Raises
    ------
    ValueError
        If the language is written without spaces and no segmenter for it is shipped, or not this one.
    ModuleNotFoundError
        If there is a conversion and OpenCC is not installed, or the segmenter is not.
    """
    base = language.split("-")[0].lower()
    known = SEGMENTERS.get(base, {})
    if segmenter is not None and segmenter not in known:
        expected = f"one of {', '.join(map(repr, known))}" if known else "none, as no segmenter is needed or shipped"
        raise ValueError(f"segmenter={segmenter!r} is not for {language!r}: expected {expected}")
    if segmenter == "rjieba":
        chinese.cut_by_rjieba("")  # is it installed?
    if conversion is not None:
        _opencc(conversion)
        tokenizer(language)
        return partial(_converted_words, language=language, conversion=conversion, segmenter=segmenter)
    if known:
        return known[segmenter or next(iter(known))]
    if base in _SPACELESS:
        raise ValueError(
            f"{language!r} is written without spaces and no segmenter for it comes with gensim_mtner: pass "
            f"tokenizers={{{language!r}: a callable from str to list of str}}, or documents that are token lists"
        )
    return words


def cut_as(language: str, how: HowCut) -> Tokenizer:
    """What cuts phrases as a corpus was cut; at spaces, where only a tokenizer of the user's own cuts the language.

    Examples
    --------
    >>> cut_as("zh", {"zh": {"conversion": None, "segmenter": "jieba"}})("希腊足球"), cut_as("th", {"th": None})("ก ข")
    (['希腊', '足球'], ['ก', 'ข'])
    """
    try:
        return tokenizer(language, **(how.get(language) or {}))
    except ValueError:
        return str.split


def spelt_as(language: str, how: HowCut) -> Callable[[str], str] | None:
    """What brings phrases to the script that a corpus was brought to; None where it was left in its own."""
    conversion = (how.get(language) or {}).get("conversion")
    return partial(convert_script, conversion=conversion) if conversion else None


def how_cut(tokenizers: Mapping[str, Tokenizer]) -> HowCut:
    """By language the arguments of `tokenizer` that give these tokenizers, or None for those that it does not give.

    Examples
    --------
    >>> how_cut({"zh": tokenizer("zh", segmenter="jieba"), "th": str.split})
    {'zh': {'conversion': None, 'segmenter': 'jieba'}, 'th': None}
    """
    return {language: _arguments_of(cut) for language, cut in tokenizers.items()}


def _arguments_of(cut: Tokenizer) -> dict[str, str | None] | None:
    if isinstance(cut, partial) and cut.func is _converted_words:
        return {name: cut.keywords[name] for name in ("conversion", "segmenter")}
    for known in SEGMENTERS.values():
        for name, function in known.items():
            if cut is function:
                return {"conversion": None, "segmenter": name}
    return {"conversion": None, "segmenter": None} if cut is words else None


def check_how_cut(found: Any) -> HowCut:
    """What was read from a file, if it is what `how_cut` makes."""
    if not isinstance(found, dict) or not all(
        arguments is None
        or (isinstance(arguments, dict) and set(arguments) == {"conversion", "segmenter"}
            and all(isinstance(name, (str, type(None))) for name in arguments.values()))
        for arguments in found.values()
    ):  # fmt: skip
        raise ValueError(f"segmented={found!r}: expected a conversion and a segmenter by language, or null")
    return found


def looks_unsegmented(words: Iterable[str], counts: Iterable[int]) -> bool:
    """Whether words are mostly of scripts without spaces, and as long as sentences of them.

    Examples
    --------
    >>> looks_unsegmented(["摩西从埃及来到了西奈山"], [3]), looks_unsegmented(["摩西", "从"], [3, 2])
    (True, False)
    """
    total, spaceless, letters = _of_spaceless_scripts(words, counts)
    return spaceless > total / 2 and letters > 5 * spaceless


def is_spaceless(words: Iterable[str], counts: Iterable[int]) -> bool:
    """Whether most words are of scripts that do not separate them: so where they end is somebody's choice.

    Examples
    --------
    >>> is_spaceless(["摩西", "NBA", "。"], [3, 2, 9]), is_spaceless(["모세", "는"], [3, 2])
    (True, False)
    """
    total, spaceless, _ = _of_spaceless_scripts(words, counts)
    return spaceless > total / 2


def _of_spaceless_scripts(words: Iterable[str], counts: Iterable[int]) -> tuple[int, int, int]:
    """How many words there are, of scripts without spaces among them, and letters of these."""
    total = spaceless = letters = 0
    for word, count in zip(words, counts, strict=True):
        total += int(count) if word[:1].isalnum() else 0
        if _NO_SPACES.match(word):
            spaceless += int(count)
            letters += int(count) * len(word)
    return total, spaceless, letters


def ends_sentence(token: str) -> bool:
    """Whether a sentence ends with this token.

    Examples
    --------
    >>> [ends_sentence(token) for token in (".", "。", "?!", ",", "U.S.")]
    [True, True, True, False, False]
    """
    return bool(token) and not token.strip(".!?…।؟。！？")


def joiner(language: str | None) -> str:
    """What stands between the words of a language: nothing in scripts without spaces, else a space."""
    return "" if language and language.split("-")[0].lower() in _SPACELESS else " "


def sentences(text: str) -> list[str]:
    r"""Split text at line breaks and at sentence-final punctuation of many scripts.

    A rule, not a model: abbreviations with a full stop end a sentence too.

    Examples
    --------
    >>> sentences("He came. “Who?” she asked.\n他来了。她说：“谁？”")
    ['He came.', '“Who?”', 'she asked.', '他来了。', '她说：“谁？”']
    """
    return [part.strip() for part in _SENTENCE_BREAK.split(text) if part and not part.isspace()]
