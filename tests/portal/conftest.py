"""What the portal's tests stand on: collected files, a catalogue with something in it, and every address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from fanlight.catalog import models
from fanlight.catalog import services as catalog_services
from fanlight.connectors import registry
from fanlight.connectors.types import Asset, AssetKind, Privileges, Right, RightLevel
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, IntegrationId, OrganizationId, RunId
from fanlight.extraction import services as extraction
from fanlight.extraction.models import LedgerLine, Run
from fanlight.foundation import clock
from fanlight.integrations import services as integrations
from fanlight.tenancy import services as tenancy
from tests.conftest import World

# The test client's own name for the server.
settings.ALLOWED_HOSTS.append("testserver")

PASSWORD = "correct-horse-battery-staple"
HOSTILE = '<script>alert("1")</script>'
LEDGER_LINES = 120


@pytest.fixture(scope="session", autouse=True)
def collected_files() -> None:
    """Pages name their style and script by digest, which only exists once they are collected."""
    call_command("collectstatic", interactive=False, verbosity=0)


@dataclass(frozen=True)
class Filled:
    """A source of organization A with a complete run. assets: id by locator."""

    integration_id: IntegrationId
    run_id: RunId
    assets: dict[str, AssetId]


def relation(name: str, *, kind: AssetKind = AssetKind.TABLE, columns: Any = (), **more: Any) -> Asset:
    """Return a relation of the schema `sales` of the database `shop`."""
    return Asset(kind, ("shop", "sales", name), columns=list(columns), **more)


def sample() -> list[Asset]:
    """Return a small source: a bit of everything that a page can show."""
    return [
        Asset(AssetKind.DATABASE, ("shop",), facts=DATABASE_FACTS),
        Asset(
            AssetKind.SCHEMA,
            ("shop", "sales"),
            comment="Customers and orders.",
            facts={"publications": [{"name": "whole"}]},
        ),
        Asset(AssetKind.SCHEMA, ("shop", "empty")),
        relation(
            "orders",
            comment="One row per order.",
            row_estimate=48_213_377,
            size_bytes=19_400_000_000,
            columns=[
                ["id", 1, "bigint", False, None, "Identifies it.", {"identity": "always"}],
                ["customer_id", 2, "bigint", True, None, None, None],
                ["state", 3, "text", False, "?::text", None, None],
            ],
            facts={
                "owner": "shopkeeper",
                "keys": [
                    {"name": "orders_pkey", "kind": "primary", "columns": ["id"]},
                    {
                        "name": "orders_customer",
                        "kind": "foreign",
                        "columns": ["customer_id"],
                        "target": ["shop", "sales", "customers"],
                        "target_columns": ["id"],
                        "on_delete": "cascade",
                    },
                ],
                "constraints": [
                    {"name": "ok", "kind": "check", "columns": [], "definition": "CHECK (id > ?)"}
                ],
                "indexes": [
                    {"name": "orders_pkey", "method": "btree", "keys": [{"column": "id"}], "is_unique": True}
                ],
            },
        ),
        relation("customers", columns=[["id", 1, "bigint", False, None, None, None]]),
        relation(
            "recent", kind=AssetKind.VIEW, facts={"definition": "SELECT id FROM sales.orders WHERE id > ?"}
        ),
        relation("events", kind=AssetKind.PARTITIONED_TABLE, facts={"partition_key": "RANGE (at)"}),
        relation(
            "events_1",
            facts={
                "parents": [["shop", "sales", "events"]],
                "is_partition": True,
                "partition_bound": "FOR VALUES FROM (?) TO (?)",
            },
        ),
        relation(
            "wide",
            columns=[[f"c{place}", place, "integer", True, None, None, None] for place in range(1, 451)],
        ),
        relation(
            HOSTILE,
            comment='<b onclick="x()">bold</b>',
            columns=[
                ["<img src=x onerror=alert(1)>", 1, "text", True, "'<i>'", "<u>", None],
                ["a" * 1000, 2, "text", True, None, None, None],
                ["\u202egnitrats", 3, "text", True, None, None, None],
            ],
        ),
        Asset(AssetKind.ENUM, ("shop", "sales", "mood"), facts={"labels": ["glad", "<sad>"]}),
        *things(),
    ]


def things() -> list[Asset]:
    """Return one of each kind that is no relation, and a table with everything that can be attached to one."""
    function = ["shop", "sales", "watch()"]
    routine = {
        "owner": "shopkeeper",
        "language": "sql",
        "returns": "shop.none",
        "volatility": "stable",
        "parallel": "safe",
        "arguments": [],
    }
    return [
        Asset(
            AssetKind.FUNCTION,
            ("shop", "sales", "bump(integer, sales.mood)"),
            comment="Goes up.",
            facts=routine
            | {
                "returns": "sales.mood",
                "returns_set": True,
                "is_security_definer": True,
                "extension": "bumping",
                "settings": ["search_path"],
                "arguments": [
                    {"name": "by how", "type": "integer", "default": "(? + ?)"},
                    {"type": "sales.mood", "mode": "inout", "default": "abc", "default_kind": "digest"},
                    {"name": "<i>", "type": "text", "mode": "table"},
                ],
            },
        ),
        Asset(AssetKind.FUNCTION, ("shop", "sales", "watch()"), facts=routine | {"returns": "trigger"}),
        Asset(
            AssetKind.PROCEDURE,
            ("shop", "sales", "close(" + ", ".join(["text"] * 20) + ")"),
            facts={"arguments": [{"name": f"argument_{n}", "type": "text"} for n in range(20)]},
        ),
        Asset(AssetKind.AGGREGATE, ("shop", "sales", "longest(*)"), facts=routine | {"state_type": "text"}),
        Asset(
            AssetKind.DOMAIN,
            ("shop", "sales", "code"),
            facts={
                "type": "sales.mood",
                "is_not_null": True,
                "default": "upper(?)",
                "constraints": [{"name": "short", "definition": "CHECK (length(VALUE) < ?)"}],
            },
            not_seen="denied",
        ),
        Asset(
            AssetKind.RANGE,
            ("shop", "sales", "spans"),
            facts={"subtype": "numeric", "multirange": "sales.many"},
        ),
        relation(
            "address", kind=AssetKind.COMPOSITE_TYPE, columns=[["street", 1, "text", True, None, "<b>", None]]
        ),
        Asset(
            AssetKind.SEQUENCE,
            ("shop", "sales", "tickets"),
            facts={
                "type": "bigint",
                "start": 1,
                "increment": -5,
                "min": -(2**63),
                "max": 2**63 - 1,
                "cache": 1,
                "is_cycled": True,
                "owned_by": ["shop", "sales", "orders", "id"],
            },
        ),
        relation(
            "guarded",
            facts={
                "has_row_security": True,
                "replica_identity": "full",
                "triggers": [
                    {
                        "name": "on_change",
                        "timing": "before",
                        "events": ["insert", "update"],
                        "columns": ["id"],
                        "level": "row",
                        "function": function,
                        "condition": "(new.id > ?)",
                        "new_table": "gone <b>",
                        "is_disabled": True,
                    },
                    {"name": "odd", "condition": "abc", "condition_kind": "digest", "fires": "replica"},
                ],
                "rules": [
                    {"name": "stay", "event": "delete", "definition": "CREATE RULE ...", "is_instead": True}
                ],
                "policies": [
                    {
                        "name": "own",
                        "command": "select",
                        "roles": ["app"],
                        "using": "(owner = ?)",
                        "comment": "Own.",
                    }
                ],
                "statistics": [
                    {"name": "both", "kinds": ["mcv"], "keys": [{"column": "a b"}, {"expression": "f(?)"}]}
                ],
                "publications": [{"name": "outward", "columns": ["id"], "filter": "(id > ?)"}],
            },
        ),
    ]


DATABASE_FACTS = {
    "extensions": [{"name": "postgis", "version": "3.4", "schema": "public"}],
    "foreign_servers": [
        {"name": "elsewhere", "wrapper": "postgres_fdw", "options": ["host"], "version": "15"}
    ],
    "publications": [{"name": "outward", "publishes": ["insert"], "is_for_all_tables": True}],
    "subscriptions": [{"name": "inward", "publications": ["theirs"], "is_disabled": True}],
    "event_triggers": [
        {"name": "on_ddl", "event": "ddl_command_end", "function": ["shop", "sales", "watch()"]}
    ],
}


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
    return Filled(integration_id, run_id, found)


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


TRICK = "\u202egnitrats"
LONG = "n" * 1000


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


NOBODY = UUID("01900000-0000-7000-8000-000000000000")


def addresses(filled: Filled) -> dict[str, str]:
    """Return an address for every route that is not the sign-in's, by the route's name."""
    source, orders = filled.integration_id, filled.assets["shop.sales.orders"]
    return {
        "home": "/",
        "search": "/search/?q=orders",
        "search-hits": "/search/hits/?q=orders",
        "sign-out": "/sign-out/",
        "integrations": "/integrations/",
        "integration-choose": "/integrations/add/",
        "integration-add": "/integrations/add/postgres/",
        "integration-script": "/integrations/add/postgres/script/",
        "integration": f"/integrations/{source}/",
        "integration-state": f"/integrations/{source}/state/",
        "integration-edit": f"/integrations/{source}/edit/",
        "integration-test": f"/integrations/{source}/test/",
        "integration-extract": f"/integrations/{source}/extract/",
        "run": f"/integrations/{source}/runs/{filled.run_id}/",
        "run-cancel": f"/integrations/{source}/runs/{filled.run_id}/cancel/",
        "run-approve": f"/integrations/{source}/runs/{filled.run_id}/approve/",
        "integrations-json": "/integrations/state.json",
        "integration-json": f"/integrations/{source}/state.json",
        "integration-pause": f"/integrations/{source}/pause/",
        "integration-resume": f"/integrations/{source}/resume/",
        "integration-schedule": f"/integrations/{source}/schedule/",
        "integration-credential": f"/integrations/{source}/credential/",
        "integration-credential-script": f"/integrations/{source}/credential/script.sql",
        "integration-delete": f"/integrations/{source}/delete/",
        "settings-excess": "/settings/excess/",
        "browse": "/browse/",
        "browse-integration": f"/browse/{source}/",
        "asset": f"/assets/{orders}/",
        "asset-part": f"/assets/{orders}/keys/",
        "asset-changes": f"/assets/{orders}/changes/",
        "integration-changes": f"/integrations/{source}/changes/",
        "integration-difference": f"/integrations/{source}/difference/",
        "settings": "/settings/",
        "settings-organization": "/settings/organization/",
        "settings-name": "/settings/name/",
    }


# What everybody may read. The sign-in's own pages are not among them.
PUBLIC = {
    "promises": "/promises",
    "promises-json": "/.well-known/promises.json",
    "promises-slash": "/promises/",
    "statements": "/promises/statements/postgres/",
}
PUBLIC_PAGES = ["/promises", "/promises?state=proven", "/promises?state=stale", PUBLIC["statements"]]
POST_ONLY = {
    "sign-out",
    "integration-test",
    "integration-extract",
    "integration-pause",
    "integration-resume",
    "run-cancel",
    "settings-organization",
    "settings-excess",
    "settings-name",
}
NO_PAGES = {"integrations-json", "integration-json", "integration-credential-script"}


def pages(filled: Filled) -> list[str]:
    """Return the address of every page that can be looked at, each part of each kind of asset included."""
    found = [at for name, at in addresses(filled).items() if name not in POST_ONLY | NO_PAGES]
    for locator, ident in filled.assets.items():
        found.append(f"/assets/{ident}/")
        if locator.endswith(".orders"):
            found += [f"/assets/{ident}/{part}/" for part in ("keys", "indexes", "details")]
    guarded = filled.assets["shop.sales.guarded"]
    found += [f"/assets/{guarded}/{part}/" for part in ("triggers", "policies", "details")]
    found += [f"/assets/{filled.assets['shop.sales']}/?show=functions"]
    found += [
        f"/assets/{filled.assets['shop.sales.recent']}/definition/",
        f"/assets/{filled.assets['shop.sales.events']}/partitions/",
        f"/assets/{filled.assets['shop.sales.wide']}/?after=200",
        *PUBLIC_PAGES,
        f"/integrations/{filled.integration_id}/credential/?level=write&from=3",
        "/search/",
        "/search/?q=nothing-is-called-that",
        "/search/?q=" + "x" * 600,
        "/nowhere/",
        f"/assets/{NOBODY}/",
    ]
    return found


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


def pages_when_altered(filled: Filled) -> list[str]:
    """Return the pages that say what has changed."""
    source = f"/integrations/{filled.integration_id}/"
    return [
        "/",
        *(f"{source}{page}" for page in ("changes/", "changes/?show=changed", "changes/?from=2026-13-01")),
        *(
            f"{source}changes/?{days}"
            for days in ("from=2001-01-01&to=2001-01-02", "from=2002-01-01&to=2001-01-02")
        ),
        *(f"{source}difference/{days}" for days in ("", "?from=&to=", "?from=2001-01-01&to=2001-01-02")),
        *(f"/assets/{ident}/changes/" for ident in filled.assets.values()),
    ]


def pages_when_held(filled: Filled, run_id: RunId) -> list[str]:
    """Return the pages that say something else while a run asks."""
    source = f"/integrations/{filled.integration_id}/"
    return [
        "/",
        "/integrations/",
        source,
        f"{source}schedule/",
        f"{source}runs/{run_id}/",
        f"{source}runs/{run_id}/?gone_after=shop.sales",
        f"{source}runs/{run_id}/approve/",
    ]
