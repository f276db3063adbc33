"""The outermost layer: what holds for every answer, errors and files included."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase, StreamingHttpResponse

METHODS = ("GET", "HEAD", "POST")
MOST_BODY_BYTES = 1024 * 1024
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class EdgeMiddleware:
    """Refuse methods that nothing here takes, and put the security headers on every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request. Layers below turn what they raise into answers, so that all pass here."""
        response = self._answer(request)
        for name, value in HEADERS.items():
            # A view may be stricter, and a file with its digest in its name may be kept.
            response.headers.setdefault(name, value)
        # The file server would let every other site read them.
        response.headers.pop("Access-Control-Allow-Origin", None)
        if request.method == "HEAD":
            _empty(response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            # The TLS server would let TRACE and made-up methods through.
            return HttpResponseNotAllowed(METHODS)
        if not _is_short(request.META.get("CONTENT_LENGTH")):
            # Before anything reads it: files in a form are exempt from Django's own limit.
            return HttpResponse("That is too much.\n", status=413, content_type="text/plain")
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponse("This server has another name.\n", status=400, content_type="text/plain")
        return self._get_response(request)


def _is_short(content_length: str | None) -> bool:
    try:
        return int(content_length or 0) <= MOST_BODY_BYTES
    except ValueError:
        return False


def _empty(response: HttpResponseBase) -> None:
    # The TLS server sends a body that it is given, even for HEAD, which ends an HTTP/2 connection.
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = iter(())
    elif isinstance(response, HttpResponse):
        response.content = b""
