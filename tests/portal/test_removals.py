"""A run that asks before it removes much: the list, the two answers, and who may give them."""

from __future__ import annotations

import re
from typing import Any

from fanlight.connectors.types import Asset, AssetKind
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import RunState, Trigger
from tests.conftest import World
from tests.portal.conftest import Filled, fill, hold
from tests.portal.sample import relation

HX = {"HX-Request": "true"}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_what_would_be_removed_is_counted_listed_and_linked(
    world: World, filled: Filled, browse: Any
) -> None:
    run_id, at = hold(world, filled), f"/integrations/{filled.integration_id}/"
    count = len(filled.assets)
    for reader in (world.alice, world.bob):
        page = text(browse(reader).get(f"{at}runs/{run_id}/"))
        assert f"{count} of {count} assets would be removed" in page
        assert "&quot;orders-prod&quot;.shop.sales.customers" in page
        assert f'href="/assets/{filled.assets["shop.sales.customers"]}/"' in page
        assert "Was something dropped" in page
        assert "mistake at the source" in page
    for address in (at, "/integrations/"):
        page = text(browse(world.bob).get(address))
        assert "Asks first" in page
        assert f"{count} of {count}" in page
    assert f"/runs/{run_id}/#removals" in text(browse(world.bob).get(at))


def test_a_long_list_comes_in_pages(world: World, browse: Any) -> None:
    filled = fill(
        world,
        [
            Asset(AssetKind.DATABASE, ("shop",)),
            Asset(AssetKind.SCHEMA, ("shop", "sales")),
            *[relation(f"t {place:04d} & ?") for place in range(250)],
        ],
    )
    run_id = hold(world, filled)
    alice, address = browse(world.alice), f"/integrations/{filled.integration_id}/runs/{run_id}/"
    seen: list[str] = []
    pages, query = 0, ""
    while True:
        page = text(alice.get(address + query))
        seen += re.findall(r"&quot;t (\d{4}) &amp; \?&quot;</bdi>", page)
        pages += 1
        more = re.search(r'href="[^"]*(\?gone_after=[^"#]+)#removals"', page)
        if more is None:
            break
        query = more[1]
        rows = text(alice.get(address + query, headers=HX | {"HX-Target": "more-gone"}))
        assert rows.startswith("<tr>")
        assert "What we ran" not in rows
    assert pages == 3
    assert seen == [f"{place:04d}" for place in range(250)]


def test_an_administrator_approves_after_one_more_question(world: World, filled: Filled, browse: Any) -> None:
    run_id, at = hold(world, filled), f"/integrations/{filled.integration_id}/"
    alice, approving = browse(world.alice), f"{at}runs/{run_id}/approve/"
    assert f'"{approving}"' in text(alice.get(f"{at}runs/{run_id}/"))
    question = text(alice.get(approving))
    assert f"Remove {len(filled.assets)} assets" in question
    assert "audit log" in question
    answer = alice.post(approving)
    (latest,) = extraction.runs_of(world.alice, filled.integration_id, most=1)
    assert answer["Location"] == f"{at}runs/{latest.id}/"
    assert (latest.trigger, latest.approval_of, latest.state) == (Trigger.APPROVAL, run_id, RunState.QUEUED)
    page = text(alice.get(answer["Location"]))
    assert "by <bdi>Alice</bdi>, who approved a removal" in page
    assert f'href="{at}runs/{run_id}/"' in page
    # The question is answered, and says so to whoever comes later.
    late = text(alice.get(f"{at}runs/{run_id}/"))
    assert "A later run has taken the place of this one" in late
    assert "/approve/" not in late
    assert alice.get(approving).status_code == 302
    assert alice.post(approving).status_code == 409


def test_the_other_answer_is_to_extract_again(world: World, filled: Filled, browse: Any) -> None:
    run_id, at = hold(world, filled), f"/integrations/{filled.integration_id}/"
    alice = browse(world.alice)
    page = text(alice.get(f"{at}runs/{run_id}/"))
    assert "Extract again" in page
    assert f'action="{at}extract/"' in page
    page = text(browse(world.bob).get(f"{at}runs/{run_id}/"))
    assert "Extract again" not in page
    assert "Administrators of your organization can approve it" in page


def test_a_paused_source_is_resumed_before_it_is_answered(world: World, filled: Filled, browse: Any) -> None:
    run_id, at = hold(world, filled), f"/integrations/{filled.integration_id}/"
    alice = browse(world.alice)
    alice.post(at + "pause/")
    page = text(alice.get(f"{at}runs/{run_id}/"))
    assert "resume it first" in page
    assert "/approve/" not in page
    assert alice.post(f"{at}runs/{run_id}/approve/").status_code == 409


def test_a_run_that_asks_nothing_has_no_question(world: World, filled: Filled, browse: Any) -> None:
    alice, page = browse(world.alice), f"/integrations/{filled.integration_id}/runs/{filled.run_id}/"
    assert "would be removed" not in text(alice.get(page))
    assert alice.get(page + "approve/")["Location"] == page
    assert alice.post(page + "approve/").status_code == 409
