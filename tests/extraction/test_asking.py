"""Asking for a run: who may, what it leaves in the queue, the ledger and the audit log."""

from __future__ import annotations

import pytest

from fanlight.audit import queries as audit
from fanlight.core.errors import NotFound, Refused
from fanlight.extraction import jobs, queries, services
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def test_a_second_request_joins_the_run_that_waits(world: World, source: Source) -> None:
    integration_id = add(world, source)
    ask = {"actor": world.alice, "integration_id": integration_id, "is_deferred": False, "now": clock.now()}
    assert services.request_run(**ask) == services.request_run(**ask)


def test_a_viewer_may_not_extract(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with pytest.raises(Refused):
        services.request_run(
            actor=world.bob, integration_id=integration_id, is_deferred=True, now=clock.now()
        )


def test_a_stranger_is_told_the_integration_does_not_exist(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with pytest.raises(NotFound):
        services.request_run(
            actor=world.charlie, integration_id=integration_id, is_deferred=True, now=clock.now()
        )


def test_the_ledger_holds_each_statement_and_its_figures(world: World, source: Source) -> None:
    run = extract(world, add(world, source))
    lines = queries.ledger(world.bob, run.id).lines
    assert [line.number for line in lines] == list(range(1, run.statements + 1))
    assert sum(line.rows for line in lines) == run.rows
    assert sum(line.size_bytes for line in lines) == run.size_bytes
    assert {line.source for line in lines} == {source.database}
    assert all(len(line.digest) == 64 for line in lines)


def test_a_run_is_audited_from_the_request_to_its_end(world: World, source: Source) -> None:
    run = extract(world, add(world, source))
    with scope(world.a):
        events = audit.events_after(world.a, 0, 1000)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    of_run = [event.kind for event in events if event.event["details"].get("run") == str(run.id)]
    assert of_run == ["extraction.requested", "extraction.started", "extraction.succeeded"]


def test_a_request_from_the_portal_is_a_job_that_commits_with_it(world: World, source: Source) -> None:
    integration_id = add(world, source)

    def ask_and_fail() -> None:
        services.request_run(
            actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
        )
        _ = 1 / 0

    before = _jobs(world)
    with pytest.raises(ZeroDivisionError), scope(world.a):
        ask_and_fail()
    assert queries.runs_of(world.alice, integration_id) == []
    assert _jobs(world) == before
    services.request_run(actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now())
    # One job for each request; it names no run, since whose turn it is shows when a place is free.
    assert _jobs(world) == before + 1


def _jobs(world: World) -> int:
    with world.catalogue.connect("postgres") as session:
        found = session.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND args = '{}'",
            [services.NEXT_JOB],
        ).fetchone()
    return int(found[0]) if found else 0


def test_a_job_works_as_the_queue_runs_it(world: World, source: Source, settings_root_key: None) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
    )
    # Other tests' organizations may wait too, with credentials that this key does not open: each ends in its turn.
    with world.as_worker():
        for _ in range(200):
            if queries.run(world.alice, run_id).state.is_over:
                break
            jobs.run_next()
    assert queries.run(world.alice, run_id).state is RunState.SUCCEEDED
