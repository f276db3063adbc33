"""The same facts by other means: as the owner, from information_schema, row descriptions and pg_get_*def.

Shares no statement with the connector; `dumped` has what the owner's dump tells better. Only the removal of
literals is shared, on purpose: both sides must have the same text once the literals are gone.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from fanlight.connectors.postgres.literals import without_literals
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.identifiers import quote_part
from tests.connectors.conftest import DIGEST_KEY
from tests.connectors.rebuilding import DUMPED

Facts = dict[str, Any]
_KINDS = {"BASE TABLE": AssetKind.TABLE, "VIEW": AssetKind.VIEW, "FOREIGN": AssetKind.FOREIGN_TABLE}
_NAME = r'(?:"(?:[^"]|"")+"|[^\s,()"]+)'
_NAMES = re.compile(_NAME)
_FOREIGN = re.compile(
    rf"FOREIGN KEY \((?P<columns>.+?)\) REFERENCES (?P<schema>{_NAME})\.(?P<table>{_NAME})\((?P<target>.+?)\)"
    r"(?: MATCH (?P<match>FULL))?(?: ON UPDATE (?P<update>CASCADE|RESTRICT|SET NULL|SET DEFAULT))?"
    r"(?: ON DELETE (?P<delete>CASCADE|RESTRICT|SET NULL|SET DEFAULT)(?: \((?P<only>.+?)\))?)?(?P<rest>.*)\Z"
)


def described(assets: list[Asset]) -> dict[tuple[str, ...], Facts]:
    """Bring what the connector yielded into the oracle's shape; paths without the database."""
    found: dict[tuple[str, ...], Facts] = {}
    for asset in assets:
        facts = asset.facts
        if asset.kind in DUMPED:
            continue
        if asset.kind in (AssetKind.DATABASE, AssetKind.SCHEMA, AssetKind.ENUM):
            shape = {name: facts[name] for name in ("labels",) if name in facts}
        else:
            shape = {
                "columns": [_column(column) for column in asset.columns],
                "keys": {key["name"]: _without(key, "name", "comment") for key in facts.get("keys", [])},
                "constraints": {one["name"]: one["definition"] for one in facts.get("constraints", [])},
                "indexes": {
                    one["name"]: _without(one, "name", "comment", "is_replica_identity")
                    for one in facts.get("indexes", [])
                },
                "parents": [tuple(parent[1:]) for parent in facts.get("parents", [])],
                **{
                    name: facts.get(name)
                    for name in ("definition", "partition_key", "partition_bound", "server", "persistence")
                },
            }
        comments = {
            one["name"]: one["comment"]
            for one in [*facts.get("keys", []), *facts.get("constraints", []), *facts.get("indexes", [])]
            if "comment" in one
        }
        key = (str(asset.kind), *asset.path[1:])
        assert key not in found
        found[key] = shape | {"comment": asset.comment, "owner": facts.get("owner"), "comments": comments}
    return found


def _column(column: list[Any]) -> tuple[Any, ...]:
    name, position, type_, is_nullable, default, comment, extra = column
    extra = extra or {}
    return (
        name,
        position,
        type_,
        is_nullable,
        default,
        comment,
        extra.get("identity"),
        "generated" in extra,
        extra.get("collation"),
    )


def _without(fact: Facts, *names: str) -> Facts:
    return {name: value for name, value in fact.items() if name not in names}


def differences(left: Any, right: Any, path: str = "") -> list[str]:
    """Return where two shapes differ, one line each."""
    if isinstance(left, dict) and isinstance(right, dict):
        lines = [f"{path}/{key}: only on the left" for key in left.keys() - right.keys()]
        lines += [f"{path}/{key}: only on the right" for key in right.keys() - left.keys()]
        for key in left.keys() & right.keys():
            lines += differences(left[key], right[key], f"{path}/{key}")
        return lines
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = zip(left, right, strict=True)
        return [line for number, pair in enumerate(pairs) for line in differences(*pair, f"{path}/{number}")]
    return [] if left == right else [f"{path}: {left!r} is not {right!r}"]


class Oracle:
    """Reads one database as its superuser."""

    def __init__(self, connection: psycopg.Connection[TupleRow]) -> None:
        self._connection = connection
        connection.execute("SET search_path = pg_catalog")

    def read(self) -> dict[tuple[str, ...], Facts]:
        """Return every schema, enum type and relation."""
        found = self._database() | self._schemas() | self._enums()
        for schema, name, kind in self._relations():
            qualified = sql.Identifier(schema, name).as_string(self._connection)
            found[(str(kind), schema, name)] = self._relation(schema, name, qualified, kind)
        return found

    def _rows(self, query: str, *parameters: Any) -> list[TupleRow]:
        return self._connection.execute(query, parameters or None).fetchall()

    def _value(self, query: str, *parameters: Any) -> Any:
        return self._rows(query, *parameters)[0][0]

    def _text(self, text: str | None) -> str | None:
        return None if text is None else without_literals(text, DIGEST_KEY).text

    def _database(self) -> dict[tuple[str, ...], Facts]:
        (row,) = self._rows(
            """SELECT shobj_description(oid, 'pg_database'), datdba::regrole::text FROM pg_database
               WHERE datname = current_database()"""
        )
        return {("database",): {"comment": row[0], "owner": row[1], "comments": {}}}

    def _schemas(self) -> dict[tuple[str, ...], Facts]:
        rows = self._rows(
            """SELECT schema_name, schema_owner,
                      obj_description(quote_ident(schema_name)::regnamespace, 'pg_namespace')
               FROM information_schema.schemata
               WHERE schema_name <> 'information_schema' AND left(schema_name, 3) <> 'pg_'"""
        )
        return {
            ("schema", name): {"comment": comment, "owner": owner, "comments": {}}
            for name, owner, comment in rows
        }

    def _enums(self) -> dict[tuple[str, ...], Facts]:
        found: dict[tuple[str, ...], Facts] = {}
        for oid, owner in self._rows("SELECT oid, typowner::regrole::text FROM pg_type WHERE typtype = 'e'"):
            (name,) = self._rows("SELECT (parse_ident(%s::regtype::text))::text[]", oid)[0]
            type_ = sql.Identifier(*name).as_string(self._connection)
            labels = self._value(f"SELECT enum_range(NULL::{type_})::text[]")
            comment = self._value("SELECT obj_description(%s, 'pg_type')", oid)
            found[("enum", *name)] = {"labels": labels, "comment": comment, "owner": owner, "comments": {}}
        return found

    def _relations(self) -> list[tuple[str, str, AssetKind]]:
        # information_schema knows neither materialised views nor which tables are partitioned.
        partitioned = {
            tuple(row) for row in self._rows("SELECT partrelid::regclass::text FROM pg_partitioned_table")
        }
        found: list[tuple[str, str, AssetKind]] = []
        for schema, name, kind in self._rows(
            """SELECT table_schema, table_name, table_type FROM information_schema.tables
               WHERE table_schema <> 'information_schema' AND left(table_schema, 3) <> 'pg_'"""
        ):
            text = self._value(
                "SELECT %s::regclass::text", sql.Identifier(schema, name).as_string(self._connection)
            )
            found.append(
                (schema, name, AssetKind.PARTITIONED_TABLE if (text,) in partitioned else _KINDS[kind])
            )
        for schema, name in self._rows("SELECT schemaname, matviewname FROM pg_matviews"):
            found.append((schema, name, AssetKind.MATERIALIZED_VIEW))
        return found

    def _relation(self, schema: str, name: str, qualified: str, kind: AssetKind) -> Facts:
        keys, constraints, comments = self._constraints(qualified)
        indexes, index_comments = self._indexes(schema, name)
        definition = None
        if kind is AssetKind.VIEW:
            definition = self._value(
                """SELECT view_definition FROM information_schema.views
                   WHERE (table_schema, table_name) = (%s, %s)""",
                schema,
                name,
            )
        elif kind is AssetKind.MATERIALIZED_VIEW:
            definition = self._value(
                "SELECT definition FROM pg_matviews WHERE (schemaname, matviewname) = (%s, %s)", schema, name
            )
        (comment, owner, key, bound, persistence) = self._rows(
            """SELECT obj_description(c.oid, 'pg_class'), relowner::regrole::text, pg_get_partkeydef(c.oid),
                      pg_get_expr(relpartbound, c.oid), nullif(relpersistence, 'p')
               FROM pg_class c WHERE c.oid = %s::regclass""",
            qualified,
        )[0]
        parents = self._rows(
            """SELECT (parse_ident(inhparent::regclass::text))::text[] FROM pg_inherits
               WHERE inhrelid = %s::regclass ORDER BY inhseqno""",
            qualified,
        )
        servers = self._rows(
            """SELECT foreign_server_name FROM information_schema.foreign_tables
               WHERE (foreign_table_schema, foreign_table_name) = (%s, %s)""",
            schema,
            name,
        )
        return {
            "columns": self._columns(schema, name, qualified),
            "keys": keys,
            "constraints": constraints,
            "indexes": indexes,
            "parents": [tuple(parent) for (parent,) in parents],
            "definition": self._text(definition),
            "partition_key": self._text(key),
            "partition_bound": self._text(bound),
            "server": servers[0][0] if servers else None,
            "persistence": {"u": "unlogged"}.get(persistence),
            "comment": comment,
            "owner": owner,
            "comments": comments | index_comments,
        }

    def _columns(self, schema: str, name: str, qualified: str) -> list[tuple[Any, ...]]:
        told = {
            row[0]: row[1:]
            for row in self._rows(
                """SELECT column_name, ordinal_position, is_nullable = 'YES',
                          coalesce(column_default, generation_expression), lower(identity_generation),
                          is_generated = 'ALWAYS', domain_schema, domain_name,
                          collation_schema, collation_name
                   FROM information_schema.columns WHERE (table_schema, table_name) = (%s, %s)""",
                schema,
                name,
            )
        }
        # Described and not executed: a foreign table's server is not there.
        self._connection.pgconn.prepare(b"", f"SELECT * FROM {qualified}".encode())
        result = self._connection.pgconn.describe_prepared(b"")
        columns: list[tuple[Any, ...]] = []
        for number in range(result.nfields):
            column = (result.fname(number) or b"").decode()
            type_ = self._value("SELECT format_type(%s, %s)", result.ftype(number), result.fmod(number))
            # information_schema does not know a materialised view's.
            collation = None if column in told else self._collation(qualified, column)
            unknown = (number + 1, True, None, None, False, None, None, None, collation)
            position, is_nullable, default, identity, is_generated, *domain, where, collation = told.get(
                column, unknown
            )
            if domain[1] is not None:  # described as the type below it
                type_ = ".".join(quote_part(part) for part in domain)
            if collation is not None and where not in (None, "pg_catalog"):
                collation = f"{where}.{collation}"
            comment = self._value("SELECT col_description(%s::regclass, %s)", qualified, position)
            collation = None if type_ == "name" else collation
            columns.append(
                (
                    column,
                    position,
                    type_,
                    is_nullable,
                    self._text(default),
                    comment,
                    identity,
                    is_generated,
                    collation,
                )
            )
        return columns

    def _collation(self, qualified: str, column: str) -> str | None:
        return self._value(  # type: ignore[no-any-return]
            """SELECT nullif(attcollation, 'default'::regcollation)::regcollation::text
               FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s AND attcollation <> 0
               UNION ALL SELECT NULL""",
            qualified,
            column,
        )

    def _constraints(self, qualified: str) -> tuple[Facts, Facts, Facts]:
        keys: Facts = {}
        constraints: Facts = {}
        comments: Facts = {}
        for name, kind, text, comment in self._rows(
            """SELECT conname, contype, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
               FROM pg_constraint WHERE conrelid = %s::regclass AND contype NOT IN ('n', 't')""",
            qualified,
        ):
            if comment is not None:
                comments[name] = comment
            if kind in ("c", "x"):
                constraints[name] = self._text(text)
            elif kind == "f":
                keys[name] = self._foreign(text)
            else:
                match = re.match(r"(PRIMARY KEY|UNIQUE)(?: NULLS NOT DISTINCT)? \((.+?)\)", text)
                assert match is not None, text
                keys[name] = {
                    "kind": "primary" if kind == "p" else "unique",
                    "columns": _names(match[2]),
                } | _marks(text)
        return keys, constraints, comments

    def _foreign(self, text: str) -> Facts:
        match = _FOREIGN.match(text)
        assert match is not None, text
        fact: Facts = {
            "kind": "foreign",
            "columns": _names(match["columns"]),
            "target": [self._connection.info.dbname, *_names(match["schema"]), *_names(match["table"])],
            "target_columns": _names(match["target"]),
            "on_update": (match["update"] or "no action").lower(),
            "on_delete": (match["delete"] or "no action").lower(),
            "match": (match["match"] or "simple").lower(),
        }
        if match["only"]:
            fact["on_delete_columns"] = _names(match["only"])
        return fact | _marks(text)

    def _indexes(self, schema: str, name: str) -> tuple[Facts, Facts]:
        indexes: Facts = {}
        comments: Facts = {}
        for index, text in self._rows(
            "SELECT indexname, indexdef FROM pg_indexes WHERE (schemaname, tablename) = (%s, %s)",
            schema,
            name,
        ):
            qualified = sql.Identifier(schema, index).as_string(self._connection)
            method = re.search(r" USING (\w+) ", text)
            assert method is not None, text
            fact: Facts = {"method": method[1], "keys": [], **self._index_marks(qualified, text)}
            predicate = re.search(r" WHERE (\(.*\))\Z", text, re.DOTALL)
            if predicate:
                fact["predicate"] = self._text(predicate[1])
            for column in self._rows(
                """SELECT pg_get_indexdef(i.indexrelid, n, false), n > i.indnkeyatts, i.indkey[n - 1] = 0,
                          pg_index_column_has_property(i.indexrelid, n, 'desc'),
                          pg_index_column_has_property(i.indexrelid, n, 'nulls_first')
                   FROM pg_index i, generate_series(1, i.indnatts) n
                   WHERE i.indexrelid = %s::regclass ORDER BY n""",
                qualified,
            ):
                self._add_index_column(fact, column)
            indexes[index] = fact
            comment = self._value("SELECT obj_description(%s::regclass, 'pg_class')", qualified)
            if comment is not None:
                comments[index] = comment
        return indexes, comments

    def _add_index_column(self, fact: Facts, column: TupleRow) -> None:
        text, is_included, is_expression, is_desc, is_first = column
        if is_included:
            fact.setdefault("included", []).extend(_names(text))
            return
        key: Facts = {"expression": self._text(text)} if is_expression else {"column": _names(text)[0]}
        if is_desc:
            key["order"] = "desc"
        if bool(is_desc) != bool(is_first):
            key["nulls"] = "first" if is_first else "last"
        fact["keys"].append(key)

    def _index_marks(self, qualified: str, text: str) -> Facts:
        is_primary = self._value(
            "SELECT EXISTS (SELECT FROM pg_constraint WHERE contype = 'p' AND conindid = %s::regclass)",
            qualified,
        )
        (is_invalid,) = self._rows(
            "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", qualified
        )[0]
        return {
            name: True
            for name, is_set in (
                ("is_unique", text.startswith("CREATE UNIQUE")),
                ("is_primary", is_primary),
                ("is_nulls_not_distinct", " NULLS NOT DISTINCT" in text),
                ("is_invalid", is_invalid),
            )
            if is_set
        }


def _names(text: str) -> list[str]:
    return [name[1:-1].replace('""', '"') if name.startswith('"') else name for name in _NAMES.findall(text)]


def _marks(text: str) -> Facts:
    tail = text.rsplit(")", 1)[-1]
    return {
        name: True
        for name, words in (
            ("is_deferrable", "DEFERRABLE"),
            ("is_deferred", "INITIALLY DEFERRED"),
            ("is_not_valid", "NOT VALID"),
            ("is_not_enforced", "NOT ENFORCED"),
        )
        if words in tail
    }
