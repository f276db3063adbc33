"""Every setting, in one table. docs/settings.md is generated from it; nothing else reads the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fanlight.core.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Setting:
    """One `FANLIGHT_*` variable. is_secret: only ever read from the file that NAME_FILE names."""

    name: str
    meaning: str
    default: str = ""
    is_secret: bool = False
    processes: tuple[str, ...] = ("portal", "worker", "migrate")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "FANLIGHT_HOME",
        "What the embedded mode keeps: secrets, certificates, the id of its server.",
        "~/.fanlight",
    ),
    Setting(
        "FANLIGHT_DATABASE_URL",
        "This process's own database URL, `postgresql://role:password@host/database`. "
        "Without it, the embedded server of FANLIGHT_HOME is used.",
        is_secret=True,
    ),
    Setting(
        "FANLIGHT_SECRET_KEY",
        "What the portal signs its forms with; at least 50 characters.",
        is_secret=True,
        processes=("portal",),
    ),
    Setting(
        "FANLIGHT_ROOT_KEY",
        "32 random bytes in base64: what the worker unwraps the organizations' keys with.",
        is_secret=True,
        processes=("worker",),
    ),
    Setting("FANLIGHT_HOST", "The name that people reach the portal by.", "localhost", processes=("portal",)),
    Setting("FANLIGHT_BIND", "The address that the portal listens on.", "127.0.0.1", processes=("portal",)),
    Setting("FANLIGHT_PORT", "The TLS port of the portal.", "8443", processes=("portal",)),
    Setting(
        "FANLIGHT_TLS_CERTIFICATE_FILE",
        "The portal's certificate chain, PEM. Without it, one is made by a local authority kept in FANLIGHT_HOME.",
        processes=("portal",),
    ),
    Setting(
        "FANLIGHT_TLS_KEY_FILE",
        "The private key of that certificate, PEM, PKCS#8.",
        processes=("portal",),
    ),
    Setting(
        "FANLIGHT_TRACEBACK",
        "1 shows where an unexpected error came from. What it shows may hold data; it is for looking for a defect.",
        processes=("every verb",),
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def read(name: str) -> str:
    """Return a setting, its default when unset.

    A secret is read from the file that `<name>_FILE` names; a value in the environment itself is refused, since
    every child process and crash report inherits it. Raises WrongUse for that and for an unreadable file.
    """
    setting = _BY_NAME[name]
    if not setting.is_secret:
        return os.environ.get(name, setting.default)
    if os.environ.get(name):
        raise WrongUse(
            code="settings.secret_in_environment",
            detail=f"{name} is a secret and must not stand in the environment.",
            remedy=f"Put it into a file of mode 0600 and set {name}_FILE to its path.",
        )
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(
            code="settings.unreadable_file",
            detail=f"{name}_FILE names {path!r}, which cannot be read: {type(error).__name__}.",
            remedy="Check the path and that this process's user may read it.",
        ) from error


def home() -> Path:
    """Return FANLIGHT_HOME as an absolute path; it may not exist yet."""
    return Path(read("FANLIGHT_HOME")).expanduser().absolute()
