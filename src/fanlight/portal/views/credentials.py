"""What a source's credential could do there, what changed in it, and the script that takes the excess away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from fanlight.connectors import registry
from fanlight.core.actors import Actor
from fanlight.core.errors import NotFound
from fanlight.core.identifiers import IntegrationId
from fanlight.extraction import queries as extraction
from fanlight.extraction.types import Run
from fanlight.integrations import queries as integrations
from fanlight.integrations.types import FoundRight, Integration, OnExcess, PrivilegeReport
from fanlight.portal import standing
from fanlight.portal.asking import PortalRequest, signed_in
from fanlight.portal.templatetags.say import visible

RIGHTS = 100
FEW = 6  # changes that are seen at a glance
CHANGES = 50  # of what was gained or lost, so many are listed
LEVELS = (
    ("write", "Beyond reading", "Fanlight never uses these. The script above takes them away."),
    ("read", "Reading data", "With these it could read rows. Fanlight sends no statement that does."),
    (
        "public",
        "What every role there may do",
        "By the source's own defaults, for every role that can connect, whoever it is for.",
    ),
)
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Level:
    """The rights of one level, a page of them. next_from: where the next page begins, None at the end."""

    name: str
    title: str
    meaning: str
    rights: list[FoundRight]
    count: int
    next_from: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """A script as the page shows it. is_exact: whether that is the script itself, or one with tricks spelled out."""

    text: str
    is_exact: bool


@signed_in("GET")
def credential(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Show what the credential could do; to htmx, the next rights of one level."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    report = integrations.privileges(actor, found.id)
    asked, begin = request.GET.get("level", ""), _number(request.GET.get("from", ""))
    context: dict[str, Any] = {"integration": found, "report": report}
    if report is not None:
        levels = [_level(report, *each, begin if each[0] == asked else 0) for each in LEVELS]
        if request.htmx and asked in [level.name for level in levels]:
            (level,) = [level for level in levels if level.name == asked]
            response = render(request, "portal/parts/right_rows.html", context | {"level": level})
            patch_vary_headers(response, ["HX-Request"])
            return response
        context |= _told(actor, found, report) | {
            "levels": [level for level in levels if level.count],
            "begin": begin,
            "asked": asked,
        }
    response = render(request, "portal/credential.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@signed_in("GET")
def script(request: PortalRequest, actor: Actor, integration_id: UUID) -> HttpResponse:
    """Hand out the script that takes the excess away, as a file."""
    found = integrations.integration(actor, IntegrationId(integration_id))
    text = removal_script(actor, found)
    if not text:
        raise NotFound(
            code="script.none",
            detail="This credential could do nothing beyond reading, so there is no script.",
            remedy="Test the connection to look again.",
        )
    response = HttpResponse(text, content_type="application/sql; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}-remove-excess.sql"'
    return response


def removal_script(actor: Actor, found: Integration) -> str:
    """Return the script that takes away what goes beyond reading, or nothing where nothing does."""
    rights = integrations.found_privileges(actor, found.id)
    if not any(one.is_excessive for one in rights.values()):
        return ""
    return registry.connector(found.connector).removal_script(found.settings, rights)


def _told(actor: Actor, found: Integration, report: PrivilegeReport) -> dict[str, Any]:
    text = removal_script(actor, found)
    shown = visible(text)
    return {
        "standing": standing.of_report(report),
        "looked": _looked(actor, report),
        "script": Script(shown, is_exact=shown == text) if text else None,
        "is_refused": integrations.on_excess(actor) is OnExcess.REFUSE,
        "gained": (report.gained or ())[:CHANGES],
        "more_gained": max(len(report.gained or ()) - CHANGES, 0),
        "lost": (report.lost or ())[:CHANGES],
        "more_lost": max(len(report.lost or ()) - CHANGES, 0),
        "is_short": len(report.gained or ()) + len(report.lost or ()) <= FEW,
        "not_listed": report.count - len(report.rights),
    }


def _level(report: PrivilegeReport, name: str, title: str, meaning: str, begin: int) -> Level:
    rights = [right for right in report.rights if right.level == name]
    end = begin + RIGHTS
    return Level(name, title, meaning, rights[begin:end], len(rights), end if len(rights) > end else None)


def _looked(actor: Actor, report: PrivilegeReport) -> Run | None:
    if report.run_id is None:
        return None
    try:
        return extraction.run(actor, report.run_id)
    except NotFound:
        return None


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS else 0
