"""Start PostgreSQL, wait until it answers, and stop it. The caller holds the start lock."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from fanlight.core.errors import ServerFailure
from fanlight.foundation.embedded import locks, processes
from fanlight.foundation.embedded.account import Account
from fanlight.foundation.embedded.binaries import Binaries
from fanlight.foundation.embedded.failures import server_exited
from fanlight.foundation.embedded.places import Places, read_small_file
from fanlight.foundation.embedded.types import Progress

_POLL_SECONDS = 0.01
_ORPHAN_GRACE_SECONDS = 2
_LIFE_SECONDS = 20.0
# Fast shutdown writes a checkpoint; immediate ends without one, and the next start recovers.
_FAST_SECONDS = 30.0
_IMMEDIATE_SECONDS = 10.0
_SHOWN_LINES = 6


def take_life_lock(places: Places, account: Account, tell: Progress) -> int | None:
    """Wait until no process of an earlier server is left, and return the lock the next one will inherit.

    None when a server turns up meanwhile: a starter that was killed, or lost patience, had launched it.
    Raises ServerFailure 'server.still_held' when something else keeps the lock.
    """
    began, told = time.monotonic(), 0
    while (life := locks.try_lock(places.life_lock)) is None:
        if processes.find_postmaster(places) is not None:
            return None
        waited = time.monotonic() - began
        if waited >= _LIFE_SECONDS:
            raise ServerFailure(
                code="server.still_held",
                detail=f"Processes of an earlier server on {places.data} still run after {waited:.0f} s.",
                remedy=f"Find them with `fuser {places.life_lock}`, end them, and run the command again.",
            )
        if int(waited) > told:
            told = int(waited)
            tell(f"Waiting for the processes of an earlier server ({told} s)")
            if told >= _ORPHAN_GRACE_SECONDS:
                processes.end_orphans(places, account.uid)
        time.sleep(_POLL_SECONDS)
    return life


def launch(
    places: Places, binaries: Binaries, account: Account, life: int, tell: Progress, *, until: float
) -> processes.Postmaster:
    """Start PostgreSQL in a session of its own and return it when it is ready.

    life: the life lock's descriptor. until: on time.monotonic(). Raises as wait_until_ready does.
    """
    # What it says before its log files are open: in memory, so that a full disk cannot swallow the reason.
    first_words = os.memfd_create("first-words", os.MFD_CLOEXEC)
    marks = _log_sizes(places)
    try:
        child = subprocess.Popen(  # noqa: S603 - our own program, by its full path
            [binaries.postgres, "-D", places.data, "-c", f"config_file={places.configuration}"],
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
            umask=0o077,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            pass_fds=[life],
            start_new_session=True,  # Ctrl-C in our terminal is not for it: we stop it
            stdin=subprocess.DEVNULL,
            stdout=first_words,
            stderr=first_words,
        )
        processes.keep(child)
        try:
            return wait_until_ready(places, tell, until=until, child=child)
        except ServerFailure as failure:
            if failure.code != "server.exited":
                raise
            raise server_exited(places.data, _last_words(places, account, first_words, marks)) from failure
    finally:
        os.close(first_words)


def wait_until_ready(
    places: Places, tell: Progress, *, until: float, child: subprocess.Popen[bytes] | None = None
) -> processes.Postmaster:
    """Wait for a server that starts, possibly recovering first. child: the server, when we started it.

    Raises ServerFailure 'server.start_timeout' (it goes on meanwhile) or 'server.exited'.
    """
    began, told = time.monotonic(), 0
    while True:
        postmaster = processes.find_postmaster(places)
        if postmaster is not None and postmaster.is_ready:
            return postmaster
        has_ended = postmaster is None if child is None else child.poll() is not None
        if has_ended:
            raise server_exited(places.data, [])
        now = time.monotonic()
        if now >= until:
            raise ServerFailure(
                code="server.start_timeout",
                detail=f"PostgreSQL on {places.data} still starts after {now - began:.0f} s.",
                remedy="Run the same command again to go on waiting; its folder `log` says what it does.",
            )
        if int(now - began) > told:
            told = int(now - began)
            tell(f"PostgreSQL is recovering what was not saved at its last stop ({told} s)")
        time.sleep(_POLL_SECONDS)


def settled(places: Places, tell: Progress, *, until: float) -> processes.Postmaster | None:
    """Return the server that runs, once its start or stop is over; None when there is none."""
    if processes.find_postmaster(places) is None:
        return None
    try:
        return wait_until_ready(places, tell, until=until)
    except ServerFailure as failure:
        if failure.code != "server.exited":
            raise
        return None


def halt(places: Places) -> None:
    """Stop the server that runs on this data folder: fast, then immediate, then by force. None is fine."""
    steps = (
        (signal.SIGINT, _FAST_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_SECONDS),
        (signal.SIGKILL, _IMMEDIATE_SECONDS),
    )
    for number, seconds in steps:
        postmaster = processes.find_postmaster(places)
        if postmaster is None:
            return
        processes.signal_process(postmaster.pid, number)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if processes.find_postmaster(places) is None:
                return
            time.sleep(_POLL_SECONDS)
    if processes.find_postmaster(places) is not None:
        raise ServerFailure(
            code="server.not_stopped",
            detail=f"PostgreSQL on {places.data} did not end, not even by force.",
            remedy="Its disk probably does not answer: look at the machine's own log.",
        )


def _log_sizes(places: Places) -> dict[Path, int]:
    try:
        return {path: path.lstat().st_size for path in (places.data / "log").iterdir()}
    except OSError:
        return {}


def _last_words(places: Places, account: Account, first_words: int, marks: dict[Path, int]) -> list[str]:
    """Return the last lines this start printed, without their time stamps."""
    size = os.fstat(first_words).st_size
    text = os.pread(first_words, size, 0).decode(errors="replace")
    for path in sorted(_log_sizes(places)):
        text += "\n" + (read_small_file(path, owner=account.uid, offset=marks.get(path, 0)) or "")
    lines = [line.partition("] ")[2] or line for line in text.splitlines() if line.strip()]
    return [line.strip() for line in lines if "redirecting log output" not in line][-_SHOWN_LINES:]
