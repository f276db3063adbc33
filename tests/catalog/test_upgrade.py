"""An installation from before changes were noted goes on: it keeps what it knows, and notes from then on."""

from __future__ import annotations

from django.core.management import call_command

from fanlight.catalog import queries, services
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId, OrganizationId
from fanlight.extraction import services as extraction
from fanlight.extraction.models import Run
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.organizations import services as organizations
from fanlight.tenancy.provision import provision
from fanlight.tenancy.scope import scope
from fanlight.vault import services as vault
from tests.conftest import Catalogue

BEFORE_CHANGES = "0005_approved"


def _merge(organization_id: OrganizationId, integration_id: IntegrationId, *names: str) -> None:
    operator = Actor.operator(organization_id)
    run_id = extraction.request_run(
        actor=operator, integration_id=integration_id, is_deferred=False, now=clock.now()
    )
    arrivals = services.open_arrivals(
        organization_id=organization_id, integration_id=integration_id, run_id=run_id, lease=clock.uuid7()
    )
    services.arrive(arrivals, [Asset(AssetKind.DATABASE, (name,)) for name in names])
    with scope(organization_id):
        services.propose(arrivals, approved_run_id=None, now=clock.now())
        services.merge(arrivals, now=clock.now())
        Run.objects.filter(organization_id=organization_id, id=run_id).update(state="succeeded")


def test_an_installation_from_before_keeps_its_catalogue_and_notes_what_changes_next(
    as_portal: Catalogue,
) -> None:
    name = as_portal.clone()
    key = vault.read_root_key(vault.new_root_key_text())
    with as_portal.acting_as("worker", name):
        organization_id = organizations.create_organization(
            name="Old", admin_email="old@example.com", admin_name="Old", now=clock.now()
        )
        with scope(organization_id):
            vault.make_organization_key(organization_id=organization_id, root_key=key, now=clock.now())
    operator = Actor.operator(organization_id)
    with as_portal.acting_as("portal", name):
        integration_id = integrations.add_integration(
            actor=operator,
            name="shop",
            connector="postgres",
            settings={"host": "/srv/socket", "databases": "shop", "user": "reader", "tls": "off"},
            secret="x",
            now=clock.now(),
        )
    with as_portal.acting_as("worker", name):
        _merge(organization_id, integration_id, "one", "two")
    with as_portal.acting_as("owner", name):
        call_command("migrate", "catalog", BEFORE_CHANGES, verbosity=0)
    with as_portal.connect("postgres", name) as session:
        assert session.execute("SELECT to_regclass('catalog_change')").fetchone() == (None,)
    with as_portal.acting_as("owner", name):
        call_command("migrate", verbosity=0)
        provision()
    with as_portal.acting_as("worker", name):
        assert queries.changes(operator).runs == []
        _merge(organization_id, integration_id, "one", "two", "three")
    with as_portal.acting_as("portal", name):
        ((found, (line,)),) = queries.changes(operator).runs
        assert not found.is_first
        assert (line.locator, line.action) == ("three", "added")
