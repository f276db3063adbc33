"""The first page: how the sources stand, and a field to search in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from fanlight.catalog import queries as catalog
from fanlight.core.actors import Actor
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import Run
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Integration
from fanlight.portal import standing
from fanlight.portal.asking import PortalRequest, signed_in

RECENT = 8


@signed_in("GET")
def home(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show the sources and the latest runs."""
    known = integrations.integrations(actor)
    runs = extraction.latest_runs(actor, most=RECENT)
    context = {
        "lines": standing.lines(known, runs, catalog.counts(actor)),
        "recent": _recent(known, [run for some in runs.values() for run in some]),
    }
    return render(request, "portal/home.html", context)


def _recent(known: list[Integration], runs: list[Run]) -> list[tuple[Integration, Run]]:
    by_id = {one.id: one for one in known}
    latest = sorted(runs, key=lambda run: run.requested_at, reverse=True)
    return [(by_id[run.integration_id], run) for run in latest if run.integration_id in by_id][:RECENT]
