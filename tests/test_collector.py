"""Python's collector of cycles rests while lists are made, and is as it was after that."""

import gc
import os
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
    with collector_at_rest():
        assert not gc.isenabled()
    assert not gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_is_forked_meanwhile_has_it():
    with collector_at_rest():
        child = os.fork()
        if not child:
            os._exit(0 if gc.isenabled() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not gc.isenabled()


def test_an_iterable_of_the_users_is_read_with_it_at_work():
    def sentences():
        for _ in range(3):
            assert gc.isenabled()
            yield ["Ann"]

    assert len(NERData(sentences(), [["O"]] * 3)) == 3


def test_threads_that_overlap_bring_it_back():
    @collector_at_rest()
    def work(n):
        return len([[number] for number in range(n)])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, [2000] * 200)) == [2000] * 200
    assert gc.isenabled()
