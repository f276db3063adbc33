"""Reads about people, and the one way to an `Actor`."""

from __future__ import annotations

from datetime import datetime

from django.utils.crypto import constant_time_compare

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import OrganizationId, PersonId, SessionId
from fanlight.foundation import database
from fanlight.organizations.models import Person
from fanlight.organizations.revoking import receipt, receipts
from fanlight.organizations.types import Member, Visit
from fanlight.organizations.visits import digest_of, limits, sessions
from fanlight.tenancy import queries as tenancy_queries
from fanlight.tenancy import services as tenancy
from fanlight.tenancy.types import OrganizationSummary

__all__ = ["members", "myself", "organizations_of", "receipt", "receipts", "sessions", "visit"]


def visit(
    person_id: PersonId, organization_id: OrganizationId, session_hash: str, session_key: str, now: datetime
) -> Visit:
    """Return who asks, for a session that was opened for that person there. Raises NotFound for a stranger to it.

    session_hash: what the session holds of the person's account; where that was locked or given another password since,
    the session opens nothing any more. session_key: its own, which is stored as a digest.
    """
    values = {
        "organization_id": organization_id,
        "person_id": person_id,
        "digest": digest_of(session_key),
    } | limits(now)
    with tenancy.scope(organization_id):
        found = database.kept("organizations", "member", values)
    if found:
        role, email, name, password, organization, session_id, used_at = found[0]
        opened = Person(id=person_id, password=password).get_session_auth_hash()
        if constant_time_compare(session_hash, opened):
            actor = Actor(ActorKind.PERSON, organization_id, person_id, Role(role))
            return Visit(actor, email, name, organization, SessionId(session_id), used_at)
    raise NotFound(code="organization.unknown", detail="There is no such organization.")


def organizations_of(person_id: PersonId) -> list[OrganizationSummary]:
    """Return the organizations that a person belongs to, by name."""
    found = [row[0] for row in database.rows("organizations", "memberships_of", {"person_id": person_id})]
    return sorted(
        (tenancy_queries.organization(OrganizationId(one)) for one in found), key=lambda one: one.name
    )


def myself(actor: Actor) -> Member:
    """Return the acting person. Raises NotFound for an actor that is none."""
    person = Person.objects.filter(id=actor.person_id).first() if actor.person_id else None
    if person is None or actor.role is None:
        raise NotFound(code="person.unknown", detail="There is no such person.")
    return Member(person_id=PersonId(person.id), email=person.email, name=person.name, role=actor.role)


def members(actor: Actor) -> list[Member]:
    """Return the organization's people, by name."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.ORGANIZATION_READ)
        rows = database.kept("organizations", "members", {"organization_id": actor.organization_id})
    return [Member(PersonId(ident), email, name, Role(role)) for ident, email, name, role in rows]
