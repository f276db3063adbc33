"""A run's lease: which process works on it, the heartbeat that says it still lives, and the ear for requests to stop.

The queue's own lock stays held after `kill -9`, so runs do not rely on it. Whoever takes up a run writes a lease
and a heartbeat; when the heartbeat stops, another may take it up, and the first, should it still live, can no
longer end it: its merge and the end of the run are one transaction that asks for the lease. Time is the database's:
the clocks of two machines may differ.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DatabaseError, connection

from fanlight.core.identifiers import OrganizationId, RunId
from fanlight.extraction.models import StopRequest
from fanlight.foundation import clock, database, nudges
from fanlight.tenancy import services as tenancy

HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 15.0
MERGING = "merging"


def claim(organization_id: OrganizationId, run_id: RunId) -> tuple[UUID, int] | None:
    """Take up a run that waits or whose holder is silent; return the lease and the attempt's number, or None."""
    lease = clock.uuid7()
    with tenancy.scope(organization_id):
        claimed = database.rows(
            "extraction",
            "claim_run",
            {
                "organization_id": organization_id,
                "run_id": run_id,
                "lease": lease,
                "stale_seconds": STALE_SECONDS,
            },
        )
    return (lease, int(claimed[0][0])) if claimed else None


def stop_reason(organization_id: OrganizationId, run_id: RunId) -> str:
    """Return why somebody wants a run to end now, or ''. Call inside the organization's scope."""
    asked = StopRequest.objects.filter(organization_id=organization_id, run_id=run_id).first()
    return asked.reason if asked else ""


class Heartbeat:
    """A thread that keeps a run's lease alive, shows its progress, and hears when somebody wants it to stop.

    position: called for (phase, done, total) at each beat. stop: called with the reason, within moments of the
    request. When the lease is lost, `is_lost` turns true. The thread has a database connection of its own.
    """

    def __init__(
        self,
        organization_id: OrganizationId,
        run_id: RunId,
        lease: UUID,
        *,
        position: Callable[[], tuple[str, int, int | None]],
        stop: Callable[[str], None],
    ) -> None:
        self._where = (organization_id, run_id, lease)
        self._position = position
        self._stop = stop
        self._end = threading.Event()
        self._waiting = nudges.Waiting(nudges.RUNS)
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.is_lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._waiting.end()
        self._thread.join()

    def _beat(self) -> None:
        with self._waiting as waiting:
            try:
                while not self._end.is_set() and not self.is_lost:
                    try:
                        waiting.listen()
                        self._look()
                    except DatabaseError:
                        # A beat may be missed; the lease tells whether too many were.
                        connection.close()
                    waiting.wait(HEARTBEAT_SECONDS)
            finally:
                connection.close()

    def _look(self) -> None:
        organization_id, run_id, lease = self._where
        phase, done, total = self._position()
        values = {"organization_id": organization_id, "run_id": run_id, "lease": lease}
        with tenancy.scope(organization_id):
            # The merge holds the run's row itself, and says more about who works on it than any beat.
            kept = phase == MERGING or database.execute(
                "extraction", "keep_lease", values | {"phase": phase, "done": done, "total": total}
            )
            reason = stop_reason(organization_id, run_id)
        self.is_lost = not kept
        if reason:
            self._stop(reason)
