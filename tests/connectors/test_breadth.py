"""Types, sequences, functions and what is attached to tables: what is said of each, spelled out."""

from __future__ import annotations

import re

import pytest

from fanlight.connectors.postgres.closed_list import STATEMENTS, names_for
from fanlight.connectors.types import Asset, AssetKind, NotSeen
from fanlight.core.identifiers import join_path
from tests.connectors.conftest import Source

VERSIONED = {
    "ranges": (list(range(100, 20_000)),),
    "statistics": (0, 2**31),
    "published_relations": (0, 2**31),
    "publications": (),
}


def _by_path(assets: list[Asset]) -> dict[tuple[str, ...], Asset]:
    return {asset.path[1:]: asset for asset in assets}


def test_functions_are_told_apart_by_the_types_of_their_arguments(shop: Source) -> None:
    assets = _by_path(shop.read())
    more = assets["shop", "bump(integer, text, timestamp with time zone)"]
    assert more.kind is AssetKind.FUNCTION
    assert more.comment == "Adds more."
    assert more.facts == {
        "owner": "app",
        "language": "plpgsql",
        "returns": "bigint",
        "volatility": "stable",
        "parallel": "restricted",
        "is_security_definer": True,
        "settings": ["search_path", "work_mem"],
        "arguments": [
            {"name": "by_how", "type": "integer"},
            {"name": "note", "type": "text", "default": "?::text"},
            {"name": "at", "type": "timestamp with time zone", "default": "(now() - ?::interval)"},
        ],
    }
    assert {"is_strict", "is_leakproof"} <= assets["shop", "bump(integer) (function)"].facts.keys()
    assert assets["shop", "bump(integer)"].kind is AssetKind.TABLE
    assert [one.get("mode") for one in assets["shop", "parts(shop.mood, text[])"].facts["arguments"]] == [
        "out", "inout", "variadic",
    ]  # fmt: skip
    assert assets["shop", "all_of(*)"].facts["final_function"] == "pg_catalog.int8up"


def test_the_functions_that_come_with_a_range_type_are_a_part_of_it(shop: Source) -> None:
    paths = _by_path(shop.read())
    assert ("shop", "price_range") in paths
    assert not [
        path for path in paths if path[1:2] and path[1].startswith(("price_range(", "price_multirange("))
    ]


def test_a_sequence_that_shares_its_name_with_a_type_is_told_apart(shop: Source) -> None:
    assets = _by_path(shop.read())
    assert assets["shop", "twin"].kind is AssetKind.DOMAIN
    assert assets["shop", "twin (sequence)"].kind is AssetKind.SEQUENCE


def test_no_two_things_have_one_path_whatever_they_are_called(source: Source) -> None:
    source.execute(
        """CREATE SEQUENCE x; CREATE DOMAIN x AS text; CREATE TABLE "x (sequence)" (a integer);
           CREATE TABLE "f(integer)" (a integer); CREATE TABLE "f(integer) (function)" (a integer);
           CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
           CREATE DOMAIN "g()" AS text; CREATE PROCEDURE g() LANGUAGE sql AS 'SELECT 1';
           CREATE FUNCTION "g("() RETURNS integer LANGUAGE sql AS 'SELECT 1'"""
    )
    assets = source.read()
    paths = [asset.path for asset in assets]
    assert len(paths) == len(set(paths)) == 11
    assert sum(asset.kind is AssetKind.SEQUENCE for asset in assets) == 1
    assert sum(asset.kind is AssetKind.FUNCTION for asset in assets) == 2
    assert source.read() == assets


def test_sequences_behind_identity_columns_are_a_part_of_their_column(shop: Source) -> None:
    sequences = [asset.path[-1] for asset in shop.read() if asset.kind is AssetKind.SEQUENCE]
    assert "serials_id_seq" in sequences
    assert "customers_id_seq" not in sequences
    assert shop.asset("shop", "serials_big_seq").facts["owned_by"] == [
        shop.database,
        "shop",
        "serials",
        "big",
    ]


def test_what_belongs_to_an_extension_says_so_and_is_not_hidden(shop: Source) -> None:
    assets = shop.read()
    of = [asset for asset in assets if asset.facts.get("extension") == "btree_gist"]
    assert len(of) > 100
    assert {asset.path[1] for asset in of} == {"public"}
    assert all("extension" not in asset.facts for asset in assets if asset.path[1:2] == ("shop",))
    (database,) = [asset for asset in assets if asset.kind is AssetKind.DATABASE]
    assert [one["name"] for one in database.facts["extensions"]] == ["btree_gist", "plpgsql", "postgres_fdw"]


def test_options_are_names_only_and_user_mappings_are_not_read(shop: Source) -> None:
    assets = shop.read()
    (database,) = [asset for asset in assets if asset.kind is AssetKind.DATABASE]
    servers = {one["name"]: one for one in database.facts["foreign_servers"]}
    assert servers["elsewhere"]["options"] == ["host", "dbname"]
    assert _by_path(assets)["shop", "remote"].facts["options"] == ["table_name"]
    assert "hidden" not in repr(assets)
    assert "secret-host" not in repr(assets)


def test_a_trigger_says_when_it_fires_and_what_it_calls(shop: Source) -> None:
    triggers = {one["name"]: one for one in shop.asset("shop", "orders").facts["triggers"]}
    assert triggers["on_change"] == {
        "name": "on_change",
        "timing": "before",
        "events": ["insert", "update"],
        "level": "row",
        "columns": ["note", "line"],
        "function": [shop.database, "shop", "watch()"],
        "condition": "((new.note <> ?::text) AND (new.line > ?))",
        "comment": "Looks.",
    }
    assert triggers["moved"]["is_disabled"] is True
    assert triggers["emptied"]["fires"] == "always"
    (at_the_end,) = shop.asset("shop", "parcels").facts["triggers"]
    assert at_the_end["condition"].startswith("CASE")
    assert at_the_end["from"] == [shop.database, "shop", "customers"]
    (of_all,) = shop.asset("shop", "sales_2023").facts["triggers"]
    assert of_all["is_inherited"] is True


def test_a_publication_stands_where_it_speaks(shop: Source) -> None:
    assets = _by_path(shop.read())
    assert assets["shop", "tree"].facts["publications"] == [{"name": "outward", "columns": ["id", "parent"]}]
    assert assets["shop",].facts["publications"] == [{"name": "whole_schema"}]
    everything = {one["name"]: one for one in assets[()].facts["publications"]}
    assert everything["All of it"]["is_for_all_tables"] is True


def test_a_subscription_is_named_and_how_it_connects_is_never_asked(source: Source) -> None:
    source.execute(
        """CREATE SUBSCRIPTION inward CONNECTION 'host=hidden-host password=hidden' PUBLICATION theirs, others
           WITH (connect = false, enabled = false, slot_name = NONE)"""
    )
    try:
        (database,) = [asset for asset in source.read() if asset.kind is AssetKind.DATABASE]
    finally:
        source.execute("DROP SUBSCRIPTION inward")
    assert database.facts["subscriptions"] == [
        {"name": "inward", "owner": "postgres", "publications": ["theirs", "others"], "is_disabled": True}
    ]
    assert "hidden" not in repr(database)


def test_a_locked_table_is_the_only_thing_that_is_not_seen_of_its_rules_and_policies(shop: Source) -> None:
    with shop.superuser() as holder, holder.transaction():
        holder.execute("LOCK TABLE shop.scratch, shop.orders IN ACCESS EXCLUSIVE MODE")
        assets = _by_path(shop.read())
    missing = {path for path, asset in assets.items() if asset.not_seen}
    assert {("shop", "scratch"), ("shop", "orders")} & missing
    assert NotSeen(join_path(shop.database, "shop", "scratch"), "locked") in shop.not_seen
    assert {one.reason for one in shop.not_seen} == {"locked"}
    assert [one["name"] for one in assets["shop", "orders"].facts["triggers"]] == [
        'Odd " WHEN (trigger', "emptied", "moved", "on_change",
    ]  # fmt: skip


@pytest.mark.parametrize("plain", VERSIONED)
def test_the_statements_for_older_servers_answer_alike(shop: Source, plain: str) -> None:
    parameters = VERSIONED[plain]
    older = [name for name in STATEMENTS if re.fullmatch(rf"{plain}_[0-9]+", name)]
    assert len(older) == 2
    with shop.open() as session, session._transaction():
        newest = session._guard.run(names_for(shop.major)[plain], parameters)
        for name in older:
            if int(name.rpartition("_")[2]) <= shop.major:
                rows = session._guard.run(name, parameters)
                assert [len(row) for row in rows] == [len(row) for row in newest]
                assert [row[:3] for row in rows] == [row[:3] for row in newest]
        assert newest
