"""Verbs for whoever keeps an installation: migrate, doctor, inventory."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any

import typer

from fanlight import __version__
from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption
from fanlight.cli.terminal import say
from fanlight.cli.verbs import app
from fanlight.config import environment
from fanlight.core import words
from fanlight.core.errors import FanlightError

FINDING = 1


@app.command()
def migrate(
    print_roles: Annotated[bool, typer.Option(help="Print the roles' script and do nothing.")] = False,
    home: HomeOption = None,
) -> None:
    """Bring the schema, grants, row security and functions up to date. Connects as fanlight_owner."""
    if print_roles:
        from importlib import resources

        typer.echo(resources.files("fanlight.tenancy").joinpath("roles.sql").read_text("utf-8"))
        return
    if local.is_embedded():
        with local.as_process("portal", "migrate", makes_home=True):
            typer.echo("The home's schema is up to date.")
        return
    local.start_django()
    from django.core.management import call_command

    from fanlight.tenancy.provision import claim_schema, provision

    claim_schema()
    call_command("migrate", verbosity=0)
    provision()
    typer.echo("The schema, its grants, policies and functions are up to date.")


@app.command()
def inventory(as_json: AsJson = False) -> None:
    """List every stored field with its data class and how long it is kept."""
    from fanlight.tenancy.register import stored_tables

    rows = [
        {
            "table": table.name,
            "field": field,
            "class": data_class.value,
            "kind": table.kind.value,
            "retention": table.retention,
        }
        for table in stored_tables()
        for field, data_class in table.fields.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    width = max(len(f"{row['table']}.{row['field']}") for row in rows)
    for row in rows:
        typer.echo(f"{row['table'] + '.' + row['field']:{width}}  {row['class']:18} {row['retention']}")


@app.command()
def doctor(as_json: AsJson = False, home: HomeOption = None) -> None:
    """Look at the installation and say what is wrong and what to do. Exit 1 when something is."""
    findings: list[dict[str, str]] = []
    facts: dict[str, Any] = {"fanlight": __version__, "python": sys.version.split()[0]}
    try:
        if local.is_embedded():
            _examine_server(facts, findings)
        else:
            facts["database"] = "the one of FANLIGHT_DATABASE_URL_FILE"
        with local.as_process("portal", "doctor"):
            _examine_catalogue(facts)
    except FanlightError as error:
        findings.append({"code": error.code, "detail": error.detail, "remedy": error.remedy})
    if as_json:
        typer.echo(json.dumps({"facts": facts, "findings": findings}))
    else:
        for name, value in facts.items():
            say(f"{name.replace('_', ' '):22} {'unknown' if value is None else value}")
        for finding in findings:
            say(f"\n{finding['detail']}\n{finding['remedy']}\n({finding['code']})", keeps_lines=True)
        typer.echo("\nNothing is wrong." if not findings else f"\n{words.plural(len(findings), 'finding')}.")
    if findings:
        raise SystemExit(FINDING)


def _examine_server(facts: dict[str, Any], findings: list[dict[str, str]]) -> None:
    path = environment.home()
    facts["home"] = str(path)
    status = local.open_home(must_exist=True).server.status()
    facts["server_was_running"] = status.is_running
    facts["server_data"] = str(status.data_folder)
    facts["server_socket"] = str(status.socket_folder)
    facts["free_disk"] = words.bytesize(status.free_bytes)
    if status.free_bytes is not None and status.free_bytes < _LOW_DISK_BYTES:
        findings.append(
            {
                "code": "doctor.low_disk",
                "detail": f"Only {words.bytesize(status.free_bytes)} are free where the catalogue lies.",
                "remedy": "Make room there, or move FANLIGHT_HOME.",
            }
        )
    findings.extend(
        {
            "code": "doctor.open_secret",
            "detail": f"{file} can be read by others.",
            "remedy": f"chmod 600 {file}; then treat what it holds as known to them.",
        }
        for file in sorted((path / "secrets").glob("*"))
        if file.stat().st_mode & 0o077
    )


_LOW_DISK_BYTES = 1_000_000_000


def _examine_catalogue(facts: dict[str, Any]) -> None:
    from django.db import connection

    from fanlight.tenancy import queries

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_user")
        version, user = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        facts["jobs_waiting"] = cursor.fetchone()[0]
    facts["postgresql"] = version
    facts["connected_as"] = user
    facts["organizations"] = len(queries.organizations())
    facts["user_id"] = os.geteuid()
