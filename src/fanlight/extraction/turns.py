"""Whose turn it is: schedules become runs, and free places go round the organizations."""

from __future__ import annotations

from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, NotFound
from fanlight.core.identifiers import OrganizationId, RunId
from fanlight.extraction.lease import STALE_SECONDS
from fanlight.extraction.running import NEXT_JOB, execute_run, request_run
from fanlight.extraction.types import RUNS_OF_ONE, Run, Trigger
from fanlight.foundation import clock, database, jobs
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy
from fanlight.vault.types import RootKey

_LOOKED_AT = 20


def keep_turns(*, most: int = 200) -> int:
    """Ask for the runs that are due, and see to it that somebody takes up what waits; return how many were asked for.

    Comes by itself every few seconds, in one worker. Works as the worker's database role only.
    """
    asked = 0
    for organization_id, integration_id in integrations.due(most):
        actor = Actor.worker(organization_id)
        now = clock.now()
        try:
            with tenancy.scope(organization_id):
                failures = integrations.take_turn(actor, integration_id, now)
                if failures is None:
                    continue
                trigger = Trigger.RETRY if failures else Trigger.SCHEDULE
                request_run(
                    actor=actor, integration_id=integration_id, is_deferred=True, now=now, trigger=trigger
                )
        except (NotFound, Conflict):
            continue  # deleted or paused at this very moment
        asked += 1
    if _waiting(1):
        # Whoever was to take it up may be dead: its job with it.
        jobs.defer(NEXT_JOB)
    return asked


def execute_next(*, root_key: RootKey) -> Run | None:
    """Carry out one of the runs that wait, of the organization whose turn it is; None when none may begin now.

    Works as the worker's database role only.
    """
    for organization_id, run_id in _waiting(_LOOKED_AT):
        try:
            run = execute_run(organization_id=organization_id, run_id=run_id, root_key=root_key)
        except Conflict as error:
            if error.code != "run.taken":
                raise
            continue
        if _waiting(1):
            # This place is free again, and a run that found its organization's places taken has lost its job.
            jobs.defer(NEXT_JOB)
        return run
    return None


def _waiting(most: int) -> list[tuple[OrganizationId, RunId]]:
    values = {"most": most, "most_of_one": RUNS_OF_ONE, "stale_seconds": round(STALE_SECONDS)}
    found = database.rows("extraction", "next_runs", values)
    return [(OrganizationId(one), RunId(other)) for one, other in found]
