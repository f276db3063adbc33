"""Sign-in links and who an actor is: refusals first."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from fanlight.core.actors import Actor, Role
from fanlight.core.errors import Conflict, NotFound, Refused, WrongUse
from fanlight.core.identifiers import PersonId
from fanlight.foundation import clock
from fanlight.organizations import queries, services
from fanlight.organizations.models import Membership, Person
from fanlight.organizations.types import Browser, SignedIn
from fanlight.tenancy.scope import scope
from tests.conftest import World


def _link(world: World, actor: Actor, *, minutes_ago: int = 0) -> str:
    return services.issue_sign_in_link(
        actor=Actor.operator(actor.organization_id),
        email=world.email(actor),
        now=clock.now() - timedelta(minutes=minutes_ago),
    ).token


def test_a_link_signs_in_once(world: World) -> None:
    token = _link(world, world.bob)
    signed_in = services.use_sign_in_link(token=token, now=clock.now())
    assert (signed_in.person_id, signed_in.organization_id) == (world.bob.person_id, world.a)
    with pytest.raises(Refused):
        services.use_sign_in_link(token=token, now=clock.now())


def test_of_many_who_come_at_once_one_gets_in(world: World) -> None:
    token = _link(world, world.bob)
    outcomes: list[str] = []

    def come() -> None:
        try:
            services.use_sign_in_link(token=token, now=clock.now())
            outcomes.append("in")
        except Refused:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in"] + ["refused"] * 7


def test_a_link_is_too_old_after_15_minutes(world: World) -> None:
    with pytest.raises(Refused):
        services.use_sign_in_link(token=_link(world, world.bob, minutes_ago=15), now=clock.now())


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 43, "../../etc/passwd", "\x00" * 43, "ä" * 43, "x" * 10_000]
)
def test_what_is_no_link_is_refused_like_a_used_one(world: World, token: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.use_sign_in_link(token=token, now=clock.now())
    assert refusal.value.code == "sign_in.link"


def test_a_link_of_somebody_who_was_removed_opens_nothing(world: World) -> None:
    token = _link(world, world.bob)
    with world.catalogue.connect("postgres") as session:
        session.execute("DELETE FROM organizations_membership WHERE person_id = %s", [world.bob.person_id])
    with pytest.raises(Refused):
        services.use_sign_in_link(token=token, now=clock.now())


def test_a_link_of_somebody_inactive_opens_nothing(world: World) -> None:
    token = _link(world, world.bob)
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE organizations_person SET is_active = false WHERE id = %s", [world.bob.person_id]
        )
    with pytest.raises(Refused):
        services.use_sign_in_link(token=token, now=clock.now())


def test_the_token_itself_is_stored_nowhere(world: World) -> None:
    token = _link(world, world.bob)
    assert token not in world.catalogue.server.run(
        "pg_dump", "--dbname", "fanlight", "--data-only", "--inserts"
    )


def test_a_person_may_not_make_links(world: World) -> None:
    with pytest.raises(Refused):
        services.issue_sign_in_link(actor=world.alice, email=world.email(world.bob), now=clock.now())


def test_a_link_for_a_stranger_to_the_organization_is_not_made(world: World) -> None:
    with pytest.raises(NotFound):
        services.issue_sign_in_link(
            actor=Actor.operator(world.a), email=world.email(world.charlie), now=clock.now()
        )


KEY = "a-session-key"


def opened(world: World, actor: Actor) -> tuple[PersonId, str]:
    """Open a session for an actor; return whose it is and what it holds of the account."""
    assert actor.person_id is not None
    signed_in = SignedIn(person_id=actor.person_id, organization_id=actor.organization_id)
    services.open_session(
        signed_in=signed_in, session_key=KEY, way="link", browser=Browser("Firefox", ""), now=clock.now()
    )
    return actor.person_id, Person.objects.get(id=actor.person_id).get_session_auth_hash()


def test_nobody_is_an_actor_in_an_organization_that_is_not_theirs(world: World) -> None:
    charlie, held = opened(world, world.charlie)
    with pytest.raises(NotFound):
        queries.visit(charlie, world.a, held, KEY, clock.now())


def test_an_actor_has_the_role_of_its_membership(world: World) -> None:
    bob, held = opened(world, world.bob)
    assert queries.visit(bob, world.a, held, KEY, clock.now()).actor == world.bob


def test_a_session_opens_nothing_once_the_person_has_another_password(world: World) -> None:
    bob, session_hash = opened(world, world.bob)
    with world.catalogue.connect("postgres") as admin:
        admin.execute("UPDATE organizations_person SET password = '!2' WHERE id = %s", [bob])
    for held in (session_hash, ""):
        with pytest.raises(NotFound):
            queries.visit(bob, world.a, held, KEY, clock.now())


def test_a_person_who_is_not_active_is_no_actor(world: World) -> None:
    bob, held = opened(world, world.bob)
    with world.catalogue.connect("postgres") as admin:
        admin.execute("UPDATE organizations_person SET is_active = false WHERE id = %s", [bob])
    with pytest.raises(NotFound):
        queries.visit(bob, world.a, held, KEY, clock.now())


def test_the_members_of_another_organization_are_not_listed(world: World) -> None:
    assert {one.person_id for one in queries.members(world.bob)} == {
        world.alice.person_id,
        world.bob.person_id,
    }


def test_a_person_can_belong_to_several_organizations(world: World) -> None:
    assert world.bob.person_id is not None
    with world.as_worker(), scope(world.b):
        Membership.objects.create(
            organization_id=world.b, person_id=world.bob.person_id, role=Role.VIEWER, created_at=clock.now()
        )
    assert {one.id for one in queries.organizations_of(world.bob.person_id)} == {world.a, world.b}


def test_an_organization_is_made_whole_or_not_at_all(world: World) -> None:
    name = queries.organizations_of(world.bob.person_id)[0].name  # type: ignore[arg-type]
    people = Person.objects.count()
    with world.as_worker(), pytest.raises(Conflict):
        services.create_organization(
            name=name, admin_email="new@example.com", admin_name="New", now=clock.now()
        )
    assert Person.objects.count() == people


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b", "a\u202eb"])
def test_an_unusable_name_is_refused(world: World, name: str) -> None:
    with pytest.raises(WrongUse):
        services.rename_organization(actor=world.alice, name=name, now=clock.now())


def test_a_viewer_may_not_rename_the_organization(world: World) -> None:
    with pytest.raises(Refused):
        services.rename_organization(actor=world.bob, name="Mine", now=clock.now())


@pytest.mark.parametrize("email", ["", "a", "a@", "@b", "a b@c", "a@b\n", "a\x00@b", "<a@b>"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(WrongUse):
        services.clean_email(email if email != "a@b\n" else "a@b\nc")
