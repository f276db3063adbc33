"""Verbs that read the catalogue: search and show."""

# Imports stand where they are needed: the rooms load after the process has its role, and Django takes its time.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanlight.cli import local
from fanlight.cli.options import AsJson, HomeOption, Organization
from fanlight.cli.terminal import clipped, print_table, say
from fanlight.cli.verbs import app
from fanlight.core import words
from fanlight.core.identifiers import join_path, split_path

if TYPE_CHECKING:
    from fanlight.catalog.types import Asset, Column
    from fanlight.core.actors import Actor
    from fanlight.discovery.types import Hit

NOTHING = 1
COMMENT_LENGTH = 80
_CONTAINERS = frozenset({"integration", "database", "schema"})


@app.command()
def search(
    text: Annotated[
        list[str], typer.Argument(help="Words of a name or comment, or the end of a dotted path.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 20,
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Search names, paths and comments; the last word may be unfinished. Exit 1 when nothing is found."""
    with local.as_process("portal", "search", without=local.PAGES | local.QUEUE):
        from fanlight.discovery import queries

        actor, _ = local.operator_of(organization)
        hits = queries.search(actor, " ".join(text), most=limit)
    if as_json:
        typer.echo(json.dumps([{"path": hit.path, "kind": hit.kind, "score": hit.score} for hit in hits]))
    else:
        _print_hits(hits)
    if not hits:
        raise SystemExit(NOTHING)


def _print_hits(hits: list[Hit]) -> None:
    if not hits:
        say("Nothing found. Try fewer words, or the beginning of one.")
        return
    width = max(len(hit.kind) for hit in hits)
    for hit in hits:
        comment = clipped(hit.comment, COMMENT_LENGTH)
        say(f"{hit.kind.replace('_', ' '):{width}}  {hit.path}" + (f"  {comment}" if comment else ""))


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="integration, or integration.database.schema.relation.")],
    recursive: Annotated[bool, typer.Option(help="Everything below it too, one JSON line each.")] = False,
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Show what is known of an integration, database, schema, relation or type."""
    with local.as_process("portal", "show", without=local.PAGES | local.QUEUE):
        from fanlight.catalog import queries

        actor, _ = local.operator_of(organization)
        if _is_integration(path):
            _show_integration(actor, path, is_recursive=recursive, as_json=as_json)
            return
        asset = queries.asset_at(actor, path)
        if recursive:
            _print_lines(actor, asset)
        elif asset.kind in _CONTAINERS:
            _show_container(actor, asset, as_json=as_json)
        else:
            columns = queries.columns(actor, asset.id, most=queries.EVERY_COLUMN).columns
            if as_json:
                typer.echo(json.dumps(_asset_json(asset, columns)))
            else:
                _print_asset(asset, columns)


def _is_integration(path: str) -> bool:
    try:
        return len(split_path(path)) == 1
    except ValueError:
        return False


def _asset_json(asset: Asset, columns: list[Column]) -> dict[str, Any]:
    facts = dict(asset.facts)
    return {
        "path": asset.path,
        "kind": asset.kind,
        "comment": asset.comment,
        "columns": [asdict(column) for column in columns],
        "keys": facts.pop("keys", []) + facts.pop("constraints", []),
        "indexes": facts.pop("indexes", []),
        "definition": facts.pop("definition", None),
        "row_estimate": asset.row_estimate,
        "size_bytes_estimate": asset.size_bytes,
        "not_seen": asset.not_seen,
        "facts": facts,
    }


def _print_lines(actor: Actor, asset: Asset) -> None:
    from fanlight.catalog import queries

    for one, columns in queries.descend(actor, asset):
        typer.echo(json.dumps(_asset_json(one, columns)))


def _show_integration(actor: Actor, path: str, *, is_recursive: bool, as_json: bool) -> None:
    from fanlight.catalog import queries
    from fanlight.integrations import queries as integrations

    integration = integrations.integration_named(actor, split_path(path)[0])
    databases = queries.children(actor, integration.id, "", most=queries.EVERY_COLUMN).assets
    if is_recursive:
        for database in databases:
            _print_lines(actor, queries.asset(actor, database.id))
    elif as_json:
        typer.echo(
            json.dumps(
                {
                    "path": join_path(integration.name),
                    "kind": "integration",
                    "comment": None,
                    "children": [_child_json(one) for one in databases],
                }
            )
        )
    else:
        say(f"{integration.name}: {integration.connector_title}")
        _print_children(databases)


def _show_container(actor: Actor, asset: Asset, *, as_json: bool) -> None:
    from fanlight.catalog import queries

    below = queries.children(actor, asset.integration_id, asset.locator, most=queries.EVERY_COLUMN).assets
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "path": asset.path,
                    "kind": asset.kind,
                    "comment": asset.comment,
                    "facts": asset.facts,
                    "not_seen": asset.not_seen,
                    "children": [_child_json(one) for one in below],
                }
            )
        )
        return
    say(f"{asset.path}: {asset.kind}")
    if asset.comment:
        say(asset.comment, keeps_lines=True)
    if asset.not_seen:
        say(f"The latest run could not read all that is said of it: {asset.not_seen}.")
    _say_facts(asset.facts)
    _print_children(below)


def _child_json(asset: Asset) -> dict[str, Any]:
    return {"path": asset.path, "kind": asset.kind, "comment": asset.comment}


def _print_children(assets: list[Asset]) -> None:
    if not assets:
        say("Nothing here yet.")
        return
    numbers = ("Columns", "Rows, estimated")
    rows = [
        (
            one.name,
            one.kind.replace("_", " "),
            str(one.column_count or ""),
            words.about(one.row_estimate) if one.row_estimate is not None else "",
            clipped(one.comment, COMMENT_LENGTH),
        )
        for one in assets
    ]
    print_table(("Name", "Kind", *numbers, "Comment"), rows, right=numbers)


def _print_asset(asset: Asset, columns: list[Column]) -> None:
    say(f"{asset.path}: {asset.kind.replace('_', ' ')}")
    if asset.comment:
        say(asset.comment, keeps_lines=True)
    if asset.row_estimate is not None or asset.size_bytes is not None:
        say(f"Estimated: {words.about(asset.row_estimate)} rows, {words.bytesize(asset.size_bytes)}")
    if asset.not_seen:
        say(f"The latest run could not read its definitions: {asset.not_seen}.")
    if columns:
        say()
        rows = [
            (
                column.name,
                column.type,
                "yes" if column.is_nullable else "no",
                column.default or "",
                clipped(column.comment, COMMENT_LENGTH),
            )
            for column in columns
        ]
        print_table(("Column", "Type", "Null", "Default", "Comment"), rows)
        say()
    for key in [*asset.facts.get("keys", ()), *asset.facts.get("constraints", ())]:
        say(f"{key['kind']} {key['name']}: {_say_key(key)}")
    for index in asset.facts.get("indexes", ()):
        unique = "unique " if index.get("is_unique") else ""
        parts = ", ".join(part.get("column") or part.get("expression", "?") for part in index["keys"])
        say(f"{unique}index {index['name']}: {index['method']} ({parts})")
    _say_facts(asset.facts)
    if definition := asset.facts.get("definition"):
        say(str(definition), keeps_lines=True)


# Lists of things that have no page of their own, and what one of them is called.
_LISTS = {
    "arguments": "argument",
    "triggers": "trigger",
    "rules": "rule",
    "policies": "policy",
    "statistics": "statistics",
    "extensions": "extension",
    "publications": "publication",
    "subscriptions": "subscription",
    "foreign_servers": "foreign server",
    "event_triggers": "event trigger",
}
_TOLD = frozenset({"keys", "constraints", "indexes", "definition", "parents"})


def _say_facts(facts: dict[str, Any]) -> None:
    for name, value in sorted(facts.items(), key=lambda fact: (fact[0] in _LISTS, fact[0])):
        if name in _LISTS:
            for one in value:
                called = " ".join(filter(None, (_LISTS[name], one.get("name"))))
                parts = sorted(one.items(), key=lambda part: (part[0] == "comment", part[0]))
                say(f"{called}: {', '.join(_say_fact(key, inner) for key, inner in parts if key != 'name')}")
        elif name not in _TOLD and not name.endswith("_kind"):
            say(_say_fact(name, value, separator=": "))


def _say_fact(name: str, value: Any, separator: str = " ") -> str:
    word = name.replace("_", " ")
    if value is True:
        return word.removeprefix("is ").removeprefix("has ")
    if name in ("function", "from", "owned_by"):
        value = join_path(*value)
    elif isinstance(value, list):
        value = ", ".join(_say_key_part(one) if isinstance(one, dict) else str(one) for one in value)
    return f"{word}{separator}{value}"


def _say_key_part(part: dict[str, Any]) -> str:
    return str(part.get("column") or part.get("expression") or part.get("name") or "?")


def _say_key(key: dict[str, Any]) -> str:
    if key.get("definition"):
        return str(key["definition"])
    columns = ", ".join(key.get("columns", ()))
    if "target" not in key:
        return f"({columns})"
    return f"({columns}) -> {join_path(*key['target'])} ({', '.join(key.get('target_columns') or ())})"
