"""Recording an act, in the transaction of the change itself."""

from __future__ import annotations

from datetime import UTC, datetime

from fanlight.audit.types import Event
from fanlight.core import canonical
from fanlight.core.actors import Actor
from fanlight.foundation import database
from fanlight.tenancy import services as tenancy_services

__all__ = ["open_log", "record"]

FORMAT = 1


def open_log(actor: Actor) -> None:
    """Start an organization's log at zero. Call once, inside its scope, when the organization is made."""
    database.execute("audit", "open_log", {"organization_id": actor.organization_id})


def record(actor: Actor, event: Event, *, at: datetime) -> int:
    """Append an event and return its sequence.

    Call inside `tenancy.scope`, in the same transaction as the change: both commit or neither does, so that
    the sequence has no gap. The head's row stays locked until then, so record last. at: aware, UTC.
    Raises ScopeError outside the actor's own scope. Source: promise O9.
    """
    if tenancy_services.current() != actor.organization_id:
        raise tenancy_services.ScopeError("an event is recorded inside its organization's scope")
    sequence = database.rows("audit", "take_sequence", {"organization_id": actor.organization_id})[0][0]
    encoded = canonical.encode(
        {
            "format": FORMAT,
            "organization": str(actor.organization_id),
            "sequence": sequence,
            "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "kind": event.kind,
            "actor": {"kind": actor.kind.value, "person": str(actor.person_id) if actor.person_id else None},
            "details": event.details(),
        }
    )
    database.execute(
        "audit",
        "append_event",
        {
            "organization_id": actor.organization_id,
            "sequence": sequence,
            "at": at,
            "kind": event.kind,
            "encoded": encoded,
        },
    )
    return int(sequence)
