"""The table role -> permissions: who may what, and that what is not in it is refused."""

from __future__ import annotations

from uuid import uuid4

import pytest

from fanlight.access.services import KIND_PERMISSIONS, ROLE_PERMISSIONS, is_allowed, require
from fanlight.access.types import Permission
from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.errors import Refused
from fanlight.core.identifiers import OrganizationId, PersonId


def _person(role: Role | None) -> Actor:
    return Actor(ActorKind.PERSON, OrganizationId(uuid4()), PersonId(uuid4()), role)


@pytest.mark.parametrize("permission", list(Permission))
def test_a_person_without_a_role_may_nothing(permission: Permission) -> None:
    with pytest.raises(Refused):
        require(_person(None), permission)


@pytest.mark.parametrize(
    "permission",
    [Permission.INTEGRATION_MANAGE, Permission.INTEGRATION_RUN, Permission.ORGANIZATION_MANAGE],
)
def test_a_viewer_changes_nothing(permission: Permission) -> None:
    with pytest.raises(Refused):
        require(_person(Role.VIEWER), permission)


@pytest.mark.parametrize("role", list(Role))
def test_nobody_signs_others_in_but_the_operator(role: Role) -> None:
    assert not is_allowed(_person(role), Permission.MEMBER_SIGN_IN_LINK)


def test_the_worker_manages_nothing() -> None:
    worker = Actor.worker(OrganizationId(uuid4()))
    allowed = {permission for permission in Permission if is_allowed(worker, permission)}
    assert allowed == {Permission.INTEGRATION_READ, Permission.INTEGRATION_RUN}


def test_every_role_and_kind_is_in_the_table() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert set(KIND_PERMISSIONS) == set(ActorKind) - {ActorKind.PERSON}


def test_each_role_may_what_the_one_below_may() -> None:
    assert (
        ROLE_PERMISSIONS[Role.VIEWER] <= ROLE_PERMISSIONS[Role.EDITOR] <= ROLE_PERMISSIONS[Role.ADMINISTRATOR]
    )
