"""The PostgreSQL connector: what the registry hands out."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from fanlight.connectors.postgres import closed_list, permission_scripts
from fanlight.connectors.postgres import settings as settings_
from fanlight.connectors.postgres.connecting import connect
from fanlight.connectors.postgres.guard import Guard
from fanlight.connectors.postgres.literals import without_literals
from fanlight.connectors.postgres.session import PostgresSession
from fanlight.connectors.postgres.stored import STORED_FACTS
from fanlight.connectors.types import (
    Clock,
    Ledger,
    ListDifferences,
    LockVerdicts,
    Privileges,
    Secret,
    SettingField,
    StatementLists,
    Text,
)

# Without a key of the integration, digests of texts that are not understood differ from process to process.
_PROCESS_KEY = secrets.token_bytes(32)


class PostgresConnector:
    """PostgreSQL 13 and later; needs CONNECT on the database and nothing else."""

    name = "postgres"
    title = "PostgreSQL"
    capabilities: tuple[str, ...] = (
        "schemas",
        "tables",
        "views",
        "materialized_views",
        "foreign_tables",
        "partitions",
        "columns",
        "keys",
        "constraints",
        "indexes",
        "comments",
        "owners",
        "enums",
        "domains",
        "ranges",
        "composite_types",
        "sequences",
        "functions",
        "procedures",
        "aggregates",
        "triggers",
        "rules",
        "policies",
        "extended_statistics",
        "publications",
        "extensions",
        "foreign_servers",
        "estimates",
    )
    fields: tuple[SettingField, ...] = settings_.FIELDS
    stored_facts = STORED_FACTS
    permission_capabilities: tuple[str, ...] = permission_scripts.CAPABILITIES

    def without_literals(self, sql: str, digest_key: bytes) -> Text:
        """Return a text as the server prints it without its literals. What has none stays as it is."""
        return without_literals(sql, digest_key)

    def check_settings(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return the settings with defaults filled in. Raises WrongUse with the code `setting.<name>`."""
        return settings_.check(settings)

    def settings_from_url(self, url: str) -> dict[str, str]:
        """Read `postgresql://user@host:port/database`. Raises WrongUse, also when it carries a password."""
        return settings_.from_url(url)

    def databases(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Return the chosen databases, each once: one session each."""
        return settings_.split_databases(settings_.check(settings)["databases"])

    def statements(self) -> StatementLists:
        """Return the three closed lists."""
        return closed_list.LISTS

    def try_locks(self, sql: str) -> LockVerdicts:
        """Tell which of the first two locks would refuse this text, each by itself. Nothing is sent."""
        from fanlight.connectors.postgres import syntax  # noqa: PLC0415 - a tenth of a second, see guard.py

        return LockVerdicts(
            closed_list="" if closed_list.holds(sql) else "it is not on the closed list",
            syntax=syntax.objection(sql),
        )

    def former_digests(self) -> frozenset[str]:
        """Return the digests of what earlier versions sent and this one does not."""
        return closed_list.read_former()

    def list_differences(self) -> ListDifferences:
        """Compare the files of statements, as they lie there now, with what was built in."""
        return closed_list.differences()

    def permission_script(
        self, settings: Mapping[str, str], capabilities: Iterable[str] = (), *, with_hardening: bool = False
    ) -> str:
        """Return the least script for psql; it holds no password. Raises WrongUse."""
        return permission_scripts.permission_script(settings, capabilities, with_hardening=with_hardening)

    def removal_script(self, settings: Mapping[str, str], found: Mapping[str, Privileges]) -> str:
        """Return the script for psql that takes away every right beyond reading. found: by database."""
        return permission_scripts.removal_script(settings, found)

    def open(
        self,
        settings: Mapping[str, str],
        secret: Secret | None,
        *,
        database: str,
        ledger: Ledger,
        clock: Clock,
        address: str | None = None,
        digest_key: bytes | None = None,
    ) -> PostgresSession:
        """Connect to one database. Raises SourceFailure with a remedy; no secret in any message.

        address: where to connect instead of resolving the host again, when the caller has checked one; TLS
        still verifies the host's name. digest_key: see `literals.without_literals`; without it, one of this
        process.
        """
        checked = settings_.check(settings)
        connection = connect(checked, secret, database=database, address=address)
        guard = Guard(connection, source=database, ledger=ledger, clock=clock)
        try:
            return PostgresSession(
                guard, source=f"{checked['host']}/{database}", digest_key=digest_key or _PROCESS_KEY
            )
        except BaseException:
            guard.close()
            raise
