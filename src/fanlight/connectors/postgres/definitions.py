"""The second pass: texts that the server prints only while it holds a lock on the tables they speak of.

Each statement runs under a short lock timeout. When it waits too long the objects are asked for in smaller
and smaller groups, until only those stand alone whose table is locked. After each group of assets the
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
from fanlight.connectors.types import Asset, Json, Text

LOCKED_REASON = "locked"
_PARTS = 16
_PATIENCE_SECONDS = 20.0
_FATAL_STATES = ("57014", "57P01", "57P02", "57P03", "22021")
_SHORT_CHARACTERS, _MOST_KNOWN = 200, 4000
# Of one group of assets: the rest of their texts is then left unread.
GROUP_BYTES = 64 * 2**20


@dataclass(slots=True)
class Wanted:
    """What a group of assets has to be asked for: by statement, each object's oid and its asset's oid.

    takers: by statement and object's oid, what to do with a row of the answer. lists: the same way, the facts that
    would be stored without their texts if the object stayed unread, and the name of their list.
    """

    owners: dict[str, dict[int, int]] = field(default_factory=dict)
    takers: dict[str, dict[int, Callable[[Row], None]]] = field(default_factory=dict)
    lists: dict[str, dict[int, tuple[dict[str, Json], str]]] = field(default_factory=dict)

    def add(
        self,
        statement: str,
        oid: int,
        asset: int,
        take: Callable[[Row], None],
        within: tuple[dict[str, Json], str] | None = None,
    ) -> None:
        """Ask for one object. within: the facts and the name of the list in them that it is an element of."""
        self.owners.setdefault(statement, {})[oid] = asset
        self.takers.setdefault(statement, {})[oid] = take
        if within is not None:
            self.lists.setdefault(statement, {})[oid] = within

    def leave_out(self, statement: str, oid: int) -> None:
        """Leave out the list of an object that could not be read: what is stored of it stays, texts included."""
        within = self.lists.get(statement, {}).get(oid)
        if within is not None:
            facts, name = within
            facts.pop(name, None)


class Definitions:
    """Reads what is wanted, and remembers how long it waited in this run."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._waited_seconds = 0.0
        self._most_bytes = 0

    def read(self, wanted: Wanted) -> dict[int, str]:
        """Hand each row to its taker; return which assets could not be read whole: oid, and why.

        A reason is 'locked', 'denied' or 'failed'. Of a locked one nothing more is asked for, since all that is
        stored of it stays; of the others everything else is. The transaction must have its savepoint. Raises
        StatementError only when nothing more can be read.
        """
        not_seen: dict[int, str] = {}
        if not wanted.owners:
            return not_seen
        self._limit_waiting()
        self._most_bytes = self._guard.received_bytes + GROUP_BYTES
        for statement, owners in wanted.owners.items():
            oids = [oid for oid, asset in owners.items() if not_seen.get(asset) != LOCKED_REASON]
            missing = self._read(statement, oids, wanted.takers[statement]) if oids else {}
            for oid, reason in missing.items():
                if reason == LOCKED_REASON or owners[oid] not in not_seen:
                    not_seen[owners[oid]] = reason
                if reason != LOCKED_REASON:
                    wanted.leave_out(statement, oid)
        self._guard.run("rollback_to_savepoint")
        return not_seen

    def _read(
        self, statement: str, oids: Sequence[int], takers: dict[int, Callable[[Row], None]]
    ) -> dict[int, str]:
        if self._guard.received_bytes > self._most_bytes:
            return dict.fromkeys(oids, "failed")
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
            reason = {LOCKED: LOCKED_REASON, DENIED: "denied"}.get(state, "failed")
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
        self._known: dict[
            str, Text
        ] = {}  # as long as this read: what is taken away is not to be kept anywhere

    def put(self, fact: dict[str, Json], name: str, sql: str | None) -> None:
        """Store a text under a name, and its kind beside it where it is a digest."""
        if sql is None:
            return
        text = self._without_literals(sql)
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

        columns = {column[1]: column for column in asset.columns}

        def take(row: Row) -> None:
            _, position, sql = row
            column = columns.get(position)
            if column is not None and sql is not None:
                text = self._without_literals(sql)
                column[4] = text.text
                if text.kind != "sql":
                    column[6] = (column[6] or {}) | {"default_kind": text.kind}

        return take

    def _without_literals(self, sql: str) -> Text:
        # Most defaults are short, and few differ.
        text = self._known.get(sql)
        if text is None:
            text = without_literals(sql, self._key)
            if len(sql) <= _SHORT_CHARACTERS and len(self._known) < _MOST_KNOWN:
                self._known[sql] = text
        return text
