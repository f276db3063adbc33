"""The one place where errors become pages, and fragments of pages."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import cast

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from fanlight.core.errors import FanlightError
from fanlight.portal.asking import PortalRequest, WrongMethod, actor_of

_log = logging.getLogger("fanlight.portal")

TITLES = {
    400: "That cannot be right",
    403: "Not allowed",
    404: "Not found",
    405: "This address takes no such request",
    409: "Not possible now",
    502: "Something outside failed",
    503: "The catalogue does not answer",
}
_SERVER_FAULT = 500
# Django answers these itself, through the handlers below.
_DJANGOS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest)


class ErrorPagesMiddleware:
    """Turn what views raise into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that has raised."""
        return None if isinstance(error, _DJANGOS) else answer(request, error)


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the page for an error; what nobody expected is logged under a reference number."""
    if isinstance(error, FanlightError):
        if error.http_status >= _SERVER_FAULT:
            _log.warning("%s: %s", error.code, error.detail)
        return page(request, error.http_status, error.detail, error.remedy)
    if isinstance(error, WrongMethod):
        response = page(request, 405, "There is no page here.", "Go back, and use the button there.")
        response["Allow"] = ", ".join(error.methods)
        return response
    if isinstance(error, DataError):
        detail = "That holds characters or numbers that cannot be looked up."
        return page(request, 400, detail, "Write it differently.")
    if isinstance(error, (OperationalError, InterfaceError)):
        reference = _logged(request, error)
        detail = "Its database is busy, restarting or out of reach."
        return page(request, 503, detail, "Try again in a minute.", reference=reference)
    return unexpected(request, error)


def unexpected(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Return the calm page for what nobody foresaw."""
    return page(
        request,
        500,
        "This is a fault of ours, not of what you did. Changes are made whole or not at all.",
        "Try again. If it stays, give the number below to whoever runs this server.",
        reference=_logged(request, error),
    )


def _logged(request: HttpRequest, error: BaseException | None) -> str:
    reference = secrets.token_hex(4)
    # The route, never the address: a sign-in link's address is a credential.
    match = request.resolver_match
    route = match.route if match else "unknown"
    _log.error("reference %s, %s /%s", reference, request.method, route, exc_info=error)
    return reference


def page(
    request: HttpRequest, status: int, detail: str, remedy: str = "", *, reference: str = ""
) -> HttpResponse:
    """Return an error as a page, or as a fragment that htmx puts into the page's notice."""
    is_fragment = request.headers.get("HX-Request") == "true"
    title = TITLES.get(status, "Something went wrong here")
    context = {"title": title, "detail": detail, "remedy": remedy, "reference": reference}
    text = render_to_string("portal/parts/problem.html", context) if is_fragment else _whole(request, context)
    response = HttpResponse(text, status=status)
    if is_fragment:
        response["HX-Retarget"] = "#notice"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Push-Url"] = response["HX-Replace-Url"] = "false"
    patch_vary_headers(response, ["HX-Request"])
    # Django would log the address of every 5xx, and with it a sign-in link.
    setattr(response, "_has_been_logged", True)  # noqa: B010 - Django's private mark
    return response


def _whole(request: HttpRequest, context: dict[str, str]) -> str:
    try:
        if hasattr(request, "user") and actor_of(cast("PortalRequest", request)) is not None:
            return render_to_string("portal/error.html", context | {"layout": "portal/page.html"}, request)
    except Exception as error:
        # The frame needs the database, and that may be what failed.
        _log.warning("the error page was shown without its frame: %s", type(error).__name__)
    return render_to_string("portal/error.html", context | {"layout": "portal/bare.html"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be read as a request."""
    return page(request, 400, "The request was malformed or too large.", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what a rule forbids."""
    return page(request, 403, "This is not open to you.", "Ask an administrator of your organization.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    remedy = "Check the address, or search for what you were looking for."
    return page(request, 404, "There is nothing at this address.", remedy)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what failed outside of any view."""
    import sys  # noqa: PLC0415 - Django hands the error over in no other way

    error = sys.exc_info()[1]
    return answer(request, error) if isinstance(error, Exception) else unexpected(request, error)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit: it is too old, or another site sent it."""
    return page(
        request,
        403,
        "This form has expired, or it did not come from this site. Nothing was changed.",
        "Go back, load the page again, and send it once more.",
    )
