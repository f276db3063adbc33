"""Plain data of the directory of organizations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanlight.core.identifiers import OrganizationId


@dataclass(frozen=True, slots=True)
class OrganizationSummary:
    """An organization, as its own people see it. created_at: UTC."""

    id: OrganizationId
    name: str
    created_at: datetime
