"""The data folder: made whole or not at all, and checked before anything touches it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import stat
import subprocess
from pathlib import Path

from fanlight.core.errors import ServerFailure
from fanlight.foundation.embedded import settings
from fanlight.foundation.embedded.account import Account, user_name
from fanlight.foundation.embedded.binaries import Binaries
from fanlight.foundation.embedded.failures import OWN_SERVER, cluster_not_made, disk_full, free_bytes
from fanlight.foundation.embedded.places import Places, read_small_file, write_file
from fanlight.foundation.embedded.types import SUPERUSER, Progress

# A fresh cluster has 39 MB, and 16 MB more with its next WAL segment.
_NEEDED_BYTES = 64 * 1024 * 1024
_INITDB_SECONDS = 300.0
_DATA_MODE = 0o700


def ensure_cluster(places: Places, binaries: Binaries, account: Account, life: int, tell: Progress) -> None:
    """Make the cluster when there is none; check the one that is there. The caller holds the life lock.

    life: the life lock, which initdb inherits.
    A half-made cluster is remade. A complete one is never: it carries its final name.
    Raises ServerFailure; see check_cluster, and 'server.not_made', 'server.disk_full'.
    """
    if places.data.exists():
        check_cluster(places, binaries.major, account)
        return
    if places.unfinished.exists():
        tell("The last start was cut short while the database was made: making it again")
        shutil.rmtree(places.unfinished)
    if free_bytes(places.server) < _NEEDED_BYTES:
        raise disk_full(places.server)
    tell(f"Making the database cluster in {places.data}")
    _initdb(places, binaries, account, life)
    places.unfinished.rename(places.data)
    descriptor = os.open(places.server, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_cluster(places: Places, major: int, account: Account) -> None:
    """Refuse a data folder that this PostgreSQL cannot or must not start, before anything is written to it.

    Raises ServerFailure 'server.data_owner', 'server.data_mode', 'server.newer_data', 'server.older_data',
    'server.damaged', 'server.password_missing'.
    """
    data = places.data
    status = data.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid:
        raise ServerFailure(
            code="server.data_owner",
            detail=f"The data folder {data} belongs to {user_name(status.st_uid)!r}, not {account.name!r}.",
            remedy=f"Give it back with `chown -R {account.name} {data}`, if you know how that came about.",
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode != _DATA_MODE:
        raise ServerFailure(
            code="server.data_mode",
            detail=f"The data folder {data} has the mode {mode:04o}; it must be its owner's alone.",
            remedy=f"Run `chmod 0700 {data}`, and find out who else read it meanwhile.",
        )
    version = (read_small_file(data / "PG_VERSION", owner=account.uid) or "").strip()
    if not version.isdecimal() or not (data / "global" / "pg_control").exists():
        raise ServerFailure(
            code="server.damaged",
            detail=f"The data folder {data} has lost files without which PostgreSQL cannot read it.",
            remedy="Move it aside, keep it, and restore the last backup with `fanlight restore`.",
        )
    if int(version) != major:
        raise _other_version(data, int(version), major)
    if not places.password_file.exists():
        raise ServerFailure(
            code="server.password_missing",
            detail=f"The password of the database in {data} is missing: {places.password_file} is not there.",
            remedy="Restore the folder `secrets` of this home from its backup.",
        )


def write_settings(places: Places, binaries: Binaries, account: Account) -> None:
    """Write postgresql.conf and pg_hba.conf beside the data folder."""
    configuration = settings.configuration(
        socket_folder=places.socket,
        access_rules=places.access_rules,
        cluster_name=places.cluster_name,
        libraries=binaries.modules,
    )
    for path, text in ((places.configuration, configuration), (places.access_rules, settings.ACCESS_RULES)):
        write_file(path, text, mode=0o600, uid=account.uid, gid=account.gid)


def _ensure_password(path: Path) -> str:
    us = os.geteuid()
    password = read_small_file(path, owner=us)
    if not password:
        password = secrets.token_urlsafe(32)
        write_file(path, password, mode=0o600, uid=us, gid=os.getegid())
    return password


def _initdb(places: Places, binaries: Binaries, account: Account, life: int) -> None:
    # In memory: the account cannot read the home, and a second file with the password would outlive a crash.
    password = os.memfd_create("password", os.MFD_CLOEXEC)
    try:
        os.write(password, _ensure_password(places.password_file).encode() + b"\n")
        os.lseek(password, 0, os.SEEK_SET)
        if account.is_dropped_to:
            os.fchown(password, account.uid, account.gid)
        command: list[str | Path] = [
            *(binaries.initdb, "-D", places.unfinished, "-U", SUPERUSER),
            *(f"--pwfile=/proc/self/fd/{password}", "--auth=scram-sha-256", "--data-checksums"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            "--no-instructions",
        ]
        with subprocess.Popen(  # noqa: S603 - our own program, by its full path
            command,
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
            umask=0o077,
            cwd="/",  # ours may be closed to the account
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LC_MESSAGES": "C"},
            pass_fds=[password, life],  # while initdb lives, nobody else starts on this folder
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as initdb:
            _finish(initdb, places.data)
    finally:
        os.close(password)


def _finish(initdb: subprocess.Popen[str], data: Path) -> None:
    try:
        _, said = initdb.communicate(timeout=_INITDB_SECONDS)
    except BaseException as error:  # it leads a session of its own, so not even Ctrl-C ends it
        os.killpg(initdb.pid, signal.SIGKILL)
        if isinstance(error, subprocess.TimeoutExpired):
            raise cluster_not_made(data, [f"initdb took more than {_INITDB_SECONDS:.0f} s"]) from error
        raise
    if initdb.returncode != 0:
        raise cluster_not_made(data, [line.strip() for line in said.splitlines() if line.strip()][-6:])


def _other_version(data: Path, version: int, major: int) -> ServerFailure:
    if version > major:
        return ServerFailure(
            code="server.newer_data",
            detail=f"The data in {data} was made by PostgreSQL {version}; this installation brings {major}.",
            remedy="Install the Fanlight version that last used this home. Nothing was changed.",
        )
    return ServerFailure(
        code="server.older_data",
        detail=f"The data in {data} was made by PostgreSQL {version}; this installation brings {major}.",
        remedy=(
            "Make a backup with the Fanlight version that last used this home and restore it with this one, "
            f"or {OWN_SERVER}. Nothing was changed."
        ),
    )
