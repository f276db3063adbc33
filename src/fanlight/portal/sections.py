"""Small tables about what belongs to an asset and has no page of its own: triggers, policies, extensions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from fanlight.core.identifiers import AssetId, join_path, quote_part, split_path
from fanlight.core.words import grouped

Facts = Mapping[str, Any]
Known = Mapping[str, AssetId]  # by locator
_MODIFIERS = re.compile(r"\([0-9, -]*\)|(?:\[\])+\Z")
_PAIR = 2  # parts of a type's name that says its schema


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table. kind: how it is printed. tags: short words beside it."""

    text: str = ""
    kind: Literal["name", "words", "code", "digest"] = "words"
    asset_id: AssetId | None = None
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Section:
    """A small table. rows: cells in the order of head; the first is the name."""

    title: str
    head: tuple[str, ...]
    rows: list[list[Cell]]

    @property
    def labelled(self) -> list[list[tuple[str, Cell]]]:
        """Return the rows with the word above each cell, for screens too narrow for a head."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


@lru_cache(maxsize=10_000)  # the same few types come again and again
def type_locator(database: str, type_text: str) -> str:
    """Return where a type of the source's own would be, for example of `shop.mood[]`; empty for the server's."""
    try:
        parts = split_path(_MODIFIERS.sub("", type_text))
    except ValueError:
        return ""
    return join_path(database, *parts) if len(parts) == _PAIR else ""


def type_cell(database: str, type_text: object, known: Known) -> Cell:
    """Return a type, leading to its page where it has one."""
    text = str(type_text or "")
    return Cell(text, "name", known.get(type_locator(database, text)))


def targets(facts: Facts, database: str) -> list[str]:
    """Return the locators of the functions, relations and types that facts name."""
    paths = [
        fact.get(part)
        for name in ("triggers", "event_triggers")
        for fact in facts.get(name, ())
        for part in ("function", "from")
    ]
    paths.append((facts.get("owned_by") or [])[:-1])
    types = [facts.get("type"), facts.get("subtype"), facts.get("returns"), facts.get("state_type")]
    types += [fact.get("type") for fact in facts.get("arguments", ())]
    found = [join_path(*path) for path in paths if path]
    return found + [at for text in types if text and (at := type_locator(database, str(text)))]


def of_relation(facts: Facts, known: Known) -> dict[str, list[Section]]:
    """Return what is attached to a relation, by the part of its page that shows it."""
    return {
        "triggers": _filled([_triggers(facts, known), _rules(facts)]),
        "policies": _filled([_policies(facts)]),
        "details": _filled([_statistics(facts), _published(facts)]),
    }


def of_database(facts: Facts, known: Known) -> list[Section]:
    """Return what belongs to a database and to no schema of it."""
    return _filled(
        [
            table(
                "Extensions",
                ("Name", "Version", "Schema", "Comment"),
                facts.get("extensions"),
                _extension,
            ),
            table(
                "Foreign servers",
                ("Name", "Wrapper", "Options", "Comment"),
                facts.get("foreign_servers"),
                _server,
            ),
            table(
                "Publications",
                ("Name", "Sends", "Of", "Comment"),
                facts.get("publications"),
                _publication,
            ),
            table("Subscriptions", ("Name", "To", "State"), facts.get("subscriptions"), _subscription),
            table(
                "Event triggers",
                ("Name", "On", "Calls", "Comment"),
                facts.get("event_triggers"),
                lambda fact: _event_trigger(fact, known),
            ),
        ]
    )


def text_cell(fact: Facts, name: str, before: str = "", after: str = "") -> Cell:
    """Return an SQL text without literals, or say that only its digest was kept."""
    if not fact.get(name):
        return Cell()
    if fact.get(f"{name}_kind") == "digest":
        return Cell(str(fact[name]), "digest")
    return Cell(f"{before}{fact[name]}{after}", "code")


def constraints(facts: Facts) -> Section:
    """Return the checks of a domain."""
    return table("Checks", ("Name", "What it says", "Comment"), facts.get("constraints"), _constraint)


def table(
    title: str, head: tuple[str, ...], facts: Iterable[Facts] | None, cells: Callable[[Facts], list[Cell]]
) -> Section:
    """Return a section of a list of facts; a column in which nothing stands is left out."""
    rows = [cells(fact) for fact in facts or ()]
    kept = [place for place in range(len(head)) if any(row[place].text or row[place].tags for row in rows)]
    return Section(
        title, tuple(head[place] for place in kept), [[row[place] for place in kept] for row in rows]
    )


def _filled(sections: Iterable[Section]) -> list[Section]:
    return [section for section in sections if section.rows]


def _name(fact: Facts, *, is_quoted: bool = False) -> Cell:
    name = str(fact.get("name", ""))
    return Cell(quote_part(name) if is_quoted else name, "name", tags=list(_tags(fact)))


def _said(fact: Facts) -> Cell:
    return Cell(str(fact.get("comment") or ""))


_TAGS = {
    "is_disabled": "disabled",
    "is_inherited": "from the partitioned table",
    "is_constraint": "constraint",
    "is_deferrable": "deferrable",
    "is_deferred": "initially deferred",
    "is_restrictive": "restrictive",
    "is_not_valid": "not validated",
    "is_instead": "instead",
}


def _tags(fact: Facts) -> Iterator[str]:
    yield from (word for mark, word in _TAGS.items() if fact.get(mark))
    if fires := fact.get("fires"):
        yield "always fires" if fires == "always" else f"fires on {fires}s"


def _names(names: Iterable[str]) -> str:
    return ", ".join(quote_part(str(name)) for name in names)


def _called(fact: Facts, known: Known) -> Cell:
    path = fact.get("function") or []
    return Cell(".".join(map(str, path[1:])), "name", known.get(join_path(*path)) if path else None)


def _triggers(facts: Facts, known: Known) -> Section:
    def cells(fact: Facts) -> list[Cell]:
        events = " or ".join(fact.get("events", ()))
        if fact.get("columns"):
            events = events.replace("update", f"update of {_names(fact['columns'])}")
        tables = " and ".join(
            f"{word} rows as {quote_part(fact[key])}"
            for word, key in (("old", "old_table"), ("new", "new_table"))
            if fact.get(key)
        )
        when = f"{fact.get('timing', '')} {events}, for each {fact.get('level', '')}" + (
            f", with {tables}" if tables else ""
        )
        return [_name(fact), Cell(when), text_cell(fact, "condition"), _called(fact, known), _said(fact)]

    return table("Triggers", ("Name", "When", "Only if", "Calls", "Comment"), facts.get("triggers"), cells)


def _rules(facts: Facts) -> Section:
    def cells(fact: Facts) -> list[Cell]:
        return [_name(fact), Cell(f"on {fact.get('event', '')}"), text_cell(fact, "definition"), _said(fact)]

    return table("Rules", ("Name", "When", "Definition", "Comment"), facts.get("rules"), cells)


def _policies(facts: Facts) -> Section:
    def cells(fact: Facts) -> list[Cell]:
        return [
            _name(fact),
            Cell(str(fact.get("command", ""))),
            Cell(", ".join(map(str, fact.get("roles", ())))),
            text_cell(fact, "using"),
            text_cell(fact, "check"),
            _said(fact),
        ]

    head = ("Name", "For", "Roles", "Rows that are there", "Rows that are new", "Comment")
    return table("Policies", head, facts.get("policies"), cells)


def _statistics(facts: Facts) -> Section:
    def cells(fact: Facts) -> list[Cell]:
        keys = [
            quote_part(key["column"])
            if key.get("column")
            else str(key.get("expression") or "an expression that was not seen")
            for key in fact.get("keys", ())
        ]
        kinds = ", ".join(map(str, fact.get("kinds", ())))
        return [_name(fact), Cell(", ".join(keys), "code"), Cell(kinds), _said(fact)]

    return table("Extended statistics", ("Name", "Of", "Kinds", "Comment"), facts.get("statistics"), cells)


def _published(facts: Facts) -> Section:
    def cells(fact: Facts) -> list[Cell]:
        columns = _names(fact["columns"]) if fact.get("columns") else "all columns"
        return [_name(fact), Cell(columns), text_cell(fact, "filter", "where ")]

    return table("Publications that name it", ("Name", "Columns", "Rows"), facts.get("publications"), cells)


def _extension(fact: Facts) -> list[Cell]:
    return [
        _name(fact),
        Cell(str(fact.get("version", ""))),
        Cell(str(fact.get("schema", "")), "name"),
        _said(fact),
    ]


def _server(fact: Facts) -> list[Cell]:
    kind = " ".join(str(fact[name]) for name in ("type", "version") if fact.get(name))
    options = f"{_names(fact['options'])}; their values are not read" if fact.get("options") else "none"
    wrapper = Cell(str(fact.get("wrapper", "")), "name", tags=[kind] if kind else [])
    return [_name(fact), wrapper, Cell(options), _said(fact)]


def _publication(fact: Facts) -> list[Cell]:
    of = "all tables" if fact.get("is_for_all_tables") else "tables and schemas that it names"
    sent = ", ".join(map(str, fact.get("publishes", ()))) or "nothing"
    return [_name(fact), Cell(sent), Cell(of), _said(fact)]


def _subscription(fact: Facts) -> list[Cell]:
    return [
        _name(fact),
        Cell(_names(fact.get("publications", ()))),
        Cell("disabled" if fact.get("is_disabled") else "enabled"),
    ]


def _event_trigger(fact: Facts, known: Known) -> list[Cell]:
    on = str(fact.get("event", "")).replace("_", " ")
    if fact.get("commands"):
        on += f": {', '.join(map(str, fact['commands']))}"
    return [_name(fact), Cell(on), _called(fact, known), _said(fact)]


def _constraint(fact: Facts) -> list[Cell]:
    return [_name(fact), text_cell(fact, "definition"), _said(fact)]


def number(value: object) -> str:
    """Say a number of the source's, which may be as large as it likes."""
    return grouped(value) if isinstance(value, int) else str(value if value is not None else "")
