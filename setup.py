"""Build the kernels: every ``cython/_name.pyx`` becomes ``gensim_mtner._name``.

Metadata lives in pyproject.toml. ``MTNER_DEBUG=1`` builds kernels that check bounds;
``MTNER_SANITIZE=address,undefined`` (or ``thread``) such as the sanitizers of GCC and Clang watch, see tests/sanitize.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("MTNER_DEBUG") == "1"
SANITIZE = os.environ.get("MTNER_SANITIZE")
FLAGS = [f"-fsanitize={SANITIZE}", "-O1", "-g", "-fno-omit-frame-pointer"] if SANITIZE else ["-O3"]
FLAGS += ["-fno-math-errno"]  # square roots of vectors: nothing asks for errno
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
        extra_compile_args=FLAGS,
        extra_link_args=FLAGS[:1] if SANITIZE else [],
    )
    for path in sorted(Path("cython").glob("*.pyx"))
]
setup(
    ext_modules=cythonize(
        kernels, include_path=["cython"], build_dir="build", compiler_directives=DIRECTIVES, force=DEBUG
    )
)
