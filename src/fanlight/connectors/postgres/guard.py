"""The guard: the only owner of the driver's connection, and it sends nothing but the closed list (promise
R2).

Small enough to read aloud. The text is hashed again right before it is sent and compared with the digest that was
built in (the first lock), and read by what knows no list (the second, `syntax.py`); the very bytes that were hashed and
read are sent. Everything goes by the extended protocol, where one message cannot hold two statements. Each
statement sent is written to the ledger, also when it fails. The source's own messages are dropped here: they
may quote literals, and the driver's errors carry the connection's parameters.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import Any, TypeVar

import psycopg
from psycopg import Cursor
from psycopg.pq import ConnStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import RowFactory, tuple_row

from fanlight.connectors.postgres.closed_list import DIGESTS, SHAPES, STATEMENTS
from fanlight.connectors.postgres.receiving import ANSWER_VALUES, BoundedConnection, TooMuch
from fanlight.connectors.types import Clock, Ledger, LedgerEntry
from fanlight.core.errors import StatementRefused

Row = tuple[Any, ...]
_R = TypeVar("_R", bound=Sequence[Any])
DISCONNECTED = "08006"
UNREADABLE = "22021"  # character_not_in_repertoire, here for everything that is not what was asked for
UNKNOWN = "XX000"  # internal_error
CANCELLED = "57014"  # query_canceled
TOO_LARGE = "54000"  # program_limit_exceeded, and not the source's own word: we would not take it
_CANCEL_SECONDS, _CANCEL_AGAIN_SECONDS = 3.0, 0.1
_MOST_TOO_LARGE = 50  # in one session: what is asked for in groups is asked for again in smaller ones


class StatementError(Exception):
    """The source refused a statement. sqlstate: its five-letter code, and nothing else of its answer."""

    def __init__(self, statement: str, sqlstate: str) -> None:
        super().__init__(f"{statement}: {sqlstate}")
        self.statement = statement
        self.sqlstate = sqlstate


_SQLSTATE = re.compile("[0-9A-Z]{5}")
# The types of answers by oid: bool, int8, int2, int4, text, oid, float8, and arrays of bool, int2, int4, text, int8 and
# oid. Nothing that our statements ask for is of another type, and of the driver's many readers no other is let loose on
# an answer. Whole numbers are one kind: between versions the catalogue's grow.
KINDS: Mapping[int, str] = MappingProxyType(
    {16: "b", 20: "i", 21: "i", 23: "i", 25: "t", 26: "i", 701: "f"}
    | {1000: "B", 1005: "I", 1007: "I", 1009: "T", 1016: "I", 1028: "I"}
)
# Of arrays, in one answer and in one value: positions are those of columns, words those of an enum at most.
ANSWER_ELEMENTS = 1_000_000
_MOST_ELEMENTS: Mapping[str, int] = MappingProxyType({"I": 1664, "B": 1664, "T": 100_000})
# Beyond what the source's own limit for a statement allows (`session_settings`).
DEADLINE_SECONDS = 90.0
# A database of a million tables takes about ten thousand statements, and minutes.
SESSION_STATEMENTS, SESSION_SECONDS = 100_000, 6 * 3600.0


class Guard:
    """Stands between the connector and the driver."""

    def __init__(self, connection: BoundedConnection, *, source: str, ledger: Ledger, clock: Clock) -> None:
        self._connection = connection
        self.source = source
        self._ledger = ledger
        self._clock = clock
        self._cancelling = threading.Lock()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self.is_cancelled = False
        self._too_large = 0
        self._is_given_up = False
        self._reads_ahead = False
        self._count = 0
        self._end = time.monotonic() + SESSION_SECONDS

    def run(self, name: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Send one statement of the closed list and return all rows of its answer, as tuples."""
        return self._run(name, parameters, tuple_row)

    def run_as_lists(self, name: str, parameters: Sequence[object] = ()) -> list[list[Any]]:
        """Do the same for rows that are kept as they are: a list each, to be changed in place."""
        return self._run(name, parameters, _list_row)

    def _run(self, name: str, parameters: Sequence[object], row_factory: RowFactory[_R]) -> list[_R]:
        """Send one statement of the closed list and return all rows of its answer.

        name: of its file. Raises StatementRefused before the driver sees anything that is not on the list,
        and StatementError when the source refuses it, or when `cancel` was called: then nothing is sent.
        """
        sql = self._checked(name)
        self._count += 1
        if self._count > SESSION_STATEMENTS or time.monotonic() > self._end:
            self._is_given_up = True
        with self._cancelling:
            if self.is_cancelled or self._is_given_up:
                raise StatementError(name, CANCELLED if self.is_cancelled else TOO_LARGE)
            self._is_idle.clear()
        started_at, started = self._clock(), time.perf_counter()
        received = self._connection.airlock.received_bytes
        deadline = threading.Timer(DEADLINE_SECONDS, self._break_off)
        deadline.daemon = True
        deadline.start()
        try:
            rows, sqlstate = self._ask(name, sql, parameters, row_factory)
        finally:
            deadline.cancel()
            self._is_idle.set()
        milliseconds = (time.perf_counter() - started) * 1000
        self._ledger(
            LedgerEntry(
                statement=name,
                digest=DIGESTS[name],
                source=self.source,
                started_at=started_at,
                milliseconds=milliseconds,
                rows=len(rows),
                size_bytes=self._connection.airlock.received_bytes - received,
                error=sqlstate,
            )
        )
        # Raised out here, so that the driver's error is not even the context of ours.
        if sqlstate:
            raise StatementError(name, sqlstate)
        return rows

    def _ask(
        self, name: str, sql: bytes, parameters: Sequence[object], row_factory: RowFactory[_R]
    ) -> tuple[list[_R], str]:
        """Send what was checked. Return the rows and no code, or no row and the code of what went wrong."""
        connection, shape = self._connection, SHAPES[name]
        connection.expect_answer()
        try:
            cursor = connection.cursor(row_factory=row_factory)
            cursor.execute(sql, parameters)
            state = _objection_to(cursor.pgresult, shape)
            rows = cursor.fetchall() if cursor.description and not state else []
            if _has_arrays_in_arrays(rows, shape):
                state = UNREADABLE
        except TooMuch:
            self._throw_away()
            state = TOO_LARGE
        except psycopg.Error as error:
            state = self._state_of(error)
        except Exception:
            # What the driver meets in an answer that is none: bytes that are no text, an array that is no array.
            state = UNREADABLE
        return ([], state) if state else (rows, "")

    def _state_of(self, error: psycopg.Error) -> str:
        """Return the source's code for an error, or ours where it has none; never a text of its own choice."""
        if error.sqlstate is not None:
            return error.sqlstate if _SQLSTATE.fullmatch(error.sqlstate) else UNKNOWN
        is_alive = self._connection.pgconn.status == ConnStatus.OK
        return UNREADABLE if is_alive and not isinstance(error, psycopg.OperationalError) else DISCONNECTED

    def _throw_away(self) -> None:
        """Have the source stop an answer that is too large; where it does not, or does it again and again, hang up."""
        self._too_large += 1
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
            if self._connection.drain() and self._too_large < _MOST_TOO_LARGE:
                return
        self._is_given_up = True
        self._break_off()

    def _break_off(self) -> None:
        # The source was asked to give up long before; one that answers nothing and closes nothing would hold its
        # place in the worker for ever. Ended from this side, the driver sees the end of the connection.
        self._connection.airlock.break_off()

    def _checked(self, name: str) -> bytes:
        statement, digest = STATEMENTS.get(name), DIGESTS.get(name)
        sql = b"" if statement is None else statement.sql.encode()
        if type(sql) is not bytes or hashlib.sha256(sql).hexdigest() != digest:
            raise _refused(name, "it is not on the closed list")
        # Costs a tenth of a second the first time: paid by whoever opens a source, and by nobody else.
        from fanlight.connectors.postgres import syntax  # noqa: PLC0415

        if reason := syntax.objection(sql.decode()):
            raise _refused(name, reason)
        return sql

    @property
    def received_bytes(self) -> int:
        """How much has come since the connection was begun."""
        return self._connection.airlock.received_bytes

    def read_ahead(self, names: Iterable[str]) -> None:
        """Have the second lock read these statements while the source is waited for; nothing is sent.

        It remembers what it has read, by the whole text, and is asked again before each is sent.
        """

        def read() -> None:
            from fanlight.connectors.postgres import syntax  # noqa: PLC0415 - see `_checked`

            for name in names:
                syntax.objection(STATEMENTS[name].sql)

        if not self._reads_ahead:
            self._reads_ahead = True
            threading.Thread(target=read, name="reading ahead", daemon=True).start()

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open at the source."""
        return self._connection.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        )

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is TLS or a local socket."""
        return self._connection.pgconn.ssl_in_use or self._connection.info.host.startswith("/")

    def cancel(self) -> None:
        """Stop the running statement at the source, and send none after it; from any thread.

        Comes back when it has ended: a source that does not let go of it within seconds is hung up on.
        """
        with self._cancelling:
            self.is_cancelled = True
        give_up = time.monotonic() + _CANCEL_SECONDS
        while not self._is_idle.is_set():
            # The request may be there before the statement is, and is forgotten then: so it is asked again.
            with contextlib.suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
            if self._is_idle.wait(_CANCEL_AGAIN_SECONDS) or time.monotonic() > give_up:
                break
        if not self._is_idle.is_set():
            self._break_off()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _refused(name: str, reason: str) -> StatementRefused:
    return StatementRefused(
        code="statement.refused",
        detail=f"The statement {name!r} was stopped and nothing was sent: {reason}.",
        remedy="Report this, with the installation's version: its files may have been changed.",
    )


def _list_row(_: Cursor[Any]) -> Callable[[Sequence[Any]], list[Any]]:
    return list


def _objection_to(result: PGresult | None, shape: str) -> str:
    """Return the code of what is wrong with an answer before any of its values is read, or nothing."""
    if result is None:
        return UNREADABLE
    columns = range(result.nfields)
    if "".join([KINDS.get(result.ftype(number), "?") for number in columns]) != shape:
        return UNREADABLE
    if any(result.fformat(number) != Format.TEXT for number in columns):
        return UNREADABLE
    if result.ntuples * len(shape) > ANSWER_VALUES:
        return TOO_LARGE
    elements = 0
    for number in columns:
        if shape[number] in _MOST_ELEMENTS:
            arrays = filter(None, map(result.get_value, range(result.ntuples), repeat(number)))
            # Or more than there are: a comma in a quoted element counts as well.
            counts = [array.count(b",") + 1 for array in arrays]
            elements += sum(counts)
            if max(counts, default=0) > _MOST_ELEMENTS[shape[number]] or elements > ANSWER_ELEMENTS:
                return TOO_LARGE
    return ""


def _has_arrays_in_arrays(rows: Sequence[Sequence[Any]], shape: str) -> bool:
    """Tell whether an array holds arrays, as none that our statements ask for does."""
    places = [number for number, kind in enumerate(shape) if kind in _MOST_ELEMENTS]
    return any(list in set(map(type, row[place])) for place in places for row in rows if row[place])
