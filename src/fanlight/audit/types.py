"""The shape of audit events. Each room declares its own, deriving from `Event`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

_declared: dict[str, type[Event]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """One act, named by what happened ('integration.added').

    Fields hold identifiers, codes, counts and names: str, int, bool or None. Never a secret, never a literal
    of a source. A kind is declared once; declaring it twice raises TypeError.
    """

    kind: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        kind = cls.__dict__.get("kind", "")
        known = _declared.get(kind)
        if not kind or (known is not None and known.__qualname__ != cls.__qualname__):
            raise TypeError(f"{cls.__qualname__} needs a kind of its own")
        _declared[kind] = cls

    def details(self) -> dict[str, Any]:
        """Return the fields, for the canonical encoding."""
        return asdict(self)


def declared_events() -> dict[str, type[Event]]:
    """Return every declared event by kind, for the documentation."""
    return dict(sorted(_declared.items()))


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it rests. sequence: 1, 2, 3, ... within its organization. at: UTC. event: decoded."""

    sequence: int
    at: datetime
    kind: str
    event: dict[str, Any]
