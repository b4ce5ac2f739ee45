"""spaCy: silver labels by its pipelines, and our tagger in them."""

import shutil

import pytest
from conftest import MODEL_1, TINY, labels_of, make_pairs

spacy = pytest.importorskip("spacy", reason="pip install 'gensim-mtner[spacy]'")

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData  # noqa: E402
from gensim_mtner.spacy_component import EntityTagger  # noqa: E402
from gensim_mtner.text.segmentation import tokenizer  # noqa: E402


@pytest.fixture
def nlp():
    made = spacy.blank("en")
    made.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PERSON", "pattern": "Ann Lee"},
            {"label": "GPE", "pattern": "Rome"},
            {"label": "NORP", "pattern": "Roman"},
        ]
    )
    return made


SENTENCES = [["Ann", "Lee", "left", "Rome"], ["a", "Roman", "don't", "#"], []]


def test_tokens_stay_and_types_are_mapped(nlp):
    data = NERData.from_spacy(nlp, SENTENCES)
    assert data.sentences == SENTENCES[:2]
    assert data.tags == [["B-PER", "I-PER", "O", "B-LOC"], ["O"] * 4]
    own = NERData.from_spacy(nlp, SENTENCES, types={"PERSON": None})
    assert own.tags == [["O", "O", "O", "B-GPE"], ["O", "B-NORP", "O", "O"]]


def test_the_cache_is_written_once_and_read_from_then_on(nlp, tmp_path):
    cache = tmp_path / "silver.iob2"
    first = NERData.from_spacy(nlp, SENTENCES, cache=cache)
    again = NERData.from_spacy(None, [], cache=cache)
    assert (again.sentences, again.tags) == (first.sentences, first.tags)


def test_a_pipeline_without_entities_is_reported_and_leaves_no_cache(tmp_path):
    with pytest.raises(ValueError, match="found no entity in 2 sentences"):
        NERData.from_spacy(spacy.blank("en"), SENTENCES, cache=tmp_path / "silver.iob2")
    assert not list(tmp_path.iterdir())


def test_only_first_paragraphs_when_asked_for(nlp):
    pairs = [("Ann Lee came.\n\nRome fell.", "一"), (["Rome", "fell"], "二")]
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    found = [" ".join(sentence) for sentence in corpus.sentences("en", paragraphs=1)]
    assert found == ["Ann Lee came .", "Rome fell"]
    assert len(list(corpus.sentences("en"))) == 3
    with pytest.raises(ValueError, match="paragraphs=0: expected at least 1"):
        list(corpus.sentences("en", paragraphs=0))


def test_a_model_is_a_component_of_a_pipeline(tmp_path):
    model = MODEL_1
    nlp = spacy.blank("en")
    nlp.add_pipe("mtner", config={"model": str(model), "language": "en"})
    doc = nlp("Ann saw Rome. Bob  left\nOslo.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Ann", "PER"), ("Rome", "LOC"), ("Bob", "PER"), ("Oslo", "LOC")]  # fmt: skip
    nlp.add_pipe("sentencizer", first=True)
    assert len(nlp("Ann saw Rome. Bob left.").ents) == 3 and nlp(" ").ents == ()
    with pytest.raises(ValueError, match="language='fr'"):
        spacy.blank("fr").add_pipe("mtner", config={"model": str(model), "language": "fr"})
    gensims = tmp_path / "model.bin"  # a pickle, which can run any code
    MTWord2Vec.load(model).save(gensims, format="gensim")
    with pytest.raises(ValueError, match=r"model\.bin is not a directory that MTWord2Vec\.save wrote"):
        spacy.blank("en").add_pipe("mtner", config={"model": str(gensims), "language": "en"})


def pipeline_of(model, language="en"):
    nlp = spacy.blank("en")
    nlp.add_pipe("mtner", config={"model": str(model), "language": language})
    return nlp


def found(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_names_that_are_there_stay():
    nlp = pipeline_of(MODEL_1)
    rules = nlp.add_pipe("entity_ruler", before="mtner")
    rules.add_patterns([{"label": "PRODUCT", "pattern": "Ann Eleven"}])
    doc = nlp("Ann Eleven saw Rome. Bob left.")
    assert found(doc) == [("Ann Eleven", "PRODUCT"), ("Rome", "LOC"), ("Bob", "PER")]


def test_a_stream_is_tagged_many_documents_at_a_time(monkeypatch):
    nlp, calls, tag = pipeline_of(MODEL_1), [], MTWord2Vec.tag
    monkeypatch.setattr(MTWord2Vec, "tag", lambda *given, **more: calls.append(1) or tag(*given, **more))
    texts = ["Ann saw Rome. Bob left.", "", "Oslo."] * 10
    docs = list(nlp.pipe(texts, batch_size=15))
    assert len(calls) == 2
    assert [found(doc) for doc in docs] == [found(nlp(text)) for text in texts]
    assert found(docs[0]) == [("Ann", "PER"), ("Rome", "LOC"), ("Bob", "PER")]


def test_a_pipeline_takes_its_model_along(tmp_path):
    shutil.copytree(MODEL_1, tmp_path / "model", copy_function=shutil.copyfile)
    (tmp_path / "model").chmod(0o755)  # that of a checkout may be read-only
    nlp = pipeline_of(tmp_path / "model")
    nlp.to_disk(tmp_path / "pipeline")
    shutil.rmtree(tmp_path / "model")
    shutil.move(tmp_path / "pipeline", tmp_path / "elsewhere")
    assert found(spacy.load(tmp_path / "elsewhere")("Ann left.")) == [("Ann", "PER")]
    missing = pipeline_of(tmp_path / "model")  # which a pipeline that is loaded would bring
    for use in (lambda: missing("Ann left."), lambda: missing.to_disk(tmp_path / "other")):
        with pytest.raises(ValueError, match=r"model is not a directory that MTWord2Vec\.save wrote: 'mtner' has no"):
            use()


def test_a_document_without_names_is_annotated_all_the_same():
    assert pipeline_of(MODEL_1)("so it is").has_annotation("ENT_IOB")


def test_a_document_that_fails_is_handed_to_the_handler_and_the_others_go_on(monkeypatch):
    nlp, failed, tag = pipeline_of(MODEL_1), [], MTWord2Vec.tag

    def sometimes(model, sentences, **more):
        if any("bad" in row for row in sentences):
            raise ValueError("it is bad")
        return tag(model, sentences, **more)

    monkeypatch.setattr(MTWord2Vec, "tag", sometimes)
    texts = ["Ann left.", "bad", "Bob left."]
    for size in (1, 3):
        with pytest.raises(ValueError, match="it is bad"):
            list(nlp.pipe(texts, batch_size=size))
    nlp.set_error_handler(lambda name, component, docs, error: failed.append((name, docs[0].text, str(error))))
    assert [found(doc) for doc in nlp.pipe(texts)] == [[("Ann", "PER")], [("Bob", "PER")]]
    assert failed == [("mtner", "bad", "it is bad")]
    assert nlp.get_pipe("mtner").get_error_handler() is not None


@pytest.mark.parametrize("conversion", ["none", None, "t2s"])
def test_text_is_cut_as_the_corpus_was(conversion, monkeypatch):
    if conversion == "t2s":
        pytest.importorskip("opencc")
    pairs = [(" ".join(source), "".join(target)) for _, source, target in make_pairs(30)]
    sentences = [source for _, source, _ in make_pairs(30)]
    cut = None if conversion == "none" else {"zh": tokenizer("zh", conversion=conversion)}
    corpus = ComparableCorpus(pairs, source="en", target="zh", tokenizers=cut)
    model = MTWord2Vec(corpus, ner_data=NERData(sentences, labels_of(sentences)), **TINY)
    asked = []

    def tag(words, **more):
        asked.extend(words)
        return [["B-LOC" if word == "罗马" else "O" for word in row] for row in words]

    monkeypatch.setattr(model, "tag", tag)
    text = "安訪問羅馬。" if conversion == "t2s" else "安访问罗马。"
    doc = EntityTagger(model, "zh")(spacy.blank("zh")(text))
    assert asked == [["安", "访问", "罗马", "。"]]
    assert found(doc) == [(text[3:5], "LOC")]


def test_accents_of_their_own_do_not_move_names_nor_keep_the_script(monkeypatch):
    pytest.importorskip("opencc")
    model = MTWord2Vec.load(MODEL_1)
    model.segmented = {"en": {"segmenter": None, "conversion": "t2s"}}
    asked = []

    def tag(words, **more):
        asked.extend(words)
        return [["B-LOC" if word in ("Rome", "罗马") else "O" for word in row] for row in words]

    monkeypatch.setattr(model, "tag", tag)
    text = "\u0958 羅馬 cafe\u0301 Rome ."
    doc = EntityTagger(model, "en")(spacy.blank("en")(text))
    assert found(doc) == [("羅馬", "LOC"), ("Rome", "LOC")]
    assert asked == [["\u0915\u093c", "罗马", "caf\xe9", "Rome", "."]]


def test_a_segmenter_that_cannot_be_had_is_told_of():
    model = MTWord2Vec.load(MODEL_1)
    model.segmented = {"en": {"segmenter": "jieba", "conversion": None}}
    with pytest.raises(ValueError, match="jieba"):
        EntityTagger(model, "en")(spacy.blank("en")("Ann left."))
