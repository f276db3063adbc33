"""The policy's page: public, without names, and never green for what nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from fanlight.connectors import registry
from fanlight.foundation import clock
from fanlight.portal import frame, promising
from fanlight.trust import queries, services
from fanlight.trust.types import State, Zone
from tests.conftest import Catalogue, SecureClient, World
from tests.portal.addresses import PUBLIC
from tests.portal.conftest import Filled

EVIDENCE = json.dumps({"counts": [["rows tried", 1204], ["tables", 1]], "findings": {}, "is_partial": False})


@pytest.fixture
def empty(catalogue: Catalogue) -> Iterator[tuple[str, Client]]:
    """A catalogue of its own without any result, and a stranger's browser."""
    database = catalogue.clone()
    frame._last_count = None
    with catalogue.acting_as("portal", database):
        yield database, SecureClient()
    frame._last_count = None


def note(catalogue: Catalogue, database: str, promise: str, state: str, days: float = 0, **more: Any) -> None:
    zone = "portal" if promise == "W2" else "worker"
    with catalogue.connect("postgres", database) as session:
        session.execute(
            "INSERT INTO trust_result (promise, state, recorded_at, recorded_by, milliseconds, evidence, findings) "
            "VALUES (%s, %s, %s, %s, 12, %s, '[]')",
            [
                promise,
                state,
                clock.now() - timedelta(days=days),
                more.get("by", f"fanlight_{zone}"),
                more.get("evidence", EVIDENCE),
            ],
        )


def promise(page: str, promise_id: str) -> str:
    """Return the part of the page that is about one promise."""
    return (
        page.split(f'id="{promise_id}"', 1)[1]
        .split("</li>", maxsplit=1)[0]
        .split('class="promise ', maxsplit=1)[0]
    )


def tone(page: str, promise_id: str) -> str:
    before = page.split(f'" id="{promise_id}"', 1)[0]
    return before.rsplit('class="promise ', 1)[1]


def test_everybody_may_read_the_policy_and_nobody_need_sign_in(stranger: Client) -> None:
    answer = stranger.get("/promises")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert page.count('class="promise ') == len(queries.promises()) == 25
    for one in queries.promises():
        assert one.sentence.replace("'", "&#x27;") in page
    assert "Sign in" in page
    assert "Sign out" not in page


def test_the_address_with_a_slash_leads_to_the_one_without(stranger: Client) -> None:
    answer = stranger.get("/promises/")
    assert (answer.status_code, answer["Location"]) == (301, "/promises")


def test_the_json_is_what_the_design_promises(stranger: Client) -> None:
    answer = stranger.get(PUBLIC["promises-json"])
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    rows = answer.json()
    assert [row["id"] for row in rows] == [one.id for one in queries.promises()]
    for row in rows:
        assert set(row) == {"id", "sentence", "state", "since", "checked_at", "evidence"}
        assert row["state"] in set(State)


def test_only_reading_is_offered(stranger: Client) -> None:
    for address in PUBLIC.values():
        assert stranger.post(address).status_code in (403, 405), address


def test_a_member_sees_the_policy_in_the_frame_with_its_count(world: World, browse: Any) -> None:
    page = browse(world.alice).get("/promises").content.decode()
    assert 'aria-current="page">Promises' in page
    assert "of 25 promises proven" in page
    assert "Sign out" in page


def test_what_was_never_checked_looks_unfinished(empty: tuple[str, Client]) -> None:
    page = empty[1].get("/promises").content.decode()
    assert tone(page, "W2") == "open"
    assert "Unknown" in promise(page, "W2")
    assert tone(page, "O9") == "bare"
    assert "Not claimed" in promise(page, "O9")
    assert '<span class="state good">' not in page
    assert "Not every control has told yet" in page


@pytest.mark.parametrize(
    ("state", "days", "word", "wanted"),
    [
        ("proven", 0, "Proven", "good"),
        ("proven", 1.1, "Stale", "open"),
        ("broken", 0, "Broken", "bad"),
        ("broken", 3, "Broken", "bad"),
        ("unknown", 0, "Unknown", "open"),
        ("not exercised", 0, "Not exercised", "bare"),
    ],
)
def test_every_state_has_its_word_and_its_look(
    catalogue: Catalogue, empty: tuple[str, Client], state: str, days: float, word: str, wanted: str
) -> None:
    database, client = empty
    note(catalogue, database, "D3", state, days)
    page = client.get("/promises").content.decode()
    assert tone(page, "D3") == wanted
    assert f'<span class="state {wanted}">{word}</span>' in promise(page, "D3")
    assert "1,204 rows tried, 1 table" in promise(page, "D3")
    if wanted != "good":
        assert '<span class="state good">' not in page


def test_only_good_states_are_drawn_as_good() -> None:
    assert [state for state, (_, tone_) in promising.WORDS.items() if tone_ == "good"] == [State.PROVEN]
    assert set(promising.WORDS) == set(promising.MEANINGS) == set(State)


def test_what_the_other_role_says_is_not_shown(catalogue: Catalogue, empty: tuple[str, Client]) -> None:
    database, client = empty
    note(catalogue, database, "D3", "proven", by="fanlight_portal")
    note(catalogue, database, "D3", "proven", by="postgres")
    assert tone(client.get("/promises").content.decode(), "D3") == "open"


def test_made_up_evidence_cannot_put_words_on_the_page(
    catalogue: Catalogue, empty: tuple[str, Client]
) -> None:
    database, client = empty
    said = {"counts": [["<b>Acme</b>", 1], ["Acme!", 2]], "findings": {"<i>Acme</i>": 3}, "how": "Acme"}
    note(catalogue, database, "D3", "broken", evidence=json.dumps(said))
    for address in ("/promises", PUBLIC["promises-json"]):
        answer = client.get(address).content.decode()
        assert "Acme" not in answer
        assert "this version has no words for" in answer


def test_the_states_are_filters(catalogue: Catalogue, empty: tuple[str, Client]) -> None:
    database, client = empty
    note(catalogue, database, "D3", "broken")
    page = client.get("/promises?state=broken").content.decode()
    assert page.count('class="promise ') == 1
    assert 'href="?state=broken" title="A control found that it does not hold." aria-current="true"' in page
    assert "No promise stands so" in client.get("/promises?state=overdue").content.decode()
    assert client.get("/promises?state=<script>").content.decode().count('class="promise ') == 25


def test_a_strip_shows_thirty_days_of_stored_results_only(
    catalogue: Catalogue, empty: tuple[str, Client]
) -> None:
    database, client = empty
    for days, state in ((0, "proven"), (1, "broken"), (2, "proven"), (45, "proven")):
        note(catalogue, database, "D3", state, days)
    part = promise(client.get("/promises").content.decode(), "D3")
    assert part.count("<rect ") == 30
    assert part.count('class="ok"') == 2
    assert part.count('class="bad"') == 1
    assert part.count('class="none"') == 27
    assert 'aria-label="The last 30 days: 27 not checked, 2 proven, 1 broken"' in part
    assert "<rect" not in promise(client.get("/promises").content.decode(), "O9")


def test_no_page_of_the_policy_names_an_organization_or_its_things(
    world: World, filled: Filled, stranger: Client
) -> None:
    services.check(zone=Zone.PORTAL)
    with world.as_worker():
        services.check(zone=Zone.WORKER, root_key=world.root_key)
        names = [str(world.a), str(filled.integration_id), *map(str, filled.assets.values())]
    for address in PUBLIC.values():
        said = stranger.get(address).content.decode()
        for name in (*names, "orders-prod", "shop.sales", "alice", "charlie"):
            assert name not in said, (address, name)


def test_every_statement_that_can_be_sent_is_on_its_page(stranger: Client) -> None:
    page = stranger.get(PUBLIC["statements"]).content.decode()
    lists = registry.connector("postgres").statements()
    for one in (*lists.catalogue, *lists.session, *lists.driver):
        assert one.digest in page
    assert stranger.get("/promises/statements/oracle/").status_code == 404
