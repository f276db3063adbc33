"""Where everything of a server is. Folders are made on the way; one that we did not make is never changed."""

from __future__ import annotations

import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from fanlight.core.errors import Conflict, Refused, ServerFailure
from fanlight.foundation.embedded.account import Account, user_name
from fanlight.foundation.embedded.types import PORT, Roots

# sun_path holds 108 bytes on Linux and 104 elsewhere, with the final zero; the rest is a margin.
_SOCKET_PATH_BYTES = 100
_IDENTIFIER = re.compile(r"[0-9a-f]{10}")


@dataclass(frozen=True)
class Places:
    """The paths of one server. Nothing in here says that they exist.

    server: what the running account owns. control: locks and the keeper's log, ours alone.
    shared: folders above `server` and `socket` that are made when missing, with their modes.
    """

    home: Path
    identifier: str
    name: str
    server: Path
    control: Path
    socket: Path
    shared: tuple[tuple[Path, int], ...]

    @property
    def data(self) -> Path:
        return self.server / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works. It becomes `data` when complete: that name is the mark of a whole cluster."""
        return self.server / "data.unfinished"

    @property
    def configuration(self) -> Path:
        return self.server / "postgresql.conf"

    @property
    def access_rules(self) -> Path:
        return self.server / "pg_hba.conf"

    @property
    def password_file(self) -> Path:
        return self.home / "secrets" / f"{self.name}-superuser.password"

    @property
    def start_lock(self) -> Path:
        return self.control / "start.lock"

    @property
    def life_lock(self) -> Path:
        """Inherited by every process of PostgreSQL: free means that none of them is left."""
        return self.control / "life.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.control / "keeper.lock"

    @property
    def keeper_log(self) -> Path:
        return self.control / "keeper.log"

    @property
    def users(self) -> Path:
        return self.control / "users"

    @property
    def cluster_name(self) -> str:
        """What the server's processes call themselves in the process list."""
        return f"fanlight-{self.identifier}-{self.name}"


def find_places(home: Path, name: str, roots: Roots) -> Places | None:
    """Return the paths of a server whose home was used before; None for a new home. Changes nothing."""
    identifier = read_identifier(home)
    return None if identifier is None else _places(home, name, roots, identifier)


def ensure_places(home: Path, name: str, roots: Roots) -> Places:
    """Make the home, its identifier and the folder of the locks; return the paths.

    Raises Refused when the home is another user's, Conflict when it is a copy of another home.
    """
    ensure_home(home)
    places = _places(home, name, roots, read_identifier(home) or _new_identifier(home))
    us, group = os.geteuid(), os.getegid()
    for folder, mode in places.shared:
        # Those above the socket wait until a server is launched: one that runs may have its socket elsewhere.
        if folder in places.control.parents:
            ensure_folder(folder, mode=mode, uid=us, gid=group)
    if us == 0:
        _claim(places)
        ensure_folder(places.control, mode=0o700, uid=us, gid=group)
    else:
        ensure_folder(places.server, mode=0o700, uid=us, gid=group)
        ensure_folder(places.control, mode=0o700, uid=us, gid=group)
    ensure_folder(places.users, mode=0o700, uid=us, gid=group)
    ensure_folder(places.password_file.parent, mode=0o700, uid=us, gid=group)
    return places


def ensure_account_folders(places: Places, account: Account) -> None:
    """Make what belongs to the account that runs PostgreSQL: the server's folder and the socket's.

    Both may be missing at any start: a reboot wipes the runtime folder.
    """
    for folder, mode in places.shared:
        ensure_folder(folder, mode=mode, uid=os.geteuid(), gid=os.getegid())
    ensure_folder(places.server, mode=0o700, uid=account.uid, gid=account.gid)
    # The group may reach the socket: portal and worker run as other users, in that group.
    socket_mode = 0o750 if account.is_dropped_to else 0o700
    ensure_folder(places.socket, mode=socket_mode, uid=account.uid, gid=account.gid)


def ensure_home(home: Path) -> None:
    """Make the home when missing; refuse as check_home does."""
    check_home(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def check_home(home: Path) -> None:
    """Refuse a home that is, or was last used as, another user's, or that anybody may write to.

    Raises Refused 'home.other_user', 'home.writable_by_all'. A missing home is fine.
    """
    us = os.geteuid()
    try:
        status = home.stat()
        owners = {status.st_uid, (home / "id").stat().st_uid if (home / "id").exists() else status.st_uid}
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise Refused(
            code="home.other_user",
            detail=f"{user_name(us)!r} may not open the home {home}.",
            remedy="Run Fanlight as the user who made it, or choose another home with --home DIR.",
        ) from error
    if owners != {us}:
        whose = user_name(next(iter(owners - {us})))
        raise Refused(
            code="home.other_user",
            detail=f"The home {home} belongs to {whose!r}, and this is {user_name(us)!r}.",
            remedy=f"Run Fanlight as {whose!r}, or choose another home with --home DIR.",
        )
    if status.st_mode & stat.S_IWOTH:
        raise Refused(
            code="home.writable_by_all",
            detail=f"Every user of this machine may write to the home {home}, and so replace its secrets.",
            remedy=f"Take that right away (chmod o-w {home}), or choose another home with --home DIR.",
        )


def ensure_folder(path: Path, *, mode: int, uid: int, gid: int) -> None:
    """Make a folder with this owner and mode; check the one that is there, and never change it.

    Raises ServerFailure 'server.folder' when it is a link, another user's, or more open than `mode`.
    """
    try:
        path.mkdir(mode=0o700)
        is_ours_to_finish = True
    except FileExistsError:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise _untrusted(path, "is not a folder", "Remove it") from None
        # We were killed between making it and giving it away: finish that.
        is_ours_to_finish = status.st_uid == os.geteuid() != uid and not any(path.iterdir())
        if not is_ours_to_finish:
            _check_folder(path, status, mode, uid)
            return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(descriptor, mode)
        if (uid, gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, uid, gid)
    finally:
        os.close(descriptor)


def write_file(path: Path, text: str, *, mode: int, uid: int, gid: int) -> None:
    """Replace a small file at once, or leave it alone when it says the same already.

    The folder may be another account's: nothing is followed, and nothing that exists is opened for writing.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    temporary = f".{path.name}.{secrets.token_hex(4)}"
    try:
        if read_small_file(path, owner=uid) == text:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), mode)
                if uid != os.geteuid():
                    os.fchown(file.fileno(), uid, gid)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(temporary, dir_fd=folder)
            raise
        os.fsync(folder)
    finally:
        os.close(folder)


def read_small_file(path: Path, *, owner: int, offset: int = 0, at_most: int = 65536) -> str | None:
    """Read a file of `owner` from `offset`; None when there is none, or it is another's, a link or no file.

    Root reads in folders of the account that runs PostgreSQL: a link planted there must not lead elsewhere.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != owner:
            return None
        file.seek(max(offset, status.st_size - at_most))
        return file.read(at_most).decode(errors="replace")


def read_identifier(home: Path) -> str | None:
    """Return the home's identifier, None for a new home. Raises ServerFailure when it makes no sense."""
    try:
        text = (home / "id").read_text(errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not _IDENTIFIER.fullmatch(text):
        raise ServerFailure(
            code="home.identifier",
            detail=f"{home / 'id'} does not hold the ten characters that lead from this home to its data.",
            remedy="Restore that file from a backup of the home.",
        )
    return text


def _new_identifier(home: Path) -> str:
    """Give the home its identifier. Two that start at once agree: the first link wins."""
    temporary = home / f".id.{secrets.token_hex(4)}"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(5) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        (home / "id").hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    identifier = read_identifier(home)
    if identifier is None:
        raise FileNotFoundError(home / "id")
    return identifier


def _places(home: Path, name: str, roots: Roots, identifier: str) -> Places:
    if os.geteuid() == 0:
        above = roots.state / identifier
        runtime = roots.runtime / identifier
        return Places(
            home=home,
            identifier=identifier,
            name=name,
            server=above / name,
            control=above / f"{name}.control",
            socket=runtime / name,
            shared=((roots.state, 0o755), (above, 0o755), (roots.runtime, 0o755), (runtime, 0o755)),
        )
    server = home / "servers" / name
    socket, above_socket = _user_socket(server / "socket", identifier, name)
    return Places(
        home=home,
        identifier=identifier,
        name=name,
        server=server,
        control=server / "control",
        socket=socket,
        shared=((home / "servers", 0o700), *((folder, 0o700) for folder in above_socket)),
    )


def _user_socket(preferred: Path, identifier: str, name: str) -> tuple[Path, tuple[Path, ...]]:
    """Choose an ordinary user's socket folder, and the folders of ours above it."""
    us = os.geteuid()
    choices: list[tuple[Path, tuple[Path, ...]]] = [(preferred, ())]
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "nowhere")
    if runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == us:
        top = runtime / "fanlight"
        choices.append((top / identifier / name, (top, top / identifier)))
    # Anybody may write to /tmp: the folder below is refused when it is a link, another's, or open to others.
    top = Path(f"/tmp/fanlight-{us}")  # noqa: S108
    choices.append((top / identifier / name, (top, top / identifier)))
    for socket, above in choices:
        # libpq reads a comma in `host` as the end of one host and the beginning of the next.
        is_short = len(os.fsencode(socket / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_BYTES
        if is_short and "," not in str(socket):
            return socket, above
    return choices[-1]


def _claim(places: Places) -> None:
    """Record which home the cluster belongs to, and refuse a copy of that home: both would share the data."""
    path = places.server.parent / "home"
    recorded = read_small_file(path, owner=os.geteuid())
    other = Path((recorded or "").rstrip("\n"))
    if recorded and other != places.home and _identifier_of(other) == places.identifier:
        raise Conflict(
            code="home.copied",
            detail=f"{places.home} is a copy of {other}: both lead to the data in {path.parent}.",
            remedy=f"Use {other}; or remove {places.home / 'id'} to make this home a new, empty one.",
        )
    write_file(path, f"{places.home}\n", mode=0o600, uid=os.geteuid(), gid=os.getegid())


def _identifier_of(home: Path) -> str | None:
    try:
        return read_identifier(home)
    except (OSError, ServerFailure):
        return None


def _check_folder(path: Path, status: os.stat_result, mode: int, uid: int) -> None:
    if status.st_uid != uid:
        raise _untrusted(
            path, f"belongs to {user_name(status.st_uid)!r}", f"Run chown {user_name(uid)} {path}"
        )
    if stat.S_IMODE(status.st_mode) & 0o777 & ~mode:
        found = stat.S_IMODE(status.st_mode)
        raise _untrusted(path, f"is too open ({found:04o})", f"Run chmod {mode:04o} {path}")


def _untrusted(path: Path, problem: str, remedy: str) -> ServerFailure:
    return ServerFailure(
        code="server.folder",
        detail=f"{path} {problem}, so nothing was written there.",
        remedy=f"{remedy}, if you know how that came about; then run the same command again.",
    )
