"""Attacks on R3's control: rights that nobody was told of, reports that are missing, sources that cannot be asked."""

from __future__ import annotations

import pytest

from fanlight.trust.controls import r3_rights_noticed as r3
from fanlight.trust.types import Budget, Occasion, Outcome, State
from tests.trust.ground import Ground, Tenant


def look(ground: Ground, seconds: float = 60) -> Outcome:
    with ground.acting_as("worker"):
        return r3.check(Occasion(Budget(seconds), root_key=ground.root_key))


def test_it_holds_on_a_whole_catalogue_and_says_on_what(ground: Ground) -> None:
    found = look(ground)
    assert found.state is State.PROVEN
    assert dict(found.counts) == {
        "integrations extracted": 2,
        "reports from their latest run": 2,
        "credentials asked about anew": 2,
        "sources out of reach": 0,
    }
    assert not found.is_partial


@pytest.mark.parametrize(
    ("grants", "revokes"),
    [
        ("GRANT INSERT ON sales.orders TO {0}", "REVOKE INSERT ON sales.orders FROM {0}"),
        ("GRANT UPDATE (note) ON sales.orders TO {0}", "REVOKE UPDATE (note) ON sales.orders FROM {0}"),
        ("GRANT CREATE ON SCHEMA sales TO {0}", "REVOKE CREATE ON SCHEMA sales FROM {0}"),
        ("GRANT pg_write_all_data TO {0}", "REVOKE pg_write_all_data FROM {0}"),
        ("ALTER ROLE {0} SUPERUSER", "ALTER ROLE {0} NOSUPERUSER"),
        ("ALTER TABLE sales.orders OWNER TO {0}", "ALTER TABLE sales.orders OWNER TO postgres"),
    ],
)
def test_a_right_since_the_latest_run_is_found(ground: Ground, grants: str, revokes: str) -> None:
    tenant = ground.tenants[1]
    ground.at_source(tenant, grants.format(tenant.reader))
    try:
        found = look(ground)
    finally:
        ground.at_source(tenant, revokes.format(tenant.reader))
    assert set(found.findings.by_code) == {"right.unnoticed"}
    assert found.findings.first[0].where["integration"] == tenant.integration_id
    assert look(ground).state is State.PROVEN


def test_a_right_to_read_is_not_beyond_reading(ground: Ground) -> None:
    tenant = ground.tenants[0]
    ground.at_source(tenant, f"GRANT USAGE ON SCHEMA sales TO {tenant.reader}")
    ground.at_source(tenant, f"GRANT SELECT ON sales.orders TO {tenant.reader}")
    try:
        assert look(ground).state is State.PROVEN
    finally:
        ground.at_source(tenant, f"REVOKE SELECT ON sales.orders FROM {tenant.reader}")
        ground.at_source(tenant, f"REVOKE USAGE ON SCHEMA sales FROM {tenant.reader}")


def test_a_right_that_was_noted_is_no_finding(ground: Ground) -> None:
    tenant = ground.tenants[0]
    ground.at_source(tenant, f"GRANT INSERT ON sales.orders TO {tenant.reader}")
    ground.extract(tenant)
    try:
        assert look(ground).state is State.PROVEN
        ground.at_source(tenant, f"GRANT DELETE ON sales.orders TO {tenant.reader}")
        assert set(look(ground).findings.by_code) == {"right.unnoticed"}
    finally:
        ground.at_source(tenant, f"REVOKE ALL ON sales.orders FROM {tenant.reader}")
        ground.extract(tenant)


def test_a_report_that_is_older_than_the_latest_run_is_none(ground: Ground) -> None:
    move = "UPDATE integrations_privilegereport SET checked_at = checked_at {} interval '9 days'"
    ground.psql(move.format("-"))
    try:
        assert look(ground).findings.by_code == {"report.missing": 2}
    finally:
        ground.psql(move.format("+"))


def test_a_report_without_its_databases_is_incomplete(ground: Ground) -> None:
    ground.psql("ALTER TABLE integrations_privilegereport ADD kept jsonb")
    ground.psql("UPDATE integrations_privilegereport SET kept = databases, databases = '{}'")
    try:
        found = look(ground)
    finally:
        ground.psql("UPDATE integrations_privilegereport SET databases = kept")
        ground.psql("ALTER TABLE integrations_privilegereport DROP kept")
    assert found.findings.by_code == {"report.incomplete": 2}


def out_of_reach(ground: Ground, tenant: Tenant, is_so: bool) -> None:
    with ground.catalogue.server.connect() as admin:
        admin.execute(f"ALTER ROLE {tenant.reader} {'NOLOGIN' if is_so else 'LOGIN'}")


def test_a_source_that_cannot_be_asked_is_told_and_not_taken_for_good(ground: Ground) -> None:
    out_of_reach(ground, ground.tenants[0], True)
    try:
        found = look(ground)
    finally:
        out_of_reach(ground, ground.tenants[0], False)
    assert found.state is State.PROVEN
    assert found.is_partial
    assert (found.counts["credentials asked about anew"], found.counts["sources out of reach"]) == (1, 1)


def test_a_paused_integration_is_left_alone(ground: Ground) -> None:
    ground.psql("UPDATE integrations_integration SET paused_at = now()")
    try:
        found = look(ground)
    finally:
        ground.psql("UPDATE integrations_integration SET paused_at = NULL")
    assert found.counts["credentials asked about anew"] == 0


def test_what_is_asked_of_a_source_is_in_a_ledger(ground: Ground) -> None:
    def lines() -> int:
        with ground.catalogue.connect("postgres", ground.database) as session:
            return session.execute(
                "SELECT count(*) FROM extraction_ledgerline l JOIN extraction_run r ON r.id = l.run_id "
                "WHERE r.purpose = 'control'"
            ).fetchone()[0]

    before = lines()
    look(ground)
    assert lines() > before + 10


def test_a_look_whose_time_is_over_says_so(ground: Ground) -> None:
    assert look(ground, seconds=0).is_partial


def test_without_the_root_key_nobody_can_tell(ground: Ground) -> None:
    with ground.acting_as("worker"), pytest.raises(RuntimeError):
        r3.check(Occasion(Budget(60)))
