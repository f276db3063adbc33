"""A nudge from process to process: 'look again', over the database that both use. What happened stands in rows."""

from __future__ import annotations

import contextlib
import os
import select
from types import TracebackType
from typing import Self

import psycopg
from django.db import connection

RUNS = "fanlight_runs"


def nudge(channel: str) -> None:
    """Have everybody who waits on a channel look again, when the open transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


class Waiting:
    """Waits for nudges on this thread's connection; another thread may end the waiting.

    A nudge may get lost (a broken connection, a pooler between): who waits looks again after a while in any case.
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._listening: psycopg.Connection[object] | None = None
        self._wake_read, self._wake_write = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._wake_read)

    def listen(self) -> None:
        """Begin to listen, or again on a new connection. Call outside of a transaction, before looking."""
        connection.ensure_connection()
        if connection.connection is not self._listening:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {self._channel}")
            self._listening = connection.connection

    def wait(self, seconds: float) -> None:
        """Return when nudged, when ended, or after so many seconds. Look, then wait again: looking takes the nudge."""
        waiting = select.poll()
        waiting.register(self._wake_read, select.POLLIN)
        with contextlib.suppress(psycopg.Error):
            if self._listening is not None and not self._listening.closed:
                waiting.register(self._listening.fileno(), select.POLLIN)
        waiting.poll(seconds * 1000)

    def end(self) -> None:
        """End the waiting, from another thread; later waits return at once."""
        os.close(self._wake_write)
