"""The door of the embedded server."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanlight.core.errors import Conflict, WrongUse
from fanlight.foundation.embedded import cluster, locks, postmaster, processes, users
from fanlight.foundation.embedded.account import ensure_account, find_account
from fanlight.foundation.embedded.binaries import ensure_binaries, wheel_version
from fanlight.foundation.embedded.failures import free_bytes, outside_errors
from fanlight.foundation.embedded.keeping import ensure_keeper
from fanlight.foundation.embedded.places import (
    Places,
    check_home,
    ensure_account_folders,
    ensure_places,
    find_places,
)
from fanlight.foundation.embedded.types import (
    IDLE_SECONDS,
    PORT,
    START_SECONDS,
    SUPERUSER,
    Progress,
    Roots,
    ServerAddress,
    ServerStatus,
)
from fanlight.foundation.embedded.uplock import UpLock

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_log = logging.getLogger("fanlight.foundation.embedded")


class EmbeddedServer:
    """One named PostgreSQL server of a home.

    home: made when missing, 0700. name: lower case, digits and hyphens. roots: where root keeps things.
    progress: told in short sentences what takes time or changes the machine; the log, when None.
    start_seconds: how long a start may take, crash recovery included.

    Every method may raise ServerFailure (outside causes, with code and remedy), Refused ('home.other_user',
    'home.writable_by_all') or Conflict ('home.copied', 'server.busy'). Making the object touches nothing.
    """

    def __init__(
        self,
        home: Path,
        name: str = "catalogue",
        *,
        roots: Roots | None = None,
        progress: Progress | None = None,
        start_seconds: float = START_SECONDS,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise WrongUse(
                code="server.name",
                detail=f"{name!r} cannot be a server's name.",
                remedy="Use lower-case letters, digits and hyphens, beginning with a letter, at most 31.",
            )
        self.home = home.resolve()
        self.name = name
        self.roots = roots or Roots()
        self._tell: Progress = progress or _log.info
        self._start_seconds = start_seconds
        # Root's cluster may be on another disk than the home.
        self._disks = (self.home, self.roots.state) if os.geteuid() == 0 else (self.home,)

    def start(self) -> ServerAddress:
        """Make the cluster when there is none, recover it when needed, start it; nothing when it runs.

        The server stays until stop(), or until the last verb that used it has been gone for the idle time.
        """
        with outside_errors(*self._disks):
            places = self._ensure_places()
            with self.turn(places):
                return self.start_in_turn(places)

    def stop(self) -> None:
        """Stop the server, whoever uses it. Nothing when it does not run."""
        with outside_errors(*self._disks):
            check_home(self.home)
            if find_places(self.home, self.name, self.roots) is None:
                return
            places = self._ensure_places()
            with self.turn(places):
                postmaster.halt(places)

    def is_running(self) -> bool:
        """Tell whether the server accepts connections now."""
        return self.status().is_running

    def status(self) -> ServerStatus:
        """Look at the server without changing anything."""
        with outside_errors(*self._disks):
            check_home(self.home)
            account = find_account()
            places = find_places(self.home, self.name, self.roots)
            found = processes.find_postmaster(places) if places else None
            return ServerStatus(
                is_running=found is not None and found.is_ready and found.is_reachable,
                version=wheel_version(),
                data_folder=places.data if places else None,
                socket_folder=found.socket_folder if found else places.socket if places else None,
                pid=found.pid if found else None,
                free_bytes=free_bytes(places.data if places else self.home),
                owner=account.name if account else None,
                users=users.present(places.users) if places else (),
            )

    @contextmanager
    def in_use(self, holder: str, *, idle_seconds: float = IDLE_SECONDS) -> Iterator[ServerAddress]:
        """Have the server run while a verb uses it; the last one to leave it is followed by the keeper.

        holder: how the user is named to others ('fanlight search'). idle_seconds: how long the server waits
        for the next verb; a keeper that runs already keeps its own.
        """
        address, registration = self._enter(holder, idle_seconds)
        try:
            yield address
        finally:
            registration.leave()

    @contextmanager
    def hold_up(
        self, holder: str = "fanlight up", *, idle_seconds: float = IDLE_SECONDS
    ) -> Iterator[ServerAddress]:
        """Hold the home for a foreground process and have the server run meanwhile.

        On leaving, the server stops at once, or, where verbs still use it, after the last one and the idle
        time. Raises Conflict 'home.in_use' when another process holds this home.
        """
        with UpLock(self.home, holder):
            address, registration = self._enter(holder, idle_seconds)
            try:
                yield address
            finally:
                registration.leave()
                self._stop_unless_used(idle_seconds)

    @contextmanager
    def turn(self, places: Places) -> Iterator[None]:
        """Take the server's start lock: whoever has it may start or stop the server, others wait.

        For this package and its keeper. Raises Conflict 'server.busy' when another keeps it too long.
        """

        def waiting(seconds: float) -> None:
            self._tell(f"Waiting for another process that starts or stops the server ({seconds:.0f} s)")

        with outside_errors(*self._disks):
            patience = self._start_seconds + 60
            held = locks.wait_for_lock(places.start_lock, seconds=patience, every_second=waiting)
            if held is None:
                raise Conflict(
                    code="server.busy",
                    detail=f"Another process has been starting or stopping this server for {patience:.0f} s.",
                    remedy=f"Find it with `fuser {places.start_lock}`, end it, and run the command again.",
                )
            with locks.closing(held):
                yield

    def start_in_turn(self, places: Places) -> ServerAddress:
        """Start the server. The caller holds the start lock. For this package and its keeper."""
        until = time.monotonic() + self._start_seconds
        found = None
        while found is None:
            found = postmaster.settled(places, self._tell, until=until)
            if found is not None and not found.is_reachable:
                self._tell("The running server's socket was removed: starting the server again")
                postmaster.halt(places)
                found = None
            if found is None:
                found = self._launch(places, until)
        return ServerAddress(
            socket_folder=found.socket_folder or places.socket,
            port=PORT,
            superuser=SUPERUSER,
            superuser_password_file=places.password_file,
        )

    def _ensure_places(self) -> Places:
        return ensure_places(self.home, self.name, self.roots)

    def _launch(self, places: Places, until: float) -> processes.Postmaster | None:
        """Start the server; None when one turns up that another starter had launched."""
        account = ensure_account(self._tell)
        binaries = ensure_binaries(account, self.roots, self._tell)
        ensure_account_folders(places, account)
        life = postmaster.take_life_lock(places, account, self._tell)
        if life is None:
            return None
        with locks.closing(life):
            cluster.ensure_cluster(places, binaries, account, life, self._tell)
            cluster.write_settings(places, binaries, account)
            cleared = processes.clear_stale_pid_files(places)
            if cleared:
                self._tell(f"The last server was not stopped in order ({cleared}): recovering")
            return postmaster.launch(places, binaries, account, life, self._tell, until=until)

    def _enter(self, holder: str, idle_seconds: float) -> tuple[ServerAddress, users.Registration]:
        with outside_errors(*self._disks):
            places = self._ensure_places()
        with self.turn(places):
            users.forget_the_dead(places.users)
            registration = users.register(places.users, holder)
            try:
                # The keeper first: whatever happens to us from here on, somebody stops the server.
                ensure_keeper(places, self.roots, idle_seconds)
                address = self.start_in_turn(places)
            except BaseException:
                registration.leave()
                raise
            return address, registration

    def _stop_unless_used(self, idle_seconds: float) -> None:
        with outside_errors(*self._disks):
            places = self._ensure_places()
        with self.turn(places):
            if users.present(places.users):
                ensure_keeper(places, self.roots, idle_seconds)
            else:
                postmaster.halt(places)
