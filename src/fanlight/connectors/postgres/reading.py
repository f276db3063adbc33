"""Read one database in batches of relations, in the order of their oids, from one snapshot."""

from __future__ import annotations

import contextlib
import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from fanlight.connectors.postgres import facts
from fanlight.connectors.postgres.definitions import Definitions, Takers, Wanted
from fanlight.connectors.postgres.failures import DENIED
from fanlight.connectors.postgres.guard import Guard, Row, StatementError
from fanlight.connectors.types import Asset, AssetKind, NotSeen
from fanlight.core.identifiers import join_path

BATCH_RELATIONS, BATCH_COLUMNS = 2000, 50_000
BATCH_ENUMS = 2000
# What a statement reads that a hardened server may have closed; without the others nothing can be read at
# all.
_OPTIONAL = {
    "database": "pg_database",
    "databases": "pg_database",
    "schema_comments": "pg_description",
    "totals": "pg_type",
    "enum_labels": "pg_enum",
    "type_comments": "pg_description",
    "comments": "pg_description",
    "constraint_comments": "pg_description",
    "index_comments": "pg_description",
    "toast_sizes": "pg_index",
    "constraints": "pg_constraint",
    "indexes": "pg_index",
    "parents": "pg_inherits",
    "foreign_tables": "pg_foreign_table",
    "relations_with_defaults": "pg_attrdef",
}

_OF_RELATIONS = _OPTIONAL.keys() - {
    "database", "databases", "schema_comments", "totals", "enum_labels", "type_comments",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """What the statement `server` told, and which file serves each name there."""

    major: int
    version: str
    user: str
    database: str
    encoding: str
    block_size: int


class Reader:
    """One read of one database, inside a transaction that has its savepoint."""

    def __init__(self, guard: Guard, server: Server, names: dict[str, str], digest_key: bytes) -> None:
        self.not_seen: list[NotSeen] = []
        self.total: int | None = None
        self._guard = guard
        self.server = server
        self._names = names
        self._takers = Takers(digest_key)
        self._definitions = Definitions(guard)
        self._denied: set[str] = set()
        self._schemas: dict[int, str] = {}

    def batches(self) -> Iterator[list[Asset]]:
        """Yield the database and its schemas, then enum types, then relations."""
        schemas = self._run("schemas")
        self._schemas = {oid: name for oid, name, _ in schemas}
        totals = self.optional("totals")
        if totals:
            self.total = 1 + len(schemas) + sum(totals[0])
        yield [self._database_asset(), *self._schema_assets(schemas)]
        yield from self._enums()
        yield from self._relations()

    def optional(self, name: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a statement that the rest can do without; once it was denied, answer with nothing."""
        if name in self._denied:
            return []
        try:
            return self._run(name, parameters)
        except StatementError as failed:
            if failed.sqlstate != DENIED:
                raise
        self._guard.run("rollback_to_savepoint")
        self._denied.add(name)
        scope = join_path(self.server.database, "pg_catalog", _OPTIONAL[name])
        if NotSeen(scope, "denied") not in self.not_seen:
            self.not_seen.append(NotSeen(scope, "denied"))
        return []

    def _run(self, name: str, parameters: Sequence[object] = ()) -> list[Row]:
        return self._guard.run(self._names[name], parameters)

    def _database_asset(self) -> Asset:
        asset = Asset(AssetKind.DATABASE, (self.server.database,), facts={"encoding": self.server.encoding})
        for owner, _, comment in self.optional("database"):
            asset.facts["owner"] = owner
            asset.comment = comment
        return self._marked(asset, "database")

    def _schema_assets(self, schemas: list[Row]) -> list[Asset]:
        comments: dict[int, str] = dict(self.optional("schema_comments"))
        database = self.server.database
        return [
            self._marked(
                Asset(AssetKind.SCHEMA, (database, name), comments.get(oid), {"owner": owner}),
                "schema_comments",
            )
            for oid, name, owner in schemas
        ]

    def _marked(self, asset: Asset, *statements: str) -> Asset:
        """Mark an asset of which something was denied, so that what is stored of it stays."""
        if self._denied and not self._denied.isdisjoint(statements):
            asset.not_seen = "denied"
        return asset

    def _enums(self) -> Iterator[list[Asset]]:
        last = 0
        while rows := self._run("enums", (last, BATCH_ENUMS)):
            last = rows[-1][0]
            oids = ([row[0] for row in rows],)
            labels: dict[int, list[str]] = dict(self.optional("enum_labels", oids))
            comments: dict[int, str] = dict(self.optional("type_comments", oids))
            assets: list[Asset] = []
            for oid, schema, name, owner in rows:
                path = (self.server.database, self._schemas[schema], name)
                asset = Asset(AssetKind.ENUM, path, comments.get(oid), {"owner": owner})
                if "enum_labels" not in self._denied:
                    asset.facts["labels"] = labels.get(oid, [])
                assets.append(self._marked(asset, "enum_labels", "type_comments"))
            yield assets

    def _relations(self) -> Iterator[list[Asset]]:
        system = [oid for (oid,) in self._run("system_schemas")]
        last = 0
        while rows := self._run("relations", (last, BATCH_RELATIONS, system)):
            for group in _groups(rows):
                with _collector_paused():
                    assets = self._group(group, above=last)
                last = group[-1][0]
                yield assets

    def _group(self, rows: list[Row], *, above: int) -> list[Asset]:
        span = (above, rows[-1][0])
        server = self.server
        assets = {
            row[0]: facts.relation_asset(
                row, server.database, self._schemas[row[1]], major=server.major, block_size=server.block_size
            )
            for row in rows
        }
        self._add_columns(assets, span)
        self._add_comments(assets, span)
        self._add_sizes(assets, span)
        wanted = Wanted()
        self._add_kinships(rows, assets, span, wanted)
        self._want_defaults(assets, span, wanted)
        self._add_constraints(assets, span, wanted)
        self._add_indexes(assets, span, wanted)
        for asset in assets.values():
            self._marked(asset, *_OF_RELATIONS)
            if not self._denied.isdisjoint(("toast_sizes", "indexes")):
                asset.size_bytes = None  # a part of it is hidden
        for oid, reason in self._definitions.read(wanted).items():
            assets[oid].not_seen = reason
            self.not_seen.append(NotSeen(join_path(*assets[oid].path), reason))
        return list(assets.values())

    def _add_columns(self, assets: dict[int, Asset], span: tuple[int, int]) -> None:
        lists = {oid: asset.columns for oid, asset in assets.items()}
        for row in self._guard.run_as_lists(self._names["columns"], span):
            columns = lists.get(row.pop())
            if columns is None:
                continue
            if row[6] is not None:
                row[6] = facts.column_extra(row[6])
            columns.append(row)
        for columns in lists.values():
            columns.sort(key=itemgetter(1))

    def _add_comments(self, assets: dict[int, Asset], span: tuple[int, int]) -> None:
        rows = [row for row in self.optional("comments", span) if row[0] in assets]
        rows.sort()
        for oid, group in groupby(rows, key=lambda row: row[0]):
            asset = assets[oid]
            comments = {position: comment for _, position, comment in group}
            asset.comment = comments.pop(0, None)
            if comments:
                for column in asset.columns:
                    column[5] = comments.get(column[1])

    def _add_sizes(self, assets: dict[int, Asset], span: tuple[int, int]) -> None:
        for oid, pages in self.optional("toast_sizes", span):
            asset = assets.get(oid)
            if asset is not None and asset.size_bytes is not None:
                asset.size_bytes += pages * self.server.block_size

    def _add_kinships(
        self, rows: list[Row], assets: dict[int, Asset], span: tuple[int, int], wanted: Wanted
    ) -> None:
        for oid, _, schema, name in sorted(self.optional("parents", span)):
            if oid in assets:
                path = [self.server.database, schema, name]
                assets[oid].facts.setdefault("parents", []).append(path)
        if any(row[3] == "f" for row in rows):
            for oid, server in self.optional("foreign_tables", span):
                if oid in assets:
                    assets[oid].facts["server"] = server
        for row in rows:
            oid, kind, is_partition = row[0], row[3], row[8]
            fact = assets[oid].facts
            if kind in "vm":
                wanted.add("view_definitions", oid, oid, self._takers.text(fact, "definition"))
            if kind == "p":
                wanted.add("partition_keys", oid, oid, self._takers.text(fact, "partition_key"))
            if is_partition:
                wanted.add("partition_bounds", oid, oid, self._takers.text(fact, "partition_bound"))

    def _want_defaults(self, assets: dict[int, Asset], span: tuple[int, int], wanted: Wanted) -> None:
        for (oid,) in self.optional("relations_with_defaults", span):
            if oid in assets:
                wanted.add("defaults", oid, oid, self._takers.default(assets[oid]))

    def _add_constraints(self, assets: dict[int, Asset], span: tuple[int, int], wanted: Wanted) -> None:
        by_relation = _by_relation(self.optional("constraints", span), assets)
        comments: dict[int, str] = dict(self.optional("constraint_comments", span))
        for oid, rows in by_relation.items():
            for constraint, fact in facts.add_constraints(assets[oid], rows, comments).items():
                wanted.add("constraint_definitions", constraint, oid, self._takers.text(fact, "definition"))

    def _add_indexes(self, assets: dict[int, Asset], span: tuple[int, int], wanted: Wanted) -> None:
        by_relation = _by_relation(self.optional("indexes", span), assets)
        comments: dict[int, str] = dict(self.optional("index_comments", span))
        for oid, rows in by_relation.items():
            found = facts.add_indexes(assets[oid], rows, comments, block_size=self.server.block_size)
            for index, fact in found.items():
                wanted.add("index_definitions", index, oid, self._takers.index(fact))


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cycle collector while one bounded batch is built.

    A batch is many small lists without a cycle among them; visiting them again and again while they grow took
    40 % of a read's processor time (10,000 tables of 20 columns).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _groups(rows: list[Row]) -> Iterator[list[Row]]:
    """Cut a batch of relations where their columns would grow too many for one answer."""
    group: list[Row] = []
    column_count = 0
    for row in rows:
        if group and column_count + row[9] > BATCH_COLUMNS:
            yield group
            group, column_count = [], 0
        group.append(row)
        column_count += row[9]
    if group:
        yield group


def _by_relation(rows: list[Row], assets: dict[int, Asset]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row[0] in assets:
            found[row[0]].append(row)
    return found
