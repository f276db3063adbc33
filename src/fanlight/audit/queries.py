"""Reads of the audit log."""

from __future__ import annotations

import json

from fanlight.audit.models import AuditEvent
from fanlight.audit.types import RecordedEvent
from fanlight.core.identifiers import OrganizationId


def events_after(organization_id: OrganizationId, sequence: int, limit: int) -> list[RecordedEvent]:
    """Return the events that follow a number, in order. Call inside the organization's scope."""
    rows = AuditEvent.objects.filter(organization_id=organization_id, sequence__gt=sequence).order_by(
        "sequence"
    )
    return [
        RecordedEvent(sequence=row.sequence, at=row.at, kind=row.kind, event=json.loads(bytes(row.encoded)))
        for row in rows[:limit]
    ]
