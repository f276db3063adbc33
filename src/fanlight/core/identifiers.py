"""Identifiers and paths: UUIDv7, and the dotted path of an asset, quoted as SQL quotes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NewType
from uuid import UUID

OrganizationId = NewType("OrganizationId", UUID)
PersonId = NewType("PersonId", UUID)
IntegrationId = NewType("IntegrationId", UUID)
RunId = NewType("RunId", UUID)
AssetId = NewType("AssetId", UUID)
SessionId = NewType("SessionId", UUID)
ReceiptId = NewType("ReceiptId", UUID)

_PLAIN_PART = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_RAND_B_BITS = 62
_COUNTER_BITS = 32


def uuid7_from(milliseconds: int, randomness: int) -> UUID:
    """Build a UUIDv7 from a time and 74 random bits.

    milliseconds: Unix time, 0 to 2**48 - 1. randomness: 0 to 2**74 - 1. Source: RFC 9562, section 5.7.
    """
    rand_a, rand_b = randomness >> _RAND_B_BITS, randomness & ((1 << _RAND_B_BITS) - 1)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (rand_a << 64) | (0b10 << 62) | rand_b)


def uuid7_texts(milliseconds: int, randomness: int) -> Iterator[str]:
    """Yield ever-increasing UUIDv7s as text, for rows by the hundred thousand.

    The last 32 bits count up from the given randomness (RFC 9562, section 6.2, method 1); at most 2**31
    are safe to take. milliseconds and randomness as for `uuid7_from`.
    """
    first = str(uuid7_from(milliseconds, randomness & ~((1 << _COUNTER_BITS) - 1)))
    prefix, count = first[:28], randomness & ((1 << (_COUNTER_BITS - 1)) - 1)
    while True:
        yield f"{prefix}{count:08x}"
        count += 1


def quote_part(name: str) -> str:
    """Return one part of a path, quoted as SQL quotes it when it is not a plain lower-case word."""
    return name if _PLAIN_PART.match(name) else '"' + name.replace('"', '""') + '"'


def join_path(*names: str) -> str:
    """Return the dotted path of these names, for example `warehouse.shop.sales.orders`."""
    return ".".join([quote_part(name) for name in names])


def split_path(path: str) -> tuple[str, ...]:
    """Split a dotted path into its names; the inverse of `join_path`.

    Unquoted parts may hold anything but a dot or a quote. Raises ValueError on an unclosed quote or an empty part.
    """
    names: list[str] = []
    position = 0
    while True:
        match = re.compile(r'"((?:[^"]|"")+)"|([^".]+)').match(path, position)
        if match is None:
            raise ValueError(f"{path!r} is not a dotted path")
        names.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        position = match.end()
        if position == len(path):
            return tuple(names)
        if path[position] != ".":
            raise ValueError(f"{path!r} is not a dotted path")
        position += 1
