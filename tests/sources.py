"""Sources for the tests: a real database with a role that has no grants, in the tests' own server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql

from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries, services
from fanlight.extraction.types import Run
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from tests.conftest import Catalogue, World
from tests.servers import ThrowawayServer

SHOP = """
CREATE SCHEMA sales;
CREATE TYPE sales.order_state AS ENUM ('new', 'paid');
CREATE TABLE sales.customers (customer_id bigint PRIMARY KEY, email text NOT NULL, "fullName" text);
COMMENT ON TABLE sales.customers IS 'Everybody who ever bought something.';
CREATE TABLE sales.orders (order_id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES sales.customers,
  state sales.order_state NOT NULL DEFAULT 'new', total numeric(12,2));
COMMENT ON COLUMN sales.orders.total IS 'In euros, tax included.';
CREATE VIEW sales.open_orders AS SELECT order_id, total FROM sales.orders WHERE state = 'new';
CREATE TABLE sales.gone_soon (id int);
"""


@dataclass
class Source:
    """A database to extract from. reader: a role that may connect and nothing else."""

    server: ThrowawayServer
    database: str
    reader: str
    password: str

    def run(self, statement: str) -> None:
        """Change the source, as its owner."""
        with self.server.connect(self.database) as session:
            session.execute(statement)

    def connect(self) -> psycopg.Connection[Any]:
        """Open an owner's session in autocommit."""
        return self.server.connect(self.database)

    @property
    def settings(self) -> dict[str, str]:
        """What a form would say."""
        return {
            "host": str(self.server.socket_folder),
            "port": str(self.server.port),
            "user": self.reader,
            "databases": self.database,
        }

    @property
    def url(self) -> str:
        """What the command line would say."""
        return f"postgresql://{self.reader}@/{self.database}?host={self.server.socket_folder}&port={self.server.port}"


@pytest.fixture
def source(catalogue: Catalogue) -> Iterator[Source]:
    """A small shop, in a database of its own."""
    mark = secrets.token_hex(4)
    made = Source(catalogue.server, f"shop_{mark}", f"reader_{mark}", secrets.token_urlsafe(12))
    with catalogue.server.connect() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made.database)))
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                sql.Identifier(made.reader), sql.Literal(made.password)
            )
        )
    made.run(SHOP)
    yield made
    with catalogue.server.connect() as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made.database)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(made.reader)))


def add(world: World, source: Source, actor: Actor | None = None, name: str = "shop") -> IntegrationId:
    """Add the source as an integration, as the portal does."""
    return integrations.add_integration(
        actor=actor or world.alice,
        name=name,
        connector="postgres",
        settings=source.settings,
        secret=source.password,
        now=clock.now(),
    )


def extract(world: World, integration_id: IntegrationId, actor: Actor | None = None) -> Run:
    """Ask for a run and carry it out, as the worker does."""
    chosen = actor or world.alice
    run_id = services.request_run(
        actor=chosen, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        services.execute_run(organization_id=chosen.organization_id, run_id=run_id, root_key=world.root_key)
    return queries.run(chosen, run_id)
