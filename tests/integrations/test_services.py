"""Adding and changing sources: refusals first."""

from __future__ import annotations

import pytest

from fanlight.core.errors import Conflict, NotFound, Refused, WrongUse
from fanlight.foundation import clock
from fanlight.integrations import queries, services
from fanlight.integrations.types import TestState
from tests.conftest import World
from tests.sources import Source, add, source

__all__ = ["source"]


def _change(world: World, source: Source, **changes: object) -> None:
    integration_id = add(world, source, name=str(changes.pop("first_name", "shop")))
    values: dict[str, object] = {
        "actor": world.alice,
        "integration_id": integration_id,
        "name": "shop",
        "settings": source.settings,
        "secret": "",
        "now": clock.now(),
        **changes,
    }
    services.change_integration(**values)  # type: ignore[arg-type]


def test_a_viewer_may_not_add_a_source(world: World, source: Source) -> None:
    with pytest.raises(Refused):
        add(world, source, world.bob)


def test_an_unknown_connector_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        services.add_integration(
            actor=world.alice, name="x", connector="oracle", settings={}, secret="", now=clock.now()
        )


@pytest.mark.parametrize("name", ["", "Shop", "1shop", "a b", "a.b", "x" * 61, "ä", "a\n"])
def test_an_unusable_name_is_refused(world: World, source: Source, name: str) -> None:
    with pytest.raises(WrongUse) as refusal:
        add(world, source, name=name)
    assert refusal.value.code == "integration.name"


def test_a_taken_name_is_refused_and_free_in_another_organization(world: World, source: Source) -> None:
    add(world, source)
    with pytest.raises(Conflict):
        add(world, source)
    add(world, source, world.charlie)


def test_the_secret_is_not_among_the_settings(world: World, source: Source) -> None:
    integration = queries.integration(world.bob, add(world, source))
    assert source.password not in str(integration)


def test_a_stranger_is_told_it_does_not_exist(world: World, source: Source) -> None:
    integration_id = add(world, source)
    for ask in (
        lambda: queries.integration(world.charlie, integration_id),
        lambda: services.request_test(actor=world.charlie, integration_id=integration_id, now=clock.now()),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound):
        _change(world, source, actor=world.charlie, name="theirs", first_name="second")


def test_another_hosts_address_needs_the_password_again(world: World, source: Source) -> None:
    # Else an administrator could have a kept password sent to a host of his own.
    with pytest.raises(WrongUse) as refusal:
        _change(world, source, settings={**source.settings, "host": "127.0.0.1"})
    assert refusal.value.code == "field.password"


@pytest.mark.parametrize("field", ["host", "port", "user"])
def test_every_setting_that_leads_elsewhere_does(world: World, source: Source, field: str) -> None:
    other = {"host": "/tmp/elsewhere", "port": "5439", "user": "somebody"}[field]
    with pytest.raises(WrongUse):
        _change(world, source, settings={**source.settings, field: other})


def test_a_new_name_keeps_the_secret(world: World, source: Source) -> None:
    _change(world, source, name="renamed")
    assert queries.integration_named(world.bob, "renamed").test_state is TestState.UNTESTED


def test_a_request_to_test_waits_for_the_worker(world: World, source: Source) -> None:
    integration_id = add(world, source)
    services.request_test(actor=world.alice, integration_id=integration_id, now=clock.now())
    assert queries.integration(world.bob, integration_id).test_state is TestState.TESTING


def test_sources_are_listed_by_name_and_only_ones_own(world: World, source: Source) -> None:
    add(world, source, name="b")
    add(world, source, name="a")
    add(world, source, world.charlie, name="theirs")
    assert [one.name for one in queries.integrations(world.bob)] == ["a", "b"]
