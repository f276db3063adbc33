"""One organization for one transaction: the only way to the rows of a tenant table.

Row security compares every row with the setting `fanlight.organization_id`, which lives exactly as long as
the transaction that `scope` opens. `SET LOCAL` with a literal, not `set_config`: a distributed PostgreSQL
forwards only the former to its shards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from fanlight.core.identifiers import OrganizationId

_current: ContextVar[OrganizationId | None] = ContextVar("fanlight_organization", default=None)
_is_reading: ContextVar[bool] = ContextVar("fanlight_is_reading", default=False)


class ScopeError(RuntimeError):
    """A scope was opened inside another organization's, or inside a transaction that outlives it."""


class OutsideScopeError(RuntimeError):
    """A tenant table was queried outside a scope, where it would silently have been empty."""


@contextmanager
def scope(organization_id: OrganizationId) -> Iterator[None]:
    """Open a transaction in which only this organization's rows exist.

    Nested scopes of the same organization share the transaction (as a savepoint). Raises ScopeError for
    another organization's, and RuntimeError (from Django) inside a foreign transaction: the setting would
    outlive the scope there.
    """
    _refuse_text(organization_id)
    outer = _current.get()
    if outer is not None and outer != organization_id:
        raise ScopeError("a scope of another organization is open")
    if _is_reading.get():
        # Nothing can have been changed, so there is nothing to go back to.
        yield
        return
    with transaction.atomic(durable=outer is None):
        if outer is None:
            with connection.cursor() as cursor:
                cursor.execute(_setting(organization_id))
        token = _current.set(organization_id)
        try:
            yield
        finally:
            _current.reset(token)


@contextmanager
def reading(organization_id: OrganizationId) -> Iterator[None]:
    """Open a scope that can only be read in: one transaction for a whole page, in which the database refuses writes.

    Scopes of the same organization inside it cost no statement. A statement that fails inside ends the whole of it.
    Raises ScopeError inside any scope.
    """
    _refuse_text(organization_id)
    if _current.get() is not None:
        raise ScopeError("a scope is open already")
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("{}; SET TRANSACTION READ ONLY").format(_setting(organization_id)))
        chosen, reads = _current.set(organization_id), _is_reading.set(True)
        try:
            yield
        finally:
            _current.reset(chosen)
            _is_reading.reset(reads)


def _refuse_text(organization_id: object) -> None:
    if not isinstance(organization_id, UUID):
        raise TypeError("an organization is chosen by its UUID")


def _setting(organization_id: OrganizationId) -> sql.Composed:
    return sql.SQL("SET LOCAL fanlight.organization_id = {}").format(sql.Literal(str(organization_id)))


def current() -> OrganizationId | None:
    """Return the organization of the open scope, or None outside of one."""
    return _current.get()


def refuse_queries_outside(tables: frozenset[str]) -> Callable[..., Any]:
    """Return a wrapper for `connection.execute_wrapper` that raises when a tenant table is named outside a scope.

    Installed by the tests: in production row security answers such a query with no rows, which is safe and silent.
    """
    names = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, tables))) + r")\b")

    def wrapper(execute: Callable[..., Any], text: Any, values: Any, many: bool, context: Any) -> Any:
        if _current.get() is None and isinstance(text, str) and (found := names.search(text)):
            raise OutsideScopeError(f"{found[0]} was queried outside tenancy.scope")
        return execute(text, values, many, context)

    return wrapper
