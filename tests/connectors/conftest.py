"""Real sources: PostgreSQL 15 and 18, a database of its own for each test, and a role without any grant."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.postgres.session import PostgresSession
from fanlight.connectors.types import Asset, LedgerEntry, NotSeen, Unlisted
from tests.servers import VERSIONS, ThrowawayServer, template_clone

ROLE = "nogrants"
DIGEST_KEY = b"the tests' key"
EVERY_CONSTRUCT = Path(__file__).with_name("every_construct.sql")
# What only a newer server understands, in the same schema.
SINCE_18 = """
CREATE TABLE shop.since_18 (
    id integer PRIMARY KEY,
    price numeric(10, 2),
    doubled numeric GENERATED ALWAYS AS (price * 2) VIRTUAL,
    CONSTRAINT not_enforced CHECK (price > 0) NOT ENFORCED
);
CREATE PUBLICATION generated FOR TABLE shop.since_18 WITH (publish = 'insert', publish_generated_columns = stored);
"""


def pytest_configure(config: pytest.Config) -> None:
    for program in ("airflow", "superset", "mlflow"):
        config.addinivalue_line(
            "markers", f"{program}: needs that program, which it installs into .venv-{program}"
        )


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Source:
    """One database of a real server, as the connector sees it and as its superuser sees it."""

    server: ThrowawayServer
    database: str
    ledger: list[LedgerEntry] = field(default_factory=list)
    not_seen: list[NotSeen] = field(default_factory=list)
    unlisted: list[Unlisted] = field(default_factory=list)

    @property
    def major(self) -> int:
        return int(self.server.version)

    def settings(self, user: str = ROLE, **changed: str) -> dict[str, str]:
        return {
            "host": str(self.server.socket_folder),
            "port": str(self.server.port),
            "databases": self.database,
            "user": user,
        } | changed

    def superuser(self) -> psycopg.Connection[TupleRow]:
        return self.server.connect(self.database)

    def execute(self, statements: str) -> None:
        with self.superuser() as connection:
            connection.execute(statements)

    def open(self, user: str = ROLE, database: str | None = None, **changed: str) -> PostgresSession:
        return PostgresConnector().open(
            self.settings(user, **changed),
            None,
            database=database or self.database,
            ledger=self.ledger.append,
            clock=now,
            digest_key=DIGEST_KEY,
        )

    def read(self, user: str = ROLE) -> list[Asset]:
        with self.open(user) as session:
            assets = [asset for batch in session.read() for asset in batch]
            self.not_seen, self.unlisted = session.not_seen, session.unlisted
        return assets

    def asset(self, *names: str) -> Asset:
        (found,) = [asset for asset in self.read() if asset.path == (self.database, *names)]
        return found


@pytest.fixture(scope="session", params=VERSIONS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ThrowawayServer]:
    with ThrowawayServer(request.param, tmp_path_factory.mktemp(f"source{request.param}")) as started:
        with started.connect() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
            connection.execute("CREATE ROLE app")
            connection.execute("CREATE DATABASE every_construct")
        with started.connect("every_construct") as connection:
            connection.execute(EVERY_CONSTRUCT.read_text())
            if started.version == "18":
                connection.execute(SINCE_18)
        yield started


@pytest.fixture
def source(server: ThrowawayServer) -> Iterator[Source]:
    """An empty database."""
    name = f"source_{secrets.token_hex(4)}"
    with template_clone(server, "template0", name):
        yield Source(server, name)


@pytest.fixture
def shop(server: ThrowawayServer) -> Iterator[Source]:
    """A database that holds every construct."""
    name = f"shop_{secrets.token_hex(4)}"
    with template_clone(server, "every_construct", name):
        yield Source(server, name)
