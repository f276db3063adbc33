"""Add to the home that the environment names, as its worker: a viewer, an empty organization, and a source of very many tables.

usage: python -m tests.journeys.filling TABLES. Everything goes through the doors that an extraction uses.
"""

# The rooms load once the process has its role.
from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from fanlight.cli import local
from fanlight.connectors.types import Asset, AssetKind

BATCH, WIDEST, PARTITIONS = 2_000, 1_600, 450
WORDS = (
    "account",
    "invoice",
    "shipment",
    "customer",
    "sensor",
    "ledger",
    "session",
    "payment",
    "order",
    "stock",
)


def main() -> None:
    """Do all of it."""
    tables = int(sys.argv[1])
    with local.as_process("worker", "filling"):
        _people()
        if tables:
            _vast(tables)


def _people() -> None:
    from django.conf import settings

    from fanlight.core.actors import Role
    from fanlight.foundation import clock
    from fanlight.organizations import services
    from fanlight.organizations.models import Membership, Person
    from fanlight.tenancy import queries
    from fanlight.tenancy import services as tenancy
    from fanlight.vault import services as vault

    organization, now = queries.organizations()[0], clock.now()
    bob = clock.uuid7()
    Person.objects.create(id=bob, email="bob@harbour.example", name="Bob", created_at=now, password="!")
    with tenancy.scope(organization.id):
        Membership.objects.create(
            organization_id=organization.id, person_id=bob, role=Role.VIEWER, created_at=now
        )
    empty = services.create_organization(
        name="Empty", admin_email="nora@empty.example", admin_name="Nora", now=now
    )
    with tenancy.scope(empty):
        root_key = vault.read_root_key(settings.FANLIGHT_ROOT_KEY)
        vault.make_organization_key(organization_id=empty, root_key=root_key, now=now)


def _assets(tables: int) -> Iterator[Asset]:
    yield Asset(AssetKind.DATABASE, ("crm",), comment="Twenty years of one company.")
    yield Asset(AssetKind.SCHEMA, ("crm", "public"), comment="Everything that no one put anywhere else.")
    yield Asset(AssetKind.SCHEMA, ("crm", "lake"))
    columns: list[Any] = [
        [
            f"reading_{place:04}",
            place,
            "numeric(12,4)",
            True,
            None,
            "One reading." if place % 5 == 0 else None,
            None,
        ]
        for place in range(1, WIDEST + 1)
    ]
    yield Asset(AssetKind.TABLE, ("crm", "lake", "widest"), comment="As wide as it gets.", columns=columns)
    yield Asset(AssetKind.PARTITIONED_TABLE, ("crm", "lake", "events"), facts={"partition_key": "RANGE (at)"})
    for place in range(PARTITIONS):
        facts = {
            "parents": [["crm", "lake", "events"]],
            "is_partition": True,
            "partition_bound": "FOR VALUES FROM (?)",
        }
        yield Asset(AssetKind.TABLE, ("crm", "lake", f"events_{place:03}"), facts=facts)
    for place in range(tables):
        name = f"{WORDS[place % 10]}_{WORDS[place // 10 % 10]}_{place:06}"
        yield Asset(
            AssetKind.TABLE,
            ("crm", "public", name),
            row_estimate=place * 37,
            size_bytes=place * 8192,
            comment="Kept for the auditors." if place % 3 == 0 else None,
            columns=[
                [f"{WORDS[place % 10]}_id", 1, "bigint", False, None, None, None],
                ["at", 2, "date", True, None, None, None],
            ],
        )


def _vast(tables: int) -> None:
    from fanlight.catalog import services as catalog
    from fanlight.core.actors import Actor
    from fanlight.extraction import lease as leases
    from fanlight.extraction import services as extraction
    from fanlight.extraction.models import Run
    from fanlight.foundation import clock
    from fanlight.integrations import queries as integrations
    from fanlight.tenancy import queries
    from fanlight.tenancy import services as tenancy

    organization = next(one.id for one in queries.organizations() if one.name != "Empty")
    operator, now = Actor.operator(organization), clock.now()
    integration_id = integrations.integration_named(operator, "vast").id
    run_id = extraction.request_run(actor=operator, integration_id=integration_id, is_deferred=False, now=now)
    lease, _ = leases.claim(organization, run_id) or (clock.uuid7(), 0)

    def position() -> tuple[str, int, int | None]:
        return "reading", arrivals.count, tables

    arrivals = catalog.open_arrivals(
        organization_id=organization, integration_id=integration_id, run_id=run_id, lease=lease
    )
    with leases.Heartbeat(organization, run_id, lease, position=position, stop=sys.exit):
        batch: list[Asset] = []
        for asset in _assets(tables):
            batch.append(asset)
            if len(batch) == BATCH:
                catalog.arrive(arrivals, batch)
                batch = []
        catalog.arrive(arrivals, batch)
        with tenancy.scope(organization):
            catalog.propose(arrivals, approved_run_id=None, now=clock.now())
            changes = catalog.merge(arrivals, now=clock.now())
    with tenancy.scope(organization):
        Run.objects.filter(organization_id=organization, id=run_id).update(
            state="succeeded",
            lease=None,
            finished_at=clock.now(),
            changes=changes.as_dict(),
            done=arrivals.count,
        )
    print(json.dumps({"assets": arrivals.count}), file=sys.stderr)


if __name__ == "__main__":
    main()
