"""What a person says about a PostgreSQL source, how a URL says it, and what is refused."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from fanlight.connectors.types import SettingField
from fanlight.core.errors import WrongUse

TLS_VERIFY, TLS_OFF = "verify-full", "off"
FIELDS = (
    SettingField("host", "Host", "Name, address, or absolute folder of a Unix socket."),
    SettingField("port", "Port", "5432 unless the server was told otherwise.", kind="number", default="5432"),
    SettingField(
        "databases", "Databases", "Names, separated by commas. Each one is read on its own connection."
    ),
    SettingField("user", "Role", "The role that the script creates. It needs CONNECT and nothing else."),
    SettingField(
        "tls",
        "TLS",
        "Encrypted, with the server's identity verified. A Unix socket never uses it.",
        kind="choice",
        is_required=False,
        default=TLS_VERIFY,
        choices=(
            (TLS_VERIFY, "Verify the server (verify-full)"),
            (TLS_OFF, "Off (Unix socket or loopback only)"),
        ),
    ),
    SettingField(
        "ca",
        "Certificate authority",
        "PEM of the authority that signed the server's certificate. Empty: those that this system trusts.",
        kind="longtext",
        is_required=False,
    ),
)

_NAMES = {field.name for field in FIELDS}
_DEFAULTS = {field.name: field.default for field in FIELDS}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+\Z")
_ONE_DATABASE = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^",]+?))\s*(?:,|\Z)')
_MAX_PORT = 65535
_SSL_MODES = {"verify-full": TLS_VERIFY, "disable": TLS_OFF}
_PEM_HEAD = "-----BEGIN CERTIFICATE-----"


def check(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings with defaults filled in. Raises WrongUse with the code `setting.<name>`."""
    for name in settings:
        if name not in _NAMES:
            raise _wrong(
                name, "is not a setting of this connector.", f"Known are {', '.join(sorted(_NAMES))}."
            )
    checked = {name: settings.get(name, "").strip() or default for name, default in _DEFAULTS.items()}
    for name in ("host", "port", "databases", "user", "tls"):
        if not checked[name]:
            raise _wrong(name, "is missing.", "Enter it.")
        if _CONTROL.search(checked[name]):
            raise _wrong(name, "holds a control character.", "Type it again.")
    checked["host"] = checked["host"].removeprefix("[").removesuffix("]")
    # libpq takes a comma for a second host, which none of these checks would have seen.
    if "," in checked["host"] or (not is_socket(checked["host"]) and not _HOST.match(checked["host"])):
        raise _wrong("host", "is not one name, one address or one absolute folder.", "Enter a single host.")
    if not (
        checked["port"].isascii() and checked["port"].isdigit() and 0 < int(checked["port"]) <= _MAX_PORT
    ):
        raise _wrong("port", "is not a number from 1 to 65535.", "5432 is the usual one.")
    split_databases(checked["databases"])
    _check_tls(checked)
    return checked


def _check_tls(checked: Mapping[str, str]) -> None:
    if checked["tls"] not in (TLS_VERIFY, TLS_OFF):
        raise _wrong("tls", "is neither 'verify-full' nor 'off'.", "Choose 'verify-full'.")
    if checked["tls"] == TLS_OFF and not is_local(checked["host"]):
        raise _wrong(
            "tls",
            "may be off only for a Unix socket or a loopback address.",
            "Choose 'verify-full', and turn TLS on at the server.",
        )
    if checked["ca"] and _PEM_HEAD not in checked["ca"]:
        raise _wrong("ca", "is not a certificate in PEM form.", f"It holds a line {_PEM_HEAD}.")


def is_socket(host: str) -> bool:
    """Tell whether the host is the folder of a Unix socket."""
    return host.startswith("/")


def is_local(host: str) -> bool:
    """Tell whether the host is this machine: a socket's folder, a loopback address, or localhost."""
    try:
        return is_socket(host) or host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_databases(text: str) -> tuple[str, ...]:
    """Return the chosen databases, each once. A name that holds a comma or a quote is quoted as in SQL."""
    names: dict[str, None] = {}
    position = 0
    while position < len(text):
        match = _ONE_DATABASE.match(text, position)
        if match is None:
            raise _wrong("databases", "is not a list of names separated by commas.", "For example: shop, crm")
        names[match[2] if match[1] is None else match[1].replace('""', '"')] = None
        position = match.end()
    if not names:
        raise _wrong("databases", "is missing.", "Enter at least one name.")
    return tuple(names)


def from_url(url: str) -> dict[str, str]:
    """Read `postgresql://user@host:port/database[?host=/socket/folder&sslmode=…]`.

    Raises WrongUse, which repeats nothing of the URL: it may hold a password.
    """
    try:
        parts, port = _split(url)
    except ValueError:
        # Outside the handler below, so that the parser's error, which quotes the URL, is not kept as context.
        parts, port = None, ""
    if parts is None or parts.scheme not in ("postgresql", "postgres"):
        raise WrongUse(
            code="url.not_understood",
            detail="The address is not of the form postgresql://user@host:port/database.",
            remedy="Percent-encode what is special in names, and leave the password out.",
        )
    if parts.password is not None:
        raise _has_password()
    settings = {
        "host": unquote(parts.hostname or ""),
        "port": port,
        "user": unquote(parts.username or ""),
        "databases": _as_setting(unquote(parts.path.removeprefix("/"))),
    }
    settings |= _from_query(parts.query)
    return check({name: value for name, value in settings.items() if value})


def _split(url: str) -> tuple[SplitResult, str]:
    parts = urlsplit(url)
    return parts, str(parts.port or "")


def _from_query(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in ("password", "sslpassword"):
            raise _has_password()
        if name == "sslmode" and value in _SSL_MODES:
            found["tls"] = _SSL_MODES[value]
        elif name in ("host", "port", "user"):
            found[name] = value
        elif name == "dbname":
            found["databases"] = _as_setting(value)
        else:
            raise WrongUse(
                code="url.parameter",
                detail="The address has a parameter that is not understood, or a value that is not allowed.",
                remedy="Known are host, port, user, dbname, and sslmode with 'verify-full' or 'disable'.",
            )
    return found


def _as_setting(database: str) -> str:
    return '"' + database.replace('"', '""') + '"' if re.search(r'[",]|^\s|\s$', database) else database


def _has_password() -> WrongUse:
    return WrongUse(
        code="url.has_password",
        detail="The address holds a password, which process lists and shell histories would keep.",
        remedy="Leave it out: it is asked for without echo, or read from standard input. Then change it.",
    )


def _wrong(name: str, what: str, remedy: str) -> WrongUse:
    return WrongUse(code=f"setting.{name}", detail=f"The setting {name!r} {what}", remedy=remedy)
