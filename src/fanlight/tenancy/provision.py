"""Grants, row security and functions, made from the register after every migration, in one transaction.

Run as `fanlight_owner`. Everything is taken away first and given again as the register says, so that what is not
in the register does not exist in the database either.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from fanlight.tenancy.register import (
    EXEMPT_ROLES,
    LOGIN_ROLES,
    StoredFunction,
    StoredTable,
    stored_functions,
    stored_tables,
)

POLICY = sql.SQL("organization_id = nullif(current_setting('fanlight.organization_id', true), '')::uuid")
_PRIVILEGE = re.compile(r"(select|insert|update|delete)(?:\(([a-z_, ]+)\))?\Z")


def claim_schema() -> None:
    """Let the schema's owner create in it. Call before migrating; does nothing where it may already.

    `public` belongs to whoever owns the database, by a membership that a NOINHERIT role has before PostgreSQL 16 only
    when it asks for it.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('public', 'CREATE WITH GRANT OPTION')")
        if not cursor.fetchone()[0]:
            cursor.execute("SET LOCAL ROLE pg_database_owner")
            cursor.execute("GRANT ALL ON SCHEMA public TO fanlight_owner WITH GRANT OPTION")
            cursor.execute("RESET ROLE")


def provision() -> None:
    """Make the live grants, policies and functions equal to the register."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        every_role = sql.SQL(", ").join([sql.Identifier(role) for role in (*LOGIN_ROLES, *EXEMPT_ROLES)])
        for what in ("TABLES", "SEQUENCES"):
            cursor.execute(
                sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM PUBLIC, {}").format(
                    sql.SQL(what), every_role
                )
            )
        cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(every_role))
        _close_database(cursor)
        for table in stored_tables():
            _grant(cursor, table)
            _isolate(cursor, table)
        for function in stored_functions():
            _create(cursor, function)


def _close_database(cursor: Any) -> None:
    # PUBLIC may connect and make temporary tables by default: neither is for strangers, nor the latter for us.
    cursor.execute("SELECT current_database()")
    name = sql.Identifier(cursor.fetchone()[0])
    roles = sql.SQL(", ").join([sql.Identifier(role) for role in LOGIN_ROLES])
    cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(name, roles))
    cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, roles))


def _grant(cursor: Any, table: StoredTable) -> None:
    for role, privileges in table.grants.items():
        for privilege in privileges:
            match = _PRIVILEGE.match(privilege)
            if match is None or role not in (*LOGIN_ROLES, *EXEMPT_ROLES):
                raise ValueError(f"{table.name}: {privilege!r} for {role!r} is not a grant")
            columns: sql.Composable = sql.SQL("")
            if match[2]:
                names = [sql.Identifier(name.strip()) for name in match[2].split(",")]
                columns = sql.SQL(" ({})").format(sql.SQL(", ").join(names))
            cursor.execute(
                sql.SQL("GRANT {}{} ON {} TO {}").format(
                    sql.SQL(match[1].upper()), columns, sql.Identifier(table.name), sql.Identifier(role)
                )
            )
            if match[1] == "insert":
                _grant_sequences(cursor, table.name, role)


def _grant_sequences(cursor: Any, table: str, role: str) -> None:
    cursor.execute(
        "SELECT s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i') "
        "JOIN pg_class t ON t.oid = d.refobjid WHERE s.relkind = 'S' AND t.relname = %s",
        [table],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("GRANT USAGE, SELECT ON SEQUENCE {} TO {}").format(
                sql.Identifier(name), sql.Identifier(role)
            )
        )


def _isolate(cursor: Any, table: StoredTable) -> None:
    name = sql.Identifier(table.name)
    cursor.execute("SELECT polname FROM pg_policy WHERE polrelid = %s::regclass", [f"public.{table.name}"])
    for (policy,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(policy), name))
    if not table.is_isolated:
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(name))
        return
    cursor.execute(
        sql.SQL("ALTER TABLE {0} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY").format(name)
    )
    cursor.execute(
        sql.SQL("CREATE POLICY organization ON {} USING ({}) WITH CHECK ({})").format(name, POLICY, POLICY)
    )
    for role in table.exempt:
        cursor.execute(
            sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO {} USING (true)").format(
                sql.Identifier(f"exempt_{role}"), name, sql.Identifier(role)
            )
        )


def _create(cursor: Any, function: StoredFunction) -> None:
    owner, signature = sql.Identifier(function.owner), sql.SQL(function.signature)
    # Created as its owner, who may create nothing before or after: then no moment exists in which it runs as another.
    cursor.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(owner))
    if function.owner != "fanlight_owner":
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
    cursor.execute(function.text)
    cursor.execute(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(signature))
    for role in function.executable_by:
        cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(signature, sql.Identifier(role)))
    cursor.execute("RESET ROLE")
    if function.owner != "fanlight_owner":
        cursor.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(owner))
