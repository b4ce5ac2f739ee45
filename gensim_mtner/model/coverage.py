"""Whether labels, vectors and text belong to the corpus: shares of words that it has, and what is wrong if few are."""

from __future__ import annotations

import logging
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from gensim_mtner.labels.gazetteer import Gazetteer
from gensim_mtner.labels.ner import NERData
from gensim_mtner.text.encoded import EncodedText
from gensim_mtner.text.languages import composed, key
from gensim_mtner.text.segmentation import HowCut, cut_as

logger = logging.getLogger(__name__)

# Of words with a letter. Labels of the right language had shares from 0.57 on corpora of 100,000 tokens and more, those
# of another 0 to 0.5, according to how near it is; shares of names went down to 0.12 where all was right.
FEW, HARDLY_ANY = 0.5, 0.1
FEW_NAMES = 0.05
ENOUGH, ENOUGH_WORDS = 20, 8  # tokens and different words of which a share says anything
CORPUS = 200  # different words; a smaller corpus may have few words of any text, but seldom none
LONG, TIMES = 1000, 20  # tokens of a side, and how many times those of the other they may be
UNKNOWN, NEARER = 1 / 3, 0.2  # a text to tag: the share below which it is odd, and by how much another explains it
LOOKED_AT = 2000  # tokens of a text to tag

# frequent characters of which the other script has another, in the same order
TRADITIONAL = "這個們來時國說對學會為與過還開關門見長東車馬語書話電愛兒從當動點問間頭實現經樣義員發種將總無"
SIMPLIFIED = "这个们来时国说对学会为与过还开关门见长东车马语书话电爱儿从当动点问间头实现经样义员发种将总无"
ONLY = tuple(
    frozenset(one for one, two in zip(*pair, strict=True) if one != two)
    for pair in ((TRADITIONAL, SIMPLIFIED), (SIMPLIFIED, TRADITIONAL))
)


class Share(NamedTuple):
    """How many tokens are known, of how many that have a letter; and how many different words those are."""

    known: int
    tokens: int
    words: int

    @property
    def share(self) -> float:
        """From 0 to 1; 1 where there is nothing to know."""
        return self.known / self.tokens if self.tokens else 1.0

    def __str__(self) -> str:
        return f"{100 * self.share:.0f}% ({self.known} of {self.tokens})"


def share_of(counts: Mapping[str, int], knows: Callable[[str], bool]) -> Share:
    """The share of counted tokens that are known; punctuation and numbers do not count, as languages share them."""
    words = {word: count for word, count in counts.items() if any(map(str.isalpha, word))}
    known = sum(count for word, count in words.items() if knows(word))
    return Share(known, sum(words.values()), len(words))


def warn_of_sides(text: EncodedText) -> None:
    """Warn of a side that is many times as long as the other: it may be numbers or names of documents, and no text."""
    if text.source is None:
        return
    languages = text.source, text.target
    (few, short), (many, long) = sorted(zip((int(counts.sum()) for counts in text.counts), languages, strict=True))
    if many >= LONG and many > TIMES * few:
        logger.warning(
            "the %r side has %i tokens, %.1f a document, the %r side %i: is it text, or what documents are called? "
            "('id' is Indonesian, too)", short, few, few / max(len(text), 1), long, many,
        )  # fmt: skip


def check_labels(name: str, data: NERData, text: EncodedText, side: int) -> None:
    """Log what share of labelled tokens, and of names among them, a side of the corpus has; refuse what cannot belong.

    Parameters
    ----------
    name : str
        The argument.
    data : NERData
        Labelled sentences.
    text : EncodedText
        The corpus.
    side : {0, 1}
        Source or target.

    Raises
    ------
    ValueError
        If hardly any word of the labels is there, with words of both and what may be wrong.
    """
    own, other = set(text.words[side]), text.words[1 - side]
    counts = data.word_counts()
    names = Counter(
        word for words, tags in zip(data.sentences, data.tags, strict=True)
        for word, tag in zip(words, tags, strict=True) if tag != "O"
    )  # fmt: skip
    found, found_names = share_of(counts, own.__contains__), share_of(names, own.__contains__)
    language = (text.source, text.target)[side]
    where = f"the {('source', 'target')[side]} side of the corpus ({language!r})"
    logger.info("%s: %s has %s of the words, %s of those in names", name, where, found, found_names)
    if not found.tokens:
        return
    across = share_of(counts, set(other).__contains__) if found.share < 1 - FEW_NAMES else found
    swapped = across.share > found.share + HARDLY_ANY
    few_names = found_names.share < FEW_NAMES and found_names.tokens >= ENOUGH
    if found.share >= FEW and not swapped and not (few_names and len(own) >= CORPUS):
        return
    sure = found.tokens >= ENOUGH and found.words >= ENOUGH_WORDS and (not found.known or len(own) >= CORPUS)
    unknown = {word: count for word, count in counts.items() if word not in own}
    reasons = explain(unknown, own, language)
    if swapped:
        reasons.insert(0, f"the other side has {across} of them: are the languages swapped?")
    message = (
        f"{name}: {where} has {found} of their words, {found_names} of those in names; they are like "
        f"{shown(unknown)}, those of the corpus like {shown(_frequent(text.words[side]))}: "
        + ("; ".join(reasons) or "another language, script or segmentation?")
    )
    if found.share < HARDLY_ANY and sure:
        raise ValueError(message)
    logger.warning("%s", message)


def check_names(names: Gazetteer, text: EncodedText, side: int, segmented: HowCut) -> None:
    """Tell of a list of names of which the corpus can have none."""
    known, cut = frozenset(text.words[side]), cut_as(names.language, segmented)
    if not any(known.issuperset(cut(name)) for name in names.kinds):
        logger.warning("gazetteer of %r: the corpus has all words of none of its %i names, such as %r: are they of "
                       "this language?", names.language, len(names), next(iter(names.kinds)))  # fmt: skip


def check_start(keys: Collection[str], sides: Iterable[tuple[str | None, Mapping[str, int]]]) -> None:
    """Warn of vectors to start from that cover few words of every language, and have few keys of the model's.

    Parameters
    ----------
    keys : collection of str
        Those of the vectors.
    sides : iterable of (str or None, mapping of str to int)
        Each language, and how often the corpus has each of its keys.
    """
    best, language, common = Share(0, 1, 0), None, 0
    for name, counts in sides:
        found = share_of(counts, keys.__contains__)
        common += sum(word in keys for word in counts)
        if found.known and found.share >= best.share:
            best, language = found, name
    logger.info("init_vectors cover %s of the tokens of %r", best, language)
    if best.share < FEW and common < FEW * len(keys):
        logger.warning(
            "init_vectors cover %s of the tokens of %r, and %i of their %i words are the model's: another language, "
            "script, lower-casing or segmentation?", best, language, common, len(keys),
        )  # fmt: skip


def warn_of_unknown(
    sentences: Sequence[list[str]], knows: Collection[str], keys: Sequence[str], languages: tuple[str, str | None]
) -> None:
    """Warn if most of a text has no vector.

    Parameters
    ----------
    sentences : sequence of list of str
        The text, of which some is looked at.
    knows : collection of str
        Keys that have a vector.
    keys : sequence of str
        Those of the text's language, the most frequent first.
    languages : (str, str)
        That of the text, and the other.
    """
    step = max(sum(map(len, sentences)) // LOOKED_AT, 1)
    counts = Counter(composed(word) for sentence in sentences[::step] for word in sentence)
    found, across = (share_of(counts, lambda word: key(word, code) in knows) for code in languages)  # noqa: B023
    if found.tokens < ENOUGH or found.share >= 1 - NEARER:
        return
    language = languages[0]
    prefix = key("", language)
    own = [name[len(prefix) :] for name in keys[:LOOKED_AT]]
    unknown = {word: count for word, count in counts.items() if prefix + word not in knows}
    script = _script_advice(unknown, own)
    swapped = across.share > found.share + NEARER
    if found.share >= UNKNOWN and not swapped and not (script and found.share < 1 - UNKNOWN):
        return
    reasons = [f"{across} are words of {languages[1]!r}: another language?"] if swapped else []
    reasons += explain(unknown, set(own), language)
    logger.warning(
        "%s of the words of the text have a vector in %r; the others are like %s, those of the model like %s: %s",
        found, language, shown(unknown), shown(own), "; ".join(reasons) or "another language, script or segmentation?",
    )  # fmt: skip


def explain(unknown: Mapping[str, int], own: Collection[str], language: str | None) -> list[str]:
    """What may be wrong with words that a corpus lacks, the likeliest first."""
    total = sum(unknown.values())
    reasons = []
    prefixed = share_of(unknown, lambda word: ":" in word and word.split(":", 1)[1] in own)
    if prefixed.known * 2 > total:
        reasons.append("they have a prefix, as keys have: pass bare words")
    cased = {word.casefold() for word in own}
    lowered = share_of(unknown, lambda word: word.casefold() in cased)
    if lowered.share > FEW and lowered.known:
        reasons.append(f"{lowered} of them are there but for capital letters: lower-case both, or neither")
    script = _script_advice(unknown, own)
    if script:
        reasons.append(script)
    scripts = _script(unknown), _script(dict.fromkeys(own, 1))
    if None not in scripts and scripts[0] != scripts[1]:
        reasons.append(f"they are written in {scripts[0]}, the corpus in {scripts[1]}: another language or script?")
    joined = share_of(unknown, lambda word: len(word) > 1 and all(letter in own for letter in word))
    if not reasons and joined.share > FEW and scripts[0] in ("Cjk", "Hiragana", "Katakana"):
        reasons.append(
            f"the corpus has their characters: another segmentation? tokenizer({language!r}) is what corpora are cut by"
        )
    return reasons


def _script_advice(unknown: Iterable[str], own: Iterable[str]) -> str:
    """How to convert Chinese that is in the other script, or nothing."""
    theirs, ours = ([sum(any(c in only for c in word) for word in words) for only in ONLY] for words in (unknown, own))
    for one, conversion, name in ((0, "t2s", "traditional"), (1, "s2t", "simplified")):
        if theirs[one] > theirs[1 - one] and ours[1 - one] > ours[one]:
            return (
                f"they are in {name} Chinese, the corpus is not: convert them by OpenCC, --opencc {conversion} or "
                f"gensim_mtner.text.segmentation.convert_script(text, {conversion!r})"
            )
    return ""


def _script(counts: Mapping[str, int]) -> str | None:
    """The script that most letters are in."""
    scripts: Counter[str] = Counter()
    for word in list(counts)[:LOOKED_AT]:
        letter = next(filter(str.isalpha, word), None)
        if letter is not None:
            scripts[unicodedata.name(letter, "?").split()[0].capitalize()] += counts[word]
    return scripts.most_common(1)[0][0] if scripts else None


def _frequent(words: Iterable[str]) -> list[str]:
    return [word for _, word in zip(range(LOOKED_AT), words, strict=False)]


def shown(words: Iterable[str], n: int = 4) -> str:
    """Some words with a letter, for a message; the most frequent, if they are counted."""
    ordered = sorted(words, key=lambda word: -words[word]) if isinstance(words, Mapping) else list(words)
    some = [word for word in ordered if any(map(str.isalpha, word))]
    return ", ".join(repr(word[:30]) for word in some[:n]) or "nothing"
