"""What the system is asked for below `storage`: checksums, permissions, and steps that a power cut does not halve."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AT_FDCWD, EXCHANGE = -100, 2  # of Linux; RENAME_SWAP of macOS is 2 as well
OTHERS = 256  # files that a process may want to open besides a text
OPENED = re.compile(r"/dev/std(in|out|err)|(?:/dev/fd|/proc/self/fd)/(\d+)")
BLOCK = 1 << 18  # bytes that are read at a time; they stay in a processor's cache until they are hashed


def hidden(path: Path) -> str:
    """How names begin that are temporary; there must be room for the rest of one."""
    return f".{path.name[:48]}."


def opened_as(path: str | os.PathLike) -> int | None:
    """The number of what this process has open, if a path says that: it may be a file that has more before."""
    found = OPENED.fullmatch(os.fspath(path))
    if found is None:
        return None
    return ("in", "out", "err").index(found[1]) if found[1] else int(found[2])


def mode_for(path: Path, usual: int) -> int:
    """The permissions of what is at a path, or those that the system gives to what is new there.

    They are asked for by making something, as the mask of a process can be read only by setting it, for all threads.
    """
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    with tempfile.TemporaryDirectory(prefix=hidden(path), dir=path.parent) as folder:
        made = Path(folder, "made")
        made.mkdir()
        return stat.S_IMODE(made.stat().st_mode) & usual


def checksums(files: Iterable[Path]) -> dict[Path, str]:
    """The checksum of each file, several at a time: hashing and reading leave the interpreter to other threads."""
    files = list(files)
    largest_first = sorted(files, key=lambda file: -file.stat().st_size)
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        found = dict(zip(largest_first, pool.map(sha256, largest_first), strict=True))
    return {file: found[file] for file in files}


def sha256(path: Path) -> str:
    """The checksum of a file."""
    running = hashlib.sha256()
    block = memoryview(bytearray(BLOCK))
    with open(path, "rb", buffering=0) as stream:
        while size := stream.readinto(block):
            running.update(block[:size])
    return running.hexdigest()


def let_open(files: int) -> None:
    """Let this process have so many files open besides those that it has.

    Raises
    ------
    OSError
        If the system does not let it.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows maps files without keeping them open
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = files + (len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else OTHERS)
    if soft == resource.RLIM_INFINITY or needed + OTHERS <= soft:
        return
    with contextlib.suppress(ValueError, OSError):
        most = needed + OTHERS if hard == resource.RLIM_INFINITY else min(needed + OTHERS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if needed > allowed:
        raise OSError(
            errno.EMFILE,
            f"{files} shards are as many open files, and the system lets a process have {allowed}: take fewer shards, "
            "or raise its limit (ulimit -n)",
        )


def exchange(one: Path, other: Path) -> bool:
    """Let two directories change names in one step, if the system can: no moment is without either.

    Python has no call for it. Linux: renameat2, macOS: renamex_np; False elsewhere, and on file systems that lack it.
    """
    names = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            return libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE) == 0
        if sys.platform == "darwin":
            return libc.renamex_np(*names, EXCHANGE) == 0
    except (OSError, AttributeError, TypeError):  # no such library, or no such call in it
        pass
    return False


def flush(path: Path) -> None:
    """Make the system write a file, or the names in a directory, to the disk."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
