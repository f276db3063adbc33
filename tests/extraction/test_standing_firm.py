"""What a stolen portal role, a killed worker or an odd row can do to the turns of others: nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from fanlight.catalog import services as catalog
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.errors import Conflict
from fanlight.extraction import jobs, queries, services
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.foundation.stalled import retry_stalled
from fanlight.integrations import queries as integrations
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _portal(world: World, statement: str, values: Any = ()) -> None:
    with world.catalogue.connect("portal") as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.a}'")
        session.execute(statement, values)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE integrations_schedule SET next_at = '-infinity'",
        "UPDATE integrations_schedule SET cron = 'not a cron'",
        "UPDATE integrations_schedule SET failures = 2147483647",
        "UPDATE integrations_integration SET test_state = 'evil'",
        (
            "INSERT INTO extraction_run (organization_id, id, integration_id, trigger, requested_at) "
            "SELECT organization_id, gen_random_uuid(), id, 'evil', now() FROM integrations_integration"
        ),
        (
            "INSERT INTO extraction_run (organization_id, id, integration_id, trigger, requested_at) "
            "SELECT organization_id, gen_random_uuid(), id, 'person', '-infinity' FROM integrations_integration"
        ),
        (
            "INSERT INTO extraction_stoprequest (organization_id, run_id, asked_at, reason) "
            "SELECT organization_id, id, now(), 'boo' FROM extraction_run"
        ),
    ],
)
def test_a_row_that_nobody_could_read_is_refused_by_the_database(
    world: World, source: Source, statement: str
) -> None:
    extract(world, add(world, source))
    with pytest.raises(psycopg.errors.CheckViolation):
        _portal(world, statement)


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO extraction_run (organization_id, id, integration_id, trigger, requested_at, state) "
            "SELECT organization_id, gen_random_uuid(), id, 'person', now(), 'running' FROM integrations_integration"
        ),
        (
            "INSERT INTO extraction_run (organization_id, id, integration_id, trigger, requested_at, heartbeat_at) "
            "SELECT organization_id, gen_random_uuid(), id, 'person', now(), 'infinity' FROM integrations_integration"
        ),
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('quick', 'x', '{}', 'doing')",
        (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock) "
            "VALUES ('nobody', 'extraction.keep_turns', '{}', 'extraction.keep_turns')"
        ),
        (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, queueing_lock) "
            "VALUES ('turns', 'extraction.keep_turns', '{}', 'extraction.keep_turns')"
        ),
        (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, priority) "
            "VALUES ('extraction', 'extraction.run_next', '{}', 100)"
        ),
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('upkeep', 'trust.check', '{}')",
    ],
)
def test_a_portal_may_ask_for_its_own_jobs_and_for_runs_that_wait_only(
    world: World, source: Source, statement: str
) -> None:
    add(world, source)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _portal(world, statement)


def test_a_source_that_cannot_have_its_turn_is_set_aside_and_the_others_have_theirs(
    world: World, source: Source
) -> None:
    broken, healthy = add(world, source), add(world, source, world.charlie)
    with world.catalogue.connect("postgres") as session:
        # Cron fields that are well-formed and never come: no check can know.
        session.execute(
            "UPDATE integrations_schedule SET cron = '0 0 30 2 *', next_at = now() - interval '1 hour' "
            "WHERE integration_id = %s",
            [broken],
        )
        session.execute(
            "UPDATE integrations_schedule SET next_at = now() - interval '1 second' WHERE integration_id = %s",
            [healthy],
        )
    with world.as_worker():
        services.keep_turns()
    assert len(queries.runs_of(world.charlie, healthy)) == 1
    schedule = integrations.schedules(world.alice)[broken]
    assert (schedule.next_at, schedule.stopped_reason) == (None, "schedule.unreadable")


def test_rows_that_somebody_holds_are_not_waited_for(world: World, source: Source) -> None:
    held, healthy = add(world, source), add(world, source, world.charlie)
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE integrations_schedule SET next_at = now() - interval '1 second' WHERE integration_id = ANY(%s)",
            [[held, healthy]],
        )
    with world.catalogue.connect("postgres") as holder, world.as_worker():
        holder.execute("BEGIN")
        holder.execute("SELECT FROM audit_audithead WHERE organization_id = %s FOR UPDATE", [world.a])
        services.keep_turns()
        holder.execute("ROLLBACK")
        assert len(queries.runs_of(world.charlie, healthy)) == 1
        services.keep_turns()
    assert len(queries.runs_of(world.alice, held)) == 1


def test_a_stalled_job_whose_next_one_waits_ends_and_those_after_it_are_put_back(world: World) -> None:
    mark = f"mark {world.a}"
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, queueing_lock) VALUES "
            "('none', 'periodic', '{}', 'doing', %(m)s), ('none', 'periodic', '{}', 'todo', %(m)s), "
            "('none', 'after it', jsonb_build_object('m', %(m)s::text), 'doing', NULL)",
            {"m": mark},
        )

    async def put_back() -> None:
        from procrastinate.contrib.django import app

        connector = app.connector.get_worker_connector()
        with app.replace_connector(connector) as working:
            async with working.open_async():
                await retry_stalled.func(_Context(working), 0)

    with world.as_worker():
        asyncio.run(put_back())
    with world.catalogue.connect("postgres") as session:
        left = session.execute(
            "SELECT task_name, status::text FROM procrastinate_jobs WHERE queueing_lock = %s OR args ->> 'm' = %s "
            "ORDER BY 1",
            [mark, mark],
        ).fetchall()
    assert left == [("after it", "todo"), ("periodic", "todo")]


class _Context:
    def __init__(self, app: Any) -> None:
        self.app = app


def test_an_erasure_that_was_lost_is_asked_for_again_and_takes_what_a_killed_run_had_read(
    world: World, source: Source, settings_root_key: None
) -> None:
    integration_id = add(world, source)
    run = extract(world, integration_id)
    with world.as_worker():
        arrivals = catalog.open_arrivals(
            organization_id=world.a, integration_id=integration_id, run_id=run.id, lease=clock.uuid7()
        )
        catalog.arrive(arrivals, [Asset(AssetKind.DATABASE, ("left_behind",))])
    services.delete_integration(
        actor=world.alice, integration_id=integration_id, typed_name="shop", now=clock.now()
    )
    with world.catalogue.connect("postgres") as session:
        erasures = (
            "FROM procrastinate_jobs WHERE task_name = 'extraction.erase_integration' AND queueing_lock = %s"
        )
        session.execute(f"DELETE {erasures}", [f"erase {integration_id}"])
        with world.as_worker():
            services.keep_turns()
            services.keep_turns()
        assert session.execute(f"SELECT count(*) {erasures}", [f"erase {integration_id}"]).fetchone() == (1,)
        with world.as_worker():
            jobs.erase_integration(str(world.a), str(integration_id))
        for table in ("integrations_integration", "catalog_arrival", "vault_sealedcredential"):
            left = session.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [world.a])
            assert left.fetchone() == (0,), table


def test_a_run_that_kills_its_workers_is_given_up(world: World, source: Source) -> None:
    integration_id = add(world, source)
    run_id = services.request_run(
        actor=world.alice, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE extraction_run SET state = 'running', attempt = 3, heartbeat_at = now() - interval '1 minute' "
            "WHERE id = %s",
            [run_id],
        )
    with world.as_worker():
        run = services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key)
    assert run.problem is not None
    assert (run.state, run.problem.code, run.statements) == (RunState.FAILED, "run.abandoned", 0)


def test_a_run_approves_nothing_for_itself_nor_for_another_source(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    run_id = clock.uuid7()
    with pytest.raises(psycopg.errors.CheckViolation):
        _portal(
            world,
            "INSERT INTO extraction_run (organization_id, id, integration_id, trigger, requested_at, approval_of) "
            "VALUES (%s, %s, %s, 'approval', now(), %s)",
            [world.a, run_id, integration_id, run_id],
        )
    # Another run that asked nothing, with an approval that somebody planted.
    (complete,) = queries.runs_of(world.alice, integration_id)
    _portal(
        world,
        "INSERT INTO extraction_approval (organization_id, run_id, approved_at) VALUES (%s, %s, now())",
        [world.a, complete.id],
    )
    source.run("DROP SCHEMA sales CASCADE")
    forged = services.request_run(
        actor=world.alice,
        integration_id=integration_id,
        is_deferred=False,
        now=clock.now(),
        approval_of=complete.id,
    )
    with world.as_worker():
        run = services.execute_run(organization_id=world.a, run_id=forged, root_key=world.root_key)
    assert run.state is RunState.HELD


def test_many_small_removals_in_a_day_ask_like_one_large(world: World, source: Source) -> None:
    source.run(
        "DO $$ BEGIN FOR n IN 1..12 LOOP EXECUTE format('CREATE TABLE sales.t%s (id int)', n); END LOOP; END $$"
    )
    integration_id = add(world, source)
    extract(world, integration_id)
    states = []
    for n in range(1, 7):
        source.run(f"DROP TABLE sales.t{n}")
        states.append(extract(world, integration_id).state)
        if states[-1] is RunState.HELD:
            break
    assert states[-1] is RunState.HELD
    assert len(states) == 6  # the sixth of 20, all of them together more than a quarter


def test_a_request_beside_a_run_that_is_about_to_stop_says_so(world: World, source: Source) -> None:
    integration_id = add(world, source)
    ask: dict[str, Any] = {
        "actor": world.alice,
        "integration_id": integration_id,
        "is_deferred": False,
        "now": clock.now(),
    }
    run_id = services.request_run(**ask)
    services.cancel_run(actor=world.alice, run_id=run_id, now=clock.now())
    with pytest.raises(Conflict) as refusal:
        services.request_run(**ask)
    assert refusal.value.code == "run.ending"


def test_while_a_source_refuses_its_credential_no_control_tries_it(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE integrations_schedule SET refusals = 3 WHERE integration_id = %s", [integration_id]
        )
    with world.as_worker(), pytest.raises(Conflict):
        services.probe(organization_id=world.a, integration_id=integration_id, root_key=world.root_key)
    with scope(world.a):
        assert queries.latest_probe(world.alice, integration_id, queries.Purpose.CONTROL) is None
