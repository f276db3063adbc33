"""Verbs that steer an integration: pause, resume, cancel, schedule, approve, delete, and what to do about excess."""

from __future__ import annotations

import os
import pty
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg import sql

from tests.cli.conftest import Shop
from tests.cli.running import FANLIGHT, PATIENCE_SECONDS, Home, environment, eventually

OF_ALICE = ("--organization", "Alice & Co")
OF_CHARLIE = ("--organization", "Charlie")


@dataclass
class Steered:
    """An integration for one test, with a database of its own behind it."""

    home: Home
    shop: Shop
    name: str

    def run(self, statement: str) -> None:
        """Change the source."""
        with self.shop.server.connect(self.name) as owner:
            owner.execute(statement.encode())

    def verb(self, verb: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run a verb on it."""
        return self.home.fanlight(verb, self.name, *more, *OF_ALICE)

    def listed(self) -> list[dict[str, object]]:
        """Return what `integrations` says of it, or nothing."""
        return [one for one in self.home.read("integrations", *OF_ALICE) if one["name"] == self.name]


@pytest.fixture
def steered(home: Home, shop: Shop) -> Iterator[Steered]:
    """A source of eight assets, extracted once."""
    made = Steered(home, shop, f"steered_{secrets.token_hex(4)}")
    with shop.server.connect() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made.name)))
    made.run(
        "CREATE SCHEMA sales; CREATE TABLE sales.a (id int); CREATE TABLE sales.b (id int);"
        "CREATE TABLE sales.c (id int); CREATE TABLE sales.d (id int); CREATE TABLE public.kept (id int)"
    )
    url = shop.url.replace("/postgres?", f"/{made.name}?")
    connect = ("connect", url, "--name", made.name, "--password-stdin", *OF_ALICE)
    done = home.fanlight(*connect, stdin=f"{shop.password}\n")
    assert done.returncode == 0, done.stderr
    yield made
    home.fanlight("delete", made.name, "--yes", *OF_ALICE)
    with shop.server.connect() as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made.name)))


def test_a_paused_source_is_not_extracted_until_it_is_resumed(steered: Steered) -> None:
    done = steered.verb("pause")
    assert done.returncode == 0
    assert f"'{steered.name}' is paused." in done.stdout
    assert [one["state"] for one in steered.listed()] == ["paused"]
    refused = steered.verb("extract")
    assert (refused.returncode, "(integration.paused)" in refused.stderr) == (1, True)
    assert steered.verb("pause").returncode == 0
    done = steered.verb("resume")
    assert (done.returncode, "goes on: every day at" in done.stdout) == (0, True)
    assert steered.verb("extract").returncode == 0


def test_a_schedule_is_said_and_changed(steered: Steered) -> None:
    assert f"'{steered.name}' is extracted every day at" in steered.verb("schedule").stdout
    done = steered.verb("schedule", "15  22 * * 3")
    assert f"'{steered.name}' is extracted every Wednesday at 22:15 UTC, next 2" in done.stdout
    assert [one["schedule"] for one in steered.listed()] == ["15 22 * * 3"]
    done = steered.verb("schedule", "manual")
    assert done.stdout == f"'{steered.name}' is extracted only when asked for.\n"
    assert [(one["schedule"], one["next_at"]) for one in steered.listed()] == [("", None)]


def test_a_run_is_cancelled_at_the_source(steered: Steered) -> None:
    with steered.shop.server.connect(steered.name) as owner:
        owner.execute("BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE")
        running = steered.home.start("extract", steered.name, *OF_ALICE)

        def waits() -> bool:
            with steered.shop.server.connect() as admin:
                found = admin.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'reader'"
                    " AND wait_event_type = 'Lock'",
                    [steered.name],
                ).fetchone()
            return found is not None and found[0] > 0

        eventually(waits)
        done = steered.verb("cancel")
        assert done.returncode == 0, done.stderr
        assert f"The run of '{steered.name}' ends now" in done.stdout
        assert running.process.wait(10) == 1
        assert any("(run.cancelled)" in line for line in running.said)
        owner.execute("ROLLBACK")
    again = steered.verb("cancel")
    assert (again.returncode, "(run.none)" in again.stderr) == (1, True)


def test_a_removal_is_listed_and_approved(steered: Steered) -> None:
    steered.run("DROP SCHEMA sales CASCADE")
    held = steered.verb("extract")
    assert (held.returncode, "(run.held)" in held.stderr) == (1, True)
    listed = steered.verb("approve")
    assert (listed.returncode, "(confirm.no_terminal)" in listed.stderr) == (2, True)
    assert f"  table                {steered.name}.{steered.name}.sales.a\n" in listed.stdout
    assert "run.held" in steered.verb("schedule").stdout
    done = steered.verb("approve", "--yes")
    assert (done.returncode, "Approved." in done.stdout) == (0, True)
    carried_out = steered.home.read("extract", steered.name, *OF_ALICE)
    assert (carried_out["state"], carried_out["changes"]["gone"]) == ("succeeded", 5)


def test_a_deleted_source_is_erased_before_the_verb_ends(steered: Steered) -> None:
    with steered.home.connect() as catalogue:
        found = catalogue.execute("SELECT id FROM integrations_integration WHERE name = %s", [steered.name])
        ((integration_id,),) = found.fetchall()
        done = steered.verb("delete", "--yes")
        assert (done.returncode, "are erased" in done.stdout) == (0, True), done.stderr
        assert steered.listed() == []
        for table in (
            "extraction_run",
            "catalog_asset",
            "vault_sealedcredential",
            "integrations_privilegereport",
        ):
            counting = sql.SQL("SELECT count(*) FROM {} WHERE integration_id = %s").format(
                sql.Identifier(table)
            )
            assert catalogue.execute(counting, [integration_id]).fetchone() == (0,), table
    again = steered.verb("delete", "--yes")
    assert (again.returncode, "(integration.unknown)" in again.stderr) == (1, True)


def _asked(home: Home, answer: str, *arguments: str) -> tuple[int, str]:
    """Run a verb in a terminal, answer its question, and return its exit code and what it said."""
    ours, its = pty.openpty()
    try:
        process = subprocess.Popen(
            [*FANLIGHT, *arguments],
            env=environment(FANLIGHT_HOME=str(home.path)),
            stdin=its,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.write(ours, f"{answer}\n".encode())
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        os.close(ours)
        os.close(its)
    return process.returncode, said


def test_in_a_terminal_it_asks_and_only_a_yes_is_one(steered: Steered) -> None:
    for answer in ("n", ""):
        code, said = _asked(steered.home, answer, "delete", steered.name, *OF_ALICE)
        assert code != 0
        assert "This cannot be undone." in said
        assert "Traceback" not in said
        assert len(steered.listed()) == 1
    code, said = _asked(steered.home, "y", "delete", steered.name, *OF_ALICE)
    assert (code, "are erased" in said) == (0, True)


def test_what_to_do_about_excess_is_said_and_kept(steered: Steered) -> None:
    home = steered.home
    assert "is used, with a warning" in home.fanlight("excess", *OF_ALICE).stdout
    steered.run("GRANT INSERT ON public.kept TO reader")
    try:
        assert "is refused" in home.fanlight("excess", "refuse", *OF_ALICE).stdout
        refused = steered.verb("extract")
        assert (refused.returncode, "(source.excess_privileges)" in refused.stderr) == (1, True)
        assert "with a warning" in home.fanlight("excess", *OF_CHARLIE).stdout
    finally:
        assert "with a warning" in home.fanlight("excess", "warn", *OF_ALICE).stdout
    assert steered.verb("extract").returncode == 0
    assert [one["credential"] for one in steered.listed()] == [
        {"sentence": "Can write 1 table", "is_excessive": True}
    ]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel", "schedule", "approve", "delete"])
def test_another_organization_has_no_such_integration(home: Home, verb: str) -> None:
    more = ("--yes",) if verb in ("approve", "delete") else ()
    done = home.fanlight(verb, "shop", *more, *OF_CHARLIE)
    assert (done.returncode, "(integration.unknown)" in done.stderr) == (1, True), done.stderr
    assert home.fanlight(verb, "shop", *more, "--organization", "Nobody").returncode == 1
