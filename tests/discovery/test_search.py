"""Search: what it finds and in which order, and that the function past row security betrays nothing."""

from __future__ import annotations

import psycopg
import pytest

from fanlight.discovery.queries import search
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


@pytest.fixture
def shop(world: World, source: Source) -> str:
    """An extracted shop; returns the path of its sales schema."""
    extract(world, add(world, source))
    return f"shop.{source.database}.sales"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("orders", "orders"),
        ("ORDERS", "orders"),
        ("order", "orders"),
        ("email", "customers.email"),
        ("fullname", 'customers."fullName"'),
        ("full na", 'customers."fullName"'),
        ("name full", 'customers."fullName"'),
        ("sales.orders", "orders"),
        ("orders.total", "orders.total"),
        ("open", "open_orders"),
        ("order_state", "order_state"),
        ("bought", "customers"),
        ("euros", "orders.total"),
    ],
)
def test_what_is_typed_finds_what_is_meant(world: World, shop: str, typed: str, first: str) -> None:
    assert search(world.bob, typed)[0].path == f"{shop}.{first}"


def test_a_whole_path_finds_exactly_that_first(world: World, shop: str) -> None:
    assert search(world.bob, f"{shop}.orders.state")[0].path == f"{shop}.orders.state"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".",
        "...",
        "'",
        "\\",
        "%",
        "_",
        "' XQ qqx --",
        "zzq & | !",
        "(:*)",
        "\x00",
        "x" * 501,
        "\u202e",
        '"',
        "''''",
    ],
)
def test_what_means_nothing_finds_nothing_and_breaks_nothing(world: World, shop: str, typed: str) -> None:
    assert search(world.bob, typed) == []


@pytest.mark.parametrize("typed", ["orders", "sales.orders", "order", "customer", "shop"])
def test_another_organization_finds_nothing_of_ours(world: World, shop: str, typed: str) -> None:
    assert search(world.charlie, typed) == []


def _call(world: World, setting: str | None, role: str = "portal") -> list[tuple[object, ...]]:
    with world.catalogue.connect(role) as session, session.transaction():
        if setting is not None:
            session.execute("SELECT set_config('fanlight.organization_id', %s, true)", [setting])
        return session.execute("SELECT * FROM fanlight_search('orders', 100)").fetchall()


def test_the_function_takes_the_organization_from_the_setting_alone(world: World, shop: str) -> None:
    ours = {row[0] for row in _call(world, str(world.a))}
    assert ours
    with world.catalogue.connect("postgres") as session:
        owners = session.execute(
            "SELECT DISTINCT organization_id FROM discovery_entry WHERE id = ANY(%s)", [list(ours)]
        ).fetchall()
    assert owners == [(world.a,)]


@pytest.mark.parametrize("setting", [None, ""])
def test_without_an_organization_the_function_finds_nothing(
    world: World, shop: str, setting: str | None
) -> None:
    assert _call(world, setting) == []


@pytest.mark.parametrize("setting", ["x", "' OR true --", "%", "null"])
def test_with_garbage_the_function_fails(world: World, shop: str, setting: str) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        _call(world, setting)


def test_a_caller_cannot_slip_a_table_or_function_of_its_own_under_it(world: World, shop: str) -> None:
    with world.catalogue.connect("portal") as session, session.transaction():
        session.execute("SET LOCAL search_path = pg_temp, public")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("CREATE TEMP TABLE discovery_entry (id uuid)")


def test_the_portal_cannot_become_the_functions_owner(world: World) -> None:
    with world.catalogue.connect("portal") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("SET ROLE fanlight_search")


def test_no_more_is_returned_than_asked_for(world: World, shop: str) -> None:
    assert len(search(world.bob, "o", most=3)) == 3


def test_every_hit_leads_to_an_asset_of_the_organization(world: World, shop: str) -> None:
    from fanlight.catalog import queries

    for hit in search(world.bob, "o", most=100):
        assert queries.asset(world.bob, hit.asset_id).path in hit.path


def test_a_function_is_found_by_its_name_alone_and_tables_come_first(world: World, source: Source) -> None:
    source.run(
        """CREATE FUNCTION sales.ship(parcel integer, how text DEFAULT 'x') RETURNS text LANGUAGE sql AS 'SELECT $2';
           CREATE FUNCTION sales.parcels_of(customer bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1';
           CREATE SEQUENCE sales.parcels_label; CREATE DOMAIN sales.parcels_size AS text;
           CREATE TABLE sales.parcels (id integer)"""
    )
    extract(world, add(world, source))
    sales = f"shop.{source.database}.sales"
    ship = f'{sales}."ship(integer, text)"'
    for typed in ("ship", "sales.ship", "SHIP", f"{source.database}.sales.ship"):
        assert search(world.bob, typed)[0].path == ship, typed
    assert ship not in {hit.path for hit in search(world.bob, "integer text", most=100)}
    found = [hit.kind for hit in search(world.bob, "parcels")]
    assert found == ["table", "function", "domain", "sequence", "column"]
