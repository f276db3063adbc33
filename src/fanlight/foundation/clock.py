"""The clock, and the randomness that goes with time: the only place that reads either."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from fanlight.core.identifiers import uuid7_from, uuid7_texts


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def uuid7() -> UUID:
    """Return a new UUIDv7."""
    return uuid7_from(time.time_ns() // 1_000_000, secrets.randbits(74))


def many_uuid7() -> Iterator[str]:
    """Yield new UUIDv7s as text, ever increasing, for rows by the hundred thousand."""
    return uuid7_texts(time.time_ns() // 1_000_000, secrets.randbits(74))
