"""Who acts: a person in an organization, the operator of this installation, or the worker on its own account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fanlight.core.identifiers import OrganizationId, PersonId


class Role(StrEnum):
    """What a member is in an organization."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    VIEWER = "viewer"


class ActorKind(StrEnum):
    """The kinds of actor. An operator acts through the command line of the machine itself."""

    PERSON = "person"
    OPERATOR = "operator"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something, in which organization.

    role and person_id are set for a person and None otherwise. Built by `organizations` only, never from
    what a request says of itself.
    """

    kind: ActorKind
    organization_id: OrganizationId
    person_id: PersonId | None = None
    role: Role | None = None

    @classmethod
    def operator(cls, organization_id: OrganizationId) -> Actor:
        """Return the operator of this machine, acting in one organization."""
        return cls(kind=ActorKind.OPERATOR, organization_id=organization_id)

    @classmethod
    def worker(cls, organization_id: OrganizationId) -> Actor:
        """Return the worker, acting on a job of one organization."""
        return cls(kind=ActorKind.WORKER, organization_id=organization_id)
