"""What has changed: of a source, of what hangs below a schema, of one table; one by one, or between two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Action
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, IntegrationId, RunId
from fanlight.foundation import clock
from fanlight.integrations import queries as integrations
from fanlight.portal import changing, shapes, things
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.portal.views import relations

FIRST_YEAR, LAST_YEAR = 2000, 8999
USUAL_DAYS = 7  # of a comparison, before somebody has chosen
_DIGITS = 9
# For the address, the word, the action.
NARROWED = tuple((str(action), word.capitalize()) for action, (word, _) in changing.ACTIONS.items())


@dataclass(slots=True)
class Days:
    """Two days as they were typed, both of them whole and in UTC. problem: what is wrong with them."""

    first: str
    last: str
    since: datetime | None = None
    until: datetime | None = None
    problem: str = ""

    @property
    def query(self) -> str:
        """Return them for an address."""
        return f"from={self.first}&to={self.last}" if not self.problem else ""


def _days(request: PortalRequest, first: str = "", last: str = "") -> Days:
    """Read the two days of the address. first, last: instead of none."""
    found = Days(request.GET.get("from", first)[:20].strip(), request.GET.get("to", last)[:20].strip())
    try:
        since, until = (_day(text) for text in (found.first, found.last))
        if since and until and until < since:
            found.problem = "The first day is after the second."
            return found
    except ValueError:
        found.problem = "Write each day as year, month and day, like 2026-11-24."
        return found
    found.since = datetime.combine(since, time(), UTC) if since else None
    found.until = datetime.combine(until + timedelta(days=1), time(), UTC) if until else None
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(text)
    return day


def _after(request: PortalRequest) -> tuple[RunId, int] | None:
    run, _, number = request.GET.get("after", "").partition(".")
    try:
        known = RunId(UUID(run))
    except ValueError:
        return None
    return known, _number(number)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


@signed_in("GET")
def of_integration(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show what the runs of a source have changed, the newest first."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    chosen, after = _days(request), _after(request)
    action = next((one for one in Action if one == request.GET.get("show")), None)
    context: dict[str, Any] = {"integration": found, "chosen": chosen, "show": action or "", "after": after}
    if not chosen.problem:
        page = catalog.changes(
            actor,
            integration_id=found.id,
            actions=[action] if action else [],
            since=chosen.since,
            until=chosen.until,
            after=after,
        )
        context |= {"days": changing.days(page), "next_after": page.next_after}
    context |= {"narrowed": NARROWED, "is_narrowed": bool(action or chosen.first or chosen.last)}
    return render(request, "portal/changes.html", context, status=400 if chosen.problem else 200)


@signed_in("GET")
def difference(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show how a source at the end of one day differs from itself at the beginning of another."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    today = clock.now().date()
    chosen = _days(request, (today - timedelta(days=USUAL_DAYS)).isoformat(), today.isoformat())
    if not chosen.problem and not (chosen.since and chosen.until):
        chosen.problem = "A comparison needs both days."
    context: dict[str, Any] = {"integration": found, "chosen": chosen, "after": request.GET.get("after", "")}
    if chosen.since and chosen.until and not chosen.problem:
        compared = catalog.difference(
            actor, found.id, since=chosen.since, until=chosen.until, after=_number(context["after"])
        )
        context |= {
            "lines": changing.lines(compared.changes),
            "partial": [(one, changing.figures(one)) for one in compared.partial],
            "next_after": compared.next_after,
        }
    return render(request, "portal/difference.html", context, status=400 if chosen.problem else 200)


@signed_in("GET")
def of_asset(request: PortalRequest, actor: Actor, asset_id: UUID) -> HttpResponse:
    """Show what has changed of an asset; of a database or schema also what is below it."""
    asset = catalog.asset(actor, AssetId(asset_id))
    is_container = asset.kind in shapes.CONTAINERS
    after = _after(request)
    page = catalog.changes(
        actor,
        integration_id=asset.integration_id,
        asset_id=None if is_container else asset.id,
        below=asset.locator if is_container else None,
        after=after,
    )
    context = {
        "asset": asset,
        "crumbs": catalog.crumbs(asset, relations.known(actor, asset, [])),
        "days": changing.days(page),
        "next_after": page.next_after,
        "after": after,
        "is_container": is_container,
        "is_of_one": not is_container,
    }
    if is_container or asset.kind in things.PAGES:
        return render(request, "portal/asset_changes.html", context)
    return render(
        request, "portal/relation.html", context | {"parts": shapes.parts_of(asset), "part": "changes"}
    )
