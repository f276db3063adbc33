"""Data migrations: organization by organization, counted; and the schema made again from nothing to the same end."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from fanlight.tenancy.migration import RowsNotChanged, in_each_organization
from fanlight.tenancy.provision import provision
from tests.conftest import World

RENAME = "UPDATE organizations_membership SET role = 'editor' WHERE role = 'viewer'"
COUNT = "SELECT count(*) FROM organizations_membership WHERE role = 'viewer'"


def _apply(change: str, to_change: str) -> None:
    operation = in_each_organization(change=change, to_change=to_change)
    with transaction.atomic(), connection.schema_editor() as editor:
        operation.code(None, editor)


def _roles(world: World) -> set[str]:
    with world.catalogue.connect("postgres") as session:
        rows = session.execute(
            "SELECT role FROM organizations_membership WHERE organization_id = %s", [world.a]
        )
        return {row[0] for row in rows}


def test_it_changes_the_rows_of_every_organization(world: World) -> None:
    with world.catalogue.acting_as("owner"):
        _apply(RENAME, COUNT)
    assert _roles(world) == {"administrator", "editor"}


def test_a_wrong_count_undoes_all_of_it(world: World) -> None:
    with world.catalogue.acting_as("owner"), pytest.raises(RowsNotChanged):
        _apply(RENAME, "SELECT count(*) + 1 FROM organizations_membership")
    assert _roles(world) == {"administrator", "viewer"}


def test_without_it_an_owners_update_would_silently_change_nothing(world: World) -> None:
    with world.catalogue.acting_as("owner"), connection.cursor() as cursor:
        cursor.execute(RENAME)
        assert cursor.rowcount == 0


def test_provisioning_again_changes_nothing(world: World) -> None:
    rights = (
        "SELECT relname, relacl::text, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    with world.catalogue.connect("postgres") as session:
        before = session.execute(rights).fetchall()
        with world.catalogue.acting_as("owner"):
            provision()
        assert session.execute(rights).fetchall() == before


def test_what_is_not_in_the_register_is_taken_away(world: World) -> None:
    name = world.catalogue.clone()
    with world.catalogue.connect("postgres", name) as session:
        session.execute("GRANT SELECT ON vault_sealedcredential TO fanlight_portal")
        session.execute("GRANT ALL ON catalog_asset TO PUBLIC")
        session.execute("CREATE POLICY mine ON catalog_asset USING (true)")
        session.execute("ALTER TABLE catalog_asset NO FORCE ROW LEVEL SECURITY")
    with world.catalogue.acting_as("owner", name):
        provision()
    with world.catalogue.connect("postgres", name) as session:
        may = session.execute(
            "SELECT has_table_privilege('fanlight_portal', 'vault_sealedcredential', 'select'), "
            "has_table_privilege('fanlight_portal', 'catalog_asset', 'delete'), "
            "(SELECT count(*) FROM pg_policies WHERE policyname = 'mine'), "
            "(SELECT relforcerowsecurity FROM pg_class WHERE relname = 'catalog_asset')"
        ).fetchone()
    assert may == (False, False, 0, True)


def test_no_migration_is_missing(world: World) -> None:
    with world.catalogue.acting_as("owner"):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
