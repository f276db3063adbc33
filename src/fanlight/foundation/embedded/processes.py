"""What the kernel says about PostgreSQL's processes. A pid file is a hint; the process itself is the fact."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fanlight.foundation.embedded.places import Places, read_small_file
from fanlight.foundation.embedded.types import PORT

_PROC = Path("/proc")
# Lines of postmaster.pid, from pidfile.h; the last one is padded with spaces.
_SOCKET_FOLDER_LINE, _STATUS_LINE = 4, 7

# Kept only to be waited for: a child that nobody waits for stays in the process table as a zombie.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Postmaster:
    """The first process of a running server. socket_folder: where it listens, None before it does."""

    pid: int
    socket_folder: Path | None
    is_ready: bool

    @property
    def is_reachable(self) -> bool:
        """Tell whether its socket is still there: a reboot of the session or a clean-up may have wiped it."""
        return self.socket_folder is not None and (self.socket_folder / f".s.PGSQL.{PORT}").is_socket()


def find_postmaster(places: Places) -> Postmaster | None:
    """Return the server that runs on this data folder now, None when there is none."""
    reap()
    lines = pid_file_lines(places.data / "postmaster.pid")
    pid = _number(lines)
    if pid is None or not _is_postmaster(pid, places.data):
        return None
    folder = lines[_SOCKET_FOLDER_LINE] if len(lines) > _SOCKET_FOLDER_LINE else ""
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else ""
    return Postmaster(pid, Path(folder) if folder else None, is_ready=status == "ready")


def has_crashed(places: Places) -> bool:
    """Tell whether the last server ended without an orderly stop, which would have removed its pid file."""
    return (places.data / "postmaster.pid").exists() and find_postmaster(places) is None


def clear_stale_pid_files(places: Places) -> str | None:
    """Remove the pid files of a server that is gone, so that a stranger who got its number blocks no start.

    The caller holds the life lock: no process of ours is left. A file that names any living PostgreSQL stays,
    and PostgreSQL itself judges it. Returns what was cleared, in a few words.
    """
    stale = None
    for path in (places.data / "postmaster.pid", places.socket / f".s.PGSQL.{PORT}.lock"):
        if not path.exists():
            continue
        pid = _number(pid_file_lines(path))
        name = process_name(pid) if pid is not None else None
        if name is None or Path(name).name != "postgres":
            path.unlink(missing_ok=True)
            stale = f"process {pid} is " + (f"now {Path(name).name!r}" if name else "gone")
    return stale


def end_orphans(places: Places, uid: int) -> None:
    """Kill what a killed postmaster or starter left behind: it blocks the start. Recovery follows anyway."""
    title = f"postgres: {places.cluster_name}: "
    for folder in _PROC.iterdir():
        arguments = _arguments(int(folder.name)) if folder.name.isdecimal() else []
        if not arguments or _owner(folder) != uid:
            continue
        if Path(arguments[0]).name == "initdb" and str(places.unfinished) in arguments:
            # It leads a process group. What it makes would be made again anyway: nobody waits for it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(folder.name), signal.SIGKILL)
        elif arguments[0].startswith(title) and not _parent_is_postgres(folder):
            signal_process(int(folder.name), signal.SIGKILL)


def signal_process(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def process_name(pid: int) -> str | None:
    """Return the program a living process runs, as it calls itself; None when there is no such process."""
    arguments = _arguments(pid)
    return arguments[0] if arguments else None


def pid_file_lines(path: Path) -> list[str]:
    try:
        owner = path.lstat().st_uid
    except OSError:
        return []
    return (read_small_file(path, owner=owner) or "").splitlines()


def keep(child: subprocess.Popen[bytes]) -> None:
    """Remember a child that outlives this call, to wait for it when it ends."""
    _children.append(child)


def reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _number(lines: list[str]) -> int | None:
    return int(lines[0]) if lines and lines[0].strip().isdecimal() else None


def _is_postmaster(pid: int, data: Path) -> bool:
    # Its arguments, not its working folder: root without CAP_SYS_PTRACE (a container) may read only these.
    arguments = _arguments(pid)
    return bool(arguments) and Path(arguments[0]).name == "postgres" and str(data) in arguments[1:]


def _arguments(pid: int) -> list[str]:
    """Return a process's arguments; none for one that is gone, a zombie, or a thread of the kernel."""
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(raw).rstrip("\0").split("\0") if raw else []


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None


def _parent_is_postgres(folder: Path) -> bool:
    try:
        # "pid (name) state ppid ...": the name may hold anything, so count from its closing bracket.
        parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return True  # it ends just now: leave it
    name = process_name(parent)
    return name is not None and Path(name).name == "postgres"
