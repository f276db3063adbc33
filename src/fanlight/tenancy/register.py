"""The register of tables: what kind each is, who may do what with it, and what every field holds.

One file, `tables.toml`, says it; the grants and policies are made from it (`tenancy.provision`), the inventory is
printed from it, and the architecture tests compare it with the live schema.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

OWNER_ROLE = "fanlight_owner"
LOGIN_ROLES = ("fanlight_portal", "fanlight_worker")
EXEMPT_ROLES = ("fanlight_doorway", "fanlight_search")
# The one policy of every isolated table, as PostgreSQL prints it.
PRINTED_POLICY = (
    "(organization_id = (NULLIF(current_setting('fanlight.organization_id'::text, true), ''::text))::uuid)"
)
SEARCH_PATH = "search_path=pg_catalog, public, pg_temp"


class TableKind(StrEnum):
    """How a table relates to organizations.

    tenant: all of an organization; row security forced. doorway: the same, and read across organizations by named
    functions only. global: belongs to no organization. arrival: unlogged, the worker's alone, outside row security.
    """

    TENANT = "tenant"
    DOORWAY = "doorway"
    GLOBAL = "global"
    ARRIVAL = "arrival"


class DataClass(StrEnum):
    """What a stored field holds."""

    IDENTIFIER = "identifier"
    METADATA = "metadata"
    ESTIMATE = "estimate"
    CONFIGURATION = "configuration"
    CREDENTIAL = "sealed credential"
    KEY = "key material"
    ACCOUNT = "account"
    SESSION = "session"
    AUDIT = "audit"
    OPERATION = "operation"


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table of the register. grants: database role -> privileges as SQL spells them."""

    name: str
    kind: TableKind
    retention: str
    grants: dict[str, tuple[str, ...]]
    fields: dict[str, DataClass]
    references: tuple[str, ...] = ()
    exempt: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def is_isolated(self) -> bool:
        """Whether row security is forced on it."""
        return self.kind in (TableKind.TENANT, TableKind.DOORWAY)

    @property
    def rights(self) -> frozenset[tuple[str, str, str]]:
        """Every grant as (role, privilege in lower case, column), the column empty where it is the whole table."""
        found: set[tuple[str, str, str]] = set()
        for role, privileges in self.grants.items():
            for privilege in privileges:
                verb, _, columns = privilege.rstrip(")").partition("(")
                found.update((role, verb, column.strip()) for column in columns.split(","))
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class StoredFunction:
    """A SECURITY DEFINER function. file: room and file below `database/`. executable_by: roles that may call it."""

    name: str
    signature: str
    owner: str
    file: tuple[str, str]
    executable_by: tuple[str, ...]
    decision: str

    @property
    def text(self) -> str:
        """The statement that makes it, with the head for readers."""
        room, file = self.file
        return resources.files(f"fanlight.{room}").joinpath("database", f"{file}.sql").read_text("utf-8")


@cache
def _register() -> dict[str, Any]:
    return tomllib.loads(resources.files("fanlight.tenancy").joinpath("tables.toml").read_text("utf-8"))


@cache
def stored_tables() -> tuple[StoredTable, ...]:
    """Return the register of tables, by name. Raises ValueError or KeyError when it is malformed."""
    return tuple(
        StoredTable(
            name=name,
            kind=TableKind(entry["kind"]),
            retention=entry["retention"],
            grants={role: tuple(privileges) for role, privileges in entry.get("grants", {}).items()},
            fields={column: DataClass(kind) for column, kind in entry["fields"].items()},
            references=tuple(entry.get("references", ())),
            exempt=dict(entry.get("exempt", {})),
            reason=entry.get("reason", ""),
        )
        for name, entry in sorted(_register()["table"].items())
    )


@cache
def stored_functions() -> tuple[StoredFunction, ...]:
    """Return the register of functions that see past a policy, by name."""
    return tuple(
        StoredFunction(
            name=name,
            signature=entry["signature"],
            owner=entry["owner"],
            file=(entry["room"], name.removeprefix("fanlight_")),
            executable_by=tuple(entry["executable_by"]),
            decision=entry["decision"],
        )
        for name, entry in sorted(_register()["function"].items())
    )


def isolated_tables() -> frozenset[str]:
    """Return the names of the tables under row security."""
    return frozenset(table.name for table in stored_tables() if table.is_isolated)
