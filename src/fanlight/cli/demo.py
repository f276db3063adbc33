"""`fanlight demo`: a trading company's real database as a source, connected by a role without any grant.

A second database, a clinic's, stands beside it and is not connected: that is left to whoever tries Fanlight.
"""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanlight.cli.demo_source import CLINIC, PARTS, read_parts
from fanlight.foundation.embedded import EmbeddedServer, ServerAddress

if TYPE_CHECKING:
    from fanlight.cli.together import Together

SOURCE = "demo-source"


@dataclass(frozen=True, slots=True)
class Source:
    """A database of the demo's server. reader: the role that may connect to it, and nothing else."""

    name: str
    reader: str
    secret: str
    parts: tuple[str, ...]
    what: str


HARBOUR = Source("harbour", "demo_reader", f"{SOURCE}-reader", PARTS, "with the rows of a trading company")
LINDENHOF = Source(
    "lindenhof", "lindenhof_reader", "demo-clinic-reader", CLINIC, "a clinic's, for you to add"
)


def prepare_demo(together: Together) -> None:
    """Start the sources' own server, fill it once, connect and extract the first, and say how to add the second."""
    server = EmbeddedServer(together.home.path, SOURCE, progress=together.tell)
    together.at_end.callback(server.stop)
    address = together.at_end.enter_context(server.in_use("fanlight demo"))
    together.keep(server)
    password = _fill(together, address, HARBOUR)
    of = ("--organization", together.organization)
    known = {one["name"]: one for one in json.loads(together.verb("integrations", "--json", *of))}
    if HARBOUR.name not in known:
        together.tell("Connecting the demo's source with a role that has no grants")
        url = (
            f"postgresql://{HARBOUR.reader}@/{HARBOUR.name}?host={address.socket_folder}&port={address.port}"
        )
        more = ("--name", HARBOUR.name, "--password-stdin", "--no-extract")
        together.verb("connect", url, *more, *of, stdin=password + "\n")
    if known.get(HARBOUR.name, {}).get("state") != "succeeded":
        together.tell("Extracting its metadata")
        together.tell(together.verb("extract", HARBOUR.name, *of).strip())
    _offer(together, address, _fill(together, address, LINDENHOF))


def _offer(together: Together, address: ServerAddress, password: str) -> None:
    """Say how to add the second source: in the terminal, and to the portal by a file that ends with the demo."""
    offer = {
        "name": LINDENHOF.name,
        "connector": "postgres",
        "host": str(address.socket_folder),
        "databases": LINDENHOF.name,
        "user": LINDENHOF.reader,
    }
    file = together.home.path / "demo.json"
    together.at_end.callback(file.unlink, missing_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(offer), "utf-8")
    beside.replace(file)
    together.say_when_ready(
        "A second database waits to be added, a clinic's. Under Integrations, choose 'Add integration' and fill in:\n"
        f"    Name       {offer['name']}\n"
        f"    Host       {offer['host']}\n"
        f"    Databases  {offer['databases']}\n"
        f"    Role       {offer['user']}\n"
        f"    Password   {password}"
    )


def _fill(together: Together, address: ServerAddress, source: Source) -> str:
    """Make a database and its reader once; return the reader's password."""
    import psycopg
    from psycopg import sql

    password = together.home.keep_secret(f"{source.secret}.password", lambda: secrets.token_urlsafe(24))

    def conninfo(database: str) -> str:
        superuser_password = address.superuser_password_file.read_text("utf-8").strip()
        return address.conninfo(user=address.superuser, password=superuser_password, database=database)

    building = f"{source.name}_building"
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [source.name]).fetchone():
            return password
        together.tell(f"Making the demo's source database {source.name!r}, {source.what}")
        # Built under another name and renamed, so that a half-made one is never taken for the whole.
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(building)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        if server.execute("SELECT FROM pg_roles WHERE rolname = %s", [source.reader]).fetchone() is None:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(source.reader)))
        server.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(source.reader), sql.Literal(password))
        )
    with psycopg.connect(conninfo(building), autocommit=True) as built:
        for _, text in read_parts(source.parts):
            together.go_on()
            built.execute(text.encode())
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(building), sql.Identifier(source.name)
            )
        )
    return password
