"""The permissions."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed. The value is stable: it appears in documents and audit events."""

    CATALOG_READ = "catalog.read"
    INTEGRATION_READ = "integration.read"
    INTEGRATION_MANAGE = "integration.manage"
    INTEGRATION_RUN = "integration.run"
    INTEGRATION_PAUSE = "integration.pause"
    INTEGRATION_DELETE = "integration.delete"
    REMOVAL_APPROVE = "removal.approve"
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_MANAGE = "organization.manage"
    MEMBER_MANAGE = "member.manage"
    MEMBER_SIGN_IN_LINK = "member.sign_in_link"
