"""Homes that are gone after the test, and one, with a source extracted, that the reading tests share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import CANARY, Home
from tests.servers import ThrowawayServer

SHOP = """
CREATE ROLE reader LOGIN NOINHERIT PASSWORD '{password}';
CREATE SCHEMA sales;
COMMENT ON SCHEMA sales IS E'Orders.\nSecond line.';
CREATE TABLE sales.customers (customer_id bigint PRIMARY KEY, email text NOT NULL UNIQUE);
COMMENT ON TABLE sales.customers IS E'Red \x1b[31malert\x1b[0m\rover \u202edesrever';
CREATE TABLE sales.orders (order_id bigint PRIMARY KEY, total numeric(12,2) CHECK (total >= 0),
  customer_id bigint NOT NULL REFERENCES sales.customers);
CREATE TABLE sales."odd.name" ("\x1b]0;owned\x07" int);
CREATE VIEW sales.large_orders AS SELECT order_id FROM sales.orders WHERE total > 1000;
"""


@dataclass
class Shop:
    """A source that asks for a password. url: without it. password: must never be seen anywhere."""

    server: ThrowawayServer
    password: str = CANARY

    @property
    def url(self) -> str:
        """What `connect` is given."""
        return f"postgresql://reader@/postgres?host={self.server.socket_folder}&port={self.server.port}"


@pytest.fixture
def new_home() -> Iterator[Callable[[], Home]]:
    """Make homes that are gone, with all they started, after the test."""
    made: list[Home] = []

    def make() -> Home:
        made.append(Home(Path(tempfile.mkdtemp(prefix="fl-home-"))))
        return made[-1]

    yield make
    for home in made:
        home.forget()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A small source."""
    server = ThrowawayServer("18", tmp_path_factory.mktemp("shop"), hba=["local all reader scram-sha-256"])
    with server, server.connect() as session:
        session.execute(SHOP.format(password=CANARY).encode())
        yield Shop(server)


@pytest.fixture(scope="session")
def home(shop: Shop) -> Iterator[Home]:
    """A home with two organizations; the first has the shop, extracted."""
    made = Home(Path(tempfile.mkdtemp(prefix="fl-home-")))
    for name, admin in (("Alice & Co", "alice@a.example"), ("Charlie", "charlie@b.example")):
        done = made.fanlight("organization", "create", name, "--admin", admin)
        assert done.returncode == 0, done.stderr
    connect = ("connect", shop.url, "--name", "shop", "--password-stdin", "--organization", "Alice & Co")
    done = made.fanlight(*connect, stdin=f"{shop.password}\n")
    assert done.returncode == 0, done.stderr
    yield made
    made.forget()
