"""The sessions in which members visit their organization: opened, used, listed and ended."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import OrganizationId, PersonId, ReceiptId, SessionId
from fanlight.foundation import clock, database
from fanlight.organizations.models import MemberSession
from fanlight.organizations.types import Browser, OpenSession, SessionEnded, SignedIn, Visit
from fanlight.tenancy import services as tenancy

SESSION_HOURS, IDLE_MINUTES = 12, 60
_NOTED = timedelta(minutes=1)  # a use within the minute is not worth a write
_TIDIED = timedelta(days=1)
_DEVICE_LENGTH, _ADDRESS_LENGTH = 80, 45


def digest_of(session_key: str) -> bytes:
    """Return what is stored of a session's key, which is random enough to need no slow hash.

    Raises ValueError for an empty one: it would be everybody's.
    """
    if not session_key:
        raise ValueError("a session has a key")
    return hashlib.sha256(session_key.encode("utf-8", "surrogatepass")).digest()


def limits(now: datetime) -> dict[str, datetime]:
    """Return since when a session must have been opened and used to be open now, as statements name it."""
    return {
        "opened_since": now - timedelta(hours=SESSION_HOURS),
        "used_since": now - timedelta(minutes=IDLE_MINUTES),
    }


def open_session(
    *, signed_in: SignedIn, session_key: str, way: str, browser: Browser, now: datetime
) -> SessionId:
    """Note the session that somebody was signed in with. Those of the organization that are over a day old are tidied.

    Call after `use_sign_in_link`, which says who that is; nothing else opens one.
    """
    organization_id = signed_in.organization_id
    session_id = SessionId(clock.uuid7())
    with tenancy.scope(organization_id):
        of_this = MemberSession.objects.filter(organization_id=organization_id)
        of_this.filter(opened_at__lt=now - _TIDIED).delete()
        MemberSession.objects.create(
            organization_id=organization_id,
            id=session_id,
            person_id=signed_in.person_id,
            digest=digest_of(session_key),
            way=way,
            device=browser.device[:_DEVICE_LENGTH],
            address=browser.address[:_ADDRESS_LENGTH],
            opened_at=now,
            used_at=now,
        )
    return session_id


def note_use(*, visit: Visit, now: datetime) -> None:
    """Note that a session is in use, at most once a minute. Call outside of what only reads."""
    if now - visit.used_at < _NOTED:
        return
    organization_id = visit.actor.organization_id
    with tenancy.scope(organization_id):
        MemberSession.objects.filter(
            organization_id=organization_id, id=visit.session_id, used_at__lt=now
        ).update(used_at=now)


def note_refused(*, organization_id: OrganizationId, session_key: str, now: datetime) -> None:
    """Note on a receipt that something which has ended was tried. Call outside of what only reads."""
    values = {"organization_id": organization_id, "digest": digest_of(session_key), "now": now}
    with tenancy.scope(organization_id):
        database.execute("organizations", "note_refused", values)


def sessions(actor: Actor, person_id: PersonId, *, now: datetime) -> list[OpenSession]:
    """Return a member's open sessions, the one used last first. Raises Refused for somebody else's."""
    with tenancy.scope(actor.organization_id):
        _require(actor, person_id)
        since = limits(now)
        rows = MemberSession.objects.filter(
            organization_id=actor.organization_id,
            person_id=person_id,
            ended_at=None,
            opened_at__gt=since["opened_since"],
            used_at__gt=since["used_since"],
        )
        return [
            OpenSession(
                id=SessionId(row.id),
                way=row.way,
                device=row.device,
                address=row.address,
                opened_at=row.opened_at,
                used_at=row.used_at,
            )
            for row in rows.order_by("-used_at", "-opened_at")
        ]


def end_session(*, actor: Actor, person_id: PersonId, session_id: SessionId, now: datetime) -> None:
    """End one session, one's own or, with the permission, a member's. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        _require(actor, person_id)
        if not _end_and_record(actor, person_id, now, only=session_id):
            raise NotFound(code="session.unknown", detail="There is no such session, or it has ended.")


def end_other_sessions(*, actor: Actor, kept: SessionId | None, now: datetime) -> int:
    """End one's own sessions but for one, and return how many that were."""
    if actor.person_id is None:
        raise NotFound(code="session.unknown", detail="Only a person has sessions.")
    with tenancy.scope(actor.organization_id):
        return _end_and_record(actor, actor.person_id, now, but=kept)


def end_sessions(
    organization_id: OrganizationId,
    person_id: PersonId,
    now: datetime,
    *,
    but: SessionId | None = None,
    only: SessionId | None = None,
    receipt_id: ReceiptId | None = None,
) -> list[OpenSession]:
    """End a member's sessions and return them as they were; for this room. Call inside the organization's scope.

    but, only: all but one, or one. receipt_id: of the revocation that ends them.
    """
    values = {
        "organization_id": organization_id,
        "person_id": person_id,
        "but": but,
        "only": only,
        "receipt_id": receipt_id,
        "now": now,
    }
    ended = database.rows("organizations", "end_sessions", values | limits(now))
    return [OpenSession(SessionId(ident), *rest) for ident, *rest in ended]


def _require(actor: Actor, person_id: PersonId) -> None:
    if person_id != actor.person_id:
        access.require(actor, Permission.MEMBER_MANAGE)


def _end_and_record(
    actor: Actor,
    person_id: PersonId,
    now: datetime,
    *,
    but: SessionId | None = None,
    only: SessionId | None = None,
) -> int:
    ended = end_sessions(actor.organization_id, person_id, now, but=but, only=only)
    for one in ended:
        audit.record(actor, SessionEnded(person=str(person_id), session=str(one.id)), at=now)
    return len(ended)
