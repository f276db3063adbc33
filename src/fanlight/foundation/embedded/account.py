"""Who runs PostgreSQL: ourselves, or, because PostgreSQL refuses to run as root, the account `fanlight`."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fanlight.core.errors import ServerFailure
from fanlight.foundation.embedded.failures import OWN_SERVER
from fanlight.foundation.embedded.types import ACCOUNT, Progress

_SYSTEM_FOLDERS = "/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass(frozen=True)
class Account:
    """The account that owns a cluster and runs its server.

    user, group, groups: what subprocess needs to drop privileges; None where there is nothing to drop.
    """

    name: str
    uid: int
    gid: int
    is_dropped_to: bool

    @property
    def user(self) -> int | None:
        return self.uid if self.is_dropped_to else None

    @property
    def group(self) -> int | None:
        return self.gid if self.is_dropped_to else None

    @property
    def groups(self) -> list[int] | None:
        return [] if self.is_dropped_to else None


def find_account() -> Account | None:
    """Return the account that runs PostgreSQL, None when root has not made it yet."""
    if os.geteuid() != 0:
        return Account(user_name(os.geteuid()), os.geteuid(), os.getegid(), is_dropped_to=False)
    try:
        user, group = pwd.getpwnam(ACCOUNT), grp.getgrnam(ACCOUNT)
    except KeyError:
        return None
    if user.pw_uid == 0 or group.gr_gid == 0:
        raise _failed(f"The account {ACCOUNT!r} of this machine is root under another name.")
    return Account(ACCOUNT, user.pw_uid, group.gr_gid, is_dropped_to=True)


def ensure_account(tell: Progress) -> Account:
    """Return the account that runs PostgreSQL; root makes it when missing, and says so.

    Raises ServerFailure 'server.account' when the machine has no useradd, or it refuses, or when this is a
    bare number without an account, as which a container may run.
    """
    found = find_account()
    if found is not None:
        if not _has_name(found.uid):
            raise _nameless(found.uid)
        return found
    if not _exists(ACCOUNT, in_groups=True):
        _run(["groupadd", "--system", ACCOUNT])
        tell(f"Made the system group {ACCOUNT!r}: its members may reach the database's socket.")
    if not _exists(ACCOUNT, in_groups=False):
        shell = next((s for s in ("/usr/sbin/nologin", "/sbin/nologin") if Path(s).exists()), "/bin/false")
        nowhere = ["--home-dir", "/nonexistent", "--no-create-home", "--shell", shell]
        _run(["useradd", "--system", "--gid", ACCOUNT, *nowhere, ACCOUNT])
        tell(f"Made the system user {ACCOUNT!r}, without login or home: it runs PostgreSQL, root may not.")
    found = find_account()
    if found is None:
        raise _failed(f"The account {ACCOUNT!r} was made and is not found.")
    return found


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run as a bare number
        return f"user {uid}"


def _exists(name: str, *, in_groups: bool) -> bool:
    try:
        if in_groups:
            grp.getgrnam(name)
        else:
            pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _nameless(uid: int) -> ServerFailure:
    return ServerFailure(
        code="server.account",
        detail=f"This process runs as the number {uid}, which is no account here; initdb wants one.",
        remedy=f"Give the number a line in /etc/passwd, run as an account, or {OWN_SERVER}.",
    )


def _run(command: list[str]) -> None:
    program = shutil.which(command[0], path=_SYSTEM_FOLDERS)
    if program is None:
        raise _failed(f"This machine has no {command[0]}.")
    done = subprocess.run(  # noqa: S603 - a fixed list, found in the system's own folders
        [program, *command[1:]], capture_output=True, text=True, env={"PATH": _SYSTEM_FOLDERS}, check=False
    )
    # Somebody may have made it a moment ago; then it exists, which is all we want.
    if done.returncode != 0 and not _exists(ACCOUNT, in_groups=command[0] == "groupadd"):
        raise _failed(f"{command[0]} refused: {done.stderr.strip()}")


def _failed(detail: str) -> ServerFailure:
    return ServerFailure(
        code="server.account",
        detail=f"{detail} PostgreSQL does not run as root, it needs an account of its own.",
        remedy=f"Make a system group and user {ACCOUNT!r}, run it as an ordinary user, or {OWN_SERVER}.",
    )
