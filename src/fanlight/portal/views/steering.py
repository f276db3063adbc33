"""What is done to a source by a button: test, extract, cancel, pause, resume; and deleting it, after a question."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries as extraction
from fanlight.extraction import services
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.portal.views.runs import run_of


@signed_in("POST")
def test(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Have the worker try the connection."""
    found = IntegrationId(integration_id)
    integration_services.request_test(actor=actor, integration_id=found, now=clock.now())
    return _back(found)


@signed_in("POST")
def extract(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Have the worker extract."""
    found = IntegrationId(integration_id)
    services.request_run(actor=actor, integration_id=found, is_deferred=True, now=clock.now())
    return _back(found)


@signed_in("POST")
def cancel(request: PortalRequest, actor: Actor, integration_id: UUID, run_id: UUID) -> HttpResponse:
    """End a run now."""
    found, run = run_of(actor, integration_id, run_id)
    services.cancel_run(actor=actor, run_id=run.id, now=clock.now())
    if request.POST.get("to") == "run":
        return HttpResponseRedirect(reverse("run", args=[found.id, run.id]))
    return _back(found.id)


@signed_in("POST")
def pause(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Let no run begin, and end the one that runs."""
    found = IntegrationId(integration_id)
    services.pause_integration(actor=actor, integration_id=found, now=clock.now())
    return _back(found)


@signed_in("POST")
def resume(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Let runs begin again."""
    found = IntegrationId(integration_id)
    services.resume_integration(actor=actor, integration_id=found, now=clock.now())
    return _back(found)


@signed_in("GET", "POST")
def delete(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Say what deleting takes away and what stays; on POST, with the name typed again, do it."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    access.require(actor, Permission.INTEGRATION_DELETE)
    problem, typed = None, request.POST.get("name", "")
    if request.method == "POST":
        try:
            services.delete_integration(
                actor=actor, integration_id=found.id, typed_name=typed, now=clock.now()
            )
        except Conflict as conflict:
            problem = conflict
        else:
            return HttpResponseRedirect(reverse("integrations") + "?deleted")
    latest = extraction.runs_of(actor, found.id, most=1)
    context = {
        "integration": found,
        "holdings": extraction.holdings(actor, found.id),
        "is_running": bool(latest) and not latest[0].state.is_over,
        "problem": problem,
        "typed": typed,
    }
    return render(request, "portal/delete.html", context, status=problem.http_status if problem else 200)


def _back(integration_id: IntegrationId) -> HttpResponse:
    return HttpResponseRedirect(reverse("integration", args=[integration_id]))
