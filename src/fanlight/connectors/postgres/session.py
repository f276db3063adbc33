"""An open session: one guarded connection, one read-only transaction at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from fanlight.connectors.postgres import edge
from fanlight.connectors.postgres.asking import Asker, Server
from fanlight.connectors.postgres.closed_list import names_for
from fanlight.connectors.postgres.failures import implausible_failure, statement_failure
from fanlight.connectors.postgres.guard import Guard, StatementError
from fanlight.connectors.postgres.privileges import read_privileges
from fanlight.connectors.postgres.reading import Reader
from fanlight.connectors.types import Asset, NotSeen, Privileges, SourceReport, Unlisted
from fanlight.core.errors import FanlightError, SourceFailure

OLDEST_MAJOR = 13


class PostgresSession:
    """An open, read-only connection to one database. Close it by leaving its `with` block."""

    def __init__(self, guard: Guard, *, source: str, digest_key: bytes) -> None:
        self._guard = guard
        self._source = source
        self._digest_key = digest_key
        self._reader: Reader | None = None
        with self._explained():
            guard.run("session_settings")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guard.close()

    def report(self) -> SourceReport:
        """Tell what is at the other end. Raises SourceFailure."""
        with self._explained(), self._transaction():
            asker = self._new_asker()
            databases = asker.optional("databases")
            server = asker.server
            return edge.checked_report(
                SourceReport(
                    product=f"PostgreSQL {server.version.split()[0]}",
                    user=server.user,
                    databases=tuple((name, may_connect) for name, may_connect in databases)
                    or ((server.database, True),),
                    is_encrypted=self._guard.is_encrypted,
                )
            )

    def read(self) -> Iterator[list[Asset]]:
        """Yield the database's assets in batches, parents before children, from one snapshot.

        After the last batch `not_seen` is complete. A relation's `not_seen` is 'locked', 'denied' or
        'failed'. Raises SourceFailure.
        """
        with self._explained(), self._transaction():
            self._reader = Reader(self._new_asker())
            yield from edge.Edge().checked(self._reader.batches())

    def privileges(self) -> Privileges:
        """Tell what the credential could do in this database, from the catalogue alone. Raises SourceFailure."""
        with self._explained(), self._transaction():
            server = self._new_asker().server
            found = read_privileges(self._guard, names_for(server.major), server.database)
            return edge.checked_privileges(found)

    def cancel(self) -> None:
        """Stop the running statement at the source, from another thread, and send none after it.

        Whatever goes on in this session ends with SourceFailure `source.cancelled`. Comes back within seconds.
        """
        self._guard.cancel()

    @property
    def total(self) -> int | None:
        """How many assets the read will yield; None before it is known."""
        return None if self._reader is None else edge.checked_total(self._reader.total)

    @property
    def not_seen(self) -> list[NotSeen]:
        """What exists and could not be read, so far."""
        return [] if self._reader is None else [edge.checked_not_seen(one) for one in self._reader.not_seen]

    @property
    def unlisted(self) -> list[Unlisted]:
        """What could not even be listed so far: nothing of it is confirmed gone."""
        return [] if self._reader is None else self._reader.unlisted

    def _new_asker(self) -> Asker:
        ((number, version, user, database, encoding, block_size),) = self._guard.run("server")
        major = number // 10_000
        if major < OLDEST_MAJOR:
            raise SourceFailure(
                code="source.too_old",
                detail=f"{self._source!r} is PostgreSQL {major}; {OLDEST_MAJOR} is the oldest supported.",
                remedy="Upgrade it; its own project no longer repairs it.",
            )
        self._guard.read_ahead(names_for(major).values())
        if database != self._guard.source:
            raise SourceFailure(
                code="source.another_database",
                detail=f"{self._source!r} leads to a database of another name.",
                remedy="Enter the database's own name, and connect to the server itself.",
            )
        for name in (version, user, database, encoding):
            edge.check_name(name)
        server = Server(major, version, user, database, encoding, edge.checked_block_size(block_size))
        return Asker(self._guard, server, names_for(major), self._digest_key)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        guard = self._guard
        guard.run("begin_read_only")
        try:
            self._hold_read_only()
            yield
            guard.run("commit")
        except BaseException:
            # Also when the reader of the batches stopped early. What went wrong first is what is told.
            if guard.is_in_transaction and not guard.is_cancelled:
                with contextlib.suppress(StatementError):
                    guard.run("rollback")
            raise

    def _hold_read_only(self) -> None:
        # The first query fixes the snapshot and the mode: before it, the transaction could be made writable.
        is_held = self._guard.run("hold_read_only") == [("on", "repeatable read")]
        self._guard.run("savepoint")
        if not (is_held and self._guard.is_in_transaction):
            raise SourceFailure(
                code="source.not_read_only",
                detail=f"{self._source!r} did not keep the session read-only.",
                remedy="Connect to the server itself, not through something that changes statements.",
            )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        failure: FanlightError | None = None
        try:
            yield
        except StatementError as failed:
            failure = self._failure(failed)
        except edge.Implausible as lie:
            failure = implausible_failure(lie.what, self._source)
        except edge.MISREADINGS as error:
            failure = implausible_failure(edge.misread(error), self._source)
        if failure is not None:
            raise failure

    def _failure(self, failed: StatementError) -> FanlightError:
        if self._guard.is_cancelled:
            return SourceFailure(
                code="source.cancelled",
                detail=f"The read of {self._source!r} was stopped on request.",
                remedy="Run it again when you want it to go on.",
            )
        return statement_failure(failed, self._source)
