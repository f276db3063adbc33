"""How pages say what has changed: a word for what happened, the thing's name, and what it was and is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from fanlight.catalog import queries as catalog
from fanlight.catalog.types import Action, Change, ChangePage, ChangeSet
from fanlight.core.actors import Actor
from fanlight.core.identifiers import AssetId, join_path, quote_part
from fanlight.core.words import plural
from fanlight.portal.sections import Cell
from fanlight.portal.shapes import KINDS, index_key

# What happened, in a word, and its colour.
ACTIONS = {
    Action.ADDED: ("added", "good"),
    Action.REMOVED: ("removed", "warn"),
    Action.RETURNED: ("came back", "good"),
    Action.CHANGED: ("changed", "still"),
}
# What one of a list of facts is called.
PARTS = {
    "column": "column",
    "keys": "key",
    "constraints": "constraint",
    "indexes": "index",
    "triggers": "trigger",
    "rules": "rule",
    "policies": "policy",
    "statistics": "statistics",
    "labels": "label",
    "options": "option",
    "arguments": "argument",
    "extensions": "extension",
    "publications": "publication",
    "subscriptions": "subscription",
    "foreign_servers": "foreign server",
    "event_triggers": "event trigger",
    "settings": "setting",
}
_MANY = {"key": "keys", "index": "indexes", "policy": "policies", "statistics": "statistics"}
_FIELDS = {
    "columns": "order of its columns",
    "labels": "order of its labels",
    "is_nullable": "null",
    "has_row_security": "row security",
    "is_row_security_forced": "row security for its owner",
    "parents": "what it is part of",
    "keys": "what it is over",
    "target": "what it points to",
}
_TEXTS = frozenset(
    {"check", "condition", "default", "definition", "expression", "filter"}
    | {"partition_bound", "partition_key", "predicate", "using"}
)
_NAMES = frozenset(
    {
        "type",
        "collation",
        "owner",
        "method",
        "language",
        "schema",
        "server",
        "subtype",
        "returns",
        "state_type",
    }
)
_PATHS = frozenset(["target", "function", "from", "owned_by"])
_SHORT = 60  # characters that stand well on one line with what they became


@dataclass(frozen=True, slots=True)
class Line:
    """One change as a row. where, path, asset_id: of its asset, the id where it has a page; what, name: of its part.

    is_pair: whether there is something before and after; is_tall: whether each needs a line of its own. difference: of
    two texts of several lines, line by line: 'same', 'was' or 'now', and the text.
    """

    where: str
    path: str
    asset_id: AssetId | None
    kind: str
    verb: str
    tone: str
    what: str
    name: str
    field: str
    was: Cell
    now: Cell
    is_pair: bool
    is_tall: bool
    difference: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RunOfChanges:
    """What one run has changed, or a page of it. figures: '3 tables added'; kept: of how many lines, where not all."""

    found: ChangeSet
    figures: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Day:
    """The runs of one day, in UTC."""

    day: date
    runs: list[RunOfChanges]


def days(page: ChangePage) -> list[Day]:
    """Return a page of changes by day and run."""
    runs = [RunOfChanges(found, figures(found), lines(changes)) for found, changes in page.runs]
    return [Day(day, list(some)) for day, some in groupby(runs, key=lambda run: run.found.at.date())]


def recent(actor: Actor, most: int) -> list[tuple[ChangeSet, Line]]:
    """Return the latest changes of all sources, the newest first. Raises Refused."""
    page = catalog.changes(actor, most=most)
    return [(found, line) for found, changes in page.runs for line in lines(changes)]


def figures(found: ChangeSet) -> str:
    """Say in figures what a run has changed: '3 tables added, 1 column removed'."""
    said = [
        (action, plural(count, PARTS.get(what) or KINDS.get(what, what), _many(what)))
        for action, what, count in found.counts
    ]
    if found.is_first:
        return ", ".join(text for _, text in said)
    return ", ".join(f"{text} {ACTIONS[action][0]}" for action, text in said)


def _many(what: str) -> str:
    one = PARTS.get(what) or KINDS.get(what, what)
    return _MANY.get(one, "")


def lines(changes: Iterable[Change]) -> list[Line]:
    """Return changes as rows."""
    return [_line(one) for one in changes]


def _line(change: Change) -> Line:
    verb, tone = ACTIONS[change.action]
    if change.part:
        what = PARTS.get(change.part, change.part.replace("_", " "))
    else:
        what = "" if change.field else KINDS.get(change.kind, change.kind)
    was, now = _said(change, change.before), _said(change, change.after)
    return Line(
        where=change.locator,
        path=change.path,
        asset_id=change.asset_id if change.is_present else None,
        kind=change.kind,
        verb=verb,
        tone=tone,
        what=what,
        name=change.name,
        field=_field(change.field),
        was=was,
        now=now,
        is_pair=bool(change.field) or (change.before is not None and change.after is not None),
        is_tall=max(len(was.text), len(now.text)) > _SHORT or "\n" in was.text + now.text,
        difference=_difference(was, now),
    )


def _difference(was: Cell, now: Cell) -> tuple[tuple[str, str], ...]:
    """Return what differs between two texts, line by line, where both have several. Both were cut when noted."""
    before, after = was.text.splitlines(), now.text.splitlines()
    if was.kind != "code" or now.kind != "code" or min(len(before), len(after)) <= 1:
        return ()
    found: list[tuple[str, str]] = []
    for step, first, last, into, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if step == "equal":
            found += [("same", line) for line in before[first:last]]
        else:
            found += [("was", line) for line in before[first:last]]
            found += [("now", line) for line in after[into:until]]
    return tuple(found)


def _field(name: str) -> str:
    return _FIELDS.get(name) or name.removeprefix("is_").removeprefix("has_").replace("_", " ")


def _said(change: Change, value: Any) -> Cell:
    """Return a value before or after; an empty cell for none."""
    if value is None or (not change.part and not change.field):
        return Cell()
    match value:
        case {"digest": digest, **more} if "name" not in more:
            count = more.get("characters")
            return Cell(f"a text of {count:,} characters") if count else Cell(str(digest), "digest")
        case dict():
            return _whole(change.part, value)
        case bool():
            words = ("may be null", "not null") if change.field == "is_nullable" else ("yes", "no")
            return Cell(words[0] if value else words[1])
        case list():
            return Cell(_listed(change.field, value), "name")
        case _:
            return _plain(change, str(value))


def _plain(change: Change, text: str) -> Cell:
    if change.field == "kind" and not change.part:
        return Cell(KINDS.get(text, text))
    if change.field in _TEXTS:
        return Cell(text, "code")
    is_name = change.field in _NAMES or (change.part == "column" and not change.field)
    return Cell(text, "name" if is_name else "words")


def _listed(field: str, value: list[Any]) -> str:
    if field in _PATHS:
        return join_path(*map(str, value[1:]))
    return ", ".join(map(_one_of_list, value))


def _one_of_list(value: Any) -> str:
    if isinstance(value, list):
        return join_path(*map(str, value[1:]))
    if not isinstance(value, dict):
        return quote_part(str(value))
    if "column" in value or "expression" in value:
        return index_key(value)
    return " ".join(str(value[key]) for key in ("name", "type") if value.get(key))


def _index(fact: dict[str, Any]) -> str:
    unique = "unique, " if fact.get("is_unique") else ""
    return f"{unique}{fact.get('method', '')} ({', '.join(map(index_key, fact.get('keys', ())))})"


def _key(fact: dict[str, Any]) -> str:
    target = fact.get("target")
    to = f" → {join_path(*map(str, target[1:]))} ({_columns(fact.get('target_columns'))})" if target else ""
    return f"{fact.get('kind', '')} ({_columns(fact.get('columns'))}){to}"


def _columns(names: Any) -> str:
    return ", ".join(quote_part(str(name)) for name in names or ())


def _trigger(fact: dict[str, Any]) -> str:
    return f"{fact.get('timing', '')} {' or '.join(fact.get('events', ()))}, for each {fact.get('level', '')}"


_WHOLE: dict[str, Callable[[dict[str, Any]], str]] = {
    "indexes": _index,
    "keys": _key,
    "triggers": _trigger,
    "extensions": lambda fact: str(fact.get("version", "")),
    "policies": lambda fact: str(fact.get("command", "")),
}


def _whole(part: str, fact: dict[str, Any]) -> Cell:
    """Say the gist of something that came or went whole."""
    if part in _WHOLE:
        return Cell(_WHOLE[part](fact), "name")
    if fact.get("definition") and fact.get("definition_kind") != "digest":
        return Cell(str(fact["definition"]), "code")
    return Cell()
