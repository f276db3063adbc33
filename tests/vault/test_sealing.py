"""Credentials: who may seal, who may open, and what does not open."""

from __future__ import annotations

import pickle

import psycopg
import pytest
from psycopg.types.json import Jsonb

from fanlight.core.errors import Refused, WrongUse
from fanlight.core.identifiers import IntegrationId
from fanlight.foundation import clock, sealing
from fanlight.foundation.sealing import DoesNotOpen
from fanlight.integrations import queries as integrations
from fanlight.integrations.services import destination
from fanlight.vault import services as vault
from fanlight.vault.types import RootKey
from tests.conftest import World
from tests.sources import Source, add, source

__all__ = ["source"]
CANARY = "canary-password-4711"


def _destination(world: World, integration_id: IntegrationId) -> dict[str, str]:
    found = integrations.integration(world.alice, integration_id)
    return destination(found.connector, found.settings)


def _lease(world: World, integration_id: IntegrationId, root_key: RootKey | None = None) -> str | None:
    from fanlight.core.actors import Actor

    leads_to = _destination(world, integration_id)

    with world.as_worker():
        return vault.lease_credential(
            actor=Actor.worker(world.a),
            integration_id=integration_id,
            field="password",
            destination=leads_to,
            root_key=root_key or world.root_key,
        )


def test_what_the_portal_seals_the_worker_opens(world: World, source: Source) -> None:
    assert _lease(world, add(world, source)) == source.password


def test_the_portal_cannot_open_even_with_the_root_key(world: World, source: Source) -> None:
    from django.db.utils import ProgrammingError

    from fanlight.core.actors import Actor

    integration_id = add(world, source)
    with pytest.raises(ProgrammingError, match="permission denied"):
        vault.lease_credential(
            actor=Actor.worker(world.a),
            integration_id=integration_id,
            field="password",
            destination={},
            root_key=world.root_key,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT sealed FROM vault_sealedcredential",
        "SELECT count(*) FROM vault_sealedcredential",
        "DELETE FROM vault_sealedcredential",
        "UPDATE vault_sealedcredential SET sealed = ''",
        "INSERT INTO vault_sealedcredential SELECT * FROM vault_sealedcredential RETURNING sealed",
        "SELECT wrapped FROM vault_wrappedkey",
        "UPDATE vault_organizationkey SET public_key = ''",
        "INSERT INTO vault_organizationkey SELECT * FROM vault_organizationkey",
        "DELETE FROM vault_organizationkey",
    ],
)
def test_the_portals_role_can_neither_read_nor_replace_what_is_sealed(world: World, statement: str) -> None:
    with world.catalogue.connect("portal") as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.a}'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)


def test_another_root_key_opens_nothing(world: World, source: Source) -> None:
    integration_id = add(world, source)
    other = vault.read_root_key(vault.new_root_key_text())
    with pytest.raises(DoesNotOpen) as refusal:
        _lease(world, integration_id, other)
    assert refusal.value.code == "vault.root_key"


def test_a_blob_moved_to_another_integration_does_not_open(world: World, source: Source) -> None:
    first, second = add(world, source), add(world, source, name="second")
    with world.catalogue.connect("postgres") as session:
        session.execute(
            "UPDATE vault_sealedcredential t SET sealed = s.sealed FROM vault_sealedcredential s "
            "WHERE s.integration_id = %s AND t.integration_id = %s",
            [first, second],
        )
    with pytest.raises(DoesNotOpen):
        _lease(world, second)


@pytest.mark.parametrize(
    "change",
    [{"host": "127.0.0.1"}, {"port": "5439"}, {"user": "somebody"}, {"tls": "off"}, {"ca": "another"}],
)
def test_a_stolen_portal_role_cannot_have_it_sent_elsewhere(
    world: World, source: Source, change: dict[str, str]
) -> None:
    integration_id = add(world, source)
    with world.catalogue.connect("portal") as session, session.transaction():
        session.execute(f"SET LOCAL fanlight.organization_id = '{world.a}'")
        session.execute(
            "UPDATE integrations_integration SET settings = settings || %s WHERE id = %s",
            [Jsonb(change), integration_id],
        )
    with pytest.raises(DoesNotOpen):
        _lease(world, integration_id)


def test_every_flipped_bit_is_noticed() -> None:
    private, public = sealing.new_key_pair()
    blob = sealing.seal(CANARY.encode(), public, b"here")
    for position in [*range(0, len(blob) * 8, 97), len(blob) * 8 - 1]:
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << (position % 8)
        with pytest.raises(DoesNotOpen):
            sealing.unseal(bytes(changed), private, b"here")
    assert sealing.unseal(blob, private, b"here") == CANARY.encode()
    with pytest.raises(DoesNotOpen):
        sealing.unseal(blob, private, b"elsewhere")


def test_a_truncated_blob_is_an_error_and_not_a_crash() -> None:
    private, public = sealing.new_key_pair()
    blob = sealing.seal(b"x", public, b"")
    for length in (0, 1, 100, len(blob) - 1):
        with pytest.raises(DoesNotOpen):
            sealing.unseal(blob[:length], private, b"")


def test_the_newest_credential_counts_and_older_ones_are_deleted_at_the_lease(
    world: World, source: Source
) -> None:
    integration_id = add(world, source)
    vault.seal_credential(
        actor=world.alice,
        integration_id=integration_id,
        field="password",
        destination=_destination(world, integration_id),
        value=CANARY,
        now=clock.now(),
    )
    assert _lease(world, integration_id) == CANARY
    with world.catalogue.connect("postgres") as session:
        left = session.execute(
            "SELECT count(*) FROM vault_sealedcredential WHERE integration_id = %s", [integration_id]
        ).fetchone()
    assert left == (1,)


def test_a_viewer_may_not_seal(world: World, source: Source) -> None:
    integration_id = add(world, source)
    with pytest.raises(Refused):
        vault.seal_credential(
            actor=world.bob,
            integration_id=integration_id,
            field="password",
            destination=_destination(world, integration_id),
            value="x",
            now=clock.now(),
        )


def test_another_organization_cannot_seal_into_ours(world: World, source: Source) -> None:
    from django.db.utils import IntegrityError

    integration_id = add(world, source)
    with pytest.raises(IntegrityError):
        vault.seal_credential(
            actor=world.charlie,
            integration_id=integration_id,
            field="password",
            destination={},
            value="x",
            now=clock.now(),
        )


def test_no_secret_rests_in_clear(world: World, source: Source) -> None:
    integration_id = add(world, source)
    vault.seal_credential(
        actor=world.alice,
        integration_id=integration_id,
        field="password",
        destination=_destination(world, integration_id),
        value=CANARY,
        now=clock.now(),
    )
    dump = world.catalogue.server.run("pg_dump", "--dbname", "fanlight", "--data-only", "--inserts")
    for spelling in (CANARY, CANARY.encode().hex(), source.password, source.password.encode().hex()):
        assert spelling not in dump


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "=" * 44])
def test_what_is_no_root_key_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        vault.read_root_key(text)


def test_keys_and_secrets_do_not_print_and_do_not_pickle() -> None:
    from fanlight.connectors.types import Secret

    key = vault.read_root_key(vault.new_root_key_text())
    for hidden in (key, Secret(CANARY)):
        assert "canary" not in f"{hidden} {hidden!r}"
        with pytest.raises(TypeError):
            pickle.dumps(hidden)
