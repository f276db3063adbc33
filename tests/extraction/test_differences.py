"""Two moments of a source compared where parts of it came, went and changed in between."""

from __future__ import annotations

import time

from fanlight.catalog import queries as catalog
from fanlight.foundation import clock
from tests.conftest import World
from tests.extraction.changing import FIRST_DAY, LAST_DAY
from tests.sources import Source, add, extract, source

__all__ = ["source"]


def test_a_part_that_changed_and_went_is_compared_whole(world: World, source: Source) -> None:
    source.run(
        "CREATE TABLE sales.parts (a int, b int, c int); CREATE INDEX same ON sales.parts (a);"
        "CREATE INDEX other ON sales.parts (a); CREATE INDEX turned ON sales.parts (c)"
    )
    integration_id = add(world, source)
    extract(world, integration_id)
    since = clock.now()
    for step in (
        (
            "DROP INDEX sales.same; CREATE UNIQUE INDEX same ON sales.parts (a); DROP INDEX sales.other;"
            "ALTER TABLE sales.parts ALTER COLUMN b TYPE bigint; ALTER TABLE sales.parts ALTER COLUMN c TYPE bigint"
        ),
        "DROP INDEX sales.same; ALTER TABLE sales.parts DROP COLUMN b; ALTER TABLE sales.parts DROP COLUMN c",
        (
            "CREATE INDEX same ON sales.parts (a); CREATE INDEX other ON sales.parts (a);"
            "ALTER TABLE sales.parts ADD COLUMN c int"
        ),
        (
            "DROP INDEX sales.other; CREATE UNIQUE INDEX other ON sales.parts (a);"
            "ALTER TABLE sales.parts ALTER COLUMN c TYPE numeric"
        ),
    ):
        source.run(step)
        extract(world, integration_id)
    found = {
        (one.part, one.name): (one.field, one.action.value, one.before, one.after)
        for one in catalog.difference(world.alice, integration_id, since=since, until=LAST_DAY).changes
    }
    assert found.keys() == {("indexes", "other"), ("indexes", "turned"), ("column", "b"), ("column", "c")}
    assert found["column", "b"] == ("", "removed", "integer", None)
    assert found["column", "c"] == ("type", "changed", "integer", "numeric")
    assert found["indexes", "turned"][1] == "removed"
    field, action, before, after = found["indexes", "other"]
    assert action == "changed"
    if field == "":
        before, after = before.get("is_unique"), after["is_unique"]
    assert (before, after) in ((None, True), (False, True))


def test_thousands_of_changes_are_compared_at_once(world: World, source: Source) -> None:
    source.run("CREATE TABLE sales.one (a int); CREATE TABLE sales.two (a int)")
    integration_id = add(world, source)
    extract(world, integration_id)
    for change in ("ADD COLUMN c%1$s int", "ALTER COLUMN c%1$s TYPE bigint"):
        for name in ("one", "two"):
            source.run(
                f"DO $$ BEGIN EXECUTE (SELECT 'ALTER TABLE sales.{name} ' || string_agg(format('{change}', n), ', ') "
                "FROM generate_series(1, 1500) n); END $$"
            )
        extract(world, integration_id)
    started = time.monotonic()
    found = catalog.difference(world.alice, integration_id, since=FIRST_DAY, until=LAST_DAY, most=5000)
    assert time.monotonic() - started < 10
    assert len(found.changes) == 3000
    assert {one.after for one in found.changes} == {"bigint"}
