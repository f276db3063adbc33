"""The sessions of members: what opens, what does not any more, and who may end them. Refusals first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound, Refused
from fanlight.core.identifiers import PersonId, SessionId
from fanlight.foundation import clock
from fanlight.organizations import queries, services
from fanlight.organizations.models import Person
from fanlight.organizations.types import Browser, SignedIn, Visit
from fanlight.organizations.visits import IDLE_MINUTES, SESSION_HOURS
from tests.conftest import World

HERE = Browser("Firefox on Linux", "192.0.2.7")


def person(actor: Actor) -> PersonId:
    assert actor.person_id is not None
    return actor.person_id


def open_for(actor: Actor, key: str, *, ago: timedelta = timedelta()) -> SessionId:
    signed_in = SignedIn(person_id=person(actor), organization_id=actor.organization_id)
    return services.open_session(
        signed_in=signed_in, session_key=key, way="link", browser=HERE, now=clock.now() - ago
    )


def visit(actor: Actor, key: str, *, of: Actor | None = None) -> Visit:
    held = Person.objects.get(id=actor.person_id).get_session_auth_hash()
    return queries.visit(person(actor), (of or actor).organization_id, held, key, clock.now())


def test_a_key_that_nobody_opened_a_session_with_opens_nothing(world: World) -> None:
    open_for(world.bob, "bobs")
    with pytest.raises(NotFound):
        visit(world.bob, "another")


def test_the_key_of_somebody_else_opens_nothing(world: World) -> None:
    open_for(world.alice, "alices")
    with pytest.raises(NotFound):
        visit(world.bob, "alices")


def test_a_session_of_one_organization_opens_no_other(world: World) -> None:
    open_for(world.charlie, "charlies")
    with pytest.raises(NotFound):
        visit(world.charlie, "charlies", of=world.alice)


@pytest.mark.parametrize(
    "ago", [timedelta(hours=SESSION_HOURS, minutes=1), timedelta(minutes=IDLE_MINUTES + 1)]
)
def test_a_session_that_is_too_old_or_was_not_used_opens_nothing(world: World, ago: timedelta) -> None:
    open_for(world.bob, "bobs", ago=ago)
    with pytest.raises(NotFound):
        visit(world.bob, "bobs")


def test_a_session_in_use_stays_open_until_its_last_hour(world: World) -> None:
    open_for(world.bob, "bobs", ago=timedelta(minutes=IDLE_MINUTES - 1))
    services.note_use(visit=visit(world.bob, "bobs"), now=clock.now())
    assert clock.now() - visit(world.bob, "bobs").used_at < timedelta(minutes=1)


def test_a_use_within_the_minute_writes_nothing(world: World) -> None:
    open_for(world.bob, "bobs")
    before = visit(world.bob, "bobs")
    services.note_use(visit=before, now=clock.now())
    assert visit(world.bob, "bobs").used_at == before.used_at


def test_a_viewer_may_not_see_or_end_the_sessions_of_others(world: World) -> None:
    session_id = open_for(world.alice, "alices")
    with pytest.raises(Refused):
        queries.sessions(world.bob, person(world.alice), now=clock.now())
    with pytest.raises(Refused):
        services.end_session(
            actor=world.bob, person_id=person(world.alice), session_id=session_id, now=clock.now()
        )


def test_the_administrator_of_another_organization_is_told_that_there_is_none(world: World) -> None:
    session_id = open_for(world.bob, "bobs")
    with pytest.raises(NotFound):
        services.end_session(
            actor=world.charlie, person_id=person(world.bob), session_id=session_id, now=clock.now()
        )
    assert visit(world.bob, "bobs").session_id == session_id


def test_a_session_that_was_ended_opens_nothing(world: World) -> None:
    session_id = open_for(world.bob, "bobs")
    services.end_session(actor=world.bob, person_id=person(world.bob), session_id=session_id, now=clock.now())
    with pytest.raises(NotFound):
        visit(world.bob, "bobs")


def test_all_others_end_and_this_one_stays(world: World) -> None:
    kept = open_for(world.bob, "here")
    open_for(world.bob, "there")
    open_for(world.alice, "alices")
    assert services.end_other_sessions(actor=world.bob, kept=kept, now=clock.now()) == 1
    assert visit(world.bob, "here").session_id == kept
    assert visit(world.alice, "alices").actor == world.alice
    with pytest.raises(NotFound):
        visit(world.bob, "there")


def test_the_key_itself_is_stored_nowhere(world: World) -> None:
    open_for(world.bob, "a-key-that-must-not-be-found")
    dump = world.catalogue.server.run("pg_dump", "--dbname", "fanlight", "--data-only", "--inserts")
    assert "a-key-that-must-not-be-found" not in dump


def test_a_day_after_it_was_opened_a_session_is_forgotten(world: World) -> None:
    from fanlight.organizations.models import MemberSession
    from fanlight.tenancy.scope import scope

    open_for(world.bob, "old", ago=timedelta(days=2))
    open_for(world.alice, "new")
    with scope(world.a):
        assert MemberSession.objects.filter(organization_id=world.a).count() == 1
