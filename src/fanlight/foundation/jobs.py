"""The queue: jobs are rows, deferred in the transaction of the change that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from procrastinate import Blueprint, RetryStrategy
from procrastinate.contrib.django import app

# A worker that was killed is found out by its heartbeat, and its jobs are taken up again.
STALLED_SECONDS = 20
_CRASH_RETRIES = RetryStrategy(max_attempts=3, exponential_wait=5, retry_exceptions={ConnectionError})

Work = Callable[..., None]


def job(name: str, *, queue: str) -> Callable[[Work], Work]:
    """Register a function as the job of that name.

    Its arguments are identifiers, as text: a job's row is readable by every process that uses the queue. A job must
    bear being started again after a crash.
    """
    return lambda work: app.task(name=name, queue=queue, retry=_CRASH_RETRIES)(work)


def defer(name: str, **identifiers: UUID) -> None:
    """Ask for a job, in the open transaction: it exists when that commits, and not otherwise."""
    app.configure_task(name=name).defer(**{key: str(value) for key, value in identifiers.items()})


__all__ = ["STALLED_SECONDS", "Blueprint", "Any", "app", "defer", "job"]
