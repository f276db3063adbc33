"""Looking for canaries: marked values that no reading may ever bring here, searched in everything that rests.

`flrow_` marks a row's value at a source, `flliteral_` a literal in its SQL. One search serves every control of a round.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg import sql

from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import database
from fanlight.tenancy import queries as tenancy
from fanlight.tenancy import services as scopes
from fanlight.trust.types import Occasion

ROW, LITERAL = "flrow_", "flliteral_"
# Backwards, too: search keeps paths so.
_MARKS = {canary: (canary, canary[::-1]) for canary in (ROW, LITERAL)}
_KEY = "canaries"
_NO_TEXT = frozenset("BDNT")  # categories of types that can hold no word: truth, time, number, span
_CHUNK_BYTES, _MOST_LOG_BYTES = 1 << 20, 256 << 20
_NOT_LOGS = frozenset({"base", "global", "pg_wal", "static"})


@dataclass
class Search:
    """What was searched, and where canaries were. hits: by canary, tables or files with how many rows.

    dark_fields: fields of text that this role may not read.
    """

    tables: int = 0
    fields: int = 0
    dark_fields: int = 0
    rows: int = 0
    size_bytes: int = 0
    files: int = 0
    is_partial: bool = False
    hits: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {canary: [] for canary in _MARKS})


def search(occasion: Occasion) -> Search:
    """Search every readable field of text of every table, in each organization's scope, and the home's logs; once."""
    if _KEY not in occasion.shared:
        occasion.shared[_KEY] = _search(occasion)
    found: Search = occasion.shared[_KEY]
    return found


def _search(occasion: Occasion) -> Search:
    found = Search()
    isolated = {table.name for table in tenancy.stored_tables() if table.is_isolated}
    statements = {table: _statement(table, texts) for table, texts in _texts(found).items()}
    found.tables = len(statements)
    for table in statements.keys() - isolated:
        _look(found, occasion, statements[table], table, None)
    for one in tenancy.organizations():
        with scopes.scope(one.id):
            for table in statements.keys() & isolated:
                _look(found, occasion, statements[table], table, one.id)
    if occasion.home is not None:
        for log in _logs(occasion.home):
            _read(found, occasion, log)
    return found


def _texts(found: Search) -> dict[str, list[sql.Composable]]:
    texts: dict[str, list[sql.Composable]] = {}
    registered = {table.name for table in tenancy.stored_tables()}
    for schema, table, name, type_, category, is_readable in database.rows("trust", "live_fields", {}):
        if schema != "public" or table not in registered or category in _NO_TEXT or type_ == "uuid":
            continue
        if not is_readable:
            found.dark_fields += 1
            continue
        found.fields += 1
        text = sql.SQL("encode({}, 'escape')" if type_ == "bytea" else "{}::text")
        texts.setdefault(table, []).append(text.format(sql.Identifier(name)))
    return texts


def _statement(table: str, texts: Sequence[sql.Composable]) -> sql.Composed:
    # A mark is put together at the server: a log of statements must not hold what is searched for.
    hits = [
        sql.SQL("count(*) FILTER (WHERE {})").format(
            sql.SQL(" OR ").join(
                sql.SQL("strpos(s.said, {} || {}) > 0").format(sql.Literal(mark[:2]), sql.Literal(mark[2:]))
                for mark in marks
            )
        )
        for marks in _MARKS.values()
    ]
    return sql.SQL(
        "SELECT count(*), coalesce(sum(octet_length(s.said)), 0), {} "
        "FROM (SELECT concat_ws(E'\\n', {}) AS said FROM {}) s"
    ).format(sql.SQL(", ").join(hits), sql.SQL(", ").join(texts), sql.Identifier(table))


def _look(
    found: Search,
    occasion: Occasion,
    statement: sql.Composed,
    table: str,
    organization_id: OrganizationId | None,
) -> None:
    if occasion.budget.is_spent:
        found.is_partial = True
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            rows, size_bytes, *hits = cursor.fetchone()
    except OperationalError as error:
        if not database.was_too_slow(error):
            raise
        found.is_partial = True
        return
    found.rows += rows
    found.size_bytes += int(size_bytes)
    for canary, count in zip(_MARKS, hits, strict=True):
        if count:
            where = {"table": table, "organization": organization_id, "rows": count}
            found.hits[canary].append({name: value for name, value in where.items() if value is not None})


def _logs(home: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(home):
        folders[:] = sorted(set(folders) - _NOT_LOGS)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".log"))


def _read(found: Search, occasion: Occasion, log: Path) -> None:
    marks = {canary: [mark.encode() for mark in both] for canary, both in _MARKS.items()}
    longest = max(len(mark) for both in marks.values() for mark in both)
    hits = dict.fromkeys(marks, 0)
    try:
        with log.open("rb") as file:
            before, read = b"", 0
            while (chunk := file.read(_CHUNK_BYTES)) and read < _MOST_LOG_BYTES:
                read += len(chunk)
                seen = before + chunk
                for canary, both in marks.items():
                    hits[canary] += sum(seen.count(mark) for mark in both)
                before = seen[-longest + 1 :]
    except OSError:
        return  # another user's: it is not counted as searched
    found.files += 1
    found.size_bytes += read
    for canary, count in hits.items():
        if count:
            found.hits[canary].append({"file": log.name, "times": count})
