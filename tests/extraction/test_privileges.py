"""What a credential could do is looked at in each run and test, kept while it stays so, and refused where that is wanted."""

from __future__ import annotations

import pytest
from psycopg import sql

from fanlight.audit import queries as audit
from fanlight.catalog import queries as catalog
from fanlight.core.errors import NotFound, Refused
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries, services
from fanlight.extraction.types import Purpose, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import OnExcess, PrivilegeReport
from fanlight.tenancy.scope import scope
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _report(world: World, integration_id: IntegrationId) -> PrivilegeReport:
    found = integrations.privileges(world.bob, integration_id)
    assert found is not None
    return found


def _grant(source: Source, what: str) -> None:
    with source.connect() as owner:
        role = sql.Identifier(source.reader)
        owner.execute(sql.SQL("GRANT USAGE ON SCHEMA sales TO {}").format(role))
        owner.execute(sql.SQL("GRANT " + what + " ON sales.orders TO {}").format(role))


def _refuse(world: World) -> None:
    integration_services.set_on_excess(actor=world.alice, on_excess=OnExcess.REFUSE, now=clock.now())


def test_a_run_says_that_the_credential_cannot_read_data(world: World, source: Source) -> None:
    integration_id = add(world, source)
    assert integrations.privileges(world.alice, integration_id) is None
    run = extract(world, integration_id)
    report = _report(world, integration_id)
    assert (report.sentence, report.is_excessive, report.run_id) == ("Cannot read data", False, run.id)
    assert (report.gained, report.lost) == (None, None)


def test_a_wide_grant_is_noticed_by_the_next_run_with_what_was_gained_and_then_lost(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    _grant(source, "SELECT, INSERT")
    assert extract(world, integration_id).state is RunState.SUCCEEDED
    report = _report(world, integration_id)
    assert (report.is_excessive, report.readable, report.writable) == (True, 1, 1)
    gained = {(one.level, one.path): one.rights for one in report.gained or ()}
    path = f"{source.database}.sales.orders"
    assert gained["write", path] == ("INSERT", "SELECT")
    source.run(f'REVOKE ALL ON sales.orders FROM "{source.reader}"')
    extract(world, integration_id)
    report = _report(world, integration_id)
    assert (report.is_excessive, report.sentence, report.gained) == (False, "Cannot read data", ())
    assert path in {one.path for one in report.lost or ()}
    with scope(world.a):
        changes = [
            one.event["details"] for one in audit.events_after(world.a, 0, 1000) if "privileges" in one.kind
        ]
    assert [one["is_excessive"] for one in changes] == [False, True, False]


def test_while_nothing_changes_one_report_stays_and_says_when_it_was_looked_at_last(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    first = _report(world, integration_id)
    second_run = extract(world, integration_id)
    second = _report(world, integration_id)
    assert (second.found_at, second.run_id) == (first.found_at, second_run.id)
    assert second.checked_at > first.checked_at


def test_a_test_of_the_connection_looks_too_and_keeps_a_ledger(world: World, source: Source) -> None:
    integration_id = add(world, source)
    _grant(source, "UPDATE")
    with world.as_worker():
        services.test_connection(
            organization_id=world.a, integration_id=integration_id, root_key=world.root_key
        )
    assert _report(world, integration_id).is_excessive
    probe = queries.latest_probe(world.bob, integration_id, Purpose.TEST)
    assert probe is not None
    lines = queries.ledger(world.bob, probe.id).lines
    assert len(lines) == probe.statements > 5
    assert any(line.statement.startswith("privilege_") for line in lines)
    # It is no extraction, and is not taken for one.
    assert queries.runs_of(world.bob, integration_id) == []


def test_an_organization_that_refuses_excess_extracts_nothing_with_it_and_sees_why(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    _grant(source, "DELETE")
    _refuse(world)
    run = extract(world, integration_id)
    assert run.problem is not None
    assert (run.state, run.problem.code) == (RunState.FAILED, "source.excess_privileges")
    with pytest.raises(NotFound):
        catalog.asset_at(world.alice, f"shop.{source.database}")
    rights = _report(world, integration_id).rights
    path = f"{source.database}.sales.orders"
    assert ("write", "table", path, ("DELETE",)) in {
        (one.level, one.kind, one.path, one.rights) for one in rights
    }
    source.run(f'REVOKE ALL ON sales.orders FROM "{source.reader}"')
    assert extract(world, integration_id).state is RunState.SUCCEEDED


def test_rights_that_cannot_be_known_are_refused_too_and_only_named_otherwise(
    world: World, source: Source
) -> None:
    # A hardened server that does not let the role look at who owns what.
    source.run("REVOKE SELECT ON pg_shdepend FROM PUBLIC")
    integration_id = add(world, source)
    run = extract(world, integration_id)
    assert run.state is RunState.SUCCEEDED
    assert {"scope": source.database, "reason": "rights not shown"} in run.not_seen
    _refuse(world)
    refused = extract(world, integration_id)
    assert refused.problem is not None
    assert refused.problem.code == "source.unknown_privileges"


def test_only_administrators_decide_and_each_organization_for_itself(world: World, source: Source) -> None:
    with pytest.raises(Refused):
        integration_services.set_on_excess(actor=world.bob, on_excess=OnExcess.REFUSE, now=clock.now())
    _refuse(world)
    assert integrations.on_excess(world.bob) is OnExcess.REFUSE
    assert integrations.on_excess(world.charlie) is OnExcess.WARN
