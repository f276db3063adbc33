"""The policy in public: every promise, how it stands, and every statement that can be sent to a source."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from fanlight.connectors import registry
from fanlight.foundation import clock
from fanlight.portal import promising
from fanlight.portal.asking import PortalRequest, actor_of, check_method
from fanlight.trust import queries
from fanlight.trust.types import State


def promises(request: HttpRequest) -> HttpResponse:
    """Show how every promise stands, to whoever asks; `?state=` shows those that stand so."""
    check_method(request, ("GET",))
    standings = queries.standings(now=clock.now(), with_days=True)
    asked = request.GET.get("state", "")
    chosen = State(asked) if asked in set(State) else None
    context = {
        "layout": _layout(request),
        "facts": promising.facts(standings, chosen),
        "sections": promising.sections(standings, chosen),
        "chosen": chosen,
        "last_check": promising.last_check(standings),
        "connectors": promising.connectors(),
    }
    return render(request, "portal/promises.html", context)


def with_slash(request: HttpRequest) -> HttpResponse:
    """Lead to the address without the slash, which is the one that others know."""
    check_method(request, ("GET",))
    return HttpResponsePermanentRedirect(reverse("promises"))


def as_json(request: HttpRequest) -> HttpResponse:
    """Tell programs the same: a list of id, sentence, state, since, checked_at, evidence."""
    check_method(request, ("GET",))
    standings = queries.standings(now=clock.now())
    return JsonResponse([queries.as_plain(one) for one in standings], safe=False)


def statements(request: HttpRequest, connector: str) -> HttpResponse:
    """Show every statement that can ever be sent to such a source, with its digest."""
    check_method(request, ("GET",))
    found = registry.connector(connector)
    lists = found.statements()
    context = {
        "layout": _layout(request),
        "connector": found,
        "lists": [
            ("The catalogue's", lists.catalogue),
            ("The session's", lists.session),
            ("What the driver itself sends", lists.driver),
        ],
        "total": len(lists.catalogue) + len(lists.session),
    }
    return render(request, "portal/statements.html", context)


def _layout(request: HttpRequest) -> str:
    is_known = actor_of(cast("PortalRequest", request)) is not None
    return "portal/page.html" if is_known else "portal/public.html"
