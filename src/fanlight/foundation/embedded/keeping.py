"""Start the keeper: the process that outlives every verb and stops the server after the last one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fanlight.foundation.embedded import locks, processes
from fanlight.foundation.embedded.places import Places
from fanlight.foundation.embedded.types import Roots

_LOG_BYTES = 1024 * 1024


def ensure_keeper(places: Places, roots: Roots, idle_seconds: float) -> None:
    """Make sure that a keeper watches this server. The caller holds the start lock.

    A keeper that runs already keeps its own idle time. One that was killed is replaced, and the new one
    adopts the running server.
    """
    lock = locks.try_lock(places.keeper_lock)
    if lock is None:
        return
    with locks.closing(lock):  # the keeper inherits it: it is held from before its first instruction
        command = [
            *(sys.executable, "-P", "-m", "fanlight.foundation.embedded.keeper"),
            *("--home", str(places.home), "--name", places.name),
            *("--state-root", str(roots.state), "--runtime-root", str(roots.runtime)),
            *("--idle-seconds", str(idle_seconds), "--lock", str(lock)),
        ]
        log = _open_log(places.keeper_log)
        with locks.closing(log):
            keeper = subprocess.Popen(  # noqa: S603 - this interpreter, this package
                command,
                cwd="/",
                env=_environment(),
                umask=0o077,
                pass_fds=[lock],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        processes.keep(keeper)


def _open_log(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    log = os.open(path, flags, 0o600)
    if os.fstat(log).st_size > _LOG_BYTES:
        os.ftruncate(log, 0)
    return log


def _environment() -> dict[str, str]:
    """Return what the keeper needs and nothing else: our environment may hold secrets of other parts."""
    kept = {name: os.environ[name] for name in ("XDG_RUNTIME_DIR", "TZ") if name in os.environ}
    folders = [folder for folder in sys.path if folder and Path(folder).is_absolute()]
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(folders), **kept}
