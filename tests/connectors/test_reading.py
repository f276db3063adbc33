"""What is read of each construct, on hardened servers and in odd encodings too."""

from __future__ import annotations

import pytest

from fanlight.connectors.postgres import datatypes, relations, routines, sequences
from fanlight.connectors.types import Asset, AssetKind, NotSeen
from fanlight.core.errors import SourceFailure
from fanlight.core.identifiers import join_path
from tests.connectors.conftest import Source
from tests.connectors.oracle import described
from tests.servers import template_clone


def _column(asset: Asset, name: str) -> list[object]:
    (found,) = [column for column in asset.columns if column[0] == name]
    return found


def test_columns_are_in_the_sources_order_with_types_as_it_prints_them(shop: Source) -> None:
    customers = shop.asset("shop", "customers")
    positions = [column[1] for column in customers.columns]
    assert positions == sorted(positions)
    assert _column(customers, "after_gone")[1] == 31
    assert _column(customers, "id") == ["id", 1, "bigint", False, None, None, {"identity": "always"}]
    assert _column(customers, "legacy")[6] == {"identity": "by default"}
    assert _column(customers, "Full Name")[2:5] == ["character varying(64)", False, "?::character varying"]
    assert _column(customers, "mail")[6] == {"collation": "C"}
    assert _column(customers, "town")[6] == {"collation": "shop.german"}
    assert _column(customers, "mood")[2] == "shop.mood"
    assert _column(customers, "visits")[2:4] == ["shop.positive", False]
    assert _column(customers, "codes")[2] == "character varying(7)[]"
    assert _column(customers, "span")[2] == "interval day to second(3)"
    assert _column(customers, "key_upper")[4:] == ["(upper(mail) || ?::text)", None, {"generated": "stored"}]


def test_a_virtual_column_is_told_from_a_stored_one(shop: Source) -> None:
    if shop.major < 18:
        assert ("shop", "since_18") not in {asset.path[1:] for asset in shop.read()}
        return
    newer = shop.asset("shop", "since_18")
    assert _column(newer, "doubled")[6] == {"generated": "virtual"}
    assert newer.facts["constraints"][0]["is_not_enforced"] is True


def test_keys_have_columns_in_their_order_and_actions(shop: Source) -> None:
    keys = {key["name"]: key for key in shop.asset("shop", "parcels").facts["keys"]}
    assert keys["of_order"] == {
        "name": "of_order",
        "kind": "foreign",
        "columns": ["b", "a"],
        "target": [shop.database, "shop", "orders"],
        "target_columns": ["line", "customer"],
        "on_update": "restrict",
        "on_delete": "set default",
        "match": "full",
    }
    assert keys["partly"]["on_delete_columns"] == ["a"]
    assert keys["unique_later"] == {
        "name": "unique_later", "kind": "unique", "columns": ["a", "b"], "is_deferrable": True,
    }  # fmt: skip
    primary = shop.asset("shop", "orders").facts["keys"][0]
    assert (primary["kind"], primary["columns"]) == ("primary", ["line", "customer"])


def test_indexes_have_ordered_keys_options_and_predicates(shop: Source) -> None:
    indexes = {index["name"]: index for index in shop.asset("shop", "customers").facts["indexes"]}
    assert indexes["customers_lower"] == {
        "name": "customers_lower",
        "method": "btree",
        "keys": [
            {"expression": "lower(mail)", "order": "desc", "nulls": "last"},
            {"column": "town"},
            {"expression": "((balance + ?))"},
        ],
        "predicate": "(balance > ?)",
    }
    assert indexes["customers_cover"]["keys"] == [
        {"column": "town", "order": "desc"},
        {"column": "mail", "nulls": "first"},
    ]
    assert indexes["customers_cover"]["included"] == ["born", "Full Name"]
    assert indexes["customers_cover"]["comment"] == "For the list."
    assert indexes["customers_nulls"]["is_nulls_not_distinct"] is True
    assert indexes["customers_pkey"]["is_primary"] is True


def test_partitions_and_children_name_their_parents(shop: Source) -> None:
    sales = shop.asset("shop", "sales")
    assert sales.kind is AssetKind.PARTITIONED_TABLE
    assert sales.facts["partition_key"] == "RANGE (day, lower((region || ?::text)))"
    part = shop.asset("shop", "sales_2023")
    assert part.facts["is_partition"] is True
    assert part.facts["parents"] == [[shop.database, "shop", "sales"]]
    assert part.facts["partition_bound"] == "FOR VALUES FROM (?, MINVALUE) TO (?, MINVALUE)"
    robots = shop.asset("shop", "robots")
    assert robots.facts["parents"] == [
        [shop.database, "shop", "animals"],
        [shop.database, "shop", "machines"],
    ]
    assert "is_partition" not in robots.facts


def test_enum_labels_and_comments_are_metadata_and_kept_exactly(shop: Source) -> None:
    mood = shop.asset("shop", "mood")
    assert mood.facts["labels"] == ["sad", "ok", "very ok", 'it\'s "fine"', "glad"]
    assert mood.comment == "How they feel."
    assert shop.asset("shop", "customers").comment == 'People.\nTwo lines, a quote \' and a "name".'


def test_a_foreign_table_names_its_server_and_none_of_its_options(shop: Source) -> None:
    remote = shop.asset("shop", "remote")
    assert remote.facts["server"] == "elsewhere"
    assert "hidden" not in repr(remote)


def test_parents_come_before_children(shop: Source) -> None:
    seen: set[tuple[str, ...]] = {()}
    for asset in shop.read():
        assert asset.path[:-1] in seen
        seen.add(asset.path)


def test_estimates_are_the_sources_own_and_absent_while_it_has_none(source: Source) -> None:
    source.execute("CREATE TABLE t (a integer PRIMARY KEY, b text); CREATE VIEW v AS TABLE t")
    assert (source.asset("public", "t").row_estimate, source.asset("public", "t").size_bytes) == (None, None)
    source.execute("ALTER TABLE t ALTER b SET STORAGE EXTERNAL")
    source.execute("INSERT INTO t SELECT n, repeat('x', 3000) FROM generate_series(1, 1000) n")
    source.execute("VACUUM ANALYZE t")
    with source.superuser() as connection:
        (row,) = connection.execute("SELECT pg_total_relation_size('t')").fetchall()
    table = source.asset("public", "t")
    assert table.row_estimate == 1000
    assert table.size_bytes is not None
    assert row[0] * 0.9 < table.size_bytes <= row[0]
    assert source.asset("public", "v").row_estimate is None


def test_the_total_is_what_a_read_yields(shop: Source) -> None:
    with shop.open() as session:
        assert session.total is None
        assert session.unlisted == []
        count = sum(len(batch) for batch in session.read())
        assert session.total == count


def test_small_batches_yield_the_same(shop: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = shop.read()
    monkeypatch.setattr(relations, "BATCH_RELATIONS", 3)
    monkeypatch.setattr(relations, "BATCH_COLUMNS", 20)
    for module, size in ((datatypes, "TYPES"), (sequences, "SEQUENCES"), (routines, "ROUTINES")):
        monkeypatch.setattr(module, f"BATCH_{size}", 1)
    with shop.open() as session:
        batches = list(session.read())
    assert [asset for batch in batches for asset in batch] == expected
    assert len(batches) > 10


def test_the_systems_schemas_are_left_out(shop: Source) -> None:
    with shop.superuser() as connection:
        connection.execute("CREATE TEMP TABLE passing (x integer)")
        schemas = {asset.path[1] for asset in shop.read() if len(asset.path) > 1}
    assert schemas == {"public", "shop", "empty", 'Odd "Schema"'}


@pytest.mark.parametrize(
    ("table", "missing", "kept"),
    [
        ("pg_constraint", "keys", "indexes"),
        ("pg_index", "indexes", "keys"),
        ("pg_description", "comment", "keys"),
        ("pg_inherits", "parents", "keys"),
        ("pg_attrdef", "default", "keys"),
    ],
)
def test_a_hardened_server_costs_only_what_it_hides(
    shop: Source, table: str, missing: str, kept: str
) -> None:
    shop.execute(f"REVOKE SELECT ON pg_catalog.{table} FROM PUBLIC")
    assets = {asset.path[1:]: asset for asset in shop.read()}
    customers = assets["shop", "customers"]
    assert NotSeen(join_path(shop.database, "pg_catalog", table), "denied") in shop.not_seen
    assert customers.not_seen == "denied"
    assert kept in customers.facts
    assert missing not in customers.facts
    assert len(customers.columns) > 20
    if missing == "comment":
        assert customers.comment is None
    if missing == "indexes":
        assert customers.size_bytes is None


def test_hidden_labels_leave_the_type(shop: Source) -> None:
    shop.execute("REVOKE SELECT ON pg_catalog.pg_enum FROM PUBLIC")
    mood = shop.asset("shop", "mood")
    assert mood.not_seen == "denied"
    assert "labels" not in mood.facts
    assert NotSeen(join_path(shop.database, "pg_catalog", "pg_enum"), "denied") in shop.not_seen


def test_a_hidden_list_of_databases_is_named(source: Source) -> None:
    source.execute("REVOKE SELECT ON pg_catalog.pg_database FROM PUBLIC")
    with source.open() as session:
        assert session.report().databases == ((source.database, True),)
    source.read()
    assert NotSeen(join_path(source.database, "pg_catalog", "pg_database"), "denied") in source.not_seen


def test_a_forbidden_function_costs_only_its_texts(shop: Source) -> None:
    shop.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_get_viewdef(oid) FROM PUBLIC")
    assets = {asset.path[1:]: asset for asset in shop.read()}
    assert assets["shop", "rich"].not_seen == "denied"
    assert "definition" not in assets["shop", "rich"].facts
    assert len(assets["shop", "rich"].columns) == 5
    assert assets["shop", "customers"].not_seen == ""


@pytest.mark.parametrize("table", ["pg_class", "pg_attribute", "pg_namespace"])
def test_without_the_essential_tables_the_run_ends_with_a_remedy(source: Source, table: str) -> None:
    source.execute(f"REVOKE SELECT ON pg_catalog.{table} FROM PUBLIC; CREATE TABLE t (x integer)")
    with pytest.raises(SourceFailure) as failed:
        source.read()
    assert failed.value.code == "source.denied"
    assert "SELECT" in failed.value.remedy


def test_bytes_that_are_not_text_are_shown_and_do_not_meet(source: Source) -> None:
    name = f"{source.database}_ascii"
    with source.server.connect() as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        with source.server.connect(name) as connection:
            connection.execute(b'CREATE TABLE "caf\xe9" ("\xe8" integer DEFAULT 3, "\xe9" text, plain text)')
            connection.execute(b'CREATE TABLE "caf\xe8" (x integer)')
            connection.execute('CREATE TABLE "café" (x integer)'.encode())
            connection.execute(
                b"COMMENT ON TABLE \"caf\xe9\" IS 'd\xe9j\xe0'; CREATE TYPE e AS ENUM ('\xe9')"
            )
        odd = Source(source.server, name)
        found = {asset.path[1:]: asset for asset in odd.read()}
    finally:
        source.execute(f"DROP DATABASE {name} WITH (FORCE)")
    table = found["public", "caf\\xe9"]
    assert ("public", "caf\\xe8") in found
    assert ("public", "café") in found
    assert [column[0] for column in table.columns] == ["\\xe8", "\\xe9", "plain"]
    assert table.comment == "d\\xe9j\\xe0"
    assert found["public", "e"].facts["labels"] == ["\\xe9"]


def test_another_encoding_of_the_database_comes_out_as_text(source: Source) -> None:
    name = f"{source.database}_latin1"
    with source.server.connect() as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    try:
        with source.server.connect(name) as connection:
            connection.execute('CREATE TABLE "café" (x integer)')
        found = {asset.path[1:] for asset in Source(source.server, name).read()}
    finally:
        source.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert ("public", "café") in found


def test_names_may_hold_control_characters(source: Source) -> None:
    source.execute('CREATE TABLE "a\x01b\tc\nd\x7f" ("\x1b[31m" integer DEFAULT 1, CHECK ("\x1b[31m" > 0))')
    table = source.asset("public", "a\x01b\tc\nd\x7f")
    assert table.columns[0][0] == "\x1b[31m"
    # A text with a control character in it is not understood, and kept as a digest.
    assert table.facts["constraints"][0]["definition_kind"] == "digest"
    assert table.facts["constraints"][0]["columns"] == ["\x1b[31m"]


def test_a_clone_reads_the_same_but_for_its_name(shop: Source) -> None:
    clone = f"{shop.database}_clone"
    expected = described(shop.read())
    with template_clone(shop.server, shop.database, clone):
        found = described(Source(shop.server, clone).read())
    assert found.keys() == expected.keys()
