"""W2: the database itself keeps organizations apart: its rules equal the register, and withstand the portal's role."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import clock, database
from fanlight.tenancy import queries as tenancy
from fanlight.tenancy.queries import StoredFunction, StoredTable
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

Session = psycopg.Connection[Any]
_GARBAGE = ("x' OR true --", "*", "00000000-0000-0000-0000-00000000000g")
_EXTRA_RELATIONS = {"v": "view", "m": "materialized view", "f": "foreign table"}
# What a role may be to be left alone by `live_roles`.
_OURS = (tenancy.OWNER_ROLE, *tenancy.LOGIN_ROLES, *tenancy.EXEMPT_ROLES)


def check(occasion: Occasion) -> Outcome:
    """Compare the live rules with the register, then try to get past them."""
    findings = Findings()
    counts = _compare_tables(findings) | _compare_functions(findings)
    _compare_roles(findings)
    tries = _Tries(occasion, findings, Zone.PORTAL.role)
    with database.another_session() as session:
        tries.limit(session)
        tries.without_an_organization(session)
        tries.within_each(session, [one.id for one in tenancy.organizations()])
    tries.after_another_session()
    counts |= {
        "organizations": tries.organizations,
        "rows tried": tries.rows,
        "tries to get past the rules": tries.count,
    }
    return Outcome(counts, findings, is_exercised=tries.rows > 0, is_partial=tries.is_partial)


def _compare_tables(findings: Findings) -> dict[str, int]:
    registered = {table.name: table for table in tenancy.stored_tables()}
    for schema, name, kind, owner, is_on, is_forced in database.rows("trust", "live_relations", {}):
        table = registered.get(name) if schema == "public" else None
        if kind in _EXTRA_RELATIONS:
            findings.add("relation.sees_past", relation=f"{schema}.{name}", kind=_EXTRA_RELATIONS[kind])
        if table is None:
            continue  # an undeclared table holds nothing that was declared: promise D3 tells of it
        if owner != tenancy.OWNER_ROLE:
            findings.add("table.owner", table=name, owner=owner)
        if table.is_isolated and not (is_on and is_forced):
            findings.add("security.off", table=name, is_on=is_on, is_forced=is_forced)
    policies, wanted_policies = _policies(), _registered_policies(registered.values())
    _tell(findings, "policy", policies, wanted_policies)
    grants = set(database.rows("trust", "live_grants", {}))
    wanted_grants = {
        (table.name, column, role, verb, False)
        for table in registered.values()
        for role, verb, column in table.rights
    }
    _tell(findings, "grant", {grant for grant in grants if grant[0] in registered}, wanted_grants)
    isolated = {table.name for table in registered.values() if table.is_isolated}
    for table_name, trigger in database.rows("trust", "live_triggers", {}):
        if table_name in isolated:
            findings.add("trigger.unlisted", table=table_name, trigger=trigger)
    return {"isolated tables": len(isolated), "policies": len(wanted_policies), "grants": len(wanted_grants)}


def _policies() -> set[tuple[Any, ...]]:
    return set(database.rows("trust", "live_policies", {}))


def _registered_policies(tables: Collection[StoredTable]) -> set[tuple[Any, ...]]:
    wanted: set[tuple[Any, ...]] = set()
    for table in tables:
        if table.is_isolated:
            text = tenancy.PRINTED_POLICY
            wanted.add(("public", table.name, "organization", "public", "ALL", True, text, text))
            wanted.update(
                ("public", table.name, f"exempt_{role}", role, "SELECT", True, "true", None)
                for role in table.exempt
            )
    return wanted


def _compare_functions(findings: Findings) -> dict[str, int]:
    # A function may fix more settings than where it looks for names; that one it must.
    live = {
        (schema, signature, owner, tenancy.SEARCH_PATH in settings, body, tuple(callers))
        for schema, signature, owner, settings, body, callers in database.rows("trust", "live_functions", {})
    }
    wanted = {_registered_function(one) for one in tenancy.stored_functions()}
    _tell(findings, "function", live, wanted)
    return {"functions that see past a policy": len(wanted)}


def _registered_function(function: StoredFunction) -> tuple[Any, ...]:
    body = function.text.split("$$")[1]
    callers = tuple(sorted(function.executable_by))
    return ("public", function.signature, function.owner, True, body, callers)


def _compare_roles(findings: Findings) -> None:
    for role, is_mighty, memberships in database.rows("trust", "live_roles", {"roles": list(_OURS)}):
        if is_mighty:
            findings.add("role.mighty", role=role)
        allowed = tenancy.EXEMPT_ROLES if role == tenancy.OWNER_ROLE else ()
        for other in set(memberships) - set(allowed):
            findings.add("role.member", role=role, of=other)


def _tell(findings: Findings, what: str, live: set[tuple[Any, ...]], wanted: set[tuple[Any, ...]]) -> None:
    for one in sorted(live - wanted, key=str):
        findings.add(f"{what}.unlisted", what=[str(part)[:200] for part in one])
    for one in sorted(wanted - live, key=str):
        findings.add(f"{what}.missing", what=[str(part)[:200] for part in one])


class _Tries:
    """Attempts to read and write rows of an organization that the transaction does not belong to."""

    def __init__(self, occasion: Occasion, findings: Findings, role: str) -> None:
        self._occasion, self._findings, self._role = occasion, findings, role
        isolated = [table for table in tenancy.stored_tables() if table.is_isolated]
        self._readable = [table.name for table in isolated if self._may(table, "select")]
        self._insertable = [table.name for table in isolated if self._may(table, "insert")]
        self._updatable = {
            table.name: columns for table in isolated if (columns := self._columns(table, "update"))
        }
        self.organizations = self.rows = self.count = 0
        self.is_partial = False

    def _may(self, table: StoredTable, verb: str) -> bool:
        return any(right[:2] == (self._role, verb) for right in table.rights)

    def _columns(self, table: StoredTable, verb: str) -> list[str]:
        return sorted(column for role, what, column in table.rights if (role, what) == (self._role, verb))

    def limit(self, session: Session) -> None:
        """Let no statement of this session outlive the time that there is for all of them."""
        milliseconds = sql.Literal(round(self._occasion.budget.seconds * 1000))
        session.execute(sql.SQL("SET statement_timeout = {}").format(milliseconds))

    def without_an_organization(self, session: Session) -> None:
        """Read with no setting, an empty one, garbage, and what another transaction may have left."""
        foreign = sql.Literal(str(clock.uuid7()))
        for number, table in enumerate(self._readable):
            self._expect_nothing(session, table, "no setting")
            self._expect_nothing(session, table, "an empty setting", sql.Literal(""))
            self._expect_nothing(session, table, "an organization that is none", foreign)
            # One kind of garbage a table: each makes an error, and the server may log it.
            garbage = _GARBAGE[number % len(_GARBAGE)]
            self._expect_nothing(session, table, "garbage", sql.Literal(garbage))

    def within_each(self, session: Session, organizations: list[OrganizationId]) -> None:
        """Read and write within each organization, and look at what is left when its transaction is over."""
        random.shuffle(organizations)  # a look that ends early is to begin elsewhere the next time
        for chosen in organizations:
            if self._occasion.budget.is_spent:
                self.is_partial = True
                return
            self.organizations += 1
            setting = sql.Literal(str(chosen))
            for end in ("commit", "rollback"):
                with session.transaction(force_rollback=end == "rollback"):
                    session.execute(_set_local(setting))
                    if end == "commit":
                        self._read_own(session, chosen)
                for table in self._readable:
                    self._expect_nothing(session, table, f"what was left by a {end}")
            self._write_for_another(session, setting)

    def _read_own(self, session: Session, chosen: UUID) -> None:
        for table in self._readable:
            statement = sql.SQL(
                "SELECT count(*), count(*) FILTER (WHERE organization_id <> {}) FROM {}"
            ).format(sql.Literal(str(chosen)), sql.Identifier(table))
            self.count += 1
            with self._survived(), session.transaction():
                seen, foreign = session.execute(statement).fetchone() or (0, 0)
                self.rows += seen
                if foreign:
                    self._findings.add("rows.foreign", table=table, organization=chosen, rows=foreign)

    @contextlib.contextmanager
    def _survived(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.InsufficientPrivilege:
            pass  # a right is missing, which the comparison tells
        except psycopg.errors.QueryCanceled:
            self.is_partial = True  # a table too large for the time there is

    def _write_for_another(self, session: Session, setting: sql.Literal) -> None:
        stranger = sql.Literal(str(clock.uuid7()))
        for table in self._insertable:
            insert = sql.SQL("INSERT INTO {} (organization_id) VALUES ({})")
            self._expect_refusal(session, setting, table, insert.format(sql.Identifier(table), stranger))
        for table, columns in self._updatable.items():
            # Nobody else's rows are there to be changed, so none may be.
            update = sql.SQL("UPDATE {0} SET {1} = {1} WHERE organization_id <> {2}").format(
                sql.Identifier(table), sql.Identifier(columns[0] or "organization_id"), setting
            )
            self.count += 1
            with self._survived(), session.transaction(force_rollback=True):
                session.execute(_set_local(setting))
                if changed := session.execute(update).rowcount:
                    self._findings.add("rows.changed", table=table, rows=changed)

    def _expect_refusal(
        self, session: Session, setting: sql.Literal, table: str, statement: sql.Composed
    ) -> None:
        self.count += 1
        try:
            with session.transaction(force_rollback=True):
                session.execute(_set_local(setting))
                session.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return  # row security speaks before any other rule of the table
        except psycopg.Error as error:
            self._findings.add("rows.written", table=table, sqlstate=error.sqlstate)
        else:
            self._findings.add("rows.written", table=table)

    def after_another_session(self) -> None:
        """Set an organization for a whole session, and look whether the next one has it: a pool could hand it on."""
        stranger = str(clock.uuid7())
        with database.another_session() as session:
            session.execute(sql.SQL("SET fanlight.organization_id = {}").format(sql.Literal(stranger)))
        with database.another_session() as session:
            self.count += 1
            found = session.execute("SELECT current_setting('fanlight.organization_id', true)").fetchone()
            if found and found[0]:
                session.execute("RESET fanlight.organization_id")
                self._findings.add("setting.left", is_ours=found[0] == stranger)

    def _expect_nothing(
        self, session: Session, table: str, case: str, setting: sql.Literal | None = None
    ) -> None:
        self.count += 1
        statement = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
        try:
            with session.transaction(force_rollback=True):
                if setting is not None:
                    session.execute(_set_local(setting))
                seen = session.execute(statement).fetchone()
        except (psycopg.errors.InvalidTextRepresentation, psycopg.errors.InsufficientPrivilege):
            return  # no organization is called so; or a right is missing, which the comparison tells
        except psycopg.errors.QueryCanceled:
            self.is_partial = True
            return
        if seen and seen[0]:
            self._findings.add("rows.without_organization", table=table, case=case)


def _set_local(setting: sql.Literal) -> sql.Composed:
    return sql.SQL("SET LOCAL fanlight.organization_id = {}").format(setting)


CONTROL = Control(
    promise="W2",
    zone=Zone.PORTAL,
    how="The portal's own database role tries to read and write rows outside of an organization, and the live row "
    "security, grants, functions and roles are compared with the register.",
    findings={
        "relation.sees_past": "A view or foreign table exists, and nothing of that kind is registered.",
        "table.owner": "A table belongs to another role than the schema's owner.",
        "security.off": "Row security is switched off, or not forced, on a table of organizations.",
        "policy.unlisted": "A policy of row security exists that the register does not have.",
        "policy.missing": "A policy of row security that the register has is missing or changed.",
        "grant.unlisted": "A role has a right that the register does not give it.",
        "grant.missing": "A role lacks a right that the register gives it.",
        "trigger.unlisted": "A trigger or rule was added to a table of organizations.",
        "function.unlisted": "A function that sees past row security is not in the register, or was changed.",
        "function.missing": "A registered function that sees past row security is missing or was changed.",
        "role.mighty": "One of our database roles may do more than its kind.",
        "role.member": "One of our database roles was made a member of another.",
        "rows.without_organization": "Rows could be read without an organization being chosen.",
        "rows.foreign": "Rows of another organization could be read.",
        "rows.changed": "Rows of another organization could be changed.",
        "rows.written": "A row could be written for another organization.",
        "setting.left": "A choice of organization outlived the session that made it.",
    },
    check=check,
)
