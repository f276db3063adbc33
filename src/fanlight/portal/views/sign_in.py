"""Signing in by a one-time link, and out."""

from __future__ import annotations

from typing import cast

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from fanlight.core.actors import Actor
from fanlight.core.errors import Refused
from fanlight.foundation import clock
from fanlight.organizations import services as organizations
from fanlight.organizations.services import SIGN_IN_MINUTES
from fanlight.portal.asking import (
    ORGANIZATION,
    PortalRequest,
    actor_of,
    check_method,
    safe_path,
    signed_in,
    visit_of,
)
from fanlight.portal.devices import browser_of

# The way back outlives the detour through a mailbox in a cookie, not in a session: strangers get no rows.
WAY_BACK = "__Host-fanlight-next"
# Only the origin: the address holds the token. Not 'no-referrer': browsers then post with 'Origin: null'.
_REFERRER = "strict-origin"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def explain(request: HttpRequest) -> HttpResponse:
    """Say how one signs in; whoever is in already goes on."""
    check_method(request, ("GET",))
    asked = safe_path(request.GET.get("next", ""))
    if actor_of(cast("PortalRequest", request)) is not None:
        return HttpResponseRedirect(asked or reverse("home"))
    context = {"minutes": SIGN_IN_MINUTES, "has_left": "left" in request.GET, "is_on_the_way": bool(asked)}
    response = render(request, "portal/sign_in.html", context)
    if asked:
        response.set_cookie(
            WAY_BACK, asked, max_age=SIGN_IN_MINUTES * 60, secure=True, httponly=True, samesite="Lax"
        )
    return response


@sensitive_variables("token")
def use_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button on GET, so that no mail scanner uses a link up; sign in on POST."""
    check_method(request, ("GET", "POST"))
    response = _sign_in(request, token) if request.method == "POST" else _ask(request)
    response["Referrer-Policy"] = _REFERRER
    return response


def _ask(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/sign_in_link.html", {"person": visit_of(cast("PortalRequest", request))})


def _sign_in(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = organizations.use_sign_in_link(token=token, now=clock.now())
    except Refused as refusal:
        context = {"problem": refusal, "minutes": SIGN_IN_MINUTES}
        return render(request, "portal/sign_in.html", context, status=refusal.http_status)
    person = auth.get_user_model()._default_manager.get(pk=found.person_id)
    # Django keeps the session's key when the same person signs in again; a new sign-in is a new session here.
    request.session.flush()
    auth.login(request, person, backend=_BACKEND)
    request.session[ORGANIZATION] = str(found.organization_id)
    organizations.open_session(
        signed_in=found,
        session_key=request.session.session_key or "",
        way="link",
        browser=browser_of(request),
        now=clock.now(),
    )
    way_back = safe_path(request.COOKIES.get(WAY_BACK, ""))
    response = HttpResponseRedirect(way_back or reverse("home"))
    response.delete_cookie(WAY_BACK, samesite="Lax")
    return response


@signed_in("POST")
def sign_out(request: PortalRequest, actor: Actor) -> HttpResponse:
    """End the session."""
    if request.visit is not None:
        organizations.note_sign_out(visit=request.visit, now=clock.now())
    auth.logout(request)
    return HttpResponseRedirect(reverse("sign-in") + "?left")
