"""The second pass: texts that the server prints only while it holds a lock on the table they speak of.

Each statement runs under a short lock timeout. When it waits too long the objects are asked for in smaller
and smaller groups, until only those stand alone whose table is locked. After each group of relations the
transaction goes back to its mark, which gives the locks back: a migration at the source never waits for a
whole read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fanlight.connectors.postgres.failures import DENIED, LOCKED
from fanlight.connectors.postgres.guard import Guard, Row, StatementError
from fanlight.connectors.postgres.literals import without_literals
from fanlight.connectors.types import Asset, Json

_PARTS = 16
_PATIENCE_SECONDS = 20.0
_FATAL_STATES = ("57014", "57P01", "57P02", "57P03", "22021")


@dataclass(slots=True)
class Wanted:
    """What a group of relations has to be asked for: by statement, each object's oid and its relation's oid.

    takers: by statement and object's oid, what to do with a row of the answer.
    """

    owners: dict[str, dict[int, int]] = field(default_factory=dict)
    takers: dict[str, dict[int, Callable[[Row], None]]] = field(default_factory=dict)

    def add(self, statement: str, oid: int, relation: int, take: Callable[[Row], None]) -> None:
        """Ask for one object."""
        self.owners.setdefault(statement, {})[oid] = relation
        self.takers.setdefault(statement, {})[oid] = take


class Definitions:
    """Reads what is wanted, and remembers how long it waited in this run."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._waited_seconds = 0.0

    def read(self, wanted: Wanted) -> dict[int, str]:
        """Hand each row to its taker; return which relations could not be read: oid, and why.

        A reason is 'locked', 'denied' or 'failed'. The transaction must have its savepoint. Raises
        StatementError only when nothing more can be read.
        """
        not_seen: dict[int, str] = {}
        if not wanted.owners:
            return not_seen
        self._limit_waiting()
        for statement, owners in wanted.owners.items():
            oids = [oid for oid, relation in owners.items() if relation not in not_seen]
            if oids:
                missing = self._read(statement, oids, wanted.takers[statement])
                not_seen |= {owners[oid]: reason for oid, reason in missing.items()}
        self._guard.run("rollback_to_savepoint")
        return not_seen

    def _read(
        self, statement: str, oids: Sequence[int], takers: dict[int, Callable[[Row], None]]
    ) -> dict[int, str]:
        started = time.monotonic()
        try:
            rows = self._guard.run(statement, (list(oids),))
        except StatementError as failed:
            state = failed.sqlstate
        else:
            seen: set[int] = set()
            for row in rows:
                takers[row[0]](row)
                seen.add(row[0])
            # Dropped since the snapshot: its row is still there, and the server answers with nothing.
            return {}
        if state.startswith("08") or state in _FATAL_STATES:
            raise StatementError(statement, state)
        self._guard.run("rollback_to_savepoint")
        if state == LOCKED:
            self._waited_seconds += time.monotonic() - started
        self._limit_waiting()
        if state == DENIED or len(oids) == 1:
            reason = {LOCKED: "locked", DENIED: "denied"}.get(state, "failed")
            return dict.fromkeys(oids, reason)
        missing: dict[int, str] = {}
        size = -(-len(oids) // _PARTS)
        for first in range(0, len(oids), size):
            missing |= self._read(statement, oids[first : first + size], takers)
        return missing

    def _limit_waiting(self) -> None:
        is_patient = self._waited_seconds < _PATIENCE_SECONDS
        self._guard.run("short_lock_timeout" if is_patient else "shortest_lock_timeout")


class Takers:
    """Makes the functions that put an answer where it belongs, with its literals removed."""

    def __init__(self, digest_key: bytes) -> None:
        self._key = digest_key

    def put(self, fact: dict[str, Json], name: str, sql: str | None) -> None:
        """Store a text under a name, and its kind beside it where it is a digest."""
        if sql is None:
            return
        text = without_literals(sql, self._key)
        fact[name] = text.text
        if text.kind != "sql":
            fact[f"{name}_kind"] = text.kind

    def text(self, fact: dict[str, Json], name: str) -> Callable[[Row], None]:
        """Take rows of oid and text into one fact."""
        return lambda row: self.put(fact, name, row[1])

    def index(self, fact: dict[str, Json]) -> Callable[[Row], None]:
        """Take rows of `index_definitions` into the keys and the predicate of an index."""

        def take(row: Row) -> None:
            _, expressions, predicate = row
            for key, expression in zip(fact["keys"], expressions, strict=True):
                self.put(key, "expression", expression)
            self.put(fact, "predicate", predicate)

        return take

    def default(self, asset: Asset) -> Callable[[Row], None]:
        """Take rows of `defaults` into the columns of a relation."""

        def take(row: Row) -> None:
            _, position, sql = row
            for column in asset.columns:
                if column[1] == position and sql is not None:
                    text = without_literals(sql, self._key)
                    column[4] = text.text
                    if text.kind != "sql":
                        column[6] = (column[6] or {}) | {"default_kind": text.kind}

        return take
