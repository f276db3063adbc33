"""Adding and changing an organization's sources. Their secrets go to the vault, sealed in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.connectors.registry import connector as connector_named
from fanlight.connectors.types import SourceReport
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, FanlightError, WrongUse
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock, jobs
from fanlight.integrations.lifecycle import delete, erase, locked, pause, resume
from fanlight.integrations.models import Integration
from fanlight.integrations.privileges import (
    ExcessRefused,
    note_privileges,
    refuse_excess,
    refuse_unknown,
    set_on_excess,
)
from fanlight.integrations.scheduling import (
    HELD,
    due,
    forgive,
    is_refused,
    note_failure,
    note_refusal,
    note_success,
    open_schedule,
    park,
    rest,
    set_schedule,
    take_turn,
    to_erase,
)
from fanlight.integrations.types import Integration as IntegrationSummary
from fanlight.integrations.types import (
    IntegrationAdded,
    IntegrationChanged,
    IntegrationTested,
    IntegrationTestRequested,
    TestState,
)
from fanlight.tenancy import services as tenancy
from fanlight.vault import services as vault

__all__ = [
    "HELD",
    "SECRET_FIELD",
    "TEST_JOB",
    "ExcessRefused",
    "add_integration",
    "change_integration",
    "check_name",
    "delete",
    "destination",
    "due",
    "erase",
    "is_refused",
    "note_failure",
    "note_privileges",
    "note_refusal",
    "note_success",
    "note_test",
    "park",
    "pause",
    "refuse_excess",
    "refuse_unknown",
    "request_test",
    "rest",
    "resume",
    "set_on_excess",
    "set_schedule",
    "take_turn",
    "to_erase",
]

SECRET_FIELD = "password"  # noqa: S105 - the name of the field, not its value
TEST_JOB = "extraction.test_connection"
_LEADING = ("host", "port", "user", "tls", "ca")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}\Z")


def check_name(name: str) -> str:
    """Return an integration's name, which begins every path of its assets. Raises WrongUse."""
    if not _NAME.match(name):
        raise WrongUse(
            code="integration.name",
            detail="An integration's name begins with a letter and has 1 to 60 lower-case letters, digits, - or _.",
            remedy="Choose a name such as 'orders-prod'.",
        )
    return name


def destination(connector: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that say where a credential leads; it is sealed for these and opens for no others."""
    return {"connector": connector, **{key: settings.get(key, "") for key in _LEADING}}


def add_integration(
    *, actor: Actor, name: str, connector: str, settings: Mapping[str, str], secret: str, now: datetime
) -> IntegrationId:
    """Add a source and seal its secret, in one transaction.

    secret: empty where the source needs none. Raises Refused, WrongUse (whose code names the field), Conflict.
    """
    integration_id = IntegrationId(clock.uuid7())
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_MANAGE)
        checked = connector_named(connector).check_settings(settings)
        _refuse_taken_name(actor, check_name(name), None)
        Integration.objects.create(
            organization_id=actor.organization_id,
            id=integration_id,
            name=name,
            connector=connector,
            settings=checked,
            created_at=now,
            created_by=actor.person_id,
            test_state=TestState.UNTESTED,
        )
        open_schedule(actor, integration_id, now)
        if secret:
            vault.seal_credential(
                actor=actor,
                integration_id=integration_id,
                field=SECRET_FIELD,
                destination=destination(connector, checked),
                value=secret,
                now=now,
            )
        audit.record(
            actor, IntegrationAdded(integration=str(integration_id), name=name, connector=connector), at=now
        )
    return integration_id


def change_integration(
    *,
    actor: Actor,
    integration_id: IntegrationId,
    name: str,
    settings: Mapping[str, str],
    secret: str,
    now: datetime,
) -> None:
    """Change a source's name and settings; an empty secret keeps the one that is sealed.

    Settings that lead elsewhere (another host, port or user) need the secret again: a kept one would be handed to
    whoever the new address belongs to. Raises Refused, NotFound, WrongUse, Conflict.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_MANAGE)
        row = locked(actor, integration_id)
        checked = connector_named(row.connector).check_settings(settings)
        _refuse_taken_name(actor, check_name(name), integration_id)
        leads_elsewhere = destination(row.connector, checked) != destination(row.connector, row.settings)
        if leads_elsewhere and not secret:
            raise WrongUse(
                code="field.password",
                detail="The connection now leads elsewhere, so its password is needed again.",
                remedy="Enter the password of this user at this host.",
            )
        Integration.objects.filter(organization_id=actor.organization_id, id=integration_id).update(
            name=name, settings=checked, test_state=TestState.UNTESTED, test_report=None, test_error=None
        )
        if secret:
            vault.seal_credential(
                actor=actor,
                integration_id=integration_id,
                field=SECRET_FIELD,
                destination=destination(row.connector, checked),
                value=secret,
                now=now,
            )
        forgive(actor, integration_id, now)
        changed = [
            key for key in sorted({*checked, *row.settings}) if checked.get(key) != row.settings.get(key)
        ]
        changed += ["name"] * (name != row.name) + [SECRET_FIELD] * bool(secret)
        audit.record(
            actor,
            IntegrationChanged(integration=str(integration_id), name=name, changed=", ".join(changed)),
            at=now,
        )


def request_test(*, actor: Actor, integration_id: IntegrationId, now: datetime) -> None:
    """Ask the worker to try the connection; the integration says how it went. Raises Refused, NotFound."""
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_MANAGE)
        locked(actor, integration_id)
        Integration.objects.filter(organization_id=actor.organization_id, id=integration_id).update(
            test_state=TestState.TESTING, test_requested_at=now, test_error=None, test_report=None
        )
        jobs.defer(
            TEST_JOB,
            # Whoever asks again while it waits asks for the same; and one organization holds one place.
            once=f"test {integration_id}",
            alone=f"test {actor.organization_id}",
            organization_id=actor.organization_id,
            integration_id=integration_id,
        )
        audit.record(actor, IntegrationTestRequested(integration=str(integration_id)), at=now)


def note_test(
    *,
    actor: Actor,
    tested: IntegrationSummary,
    outcome: SourceReport | FanlightError,
    now: datetime,
) -> bool:
    """Store what a test of the connection said, unless its settings have changed since: then it says nothing of them.

    Tells whether it was stored. tested: the integration as it was when the test began.
    Raises NotFound when it is gone by now.
    """
    integration_id = tested.id
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        if locked(actor, integration_id).settings != tested.settings:
            return False
        has_passed = isinstance(outcome, SourceReport)
        Integration.objects.filter(organization_id=actor.organization_id, id=integration_id).update(
            test_state=TestState.PASSED if has_passed else TestState.FAILED,
            tested_at=now,
            test_report=asdict(outcome) if isinstance(outcome, SourceReport) else None,
            test_error=None
            if isinstance(outcome, SourceReport)
            else {"code": outcome.code, "detail": outcome.detail, "remedy": outcome.remedy},
        )
        audit.record(
            actor,
            IntegrationTested(
                integration=str(integration_id),
                outcome="passed" if has_passed else "failed",
                code="" if isinstance(outcome, SourceReport) else outcome.code,
            ),
            at=now,
        )
    return True


def _refuse_taken_name(actor: Actor, name: str, except_id: IntegrationId | None) -> None:
    taken = Integration.objects.filter(organization_id=actor.organization_id, name=name, deleted_at=None)
    if except_id is not None:
        taken = taken.exclude(organization_id=actor.organization_id, id=except_id)
    if taken.exists():
        raise Conflict(
            code="integration.exists",
            detail=f"There is an integration {name!r} already.",
            remedy="Choose another name.",
        )
