"""A source database of any size to extract from: the same shape and seed make the same database.

Of the relations 5 % are views. Every table has a primary key, 30 % a foreign key, 40 % a comment; 20 % of the
columns have a comment, 30 % are NOT NULL and half of those have a default.

    python bench/source.py "host=/tmp/socket dbname=src" --tables 1000
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from names import Namer

SCHEMA_SIZE = 250
_STATEMENTS_A_BATCH = 400
_VIEW_SHARE, _KEY_SHARE, _TABLE_COMMENTS, _COLUMN_COMMENTS, _NOT_NULL, _DEFAULT = (
    0.05,
    0.3,
    0.4,
    0.2,
    0.3,
    0.5,
)

# type, as the catalogue formats it -> an expression of it, for defaults and rows
TYPES = {
    "bigint": "0",
    "integer": "1",
    "text": "'none'",
    "character varying(64)": "''",
    "numeric(18,4)": "0",
    "timestamp with time zone": "now()",
    "date": "CURRENT_DATE",
    "boolean": "false",
    "jsonb": "'{}'",
    "double precision": "0",
    "uuid": "gen_random_uuid()",
    "text[]": "'{}'",
}


@dataclass(frozen=True)
class Shape:
    """How large a source is. columns: of each relation, the key included."""

    tables: int
    columns: int = 20
    seed: int = 1


@dataclass(frozen=True)
class Table:
    """A table that was planned: what views and foreign keys need to know about it."""

    schema: str
    name: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f'{self.schema}."{self.name}"'


@dataclass
class _Plan:
    shape: Shape
    rng: random.Random
    namer: Namer
    tables: list[Table] = field(default_factory=list)


def statements(shape: Shape) -> Iterator[str]:
    """Give the DDL of a source, schema by schema, each statement without its semicolon."""
    rng = random.Random(shape.seed)
    plan = _Plan(shape, rng, Namer(rng))
    schemas: set[str] = set()
    for first in range(0, shape.tables, SCHEMA_SIZE):
        size = min(SCHEMA_SIZE, shape.tables - first)
        schema = f"{plan.namer.name(schemas)}_{first // SCHEMA_SIZE:03d}"
        yield f"CREATE SCHEMA {schema}"
        taken: set[str] = set()
        views = round(size * _VIEW_SHARE)
        for _ in range(size - views):
            yield from _table(plan, schema, plan.namer.name(taken))
        for _ in range(views):
            yield _view(plan, schema, plan.namer.name(taken))


def _table(plan: _Plan, schema: str, name: str) -> Iterator[str]:
    rng, namer = plan.rng, plan.namer
    taken = {"id"}
    lines, comments = ['"id" bigint PRIMARY KEY'], []
    wants_key = bool(plan.tables) and rng.random() < _KEY_SHARE
    if wants_key:
        target = rng.choice(plan.tables[-2 * SCHEMA_SIZE :])
        taken.add("target_id")
        lines.append(f'"target_id" bigint REFERENCES {target} ON DELETE SET NULL')
    columns = [*sorted(taken)]
    while len(columns) < plan.shape.columns:
        column, kind = namer.name(taken), rng.choice(tuple(TYPES))
        columns.append(column)
        lines.append(f'"{column}" {kind}{_nullability(rng, kind)}')
        if rng.random() < _COLUMN_COMMENTS:
            comments.append(f'COMMENT ON COLUMN {schema}."{name}"."{column}" IS \'{namer.sentence()}\'')
    table = Table(schema, name, tuple(columns))
    plan.tables.append(table)
    yield f"CREATE TABLE {table} ({', '.join(lines)})"
    if rng.random() < _TABLE_COMMENTS:
        yield f"COMMENT ON TABLE {table} IS '{namer.sentence()}'"
    yield from comments


def _nullability(rng: random.Random, kind: str) -> str:
    if rng.random() >= _NOT_NULL:
        return ""
    return f" DEFAULT {TYPES[kind]} NOT NULL" if rng.random() < _DEFAULT else " NOT NULL"


def _view(plan: _Plan, schema: str, name: str) -> str:
    left, right = plan.rng.sample(plan.tables[-2 * SCHEMA_SIZE :], 2)
    half = plan.shape.columns // 2
    chosen = [f'l."{column}" AS "l_{column}"' for column in left.columns[:half]]
    chosen += [f'r."{column}" AS "r_{column}"' for column in right.columns[: plan.shape.columns - half]]
    condition = f"l.id > {plan.rng.randint(1, 999)}"
    return (
        f'CREATE VIEW {schema}."{name}" AS SELECT {", ".join(chosen)} '
        f"FROM {left} AS l JOIN {right} AS r ON r.id = l.id WHERE {condition}"
    )


def make(conninfo: str, shape: Shape) -> float:
    """Make the source in an empty database and settle its statistics; return the seconds it took."""
    started = time.perf_counter()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        batch: list[str] = []
        for statement in statements(shape):
            batch.append(statement)
            if len(batch) == _STATEMENTS_A_BATCH:
                _run(connection, batch)
        _run(connection, batch)
        connection.execute("VACUUM (ANALYZE)")  # the catalogue's own tables too: it is what we read
        connection.execute("CHECKPOINT")
    return time.perf_counter() - started


def _run(connection: psycopg.Connection[TupleRow], batch: list[str]) -> None:
    if batch:
        connection.execute(";".join(batch).encode())
        batch.clear()


_GROWABLE = """
SELECT n.nspname, c.relname,
    array(
        SELECT ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]
        FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 1 AND a.attnotnull AND NOT a.atthasdef AND NOT a.attisdropped
        ORDER BY a.attnum
    )
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY c.oid
"""


def grow(conninfo: str, share: float, *, rows: int = 400, seed: int = 1) -> int:
    """Put rows into a share of the tables and analyse these; return how many tables grew.

    share: 0 to 1 of all tables, chosen by the seed. The number of rows varies from once to twice `rows`.
    """
    rng = random.Random(seed)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        tables = connection.execute(_GROWABLE).fetchall()
        chosen = rng.sample(tables, round(len(tables) * share))
        for schema, name, required in chosen:
            statement = _insert(sql.Identifier(schema, name), required, rng.randint(rows, 2 * rows))
            connection.execute(sql.SQL("{}; ANALYZE {}").format(statement, sql.Identifier(schema, name)))
    return len(chosen)


def _insert(table: sql.Identifier, required: list[tuple[str, str]], rows: int) -> sql.Composed:
    """Build the INSERT of new rows. required: name and type of the columns that must be given."""
    return sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} "
        "FROM (SELECT coalesce(max(id), 0) AS last FROM {table}) AS t, generate_series(1, {rows}) AS i"
    ).format(
        table=table,
        columns=sql.SQL(", ").join(map(sql.Identifier, ["id", *(name for name, _ in required)])),
        values=sql.SQL(", ").join([sql.SQL("last + i"), *(sql.SQL(TYPES[kind]) for _, kind in required)]),
        rows=sql.Literal(rows),
    )


def main() -> None:
    """Make a source by hand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("conninfo", help="an empty database, as its owner")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seconds = make(given.conninfo, Shape(given.tables, given.columns, given.seed))
    print(f"{given.tables} tables and views of {given.columns} columns in {seconds:.1f} s")


if __name__ == "__main__":
    main()
