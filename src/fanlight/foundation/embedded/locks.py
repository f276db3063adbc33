"""flock()ed files: the kernel releases them when the last process that shares the open file ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.02


def try_lock(path: Path) -> int | None:
    """Take the exclusive lock of `path`, a file that is made when missing, and never deleted.

    Returns the open descriptor, which is the lock: closing it, or every process that inherited it ending,
    gives it back. None when somebody else has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            return None
        raise
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def wait_for_lock(path: Path, *, seconds: float, every_second: Callable[[float], None]) -> int | None:
    """Take the exclusive lock of `path`, waiting up to `seconds`; None when the time is over.

    every_second is called with the seconds waited so far, about once a second.
    """
    began = time.monotonic()
    told = 0
    while True:
        descriptor = try_lock(path)
        waited = time.monotonic() - began
        if descriptor is not None or waited >= seconds:
            return descriptor
        if int(waited) > told:
            told = int(waited)
            every_second(waited)
        time.sleep(_POLL_SECONDS)


def is_locked(path: Path) -> bool:
    """Tell whether somebody holds the lock of `path`, without making the file."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        # Shared: two that look at the same time do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)
