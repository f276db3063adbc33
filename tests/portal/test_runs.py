"""Tests of a connection and runs, from the button to the ledger."""

from __future__ import annotations

import re
from typing import Any

from fanlight.connectors.types import SourceReport
from fanlight.core.actors import Actor
from fanlight.core.errors import SourceFailure
from fanlight.extraction.models import Run
from fanlight.foundation import clock
from fanlight.integrations import queries as integration_queries
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.conftest import LEDGER_LINES, Filled

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def note(world: World, filled: Filled, outcome: Any) -> None:
    with world.as_worker():
        integrations.note_test(
            actor=Actor.worker(world.a),
            tested=integration_queries.integration(world.alice, filled.integration_id),
            outcome=outcome,
            now=clock.now(),
        )


def test_a_test_is_asked_for_and_its_result_shown(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    assert alice.post(at + "test/")["Location"] == at
    assert "Waiting for the worker" in text(alice.get(at + "state/", headers=HX))
    report = SourceReport(
        "PostgreSQL 18.1", "reader", (("shop", True), ("secret", False)), is_encrypted=False
    )
    note(world, filled, report)
    page = text(alice.get(at + "state/", headers=HX))
    for words in ("PostgreSQL 18.1", "not encrypted", "chosen", "may not connect"):
        assert words in page
    assert "every 1s" not in page


def test_a_chosen_database_that_is_not_there_is_named(world: World, filled: Filled, browse: Any) -> None:
    note(world, filled, SourceReport("PostgreSQL 18.1", "reader", (("other", True),), is_encrypted=True))
    page = text(browse(world.alice).get(f"/integrations/{filled.integration_id}/"))
    assert "is not among them" in page


def test_a_failed_test_says_what_to_do(world: World, filled: Filled, browse: Any) -> None:
    failure = SourceFailure(
        code="source.unreachable", detail="It did not answer.", remedy="Check the firewall."
    )
    note(world, filled, failure)
    at = f"/integrations/{filled.integration_id}/"
    page = text(browse(world.alice).get(at))
    for words in ("Does not connect", "It did not answer.", "Check the firewall.", at + "edit/"):
        assert words in page
    assert at + "edit/" not in text(browse(world.bob).get(at))


def test_extracting_shows_the_run_and_asks_again_each_second(
    world: World, filled: Filled, browse: Any
) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    assert alice.post(at + "extract/")["Location"] == at
    assert alice.post(at + "extract/").status_code == 302
    page = text(alice.get(at))
    assert "Running now" in page
    assert "every 1s" in page
    listed = text(alice.get("/integrations/", headers=HX))
    assert "every 1s" in listed
    with world.as_worker(), tenancy.scope(world.a):
        waiting = Run.objects.filter(organization_id=world.a, state="queued")
        assert len(waiting) == 1
        waiting.update(state="running", started_at=clock.now(), phase="reading", done=50, total=1200)
    page = text(alice.get(at + "state/", headers=HX))
    assert "50 of about 1,200" in page
    assert 'max="1200" value="50"' in page


def test_nothing_is_polled_when_nothing_runs(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    for address in (
        "/integrations/",
        f"/integrations/{filled.integration_id}/",
        f"/integrations/{filled.integration_id}/runs/{filled.run_id}/",
    ):
        assert "every 1s" not in text(alice.get(address)), address


def test_a_run_shows_its_figures_and_what_it_did_not_see(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get(f"/integrations/{filled.integration_id}/runs/{filled.run_id}/"))
    for words in (
        "Incomplete",
        "Reading the source",
        "shop.sales.locked_one",
        "locked by somebody else",
        "12 ms",
    ):
        assert words in page


def test_a_failed_run_says_why(world: World, filled: Filled, browse: Any) -> None:
    with world.as_worker(), tenancy.scope(world.a):
        Run.objects.filter(organization_id=world.a, id=filled.run_id).update(
            state="failed",
            error_code="source.gone",
            error_detail="It broke off.",
            error_remedy="Run it again.",
        )
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/"
    for address in (at, f"{at}runs/{filled.run_id}/"):
        page = text(alice.get(address))
        assert "It broke off." in page
        assert "Run it again." in page
    assert "Last run failed" in text(alice.get("/integrations/"))


def test_the_ledger_lists_every_statement_in_pages(world: World, filled: Filled, browse: Any) -> None:
    alice, at = browse(world.alice), f"/integrations/{filled.integration_id}/runs/{filled.run_id}/"
    first = text(alice.get(at))
    numbers = re.findall(r'data-label="No.">(\d+)<', first)
    assert numbers == [str(number) for number in range(1, 101)]
    assert "FROM pg_class" in first
    more = re.search(r'href="(\?after=100)#ran"', first)
    assert more is not None
    assert len(re.findall(r'data-label="No."', text(alice.get(at + more[1])))) == LEDGER_LINES - 100
    rows = text(alice.get(at + more[1], headers=HX | {"HX-Target": "more"}))
    assert rows.startswith("<tr>")
    live = text(alice.get(at, headers=HX | {"HX-Target": "run"}))
    assert live.startswith('<div id="run"')


def test_a_run_is_not_found_below_another_source(world: World, filled: Filled, browse: Any) -> None:
    alice = browse(world.alice)
    assert alice.get(f"/integrations/{filled.run_id}/runs/{filled.run_id}/").status_code == 404


def test_the_home_page_tells_how_sources_stand(world: World, filled: Filled, browse: Any) -> None:
    page = text(browse(world.alice).get("/"))
    for words in ("orders-prod", "Extracted in part", "Recent runs"):
        assert words in page
