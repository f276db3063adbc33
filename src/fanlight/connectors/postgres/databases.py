"""The database itself with what belongs to no schema of it, and its schemas."""

from __future__ import annotations

from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.facts import FIRES
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset, AssetKind, Json

_PARTS = (
    "database",
    "object_comments",
    "extensions",
    "publications",
    "foreign_servers",
    "event_triggers",
    "subscriptions",
)
_GENERATED = {"n": None, "s": "stored"}


def database_asset(asker: Asker) -> Asset:
    """Return the connected database."""
    server = asker.server
    asset = Asset(AssetKind.DATABASE, (server.database,), facts={"encoding": server.encoding})
    for owner, _, comment in asker.optional("database"):
        asset.facts["owner"] = owner
        asset.comment = comment
    for name, found in (
        ("extensions", _extensions(asker)),
        ("publications", _publications(asker)),
        ("foreign_servers", _foreign_servers(asker)),
        ("event_triggers", _event_triggers(asker)),
        ("subscriptions", _subscriptions(asker)),
    ):
        if found:
            asset.facts[name] = sorted(found, key=lambda fact: str(fact["name"]))
    asker.mark([asset], *_PARTS)
    return asset


def schema_assets(asker: Asker, schemas: list[Row]) -> list[Asset]:
    """Return the schemas. schemas: rows of the statement of that name."""
    comments: dict[int, str] = dict(asker.optional("schema_comments"))
    published: dict[int, list[str]] = {}
    for oid, publication in asker.optional("published_schemas"):
        published.setdefault(oid, []).append(publication)
    assets: dict[int, Asset] = {}
    for oid, name, owner in schemas:
        asset = Asset(
            AssetKind.SCHEMA, (asker.server.database, name), comments.get(oid), facts={"owner": owner}
        )
        if oid in published:
            asset.facts["publications"] = [{"name": one} for one in sorted(published[oid])]
        assets[oid] = asset
    asker.add_extensions(assets, "pg_namespace")
    asker.mark(assets.values(), "schema_comments", "published_schemas", "extension_members")
    return list(assets.values())


def _commented(asker: Asker, table: str, facts: dict[int, dict[str, Json]]) -> list[dict[str, Json]]:
    for oid, comment in asker.comments(table, list(facts)).items():
        facts[oid]["comment"] = comment
    return list(facts.values())


def _said(fact: dict[str, Json]) -> dict[str, Json]:
    """Return a fact without what is not there."""
    return {name: value for name, value in fact.items() if value not in (None, False, [])}


def _extensions(asker: Asker) -> list[dict[str, Json]]:
    facts = {
        oid: {"name": name, "version": version, "schema": schema, "owner": owner}
        for oid, name, version, schema, owner in asker.optional("extensions")
    }
    return _commented(asker, "pg_extension", facts)


def _publications(asker: Asker) -> list[dict[str, Json]]:
    facts: dict[int, dict[str, Json]] = {}
    for oid, name, owner, is_all, insert, update, delete, truncate, is_via_root, generated in asker.optional(
        "publications"
    ):
        sent = (("insert", insert), ("update", update), ("delete", delete), ("truncate", truncate))
        facts[oid] = _said(
            {
                "name": name,
                "owner": owner,
                "publishes": [event for event, is_sent in sent if is_sent],
                "is_for_all_tables": is_all,
                "is_via_root": is_via_root,
                "generated_columns": _GENERATED.get(generated, generated),
            }
        )
    return _commented(asker, "pg_publication", facts)


def _foreign_servers(asker: Asker) -> list[dict[str, Json]]:
    facts = {
        oid: _said(
            {
                "name": name,
                "wrapper": wrapper,
                "owner": owner,
                "type": type_,
                "version": version,
                "options": options,
            }
        )
        for oid, name, wrapper, owner, type_, version, options in asker.optional("foreign_servers")
    }
    return _commented(asker, "pg_foreign_server", facts)


def _event_triggers(asker: Asker) -> list[dict[str, Json]]:
    facts: dict[int, dict[str, Json]] = {}
    for oid, name, event, owner, schema, function, enabled, tags in asker.optional("event_triggers"):
        facts[oid] = _said(
            {
                "name": name,
                "event": event,
                "owner": owner,
                "function": asker.function(schema, function),
                "commands": tags,
            }
        ) | FIRES.get(enabled, {})
    return _commented(asker, "pg_event_trigger", facts)


def _subscriptions(asker: Asker) -> list[dict[str, Json]]:
    return [
        _said({"name": name, "owner": owner, "publications": publications, "is_disabled": not is_enabled})
        for name, owner, is_enabled, publications in asker.optional("subscriptions")
    ]
