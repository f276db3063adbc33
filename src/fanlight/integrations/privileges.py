"""What each source's credential could do: the report, what changed in it, and what the organization decided."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.connectors.types import Privileges, Right, RightLevel
from fanlight.core import canonical
from fanlight.core.actors import Actor
from fanlight.core.errors import FanlightError
from fanlight.core.identifiers import IntegrationId, RunId, join_path
from fanlight.foundation import clock, database
from fanlight.integrations import models
from fanlight.integrations.types import (
    Credential,
    ExcessPolicyChanged,
    FoundRight,
    OnExcess,
    PrivilegeReport,
    PrivilegesChanged,
)
from fanlight.tenancy import services as tenancy


class ExcessRefused(FanlightError):
    """The credential could do more than read, and the organization has decided not to use such."""

    http_status = 409
    exit_code = 1


def note_privileges(
    *,
    actor: Actor,
    integration_id: IntegrationId,
    found: Mapping[str, Privileges],
    chosen: Sequence[str],
    run_id: RunId | None,
    now: datetime,
) -> None:
    """Store what a credential could do. found: by database. A new row only where it differs from the latest.

    chosen: the databases of its settings; one of them that was not looked at now stays as it was found last.

    Works as the worker's database role only. Raises Refused.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        latest = _rows(actor, integration_id).first()
        before = stored_privileges(latest.databases) if latest else {}
        found = {name: before[name] for name in chosen if name in before} | dict(found)
        if not found:
            return
        digest = hashlib.sha256(
            canonical.encode({name: one.digest for name, one in found.items()})
        ).hexdigest()
        if latest is not None and latest.digest == digest:
            _rows(actor, integration_id).filter(id=latest.id).update(checked_at=now, run_id=run_id)
            return
        models.PrivilegeReport.objects.create(
            organization_id=actor.organization_id,
            id=clock.uuid7(),
            integration_id=integration_id,
            found_at=now,
            checked_at=now,
            run_id=run_id,
            sentence=_sentence(found),
            is_excessive=any(one.is_excessive for one in found.values()),
            databases={name: _as_json(one) for name, one in found.items()},
            digest=digest,
        )
        audit.record(actor, _changed(integration_id, found), at=now)


def _changed(integration_id: IntegrationId, found: Mapping[str, Privileges]) -> PrivilegesChanged:
    return PrivilegesChanged(
        integration=str(integration_id),
        is_excessive=any(one.is_excessive for one in found.values()),
        writable=sum(one.writable for one in found.values()),
        readable=sum(one.readable for one in found.values()),
        rights=sum(one.count for one in found.values()),
    )


def _as_json(one: Privileges) -> dict[str, Any]:
    return {
        "sentence": one.sentence,
        "readable": one.readable,
        "writable": one.writable,
        "count": one.count,
        "digest": one.digest,
        "unknown": one.unknown,
        "rights": [asdict(right) for right in one.rights],
    }


def _sentence(found: Mapping[str, Privileges]) -> str:
    sentences = {one.sentence for one in found.values()}
    if len(sentences) == 1:
        return sentences.pop()
    return "; ".join(f"{name}: {one.sentence}" for name, one in sorted(found.items()))


def privileges(actor: Actor, integration_id: IntegrationId) -> PrivilegeReport | None:
    """Return what a source's credential could do when it was last looked at; None: never looked. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        latest = list(_rows(actor, integration_id)[:2])
    if not latest:
        return None
    return _report(latest[0], latest[1] if len(latest) > 1 else None)


def privileges_of_all(actor: Actor) -> dict[IntegrationId, PrivilegeReport]:
    """Return the latest report of every source that has one, without what changed. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = models.PrivilegeReport.objects.filter(organization_id=actor.organization_id)
        latest = rows.order_by("integration_id", "-found_at").distinct("integration_id")
        return {IntegrationId(row.integration_id): _report(row, None) for row in latest}


def credentials(actor: Actor) -> dict[IntegrationId, Credential]:
    """Return what lists say of every source's credential, where somebody has looked at it. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        rows = database.rows("integrations", "latest_credentials", {"organization_id": actor.organization_id})
    return {IntegrationId(one): Credential(*rest) for one, *rest in rows}


def stored_privileges(row: Mapping[str, Any]) -> dict[str, Privileges]:
    """Return a report's databases as the connector gave them."""
    return {
        name: Privileges(
            sentence=one["sentence"],
            readable=one["readable"],
            writable=one["writable"],
            rights=tuple(
                Right(
                    level=RightLevel(right["level"]),
                    kind=right["kind"],
                    path=tuple(right["path"]),
                    rights=tuple(right["rights"]),
                    through=right["through"],
                    grantors=tuple(right["grantors"]),
                    signature=right["signature"],
                )
                for right in one["rights"]
            ),
            count=one["count"],
            digest=one["digest"],
            unknown=tuple(one["unknown"]),
        )
        for name, one in row.items()
    }


def found_privileges(actor: Actor, integration_id: IntegrationId) -> dict[str, Privileges]:
    """Return, by database, what was found last; empty when nobody has looked. For scripts. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        latest = _rows(actor, integration_id).first()
    return stored_privileges(latest.databases) if latest else {}


def _report(row: models.PrivilegeReport, before: models.PrivilegeReport | None) -> PrivilegeReport:
    rights = _rights(row.databases)
    earlier = _rights(before.databases) if before else None
    return PrivilegeReport(
        found_at=row.found_at,
        checked_at=row.checked_at,
        run_id=RunId(row.run_id) if row.run_id else None,
        sentence=row.sentence,
        is_excessive=row.is_excessive,
        readable=sum(one["readable"] for one in row.databases.values()),
        writable=sum(one["writable"] for one in row.databases.values()),
        rights=rights,
        count=sum(one["count"] for one in row.databases.values()),
        unknown=tuple(sorted({about for one in row.databases.values() for about in one["unknown"]})),
        gained=None if earlier is None else _without(rights, earlier),
        lost=None if earlier is None else _without(earlier, rights),
    )


def _without(some: tuple[FoundRight, ...], others: tuple[FoundRight, ...]) -> tuple[FoundRight, ...]:
    known = set(others)
    return tuple(one for one in some if one not in known)


def _rights(databases: Mapping[str, Any]) -> tuple[FoundRight, ...]:
    order = {"write": 0, "read": 1, "public": 2}
    found = [
        FoundRight(
            database=name,
            level=right["level"],
            kind=right["kind"],
            path=join_path(*right["path"]) if right["path"] else "",
            rights=tuple(right["rights"]),
            through=right["through"],
            signature=right["signature"],
        )
        for name, one in sorted(databases.items())
        for right in one["rights"]
    ]
    return tuple(sorted(found, key=lambda one: order.get(one.level, 9)))


def _rows(actor: Actor, integration_id: IntegrationId) -> Any:
    return models.PrivilegeReport.objects.filter(
        organization_id=actor.organization_id, integration_id=integration_id
    ).order_by("-found_at")


def on_excess(actor: Actor) -> OnExcess:
    """Return what the organization does about a credential that could do more than read. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_READ)
        row = models.Policy.objects.filter(organization_id=actor.organization_id).first()
    return OnExcess(row.on_excess) if row else OnExcess.WARN


def set_on_excess(*, actor: Actor, on_excess: OnExcess, now: datetime) -> None:
    """Decide what to do about a credential that could do more than read. Raises Refused."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.ORGANIZATION_MANAGE)
        policies = models.Policy.objects.filter(organization_id=actor.organization_id)
        if not policies.update(on_excess=on_excess):
            models.Policy.objects.create(organization_id=actor.organization_id, on_excess=on_excess)
        audit.record(actor, ExcessPolicyChanged(on_excess=on_excess.value), at=now)


def refuse_excess(actor: Actor, found: Mapping[str, Privileges]) -> None:
    """Raise ExcessRefused when a credential could do more than read and the organization refuses such."""
    excess = [one for one in found.values() if one.is_excessive]
    if excess and on_excess(actor) is OnExcess.REFUSE:
        raise ExcessRefused(
            code="source.excess_privileges",
            detail=f"This credential could do more than read ({excess[0].sentence}); your organization refuses such.",
            remedy="Run the script on the integration's page at the source; then extract again.",
        )


def refuse_unknown(actor: Actor) -> None:
    """Raise ExcessRefused when a credential's rights cannot be known and the organization refuses excess."""
    if on_excess(actor) is OnExcess.REFUSE:
        raise ExcessRefused(
            code="source.unknown_privileges",
            detail="The source does not show what this credential may do; your organization refuses what may be more "
            "than reading.",
            remedy="Let its role read the system catalogue, as every role can by default; then extract again.",
        )
