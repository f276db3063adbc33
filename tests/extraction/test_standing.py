"""How integrations stand, for lists: what their credentials could do, what is stored, and what somebody should see to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanlight.core.errors import Refused
from fanlight.extraction import queries, services
from fanlight.extraction.types import NeedsALook
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _look(world: World, days: int = 30) -> list[NeedsALook]:
    return queries.needing_a_look(world.alice, paused_before=clock.now() - timedelta(days=days))


def test_a_healthy_source_needs_no_look(world: World, source: Source) -> None:
    integration_id = add(world, source)
    assert _look(world) == []
    extract(world, integration_id)
    assert _look(world) == []
    credential = integrations.credentials(world.bob)[integration_id]
    assert (credential.sentence, credential.is_excessive) == ("Cannot read data", False)
    assert (credential.reads_data, credential.is_known) == (False, True)


def test_what_a_credential_reads_and_writes_is_told_in_short(world: World, source: Source) -> None:
    integration_id = add(world, source)
    source.run(
        f"GRANT USAGE ON SCHEMA sales TO {source.reader}; GRANT SELECT ON sales.orders TO {source.reader}"
    )
    extract(world, integration_id)
    credential = integrations.credentials(world.bob)[integration_id]
    assert (credential.is_excessive, credential.reads_data) == (False, True)
    source.run(f"GRANT INSERT ON sales.orders TO {source.reader}")
    extract(world, integration_id)
    (one,) = _look(world)
    assert one.excess == integrations.credentials(world.bob)[integration_id].sentence
    assert "write" in one.excess
    assert (one.run_state, one.stopped_reason, one.paused_at) == ("", "", None)


def test_what_is_stored_of_rights_is_all_that_a_script_needs(world: World, source: Source) -> None:
    integration_id = add(world, source)
    team, grantor = f"team_{source.database}", f"grantor_{source.database}"
    with source.server.connect() as admin:
        admin.execute(
            f"CREATE ROLE {team} NOLOGIN; CREATE ROLE {grantor} NOLOGIN; GRANT {team} TO {source.reader}"
        )
    try:
        source.run(
            f"GRANT INSERT ON sales.orders TO {team}; GRANT INSERT ON sales.customers TO {grantor} WITH GRANT OPTION;"
            f"GRANT USAGE ON SCHEMA sales TO {grantor}; SET ROLE {grantor};"
            f"GRANT INSERT ON sales.customers TO {source.reader}; RESET ROLE"
        )
        extract(world, integration_id)
        rights = integrations.found_privileges(world.alice, integration_id)[source.database].rights
        assert team in {right.through for right in rights}
        assert (grantor,) in {right.grantors for right in rights}
        listed = integrations.privileges(world.alice, integration_id)
        assert listed is not None
        assert team in {right.through for right in listed.rights}
    finally:
        source.run(f"DROP OWNED BY {team}, {grantor} CASCADE")
        with source.server.connect() as admin:
            admin.execute(f"DROP ROLE {team}, {grantor}")


def test_a_held_run_and_a_stopped_schedule_are_told_until_the_source_is_paused(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    source.run("DROP SCHEMA sales CASCADE")
    held = extract(world, integration_id)
    (one,) = _look(world)
    assert (one.run_id, one.run_state, one.stopped_reason) == (held.id, "held", "run.held")
    assert "6 of 8" in one.detail
    services.pause_integration(actor=world.alice, integration_id=integration_id, now=clock.now())
    assert _look(world) == []
    (one,) = _look(world, days=0)
    assert one.paused_at is not None
    assert (one.run_id, one.stopped_reason) == (None, "")


def test_another_organization_and_a_deleted_source_are_not_told_of(world: World, source: Source) -> None:
    integration_id = add(world, source)
    source.run(f"ALTER ROLE {source.reader} NOLOGIN")
    extract(world, integration_id)
    assert [one.run_state for one in _look(world)] == ["failed"]
    assert queries.needing_a_look(world.charlie, paused_before=clock.now()) == []
    assert queries.holdings(world.charlie, integration_id).runs == 0
    services.delete_integration(
        actor=world.alice, integration_id=integration_id, typed_name="shop", now=clock.now()
    )
    assert _look(world) == []
    assert integrations.credentials(world.alice) == {}


def test_what_is_stored_is_counted(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    held = queries.holdings(world.bob, integration_id)
    assert (held.assets, held.columns, held.runs) == (8, 10, 1)


def test_who_may_not_read_integrations_is_told_nothing(world: World) -> None:
    from dataclasses import replace

    nobody = replace(world.alice, role=None)
    with pytest.raises(Refused):
        queries.needing_a_look(nobody, paused_before=clock.now())
    with pytest.raises(Refused):
        integrations.credentials(nobody)
