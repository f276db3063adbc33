"""The first page: what needs a look, how the sources stand, and a field to search in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.foundation import clock
from fanlight.portal import attention, changing, lines, offering
from fanlight.portal.asking import PortalRequest, signed_in

RECENT = 8
RECENT_CHANGES = 6
OFFERED = ("Name", "Host", "Databases", "Role")


@signed_in("GET")
def home(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show what needs a look, the sources, what changed there and the latest runs."""
    gathered = lines.gather(actor, most_runs=RECENT)
    context: dict[str, Any] = {
        "lines": gathered.lines(),
        "rows": gathered.recent(RECENT),
        "changes": changing.recent(actor, RECENT_CHANGES),
        "matters": attention.matters(actor, clock.now()),
    }
    offered = (
        offering.offer(gathered.known) if access.is_allowed(actor, Permission.INTEGRATION_MANAGE) else None
    )
    if offered:
        values = (offered.name, offered.host, offered.databases, offered.user)
        context |= {"offer": offered, "offered": list(zip(OFFERED, values, strict=True))}
    return render(request, "portal/home.html", context)
