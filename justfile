# recipes for "just"

default:
    @just --list

# compile the kernels in place
build:
    python setup.py -q build_ext --inplace

# tests and doctests
test *arguments:
    python -m pytest -q {{ arguments }}

# format, lint, types
check:
    ruff format .
    ruff check --fix .
    mypy

# the documentation as a site that follows changes
docs:
    mkdocs serve

# kernels under the sanitizers of GCC
sanitize kind="address,undefined":
    bash tests/sanitize {{ kind }}

# every reader and loader, fuzzed (needs atheris)
fuzz runs="10000":
    python benchmarks/fuzz.py all --runs {{ runs }}

# all that must hold, in an environment of its own
all:
    bash tests/run
