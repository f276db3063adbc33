"""What the journeys in a browser stand on: a running demo, Debian's Chromium, and signing in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from fanlight.foundation.embedded import EmbeddedServer

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="needs root: a browser (apt-get install chromium), which the tests install as root",
)


def environment() -> dict[str, str]:
    """Return the environment without what would name another home or database."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("FANLIGHT_", "DJANGO_"))
    }


@dataclass
class Demo:
    """A running `fanlight demo` on a home of its own."""

    url: str
    sign_in: str
    home: Path

    def verb(self, *arguments: str, stdin: str = "") -> str:
        """Run a verb beside it that must succeed, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "fanlight.cli.main", "--home", str(self.home), *arguments],
            env=environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def connect(self, server: str, database: str) -> psycopg.Connection[Any]:
        """Open the superuser's session at one of its servers: 'catalogue' or 'demo-source'."""
        password = (self.home / "secrets" / f"{server}-superuser.password").read_text().strip()
        return psycopg.connect(
            host=str(self.socket_folder(server)),
            port=5432,
            user="fanlight_root",
            password=password,
            dbname=database,
            autocommit=True,
        )

    def socket_folder(self, server: str) -> Path:
        """Return where a server listens."""
        folder = EmbeddedServer(self.home, server).status().socket_folder
        assert folder is not None
        return folder


@contextmanager
def started(home: Path) -> Iterator[Demo]:
    """Start the demo from an empty home, as `make demo` does, and end it as Ctrl-C does."""
    with (home.parent / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fanlight.cli.main", "--home", str(home), "demo", "--port", "0", "--json"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline() or b"{}")
        assert said, (home.parent / "demo.log").read_text()
        yield Demo(said["url"], said["sign_in"], home)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        identity = home / "id"
        if os.geteuid() == 0 and identity.exists():
            shutil.rmtree(Path("/var/lib/fanlight") / identity.read_text().strip(), ignore_errors=True)


def sign_in(page: Page, demo: Demo) -> None:
    """Sign in as the demo's administrator, by a fresh link."""
    page.goto(demo.verb("sign-in", "alice@harbour.example"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="harbour").first).to_be_visible()
