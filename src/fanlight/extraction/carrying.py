"""Batches on their way into the catalogue while the next one is read: the two wait for different servers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from django.db import connection

from fanlight.connectors.types import Asset


class Carrier:
    """A thread with a database connection of its own that lets batches arrive, one at a time.

    Leaving the block waits for the batch that is under way, and raises what went wrong with it unless something else
    did.
    """

    def __init__(self, arrive: Callable[[list[Asset]], None]) -> None:
        self._arrive = arrive
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="carrying")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(_close)
        self._thread.shutdown()
        if kind is None:
            self._look_back()

    def carry(self, batch: list[Asset]) -> None:
        """Send a batch off, once the one before has arrived. Raises what went wrong with that."""
        self._look_back()
        self._under_way = self._thread.submit(self._arrive, batch)

    def _look_back(self) -> None:
        if self._under_way is not None:
            self._under_way.result()


def _close() -> None:
    # Looked up in the thread that runs this: each has a connection of its own.
    connection.close()
