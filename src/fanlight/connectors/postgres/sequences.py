"""Sequences: how they count, and which column owns them; never where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.edge import risen
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset, AssetKind

BATCH_SEQUENCES = 2000


def batches(asker: Asker) -> Iterator[list[Asset]]:
    """Yield the sequences that are not behind an identity column, by oid."""
    last = 0
    kinds = (AssetKind.SEQUENCE,)
    while rows := asker.listed("sequences", (last, BATCH_SEQUENCES, asker.system_schemas), kinds):
        last = risen(rows, last)
        comments = asker.comments("pg_class", [row[0] for row in rows])
        assets = {row[0]: _asset(asker, row, comments.get(row[0])) for row in rows}
        asker.add_extensions(assets, "pg_class")
        asker.mark(assets.values(), "object_comments", "extension_members")
        yield list(assets.values())


def _asset(asker: Asker, row: Row, comment: str | None) -> Asset:
    oid, schema, name, owner, persistence, type_, start, increment, least, greatest, cache, *rest = row
    is_cycled, owner_schema, owner_relation, owner_column, has_namesake = rest
    facts = {
        "owner": owner,
        "type": type_,
        "start": start,
        "increment": increment,
        "min": least,
        "max": greatest,
        "cache": cache,
    }
    if persistence == "u":
        facts["persistence"] = "unlogged"
    if is_cycled:
        facts["is_cycled"] = True
    if owner_column is not None:
        facts["owned_by"] = [asker.server.database, owner_schema, owner_relation, owner_column]
    # A sequence and a type may have one name since PostgreSQL 14.
    path = asker.path(schema, f"{name} (sequence)" if has_namesake else name, oid, AssetKind.SEQUENCE)
    return Asset(AssetKind.SEQUENCE, path, comment, facts)
