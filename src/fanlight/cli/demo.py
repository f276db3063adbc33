"""`fanlight demo`: a trading company's real database as a source, connected by a role without any grant."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from fanlight.cli.demo_source import read_parts
from fanlight.foundation.embedded import EmbeddedServer, ServerAddress

if TYPE_CHECKING:
    from fanlight.cli.together import Together

SOURCE = "demo-source"
DATABASE = "harbour"
READER = "demo_reader"
INTEGRATION = "harbour"


def prepare_demo(together: Together) -> None:
    """Start the source's own server, fill it once, and connect and extract it once."""
    server = EmbeddedServer(together.home.path, SOURCE, progress=together.tell)
    together.at_end.callback(server.stop)
    address = together.at_end.enter_context(server.in_use("fanlight demo"))
    together.keep(server)
    password = together.home.keep_secret(f"{SOURCE}-reader.password", lambda: secrets.token_urlsafe(24))
    _fill(together, address, password)
    known = {one["name"]: one for one in json.loads(together.verb("integrations", "--json"))}
    if INTEGRATION not in known:
        together.tell("Connecting the demo's source with a role that has no grants")
        url = f"postgresql://{READER}@/{DATABASE}?host={address.socket_folder}&port={address.port}"
        together.verb(
            "connect", url, "--name", INTEGRATION, "--password-stdin", "--no-extract", stdin=password + "\n"
        )
    if known.get(INTEGRATION, {}).get("state") != "succeeded":
        together.tell("Extracting its metadata")
        together.tell(together.verb("extract", INTEGRATION).strip())


def _fill(together: Together, address: ServerAddress, password: str) -> None:
    import psycopg
    from psycopg import sql

    def conninfo(database: str) -> str:
        superuser_password = address.superuser_password_file.read_text("utf-8").strip()
        return address.conninfo(user=address.superuser, password=superuser_password, database=database)

    building = f"{DATABASE}_building"
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        together.tell("Making the demo's source database, with the rows of a trading company")
        # Built under another name and renamed, so that a half-made one is never taken for the whole.
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(building)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(building)))
        if server.execute("SELECT FROM pg_roles WHERE rolname = %s", [READER]).fetchone() is None:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(READER)))
        server.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(password))
        )
    with psycopg.connect(conninfo(building), autocommit=True) as source:
        for _, text in read_parts():
            together.go_on()
            source.execute(text.encode())
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(building), sql.Identifier(DATABASE)
            )
        )
