"""An organization's sources: the list, and the page of each with its test and its runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from fanlight.catalog import queries as catalog
from fanlight.connectors import registry
from fanlight.core.actors import Actor
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries as extraction
from fanlight.extraction import services as extraction_services
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import Integration
from fanlight.portal import standing
from fanlight.portal.asking import PortalRequest, signed_in

SHOWN_RUNS = 20


@signed_in("GET")
def every(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show every source; to htmx, the table alone, which asks again while something runs."""
    known = integrations.integrations(actor)
    runs = extraction.latest_runs(actor, most=standing.BARS + 1)
    lines = standing.lines(known, runs, catalog.counts(actor))
    context = {
        "lines": lines,
        "is_busy": any(
            standing.is_busy(line.integration, runs.get(line.integration.id, [])) for line in lines
        ),
        "tables": sum(line.tables for line in lines),
        "columns": sum(line.columns for line in lines),
    }
    response = render(
        request, "portal/parts/sources.html" if request.htmx else "portal/integrations.html", context
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


@signed_in("GET")
def one(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show one source: what was entered, whether it connects, and its runs."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    fields = registry.connector(found.connector).fields
    context = _live(actor, found) | {
        "settings": [
            (each.label, _shown(each.choices, found.settings.get(each.name, ""))) for each in fields
        ],
        "is_saved": "saved" in request.GET,
    }
    return render(request, "portal/integration.html", context)


@signed_in("GET")
def state(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show what changes by itself: the test, the run under way, and the runs before."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    if not request.htmx:
        return HttpResponseRedirect(reverse("integration", args=[found.id]))
    return render(request, "portal/parts/integration_live.html", _live(actor, found))


def _live(actor: Actor, found: Integration) -> dict[str, Any]:
    runs = extraction.runs_of(actor, found.id, most=SHOWN_RUNS)
    line = standing.lines([found], {found.id: runs}, {})[0]
    waiting_since = None
    if line.active is not None and line.active.started_at is None:
        waiting_since = line.active.requested_at
    chosen = registry.connector(found.connector).databases(found.settings)
    return {
        "line": line,
        "integration": found,
        "is_busy": standing.is_busy(found, runs),
        "runs": runs,
        "shown_runs": SHOWN_RUNS,
        "chosen": chosen,
        "not_there": _not_there(found, chosen),
        "test_waits_long": standing.has_waited_long(found.test_requested_at, clock.now()),
        "run_waits_long": standing.has_waited_long(waiting_since, clock.now()),
    }


def _not_there(found: Integration, chosen: tuple[str, ...]) -> list[str]:
    listed = {name for name, _ in found.report.databases} if found.report else set()
    return [name for name in chosen if listed and name not in listed]


def _shown(choices: tuple[tuple[str, str], ...], value: str) -> str:
    return dict(choices).get(value, value)


@signed_in("POST")
def test(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Have the worker try the connection."""
    found = IntegrationId(integration_id)
    integration_services.request_test(actor=actor, integration_id=found, now=clock.now())
    return HttpResponseRedirect(reverse("integration", args=[found]))


@signed_in("POST")
def extract(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Have the worker extract."""
    found = IntegrationId(integration_id)
    extraction_services.request_run(actor=actor, integration_id=found, is_deferred=True, now=clock.now())
    return HttpResponseRedirect(reverse("integration", args=[found]))
