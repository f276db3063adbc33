"""The root of the addresses."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("fanlight.portal.urls"))]

handler400 = "fanlight.portal.errors.bad_request"
handler403 = "fanlight.portal.errors.forbidden"
handler404 = "fanlight.portal.errors.not_found"
handler500 = "fanlight.portal.errors.server_error"
