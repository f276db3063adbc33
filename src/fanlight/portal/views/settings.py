"""The organization's settings, and one's own name."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, FanlightError, WrongUse
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services as integration_services
from fanlight.integrations.types import OnExcess
from fanlight.organizations import queries, services
from fanlight.organizations.services import SIGN_IN_MINUTES
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.tenancy import queries as tenancy


@signed_in("GET")
def settings_page(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show the settings."""
    return _page(request, actor)


@signed_in("POST")
def organization_name(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Rename the organization."""
    name = request.POST.get("organization", "")
    try:
        services.rename_organization(actor=actor, name=name, now=clock.now())
    except (WrongUse, Conflict) as problem:
        return _page(request, actor, organization_problem=problem, organization=name)
    return HttpResponseRedirect(reverse("settings") + "?saved=organization")


@signed_in("POST")
def my_name(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Rename oneself."""
    name = request.POST.get("name", "")
    try:
        services.rename_myself(actor=actor, name=name, now=clock.now())
    except WrongUse as problem:
        return _page(request, actor, name_problem=problem, name=name)
    return HttpResponseRedirect(reverse("settings") + "?saved=name")


@signed_in("POST")
def excess(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Decide what to do about a credential that could do more than read."""
    access.require(actor, Permission.ORGANIZATION_MANAGE)
    chosen = request.POST.get("on_excess", "")
    if chosen not in list(OnExcess):
        problem = WrongUse(
            code="field.on_excess", detail="Nothing was chosen.", remedy="Choose one of the two."
        )
        return _page(request, actor, excess_problem=problem)
    integration_services.set_on_excess(actor=actor, on_excess=OnExcess(chosen), now=clock.now())
    return HttpResponseRedirect(reverse("settings") + "?saved=excess#excess")


def _page(
    request: PortalRequest,
    actor: Actor,
    *,
    organization_problem: FanlightError | None = None,
    name_problem: FanlightError | None = None,
    excess_problem: FanlightError | None = None,
    organization: str | None = None,
    name: str | None = None,
) -> HttpResponse:
    myself = queries.myself(actor)
    if organization is None:
        organization = tenancy.organization(actor.organization_id).name
    context = {
        "organization": organization,
        "name": myself.name if name is None else name,
        "myself": myself,
        "members": queries.members(actor),
        "may_rename": access.is_allowed(actor, Permission.ORGANIZATION_MANAGE),
        "organization_problem": organization_problem,
        "name_problem": name_problem,
        "excess_problem": excess_problem,
        "on_excess": integrations.on_excess(actor).value,
        "saved": request.GET.get("saved", ""),
        "minutes": SIGN_IN_MINUTES,
    }
    problem = organization_problem or name_problem or excess_problem
    return render(request, "portal/settings.html", context, status=problem.http_status if problem else 200)
