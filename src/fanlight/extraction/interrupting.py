"""Stopping from another thread: whatever statement runs, at the source or at ours, is cancelled there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fanlight.extraction.types import RunStopped


class Stopping:
    """Whether somebody wants it to stop, and what to cancel then."""

    def __init__(self) -> None:
        self._reason = ""
        self._cancel: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def stop(self, reason: str) -> None:
        """Stop it; from another thread, as often as one likes."""
        with self._lock:
            self._reason = reason
            if self._cancel is not None:
                self._cancel()

    def obey(self) -> None:
        """Raise RunStopped when somebody wants it to stop."""
        if self._reason:
            raise RunStopped(self._reason)

    @contextmanager
    def by(self, cancel: Callable[[], None]) -> Iterator[None]:
        """Say, for the length of a block, how to cancel what happens in it. Raises RunStopped instead of beginning."""
        with self._lock:
            self._cancel = cancel
        try:
            self.obey()
            yield
        finally:
            with self._lock:
                self._cancel = None
