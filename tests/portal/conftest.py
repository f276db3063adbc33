"""What the portal's tests stand on: collected files, and a catalogue with something in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from fanlight.catalog import models
from fanlight.catalog import services as catalog_services
from fanlight.connectors import registry
from fanlight.connectors.types import Asset, Privileges, Right, RightLevel
from fanlight.core.actors import Actor, Role
from fanlight.core.identifiers import AssetId, IntegrationId, OrganizationId, PersonId, ReceiptId, RunId
from fanlight.extraction import services as extraction
from fanlight.extraction.models import LedgerLine, Run
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.organizations.models import Membership, Person
from fanlight.organizations.services import revoke_member
from fanlight.tenancy import services as tenancy
from tests.conftest import World
from tests.portal.sample import HOSTILE, LONG, TRICK, sample

# The test client's own name for the server.
settings.ALLOWED_HOSTS.append("testserver")

PASSWORD = "correct-horse-battery-staple"
LEDGER_LINES = 120


@pytest.fixture(scope="session", autouse=True)
def collected_files() -> None:
    """Pages name their style and script by digest, which only exists once they are collected."""
    call_command("collectstatic", interactive=False, verbosity=0)


@dataclass(frozen=True)
class Filled:
    """A source of organization A with a complete run. assets: id by locator. bob: a member; receipt_id: of a former one."""

    integration_id: IntegrationId
    run_id: RunId
    assets: dict[str, AssetId]
    bob: PersonId
    receipt_id: ReceiptId


def fill(world: World, assets: list[Asset], *, name: str = "orders-prod") -> Filled:
    """Add a source to organization A and give it these assets, as a run would."""
    a = world.a
    operator = Actor.operator(a)
    integration_id = integrations.add_integration(
        actor=operator,
        name=name,
        connector="postgres",
        settings={"host": "/srv/socket", "databases": "shop", "user": "reader", "tls": "off"},
        secret=PASSWORD,
        now=clock.now(),
    )
    run_id = merge(world, integration_id, assets)
    with world.as_worker():
        found = {row.locator: AssetId(row.id) for row in _rows(a, integration_id)}
    assert world.bob.person_id is not None
    return Filled(integration_id, run_id, found, world.bob.person_id, _revoke_somebody(world))


def _revoke_somebody(world: World) -> ReceiptId:
    person_id, now = PersonId(clock.uuid7()), clock.now()
    with world.as_worker():
        Person.objects.create(
            id=person_id, email=f"dora-{person_id.hex}@example.com", name="Dora", created_at=now, password="!"
        )
        with tenancy.scope(world.a):
            Membership.objects.create(
                organization_id=world.a, person_id=person_id, role=Role.VIEWER, created_at=now
            )
    return revoke_member(actor=world.alice, person_id=person_id, now=now)


def merge(world: World, integration_id: IntegrationId, assets: list[Asset]) -> RunId:
    """Give a source these assets, as a run would."""
    a, operator = world.a, Actor.operator(world.a)
    with world.as_worker():
        run_id = extraction.request_run(
            actor=operator, integration_id=integration_id, is_deferred=False, now=clock.now()
        )
        with tenancy.scope(a):
            _ledger(a, run_id)
        arrivals = catalog_services.open_arrivals(
            organization_id=a, integration_id=integration_id, run_id=run_id, lease=clock.uuid7()
        )
        catalog_services.arrive(arrivals, assets)
        with tenancy.scope(a):
            catalog_services.propose(arrivals, approved_run_id=None, now=clock.now())
            changes = catalog_services.merge(arrivals, now=clock.now())
            Run.objects.filter(organization_id=a, id=run_id).update(
                state="succeeded",
                started_at=clock.now(),
                finished_at=clock.now(),
                changes=changes.as_dict(),
                phases={"reading": 12},
                done=len(assets),
                statements=LEDGER_LINES,
                not_seen=[{"scope": "shop.sales.locked_one", "reason": "locked"}],
                not_seen_count=1,
            )
    return run_id


def _rows(organization_id: OrganizationId, integration_id: IntegrationId) -> list[models.Asset]:
    with tenancy.scope(organization_id):
        return list(
            models.Asset.objects.filter(organization_id=organization_id, integration_id=integration_id)
        )


def _ledger(organization_id: OrganizationId, run_id: RunId) -> None:
    known = registry.connector("postgres").statements().catalogue
    LedgerLine.objects.bulk_create(
        LedgerLine(
            organization_id=organization_id,
            run_id=run_id,
            number=number,
            statement=known[number % len(known)].name,
            digest=known[number % len(known)].digest,
            source="shop",
            started_at=clock.now(),
            milliseconds=1.5,
            rows=3,
            size_bytes=99,
            error="",
        )
        for number in range(1, LEDGER_LINES + 1)
    )


def privileges(*rights: Right, sentence: str = "Can write 2 tables", unknown: Any = ()) -> Privileges:
    """Return what a source might say of a credential."""
    count = {
        level: sum(right.level is level and right.kind == "table" for right in rights) for level in RightLevel
    }
    return Privileges(
        sentence=sentence,
        readable=count[RightLevel.READ],
        writable=count[RightLevel.WRITE],
        rights=rights,
        count=len(rights),
        digest=secrets.token_hex(8),
        unknown=unknown,
    )


def on_table(name: str, right: str = "INSERT", level: RightLevel = RightLevel.WRITE, **more: Any) -> Right:
    """Return a right on a table of the small source."""
    return Right(level, "table", ("shop", "sales", name), (right,), **more)


HARMLESS = privileges(sentence="Cannot read data")
EXCESSIVE = privileges(
    on_table("orders"),
    on_table(HOSTILE, "UPDATE", through="<b onclick>team"),
    on_table(TRICK, "DELETE", grantors=(TRICK,)),
    on_table(LONG),
    Right(
        RightLevel.WRITE,
        "function",
        ("shop", "sales", HOSTILE),
        ("EXECUTE",),
        "public",
        signature='"pg_catalog"."int4", "sales"."<img src=x>"',
    ),
    on_table("orders", "SELECT", RightLevel.READ),
    Right(RightLevel.PUBLIC, "database", ("shop",), ("TEMPORARY",), "public"),
)


def note_privileges(world: World, filled: Filled, found: Privileges, database: str = "shop") -> None:
    """Have the worker note what a credential could do."""
    with world.as_worker():
        integrations.note_privileges(
            actor=Actor.worker(world.a),
            integration_id=filled.integration_id,
            found={database: found},
            chosen=(database,),
            run_id=filled.run_id,
            now=clock.now(),
        )


def hold(world: World, filled: Filled) -> RunId:
    """Let another run find everything gone and stop to ask, as the worker does."""
    operator = Actor.operator(world.a)
    run_id = extraction.request_run(
        actor=operator, integration_id=filled.integration_id, is_deferred=False, now=clock.now()
    )
    with world.as_worker():
        arrivals = catalog_services.open_arrivals(
            organization_id=world.a,
            integration_id=filled.integration_id,
            run_id=run_id,
            lease=clock.uuid7(),
        )
        with tenancy.scope(world.a):
            removal = catalog_services.propose(arrivals, approved_run_id=None, now=clock.now())
            Run.objects.filter(organization_id=world.a, id=run_id).update(
                state="held",
                started_at=clock.now(),
                finished_at=clock.now(),
                removals=removal.count,
                removals_of=removal.present,
                error_code="run.held",
                error_detail=f"The run would have removed {removal.count:,} of {removal.present:,} assets; it stopped.",
                error_remedy="Look at the list.",
            )
            integrations.note_failure(operator, filled.integration_id, integrations.HELD, clock.now())
    return run_id


@pytest.fixture
def filled(world: World) -> Filled:
    """Organization A with the small source, whose credential could do more than read."""
    made = fill(world, sample())
    note_privileges(world, made, HARMLESS)
    note_privileges(world, made, EXCESSIVE)
    return made


def alter(world: World, filled: Filled) -> RunId:
    """Let another run find changes of each shape, with names that a hostile source may have."""
    assets = [one for one in sample() if one.path[-1] != "empty"]
    for one in assets:
        if one.path[-1] in ("orders", "customers", HOSTILE):
            one.comment = f"{HOSTILE} {TRICK}"
            one.columns = [[HOSTILE, 1, TRICK, False, "?::text", "<u>", None], *one.columns[2:]]
            one.facts = one.facts | {"definition": HOSTILE, "labels": [TRICK, LONG], "owner": "<i>"}
            one.facts["indexes"] = [
                {"name": HOSTILE, "method": "<b>", "keys": [{"expression": "<i>"}], "predicate": TRICK}
            ]
            one.facts["triggers"] = [{"name": TRICK, "events": ["<u>"], "function": ["shop", "<b>", LONG]}]
    return merge(world, filled.integration_id, assets)
