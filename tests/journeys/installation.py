"""The production processes apart, each with its own role's URL, as a supervisor would start them."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fanlight.foundation import certificates, clock
from tests.conftest import Catalogue


@dataclass
class Installation:
    """A catalogue database of its own, and the files that its processes are started with."""

    catalogue: Catalogue
    database: str
    folder: Path

    def environment(self, role: str, **more: str) -> dict[str, str]:
        """Return a process's environment: paths of files only."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("FANLIGHT_", "DJANGO_"))
        }
        return {
            **kept,
            "FANLIGHT_HOME": str(self.folder),
            "FANLIGHT_DATABASE_URL_FILE": str(self.folder / f"{role}.url"),
            **more,
        }

    def verb(self, role: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        return subprocess.run(
            [sys.executable, "-m", "fanlight.cli.main", *arguments],
            env=self.environment(role, **more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, role: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a process that stays, in a session of its own."""
        with (self.folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "fanlight.cli.main", role],
                env=self.environment(role, **more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @contextmanager
    def process(self, role: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a process that stays, in a session of its own, and end it."""
        started = self.start(role, **more)
        try:
            yield started
        finally:
            if started.poll() is None:
                started.terminate()
                try:
                    started.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(started.pid, signal.SIGKILL)
                    started.wait()

    @property
    def worker(self) -> dict[str, str]:
        """What the worker is given besides its URL."""
        return {"FANLIGHT_ROOT_KEY_FILE": str(self.folder / "root.key")}

    def portal(self) -> tuple[dict[str, str], str, Path]:
        """Return what the portal is given besides its URL, its address, and the authority that it is trusted by."""
        files = certificates.ensure_certificate(self.folder / "tls", ("localhost", "127.0.0.1"), clock.now())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        given = {
            "FANLIGHT_SECRET_KEY_FILE": str(self.folder / "secret.key"),
            "FANLIGHT_PORT": str(port),
            "FANLIGHT_TLS_CERTIFICATE_FILE": str(files.certificate),
            "FANLIGHT_TLS_KEY_FILE": str(files.key),
        }
        return given, f"https://localhost:{port}", files.authority


def make_installation(catalogue: Catalogue, folder: Path) -> Installation:
    """Make a migrated catalogue with an organization, by the production verbs."""
    made = Installation(catalogue, catalogue.clone(), folder)
    for role in ("owner", "portal", "worker"):
        password = catalogue.passwords[role]
        (folder / f"{role}.url").write_text(
            f"postgresql://fanlight_{role}:{password}@/{made.database}"
            f"?host={catalogue.server.socket_folder}&port={catalogue.server.port}"
        )
    (folder / "root.key").write_text(base64.b64encode(os.urandom(32)).decode())
    (folder / "secret.key").write_text(secrets.token_urlsafe(50))
    migrated = made.verb("owner", "migrate")
    assert migrated.returncode == 0, migrated.stderr
    created = made.verb(
        "worker", "organization", "create", "Acme", "--admin", "ann@example.com", **made.worker
    )
    assert created.returncode == 0, created.stderr
    return made
