"""`kill -9` of an extraction at random moments: the last good state stands, and the next run completes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from fanlight.foundation.embedded import EmbeddedServer
from tests.cli.conftest import Shop
from tests.cli.running import Home

TABLES = 300
KILLS = 10


def _row(session: Any, statement: str) -> Any:
    return session.execute(statement).fetchone()


def _shown(home: Home) -> str:
    done = home.fanlight("show", "wide", "--recursive")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _kill_a_run(home: Home, after_seconds: float) -> None:
    running = home.start("extract", "wide", "--json")
    # Not before it has the run: what is killed earlier has touched nothing.
    with home.connect() as session:
        until = time.monotonic() + 60
        while running.process.poll() is None and time.monotonic() < until:
            if _row(session, "SELECT count(*) FROM extraction_run WHERE state = 'running'")[0]:
                break
            time.sleep(0.005)
    time.sleep(after_seconds)
    running.process.kill()
    running.process.wait()


def _let_its_lease_go_stale(home: Home) -> None:
    # What a person would wait a quarter of a minute for.
    with home.connect() as session:
        session.execute(
            "UPDATE extraction_run SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'"
        )


def test_a_killed_run_leaves_the_last_good_state(new_home: Callable[[], Home], shop: Shop) -> None:
    home, chance = new_home(), random.Random(20)
    with shop.server.connect() as session:
        session.execute("CREATE DATABASE wide")
    with shop.server.connect("wide") as session:
        session.execute(
            f"DO $$ BEGIN FOR n IN 1..{TABLES} LOOP EXECUTE format("
            "'CREATE TABLE t%s (a int PRIMARY KEY, b text, c numeric(8,2) DEFAULT 1, d timestamptz)', n); "
            "END LOOP; END $$"
        )
    home.fanlight("organization", "create", "Only", "--admin", "a@b.example")
    url = shop.url.replace("/postgres?", "/wide?")
    with EmbeddedServer(home.path).in_use("the test"):
        done = home.fanlight("connect", url, "--name", "wide", "--password-stdin", stdin=f"{shop.password}\n")
        assert done.returncode == 0, done.stderr
        with home.connect() as session:
            span = _row(session, "SELECT extract(epoch FROM finished_at - started_at) FROM extraction_run")[0]
        good, finished, span = _shown(home), 1, float(span)
        for kill in range(KILLS):
            with shop.server.connect("wide") as session:
                # So that a half-made merge would show.
                session.execute(
                    f"ALTER TABLE t{kill + 1} ADD COLUMN k{kill} int; DROP TABLE t{TABLES - kill}"
                )
            _kill_a_run(home, chance.uniform(0, span))
            with home.connect() as session:
                succeeded = _row(session, "SELECT count(*) FROM extraction_run WHERE state = 'succeeded'")[0]
            now = _shown(home)
            if succeeded == finished:
                assert now == good, f"kill {kill} left something"
            else:
                span *= 0.6  # it came too late: runs are shorter than the first one was
            good, finished = now, succeeded
            _let_its_lease_go_stale(home)
        run = home.read("extract", "wide")
        assert run["state"] == "succeeded"
        assert finished <= KILLS - 2, "hardly a run was killed in time"
        at_end = _shown(home)
        assert all(f'"k{kill}"' in at_end for kill in range(KILLS))
        assert at_end.count('"kind": "table"') == TABLES - KILLS
        with home.connect() as session:
            assert _row(session, "SELECT count(*) FROM catalog_arrival")[0] == 0
            assert (
                _row(session, "SELECT count(*) FROM extraction_run WHERE state IN ('queued', 'running')")[0]
                == 0
            )
            gaps = session.execute(
                "SELECT organization_id FROM audit_auditevent JOIN audit_audithead h USING (organization_id) "
                "GROUP BY 1, h.last_sequence HAVING count(*) <> h.last_sequence OR max(sequence) <> h.last_sequence "
                "OR min(sequence) <> 1"
            ).fetchall()
            assert gaps == []
