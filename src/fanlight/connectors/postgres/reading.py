"""Read one database in batches, in the order of oids, from one snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from fanlight.connectors.postgres import databases, datatypes, routines, sequences
from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.relations import Relations
from fanlight.connectors.types import Asset, NotSeen, Unlisted


class Reader:
    """One read of one database, inside a transaction that has its savepoint."""

    def __init__(self, asker: Asker) -> None:
        self.total: int | None = None
        self._asker = asker

    @property
    def not_seen(self) -> list[NotSeen]:
        """What exists and could not be read, so far."""
        return self._asker.not_seen

    @property
    def unlisted(self) -> list[Unlisted]:
        """What could not even be listed, so far."""
        return self._asker.unlisted

    def batches(self) -> Iterator[list[Asset]]:
        """Yield the database and its schemas, then types, relations, sequences and functions."""
        asker = self._asker
        schemas = asker.run("schemas")
        asker.schemas = {oid: name for oid, name, _ in schemas}
        asker.system_schemas = [oid for (oid,) in asker.run("system_schemas")]
        totals, routine_total = asker.optional("totals"), asker.optional("routine_total")
        if totals:
            self.total = 1 + len(schemas) + sum(totals[0]) + sum(row[0] for row in routine_total)
        asker.read_extensions()
        yield [databases.database_asset(asker), *databases.schema_assets(asker, schemas)]
        yield from datatypes.batches(asker)
        yield from Relations(asker).batches()
        yield from sequences.batches(asker)
        yield from routines.batches(asker)
