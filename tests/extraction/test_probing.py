"""The test of a connection, and what its credential could do."""

from __future__ import annotations

import pytest

from fanlight.connectors.types import SourceReport
from fanlight.core.actors import Actor
from fanlight.extraction import services
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import TestState
from tests.conftest import World
from tests.sources import Source, add, source

__all__ = ["source"]


def test_a_test_of_the_connection_says_what_it_found(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with world.as_worker():
        services.test_connection(
            organization_id=world.a, integration_id=integration_id, root_key=world.root_key
        )
    tested = integrations.integration(world.bob, integration_id)
    assert tested.test_state is TestState.PASSED
    assert tested.report is not None
    assert tested.report.product.startswith("PostgreSQL")
    assert (source.database, True) in tested.report.databases


def test_a_test_of_settings_that_have_changed_since_says_nothing(world: World, source: Source) -> None:
    integration_id = add(world, source)
    before = integrations.integration(world.alice, integration_id)
    integration_services.change_integration(
        actor=world.alice,
        integration_id=integration_id,
        name="shop",
        settings={**source.settings, "databases": "another"},
        secret="",
        now=clock.now(),
    )
    with world.as_worker():
        integration_services.note_test(
            actor=Actor.worker(world.a),
            tested=before,
            outcome=SourceReport("PostgreSQL", "u", (), is_encrypted=True),
            now=clock.now(),
        )
    assert integrations.integration(world.alice, integration_id).test_state is TestState.UNTESTED


def test_a_test_that_ends_unexpectedly_is_over_all_the_same(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    integration_id = add(world, source)

    def fail(*_: object) -> None:
        raise ValueError("canary-detail")

    monkeypatch.setattr("fanlight.connectors.postgres.session.PostgresSession.report", fail)
    with world.as_worker(), pytest.raises(ValueError, match="canary"):
        services.test_connection(
            organization_id=world.a, integration_id=integration_id, root_key=world.root_key
        )
    tested = integrations.integration(world.alice, integration_id)
    assert tested.test_state is TestState.FAILED
    assert tested.problem is not None
    assert "canary" not in tested.problem.detail
