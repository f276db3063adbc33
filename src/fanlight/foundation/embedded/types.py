"""Plain data of the embedded server, and the few constants that everybody agrees on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# How long a server without users waits for the next verb before it is stopped.
IDLE_SECONDS = 60.0

# How long a start may take. Crash recovery replays at most max_wal_size: minutes only on a very slow disk.
START_SECONDS = 300.0

PORT = 5432
SUPERUSER = "fanlight_root"

# The system account that runs PostgreSQL when we are root, and the group that may reach its socket.
ACCOUNT = "fanlight"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Roots:
    """Where root keeps clusters and sockets; an ordinary user keeps everything in the home.

    state: clusters and the copied binaries. runtime: socket folders, remade after a reboot wiped them.
    """

    state: Path = Path("/var/lib/fanlight")
    runtime: Path = Path("/run/fanlight")


@dataclass(frozen=True)
class ServerAddress:
    """How to reach a running server. The superuser's password is in a 0600 file, never in this object."""

    socket_folder: Path
    port: int
    superuser: str
    superuser_password_file: Path

    def conninfo(self, *, user: str, password: str, database: str) -> str:
        """Build libpq's keyword string. It holds the password: hand it to a driver, print it nowhere."""
        # The keeper lives for hours and never connects: it should not carry a driver in its memory.
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415

        return make_conninfo(
            host=str(self.socket_folder), port=self.port, user=user, password=password, dbname=database
        )


@dataclass(frozen=True)
class ServerStatus:
    """What `fanlight doctor` tells about a server. Looking changes nothing, not even an empty home.

    version: of the binaries ('18.6.3'), None when they are missing. data_folder: None before the first start.
    free_bytes: on the data folder's disk. owner: the account that runs PostgreSQL, None when root has not
    made it yet. users: 'holder (process N)' for each that uses the server now.
    """

    is_running: bool
    version: str | None
    data_folder: Path | None
    socket_folder: Path | None
    pid: int | None
    free_bytes: int
    owner: str | None
    users: tuple[str, ...]
