"""Ask for what comes next while what is here is worked on: a source has nothing to do meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")
_AHEAD = 2  # with one the source was idle while that one was looked at


class Ahead(Generic[T]):
    """Makes items in advance, in a thread of its own. Leaving the block waits until that thread has ended.

    items: whatever asks the source. stop: called when the block ends with an error, and makes the items end soon;
    with whether somebody interrupted it, so that nobody wants to know how the statement ends that is under way.
    """

    def __init__(self, items: Iterator[T], *, stop: Callable[[bool], None]) -> None:
        self._items = items
        self._stop = stop
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="asking ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._stop(not issubclass(kind, Exception))
        self._thread.shutdown(cancel_futures=True)

    def __iter__(self) -> Iterator[T]:
        """Yield the items. What goes wrong in the making of one is raised here, in its place."""
        coming = deque(self._begin() for _ in range(_AHEAD))
        while (made := coming.popleft().result()) is not None:
            coming.append(self._begin())
            yield made

    def _begin(self) -> Future[T | None]:
        return self._thread.submit(next, self._items, None)
