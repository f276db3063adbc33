"""Plain data of integrations, and their events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fanlight.audit.types import Event
from fanlight.core.identifiers import IntegrationId, PersonId


class TestState(StrEnum):
    """Where the latest test of a connection stands."""

    __test__ = False  # not a test case, whatever its name begins with

    UNTESTED = "untested"
    TESTING = "testing"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something failed: a stable code, what happened, and what to do next."""

    code: str
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a passed test found: the product, our name there, and each database with whether we may connect."""

    __test__ = False

    product: str
    user: str
    databases: tuple[tuple[str, bool], ...]
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class Integration:
    """A configured source. settings: as the connector's fields name them, without any secret. Times in UTC."""

    id: IntegrationId
    name: str
    connector: str
    connector_title: str
    settings: dict[str, str]
    created_at: datetime
    created_by: PersonId | None
    test_state: TestState
    test_requested_at: datetime | None
    tested_at: datetime | None
    report: TestReport | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class IntegrationAdded(Event):
    kind = "integration.added"
    integration: str
    name: str
    connector: str


@dataclass(frozen=True, slots=True)
class IntegrationChanged(Event):
    kind = "integration.changed"
    integration: str
    name: str


@dataclass(frozen=True, slots=True)
class IntegrationTestRequested(Event):
    kind = "integration.test_requested"
    integration: str


@dataclass(frozen=True, slots=True)
class IntegrationTested(Event):
    kind = "integration.tested"
    integration: str
    outcome: str
    code: str
