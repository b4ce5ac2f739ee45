"""Bad input: each kind gets an error that names the place and says what to do, and nothing is left half done."""

import gzip
import json

import numpy as np
import pytest
from conftest import labels_of, make_pairs
from gensim.models import KeyedVectors

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERCallback, NERData, UnigramTagger
from gensim_mtner.text import datasets, segmentation

BOTH = {"source": "en", "target": "zh"}
SMALL = {"vector_size": 8, "min_count": 1, "epochs": 1, "pretrain_epochs": 1, "workers": 1}


def read(path):
    return list(ComparableCorpus.from_jsonl(path, **BOTH))


def tsv(path, **kwargs):
    return list(ComparableCorpus.from_tsv(path, **BOTH, **kwargs))


def xml(path):
    return list(ComparableCorpus.from_wikipedia_xml(path, **BOTH))


def pairs(*items, **kwargs):
    return list(ComparableCorpus(list(items), **BOTH, **kwargs))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><wikipediaComparable>&b;</wikipediaComparable>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><wikipediaComparable>&a;</wikipediaComparable>'

# name of the case: (content of the file or None, what reads it, the error, a pattern for its text)
FILES = {
    "not JSON": (b'{"en": "a", "zh": "b"}\n{"en": ', read, ValueError, r"file, line 2: not JSON .* one object a line"),
    "half of a surrogate pair": (b'{"en": "a", "zh": "\\ud800"}', read, ValueError, r"file, line 1: '\\ud800' is half of a surrogate pair"),
    "elements in elements": (b"<wikipediaComparable>" + b"<a>" * 300, xml, ValueError, r"file, after 0 article pairs: elements are nested deeper than 200"),
    "JSON of another type": (b"[1, 2]\n", read, ValueError, r"file, line 1: expected an object with the keys 'en' and 'zh'"),
    "other languages": (b'{"de": "a", "fr": "b"}', read, ValueError, r"line 1: has neither 'en' nor 'zh'; its keys are 'de'"),
    "a side missing": (b'{"en": "a"}', read, ValueError, r"line 1 \(its keys are 'en'\): the 'zh' side is missing or empty; on_missing='skip'"),
    "an empty side": (b'{"en": " ", "zh": "b"}', read, ValueError, r"line 1: the 'en' side is missing or empty"),
    "a side of another type": (b'{"en": 5, "zh": "b"}', read, ValueError, r"line 1: the 'en' side is int; expected text"),
    "deep JSON": (b"[" * 100_000, read, ValueError, r"line 1: not JSON"),
    "wrong encoding": ('{"en": "a", "zh": "中"}'.encode("gb18030"), read, ValueError, r"line 1: byte 20 \(0xd6\) is not utf-8; pass encoding="),
    "a cut-off gzip file": (gzip.compress(b'{"en": "a", "zh": "b"}\n' * 99)[:40], read, ValueError, r"the compressed file is damaged or cut off"),
    "not a gzip file": (b"plain", read, ValueError, r"the compressed file is damaged"),
    "too few columns": (b"a\tb\nonly one\n", tsv, ValueError, r"file, line 2: has 1 tab-separated columns, but columns=\(0, 1\)"),
    "UTF-16": (b"a\tb\n", lambda p: tsv(p, encoding="utf-16"), ValueError, r"cannot be read line by line; convert the file to UTF-8"),
    "broken XML": (b"<wikipediaComparable><articlePair>", xml, ValueError, r"file, after 0 article pairs: not well-formed XML"),
    "XML of another kind": (b"<html/>", xml, ValueError, r"no articlePair element; expected the Wikipedia Comparable"),
    "XML without the languages": (b"<w><articlePair id='4'><article lang='de'/></articlePair></w>", xml, ValueError, r"articlePair 4: has articles in 'de', but neither in 'en' nor"),
    "an XML bomb": (BOMB.encode(), xml, ValueError, r"refused for safety"),
    "an external entity": (EXTERNAL.encode(), xml, ValueError, r"refused for safety"),
    "I- without B-": (b"a O\nb I-PER\n", NERData.from_iob2, ValueError, r"file, line 2: tag 'I-PER' follows 'O': .*scheme='IOB1'"),
    "an unknown tag": (b"a O\nb PER\n", NERData.from_iob2, ValueError, r"file, line 2: tag 'PER': expected O, B-TYPE or I-TYPE"),
    "a token without a tag": (b"a\n", NERData.from_iob2, ValueError, r"file, line 1: expected a token and a tag"),
    "a column that is not there": (b"a O\n", lambda p: NERData.from_iob2(p, tag_column=7), ValueError, r"file, line 1: has 2 columns, but token_column=0 and tag_column=7"),
    "no sentence": (b"# a comment\n\n", NERData.from_iob2, ValueError, r"file: no sentence in it"),
    "labels in another encoding": ("中 O\n".encode("gb18030"), NERData.from_iob2, ValueError, r"line 1: byte 1 \(0xd6\) is not utf-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files(case, tmp_path):
    content, call, kind, pattern = FILES[case]
    path = tmp_path / ("file.gz" if "gzip" in case else "file")
    path.write_bytes(content)
    with pytest.raises(kind, match=pattern.replace("file,", r"file(\.gz)?,")):
        call(path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def model(**kwargs):
    return MTWord2Vec(ComparableCorpus(make_pairs(10), **BOTH), **{**SMALL, **kwargs})


def labelled():
    sentences = [source[:4] for _, source, _ in make_pairs(20)]
    return NERData(sentences, labels_of(sentences))


def vectors_of(size, *names, value=0.0):
    vectors = KeyedVectors(size)
    vectors.add_vectors(list(names), np.full((len(names), size), value, dtype=np.float32))
    return vectors


CALLS = {
    "no such file": (lambda: ComparableCorpus.from_jsonl("no/such.jsonl", **BOTH), FileNotFoundError, r"no.such.jsonl does not exist"),
    "a directory": (lambda: ComparableCorpus.from_jsonl(".", **BOTH), IsADirectoryError, r"a file was expected"),
    "a path as pairs": (lambda: ComparableCorpus("x.jsonl", **BOTH), TypeError, r"use ComparableCorpus.from_jsonl"),
    "a generator as pairs": (lambda: ComparableCorpus(iter([]), **BOTH), TypeError, r"can be iterated only once"),
    "one language twice": (lambda: ComparableCorpus([], source="en", target="en"), ValueError, r"two languages are needed"),
    "a colon in a language": (lambda: ComparableCorpus([], source="en:", target="zh"), ValueError, r"source='en:' is not a language code"),
    "tokenizer of another language": (lambda: ComparableCorpus([], tokenizers={"de": str.split}, **BOTH), ValueError, r"tokenizers has 'de'"),
    "on_missing": (lambda: ComparableCorpus([], on_missing="drop", **BOTH), ValueError, r"on_missing='drop': expected one of 'error'"),
    "a pair of another shape": (lambda: pairs("ab"), ValueError, r"pair 1: expected \(id, source, target\)"),
    "an empty token": (lambda: pairs((["a", ""], ["b"])), ValueError, r"pair 1: the 'en' side has the token ''"),
    "limit 0": (lambda: ComparableCorpus([], **BOTH).limit(0), ValueError, r"at least one pair"),
    "split of too many": (lambda: ComparableCorpus(make_pairs(3), **BOTH).split(3), ValueError, r"has 3 pairs, so n must be from 1 to 2"),
    "no segmenter": (lambda: pairs(("a", "b"), tokenizers=None) and segmentation.tokenizer("th"), ValueError, r"pass tokenizers="),
    "an empty corpus": (lambda: MTWord2Vec(ComparableCorpus([], **BOTH), **SMALL), ValueError, r"has no document: nothing to train on"),
    "a side without a word": (lambda: MTWord2Vec(ComparableCorpus([("a", None)], on_missing="keep", **BOTH), **SMALL), ValueError, r"no word of 'zh' in any document"),
    "min_count too high": (lambda: model(min_count=10**6), ValueError, r"min_count=1000000 leaves no word of 'en': the most frequent one"),
    "min_count of another type": (lambda: model(min_count=1.5), ValueError, r"min_count=1.5: expected a whole number"),
    "a string as corpus": (lambda: MTWord2Vec("corpus.txt", **SMALL), TypeError, r"expected a ComparableCorpus or token lists"),
    "a generator as corpus": (lambda: MTWord2Vec((x for x in [["a"]]), **SMALL), TypeError, r"can be iterated only once"),
    "strings as documents": (lambda: MTWord2Vec(["text"], **SMALL), TypeError, r"document 1 is a string"),
    "tokens without a prefix": (lambda: MTWord2Vec([["en:a", "b"]], **BOTH, **SMALL), ValueError, r"document 1: the token 'b' has neither the prefix 'en:' nor 'zh:'"),
    "labels and no languages": (lambda: MTWord2Vec([["a"]], ner_data=labelled(), **SMALL), ValueError, r"need source= and target="),
    "one language of two": (lambda: MTWord2Vec([["a"]], source="en", **SMALL), ValueError, r"give both languages, or neither"),
    "labels of another type": (lambda: model(ner_data=[["a", "O"]]), TypeError, r"ner_data is list: expected NERData"),
    "an unknown mode": (lambda: model(mode="half"), ValueError, r"mode='half': expected one of 'hfj', 'fj'"),
    "an unknown kernel": (lambda: model(kernel="fast"), ValueError, r"kernel='fast': expected one of"),
    "an unknown merge": (lambda: model(merge="zip"), ValueError, r"merge='zip': expected one of 'random'"),
    "a weight above 1": (lambda: model(ner_weight=2), ValueError, r"ner_weight=2: expected a number from 0 to 1"),
    "dropout of 1": (lambda: model(ner_data=labelled(), dropout=1.0), ValueError, r"dropout=1.0: expected a number from 0 to below 1"),
    "no workers": (lambda: model(workers=0), ValueError, r"workers=0: expected a whole number from 1"),
    "CBOW": (lambda: model(sg=0), ValueError, r"sg cannot be set"),
    "a learning rate of NaN": (lambda: model(alpha=float("nan")), ValueError, r"alpha=nan: expected a positive number"),
    "a negative step": (lambda: model(ner_vector_alpha=-1.0), ValueError, r"ner_vector_alpha=-1.0: expected"),
    "vectors of another size": (lambda: model().build_vocab(ComparableCorpus(make_pairs(3), **BOTH), init_vectors=vectors_of(3, "en:Ann")), ValueError, r"init_vectors have vector_size=3, the model has 8"),
    "vectors that cover nothing": (lambda: model().build_vocab(ComparableCorpus(make_pairs(3), **BOTH), init_vectors=vectors_of(8, "Ann")), ValueError, r"hold none of the .* keys carry the language"),
    "vectors with NaN": (lambda: model().build_vocab(ComparableCorpus(make_pairs(3), **BOTH), init_vectors=vectors_of(8, "zh:。", value=np.nan)), ValueError, r"NaN or infinite"),
    "train before build_vocab": (lambda: MTWord2Vec(**SMALL).train([["a"]]), RuntimeError, r"call build_vocab"),
    "train without the corpus": (lambda: model().train(), TypeError, r"pass it again, the model does not keep text"),
    "train on another language": (lambda: model().train(ComparableCorpus([("a", "b")], source="en", target="de")), ValueError, r"the corpus has \('en', 'de'\), but the model has"),
    "train on unknown words": (lambda: model().train(ComparableCorpus([("xyz", "某某")], **BOTH)), ValueError, r"holds no word of this corpus"),
    "a second vocabulary": (lambda: model().build_vocab([["a"]], update=True), ValueError, r"does not take update"),
    "tag without a tagger": (lambda: model().tag([["a"]], language="zh"), RuntimeError, r"train it with ner_data"),
    "tag a third language": (lambda: model(ner_data=labelled()).tag([["a"]], language="de"), ValueError, r"language='de': this model has 'en' and 'zh'"),
    "tag text": (lambda: model(ner_data=labelled()).tag(["abc"], language="en"), TypeError, r"sentence 1 is text: expected a list of tokens"),
    "a neighbour of nothing": (lambda: model().neighbours("xyz", language="en"), KeyError, r"'en:xyz' is not in the vocabulary"),
    "an unknown metric": (lambda: model().neighbours("Ann", language="en", metric="dot"), ValueError, r"metric='dot': expected one of"),
    "a rate above 1": (lambda: model(ner_data=labelled()).calibrate(rate=3), ValueError, r"rate=3: expected a share"),
    "mismatched lengths": (lambda: NERData([["a", "b"]], [["O"]]), ValueError, r"sentence 1 has 2 tokens, but 1 tags"),
    "mismatched counts": (lambda: NERData([["a"]], []), ValueError, r"1 sentences, but 0 lists of tags"),
    "no labelled sentence": (lambda: NERData([], []), ValueError, r"no labelled sentence"),
    "a scheme that is none": (lambda: NERData([["a"]], [["O"]], scheme="BILOX"), ValueError, r"scheme='BILOX': expected one of"),
    "a name of two types": (lambda: NERData.from_gazetteer([["a"]], {"PER": ["Dan"], "LOC": ["Dan"]}), ValueError, r"the name 'Dan' is in both 'PER' and 'LOC'"),
    "a gazetteer of strings": (lambda: NERData.from_gazetteer([["a"]], {"PER": "Dan"}), ValueError, r"is one string"),
    "an empty gazetteer": (lambda: NERData.from_gazetteer([["a"]], {}), ValueError, r"names holds no name"),
    "labels that the vocabulary lacks": (lambda: UnigramTagger(vectors_of(4, "en:x")).fit([["x"]], [["B-PER"]]), ValueError, r"the vocabulary holds none of the 1 labelled tokens"),
    "a tagger without vectors": (lambda: UnigramTagger().fit([["x"]], [["O"]]), ValueError, r"vectors=None"),
    "a callback without labels": (lambda: NERCallback([["a"]]), TypeError, r"ner_data is list: expected NERData"),
    "a Bible that is not there": (lambda: datasets.bible("en", "tlh"), ValueError, r"no Bible in 'tlh'; there are ar, bn, de"),
    "names that are not there": (lambda: datasets.bible_names("it"), ValueError, r"no list of names in 'it'"),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLS)
def test_calls(case):
    call, kind, pattern = CALLS[case]
    with pytest.raises(kind, match=pattern):
        call()


def test_parallel_files_of_different_lengths(tmp_path):
    (tmp_path / "en").write_text("a\nb\n", "utf-8")
    (tmp_path / "zh").write_text("甲\n", "utf-8")
    with pytest.raises(ValueError, match=r"zh ends before line 2, which .*en has"):
        list(ComparableCorpus.from_parallel(tmp_path / "en", tmp_path / "zh", **BOTH))


def test_json_lines_error_names_the_line_after_many_good_ones(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"en": "a", "zh": "b"}) + "\n" + '{"en": "a"}\n', "utf-8")
    with pytest.raises(ValueError, match="line 2"):
        MTWord2Vec(ComparableCorpus.from_jsonl(path, **BOTH), **SMALL)


def test_a_line_without_end_is_not_read_to_its_end(tmp_path, monkeypatch):
    from gensim_mtner.text import lines

    monkeypatch.setattr(lines, "MAX_LINE", 1 << 20)
    path = tmp_path / "bomb.tsv.gz"
    path.write_bytes(gzip.compress(b"a" * (1 << 24)))
    with pytest.raises(ValueError, match=r"bomb\.tsv\.gz, line 1 is longer than 1 MB"):
        tsv(path)
