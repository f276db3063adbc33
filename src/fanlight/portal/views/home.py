"""The first page: what needs a look, how the sources stand, and a field to search in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from fanlight.core.actors import Actor
from fanlight.foundation import clock
from fanlight.portal import attention, lines
from fanlight.portal.asking import PortalRequest, signed_in

RECENT = 8


@signed_in("GET")
def home(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show what needs a look, the sources and the latest runs."""
    gathered = lines.gather(actor, most_runs=RECENT)
    context = {
        "lines": gathered.lines(),
        "rows": gathered.recent(RECENT),
        "matters": attention.matters(actor, clock.now()),
    }
    return render(request, "portal/home.html", context)
