"""A relation's page, part by part, and an enum's."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Asset
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import join_path
from fanlight.portal import shapes
from fanlight.portal.asking import PortalRequest

_DIGITS = 9  # of a column's position


def refuse_part(part: str, known: tuple[str, ...]) -> None:
    """Raise NotFound for a part that this asset does not have."""
    if part and part not in known:
        raise NotFound(code="asset.part", detail="This asset has no such part.")


def relation(
    request: PortalRequest, actor: Actor, asset: Asset, context: dict[str, Any], part: str
) -> HttpResponse:
    """Show one part of a relation, or an enum's labels."""
    if asset.kind == "enum":
        refuse_part(part, ())
        return render(request, "portal/enum.html", context | {"labels": asset.facts.get("labels", [])})
    parts = shapes.parts_of(asset)
    refuse_part(part, tuple(name for name, _, _ in parts))
    part = part or "columns"
    context |= {"parts": parts, "part": part}
    context |= _PARTS[part](request, actor, asset)
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
    page = catalog.columns(actor, asset.id, after=position)
    first = page
    while wanted and page.next_after is not None and all(one.name != wanted for one in page.columns):
        position = page.next_after
        page = catalog.columns(actor, asset.id, after=position)
    if wanted and all(one.name != wanted for one in page.columns):
        # It went since the link was made.
        page, position, wanted = first, 0, ""
    known = catalog.located(actor, asset.integration_id, shapes.targets(asset.facts))
    rows = shapes.column_rows(page.columns, asset.facts, known)
    return {
        "rows": rows,
        "next_after": page.next_after,
        "is_continued": position > 0,
        "wanted": wanted,
    }


def _keys(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    known = catalog.located(actor, asset.integration_id, shapes.targets(asset.facts))
    return {"rows": shapes.key_rows(asset.facts, known)}


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


def _details(request: PortalRequest, actor: Actor, asset: Asset) -> dict[str, Any]:
    facts = asset.facts
    known = catalog.located(actor, asset.integration_id, shapes.targets(facts))
    parents = [(join_path(*path[1:]), known.get(join_path(*path))) for path in facts.get("parents", ())]
    said = [
        ("Owner", facts.get("owner")),
        ("Kept", facts.get("persistence")),
        ("Foreign server", facts.get("server")),
        ("Partitioned by", facts.get("partition_key")),
        ("Holds the partition", facts.get("partition_bound")),
    ]
    return {
        "said": [(word, text) for word, text in said if text],
        "parents": parents,
        "parent_word": "Partition of" if facts.get("is_partition") else "Inherits from",
    }


_PARTS = {
    "columns": _columns,
    "keys": _keys,
    "indexes": _indexes,
    "definition": _definition,
    "partitions": _partitions,
    "details": _details,
}
