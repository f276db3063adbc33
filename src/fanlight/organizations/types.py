"""Plain data about people, and the events of this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanlight.audit.types import Event
from fanlight.core.actors import Actor, Role
from fanlight.core.identifiers import OrganizationId, PersonId, ReceiptId, SessionId


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a member of one organization. email: lower case."""

    person_id: PersonId
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for a page, as the database knows them at that moment.

    organization: its name. session_id, used_at: of the session that it was asked in; used_at to the minute, UTC.
    """

    actor: Actor
    email: str
    name: str
    organization: str
    session_id: SessionId
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a session is opened from. device: in words, as it says of itself; address: an IP address, or empty."""

    device: str
    address: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that opens the organization now. Times are UTC; used_at is to the minute."""

    id: SessionId
    way: str
    device: str
    address: str
    opened_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """One thing that ended with a membership.

    kind: 'membership', 'session' or 'sign-in link'. about: the role, or the device. since: when it began, UTC.
    used_at: when it was last used, None where that is not noted. address: a session's, or empty.
    """

    kind: str
    about: str
    since: datetime
    used_at: datetime | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a revocation has ended, and when that was felt.

    revoked_by: None for whoever sits at the machine itself. refused_at: when something of it was tried for the first
    time afterwards, None when nothing was. audit_sequence: of the event in the organization's log.
    """

    id: ReceiptId
    person_id: PersonId
    name: str
    email: str
    revoked_at: datetime
    revoked_by: PersonId | None
    ended: list[Ended]
    audit_sequence: int
    refused_at: datetime | None


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


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    kind = "session.ended"
    person: str
    session: str


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    kind = "member.role_changed"
    person: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MemberRevoked(Event):
    kind = "member.revoked"
    person: str
    receipt: str
    sessions: int
    links: int
