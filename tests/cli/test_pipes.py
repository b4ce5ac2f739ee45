"""Tagging through a pipe: who asks is answered at once, whatever comes after."""

import json
import os
import queue
import subprocess
import sys
import threading

import pytest
from conftest import MODEL_1

TAG = [sys.executable, "-m", "gensim_mtner", "tag", "--model", str(MODEL_1), "--language", "en", "--format", "jsonl"]
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
LIMIT = 60  # seconds, for the start of Python above all


def reader(stream):
    """Lines of a stream as they come, and None at its end."""
    lines = queue.Queue()

    def read():
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


@pytest.mark.parametrize("more", [(), ("--raw",), ("--cluster", "local")])
def test_each_line_is_answered_before_the_next_is_written(more):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": BUFFERED}
    with subprocess.Popen([*TAG, *more], **pipes) as process:
        try:
            answers = reader(process.stdout)
            for asked, name in enumerate(("Rome", "Oslo", "Paris"), 1):
                process.stdin.write(f"Ann saw {name} .\n")
                process.stdin.flush()
                row = json.loads(answers.get(timeout=LIMIT))
                assert (row["tokens"], row["line"]) == (["Ann", "saw", name, "."], asked)
            process.stdin.close()
            assert answers.get(timeout=LIMIT) is None
        except BaseException:
            process.kill()  # or it would be waited for, as it waits for more
            raise
    assert process.returncode == 0


def test_what_stands_before_a_bad_byte_is_tagged():
    done = subprocess.run(TAG, input=b"Ann saw Rome .\nBob \xff\n", capture_output=True, timeout=LIMIT)
    assert json.loads(done.stdout)["tokens"] == ["Ann", "saw", "Rome", "."]
    assert done.returncode == 1 and b"standard input, line 2: byte 5 (0xff) is not utf-8" in done.stderr


def test_a_sentence_says_of_which_line_it_is():
    text = "\nAnn saw Rome. Bob left.\n\n\nOslo.\n"
    done = subprocess.run([*TAG, "--raw"], input=text, capture_output=True, text=True, timeout=LIMIT, check=True)
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [2, 2, 5]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
@pytest.mark.parametrize(("closed", "said"), [("<&-", "standard input is closed: pass --input"),
                                              (">&-", "standard output is closed: pass --out")])  # fmt: skip
def test_a_stream_that_is_closed_is_told_of(closed, said):
    command = f'printf "Ann left\\n" | "$@" {closed}' if closed[0] == ">" else f'"$@" {closed}'
    done = subprocess.run(["sh", "-c", command, "sh", *TAG], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 1 and f"error: {said}" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes streams")
def test_an_output_that_is_closed_is_not_missed_where_there_is_a_file(tmp_path):
    command = [*TAG, "--out", str(tmp_path / "out")]
    piped = ["sh", "-c", 'printf "Ann left\\n" | "$@" >&-', "sh", *command]
    done = subprocess.run(piped, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out").read_text(encoding="utf-8"))["tokens"] == ["Ann", "left"]
