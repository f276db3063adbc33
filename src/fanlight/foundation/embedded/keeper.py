"""The keeper's process: `python -m fanlight.foundation.embedded.keeper`. It watches one server of one home.

It stops the server when nobody has used it for the idle time, starts it again when it was killed under
somebody who uses it, and ends when there is no server left to watch.
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from pathlib import Path

from fanlight.core.errors import FanlightError
from fanlight.foundation.embedded import postmaster, processes, users
from fanlight.foundation.embedded.places import Places, find_places
from fanlight.foundation.embedded.server import EmbeddedServer
from fanlight.foundation.embedded.types import IDLE_SECONDS, Roots

_LOOK_SECONDS = 1.0
_log = logging.getLogger("fanlight.foundation.embedded.keeper")


class Keeper:
    """The watch over one server. lock: the descriptor of the keeper lock, inherited from the starter."""

    def __init__(self, server: EmbeddedServer, places: Places, idle_seconds: float, lock: int) -> None:
        self._server = server
        self._places = places
        self._idle_seconds = idle_seconds
        self._lock = lock
        self._last_use = time.monotonic()
        self._last_change = users.last_change(places.users)

    def watch(self) -> None:
        """Look once a second until the watch is over."""
        while True:
            time.sleep(min(_LOOK_SECONDS, self._idle_seconds / 4))
            if self._has_cause_to_act() and self._is_over_after_acting():
                return

    def _has_cause_to_act(self) -> bool:
        self._notice_use()
        return self._is_idle() or processes.find_postmaster(self._places) is None

    def _notice_use(self) -> None:
        change = users.last_change(self._places.users)
        # A short verb may have come and gone between two looks: then the folder has changed.
        if users.present(self._places.users) or change != self._last_change:
            self._last_change = change
            self._last_use = time.monotonic()

    def _is_idle(self) -> bool:
        return time.monotonic() - self._last_use >= self._idle_seconds

    def _is_over_after_acting(self) -> bool:
        """Stop, restart or do nothing, in the server's turn; tell whether there is nothing left to watch."""
        with self._server.turn(self._places):
            # Look again: while we waited for the turn, a verb may have started the server, used it and left.
            self._notice_use()
            if users.present(self._places.users) and processes.has_crashed(self._places):
                self._start_again()
            elif self._is_idle() and processes.find_postmaster(self._places) is not None:
                _log.info("Nobody has used the server for %s s: stopping it", self._idle_seconds)
                postmaster.halt(self._places)
            if processes.find_postmaster(self._places) is not None:
                return False
            self._resign()
            return True

    def _start_again(self) -> None:
        _log.warning("The server ended although it is used: starting it again")
        try:
            self._server.start_in_turn(self._places)
        except BaseException:
            self._resign()
            raise

    def _resign(self) -> None:
        # Before the turn is over: the next verb must find the lock free and start a keeper of its own.
        os.close(self._lock)


def main() -> int:
    """Watch the server the arguments name. Returns 0 when the watch is over, 3 when the server cannot run."""
    parser = argparse.ArgumentParser(description="Watch an embedded server and stop it when it is idle.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--state-root", type=Path, required=True)
    parser.add_argument("--runtime-root", type=Path, required=True)
    parser.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS)
    parser.add_argument("--lock", type=int, required=True)
    given = parser.parse_args()
    os.set_inheritable(given.lock, False)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(process)d] %(message)s")
    server = EmbeddedServer(given.home, given.name, roots=Roots(given.state_root, given.runtime_root))
    try:
        places = find_places(given.home, given.name, server.roots)
        if places is None:
            return 0
        keeper = Keeper(server, places, given.idle_seconds, given.lock)
        _log.info("Watching %s", places.data)
        keeper.watch()
    except FanlightError as failure:
        _log.error("%s: %s", failure.code, failure)
        return failure.exit_code
    except OSError as error:  # most likely the home was removed; PostgreSQL notices by itself, too
        _log.error("server.system_error: %s", error)
        return 3
    _log.info("The server is stopped: nothing left to watch")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
