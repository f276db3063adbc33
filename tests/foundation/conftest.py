"""Real servers in folders of their own, stopped and removed after each test."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from fanlight.foundation.embedded import EmbeddedServer, Roots, ServerAddress

SOURCE = Path(__file__).parents[2] / "src"
CODE_HEAD = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background has it ignored
from pathlib import Path
from fanlight.foundation.embedded import EmbeddedServer, Roots, UpLock
server = EmbeddedServer(Path(sys.argv[1]), roots=Roots(Path(sys.argv[2]), Path(sys.argv[3])), progress=print)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.geteuid() == 0:
        return
    for item in items:
        if item.get_closest_marker("needs_root"):
            item.add_marker(pytest.mark.skip(reason="needs root: it is about what root does"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_root: runs only as root")


@dataclass
class Site:
    """A home of its own, with roots that the account of PostgreSQL may reach."""

    home: Path
    roots: Roots
    children: list[subprocess.Popen[str]] = field(default_factory=list)

    def server(self, name: str = "catalogue", **more: object) -> EmbeddedServer:
        return EmbeddedServer(self.home, name, roots=self.roots, **more)  # type: ignore[arg-type]

    def spawn(self, code: str) -> subprocess.Popen[str]:
        """Run Python in another process, with `server` made, in a process group of its own."""
        arguments = [str(self.home), str(self.roots.state), str(self.roots.runtime)]
        child = subprocess.Popen(
            [sys.executable, "-u", "-c", CODE_HEAD + code, *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), *filter(None, sys.path)])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self.children.append(child)
        return child

    def spawn_until(self, word: str, code: str) -> subprocess.Popen[str]:
        """Run Python in another process and wait until it prints a line that begins with this word."""
        child = self.spawn(code)
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(word):
                return child
        raise AssertionError(f"the other process ended without saying {word!r}")

    @property
    def server_folder(self) -> Path:
        status = self.server().status()
        assert status.data_folder is not None
        return status.data_folder.parent

    @property
    def control(self) -> Path:
        folder = self.server_folder
        return folder.with_name("catalogue.control") if os.geteuid() == 0 else folder / "control"


def connect(address: ServerAddress, **more: str) -> psycopg.Connection[tuple[object, ...]]:
    given = {
        "user": address.superuser,
        "password": address.superuser_password_file.read_text(),
        "database": "postgres",
        **more,
    }
    return psycopg.connect(address.conninfo(**given), autocommit=True)


def wait_for(condition: Callable[[], object], *, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "what was waited for did not come"
        time.sleep(0.02)


def processes_with(word: str) -> list[int]:
    """Return the processes that have this word in their arguments."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if word.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def keepers(site: Site) -> list[int]:
    mine = set(processes_with("embedded.keeper"))
    return [pid for pid in processes_with(str(site.home)) if pid in mine]


@pytest.fixture(scope="session")
def roots() -> Iterator[Roots]:
    folder = Path(tempfile.mkdtemp(prefix="fanlight-test-", dir="/tmp"))
    folder.chmod(0o755)  # the account of PostgreSQL passes through
    yield Roots(folder / "state", folder / "run")
    shutil.rmtree(folder)


@pytest.fixture
def site(roots: Roots) -> Iterator[Site]:
    yield from new_site(roots)


@pytest.fixture(scope="session")
def template(roots: Roots) -> Iterator[Site]:
    """A site whose cluster is made and stopped, to copy from: initdb takes most of a test's time."""
    for made in new_site(roots):
        made.server().start()
        made.server().stop()
        yield made


@pytest.fixture
def grown(template: Site, roots: Roots) -> Iterator[Site]:
    """A site with a cluster of its own that was made before."""
    for made in new_site(roots):
        shutil.copytree(template.home, made.home, symlinks=True)
        if os.geteuid() == 0:
            old, new = template.home.joinpath("id").read_text().strip(), secrets.token_hex(5)
            made.home.joinpath("id").write_text(new + "\n")
            subprocess.run(["cp", "-a", roots.state / old, roots.state / new], check=True)
            (roots.state / new / "home").unlink()
        yield made


@pytest.fixture(scope="module")
def shared_site(roots: Roots) -> Iterator[Site]:
    """One site for the tests of a module that only look at its server."""
    yield from new_site(roots)


def new_site(roots: Roots) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="f-", dir="/tmp"))
    made = Site(folder / "home", roots)
    yield made
    clean(made)
    shutil.rmtree(folder)


def clean(site: Site) -> None:
    """End every process of a site and remove what root keeps for it elsewhere."""
    for child in site.children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    for pid in keepers(site):
        os.kill(pid, signal.SIGKILL)
    identifier = site.home / "id"
    text = identifier.read_text().strip() if identifier.exists() else ""
    if not re.fullmatch("[0-9a-f]{10}", text):
        return
    end_servers(site, text)
    for above in (site.roots.state, site.roots.runtime, Path(f"/tmp/fanlight-{os.geteuid()}")):
        if (above / text).exists():
            shutil.rmtree(above / text)


def end_servers(site: Site, identifier: str) -> None:
    """Kill the PostgreSQL processes of this site alone: they name its own paths or its random identifier."""
    own = (f"fanlight-{identifier}-", f"{site.home}/servers/", f"{site.roots.state}/{identifier}/")

    def left() -> set[int]:
        found = {pid for word in own for pid in processes_with(word)}
        return {pid for pid in found if program(pid) in {"postgres", "initdb"}}

    for pid in left():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not left())


def program(pid: int) -> str:
    """Return the name of the program that a living process runs; none for a zombie."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    except OSError:
        return ""
    return "" if rest.split()[0] in "ZX" else name
