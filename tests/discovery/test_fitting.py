"""What fits what was typed best: words in any order, a column by its table's words, the nearest of what a typo may mean."""

from __future__ import annotations

import psycopg
import pytest

from fanlight.discovery.queries import search
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _names(world: World, source: Source, typed: str, *statements: str, most: int = 20) -> list[str]:
    """Add these to the shop, extract it, and return what is found: names, of columns with the table's."""
    source.run(";".join(statements))
    extract(world, add(world, source))
    below = len(f"shop.{source.database}.sales.")
    return [hit.path[below:].replace('"', "") for hit in search(world.bob, typed, most=most)]


def test_nobody_but_search_may_ask_for_the_meaning_of_words(world: World) -> None:
    for role in ("portal", "worker", "owner"):
        with world.catalogue.connect(role) as session:
            session.execute("SELECT set_config('fanlight.organization_id', %s, false)", [str(world.a)])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("SELECT * FROM fanlight_search_words('{orders}')")


def test_without_an_organization_no_word_means_anything(world: World, source: Source) -> None:
    extract(world, add(world, source))
    with world.catalogue.connect("postgres") as session, session.transaction():
        session.execute("SET LOCAL ROLE fanlight_search")
        row = session.execute("SELECT meant, corrected FROM fanlight_search_words('{orders,ordres}')")
        assert row.fetchone() == ([], None)


def test_words_in_another_order_find_the_table_before_columns_in_that_order(
    world: World, source: Source
) -> None:
    found = _names(
        world,
        source,
        "count account",
        "CREATE TABLE sales.account_count (id int)",
        "CREATE TABLE sales.months (count_account int)",
    )
    assert found[:2] == ["account_count", "months.count_account"]


def test_of_two_tables_the_one_in_the_typed_order_is_first(world: World, source: Source) -> None:
    tables = ("CREATE TABLE sales.account_count (id int)", "CREATE TABLE sales.count_account (id int)")
    assert _names(world, source, "count account", *tables)[:2] == ["count_account", "account_count"]


def test_a_name_that_only_lacks_its_ending_comes_before_longer_ones(world: World, source: Source) -> None:
    views = ("CREATE TABLE sales.client_value (id int)", "CREATE TABLE sales.clients (id int)")
    assert _names(world, source, "client", *views)[:2] == ["clients", "client_value"]


def test_a_mistyped_word_does_not_lose_the_typed_order(world: World, source: Source) -> None:
    tables = ("CREATE TABLE sales.account_count (id int)", "CREATE TABLE sales.count_account (id int)")
    assert _names(world, source, "count acocunt", *tables)[:2] == ["count_account", "account_count"]


@pytest.mark.parametrize("typed", ["parcel status", "status parcel"])
def test_a_column_is_found_by_its_tables_name_though_many_tables_fit(
    world: World, source: Source, typed: str
) -> None:
    many = [f"CREATE TABLE sales.parcel_status_{number} (id int)" for number in range(60)]
    found = _names(world, source, typed, *many, "CREATE TABLE sales.parcel (id int, status int)", most=100)
    assert "parcel.status" in found


def test_the_words_of_a_table_and_of_its_column_find_that_column_first(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "parcel weight",
        "CREATE TABLE sales.parcel (weight int)",
        "CREATE TABLE sales.old_parcel_of_vans (weight int)",
        "CREATE TABLE sales.vans (parcel int, axle_weight int)",
    )
    assert found[:2] == ["parcel.weight", "old_parcel_of_vans.weight"]


def test_a_name_in_camel_case_counts_no_more_than_another(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "snapshot code",
        'CREATE TABLE sales."someSnapshotThing" ("codeDate" int)',
        "CREATE TABLE sales.snapshot_tax_code (id int)",
    )
    assert found[0] == "snapshot_tax_code"


def test_a_word_typed_twice_is_once_the_tables(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "parcel date parcel",
        "CREATE TABLE sales.parcel_date (id int)",
        "CREATE TABLE sales.parcel (date_parcel int)",
    )
    assert found[0] == "parcel.date_parcel"


def test_a_finished_word_that_hardly_begins_another_may_be_a_typo(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "starte parcel",
        "CREATE TABLE sales.startenow (id int)",
        "CREATE TABLE sales.state_parcel (id int)",
    )
    assert found[0] == "state_parcel"


def test_the_nearest_of_what_a_typo_may_mean_is_first(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "value nuwben",
        *(f"CREATE TABLE sales.{name}_number (id int)" for name in ("value", "a", "b")),
        "CREATE TABLE sales.value_nuweben (id int)",
    )
    assert found[:2] == ["value_nuweben", "value_number"]


def test_where_nothing_has_all_the_words_what_has_all_but_one_is_found(world: World, source: Source) -> None:
    found = _names(
        world,
        source,
        "heavy parcel label customers",
        "CREATE TABLE sales.heavy_parcel_label (id int)",
        "CREATE TABLE sales.label (heavy int)",
    )
    assert found == ["heavy_parcel_label", "heavy_parcel_label.id"]
