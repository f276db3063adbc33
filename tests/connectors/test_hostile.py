"""What a hostile source can do to us: nothing but fail, or be shown harmlessly. Whole runs, with the real catalogue."""

from __future__ import annotations

import html
import random
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from fanlight.catalog import queries as catalog
from fanlight.connectors.postgres import connecting, definitions, edge, guard
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Privileges, Right, RightLevel, Secret
from fanlight.core.actors import Actor
from fanlight.core.errors import SourceFailure
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import services
from fanlight.extraction.types import Run, RunState
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from tests.conftest import World
from tests.connectors.conftest import now
from tests.connectors.hostile import HostileServer, Recorder, Recording, Relay, greet, honest
from tests.connectors.hostile_cases import AMOUNTS, CASES, SAFE, SHORT_SECONDS, Case
from tests.connectors.renewing import agree
from tests.servers import ThrowawayServer
from tests.sources import SHOP, Source, add, extract, source

__all__ = ["source"]

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
# Of what a source says, what must never stand in a page as it is.
_HARMFUL = ("<script>alert", "<img src=x", "\x1b", "\u202e", "\u2066", "\x00", "canary-7431", "Ann Smith")
_MEMORY_MB = 400  # of one read, beyond what the process takes anyway


@pytest.fixture(scope="module", autouse=True)
def pages_work() -> None:
    """Pages name their style by digest; the test client calls the server `testserver`."""
    call_command("collectstatic", interactive=False, verbosity=0)
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS.append("testserver")


@pytest.fixture(scope="module")
def shop_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThrowawayServer]:
    with ThrowawayServer("18", tmp_path_factory.mktemp("recorded")) as server:
        with server.connect() as admin:
            admin.execute("CREATE DATABASE shop")
            admin.execute("CREATE ROLE reader LOGIN")
        with server.connect("shop") as owner:
            owner.execute(_SHOP)
        yield server


def _path(server: ThrowawayServer) -> str:
    return f"{server.socket_folder}/.s.PGSQL.{server.port}"


def _address(port: int) -> dict[str, str]:
    return {"host": "127.0.0.1", "port": str(port), "user": "reader", "databases": "shop", "tls": "off"}


@pytest.fixture(scope="module")
def recording(shop_server: ThrowawayServer) -> Recording:
    """What a real server answers to a whole run."""
    with Recorder(_path(shop_server)) as recorder:
        with PostgresConnector().open(
            _address(recorder.port), None, database="shop", ledger=lambda entry: None, clock=now
        ) as session:
            session.report()
            session.privileges()
            assert sum(map(len, session.read())) >= 14
        return recorder.recording


def _add(world: World, port: int, name: str, actor: Actor | None = None) -> IntegrationId:
    return integrations.add_integration(
        actor=actor or world.alice,
        name=name,
        connector="postgres",
        settings=_address(port),
        secret=secrets.token_hex(4),
        now=clock.now(),
    )


class _Lies:
    """Tries the cases one after another, on one integration that had a good run; SAFE ones on one of their own."""

    def __init__(
        self, world: World, browse: Any, server: HostileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._world, self._browser, self._server = world, browse(world.alice), server
        self._monkeypatch = monkeypatch
        self._integration = _add(world, server.port, "shop")
        first = extract(world, self._integration)
        assert first.state is RunState.SUCCEEDED, first.problem
        self._held = self._stored()

    def _stored(self) -> dict[str, int]:
        return catalog.counts(self._world.alice)[self._integration]

    def run(self, case: Case) -> dict[str, str]:
        """Return what became of a case, as the documentation shows it."""
        self._server.change, self._server.greet = case.change, case.greet
        with self._monkeypatch.context() as patch:
            patch.setattr(edge, "READ_ASSETS", 20_000)
            patch.setattr(connecting, "_SIGN_INS", connecting._SignIns())
            if case.is_slow:
                patch.setattr(guard, "DEADLINE_SECONDS", SHORT_SECONDS)
                patch.setattr(connecting, "CONNECT_SECONDS", SHORT_SECONDS)
                patch.setattr(connecting, "_LEFT_BEHIND_SECONDS", 0.5)
            integration_id = self._integration
            if case.code == SAFE:
                integration_id = _add(self._world, self._server.port, f"safe-{secrets.token_hex(4)}")
            run = extract(self._world, integration_id)
        if case.code == SAFE:
            assert run.problem is None, (case.name, run.problem)
            assert run.state is RunState.SUCCEEDED
            return {"lie": case.what, "ends": "succeeds", "shown": self._shown(integration_id, run)}
        assert run.problem is not None, case.name
        assert (run.state, run.problem.code) == (RunState.FAILED, case.code), (case.name, run.problem)
        assert self._stored() == self._held, case.name
        said = f"{run.problem.detail} {run.problem.remedy}".replace(f":{self._server.port}", "")
        assert not any(harm in said for harm in _HARMFUL)
        # Where in our code an answer was not understood is for a report of an error, and no part of the promise.
        said = re.sub(r" \(\w+, [\w?]+:\d*\)", "", said)
        return {"lie": case.what, "ends": case.code, "shown": said}

    def _shown(self, integration_id: IntegrationId, run: Run) -> str:
        waiting = [f"/integrations/{integration_id}/runs/{run.id}/", f"/browse/{integration_id}/"]
        seen: set[str] = set()
        names: list[str] = []
        while waiting and len(seen) < 40:
            address = waiting.pop(0)
            if address in seen:
                continue
            seen.add(address)
            answer = self._browser.get(address)
            assert answer.status_code == 200, address
            page = answer.content.decode()
            for harm in _HARMFUL:
                assert harm not in page, (
                    address,
                    page[max(page.find(harm) - 200, 0) : page.find(harm) + 100],
                )
            waiting += re.findall(r"/assets/[0-9a-f-]{36}/", page)
            names += re.findall(r"<h1><bdi>(.*?)</bdi></h1>", page, re.DOTALL)
        assert len(seen) > 4
        tables = sorted(name for name in names if "customers" in name)
        return (
            f"{run.product}: {sum(run.changes.values()) and run.changes['added']} things, a table called "
            + (html.unescape(tables[0])[-80:] if tables else "?")
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_lie_ends_clearly_or_is_shown_harmlessly(
    world: World, browse: Any, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HostileServer(recording) as server:
        lies = _Lies(world, browse, server, monkeypatch)
        found = {case.name: lies.run(case) for case in CASES}
        # Nothing of it has stayed: the next honest run finds everything as it was.
        server.change, server.greet = honest, greet
        last = extract(world, lies._integration)
    assert last.state is RunState.SUCCEEDED
    assert {name: count for name, count in last.changes.items() if count and name != "unchanged"} == {}
    assert "run.internal" not in {one["ends"] for one in found.values()}
    agree("hostile", "lies", found)


@pytest.mark.parametrize(
    "name", ["silence in the middle", "rows without an end", "endless work for a password"]
)
def test_another_organizations_run_is_not_held_up(
    world: World, source: Source, recording: Recording, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (case,) = [case for case in AMOUNTS if case.name == name]
    monkeypatch.setattr(guard, "DEADLINE_SECONDS", 6.0)
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 5)
    monkeypatch.setattr(connecting, "_LEFT_BEHIND_SECONDS", 1)
    ours = add(world, source, world.charlie)
    extract(world, ours, world.charlie)
    started = time.monotonic()
    extract(world, ours, world.charlie)
    alone = time.monotonic() - started
    with HostileServer(recording, case.change, case.greet) as server:
        theirs = _add(world, server.port, "hostile")
        run_id = services.request_run(
            actor=world.alice, integration_id=theirs, is_deferred=False, now=clock.now()
        )
        ended: list[Run] = []
        with world.as_worker():
            thread = threading.Thread(target=_execute, args=(world, run_id, ended))
            thread.start()
            time.sleep(0.3)
            started = time.monotonic()
            mine = extract(world, ours, world.charlie)
            took = time.monotonic() - started
            thread.join(30)
    assert mine.state is RunState.SUCCEEDED
    assert took < 3 * alone + 2
    assert ended[0].problem is not None
    assert ended[0].problem.code == case.code
    assert not [kind for kind, count in catalog.counts(world.alice).get(theirs, {}).items() if count]


def _execute(world: World, run_id: Any, ended: list[Run]) -> None:
    from django.db import connection

    try:
        ended.append(services.execute_run(organization_id=world.a, run_id=run_id, root_key=world.root_key))
    finally:
        connection.close()


_CLIENT = """
import resource, sys
from datetime import UTC, datetime
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Privileges, Right, RightLevel, Secret
from fanlight.core.errors import SourceFailure
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
settings = {"host": "127.0.0.1", "port": sys.argv[1], "user": "reader", "databases": "shop", "tls": "off"}
from fanlight.connectors.postgres import syntax
before = used()
try:
    with PostgresConnector().open(settings, Secret("x"), database="shop", ledger=lambda entry: None,
                                  clock=lambda: datetime.now(UTC)) as session:
        session.report(); session.privileges(); code = str(sum(map(len, session.read())))
except SourceFailure as failure:
    code = failure.code
print(code, used() - before)
"""
_HEAVY = [
    "a name of a million characters", "a comment of 20 MB", "a definition of 20 MB", "rows without an end",
    "rows of nothing without an end", "definitions without an end", "a field of 1 GB", "notices without an end",
    "notifications without an end", "settings without an end", "a greeting of 1 GB", "60,000 columns",
    "an error of 10 MB", "an enum of twenty million labels", "an index of four million columns",
]  # fmt: skip


@pytest.mark.parametrize("name", _HEAVY)
def test_memory_is_bounded(recording: Recording, name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    with HostileServer(recording, case.change, case.greet) as server:
        done = subprocess.run(
            [sys.executable, "-c", _CLIENT, str(server.port)],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    code, megabytes = done.stdout.split()
    assert code == case.code or (case.code == SAFE and code.isdigit())
    assert int(megabytes) < _MEMORY_MB


class _Cut(Relay):
    """Ends the connection after so many bytes of answers."""

    def __init__(self, server_socket: str) -> None:
        super().__init__(server_socket)
        self.left = 10**9

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        if is_answer:
            data, self.left = data[: self.left], self.left - len(data)
        target.sendall(data)
        if self.left <= 0:
            raise OSError("cut")


class _Trickle(Relay):
    """Hands answers over in pieces of a few bytes."""

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        pieces = random.Random(len(data))
        while data:
            count = pieces.randint(1, 7) if is_answer else len(data)
            target.sendall(data[:count])
            data = data[count:]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_connection_cut_anywhere_costs_that_run_and_nothing_else(
    world: World, shop_server: ThrowawayServer
) -> None:
    with _Cut(_path(shop_server)) as relay:
        integration_id = _add(world, relay.port, "shop")
        whole = relay.left
        first = extract(world, integration_id)
        assert first.state is RunState.SUCCEEDED
        length, stored = whole - relay.left, catalog.counts(world.alice)[integration_id]
        assert length > 10_000
        chosen = random.Random(20261123)
        places = sorted({1, 5, 14, length - 5, *(chosen.randrange(1, length) for _ in range(36))})
        codes: dict[str, int] = {}
        for place in places:
            relay.left = place
            run = extract(world, integration_id)
            assert run.problem is not None, place
            assert run.state is RunState.FAILED
            codes[run.problem.code] = codes.get(run.problem.code, 0) + 1
            assert catalog.counts(world.alice)[integration_id] == stored
        relay.left = 10**9
        last = extract(world, integration_id)
    assert len(places) >= 30
    assert set(codes) <= {"source.disconnected", "source.unreachable"}, codes
    assert codes["source.disconnected"] > 25
    assert last.state is RunState.SUCCEEDED
    assert last.changes["unchanged"] == first.changes["added"]


def test_an_answer_in_tiny_pieces_is_read_as_any_other(world: World, shop_server: ThrowawayServer) -> None:
    with _Cut(_path(shop_server)) as whole, _Trickle(_path(shop_server)) as relay:
        integration_id = _add(world, whole.port, "shop")
        first = extract(world, integration_id)
        integrations.change_integration(
            actor=world.alice,
            integration_id=integration_id,
            name="shop",
            settings=_address(relay.port),
            secret="again",
            now=clock.now(),
        )
        second = extract(world, integration_id)
    assert second.state is RunState.SUCCEEDED
    assert second.changes["unchanged"] == first.changes["added"]


def test_a_sign_in_that_does_not_end_is_left_behind_and_not_begun_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connecting, "_LEFT_BEHIND_SECONDS", 0.5)
    (case,) = [case for case in AMOUNTS if case.name == "endless work for a password"]
    with HostileServer(recording, case.change, case.greet) as server:
        for most_seconds in (2.5, 0.2):
            started = time.monotonic()
            with pytest.raises(SourceFailure) as failed:
                PostgresConnector().open(
                    _address(server.port), Secret("x"), database="shop", ledger=lambda entry: None, clock=now
                )
            assert failed.value.code == "source.unreachable"
            assert time.monotonic() - started < most_seconds


@pytest.mark.parametrize("part", ["through", "grantors", "signature", "path"])
def test_a_right_that_cannot_be_stored_is_refused(part: str) -> None:
    sound: dict[str, Any] = {
        "path": ("shop", "sales"),
        "through": "app",
        "grantors": ("app",),
        "signature": "()",
    }
    assert edge.checked_privileges(_held(sound)).count == 1
    lie = "a\0b" if isinstance(sound[part], str) else ("a\0b",)
    with pytest.raises(edge.Implausible):
        edge.checked_privileges(_held(sound | {part: lie}))
    many = "x" * 10_000_000 if isinstance(sound[part], str) else ("x",) * 1_000_000
    with pytest.raises(edge.Implausible):
        edge.checked_privileges(_held(sound | {part: many}))


def _held(parts: dict[str, Any]) -> Privileges:
    right = Right(RightLevel.WRITE, "schema", rights=("CREATE",), **parts)
    return Privileges("Can write", 0, 1, (right,), 1, "d")


def test_texts_beyond_what_a_group_may_bring_are_left_unread(
    shop_server: ThrowawayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(definitions, "GROUP_BYTES", -1)
    with (
        Recorder(_path(shop_server)) as recorder,
        PostgresConnector().open(
            _address(recorder.port), None, database="shop", ledger=lambda entry: None, clock=now
        ) as session,
    ):
        read = [asset for batch in session.read() for asset in batch]
    assert {asset.path[-1]: asset.not_seen for asset in read}["orders"] == "failed"
    assert not any("definition" in asset.facts for asset in read)
