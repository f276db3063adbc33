"""`fanlight up`: the database, the portal and the worker as separate processes, started, watched and ended together."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from fanlight.cli import local
from fanlight.cli.homes import Home
from fanlight.config import environment
from fanlight.core.errors import Conflict, OutsideFailure

READY_SECONDS = 60
END_SECONDS = 15
RESTART_SECONDS = 1.0
PRIVILEGED, UNPRIVILEGED = 443, 8443
_POLL_SECONDS = 0.2

Prepare = Callable[["Together", Home], None]


class Together:
    """Everything on one machine, for as long as this process lives."""

    def __init__(self, path: Path, port: int | None, *, is_json: bool) -> None:
        self.home = Home(path, local.tell)
        self._host = environment.read("FANLIGHT_HOST")
        self._port = port
        self._is_json = is_json
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._end = threading.Event()
        self.at_end = contextlib.ExitStack()

    def run(self, *, organization: str, admin: str, prepare: Prepare | None = None) -> None:
        """Start all, print where and how to sign in, and stay until a signal; then end all. Raises Conflict."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        local.tell(f"Fanlight in {self.home.path}")
        address_file = self.home.path / "portal.address"
        try:
            with self.home.server.hold_up("fanlight up") as address, self.at_end:
                try:
                    self.home.prepare(address)
                    self._run(organization, admin, prepare)
                finally:
                    # Before the databases, so that no process is left to complain of their absence.
                    address_file.unlink(missing_ok=True)
                    self._stop()
                    local.tell("Stopping the database")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        local.tell("Stopped.")

    def _run(self, organization: str, admin: str, prepare: Prepare | None) -> None:
        port = self._choose_port()
        files = self.home.certificate(self._host)
        self._ensure_organization(organization, admin)
        self._start("portal", port)
        self._start("worker", port)
        if prepare is not None and not self._end.is_set():
            prepare(self, self.home)
        self._wait_until_ready(port)
        url = local.portal_address(self._host, port)
        (self.home.path / "portal.address").write_text(url, "utf-8")
        if not self._end.is_set():
            self._announce(url, files.authority, admin, organization)
        self._watch(port)

    def verb(self, *arguments: str, stdin: str | None = None) -> str:
        """Run one of our own verbs on this home and return what it printed. Raises OutsideFailure with its words."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "fanlight.cli.main", *arguments],
            env=self._environment(),
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        if done.returncode != 0 and not self._end.is_set():
            raise OutsideFailure(
                code="up.verb_failed",
                detail=f"'fanlight {arguments[0]}' ended with exit code {done.returncode}; it says why above.",
                remedy="Mend that and start again; nothing is lost.",
            )
        return done.stdout

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "FANLIGHT_HOME": str(self.home.path), "PYTHONUNBUFFERED": "1"}

    def _choose_port(self) -> int:
        if self._port is None:
            wanted = int(os.environ.get("FANLIGHT_PORT") or 0)
            candidates: Sequence[int] = [wanted] if wanted else [PRIVILEGED, UNPRIVILEGED]
        else:
            candidates = [self._port]
        for port in candidates:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((environment.read("FANLIGHT_BIND"), port))
                except (PermissionError, OSError):
                    continue
                return int(probe.getsockname()[1])
        raise Conflict(
            code="up.port_taken",
            detail=f"Port {' and port '.join(map(str, candidates))} cannot be had: another program listens there.",
            remedy="Choose one with --port N, or let one be picked with --port 0.",
        )

    def _ensure_organization(self, organization: str, admin: str) -> None:
        if not json.loads(self.verb("organization", "list", "--json") or "[]"):
            local.tell(f"Making the organization {organization!r}")
            self.verb("organization", "create", organization, "--admin", admin)

    def _start(self, process: str, port: int) -> None:
        with (self.home.path / f"{process}.log").open("ab") as log:
            self._children[process] = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "fanlight.cli.main", process],
                env={
                    **self._environment(),
                    **self.home.environment(process),
                    "FANLIGHT_PORT": str(port),
                    "FANLIGHT_HOST": self._host,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
            )

    def _wait_until_ready(self, port: int) -> None:
        context = ssl.create_default_context(cafile=str(self.home.path / "tls" / "authority.crt"))
        deadline = time.monotonic() + READY_SECONDS
        while not self._end.is_set():
            with contextlib.suppress(OSError):
                with (
                    socket.create_connection((environment.read("FANLIGHT_BIND"), port), timeout=2) as plain,
                    context.wrap_socket(plain, server_hostname=self._host) as secured,
                ):
                    secured.sendall(
                        f"HEAD /sign-in/ HTTP/1.1\r\nHost: {self._host}\r\nConnection: close\r\n\r\n".encode()
                    )
                    if secured.recv(64).startswith(b"HTTP/1.1 200"):
                        return
            child = self._children["portal"]
            if child.poll() is not None or time.monotonic() > deadline:
                raise OutsideFailure(
                    code="up.portal_not_ready",
                    detail="The portal did not start: " + _last_line(self.home.path / "portal.log"),
                    remedy=f"Its log is {self.home.path / 'portal.log'}.",
                )
            time.sleep(_POLL_SECONDS)

    def _announce(self, url: str, authority: Path, admin: str, organization: str) -> None:
        chosen = json.loads(self.verb("organization", "list", "--json"))
        name = organization if any(one["name"] == organization for one in chosen) else chosen[0]["name"]
        link = ""
        with contextlib.suppress(OutsideFailure):
            link = json.loads(self.verb("sign-in", admin, "--organization", name, "--url", url, "--json"))["url"]
        if self._is_json:
            print(
                json.dumps({"url": url, "sign_in": link, "ca_file": str(authority), "home": str(self.home.path)}),
                flush=True,
            )
            return
        print(f"\nFanlight is at {url}", flush=True)
        if link:
            print(f"Sign in once, within 15 minutes: {link}", flush=True)
        else:
            print("Get a sign-in link with 'fanlight sign-in EMAIL'.", flush=True)
        print(f"Your browser will ask about the certificate; trust {authority} to be asked no more.", flush=True)
        print("Ctrl-C stops everything.\n", flush=True)

    def _watch(self, port: int) -> None:
        while not self._end.wait(_POLL_SECONDS * 5):
            for process, child in list(self._children.items()):
                if child.poll() is not None and not self._end.is_set():
                    local.tell(f"The {process} ended with code {child.returncode}; starting it again.")
                    self._end.wait(RESTART_SECONDS)
                    self._start(process, port)

    def _stop(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + END_SECONDS
        for process, child in self._children.items():
            if child.poll() is None:
                local.tell(f"Stopping the {process}")
            try:
                child.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        self._children.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._end.set()


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return "it wrote no log."
    return lines[-1][:300] if lines else "it wrote nothing."
