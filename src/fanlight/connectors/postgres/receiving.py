"""How much of what a source sends is taken in: one that lies about its size must not fill the worker.

libpq keeps a whole answer in memory before anybody may look at it, and reads a message of up to 1 GB in one go. So it
is not given the socket: an airlock stands between them, hands over a little at a time, and counts. What passes through
is what would have passed anyway, with TLS the encrypted bytes; nobody but libpq can read them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg import Notify, generators
from psycopg.conninfo import make_conninfo

_R = TypeVar("_R")

# Of one answer. The largest honest ones that we know hold the columns of 50,000 attributes or as many comments: 5 to
# 15 MB. In memory an answer may become six times as large.
ANSWER_BYTES = 64 * 2**20
ANSWER_VALUES = 4_000_000
# Of everything that one session receives, and of what comes before it is open.
SESSION_BYTES = 8 * 2**30
GREETING_BYTES = 2**20
TOO_LONG_A_GREETING = "too much came before the connection was open"
_LATE = "connection timeout expired"

_PORTION_BYTES = 2**16
_READ, _WRITE = 1, 2  # psycopg's waiting.Wait and waiting.Ready
_DRAIN_SECONDS, _DRAIN_BYTES = 5.0, 16 * 2**20
_SEND_SECONDS = 30.0
_INTERRUPTIBLE_SECONDS = 0.1


class TooMuch(Exception):
    """More came than was expected; the rest is still on its way."""


class Airlock:
    """Stands between libpq and its socket. descriptor: of libpq's socket, which becomes the inner door."""

    def __init__(self, descriptor: int) -> None:
        self._line = socket.socket(fileno=os.dup(descriptor))
        self._line.settimeout(_SEND_SECONDS)
        self._outer, inner = socket.socketpair()
        self._outer.setblocking(False)
        inner.setblocking(False)
        os.dup2(inner.fileno(), descriptor, inheritable=False)
        self._place = os.fstat(inner.fileno()).st_ino
        inner.close()
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(self._line, select.POLLIN)
        self.received_bytes = 0
        self.limit_bytes = GREETING_BYTES

    def is_at(self, descriptor: int) -> bool:
        """Tell whether this descriptor is the inner door; libpq may have taken another socket since."""
        return os.fstat(descriptor).st_ino == self._place

    def pass_out(self) -> None:
        """Send what libpq has written."""
        while True:
            try:
                data = self._outer.recv(_PORTION_BYTES)
            except OSError:  # nothing there, or nobody
                return
            if not data:
                return
            try:
                self._line.sendall(data)
            except OSError:
                # Nobody is there, or nobody listens. libpq reads what came before, and then the end.
                self.break_off()
                return

    def pass_in(self, seconds: float) -> bool:
        """Hand libpq a little of what has come, or the end; return whether there is anything to read.

        Raises TooMuch when more has come than was expected: what was handed over before stays with libpq.
        """
        if _waiting_bytes(self._descriptor):
            return True
        if not self._poll.poll(seconds * 1000):
            return False
        try:
            data = self._line.recv(_PORTION_BYTES)
        except OSError:
            data = b""
        if not data:
            self._outer.shutdown(socket.SHUT_WR)
            return True
        self.received_bytes += len(data)
        self._outer.sendall(data)
        if self.received_bytes > self.limit_bytes:
            raise TooMuch
        return True

    def wait(self, wanted: int, seconds: float) -> int:
        """Do as the driver's own waiting does: wait until it may read or write; return which, or 0."""
        self.pass_out()
        if wanted & _READ and self.pass_in(0 if wanted & _WRITE else seconds):
            return wanted
        return wanted & _WRITE

    def break_off(self) -> None:
        """End the connection from this side, also while somebody waits for it."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Send what libpq said last, and close."""
        with contextlib.suppress(OSError):
            self.pass_out()
        self._line.close()
        self._outer.close()


class _ExtendedCursor(psycopg.RawCursor[tuple[Any, ...]]):
    """A cursor that never uses the simple protocol, in which one message may hold several statements.

    The driver's own takes it where there are no parameters and the answer is asked for as text. It is, since the
    driver's readers of binary values believe what a source says about their length: an array that claims two thousand
    million elements ends the process, and a number that is too short shows what lies beside it in memory. Those of
    text do not (tests/connectors/test_hostile.py tries both).
    """

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        super()._execute_send(query, force_extended=True, binary=False)


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """The driver's connection behind an airlock."""

    airlock: Airlock

    @classmethod
    def open(cls, parameters: dict[str, Any], *, seconds: float) -> BoundedConnection:
        """Connect within so many seconds; in autocommit, and without preparing anything.

        Raises psycopg's errors, which may hold the parameters.
        """
        conninfo = make_conninfo(**parameters)
        doors: list[Airlock] = []
        try:
            pgconn = _wait_connecting(generators.connect(conninfo), doors, time.monotonic() + seconds)
        except BaseException:
            for door in doors:
                door.close()
            raise
        connection = cls(pgconn)
        connection.airlock = doors.pop() if doors else Airlock(pgconn.socket)
        connection.autocommit = True
        connection.prepare_threshold = None
        connection.cursor_factory = _ExtendedCursor
        # Sent unasked, notifications would be collected until somebody looks.
        connection.add_notify_handler(_ignore)
        return connection

    def expect_answer(self) -> None:
        """Allow one more answer. Call it before each statement."""
        door = self.airlock
        door.limit_bytes = min(door.received_bytes + ANSWER_BYTES, SESSION_BYTES)

    def wait(self, gen: Any, *_: Any, **__: Any) -> Any:
        """Do what the driver's own does, at the airlock. Raises TooMuch."""
        try:
            wanted = next(gen)
            while True:
                wanted = gen.send(self.airlock.wait(wanted, _INTERRUPTIBLE_SECONDS))
        except StopIteration as end:
            self.airlock.pass_out()
            return end.value
        except (KeyboardInterrupt, SystemExit):
            with contextlib.suppress(psycopg.Error):
                self.cancel_safe(timeout=_DRAIN_SECONDS)
            raise

    def drain(self) -> bool:
        """Throw away what is left of an answer after it was cancelled. Returns whether there was an end to it."""
        door, give_up = self.airlock, time.monotonic() + _DRAIN_SECONDS
        door.limit_bytes = door.received_bytes + _DRAIN_BYTES
        while True:
            while not self.pgconn.is_busy():
                if self.pgconn.get_result() is None:
                    return True
            try:
                if not door.wait(_READ, max(give_up - time.monotonic(), 0)):
                    return False
            except TooMuch:
                return False
            self.pgconn.consume_input()

    def close(self) -> None:
        """Say goodbye, and close."""
        super().close()
        self.airlock.close()


def _wait_connecting(
    generator: Generator[tuple[int, int], int, _R], doors: list[Airlock], give_up: float
) -> _R:
    """Wait while a connection is made: at the socket itself until it stands, then at an airlock."""
    try:
        descriptor, wanted = next(generator)
        while (remaining := give_up - time.monotonic()) > 0:
            seconds = min(remaining, _INTERRUPTIBLE_SECONDS)
            if doors and not doors[-1].is_at(descriptor):
                doors.pop().close()
            if wanted == _READ and not doors:
                doors.append(Airlock(descriptor))
            ready = doors[-1].wait(wanted, seconds) if doors else _wait_plainly(descriptor, wanted, seconds)
            descriptor, wanted = generator.send(ready)
    except StopIteration as end:
        result: _R = end.value
        return result
    except TooMuch:
        raise psycopg.OperationalError(TOO_LONG_A_GREETING) from None
    raise psycopg.errors.ConnectionTimeout(_LATE)


def _wait_plainly(descriptor: int, wanted: int, seconds: float) -> int:
    poll = select.poll()
    poll.register(
        descriptor, (select.POLLIN if wanted & _READ else 0) | (select.POLLOUT if wanted & _WRITE else 0)
    )
    return wanted if poll.poll(seconds * 1000) else 0


def _waiting_bytes(descriptor: int) -> int:
    """Return how many bytes have come and were not read yet."""
    (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))
    return int(count)


def _ignore(_: Notify) -> None:
    return None
