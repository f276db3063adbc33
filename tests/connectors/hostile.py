"""A server that lies: it speaks PostgreSQL's protocol, replays what a real server once answered, and changes it.

Nothing here is a library's: the messages are put together by hand (PostgreSQL documentation, section 'Frontend/Backend
Protocol'), so that they can be wrong in every way. A recording is made of a real server, by a relay that looks on.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from fanlight.connectors.postgres.closed_list import STATEMENTS

Message = tuple[bytes, bytes]  # type and payload
Values = list[bytes | None]
_NAMES = {statement.sql: name for name, statement in STATEMENTS.items()}
_PROTOCOL_3, _CANCEL_REQUEST = 196608, 80877102
LAST_PARTS = (b"C", b"Z")


def packed(kind: bytes, payload: bytes = b"") -> bytes:
    """Return a message as it goes over the wire."""
    return kind + struct.pack("!I", len(payload) + 4) + payload


def wire(messages: Iterable[Message]) -> bytes:
    """Return several messages as they go over the wire."""
    return b"".join(packed(kind, payload) for kind, payload in messages)


def row(values: Values) -> Message:
    """Return the message of one row."""
    parts = (
        struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value for value in values
    )
    return b"D", struct.pack("!H", len(values)) + b"".join(parts)


def values_of(message: Message) -> Values:
    """Return the values of one row's message."""
    payload = message[1]
    (count,) = struct.unpack_from("!H", payload)
    values: Values = []
    position = 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", payload, position)
        position += 4
        values.append(None if length < 0 else payload[position : position + length])
        position += max(length, 0)
    return values


def rows_of(messages: list[Message]) -> list[Values]:
    """Return the rows of an answer."""
    return [values_of(one) for one in messages if one[0] == b"D"]


def with_rows(messages: list[Message], rows: Iterable[Values]) -> list[Message]:
    """Return an answer with other rows in it."""
    head = [one for one in messages if one[0] in (b"1", b"2", b"T", b"n")]
    return [*head, *map(row, rows), *(one for one in messages if one[0] in LAST_PARTS)]


def with_types(messages: list[Message], types: dict[int, int]) -> list[Message]:
    """Return an answer whose columns claim other types: by position, oids."""
    changed = []
    for kind, payload in messages:
        if kind == b"T":
            parts, position, number = [payload[:2]], 2, 0
            while position < len(payload):
                end = payload.index(b"\0", position) + 1
                about = bytearray(payload[end : end + 18])
                if number in types:
                    struct.pack_into("!I", about, 6, types[number])
                parts += [payload[position:end], bytes(about)]
                position, number = end + 18, number + 1
            payload = b"".join(parts)  # noqa: PLW2901
        changed.append((kind, payload))
    return changed


def int4(value: int) -> bytes:
    """Return a 4-byte number."""
    return struct.pack("!i", value)


def as_binary(payload: bytes) -> bytes:
    """Return the description of an answer's columns with all of them said to be binary."""
    parts, position = [payload[:2]], 2
    while position < len(payload):
        end = payload.index(b"\0", position) + 1
        parts.append(payload[position : end + 16] + b"\0\1")
        position = end + 18
    return b"".join(parts)


class Line:
    """A connection on the server's side."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def send(self, data: bytes) -> None:
        """Send all of it. Raises OSError when the other side has gone."""
        self._connection.sendall(data)

    def exactly(self, count: int) -> bytes:
        """Return so many bytes. Raises EOFError when the other side has gone."""
        while len(self._rest) < count:
            more = self._connection.recv(65536)
            if not more:
                raise EOFError
            self._rest += more
        found, self._rest = self._rest[:count], self._rest[count:]
        return found

    def startup(self) -> tuple[int, bytes]:
        """Return the code and the rest of the first packet."""
        (length,) = struct.unpack("!I", self.exactly(4))
        packet = self.exactly(length - 4)
        return struct.unpack_from("!I", packet)[0], packet[4:]

    def message(self) -> Message:
        """Return the next message."""
        kind = self.exactly(1)
        (length,) = struct.unpack("!I", self.exactly(4))
        return kind, self.exactly(length - 4)

    def wait_for_the_end(self) -> None:
        """Take whatever comes until the other side goes."""
        while self._connection.recv(65536):
            pass

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@dataclass
class Recording:
    """What a real server answered: the messages of its greeting, and by statement those of each answer in turn."""

    greeting: list[Message] = field(default_factory=list)
    answers: dict[str, list[list[Message]]] = field(default_factory=dict)

    def answer(self, name: str, number: int) -> list[Message]:
        """Return what came the so-manieth time; the last one again and again."""
        answers = self.answers.get(name)
        if not answers:
            return [(b"1", b""), (b"2", b""), (b"n", b""), (b"C", b"SELECT 0\0"), (b"Z", b"T")]
        return list(answers[min(number, len(answers) - 1)])


class Listener:
    """Accepts connections on a free port of the loopback, each in a thread of its own, until the block is left."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._open: list[Line] = []
        self._is_over = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._listener.close()
        for line in self._open:
            line.close()

    def _accept(self) -> None:
        while not self._is_over:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = Line(connection)
            self._open.append(line)
            threading.Thread(target=self._serve_until_gone, args=(line,), daemon=True).start()

    def _serve_until_gone(self, line: Line) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):
            self.serve(line)
        line.close()

    def serve(self, line: Line) -> None:
        """Speak with one client."""
        raise NotImplementedError


Change = Callable[[str, int, list[Message]], Iterable[bytes]]
Greet = Callable[[Line, list[Message]], None]


def honest(_: str, __: int, messages: list[Message]) -> Iterator[bytes]:
    """Answer as it was recorded."""
    yield wire(messages)


def greet(line: Line, messages: list[Message]) -> None:
    """Let everybody in."""
    line.send(wire(messages))


class HostileServer(Listener):
    """Replays a recording. change: gets the statement's name, how often it came before on this connection, and the
    recorded answer; yields what is sent instead. greet: answers the start of a connection.
    """

    def __init__(self, recording: Recording, change: Change = honest, greet: Greet = greet) -> None:
        super().__init__()
        self.recording, self.change, self.greet = recording, change, greet
        self.cancels = 0
        self.asked: list[str] = []

    def serve(self, line: Line) -> None:
        code, _ = line.startup()
        if code == _CANCEL_REQUEST:
            self.cancels += 1
            return
        self.greet(line, self.recording.greeting)
        counts: dict[str, int] = {}
        name = ""
        while True:
            kind, payload = line.message()
            if kind == b"X":
                return
            if kind == b"P":
                name = _NAMES.get(payload.split(b"\0")[1].decode(), "")
            elif kind == b"S":
                number = counts.get(name, 0)
                counts[name] = number + 1
                self.asked.append(name)
                for part in self.change(name, number, self.recording.answer(name, number)):
                    line.send(part)


class Relay(Listener):
    """Stands before a real server's Unix socket. forward: copies one direction, so that it can do it wrongly."""

    def __init__(self, server_socket: str) -> None:
        super().__init__()
        self._server_socket = server_socket

    def serve(self, line: Line) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server_socket)
            asking = threading.Thread(target=self._pump, args=(line._connection, server, False), daemon=True)
            asking.start()
            self._pump(server, line._connection, True)

    def _pump(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.forward(data, target, is_answer)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        """Pass some bytes on. is_answer: whether they come from the server."""
        target.sendall(data)


class Recorder(Relay):
    """Looks on, and keeps what the server answered."""

    def __init__(self, server_socket: str) -> None:
        super().__init__(server_socket)
        self.recording = Recording()
        self._asked = b""
        self._answered = b""
        self._names: list[str] = []
        self._is_started = False
        self._answer: list[Message] = []

    def forward(self, data: bytes, target: socket.socket, is_answer: bool) -> None:
        """Pass everything on, and take note of it."""
        if is_answer:
            self._answered += data
            self._take_answers()
        else:
            self._asked += data
            self._take_questions()
        target.sendall(data)

    def _take_questions(self) -> None:
        if not self._is_started:
            (length,) = struct.unpack_from("!I", self._asked)
            self._asked, self._is_started = self._asked[length:], True
        for kind, payload in _complete(self._asked):
            self._asked = self._asked[len(payload) + 5 :]
            if kind == b"P":
                self._names.append(_NAMES.get(payload.split(b"\0")[1].decode(), ""))

    def _take_answers(self) -> None:
        for kind, payload in _complete(self._answered):
            self._answered = self._answered[len(payload) + 5 :]
            self._answer.append((kind, payload))
            if kind == b"Z":
                if not self.recording.greeting:
                    self.recording.greeting = self._answer
                else:
                    self.recording.answers.setdefault(self._names.pop(0), []).append(self._answer)
                self._answer = []


def _complete(data: bytes) -> list[Message]:
    found, position = [], 0
    while position + 5 <= len(data):
        (length,) = struct.unpack_from("!I", data, position + 1)
        if position + 1 + length > len(data):
            break
        found.append((data[position : position + 1], data[position + 5 : position + 1 + length]))
        position += 1 + length
    return found
