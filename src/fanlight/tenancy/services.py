"""Changes to the directory of organizations, and the scope that everything else happens in."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from fanlight.core.errors import Conflict, WrongUse
from fanlight.core.identifiers import OrganizationId
from fanlight.foundation import clock
from fanlight.tenancy.beside import Beside
from fanlight.tenancy.models import Organization
from fanlight.tenancy.scope import ScopeError, current, reading, scope

__all__ = [
    "Beside",
    "ScopeError",
    "current",
    "new_organization_id",
    "reading",
    "register_organization",
    "rename_organization",
    "scope",
]

NAME_LENGTH = 200


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > NAME_LENGTH or not cleaned.isprintable():
        raise WrongUse(
            code="organization.name",
            detail=f"An organization's name has 1 to {NAME_LENGTH} printable characters.",
            remedy="Choose another name.",
        )
    return cleaned


def new_organization_id() -> OrganizationId:
    """Return an id for an organization to be."""
    return OrganizationId(clock.uuid7())


def register_organization(*, organization_id: OrganizationId, name: str, now: datetime) -> None:
    """Add an organization to the directory. Call inside its scope, so that it exists with all it needs or not at all.

    Raises WrongUse for an unusable name and Conflict for one that is taken.
    """
    cleaned = _clean_name(name)
    try:
        Organization.objects.create(id=organization_id, name=cleaned, created_at=now)
    except IntegrityError as error:
        raise Conflict(
            code="organization.exists",
            detail=f"There is an organization {cleaned!r} already.",
            remedy="Choose another name.",
        ) from error


def rename_organization(*, organization_id: OrganizationId, name: str) -> None:
    """Give an organization another name. Raises as `register_organization`. Asks nobody: callers do."""
    cleaned = _clean_name(name)
    if Organization.objects.filter(name=cleaned).exclude(id=organization_id).exists():
        raise Conflict(
            code="organization.exists",
            detail=f"There is an organization {cleaned!r} already.",
            remedy="Choose another name.",
        )
    Organization.objects.filter(id=organization_id).update(name=cleaned)
