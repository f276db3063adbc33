"""An organization's sources: the list, and the page of each with its test and its runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.connectors import registry
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import Purpose, Run, RunState
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import Integration
from fanlight.portal import attention, lines, people, standing
from fanlight.portal.asking import PortalRequest, signed_in

SHOWN_RUNS = 20


@dataclass(frozen=True, slots=True)
class Acts:
    """What may be done to an integration now, by whoever looks. key: tells one set of buttons from another."""

    may_extract: bool
    may_cancel: bool
    may_pause: bool
    may_resume: bool
    may_edit: bool

    @property
    def key(self) -> str:
        """Return the same text for the same buttons."""
        names = ("may_extract", "may_cancel", "may_pause", "may_resume", "may_edit")
        return "".join("1" if getattr(self, name) else "0" for name in names)


@signed_in("GET")
def every(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show every source; to htmx, the table alone, which asks again while something runs."""
    gathered = lines.gather(actor, most_runs=standing.BARS + 1)
    listed = gathered.lines()
    context = {
        "lines": listed,
        "is_busy": gathered.is_busy(),
        "tables": sum(line.tables for line in listed),
        "columns": sum(line.columns for line in listed),
        "is_deleted": "deleted" in request.GET,
    }
    if not request.htmx:
        context["matters"] = attention.matters(actor, clock.now())
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
    context = live(actor, found) | {
        "settings": [
            (each.label, _shown(each.choices, found.settings.get(each.name, ""))) for each in fields
        ],
        "saved": request.GET.get("saved", "-"),
    }
    return render(request, "portal/integration.html", context)


@signed_in("GET")
def state(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show what changes by itself: the test, the run under way, and the runs before."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    if not request.htmx:
        return HttpResponseRedirect(reverse("integration", args=[found.id]))
    context = live(actor, found)
    # Buttons change only when there are others: one that is being pressed stays.
    context["swaps_acts"] = request.GET.get("acts", "") != context["acts"].key
    return render(request, "portal/parts/integration_live.html", context)


@signed_in("GET")
def states_json(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Tell programs how every integration stands."""
    return JsonResponse([one.as_json() for one in extraction.states(actor)], safe=False)


@signed_in("GET")
def state_json(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Tell programs how one integration stands."""
    found = next((one for one in extraction.states(actor) if one.id == integration_id), None)
    if found is None:
        raise NotFound(code="integration.unknown", detail="There is no such integration.")
    return JsonResponse(found.as_json())


def live(actor: Actor, found: Integration) -> dict[str, Any]:
    """Return what the part of an integration's page needs that changes by itself."""
    runs = extraction.runs_of(actor, found.id, most=SHOWN_RUNS)
    names = people.names(actor)
    schedule = integrations.schedules(actor)[found.id]
    credential = integrations.credentials(actor).get(found.id)
    line = lines.line(found, runs, schedule, credential, names, {})
    waiting_since = None
    if line.active is not None and line.active.started_at is None:
        waiting_since = line.active.requested_at
    chosen = registry.connector(found.connector).databases(found.settings)
    return {
        "line": line,
        "integration": found,
        "is_busy": standing.is_busy(found, runs),
        "acts": _acts(actor, found, line.active),
        "rows": [lines.RunRow(run, found, people.origin(run, names)) for run in runs],
        "shown_runs": SHOWN_RUNS,
        "latest": runs[0] if runs and runs[0].state.is_over else None,
        "held": runs[0] if runs and runs[0].state is RunState.HELD else None,
        "schedule": schedule,
        "stop": standing.stop_of(schedule),
        "credential": credential,
        "chosen": chosen,
        "not_there": _not_there(found, chosen),
        "latest_test": extraction.latest_probe(actor, found.id, Purpose.TEST),
        "test_waits_long": standing.has_waited_long(found.test_requested_at, clock.now()),
        "run_waits_long": standing.has_waited_long(waiting_since, clock.now()),
    }


def _acts(actor: Actor, found: Integration, active: Run | None) -> Acts:
    may_run = access.is_allowed(actor, Permission.INTEGRATION_RUN)
    may_pause = access.is_allowed(actor, Permission.INTEGRATION_PAUSE)
    is_paused = found.paused_at is not None
    return Acts(
        may_extract=may_run and not is_paused and active is None,
        may_cancel=may_run and active is not None and not active.stopping,
        may_pause=may_pause and not is_paused,
        may_resume=may_pause and is_paused,
        may_edit=access.is_allowed(actor, Permission.INTEGRATION_MANAGE),
    )


def _not_there(found: Integration, chosen: tuple[str, ...]) -> list[str]:
    listed = {name for name, _ in found.report.databases} if found.report else set()
    return [name for name in chosen if listed and name not in listed]


def _shown(choices: tuple[tuple[str, str], ...], value: str) -> str:
    return dict(choices).get(value, value)
