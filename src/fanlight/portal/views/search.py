"""Search as you type: a page of results, and the few hits below the field of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from fanlight.core.actors import Actor
from fanlight.discovery import queries as discovery
from fanlight.discovery.queries import LONGEST
from fanlight.discovery.types import Hit, SearchTookTooLong
from fanlight.portal import marking
from fanlight.portal.asking import PortalRequest, signed_in

FEW, MANY = 8, 50


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with what was typed marked in it: pieces of text, each with whether it fits."""

    hit: Hit
    name: list[tuple[str, bool]]
    comment: list[tuple[str, bool]]


def _searched(actor: Actor, typed: str, most: int) -> dict[str, Any]:
    """Return what both templates say: what was typed, what was found, or why nothing was looked for to the end."""
    found: list[Found] = []
    ended: SearchTookTooLong | None = None
    try:
        found = [
            Found(hit, marking.pieces(hit.name, typed), marking.pieces(hit.comment or "", typed))
            for hit in discovery.search(actor, typed, most=most)
        ]
    except SearchTookTooLong as error:
        ended = error
    return {
        "typed": typed,
        "found": found,
        "ended": ended,
        "is_too_long": len(typed) > LONGEST,
        "longest": LONGEST,
    }


@signed_in("GET")
def search(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show what fits; to htmx, the results alone."""
    typed = request.GET.get("q", "").strip()
    context = _searched(actor, typed, MANY) | {"most": MANY}
    is_part = request.htmx and not request.htmx.history_restore_request
    response = render(request, "portal/parts/results.html" if is_part else "portal/search.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@signed_in("GET")
def hits(request: PortalRequest, actor: Actor) -> HttpResponse:
    """Show the first few hits, for the list below the field; without htmx, lead to the whole page."""
    typed = request.GET.get("q", "").strip()
    if not request.htmx:
        return HttpResponseRedirect(reverse("search") + "?" + urlencode({"q": typed}))
    return render(request, "portal/parts/hits.html", _searched(actor, typed, FEW))
