"""The answer to a run that stopped to ask whether so much may be removed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.extraction import services
from fanlight.extraction.types import RunState
from fanlight.foundation import clock
from fanlight.portal import departing
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.portal.views import runs


@signed_in("GET", "POST")
def approve(request: PortalRequest, actor: Actor, integration_id: UUID, run_id: UUID) -> HttpResponse:
    """Ask once more whether all of it is to go; on POST, let another run remove it."""
    found, run = runs.run_of(actor, integration_id, run_id)
    access.require(actor, Permission.REMOVAL_APPROVE)
    if request.method == "POST":
        approved = services.approve_removal(actor=actor, run_id=run.id, now=clock.now())
        return HttpResponseRedirect(reverse("run", args=[found.id, approved]))
    context = departing.listed(actor, found, run, "")
    if run.state is not RunState.HELD or not context["is_open"]:
        # Somebody has answered meanwhile, or a later run has taken its place: its page says so.
        return HttpResponseRedirect(reverse("run", args=[found.id, run.id]))
    return render(request, "portal/approve.html", context | {"integration": found, "run": run})
