"""Tables, views, foreign tables and composite types, in batches by their oids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from fanlight.connectors.postgres import facts
from fanlight.connectors.postgres.ahead import Ahead
from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.attached import Attached
from fanlight.connectors.postgres.definitions import Wanted
from fanlight.connectors.postgres.edge import are_usual_columns, check_columns, collector_paused, risen
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset

BATCH_RELATIONS, BATCH_COLUMNS = 2000, 50_000
_DEFAULT, _COMMENT, _EXTRA = 4, 5, 6  # of a row of `columns`, as of a column
_STATEMENTS = (
    "comments",
    "object_comments",
    "constraint_comments",
    "index_comments",
    "toast_sizes",
    "constraints",
    "indexes",
    "parents",
    "foreign_tables",
    "relations_with_defaults",
    "extension_members",
    *Attached.STATEMENTS,
)


# Those of them that are asked for a range of oids, before anything is known of what is in it.
_OF_A_RANGE = (
    "comments",
    "toast_sizes",
    "parents",
    "relations_with_defaults",
    "constraints",
    "constraint_comments",
    "indexes",
    "index_comments",
    *Attached.STATEMENTS,
)


@dataclass(frozen=True, slots=True)
class _Group:
    """What the source said of a range of relations. columns: a list each; others: by statement."""

    relations: list[Row]
    columns: list[list[Any]]
    others: dict[str, list[Row]]


class Relations:
    """Reads the relations of a database."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._takers = asker.takers
        self._attached = Attached(asker)

    def batches(self) -> Iterator[list[Asset]]:
        """Yield the relations by oid, so many at a time that their columns stay few enough."""
        with collector_paused(), Ahead(self._groups(), stop=self._asker.stop) as groups:
            for group in groups:
                yield self._assets(group)

    def _groups(self) -> Iterator[_Group]:
        last = 0
        while rows := self._asker.run("relations", (last, BATCH_RELATIONS, self._asker.system_schemas)):
            risen(rows, last)
            for relations in _cut(rows):
                span = (last, relations[-1][0])
                columns = self._asker.run_as_lists("columns", span)
                others = {name: self._asker.optional(name, span) for name in _OF_A_RANGE}
                if any(row[3] == "f" for row in relations):
                    others["foreign_tables"] = self._asker.optional("foreign_tables", span)
                last = span[1]
                yield _Group(relations, columns, others)

    def _assets(self, group: _Group) -> list[Asset]:
        asker, rows, others = self._asker, group.relations, group.others
        assets = {
            row[0]: facts.relation_asset(
                row,
                asker.path(row[1], row[2], row[0], facts.RELATION_KINDS[row[3]]),
                major=asker.server.major,
                block_size=asker.server.block_size,
            )
            for row in rows
        }
        _add_columns(assets, group.columns)
        self._add_comments(rows, assets, others["comments"])
        self._add_sizes(assets, others["toast_sizes"])
        wanted = Wanted()
        self._add_parents(assets, others["parents"])
        _add_servers(assets, others.get("foreign_tables", []))
        self._want_texts(rows, assets, wanted)
        self._want_defaults(assets, others["relations_with_defaults"], wanted)
        self._add_constraints(assets, others, wanted)
        self._add_indexes(assets, others, wanted)
        self._attached.add(assets, others, wanted)
        asker.add_extensions(assets, "pg_class")
        asker.mark(assets.values(), *_STATEMENTS)
        if asker.was_denied("toast_sizes", "indexes"):
            for asset in assets.values():
                asset.size_bytes = None  # a part of it is hidden
        asker.define(wanted, assets)
        return list(assets.values())

    def _add_comments(self, rows: list[Row], assets: dict[int, Asset], said: list[Row]) -> None:
        found = [row for row in said if row[0] in assets]
        found.sort()
        for oid, group in groupby(found, key=lambda row: row[0]):
            asset = assets[oid]
            comments = {position: comment for _, position, comment in group}
            asset.comment = comments.pop(0, None)
            if comments:
                for column in asset.columns:
                    column[5] = comments.get(column[1])
        # A composite type is commented, and belongs to an extension, as a type.
        types = {row[10]: assets[row[0]] for row in rows if row[3] == "c"}
        for oid, comment in self._asker.comments("pg_type", list(types)).items():
            types[oid].comment = comment
        self._asker.add_extensions(types, "pg_type")

    def _add_sizes(self, assets: dict[int, Asset], rows: list[Row]) -> None:
        for oid, pages in rows:
            asset = assets.get(oid)
            if asset is not None and asset.size_bytes is not None:
                asset.size_bytes += pages * self._asker.server.block_size

    def _add_parents(self, assets: dict[int, Asset], rows: list[Row]) -> None:
        for oid, _, schema, name in sorted(rows):
            if oid in assets:
                path = [self._asker.server.database, schema, name]
                assets[oid].facts.setdefault("parents", []).append(path)

    def _want_texts(self, rows: list[Row], assets: dict[int, Asset], wanted: Wanted) -> None:
        for row in rows:
            oid, kind, is_partition = row[0], row[3], row[8]
            fact = assets[oid].facts
            if kind in "vm":
                wanted.add("view_definitions", oid, oid, self._takers.text(fact, "definition"))
            if kind == "p":
                wanted.add("partition_keys", oid, oid, self._takers.text(fact, "partition_key"))
            if is_partition:
                wanted.add("partition_bounds", oid, oid, self._takers.text(fact, "partition_bound"))

    def _want_defaults(self, assets: dict[int, Asset], rows: list[Row], wanted: Wanted) -> None:
        for (oid,) in rows:
            if oid in assets:
                wanted.add("defaults", oid, oid, self._takers.default(assets[oid]))

    def _add_constraints(
        self, assets: dict[int, Asset], others: dict[str, list[Row]], wanted: Wanted
    ) -> None:
        by_relation = _by_relation(others["constraints"], assets)
        comments: dict[int, str] = dict(others["constraint_comments"])
        for oid, rows in by_relation.items():
            within = (assets[oid].facts, "constraints")
            for constraint, fact in facts.add_constraints(assets[oid], rows, comments).items():
                take = self._takers.text(fact, "definition")
                wanted.add("constraint_definitions", constraint, oid, take, within)

    def _add_indexes(self, assets: dict[int, Asset], others: dict[str, list[Row]], wanted: Wanted) -> None:
        by_relation = _by_relation(others["indexes"], assets)
        comments: dict[int, str] = dict(others["index_comments"])
        for oid, rows in by_relation.items():
            within = (assets[oid].facts, "indexes")
            found = facts.add_indexes(assets[oid], rows, comments, block_size=self._asker.server.block_size)
            for index, fact in found.items():
                wanted.add("index_definitions", index, oid, self._takers.index(fact), within)


def _add_columns(assets: dict[int, Asset], rows: list[list[Any]]) -> None:
    is_usual = are_usual_columns(rows)
    if not is_usual:
        for row in rows:
            # Asked for apart, with literals removed and long ones cut: here the statement has nothing in their place.
            row[_DEFAULT] = row[_COMMENT] = None
    for row in [row for row in rows if row[_EXTRA] is not None]:
        row[_EXTRA] = facts.column_extra(row[_EXTRA])
    lists = {oid: asset.columns for oid, asset in assets.items()}
    for row in rows:
        columns = lists.get(row.pop())
        if columns is not None:
            columns.append(row)
    for columns in lists.values():
        columns.sort(key=itemgetter(1))
    for asset in assets.values():
        if not is_usual or len({column[0] for column in asset.columns}) != len(asset.columns):
            check_columns(asset)


def _add_servers(assets: dict[int, Asset], rows: list[Row]) -> None:
    for oid, server, options in rows:
        if oid in assets:
            assets[oid].facts["server"] = server
            if options:
                assets[oid].facts["options"] = options


def _cut(rows: list[Row]) -> Iterator[list[Row]]:
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
