"""What a role without grants reads equals what the owner reads by other means."""

from __future__ import annotations

from collections import Counter

import pytest

from fanlight.connectors.types import AssetKind
from tests.connectors.conftest import ROLE, Source
from tests.connectors.oracle import Oracle, described, differences


def _owner_reads(source: Source) -> dict[tuple[str, ...], dict[str, object]]:
    with source.superuser() as connection:
        return Oracle(connection).read()


def test_a_role_without_grants_reads_what_the_owner_reads(shop: Source) -> None:
    assert differences(described(shop.read()), _owner_reads(shop)) == []
    assert shop.not_seen == []


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
        ("ALTER TABLE shop.orders ALTER COLUMN note TYPE varchar(9)", "columns"),
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


def test_two_reads_are_the_same(shop: Source) -> None:
    assert shop.read() == shop.read()
