"""Row security by itself: what each role sees with no setting, a wrong one, and another organization's."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import InternalError, connection, transaction

from fanlight.core.identifiers import OrganizationId
from fanlight.organizations.models import Membership
from fanlight.tenancy.register import isolated_tables
from fanlight.tenancy.scope import OutsideScopeError, ScopeError, current, reading, scope
from tests.conftest import World


def test_a_query_outside_a_scope_raises_in_tests(world: World) -> None:
    with pytest.raises(OutsideScopeError):
        Membership.objects.count()


def test_inside_a_scope_only_its_organization_exists(world: World) -> None:
    with scope(world.a):
        assert Membership.objects.count() == 2
    with scope(world.b):
        assert Membership.objects.count() == 1


def test_a_scope_of_another_organization_cannot_be_opened_inside_one(world: World) -> None:
    with scope(world.a), pytest.raises(ScopeError), scope(world.b):
        pass


def test_a_scope_inside_a_foreign_transaction_is_refused(world: World) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), scope(world.a):
        pass


def test_an_organization_is_never_chosen_by_text(world: World) -> None:
    with pytest.raises(TypeError), scope(str(world.a)):  # type: ignore[arg-type]
        pass


def test_nothing_is_left_of_a_scope_on_the_connection(world: World) -> None:
    with scope(world.a):
        pass
    assert current() is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fanlight.organization_id', true)")
        assert not cursor.fetchone()[0]


def test_a_scope_does_not_reach_into_another_thread(world: World) -> None:
    seen = []
    with scope(world.a):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
    assert seen == [None]


@pytest.mark.parametrize("role", ["owner", "portal", "worker"])
@pytest.mark.parametrize("table", sorted(isolated_tables()))
def test_without_a_setting_no_role_sees_a_row(world: World, role: str, table: str) -> None:
    with world.catalogue.connect(role) as session:
        try:
            count = session.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        except psycopg.errors.InsufficientPrivilege:
            return
        assert count == 0


@pytest.mark.parametrize("role", ["owner", "portal", "worker"])
def test_garbage_in_the_setting_is_an_error_and_not_everything(world: World, role: str) -> None:
    with world.catalogue.connect(role) as session, session.transaction():
        session.execute("SET LOCAL fanlight.organization_id = 'x'' OR true --'")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            session.execute("SELECT count(*) FROM organizations_membership")


@pytest.mark.parametrize("role", ["owner", "portal", "worker"])
def test_an_empty_setting_shows_nothing(world: World, role: str) -> None:
    with world.catalogue.connect(role) as session, session.transaction():
        session.execute("SET LOCAL fanlight.organization_id = ''")
        assert session.execute("SELECT count(*) FROM organizations_membership").fetchone()[0] == 0


def test_a_row_of_another_organization_cannot_be_written(world: World) -> None:
    with world.catalogue.connect("worker") as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.a}'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            session.execute(
                "INSERT INTO audit_audithead (organization_id, last_sequence) VALUES (%s, 0)", [world.b]
            )


def test_a_foreign_key_cannot_point_into_another_organization(world: World) -> None:
    bobs = world.bob.person_id
    with world.catalogue.connect("worker") as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.b}'")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            session.execute(
                "INSERT INTO organizations_signinlink (organization_id, id, person_id, digest, created_at, expires_at) "
                "VALUES (%s, %s, %s, %s, now(), now())",
                [world.b, uuid4(), bobs, b"x" * 32],
            )


def test_an_owners_update_without_a_setting_changes_nothing_and_does_not_say_so(world: World) -> None:
    # Why data migrations go organization by organization and count their rows.
    with world.catalogue.connect("owner") as session:
        assert session.execute("UPDATE organizations_membership SET role = 'viewer'").rowcount == 0


def test_a_doorway_tells_identifiers_only(world: World) -> None:
    with world.catalogue.connect("portal") as session:
        rows = session.execute("SELECT * FROM fanlight_memberships_of(%s)", [world.bob.person_id]).fetchall()
    assert rows == [(world.a,)]


def test_an_unknown_organization_is_an_empty_one(world: World) -> None:
    with scope(OrganizationId(uuid4())):
        assert Membership.objects.count() == 0


def test_what_is_only_read_cannot_be_changed(world: World) -> None:
    with pytest.raises(InternalError, match="read-only"), reading(world.a), scope(world.a):
        Membership.objects.update(role="viewer")
    with scope(world.a):
        assert Membership.objects.filter(role="viewer").count() == 1


def test_scopes_inside_a_reading_cost_no_statement(world: World) -> None:
    seen: list[object] = []

    def note(execute: Any, text: Any, values: Any, many: bool, context: Any) -> Any:
        seen.append(text)
        return execute(text, values, many, context)

    with connection.execute_wrapper(note), reading(world.a):
        with scope(world.a), scope(world.a):
            assert current() == world.a
        assert Membership.objects.count() == 2
    assert len(seen) == 2
    assert current() is None


def test_a_reading_holds_one_organization_only(world: World) -> None:
    with reading(world.a), pytest.raises(ScopeError), scope(world.b):
        pass
    with scope(world.a), pytest.raises(ScopeError), reading(world.a):
        pass
    with pytest.raises(TypeError), reading(str(world.a)):  # type: ignore[arg-type]
        pass


def test_an_error_ends_a_reading_and_leaves_the_next_one_whole(world: World) -> None:
    with pytest.raises(KeyError), reading(world.a):
        raise KeyError
    with scope(world.b):
        assert Membership.objects.count() == 1
