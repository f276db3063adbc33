"""`kill -9` of worker, portal and database at random moments of runs: no half state, and what is asked for gets done.

A supervisor, as systemd would be, starts again whatever has died. The catalogue's server is one of this test alone,
durable as in production, since it is killed too.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from fanlight.core.actors import Actor
from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.tenancy import queries as tenancy
from tests.conftest import Catalogue, made_catalogue
from tests.journeys.installation import Installation, make_installation
from tests.servers import ThrowawayServer
from tests.sources import Source, source

__all__ = ["source"]
TABLES = 400
VICTIMS = ["worker"] * 7 + ["portal"] * 4 + ["backend"] * 4 + ["postmaster"] * 5
PATIENCE_SECONDS = 60
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def durable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue on a server of its own that loses nothing that it has said was committed."""
    folder = tmp_path_factory.mktemp("storm")
    # With a minimal log, a copied database (the template) is not safe from a crash until the next checkpoint.
    durable = {"synchronous_commit": "on", "full_page_writes": "on", "fsync": "on", "wal_level": "replica"}
    with made_catalogue(folder, **durable) as made:
        yield made


@dataclass
class Supervisor:
    """Starts portal and worker, and again when they have died."""

    installation: Installation
    given: dict[str, dict[str, str]]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    starts: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Supervisor:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _watch(self) -> None:
        while not self._end.wait(0.1):
            for role, given in self.given.items():
                known = self.processes.get(role)
                if known is None or known.poll() is not None:
                    self.processes[role] = self.installation.start(role, **given)
                    self.starts += 1

    def kill(self, role: str) -> None:
        """Kill a process and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[role].pid, signal.SIGKILL)


class Portal:
    """A person at the portal, who tries again when it does not answer."""

    def __init__(self, address: str, authority: Path) -> None:
        self._address = address
        self._client = httpx.Client(
            verify=ssl.create_default_context(cafile=str(authority)), follow_redirects=True, timeout=10
        )

    def sign_in(self, link: str) -> None:
        """Use a sign-in link."""
        self._post(link.removeprefix(self._address))

    def extract(self, integration_id: UUID) -> None:
        """Press 'Extract now'."""
        self._post(f"/integrations/{integration_id}/extract/", page=f"/integrations/{integration_id}/")

    def _post(self, path: str, page: str = "") -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                token = _TOKEN.search(self._get(page or path))
                assert token is not None
                answer = self._client.post(
                    self._address + path,
                    data={"csrfmiddlewaretoken": token[1]},
                    headers={"Referer": self._address + path},
                )
                if answer.status_code == 200:
                    return
                assert answer.status_code >= 500, answer.status_code
            except httpx.HTTPError:
                pass
            assert time.monotonic() < give_up, "the portal does not come back"
            time.sleep(0.2)

    def _get(self, path: str) -> str:
        answer = self._client.get(self._address + path)
        if answer.status_code >= 500:
            raise httpx.HTTPError("not well yet")
        assert answer.status_code == 200
        return answer.text


@dataclass
class Storm:
    """What is looked at from outside: the catalogue, as a superuser sees it."""

    catalogue: Catalogue
    database: str
    organization_id: OrganizationId

    def rows(self, statement: str, values: Any = ()) -> list[Any]:
        """Run a statement, again where the server is just coming back."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.catalogue.connect("postgres", self.database) as session:
                    return session.execute(statement, values or None).fetchall()
            except psycopg.OperationalError:
                assert time.monotonic() < give_up
                time.sleep(0.1)

    def state(self) -> str:
        """Return a digest of all that is stored of the source: assets, columns, search entries."""
        (found,) = self.rows(
            "SELECT md5(concat("
            "(SELECT string_agg(a.locator || a.kind || a.facts::text, ',' ORDER BY a.locator) FROM catalog_asset a "
            " WHERE a.gone_at IS NULL),"
            "(SELECT string_agg(k.name || k.type || a.locator, ',' ORDER BY a.locator, k.name) FROM catalog_column k "
            " JOIN catalog_asset a ON a.id = k.asset_id WHERE k.gone_at IS NULL AND a.gone_at IS NULL),"
            "(SELECT string_agg(a.locator || e.name || e.words::text, ',' ORDER BY a.locator, e.name) FROM discovery_entry e "
            " JOIN catalog_asset a ON a.id = e.asset_id),"
            "(SELECT string_agg(w.word || w.names || '/' || w.comments, ',' ORDER BY w.word) FROM discovery_word w)))"
        )
        return str(found[0])

    def succeeded(self) -> int:
        """Return how many runs have succeeded."""
        return int(self.rows("SELECT count(*) FROM extraction_run WHERE state = 'succeeded'")[0][0])

    def active(self) -> int:
        """Return how many runs are not over."""
        return int(
            self.rows("SELECT count(*) FROM extraction_run WHERE state IN ('queued', 'running')")[0][0]
        )

    def has_begun(self, before: int) -> bool:
        """Tell whether the run that was asked for is there, or done already."""
        return self.active() == 1 or self.has_succeeded_since(before)

    def has_succeeded_since(self, before: int) -> bool:
        """Tell whether one more run has succeeded."""
        return self.succeeded() > before

    def let_leases_go_stale(self) -> None:
        """Spare the test the quarter of a minute after which a silent holder is replaced."""
        self.rows(
            "UPDATE extraction_run SET heartbeat_at = heartbeat_at - interval '1 minute' "
            "WHERE state = 'running' RETURNING id"
        )


def _wait(until: Callable[[], bool], *, sleep: float = 0.05) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < give_up, "it took too long"
        time.sleep(sleep)


def _kill(victim: str, supervisor: Supervisor, server: ThrowawayServer) -> None:
    if victim in ("worker", "portal"):
        supervisor.kill(victim)
    elif victim == "postmaster":
        server.kill()
        server.start()
    else:
        # One backend of the worker's: the server then throws everybody out and recovers.
        with server.connect() as session:
            found = session.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'fanlight_worker' ORDER BY random() LIMIT 1"
            ).fetchone()
        if found:
            os.kill(found[0], signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_half_done_whoever_is_killed_and_when(
    durable: Catalogue, source: Source, tmp_path: Path
) -> None:
    chance = random.Random(20_261_123)
    victims = VICTIMS.copy()
    chance.shuffle(victims)
    source.run(
        f"DO $$ BEGIN FOR n IN 1..{TABLES} LOOP EXECUTE format("
        "'CREATE TABLE sales.t%s (a int PRIMARY KEY, b text, c numeric(8,2) DEFAULT 1, d timestamptz)', n); "
        "END LOOP; END $$"
    )
    installation = make_installation(durable, tmp_path)
    given, address, authority = installation.portal()
    with durable.acting_as("portal", installation.database):
        operator = Actor.operator(OrganizationId(UUID(str(tenancy.the_organization("Acme").id))))
        integration_id = integrations.add_integration(
            actor=operator,
            name="shop",
            connector="postgres",
            settings=source.settings,
            secret=source.password,
            now=clock.now(),
        )
    storm = Storm(durable, installation.database, operator.organization_id)
    link = installation.verb("portal", "sign-in", "ann@example.com", FANLIGHT_PORT=given["FANLIGHT_PORT"])
    assert link.returncode == 0, link.stderr
    portal = Portal(address, authority)
    with Supervisor(installation, {"portal": given, "worker": installation.worker}) as supervisor:
        portal.sign_in(re.search(r"https://\S+", link.stdout)[0])  # type: ignore[index]
        portal.extract(integration_id)
        _wait(lambda: storm.succeeded() == 1)
        (span,) = storm.rows(
            "SELECT extract(epoch FROM finished_at - started_at)::float8 FROM extraction_run"
        )[0]
        states = [storm.state()]
        in_time = 0
        for number, victim in enumerate(victims):
            source.run(
                f"ALTER TABLE sales.t{number + 1} ADD COLUMN k{number} int; DROP TABLE sales.t{TABLES - number}"
            )
            before = storm.succeeded()
            portal.extract(integration_id)
            _wait(partial(storm.has_begun, before), sleep=0.01)
            time.sleep(chance.uniform(0, span))
            in_time += storm.active()
            _kill(victim, supervisor, durable.server)
            # Whatever was killed, whoever looks at this moment sees a whole state: the last one, or the next.
            seen = storm.state()
            if storm.succeeded() == before:
                assert storm.state() == seen == states[-1], f"{victim}, kill {number}: a half state"
            storm.let_leases_go_stale()
            _wait(lambda: storm.active() == 0, sleep=0.2)
            if storm.succeeded() == before:
                # The database went, and the run with it, saying so: the next one completes.
                portal.extract(integration_id)
                _wait(partial(storm.has_succeeded_since, before), sleep=0.2)
            states.append(storm.state())
            assert states[-1] != states[-2]
    assert in_time >= len(VICTIMS) // 2, "hardly a run was hit"
    _assert_all_is_well(storm)


def _assert_all_is_well(storm: Storm) -> None:
    names = {row[0] for row in storm.rows("SELECT name FROM catalog_column WHERE gone_at IS NULL")}
    assert {f"k{number}" for number in range(len(VICTIMS))} <= names
    tables = storm.rows(
        "SELECT count(*) FROM catalog_asset WHERE gone_at IS NULL AND locator LIKE '%.sales.t%' AND kind = 'table'"
    )
    assert tables == [(TABLES - len(VICTIMS),)]
    assert storm.rows("SELECT count(*) FROM catalog_arrival") == [(0,)]
    assert storm.rows("SELECT count(*) FROM catalog_departure") == [(0,)]
    assert (
        storm.rows(
            "SELECT organization_id FROM audit_audithead h LEFT JOIN audit_auditevent e USING (organization_id) "
            "GROUP BY 1, h.last_sequence HAVING count(e.*) <> h.last_sequence OR max(e.sequence) <> h.last_sequence "
            "OR min(e.sequence) <> 1"
        )
        == []
    )
    # Every run that began has one end in the log.
    assert (
        storm.rows(
            "SELECT r.id FROM extraction_run r WHERE r.purpose = 'extraction' AND 1 <> (SELECT count(*) "
            "FROM audit_auditevent e WHERE e.kind IN ('extraction.succeeded', 'extraction.failed', 'extraction.stopped') "
            "AND convert_from(e.encoded, 'UTF8')::jsonb -> 'details' ->> 'run' = r.id::text)"
        )
        == []
    )
