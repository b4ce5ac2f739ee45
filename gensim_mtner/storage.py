"""Directories of arrays and text with a manifest, and files: written whole or not at all, checked before use."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from gensim_mtner.disk import checksums, exchange, flush, hidden, mode_for, opened_as, sha256

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
MAX_MANIFEST = 1 << 26  # bytes; a manifest is small
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:[/\\]")  # Path has made one slash of two; a letter alone is a drive
TRIES = 10  # to read a directory that others replace
Read = TypeVar("Read")
LEFT = re.compile(r"\.DS_Store|\._.*|\.nfs[0-9a-f]+|\.~lock\..*")  # by systems, and lost without harm


@contextmanager
def new_directory(path: str | os.PathLike, kind: str, version: int, *, overwrite: bool = False) -> Iterator[dict]:
    """Write a directory under a temporary name; at the end add the manifest, flush all, and rename.

    Parameters
    ----------
    path : path-like
        Where it will be.
    kind, version : str, int
        What it holds, and by which layout.
    overwrite : bool
        Whether a directory of the same kind may be replaced.

    Yields
    ------
    dict
        To be filled with what else the manifest says; under "directory", the Path to write files to.

    Raises
    ------
    OSError, ValueError
        If something is at `path` that is not to be replaced, or it cannot be written; see `check_destination`.
    """
    path = Path(path)
    check_destination(path, kind, version, overwrite=overwrite)
    path = Path(os.path.realpath(path))  # where a link points is where the directory will be
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=hidden(path), dir=path.parent))
    try:
        facts: dict[str, Any] = {"directory": work}
        yield facts
        del facts["directory"]
        sums = checksums(work.iterdir())
        files = {file.name: {"bytes": file.stat().st_size, "sha256": sums[file]} for file in sorted(sums)}
        manifest = {"kind": kind, "version": version, **facts, "files": files}
        manifest["digest"] = digest(manifest)
        (work / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for file in [*work.iterdir(), work]:
            flush(file)
        os.chmod(work, mode_for(path, 0o777))
        if path.exists():  # what may have come meanwhile
            _check_replaced(path, kind, version, overwrite)
        if not path.exists():
            os.replace(work, path)
        elif not exchange(work, path):  # else `work` holds what was there, and goes below
            old = Path(tempfile.mkdtemp(prefix=hidden(path), dir=path.parent))
            try:
                with suppress(OSError):
                    os.chmod(path, 0o700)  # or it could not be moved
                os.replace(path, old / path.name)
                try:
                    os.replace(work, path)
                except BaseException:
                    os.replace(old / path.name, path)
                    raise
            except BaseException:
                with suppress(OSError):  # it stays if it holds what was there, which is not at its place then
                    old.rmdir()
                raise
            _remove(old)
        flush(path.parent)
    finally:
        _remove(work)
        with suppress(OSError):  # what was made for it goes if it is empty
            for folder in made:
                folder.rmdir()


def _remove(folder: Path) -> None:
    """Remove a folder, also of one that may not be written to; what cannot be removed is told of."""
    for part in [folder, *(part for part in folder.glob("*") if part.is_dir())]:
        with suppress(OSError):
            os.chmod(part, 0o700)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        logger.warning("%s could not be removed", folder)


@contextmanager
def new_file(path: str | os.PathLike, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Write a file under a temporary name; at the end flush it, and rename it over what is there.

    Where a link points is where the file will be; a pipe or a device, such as ``/dev/stdout``, is written to directly.
    """
    check_destination(path)
    kind: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": "\n"}
    if (opened := opened_as(path)) is not None or (os.path.exists(path) and not os.path.isfile(path)):
        with open(path if opened is None else os.dup(opened), **kind) as stream:
            yield stream
        return
    path = Path(os.path.realpath(path))
    stream = tempfile.NamedTemporaryFile(prefix=hidden(path), dir=path.parent, delete=False, **kind)  # noqa: SIM115
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(stream.name, mode_for(path, 0o666))
        os.replace(stream.name, path)
    except BaseException:
        with suppress(FileNotFoundError):  # it has its name already
            os.unlink(stream.name)
        raise
    flush(path.parent)


def check_destination(
    path: str | os.PathLike, kind: str = "a file", version: int = 0, *, overwrite: bool = False
) -> None:
    """Find out whether something can be written to a path, before any work is done for it.

    Parameters
    ----------
    path : path-like
        Where it will be.
    kind, version : str, int
        "a file"; "a folder", to which files are added; or what `new_directory` will be told.
    overwrite : bool
        Whether a directory of the same kind may be replaced.

    Raises
    ------
    FileExistsError, IsADirectoryError, NotADirectoryError
        If something is there that is not to be replaced.
    OSError
        If the system would not let it be written: there is no such folder, no permission, the disk is read-only, the
        name is too long.
    ValueError
        If it is no path, or an address such as ``s3://bucket/model``; if a directory of the same kind is there, but
        damaged, or of a later version.
    """
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path) or "\0" in str(path):
        raise ValueError(f"{path!r} is not a path to write to")
    if ADDRESS.match(str(path)) and not Path(Path(path).parts[0]).is_dir():
        raise ValueError(f"{path} is an address; results are written to this machine: name a file or folder here")
    path = Path(path)
    try:
        path.stat()
        there = True
    except OSError as error:
        there = False
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise type(error)(f"{path} cannot be written: {error.strerror}") from error
    if there and kind == "a file" and path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; the name of a file was expected")
    if there and kind == "a file" and not path.is_file():
        return  # a device or a pipe
    if there and kind != "a file":
        if not path.is_dir():
            raise FileExistsError(f"{path} is a file; a directory is made there: choose another name")
        if kind != "a folder":
            _check_replaced(path, kind, version, overwrite)
        elif (path / MANIFEST).exists():
            raise FileExistsError(f"{path} is that of another thing ({kind_of(path) or MANIFEST}): name one of its own")
    folder = path if there and kind == "a folder" else Path(os.path.realpath(path)).parent
    while kind != "a file" and not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent  # the rest is made
    if not folder.is_dir():
        said = "is not a directory" if os.path.lexists(folder) else "does not exist: make it first"
        raise NotADirectoryError(f"{path} cannot be written: {folder} {said}")
    try:
        os.rmdir(tempfile.mkdtemp(prefix=hidden(path), dir=folder))
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {folder}: {error.strerror}; choose another place") from error


def _check_replaced(path: Path, kind: str, version: int, overwrite: bool) -> None:
    """Only a directory that is empty, or whole, of the same kind, and without other files, is replaced."""
    names = sorted(os.listdir(path))
    if not names:
        return
    if MANIFEST not in names:
        more = ", …" if len(names) > 3 else ""
        raise FileExistsError(
            f"{path} is a directory with other files ({', '.join(map(repr, names[:3]))}{more}), which are not "
            "replaced: choose a name that does not exist yet"
        )
    if not overwrite:
        raise FileExistsError(f"{path} exists; pass overwrite=True to replace it")
    known = {MANIFEST, *read_manifest(path, kind, version)["files"]}
    others = [name for name in names if name not in known and not LEFT.fullmatch(name)]
    if others:
        raise FileExistsError(
            f"{path} has other files than those of {kind} ({', '.join(map(repr, others[:3]))}), which would be lost: "
            "move them first, or choose another name"
        )


def kind_of(path: str | os.PathLike) -> str | None:
    """What a directory says it holds; None if it says nothing. `read_manifest` checks it."""
    file = Path(path) / MANIFEST
    try:
        found = json.loads(file.read_bytes())["kind"] if file.stat().st_size <= MAX_MANIFEST else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def read_manifest(path: str | os.PathLike, kind: str, version: int, *, verify: bool = False) -> dict[str, Any]:
    """The manifest of a directory, after its files were found to be as it says.

    Parameters
    ----------
    path : path-like
        The directory.
    kind, version : str, int
        What it must be.
    verify : bool
        Whether checksums are compared, which reads every file; sizes are compared always.

    Raises
    ------
    ValueError
        If it is something else, of a later version, cut off or damaged.
    """
    path = Path(path)
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a directory: expected that of a {kind}")
    file = path / MANIFEST
    if not file.is_file():
        raise ValueError(f"{path} has no {MANIFEST}: it is no {kind}, or was not written to its end")
    if file.stat().st_size > MAX_MANIFEST:
        raise ValueError(f"{file} is of {file.stat().st_size} bytes: not a manifest")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        stated, parts = (manifest["kind"], manifest["version"]), manifest["files"]
        sizes = {name: (int(part["bytes"]), str(part["sha256"])) for name, part in parts.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{file} is damaged: {type(error).__name__}: {error}") from error
    if stated[0] != kind:
        raise ValueError(f"{file} is of {stated[0]!r}; {kind!r} was expected")
    if not isinstance(stated[1], int) or not 1 <= stated[1] <= version:
        raise ValueError(f"{file} has the layout version {stated[1]!r}; this release reads 1 to {version}: upgrade")
    if stated[1] > 1 and manifest.get("digest") != digest(manifest):
        raise ValueError(f"{file} is damaged: its checksum is not the one of its text")
    for name, (size, _) in sizes.items():
        part = path / name
        if len(name) > 255 or Path(name).name != name or part.is_symlink() or not part.is_file():
            raise ValueError(f"{path}: the part {name!r} is missing, or not a plain file of this directory")
        if part.stat().st_size != size:
            raise ValueError(
                f"{part} is of {part.stat().st_size} bytes, but {MANIFEST} says {size}: cut off or damaged"
            )
    sums = checksums(path / name for name in sizes) if verify else {}
    for part, found in sums.items():
        if found != sizes[part.name][1]:
            raise ValueError(f"{part} is damaged: its checksum is not the one of {MANIFEST}")
    return manifest


def steady(path: str | os.PathLike, read: Callable[[], Read]) -> Read:
    """What `read` makes of a directory, all of it of one: from the start where another was put in its place meanwhile.

    Raises
    ------
    OSError, ValueError
        As `read` does, of a directory that stays.
    """
    for _ in range(TRIES):
        before = _state_of(path)
        try:
            found = read()
        except (OSError, ValueError):
            if _state_of(path) == before:
                raise
        else:
            if _state_of(path) == before:
                return found
    raise OSError(errno.EAGAIN, f"{path} was replaced {TRIES} times while it was read")


def _state_of(path: str | os.PathLike) -> str | None:
    """By what two directories are told apart: their manifests, which have the checksums of all files."""
    file = Path(path) / MANIFEST
    try:
        return sha256(file) if file.is_file() and file.stat().st_size <= MAX_MANIFEST else None
    except OSError:
        return None


def digest(manifest: Mapping[str, Any]) -> str:
    """The checksum of a manifest without its digest; numbers and texts stay the same through JSON."""
    rest = {name: value for name, value in manifest.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def without_nan(value: Any) -> Any:
    """The like of a value with null in place of NaN and infinity, which JSON has no word for."""
    if isinstance(value, Mapping):
        return {name: without_nan(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def load_array(path: Path, dtype: str, ndim: int, *, mmap: bool) -> np.ndarray:
    """An array of a ``.npy`` file, if it is of this type; nothing is ever unpickled."""
    try:
        _check_size(path)
        array = np.load(path, mmap_mode="r" if mmap else None, allow_pickle=False)
    except MemoryError as error:
        raise MemoryError(f"{path}: {error}") from error
    except Exception as error:  # numpy's reading of headers raises many kinds, a tokenizer's among them
        if isinstance(error, OSError) and error.errno is not None:  # of the system, which does not always name the file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error
    if not array.flags.c_contiguous:
        raise ValueError(f"{path} holds columns one after the other; rows were expected")
    if array.dtype != np.dtype(dtype) or array.ndim != ndim:
        raise ValueError(f"{path} holds {array.dtype} in {array.ndim} dimensions; {dtype} in {ndim} was expected")
    return array


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of a file with a JSON value a line."""
    decode = json.JSONDecoder().raw_decode
    with open(path, "rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                text = line.decode()
                try:
                    value, end = decode(text)
                except ValueError:
                    end = len(text)
                if text[end:] != "\n":  # white space at other places, or damage, which this tells of
                    value = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path}, line {number}: damaged ({error})") from error
            yield number, value


def _check_size(path: Path) -> None:
    """Refuse a ``.npy`` file that is not as long as it says, before numpy makes room for it."""
    with open(path, "rb") as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
        expected = stream.tell() + math.prod(shape) * dtype.itemsize
    if path.stat().st_size != expected:
        raise ValueError(f"its header tells of {expected} bytes, it has {path.stat().st_size}")


def json_texts(path: Path) -> list[str]:
    """The texts of a file with one a line, as JSON.

    They are read as one value, which takes a quarter of the time of line by line. As no text goes over a line's end,
    and a line without a value leaves two commas side by side, as many texts as lines are one in each.

    Raises
    ------
    ValueError
        With the line that is damaged or is no text.
    """
    lines = path.read_bytes()
    n_lines = lines.count(b"\n") + (not lines.endswith(b"\n") if lines else 0)
    try:
        values = json.loads("[" + lines.removesuffix(b"\n").decode().replace("\n", ",\n") + "]")
        if len(values) == n_lines and set(map(type, values)) <= {str}:
            return values
    except (ValueError, RecursionError):
        pass
    values = []
    for number, value in json_lines(path):  # which line is it?
        if not isinstance(value, str):
            raise ValueError(f"{path}, line {number}: damaged; a text was expected")
        values.append(value)
    return values
