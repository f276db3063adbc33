"""Where the probe has to stop or to look twice: many rights, hidden catalogues, extensions, settings of a role."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from fanlight.connectors.postgres.closed_list import LISTS, STATEMENTS
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.postgres.privileges import MOST_LISTED
from fanlight.connectors.types import Privileges, RightLevel
from tests.connectors.conftest import Source
from tests.connectors.psql import psql
from tests.servers import VERSIONS

MANY = MOST_LISTED + 50


@dataclass
class Reader:
    """A role of its own in a database of its own."""

    source: Source
    name: str

    def probe(self) -> Privileges:
        with self.source.open(self.name) as session:
            return session.privileges()

    def give(self, statements: str) -> None:
        self.source.execute(statements.replace("{role}", self.name))


@pytest.fixture
def reader(source: Source) -> Iterator[Reader]:
    one = Reader(source, f"reader_{secrets.token_hex(4)}")
    one.give("CREATE ROLE {role} LOGIN")
    yield one
    one.give("ALTER ROLE {role} RESET ALL; DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def test_many_rights_are_counted_and_digested_beyond_those_that_are_listed(reader: Reader) -> None:
    reader.give(
        f"""DO $$BEGIN FOR i IN 1..{MANY} LOOP EXECUTE format('CREATE TABLE t%s (x integer)', i); END LOOP; END$$;
        GRANT INSERT ON ALL TABLES IN SCHEMA public TO {{role}}"""
    )
    before = reader.probe()
    assert before.writable == MANY
    assert before.count >= MANY
    assert len(before.rights) == MOST_LISTED
    assert before.sentence == f"Can write {MANY:,} tables"
    listed = {right.path[-1] for right in before.rights}
    unlisted = next(f"t{number}" for number in range(1, MANY + 1) if f"t{number}" not in listed)
    reader.give(f"GRANT DELETE ON {unlisted} TO {{role}}")
    after = reader.probe()
    assert after.digest != before.digest
    assert (after.rights, after.count) == (before.rights, before.count)
    _clear(reader, after)
    left = reader.probe()
    assert 0 < left.writable <= MANY - MOST_LISTED + 5
    _clear(reader, left)
    assert not reader.probe().is_excessive


def _clear(reader: Reader, found: Privileges) -> None:
    script = PostgresConnector().removal_script(
        reader.source.settings(reader.name), {reader.source.database: found}
    )
    assert ("-- More was found" in script) == (found.count > len(found.rights))
    psql(reader.source.server, script)


def test_the_digest_changes_with_the_rights_and_with_nothing_else(reader: Reader) -> None:
    reader.give("CREATE TABLE t (x integer); CREATE ROLE {role}_group")
    seen = [reader.probe().digest]
    reader.give("CREATE TABLE of_others (x integer)")
    assert reader.probe().digest == seen[0]
    for change in (
        "GRANT SELECT ON t TO {role}",
        "GRANT SELECT ON t TO {role} WITH GRANT OPTION",
        "GRANT UPDATE (x) ON t TO {role}",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "GRANT {role}_group TO {role}",
        "GRANT DELETE ON t TO {role}_group",
        "ALTER ROLE {role} CREATEDB",
        "CREATE SCHEMA s AUTHORIZATION {role}",
        "CREATE TYPE s.e AS ENUM (); ALTER TYPE s.e OWNER TO {role}",
        "SELECT lo_create(77); GRANT UPDATE ON LARGE OBJECT 77 TO {role}",
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC",
    ):
        reader.give(change.replace("{database}", f'"{reader.source.database}"'))
        seen.append(reader.probe().digest)
    assert len(set(seen)) == len(seen)
    reader.give("DROP OWNED BY {role}_group; DROP ROLE {role}_group")


@pytest.mark.parametrize(
    ("hidden", "unknown"),
    [
        ("pg_proc", ("functions",)),
        ("pg_attribute", ("tables",)),
        ("pg_largeobject_metadata", ("schemas and databases",)),
        ("pg_shdepend", ("what it owns",)),
        ("pg_parameter_acl", ("settings",)),
        ("pg_auth_members", ("everything",)),
    ],
)
def test_what_a_hardened_server_hides_is_never_taken_for_none(
    reader: Reader, hidden: str, unknown: tuple[str, ...]
) -> None:
    reader.give(f"REVOKE SELECT ON pg_catalog.{hidden} FROM PUBLIC")
    found = reader.probe()
    assert found.unknown == unknown
    assert "find out" in found.sentence or "could not be found out" in found.sentence


def test_what_an_extension_grants_to_every_role_is_not_data(reader: Reader) -> None:
    reader.give("CREATE EXTENSION pg_stat_statements")
    found = reader.probe()
    assert found.sentence == "Cannot read data"
    views = [right for right in found.rights if right.kind == "view"]
    assert {right.path[-1] for right in views} == {"pg_stat_statements", "pg_stat_statements_info"}
    assert {right.level for right in views} == {RightLevel.PUBLIC}
    reader.give("GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO PUBLIC")
    assert [right.path[-1] for right in reader.probe().rights if right.level is RightLevel.WRITE] == [
        "pg_stat_statements_reset"
    ]


def test_a_role_that_begins_as_another_is_still_itself(reader: Reader) -> None:
    reader.give(
        """CREATE TABLE t (x integer); GRANT UPDATE ON t TO {role}; CREATE ROLE {role}_group;
        GRANT {role}_group TO {role}; ALTER ROLE {role} SET role = {role}_group"""
    )
    try:
        with reader.source.open(reader.name) as session:
            assert session.report().user == f"{reader.name}_group"
            found = session.privileges()
        assert found.writable == 1
        assert found.is_excessive
    finally:
        reader.give("ALTER ROLE {role} RESET role; DROP ROLE {role}_group")


# Since PostgreSQL 16 a membership says for itself what it is good for.
with_options = pytest.mark.parametrize(
    "server", [version for version in VERSIONS if int(version) >= 16], indirect=True
)


@with_options
def test_an_unusable_membership_is_none(reader: Reader) -> None:
    reader.give(
        """CREATE ROLE {role}_group; GRANT {role}_group TO {role} WITH INHERIT FALSE, SET FALSE, ADMIN FALSE;
        CREATE TABLE t (x integer); GRANT UPDATE ON t TO {role}_group"""
    )
    assert not reader.probe().is_excessive
    reader.give("GRANT {role}_group TO {role} WITH ADMIN TRUE")
    assert reader.probe().writable == 1
    reader.give("ALTER ROLE {role}_group SUPERUSER")
    with (
        reader.source.server.connect(reader.source.database, reader.name) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"GRANT {reader.name}_group TO {reader.name} WITH SET TRUE")
    assert not reader.probe().is_excessive
    reader.give("ALTER ROLE {role}_group NOSUPERUSER; DROP OWNED BY {role}_group; DROP ROLE {role}_group")


@with_options
def test_a_role_that_is_only_inherited_leads_to_no_other_by_becoming_it(reader: Reader) -> None:
    reader.give(
        """CREATE ROLE {role}_a; CREATE ROLE {role}_b; CREATE TABLE t (x integer); GRANT UPDATE ON t TO {role}_b;
        GRANT {role}_a TO {role} WITH INHERIT TRUE, SET FALSE; GRANT {role}_b TO {role}_a WITH INHERIT FALSE, SET TRUE"""
    )
    with (
        reader.source.server.connect(reader.source.database, reader.name) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"SET ROLE {reader.name}_b")
    assert not reader.probe().is_excessive
    reader.give("GRANT {role}_b TO {role}_a WITH INHERIT TRUE")
    assert reader.probe().writable == 1
    reader.give("DROP OWNED BY {role}_b; DROP ROLE {role}_a; DROP ROLE {role}_b")


def test_a_function_of_its_owners_rights_counts_where_its_schema_is_open(reader: Reader) -> None:
    reader.give(
        """CREATE SCHEMA s; CREATE TABLE s.t (x integer); CREATE FUNCTION s.f() RETURNS void LANGUAGE sql
        SECURITY DEFINER AS 'INSERT INTO s.t VALUES (1)'"""
    )
    call = "BEGIN; SELECT s.f(); ROLLBACK"
    with reader.source.server.connect(reader.source.database, reader.name) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(call)
        connection.execute("ROLLBACK")
        assert reader.probe().sentence == "Cannot read data"
        reader.give("GRANT USAGE ON SCHEMA s TO PUBLIC")
        connection.execute(call)
    found = reader.probe()
    assert found.sentence.startswith("Can read no table; like every role there, can run 1 function")
    assert not found.is_excessive


def test_the_roles_of_older_servers_are_found_here_too(reader: Reader) -> None:
    reader.give(
        "CREATE ROLE {role}_a; CREATE ROLE {role}_b; GRANT {role}_a TO {role}; GRANT {role}_b TO {role}_a"
    )
    with reader.source.open(reader.name) as session, session._transaction():
        rows = session._guard.run("privilege_roles_13")
    assert {row[1]: (row[2], row[3]) for row in rows} == {
        reader.name: (True, None),
        f"{reader.name}_a": (False, None),
        f"{reader.name}_b": (False, [f"{reader.name}_a"]),
    }
    reader.give("DROP ROLE {role}_a; DROP ROLE {role}_b")


@pytest.mark.parametrize("user", ["superuser", "reader"])
def test_a_run_with_its_probe_sends_nothing_but_the_list(reader: Reader, user: str) -> None:
    reader.give("CREATE TABLE t (x integer DEFAULT 1); CREATE VIEW v AS SELECT x FROM t")
    if user == "superuser":
        reader.give("ALTER ROLE {role} SUPERUSER")
    source = reader.source
    start = source.server.log_file.stat().st_size
    with source.open(reader.name) as session:
        session.report()
        found = session.privileges()
        list(session.read())
    assert found.is_excessive is (user == "superuser")
    with source.server.log_file.open("rb") as file:
        file.seek(start)
        log = file.read().decode()
    logged = [
        record.partition("execute <unnamed>: ")[2].replace("\n\t", "\n").strip()
        for record in log.split("\n20")
        if f" {reader.name}@{source.database} " in record and "LOG:  execute" in record
    ]
    listed = {statement.sql for statement in (*LISTS.catalogue, *LISTS.session)}
    assert len(logged) == len(source.ledger) > 15
    assert set(logged) <= listed
    assert [STATEMENTS[entry.statement].sql for entry in source.ledger] == logged
