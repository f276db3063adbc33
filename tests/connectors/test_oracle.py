"""What a role without grants reads equals what the owner reads by other means."""

from __future__ import annotations

from collections import Counter

import pytest

from fanlight.connectors.types import AssetKind
from tests.connectors.conftest import ROLE, Source
from tests.connectors.dumped import dump, dump_differences
from tests.connectors.oracle import Oracle, described, differences

CHANGES = (
    "ALTER DOMAIN shop.positive ADD CHECK (VALUE <> 7)",
    "ALTER DOMAIN shop.nickname SET DEFAULT upper('x')",
    "ALTER DOMAIN shop.nickname SET NOT NULL",
    "ALTER TYPE shop.nothing ADD ATTRIBUTE number bigint",
    "COMMENT ON COLUMN shop.address.number IS 'new'",
    "ALTER TYPE shop.price_range RENAME TO money_range",
    "ALTER SEQUENCE shop.tickets MAXVALUE 101",
    "ALTER SEQUENCE shop.tickets NO CYCLE",
    "ALTER SEQUENCE shop.serials_id_seq OWNED BY NONE",
    "ALTER SEQUENCE shop.twin OWNER TO app",
    "CREATE FUNCTION shop.bump(bigint) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ("CREATE OR REPLACE FUNCTION shop.bump(by_how integer, note text DEFAULT lower('X'), at timestamptz DEFAULT now())"
     " RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'"),
    "ALTER FUNCTION shop.standard IMMUTABLE",
    "ALTER FUNCTION shop.standard SECURITY DEFINER",
    "ALTER FUNCTION shop.standard SET work_mem = '8MB'",
    "ALTER PROCEDURE shop.close_day RENAME TO end_day",
    "ALTER AGGREGATE shop.longest(text) OWNER TO app",
    "COMMENT ON FUNCTION shop.bump(integer) IS 'new'",
    "ALTER TABLE shop.orders ENABLE TRIGGER moved",
    "ALTER TRIGGER moved ON shop.orders RENAME TO gone",
    "CREATE TRIGGER added AFTER INSERT ON shop.tree WHEN (pg_trigger_depth() = 1) EXECUTE FUNCTION shop.watch()",
    "CREATE OR REPLACE RULE no_delete AS ON DELETE TO shop.scratch WHERE OLD.x < 99 DO INSTEAD NOTHING",
    "ALTER TABLE shop.scratch ENABLE REPLICA RULE no_delete",
    "ALTER POLICY own_town ON shop.customers TO PUBLIC",
    "ALTER POLICY new_ones ON shop.customers WITH CHECK (length(mail) > 3)",
    "ALTER TABLE shop.customers NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE shop.tree ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE shop.tree REPLICA IDENTITY DEFAULT",
    "CREATE STATISTICS shop.added ON line, note FROM shop.orders",
    "DROP STATISTICS shop.customers_few",
    "ALTER PUBLICATION outward ADD TABLE shop.orders",
    "ALTER PUBLICATION outward SET TABLE shop.tree (id), shop.customers WHERE (legacy < 5), shop.by_hash",
    "ALTER PUBLICATION whole_schema DROP TABLES IN SCHEMA empty",
    "ALTER PUBLICATION nothing_yet SET (publish = 'delete')",
    "ALTER SERVER elsewhere VERSION '16' OPTIONS (ADD port '1')",
    "ALTER EVENT TRIGGER on_collations DISABLE",
    "ALTER FOREIGN TABLE shop.remote OPTIONS (ADD schema_name 'x')",
    "DROP EXTENSION postgres_fdw CASCADE",
)  # fmt: skip


def _owner_reads(source: Source) -> dict[tuple[str, ...], dict[str, object]]:
    with source.superuser() as connection:
        return Oracle(connection).read()


def test_a_role_without_grants_reads_what_the_owner_reads(shop: Source) -> None:
    assert differences(described(shop.read()), _owner_reads(shop)) == []
    assert shop.not_seen == []
    assert shop.unlisted == []


def test_what_was_read_makes_the_owners_dump_again(shop: Source) -> None:
    assert dump_differences(shop, shop.read()) == []


def test_the_schema_has_something_of_every_kind(shop: Source) -> None:
    kinds = Counter(asset.kind for asset in shop.read())
    assert set(kinds) == set(AssetKind)
    assert kinds[AssetKind.TABLE] > 10


def test_the_role_of_these_tests_has_no_grant(shop: Source) -> None:
    with shop.superuser() as connection:
        (rows,) = connection.execute(
            "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s", [ROLE]
        ).fetchall()
        (may_use,) = connection.execute("SELECT has_schema_privilege(%s, 'shop', 'USAGE')", [ROLE]).fetchall()
    assert rows == (0,)
    assert may_use == (False,)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("ALTER TABLE shop.animals ALTER COLUMN name TYPE varchar(9)", "columns"),
        ("ALTER TABLE shop.orders ALTER COLUMN note SET NOT NULL", "columns"),
        ("ALTER TABLE shop.orders RENAME COLUMN note TO notes", "columns"),
        ("COMMENT ON COLUMN shop.orders.note IS 'new'", "columns"),
        ("ALTER TABLE shop.animals ALTER COLUMN legs DROP DEFAULT", "columns"),
        ("CREATE INDEX added ON shop.orders (note)", "indexes"),
        ("ALTER TABLE shop.orders DROP CONSTRAINT of_customer", "keys"),
        ("ALTER TABLE shop.parcels VALIDATE CONSTRAINT not_checked", "constraints"),
        ("ALTER TYPE shop.mood ADD VALUE 'new' BEFORE 'sad'", "labels"),
        (("CREATE OR REPLACE VIEW \"Odd \"\"Schema\"\"\".\"A view.with a dot\" AS "
         "SELECT r.id + 1 AS \"Id\", 'x' AS \"?\" FROM shop.rich r"), "definition"),
        ("CREATE TABLE shop.added (x integer)", "only on the"),
    ],
)  # fmt: skip
def test_the_oracle_sees_a_difference(shop: Source, change: str, where: str) -> None:
    before = described(shop.read())
    shop.execute(change)
    found = differences(before, _owner_reads(shop))
    assert any(where in line for line in found), found
    assert differences(described(shop.read()), _owner_reads(shop)) == []


def test_the_dump_sees_each_difference(shop: Source) -> None:
    before = shop.read()
    for change in CHANGES:
        shop.execute(change)
        theirs = dump(shop)
        assert dump_differences(shop, before, theirs), change
        before = shop.read()
        assert dump_differences(shop, before, theirs) == [], change


def test_two_reads_are_the_same(shop: Source) -> None:
    assert shop.read() == shop.read()
