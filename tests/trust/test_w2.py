"""Attacks on W2's control: what it must notice by trying, whatever the catalogue's tables of rules say."""

from __future__ import annotations

import pytest

from fanlight.tenancy.provision import provision
from fanlight.tenancy.register import stored_tables
from fanlight.trust.controls import w2_members_only
from fanlight.trust.types import Budget, Occasion, Outcome, State
from tests.trust.ground import Ground


def look(ground: Ground, seconds: float = 60) -> Outcome:
    with ground.acting_as("portal"):
        return w2_members_only.check(Occasion(Budget(seconds)))


def test_it_holds_on_a_whole_catalogue_and_says_on_what(ground: Ground) -> None:
    found = look(ground)
    assert found.state is State.PROVEN
    assert found.counts["organizations"] == 2
    assert found.counts["rows tried"] > 50
    assert found.counts["tries to get past the rules"] > 150
    assert not found.is_partial


# What 'fanlight migrate' undoes needs no repair of its own.
MIGRATE = ""
POLICY = "organization_id = nullif(current_setting('fanlight.organization_id', true), '')::uuid"
MEMBERSHIPS = "fanlight_memberships_of(uuid)"


@pytest.mark.parametrize(
    ("breaks", "repairs", "code"),
    [
        # Noticed by reading and writing, and by the comparison, too.
        ("ALTER POLICY organization ON catalog_asset USING (true)", MIGRATE, "rows.without_organization"),
        (
            "ALTER POLICY organization ON catalog_asset USING (current_setting('fanlight.organization_id', true) <> '')",
            MIGRATE,
            "rows.foreign",
        ),
        ("ALTER POLICY organization ON extraction_run WITH CHECK (true)", MIGRATE, "rows.written"),
        (
            "ALTER POLICY organization ON integrations_integration USING (true) WITH CHECK (true)",
            MIGRATE,
            "rows.changed",
        ),
        # Noticed by the comparison.
        ("ALTER TABLE catalog_asset DISABLE ROW LEVEL SECURITY", MIGRATE, "security.off"),
        (
            "ALTER TABLE catalog_statistic OWNER TO fanlight_portal",
            "ALTER TABLE catalog_statistic OWNER TO fanlight_owner",
            "table.owner",
        ),
        ("CREATE VIEW past AS SELECT id FROM catalog_asset", "DROP VIEW past", "relation.sees_past"),
        (
            "GRANT fanlight_search TO fanlight_portal",
            "REVOKE fanlight_search FROM fanlight_portal",
            "role.member",
        ),
        (
            "GRANT pg_read_all_data TO fanlight_worker",
            "REVOKE pg_read_all_data FROM fanlight_worker",
            "role.member",
        ),
        ("ALTER ROLE fanlight_worker BYPASSRLS", "ALTER ROLE fanlight_worker NOBYPASSRLS", "role.mighty"),
        ("ALTER ROLE fanlight_doorway SUPERUSER", "ALTER ROLE fanlight_doorway NOSUPERUSER", "role.mighty"),
        ("GRANT SELECT ON catalog_asset TO PUBLIC", MIGRATE, "grant.unlisted"),
        ("GRANT SELECT (sealed) ON vault_sealedcredential TO fanlight_portal", MIGRATE, "grant.unlisted"),
        ("GRANT INSERT (recorded_by) ON trust_result TO fanlight_portal", MIGRATE, "grant.unlisted"),
        ("GRANT SELECT ON catalog_asset TO fanlight_portal WITH GRANT OPTION", MIGRATE, "grant.unlisted"),
        ("REVOKE SELECT ON catalog_asset FROM fanlight_portal", MIGRATE, "grant.missing"),
        (f"GRANT EXECUTE ON FUNCTION {MEMBERSHIPS} TO PUBLIC", MIGRATE, "function.unlisted"),
        (f"ALTER FUNCTION {MEMBERSHIPS} RESET search_path", MIGRATE, "function.missing"),
        (
            f"ALTER FUNCTION {MEMBERSHIPS} OWNER TO fanlight_owner",
            (
                "GRANT CREATE ON SCHEMA public TO fanlight_doorway; "
                f"ALTER FUNCTION {MEMBERSHIPS} OWNER TO fanlight_doorway; "
                "REVOKE CREATE ON SCHEMA public FROM fanlight_doorway"
            ),
            "function.unlisted",
        ),
        (
            (
                "CREATE OR REPLACE FUNCTION fanlight_memberships_of(the_person uuid) RETURNS TABLE (organization_id uuid) "
                "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp "
                "AS 'SELECT organization_id FROM public.organizations_membership'"
            ),
            MIGRATE,
            "function.unlisted",
        ),
        (
            (
                "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
                "CREATE TRIGGER spy BEFORE INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION spy()"
            ),
            "DROP FUNCTION spy() CASCADE",
            "trigger.unlisted",
        ),
    ],
)
def test_it_notices(ground: Ground, breaks: str, repairs: str, code: str) -> None:
    ground.psql(breaks)
    try:
        found = look(ground)
    finally:
        if repairs:
            ground.psql(repairs)
        with ground.acting_as("owner"):
            provision()
    assert code in found.findings.by_code
    assert found.state is State.BROKEN


def test_a_look_whose_time_is_over_says_so(ground: Ground) -> None:
    found = look(ground, seconds=0)
    assert found.is_partial
    assert found.counts["organizations"] == 0


def test_nothing_is_left_in_the_catalogue_by_looking(ground: Ground) -> None:
    def rows() -> list[int]:
        with ground.catalogue.connect("postgres", ground.database) as session:
            return [
                session.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
                for table in stored_tables()
                if table.is_isolated
            ]

    before = rows()
    look(ground)
    assert rows() == before
