"""A run from the request to its end: what it stores, what it leaves alone, what a failure leaves (nothing)."""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from typing import Any

import pytest

from fanlight.audit import queries as audit
from fanlight.catalog import queries as catalog
from fanlight.connectors.types import Secret, SourceReport
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, NotFound, Refused
from fanlight.discovery import queries as discovery
from fanlight.extraction import lease, queries, services
from fanlight.extraction.models import Run as RunRow
from fanlight.extraction.reading import Reading
from fanlight.extraction.types import RunProgress, RunState
from fanlight.foundation import clock, jobs
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import TestState
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


def test_the_first_run_stores_everything_and_search_finds_it(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert run.problem is None
    assert run.changes["added"] == 8  # the database, 2 schemas, 3 tables, a view, an enum
    asset = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    columns = catalog.columns(world.alice, asset.id).columns
    assert [(one.name, one.type, one.is_nullable) for one in columns] == [
        ("order_id", "bigint", False),
        ("customer_id", "bigint", False),
        ("state", "sales.order_state", False),
        ("total", "numeric(12,2)", True),
    ]
    assert columns[3].comment == "In euros, tax included."
    assert discovery.search(world.bob, "orders")[0].path == asset.path


def test_an_unchanged_run_writes_no_asset_row(world: World, source: Source) -> None:
    integration_id = add(world, source)
    first = extract(world, integration_id)
    before = [_versions(world, table) for table in ("catalog_asset", "catalog_column", "discovery_entry")]
    second = extract(world, integration_id)
    assert second.state is RunState.SUCCEEDED
    assert second.changes["unchanged"] == first.changes["added"]
    assert {name: count for name, count in second.changes.items() if name != "unchanged" and count} == {}
    assert [
        _versions(world, table) for table in ("catalog_asset", "catalog_column", "discovery_entry")
    ] == before


def test_rows_at_the_source_change_estimates_and_nothing_else(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    run = extract(world, integration_id)
    assert (run.changes["changed"], run.changes["estimates"]) == (0, 1)
    assert _versions(world, "catalog_asset") == before
    assert catalog.asset_at(world.alice, f"shop.{source.database}.sales.customers").row_estimate == 5000


def test_estimates_that_move_by_less_than_a_tenth_are_not_written(world: World, source: Source) -> None:
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(1, 5000) n; ANALYZE sales.customers"
    )
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run(
        "INSERT INTO sales.customers SELECT n, 'x' FROM generate_series(5001, 5200) n; ANALYZE sales.customers"
    )
    assert extract(world, integration_id).changes["estimates"] == 0


def test_what_changes_at_the_source_changes_here(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run(
        "ALTER TABLE sales.orders ADD COLUMN note varchar(80); ALTER TABLE sales.orders DROP COLUMN total CASCADE;"
        "ALTER TABLE sales.orders ALTER COLUMN customer_id DROP NOT NULL; DROP TABLE sales.gone_soon;"
        "CREATE TABLE sales.new_one (id int)"
    )
    changes = extract(world, integration_id).changes
    assert (changes["added"], changes["changed"], changes["gone"]) == (1, 1, 2)
    assert (changes["columns_added"], changes["columns_changed"], changes["columns_gone"]) == (2, 1, 1)
    orders = catalog.asset_at(world.alice, f"shop.{source.database}.sales.orders")
    assert [one.name for one in catalog.columns(world.alice, orders.id).columns] == [
        "order_id",
        "customer_id",
        "state",
        "note",
    ]
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}.sales.gone_soon")
    assert not [hit for hit in discovery.search(world.alice, "gone_soon") if hit.name == "gone_soon"]
    assert not [hit for hit in discovery.search(world.alice, "total") if hit.name == "total"]
    assert discovery.search(world.alice, "note")[0].name == "note"


def test_what_comes_back_is_the_same_asset_again(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.gone_soon"
    before = catalog.asset_at(world.alice, path).id
    source.run("DROP TABLE sales.gone_soon")
    extract(world, integration_id)
    source.run("CREATE TABLE sales.gone_soon (id int)")
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).id == before
    assert [hit for hit in discovery.search(world.alice, "gone_soon") if hit.path == path]


def test_a_failed_run_says_why_and_leaves_the_last_good_state(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    before = _versions(world, "catalog_asset")
    with world.catalogue.server.connect() as admin:
        admin.execute(f"REVOKE CONNECT ON DATABASE {source.database} FROM PUBLIC")
    run = extract(world, integration_id)
    assert run.state is RunState.FAILED
    assert run.problem is not None
    assert run.problem.code.startswith("source.")
    assert run.problem.remedy
    assert source.password not in f"{run.problem}"
    assert _versions(world, "catalog_asset") == before
    with world.catalogue.connect("postgres") as session:
        left = session.execute(
            "SELECT count(*) FROM catalog_arrival WHERE integration_id = %s", [integration_id]
        ).fetchone()
    assert left == (0,)


def test_a_failure_in_the_merge_leaves_nothing(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration_id = add(world, source)

    def fail(*_: object) -> None:
        raise RuntimeError("canary-detail")

    monkeypatch.setattr("fanlight.catalog.services._followers", [fail])
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker(), pytest.raises(RuntimeError):
        services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    run = queries.run(world.alice, run_id)
    assert run.problem is not None
    assert (run.state, run.problem.code) == (RunState.FAILED, "run.internal")
    assert "canary-detail" not in run.problem.detail
    assert _versions(world, "catalog_asset") == set()


def test_a_definition_that_stays_locked_is_not_seen_and_what_is_stored_stays(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.open_orders"
    before = catalog.asset_at(world.alice, path)
    with source.connect() as session, session.transaction():
        session.execute("LOCK TABLE sales.open_orders IN ACCESS EXCLUSIVE MODE")
        run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert run.not_seen_count >= 1
    after = catalog.asset_at(world.alice, path)
    assert after.facts == before.facts
    assert after.not_seen == "locked"
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).not_seen == ""


def test_what_the_role_may_not_read_stays_and_the_rest_is_as_fresh_as_any(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    path = f"shop.{source.database}.sales.customers"
    indexes = catalog.asset_at(world.alice, path).facts["indexes"]
    assert indexes
    source.run("REVOKE SELECT ON pg_index FROM PUBLIC; ALTER TABLE sales.customers ADD COLUMN phone text")
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert {one["reason"] for one in run.not_seen} == {"denied"}
    after = catalog.asset_at(world.alice, path)
    assert (after.facts["indexes"], after.not_seen) == (indexes, "denied")
    assert "phone" in [one.name for one in catalog.columns(world.alice, after.id).columns]
    assert extract(world, integration_id).changes["changed"] == 0
    source.run("GRANT SELECT ON pg_index TO PUBLIC; ALTER TABLE sales.customers DROP COLUMN phone")
    extract(world, integration_id)
    assert catalog.asset_at(world.alice, path).not_seen == ""


def test_a_second_request_joins_the_run_that_waits(world: World, source: Source) -> None:
    integration_id = add(world, source)
    ask = {"actor": world.alice, "integration_id": integration_id, "is_deferred": False, "now": clock.now()}
    assert services.request_run(**ask) == services.request_run(**ask)


def test_two_processes_never_work_on_one_run(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        assert lease.claim(world.a, run_id, now=clock.now())
        with pytest.raises(Conflict) as refusal:
            services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    assert refusal.value.code == "run.taken"


def test_a_silent_holder_is_replaced_and_can_no_longer_end_the_run(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        first = lease.claim(world.a, run_id, now=clock.now() - timedelta(seconds=lease.STALE_SECONDS + 1))
        second = services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
        assert (second.state, second.attempt) == (RunState.SUCCEEDED, 2)
        assert first is not None
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
        long_ago = clock.now() - timedelta(seconds=lease.STALE_SECONDS + 1)
        first = lease.claim(world.a, run_id, now=long_ago)
        assert first is not None
        slow = Reading(Actor.worker(world.a), run_id, first[0], first[1], None)
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


def test_a_comment_too_long_for_search_does_not_stop_the_run(world: World, source: Source) -> None:
    source.run(
        "DO $$ BEGIN EXECUTE format('COMMENT ON TABLE sales.orders IS %L', repeat('w' || 'x ', 600000)); END $$"
    )
    integration_id = add(world, source)
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    path = f"shop.{source.database}.sales.orders"
    assert len(catalog.asset_at(world.alice, path).comment or "") == 1_800_000


def test_the_database_itself_refuses_a_second_active_run(world: World, source: Source) -> None:
    import psycopg

    integration_id = add(world, source)
    services.request_run(actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now())
    with world.catalogue.connect("postgres") as session, pytest.raises(psycopg.errors.UniqueViolation):
        session.execute(
            "INSERT INTO extraction_run SELECT organization_id, gen_random_uuid(), integration_id, 'running', "
            "requested_at, requested_by, started_at, finished_at, lease, heartbeat_at, attempt, phase, done, total, "
            "product, phases, changes, statements, rows, size_bytes, not_seen_count, not_seen, error_code, "
            "error_detail, error_remedy FROM extraction_run WHERE integration_id = %s",
            [integration_id],
        )


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


def test_a_test_of_the_connection_says_what_it_found(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with world.as_worker():
        services.test_connection(
            organization_id=world.a, integration_id=integration_id, root_key=world.root_key
        )
    tested = integrations.integration(world.bob, integration_id)
    assert tested.test_state is TestState.PASSED
    assert tested.report is not None
    assert tested.report.product.startswith("PostgreSQL")
    assert (source.database, True) in tested.report.databases


def test_a_test_of_settings_that_have_changed_since_says_nothing(world: World, source: Source) -> None:
    integration_id = add(world, source)
    before = integrations.integration(world.alice, integration_id)
    integration_services.change_integration(
        actor=world.alice,
        integration_id=integration_id,
        name="shop",
        settings={**source.settings, "databases": "another"},
        secret="",
        now=clock.now(),
    )
    with world.as_worker():
        integration_services.note_test(
            actor=Actor.worker(world.a),
            tested=before,
            outcome=SourceReport("PostgreSQL", "u", (), is_encrypted=True),
            now=clock.now(),
        )
    assert integrations.integration(world.alice, integration_id).test_state is TestState.UNTESTED


def test_a_test_that_ends_unexpectedly_is_over_all_the_same(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration_id = add(world, source)

    def fail(*_: object) -> None:
        raise ValueError("canary-detail")

    monkeypatch.setattr("fanlight.connectors.postgres.session.PostgresSession.report", fail)
    with world.as_worker(), pytest.raises(ValueError, match="canary"):
        services.test_connection(
            organization_id=world.a, integration_id=integration_id, root_key=world.root_key
        )
    tested = integrations.integration(world.alice, integration_id)
    assert tested.test_state is TestState.FAILED
    assert tested.problem is not None
    assert "canary" not in tested.problem.detail


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


def test_a_request_from_the_portal_is_a_job_that_commits_with_it(world: World, source: Source) -> None:
    integration_id = add(world, source)

    def ask_and_fail() -> None:
        services.request_run(
            actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
        )
        _ = 1 / 0

    with pytest.raises(ZeroDivisionError), scope(world.a):
        ask_and_fail()
    assert queries.runs_of(world.alice, integration_id) == []
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
    )
    with world.catalogue.connect("postgres") as session:
        waiting = session.execute(
            "SELECT task_name, args FROM procrastinate_jobs WHERE args ->> 'organization_id' = %s",
            [str(world.a)],
        ).fetchall()
    assert waiting == [(services.RUN_JOB, {"organization_id": str(world.a), "run_id": str(run_id)})]


def test_a_job_works_as_the_queue_runs_it(world: World, source: Source, settings_root_key: None) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=True, now=clock.now()
    )
    from fanlight.extraction import jobs as extraction_jobs

    assert jobs.app is not None
    with world.as_worker():
        extraction_jobs.run_extraction(str(world.a), str(run_id))
    assert queries.run(world.alice, run_id).state is RunState.SUCCEEDED


@pytest.fixture
def settings_root_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import base64

    from django.conf import settings

    key = base64.b64encode(world.root_key.reveal()).decode()
    monkeypatch.setattr(settings, "FANLIGHT_ROOT_KEY", key, raising=False)


def test_heartbeats_show_progress_while_the_source_is_slow(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        claimed = lease.claim(world.a, run_id, now=clock.now())
        assert claimed
        with lease.Heartbeat(world.a, run_id, claimed[0], lambda: ("reading", 42, 100)):
            threading.Event().wait(lease.HEARTBEAT_SECONDS * 1.6)
    run = queries.run(world.alice, run_id)
    assert (run.phase, run.done, run.total) == ("reading", 42, 100)
