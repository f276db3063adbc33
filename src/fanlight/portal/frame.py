"""What the frame of every page needs: who is here, where, and in which part of the portal."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.foundation import clock
from fanlight.organizations.types import Visit
from fanlight.portal import attention
from fanlight.portal.asking import PortalRequest
from fanlight.trust import queries as trust
from fanlight.trust.types import State

SECTIONS = {
    "": "home",
    "browse": "browse",
    "assets": "browse",
    "integrations": "integrations",
    "promises": "promises",
    "settings": "settings",
    "members": "settings",
    "sessions": "settings",
}


COUNT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PromiseCount:
    """How many promises of the policy there are, are proven and are broken."""

    total: int
    proven: int
    broken: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame prints. section: of SECTIONS, or empty. attention: how many integrations need a look."""

    person: str
    email: str
    initials: str
    organization: str
    section: str
    may_manage: bool
    may_run: bool
    may_pause: bool
    may_delete: bool
    may_approve: bool
    may_administer: bool
    attention: int
    promises: PromiseCount


def frame(request: HttpRequest) -> dict[str, Any]:
    """Offer `frame` to every template; it costs a query, and only where it is printed."""
    return {"frame": SimpleLazyObject(partial(_frame, cast("PortalRequest", request)))}


def _frame(request: PortalRequest) -> Frame | None:
    visit: Visit | None = getattr(request, "visit", None)
    if visit is None:
        return None
    actor, person = visit.actor, visit.name or visit.email
    route = request.resolver_match.route if request.resolver_match else "-"
    return Frame(
        person=person,
        email=visit.email,
        initials="".join(word[0] for word in person.split()[:2]).upper(),
        organization=visit.organization,
        section=SECTIONS.get(route.split("/")[0], ""),
        may_manage=access.is_allowed(actor, Permission.INTEGRATION_MANAGE),
        may_run=access.is_allowed(actor, Permission.INTEGRATION_RUN),
        may_pause=access.is_allowed(actor, Permission.INTEGRATION_PAUSE),
        may_delete=access.is_allowed(actor, Permission.INTEGRATION_DELETE),
        may_approve=access.is_allowed(actor, Permission.REMOVAL_APPROVE),
        may_administer=access.is_allowed(actor, Permission.ORGANIZATION_MANAGE),
        attention=len(attention.matters(actor, clock.now())),
        promises=_counted(),
    )


_last_count: tuple[float, PromiseCount] | None = None


def _counted() -> PromiseCount:
    # On every page, and the same for everybody: counted twice a minute is often enough.
    global _last_count  # noqa: PLW0603 - a cache of one
    known, now = _last_count, time.monotonic()
    if known is None or now - known[0] > COUNT_SECONDS:
        states = [one.state for one in trust.standings(now=clock.now())]
        known = (now, PromiseCount(len(states), states.count(State.PROVEN), states.count(State.BROKEN)))
        _last_count = known
    return known[1]
