"""What the benchmarks share: the data they read, the models they vary, and how cells are run and written down.

BLAS gets one thread in every process that is measured: two jobs on two cores would otherwise take turns, and a time
would depend on the machine. This must be said before numpy is loaded; processes that are started later inherit it.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
