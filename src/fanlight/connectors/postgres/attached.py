"""What is attached to a relation: triggers, rules, policies, extended statistics, publications."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import ClassVar

from fanlight.connectors.postgres.asking import Asker
from fanlight.connectors.postgres.definitions import Wanted
from fanlight.connectors.postgres.facts import FIRES, index_key
from fanlight.connectors.postgres.guard import Row
from fanlight.connectors.types import Asset, Json

Fact = dict[str, Json]
_ROW, _BEFORE, _INSTEAD = 1, 2, 64  # TRIGGER_TYPE_* of src/include/catalog/pg_trigger.h
_EVENTS = (("insert", 4), ("update", 16), ("delete", 8), ("truncate", 32))
_RULE_EVENTS = {"1": "select", "2": "update", "3": "insert", "4": "delete"}  # CmdType of nodes/nodes.h
_COMMANDS = {"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}
_STATISTICS = {"d": "ndistinct", "f": "dependencies", "m": "mcv", "e": "expressions"}
# In the text of a trigger, behind all names of its head, of which some are quoted: a condition, and the call behind it.
_NAME_OR_CONDITION = re.compile(r'"[^"]*"| WHEN \(')
_CALLS = (") EXECUTE FUNCTION ", ") EXECUTE PROCEDURE ")


class Attached:
    """Adds to a batch of relations what is attached to them."""

    STATEMENTS: ClassVar = ("triggers", "rules", "policies", "statistics", "published_relations")

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def add(self, assets: dict[int, Asset], answers: dict[str, list[Row]], wanted: Wanted) -> None:
        """Add each kind to the facts of its relations. answers: of the statements, by name."""
        for name, table, adds in (
            ("triggers", "pg_trigger", self._trigger),
            ("rules", "pg_rewrite", self._rule),
            ("policies", "pg_policy", self._policy),
            ("statistics", "pg_statistic_ext", self._statistics),
        ):
            rows = [row for row in answers[name] if row[0] in assets]
            comments = self._asker.comments(table, [row[1] for row in rows])
            for row in rows:
                fact = adds(assets[row[0]], row, wanted)
                if row[1] in comments:
                    fact["comment"] = comments[row[1]]
                assets[row[0]].facts.setdefault(name, []).append(fact)
            _sort(assets, rows, name)
        rows = [row for row in answers["published_relations"] if row[0] in assets]
        for row in rows:
            fact = self._publication(assets[row[0]], row, wanted)
            assets[row[0]].facts.setdefault("publications", []).append(fact)
        _sort(assets, rows, "publications")

    def _trigger(self, asset: Asset, row: Row, wanted: Wanted) -> Fact:
        relation, oid, name, bits, enabled, schema, function, positions, *rest = row
        is_constraint, is_deferrable, is_deferred, old_table, new_table, is_inherited, *rest = rest
        has_condition, other_schema, other = rest
        timing = "before" if bits & _BEFORE else "instead of" if bits & _INSTEAD else "after"
        fact: Fact = {
            "name": name,
            "timing": timing,
            "events": [event for event, bit in _EVENTS if bits & bit],
            "level": "row" if bits & _ROW else "statement",
            "function": self._asker.function(schema, function),
        } | FIRES.get(enabled, {})
        if positions:
            fact["columns"] = _names(asset, positions)
        for part, value in (("old_table", old_table), ("new_table", new_table)):
            if value is not None:
                fact[part] = value
        if other is not None:
            fact["from"] = [asset.path[0], other_schema, other]
        for mark, is_set in (
            ("is_constraint", is_constraint),
            ("is_deferrable", is_deferrable),
            ("is_deferred", is_deferred),
            ("is_inherited", is_inherited),
        ):
            if is_set:
                fact[mark] = True
        if has_condition:
            take = self._condition(fact)
            wanted.add("trigger_definitions", oid, relation, take, (asset.facts, "triggers"))
        return fact

    def _condition(self, fact: Fact) -> Callable[[Row], None]:
        def take(row: Row) -> None:
            self._asker.takers.put(fact, "condition", row[1])
            condition = _condition_in(fact.get("condition", ""))
            if condition:
                fact["condition"] = condition

        return take

    def _rule(self, asset: Asset, row: Row, wanted: Wanted) -> Fact:
        relation, oid, name, event, is_instead, enabled = row
        fact: Fact = {"name": name, "event": _RULE_EVENTS.get(event, event)} | FIRES.get(enabled, {})
        if is_instead:
            fact["is_instead"] = True
        take = self._asker.takers.text(fact, "definition")
        wanted.add("rule_definitions", oid, relation, take, (asset.facts, "rules"))
        return fact

    def _policy(self, asset: Asset, row: Row, wanted: Wanted) -> Fact:
        relation, oid, name, command, is_permissive, roles, has_expressions = row
        fact: Fact = {"name": name, "command": _COMMANDS.get(command, command), "roles": sorted(roles)}
        if not is_permissive:
            fact["is_restrictive"] = True

        def take(found: Row) -> None:
            self._asker.takers.put(fact, "using", found[1])
            self._asker.takers.put(fact, "check", found[2])

        if has_expressions:
            wanted.add("policy_expressions", oid, relation, take, (asset.facts, "policies"))
        return fact

    def _statistics(self, asset: Asset, row: Row, wanted: Wanted) -> Fact:
        relation, oid, schema, name, owner, kinds, positions, has_expressions = row
        fact: Fact = {
            "name": name,
            "owner": owner,
            "kinds": [_STATISTICS.get(kind, kind) for kind in kinds],
            "keys": [index_key(one, 0) for one in _names(asset, positions)],
        }
        if schema != asset.path[1]:
            fact["schema"] = schema

        def take(found: Row) -> None:
            for text in found[1] or ():
                key: Fact = {}
                self._asker.takers.put(key, "expression", text)
                fact["keys"].append(key)

        if has_expressions:
            wanted.add("statistics_expressions", oid, relation, take, (asset.facts, "statistics"))
        return fact

    def _publication(self, asset: Asset, row: Row, wanted: Wanted) -> Fact:
        relation, oid, name, positions, has_filter = row
        fact: Fact = {"name": name}
        if positions:
            fact["columns"] = _names(asset, positions)
        if has_filter:
            take = self._asker.takers.text(fact, "filter")
            wanted.add("publication_filters", oid, relation, take, (asset.facts, "publications"))
        return fact


def _names(asset: Asset, positions: Iterable[int]) -> list[str]:
    names = {column[1]: column[0] for column in asset.columns}
    return [names[position] for position in positions if position in names]


def _sort(assets: dict[int, Asset], rows: list[Row], name: str) -> None:
    for oid in {row[0] for row in rows}:
        assets[oid].facts[name].sort(key=lambda fact: (fact["name"], fact.get("schema", "")))


def _condition_in(trigger: str) -> str:
    """Return the condition in a trigger's text, or nothing. One pass: a source may send what it likes."""
    start = next((one.end() for one in _NAME_OR_CONDITION.finditer(trigger) if one[0][0] == " "), -1)
    end = max(trigger.rfind(call) for call in _CALLS)
    return trigger[start:end].strip() if 0 <= start <= end else ""
