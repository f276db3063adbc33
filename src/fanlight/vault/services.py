"""Sealing a credential, which anybody may, and leasing it, which only the worker can."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

from fanlight.access import services as access
from fanlight.access.types import Permission
from fanlight.audit import services as audit
from fanlight.core import canonical
from fanlight.core.actors import Actor
from fanlight.core.errors import Conflict, WrongUse
from fanlight.core.identifiers import IntegrationId, OrganizationId
from fanlight.foundation import clock, sealing
from fanlight.tenancy import services as tenancy
from fanlight.vault.models import OrganizationKey, SealedCredential, WrappedKey
from fanlight.vault.types import CredentialSealed, RootKey

_FIRST_VERSION = 1


def read_root_key(text: str) -> RootKey:
    """Return the root key from its base64. Raises WrongUse when it is not 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != sealing.ROOT_KEY_BYTES:
        raise WrongUse(
            code="vault.root_key",
            detail="The root key is not 32 bytes in base64.",
            remedy="Set FANLIGHT_ROOT_KEY_FILE to the file that holds it.",
        )
    return RootKey(key)


def new_root_key_text() -> str:
    """Return a new root key in base64, for its file."""
    return base64.b64encode(sealing.new_root_key()).decode("ascii")


def _key_info(organization_id: OrganizationId, version: int) -> bytes:
    return canonical.encode(
        {"product": "fanlight", "version": 1, "organization": str(organization_id), "key": version}
    )


def _credential_info(
    organization_id: OrganizationId,
    integration_id: IntegrationId,
    field: str,
    destination: Mapping[str, str],
    version: int,
) -> bytes:
    return canonical.encode(
        {
            "product": "fanlight",
            "version": 1,
            "organization": str(organization_id),
            "integration": str(integration_id),
            "field": field,
            "destination": dict(destination),
            "key": version,
        }
    )


def make_organization_key(*, organization_id: OrganizationId, root_key: RootKey, now: datetime) -> None:
    """Make an organization's first key pair, the private half stored wrapped. Call in its scope, as the worker."""
    private, public = sealing.new_key_pair()
    OrganizationKey.objects.create(
        organization_id=organization_id,
        version=_FIRST_VERSION,
        suite=sealing.SUITE_NAME,
        public_key=public,
        created_at=now,
    )
    WrappedKey.objects.create(
        organization_id=organization_id,
        version=_FIRST_VERSION,
        root_key_id=sealing.root_key_id(root_key.reveal()),
        wrapped=sealing.wrap(private, root_key.reveal(), _key_info(organization_id, _FIRST_VERSION)),
    )


def seal_credential(
    *,
    actor: Actor,
    integration_id: IntegrationId,
    field: str,
    destination: Mapping[str, str],
    value: str,
    now: datetime,
) -> None:
    """Seal a source's credential to the organization's key; it replaces the one before.

    destination: the settings that say where it leads (host, user, ...). It opens for exactly these: whoever can
    change the settings and not seal cannot have it sent elsewhere.
    Asks for INTEGRATION_MANAGE and records who sealed it. Raises Conflict when the organization has no key yet.
    The value is not stored, logged or returned; from here on only a worker can open it.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_MANAGE)
        key = (
            OrganizationKey.objects.filter(organization_id=actor.organization_id).order_by("-version").first()
        )
        if key is None:
            raise Conflict(
                code="vault.no_key",
                detail="This organization has no sealing key yet.",
                remedy="Create it again with 'fanlight organization create'.",
            )
        info = _credential_info(actor.organization_id, integration_id, field, destination, key.version)
        SealedCredential.objects.create(
            organization_id=actor.organization_id,
            id=clock.uuid7(),
            integration_id=integration_id,
            field=field,
            key_version=key.version,
            sealed=sealing.seal(value.encode("utf-8"), bytes(key.public_key), info),
            sealed_at=now,
            sealed_by=actor.person_id,
        )
        audit.record(
            actor,
            CredentialSealed(integration=str(integration_id), field=field, key_version=key.version),
            at=now,
        )


def lease_credential(
    *,
    actor: Actor,
    integration_id: IntegrationId,
    field: str,
    destination: Mapping[str, str],
    root_key: RootKey,
) -> str | None:
    """Open the newest credential of that field, or return None when there is none; older ones are deleted.

    destination: where it is about to be sent; it opens only where it was sealed for.

    Works for the worker's database role only: no other may read the table. Raises DoesNotOpen.
    """
    with tenancy.scope(actor.organization_id):
        access.require(actor, Permission.INTEGRATION_RUN)
        of_field = SealedCredential.objects.filter(
            organization_id=actor.organization_id, integration_id=integration_id, field=field
        )
        newest = of_field.order_by("-id").first()
        if newest is None:
            return None
        wrapped = WrappedKey.objects.get(organization_id=actor.organization_id, version=newest.key_version)
        private = sealing.unwrap(
            bytes(wrapped.wrapped), root_key.reveal(), _key_info(actor.organization_id, newest.key_version)
        )
        info = _credential_info(actor.organization_id, integration_id, field, destination, newest.key_version)
        opened = sealing.unseal(bytes(newest.sealed), private, info).decode("utf-8")
        # Only now: one that does not open must not cost the one before.
        of_field.filter(id__lt=newest.id).delete()
        return opened


def digest_key(*, organization_id: OrganizationId, integration_id: IntegrationId, root_key: RootKey) -> bytes:
    """Return the key under which an integration's unreadable texts are digested: 32 bytes, the same at every run.

    A plain digest of a short text could be guessed; this one only by who holds the root key.
    """
    info = canonical.encode(
        {
            "product": "fanlight",
            "version": 1,
            "purpose": "digest",
            "organization": str(organization_id),
            "integration": str(integration_id),
        }
    )
    return sealing.derive_key(root_key.reveal(), info)
