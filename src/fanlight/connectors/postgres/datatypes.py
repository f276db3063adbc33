"""Types that a schema defines: enums, domains and ranges. Composite types are read with the relations."""

from __future__ import annotations

from collections.abc import Iterator

from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.definitions import Wanted
from fanlight.connectors.postgres.edge import risen
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset, AssetKind
from fanlight.core.identifiers import join_path

BATCH_TYPES = 2000
_KINDS = {"e": AssetKind.ENUM, "d": AssetKind.DOMAIN, "r": AssetKind.RANGE}
_STATEMENTS = {
    AssetKind.ENUM: ("enum_labels",),
    AssetKind.DOMAIN: ("domains", "domain_constraints"),
    AssetKind.RANGE: ("ranges",),
}
_OF_ALL = ("object_comments", "extension_members")


def batches(asker: Asker) -> Iterator[list[Asset]]:
    """Yield the types that are no relations, by oid."""
    last = 0
    while rows := asker.run("types", (last, BATCH_TYPES, asker.system_schemas)):
        last = risen(rows, last)
        yield _batch(asker, rows)


def _batch(asker: Asker, rows: list[Row]) -> list[Asset]:
    comments = asker.comments("pg_type", [row[0] for row in rows])
    assets: dict[int, Asset] = {}
    by_kind: dict[AssetKind, dict[int, Asset]] = {kind: {} for kind in _KINDS.values()}
    for oid, schema, name, owner, letter in rows:
        kind = _KINDS[letter]
        asset = Asset(kind, asker.path(schema, name, oid, kind), comments.get(oid), {"owner": owner})
        assets[oid] = by_kind[kind][oid] = asset
    wanted = Wanted()
    _add_labels(asker, by_kind[AssetKind.ENUM])
    _add_domains(asker, by_kind[AssetKind.DOMAIN], wanted)
    _add_ranges(asker, by_kind[AssetKind.RANGE])
    asker.add_extensions(assets, "pg_type")
    for kind, of_kind in by_kind.items():
        asker.mark(of_kind.values(), *_OF_ALL, *_STATEMENTS[kind])
    asker.define(wanted, assets)
    return list(assets.values())


def _add_labels(asker: Asker, assets: dict[int, Asset]) -> None:
    if not assets:
        return
    labels: dict[int, list[str]] = dict(asker.optional("enum_labels", (list(assets),)))
    if not asker.was_denied("enum_labels"):
        for oid, asset in assets.items():
            asset.facts["labels"] = labels.get(oid, [])


def _add_domains(asker: Asker, assets: dict[int, Asset], wanted: Wanted) -> None:
    if not assets:
        return
    oids = (list(assets),)
    for oid, type_, is_not_null, has_default, *collation in asker.optional("domains", oids):
        facts = assets[oid].facts
        facts["type"] = type_
        if is_not_null:
            facts["is_not_null"] = True
        if collation[1] is not None:
            facts["collation"] = _in_schema(*collation)
        if has_default:
            wanted.add("domain_defaults", oid, oid, asker.takers.text(facts, "default"))
    rows = sorted(asker.optional("domain_constraints", oids), key=lambda row: str(row[2]))
    comments = asker.comments("pg_constraint", [row[1] for row in rows])
    for oid, constraint, name, is_valid in rows:
        facts = assets[oid].facts
        fact = {"name": name, "kind": "check", "columns": []}
        if not is_valid:
            fact["is_not_valid"] = True
        if constraint in comments:
            fact["comment"] = comments[constraint]
        facts.setdefault("constraints", []).append(fact)
        take = asker.takers.text(fact, "definition")
        wanted.add("constraint_definitions", constraint, oid, take, (facts, "constraints"))


def _add_ranges(asker: Asker, assets: dict[int, Asset]) -> None:
    if not assets:
        return
    for oid, subtype, *parts in asker.optional("ranges", (list(assets),)):
        facts = assets[oid].facts
        facts["subtype"] = subtype
        for place, name in enumerate(("collation", "canonical", "difference", "multirange")):
            schema, part = parts[2 * place : 2 * place + 2]
            if part is not None:
                facts[name] = _in_schema(schema, part)


def _in_schema(schema: str, name: str) -> str:
    return name if schema == "pg_catalog" else join_path(schema, name)
