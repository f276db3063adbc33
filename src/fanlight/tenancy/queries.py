"""Reads of the directory of organizations, and of the register of tables."""

from __future__ import annotations

from fanlight.core.errors import NotFound, WrongUse
from fanlight.core.identifiers import OrganizationId
from fanlight.tenancy.models import Organization
from fanlight.tenancy.register import (
    EXEMPT_ROLES,
    LOGIN_ROLES,
    OWNER_ROLE,
    PRINTED_POLICY,
    SEARCH_PATH,
    StoredFunction,
    StoredTable,
    TableKind,
    stored_functions,
    stored_tables,
)
from fanlight.tenancy.types import OrganizationSummary

__all__ = [
    "EXEMPT_ROLES",
    "LOGIN_ROLES",
    "OWNER_ROLE",
    "PRINTED_POLICY",
    "SEARCH_PATH",
    "StoredFunction",
    "StoredTable",
    "TableKind",
    "organization",
    "organizations",
    "stored_functions",
    "stored_tables",
    "the_organization",
]


def _summary(row: Organization) -> OrganizationSummary:
    return OrganizationSummary(id=OrganizationId(row.id), name=row.name, created_at=row.created_at)


def organization(organization_id: OrganizationId) -> OrganizationSummary:
    """Return one organization. Raises NotFound."""
    row = Organization.objects.filter(id=organization_id).first()
    if row is None:
        raise NotFound(code="organization.unknown", detail="There is no such organization.")
    return _summary(row)


def organizations() -> list[OrganizationSummary]:
    """Return the directory, by name."""
    return [_summary(row) for row in Organization.objects.order_by("name")]


def the_organization(name: str | None) -> OrganizationSummary:
    """Return the organization of that name, or the only one when no name is given.

    For the command line of a single-operator home. Raises NotFound, and WrongUse when there are several to choose from.
    """
    known = organizations()
    chosen = [one for one in known if name is None or one.name == name]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise NotFound(
            code="organization.unknown",
            detail=f"There is no organization {name!r}." if name else "There is no organization yet.",
            remedy="Create one with 'fanlight organization create NAME --admin EMAIL'.",
        )
    raise WrongUse(
        code="organization.ambiguous",
        detail=f"There are {len(known)} organizations here.",
        remedy="Say which with --organization NAME: " + ", ".join(repr(one.name) for one in known) + ".",
    )
