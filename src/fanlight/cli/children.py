"""The processes that `up` starts: they end with it, whatever way it ends, and are started again when they end alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 4 * 1024 * 1024
_LONG_LIFE_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0
_POLL_SECONDS = 0.05


def ends_with_us() -> Callable[[], None]:
    """Return what a child is to do before it becomes another program: ask the kernel to end with this process.

    For `preexec_fn`. By SIGKILL: nothing that we start may outlive us, and all of it is made to be killed.
    """
    us, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def in_the_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != us:  # we ended before it could ask
            os._exit(1)

    return in_the_child


def end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_group(child: subprocess.Popen[bytes] | subprocess.Popen[str], number: signal.Signals) -> None:
    """Signal a child that leads a session of its own, and what it started in it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


@dataclass
class Child:
    """One process that is to run for ever. log: where its output goes, cut off when it has grown long."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    tell: Callable[[str], None]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _pause_seconds: float = field(default=0.5, init=False)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C in the terminal is not for it."""
        with self.log.open("ab") as log:
            if log.tell() > _LOG_BYTES:
                log.truncate(0)
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ends_with_us(),  # noqa: PLW1509 - `up` has one thread
            )
        self._started = time.monotonic()

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        """Start it again when it has ended and its pause is over. Pauses grow while it keeps ending at once."""
        if self._process is None or self.is_alive():
            if time.monotonic() - self._started > _LONG_LIFE_SECONDS:
                self._pause_seconds = 0.5
            return
        if time.monotonic() - self._started < self._pause_seconds:
            return
        end_group(self._process, signal.SIGKILL)  # what it leaves may hold the port
        self.tell(
            f"The {self.name} ended {_how(self._process.returncode)}; starting it again. Its log is {self.log}"
        )
        self._pause_seconds = min(self._pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
        self.start()

    def ask_to_end(self) -> None:
        """Ask it to end; does not wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_for_end(self, until: float, is_hurried: Callable[[], bool]) -> None:
        """Wait until it has ended; by force when the time is over or somebody hurries. until: time.monotonic()."""
        if self._process is None:
            return
        while self._process.poll() is None and time.monotonic() < until and not is_hurried():
            time.sleep(_POLL_SECONDS)
        end_group(self._process, signal.SIGKILL)
        self._process.wait()
        self._process = None


def _how(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"
