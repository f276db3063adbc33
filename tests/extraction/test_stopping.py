"""Cancel, pause and delete: at once here, within a second at the source, and nothing of the run is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from fanlight.audit import queries as audit
from fanlight.catalog import queries as catalog
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, NotFound, Refused
from fanlight.core.identifiers import IntegrationId, RunId
from fanlight.discovery import queries as discovery
from fanlight.extraction import jobs, queries, services
from fanlight.extraction.types import Run, RunProgress, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.tenancy.scope import scope
from fanlight.vault.models import SealedCredential
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


@contextmanager
def _stuck_at_the_source(
    world: World, source: Source, integration_id: IntegrationId
) -> Iterator[tuple[RunId, Any]]:
    """A run whose statement waits at the source, on a lock that somebody holds on its catalogue."""
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with (
        world.as_worker(),
        source.connect() as owner,
        ThreadPoolExecutor(1) as pool,
    ):
        owner.execute("BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        running: Future[Run] = pool.submit(_execute, world, run_id)
        try:
            _wait_until(lambda: _waiting_statements(source) == 1)
            yield run_id, running
        finally:
            owner.execute("ROLLBACK")


def _execute(world: World, run_id: RunId) -> Run:
    from django.db import connections

    try:
        return services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    finally:
        connections.close_all()


def _waiting_statements(source: Source) -> int:
    with source.server.connect() as admin:
        found = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'active'", [source.reader]
        ).fetchone()
    return int(found[0]) if found else 0


def _wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> float:
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < seconds
        time.sleep(0.01)
    return time.monotonic() - started


def _cancel(world: World, run_id: RunId) -> None:
    services.cancel_run(actor=world.alice, run_id=run_id, now=clock.now())


def _pause(world: World, run_id: RunId) -> None:
    integration_id = queries.run(world.alice, run_id).integration_id
    services.pause_integration(actor=world.alice, integration_id=integration_id, now=clock.now())


def _delete(world: World, run_id: RunId) -> None:
    integration_id = queries.run(world.alice, run_id).integration_id
    services.delete_integration(
        actor=world.alice, integration_id=integration_id, typed_name="shop", now=clock.now()
    )


@pytest.mark.parametrize(
    ("act", "code"), [(_cancel, "run.cancelled"), (_pause, "run.paused"), (_delete, "run.deleted")]
)
def test_it_takes_effect_at_the_source_within_a_second(
    world: World, source: Source, act: Callable[[World, RunId], None], code: str
) -> None:
    integration_id = add(world, source)
    with _stuck_at_the_source(world, source, integration_id) as (run_id, running):
        with world.catalogue.acting_as("portal"):
            act(world, run_id)
        assert _wait_until(lambda: _waiting_statements(source) == 0) < 1.0
        run = running.result(5)
    assert run.problem is not None
    assert (run.state, run.problem.code) == (RunState.STOPPED, code)
    # Its end is known to the log, and nothing that it read has stayed.
    with scope(world.a):
        kinds = [event.kind for event in audit.events_after(world.a, 0, 1000)]
    assert "extraction.stopped" in kinds
    with world.catalogue.connect("postgres") as session:
        left = session.execute(
            "SELECT count(*) FROM catalog_arrival WHERE integration_id = %s", [integration_id]
        )
        assert left.fetchone() == (0,)


def test_a_run_that_waits_is_ended_without_a_worker_for_it(
    world: World, source: Source, settings_root_key: None
) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
    )
    _cancel(world, run_id)
    assert queries.run(world.alice, run_id).stopping == "cancelled"
    with world.as_worker():
        jobs.end_stopped(str(world.a), str(run_id))
    assert queries.run(world.alice, run_id).state is RunState.STOPPED
    with pytest.raises(Conflict):
        _cancel(world, run_id)


def test_a_run_that_is_storing_is_stopped_too_and_stores_nothing(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("CREATE TABLE sales.never_stored (id int)")
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    # Somebody holds an asset's row, so that the merge waits for it until it is cancelled.
    source.run("COMMENT ON TABLE sales.orders IS 'another comment'")
    with world.catalogue.connect("postgres") as holder, ThreadPoolExecutor(1) as pool, world.as_worker():
        holder.execute("BEGIN")
        holder.execute("SELECT FROM catalog_asset WHERE organization_id = %s FOR UPDATE", [world.a])
        running = pool.submit(_execute, world, run_id)
        _wait_until(lambda: _is_merging(world, run_id))
        started = time.monotonic()
        with world.catalogue.acting_as("portal"):
            _cancel(world, run_id)
        run = running.result(10)
        assert time.monotonic() - started < 3.0
        holder.execute("ROLLBACK")
    assert run.state is RunState.STOPPED
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}.sales.never_stored")


def _is_merging(world: World, run_id: RunId) -> bool:
    with world.catalogue.connect("postgres") as session:
        found = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'fanlight_worker' AND wait_event_type = 'Lock'"
        ).fetchone()
    return bool(found and found[0])


def test_a_request_just_before_the_end_still_counts(world: World, source: Source) -> None:
    # The nudge is lost here: the merge looks for itself, in its own transaction, before it commits.
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )

    def ask(progress: RunProgress) -> None:
        if progress.phase == "merging":
            thread = threading.Thread(target=_ask_silently)
            thread.start()
            thread.join()

    def _ask_silently() -> None:
        with psycopg.connect(world.catalogue.conninfo("postgres"), autocommit=True) as session:
            session.execute(
                "INSERT INTO extraction_stoprequest (organization_id, run_id, asked_at, reason) "
                "VALUES (%s, %s, now(), 'cancelled') ON CONFLICT DO NOTHING",
                [world.a, run_id],
            )

    with world.as_worker():
        run = services.execute_run(
            organization_id=world.a, run_id=run_id, root_key=world.root_key, watcher=ask
        )
    assert run.state is RunState.STOPPED
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}")


def test_while_it_is_paused_nothing_begins_by_hand_or_by_schedule(world: World, source: Source) -> None:
    integration_id = add(world, source)
    services.pause_integration(actor=world.alice, integration_id=integration_id, now=clock.now())
    assert integrations.schedules(world.alice)[integration_id].next_at is None
    with pytest.raises(Conflict) as refusal:
        services.request_run(
            actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
        )
    assert refusal.value.code == "integration.paused"
    services.resume_integration(actor=world.alice, integration_id=integration_id, now=clock.now())
    assert integrations.schedules(world.alice)[integration_id].next_at is not None
    assert extract(world, integration_id).state is RunState.SUCCEEDED


def test_a_run_that_waited_when_it_was_paused_does_not_begin(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    services.pause_integration(actor=world.alice, integration_id=integration_id, now=clock.now())
    with world.as_worker():
        run = services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    assert (run.state, run.statements) == (RunState.STOPPED, 0)


def test_what_is_deleted_is_gone_from_every_page_at_once_and_then_from_the_disk(
    world: World, source: Source, settings_root_key: None
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    assert discovery.search(world.alice, "orders")
    services.delete_integration(
        actor=world.alice, integration_id=integration_id, typed_name="shop", now=clock.now()
    )
    assert integrations.integrations(world.alice) == []
    assert discovery.search(world.alice, "orders") == []
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}")
    # Its name is free again while its rows still lie there.
    other = add(world, source)
    with world.as_worker():
        jobs.erase_integration(str(world.a), str(integration_id))
        with scope(world.a):
            assert not SealedCredential.objects.filter(integration_id=integration_id).exists()
    _assert_nothing_is_left(world, integration_id)
    assert [one.id for one in integrations.integrations(world.alice)] == [other]
    with scope(world.a):
        erased = [
            event.event
            for event in audit.events_after(world.a, 0, 1000)
            if event.kind == "integration.erased"
        ]
    assert erased[0]["details"]["assets"] == 8


def _assert_nothing_is_left(world: World, integration_id: IntegrationId) -> None:
    with world.catalogue.connect("postgres") as session:
        tables = session.execute(
            "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.atttypid = 'uuid'::regtype "
            "AND NOT a.attisdropped"
        ).fetchall()
        assert len(tables) > 20
        for table, column in tables:
            left = session.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [integration_id])
            assert left.fetchone() == (0,), (table, column)
        for table in ("catalog_asset", "catalog_column", "discovery_entry", "extraction_ledgerline"):
            left = session.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [world.a])
            assert left.fetchone() == (0,), table


def test_one_that_was_not_deleted_is_not_erased(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with world.as_worker():
        services.erase_integration(organization_id=world.a, integration_id=integration_id)
    assert integrations.integration(world.alice, integration_id)


def test_deleting_needs_the_name_again(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with pytest.raises(Conflict):
        services.delete_integration(
            actor=world.alice, integration_id=integration_id, typed_name="shopp", now=clock.now()
        )
    assert integrations.integration(world.alice, integration_id)


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, one, now: services.pause_integration(actor=actor, integration_id=one, now=now),
        lambda actor, one, now: services.resume_integration(actor=actor, integration_id=one, now=now),
        lambda actor, one, now: services.delete_integration(
            actor=actor, integration_id=one, typed_name="shop", now=now
        ),
    ],
)
def test_a_viewer_may_not_and_a_stranger_is_told_there_is_no_such_thing(
    world: World, source: Source, act: Callable[[Actor, IntegrationId, Any], None]
) -> None:
    integration_id = add(world, source)
    with pytest.raises(Refused):
        act(world.bob, integration_id, clock.now())
    with pytest.raises(NotFound):
        act(world.charlie, integration_id, clock.now())
    assert integrations.integration(world.alice, integration_id).paused_at is None
