"""The organization's people: who they are, what they may do, and how they are out; and one's own sessions."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.core.actors import Actor, Role
from fanlight.core.errors import Conflict, FanlightError, NotFound, WrongUse
from fanlight.core.identifiers import PersonId, ReceiptId, SessionId
from fanlight.foundation import clock
from fanlight.organizations import queries, services
from fanlight.organizations.types import Member
from fanlight.portal import people
from fanlight.portal.asking import PortalRequest, signed_in

ROLES = {
    Role.ADMINISTRATOR: "everything, people and deletion included",
    Role.EDITOR: "runs and pauses extractions",
    Role.VIEWER: "searches and reads",
}


@signed_in("GET")
def every(request: PortalRequest, actor: Actor) -> HttpResponse:
    """List the members."""
    return _page(request, actor)


@signed_in("POST")
def role(request: PortalRequest, actor: Actor, person_id: UUID) -> HttpResponse:
    """Give a member another role."""
    wanted = request.POST.get("role", "")
    try:
        services.change_role(actor=actor, person_id=PersonId(person_id), role=wanted, now=clock.now())
    except (Conflict, WrongUse) as problem:
        return _page(request, actor, problem=problem)
    return HttpResponseRedirect(reverse("members") + "?saved")


@signed_in("GET", "POST")
def remove(request: PortalRequest, actor: Actor, person_id: UUID) -> HttpResponse:
    """Say what ends with a membership; on POST, end it."""
    member = _member(actor, PersonId(person_id))
    is_self = member.person_id == actor.person_id
    if not is_self:
        access.require(actor, Permission.MEMBER_MANAGE)
    problem: FanlightError | None = None
    if request.method == "POST":
        try:
            receipt_id = services.revoke_member(actor=actor, person_id=member.person_id, now=clock.now())
        except Conflict as conflict:
            problem = conflict
        else:
            if is_self:
                return HttpResponseRedirect(reverse("sign-in") + "?left")
            return HttpResponseRedirect(reverse("receipt", args=[receipt_id]))
    context = {
        "member": member,
        "is_self": is_self,
        "sessions": queries.sessions(actor, member.person_id, now=clock.now()),
        "problem": problem,
    }
    return render(
        request, "portal/member_remove.html", context, status=problem.http_status if problem else 200
    )


@signed_in("GET")
def receipt(request: PortalRequest, actor: Actor, receipt_id: UUID) -> HttpResponse:
    """Show what a revocation has ended."""
    found = queries.receipt(actor, ReceiptId(receipt_id))
    context = {
        "receipt": found,
        "by": people.by(people.names(actor), found.revoked_by),
        "felt_after": None if found.refused_at is None else found.refused_at - found.revoked_at,
    }
    return render(request, "portal/receipt.html", context)


@signed_in("GET")
def sessions(request: PortalRequest, actor: Actor) -> HttpResponse:
    """List where one is signed in."""
    myself = queries.myself(actor)
    visit = request.visit
    context = {
        "sessions": queries.sessions(actor, myself.person_id, now=clock.now()),
        "this": visit.session_id if visit else None,
        "ended": request.GET.get("ended", ""),
    }
    return render(request, "portal/sessions.html", context)


@signed_in("POST")
def end_session(request: PortalRequest, actor: Actor, session_id: UUID) -> HttpResponse:
    """End one of one's own sessions."""
    myself = queries.myself(actor)
    services.end_session(
        actor=actor, person_id=myself.person_id, session_id=SessionId(session_id), now=clock.now()
    )
    return HttpResponseRedirect(reverse("sessions") + "?ended=one")


@signed_in("POST")
def end_others(request: PortalRequest, actor: Actor) -> HttpResponse:
    """End all of one's own sessions but this one."""
    visit = request.visit
    services.end_other_sessions(actor=actor, kept=visit.session_id if visit else None, now=clock.now())
    return HttpResponseRedirect(reverse("sessions") + "?ended=others")


def _member(actor: Actor, person_id: PersonId) -> Member:
    for one in queries.members(actor):
        if one.person_id == person_id:
            return one
    raise NotFound(code="person.unknown", detail="Nobody like that belongs to this organization.")


def _page(request: PortalRequest, actor: Actor, *, problem: FanlightError | None = None) -> HttpResponse:
    members = queries.members(actor)
    may_manage = access.is_allowed(actor, Permission.MEMBER_MANAGE)
    roles = Counter(one.role for one in members)
    context = {
        "members": members,
        "roles": [(one.value, words) for one, words in ROLES.items()],
        "administrators": roles[Role.ADMINISTRATOR],
        "may_manage": may_manage,
        "receipts": queries.receipts(actor) if may_manage else [],
        "myself": actor.person_id,
        "problem": problem,
        "is_saved": "saved" in request.GET,
    }
    return render(request, "portal/members.html", context, status=problem.http_status if problem else 200)
