"""The live schema against the register: kinds, row security, keys, grants, functions, data classes."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from fanlight.tenancy.provision import EXEMPT_ROLES, LOGIN_ROLES
from fanlight.tenancy.register import TableKind, stored_functions, stored_tables
from tests.conftest import Catalogue

TABLES = {table.name: table for table in stored_tables()}
ISOLATED = [table for table in stored_tables() if table.is_isolated]


@pytest.fixture
def live(catalogue: Catalogue) -> Any:
    with catalogue.connect("postgres") as session:
        yield session


def test_every_table_is_in_the_register_and_the_other_way_round(live: Any) -> None:
    found = live.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {row[0] for row in found} == set(TABLES)


def test_every_field_has_a_data_class_and_the_other_way_round(live: Any) -> None:
    found = live.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
    ).fetchall()
    assert {(table, field) for table, field in found} == {
        (table.name, field) for table in stored_tables() for field in table.fields
    }


def test_every_table_of_an_organization_forces_row_security(live: Any) -> None:
    found = live.execute(
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
        "AND relnamespace = 'public'::regnamespace AND relkind = 'r'"
    ).fetchall()
    assert {row[0] for row in found} == {table.name for table in ISOLATED}


def test_each_isolated_table_has_the_one_policy_and_its_named_exemptions_only(live: Any) -> None:
    found: dict[str, set[tuple[str, str, bool]]] = {}
    for table, policy, roles, permissive, using, check in live.execute(
        "SELECT tablename, policyname, roles::text[], permissive, qual, with_check FROM pg_policies"
    ):
        found.setdefault(table, set()).add((policy, ",".join(roles), permissive == "PERMISSIVE"))
        if policy == "organization":
            wanted = "(organization_id = (NULLIF(current_setting('fanlight.organization_id'::text, true), ''::text))::uuid)"
            assert using == check == wanted, table
        else:
            assert (using, check) == ("true", None), table
    assert found == {
        table.name: {
            ("organization", "public", True),
            *((f"exempt_{role}", role, True) for role in table.exempt),
        }
        for table in ISOLATED
    }


def test_every_key_of_an_isolated_table_begins_with_the_organization(live: Any) -> None:
    # The one exception is how a sign-in link is found before its organization is known.
    rows = live.execute(
        "SELECT c.relname, x.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
        "WHERE i.indisunique AND c.relname = ANY(%s)",
        [[table.name for table in ISOLATED]],
    ).fetchall()
    wrong = {(index, first) for _, index, first in rows if first != "organization_id"}
    assert wrong == {("organizations_signinlink_digest", "digest")}
    assert {table for table, _, _ in rows} == {table.name for table in ISOLATED}


def test_the_foreign_keys_are_those_of_the_register(live: Any) -> None:
    rows = live.execute(
        "SELECT c.relname, f.relname, "
        "ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, o) JOIN pg_attribute a "
        "  ON a.attrelid = c.oid AND a.attnum = u.n ORDER BY u.o), "
        "ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, o) JOIN pg_attribute a "
        "  ON a.attrelid = f.oid AND a.attnum = u.n ORDER BY u.o) "
        "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid "
        "WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    ours = {table.name for table in stored_tables() if table.references or table.is_isolated}
    found = {
        table: {
            f"{', '.join(columns)} -> " + ", ".join(f"{target}.{column}" for column in target_columns)
            for name, target, columns, target_columns in rows
            if name == table
        }
        for table in ours
    }
    wanted = {
        table.name: set(map(_spelled_out, table.references))
        for table in stored_tables()
        if table.name in ours
    }
    assert found == wanted


def _spelled_out(reference: str) -> str:
    columns, _, targets = reference.partition(" -> ")
    parts = targets.split(", ")
    table = parts[0].split(".")[0]
    return f"{columns} -> " + ", ".join(f"{table}.{part.split('.')[-1]}" for part in parts)


def test_a_foreign_key_into_an_organizations_table_carries_the_organization(live: Any) -> None:
    rows = live.execute(
        "SELECT c.relname, k.conname, f.relname, "
        "(SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = k.conkey[1]) "
        "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class f ON f.oid = k.confrelid "
        "WHERE k.contype = 'f' AND f.relname = ANY(%s)",
        [[table.name for table in ISOLATED]],
    ).fetchall()
    assert rows
    assert {row[3] for row in rows} == {"organization_id"}


def test_the_grants_are_those_of_the_register(live: Any) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for table, role, privilege in live.execute(
        "SELECT c.relname, r.rolname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "JOIN pg_roles r ON r.oid = a.grantee WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
        "AND r.rolname <> 'fanlight_owner'"
    ):
        found.setdefault((table, role), set()).add(privilege.lower())
    for table, column, role, privilege in live.execute(
        "SELECT c.relname, t.attname, r.rolname, a.privilege_type FROM pg_class c "
        "JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.relnamespace = 'public'::regnamespace AND r.rolname <> 'fanlight_owner'"
    ):
        found.setdefault((table, role), set()).add(f"{privilege.lower()}({column})")
    wanted: dict[tuple[str, str], set[str]] = {}
    for table in stored_tables():
        for role, privileges in table.grants.items():
            for privilege in privileges:
                verb, _, columns = privilege.rstrip(")").partition("(")
                names = [f"{verb}({name.strip()})" for name in columns.split(",")] if columns else [verb]
                wanted.setdefault((table.name, role), set()).update(names)
    assert found == wanted


def test_nothing_is_granted_to_everybody(live: Any) -> None:
    granted = live.execute(
        "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
        "WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert granted == []


@pytest.mark.parametrize("role", ["fanlight_owner", *LOGIN_ROLES, *EXEMPT_ROLES])
def test_no_role_can_do_more_than_its_kind(live: Any, role: str) -> None:
    row = live.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin, rolinherit "
        "FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    assert row[:5] == (False,) * 5
    assert row[5] is (role not in EXEMPT_ROLES)
    if role == "fanlight_owner":
        assert row[6] is False  # it never has the exemptions of the roles that it hands functions to


def test_nobody_but_the_owner_is_a_member_of_an_exempt_role(live: Any) -> None:
    members = live.execute(
        "SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
        "JOIN pg_roles r ON r.oid = a.roleid WHERE r.rolname = ANY(%s)",
        [list(EXEMPT_ROLES)],
    ).fetchall()
    assert {member for member, _ in members} == {"fanlight_owner"}


def test_the_functions_that_see_past_a_policy_are_those_of_the_register(live: Any) -> None:
    rows = live.execute(
        "SELECT p.proname, pg_get_userbyid(p.proowner), p.proconfig, "
        "ARRAY(SELECT r.rolname::text FROM aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee "
        "  WHERE a.grantee <> p.proowner ORDER BY 1), "
        "EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0) "
        "FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    ).fetchall()
    found = {name: (owner, tuple(callers)) for name, owner, _, callers, _ in rows}
    assert found == {one.name: (one.owner, tuple(sorted(one.executable_by))) for one in stored_functions()}
    for name, _, config, _, is_public in rows:
        assert not is_public, name
        assert any(re.match(r"search_path=pg_catalog, public, pg_temp$", setting) for setting in config), name


def test_exempt_roles_may_create_nothing(live: Any) -> None:
    for role in (*LOGIN_ROLES, *EXEMPT_ROLES):
        may = live.execute(
            "SELECT has_schema_privilege(%s, 'public', 'CREATE'), has_database_privilege(%s, current_database(), 'CREATE')",
            [role, role],
        ).fetchone()
        assert may == (False, False), role


def test_the_arrival_table_is_unlogged_and_the_workers_alone(live: Any) -> None:
    arrivals = [table for table in stored_tables() if table.kind is TableKind.ARRIVAL]
    for table in arrivals:
        assert table.reason
        assert set(table.grants) == {"fanlight_worker"}
        assert (
            live.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [table.name]).fetchone()[0]
            == "u"
        )


def test_there_are_no_views_and_no_triggers_on_tables_of_organizations(live: Any) -> None:
    views = live.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    triggers = live.execute(
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND c.relname = ANY(%s)",
        [[table.name for table in ISOLATED]],
    ).fetchall()
    assert (views, triggers) == ([], [])


@pytest.mark.parametrize("role", ["portal", "worker"])
def test_a_process_may_not_change_the_schema(catalogue: Catalogue, role: str) -> None:
    with catalogue.connect(role) as session:
        for statement in (
            "CREATE TABLE public.mine (id int)",
            "ALTER TABLE catalog_asset DISABLE ROW LEVEL SECURITY",
            "DROP POLICY organization ON catalog_asset",
            "TRUNCATE catalog_asset",
            "SET ROLE fanlight_search",
            "SET ROLE fanlight_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
