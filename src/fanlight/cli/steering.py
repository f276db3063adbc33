"""Verbs that steer an integration: pause, resume, cancel, schedule, approve, delete, and what to do about excess."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from fanlight.cli import local
from fanlight.cli.options import HomeOption, Organization
from fanlight.cli.terminal import say
from fanlight.cli.verbs import app
from fanlight.core.errors import Conflict, WrongUse

if TYPE_CHECKING:
    from fanlight.core.actors import Actor
    from fanlight.integrations.types import Integration

Name = Annotated[str, typer.Argument(help="The integration.")]


@contextmanager
def _steering(verb: str, name: str, organization: str | None) -> Iterator[tuple[Actor, Integration]]:
    # The portal's role: it asks, and the worker does.
    with local.as_process("portal", verb):
        from fanlight.integrations import queries

        actor, _ = local.operator_of(organization)
        yield actor, queries.integration_named(actor, name)


@app.command()
def pause(name: Name, organization: Organization = None, home: HomeOption = None) -> None:
    """Stop an integration's extractions: the running one at once, at the source too, and those to come."""
    with _steering("pause", name, organization) as (actor, integration):
        from fanlight.extraction import services
        from fanlight.foundation import clock

        services.pause_integration(actor=actor, integration_id=integration.id, now=clock.now())
    say(f"{name!r} is paused. 'fanlight resume {name}' lets it go on.")


@app.command()
def resume(name: Name, organization: Organization = None, home: HomeOption = None) -> None:
    """Let a paused integration be extracted again, by its schedule too."""
    with _steering("resume", name, organization) as (actor, integration):
        from fanlight.extraction import services
        from fanlight.foundation import clock
        from fanlight.integrations import queries

        services.resume_integration(actor=actor, integration_id=integration.id, now=clock.now())
        schedule = queries.schedules(actor)[integration.id]
    say(f"{name!r} goes on: {schedule.words}.")


@app.command()
def cancel(name: Name, organization: Organization = None, home: HomeOption = None) -> None:
    """End the run of an integration that is under way, at the source too. Its schedule stays."""
    with _steering("cancel", name, organization) as (actor, integration):
        from fanlight.extraction import queries, services
        from fanlight.foundation import clock

        runs = queries.runs_of(actor, integration.id, most=1)
        if not runs or runs[0].state.is_over:
            raise Conflict(
                code="run.none",
                detail=f"No run of {name!r} is under way.",
                remedy="'fanlight pause' keeps the next ones from beginning.",
            )
        services.cancel_run(actor=actor, run_id=runs[0].id, now=clock.now())
    say(f"The run of {name!r} ends now; nothing of it is kept.")


@app.command()
def schedule(
    name: Name,
    cron: Annotated[
        str, typer.Argument(help="Five cron fields in UTC, such as '30 4 * * *', or 'manual'.")
    ] = "",
    organization: Organization = None,
    home: HomeOption = None,
) -> None:
    """Say when an integration is extracted by itself, or change that."""
    with _steering("schedule", name, organization) as (actor, integration):
        from fanlight.foundation import clock
        from fanlight.integrations import queries, services

        if cron:
            services.set_schedule(
                actor=actor,
                integration_id=integration.id,
                cron="" if cron == "manual" else cron,
                now=clock.now(),
            )
        found = queries.schedules(actor)[integration.id]
    when = f", next {found.next_at:%Y-%m-%d %H:%M} UTC" if found.next_at else ""
    say(f"{name!r} is extracted {found.words}{when}.")
    if found.stopped_reason:
        say(f"It was stopped ({found.stopped_reason}); mend that, then run 'fanlight extract {name}'.")


@app.command()
def approve(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    organization: Organization = None,
    home: HomeOption = None,
) -> None:
    """Let a run that stopped to ask remove what it proposed, after listing that."""
    with _steering("approve", name, organization) as (actor, integration):
        from fanlight.catalog import queries as catalog
        from fanlight.extraction import queries, services
        from fanlight.extraction.types import RunState
        from fanlight.foundation import clock

        runs = queries.runs_of(actor, integration.id, most=1)
        if not runs or runs[0].state is not RunState.HELD:
            raise Conflict(
                code="run.asks_nothing",
                detail=f"The latest run of {name!r} asks nothing.",
                remedy="Only one that stopped to ask is approved; 'fanlight integrations' shows how each stands.",
            )
        held = runs[0]
        for locator, kind in catalog.departures(actor, held.id, most=20):
            say(f"  {kind:20} {name}.{locator}")
        if held.removals > 20:  # noqa: PLR2004 - as many as were just listed
            say(f"  and {held.removals - 20:,} more; the run's page lists them all")
        if not yes:
            _confirm(f"Remove these {held.removals:,} of {held.removals_of:,} assets?")
        services.approve_removal(actor=actor, run_id=held.id, now=clock.now())
    say(f"Approved. 'fanlight extract {name}', or a running worker, carries it out.")


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    organization: Organization = None,
    home: HomeOption = None,
) -> None:
    """Delete an integration with its credential and all that is stored of it."""
    with _steering("delete", name, organization) as (actor, integration):
        from fanlight.extraction import services
        from fanlight.foundation import clock

        if not yes:
            _confirm(f"Delete {name!r}, its credential and all that is stored of it? This cannot be undone.")
        services.delete_integration(
            actor=actor, integration_id=integration.id, typed_name=integration.name, now=clock.now()
        )
        organization_id, integration_id = actor.organization_id, integration.id
    if local.is_embedded():
        # No worker need be running beside a verb: it is erased here, by a process of the worker's role.
        _erase_here(str(organization_id), str(integration_id))
        say(f"{name!r} and all that was stored of it are erased.")
    else:
        say(f"{name!r} is gone from every page; the worker erases all that is stored of it.")


def _erase_here(organization_id: str, integration_id: str) -> None:
    import subprocess

    arguments = [
        sys.executable,
        "-P",
        "-m",
        "fanlight.cli.main",
        "erase-deleted",
        organization_id,
        integration_id,
    ]
    code = subprocess.run(arguments, check=False).returncode  # noqa: S603 - our own program
    if code:
        raise SystemExit(code)


@app.command("erase-deleted", hidden=True)
def erase_deleted(organization_id: str, integration_id: str) -> None:
    """Erase what was deleted, as the worker does; one that was not deleted stays."""
    with local.as_process("worker", "delete"):
        import time
        from uuid import UUID

        from fanlight.core.identifiers import IntegrationId, OrganizationId
        from fanlight.extraction import services

        deadline = time.monotonic() + services.STALE_SECONDS + 5
        while not services.erase_integration(
            organization_id=OrganizationId(UUID(organization_id)),
            integration_id=IntegrationId(UUID(integration_id)),
        ):
            if time.monotonic() > deadline:
                raise Conflict(
                    code="integration.still_running",
                    detail="A run of it has not ended yet; the worker erases it when it has.",
                )
            time.sleep(0.5)


@app.command()
def excess(
    policy: Annotated[str, typer.Argument(help="'warn' or 'refuse'; without it, say which holds.")] = "",
    organization: Organization = None,
    home: HomeOption = None,
) -> None:
    """Say, or change, what happens when a credential could do more than read."""
    with local.as_process("portal", "excess"):
        from fanlight.foundation import clock
        from fanlight.integrations import queries, services
        from fanlight.integrations.types import OnExcess

        actor, _ = local.operator_of(organization)
        if policy:
            if policy not in list(OnExcess):
                raise WrongUse(
                    code="policy.unknown",
                    detail=f"{policy!r} is no policy.",
                    remedy="Choose 'warn' or 'refuse'.",
                )
            services.set_on_excess(actor=actor, on_excess=OnExcess(policy), now=clock.now())
        held = queries.on_excess(actor)
    say(
        "A credential that could do more than read is refused: nothing is extracted with it."
        if held is OnExcess.REFUSE
        else "A credential that could do more than read is used, with a warning on its page."
    )


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise WrongUse(
            code="confirm.no_terminal",
            detail="This needs a yes, and there is no terminal to ask on.",
            remedy="Run it in a terminal, or say --yes where the verb has that.",
        )
    typer.confirm(question, abort=True)
