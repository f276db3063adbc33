"""The production processes apart, each with its own role's URL: migrate, portal, worker; and a worker that is killed."""

from __future__ import annotations

import os
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from fanlight.core.actors import Actor
from fanlight.core.identifiers import OrganizationId
from fanlight.extraction import queries, services
from fanlight.extraction.types import Run, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integration_queries
from fanlight.integrations import services as integrations
from fanlight.integrations.types import TestState
from fanlight.tenancy import queries as tenancy
from tests.conftest import Catalogue
from tests.journeys.installation import Installation, make_installation
from tests.sources import Source, source

__all__ = ["source"]
PATIENCE_SECONDS = 90


@pytest.fixture
def installation(catalogue: Catalogue, tmp_path: Path) -> Installation:
    """A migrated catalogue with an organization, made by the production verbs."""
    return make_installation(catalogue, tmp_path)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.3)


def _operator() -> Actor:
    return Actor.operator(OrganizationId(UUID(str(tenancy.the_organization("Acme").id))))


def _add(source: Source, operator: Actor) -> UUID:
    return integrations.add_integration(
        actor=operator,
        name="shop",
        connector="postgres",
        settings=source.settings,
        secret=source.password,
        now=clock.now(),
    )


def test_a_test_and_a_run_asked_for_by_the_portal_are_done_by_the_worker(
    installation: Installation, source: Source
) -> None:
    with (
        installation.process("worker", **installation.worker),
        installation.catalogue.acting_as("portal", installation.database),
    ):
        operator = _operator()
        integration_id = _add(source, operator)
        integrations.request_test(actor=operator, integration_id=integration_id, now=clock.now())
        _wait(
            lambda: (
                integration_queries.integration(operator, integration_id).test_state is not TestState.TESTING
            )
        )
        assert integration_queries.integration(operator, integration_id).test_state is TestState.PASSED
        run_id = services.request_run(
            actor=operator, integration_id=integration_id, is_deferred=True, now=clock.now()
        )
        _wait(lambda: queries.run(operator, run_id).state.is_over)
        assert queries.run(operator, run_id).state is RunState.SUCCEEDED


def test_a_killed_workers_run_is_taken_up_by_another(installation: Installation, source: Source) -> None:
    source.run(
        "DO $$ BEGIN FOR n IN 1..60 LOOP EXECUTE format('CREATE TABLE sales.slow_%s (id int DEFAULT 1)', n); "
        "END LOOP; END $$"
    )
    with installation.catalogue.acting_as("portal", installation.database):
        operator = _operator()
        integration_id = _add(source, operator)
        run_id = services.request_run(
            actor=operator, integration_id=integration_id, is_deferred=True, now=clock.now()
        )

        def run() -> Run:
            return queries.run(operator, run_id)

        with source.connect() as blocker, blocker.transaction():
            # Sixty definitions that each wait for their lock: long enough to be killed over.
            blocker.execute(
                "DO $$ BEGIN FOR n IN 1..60 LOOP "
                "EXECUTE format('LOCK TABLE sales.slow_%s IN ACCESS EXCLUSIVE MODE', n); END LOOP; END $$"
            )
            with installation.process("worker", **installation.worker) as worker:
                _wait(lambda: run().state is RunState.RUNNING)
                time.sleep(2)
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()
            assert run().state is RunState.RUNNING
        with installation.process("worker", **installation.worker):
            _wait(lambda: run().state.is_over)
        assert (run().state, run().attempt) == (RunState.SUCCEEDED, 2)
    with installation.catalogue.connect("postgres", installation.database) as session:
        left, gaps = session.execute(
            "SELECT (SELECT count(*) FROM catalog_arrival), "
            "(SELECT max(sequence) - count(*) FROM audit_auditevent)"
        ).fetchone() or (None, None)
    assert (left, gaps) == (0, 0)


def test_the_portal_answers_over_tls_only_and_holds_nothing_that_opens(installation: Installation) -> None:
    given, address, authority = installation.portal()
    trusted = ssl.create_default_context(cafile=str(authority))
    with installation.process("portal", **given), httpx.Client(verify=trusted) as client:

        def answers() -> bool:
            try:
                return client.get(f"{address}/sign-in/").status_code == 200
            except httpx.HTTPError:
                return False

        _wait(answers)
        home = client.get(f"{address}/")
        assert home.status_code == 302
        assert home.headers["location"].startswith("/sign-in/")
        with pytest.raises(httpx.HTTPError):
            httpx.get(address.replace("https:", "http:"))
        for cookie in client.cookies.jar:
            assert cookie.secure
            assert cookie.name.startswith("__Host-")


@pytest.mark.parametrize(
    ("process", "given", "code"),
    [
        ("portal", {}, "settings.missing"),
        ("worker", {}, "settings.missing"),
        (
            "portal",
            {"FANLIGHT_SECRET_KEY_FILE": "secret.key", "FANLIGHT_ROOT_KEY_FILE": "root.key"},
            "portal.root_key",
        ),
        ("worker", {"FANLIGHT_ROOT_KEY_FILE": "nowhere"}, "settings.unreadable_file"),
    ],
)
def test_a_process_refuses_what_it_should_not_hold_and_says_what_it_lacks(
    installation: Installation, process: str, given: dict[str, str], code: str
) -> None:
    paths = {name: str(installation.folder / value) for name, value in given.items()}
    refused = installation.verb(process, process, **paths)
    assert refused.returncode == 2
    assert f"({code})" in refused.stderr


def test_a_secret_in_the_environment_itself_is_refused(installation: Installation) -> None:
    refused = installation.verb("portal", "search", "x", FANLIGHT_DATABASE_URL="postgresql://u:canary@/d")
    assert refused.returncode == 2
    assert "canary" not in refused.stderr + refused.stdout
