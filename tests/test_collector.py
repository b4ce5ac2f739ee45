"""Python's collector of cycles rests while lists are made, and is as it was after that."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from gensim_mtner import NERData
from gensim_mtner.collector import collector_at_rest


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    gc.enable()


def test_it_is_brought_back_after_an_error_too():
    with pytest.raises(ValueError, match="lists of tags"), collector_at_rest():
        assert not gc.isenabled()
        NERData([["Ann"]], [])
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off():
    gc.disable()
    NERData([["Ann"]], [["O"]])
    assert not gc.isenabled()


def test_threads_that_overlap_bring_it_back():
    def label(n):
        return len(NERData([["Ann"]] * n, [["O"]] * n))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(label, [200] * 200)) == [200] * 200
    assert gc.isenabled()
