"""A run's lease: which process works on it, and the heartbeat that says it still lives.

The queue's own lock stays held after `kill -9`, so runs do not rely on it. Whoever takes up a run writes a lease
and a heartbeat; when the heartbeat stops, another may take it up, and the first, should it still live, can no
longer end it: its merge and the end of the run are one transaction that asks for the lease.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DatabaseError, connection

from fanlight.core.identifiers import OrganizationId, RunId
from fanlight.extraction.models import Run
from fanlight.extraction.types import RunState
from fanlight.foundation import clock, database
from fanlight.tenancy import services as tenancy

HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 15.0


def claim(organization_id: OrganizationId, run_id: RunId, *, now: datetime) -> tuple[UUID, int] | None:
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
                "now": now,
                "stale_before": now - timedelta(seconds=STALE_SECONDS),
            },
        )
    return (lease, int(claimed[0][0])) if claimed else None


class Heartbeat:
    """A thread that keeps a run's lease alive and shows its progress, with a connection of its own.

    position: called for (phase, done, total) at each beat. When the lease is lost, `is_lost` turns true.
    """

    def __init__(
        self,
        organization_id: OrganizationId,
        run_id: RunId,
        lease: UUID,
        position: Callable[[], tuple[str, int, int | None]],
    ) -> None:
        self._where = (organization_id, run_id, lease)
        self._position = position
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.is_lost = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _beat(self) -> None:
        organization_id, run_id, lease = self._where
        try:
            while not self._end.wait(HEARTBEAT_SECONDS) and not self.is_lost:
                phase, done, total = self._position()
                try:
                    with tenancy.scope(organization_id):
                        kept = Run.objects.filter(
                            organization_id=organization_id, id=run_id, lease=lease, state=RunState.RUNNING
                        ).update(heartbeat_at=clock.now(), phase=phase, done=done, total=total)
                    self.is_lost = not kept
                except DatabaseError:
                    # A beat may be missed; the lease tells whether too many were.
                    connection.close()
        finally:
            connection.close()
