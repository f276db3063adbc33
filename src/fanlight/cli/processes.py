"""Verbs that stay: portal and worker, the production processes, and up and demo, everything on one machine."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJsonLine, HomeOption
from fanlight.cli.verbs import app
from fanlight.config import environment
from fanlight.core.errors import WrongUse

PORTAL_THREADS = 8
QUICK_AT_ONCE, UPKEEP_AT_ONCE = 4, 2

PortOption = Annotated[
    int | None,
    typer.Option(min=0, max=local.LAST_PORT, help="The TLS port; 0 picks a free one. Default 443 or 8443."),
]


@app.command()
def portal() -> None:
    """Serve the pages over TLS. Needs FANLIGHT_DATABASE_URL_FILE and FANLIGHT_SECRET_KEY_FILE."""
    _need("FANLIGHT_SECRET_KEY", "portal")
    if environment.read("FANLIGHT_ROOT_KEY"):
        raise WrongUse(
            code="portal.root_key",
            detail="The portal was given the root key, which it must not hold.",
            remedy="Unset FANLIGHT_ROOT_KEY_FILE for this process; only the worker needs it.",
        )
    certificate, key = (path.absolute() for path in _certificate())
    _leave_working_directory()
    local.start_django()
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings

    call_command("collectstatic", interactive=False, verbosity=0)
    Granian(
        "fanlight.cli.serving:start",
        factory=True,
        address=environment.read("FANLIGHT_BIND"),
        port=local.port_from_settings(),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=PORTAL_THREADS,
        ssl_cert=certificate,
        ssl_key=key,
        ssl_protocol_min="tls1.2",  # type: ignore[arg-type]
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_access=False,  # addresses of pages hold sign-in tokens
        respawn_failed_workers=True,
    ).serve()


def _leave_working_directory() -> None:
    # The TLS server puts the working directory first among the places that modules are looked for in. Whoever may
    # write where an operator happens to stand would have his code run in the portal.
    for name in [name for name in os.environ if name.startswith("FANLIGHT_") and name.endswith("_FILE")]:
        os.environ[name] = str(Path(os.environ[name]).absolute())
    os.environ["FANLIGHT_HOME"] = str(environment.home())
    os.chdir("/")


@app.command()
def worker() -> None:
    """Work on the queue: tests and extractions. Needs FANLIGHT_DATABASE_URL_FILE and FANLIGHT_ROOT_KEY_FILE."""
    _need("FANLIGHT_ROOT_KEY", "worker")
    local.start_django()
    from fanlight.extraction.types import RUNS_AT_ONCE
    from fanlight.foundation import jobs

    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    # The controls have a place of their own: neither do they keep a person waiting, nor do runs keep them.
    # The dispatcher waits for nobody.
    jobs.work(
        concurrency={"extraction": RUNS_AT_ONCE, "quick": QUICK_AT_ONCE, "upkeep": UPKEEP_AT_ONCE, "turns": 1}
    )


def _need(name: str, process: str) -> None:
    if not environment.read(name):
        raise WrongUse(
            code="settings.missing",
            detail=f"The {process} needs {name}.",
            remedy=f"Set {name}_FILE to the file that holds it, or use 'fanlight up', which sees to it.",
        )


def _certificate() -> tuple[Path, Path]:
    certificate = environment.read("FANLIGHT_TLS_CERTIFICATE_FILE")
    key = environment.read("FANLIGHT_TLS_KEY_FILE")
    if certificate and key:
        return Path(certificate), Path(key)
    files = local.open_home(must_exist=False).certificate(environment.read("FANLIGHT_HOST"))
    return files.certificate, files.key


@app.command()
def up(
    organization: Annotated[
        str, typer.Option(help="What to call the first organization.")
    ] = "My organization",
    admin: Annotated[
        str, typer.Option(help="Its first administrator's email address.", show_default="you@localhost")
    ] = "",
    port: PortOption = None,
    as_json: AsJsonLine = False,
    home: HomeOption = None,
) -> None:
    """Run everything on this machine, in the foreground, until Ctrl-C."""
    _refuse_without_own_server("up")
    from fanlight.cli.together import Together

    Together("up", port, is_json=as_json).run(
        organization=organization, admin=admin or f"{os.environ.get('USER') or 'admin'}@localhost"
    )


@app.command()
def demo(port: PortOption = None, as_json: AsJsonLine = False, home: HomeOption = None) -> None:
    """The same with a demo organization and a real source database, already extracted."""
    _refuse_without_own_server("demo")
    from fanlight.cli.demo import prepare_demo
    from fanlight.cli.together import Together

    Together("demo", port, is_json=as_json).run(
        organization="Harbour Goods", admin="alice@harbour.example", prepare=prepare_demo
    )


def _refuse_without_own_server(verb: str) -> None:
    if not local.is_embedded():
        raise WrongUse(
            code="up.own_database",
            detail=f"'fanlight {verb}' runs a database of its own, and FANLIGHT_DATABASE_URL_FILE names another.",
            remedy="Unset it, or start 'fanlight portal' and 'fanlight worker' apart, each with its own URL.",
        )
