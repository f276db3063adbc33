"""Where a verb runs: beside the home's embedded server, or with the database that the environment names."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fanlight.cli.terminal import printable
from fanlight.config import environment
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound, OutsideFailure, WrongUse

if TYPE_CHECKING:
    from fanlight.cli.homes import Home
    from fanlight.tenancy.types import OrganizationSummary

PAGES = frozenset({"django.contrib.staticfiles", "django_htmx", "fanlight.portal"})
QUEUE = frozenset({"procrastinate.contrib.django"})
STANDARD_PORT = 443
LAST_PORT = 65535


def choose_home(home: Path | None) -> Path:
    """Make a home given on the command line the one that everything reads, and return it."""
    if home is not None:
        os.environ["FANLIGHT_HOME"] = str(home.expanduser().absolute())
    return environment.home()


def tell(text: str) -> None:
    """Say something about progress, where it does not get into what a program may be reading."""
    # The terminal may be gone; that must not keep us from tidying up.
    with contextlib.suppress(OSError):
        print(printable(text, keeps_lines=True), file=sys.stderr, flush=True)


def is_embedded() -> bool:
    """Tell whether this installation runs its own server."""
    return not (os.environ.get("FANLIGHT_DATABASE_URL_FILE") or os.environ.get("FANLIGHT_DATABASE_URL"))


@contextmanager
def as_process(
    process: str, verb: str, *, makes_home: bool = False, without: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Be the 'portal' or the 'worker' for the length of a verb, with its database role and no more.

    Starts the home's embedded server when nobody has; it stays a minute after its last user. makes_home: whether
    the verb may make a new home; else a home that is none raises NotFound 'home.unknown'. without: what of the rooms
    the verb has no use for (`PAGES`, `QUEUE`).
    """
    if not is_embedded():
        start_django(without)
        yield
        return
    home = open_home(must_exist=not makes_home)
    with home.server.in_use(f"fanlight {verb}") as address:
        home.prepare(address)
        before = dict(os.environ)
        os.environ.update(home.environment(process))
        try:
            start_django(without)
            yield from _with_connections_closed()
        finally:
            # What we start next is another process, with another role.
            os.environ.clear()
            os.environ.update(before)


def _with_connections_closed() -> Iterator[None]:
    from django.db import connections

    try:
        yield
    finally:
        connections.close_all()


def open_home(*, must_exist: bool, say: Callable[[str], None] = tell) -> Home:
    """Return the home that the environment names; say is told what takes time.

    Raises NotFound 'home.unknown', WrongUse 'home.not_a_folder', OutsideFailure 'home.read_only'.
    """
    from fanlight.cli.homes import Home  # not every verb needs a home

    path = environment.home()
    try:
        is_known, is_something_else = (path / "id").exists(), path.exists() and not path.is_dir()
        is_read_only = is_known and path.stat().st_uid == os.geteuid() and not os.access(path, os.W_OK)
    except OSError:
        return Home(path, say)  # not ours to read: the server says so, with what to do
    if is_something_else:
        raise WrongUse(
            code="home.not_a_folder",
            detail=f"The home {path} is not a folder.",
            remedy="Choose another with --home DIR, or set FANLIGHT_HOME.",
        )
    if is_read_only:
        raise OutsideFailure(
            code="home.read_only",
            detail=f"Nothing can be written to the home {path}.",
            remedy=f"Mount it writable, or run 'chmod u+w {path}'.",
        )
    if must_exist and not is_known:
        raise NotFound(
            code="home.unknown",
            detail=f"There is no Fanlight in {path} yet.",
            remedy="Make it with 'fanlight up' or 'fanlight demo', or name another with --home DIR.",
        )
    return Home(path, say)


def start_django(without: frozenset[str] = frozenset()) -> None:
    """Load the settings and the rooms' models, and nothing else: a page is served by another process.

    without: what this process has no use for (`PAGES`, `QUEUE`).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanlight.config.settings")
    import logging.config  # these take a third of a second, which --help need not wait for

    from django.apps import apps
    from django.conf import settings

    # What is loaded now stays for good: looking for garbage among it took a tenth of the time.
    gc.disable()
    try:
        logging.config.dictConfig(settings.LOGGING)
        # As `django.setup()` does, which also loads what answers requests.
        apps.populate([app for app in settings.INSTALLED_APPS if app not in without])
    finally:
        gc.freeze()
        gc.enable()


def operator_of(organization: str | None) -> tuple[Actor, OrganizationSummary]:
    """Return the operator acting in the organization of that name, or in the only one. Raises NotFound, WrongUse."""
    from fanlight.tenancy import queries  # needs Django

    chosen = queries.the_organization(organization)
    return Actor.operator(chosen.id), chosen


def read_password(*, from_stdin: bool, prompt: str) -> str:
    """Return a password from the terminal without echo, or from standard input. Never from an argument."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise WrongUse(
                code="password.empty",
                detail="Standard input held no password.",
                remedy="Write it there as one line, or say --no-password.",
            )
        return password
    if not sys.stdin.isatty():
        raise WrongUse(
            code="password.no_terminal",
            detail="There is no terminal to ask for the password on.",
            remedy="Hand it over with --password-stdin, or say --no-password.",
        )
    import getpass

    return getpass.getpass(prompt)


def portal_url() -> str:
    """Return the portal's address: the running one's if this home has one, else as the settings say."""
    path = environment.home()
    with contextlib.suppress(OSError):
        if _is_held(path / "up.lock"):
            return (path / "portal.address").read_text("utf-8").strip()
    return portal_address(environment.read("FANLIGHT_HOST"), port_from_settings())


def _is_held(lock: Path) -> bool:
    # An `up` that was killed leaves its address behind, but not its lock.
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def port_from_settings() -> int:
    """Return FANLIGHT_PORT. Raises WrongUse."""
    said = environment.read("FANLIGHT_PORT")
    if not said.isdecimal() or not 0 <= int(said) <= LAST_PORT:
        raise WrongUse(
            code="settings.port",
            detail=f"FANLIGHT_PORT is {said!r}, and a port is a number from 0 to {LAST_PORT}.",
            remedy="Set it to such a number, or unset it.",
        )
    return int(said)


def portal_address(host: str, port: int) -> str:
    """Return https://host:port, the port left out where it is the standard one."""
    return f"https://{host}" + ("" if port == STANDARD_PORT else f":{port}")
