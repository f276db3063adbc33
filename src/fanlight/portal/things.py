"""What the pages of functions, sequences and types say, from the facts that their connector left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fanlight.catalog.types import Asset
from fanlight.core.identifiers import join_path, quote_part, split_path
from fanlight.portal.sections import Cell, Known, Section, constraints, number, table, text_cell, type_cell

ROUTINES = ("function", "procedure", "aggregate")
_SHORT = 72  # characters of a signature that stand well on one line
_MARKS = {
    "is_security_definer": "runs with its owner's rights",
    "is_strict": "null in, null out",
    "is_leakproof": "leakproof",
    "is_window": "window function",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A word and what it says."""

    word: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Thing:
    """A page of something that is no relation. signature: how it is called, for a function."""

    pairs: list[Pair]
    sections: list[Section] = field(default_factory=list)
    signature: str = ""
    marks: list[str] = field(default_factory=list)
    labels: list[str] | None = None
    foot: str = ""


def thing(asset: Asset, known: Known) -> Thing:
    """Return the page of an asset of one of PAGES. known: the assets among `sections.targets`."""
    return PAGES[asset.kind](asset, split_path(asset.locator)[0], known)


def _enum(asset: Asset, _: str, __: Known) -> Thing:
    return Thing([], labels=[str(label) for label in asset.facts.get("labels", ())])


def _domain(asset: Asset, database: str, known: Known) -> Thing:
    facts = asset.facts
    pairs = [
        Pair("Base type", type_cell(database, facts.get("type"), known)),
        Pair("Null", Cell("not null" if facts.get("is_not_null") else "may be null")),
        Pair("Default", text_cell(facts, "default")),
        Pair("Collation", Cell(facts.get("collation", ""), "name")),
    ]
    checks = constraints(facts)
    return Thing(_said(pairs), [checks] if checks.rows else [], foot=_LITERALS)


def _range(asset: Asset, database: str, known: Known) -> Thing:
    facts = asset.facts
    words = (
        ("multirange", "Its multirange type"),
        ("collation", "Collation"),
        ("canonical", "Canonical function"),
        ("difference", "Difference function"),
    )
    pairs = [Pair("Ranges over", type_cell(database, facts.get("subtype"), known))]
    return Thing(_said([*pairs, *(Pair(word, Cell(facts.get(name, ""), "name")) for name, word in words)]))


def _sequence(asset: Asset, database: str, known: Known) -> Thing:
    facts, owner = asset.facts, asset.facts.get("owned_by") or []
    words = (
        ("start", "Starts at"),
        ("increment", "Step"),
        ("min", "Not below"),
        ("max", "Not above"),
        ("cache", "Taken at once"),
    )
    pairs = [Pair("Type", type_cell(database, facts.get("type"), known))]
    pairs += [Pair(word, Cell(number(facts.get(name)))) for name, word in words]
    pairs += [
        Pair("At its end", Cell("begins again" if facts.get("is_cycled") else "refuses to go on")),
        Pair("Kept", Cell(facts.get("persistence", ""))),
        Pair(
            "Owned by the column",
            Cell(join_path(*owner[1:]), "name", known.get(join_path(*owner[:-1])) if owner else None),
        ),
    ]
    return Thing(_said(pairs), foot="Where it stands is data: it is never read.")


def _routine(asset: Asset, database: str, known: Known) -> Thing:
    facts = asset.facts
    arguments = [fact for fact in facts.get("arguments", ()) if fact.get("mode") != "table"]
    columns = [fact for fact in facts.get("arguments", ()) if fact.get("mode") == "table"]
    pairs = [
        Pair("Returns", _returned(facts, database, known, bool(columns))),
        Pair("Language", Cell(facts.get("language", ""), "name")),
        Pair("Volatility", Cell(_VOLATILITY.get(facts.get("volatility", ""), facts.get("volatility", "")))),
        Pair("In parallel", Cell(facts.get("parallel", ""))),
        Pair("Kind", Cell(facts.get("aggregate", ""))),
        Pair("State", type_cell(database, facts.get("state_type"), known)),
        Pair("Takes each row by", Cell(facts.get("transition_function", ""), "name")),
        Pair("Ends with", Cell(facts.get("final_function", ""), "name")),
        Pair("Sets while it runs", Cell(", ".join(facts.get("settings", ())), "name")),
    ]
    head = ("Name", "Type", "Mode", "Default")
    sections = [
        table("Arguments", head, arguments, lambda fact: _argument(fact, database, known)),
        table("Columns of the result", head[:2], columns, lambda fact: _argument(fact, database, known)[:2]),
    ]
    return Thing(
        _said(pairs),
        [section for section in sections if section.rows],
        _signature(asset, arguments),
        [word for mark, word in _MARKS.items() if facts.get(mark)],
        foot=_UNREAD[asset.kind == "aggregate"] + _LITERALS * any("default" in fact for fact in arguments),
    )


_UNREAD = (
    "Its body is code and may hold anything: it is never read. ",
    "What it begins with is a literal: it is never read. ",
)
_LITERALS = "Literals were replaced by ? before anything was stored."
_VOLATILITY = {
    "immutable": "immutable: the same for the same arguments",
    "stable": "stable: the same within a statement",
    "volatile": "volatile: may change, or change something",
}


def _returned(facts: Mapping[str, Any], database: str, known: Known, has_columns: bool) -> Cell:
    if has_columns:
        return Cell("rows of the columns below")
    cell = type_cell(database, facts.get("returns"), known)
    return Cell(f"a set of {cell.text}", cell.kind, cell.asset_id) if facts.get("returns_set") else cell


def _argument(fact: Mapping[str, Any], database: str, known: Known) -> list[Cell]:
    name = Cell(str(fact["name"]), "name") if fact.get("name") else Cell("without a name")
    way = {"out": "out", "inout": "in and out", "variadic": "variadic"}.get(fact.get("mode", ""), "in")
    return [name, type_cell(database, fact.get("type"), known), Cell(way), text_cell(fact, "default")]


def _signature(asset: Asset, arguments: list[dict[str, Any]]) -> str:
    inputs = [str(fact.get("type")) for fact in arguments if fact.get("mode") != "out"]
    name = asset.name.removesuffix(f"({', '.join(inputs) or '*' * (asset.kind == 'aggregate')})")
    shown = []
    for fact in arguments:
        words = [
            fact.get("mode", "").upper(),
            quote_part(fact["name"]) if fact.get("name") else "",
            str(fact.get("type", "")),
        ]
        default = "" if fact.get("default_kind") == "digest" else fact.get("default")
        shown.append(" ".join(filter(None, words)) + (f" DEFAULT {default}" if default else ""))
    if not shown and asset.kind == "aggregate":
        shown = ["*"]
    short = f"{quote_part(name)}({', '.join(shown)})"
    if len(short) <= _SHORT:
        return short
    return f"{quote_part(name)}(\n    " + ",\n    ".join(shown) + "\n)"


def _said(pairs: list[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair.cell.text]


PAGES = {
    "enum": _enum,
    "domain": _domain,
    "range": _range,
    "sequence": _sequence,
    **dict.fromkeys(ROUTINES, _routine),
}
