"""The embedded mode's home: one server, a password and a URL file for each role, the keys, the certificate.

home/secrets/   owner.url portal.url worker.url (rewritten at each start), *.password, portal.key, root.key
home/tls/       the local authority and the portal's certificate
home/ready      which schema was last made here
"""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from fanlight import __version__
from fanlight.cli.children import ends_with_us
from fanlight.core.errors import Conflict, ServerFailure
from fanlight.foundation import clock
from fanlight.foundation.embedded import EmbeddedServer, ServerAddress

if TYPE_CHECKING:
    from fanlight.foundation.certificates import CertificateFiles

ROLES = ("owner", "portal", "worker")
DATABASE = "fanlight"
_ROOMS_WITH_SCHEMA = (
    "tenancy",
    "audit",
    "organizations",
    "vault",
    "integrations",
    "catalog",
    "extraction",
    "discovery",
    "trust",
)
PATIENCE_SECONDS = 300
Say = Callable[[str], None]


class Home:
    """A home and what is made in it. path: absolute. say: told in short sentences what takes time."""

    def __init__(self, path: Path, say: Say) -> None:
        self.path = path
        self._say = say
        self.server = EmbeddedServer(path, progress=say)

    def environment(self, process: str) -> dict[str, str]:
        """Return the variables that a process of this home is started with: files, and no secret itself."""
        made = {
            "FANLIGHT_HOME": str(self.path),
            "FANLIGHT_DATABASE_URL_FILE": str(self._secret(f"{process}.url")),
        }
        if process == "portal":
            made["FANLIGHT_SECRET_KEY_FILE"] = str(self._secret("portal.key"))
        if process == "worker":
            made["FANLIGHT_ROOT_KEY_FILE"] = str(self._secret("root.key"))
        return made

    def is_made(self) -> bool:
        """Tell whether this home was brought to an end once; False for one that we may not look into."""
        try:
            return (self.path / "ready").exists()
        except OSError:
            return False

    def prepare(self, address: ServerAddress) -> None:
        """Bring the home up to date: roles, database, keys, schema. Quick when nothing is to do; one at a time."""
        with (self.path / "prepare.lock").open("w") as lock:
            self._wait_for(lock.fileno())
            self._prepare(address)

    def _wait_for(self, lock: int) -> None:
        began, told = time.monotonic(), 0
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waited = int(time.monotonic() - began)
            if waited >= PATIENCE_SECONDS:
                raise Conflict(
                    code="home.busy",
                    detail=f"Another process has been preparing {self.path} for {waited} s.",
                    remedy=f"Find it with 'fuser {self.path / 'prepare.lock'}', end it, and run this again.",
                )
            if waited > told:
                told = waited
                self._say(f"Waiting for another process that prepares this home ({waited} s)")
            time.sleep(0.02)

    def _prepare(self, address: ServerAddress) -> None:
        for name, make in (("portal.key", lambda: secrets.token_urlsafe(50)), ("root.key", _root_key)):
            self.keep_secret(name, make)
        for role in ROLES:
            password = self.keep_secret(f"{role}.password", lambda: secrets.token_urlsafe(32))
            # libpq's key = value form is not what our processes take; a URL is, and the socket goes into its query.
            url = f"postgresql://fanlight_{role}:{password}@/{DATABASE}?host={address.socket_folder}&port={address.port}"
            self._write_secret(f"{role}.url", url)
        mark = f"{self._schema_mark()} {self._cluster_mark(address)}"
        ready = self.path / "ready"
        if not ready.exists() or ready.read_text("utf-8") != mark:
            self._make_roles(address)
            self._say("Bringing the catalogue's schema up to date")
            self._migrate()
            ready.write_text(mark, "utf-8")

    def certificate(self, host: str) -> CertificateFiles:
        """Return the portal's certificate files, made or renewed when needed."""
        from fanlight.foundation import certificates  # only the portal needs them

        names = tuple(dict.fromkeys((host, "localhost", "127.0.0.1", "::1")))
        return certificates.ensure_certificate(self.path / "tls", names, clock.now())

    def _secret(self, name: str) -> Path:
        return self.path / "secrets" / name

    def keep_secret(self, name: str, make: Callable[[], str]) -> str:
        """Return the secret of that name, made once and kept in a file of mode 0600."""
        path = self._secret(name)
        if not path.exists():
            self._write_secret(name, make())
        return path.read_text("utf-8")

    def _write_secret(self, name: str, value: str) -> None:
        path = self._secret(name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and path.read_text("utf-8") == value:
            return
        beside = path.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        beside.replace(path)

    def _make_roles(self, address: ServerAddress) -> None:
        import psycopg  # only a new home pays for it
        from psycopg import sql

        password = address.superuser_password_file.read_text("utf-8").strip()
        conninfo = address.conninfo(user=address.superuser, password=password, database="postgres")
        with psycopg.connect(conninfo, autocommit=True) as server:
            if server.execute("SELECT FROM pg_roles WHERE rolname = 'fanlight_owner'").fetchone() is None:
                text = resources.files("fanlight.tenancy").joinpath("roles.sql").read_text("utf-8")
                with server.transaction():
                    server.execute(text.encode())
            for role in ROLES:
                server.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(f"fanlight_{role}"),
                        sql.Literal(self._secret(f"{role}.password").read_text()),
                    )
                )
            if server.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                server.execute(
                    sql.SQL("CREATE DATABASE {} OWNER fanlight_owner").format(sql.Identifier(DATABASE))
                )

    def _migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "fanlight.cli.main", "migrate"],
            env={**os.environ, **self.environment("owner")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C is for whoever started us
            preexec_fn=ends_with_us(),
        )
        if done.returncode != 0:
            raise ServerFailure(
                code="schema.migration",
                detail=f"The catalogue's schema could not be brought up to date: {done.stderr.strip()[-600:]}",
                remedy="Run 'fanlight doctor'; a home made by a newer Fanlight needs that Fanlight.",
            )

    def _cluster_mark(self, address: ServerAddress) -> str:
        # A server made anew has none of our roles, whatever the home remembers.
        return hashlib.sha256(address.superuser_password_file.read_bytes()).hexdigest()[:16]

    @staticmethod
    def _schema_mark() -> str:
        digest = hashlib.sha256(__version__.encode())
        for room in _ROOMS_WITH_SCHEMA:
            for folder in ("migrations", "database"):
                place = resources.files(f"fanlight.{room}").joinpath(folder)
                if place.is_dir():
                    for file in sorted(place.iterdir(), key=lambda one: one.name):
                        if file.name.endswith((".py", ".sql")):
                            digest.update(file.name.encode() + file.read_bytes())
        digest.update(resources.files("fanlight.tenancy").joinpath("tables.toml").read_bytes())
        return digest.hexdigest()[:32]


def _root_key() -> str:
    from fanlight.foundation import sealing  # only a new home pays for it

    return base64.b64encode(sealing.new_root_key()).decode("ascii")
