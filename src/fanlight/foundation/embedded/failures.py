"""The failures of the embedded server that have a name, and how the disk's own errors become one of them."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fanlight.core.errors import FanlightError, ServerFailure

OWN_SERVER = "set FANLIGHT_DATABASE_URL to a PostgreSQL server of your own"

_DISK_FULL_NUMBERS = {errno.ENOSPC, errno.EDQUOT}
# As PostgreSQL prints the two numbers above; its messages are never translated here (LC_MESSAGES=C).
_DISK_FULL_WORDS = ("No space left on device", "Disk quota exceeded")


def free_bytes(path: Path) -> int:
    """Tell what an unprivileged process may still write beside `path`, or beside its nearest parent."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def disk_full(path: Path) -> ServerFailure:
    return ServerFailure(
        code="server.disk_full",
        detail=f"The disk of {path} is full: {free_bytes(path):,} bytes are free.",
        remedy="Free some space there, at least 256 MB, then run the same command again; nothing was lost.",
    )


def server_exited(data: Path, lines: Sequence[str]) -> ServerFailure:
    """Say why PostgreSQL ended while it started. lines: what it printed, oldest first."""
    if _speaks_of_a_full_disk(lines):
        return disk_full(data)
    said = " | ".join(lines) or "it printed nothing"
    return ServerFailure(
        code="server.exited",
        detail=f"PostgreSQL ended while it started on {data}: {said}",
        remedy=f"The whole log is in {data / 'log'}; `fanlight doctor` shows the disk and the owner.",
    )


def cluster_not_made(data: Path, lines: Sequence[str]) -> ServerFailure:
    """Say why initdb failed. lines: what it printed, oldest first."""
    if _speaks_of_a_full_disk(lines):
        return disk_full(data)
    return ServerFailure(
        code="server.not_made",
        detail=f"The database cluster {data} could not be made: {' | '.join(lines) or 'initdb was ended'}",
        remedy="Remove the cause, then run the same command again: it starts from an empty folder.",
    )


def _speaks_of_a_full_disk(lines: Sequence[str]) -> bool:
    return any(word in line for line in lines for word in _DISK_FULL_WORDS)


@contextmanager
def outside_errors(*paths: Path) -> Iterator[None]:
    """Turn what the operating system answers below these paths into an error with a remedy.

    Where a disk is full, it is the one of the path with the least room.
    """
    try:
        yield
    except FanlightError:
        raise
    except OSError as error:
        # Copying a folder gathers its errors as text, without a number.
        if error.errno in _DISK_FULL_NUMBERS or _speaks_of_a_full_disk([str(error)]):
            raise disk_full(min(paths, key=free_bytes)) from error
        raise ServerFailure(
            code="server.system_error",
            detail=f"The operating system refused: {error}.",
            remedy="Check the owner, the mode and the mount of that path, then run the same command again.",
        ) from error
