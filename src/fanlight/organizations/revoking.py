"""Changing what a member may do, and ending a membership with all that came with it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor, Role
from fanlight.core.errors import Conflict, NotFound, WrongUse
from fanlight.core.identifiers import PersonId, ReceiptId
from fanlight.foundation import clock
from fanlight.organizations import models
from fanlight.organizations.models import Membership, Person, SignInLink
from fanlight.organizations.types import Ended, MemberRevoked, Receipt, RoleChanged
from fanlight.organizations.visits import end_sessions
from fanlight.tenancy import services as tenancy

_RECEIPTS = 50


def change_role(*, actor: Actor, person_id: PersonId, role: str, now: datetime) -> None:
    """Give a member another role; it holds from their next request on.

    Raises Refused, WrongUse for what is no role, NotFound, and Conflict for the last administrator.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.MEMBER_MANAGE)
        if role not in list(Role):
            raise WrongUse(
                code="member.role", detail="That is no role.", remedy="Choose one of those listed."
            )
        before = _locked(actor, person_id)[0]
        if before == role:
            return
        if before == Role.ADMINISTRATOR:
            _refuse_the_last(actor, person_id)
        _of(actor, person_id).update(role=role)
        audit.record(actor, RoleChanged(person=str(person_id), before=before, after=role), at=now)


def revoke_member(*, actor: Actor, person_id: PersonId, now: datetime) -> ReceiptId:
    """End a membership, with every session and link that came with it, in one transaction; return the receipt.

    Anybody may end their own. Raises Refused, NotFound, and Conflict for the last administrator. Source: promise W5.
    """
    receipt_id = ReceiptId(clock.uuid7())
    with tenancy.scope(actor.organization_id):
        if person_id != actor.person_id:
            access.require(actor, Permission.MEMBER_MANAGE)
        role, since = _locked(actor, person_id)
        if role == Role.ADMINISTRATOR:
            _refuse_the_last(actor, person_id)
        ended = [Ended("membership", role, since), *_end(actor, person_id, receipt_id, now)]
        _of(actor, person_id).delete()
        counts = {kind: sum(one.kind == kind for one in ended) for kind in ("session", "sign-in link")}
        event = MemberRevoked(
            person=str(person_id),
            receipt=str(receipt_id),
            sessions=counts["session"],
            links=counts["sign-in link"],
        )
        person = Person.objects.get(id=person_id)
        models.Receipt.objects.create(
            organization_id=actor.organization_id,
            id=receipt_id,
            person_id=person_id,
            name=person.name,
            email=person.email,
            revoked_at=now,
            revoked_by=actor.person_id,
            ended=[_stored(one) for one in ended],
            audit_sequence=audit.record(actor, event, at=now),
        )
    return receipt_id


def receipt(actor: Actor, receipt_id: ReceiptId) -> Receipt:
    """Return one receipt. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.MEMBER_MANAGE)
        row = _receipts(actor).filter(id=receipt_id).first()
        if row is None:
            raise NotFound(code="receipt.unknown", detail="There is no such receipt.")
        return _plain(row)


def receipts(actor: Actor) -> list[Receipt]:
    """Return the latest receipts, the latest first. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.MEMBER_MANAGE)
        return [_plain(row) for row in _receipts(actor).order_by("-revoked_at")[:_RECEIPTS]]


def _of(actor: Actor, person_id: PersonId) -> Any:
    return Membership.objects.filter(organization_id=actor.organization_id, person_id=person_id)


def _locked(actor: Actor, person_id: PersonId) -> tuple[str, datetime]:
    # All of the organization's, in one order: of two administrators who remove each other, one comes too late.
    rows = Membership.objects.select_for_update().filter(organization_id=actor.organization_id)
    known = {row.person_id: (row.role, row.created_at) for row in rows.order_by("person_id")}
    if person_id not in known:
        raise NotFound(code="person.unknown", detail="Nobody like that belongs to this organization.")
    return known[person_id]


def _refuse_the_last(actor: Actor, person_id: PersonId) -> None:
    others = Membership.objects.filter(organization_id=actor.organization_id, role=Role.ADMINISTRATOR)
    if not others.exclude(person_id=person_id).exists():
        raise Conflict(
            code="member.last_administrator",
            detail="An organization needs an administrator, and this is the only one.",
            remedy="Make somebody else an administrator first.",
        )


def _end(actor: Actor, person_id: PersonId, receipt_id: ReceiptId, now: datetime) -> list[Ended]:
    sessions = end_sessions(actor.organization_id, person_id, now, receipt_id=receipt_id)
    # They go with the membership, by their key.
    links = SignInLink.objects.filter(
        organization_id=actor.organization_id, person_id=person_id, used_at=None, expires_at__gt=now
    )
    return [
        *(Ended("session", one.device, one.opened_at, one.used_at, one.address) for one in sessions),
        *(Ended("sign-in link", "", link.created_at) for link in links),
    ]


def _stored(one: Ended) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(one).items()
    }


def _receipts(actor: Actor) -> Any:
    return models.Receipt.objects.filter(organization_id=actor.organization_id)


def _plain(row: models.Receipt) -> Receipt:
    return Receipt(
        id=ReceiptId(row.id),
        person_id=PersonId(row.person_id),
        name=row.name,
        email=row.email,
        revoked_at=row.revoked_at,
        revoked_by=PersonId(row.revoked_by) if row.revoked_by else None,
        ended=[
            Ended(
                kind=one["kind"],
                about=one["about"],
                since=datetime.fromisoformat(one["since"]),
                used_at=datetime.fromisoformat(one["used_at"]) if one["used_at"] else None,
                address=one["address"],
            )
            for one in row.ended
        ],
        audit_sequence=row.audit_sequence,
        refused_at=row.refused_at,
    )
