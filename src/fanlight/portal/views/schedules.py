"""When a source is extracted by itself, and changing that."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.errors import WrongUse
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services
from fanlight.portal import picker, standing
from fanlight.portal.asking import PortalRequest, signed_in


@signed_in("GET", "POST")
def schedule(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show the choices; on POST, change the schedule."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    access.require(actor, Permission.INTEGRATION_MANAGE)
    known, default = integrations.schedules(actor)[found.id], integrations.default_schedule(found.id)
    if request.method == "POST":
        picked = picker.of_post(request.POST.dict(), default)
        try:
            services.set_schedule(
                actor=actor, integration_id=found.id, cron=picker.to_cron(picked), now=clock.now()
            )
        except WrongUse as problem:
            picked.refuse(problem)
        else:
            return HttpResponseRedirect(reverse("integration", args=[found.id]) + "?saved=schedule")
    else:
        picked = picker.of_cron(known.cron, default)
    context = {
        "integration": found,
        "schedule": known,
        "stop": standing.stop_of(known),
        "picked": picked,
        "now": clock.now(),
    }
    status = picked.problem.http_status if picked.problem else 200
    return render(request, "portal/schedule.html", context, status=status)
