"""Who asks: from a request to an `Actor`, and the way to the sign-in page for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import OrganizationId, PersonId
from fanlight.foundation import clock
from fanlight.organizations import queries as organizations
from fanlight.organizations import services as people
from fanlight.organizations.types import Visit
from fanlight.tenancy import services as tenancy

ORGANIZATION = "organization_id"  # the session's key
# Elements that ask again while something runs: a page that was left open is not somebody who uses it.
BY_THEMSELVES = frozenset({"live", "run", "sources"})
Way = ParamSpec("Way")


class PortalRequest(HttpRequest):
    """A request as the views get it. visit: who asks, None for a stranger; missing before somebody has looked."""

    htmx: HtmxDetails
    visit: Visit | None


class WrongMethod(Exception):
    """The address exists and takes other methods."""

    def __init__(self, methods: tuple[str, ...]) -> None:
        self.methods = methods


View = Callable[Concatenate[PortalRequest, Actor, Way], HttpResponse]
Plain = Callable[Concatenate[HttpRequest, Way], HttpResponse]


def signed_in(*methods: str) -> Callable[[View[Way]], Plain[Way]]:
    """Hand a view the actor of the request; send whoever is none to the sign-in page.

    methods: what the view takes, of GET and POST. Raises WrongMethod for the others.
    """

    def decorate(view: View[Way]) -> Plain[Way]:
        @wraps(view)
        def wrapper(request: HttpRequest, /, *args: Way.args, **kwargs: Way.kwargs) -> HttpResponse:
            asked = cast("PortalRequest", request)
            with _as_it_was_asked(asked):
                actor = actor_of(asked)
                if actor is not None:
                    check_method(asked, methods)
                    response = view(asked, actor, *args, **kwargs)
            # Out here, where it may write.
            if actor is None:
                _note_refused(asked)
                return to_sign_in(asked)
            if asked.visit is not None and asked.htmx.trigger not in BY_THEMSELVES:
                people.note_use(visit=asked.visit, now=clock.now())
            return response

        return wrapper

    return decorate


def check_method(request: HttpRequest, methods: tuple[str, ...]) -> None:
    """Raise WrongMethod for a method that is not among these; HEAD goes with GET."""
    if ("GET" if request.method == "HEAD" else request.method) not in methods:
        raise WrongMethod(methods)


def actor_of(request: PortalRequest) -> Actor | None:
    """Return who asks, as the database knows them now, or None for a stranger and for a former member."""
    visit = visit_of(request)
    return visit.actor if visit else None


def visit_of(request: PortalRequest) -> Visit | None:
    """Return the same with what pages say of whoever asks. Asked of the database once in a request."""
    known: Visit | None = getattr(request, "visit", None)
    opened = None if known else _opened(request)
    if opened is not None:
        try:
            known = organizations.visit(*opened, clock.now())
        except NotFound:
            known = None
        request.visit = known
    return known


def _note_refused(request: PortalRequest) -> None:
    opened = _opened(request)
    if opened is not None:
        _, organization_id, _, session_key = opened
        people.note_refused(organization_id=organization_id, session_key=session_key, now=clock.now())


def _opened(request: PortalRequest) -> tuple[PersonId, OrganizationId, str, str] | None:
    """Return what the session was opened for, as signing in has left it there."""
    held = request.session
    if held.get(auth.BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        person_id, organization_id = UUID(held[auth.SESSION_KEY]), UUID(str(held[ORGANIZATION]))
        session_hash, key = held[auth.HASH_SESSION_KEY], held.session_key
    except (KeyError, ValueError):
        return None
    return (PersonId(person_id), OrganizationId(organization_id), session_hash, key) if key else None


def _as_it_was_asked(request: PortalRequest) -> AbstractContextManager[None]:
    """Return what a view runs in: a page is read in one transaction, in which the database refuses every change."""
    opened = _opened(request) if request.method in ("GET", "HEAD") else None
    return tenancy.reading(opened[1]) if opened else nullcontext()


def to_sign_in(request: PortalRequest) -> HttpResponse:
    """Lead to the sign-in page, and back to where the person was."""
    if request.htmx:
        address = request.htmx.current_url_abs_path or ""
    elif request.method in ("GET", "HEAD"):
        address = request.get_full_path()
    else:
        # What was posted cannot be asked for again; the page that it was posted from can.
        address = _path_of(request.headers.get("Referer", ""), request)
    target = reverse("sign-in")
    after = safe_path(address)
    if after not in ("", "/"):
        target += "?" + urlencode({"next": after})
    return HttpResponseClientRedirect(target) if request.htmx else HttpResponseRedirect(target)


def safe_path(address: str) -> str:
    """Return an address when it is a path of this site, and '' otherwise."""
    is_path = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_path and address.isprintable() else ""


def _path_of(address: str, request: HttpRequest) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.netloc != request.get_host():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
