"""Schedules become runs; places go round the organizations; failures are tried again later, refusals are not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from psycopg import sql

from fanlight.core.actors import Actor
from fanlight.core.errors import Refused, WrongUse
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries, services, turns
from fanlight.extraction.types import RUNS_OF_ONE, RunState, Trigger
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import Schedule
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _make_due(world: World, integration_id: IntegrationId) -> None:
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE integrations_schedule SET next_at = now() - interval '1 second' WHERE integration_id = %s",
            [integration_id],
        )


def _schedule(world: World, integration_id: IntegrationId) -> Schedule:
    return integrations.schedules(world.alice)[integration_id]


def test_a_new_source_is_extracted_daily_at_a_minute_of_its_own(world: World, source: Source) -> None:
    first, second = add(world, source), add(world, source, name="shop2")
    schedules = integrations.schedules(world.alice)
    for one in (first, second):
        schedule = schedules[one]
        assert schedule.words.startswith("every day at ")
        assert schedule.next_at is not None
        assert clock.now() < schedule.next_at <= clock.now() + timedelta(days=1)
    assert schedules[first].cron != schedules[second].cron


def test_what_is_due_is_asked_for_once_and_is_due_again_at_its_next_time(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    _make_due(world, integration_id)
    with world.as_worker():
        services.keep_turns()
        services.keep_turns()
    (run,) = queries.runs_of(world.alice, integration_id)
    assert (run.state, run.trigger, run.requested_by) == (RunState.QUEUED, Trigger.SCHEDULE, None)
    next_at = _schedule(world, integration_id).next_at
    assert next_at is not None
    assert next_at > clock.now()


def test_a_failed_run_is_tried_again_soon_then_ever_later_until_it_succeeds(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    # Failing comes first, so that the daily time is far enough away to see the patience grow.
    integration_services.set_schedule(
        actor=world.alice, integration_id=integration_id, cron=_far_from(clock.now()), now=clock.now()
    )
    with source.server.connect() as admin:
        admin.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(source.database))
        )
    waits = []
    for _ in range(3):
        assert extract(world, integration_id).state is RunState.FAILED
        next_at = _schedule(world, integration_id).next_at
        assert next_at is not None
        waits.append(round((next_at - clock.now()) / timedelta(minutes=1)))
    assert waits == [5, 10, 20]
    _make_due(world, integration_id)
    with world.as_worker():
        services.keep_turns()
    assert queries.runs_of(world.alice, integration_id)[0].trigger is Trigger.RETRY
    with source.server.connect() as admin:
        admin.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(source.database))
        )
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    assert _schedule(world, integration_id).failures == 0


def _far_from(now: datetime) -> str:
    hour = (now.hour + 12) % 24
    return f"0 {hour} * * *"


def test_after_three_refusals_of_the_credential_nobody_tries_again_by_himself(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    with source.server.connect() as admin:
        admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(source.reader)))
    for _ in range(2):
        extract(world, integration_id)
        assert _schedule(world, integration_id).next_at is not None
    extract(world, integration_id)
    schedule = _schedule(world, integration_id)
    assert (schedule.next_at, schedule.refusals) == (None, 3)
    assert schedule.stopped_reason == "source.refused_credential"
    # One more failure of another kind does not start it again.
    with source.server.connect() as admin:
        admin.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(source.reader)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(source.database))
        )
    extract(world, integration_id)
    assert _schedule(world, integration_id).next_at is None
    # Somebody who mends the settings, or a run by hand that succeeds, does.
    with source.server.connect() as admin:
        admin.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(source.database))
        )
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    schedule = _schedule(world, integration_id)
    assert (schedule.next_at is not None, schedule.stopped_reason, schedule.refusals) == (True, "", 0)


def test_a_changed_credential_is_given_another_chance(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with source.server.connect() as admin:
        admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(source.reader)))
    for _ in range(3):
        extract(world, integration_id)
    integration_services.change_integration(
        actor=world.alice,
        integration_id=integration_id,
        name="shop",
        settings=source.settings,
        secret=source.password,
        now=clock.now(),
    )
    assert _schedule(world, integration_id).next_at is not None


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("30 4 * * *", "every day at 04:30 UTC"),
        ("5 * * * *", "every hour, at minute 5"),
        ("5 */6 * * *", "every 6 hours, at minute 5"),
        ("0 22 * * 1", "every Monday at 22:00 UTC"),
        ("*/15 8-18 * * 1-5", "at '*/15 8-18 * * 1-5' (UTC)"),
        ("  30   4 * * * ", "every day at 04:30 UTC"),
        ("", "only when asked for"),
    ],
)
def test_a_schedule_is_said_in_words(world: World, source: Source, cron: str, words: str) -> None:
    integration_id = add(world, source)
    integration_services.set_schedule(
        actor=world.alice, integration_id=integration_id, cron=cron, now=clock.now()
    )
    assert _schedule(world, integration_id).words == words


@pytest.mark.parametrize(
    "cron",
    ["* * * * *", "*/14 * * * *", "0 0 31 2 *", "@daily", "61 * * * *", "0 0 * *", "0 0 * * * *", "x", "0 0 * * 'a'", "1/0 * * * *", "0 0 1 1 *; drop", "R * * * *", "H H * * *", "0 0 L * *x"],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused(world: World, source: Source, cron: str) -> None:
    integration_id = add(world, source)
    before = _schedule(world, integration_id)
    with pytest.raises(WrongUse) as refusal:
        integration_services.set_schedule(
            actor=world.alice, integration_id=integration_id, cron=cron, now=clock.now()
        )
    assert refusal.value.code == "field.cron"
    assert _schedule(world, integration_id) == before


def test_only_who_manages_may_set_a_schedule(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with pytest.raises(Refused):
        integration_services.set_schedule(
            actor=world.bob, integration_id=integration_id, cron="0 0 * * *", now=clock.now()
        )


def test_a_portal_may_not_ask_whose_turn_it_is(world: World, source: Source) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"):
        turns._waiting(1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        integration_services.due(1)


def test_places_go_round_the_organizations(world: World, source: Source) -> None:
    # Alice asks for five at once, Charlie for one, later: hers do not all come before his.
    actors: list[Actor] = [world.alice] * 5 + [world.charlie]
    waiting = {}
    for number, actor in enumerate(actors):
        integration_id = add(world, source, actor, name=f"shop{number}")
        waiting[
            services.request_run(
                actor=actor, integration_id=integration_id, is_deferred=False, now=clock.now()
            )
        ] = actor
    with world.as_worker():
        offered = [waiting[run] for _, run in turns._waiting(1000) if run in waiting]
    assert offered.index(world.charlie) == 1
    # And she never has more places than her share, however many are free.
    assert offered.count(world.alice) == RUNS_OF_ONE
