"""Who may change roles and end memberships, what ends with one, and what the receipt says. Refusals first."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from fanlight.audit.models import AuditEvent
from fanlight.core.actors import Actor, Role
from fanlight.core.errors import Conflict, FanlightError, NotFound, Refused, WrongUse
from fanlight.core.identifiers import PersonId, ReceiptId
from fanlight.foundation import clock
from fanlight.organizations import queries, services
from fanlight.organizations.models import Membership
from fanlight.tenancy.queries import stored_tables
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.organizations.test_sessions import open_for, person, visit

# Whose rows go, and whose stay to tell of it. A table that refers to a member and is in neither fails the test below.
GOES = {"organizations_membership", "organizations_signinlink"}
ENDS = {"organizations_membersession"}
STAYS = {"organizations_receipt"}


def revoke(world: World, actor: Actor, of: Actor) -> ReceiptId:
    return services.revoke_member(actor=actor, person_id=person(of), now=clock.now())


def link(world: World, actor: Actor) -> str:
    return services.issue_sign_in_link(
        actor=Actor.operator(actor.organization_id), email=world.email(actor), now=clock.now()
    ).token


def make_administrator(world: World, actor: Actor) -> Actor:
    services.change_role(actor=world.alice, person_id=person(actor), role=Role.ADMINISTRATOR, now=clock.now())
    return Actor(actor.kind, actor.organization_id, actor.person_id, Role.ADMINISTRATOR)


def test_a_viewer_may_not_remove_anybody_else(world: World) -> None:
    with pytest.raises(Refused):
        revoke(world, world.bob, world.alice)


def test_a_viewer_may_not_change_roles(world: World) -> None:
    with pytest.raises(Refused):
        services.change_role(
            actor=world.bob, person_id=person(world.bob), role=Role.ADMINISTRATOR, now=clock.now()
        )


def test_the_administrator_of_another_organization_finds_nobody(world: World) -> None:
    with pytest.raises(NotFound):
        revoke(world, world.charlie, world.bob)
    with pytest.raises(NotFound):
        services.change_role(
            actor=world.charlie, person_id=person(world.bob), role=Role.EDITOR, now=clock.now()
        )


@pytest.mark.parametrize("role", ["", "owner", "ADMINISTRATOR", "administrator "])
def test_what_is_no_role_is_refused(world: World, role: str) -> None:
    with pytest.raises(WrongUse):
        services.change_role(actor=world.alice, person_id=person(world.bob), role=role, now=clock.now())


def test_the_last_administrator_can_neither_leave_nor_step_down(world: World) -> None:
    with pytest.raises(Conflict):
        revoke(world, world.alice, world.alice)
    with pytest.raises(Conflict):
        services.change_role(
            actor=world.alice, person_id=person(world.alice), role=Role.VIEWER, now=clock.now()
        )


def test_of_two_administrators_who_leave_at_once_one_stays(world: World) -> None:
    bob = make_administrator(world, world.bob)
    outcomes: list[str] = []

    def leave(actor: Actor) -> None:
        try:
            revoke(world, actor, actor)
            outcomes.append("left")
        except FanlightError as error:
            outcomes.append(error.code)
        connection.close()

    threads = [threading.Thread(target=leave, args=[one]) for one in (world.alice, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "member.last_administrator"]


def test_a_role_holds_from_the_next_request_on(world: World) -> None:
    open_for(world.bob, "bobs")
    make_administrator(world, world.bob)
    assert visit(world.bob, "bobs").actor.role is Role.ADMINISTRATOR


def test_everything_of_a_member_ends_at_once(world: World) -> None:
    open_for(world.bob, "here")
    open_for(world.bob, "there")
    token = link(world, world.bob)
    revoke(world, world.alice, world.bob)
    for key in ("here", "there"):
        with pytest.raises(NotFound):
            visit(world.bob, key)
    with pytest.raises(Refused):
        services.use_sign_in_link(token=token, now=clock.now())
    assert person(world.bob) not in {one.person_id for one in queries.members(world.alice)}


def test_who_comes_back_is_not_let_in_by_what_ended(world: World) -> None:
    open_for(world.bob, "before")
    revoke(world, world.alice, world.bob)
    with world.as_worker(), scope(world.a):
        Membership.objects.create(
            organization_id=world.a, person_id=world.bob.person_id, role=Role.VIEWER, created_at=clock.now()
        )
    with pytest.raises(NotFound):
        visit(world.bob, "before")
    open_for(world.bob, "after")
    assert visit(world.bob, "after").actor == world.bob


def test_another_organization_of_the_same_person_notices_nothing(world: World) -> None:
    with world.as_worker(), scope(world.b):
        Membership.objects.create(
            organization_id=world.b, person_id=world.bob.person_id, role=Role.VIEWER, created_at=clock.now()
        )
    elsewhere = Actor(world.bob.kind, world.b, world.bob.person_id, Role.VIEWER)
    open_for(elsewhere, "elsewhere")
    revoke(world, world.alice, world.bob)
    assert visit(elsewhere, "elsewhere").actor == elsewhere


def test_the_receipt_lists_what_ended_and_where_it_is_recorded(world: World) -> None:
    open_for(world.bob, "bobs")
    link(world, world.bob)
    receipt = queries.receipt(world.alice, revoke(world, world.alice, world.bob))
    assert [(one.kind, one.about, one.address) for one in receipt.ended] == [
        ("membership", "viewer", ""),
        ("session", "Firefox on Linux", "192.0.2.7"),
        ("sign-in link", "", ""),
    ]
    assert (receipt.email, receipt.revoked_by) == (world.email(world.bob), world.alice.person_id)
    assert receipt.refused_at is None
    with scope(world.a):
        event = AuditEvent.objects.get(organization_id=world.a, sequence=receipt.audit_sequence)
    assert event.kind == "member.revoked"


def test_a_receipt_is_for_administrators_and_for_their_organization(world: World) -> None:
    receipt_id = revoke(world, world.bob, world.bob)
    for actor, error in ((world.bob, Refused), (world.charlie, NotFound)):
        with pytest.raises(error):
            queries.receipt(actor, receipt_id)
    assert [one.id for one in queries.receipts(world.alice)] == [receipt_id]
    assert queries.receipts(world.charlie) == []


def test_no_table_that_refers_to_a_member_is_forgotten(world: World) -> None:
    holding = {one.name for one in stored_tables() if one.is_isolated and "person_id" in one.fields}
    assert holding == GOES | ENDS | STAYS
    open_for(world.bob, "bobs")
    link(world, world.bob)
    revoke(world, world.alice, world.bob)
    with world.catalogue.connect("postgres") as admin:
        for table in GOES:
            found = admin.execute(f"SELECT 1 FROM {table} WHERE person_id = %s", [world.bob.person_id])
            assert found.rowcount == 0, table
        open_still = admin.execute(
            "SELECT 1 FROM organizations_membersession WHERE person_id = %s AND ended_at IS NULL",
            [world.bob.person_id],
        )
        assert open_still.rowcount == 0


def test_a_person_id_that_is_nobodys_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        services.revoke_member(actor=world.alice, person_id=PersonId(clock.uuid7()), now=clock.now())
