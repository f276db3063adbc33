"""Ask a source's statements of one read, and remember what it would not answer."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fanlight.connectors.postgres.definitions import Definitions, Takers, Wanted
from fanlight.connectors.postgres.failures import DENIED
from fanlight.connectors.postgres.guard import CANCELLED, Guard, Row, StatementError
from fanlight.connectors.types import Asset, AssetKind, NotSeen, Unlisted
from fanlight.core.identifiers import join_path

# What a statement reads that a hardened server may have closed; without the others nothing can be read at all.
OPTIONAL: Mapping[str, str] = MappingProxyType(
    {
        "database": "pg_database",
        "databases": "pg_database",
        "schema_comments": "pg_description",
        "extension_members": "pg_depend",
        "extensions": "pg_extension",
        "publications": "pg_publication",
        "published_schemas": "pg_publication_namespace",
        "foreign_servers": "pg_foreign_server",
        "event_triggers": "pg_event_trigger",
        "subscriptions": "pg_subscription",
        "totals": "pg_depend",
        "routine_total": "pg_proc",
        "object_comments": "pg_description",
        "enum_labels": "pg_enum",
        "domains": "pg_type",
        "domain_constraints": "pg_constraint",
        "ranges": "pg_range",
        "sequences": "pg_sequence",
        "routines": "pg_proc",
        "aggregates": "pg_aggregate",
        "languages": "pg_language",
        "comments": "pg_description",
        "constraint_comments": "pg_description",
        "index_comments": "pg_description",
        "toast_sizes": "pg_index",
        "constraints": "pg_constraint",
        "indexes": "pg_index",
        "parents": "pg_inherits",
        "foreign_tables": "pg_foreign_table",
        "relations_with_defaults": "pg_attrdef",
        "triggers": "pg_trigger",
        "rules": "pg_rewrite",
        "policies": "pg_policy",
        "statistics": "pg_statistic_ext",
        "published_relations": "pg_publication_rel",
    }
)


@dataclass(frozen=True, slots=True)
class Server:
    """What the statement `server` told."""

    major: int
    version: str
    user: str
    database: str
    encoding: str
    block_size: int


class Asker:
    """Asks by plain names, inside a transaction that has its savepoint.

    names: which file serves each plain name on this server. not_seen, unlisted: what was refused so far. Two threads
    may ask: one at a time is at the source, with all the statements that belong together.
    """

    def __init__(self, guard: Guard, server: Server, names: Mapping[str, str], digest_key: bytes) -> None:
        self.server = server
        self.takers = Takers(digest_key)
        self.not_seen: list[NotSeen] = []
        self.unlisted: list[Unlisted] = []
        self.schemas: dict[int, str] = {}
        self.system_schemas: list[int] = []
        self._guard = guard
        self._names = names
        self._definitions = Definitions(guard)
        self._denied: set[str] = set()
        self._extensions: dict[tuple[str, int], str] = {}
        self._claimed: set[tuple[int, str]] = set()
        self._turn = threading.RLock()
        self._is_stopped = False

    def run(self, name: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a statement without which nothing can be read."""
        with self._turn:
            self._go_on(name)
            return self._guard.run(self._names[name], parameters)

    def run_as_lists(self, name: str, parameters: Sequence[object] = ()) -> list[list[Any]]:
        """Do the same for rows that are kept as they are."""
        with self._turn:
            self._go_on(name)
            return self._guard.run_as_lists(self._names[name], parameters)

    def stop(self, is_interrupted: bool) -> None:
        """Ask nothing more; where somebody interrupted it all, the statement that is under way is cancelled, too."""
        self._is_stopped = True
        if is_interrupted:
            self._guard.cancel()

    def _go_on(self, name: str) -> None:
        if self._is_stopped:
            raise StatementError(name, CANCELLED)

    def optional(self, name: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a statement that the rest can do without.

        Once it was denied, answer with nothing; also on a version that has nothing of what it asks for.
        """
        if name in self._denied or name not in self._names:
            return []
        with self._turn:
            try:
                return self.run(name, parameters)
            except StatementError as failed:
                if failed.sqlstate != DENIED:
                    raise
            self._guard.run("rollback_to_savepoint")
            self._denied.add(name)
        found = NotSeen(join_path(self.server.database, "pg_catalog", OPTIONAL[name]), "denied")
        if found not in self.not_seen:
            self.not_seen.append(found)
        return []

    def listed(self, name: str, parameters: Sequence[object], kinds: tuple[AssetKind, ...]) -> list[Row]:
        """Run a statement that lists assets; where it is denied, nothing of these kinds is confirmed gone."""
        rows = self.optional(name, parameters)
        found = Unlisted((self.server.database,), kinds, "denied")
        if name in self._denied and found not in self.unlisted:
            self.unlisted.append(found)
        return rows

    def was_denied(self, *names: str) -> bool:
        """Tell whether one of these statements was denied."""
        return bool(self._denied) and not self._denied.isdisjoint(names)

    def mark(self, assets: Iterable[Asset], *names: str) -> None:
        """Mark assets where one of these statements was denied, so that what is stored of them stays."""
        if self.was_denied(*names):
            for asset in assets:
                asset.not_seen = "denied"

    def define(self, wanted: Wanted, assets: Mapping[int, Asset]) -> None:
        """Have what is wanted read, and mark the assets of which a text could not be."""
        with self._turn:
            missing = self._definitions.read(wanted)
        for oid, reason in missing.items():
            assets[oid].not_seen = reason
            self.not_seen.append(NotSeen(join_path(*assets[oid].path), reason))

    def path(self, schema: int, name: str, oid: int, kind: AssetKind) -> tuple[str, ...]:
        """Return the path of something in a schema; no two things get the same.

        A table's name may look like a function's signature. Only then do the two meet, and the second is told
        apart by its kind, and at last by its oid.
        """
        if name.endswith(")"):
            for further in (kind.value.replace("_", " "), str(oid)):
                if (schema, name) in self._claimed:
                    name = f"{name} ({further})"
            self._claimed.add((schema, name))
        return (self.server.database, self.schemas[schema], name)

    def function(self, schema: str, name: str) -> list[str]:
        """Return the path of a function without arguments, as a fact names it."""
        return [self.server.database, schema, f"{name}()"]

    def read_extensions(self) -> None:
        """Learn what belongs to an extension."""
        self._extensions = {(table, oid): name for table, oid, name in self.optional("extension_members")}

    def add_extensions(self, assets: Mapping[int, Asset], table: str) -> None:
        """Say of assets which extension they belong to. assets: by oid. table: of the catalogue."""
        if self._extensions:
            for oid, asset in assets.items():
                if (table, oid) in self._extensions:
                    asset.facts["extension"] = self._extensions[table, oid]

    def comments(self, table: str, oids: Sequence[int]) -> dict[int, str]:
        """Return the comments of things of one catalogue table, by oid."""
        if not oids:
            return {}
        found = self.optional("object_comments", (list(oids),))
        return {oid: comment for of, oid, comment in found if of == table}
