"""Verbs that read the catalogue: search and show."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanlight.cli import local
from fanlight.cli.main import app
from fanlight.cli.options import AsJson, HomeOption, Organization
from fanlight.core import words
from fanlight.core.identifiers import join_path, split_path

if TYPE_CHECKING:
    from fanlight.catalog.types import Asset, Column
    from fanlight.core.actors import Actor

_CONTAINERS = frozenset({"integration", "database", "schema"})


@app.command()
def search(
    text: Annotated[list[str], typer.Argument(help="Words of a name or comment, or the end of a dotted path.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 20,
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Search names, paths and comments; the last word may be unfinished."""
    with local.as_process("portal", "search"):
        from fanlight.discovery import queries

        actor, _ = local.operator_of(organization)
        hits = queries.search(actor, " ".join(text), most=limit)
    if as_json:
        typer.echo(json.dumps([{"path": hit.path, "kind": hit.kind, "score": hit.score} for hit in hits]))
        return
    if not hits:
        typer.echo("Nothing found. Try fewer words, or the beginning of one.")
        raise SystemExit(1)
    width = max(len(hit.kind) for hit in hits)
    for hit in hits:
        comment = f"  {hit.comment.splitlines()[0][:80]}" if hit.comment else ""
        typer.echo(f"{hit.kind.replace('_', ' '):{width}}  {hit.path}{comment}")


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="integration, or integration.database.schema.relation.")],
    recursive: Annotated[bool, typer.Option(help="Everything below it too, one JSON line each.")] = False,
    organization: Organization = None,
    as_json: AsJson = False,
    home: HomeOption = None,
) -> None:
    """Show what is known of an integration, database, schema, relation or type."""
    with local.as_process("portal", "show"):
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
        "keys": facts.pop("constraints", []),
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
        typer.echo(f"{integration.name}: {integration.connector_title}")
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
                    "children": [_child_json(one) for one in below],
                }
            )
        )
        return
    typer.echo(f"{asset.path}: {asset.kind}")
    if asset.comment:
        typer.echo(asset.comment)
    _print_children(below)


def _child_json(asset: Asset) -> dict[str, Any]:
    return {"path": asset.path, "kind": asset.kind, "comment": asset.comment}


def _print_children(assets: list[Asset]) -> None:
    if not assets:
        typer.echo("Nothing here yet.")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("Name", "Kind", "Columns", "Rows, estimated", "Comment"):
        table.add_column(title, justify="right" if title.startswith(("Columns", "Rows")) else "left")
    for one in assets:
        table.add_row(
            Text(one.name),
            one.kind.replace("_", " "),
            str(one.column_count or ""),
            words.about(one.row_estimate) if one.row_estimate is not None else "",
            Text((one.comment or "").split("\n")[0][:80]),
        )
    Console().print(table)


def _print_asset(asset: Asset, columns: list[Column]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(f"{asset.path}: {asset.kind.replace('_', ' ')}"))
    if asset.comment:
        console.print(Text(asset.comment))
    if asset.row_estimate is not None or asset.size_bytes is not None:
        console.print(
            f"Estimated: {words.about(asset.row_estimate)} rows, {words.bytesize(asset.size_bytes)}", style="dim"
        )
    if asset.not_seen:
        console.print(f"The latest run could not read its definitions: {asset.not_seen}.", style="yellow")
    if columns:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for title in ("Column", "Type", "Null", "Default", "Comment"):
            table.add_column(title)
        for column in columns:
            table.add_row(
                Text(column.name),
                Text(column.type),
                "yes" if column.is_nullable else "no",
                Text(column.default or ""),
                Text(column.comment or ""),
            )
        console.print(table)
    for title, entries in (("Keys", asset.facts.get("constraints")), ("Indexes", asset.facts.get("indexes"))):
        for entry in entries or ():
            console.print(Text(f"{title[:-1] if title == 'Keys' else 'Index'}: {json.dumps(entry)}"), style="dim")
    if definition := asset.facts.get("definition"):
        console.print(Text(str(definition)))
