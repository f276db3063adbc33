"""Functions, procedures and aggregates by their signatures. What they do is code, and is never read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.definitions import Takers, Wanted
from fanlight.connectors.postgres.edge import risen
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset, AssetKind, Json
from fanlight.core.identifiers import join_path

BATCH_ROUTINES = 2000
KINDS = (AssetKind.FUNCTION, AssetKind.PROCEDURE, AssetKind.AGGREGATE)
_KINDS = {
    "f": AssetKind.FUNCTION,
    "w": AssetKind.FUNCTION,
    "p": AssetKind.PROCEDURE,
    "a": AssetKind.AGGREGATE,
}
_VOLATILITY = {"i": "immutable", "s": "stable", "v": "volatile"}
_PARALLEL = {"s": "safe", "r": "restricted", "u": "unsafe"}
_MODES = {"o": "out", "b": "inout", "v": "variadic", "t": "table"}
_AGGREGATES = {"o": "ordered-set", "h": "hypothetical-set"}


def batches(asker: Asker) -> Iterator[list[Asset]]:
    """Yield the functions, procedures and aggregates, by oid."""
    last = 0
    languages: dict[int, str] | None = None
    while rows := asker.listed("routines", (last, BATCH_ROUTINES, asker.system_schemas), KINDS):
        last = risen(rows, last)
        if languages is None:
            languages = dict(asker.optional("languages"))
        yield _batch(asker, rows, languages)


def _batch(asker: Asker, rows: list[Row], languages: dict[int, str]) -> list[Asset]:
    comments = asker.comments("pg_proc", [row[0] for row in rows])
    assets: dict[int, Asset] = {}
    wanted = Wanted()
    for row in rows:
        oid, schema, name, signature, letter = row[:5]
        kind = _KINDS[letter]
        if kind is AssetKind.AGGREGATE and not signature:
            signature = "*"
        path = asker.path(schema, f"{name}({signature})", oid, kind)
        asset = Asset(kind, path, comments.get(oid), _facts(row, languages))
        assets[oid] = asset
        if row[17]:
            arguments = asset.facts["arguments"]
            take = _defaults(asker.takers, arguments)
            wanted.add("argument_defaults", oid, oid, take, (asset.facts, "arguments"))
    asker.add_extensions(assets, "pg_proc")
    aggregates = {oid: asset for oid, asset in assets.items() if asset.kind is AssetKind.AGGREGATE}
    _add_aggregates(asker, aggregates)
    asker.mark(assets.values(), "object_comments", "extension_members", "languages")
    asker.mark(aggregates.values(), "aggregates")
    asker.define(wanted, assets)
    return list(assets.values())


def _facts(row: Row, languages: dict[int, str]) -> dict[str, Json]:
    kind, owner, language, volatility, is_strict, is_definer, is_leakproof, parallel, *rest = row[4:]
    returns, returns_set, modes, names, types, _, settings = rest
    facts: dict[str, Json] = {"owner": owner, "arguments": _arguments(modes, names, types)}
    if language in languages and kind != "a":
        facts["language"] = languages[language]
    if kind != "p":
        facts |= {
            "returns": returns,
            "volatility": _VOLATILITY.get(volatility, volatility),
            "parallel": _PARALLEL.get(parallel, parallel),
        }
    for mark, is_set in (
        ("returns_set", returns_set),
        ("is_window", kind == "w"),
        ("is_strict", is_strict),
        ("is_security_definer", is_definer),
        ("is_leakproof", is_leakproof),
    ):
        if is_set:
            facts[mark] = True
    if settings:
        facts["settings"] = settings
    return facts


def _arguments(modes: list[str] | None, names: list[str] | None, types: list[str]) -> list[dict[str, Json]]:
    arguments: list[dict[str, Json]] = []
    for place, type_ in enumerate(types):
        argument: dict[str, Json] = {"type": type_}
        if names and names[place]:
            argument = {"name": names[place]} | argument
        if modes and modes[place] in _MODES:
            argument["mode"] = _MODES[modes[place]]
        arguments.append(argument)
    return arguments


def _defaults(takers: Takers, arguments: list[dict[str, Json]]) -> Callable[[Row], None]:
    """Take rows of `argument_defaults` into the arguments of a function."""

    def take(row: Row) -> None:
        for argument, text in zip(arguments, row[1], strict=True):
            takers.put(argument, "default", text)

    return take


def _add_aggregates(asker: Asker, assets: dict[int, Asset]) -> None:
    if not assets:
        return
    for oid, kind, direct, state, *functions in asker.optional("aggregates", (list(assets),)):
        transition_schema, transition, final_schema, final = functions
        facts = assets[oid].facts
        facts["state_type"] = state
        facts["transition_function"] = join_path(transition_schema, transition)
        if final is not None:
            facts["final_function"] = join_path(final_schema, final)
        if kind != "n":
            facts |= {"aggregate": _AGGREGATES.get(kind, kind), "direct_arguments": direct}
