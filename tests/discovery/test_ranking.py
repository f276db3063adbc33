"""Exact names come first, on real ones; typos, unfinished words and paths lead where they should; nothing breaks it."""

from __future__ import annotations

import random
import string
import time

import pytest

from fanlight.core.identifiers import quote_part
from fanlight.discovery.queries import LONGEST, search
from tests.conftest import World
from tests.sources import Source, add, extract, source

__all__ = ["source"]

# The server's own catalogue, in tables of ours: real names, many of them in many tables.
_COPY = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT c.oid, c.relname FROM pg_class c WHERE c.relnamespace IN ('pg_catalog'::regnamespace,
      'information_schema'::regnamespace) AND c.relkind IN ('r', 'v') ORDER BY c.relname LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS sales.%I (%s)', one.relname, (
      SELECT string_agg(format('%I integer', a.attname), ', ') FILTER (WHERE a.attname NOT IN ('xmin', 'xmax')) FROM pg_attribute a
      WHERE a.attrelid = one.oid AND a.attnum > 0 AND NOT a.attisdropped));
  END LOOP;
END $$
"""


@pytest.fixture
def real(world: World, source: Source) -> list[tuple[str, str]]:
    """An extracted source of real names; returns each with its kind."""
    source.run(_COPY)
    extract(world, add(world, source))
    with source.connect() as session:
        return session.execute(
            "SELECT c.relname::text, 'table' FROM pg_class c WHERE c.relnamespace = 'sales'::regnamespace "
            "AND c.relkind = 'r' UNION SELECT a.attname::text, 'column' FROM pg_class c JOIN pg_attribute a "
            "ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind = 'r'"
        ).fetchall()


def test_each_of_five_hundred_real_names_is_first_for_itself(
    world: World, real: list[tuple[str, str]]
) -> None:
    names = sorted({name for name, _ in real})
    assert len(names) > 500
    tables = {name for name, kind in real if kind == "table"}
    for name in random.Random(7).sample(names, 500):
        hits = search(world.bob, name, most=5)
        assert hits[0].name == name, name
        # A table before the columns that are called like it.
        assert hits[0].kind == ("table" if name in tables else "column"), name


def test_real_names_with_a_typo_are_found(world: World, real: list[tuple[str, str]]) -> None:
    rng = random.Random(8)
    tables = sorted({name for name, kind in real if kind == "table" and len(name) > 8})
    misses = []
    chosen = rng.sample(tables, 60)
    for name in chosen:
        place = rng.randrange(4, len(name) - 1)
        letter = rng.choice(string.ascii_lowercase)
        typed = rng.choice(
            [
                name[:place] + name[place + 1 :],
                name[:place] + letter + name[place:],
                name[:place] + letter + name[place + 1 :],
                name[:place] + name[place + 1] + name[place] + name[place + 2 :],
            ]
        )
        if name not in [hit.name for hit in search(world.bob, typed, most=10)]:
            misses.append((name, typed))
    assert len(misses) <= 6, misses  # a typo may make another word that is there


def test_paths_lead_to_exactly_one(world: World, source: Source, real: list[tuple[str, str]]) -> None:
    schema = f"shop.{source.database}.sales"
    with source.connect() as session:
        pairs = session.execute(
            "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "AND a.attnum > 0 WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind = 'r'"
        ).fetchall()
    for table, column in random.Random(9).sample(pairs, 40):
        path = f"{schema}.{quote_part(table)}.{quote_part(column)}"
        for typed in (
            path,
            path.partition(".")[2],
            f"sales.{table}.{column}",
            f"{table}.{column}",
            path.upper(),
        ):
            assert search(world.bob, typed, most=3)[0].path == path, typed


@pytest.fixture
def odd(world: World, source: Source) -> str:
    """A source of names that are anything but plain; returns the path of its schema."""
    source.run(
        'CREATE TABLE sales."Größe & Gewicht" ("naïve_Wörter" int, "a.b" int, "it\'s \\\\ odd" int);'
        'CREATE TABLE sales."HTTPServerLog" ("requestURL" text, "userId" int);'
        'CREATE TABLE sales."UPPER_CASE_NAME" ("COL_ONE" int);'
        'CREATE TABLE sales."x:A\'B|C&!(d)*" ("____" int, "$$" int, "ein sehr \'langer\' Name" int);'
        'CREATE TABLE sales."表" ("列名" int);'
        f"COMMENT ON TABLE sales.\"表\" IS '{'!?' * 400} gebirge {'w' * 3000}';"
        "COMMENT ON COLUMN sales.\"表\".\"列名\" IS 'It''s \\a:1A|b&c:*<->d';"
    )
    extract(world, add(world, source))
    return f"shop.{source.database}.sales"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("größe", '"Größe & Gewicht"'),
        ("GRÖSSE gewicht", '"Größe & Gewicht"'),
        ("gewicht größe", '"Größe & Gewicht"'),
        ("Größe & Gewicht", '"Größe & Gewicht"'),
        ("wörter", '"Größe & Gewicht"."naïve_Wörter"'),
        ("wortr", '"Größe & Gewicht"."naïve_Wörter"'),
        ("it's \\\\ odd", '"Größe & Gewicht"."it\'s \\\\ odd"'),
        ('sales."Größe & Gewicht"."a.b"', '"Größe & Gewicht"."a.b"'),
        ("httpserverlog", '"HTTPServerLog"'),
        ("server log", '"HTTPServerLog"'),
        ("requesturl", '"HTTPServerLog"."requestURL"'),
        ("user id", '"HTTPServerLog"."userId"'),
        ("upper case", '"UPPER_CASE_NAME"'),
        ("upper_case_name", '"UPPER_CASE_NAME"'),
        ("upper_case_name.col_one", '"UPPER_CASE_NAME"."COL_ONE"'),
        ("col", '"UPPER_CASE_NAME"."COL_ONE"'),
        ("x:A'B|C&!(d)*", '"x:A\'B|C&!(d)*"'),
        ("$$", '"x:A\'B|C&!(d)*"."$$"'),
        ("____", '"x:A\'B|C&!(d)*".____'),
        ("langer ein", '"x:A\'B|C&!(d)*"."ein sehr \'langer\' Name"'),
        ("表", '"表"'),
        ("列名", '"表"."列名"'),
        ("gebirge", '"表"'),
        ("gebrige", '"表"'),
    ],
)
def test_odd_names_are_found_and_break_nothing(world: World, odd: str, typed: str, first: str) -> None:
    assert search(world.bob, typed)[0].path == f"{odd}.{first}"


def test_whatever_is_typed_is_answered_and_soon(world: World, odd: str) -> None:
    rng = random.Random(10)
    letters = "abc_.'\"\\%:*&|!()<->$#=^ \tÄß表\u202e\U0001f600\u0301" + string.ascii_lowercase
    typed = ["".join(rng.choices(letters, k=rng.randint(1, LONGEST))) for _ in range(150)]
    typed += [
        "a " * 250,
        "." * LONGEST,
        '"' * LONGEST,
        "'" * 499,
        "\\" * LONGEST,
        "ab" * 250,
        "a." * 250,
        "=" * 9,
    ]
    for one in typed:
        began = time.monotonic()
        search(world.bob, one)
        assert time.monotonic() - began < 2, one


def test_what_was_corrected_is_told(world: World, odd: str) -> None:
    assert {hit.instead for hit in search(world.bob, "gewciht")} == {"gewicht"}
    assert {hit.instead for hit in search(world.bob, "gewicht")} == {""}


def test_comments_count_least(world: World, source: Source) -> None:
    source.run(
        "CREATE TABLE sales.parcels (id int); CREATE TABLE sales.vans (id int, parcel_count int);"
        "COMMENT ON TABLE sales.vans IS 'They carry parcels, parcels and parcels.'"
    )
    extract(world, add(world, source))
    found = [hit.name for hit in search(world.bob, "parcel")]
    assert found[0] == "parcels"
    assert found.index("parcel_count") < found.index("vans")
