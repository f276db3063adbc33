"""A second transaction of an organization beside the one that counts: two parts of a merge on two cores.

They are two, so one commits first. Only what nobody sees until the other has committed may be written so; and whoever
wants it done must be able to do it alone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError, connection

from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import database
from fanlight.tenancy.scope import scope

_log = logging.getLogger("fanlight.tenancy")
T = TypeVar("T")
# A change of the schema that waits for the one transaction makes the other wait for it, which no server can see.
_LOCK_SECONDS = 20
# What is dead cannot be vacuumed away while a transaction is open: beside a slow read it is not worth it.
_LONGEST_SECONDS = 900.0


class _Unwanted(Exception):
    """Rolls the transaction back."""


class Beside(Generic[T]):
    """Work in a transaction of its own, in a thread with a connection of its own.

    work: called in the organization's scope with each item that was put, in their order; last: at the end, with all of
    them. The thread begins with the first item; end it with `commit` or `abandon`, which wait for it.
    """

    def __init__(
        self, organization_id: OrganizationId, work: Callable[[T], None], last: Callable[[list[T]], None]
    ) -> None:
        self._organization_id = organization_id
        self._work = work
        self._last = last
        self._items: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._decided = threading.Event()
        self._is_wanted = False
        self._cancel: Callable[[], None] | None = None
        self.is_committed = False

    def put(self, item: T) -> None:
        """Have an item worked on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
            self._thread.start()
        self._items.put(item)

    def finish(self) -> None:
        """Say that there will be no more items."""
        self._items.put(None)

    def commit(self) -> bool:
        """Wait for the work and commit it; return whether it is. What failed left nothing. Call `finish` before."""
        if self._thread is not None and not self._decided.is_set():
            self._is_wanted = True
            self._decided.set()
            self._thread.join()
        return self.is_committed

    def abandon(self) -> None:
        """Stop the work and roll it back; without effect once it was committed."""
        if self._thread is not None and not self._decided.is_set():
            self._decided.set()
            self._items.put(None)
            self.cancel()
            self._thread.join()

    def cancel(self) -> None:
        """Cancel the statement that is under way, from any thread; nothing is committed then."""
        if self._cancel is not None and self._thread is not None and self._thread.is_alive():
            self._cancel()

    def _run(self) -> None:
        # Whoever asks for it sees that it is not committed, and does it alone.
        try:
            with scope(self._organization_id):
                self._cancel = database.canceller()
                database.limit_waiting(_LOCK_SECONDS)
                self._work_through()
            self.is_committed = True
        except _Unwanted:
            pass
        except DatabaseError as error:
            _log.warning("a transaction beside another was undone: %s", type(error).__name__)
        finally:
            connection.close()

    def _work_through(self) -> None:
        """Work until it is to be committed; raise _Unwanted, which rolls the scope back, when it is not or too late.

        Also where nobody says anything more: whoever began it may have failed on the way to saying so.
        """
        give_up = time.monotonic() + _LONGEST_SECONDS
        done: list[T] = []
        while (item := self._next(give_up)) is not None:
            self._work(item)
            done.append(item)
        self._last(done)
        self._decided.wait(max(give_up - time.monotonic(), 0))
        if not self._is_wanted:
            raise _Unwanted

    def _next(self, give_up: float) -> T | None:
        try:
            item = self._items.get(timeout=max(give_up - time.monotonic(), 0))
        except queue.Empty:
            raise _Unwanted from None
        is_abandoned = self._decided.is_set() and not self._is_wanted
        if is_abandoned or time.monotonic() > give_up:
            raise _Unwanted
        return item
