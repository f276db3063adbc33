"""D3: of a source only metadata is kept. The live schema equals the declared fields, and no literal rests anywhere."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

from django.db import OperationalError

from fanlight.connectors import registry
from fanlight.connectors.types import Connector
from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import database
from fanlight.tenancy import queries as tenancy
from fanlight.tenancy import services as scopes
from fanlight.trust import canaries
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

_DIGEST = re.compile(r"blake2b:[0-9a-f]{32}\Z")
_LONG_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_KIND, _COLUMN = "_kind", "column"
_MOST_REMEMBERED = 200_000


def check(occasion: Occasion) -> Outcome:
    """Compare the live schema with the declared data classes; read every stored SQL text again; look for canaries."""
    findings = Findings()
    counts = _compare_fields(findings)
    texts = _Texts(findings, occasion)
    for one in tenancy.organizations():
        texts.read(one.id)
    searched = canaries.search(occasion)
    for hit in searched.hits[canaries.LITERAL]:
        findings.add("literal.canary", **hit)
    counts |= {
        "texts of SQL read again": texts.count,
        "facts": texts.facts,
        "rows searched for literals": searched.rows,
    }
    is_partial = texts.is_partial or searched.is_partial
    return Outcome(counts, findings, is_exercised=True, is_partial=is_partial)


def _compare_fields(findings: Findings) -> dict[str, int]:
    live: dict[tuple[str, str], set[str]] = {}
    for schema, relation, field, *_ in database.rows("trust", "live_fields", {}):
        live.setdefault((schema, relation), set()).add(field)
    for schema, relation, *_ in database.rows("trust", "live_relations", {}):
        live.setdefault((schema, relation), set())
    declared = {("public", table.name): set(table.fields) for table in tenancy.stored_tables()}
    for schema, relation in sorted(live.keys() - declared.keys()):
        findings.add("table.undeclared", table=f"{schema}.{relation}")
    for schema, relation in sorted(declared.keys() - live.keys()):
        findings.add("table.missing", table=f"{schema}.{relation}")
    for key in sorted(live.keys() & declared.keys()):
        for field in sorted(live[key] - declared[key]):
            findings.add("field.undeclared", field=f"{key[1]}.{field}")
        for field in sorted(declared[key] - live[key]):
            findings.add("field.missing", field=f"{key[1]}.{field}")
    return {"tables": len(declared), "fields with a data class": sum(map(len, declared.values()))}


class _Texts:
    """Reads stored SQL again, a row at a time, and tells which would lose something if literals were removed now."""

    def __init__(self, findings: Findings, occasion: Occasion) -> None:
        self._findings, self._occasion = findings, occasion
        self._key = secrets.token_bytes(32)
        self._clean: set[int] = set()
        self.count = self.facts = 0
        self.is_partial = False

    def read(self, organization_id: OrganizationId) -> None:
        """Read what is stored of one organization."""
        try:
            with scopes.scope(organization_id):
                self._read_facts(organization_id)
                self._read_defaults(organization_id)
                self._read_changes(organization_id)
        except OperationalError as error:
            if not database.was_too_slow(error):
                raise
            self.is_partial = True

    def _read_facts(self, organization_id: OrganizationId) -> None:
        values = {"organization_id": organization_id}
        for asset, connector, facts in database.stream("trust", "stored_facts", values):
            if self._occasion.budget.is_spent:
                self.is_partial = True
                return
            where = {"organization": organization_id, "asset": asset}
            self._walk(registry.connector(connector), json.loads(facts), where)

    def _read_defaults(self, organization_id: OrganizationId) -> None:
        values = {"organization_id": organization_id}
        for name, text, kind, marks, count, column in database.stream("trust", "stored_defaults", values):
            connector = registry.connector(name)
            where = {"organization": organization_id, "column": column, "columns": count}
            self._check_keys(connector, marks, where)
            if text is not None:
                self._check(connector, "default", text, kind, where)

    def _read_changes(self, organization_id: OrganizationId) -> None:
        values = {"organization_id": organization_id}
        for asset, name, part, field, *said in database.stream("trust", "stored_changes", values):
            if self._occasion.budget.is_spent:
                self.is_partial = True
                return
            connector = registry.connector(name)
            where = {"organization": organization_id, "asset": asset}
            for text in filter(None, said):
                self._read_change(connector, part, field, json.loads(text), where)

    def _read_change(
        self, connector: Connector, part: str, field: str, value: Any, where: dict[str, Any]
    ) -> None:
        if isinstance(value, dict) and value.keys() == {"characters", "digest"}:
            if not (isinstance(value["characters"], int) and _LONG_DIGEST.match(str(value["digest"]))):
                self._findings.add("literal.kept", fact=field or part, **where)
        elif isinstance(value, dict) and value.keys() == {"digest"}:
            self._check(connector, field, str(value["digest"]), "digest", where)
        elif part == _COLUMN or not (part or field):
            # Of a column that came or went the type, of an asset the kind; else a column's own fields.
            if field == "default":
                self._check(connector, field, str(value), "sql", where)
        else:
            self._walk(connector, {field: value} if field else value, where)

    def _walk(self, connector: Connector, value: Any, where: dict[str, Any]) -> None:
        if isinstance(value, list):
            for one in value:
                self._walk(connector, one, where)
        elif isinstance(value, dict):
            self._check_keys(connector, value, where)
            for key, inner in value.items():
                if key not in connector.stored_facts.texts:
                    self._walk(connector, inner, where)
                    continue
                kind = value.get(f"{key}{_KIND}", "sql")
                for text in _strings(inner):
                    self._check(connector, key, text, kind, where)

    def _check_keys(self, connector: Connector, keys: Any, where: dict[str, Any]) -> None:
        known = connector.stored_facts
        for key in keys:
            self.facts += 1
            is_kind = key.endswith(_KIND) and key.removesuffix(_KIND) in known.texts | {"default"}
            if key not in known.texts and key not in known.plain and not is_kind:
                self._findings.add("fact.undeclared", fact=key, **where)

    def _check(self, connector: Connector, key: str, text: str, kind: str, where: dict[str, Any]) -> None:
        self.count += 1
        seen = hash((connector.name, kind, text))
        if seen in self._clean:
            return
        if kind == "digest":
            is_clean = _DIGEST.match(text) is not None
        else:
            again = connector.without_literals(text, self._key)
            is_clean = again.kind == "sql" and again.text == text
        if not is_clean:
            self._findings.add("literal.kept", fact=key, **where)
        elif len(self._clean) < _MOST_REMEMBERED:
            self._clean.add(seen)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


CONTROL = Control(
    promise="D3",
    zone=Zone.WORKER,
    how="Every table and field of the live database is compared with the register of data classes, every stored text "
    "of SQL is searched for literals again, and canary literals are looked for in everything that rests.",
    findings={
        "table.undeclared": "A table exists that is not declared.",
        "table.missing": "A declared table does not exist.",
        "field.undeclared": "A field exists that has no data class.",
        "field.missing": "A declared field does not exist.",
        "fact.undeclared": "A fact is stored under a name that its connector does not declare.",
        "literal.kept": "A stored text of SQL holds a literal.",
        "literal.canary": "A canary literal of a source was found where it rests.",
    },
    check=check,
)
