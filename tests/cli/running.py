"""The command line as people run it: real processes on homes of their own, and nothing left of them afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from fanlight.foundation.embedded import EmbeddedServer, Roots

FANLIGHT = (sys.executable, "-m", "fanlight.cli.main")
CANARY = "canary-pa55-word"
PATIENCE_SECONDS = 120


def environment(**more: str) -> dict[str, str]:
    """Return what a fresh terminal would have, and nothing of the tests' own."""
    kept = ("PATH", "HOME", "LANG", "XDG_RUNTIME_DIR", "USER")
    return {name: os.environ[name] for name in kept if name in os.environ} | more


@dataclass
class Running:
    """A verb that stays. said: what it has written to standard error so far."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read both streams as they come."""
        for stream, lines in ((self.process.stderr, self.said), (self.process.stdout, self.printed)):
            threading.Thread(target=lambda s=stream, to=lines: to.extend(s), daemon=True).start()

    def wait_until_said(self, text: str) -> None:
        """Wait for a line on standard error."""
        eventually(lambda: any(text in line for line in self.said) or self.process.poll() is not None)
        assert any(text in line for line in self.said), self.said

    def wait_until_ready(self) -> dict[str, str]:
        """Wait for the line of JSON and return it."""
        eventually(lambda: bool(self.printed) or self.process.poll() is not None)
        assert self.printed, self.said
        ready: dict[str, str] = json.loads(self.printed[0])
        return ready

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)

    def child(self, *words: str) -> int:
        """Return the process id of the child whose arguments hold these words."""
        return next(pid for pid, line in descendants(self.process.pid) if all(word in line for word in words))


@dataclass
class Home:
    """A home for the length of a test, or of several."""

    path: Path
    running: list[Running] = field(default_factory=list)

    def fanlight(self, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        return subprocess.run(
            [*FANLIGHT, *arguments],
            env=environment(FANLIGHT_HOME=str(self.path), **more),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def read(self, *arguments: str) -> Any:
        """Run a verb that must succeed, with --json, and return what it printed."""
        done = self.fanlight(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> Running:
        """Start a verb that stays."""
        process = subprocess.Popen(
            [*FANLIGHT, *arguments],
            env=environment(FANLIGHT_HOME=str(self.path)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.running.append(Running(process))
        return self.running[-1]

    def identifier(self) -> str:
        """Return the home's identifier, '' before it has one."""
        path = self.path / "id"
        return path.read_text().strip() if path.exists() else ""

    def processes(self) -> list[str]:
        """Return the command lines of everything that belongs to this home."""
        name = self.identifier()
        marks = [str(self.path), *([f"fanlight-{name}-", f"/{name}/"] if name else [])]
        return [line for _, line in _processes() if any(mark in line for mark in marks)]

    def connect(self) -> psycopg.Connection[Any]:
        """Open the superuser's session in the catalogue, whose server runs."""
        folder = EmbeddedServer(self.path).status().socket_folder
        password = (self.path / "secrets" / "catalogue-superuser.password").read_text().strip()
        return psycopg.connect(
            host=str(folder),
            port=5432,
            user="fanlight_root",
            password=password,
            dbname="fanlight",
            autocommit=True,
        )

    def forget(self) -> None:
        """End everything of this home and remove what it made outside of its folder."""
        for one in self.running:
            if one.process.poll() is None:
                one.process.kill()
            one.process.wait()
        for name in ("catalogue", "demo-source"):
            EmbeddedServer(self.path, name).stop()
        eventually(lambda: not self.processes())
        if os.geteuid() == 0 and self.identifier():
            for root in (Roots().state, Roots().runtime):
                shutil.rmtree(root / self.identifier(), ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)


def eventually(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so; fail when it never is."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.05)


def answers(ready: dict[str, str]) -> bool:
    """Tell whether the portal answers, over TLS that its own authority vouches for."""
    context = ssl.create_default_context(cafile=ready["ca_file"])
    try:
        with urllib.request.urlopen(f"{ready['url']}/sign-in/", timeout=5, context=context) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def descendants(pid: int) -> list[tuple[int, str]]:
    """Return a process's children and theirs, with their command lines."""
    found = []
    for child, line in _processes():
        try:
            parent = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found += [(child, line), *descendants(child)]
    return found


def _processes() -> list[tuple[int, str]]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                found.append(
                    (int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
                )
    return [(pid, line) for pid, line in found if line]
