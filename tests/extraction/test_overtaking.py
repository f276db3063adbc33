"""One process works on a run; one that was silent too long can no longer harm it."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any
from uuid import UUID

import pytest

from fanlight.connectors.types import Secret
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict
from fanlight.core.identifiers import RunId
from fanlight.extraction import lease, queries, services
from fanlight.extraction.ending import Attempt
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.reading import Reading
from fanlight.extraction.types import RunProgress, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _versions(world: World, table: str) -> set[Any]:
    """Which transaction wrote each row: unchanged when nothing was written."""
    with world.catalogue.connect("postgres") as session:
        return set(
            session.execute(
                f"SELECT id, xmin::text FROM {table} WHERE organization_id = %s", [world.a]
            ).fetchall()
        )


def _claim_and_fall_silent(world: World, run_id: RunId) -> tuple[UUID, int]:
    claimed = lease.claim(world.a, run_id)
    assert claimed is not None
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE extraction_run SET heartbeat_at = heartbeat_at - interval '16 seconds' WHERE id = %s",
            [run_id],
        )
    return claimed


def test_two_processes_never_work_on_one_run(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        assert lease.claim(world.a, run_id)
        with pytest.raises(Conflict) as refusal:
            services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    assert refusal.value.code == "run.taken"


def test_a_silent_holder_is_replaced_and_can_no_longer_end_the_run(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        first = _claim_and_fall_silent(world, run_id)
        second = services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
        assert (second.state, second.attempt) == (RunState.SUCCEEDED, 2)
        with scope(world.a):
            stolen = RunRow.objects.filter(organization_id=world.a, id=run_id, lease=first[0])
            assert not stolen.exists()


def test_an_overtaken_process_takes_nothing_from_the_one_that_overtook_it(
    world: World, source: Source
) -> None:
    # It wakes up before the other's merge, notices, and tidies up after itself: its own arrivals only.
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        first = _claim_and_fall_silent(world, run_id)
        attempt = Attempt(Actor.worker(world.a), run_id, first[0], integration_id)
        slow = Reading(attempt, first[1], None)
        integration = integrations.integration(world.alice, integration_id)
        secret, key = Secret(source.password), b"k" * 32
        woken: list[str] = []

        def wake_the_slow_one(progress: RunProgress) -> None:
            if progress.phase == "merging" and not woken:
                with pytest.raises(Conflict) as lost:
                    slow.extract(integration, secret, key)
                with scope(world.a):
                    slow.discard()
                woken.append(lost.value.code)

        second = services.execute_run(
            organization_id=world.a, run_id=run_id, root_key=world.root_key, watcher=wake_the_slow_one
        )
    assert woken == ["run.lost"]
    assert second.changes.get("gone", 0) == 0
    assert _versions(world, "catalog_asset") == before


def test_arrivals_that_vanished_empty_no_catalogue(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")

    def take_away(progress: RunProgress) -> None:
        if progress.phase == "merging":
            with world.catalogue.connect("postgres") as session:
                session.execute("DELETE FROM catalog_arrival WHERE organization_id = %s", [world.a])

    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        run = services.execute_run(
            organization_id=world.a, run_id=run_id, root_key=world.root_key, watcher=take_away
        )
    assert run.problem is not None
    assert run.problem.code == "run.arrivals_lost"
    assert _versions(world, "catalog_asset") == before


def test_the_database_itself_refuses_a_second_active_run(world: World, source: Source) -> None:
    import psycopg

    integration_id = add(world, source)
    services.request_run(actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now())
    with world.catalogue.connect("postgres") as session:
        columns = [
            name
            for (name,) in session.execute(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = 'extraction_run'::regclass "
                "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            )
        ]
        values = ["gen_random_uuid()" if name == "id" else f'"{name}"' for name in columns]
        with pytest.raises(psycopg.errors.UniqueViolation):
            session.execute(
                f"INSERT INTO extraction_run SELECT {', '.join(values)} FROM extraction_run WHERE integration_id = %s",
                [integration_id],
            )


def test_a_source_that_stops_answering_is_given_up(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration_id = add(world, source)
    monkeypatch.setattr("fanlight.connectors.postgres.guard.DEADLINE_SECONDS", 1.0)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    stopped: list[int] = []

    def stop_the_source(progress: RunProgress) -> None:
        with source.connect() as owner:
            for (pid,) in owner.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s", [source.reader]
            ):
                if pid not in stopped:
                    os.kill(pid, signal.SIGSTOP)
                    stopped.append(pid)

    try:
        with world.as_worker():
            run = services.execute_run(
                organization_id=world.a, run_id=run_id, root_key=world.root_key, watcher=stop_the_source
            )
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    assert stopped
    assert run.problem is not None
    assert run.problem.code == "source.disconnected"


def test_heartbeats_show_progress_while_the_source_is_slow(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        claimed = lease.claim(world.a, run_id)
        assert claimed
        with lease.Heartbeat(world.a, run_id, claimed[0], position=lambda: ("reading", 42, 100), stop=print):
            threading.Event().wait(lease.HEARTBEAT_SECONDS * 1.6)
    run = queries.run(world.alice, run_id)
    assert (run.phase, run.done, run.total) == ("reading", 42, 100)
