"""The bare page that bench/pages.py compares with: the same bytes, server, settings and middleware, and no query.

usage: python -m bench.bare FILE, in the environment of a home's portal. Serves FILE's content at every address.
"""

# The settings are named before anything reads them.
# ruff: noqa: PLC0415
from __future__ import annotations

import os
import sys
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import re_path


def page(request: HttpRequest) -> HttpResponse:
    """Answer with the file's content."""
    return HttpResponse(_CONTENT)


urlpatterns = [re_path("", page)]
_CONTENT = Path(os.environ["BENCH_BARE_FILE"]).read_bytes() if "BENCH_BARE_FILE" in os.environ else b""


def main() -> None:
    """Serve as `fanlight portal` does, with one address more and all others less."""
    os.environ |= {"BENCH_BARE_FILE": sys.argv[1], "DJANGO_SETTINGS_MODULE": "bench.bare_settings"}
    from granian import Granian
    from granian.constants import Interfaces

    from fanlight.cli import processes
    from fanlight.cli.local import port_from_settings
    from fanlight.config import environment

    Granian(
        "fanlight.config.wsgi:application",
        address="127.0.0.1",
        port=port_from_settings(),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=processes.PORTAL_THREADS,
        ssl_cert=Path(environment.read("FANLIGHT_TLS_CERTIFICATE_FILE")),
        ssl_key=Path(environment.read("FANLIGHT_TLS_KEY_FILE")),
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main()
