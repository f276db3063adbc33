"""One attempt at a run: read every chosen database in batches, let them arrive, merge them, end the run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import DatabaseError

from fanlight.catalog import services as catalog
from fanlight.connectors.registry import connector as connector_named
from fanlight.connectors.types import NotSeen, Privileges, Secret, Session, Unlisted
from fanlight.core.errors import Conflict, FanlightError, SourceFailure
from fanlight.core.identifiers import RunId, join_path
from fanlight.extraction import ending
from fanlight.extraction.carrying import Carrier
from fanlight.extraction.interrupting import Stopping
from fanlight.extraction.lease import MERGING, Heartbeat, stop_reason
from fanlight.extraction.ledger import RunLedger
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.types import RunProgress, RunState, RunStopped, Watcher
from fanlight.foundation import clock, database
from fanlight.integrations import services as integrations
from fanlight.integrations.types import Integration
from fanlight.tenancy import services as tenancy

NOT_SEEN_KEPT = 200  # of what could not be read, so many are named; all are counted
# After one of these, trying the other databases would only do harm: an account may be locked after a few tries.
_FINAL = (
    "source.refused_credential",
    "source.refused",  # in words that are not understood: it may be the credential
    "source.too_many_connections",
    "source.cancelled",
)


class Reading:
    """An attempt at a run, under its lease. `extract` either ends the run as succeeded or leaves nothing of it."""

    def __init__(
        self,
        attempt: ending.Attempt,
        number: int,
        watcher: Watcher | None,
        approval_of: RunId | None = None,
    ) -> None:
        self.ledger = RunLedger(attempt.actor.organization_id, attempt.run_id, number)
        self._number = number
        self._attempt = attempt
        self._approval_of = approval_of
        self._watcher = watcher
        self._phase = "connecting"
        self._phases: dict[str, float] = {}
        self._totals: dict[str, int] = {}
        self._not_seen: list[NotSeen] = []
        self._product = ""
        self._privileges: dict[str, Privileges] = {}
        self._arrivals: catalog.Arrivals | None = None
        self._heartbeat: Heartbeat | None = None
        self._stopping = Stopping()

    def extract(self, integration: Integration, secret: Secret | None, digest_key: bytes) -> None:
        """Read the integration's databases and merge them. Raises FanlightError; nothing of it is visible then.

        A database that cannot be read while another can is not seen: what is stored of it stays. Raises RunStopped when
        somebody asked for that, and RemovalHeld when too much would go.
        """
        connector = connector_named(integration.connector)
        with Heartbeat(
            self._attempt.actor.organization_id,
            self._attempt.run_id,
            self._attempt.lease,
            position=self._position,
            stop=self._stopping.stop,
        ) as self._heartbeat:
            try:
                self._arrivals = arrivals = catalog.open_arrivals(
                    organization_id=self._attempt.actor.organization_id,
                    integration_id=integration.id,
                    run_id=self._attempt.run_id,
                    lease=self._attempt.lease,
                    is_another=self._number > 1,
                )
                failed: list[FanlightError] = []
                databases = connector.databases(integration.settings)
                for name in databases:
                    try:
                        self._database(integration, secret, name, digest_key, arrivals)
                    except SourceFailure as error:
                        self._stopping.obey()
                        failed.append(error)
                        if error.code in _FINAL:
                            raise
                        if len(failed) == len(databases):
                            raise failed[0] from None
                        self._leave_out(arrivals, name, error)
                self._note_privileges(integration)
                self._show()
                with self._stopping.by(catalog.canceller(arrivals)):
                    self._merge(arrivals)
            except integrations.ExcessRefused:
                self._note_privileges(integration)
                raise
            except (FanlightError, DatabaseError):
                # What was cancelled fails in many ways; they all mean that somebody asked for it.
                self._stopping.obey()
                raise

    def _database(
        self,
        integration: Integration,
        secret: Secret | None,
        name: str,
        digest_key: bytes,
        arrivals: catalog.Arrivals,
    ) -> None:
        self._stopping.obey()
        with (
            self._timed("connecting"),
            connector_named(integration.connector).open(
                integration.settings,
                secret,
                database=name,
                ledger=self.ledger,
                clock=clock.now,
                digest_key=digest_key,
            ) as session,
            self._stopping.by(session.cancel),
        ):
            self._product = session.report().product
            self._probe(session, name)
            self._read(session, arrivals)

    def _probe(self, session: Session, name: str) -> None:
        self._privileges[name] = found = session.privileges()
        if found.unknown:
            # A hardened server that does not let the role see its own rights.
            self._not_seen.append(NotSeen(join_path(name), "rights not shown"))
            integrations.refuse_unknown(self._attempt.actor)
        integrations.refuse_excess(self._attempt.actor, self._privileges)

    def _leave_out(self, arrivals: catalog.Arrivals, name: str, error: FanlightError) -> None:
        reason = "unreachable" if name not in self._privileges else "failed"
        catalog.withdraw(arrivals, (name,))
        arrivals.unlisted = [one for one in arrivals.unlisted if one.path[0] != name]
        arrivals.unlisted.append(Unlisted((name,), (), reason))
        self._not_seen = [one for one in self._not_seen if not _is_below(one.scope, join_path(name))]
        self._not_seen.append(NotSeen(join_path(name), f"{reason}: {error.code}"))

    def _read(self, session: Session, arrivals: catalog.Arrivals) -> None:
        batches = iter(session.read())
        with Carrier(partial(catalog.arrive, arrivals)) as carrier:
            while True:
                with self._timed("reading"):
                    batch = next(batches, None)
                if batch is None:
                    break
                self._totals[str(id(session))] = session.total or 0
                with self._timed("arriving"):
                    carrier.carry(batch)
                self.ledger.flush()
                self._show()
        self._not_seen.extend(session.not_seen)
        arrivals.unlisted.extend(session.unlisted)

    def _note_privileges(self, integration: Integration) -> None:
        self.ledger.flush()
        integrations.note_privileges(
            actor=self._attempt.actor,
            integration_id=integration.id,
            found=self._privileges,
            chosen=connector_named(integration.connector).databases(integration.settings),
            run_id=self._attempt.run_id,
            now=clock.now(),
        )

    def _merge(self, arrivals: catalog.Arrivals) -> None:
        self._phase = MERGING
        self._show()
        self.ledger.flush()
        now = clock.now()
        with tenancy.scope(self._attempt.actor.organization_id):
            self._hold_lease()
            with self._timed(MERGING):
                removal = catalog.propose(arrivals, approved_run_id=self._approved(), now=now)
                is_held = removal.is_much
                changes = None if is_held else catalog.merge(arrivals, now=now)
            if reason := stop_reason(self._attempt.actor.organization_id, self._attempt.run_id):
                raise RunStopped(reason)
            if changes is not None:
                ending.succeed(self._attempt, self.figures(), arrivals.count, changes)
                return
            ending.hold(self._attempt, self.figures(), removal)
            catalog.discard(arrivals)

    def _hold_lease(self) -> None:
        # Not its key: requests to stop refer to it, and must never wait for a merge.
        held = RunRow.objects.select_for_update(no_key=True).filter(
            organization_id=self._attempt.actor.organization_id,
            id=self._attempt.run_id,
            lease=self._attempt.lease,
            state=RunState.RUNNING,
        )
        if not held.exists():
            raise _lost()

    def _approved(self) -> RunId | None:
        # Read again here: whoever asked for the run cannot vouch for the approval.
        if self._approval_of is None:
            return None
        values = {
            "organization_id": self._attempt.actor.organization_id,
            "integration_id": self._attempt.integration_id,
            "run_id": self._approval_of,
        }
        return self._approval_of if database.rows("extraction", "approved", values) else None

    def figures(self) -> dict[str, Any]:
        """Return what is known of the run so far, as its row's columns."""
        return {
            "product": self._product,
            "phases": {name: round(spent) for name, spent in self._phases.items()},
            "statements": self.ledger.statements,
            "rows": self.ledger.rows,
            "size_bytes": self.ledger.size_bytes,
            "not_seen_count": len(self._not_seen),
            "not_seen": [
                {"scope": one.scope, "reason": one.reason} for one in self._not_seen[:NOT_SEEN_KEPT]
            ],
        }

    def discard(self) -> None:
        """Remove what has arrived. Call inside the organization's scope."""
        if self._arrivals is not None:
            catalog.discard(self._arrivals)

    def _position(self) -> tuple[str, int, int | None]:
        done = self._arrivals.count if self._arrivals else 0
        total = sum(self._totals.values()) or None
        return self._phase, done, max(total, done) if total else None

    def _show(self) -> None:
        if self._heartbeat is not None and self._heartbeat.is_lost:
            raise _lost()
        if self._watcher is not None:
            self._watcher(RunProgress(*self._position()))

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        # Phases nest (reading inside connecting); each counts only the time that no inner one does.
        outer, self._phase = self._phase, phase
        started, inner = time.perf_counter(), sum(self._phases.values())
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            within = sum(self._phases.values()) - inner
            self._phases[phase] = self._phases.get(phase, 0.0) + max(spent - within, 0.0)
            self._phase = outer


def _lost() -> Conflict:
    return Conflict(
        code="run.lost",
        detail="Another process has taken this run over, since this one gave no sign of life in time.",
        remedy="Nothing to do: the other one carries on.",
    )


def _is_below(scope: str, path: str) -> bool:
    return scope == path or scope.startswith(f"{path}.")
