"""What a credential could do: the probe, the server's own answer, and what the credential really does."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.postgres.naming import WHOLE_SERVER
from fanlight.connectors.types import Privileges, Right, RightLevel
from tests.connectors.conftest import Source
from tests.connectors.credentials import (
    BANK,
    CREDENTIALS,
    DATABASE,
    GROUP,
    OTHER,
    ROLE,
    TABLES,
    Credential,
)
from tests.connectors.privilege_oracle import SYSTEM, Key, Truth, ask
from tests.servers import ThrowawayServer, template_clone

QUOTED_DATABASE = '"' + DATABASE.replace('"', '""') + '"'
POSTGRES = PostgresConnector()
READING_ROLES = {
    "pg_read_all_data",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_stat_scan_tables",
    "pg_monitor",
}
RESULTS = Path(__file__).with_name("credentials.results.json")
RENEW = "FANLIGHT_TESTS_RENEW=1 pytest -n 0 tests/connectors/test_privileges.py && make docs"


@dataclass
class Held:
    """A credential at a server: what it was given, in a database of its own."""

    source: Source
    credential: Credential

    @property
    def settings(self) -> dict[str, str]:
        return self.source.settings(ROLE) | {"databases": QUOTED_DATABASE}

    def probe(self) -> Privileges:
        with self.source.open(ROLE, databases=QUOTED_DATABASE) as session:
            return session.privileges()

    def truth(self) -> Truth:
        with self.source.superuser() as connection:
            return ask(connection, ROLE, self.source.major)

    def does(self, statement: str) -> None:
        """Run a statement as the credential, in a transaction that may write; nothing of it stays."""
        with self.source.server.connect(DATABASE, ROLE) as connection:
            connection.execute("BEGIN READ WRITE")
            try:
                connection.execute(_named(statement))
            finally:
                connection.execute("ROLLBACK")


def _named(statement: str) -> sql.Composed:
    names = {"role": ROLE, "group": GROUP, "other": OTHER, "database": DATABASE}
    found = re.split(r"\{(role|group|other|database)\}", statement)
    return sql.Composed(
        [sql.Identifier(names[part]) if place % 2 else sql.SQL(part) for place, part in enumerate(found)]  # type: ignore[arg-type]
    )


def _psql(server: ThrowawayServer, script: str, *, database: str = "postgres", answers: str = "") -> str:
    """Run a script as an administrator would, without a terminal; return what psql had to complain about."""
    environment = {
        "PATH": os.environ["PATH"],
        "PGHOST": str(server.socket_folder),
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
    }
    script_file = server.socket_folder.parent / f"script-{secrets.token_hex(4)}.sql"
    script_file.write_text(script, encoding="utf-8", newline="")
    done = subprocess.run(
        [server.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", script_file],
        env=environment,
        input=answers,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="session")
def bank(server: ThrowawayServer) -> ThrowawayServer:
    """The server, with a database that holds something of each kind."""
    with server.connect() as connection:
        connection.execute("CREATE DATABASE bank")
    with server.connect("bank") as connection:
        connection.execute(BANK)  # type: ignore[call-overload]
    return server


@pytest.fixture(scope="module")
def held(bank: ThrowawayServer, request: pytest.FixtureRequest) -> Iterator[Held]:
    yield from _held(bank, request.param)


def _held(server: ThrowawayServer, credential: Credential) -> Iterator[Held]:
    if int(server.version) < credential.since:
        pytest.skip(f"only since PostgreSQL {credential.since}")
    with template_clone(server, "bank", DATABASE):
        one = Held(Source(server, DATABASE), credential)
        try:
            _psql(server, POSTGRES.permission_script(one.settings), answers="correct horse\ncorrect horse\n")
            given = credential.given_since_16 if int(server.version) >= 16 else ""
            with one.source.superuser() as connection:
                connection.execute(_named("CREATE ROLE {group}; CREATE ROLE {other}"))
                connection.execute(_named(f"{credential.given};{given}"))
            yield one
        finally:
            with one.source.superuser() as connection:
                connection.execute(_named("ALTER DATABASE {database} OWNER TO postgres"))
                connection.execute(
                    _named("RESET ROLE; REASSIGN OWNED BY {role}, {group}, {other} TO postgres")
                )
                connection.execute(_named("DROP OWNED BY {role}, {group}, {other} CASCADE"))
                connection.execute(_named("DROP ROLE {role}, {group}, {other}"))


every_credential = pytest.mark.parametrize(
    "held", CREDENTIALS, indirect=True, ids=[credential.name for credential in CREDENTIALS]
)


@every_credential
def test_each_right_that_the_server_confirms_is_listed_and_nothing_else(held: Held) -> None:
    found, truth = held.probe(), held.truth()
    assert found.count == len(found.rights)
    assert found.unknown == ()
    listed = _listed(found)
    for key in {*listed, *truth.rights}:
        must, may = _expected(key, truth)
        assert must <= listed.get(key, set()) <= may, key
    roles = {right.path[0]: set(right.rights) for right in found.rights if right.kind == "role"}
    assert roles == truth.attributes
    assert {right.path[0] for right in found.rights if right.kind == "membership"} == truth.members
    writers = {
        right.through
        for right in found.rights
        if right.level is RightLevel.WRITE and right.kind != "membership"
    }
    for right in found.rights:
        assert right.level is _level(right, truth, writers), right
    tables = TABLES if truth.is_super else None
    assert found.readable == (tables or len(truth.readable))
    assert found.writable == (tables or len(truth.writable))
    _compare_with_results(held, found)


def _listed(found: Privileges) -> dict[Key, set[str]]:
    listed: dict[Key, set[str]] = defaultdict(set)
    for right in found.rights:
        if right.kind not in ("role", "membership"):
            path = right.path if right.kind in WHOLE_SERVER else right.path[1:]
            if len(path) == 1:  # as the server names what is owned
                path = (path[0].replace("pg_catalog.", ""),)
            listed[right.kind, path].update(right.rights)
    return listed


def _expected(key: Key, truth: Truth) -> tuple[set[str], set[str]]:
    """Return which rights must be listed, and which may be, of what the server confirms."""
    (kind, path), nothing = key, set[str]()
    held, everyones, products = (
        rights.get(key, nothing) for rights in (truth.rights, truth.everyones, truth.products)
    )
    is_system = len(path) > 1 and path[0] in SYSTEM
    if "OWNER" in held:
        # Of a function it is listed by its whole signature.
        return nothing if kind in ("function", "procedure") and len(path) > 1 else {"OWNER"}, held
    if kind in ("function", "procedure"):
        must = _expected_of_function(key, truth, held)
        return must, held if must or held <= products else nothing
    if kind in ("schema", "database"):
        boring = {"USAGE", "CONNECT"} | (set() if path == (DATABASE,) else {"TEMPORARY"})
        return held - boring, held - boring
    if is_system or kind == "parameter":
        return held - products, held - everyones
    return held - (products - everyones), held


def _expected_of_function(key: Key, truth: Truth, held: set[str]) -> set[str]:
    if not held <= truth.products.get(key, set()):
        return held if key in truth.beyond else set()
    may_enter = truth.rights.get(("schema", key[1][:1]), set()) & {"USAGE", "OWNER"}
    is_everyones = key in truth.definers and held <= truth.everyones.get(key, set())
    return held if is_everyones and may_enter else set()


def _level(right: Right, truth: Truth, writers: set[str]) -> RightLevel:
    if right.kind == "role":
        return RightLevel.WRITE
    if right.kind == "membership":
        is_products = right.path[0].startswith("pg_") and right.path[0] not in READING_ROLES
        brings = right.path[0] in truth.attributes or right.path[0] in writers
        return RightLevel.WRITE if is_products or brings or "ADMIN" in right.rights else RightLevel.READ
    if set(right.rights) == {"SELECT"}:
        return RightLevel.READ
    path = right.path if right.kind in WHOLE_SERVER else right.path[1:]
    everyones = truth.everyones.get((right.kind, path), set())
    is_default = right.kind in ("function", "procedure") or right.rights == ("TEMPORARY",)
    if is_default and right.through == "public" and set(right.rights) <= everyones:
        return RightLevel.PUBLIC
    return RightLevel.WRITE


def _compare_with_results(held: Held, found: Privileges) -> None:
    """Compare with what the docs tell; renew it where that is wanted."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    seen = {
        "sentence": found.sentence,
        "beyond reading": sum(right.level is RightLevel.WRITE for right in found.rights),
    }
    name, version = held.credential.name, held.source.server.version
    if os.environ.get("FANLIGHT_TESTS_RENEW"):
        kept.setdefault(name, {})[version] = seen
        order = [credential.name for credential in CREDENTIALS]
        kept = {one: dict(sorted(kept[one].items())) for one in order if one in kept}
        RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    assert kept.get(name, {}).get(version) == seen, f"To renew what the docs say: {RENEW}"


@every_credential
def test_the_credential_really_does_what_the_probe_says(held: Held) -> None:
    for statement in held.credential.may:
        held.does(statement)
    for statement in held.credential.may_not:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            held.does(statement)


@every_credential
def test_the_removal_script_leaves_nothing_but_reading_and_what_it_names(held: Held) -> None:
    before = held.probe()
    script = POSTGRES.removal_script(held.settings, {DATABASE: before})
    _psql(held.source.server, script)
    after = held.probe()
    left = [right for right in after.rights if right.level is RightLevel.WRITE]
    assert {right.kind for right in left} == held.credential.by_hand
    for right in left:
        assert "OWNER" in right.rights or right.through == "public"
    assert bool(left) == ("-- By hand:" in script)
    for right in before.rights:
        if right.level is RightLevel.READ and right.kind not in ("membership", "role") and not right.through:
            assert right in after.rights
