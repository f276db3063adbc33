"""A small source: a bit of everything that a page can show, names included that would harm a careless one."""

from __future__ import annotations

from typing import Any

from fanlight.connectors.types import Asset, AssetKind

HOSTILE = '<script>alert("1")</script>'


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
TRICK = "\u202egnitrats"
LONG = "n" * 1000
