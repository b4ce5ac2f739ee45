"""A destination that is bad is found before any work; if writing fails at the end all the same, the model is kept."""
# ruff: noqa: E501

import builtins
import errno
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import BOTH, TINY, labels_of, make_pairs

from gensim_mtner import ComparableCorpus, MTWord2Vec, NERData, storage
from gensim_mtner.cli import opening
from gensim_mtner.cli.main import main
from gensim_mtner.storage import check_destination, new_directory, new_file


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("destinations")
    pairs = make_pairs(20)
    with open(folder / "pairs.jsonl", "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"en": source, "zh": target}) + "\n" for _, source, target in pairs)
    sentences = [source[:4] for _, source, _ in pairs]
    with open(folder / "train.iob2", "w", encoding="utf-8") as stream:
        for sentence, tags in zip(sentences, labels_of(sentences), strict=True):
            stream.write("".join(f"{word}\t{tag}\n" for word, tag in zip(sentence, tags, strict=True)) + "\n")
    corpus = ComparableCorpus(pairs, source="en", target="zh")
    MTWord2Vec(corpus, ner_data=NERData(sentences, labels_of(sentences)), **TINY).save(folder / "model")
    return folder


def bad_places(folder):
    """Paths that nothing can be written to, and what is said of each, for a file and for a directory."""
    (folder / "others").mkdir()
    (folder / "others" / "thesis.txt").write_text("dear")
    (folder / "file").write_text("dear")
    long = "x" * 300
    return {
        folder / "others": ("is a directory; the name of a file", r"other files \('thesis\.txt'\), which are not replaced"),
        folder / "file" / "x": ("cannot be written: .*file is not a directory",) * 2,
        folder / long: ("cannot be written: File name too long",) * 2,
        folder / long / "x": ("cannot be written: File name too long",) * 2,
        folder / "file": (None, "file is a file; a directory is made there"),
        folder / "missing" / "x": ("missing does not exist: make it first", None),
        folder / "a\0b": ("is not a path to write to",) * 2,
        Path("s3://bucket/x"): ("is an address; results are written to this machine",) * 2,
    }  # fmt: skip


def forbid_reading(monkeypatch):
    """All work begins with reading: none may be done."""

    def refuse(*args, **kwargs):
        raise AssertionError("work was begun")

    for name in ("load_model", "open_corpus", "labels_of", "open_model"):
        for module in ("opening", "commands"):
            monkeypatch.setattr(f"gensim_mtner.cli.{module}.{name}", refuse, raising=False)
    monkeypatch.setattr("gensim_mtner.text.datasets.bible", refuse)


COMMANDS = {
    "train": (["train", "--corpus", "{files}/pairs.jsonl", *BOTH, "--out", "{out}"], 1, ".x"),
    "checkpoint": (["train", "--corpus", "{files}/pairs.jsonl", *BOTH, "--out", "{new}", "--checkpoint", "{out}"], 2, ""),
    "encode": (["encode", "--corpus", "{files}/pairs.jsonl", *BOTH, "--overwrite", "--out", "{out}"], 1, ""),
    "demo": (["demo", "--out", "{out}"], 1, ""),
    "tag": (["tag", "--model", "{files}/model", "--language", "zh", "--out", "{out}"], 0, ""),
    "translate": (["translate", "--model", "{files}/model", "--from", "en", "--to", "zh", "--out", "{out}"], 0, ""),
    "report": (["report", "{files}/model", "--out", "{out}"], 0, ""),
    "plot": (["plot", "losses", "--model", "{files}/model", "--out", "{out}"], 0, ".png"),
    "tables": (["tables", "table1", "--corpus", "{files}/pairs.jsonl", *BOTH, "--ner", "{files}/train.iob2", "--gold",
                "{files}/train.iob2", "--results", "{out}"], 2, ""),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_looks_at_its_destination_first(command, files, tmp_path, monkeypatch, capsys):
    if command in ("report", "plot"):
        pytest.importorskip("jinja2")
    forbid_reading(monkeypatch)
    arguments, kind, suffix = COMMANDS[command]
    for place, messages in bad_places(tmp_path).items():
        said = messages[min(kind, 1)]
        if said is None or (kind == 2 and place.name == "others"):
            continue
        if suffix == ".png":
            if place.suffix or place.name in ("others", "file"):
                continue
            place = place.with_name(place.name + suffix)
        filled = [argument.format(files=files, out=place, new=tmp_path / "new") for argument in arguments]
        assert main(filled) == 1
        shown = capsys.readouterr().err
        assert re.search(said, shown), shown
        assert shown.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["file", "others"]


@pytest.mark.parametrize("kind", ["a file", "a folder", "something stored"])
def test_the_check_agrees_with_the_message(kind, tmp_path):
    for place, (file, directory) in bad_places(tmp_path).items():
        said = file if kind == "a file" else directory
        if said is None or (kind == "a folder" and place.name == "others"):
            check_destination(place, kind)
            continue
        with pytest.raises((OSError, ValueError), match=said):
            check_destination(place, kind, overwrite=True)


def test_what_may_be_replaced(tmp_path):
    place = tmp_path / "x"
    place.mkdir()
    for content in ("1", "2"):  # an empty directory, and one of the same kind
        with new_directory(place, "kind", 1, overwrite=True) as facts:
            (facts["directory"] / "part").write_text(content)
    with pytest.raises(FileExistsError, match="x exists; pass overwrite=True"):
        check_destination(place, "kind", 1)
    with pytest.raises(ValueError, match="is of 'kind'; 'other' was expected"):
        check_destination(place, "other", 1, overwrite=True)
    (place / ".DS_Store").touch()  # which nobody would miss
    check_destination(place, "kind", 1, overwrite=True)
    (place / ".DS_Store").unlink()
    for name in ("notes.txt", ".git"):
        (place / name).mkdir()
        with pytest.raises(
            FileExistsError, match=rf"has other files than those of kind \('{name}'\), which would be lost"
        ):
            check_destination(place, "kind", 1, overwrite=True)
        assert sorted(os.listdir(place)) == sorted(["manifest.json", name, "part"])
        (place / name).rmdir()


def test_where_names_cannot_be_exchanged_the_old_one_stays_if_the_new_one_fails(tmp_path, monkeypatch):
    place, replace = tmp_path / "x", os.replace
    monkeypatch.setattr(storage, "exchange", lambda one, other: False)

    def write(content):
        with new_directory(place, "kind", 1, overwrite=True) as facts:
            (facts["directory"] / "part").write_text(content)

    write("1")
    write("2")
    assert (place / "part").read_text() == "2"
    calls = []

    def fails(*names):
        calls.append(names)
        if len(calls) == 2:
            raise OSError(errno.EIO, "input/output error")
        replace(*names)

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="input/output error"):
        write("3")
    assert (place / "part").read_text() == "2"
    assert os.listdir(tmp_path) == ["x"]


def test_folders_that_were_made_for_what_failed_go_again(tmp_path):
    (tmp_path / "there").mkdir()
    for place in (tmp_path / "there" / "x", tmp_path / "new" / "newer" / "x"):
        with pytest.raises(ZeroDivisionError), new_directory(place, "kind", 1):
            raise ZeroDivisionError
    assert os.listdir(tmp_path) == ["there"]


def test_long_names_and_names_of_many_bytes_are_written(tmp_path):
    for name in ("x" * 250, "中" * 80):
        with new_file(tmp_path / name) as stream:
            stream.write("a")
        with new_directory(tmp_path / f"{name[:-1]}y", "kind", 1):
            pass
    assert len(os.listdir(tmp_path)) == 4


def test_pipes_devices_and_links_are_written_to_and_not_replaced(tmp_path):
    (tmp_path / "there").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with new_file(tmp_path / "link") as stream:
        stream.write("new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there").read_text() == "new"
    (tmp_path / "models").symlink_to(tmp_path / "far")
    for content in ("1", "2"):
        with new_directory(tmp_path / "models", "kind", 1, overwrite=True) as facts:
            (facts["directory"] / "part").write_text(content)
    assert (tmp_path / "models").is_symlink() and (tmp_path / "far" / "part").read_text() == "2"
    assert sorted(os.listdir(tmp_path)) == ["far", "link", "models", "there"]
    before = os.stat(os.devnull)
    with new_file(os.devnull) as stream:
        stream.write("x")
    assert os.stat(os.devnull).st_mode == before.st_mode and not Path(os.devnull).is_file()


def test_what_appeared_meanwhile_is_not_replaced_unasked(tmp_path):
    place = tmp_path / "x"
    with pytest.raises(FileExistsError, match="a directory with other files"), new_directory(place, "kind", 1):
        place.mkdir()
        (place / "precious").write_text("1")
    assert (place / "precious").read_text() == "1" and os.listdir(tmp_path) == ["x"]
    twice = (new_directory(tmp_path / "y", "kind", 1) for _ in range(2))
    with pytest.raises(FileExistsError, match="overwrite=True"), next(twice), next(twice):
        pass
    assert sorted(os.listdir(tmp_path)) == ["x", "y"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_permissions_are_those_of_what_was_there_or_of_what_is_new_there(tmp_path):
    def write():
        with new_file(tmp_path / "file"):
            pass
        with new_directory(tmp_path / "folder", "kind", 1, overwrite=True):
            pass
        return [(tmp_path / name).stat().st_mode & 0o777 for name in ("file", "folder")]

    before = os.umask(0o027)
    try:
        assert write() == [0o640, 0o750]
        (tmp_path / "file").chmod(0o600)
        (tmp_path / "folder").chmod(0o700)
        assert write() == [0o600, 0o700]
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


UNPRIVILEGED = """
import os, sys
sys.path[:0] = {path!r}
from gensim_mtner.storage import check_destination
os.setgid(65534); os.setuid(65534)
for kind in ("a file", "a folder", "something stored"):
    for place in ({read_only!r} + "/x", {read_only!r} + "/new/x"):
        if kind == "a file" and "new" in place:
            continue
        try:
            check_destination(place, kind)
        except PermissionError as error:
            print(error)
        else:
            print("not found", kind, place)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_a_folder_without_permission_is_found():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        code = UNPRIVILEGED.format(path=sys.path, read_only=folder)
        shown = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert shown.stdout.count("cannot be written") == 5 and "not found" not in shown.stdout, shown
    assert "Permission denied; choose another place" in shown.stdout


def refuse_below(monkeypatch, folder, number):
    """Let the system refuse new names in a folder, as a disk that is read-only or full does."""
    make, open_ = os.mkdir, builtins.open

    def below(path):
        return str(path).startswith(str(folder))

    def mkdir(path, *args, **kwargs):
        if below(path):
            raise OSError(number, os.strerror(number))
        return make(path, *args, **kwargs)

    def opened(path, mode="r", *args, **kwargs):
        if below(path) and set(mode) & set("wxa+"):
            raise OSError(number, os.strerror(number))
        return open_(path, mode, *args, **kwargs)

    monkeypatch.setattr(os, "mkdir", mkdir)
    monkeypatch.setattr(builtins, "open", opened)


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_disk_that_takes_nothing_is_found_by_asking_it(number, tmp_path, monkeypatch):
    refuse_below(monkeypatch, tmp_path, number)
    for kind in ("a file", "a folder", "something stored"):
        with pytest.raises(OSError, match=f"cannot be written: .*{os.strerror(number)}"):
            check_destination(tmp_path / "x", kind)


def test_a_model_that_cannot_be_written_at_the_end_is_kept_elsewhere(files, tmp_path, monkeypatch, capsys):
    out, spare = tmp_path / "disk" / "model", tmp_path / "spare"
    out.parent.mkdir()
    spare.mkdir()
    monkeypatch.setattr(opening.tempfile, "gettempdir", lambda: str(spare))
    train = MTWord2Vec.train

    def fills_the_disk(self, *args, **kwargs):
        result = train(self, *args, **kwargs)
        refuse_below(monkeypatch, out.parent, errno.ENOSPC)
        return result

    monkeypatch.setattr(MTWord2Vec, "train", fills_the_disk)
    code = main(["train", "--corpus", f"{files}/pairs.jsonl", *BOTH, "--ner", f"{files}/train.iob2", "--epochs", "1",
                 "--pretrain-epochs", "1", "--vector-size", "4", "--quiet", "--out", str(out)])  # fmt: skip
    shown = capsys.readouterr().err
    assert code == 1 and "No space left on device" in shown
    (kept,) = spare.glob("gensim-mtner-*/model")
    assert f"the model is kept in {kept}" in shown
    monkeypatch.undo()
    assert MTWord2Vec.load(kept).source == "en"


def test_the_next_place_is_tried_and_nothing_empty_is_left(files, tmp_path, monkeypatch):
    model = MTWord2Vec.load(files / "model")
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setattr(opening.tempfile, "gettempdir", lambda: str(first))
    monkeypatch.chdir(second)
    save = MTWord2Vec.save

    def fails(self, path, **kwargs):
        if not Path(path).is_relative_to(second):
            raise OSError(errno.ENOSPC, "full")
        save(self, path, **kwargs)

    monkeypatch.setattr(MTWord2Vec, "save", fails)
    with pytest.raises(OSError, match=r"could not be written .*full.*; the model is kept in .*second"):
        opening.save_model(model, tmp_path / "out", overwrite=True)
    assert not os.listdir(first)
    monkeypatch.setattr(MTWord2Vec, "save", lambda self, path, **kwargs: fails(self, tmp_path))
    with pytest.raises(OSError, match="and neither could any other place"):
        opening.save_model(model, tmp_path / "out", overwrite=True)


def test_a_model_that_appeared_in_the_meantime_is_not_replaced(files, tmp_path, monkeypatch, capsys):
    out, spare, train = tmp_path / "model", tmp_path / "spare", MTWord2Vec.train
    spare.mkdir()
    monkeypatch.setattr(opening.tempfile, "gettempdir", lambda: str(spare))
    other = MTWord2Vec.load(files / "model")

    def meanwhile(self, *args, **kwargs):
        other.save(out)
        return train(self, *args, **kwargs)

    monkeypatch.setattr(MTWord2Vec, "train", meanwhile)
    code = main(["train", "--corpus", f"{files}/pairs.jsonl", *BOTH, "--epochs", "1", "--vector-size", "8", "--min-count",
                 "1", "--mode", "baseline", "--quiet", "--out", str(out)])  # fmt: skip
    shown = capsys.readouterr().err
    assert code == 1 and "model exists; pass --overwrite to replace it" in shown
    assert MTWord2Vec.load(out).vector_size == other.vector_size
    (kept,) = spare.glob("gensim-mtner-*/model")
    assert f"the model is kept in {kept}" in shown and MTWord2Vec.load(kept).vector_size == 8


def test_a_checkpoint_within_the_model_is_refused(files, tmp_path, capsys):
    for checkpoint in ("m", "m/states"):
        assert main(["train", "--corpus", f"{files}/pairs.jsonl", *BOTH, "--out", str(tmp_path / "m"), "--checkpoint",
                     str(tmp_path / checkpoint)]) == 1  # fmt: skip
        assert "is inside of --out" in capsys.readouterr().err
    assert not os.listdir(tmp_path)


def test_the_python_api_looks_first_too(files, tmp_path):
    never = ComparableCorpus(lambda: pytest.fail("the corpus was read"), source="en", target="zh")
    (tmp_path / "file").write_text("dear")
    with pytest.raises(FileExistsError, match="is a file; a directory"):
        MTWord2Vec(never, checkpoint=tmp_path / "file", **TINY)
    with pytest.raises(NotADirectoryError, match="is not a directory"):
        never.encode(tmp_path / "file" / "x")
    with pytest.raises(NotADirectoryError, match="is not a directory"):
        NERData.from_spacy(None, (pytest.fail("read") for _ in range(1)), cache=tmp_path / "file" / "x")
    assert storage.without_nan({"a": [float("nan"), 1.0, (float("inf"), "x")]}) == {"a": [None, 1.0, [None, "x"]]}
