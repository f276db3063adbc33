"""Where a verb runs: beside the home's embedded server, or with the database that the environment names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanlight.cli.homes import Home
from fanlight.config import environment
from fanlight.core.actors import Actor
from fanlight.core.errors import WrongUse
from fanlight.tenancy.types import OrganizationSummary


STANDARD_PORT = 443


def choose_home(home: Path | None) -> Path:
    """Make a home given on the command line the one that everything reads, and return it."""
    if home is not None:
        os.environ["FANLIGHT_HOME"] = str(home.expanduser().absolute())
    return environment.home()


def tell(text: str) -> None:
    """Say something about progress, where it does not get into what a program may be reading."""
    print(text, file=sys.stderr, flush=True)


def is_embedded() -> bool:
    """Tell whether this installation runs its own server."""
    return not (os.environ.get("FANLIGHT_DATABASE_URL_FILE") or os.environ.get("FANLIGHT_DATABASE_URL"))


@contextmanager
def as_process(process: str, verb: str) -> Iterator[None]:
    """Be the 'portal' or the 'worker' for the length of a verb, with its database role and no more.

    Starts the home's embedded server when nobody has; it stays a minute after its last user.
    """
    if not is_embedded():
        start_django()
        yield
        return
    home = Home(environment.home(), tell)
    with home.server.in_use(f"fanlight {verb}") as address:
        home.prepare(address)
        added = home.environment(process)
        os.environ.update(added)
        try:
            start_django()
            yield
        finally:
            from django.db import connections  # noqa: PLC0415 - loaded by now

            connections.close_all()


def start_django() -> None:
    """Load the settings and the rooms' models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanlight.config.settings")
    import django  # noqa: PLC0415 - a third of a second that --help need not wait for

    django.setup()


def operator_of(organization: str | None) -> tuple[Actor, OrganizationSummary]:
    """Return the operator acting in the organization of that name, or in the only one. Raises NotFound, WrongUse."""
    from fanlight.tenancy import queries  # noqa: PLC0415 - needs Django

    chosen = queries.the_organization(organization)
    return Actor.operator(chosen.id), chosen


def read_password(*, from_stdin: bool, prompt: str) -> str:
    """Return a password from the terminal without echo, or from standard input. Never from an argument."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise WrongUse(
            code="password.no_terminal",
            detail="There is no terminal to ask for the password on.",
            remedy="Hand it over with --password-stdin, or say --no-password.",
        )
    import getpass  # noqa: PLC0415

    return getpass.getpass(prompt)


def portal_url() -> str:
    """Return the portal's address: the running one's if this home has one, else as the settings say."""
    address_file = environment.home() / "portal.address"
    if address_file.exists():
        return address_file.read_text("utf-8").strip()
    return portal_address(environment.read("FANLIGHT_HOST"), int(environment.read("FANLIGHT_PORT")))


def portal_address(host: str, port: int) -> str:
    """Return https://host:port, the port left out where it is the standard one."""
    return f"https://{host}" + ("" if port == STANDARD_PORT else f":{port}")
