"""Organizations made, people added, sign-in links issued and used."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.errors import NotFound, Refused, WrongUse
from fanlight.core.identifiers import OrganizationId, PersonId
from fanlight.foundation import clock, database
from fanlight.organizations.models import MemberSession, Membership, Person, SignInLink
from fanlight.organizations.revoking import change_role, revoke_member
from fanlight.organizations.types import (
    IssuedLink,
    MemberAdded,
    OrganizationCreated,
    OrganizationRenamed,
    PersonRenamed,
    PersonSignedIn,
    PersonSignedOut,
    SignedIn,
    SignInLinkIssued,
    Visit,
)
from fanlight.organizations.visits import (
    end_other_sessions,
    end_session,
    note_refused,
    note_use,
    open_session,
)
from fanlight.tenancy import services as tenancy

__all__ = [
    "change_role",
    "clean_email",
    "create_organization",
    "end_other_sessions",
    "end_session",
    "issue_sign_in_link",
    "note_refused",
    "note_sign_out",
    "note_use",
    "open_session",
    "rename_myself",
    "rename_organization",
    "revoke_member",
    "use_sign_in_link",
]

SIGN_IN_MINUTES = 15
_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_EMAIL = re.compile(r"[^@\s<>\"\x00-\x1f]{1,64}@[^@\s<>\"\x00-\x1f]{1,188}\Z")
_NAME_LENGTH = 200


def clean_email(email: str) -> str:
    """Return an address in lower case. Raises WrongUse when it cannot be one."""
    cleaned = email.strip().lower()
    if not _EMAIL.match(cleaned):
        raise WrongUse(
            code="person.email",
            detail="That is not an email address.",
            remedy="Write it as name@example.com.",
        )
    return cleaned


def create_organization(*, name: str, admin_email: str, admin_name: str, now: datetime) -> OrganizationId:
    """Make an organization with its audit log and its first administrator. The operator's act.

    A known address keeps its person: one can be in several organizations. Raises WrongUse and Conflict.
    The caller makes its sealing key in the same breath (`vault`).
    """
    email = clean_email(admin_email)
    organization_id = tenancy.new_organization_id()
    actor = Actor.operator(organization_id)
    with tenancy.scope(organization_id):
        tenancy.register_organization(organization_id=organization_id, name=name, now=now)
        person, _ = Person.objects.get_or_create(
            email=email,
            defaults={
                "id": clock.uuid7(),
                "name": admin_name[:_NAME_LENGTH],
                "created_at": now,
                "password": "!",
            },
        )
        audit.open_log(actor)
        audit.record(actor, OrganizationCreated(name=name), at=now)
        Membership.objects.create(
            organization_id=organization_id, person_id=person.id, role=Role.ADMINISTRATOR, created_at=now
        )
        audit.record(actor, MemberAdded(person=str(person.id), role=Role.ADMINISTRATOR), at=now)
    return organization_id


def rename_organization(*, actor: Actor, name: str, now: datetime) -> None:
    """Give the actor's organization another name. Raises Refused, WrongUse, Conflict."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.ORGANIZATION_MANAGE)
        tenancy.rename_organization(organization_id=actor.organization_id, name=name)
        audit.record(actor, OrganizationRenamed(name=" ".join(name.split())), at=now)


def rename_myself(*, actor: Actor, name: str, now: datetime) -> None:
    """Change the acting person's own display name. Raises WrongUse."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > _NAME_LENGTH or not cleaned.isprintable():
        raise WrongUse(
            code="person.name",
            detail=f"A name has 1 to {_NAME_LENGTH} printable characters.",
            remedy="Write it differently.",
        )
    if actor.person_id is None:
        raise Refused(code="person.none", detail="Only a person has a name of their own.")
    with tenancy.scope(actor.organization_id):
        Person.objects.filter(id=actor.person_id).update(name=cleaned)
        audit.record(actor, PersonRenamed(person=str(actor.person_id)), at=now)


def issue_sign_in_link(*, actor: Actor, email: str, now: datetime) -> IssuedLink:
    """Make a link that signs one of the organization's people in once, within 15 minutes.

    Only the token's digest is stored. Raises NotFound when nobody here has that address.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.MEMBER_SIGN_IN_LINK)
        person = Person.objects.filter(email=clean_email(email), is_active=True).first()
        if (
            person is None
            or not Membership.objects.filter(
                organization_id=actor.organization_id, person_id=person.id
            ).exists()
        ):
            raise NotFound(
                code="person.unknown",
                detail=f"Nobody with the address {email!r} belongs to this organization.",
                remedy="Check the address.",
            )
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        expires_at = now + timedelta(minutes=SIGN_IN_MINUTES)
        SignInLink.objects.create(
            organization_id=actor.organization_id,
            id=clock.uuid7(),
            person_id=person.id,
            digest=_digest(token),
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(
            actor, SignInLinkIssued(person=str(person.id), expires_at=expires_at.isoformat()), at=now
        )
        return IssuedLink(token=token, expires_at=expires_at)


def use_sign_in_link(*, token: str, now: datetime) -> SignedIn:
    """Use a sign-in link up, and tell who has signed in where.

    Single use is decided by one UPDATE, so that of two who come at once one gets in. Raises Refused for a link that
    is unknown, used or too old: the three are not told apart.
    """
    refusal = Refused(
        code="sign_in.link",
        detail="This sign-in link is not valid any more.",
        remedy="Links work once and for 15 minutes. Ask for a new one.",
    )
    if not _TOKEN.match(token):
        raise refusal
    found = database.rows("organizations", "resolve_sign_in_link", {"digest": _digest(token)})
    if not found:
        raise refusal
    organization_id, link_id = found[0]
    with tenancy.scope(OrganizationId(organization_id)):
        used = SignInLink.objects.filter(
            organization_id=organization_id, id=link_id, used_at=None, expires_at__gt=now
        ).update(used_at=now)
        if not used:
            raise refusal
        person_id = SignInLink.objects.get(organization_id=organization_id, id=link_id).person_id
        member = Membership.objects.filter(organization_id=organization_id, person_id=person_id).first()
        if member is None or not Person.objects.filter(id=person_id, is_active=True).exists():
            raise refusal
        actor = Actor(
            kind=ActorKind.PERSON,
            organization_id=OrganizationId(organization_id),
            person_id=PersonId(person_id),
            role=Role(member.role),
        )
        audit.record(actor, PersonSignedIn(person=str(person_id), way="link"), at=now)
    return SignedIn(person_id=PersonId(person_id), organization_id=OrganizationId(organization_id))


def note_sign_out(*, visit: Visit, now: datetime) -> None:
    """End the session that a person signs out of, and record it."""
    actor = visit.actor
    with tenancy.scope(actor.organization_id):
        MemberSession.objects.filter(
            organization_id=actor.organization_id, id=visit.session_id, ended_at=None
        ).update(ended_at=now)
        audit.record(actor, PersonSignedOut(person=str(actor.person_id)), at=now)


def _digest(token: str) -> bytes:
    # 256 random bits need no slow hash: nobody guesses their way to one.
    return hashlib.sha256(token.encode("ascii")).digest()
