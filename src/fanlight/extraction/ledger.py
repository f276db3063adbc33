"""Where a run's statements are noted: kept in memory for a moment, written in batches, whatever becomes of the run."""

from __future__ import annotations

import threading

from fanlight.connectors.types import LedgerEntry
from fanlight.core.identifiers import OrganizationId, RunId
from fanlight.foundation import database
from fanlight.tenancy import services as tenancy

NUMBERS_PER_ATTEMPT = 10_000_000


class RunLedger:
    """An attempt's part of a run's ledger. Call it with each entry; `flush` writes what has gathered, at once.

    The first attempt's lines are numbered from 1, each later one's from the next ten million on: an attempt that
    was overtaken may still be writing its last lines.
    """

    def __init__(self, organization_id: OrganizationId, run_id: RunId, attempt: int) -> None:
        self._organization_id, self._run_id = organization_id, run_id
        self._waiting: list[LedgerEntry] = []
        self._lock = threading.Lock()
        self._written = (attempt - 1) * NUMBERS_PER_ATTEMPT
        self.statements = self.rows = self.size_bytes = 0

    def __call__(self, entry: LedgerEntry) -> None:
        with self._lock:
            self._waiting.append(entry)
            self.statements += 1
            self.rows += entry.rows
            self.size_bytes += entry.size_bytes

    def flush(self) -> None:
        """Write what has gathered since the last time."""
        with self._lock:
            entries, self._waiting = self._waiting, []
            first = self._written + 1
            self._written += len(entries)
        if not entries:
            return
        with tenancy.scope(self._organization_id):
            database.execute(
                "extraction",
                "append_ledger",
                {
                    "organization_id": self._organization_id,
                    "run_id": self._run_id,
                    "numbers": list(range(first, first + len(entries))),
                    "statements": [entry.statement for entry in entries],
                    "digests": [entry.digest for entry in entries],
                    "sources": [entry.source for entry in entries],
                    "started": [entry.started_at for entry in entries],
                    "milliseconds": [entry.milliseconds for entry in entries],
                    "rows": [entry.rows for entry in entries],
                    "sizes": [entry.size_bytes for entry in entries],
                    "errors": [entry.error for entry in entries],
                },
            )
