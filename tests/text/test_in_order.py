"""Results in order from threads and processes, and an end that comes whenever the consumer stops."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner.workers import in_order

STOPS = """
from concurrent.futures import ProcessPoolExecutor
from gensim_mtner.workers import in_order

def same(number):
    return number

if __name__ == "__main__":
    for stop in range(40):
        with ProcessPoolExecutor(2) as pool:
            for result in in_order(pool, same, ((number,) for number in range(20)), 4):
                if result == stop % 7:
                    break
    print("ended")
"""


@given(jobs=st.integers(0, 30), waiting=st.integers(0, 8), workers=st.integers(1, 4))
def test_results_come_in_the_order_of_the_jobs(jobs, waiting, workers):
    with ThreadPoolExecutor(workers) as pool:
        assert list(in_order(pool, lambda n: n * n, ((n,) for n in range(jobs)), waiting)) == [
            n * n for n in range(jobs)
        ]


@given(waiting=st.integers(0, 8), stop=st.integers(0, 10))
def test_a_stream_is_asked_for_no_more_than_may_wait(waiting, stop):
    asked = []
    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, lambda n: n, ((asked.append(n) or n,) for n in range(100)), waiting)
        for _ in range(stop):
            next(results)
        assert len(asked) <= stop + waiting
        results.close()


def test_what_waits_behind_an_error_is_not_begun():
    begun, go = [], threading.Event()

    def run(number):
        begun.append(number)
        if number == 0:
            go.wait(30)
            raise ValueError("the first")
        time.sleep(0.2)

    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="the first"):
        results = in_order(pool, run, ((number,) for number in range(20)), 10)
        threading.Timer(0.2, go.set).start()
        list(results)
    assert len(begun) <= 2


def test_processes_end_wherever_the_consumer_stops(tmp_path):
    """Python 3.11.2 waits for ever for processes whose jobs were cancelled one by one."""
    script = tmp_path / "stops.py"
    script.write_text(STOPS, encoding="utf-8")
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert ended.stdout == "ended\n", ended.stderr
