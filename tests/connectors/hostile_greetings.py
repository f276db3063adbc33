"""How a hostile source begins a connection."""

from __future__ import annotations

import struct

from tests.connectors.hostile import (
    Greet,
    Line,
    Message,
    packed,
    wire,
)


def says(first: bytes) -> Greet:
    def greeting(line: Line, _: list[Message]) -> None:
        line.send(first)
        line.wait_for_the_end()

    return greeting


def hangs_up(line: Line, _: list[Message]) -> None:
    raise EOFError


def says_nothing(line: Line, _: list[Message]) -> None:
    line.wait_for_the_end()


def endless_greeting(message: bytes) -> Greet:
    def greeting(line: Line, messages: list[Message]) -> None:
        line.send(wire(messages[:1]))
        while True:
            line.send(message * 1000)

    return greeting


def hard_work(line: Line, _: list[Message]) -> None:
    """Ask for ten million rounds of SCRAM: seconds of work. It could be two thousand million."""
    line.send(packed(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256\0\0"))
    _, payload = line.message()
    nonce = payload.split(b"r=")[1]
    line.send(packed(b"R", struct.pack("!I", 11) + b"r=" + nonce + b"x,s=c2FsdHNhbHQ=,i=10000000"))
    line.wait_for_the_end()


def encoding(name: bytes) -> Greet:
    def greeting(line: Line, messages: list[Message]) -> None:
        line.send(wire([*messages[:-1], (b"S", b"client_encoding\0" + name + b"\0"), messages[-1]]))

    return greeting
