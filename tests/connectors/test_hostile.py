"""What a hostile source can do to us: nothing but fail, or be shown harmlessly. Whole runs, with the real catalogue."""

from __future__ import annotations

import html
import re
import secrets
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from fanlight.catalog import queries as catalog
from fanlight.connectors.postgres import connecting, definitions, edge, guard
from fanlight.connectors.postgres.connector import PostgresConnector
from fanlight.connectors.types import Privileges, Right, RightLevel
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import services
from fanlight.extraction.types import Run, RunState
from fanlight.foundation import clock
from tests.conftest import World
from tests.connectors.conftest import now
from tests.connectors.hostile import HostileServer, Recorder, Recording, greet, honest
from tests.connectors.hostile_cases import AMOUNTS, CASES, SAFE, SHORT_SECONDS, Case
from tests.connectors.recorded import add_at, recording, settings_of, shop_server, socket_of
from tests.connectors.renewing import agree
from tests.servers import ThrowawayServer
from tests.sources import Source, add, extract, source

__all__ = ["recording", "shop_server", "source"]

# Of what a source says, what must never stand in a page as it is.
_HARMFUL = ("<script>alert", "<img src=x", "\x1b", "\u202e", "\u2066", "\x00", "canary-7431", "Ann Smith")
_MEMORY_MB = 400  # of one read, beyond what the process takes anyway


@pytest.fixture(scope="module", autouse=True)
def pages_work() -> None:
    """Pages name their style by digest; the test client calls the server `testserver`."""
    call_command("collectstatic", interactive=False, verbosity=0)
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS.append("testserver")


class _Lies:
    """Tries the cases one after another, on one integration that had a good run; SAFE ones on one of their own."""

    def __init__(
        self, world: World, browse: Any, server: HostileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._world, self._browser, self._server = world, browse(world.alice), server
        self._monkeypatch = monkeypatch
        self._integration = add_at(world, server.port, "shop")
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
                integration_id = add_at(self._world, self._server.port, f"safe-{secrets.token_hex(4)}")
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
        theirs = add_at(world, server.port, "hostile")
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
        Recorder(socket_of(shop_server)) as recorder,
        PostgresConnector().open(
            settings_of(recorder.port), None, database="shop", ledger=lambda entry: None, clock=now
        ) as session,
    ):
        read = [asset for batch in session.read() for asset in batch]
    assert {asset.path[-1]: asset.not_seen for asset in read}["orders"] == "failed"
    assert not any("definition" in asset.facts for asset in read)
