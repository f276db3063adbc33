"""Reads about people, and the one way to an `Actor`."""

from __future__ import annotations

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import OrganizationId, PersonId
from fanlight.foundation import database
from fanlight.organizations.models import Membership, Person
from fanlight.organizations.types import Member
from fanlight.tenancy import queries as tenancy_queries
from fanlight.tenancy import services as tenancy
from fanlight.tenancy.types import OrganizationSummary


def actor_for(person_id: PersonId, organization_id: OrganizationId) -> Actor:
    """Return the actor that a person is in an organization now. Raises NotFound for a stranger to it."""
    with tenancy.scope(organization_id):
        held = Membership.objects.filter(organization_id=organization_id, person_id=person_id)
        role = held.values_list("role", flat=True).first()
    if role is None:
        raise NotFound(code="organization.unknown", detail="There is no such organization.")
    return Actor(
        kind=ActorKind.PERSON,
        organization_id=organization_id,
        person_id=person_id,
        role=Role(role),
    )


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
        roles = dict(
            Membership.objects.filter(organization_id=actor.organization_id).values_list("person_id", "role")
        )
        people = Person.objects.filter(id__in=roles).order_by("name", "email")
        return [
            Member(person_id=PersonId(one.id), email=one.email, name=one.name, role=Role(roles[one.id]))
            for one in people
        ]
