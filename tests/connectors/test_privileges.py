"""What a credential could do: the probe, the server's own answer, and what the credential really does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Privileges, RightLevel
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
from tests.connectors.privilege_comparison import compare
from tests.connectors.privilege_oracle import Truth, ask
from tests.connectors.psql import psql
from tests.servers import ThrowawayServer, template_clone

QUOTED_DATABASE = '"' + DATABASE.replace('"', '""') + '"'
POSTGRES = PostgresConnector()
RESULTS = Path(__file__).with_name("credentials.results.json")
RENEW = "FANLIGHT_TEST_RENEW=1 .venv/bin/pytest -n 0 tests/connectors/test_privileges.py && make docs"


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
        with self.source.superuser() as connection, self.source.server.connect() as pristine:
            return ask(connection, pristine, ROLE, self.source.major)

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
            psql(server, POSTGRES.permission_script(one.settings), answers="correct horse\ncorrect horse\n")
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
    compare(found, truth, DATABASE, TABLES)
    _compare_with_results(held, found)


def _compare_with_results(held: Held, found: Privileges) -> None:
    """Compare with what the docs tell; renew it where that is wanted."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    seen = {
        "sentence": found.sentence,
        "beyond reading": sum(right.level is RightLevel.WRITE for right in found.rights),
    }
    name, version = held.credential.name, held.source.server.version
    if os.environ.get("FANLIGHT_TEST_RENEW") == "1":
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
    psql(held.source.server, script)
    after = held.probe()
    left = [right for right in after.rights if right.level is RightLevel.WRITE]
    assert {right.kind for right in left} == held.credential.by_hand
    for right in left:
        assert "OWNER" in right.rights or right.through == "public"
    assert bool(left) == ("-- By hand:" in script)
    for right in before.rights:
        if right.level is RightLevel.READ and right.kind not in ("membership", "role") and not right.through:
            assert right in after.rights
