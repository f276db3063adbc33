"""A relation's page, part by part, and the pages of types, sequences and functions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Asset
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import AssetId, join_path, split_path
from fanlight.portal import columns, sections, shapes, things
from fanlight.portal.asking import PortalRequest

# As many as a PostgreSQL table can have stand on one page, so that the browser's own search finds each of them.
COLUMNS_AT_ONCE = 1_600
_DIGITS = 9  # of a column's position


def refuse_part(part: str, parts: tuple[str, ...]) -> None:
    """Raise NotFound for a part that this asset does not have."""
    if part and part not in parts:
        raise NotFound(code="asset.part", detail="This asset has no such part.")


def relation(
    request: PortalRequest, actor: Actor, asset: Asset, context: dict[str, Any], part: str
) -> HttpResponse:
    """Show one part of a relation, or what there is to say of anything else."""
    if asset.kind in things.PAGES:
        refuse_part(part, ())
        found = known(actor, asset, sections.targets(asset.facts, _database(asset)))
        context |= {"thing": things.thing(asset, found), "crumbs": catalog.crumbs(asset, found)}
        return render(request, "portal/thing.html", context)
    parts = shapes.parts_of(asset)
    refuse_part(part, tuple(name for name, *_ in parts))
    part = part or "columns"
    context |= {"parts": parts, "part": part}
    context |= _PARTS[part](request, actor, asset)
    found = context["known"] if "known" in context else known(actor, asset, [])
    context["crumbs"] = catalog.crumbs(asset, found)
    template = "portal/relation.html"
    if request.htmx:
        rows = "column_rows" if part == "columns" else "partition_rows"
        template = f"portal/parts/{rows}.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _columns(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    after, wanted = request.GET.get("after", ""), request.GET.get("column", "")
    position = int(after) if after.isascii() and after.isdigit() and len(after) <= _DIGITS else 0
    page = catalog.columns(actor, asset.id, after=position, most=COLUMNS_AT_ONCE)
    first = page
    while wanted and page.next_after is not None and all(one.name != wanted for one in page.columns):
        position = page.next_after
        page = catalog.columns(actor, asset.id, after=position, most=COLUMNS_AT_ONCE)
    if wanted and all(one.name != wanted for one in page.columns):
        # It went since the link was made.
        page, position, wanted = first, 0, ""
    types = shapes.type_targets(page.columns, _database(asset))
    found = known(actor, asset, [*shapes.targets(asset.facts), *types])
    rows = shapes.column_rows(page.columns, asset.facts, found, _database(asset))
    is_continued = position > 0
    return {
        "known": found,
        "rows": columns.rows(rows, wanted=wanted, is_continued=is_continued),
        "next_after": page.next_after,
        "is_continued": is_continued,
    }


def _keys(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    found = known(actor, asset, shapes.targets(asset.facts))
    return {"known": found, "rows": shapes.key_rows(asset.facts, found)}


def _indexes(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    return {"rows": shapes.index_rows(asset.facts)}


def _definition(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    return {
        "definition": asset.facts.get("definition", ""),
        "is_digest": asset.facts.get("definition_kind") == "digest",
    }


def _partitions(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    after = request.GET.get("after", "")
    return {"below": catalog.partitions(actor, asset, after=after), "is_continued": bool(after)}


def _triggers(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    found = known(actor, asset, sections.targets(asset.facts, _database(asset)))
    attached = sections.of_relation(asset.facts, found)["triggers"]
    return {"known": found, "sections": attached, "has_literals": True}


def _policies(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    facts = asset.facts
    return {
        "sections": sections.of_relation(facts, {})["policies"],
        "row_security": _ROW_SECURITY[
            bool(facts.get("has_row_security")), bool(facts.get("is_row_security_forced"))
        ],
        "has_literals": True,
    }


# Whether it is on, and whether it is forced.
_ROW_SECURITY = {
    (
        True,
        True,
    ): "Row security is on, also for the owner: without a policy that allows it, no row is seen or changed.",
    (
        True,
        False,
    ): "Row security is on: without a policy that allows it, only the owner sees or changes rows.",
    (
        False,
        True,
    ): "Row security is off: these policies have no effect. Once it is on, it will bind the owner too.",
    (False, False): "Row security is off: these policies have no effect.",
}


def known(actor: Actor, asset: Asset, locators: list[str]) -> dict[str, AssetId]:
    """Return the assets at these locators, and those on the way to an asset, by locator."""
    return catalog.located(actor, asset.integration_id, [*catalog.way_to(asset), *locators])


def _database(asset: Asset) -> str:
    return split_path(asset.locator)[0]


def _details(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    facts = asset.facts
    found = known(actor, asset, shapes.targets(facts))
    parents = [(join_path(*path[1:]), found.get(join_path(*path))) for path in facts.get("parents", ())]
    said = [
        ("Owner", facts.get("owner")),
        ("Kept", facts.get("persistence")),
        ("Belongs to the extension", facts.get("extension")),
        ("Foreign server", facts.get("server")),
        ("Options", ", ".join(facts["options"]) + " (values are not read)" if facts.get("options") else None),
        ("Tells replicas about rows by", _REPLICA_IDENTITIES.get(facts.get("replica_identity", ""))),
        ("Partitioned by", facts.get("partition_key")),
        ("Holds the partition", facts.get("partition_bound")),
    ]
    return {
        "known": found,
        "said": [(word, text) for word, text in said if text],
        "parents": parents,
        "sections": sections.of_relation(facts, found)["details"],
        "parent_word": "Partition of" if facts.get("is_partition") else "Inherits from",
    }


_REPLICA_IDENTITIES = {"nothing": "nothing", "full": "the whole old row", "index": "an index"}
_PARTS = {
    "columns": _columns,
    "keys": _keys,
    "indexes": _indexes,
    "triggers": _triggers,
    "policies": _policies,
    "definition": _definition,
    "partitions": _partitions,
    "details": _details,
}
