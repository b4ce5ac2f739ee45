"""Build the kernels: every ``cython/_name.pyx`` becomes ``gensim_mtner._name``.

Metadata lives in pyproject.toml. ``MTNER_DEBUG=1`` builds kernels that check bounds.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("MTNER_DEBUG") == "1"
DIRECTIVES = {
    "language_level": 3,
    "cdivision": True,
    "boundscheck": DEBUG,
    "wraparound": DEBUG,
    "initializedcheck": DEBUG,
}

kernels = [
    Extension(
        f"gensim_mtner.{path.stem}",
        [str(path)],
        include_dirs=["cython"],
        depends=[str(header) for header in Path("cython").glob("*.h")],
        extra_compile_args=["-O3"],
    )
    for path in sorted(Path("cython").glob("*.pyx"))
]
setup(
    ext_modules=cythonize(
        kernels, include_path=["cython"], build_dir="build", compiler_directives=DIRECTIVES, force=DEBUG
    )
)
