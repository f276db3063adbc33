"""Whose turn it is: schedules become runs, and free places go round the organizations."""

from __future__ import annotations

import logging
from contextlib import suppress

from django.db import DatabaseError, OperationalError

from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, NotFound
from fanlight.core.identifiers import IntegrationId, OrganizationId, RunId
from fanlight.extraction.lease import STALE_SECONDS
from fanlight.extraction.running import NEXT_JOB, execute_run, request_run
from fanlight.extraction.stopping import ask_to_erase
from fanlight.extraction.types import RUNS_OF_ONE, Run, Trigger
from fanlight.foundation import clock, database, jobs
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy
from fanlight.vault.types import RootKey

_LOOKED_AT = 50
LOCK_SECONDS = 2
_log = logging.getLogger(__name__)


def keep_turns(*, most: int = 200) -> int:
    """Ask for the runs that are due, and see to it that somebody takes up what waits; return how many were asked for.

    Comes by itself every few seconds, in one worker. Whatever is wrong with one source, the others have their turn.
    Works as the worker's database role only.
    """
    asked = 0
    for organization_id, integration_id in integrations.due(most):
        try:
            asked += _ask(organization_id, integration_id)
        except Exception as error:
            _log.warning("a source could not have its turn: %s", type(error).__name__)
            _aside(organization_id, integration_id)
    for organization_id, integration_id in integrations.to_erase(most):
        with tenancy.scope(organization_id):
            ask_to_erase(organization_id, integration_id)
    if _waiting(1):
        # Whoever was to take it up may be dead: its job with it.
        jobs.defer(NEXT_JOB, once="turns")
    return asked


def _ask(organization_id: OrganizationId, integration_id: IntegrationId) -> int:
    actor, now = Actor.worker(organization_id), clock.now()
    try:
        with tenancy.scope(organization_id):
            database.limit_waiting(LOCK_SECONDS)
            failures = integrations.take_turn(actor, integration_id, now)
            if failures is None:
                return 0
            trigger = Trigger.RETRY if failures else Trigger.SCHEDULE
            request_run(
                actor=actor, integration_id=integration_id, is_deferred=True, now=now, trigger=trigger
            )
    except OperationalError:
        return 0  # somebody holds its rows; it keeps its turn
    except (NotFound, Conflict) as error:
        if error.code != "run.ending":
            with tenancy.scope(organization_id):
                integrations.rest(actor, integration_id)
        return 0
    return 1


def _aside(organization_id: OrganizationId, integration_id: IntegrationId) -> None:
    with suppress(DatabaseError), tenancy.scope(organization_id):
        database.limit_waiting(LOCK_SECONDS)
        integrations.park(Actor.worker(organization_id), integration_id, "schedule.unreadable", clock.now())


def execute_next(*, root_key: RootKey) -> Run | None:
    """Carry out one of the runs that wait, of the organization whose turn it is; None when none may begin now.

    One that nobody can begin ends as failed, and the next has its turn. Works as the worker's database role only.
    """
    for organization_id, run_id in _waiting(_LOOKED_AT):
        try:
            run = execute_run(organization_id=organization_id, run_id=run_id, root_key=root_key)
        except Conflict as error:
            if error.code != "run.taken":
                raise
            continue
        except DatabaseError:
            raise
        except Exception:
            with tenancy.scope(organization_id):
                database.execute(
                    "extraction", "end_unbegun", {"organization_id": organization_id, "run_id": run_id}
                )
            raise
        if _waiting(1):
            # This place is free again, and a run that found its organization's places taken has lost its job.
            jobs.defer(NEXT_JOB, once="turns")
        return run
    return None


def _waiting(most: int) -> list[tuple[OrganizationId, RunId]]:
    values = {"most": most, "most_of_one": RUNS_OF_ONE, "stale_seconds": round(STALE_SECONDS)}
    found = database.rows("extraction", "next_runs", values)
    return [(OrganizationId(one), RunId(other)) for one, other in found]
