"""How many statements a page costs: a page that asks once for each of its rows is found here, not by its readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fanlight.core.actors import Actor
from fanlight.portal import frame
from tests.conftest import World
from tests.portal.addresses import addresses
from tests.portal.conftest import Filled, fill
from tests.portal.sample import sample

# Of a page that has been looked at before: session, scope and member are three of them, the frame one.
MOST = {
    "home": 15,
    "search": 5,
    "integrations": 13,
    "integration": 12,
    "integration-credential": 10,
    "run": 11,
    "browse": 12,
    "browse-integration": 9,
    "asset": 7,
    "asset-part": 6,
    "settings": 8,
}


def statements(client: Client, address: str) -> list[str]:
    """Return what a page sends to the database."""
    seen: list[str] = []

    def note(execute: Any, text: Any, values: Any, many: bool, context: Any) -> Any:
        seen.append(str(text))
        return execute(text, values, many, context)

    assert client.get(address).status_code == 200
    # The count of the promises is asked for twice a minute, whoever comes; not in the midst of a test.
    assert frame._last_count is not None
    with connection.execute_wrapper(note):
        assert client.get(address).status_code == 200
    return seen


@pytest.mark.parametrize("name", sorted(MOST))
def test_a_page_costs_so_many_statements_at_most(
    world: World, browse: Callable[[Actor], Client], filled: Filled, name: str
) -> None:
    seen = statements(browse(world.alice), addresses(filled)[name])
    assert len(seen) <= MOST[name], "\n".join(seen)


@pytest.mark.parametrize("name", ["home", "integrations", "browse", "search"])
def test_more_sources_cost_no_more_statements(
    world: World, browse: Callable[[Actor], Client], filled: Filled, name: str
) -> None:
    client = browse(world.alice)
    before = len(statements(client, addresses(filled)[name]))
    for number in range(3):
        fill(world, sample(), name=f"another-{number}")
    assert len(statements(client, addresses(filled)[name])) == before
