"""Targets of benchmarks/fuzz.py for labels: files of every form, and what is written in every format, read again."""

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path

from gensim_mtner import NERData
from gensim_mtner.labels import formats

BLANKS = "\ufeff"
NOT_A_WORD = re.compile(r"[0-9]+[-.][0-9]+")


def blank(text):
    return not text.replace(BLANKS, "").strip()


def plain_lines(path):
    """The lines of a file, by a second reading."""
    return [line.lstrip(BLANKS) for line in re.split("\r\n|\r|\n", path.read_bytes().decode())]


def labels(path):
    """Every token is a column of its line, in order, and no line is lost that is not a comment, a mark or blank."""
    data = NERData.from_iob2(path, on_invalid="repair")
    rows, content = [], path.read_bytes().decode()
    for line in plain_lines(path):
        if not blank(line):
            rows.append((line, line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]))
    pairs = [pair for sentence in data for pair in zip(*sentence, strict=True)]
    places = {0}  # how many tokens may have been read by now
    for line, cells in rows:
        bare = [cell.lstrip(BLANKS) for cell in cells]
        parts = [part.replace(BLANKS, "").strip() for cell in cells for part in (cell, *cell.split("|"))]
        following = set()
        for place in places:
            token, tag = pairs[place] if place < len(pairs) else ("", "")
            told = token and any(cell == token or cell.endswith(":" + token) for cell in bare)
            # a tag may be repaired, or under a key, whose absence is O
            if told and (any(part.endswith(tag[1:] or tag) for part in parts) or (tag == "O" and "=" in content)):
                following.add(place + 1)
        no_token = line[0] == "#" or line.startswith("-DOCSTART-") or NOT_A_WORD.fullmatch(cells[0])
        if no_token or any(blank(cell) or cell[-1:] == ":" for cell in cells):
            following |= places
        assert following, f"lost: {line!r}"
        places = following
    assert len(pairs) in places, "a token from nowhere"
    read_back(data, path.with_suffix(".again"))


def written(path):
    """Tokens of any text: what the library accepts is written and read back."""
    text = path.read_bytes().decode("utf-8", "ignore")
    sentences, tags = [], []
    for part in text.split("\x02"):
        tokens = []
        for token in part.split("\x01"):
            try:
                NERData([[token]], [["O"]])
            except ValueError:
                continue
            tokens.append(token)
        if tokens:
            sentences.append(tokens)
            tags.append([("O", "B-X", "I-X", "B-Y", "I-Y z")[sum(map(ord, token)) % 5] for token in tokens])
    if sentences:
        read_back(NERData(sentences, tags, on_invalid="repair"), path.with_suffix(".again"))


def read_back(data, path):
    """Every format gives the same."""
    try:
        for name in ("iob2", "conll2003"):
            path.write_text("".join(formats.write(data, name)), encoding="utf-8", newline="")
            again = NERData.from_iob2(path)
            assert (again.sentences, again.tags) == (data.sentences, data.tags), name
        lines = "".join(formats.write(data, "jsonl")).split("\n")[:-1]
        again = NERData.from_records(map(json.loads, lines), tags="tags")
        assert (again.sentences, again.tags) == (data.sentences, data.tags), "jsonl"
        if not any(" " in kind for kind in data.types):
            text = "\n".join(map("\t".join, data.sentences))
            for line in formats.write(data, "brat", text=text):
                _, place, shown = line[:-1].split("\t")
                start, stop = map(int, place.rsplit(" ", 2)[1:])
                assert text[start:stop].replace("\t", " ") == shown, "brat"
    except ValueError as error:
        raise AssertionError(f"what was accepted is refused: {error}") from error


SEEDS = {
    labels: [
        "# text = Ann left\n1\tAnn\tB-PER\t-\t-\n2\tleft\tO\t-\t-\n\n1\tx\tO\t-\t-\n",
        "-DOCSTART- -X- -X- O\n\n1 CD B-NP O\nAnn NNP I-NP I-PER\n\n# # B-NP O\n",
        "-DOCSTART- -X- -X- -X- O\n\nAnn Ann NE B-NC B-PER\ngehe gehen VVFIN B-VC O\n",
        "en:Sioux\tB-ORG\nen:City\tI-ORG\n\nen::\tO\n",
        "#\thttp://x.de [2009]\n1\tBad\tB-LOC\tO\n2\tx\tO\tB-PER\n",
        "## id\tx y\n안\tB-PS\n \tI-PS\n나\tI-PS\n\n#DOCSTART 1\nx\tO\n",
        "1-2\tal\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\t_\t_\t_\t_\t_\t_\t_\tNER=B-LOC\n1.1\tb\t_\t_\t_\t_\t_\t_\t_\t_\n"
        "2\tel\t_\t_\t_\t_\t_\t_\t_\tX=y|NER=I-LOC\n",
        "\ufeffa O\rb\xa0 B-X\xa0\r\r\ufeff#\tO\r\n14\tB-X\n",
    ],
    written: [
        "Ann\x01Lee\x02#\x01-DOCSTART-\x01-X-\x02# a = b\x01en:x\x01\ufeffy\x01a b",
        "1\x012\x023\x02 a\x01b \x01\xa0c\u2028\x01\x85",
    ],
}


def main():
    """Run one case again, such as one that the fuzzer left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=[target.__name__ for target in SEEDS])
    parser.add_argument("case", type=Path, help="a file; it is copied before it is read")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        {target.__name__: target for target in SEEDS}[options.target](
            shutil.copy(options.case, Path(folder, "case.txt"))
        )


if __name__ == "__main__":
    main()
