"""Verbs about organizations and their people."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
from typing import Annotated

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption, Organization
from fanlight.cli.terminal import say
from fanlight.cli.verbs import app

organization_app = typer.Typer(help="Organizations: create, list.")
app.add_typer(organization_app, name="organization")


@organization_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Its name.")],
    admin: Annotated[str, typer.Option(help="The first administrator's email address.")],
    admin_name: Annotated[str, typer.Option(help="The first administrator's name.")] = "",
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Make an organization with its sealing key and its first administrator."""
    with local.as_process("worker", "organization create", makes_home=True):
        from django.conf import settings

        from fanlight.foundation import clock
        from fanlight.organizations import services
        from fanlight.tenancy import services as tenancy
        from fanlight.vault import services as vault

        root_key = vault.read_root_key(settings.FANLIGHT_ROOT_KEY)
        now = clock.now()
        organization_id = services.create_organization(
            name=name,
            admin_email=admin,
            admin_name=admin_name or admin.partition("@")[0].capitalize(),
            now=now,
        )
        with tenancy.scope(organization_id):
            vault.make_organization_key(organization_id=organization_id, root_key=root_key, now=now)
    if as_json:
        typer.echo(json.dumps({"id": str(organization_id), "name": name}))
    else:
        say(f"Made {name!r}. Sign {admin} in with 'fanlight sign-in {admin}'.")


@organization_app.command("list")
def list_organizations(as_json: AsJson = False, home: HomeOption = None) -> None:
    """List the organizations of this installation, by name."""
    with local.as_process("portal", "organization list"):
        from fanlight.tenancy import queries

        known = queries.organizations()
    if as_json:
        typer.echo(json.dumps([{"id": str(one.id), "name": one.name} for one in known]))
        return
    for one in known:
        say(one.name)
    if not known:
        say("None yet. Make one with 'fanlight organization create NAME --admin EMAIL'.")


@app.command("sign-in")
def sign_in(
    email: Annotated[str, typer.Argument(help="Whom to sign in.")],
    url: Annotated[str, typer.Option(help="The portal's address, if not this home's own.")] = "",
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Print a link that signs a person in once, within 15 minutes."""
    with local.as_process("portal", "sign-in"):
        from fanlight.foundation import clock
        from fanlight.organizations import services

        actor, _ = local.operator_of(organization)
        link = services.issue_sign_in_link(actor=actor, email=email, now=clock.now())
    address = f"{(url or local.portal_url()).rstrip('/')}/sign-in/{link.token}/"
    if as_json:
        typer.echo(json.dumps({"url": address, "expires_at": link.expires_at.isoformat()}))
    else:
        say(address)
        local.tell(f"It works once, until {link.expires_at:%H:%M} UTC.")
