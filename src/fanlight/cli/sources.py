"""Verbs about sources: connect, extract, statements, permissions."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption, Organization
from fanlight.cli.terminal import print_table, say
from fanlight.cli.verbs import app
from fanlight.core import words
from fanlight.core.errors import Conflict

if TYPE_CHECKING:
    from fanlight.core.actors import Actor
    from fanlight.core.identifiers import IntegrationId, OrganizationId
    from fanlight.extraction.types import Run, RunProgress

FAILED = 1
_ENDS = {"stopped": "the extraction was stopped", "held": "the extraction stopped to ask"}
WAIT_SECONDS = 1.0


@app.command()
def connect(
    url: Annotated[str, typer.Argument(help="postgresql://user@host:port/database, without a password.")],
    name: Annotated[str, typer.Option(help="What to call it; default: the database's name.")] = "",
    database: Annotated[list[str] | None, typer.Option(help="Further databases of the same server.")] = None,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
    no_password: Annotated[bool, typer.Option(help="The source asks for none.")] = False,
    extract_now: Annotated[bool, typer.Option("--extract/--no-extract", help="Extract at once.")] = True,
    organization: Organization = None,
    home: HomeOption = None,
) -> None:
    """Add a source and extract its metadata. The password is asked for, sealed, and never shown again."""
    from fanlight.connectors.registry import connector_for_url

    connector = connector_for_url(url)
    settings = connector.settings_from_url(url)
    if database:
        settings["databases"] = ",".join([settings["databases"], *database])
    chosen = name or connector.databases(settings)[0].lower().replace(" ", "-")
    secret = (
        ""
        if no_password
        else local.read_password(from_stdin=password_stdin, prompt=f"Password of {settings['user']}: ")
    )
    # Adding needs the portal's role and extracting the worker's; no process of ours has both.
    is_for_worker = extract_now and not local.is_embedded()
    with local.as_process("portal", "connect"):
        from fanlight.foundation import clock
        from fanlight.integrations import services

        actor, _ = local.operator_of(organization)
        added = services.add_integration(
            actor=actor,
            name=chosen,
            connector=connector.name,
            settings=settings,
            secret=secret,
            now=clock.now(),
        )
        if is_for_worker:
            _ask_the_worker(actor, added)
    sealed = " Its password is sealed; only the worker can open it." if secret else " It has no password."
    local.tell(f"Added {chosen!r}.{sealed}")
    if is_for_worker:
        local.tell("A worker extracts it; 'fanlight integrations' tells how that goes.")
    elif extract_now:
        _in_a_process_of_its_own(chosen, organization)


def _ask_the_worker(actor: Actor, integration_id: IntegrationId) -> None:
    from fanlight.extraction import services
    from fanlight.foundation import clock

    services.request_run(actor=actor, integration_id=integration_id, is_deferred=True, now=clock.now())


def _in_a_process_of_its_own(name: str, organization: str | None) -> None:
    import subprocess

    arguments = [sys.executable, "-P", "-m", "fanlight.cli.main", "extract", name]
    if organization:
        arguments += ["--organization", organization]
    code = subprocess.run(arguments, check=False).returncode  # noqa: S603 - our own program
    if code:
        local.tell(f"{name!r} stays connected; when that is mended, run 'fanlight extract {name}'.")
        raise SystemExit(code)


@app.command()
def extract(
    name: Annotated[str, typer.Argument(help="The integration.")],
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Extract an integration's metadata now, and show how it goes."""
    with local.as_process("worker", "extract", without=local.PAGES):
        from fanlight.integrations import queries as integrations

        actor, _ = local.operator_of(organization)
        integration = integrations.integration_named(actor, name)
        run = _run(actor.organization_id, integration.id, name, is_quiet=as_json)
    if as_json:
        typer.echo(json.dumps(_run_json(name, run)))
    else:
        _say_how_it_went(name, run)
    if run.state != "succeeded":
        raise SystemExit(FAILED)


def _run(organization_id: OrganizationId, integration_id: IntegrationId, name: str, *, is_quiet: bool) -> Run:
    from django.conf import settings

    from fanlight.core.actors import Actor
    from fanlight.extraction import services
    from fanlight.foundation import clock
    from fanlight.vault import services as vault

    root_key = vault.read_root_key(settings.FANLIGHT_ROOT_KEY)
    operator = Actor.operator(organization_id)
    deadline = time.monotonic() + services.STALE_SECONDS + 5
    has_told = False
    while True:
        try:
            run_id = services.request_run(
                actor=operator, integration_id=integration_id, is_deferred=False, now=clock.now()
            )
            with _ProgressBar(name, is_quiet) as watcher:
                return services.execute_run(
                    organization_id=organization_id, run_id=run_id, root_key=root_key, watcher=watcher
                )
        except Conflict as error:
            # Somebody works on it, or was killed over it; which of the two, only its heartbeat tells.
            if error.code not in {"run.taken", "run.just_ended"} or time.monotonic() > deadline:
                raise
            if not has_told:
                local.tell(f"Another process is extracting {name!r}; waiting for it, or for its end.")
                has_told = True
            time.sleep(WAIT_SECONDS)


class _ProgressBar:
    """A bar on a terminal, a line per phase elsewhere, nothing at all when quiet."""

    def __init__(self, name: str, is_quiet: bool) -> None:
        self._name, self._is_quiet = name, is_quiet
        self._bar: Any = None
        self._task: Any = None
        self._phase = ""

    def __enter__(self) -> Any:
        if not self._is_quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(f"{self._name}: connecting", total=None)
            self._bar.start()
        return self._watch

    def _watch(self, progress: RunProgress) -> None:
        if self._bar is not None:
            self._bar.update(
                self._task,
                description=f"{self._name}: {progress.phase}",
                completed=progress.done,
                total=progress.total,
            )
        elif not self._is_quiet and progress.phase != self._phase:
            local.tell(f"{self._name}: {progress.phase}")
        self._phase = progress.phase

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _run_json(name: str, run: Run) -> dict[str, Any]:
    return {
        "integration": name,
        "run": str(run.id),
        "state": run.state.value,
        "product": run.product,
        "milliseconds": run.milliseconds,
        "phases": run.phases,
        "statements": run.statements,
        "rows": run.rows,
        "bytes": run.size_bytes,
        "changes": run.changes,
        "not_seen": {"count": run.not_seen_count, "first": run.not_seen},
        "error": asdict(run.problem) if run.problem else None,
    }


def _say_how_it_went(name: str, run: Run) -> None:
    if run.problem is not None:
        what = _ENDS.get(run.state.value, "the extraction failed")
        local.tell(
            f"fanlight: {name}: {what}. {run.problem.detail}\n"
            f"          {run.problem.remedy}\n          ({run.problem.code})"
        )
        return
    changes = run.changes
    say(
        f"{name}: {changes['added']:,} added, {changes['changed']:,} changed, {changes['gone']:,} gone, "
        f"{changes['unchanged']:,} unchanged, in {words.duration(run.milliseconds)} "
        f"({words.plural(run.statements, 'statement')}, {words.plural(run.rows, 'row')} of metadata, {run.product})."
    )
    if run.not_seen_count:
        say(f"Not seen: {run.not_seen_count:,}, for example:")
        for one in run.not_seen[:5]:
            say(f"  {one['scope']} ({one['reason']})")


@app.command()
def integrations(organization: Organization = None, as_json: AsJson = False, home: HomeOption = None) -> None:
    """List the organization's sources: how their latest runs went, what comes next, what their credentials could do."""
    with local.as_process("portal", "integrations"):
        from fanlight.extraction import queries as extraction

        actor, _ = local.operator_of(organization)
        found = extraction.states(actor)
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found]))
        return
    if not found:
        say("None yet. Add one with 'fanlight connect URL'.")
        return
    rows = [
        (
            one.name,
            one.connector,
            one.words,
            f"{one.next_at:%Y-%m-%d %H:%M} UTC" if one.next_at else "when asked for",
            one.privileges or "not looked at yet",
        )
        for one in found
    ]
    print_table(("Name", "Connector", "State", "Next", "This credential"), rows)


@app.command()
def statements(
    connector: Annotated[str | None, typer.Argument(help="Which kind of source; default: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print every statement that can ever be sent to a source."""
    from fanlight.connectors import registry

    chosen = [registry.connector(connector)] if connector else list(registry.connectors())
    if as_json:
        typer.echo(json.dumps({one.name: asdict(one.statements()) for one in chosen}))
        return
    for one in chosen:
        lists = one.statements()
        for title, entries in (
            ("The catalogue's statements", lists.catalogue),
            ("The session's statements", lists.session),
            ("What the driver itself sends", lists.driver),
        ):
            typer.echo(f"== {one.title}: {title} ({len(entries)}) ==\n")
            for entry in entries:
                typer.echo(f"-- {entry.name}  sha256:{entry.digest}\n{entry.purpose}\n{entry.sql.strip()}\n")


@app.command()
def permissions(
    connector: Annotated[str, typer.Argument(help="Which kind of source.")],
    user: Annotated[str, typer.Option(help="The role to make.")] = "fanlight",
    database: Annotated[list[str] | None, typer.Option(help="The databases to let it into.")] = None,
    capability: Annotated[
        list[str] | None,
        typer.Option(
            help="Add, as comments, what this needs where the source hides its catalogue: metadata, privileges."
        ),
    ] = None,
    hardening: Annotated[
        bool, typer.Option("--hardening", help="Add, as comments, what could be taken from every role there.")
    ] = False,
) -> None:
    """Print the least script that lets Fanlight into a source."""
    from fanlight.connectors import registry

    # Not a list of names: one that holds a comma is still one database.
    chosen = ",".join('"' + name.replace('"', '""') + '"' for name in database or ["your_database"])
    script = registry.connector(connector).permission_script(
        {"user": user, "databases": chosen}, capability or (), with_hardening=hardening
    )
    typer.echo(script, nl=False)
