"""The queue: jobs are rows, deferred in the transaction of the change that asks for them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# A worker that was killed is found out by its heartbeat, and its jobs are taken up again.
STALLED_SECONDS = 20
HEARTBEAT_SECONDS = 5
_CRASH_RETRIES = RetryStrategy(
    max_attempts=3, exponential_wait=5, retry_exceptions={ConnectionError, OperationalError, InterfaceError}
)

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


def periodic(name: str, *, queue: str, cron: str) -> Callable[[Work], Work]:
    """Register a function without arguments as a job that comes by itself. cron: six fields, the last are seconds.

    However many workers there are, one of them does it, and no second waits behind one that takes long. It holds no
    lock: one that was killed would keep it, and nobody would come again.
    """

    def register(work: Work) -> Work:
        def done(timestamp: int) -> None:
            work()

        app.periodic(cron=cron)(app.task(name=name, queue=queue, queueing_lock=name)(done))
        return work

    return register


def work(*, concurrency: Mapping[str, int]) -> None:
    """Work on queues until told to stop (SIGINT, SIGTERM); then end what has begun within 10 s, or leave it.

    concurrency: how many jobs of each queue at once. Each queue has places of its own: a person who waits for the test
    of a connection never waits for other people's extractions.
    """
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as working:
        asyncio.run(_work(working, concurrency))


async def _work(working: App, concurrency: Mapping[str, int]) -> None:
    async with working.open_async():
        tasks = [
            asyncio.create_task(
                working.run_worker_async(
                    queues=[queue],
                    concurrency=places,
                    install_signal_handlers=False,  # two workers in one process would take them from one another
                    delete_jobs="always",
                    fetch_job_polling_interval=2.0,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    shutdown_graceful_timeout=10.0,
                ),
                name=f"queue {queue}",
            )
            for queue, places in concurrency.items()
        ]
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, tasks)
        # When one ends by itself, something is wrong: all end, and whoever watches the process starts it again.
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        _stop(tasks)
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def defer(name: str, *, once: str = "", alone: str = "", **identifiers: UUID) -> None:
    """Ask for a job, in the open transaction: it exists when that commits, and not otherwise.

    once: while a job of that mark waits, no second one is asked for. alone: of the jobs of that mark, one is done at a
    time.
    """
    task = app.configure_task(name=name, queueing_lock=once or None, lock=alone or None)
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(**{key: str(value) for key, value in identifiers.items()})
