"""The words that what is typed is held against: exact after every change, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from fanlight.core.identifiers import OrganizationId
from fanlight.discovery.queries import search
from fanlight.extraction import services
from fanlight.foundation import clock
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def _words(world: World, organization_id: OrganizationId) -> dict[str, tuple[int, int]]:
    with world.catalogue.connect("postgres") as session:
        return {
            word: (names, comments)
            for word, names, comments in session.execute(
                "SELECT word, names, comments FROM discovery_word WHERE organization_id = %s",
                [organization_id],
            )
        }


def _counted_anew(world: World, organization_id: OrganizationId) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = {}
    with world.catalogue.connect("postgres") as session:
        for lexemes in session.execute(
            "SELECT ARRAY(SELECT l.lexeme || ' ' || array_to_string(l.weights, '') FROM unnest(e.words) l) "
            "FROM discovery_entry e WHERE e.organization_id = %s",
            [organization_id],
        ):
            for lexeme, weights in (one.rsplit(" ", 1) for one in lexemes[0]):
                counts = found.setdefault(lexeme[5:], [0, 0])
                counts[0] += "A" in weights
                counts[1] += "D" in weights
    found.pop("", None)  # of the organization alone: where a name or comment begins or ends with a mark
    return {word: (names, comments) for word, (names, comments) in found.items() if names or comments}


def test_the_vocabulary_is_exact_after_every_kind_of_change(world: World, source: Source) -> None:
    integration_id = add(world, source)
    for change in (
        "SELECT 1",
        "ALTER TABLE sales.orders ADD shipping_method text; COMMENT ON TABLE sales.customers IS 'Whoever paid.'",
        "ALTER TABLE sales.orders DROP shipping_method; DROP TABLE sales.gone_soon",
        'CREATE TABLE sales."Grüße von \'X\'" ("colA:1A" int, "b\\c" int, "ünïcode_Näme" int)',
        "COMMENT ON COLUMN sales.orders.total IS NULL",
        "SELECT 2",
    ):
        source.run(change)
        extract(world, integration_id)
        assert _words(world, world.a) == _counted_anew(world, world.a), change
    words = _words(world, world.a)
    assert "shipping" not in words
    assert "soon" not in words
    assert "bought" not in words
    assert words["paid"] == (0, 1)
    assert words["grüße"] == (1, 0)
    assert words["orders"][0] == 2


def test_a_word_that_is_gone_is_offered_to_nobody(world: World, source: Source) -> None:
    integration_id = add(world, source)
    source.run("CREATE TABLE sales.quarantine (id int)")
    extract(world, integration_id)
    assert search(world.bob, "quarantnie")[0].name == "quarantine"
    source.run("DROP TABLE sales.quarantine")
    extract(world, integration_id)
    assert search(world.bob, "quarantnie") == []
    assert search(world.bob, "quarantine") == []


def test_an_erased_source_leaves_no_word(world: World, source: Source) -> None:
    integration_id = add(world, source)
    extract(world, integration_id)
    assert _words(world, world.a)
    services.delete_integration(
        actor=world.alice, integration_id=integration_id, typed_name="shop", now=clock.now()
    )
    with world.as_worker():
        assert services.erase_integration(organization_id=world.a, integration_id=integration_id)
    assert _words(world, world.a) == {}
    with world.catalogue.connect("postgres") as session:
        left = session.execute("SELECT count(*) FROM discovery_entry WHERE organization_id = %s", [world.a])
        assert left.fetchone() == (0,)


def test_two_sources_of_one_organization_keep_their_words_apart(world: World, source: Source) -> None:
    first, second = add(world, source), add(world, source, name="again")
    extract(world, first)
    extract(world, second)
    services.delete_integration(actor=world.alice, integration_id=first, typed_name="shop", now=clock.now())
    with world.as_worker():
        services.erase_integration(organization_id=world.a, integration_id=first)
    assert _words(world, world.a) == _counted_anew(world, world.a) != {}
    assert search(world.bob, "custmers")[0].path.startswith("again.")


@pytest.mark.parametrize(
    "typed", ["quarantine", "quarantnie", "quaran", "quarantin orders", "=quarantine", "#"]
)
def test_another_organizations_words_are_neither_offered_nor_told(
    world: World, source: Source, typed: str
) -> None:
    extract(world, add(world, source))
    source.run("CREATE TABLE sales.quarantine (id int, quarantined_at date)")
    extract(world, add(world, source, world.charlie), world.charlie)
    assert all("quarant" not in hit.path + hit.instead for hit in search(world.bob, typed))
    assert search(world.charlie, "quarantnie")[0].name == "quarantine"
    rows = _call(world, typed, str(world.a))
    assert all("quarant" not in (row[3] or "") for row in rows)


def _call(world: World, typed: str, setting: str) -> list[Any]:
    with world.catalogue.connect("portal") as session, session.transaction():
        session.execute("SELECT set_config('fanlight.organization_id', %s, true)", [setting])
        return session.execute("SELECT * FROM fanlight_search(%s, 100)", [typed]).fetchall()


@pytest.mark.parametrize("table", ["discovery_word", "discovery_entry"])
def test_the_portal_reads_words_and_entries_through_the_function_alone(world: World, table: str) -> None:
    import psycopg

    with world.catalogue.connect("portal") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute(f"SELECT * FROM {table}")
