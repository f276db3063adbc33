"""The demo's second source is offered to whoever may add it, until it is there; outside a demo nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from fanlight.core.actors import Actor
from fanlight.portal.offering import FILE
from tests.conftest import World
from tests.portal.conftest import Filled

OFFER = {
    "name": "lindenhof",
    "connector": "postgres",
    "host": "/run/demo",
    "databases": "lindenhof",
    "user": "reader",
}
TITLE = "A second source to try"


@pytest.fixture
def offered(tmp_path: Path) -> Iterator[Path]:
    """The file that a running demo keeps in its home."""
    before, settings.FANLIGHT_HOME = settings.FANLIGHT_HOME, tmp_path
    (tmp_path / FILE).write_text(json.dumps(OFFER))
    yield tmp_path / FILE
    settings.FANLIGHT_HOME = before


def home(client: Client) -> str:
    """Return the first page."""
    return client.get("/").content.decode()


def test_an_administrator_is_told_what_to_fill_in(
    world: World, browse: Callable[[Actor], Client], offered: Path
) -> None:
    page = home(browse(world.alice))
    assert TITLE in page
    assert all(
        word in page for word in ("/run/demo", ">lindenhof<", ">reader<", "/integrations/add/postgres/")
    )


def test_a_viewer_is_offered_nothing(world: World, browse: Callable[[Actor], Client], offered: Path) -> None:
    assert TITLE not in home(browse(world.bob))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "x", "password": "y"}'])
def test_a_file_of_another_shape_is_no_offer(
    world: World, browse: Callable[[Actor], Client], offered: Path, text: str
) -> None:
    offered.write_text(text)
    assert TITLE not in home(browse(world.alice))


def test_what_has_been_added_is_offered_no_more(
    world: World, browse: Callable[[Actor], Client], offered: Path, filled: Filled
) -> None:
    assert TITLE in home(browse(world.alice))
    offered.write_text(json.dumps(OFFER | {"databases": "shop"}))
    assert TITLE not in home(browse(world.alice))
