"""An ordinary user: everything in the home, sockets elsewhere only where their path is too long."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
USER = "nobody"

HEAD = """
import os, stat, sys
from pathlib import Path
import psycopg
from fanlight.core.errors import FanlightError
from fanlight.foundation.embedded import EmbeddedServer, Roots

os.umask(0o022)
home = Path(sys.argv[1])

def connect(server):
    address = server.start()
    password = address.superuser_password_file.read_text()
    conninfo = address.conninfo(user=address.superuser, password=password, database="postgres")
    connection = psycopg.connect(conninfo)
    return address, connection

try:
"""
TAIL = """
except FanlightError as failure:
    print(failure.code, failure.detail, failure.remedy, sep="\\n")
finally:
    try:
        EmbeddedServer(home).stop()
    except FanlightError:
        pass
"""


class OrdinaryUser:
    """Runs Python as an ordinary user: ourselves, or `nobody` when we are root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = pwd.getpwnam(USER) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.is_other = os.geteuid() == 0
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(
                [str(SOURCE), *(p for p in sys.path if p.endswith("site-packages"))]
            ),
        }
        self.python = self._usable_python()

    def run(self, body: str, home: Path, **environment: str) -> str:
        """Run the body (indented by four spaces) with `home` set; return what it printed."""
        done = self._start(self.python, "-c", HEAD + body + TAIL, str(home), environment=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def own(self, path: Path) -> Path:
        path.mkdir(mode=0o700)
        if self.is_other:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        return path

    def _start(self, *command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            user=self.account.pw_uid if self.is_other else None,
            group=self.account.pw_gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
            env={**self.environment, **environment},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _usable_python(self) -> str:
        proof = "import sys, psycopg, fanlight.foundation.embedded; sys.exit(sys.version_info < (3, 11))"
        for python in (sys.executable, "/usr/bin/python3.11", "/usr/bin/python3"):
            try:
                if self._start(python, "-c", proof, environment={}).returncode == 0:
                    return python
            except OSError:
                continue
        pytest.skip(f"needs a Python 3.11 that {USER!r} may run with this environment's packages")


@pytest.fixture
def user() -> Iterator[OrdinaryUser]:
    with tempfile.TemporaryDirectory(prefix="f-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield OrdinaryUser(folder)


def test_an_ordinary_user_keeps_everything_in_the_home(user: OrdinaryUser) -> None:
    home = user.own(user.folder / "u") / "home"
    said = user.run(
        "    address, connection = connect(EmbeddedServer(home))\n"
        "    print(connection.execute('SELECT 42').fetchone()[0])\n"
        "    print(address.socket_folder, EmbeddedServer(home).status().data_folder)\n"
        "    mode = stat.S_IMODE(address.socket_folder.stat().st_mode)\n"
        "    print(oct(mode), EmbeddedServer(home).status().owner)\n",
        home,
    )
    folder = home / "servers" / "catalogue"
    owner = user.account.pw_name
    assert said.splitlines() == ["42", f"{folder / 'socket'} {folder / 'data'}", f"0o700 {owner}"]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_verb_of_an_ordinary_user_is_followed_by_the_keeper(user: OrdinaryUser) -> None:
    home = user.own(user.folder / "u") / "home"
    said = user.run(
        "    import time\n"
        "    server = EmbeddedServer(home)\n"
        "    with server.in_use('a verb', idle_seconds=0.5):\n"
        "        print(server.is_running())\n"
        "    until = time.monotonic() + 15\n"
        "    while server.is_running() and time.monotonic() < until: time.sleep(0.05)\n"
        "    print(server.is_running())\n",
        home,
    )
    assert said.splitlines() == ["True", "False"]


@pytest.mark.parametrize("has_runtime_folder", [True, False])
def test_a_socket_whose_path_would_be_too_long_is_in_the_runtime_folder(
    user: OrdinaryUser, has_runtime_folder: bool
) -> None:
    home = user.own(user.folder / "u") / ("long-" * 20) / "home"
    runtime = user.own(user.folder / "r")
    environment = {"XDG_RUNTIME_DIR": str(runtime)} if has_runtime_folder else {}
    said = user.run(
        "    address, connection = connect(EmbeddedServer(home))\n"
        "    print(address.socket_folder, connection.execute('SELECT 42').fetchone()[0])\n"
        "    top = address.socket_folder.parents[1]\n"
        "    print(oct(stat.S_IMODE(top.stat().st_mode)))\n",
        home,
        **environment,
    )
    identifier = (home / "id").read_text().strip()
    top = runtime / "fanlight" if has_runtime_folder else Path(f"/tmp/fanlight-{user.account.pw_uid}")
    shutil.rmtree(top / identifier)
    assert said.splitlines() == [f"{top / identifier / 'catalogue'} 42", "0o700"]


def test_a_verb_without_the_runtime_folder_still_finds_the_running_server(user: OrdinaryUser) -> None:
    """A cron job has no XDG_RUNTIME_DIR; the server that runs says itself where it listens."""
    home = user.own(user.folder / "u") / ("long-" * 20) / "home"
    runtime = user.own(user.folder / "r")
    said = user.run(
        "    first = EmbeddedServer(home).start()\n"
        "    del os.environ['XDG_RUNTIME_DIR']\n"
        "    print(EmbeddedServer(home).start() == first)\n",
        home,
        XDG_RUNTIME_DIR=str(runtime),
    )
    assert said.splitlines() == ["True"]


@pytest.mark.parametrize("kind", ["link", "open"])
def test_a_runtime_folder_that_others_prepared_is_refused(user: OrdinaryUser, kind: str) -> None:
    home = user.own(user.folder / "u") / ("long-" * 20) / "home"
    runtime = user.own(user.folder / "r")
    prepare = {
        "link": "    planted.symlink_to('/tmp')\n",
        "open": "    planted.mkdir(); planted.chmod(0o777)\n",
    }
    said = user.run(
        f"    planted = Path({str(runtime / 'fanlight')!r})\n{prepare[kind]}"
        "    EmbeddedServer(home).start()\n",
        home,
        XDG_RUNTIME_DIR=str(runtime),
    )
    assert said.startswith("server.folder\n")


@pytest.mark.needs_root
def test_an_ordinary_user_is_refused_roots_home_whether_or_not_it_can_be_opened(user: OrdinaryUser) -> None:
    for mode in (0o755, 0o700):
        home = user.folder / f"root-{mode:o}"
        home.mkdir()
        home.chmod(mode)
        said = user.run("    EmbeddedServer(home).start()\n", home)
        assert said.startswith("home.other_user\n")
        closed = user.folder / f"closed-{mode:o}"
        closed.mkdir(mode=0o700)
        assert user.run("    EmbeddedServer(home).start()\n", closed / "home").startswith("home.other_user\n")


@pytest.mark.needs_root
def test_a_number_without_an_account_is_told_so(user: OrdinaryUser) -> None:
    home = user.folder / "u"
    home.mkdir(mode=0o700)
    os.chown(home, 64321, 64321)
    user.account = pwd.struct_passwd(("x", "x", 64321, 64321, "", "/", "/bin/false"))
    said = user.run("    EmbeddedServer(home).start()\n", home)
    assert said.startswith("server.account\n")
    assert "64321" in said
