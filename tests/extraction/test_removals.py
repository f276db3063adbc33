"""Present, confirmed gone, not seen: only a complete and healthy scope removes, and much only with a person's word."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from fanlight.catalog import queries as catalog
from fanlight.core.errors import Conflict, NotFound, Refused
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries, services
from fanlight.extraction.types import Run, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _execute(world: World, run_id: object) -> Run:
    with world.as_worker():
        return services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)  # type: ignore[arg-type]


def test_a_run_that_would_remove_more_than_a_quarter_stops_and_asks(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("DROP SCHEMA sales CASCADE")
    run = extract(world, integration_id)
    assert run.state is RunState.HELD
    assert (run.removals, run.removals_of) == (6, 8)
    assert run.problem is not None
    assert "6 of 8" in run.problem.detail
    # Nothing is gone, and the list can be looked at.
    path = f"shop.{source.database}.sales.orders"
    before = catalog.asset_at(world.alice, path)
    listed = [locator for locator, _ in catalog.departures(world.bob, run.id)]
    assert len(listed) == 6
    assert f"{source.database}.sales.orders" in listed
    # By itself it does not try again.
    schedule = integrations.schedules(world.alice)[integration_id]
    assert (schedule.next_at, schedule.stopped_reason) == (None, "run.held")
    # A person approves: another run removes exactly that.
    approved = services.approve_removal(actor=world.alice, run_id=run.id, now=clock.now())
    done = _execute(world, approved)
    assert (done.state, done.changes["gone"]) == (RunState.SUCCEEDED, 6)
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, path)
    assert integrations.schedules(world.alice)[integration_id].next_at is not None
    # What comes back finds what was written about it: it is the same asset.
    source.run("CREATE SCHEMA sales; CREATE TABLE sales.orders (order_id bigint PRIMARY KEY)")
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).id == before.id


def test_a_quarter_and_no_more_is_removed_without_asking(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("DROP TABLE sales.gone_soon; DROP VIEW sales.open_orders")
    run = extract(world, integration_id)
    assert (run.state, run.changes["gone"]) == (RunState.SUCCEEDED, 2)


def test_what_was_not_in_the_approved_list_is_asked_about_again(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("CREATE SCHEMA more; CREATE TABLE more.a (i int); CREATE TABLE more.b (i int)")
    extract(world, integration_id)
    source.run("DROP VIEW sales.open_orders; DROP TABLE sales.gone_soon; DROP SCHEMA more CASCADE")
    held = extract(world, integration_id)
    assert held.state is RunState.HELD
    source.run("DROP SCHEMA sales CASCADE")
    approved = services.approve_removal(actor=world.alice, run_id=held.id, now=clock.now())
    assert _execute(world, approved).state is RunState.HELD
    assert catalog.asset_at(world.alice, f"shop.{source.database}.more.a")


def test_an_approval_that_nobody_gave_removes_nothing(world: World, source: Source) -> None:
    # A stolen queue or portal role may name a run as approved; the worker reads the approval itself.
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("DROP SCHEMA sales CASCADE")
    held = extract(world, integration_id)
    forged = services.request_run(
        actor=world.alice,
        integration_id=integration_id,
        is_deferred=False,
        now=clock.now(),
        approval_of=held.id,
    )
    assert _execute(world, forged).state is RunState.HELD


def test_who_may_not_manage_may_not_approve_and_old_questions_are_closed(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("DROP SCHEMA sales CASCADE")
    held = extract(world, integration_id)
    with pytest.raises(Refused):
        services.approve_removal(actor=world.bob, run_id=held.id, now=clock.now())
    with pytest.raises(NotFound):
        services.approve_removal(actor=world.charlie, run_id=held.id, now=clock.now())
    later = extract(world, integration_id)
    assert later.state is RunState.HELD
    with pytest.raises(Conflict):
        services.approve_removal(actor=world.alice, run_id=held.id, now=clock.now())


@pytest.fixture
def two_databases(world: World, source: Source) -> tuple[IntegrationId, str]:
    """An integration of two databases, extracted once; the second one's name."""
    second = f"{source.database}_two"
    with source.server.connect() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(second)))
    with source.server.connect(second) as owner:
        owner.execute("CREATE TABLE public.parts (id int); CREATE TABLE public.bolts (id int)")
    integration_id = integration_services.add_integration(
        actor=world.alice,
        name="shop",
        connector="postgres",
        settings={**source.settings, "databases": f"{source.database}, {second}"},
        secret=source.password,
        now=clock.now(),
    )
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    return integration_id, second


def test_a_database_that_cannot_be_reached_is_not_seen_and_nothing_of_it_is_gone(
    world: World, source: Source, two_databases: tuple[IntegrationId, str]
) -> None:
    integration_id, second = two_databases
    source.run("CREATE TABLE sales.new_one (id int); DROP TABLE sales.gone_soon")
    with source.server.connect() as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(second)))
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert (run.changes["added"], run.changes["gone"], run.not_seen_count) == (1, 1, 1)
    assert run.not_seen[0]["scope"] == second
    parts = catalog.asset_at(world.alice, f"shop.{second}.public.parts")
    assert parts.not_seen == "unreachable"
    # Back again, it is seen again, and what went meanwhile is confirmed gone.
    with source.server.connect() as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(second)))
    with source.server.connect(second) as owner:
        owner.execute("DROP TABLE public.bolts")
    again = extract(world, integration_id)
    assert (again.changes["gone"], again.not_seen_count) == (1, 0)
    assert catalog.asset_at(world.alice, f"shop.{second}.public.parts").not_seen == ""
    assert catalog.asset_at(world.alice, f"shop.{second}.public.parts").id == parts.id


def test_a_database_that_breaks_off_in_the_middle_is_left_as_it_was(
    world: World, source: Source, two_databases: tuple[IntegrationId, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fanlight.connectors.postgres.session import PostgresSession
    from fanlight.core.errors import SourceFailure

    integration_id, second = two_databases
    whole = PostgresSession.read

    def broken(self: PostgresSession):  # type: ignore[no-untyped-def]
        batches = whole(self)
        first = next(batches)
        yield first
        if first[0].path[0] == second:
            raise SourceFailure(code="source.disconnected", detail="It broke off.", remedy="Run again.")
        yield from batches

    monkeypatch.setattr(PostgresSession, "read", broken)
    run = extract(world, integration_id)
    assert (run.state, run.changes["gone"], run.changes["added"]) == (RunState.SUCCEEDED, 0, 0)
    assert catalog.asset_at(world.alice, f"shop.{second}.public.parts").not_seen == "failed"
    assert catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders").not_seen == ""


def test_when_no_database_can_be_read_the_run_fails(
    world: World, source: Source, two_databases: tuple[IntegrationId, str]
) -> None:
    integration_id, second = two_databases
    with source.server.connect() as admin:
        for name in (source.database, second):
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    try:
        run = extract(world, integration_id)
    finally:
        with source.server.connect() as admin:
            admin.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(source.database))
            )
    assert run.state is RunState.FAILED
    assert catalog.asset_at(world.alice, f"shop.{second}.public.parts").not_seen == ""


def test_a_refused_credential_is_tried_once_in_a_run_not_once_for_each_database(
    world: World, source: Source, two_databases: tuple[IntegrationId, str]
) -> None:
    integration_id, _ = two_databases
    with psycopg.connect(source.server.conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(source.reader)))
    run = extract(world, integration_id)
    assert run.problem is not None
    assert (run.state, run.problem.code) == (RunState.FAILED, "source.refused_credential")
    assert queries.runs_of(world.alice, integration_id, most=1)[0].statements == 0
