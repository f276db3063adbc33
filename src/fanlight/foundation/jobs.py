"""The queue: jobs are rows, deferred in the transaction of the change that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

# A worker that was killed is found out by its heartbeat, and its jobs are taken up again.
STALLED_SECONDS = 20
HEARTBEAT_SECONDS = 5
_CRASH_RETRIES = RetryStrategy(max_attempts=3, exponential_wait=5, retry_exceptions={ConnectionError})

Work = Callable[..., None]


def job(name: str, *, queue: str) -> Callable[[Work], Work]:
    """Register a function as the job of that name.

    Its arguments are identifiers, as text: a job's row is readable by every process that uses the queue. A job must
    bear being started again after a crash.
    """

    def register(work: Work) -> Work:
        app.task(name=name, queue=queue, retry=_CRASH_RETRIES)(work)
        return work

    return register


def work(*, concurrency: int) -> None:
    """Work on the queue until told to stop (SIGINT, SIGTERM); then end what has begun within 10 s, or leave it."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as working:
        working.run_worker(
            concurrency=concurrency,
            delete_jobs="always",
            fetch_job_polling_interval=2.0,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=10.0,
        )


def defer(name: str, **identifiers: UUID) -> None:
    """Ask for a job, in the open transaction: it exists when that commits, and not otherwise."""
    app.configure_task(name=name).defer(**{key: str(value) for key, value in identifiers.items()})
