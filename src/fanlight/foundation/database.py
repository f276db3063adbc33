"""The catalogue's own database: named SQL files, and rows as tuples."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

CANCEL_SECONDS = 5.0


@cache
def sql_file(room: str, name: str) -> str:
    """Return the statement of `fanlight/<room>/sql/<name>.sql`, with named parameters and without its head.

    The head is for readers; a percent sign in it would be taken for a parameter.
    """
    text = resources.files(f"fanlight.{room}").joinpath("sql", f"{name}.sql").read_text("utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("--"))


def execute(room: str, name: str, values: Mapping[str, Any]) -> int:
    """Run a named statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql_file(room, name), values)
        return int(cursor.rowcount)


def rows(room: str, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a named statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql_file(room, name), values)
        return list(cursor.fetchall())


def kept(room: str, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a named statement that the server keeps with its plan, as long as the connection lasts; return its rows.

    For what nearly every page asks and an index answers: that takes the server longer to plan than to find. A statement
    whose best plan depends on its values is no case for it. A parameter needs a type where the server cannot tell one.
    """
    djangos: Any = connections[DEFAULT_DB_ALIAS]
    djangos.close_if_health_check_failed()
    djangos.ensure_connection()
    # Django has nothing kept: its own cursors put the values into the text, which is another one each time.
    djangos.connection.prepare_threshold = 1
    with djangos.make_cursor(psycopg.Cursor(djangos.connection)) as cursor:
        cursor.execute(sql_file(room, name), values)
        return list(cursor.fetchall())


def note_silence() -> None:
    """Spare the statement by which Django looks whether this thread's connection still stands, where it is silent.

    Between two requests a server has nothing to say but that it ends. When it did, Django looks, and connects anew.
    """
    djangos: Any = connections[DEFAULT_DB_ALIAS]
    own = djangos.connection
    if own is None or own.closed:
        return
    looking = select.poll()  # not `select`, which knows no more than 1,024 open files and sockets
    looking.register(own.fileno(), select.POLLIN)
    djangos.health_check_done = not looking.poll(0)


def rows_within(room: str, name: str, values: Mapping[str, Any], *, seconds: float) -> list[tuple[Any, ...]]:
    """Run a named statement that reads, and return its rows, or raise OperationalError when that takes too long.

    One way to the server and back. Inside a transaction only, which is as it was afterwards, also when it took too
    long: its own limit comes back with the savepoint. `was_too_slow` tells that error from others.
    """
    limit = f"SAVEPOINT bounded; SET LOCAL statement_timeout = {round(seconds * 1000)}"
    # The server counts the time of each statement of a message on its own.
    message = f"{limit}; {sql_file(room, name)}; ROLLBACK TO bounded; RELEASE bounded"
    with connection.cursor() as cursor:
        try:
            cursor.execute(message, values)
            cursor.nextset()
            cursor.nextset()
            return list(cursor.fetchall())
        except OperationalError as error:
            if was_too_slow(error):
                cursor.execute("ROLLBACK TO bounded; RELEASE bounded")
            raise


def limit_waiting(seconds: int) -> None:
    """Wait at most so long for a lock, until the open transaction ends; then OperationalError."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{int(seconds)}s'")


@contextmanager
def joining_whole(is_much: bool) -> Iterator[None]:
    """Have the statements of a block join whole tables when there is much to join, instead of looking row after row up.

    The planner cannot tell: a new organization or source is in none of its figures, so it expects one row, and then an
    index on the organization alone looks as good to it as any. Inside a transaction that fails where the block does.
    """
    if not is_much:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")


def canceller() -> Callable[[], None]:
    """Return a function that cancels, from another thread, whatever statement this thread's connection is at."""
    connection.ensure_connection()
    own: psycopg.Connection[Any] = connection.connection

    def cancel() -> None:
        with contextlib.suppress(psycopg.Error):
            own.cancel_safe(timeout=CANCEL_SECONDS)

    return cancel


def stream(
    room: str, name: str, values: Mapping[str, Any], *, at_a_time: int = 1000
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a named statement, so many in memory at a time. Inside a transaction only."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql_file(room, name), values)
        while rows_read := cursor.fetchmany(at_a_time):
            yield from rows_read


@contextmanager
def another_session() -> Iterator[psycopg.Connection[Any]]:
    """Open a session of its own, as this process's role, in autocommit; it ends with the block."""
    other = connection.copy()
    try:
        other.ensure_connection()
        yield other.connection
    finally:
        other.close()


def was_too_slow(error: OperationalError) -> bool:
    """Tell whether a statement ended because its time was over."""
    return isinstance(error.__cause__, psycopg.errors.QueryCanceled)
