"""W3: no row of a source gets in. Nothing that is yielded has room for one, nothing asks for one, and none is here."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from fanlight.connectors import registry
from fanlight.connectors import types as boundary
from fanlight.trust import canaries
from fanlight.trust.types import Control, Findings, Occasion, Outcome, Zone

# Everything that a session can hand over, field by field. A new field, or a new kind of answer, is a finding until
# somebody has thought about what could travel in it.
_YIELDED: Mapping[str, tuple[str, ...]] = {
    "Asset": ("kind", "path", "comment", "facts", "columns", "row_estimate", "size_bytes", "not_seen"),
    "NotSeen": ("scope", "reason"),
    "Unlisted": ("path", "kinds", "reason"),
    "SourceReport": ("product", "user", "databases", "is_encrypted"),
    "Privileges": ("sentence", "readable", "writable", "rights", "count", "digest", "unknown"),
    "Right": ("level", "kind", "path", "rights", "through", "grantors", "signature"),
}
# What begins a statement of the session's that is no query, and therefore names nothing.
_NO_QUERY = re.compile(r"(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|SET LOCAL) ?[A-Za-z0-9_ ='.]*\Z")
_COLUMN_FIELDS = ("name", "position", "type", "is_nullable", "default", "comment", "extra")
_ANSWERS = frozenset({"report", "read", "total", "not_seen", "unlisted", "privileges", "cancel"})
# Functions that run a text, or read files, tables or objects that are named by a value.
_READING_FUNCTION = re.compile(
    r"(?:query|table|cursor|schema|database)_to_(?:xml|json)|xmltable|dblink|lo_|loread|pg_read_|pg_ls_|pg_stat_file"
    r"|pg_logical_slot|currtid|ts_stat|ts_rewrite|crosstab|file_fdw|pg_get_wal|pg_walinspect"
)


class _Dialect(Postgres):
    """PostgreSQL's, with `oid` as a type that has arrays."""

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS = {**Postgres.Tokenizer.KEYWORDS, "OID": TokenType.UINT}  # noqa: RUF012 - as its parent


def check(occasion: Occasion) -> Outcome:
    """Compare what can be yielded with what is declared, read every statement, and look for marked rows."""
    findings = Findings()
    fields = _compare_boundary(findings)
    read = 0
    for connector in registry.connectors():
        lists = connector.statements()
        for one in (*lists.catalogue, *lists.session):
            read += 1
            for code, what in _objections(connector.name, one.sql):
                findings.add(code, connector=connector.name, statement=one.name, what=what)
    searched = canaries.search(occasion)
    for hit in searched.hits[canaries.ROW]:
        findings.add("row.canary", **hit)
    counts = {
        "fields that a connector can yield": fields,
        "statements read": read,
        "tables searched for marked rows": searched.tables,
        "fields searched": searched.fields,
        "fields out of this role's sight": searched.dark_fields,
        "rows searched": searched.rows,
        "bytes searched": searched.size_bytes,
        "log files searched": searched.files,
    }
    return Outcome(counts, findings, is_exercised=True, is_partial=searched.is_partial)


def _compare_boundary(findings: Findings) -> int:
    found: dict[str, tuple[str, ...]] = {}
    for name, answer in _answers():
        if name not in _ANSWERS:
            findings.add("boundary.answer", answer=name)
        for one in _dataclasses(answer, set()):
            found[one.__name__] = tuple(field.name for field in dataclasses.fields(one))
    for name in sorted(found.keys() | _YIELDED.keys()):
        if found.get(name) != _YIELDED.get(name):
            findings.add("boundary.field", type=name, fields=list(found.get(name, ())))
    if boundary.COLUMN_FIELDS != _COLUMN_FIELDS:
        findings.add("boundary.field", type="column", fields=list(boundary.COLUMN_FIELDS))
    return sum(map(len, found.values())) + len(boundary.COLUMN_FIELDS)


def _answers() -> Iterator[tuple[str, Any]]:
    """Yield the name and the type of everything that a session answers with."""
    for name, member in vars(boundary.Session).items():
        if not name.startswith("_"):
            function = member.fget if isinstance(member, property) else member
            if callable(function):
                yield name, typing.get_type_hints(function).get("return")


def _dataclasses(answer: Any, seen: set[type]) -> set[type]:
    if dataclasses.is_dataclass(answer) and isinstance(answer, type) and answer not in seen:
        seen.add(answer)
        for inner in typing.get_type_hints(answer).values():
            _dataclasses(inner, seen)
    for inner in typing.get_args(answer):
        _dataclasses(inner, seen)
    return seen


@cache
def _readable(connector: str) -> frozenset[str] | None:
    text = (
        resources.files("fanlight.trust").joinpath("policies", "readable_relations.toml").read_text("utf-8")
    )
    found: dict[str, list[str]] = tomllib.loads(text)
    return frozenset(found[connector]) if connector in found else None


def _objections(connector: str, sql: str) -> Iterator[tuple[str, str]]:
    """Yield why a statement could bring a row: a code, and what it is about."""
    readable = _readable(connector)
    if readable is None:
        yield "statement.unknown_source", connector
        return
    if _NO_QUERY.match(sql):
        return
    try:
        trees = _Dialect().parse(sql)
    except (SqlglotError, RecursionError):
        yield "statement.not_understood", ""
        return
    for tree in filter(None, trees):
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            if isinstance(table.this, exp.Func) or (table.name in own and not table.db):
                continue
            if table.name not in readable or table.db not in ("", "pg_catalog"):
                yield "statement.relation", f"{table.db}.{table.name}"
        for call in tree.find_all(exp.Func):
            name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
            if _READING_FUNCTION.match(name.lower()):
                yield "statement.function", name


CONTROL = Control(
    promise="W3",
    zone=Zone.WORKER,
    how="What a connector can yield is compared field by field with what is declared, every statement is read for the "
    "relations that it names, and marked rows of sources are looked for in everything that rests.",
    findings={
        "boundary.answer": "A session can answer with something that is not declared.",
        "boundary.field": "What a connector yields has a field that is not declared.",
        "statement.unknown_source": "A kind of source has statements that this control cannot judge.",
        "statement.not_understood": "A statement of the closed list cannot be read.",
        "statement.relation": "A statement reads something other than the source's own catalogue.",
        "statement.function": "A statement calls a function that can read rows or files.",
        "row.canary": "A marked row of a source was found where it must not be.",
    },
    check=check,
)
