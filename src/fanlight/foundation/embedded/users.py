"""Who uses a server: one flock()ed file each, whose lock ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from fanlight.foundation.embedded import locks


@dataclass(frozen=True)
class Registration:
    """A process that uses the server, until leave() or its end."""

    path: Path
    descriptor: int

    def leave(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self.descriptor)


def register(folder: Path, holder: str) -> Registration:
    """Write down that this process uses the server. The caller holds the start lock."""
    path = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    registration = Registration(path, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, f"{holder} (process {os.getpid()})".encode())
    except BaseException:
        registration.leave()
        raise
    return registration


def present(folder: Path) -> tuple[str, ...]:
    """Name those that use the server now: 'holder (process N)'."""
    if not folder.is_dir():
        return ()
    names = []
    for path in sorted(folder.iterdir()):
        if locks.is_locked(path):
            try:
                names.append(path.read_text(errors="replace"))
            except FileNotFoundError:  # left between the two looks
                continue
    return tuple(names)


def forget_the_dead(folder: Path) -> None:
    """Remove the files of processes that ended without leaving. The caller holds the start lock."""
    for path in folder.iterdir():
        if not locks.is_locked(path):
            path.unlink(missing_ok=True)


def last_change(folder: Path) -> int:
    """Return a number that differs once somebody came or left since the last look."""
    return folder.stat().st_mtime_ns
