"""Adding a source, and changing one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.connectors import registry
from fanlight.connectors.types import Connector
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, WrongUse
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations import services
from fanlight.integrations.types import Integration
from fanlight.portal import fields
from fanlight.portal.asking import PortalRequest, signed_in


@signed_in("GET")
def choose(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show the kinds of source."""
    access.require(actor, Permission.INTEGRATION_MANAGE)
    return render(request, "portal/choose.html", {"connectors": registry.connectors()})


@sensitive_post_parameters("password")
@signed_in("GET", "POST")
def add(request: PortalRequest, actor: Actor, connector: str) -> HttpResponse:
    """Show the script and the form of one kind of source; on POST, add it and have it tested."""
    access.require(actor, Permission.INTEGRATION_MANAGE)
    kind = registry.connector(connector)
    posted = request.POST
    form = fields.build(
        kind,
        name=posted.get("name", ""),
        settings=fields.typed_settings(kind, posted.dict()),
        has_password=False,
    )
    if request.method == "POST" and "preview" not in posted:
        try:
            added = services.add_integration(
                actor=actor,
                name=posted.get("name", "").strip(),
                connector=kind.name,
                settings=fields.typed_settings(kind, posted.dict()),
                secret=posted.get("password", ""),
                now=clock.now(),
            )
        except (WrongUse, Conflict) as problem:
            form.refuse(problem)
        else:
            return _tested(actor, added)
    return _page(request, kind, form, None)


@sensitive_post_parameters("password")
@signed_in("GET", "POST")
def edit(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show a source's form; on POST, change it and have it tested again."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    access.require(actor, Permission.INTEGRATION_MANAGE)
    kind, posted = registry.connector(found.connector), request.POST
    is_sent = request.method == "POST"
    settings = fields.typed_settings(kind, posted.dict()) if is_sent else found.settings
    name = posted.get("name", "").strip() if is_sent else found.name
    form = fields.build(kind, name=name, settings=settings, has_password=True)
    if is_sent and "preview" not in posted:
        try:
            services.change_integration(
                actor=actor,
                integration_id=found.id,
                name=name,
                settings=settings,
                secret=posted.get("password", ""),
                now=clock.now(),
            )
        except (WrongUse, Conflict) as problem:
            form.refuse(problem)
        else:
            return _tested(actor, found.id)
    return _page(request, kind, form, found)


@signed_in("GET")
def script(request: PortalRequest, actor: Actor, connector: str) -> HttpResponse:
    """Show the permission script for what is typed so far."""
    access.require(actor, Permission.INTEGRATION_MANAGE)
    kind = registry.connector(connector)
    if not request.htmx:
        return HttpResponseRedirect(reverse("integration-add", args=[kind.name]))
    made = fields.script(kind, fields.typed_settings(kind, request.GET.dict()))
    return render(request, "portal/parts/script.html", {"script": made, "connector": kind})


def _tested(actor: Actor, integration_id: IntegrationId) -> HttpResponse:
    services.request_test(actor=actor, integration_id=integration_id, now=clock.now())
    return HttpResponseRedirect(reverse("integration", args=[integration_id]) + "?saved")


def _page(
    request: PortalRequest, kind: Connector, form: fields.SourceForm, found: Integration | None
) -> HttpResponse:
    context = {
        "connector": kind,
        "form": form,
        "integration": found,
        "script": fields.script(kind, {one.name: one.value for one in form.settings}),
    }
    status = form.problem.http_status if form.problem else 200
    return render(request, "portal/source_form.html", context, status=status)
