"""Plain data about people, and the events of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanlight.audit.types import Event
from fanlight.core.actors import Actor, Role
from fanlight.core.identifiers import OrganizationId, PersonId


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a member of one organization. email: lower case."""

    person_id: PersonId
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for a page, as the database knows them at that moment. organization: its name."""

    actor: Actor
    email: str
    name: str
    organization: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a used link has signed in, and where."""

    person_id: PersonId
    organization_id: OrganizationId


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A sign-in link, readable this once. token: 43 characters, to be shown and forgotten. expires_at: UTC."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OrganizationCreated(Event):
    kind = "organization.created"
    name: str


@dataclass(frozen=True, slots=True)
class OrganizationRenamed(Event):
    kind = "organization.renamed"
    name: str


@dataclass(frozen=True, slots=True)
class MemberAdded(Event):
    kind = "member.added"
    person: str
    role: str


@dataclass(frozen=True, slots=True)
class PersonRenamed(Event):
    kind = "person.renamed"
    person: str


@dataclass(frozen=True, slots=True)
class SignInLinkIssued(Event):
    kind = "sign_in_link.issued"
    person: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class PersonSignedIn(Event):
    kind = "person.signed_in"
    person: str
    way: str


@dataclass(frozen=True, slots=True)
class PersonSignedOut(Event):
    kind = "person.signed_out"
    person: str
