"""The verb that tells what runs have changed, one by one or as the difference between two days."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption, Organization
from fanlight.cli.terminal import clipped, print_table, say
from fanlight.cli.verbs import app
from fanlight.core.errors import WrongUse
from fanlight.core.identifiers import join_path, split_path

if TYPE_CHECKING:
    from fanlight.catalog.types import Change, ChangeSet
    from fanlight.core.actors import Actor

PAGE, MOST = 200, 10_000
LONGEST_VALUE = 60
_FIRST, _LAST = 2000, 8999
# What one of a list of facts is called, where it is not the list's name without an s.
_PARTS = {"indexes": "index", "policies": "policy", "statistics": "statistics"}


@app.command()
def changes(
    path: Annotated[
        str | None, typer.Argument(help="Only of this source, or of what is at this path or below it.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From the beginning of this day, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="To the end of this day, UTC.")] = None,
    net: Annotated[
        bool, typer.Option("--net", help="The difference between the two days, of one source.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 200,
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Show what runs found changed, the newest first; with --net what differs between two days."""
    first, last = _moment(since, "since"), _moment(until, "until", is_end=True)
    if net and (path is None or first is None or last is None):
        raise WrongUse(
            code="changes.incomplete",
            detail="A difference is one of a source, between two days.",
            remedy="Name the source or a path in it, --since and --until.",
        )
    with local.as_process("portal", "changes"):
        actor, _ = local.operator_of(organization)
        if net and path is not None and first is not None and last is not None:
            found = _difference(actor, path, first, last, limit, as_json=as_json)
        else:
            found = _feed(actor, path, first, last, limit)
    if as_json:
        typer.echo(json.dumps([_as_json(of, change) for of, change in found]))
    else:
        _print(found)


def _moment(text: str | None, name: str, *, is_end: bool = False) -> datetime | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
        if not _FIRST <= day.year <= _LAST:
            raise ValueError(text)  # noqa: TRY301 - one answer to both
    except ValueError as error:
        raise WrongUse(
            code="changes.day", detail=f"--{name} {text!r} is no day.", remedy="Write it like 2026-11-24."
        ) from error
    return datetime.combine(day + timedelta(days=int(is_end)), time(), UTC)


Found = list[tuple["ChangeSet | None", "Change | None"]]


def _scope(actor: Actor, path: str | None) -> dict[str, Any]:
    from fanlight.catalog import queries
    from fanlight.integrations import queries as integrations

    if path is None:
        return {}
    try:
        parts = split_path(path)
    except ValueError:
        parts = ()  # refused below
    if len(parts) == 1:
        return {"integration_id": integrations.integration_named(actor, parts[0]).id}
    asset = queries.asset_at(actor, path)
    return {"integration_id": asset.integration_id, "below": asset.locator}


def _feed(
    actor: Actor, path: str | None, since: datetime | None, until: datetime | None, limit: int
) -> Found:
    from fanlight.catalog import queries

    scope, after = _scope(actor, path), None
    found: Found = []
    while len(found) < limit:
        most = min(PAGE, limit - len(found))
        page = queries.changes(actor, **scope, since=since, until=until, after=after, most=most)
        for of, lines in page.runs:
            found += [(of, line) for line in lines] or [(of, None)]
        after = page.next_after
        if after is None:
            break
    return found


def _difference(
    actor: Actor, path: str, since: datetime, until: datetime, limit: int, *, as_json: bool
) -> Found:
    from fanlight.catalog import queries

    found: Found = []
    after, scope = 0, _scope(actor, path)
    integration_id = scope.pop("integration_id")
    while len(found) < limit:
        most = min(PAGE, limit - len(found))
        page = queries.difference(
            actor, integration_id, **scope, since=since, until=until, after=after, most=most
        )
        if not after and not as_json:
            _warn(page.partial)
        found += [(None, line) for line in page.changes]
        if page.next_after is None:
            break
        after = page.next_after
    return found


def _warn(partial: list[ChangeSet]) -> None:
    for one in partial:
        when = f"{one.at:%Y-%m-%d %H:%M}"
        if one.is_first:
            say(f"The source was extracted for the first time at {when}; before it nothing was known.")
        else:
            say(f"Of the {one.total:,} lines of {when} only {one.kept:,} are kept: this is not whole.")


def _as_json(of: ChangeSet | None, change: Change | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if of is not None:
        said = {
            "at": of.at.isoformat(),
            "run": str(of.run_id),
            "integration": of.integration,
            "is_first": of.is_first,
        }
    if change is None:
        return said | {"counts": of.counts if of else [], "lines": of.total if of else 0}
    return said | {
        "path": change.path,
        "kind": change.kind,
        "part": change.part,
        "name": change.name,
        "field": change.field,
        "action": change.action,
        "before": change.before,
        "after": change.after,
    }


def _print(found: Found) -> None:
    if not found:
        say("Nothing has changed there, as far as the runs tell.")
        return
    rows = [_row(of, change) for of, change in found]
    titles = ("When", "Where", "What", "Before", "After")
    begin = 0 if any(row[0] for row in rows) else 1
    print_table(titles[begin:], [row[begin:] for row in rows])


def _row(of: ChangeSet | None, change: Change | None) -> tuple[str, ...]:
    when = f"{of.at:%Y-%m-%d %H:%M}" if of else ""
    if change is None:
        counts = (
            ", ".join(f"{count:,} {what.replace('_', ' ')}" for _, what, count in of.counts) if of else ""
        )
        what = "first extraction" if of and of.is_first else "lines not kept any more"
        return (when, join_path(of.integration) if of else "", f"{what}: {counts}", "", "")
    part = _PARTS.get(change.part) or change.part.replace("_", " ").removesuffix("s")
    kind = "" if change.field else change.kind.replace("_", " ")
    thing = " ".join(filter(None, (part or kind, change.name)))
    field = change.field.removeprefix("is_").removeprefix("has_").replace("_", " ")
    what = f"{change.action} {': '.join(filter(None, (thing, field)))}"
    return (when, change.path, what, _value(change.before), _value(change.after))


def _value(value: Any) -> str:
    if value is None or (isinstance(value, dict) and "name" in value):
        return ""  # of something that came or went whole: --json says it all
    return clipped(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), LONGEST_VALUE)
