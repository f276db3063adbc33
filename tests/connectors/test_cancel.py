"""A read that is cancelled ends at the source within a second, and nothing is sent after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from fanlight.connectors.postgres import guard as guard_module
from fanlight.connectors.postgres.guard import Guard
from fanlight.connectors.postgres.session import PostgresSession
from fanlight.core.errors import SourceFailure
from tests.connectors.conftest import ROLE, Source

_ACTIVE = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'active'"


class _Reading(threading.Thread):
    """A read in a thread of its own, as in the worker."""

    def __init__(self, session: PostgresSession) -> None:
        super().__init__(daemon=True)
        self.session = session
        self.error: SourceFailure | None = None
        self.ended_at = 0.0

    def run(self) -> None:
        try:
            for _ in self.session.read():
                pass
        except SourceFailure as error:
            self.error = error
        self.ended_at = time.monotonic()


def _until_active(source: Source, count: int, seconds: float = 5.0) -> float:
    """Wait until so many of our statements run at the source; return when it was seen."""
    give_up = time.monotonic() + seconds
    # From another database: in this one the catalogue is locked, for a new connection too.
    with source.server.connect() as observer:
        while observer.execute(_ACTIVE, [ROLE]).fetchone() != (count,):
            assert time.monotonic() < give_up, f"never {count} active"
            time.sleep(0.01)
    return time.monotonic()


@pytest.fixture
def stuck(shop: Source) -> Iterator[tuple[Source, _Reading]]:
    """A read whose statement waits on a locked catalogue table, at the source."""
    with shop.superuser() as holder, holder.transaction(), shop.open() as session:
        holder.execute("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE")
        reading = _Reading(session)
        reading.start()
        _until_active(shop, 1)
        time.sleep(0.2)
        yield shop, reading
        reading.join(10)


def test_a_running_statement_ends_at_the_source_within_a_second(stuck: tuple[Source, _Reading]) -> None:
    source, reading = stuck
    asked = time.monotonic()
    reading.session.cancel()
    assert _until_active(source, 0) - asked < 1
    reading.join(5)
    assert reading.ended_at - asked < 1
    assert reading.error is not None
    assert reading.error.code == "source.cancelled"
    assert source.ledger[-1].error == "57014"  # no rollback was sent after it


def test_nothing_is_sent_when_cancelled_between_statements(shop: Source) -> None:
    with shop.open() as session:
        batches = session.read()
        next(batches)
        sent = len(shop.ledger)
        session.cancel()
        with pytest.raises(SourceFailure) as failed:
            next(batches)
    assert failed.value.code == "source.cancelled"
    assert len(shop.ledger) == sent


def test_a_session_that_was_cancelled_sends_nothing_more(shop: Source) -> None:
    with shop.open() as session:
        session.cancel()
        sent = len(shop.ledger)
        for errand in (session.report, lambda: list(session.read())):
            with pytest.raises(SourceFailure) as failed:
                errand()
            assert failed.value.code == "source.cancelled"
    assert len(shop.ledger) == sent


def test_a_cancel_that_comes_before_the_statement_has_arrived_still_stops_it(
    shop: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The statement is held back after it was let through, until the first request to cancel has come and gone.
    checked, first_request = Guard._checked, threading.Event()

    class _Late(threading.Event):
        def clear(self) -> None:
            super().clear()
            first_request.wait(5)
            time.sleep(0.05)

    with shop.superuser() as holder, holder.transaction(), shop.open() as session:
        holder.execute("LOCK TABLE pg_catalog.pg_namespace IN ACCESS EXCLUSIVE MODE")
        real = session._guard._connection.cancel_safe

        def counted(*, timeout: float) -> None:
            real(timeout=timeout)
            first_request.set()

        monkeypatch.setattr(session._guard._connection, "cancel_safe", counted)
        assert checked is Guard._checked
        late = _Late()
        late.set()
        session._guard._is_idle = late
        monkeypatch.setattr(session._guard, "_cancelling", _NoLock())
        reading = _Reading(session)
        reading.start()
        give_up = time.monotonic() + 5
        while late.is_set() and time.monotonic() < give_up:
            time.sleep(0.005)
        asked = time.monotonic()
        session.cancel()
        reading.join(5)
        assert reading.ended_at - asked < 1
    assert reading.error is not None
    assert reading.error.code == "source.cancelled"


class _NoLock:
    """Lets a statement and a cancel pass each other, as two machines do."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_a_source_that_ignores_the_request_is_hung_up_on(
    shop: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_module, "_CANCEL_SECONDS", 0.5)
    with shop.superuser() as holder, holder.transaction(), shop.open() as session:
        holder.execute("LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setattr(session._guard._connection, "cancel_safe", lambda *, timeout: None)
        reading = _Reading(session)
        reading.start()
        _until_active(shop, 1)
        asked = time.monotonic()
        session.cancel()
        reading.join(5)
        assert reading.ended_at - asked < 1.5
    assert reading.error is not None
    assert reading.error.code == "source.cancelled"
