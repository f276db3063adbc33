"""The lock of the foreground process: one `up` per home."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

from fanlight.core.errors import Conflict
from fanlight.foundation.embedded import locks
from fanlight.foundation.embedded.failures import outside_errors
from fanlight.foundation.embedded.places import ensure_home

# The holder writes its name right after it took the lock: whoever comes in between looks again.
_NAME_SECONDS = 0.5


class UpLock:
    """Hold a home for one foreground process, whatever database it uses. A context manager.

    home: made when missing. holder: how the refused one is told who holds it ('fanlight up').
    Entering raises Conflict 'home.in_use' when another process holds the home.
    """

    def __init__(self, home: Path, holder: str) -> None:
        self._home = home.resolve()
        self._holder = holder
        self._descriptor: int | None = None

    def __enter__(self) -> UpLock:
        path = self._home / "up.lock"
        with outside_errors(self._home):
            ensure_home(self._home)
            descriptor = locks.try_lock(path)
            if descriptor is None:
                raise self._in_use(path)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{self._holder} (process {os.getpid()})".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _in_use(self, path: Path) -> Conflict:
        until = time.monotonic() + _NAME_SECONDS
        holder = ""
        while not holder and time.monotonic() < until:
            holder = path.read_text(errors="replace")
            time.sleep(0 if holder else 0.02)
        return Conflict(
            code="home.in_use",
            detail=f"{self._home} is in use by {holder or 'another process'}.",
            remedy="Use that one, stop it (Ctrl-C in its terminal), or choose another with --home DIR.",
        )
