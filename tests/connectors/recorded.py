"""A real server's answers to a whole run, for the tests that change them on the way."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from tests.conftest import World
from tests.connectors.conftest import now
from tests.connectors.hostile import Recorder, Recording
from tests.servers import ThrowawayServer
from tests.sources import SHOP

_SHOP = f"""
CREATE ROLE app;
{SHOP}
CREATE TABLE sales.parted (day date NOT NULL, item text) PARTITION BY RANGE (day);
CREATE TABLE sales.parted_2026 PARTITION OF sales.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE sales.child () INHERITS (sales.customers);
CREATE SEQUENCE sales.numbers;
CREATE FUNCTION sales.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE UPDATE ON sales.orders FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION sales.noted();
CREATE DOMAIN sales.positive AS integer CHECK (VALUE > 0);
CREATE FUNCTION sales.total_of(a bigint, b text DEFAULT 'x') RETURNS numeric LANGUAGE sql AS 'SELECT 1.0';
"""


@pytest.fixture(scope="module")
def shop_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowawayServer]:
    with ThrowawayServer("18", tmp_path_factory.mktemp("recorded")) as server:
        with server.connect() as admin:
            admin.execute("CREATE DATABASE shop")
            admin.execute("CREATE ROLE reader LOGIN")
        with server.connect("shop") as owner:
            owner.execute(_SHOP)
        yield server


def socket_of(server: ThrowawayServer) -> str:
    return f"{server.socket_folder}/.s.PGSQL.{server.port}"


def settings_of(port: int) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(port), "user": "reader", "databases": "shop", "tls": "off"}


@pytest.fixture(scope="module")
def recording(shop_server: ThrowawayServer) -> Recording:
    """What a real server answers to a whole run."""
    with Recorder(socket_of(shop_server)) as recorder:
        with PostgresConnector().open(
            settings_of(recorder.port), None, database="shop", ledger=lambda entry: None, clock=now
        ) as session:
            session.report()
            session.privileges()
            assert sum(map(len, session.read())) >= 14
        return recorder.recording


def add_at(world: World, port: int, name: str, actor: Actor | None = None) -> IntegrationId:
    return integrations.add_integration(
        actor=actor or world.alice,
        name=name,
        connector="postgres",
        settings=settings_of(port),
        secret=secrets.token_hex(4),
        now=clock.now(),
    )
