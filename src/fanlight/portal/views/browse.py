"""The way down: integrations, databases, schemas, and what is in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.catalog import queries as catalog
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, IntegrationId
from fanlight.integrations import queries as integrations
from fanlight.portal import lines, sections, shapes
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.portal.views import relations

LONGEST_FILTER = 200
FEW = 12  # what is seen at a glance needs no filter


@signed_in("GET")
def browse(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show the integrations to browse."""
    return render(request, "portal/browse.html", {"lines": lines.gather(actor, most_runs=1).lines()})


@signed_in("GET")
def integration(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show the databases of an integration."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    context = {"integration": found, "product": found.connector_title}
    return _children(request, actor, found.id, "", template="portal/browse_integration.html", context=context)


@signed_in("GET")
def asset(request: PortalRequest, actor: Actor, asset_id: UUID, part: str = "") -> HttpResponse:
    """Show an asset: what is below a container, or a part of a relation's page."""
    found = catalog.asset(actor, AssetId(asset_id))
    context: dict[str, Any] = {"asset": found}
    if found.kind not in shapes.CONTAINERS:
        return relations.relation(request, actor, found, context, part)
    relations.refuse_part(part, ())
    known = relations.known(actor, found, sections.targets(found.facts, found.name))
    context["crumbs"] = catalog.crumbs(found, known)
    context["sections"] = sections.of_database(found.facts, known) if found.kind == "database" else []
    context["published"] = [one.get("name", "") for one in found.facts.get("publications", ())]
    return _children(
        request,
        actor,
        found.integration_id,
        found.locator,
        template="portal/container.html",
        context=context,
    )


def _children(
    request: PortalRequest,
    actor: Actor,
    integration_id: IntegrationId,
    parent: str,
    *,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    containing = request.GET.get("containing", "").strip()[:LONGEST_FILTER]
    groups = _groups(catalog.kinds_below(actor, integration_id, parent))
    show = next((name for name, *_ in groups if name == request.GET.get("show")), "")
    below = catalog.children(
        actor,
        integration_id,
        parent,
        kinds=next((kinds for name, _, kinds in shapes.GROUPS if name == show), ()),
        containing=containing,
        after=request.GET.get("after") or None,
    )
    context |= {"below": below, "containing": containing, "is_continued": "after" in request.GET}
    context |= {"groups": groups, "show": show, "everything": sum(count for *_, count in groups)}
    context["has_filter"] = below.total > FEW or bool(containing) or bool(request.htmx)
    context["shows_figures"] = any(one.kind in shapes.FIGURES for one in below.assets)
    if request.htmx:
        # The next rows take the place of the row that asked for them; a filter replaces the whole list.
        is_more = request.htmx.target == "more"
        template = "portal/parts/child_rows.html" if is_more else "portal/parts/children.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _groups(kinds: dict[str, int]) -> list[tuple[str, str, int]]:
    """Return what a list can be narrowed to, where that is more than one thing: name, word, count."""
    counts = [(name, word, sum(kinds.get(kind, 0) for kind in of)) for name, word, of in shapes.GROUPS]
    found = [one for one in counts if one[-1]]
    return found if len(found) > 1 else []
