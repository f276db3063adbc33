"""Attacks on R1's control: what it must call wider than needed, and what it may count."""

from __future__ import annotations

import pytest

from fanlight.connectors.registry import connectors
from fanlight.core.actors import Actor
from fanlight.extraction import services as extraction
from fanlight.foundation import clock
from fanlight.trust.controls import r1_only_read_needed as r1
from fanlight.trust.types import Budget, Occasion, Outcome, State
from tests.trust.ground import Ground


def look(ground: Ground) -> Outcome:
    with ground.acting_as("worker"):
        return r1.check(Occasion(Budget(60)))


def is_least(script: str) -> bool:
    return all(r1._is_least(one) for one in r1._statements(script))


def test_it_counts_the_credentials_that_sufficed(ground: Ground) -> None:
    found = look(ground)
    assert found.state is State.PROVEN
    assert found.counts["credentials that sufficed and cannot read a row"] == 2


def test_every_kind_of_source_is_judged_on_names_that_are_hard_to_quote(ground: Ground) -> None:
    assert {one.name for one in connectors()} == set(r1._SETTINGS)
    for connector in connectors():
        for settings in r1._SETTINGS[connector.name]:
            assert is_least(connector.permission_script(settings))
            wordy = connector.permission_script(settings, ("metadata", "privileges"), with_hardening=True)  # type: ignore[call-arg]
            assert is_least(wordy)


@pytest.mark.parametrize(
    "line",
    [
        "GRANT SELECT ON ALL TABLES IN SCHEMA sales TO fanlight;",
        "GRANT pg_read_all_data TO fanlight;",
        'GRANT CONNECT ON DATABASE "shop" TO "fanlight" WITH GRANT OPTION;',
        'GRANT CONNECT, TEMPORARY ON DATABASE "shop" TO "fanlight";',
        'GRANT ALL ON DATABASE "shop" TO "fanlight";',
        'GRANT CONNECT ON DATABASE "shop" TO PUBLIC;',
        "GRANT USAGE ON SCHEMA sales TO fanlight",
        'ALTER ROLE "fanlight" SUPERUSER;',
        'ALTER ROLE "fanlight" SET default_transaction_read_only = off;',
        'CREATE ROLE "fanlight" LOGIN SUPERUSER;',
        'CREATE ROLE "fanlight" LOGIN IN ROLE admins;',
        "CREATE ROLE \"fanlight\" LOGIN PASSWORD 'x';",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO fanlight;",
        "\\i /tmp/more.sql",
        "\\! rm -rf /",
        "SELECT 1;",
    ],
)
def test_a_line_that_grants_more_is_wider(line: str) -> None:
    script = connectors()[0].permission_script({"user": "fanlight", "databases": "shop"})
    assert is_least(script)
    assert not is_least(f"{script}\n{line}\n")
    assert not is_least(f"{line}\n{script}")


def test_a_comment_grants_nothing() -> None:
    assert is_least("-- GRANT ALL ON ALL TABLES IN SCHEMA sales TO fanlight;\n/* GRANT x TO y; */")


def test_what_was_never_extracted_proves_nothing(ground: Ground) -> None:
    ground.psql(
        "UPDATE extraction_run SET state = 'failed' WHERE state = 'succeeded' AND purpose = 'extraction'"
    )
    try:
        assert look(ground).state is State.NOT_EXERCISED
    finally:
        ground.psql(
            "UPDATE extraction_run SET state = 'succeeded' WHERE state = 'failed' AND purpose = 'extraction'"
        )


def test_a_credential_that_could_write_is_not_counted(ground: Ground) -> None:
    tenant = ground.tenants[0]
    ground.at_source(tenant, f"GRANT INSERT ON sales.orders TO {tenant.reader}")
    ground.extract(tenant)
    try:
        found = look(ground)
    finally:
        ground.at_source(tenant, f"REVOKE INSERT ON sales.orders FROM {tenant.reader}")
        ground.extract(tenant)
    assert found.counts["credentials that sufficed and cannot write"] == 1
    assert found.state is State.PROVEN
    assert look(ground).counts["credentials that sufficed and cannot write"] == 2


def test_a_run_that_is_not_over_changes_nothing(ground: Ground) -> None:
    tenant = ground.tenants[0]
    with ground.acting_as("worker"):
        actor = Actor.operator(tenant.organization_id)
        run = extraction.request_run(
            actor=actor, integration_id=tenant.integration_id, is_deferred=False, now=clock.now()
        )
    try:
        assert look(ground).counts["credentials that sufficed and cannot write"] == 2
    finally:
        ground.psql("DELETE FROM extraction_run WHERE id = %s", run)
