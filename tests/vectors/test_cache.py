"""Where arrays begin in memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gensim_mtner.vectors.cache import LINE, on_lines


@given(st.integers(0, LINE - 1), st.integers(1, 40), st.integers(1, 40), st.sampled_from(["float32", "uint8", "int64"]))
def test_an_array_on_lines_has_the_same_numbers_and_begins_where_a_line_does(start, n, d, dtype):
    size = np.dtype(dtype).itemsize
    room = np.random.default_rng(start).integers(0, 100, n * d * size + 2 * LINE, dtype=np.uint8)
    start += -room.ctypes.data % LINE
    array = room[start - start % size :][: n * d * size].view(dtype).reshape(n, d)
    found = on_lines(array)
    assert found.ctypes.data % LINE == 0
    assert found.dtype == array.dtype and found.shape == array.shape
    assert found.flags.c_contiguous and found.flags.aligned and found.flags.writeable
    assert found.tobytes() == array.tobytes()
    assert (found is array) == (array.ctypes.data % LINE == 0)
