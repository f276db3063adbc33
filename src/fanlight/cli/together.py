"""`fanlight up`: the database, the portal and the worker as separate processes, started, watched and ended together."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from fanlight.cli import local
from fanlight.cli.children import Child, end_group, ends_with_us
from fanlight.config import environment
from fanlight.core.errors import Conflict, FanlightError, OutsideFailure, WrongUse
from fanlight.foundation.embedded import EmbeddedServer

READY_SECONDS = 60
END_SECONDS = 15
LOOK_SECONDS = 1.0
CARE_SECONDS = 5.0
PRIVILEGED, UNPRIVILEGED = 443, 8443
_POLL_SECONDS = 0.1
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Prepare = Callable[["Together"], None]


class EndAsked(Exception):
    """A signal came while something was being started."""


class Together:
    """Everything on one machine, for as long as this process lives. verb: 'up' or 'demo', as others are told."""

    def __init__(self, verb: str, port: int | None, *, is_json: bool) -> None:
        self.at_end = contextlib.ExitStack()
        self._verb = verb
        self._host = environment.read("FANLIGHT_HOST")
        self._port = port
        self._is_json = is_json
        self._children: list[Child] = []
        self._organizations: list[str] = []
        self._notes: list[str] = []
        self.organization = ""
        self._verbs_command = [sys.executable, "-P", "-m", "fanlight.cli.main"]
        self._end = threading.Event()
        self._signals = 0
        self._is_ending = False
        self._began = time.monotonic()
        self.home = local.open_home(must_exist=False, say=self.tell)
        self._servers = [self.home.server]

    def run(self, *, organization: str, admin: str, prepare: Prepare | None = None) -> None:
        """Start all, print where and how to sign in, and stay until a signal; then end all. Raises Conflict."""
        with self._signals_noticed():
            try:
                self._hold(organization, admin, prepare)
            except EndAsked:
                self._is_ending = True
                self._stop_half_started()
        local.tell("Stopped.")

    def _hold(self, organization: str, admin: str, prepare: Prepare | None) -> None:
        is_new = not self.home.is_made()
        self.tell(f"Fanlight in {self.home.path}" + (": new, so this takes half a minute" if is_new else ""))
        with self.home.server.hold_up(f"fanlight {self._verb}") as address, self.at_end:
            try:
                self.home.prepare(address)
                port = self._start_all(organization, admin, prepare)
                link = self._sign_in_link(self._url(port), admin)
                self._wait_until_ready(port)
                self._announce(self._url(port), link)
                self._watch()
            finally:
                self._is_ending = True
                # Before the databases, so that no process is left to complain of their absence.
                self._address_file.unlink(missing_ok=True)
                self._stop()
                local.tell("Stopping the database")

    def _stop_half_started(self) -> None:
        # Ended while the database recovered: nobody registered as its user yet, and its keeper would wait a minute.
        server = self.home.server
        status = server.status()
        if status.pid is not None and not status.users:
            server.stop()

    def tell(self, text: str) -> None:
        """Say what happens. Raises EndAsked when a signal came: whoever reports is at a point where ending is safe."""
        self.go_on()
        local.tell(text)

    def go_on(self) -> None:
        """Raise EndAsked when a signal came while everything was being started."""
        if self._end.is_set() and not self._is_ending:
            raise EndAsked

    def say_when_ready(self, text: str) -> None:
        """Have this printed below the address, for people; a program that asked for JSON is not told."""
        self._notes.append(text)

    def keep(self, server: EmbeddedServer) -> None:
        """Look after a further server, too: it is started again when it ends."""
        self._servers.append(server)

    def verb(self, *arguments: str, stdin: str | None = None, is_quiet: bool = False) -> str:
        """Run one of our own verbs on this home and return what it printed.

        Raises EndAsked when a signal came meanwhile, else OutsideFailure when the verb failed, having said why.
        """
        self.go_on()
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*self._verbs_command, *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if is_quiet else None,
            text=True,
            start_new_session=True,  # Ctrl-C is ours to handle
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - we have one thread
        )
        printed = self._wait_for(process, stdin)
        self.go_on()
        if process.returncode != 0:
            raise OutsideFailure(
                code="up.verb_failed",
                detail=f"'fanlight {arguments[0]}' ended with exit code {process.returncode}; it says why above.",
                remedy="Mend that and start again; nothing is lost.",
            )
        return printed

    def _wait_for(self, process: subprocess.Popen[str], stdin: str | None) -> str:
        give_up: float | None = None
        while True:
            try:
                return process.communicate(stdin, timeout=_POLL_SECONDS)[0]
            except subprocess.TimeoutExpired:
                stdin = None  # it is being handed over already
            if self._end.is_set() and give_up is None:
                give_up = time.monotonic() + END_SECONDS
                end_group(process, signal.SIGTERM)  # an extraction notes that it was interrupted
            if give_up is not None and (time.monotonic() > give_up or self._is_hurried()):
                end_group(process, signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "FANLIGHT_HOME": str(self.home.path), "PYTHONUNBUFFERED": "1"}

    def _start_all(self, organization: str, admin: str, prepare: Prepare | None) -> int:
        port = self._choose_port()
        self.home.certificate(self._host)
        self.tell("Starting the portal and the worker")
        for process in ("portal", "worker"):
            self._start(process, port)
        # While these load, the rest is made: each verb is a process with one role, and takes a second to load, too.
        self._organizations = [one["name"] for one in json.loads(self.verb("organization", "list", "--json"))]
        if not self._organizations:
            self.tell(f"Making the organization {organization!r}, with the administrator {admin}")
            self.verb("organization", "create", organization, "--admin", admin)
            self._organizations = [organization]
        self.organization = organization if organization in self._organizations else self._organizations[0]
        if prepare is not None:
            prepare(self)
        return port

    @property
    def _address_file(self) -> Path:
        return self.home.path / "portal.address"

    def _url(self, port: int) -> str:
        return local.portal_address(self._host, port)

    def _choose_port(self) -> int:
        bind = environment.read("FANLIGHT_BIND")
        if self._port is not None:
            candidates = [self._port]
        elif os.environ.get("FANLIGHT_PORT"):
            candidates = [local.port_from_settings()]
        else:
            candidates = [PRIVILEGED, UNPRIVILEGED]
        why = {}
        for port in candidates:
            try:
                return _try_port(bind, port)
            except OSError as error:
                why[port] = error
        if any(error.errno not in {errno.EADDRINUSE, errno.EACCES} for error in why.values()):
            raise WrongUse(
                code="up.address",
                detail=f"FANLIGHT_BIND is {bind!r}, at which this machine cannot listen.",
                remedy="Set it to an IPv4 address of this machine, such as 127.0.0.1 or 0.0.0.0.",
            )
        told = [f"port {port} {_why_not(error)}" for port, error in why.items()]
        raise Conflict(
            code="up.port_taken",
            detail=f"No port to be had at {bind}: {', '.join(told)}.",
            remedy="Choose one with --port N, or let one be picked with --port 0.",
        )

    def _start(self, process: str, port: int) -> None:
        variables = {"FANLIGHT_PORT": str(port), "FANLIGHT_HOST": self._host}
        child = Child(
            name=process,
            command=[*self._verbs_command, process],
            environment={**self._environment(), **self.home.environment(process), **variables},
            log=self.home.path / f"{process}.log",
            tell=local.tell,
        )
        self._children.append(child)
        child.start()

    def _wait_until_ready(self, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        portal = self._children[0]
        while not self._answers(port):
            self.go_on()
            if not portal.is_alive() or time.monotonic() > deadline:
                raise OutsideFailure(
                    code="up.portal_not_ready",
                    detail="The portal did not start: " + _last_line(portal.log),
                    remedy=f"Its log is {portal.log}.",
                )
            time.sleep(_POLL_SECONDS)

    def _answers(self, port: int) -> bool:
        context = ssl.create_default_context(cafile=str(self.home.path / "tls" / "authority.crt"))
        request = f"HEAD /sign-in/ HTTP/1.1\r\nHost: {self._host}\r\nConnection: close\r\n\r\n"
        try:
            with (
                socket.create_connection((environment.read("FANLIGHT_BIND"), port), timeout=2) as plain,
                context.wrap_socket(plain, server_hostname=self._host) as secured,
            ):
                secured.sendall(request.encode())
                return secured.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def _sign_in_link(self, url: str, admin: str) -> str | None:
        try:
            asked = self.verb(
                "sign-in", admin, "--organization", self.organization, "--url", url, "--json", is_quiet=True
            )
        except OutsideFailure:
            return None  # the administrator may have gone, or be another
        return str(json.loads(asked)["url"])

    def _announce(self, url: str, link: str | None) -> None:
        beside = self._address_file.with_suffix(".new")
        beside.write_text(url, "utf-8")
        beside.replace(self._address_file)
        authority = self.home.path / "tls" / "authority.crt"
        if self._is_json:
            said = {"url": url, "sign_in": link, "ca_file": str(authority), "home": str(self.home.path)}
            print(json.dumps(said), flush=True)
            return
        self.tell(f"Ready after {time.monotonic() - self._began:.0f} s.")
        print(f"\nYour browser will ask about the certificate; trust {authority} to be asked no more.")
        print(f"\nFanlight is at           {url}")
        print(
            f"Sign in, once, within 15 minutes: {link}"
            if link
            else "Get a link with 'fanlight sign-in EMAIL'."
        )
        for note in self._notes:
            print(f"\n{note}")
        print("\nCtrl-C stops everything; nothing is lost.\n", flush=True)

    def _watch(self) -> None:
        cared = time.monotonic()
        while not self._end.wait(LOOK_SECONDS):
            for child in self._children:
                child.revive()
            if time.monotonic() - cared > CARE_SECONDS:
                self._care_for_servers()
                cared = time.monotonic()

    def _care_for_servers(self) -> None:
        # A server is watched by its keeper; this replaces a keeper that was killed, and helps where both were.
        for server in self._servers:
            try:
                with server.in_use(f"fanlight {self._verb}"):
                    pass
            except FanlightError as error:
                local.tell(f"{error.detail} {error.remedy} ({error.code})")

    def _stop(self) -> None:
        if self._children:
            local.tell("Stopping the portal and the worker")
        for child in self._children:
            child.ask_to_end()
        until = time.monotonic() + END_SECONDS
        for child in self._children:
            child.wait_for_end(until, self._is_hurried)
        self._children.clear()

    def _is_hurried(self) -> bool:
        return self._signals > 1

    @contextlib.contextmanager
    def _signals_noticed(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._on_signal) for number in _ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self._end.set()


def _try_port(bind: str, port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((bind, port))
        # Without listening, two programs may be bound to one port: only this tells.
        probe.listen()
        return int(probe.getsockname()[1])


def _why_not(error: OSError) -> str:
    return "needs root" if error.errno == errno.EACCES else "is taken by another program"


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return "it wrote no log."
    return lines[-1][:300] if lines else "it wrote nothing."
