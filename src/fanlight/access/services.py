"""The table role -> permissions, and the one question that every service asks."""

from __future__ import annotations

from fanlight.access.types import Permission
from fanlight.core.actors import Actor, ActorKind, Role
from fanlight.core.errors import Refused

_READING = frozenset({Permission.CATALOG_READ, Permission.INTEGRATION_READ, Permission.ORGANIZATION_READ})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READING,
    Role.EDITOR: _READING | {Permission.INTEGRATION_RUN, Permission.INTEGRATION_PAUSE},
    Role.ADMINISTRATOR: _READING
    | {
        Permission.INTEGRATION_RUN,
        Permission.INTEGRATION_PAUSE,
        Permission.INTEGRATION_MANAGE,
        Permission.INTEGRATION_DELETE,
        Permission.REMOVAL_APPROVE,
        Permission.ORGANIZATION_MANAGE,
        Permission.MEMBER_MANAGE,
    },
}

# The operator sits at the machine that holds every key; the worker does what a job says, and no more.
KIND_PERMISSIONS: dict[ActorKind, frozenset[Permission]] = {
    ActorKind.OPERATOR: frozenset(Permission),
    ActorKind.WORKER: frozenset({Permission.INTEGRATION_READ, Permission.INTEGRATION_RUN}),
}


def is_allowed(actor: Actor, permission: Permission) -> bool:
    """Tell whether an actor has a permission in its organization. Unknown roles and kinds have none."""
    if actor.kind is ActorKind.PERSON:
        return actor.role is not None and permission in ROLE_PERMISSIONS.get(actor.role, frozenset())
    return permission in KIND_PERMISSIONS.get(actor.kind, frozenset())


def require(actor: Actor, permission: Permission) -> None:
    """Let through who has the permission; raise Refused for everybody else."""
    if not is_allowed(actor, permission):
        raise Refused(
            code="access.refused",
            detail=f"This needs the permission '{permission}'.",
            remedy="Ask an administrator of your organization.",
        )
